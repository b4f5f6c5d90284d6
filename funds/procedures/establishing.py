"""What funds plug into the case engine for their life: who proposes, what an application holds, when it is over."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine import Matter
from cases.families import Condition, Context, Family
from funds.likeness import no_duplicate, similar_funds
from funds.models import Fund, FundPaper
from funds.procedures.shared import asks, department_of, facts, fund_of
from funds.services import establishing
from funds.services.planning import FINANCE, holds_role, may_amend
from organizations.actors import AnyActor
from statutes import timelimits
from statutes.calendars import calendar_for
from statutes.selectors import resolve_limit

TERM_RULE = "fund.term"
"""The rule of a place that says how long a fund may last."""


def _has_paper(kind: str) -> Any:
    return lambda fund: fund.papers.filter(kind=kind).exists()


def _term_kept(context: Context) -> bool:
    """Whether the last day of the term lies within the longest term that the law of the place allows."""
    fund = fund_of(context.subject)
    if fund.term_from is None or fund.term_until is None:
        return False
    limit = resolve_limit(context.compiled, TERM_RULE, timezone.localdate(context.at)).limit
    longest = timelimits.derive(
        start=timelimits.start_of(fund.term_from),
        unit=limit.unit,
        amounts=[limit.amount or 0],
        calendar=calendar_for(fund.jurisdiction_id),
    )
    return longest.due_on is not None and fund.term_until < longest.due_on


def _no_duplicate(context: Context) -> bool:
    return no_duplicate(fund_of(context.subject), timezone.localdate(context.at))


def _term_over(context: Context) -> bool:
    until = fund_of(context.subject).term_until
    return until is not None and until < timezone.localdate(context.at)


def _renewed_after_end(fund: Fund) -> bool:
    """A fund that goes on from another begins after that one's term."""
    before = fund.renews
    return before is None or bool(fund.term_from and before.term_until and before.term_until < fund.term_from)


CONDITIONS: dict[str, Condition] = {
    "proposed_by_finance": asks(
        lambda fund: holds_role(fund.proposer, FINANCE),
        unmet=_("The finance department did not propose this fund."),
        met=_("The finance department proposes this fund by itself."),
    ),
    "basis_stated": asks(
        lambda fund: bool(fund.basis and fund.purpose and fund.scope),
        unmet=_("The application does not say on which law or provisions the fund rests, for what use and scope."),
        met=_("Basis, use and scope of the fund are stated."),
    ),
    "goal_set": asks(
        lambda fund: bool(fund.goal),
        unmet=_("The application holds no performance goal."),
        met=_("The application holds a performance goal."),
    ),
    "has_feasibility_study": asks(
        _has_paper(FundPaper.Kind.FEASIBILITY),
        unmet=_("The feasibility study is missing from the papers."),
        met=_("The feasibility study is among the papers."),
    ),
    "has_evaluation": asks(
        _has_paper(FundPaper.Kind.EVALUATION),
        unmet=_("A major fund is evaluated beforehand: the evaluation is missing from the papers."),
        met=_("The evaluation beforehand is among the papers."),
    ),
    "major_fund": asks(lambda fund: fund.is_major, unmet=_("This is no major fund."), met=_("This is a major fund.")),
    "matches_central": asks(
        lambda fund: fund.central_match,
        unmet=_("The fund matches no central transfer."),
        met=_("The fund matches a central transfer."),
    ),
    "has_central_document": asks(
        _has_paper(FundPaper.Kind.CENTRAL),
        unmet=_("The document by which the central transfer asks for matching money is missing from the papers."),
        met=_("The document on the central transfer is among the papers."),
    ),
    "no_running_costs": asks(
        lambda fund: not fund.running_costs,
        unmet=_("A special fund does not pay for the running costs of a department."),
        met=_("The fund pays no running costs."),
    ),
    "no_local_match": asks(
        lambda fund: not fund.local_match or fund.shared_duty,
        unmet=_("Cities and counties may be asked for matching money only where the rules make the duty a shared one."),
        met=_("The fund asks no matching money, or its duty is a shared one."),
    ),
    "term_kept": Condition(
        _term_kept,
        unmet=_("The fund would last longer than funds do as a rule."),
        met=_("The term of the fund is within the limit."),
    ),
    "no_duplicate_fund": Condition(
        _no_duplicate,
        unmet=_(
            "A living fund has a similar goal or use (see the list on this page): "
            "the same fund is not set up twice, and what is merely similar has to be told apart."
        ),
        met=_("No living fund has the same goal or use."),
    ),
    "renewed_after_end": asks(
        _renewed_after_end,
        unmet=_("A fund that goes on from another begins after that one's term."),
        met=_("The fund begins after the one that it goes on from."),
    ),
    "term_over": Condition(
        _term_over, unmet=_("The term of the fund is not over yet."), met=_("The term of the fund is over.")
    ),
}


def panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    """What the panel of a fund shows, on whichever case of its life."""
    fund = fund_of(matter.subject)
    return {
        "fund": fund,
        "papers": list(fund.papers.select_related("attachment")),
        "similar": similar_funds(fund, timezone.localdate()) if fund.established_on is None else [],
        "may_amend": may_amend(actor, fund),
    }


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=establishing.LIFE,
            prefix="ZX",
            label=_("life of a special fund"),
            subject_model=Fund,
            link=establishing.link_fund,
            resolvers={"fund_department": department_of},
            conditions=CONDITIONS,
            effects={"establish_fund": establishing.establish, "end_fund": establishing.end_fund},
            facts=facts,
            panel="funds/_fund_panel.html",
            panel_context=panel,
            related=("department", "proposer", "renews"),
        )
    )
