"""What funds plug into the case engine for their years: goal, budget, allocation, transfers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cases import families
from cases.engine import Matter
from cases.families import Condition, Context, Family
from cases.models import Case
from funds.models import FundAllocation, FundTransfer, FundYear
from funds.procedures.shared import department_of, in_words
from funds.procedures.shared import facts as fund_facts
from funds.selectors import belongs_to
from funds.services import allocating, years
from organizations.actors import AnyActor

HUNDRED = Decimal(100)


def _within_term(context: Context) -> bool:
    """Whether the fund exists throughout, or in a part of, the budget year."""
    fund, year = context.subject.fund, context.subject.year
    if fund.established_on is None or fund.ended_on is not None:
        return False
    return bool(fund.term_from.year <= year <= fund.term_until.year)


def _all_issued(context: Context) -> bool:
    """Whether no line for a city or county waits to be issued, and something was decided."""
    lines = [row for one in context.subject.allocations.exclude(decided_on=None) for row in one.lines.all()]
    waiting = [row for row in lines if row.receiver_id and row.amount > 0 and not hasattr(row, "transfer")]
    return bool(lines) and not waiting


def _no_allocation_open(context: Context) -> bool:
    children = Case.objects.filter(parent=context.case, family=allocating.FAMILY, closed_at__isnull=True)
    return not children.exists()


def _nothing_left(context: Context) -> bool:
    year = FundYear.objects.get(pk=context.subject.pk)
    return year.left <= 0


def _within_left(context: Context) -> bool:
    asked = context.inputs.get("amount")
    year = FundYear.objects.get(pk=context.subject.pk)
    return year.left > 0 and (asked is None or Decimal(str(asked)) <= year.left)


YEAR_CONDITIONS: dict[str, Condition] = {
    "within_term": Condition(
        _within_term,
        unmet=_("The year lies outside the term of the fund, or the fund is over: apply for it afresh."),
        met=_("The year lies within the term of the fund."),
    ),
    "year_goal_set": Condition(
        lambda context: bool(context.subject.goal),
        unmet=_("Without a performance goal there is no budget."),
        met=_("The performance goal of the year is set."),
    ),
    "goal_restated": Condition(
        lambda context: bool(str(context.inputs.get("goal", "x")).strip()),
        unmet=_("State the goal anew."),
        met=_("The goal is stated anew."),
    ),
    "all_issued": Condition(
        _all_issued,
        unmet=_("Something that is allocated to a city or county has not been issued yet, or nothing is allocated."),
        met=_("All that is allocated to cities and counties is issued."),
    ),
    "no_allocation_open": Condition(
        _no_allocation_open,
        unmet=_("An allocation of this year is still being decided."),
        met=_("No allocation of this year is being decided."),
    ),
    "nothing_left": Condition(
        _nothing_left,
        unmet=_("Money of this year is left."),
        met=_("No money of this year is left."),
    ),
    "within_left": Condition(
        _within_left,
        unmet=_("So much of the year's money is not left."),
        met=_("So much of the year's money is left."),
    ),
}


def _budgeted(context: Context) -> bool:
    return bool(context.subject.year.budgeted > 0)


def _within_budget(context: Context) -> bool:
    year = FundYear.objects.get(pk=context.subject.year_id)
    return bool(context.subject.amount <= year.left)


def _weights_total(context: Context) -> bool:
    """Whether the weights of the factors total 100 percent; projects have none."""
    row: FundAllocation = context.subject
    weights = [factor.weight for factor in row.factors.all()]
    return row.method == FundAllocation.Method.PROJECT or sum(weights, Decimal(0)) == HUNDRED


def _adds_up(context: Context) -> bool:
    row: FundAllocation = context.subject
    return sum((line.amount for line in row.lines.all()), Decimal(0)) == row.amount


def _projects_approved(context: Context) -> bool:
    lines = context.subject.lines.select_related("application__case")
    cases = [line.application.case for line in lines if line.application]
    return all(case is not None and case.state == "approved" for case in cases)


def _rules_in_force(context: Context) -> bool:
    rules = context.subject.fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True)
    return bool(rules.exists())


ALLOCATION_CONDITIONS: dict[str, Condition] = {
    "budget_entered": Condition(
        _budgeted, unmet=_("The year has no budget yet."), met=_("The budget of the year is entered.")
    ),
    "within_budget": Condition(
        _within_budget,
        unmet=_("The allocation goes beyond what is left of the year's budget."),
        met=_("The allocation is within the year's budget."),
    ),
    "weights_total": Condition(
        _weights_total,
        unmet=_("The weights of the factors do not total 100 percent."),
        met=_("The weights of the factors total 100 percent."),
    ),
    "adds_up": Condition(
        _adds_up,
        unmet=_("The lines do not add up to the amount."),
        met=_("The lines add up to the amount."),
    ),
    "projects_approved": Condition(
        _projects_approved,
        unmet=_("One of the projects has not passed review and credit check, or has its money already."),
        met=_("All projects have passed review and credit check."),
    ),
    "rules_in_force": Condition(
        _rules_in_force,
        unmet=_("The rules of the fund are not in force yet: they say how its money is allocated."),
        met=_("The rules of the fund are in force."),
    ),
}


def _passes_all(context: Context) -> bool:
    row = FundTransfer.objects.get(pk=context.subject.pk)
    return Decimal(str(context.inputs.get("amount", "0"))) == row.left


def _year_over(context: Context) -> bool:
    return timezone.localdate(context.at).year > context.subject.year.year


TRANSFER_CONDITIONS: dict[str, Condition] = {
    "passes_all": Condition(_passes_all, unmet=_("Something would be left."), met=_("All of it is passed on.")),
    "year_over": Condition(
        _year_over,
        unmet=_("The budget year is not over: nothing is carried over yet."),
        met=_("The budget year is over."),
    ),
}


def year_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    """The year as it stands, with its allocations and the results of the year before."""
    year: FundYear = matter.subject
    before = FundYear.objects.filter(fund=year.fund, year__lt=year.year, checked_score__isnull=False)
    return {
        "fund": year.fund,
        "year": year,
        "entries": list(year.ledger.select_related("receiver", "application", "case")),
        "allocations": list(year.allocations.select_related("case")),
        "part": belongs_to(actor, year.fund),
        "before": before.order_by("-year").first(),
    }


def _allocation_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: FundAllocation = matter.subject
    return {
        "fund": row.fund,
        "year": row.year,
        "allocation": row,
        "part": belongs_to(actor, row.fund),
        "factors": list(row.factors.all()),
        "lines": list(row.lines.select_related("receiver", "application", "transfer__case").prefetch_related("values")),
    }


def _transfer_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: FundTransfer = matter.subject
    return {"fund": row.fund, "year": row.year, "transfer": row}


def _year_facts(year: FundYear) -> Sequence[tuple[str, str]]:
    return [
        *fund_facts(year),
        (_now("Budget year"), str(year.year)),
        (_now("Performance goal of the year"), year.goal),
        (_now("Budgeted"), in_words(year.budgeted)),
        (_now("Allocated"), in_words(year.allocated)),
        (pgettext("money", "Issued"), in_words(year.issued)),
        (_now("Passed on"), in_words(year.passed_on)),
        (_now("Paid"), in_words(year.paid)),
        (_now("Carried over"), in_words(year.carried_over)),
        (_now("Recalled"), in_words(year.recalled + year.returned)),
    ]


def _allocation_facts(row: FundAllocation) -> Sequence[tuple[str, str]]:
    lines = [(str(line.receiver or line.application), in_words(line.amount)) for line in row.lines.all()]
    return [*fund_facts(row), (_now("Amount of money"), in_words(row.amount)), *lines]


def _transfer_facts(row: FundTransfer) -> Sequence[tuple[str, str]]:
    return [
        *fund_facts(row),
        (_now("Receiver"), row.receiver.shown_name),
        (_now("Amount of money"), in_words(row.amount)),
        (_now("Passed on"), in_words(row.passed_on)),
        (_now("Recalled"), in_words(row.returned)),
    ]


def _receiver_of(row: FundTransfer) -> Any:
    return row.receiver


def _year_family() -> Family:
    return Family(
        id=years.FAMILY,
        prefix="ND",
        label=_("budget year of a special fund"),
        subject_model=FundYear,
        link=years.link_year,
        resolvers={"fund_department": department_of},
        conditions=YEAR_CONDITIONS,
        effects={
            "restate_goal": years.restate_goal,
            "enter_budget": years.enter_budget,
            "publish_budget": years.publish_budget,
            "publish_results": years.publish_results,
            "carry_over": years.carry_over,
            "check_issuing": years.check_issuing,
            "recall_amount": years.recall_amount,
            "recall_rest": years.recall_rest,
            "keep_own_score": years.keep_own_score,
            "keep_checked_score": years.keep_checked_score,
        },
        facts=_year_facts,
        panel="funds/_year_panel.html",
        panel_context=year_panel,
        related=("fund__department",),
    )


def _allocation_family() -> Family:
    return Family(
        id=allocating.FAMILY,
        prefix="FP",
        label=_("allocation of a special fund"),
        subject_model=FundAllocation,
        link=allocating.link,
        resolvers={"fund_department": department_of},
        conditions=ALLOCATION_CONDITIONS,
        effects={"allocate": allocating.allocate, "publish_allocation": allocating.publish_allocation},
        facts=_allocation_facts,
        panel="funds/_allocation_panel.html",
        panel_context=_allocation_panel,
        related=("year__fund__department",),
    )


def _transfer_family() -> Family:
    return Family(
        id=allocating.TRANSFER,
        prefix="XD",
        label=_("transfer to a city or county"),
        subject_model=FundTransfer,
        link=allocating.link,
        resolvers={"fund_department": department_of, "fund_receiver": _receiver_of},
        conditions=TRANSFER_CONDITIONS,
        effects={
            "book_issue": allocating.book_issue,
            "book_passing_on": allocating.book_passing_on,
            "check_carrying": allocating.check_carrying,
            "return_rest": allocating.return_rest,
        },
        facts=_transfer_facts,
        panel="funds/_transfer_panel.html",
        panel_context=_transfer_panel,
        related=("line__allocation__year__fund__department", "line__receiver"),
    )


def register() -> None:
    """Called once when the app is ready."""
    for family in (_year_family(), _allocation_family(), _transfer_family()):
        families.register(family)
