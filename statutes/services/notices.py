"""Entering a notice into the calendar: one person pastes it, another confirms it, and only then does a day change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from statutes.calendars import current_version
from statutes.models import CalendarDay, CalendarNotice, CalendarVersion, CalendarYear
from statutes.notice_checks import Judgement
from statutes.selectors.notices import CONFIRMED_BY, ENTERED_BY, judged
from statutes.services.calendar import lock_calendar, next_version

Status = CalendarNotice.Status


@dataclass(frozen=True, slots=True)
class Wish:
    """A notice as somebody types it. See CalendarNotice."""

    year: int
    number: str
    title: str
    issued_on: date
    text: str
    jurisdiction: str = ""
    reason: str = ""
    legal_basis: str = ""
    whole_year: bool = True
    correction: bool = False


@transaction.atomic
def save_notice(actor: Actor, *, wish: Wish, notice_id: int | None = None) -> CalendarNotice:
    """Keep a notice as a draft of the actor's, whatever is wrong with it. Returns it.

    Raises NotPermitted for others than the administrator and the bureau, BadInput for own days without reason or
    legal basis, Conflict for a notice that is no draft any more.
    """
    _require(actor, ENTERED_BY, wish.jurisdiction)
    if wish.jurisdiction and not (wish.reason and wish.legal_basis):
        raise BadInput(
            _("A jurisdiction's own days need a reason and a legal basis."),
            {name: _("Required for own days.") for name in ("reason", "legal_basis") if not getattr(wish, name)},
        )
    row = _own_draft(actor, notice_id) if notice_id else CalendarNotice(entered_by=actor.user)
    for name in Wish.__dataclass_fields__:
        setattr(row, name, getattr(wish, name))
    row.entered_at = timezone.now()
    row.save()
    return row


@transaction.atomic
def submit_notice(actor: Actor, *, notice_id: int) -> CalendarNotice:
    """Hand a draft on for confirmation by somebody else. BadInput, with every problem, if its text does not pass."""
    row = _own_draft(actor, notice_id)
    _require(actor, ENTERED_BY, row.jurisdiction)
    judgement = _passing(row)
    row.status, row.submitted_at, row.base_version = Status.SUBMITTED, timezone.now(), current_version()
    row.days = [[day.isoformat(), works, name] for day, (works, name) in judgement.days.items()]
    row.save()
    _record(actor, "calendar.submit_notice", row)
    return row


@transaction.atomic
def apply_notice(actor: Actor, *, notice_id: int, seen_version: int) -> CalendarNotice:
    """Confirm a submitted notice and write it into the calendar: rows, version and record in one transaction.

    `seen_version`: the calendar that the confirming person was shown. Raises NotPermitted for who entered it,
    Conflict when it is not submitted any more or the calendar has changed since, BadInput if it does not pass today.
    """
    lock_calendar()
    row = _locked(notice_id)
    _require(actor, CONFIRMED_BY, row.jurisdiction)
    if row.entered_by_id == actor.user.pk:
        raise NotPermitted(_("You entered this notice, so somebody else has to confirm it."))
    _require_submitted(row)
    if seen_version != current_version():
        raise Conflict(_("The calendar has changed since you looked. Look at the preview again before you confirm."))
    judgement = _passing(row)
    _write_days(row, judgement)
    version = next_version(judgement.first, judgement.last, str(row), row.jurisdiction)
    row.status, row.version = Status.APPLIED, version.number
    row.confirmed_by, row.confirmed_at = actor.user, timezone.now()
    row.changed = [
        [change.date.isoformat(), change.works, change.why_before, change.why_after] for change in judgement.changes
    ]
    row.save()
    _record(actor, "calendar.apply_notice", row, version)
    return row


@transaction.atomic
def reject_notice(actor: Actor, *, notice_id: int, reason: str) -> CalendarNotice:
    """Refuse a submitted notice with a reason, or withdraw one's own. BadInput without a reason."""
    row = _locked(notice_id)
    own = row.entered_by_id == actor.user.pk
    _require(actor, ENTERED_BY if own else CONFIRMED_BY, row.jurisdiction)
    if not (own and row.status == Status.DRAFT):
        _require_submitted(row)
    if not reason.strip():
        raise BadInput(_("Say why."), {"reason": _("Enter the reason.")})
    row.status, row.rejected_by, row.rejected_at = Status.REJECTED, actor.user, timezone.now()
    row.rejection = reason.strip()[:300]
    row.save()
    _record(actor, "calendar.reject_notice", row)
    return row


def _write_days(row: CalendarNotice, judgement: Judgement) -> None:
    days = CalendarDay.objects.filter(jurisdiction=row.jurisdiction)
    if row.whole_year and not row.jurisdiction:
        days.filter(date__year=row.year).delete()
    days.filter(date__in=list(judgement.days)).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, jurisdiction=row.jurisdiction, is_working=works, name=(name or row.reason)[:60])
        for day, (works, name) in judgement.days.items()
    )
    if not row.jurisdiction:
        CalendarYear.objects.update_or_create(
            year=row.year,
            defaults={
                "status": CalendarYear.Status.ANNOUNCED,
                "notice": row.number,
                "announced_on": row.issued_on,
            },
        )


def _passing(row: CalendarNotice) -> Judgement:
    judgement = judged(row)
    if not judgement.passes:
        sentences = [
            _("Line %(line)s: %(message)s") % {"line": each.line, "message": each.message}
            if each.line
            else each.message
            for each in judgement.problems
        ]
        raise BadInput(_("The notice cannot be entered as it is."), {"text": " ".join(sentences)})
    return judgement


def _own_draft(actor: Actor, notice_id: int) -> CalendarNotice:
    row = _locked(notice_id)
    if row.entered_by_id != actor.user.pk:
        raise NotPermitted(_("Only who entered the notice may change it."))
    if row.status != Status.DRAFT:
        raise Conflict(_("The notice has been submitted and cannot be changed any more."))
    return row


def _locked(notice_id: int) -> CalendarNotice:
    row = CalendarNotice.objects.select_for_update(of=("self",)).filter(pk=notice_id).first()
    if row is None:
        raise NotKnown(_("There is no such notice."))
    return row


def _require_submitted(row: CalendarNotice) -> None:
    if row.status != Status.SUBMITTED:
        raise Conflict(_("The notice does not await confirmation any more."))


def _require(actor: Actor, kinds: frozenset[str], jurisdiction: str) -> None:
    if actor.kind not in kinds:
        raise NotPermitted(_("Your position does not allow this. Switch to another one if you hold it."))
    if jurisdiction and jurisdiction != actor.jurisdiction_id:
        raise NotPermitted(_("Own days are entered in the jurisdiction that they are for."))


def _record(actor: Actor, verb: str, row: CalendarNotice, version: CalendarVersion | None = None) -> None:
    record(
        verb=verb,
        who=actor.who,
        subject="calendar_notice",
        subject_id=row.pk,
        data={
            "year": row.year,
            "number": row.number,
            "title": row.title,
            "jurisdiction": row.jurisdiction,
            "days": row.days,
            "changed": row.changed,
            "correction": row.correction,
            "rejection": row.rejection,
            "version": version.number if version else None,
        },
    )
