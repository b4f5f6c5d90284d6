"""Applying for a fund, which begins its life as a case, and what the government's decision does to it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Attachment, Case
from cases.services import open_case, opened_before, signal_open_cases
from funds.models import Fund
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown

LIFE = "fund"


def file_fund(
    actor: Actor,
    *,
    draft: Fund,
    version: int | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Apply for a draft: it gets its number and its life begins under the law of its place. Returns that case.

    Raises BadInput naming what is missing; see cases.engine.open_case for the rest.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        fund = Fund.objects.select_for_update(of=("self",)).filter(pk=draft.pk, proposer=actor.organization).first()
        if fund is None:
            raise NotKnown(_("There is no such draft."))
        if fund.case is not None:
            raise Conflict(_("This fund has been applied for already."), {"number": fund.case.number})
        if version is not None and version != fund.version:
            raise Conflict(_("This draft was saved elsewhere meanwhile. Open it again to see the newer one."))
        _check_complete(fund)
        fund.code = _next_code(fund)
        return open_case(
            actor,
            family=LIFE,
            procedure=LIFE,
            jurisdiction=fund.jurisdiction,
            subject=fund,
            title=fund.name,
            opinion=opinion,
            idempotency_key=idempotency_key,
            at=at,
        )


def link_fund(fund: Fund, case: Case) -> None:
    """Store the case of a fund's life, and give the fund's papers to it. Inside the opening's transaction."""
    fund.case = case
    fund.updated_at = timezone.now()
    fund.save(update_fields=["case", "code", "updated_at"])
    papers = fund.papers.values_list("attachment_id", flat=True)
    Attachment.objects.filter(pk__in=papers, case__isnull=True).update(case=case)


def establish(context: Context) -> None:
    """Effect: the fund exists from the day of the decision."""
    _mark(context, established_on=timezone.localdate(context.at))


def end_fund(context: Context) -> None:
    """Effect: the fund is over, by decision or because its term has run out."""
    _mark(context, ended_on=timezone.localdate(context.at))


def wake_expired() -> int:
    """Let established funds whose term is over look whether it is. Returns how many were woken."""
    over = Fund.objects.filter(
        established_on__isnull=False, ended_on__isnull=True, term_until__lt=timezone.localdate(), case__isnull=False
    )
    return signal_open_cases([key for key in over.values_list("case_id", flat=True) if key], "term_over")


def _mark(context: Context, **values: object) -> None:
    Fund.objects.filter(pk=context.subject.pk).update(**values)
    for name, value in values.items():
        setattr(context.subject, name, value)


def _check_complete(fund: Fund) -> None:
    problems: dict[str, object] = {}
    if fund.size <= 0:
        problems["size"] = _("State the size of the fund.")
    if fund.term_from is None:
        problems["term_from"] = _("A fund has a term: state its first day.")
    if fund.term_until is None:
        problems["term_until"] = _("A fund has a term: state its last day.")
    if problems:
        raise BadInput(_("The application is not complete."), problems)


def _next_code(fund: Fund) -> str:
    """From a sequence, so that applications never wait for each other; gaps are allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('funds_fund_code')")
        (serial,) = cursor.fetchone()
    return f"{fund.jurisdiction_id.upper()}-F{timezone.localdate().year}-{serial:05d}"
