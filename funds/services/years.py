"""A fund's year: its goal first, then its budget, publication, and at its end evaluation and carry-over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from cases.families import Context
from cases.models import Case
from cases.services import open_case, opened_before
from funds.models import Fund, FundEntry, FundYear, Publication
from funds.services.ledger import amount_in, book, day_in, locked_year
from funds.services.planning import CENT, HIGHEST, LONGEST_TEXT
from funds.services.ruling import lock
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict

FAMILY = "fund_year"
Kind = FundEntry.Kind
HIGHEST_SCORE = 100
ONE_DAY = timedelta(days=1)


def open_year(
    actor: Actor, *, fund: Fund, year: int, goal: str, asked: Decimal, opinion: str = "", idempotency_key: str = ""
) -> Case:
    """Set the performance goal of a budget year, for finance to review. Returns the case of the year.

    Raises BadInput with the fields, Conflict where the year was opened before; see open_case for the rest.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    problems: dict[str, object] = {}
    if not 2000 <= year <= 2100:
        problems["year"] = _("The year of a budget has four digits.")
    if len(goal) > LONGEST_TEXT:
        problems["goal"] = _("At most %(length)s characters.") % {"length": LONGEST_TEXT}
    if not asked.is_finite() or not 0 < asked <= HIGHEST or asked != asked.quantize(CENT):
        problems["asked"] = _("Amounts are in yuan, above zero, with at most two decimals.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    with transaction.atomic():
        locked = lock(fund)
        if locked.years.filter(year=year).exists():
            raise Conflict(_("This year of the fund has been opened already."))
        row = FundYear.objects.create(fund=locked, year=year, goal=goal.strip(), asked=asked)
        return open_case(
            actor,
            family=FAMILY,
            procedure=FAMILY,
            jurisdiction=locked.jurisdiction,
            subject=row,
            title=f"{locked.name} {year}",
            opinion=opinion,
            idempotency_key=idempotency_key,
            parent=locked.case,
        )


def link_year(year: FundYear, case: Case) -> None:
    """Store the case of a year. Inside the opening's transaction."""
    year.case = case
    year.save(update_fields=["case"])


def restate_goal(context: Context) -> None:
    """Effect: the goal as it was stated anew."""
    goal = str(context.inputs.get("goal", "")).strip()
    FundYear.objects.filter(pk=context.subject.pk).update(goal=goal)
    context.subject.goal = goal


def enter_budget(context: Context) -> None:
    """Effect: the budget that the congress approved, and the day on which it did."""
    year = locked_year(context.subject.pk)
    on = day_in(context, "approved_on")
    book(context, year, Kind.BUDGETED, amount_in(context), on=on)
    FundYear.objects.filter(pk=year.pk).update(approved_on=on)


def publish_budget(context: Context) -> None:
    """Effect: the budget of the year was published."""
    _publish(context, Publication.Kind.BUDGET, _("Budget of the year %(year)s"))


def publish_results(context: Context) -> None:
    """Effect: the results of the year's evaluation were published."""
    _publish(context, Publication.Kind.RESULTS, _("Performance of the year %(year)s"))


def carry_over(context: Context) -> None:
    """Effect: what is neither allocated nor recalled at the end of the year is carried over."""
    year = locked_year(context.subject.pk)
    on = day_in(context, "closed_on")
    check_year_end(on, year.year, "closed_on")
    if year.left > 0:
        book(context, year, Kind.CARRIED_OVER, year.left, on=on)


def check_year_end(on: date, year: int, name: str) -> None:
    """What is carried over is carried over on the last day of its budget year or later. Raises BadInput."""
    if on.year < year or (on.year == year and on + ONE_DAY != date(year + 1, 1, 1)):
        raise BadInput(
            _("Some entries are wrong."),
            {name: _("A budget year ends on its last day: what is left is carried over then, not before.")},
        )


def recall_amount(context: Context) -> None:
    """Effect: money that was not allocated and issued in time goes back to the provincial budget."""
    book(context, locked_year(context.subject.pk), Kind.RECALLED, amount_in(context))


def recall_rest(context: Context) -> None:
    """Effect: all that is left of the year goes back to the provincial budget."""
    year = locked_year(context.subject.pk)
    if year.left <= 0:
        raise Conflict(_("Nothing is left to be recalled."))
    book(context, year, Kind.RECALLED, year.left)


def keep_own_score(context: Context) -> None:
    """Effect: the score that the department gives itself."""
    FundYear.objects.filter(pk=context.subject.pk).update(self_score=_score(context))


def keep_checked_score(context: Context) -> None:
    """Effect: the score that finance comes to."""
    FundYear.objects.filter(pk=context.subject.pk).update(checked_score=_score(context))


def _score(context: Context) -> Decimal:
    score = Decimal(str(context.inputs.get("score", "0")))
    if not 0 <= score <= HIGHEST_SCORE:
        raise BadInput(_("Some entries are wrong."), {"score": _("From 0 to 100.")})
    return score


def _publish(context: Context, kind: str, title: str) -> None:
    """A line of what was published, by the act in hand."""
    year: FundYear = context.subject
    organization = getattr(context.actor, "organization", None)
    Publication.objects.create(
        fund=year.fund,
        year=year,
        kind=kind,
        title=title % {"year": year.year},
        text=str(context.inputs.get("text", "")) or str(context.inputs.get("address", "")),
        published_on=day_in(context, "published_on"),
        publisher=organization or year.fund.department,
        case=context.case,
    )


def check_issuing(context: Context) -> None:
    """Effect: everything cannot have been issued before the last of it was. Raises BadInput."""
    last = context.subject.ledger.filter(kind=Kind.ISSUED).order_by("-on").first()
    if last is not None and day_in(context, "issued_by") < last.on:
        raise BadInput(
            _("Some entries are wrong."),
            {"issued_by": _("The last of it was issued on %(day)s.") % {"day": last.on.isoformat()}},
        )
