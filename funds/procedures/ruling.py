"""What funds plug into the case engine for their rules, for changes of scope, and for adjusting and cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine import Matter
from cases.families import Condition, Context, Family
from funds.models import CONTENTS, FundChange, FundRules
from funds.procedures.shared import department_of, in_words
from funds.procedures.shared import facts as fund_facts
from funds.services import ruling
from funds.services.resubmitting import may_resubmit
from organizations.actors import AnyActor


def _rules_complete(context: Context) -> bool:
    return not context.subject.missing()


def _revised(context: Context) -> bool:
    """Whether the change brings revised rules that say something on every point."""
    change: FundChange = context.subject
    return hasattr(change, "rules") and not change.rules.missing()


COMPLETE = Condition(
    _rules_complete,
    unmet=_("The rules of the fund do not say something on every one of the points required."),
    met=_("The rules of the fund say something on every point required."),
)
CONDITIONS: dict[str, Condition] = {
    "rules_revised": Condition(
        _revised,
        unmet=_("A change of scope is decided with the rules revised to it: they lack a point that is required."),
        met=_("The revised rules of the fund are complete."),
    ),
    "scope_stated": Condition(
        lambda context: bool(context.subject.new_scope),
        unmet=_("No new scope is stated."),
        met=_("The new scope is stated."),
    ),
    "ground_named": Condition(
        lambda context: bool(context.subject.ground and context.subject.reason),
        unmet=_("A fund is adjusted or cancelled on one of the four grounds, with the reason."),
        met=_("The ground is named."),
    ),
    "cancels": Condition(
        lambda context: context.subject.kind == FundChange.Kind.CANCEL,
        unmet=_("The fund is not to be cancelled."),
        met=_("The fund is to be cancelled."),
    ),
}


def points(rules: FundRules) -> list[tuple[str, str]]:
    """Each point of the rules with what it says."""
    return [(str(rules._meta.get_field(name).verbose_name), getattr(rules, name)) for name in CONTENTS]


def _rules_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    rules: FundRules = matter.subject
    return {
        "fund": rules.fund,
        "rules": rules,
        "points": points(rules),
        "may_amend": may_resubmit(actor, matter.case),
    }


def _change_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    change: FundChange = matter.subject
    revised = getattr(change, "rules", None)
    return {
        "fund": change.fund,
        "change": change,
        "rules": revised,
        "points": points(revised) if revised else [],
        "may_amend": revised is not None and may_resubmit(actor, matter.case),
    }


def _rules_facts(rules: FundRules) -> Sequence[tuple[str, str]]:
    return [*fund_facts(rules), *((name, text or "—") for name, text in points(rules))]


def _change_facts(change: FundChange) -> Sequence[tuple[str, str]]:
    size = in_words(change.new_size) if change.new_size is not None else "—"
    return [
        *fund_facts(change),
        (_now("What is asked"), str(change.get_kind_display())),
        (_now("Ground"), str(change.get_ground_display()) or "—"),
        (_now("Reason"), change.reason),
        (_now("New scope of use"), change.new_scope or "—"),
        (_now("New size a year"), size),
    ]


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=ruling.RULES,
            prefix="ZD",
            label=_("rules of a special fund"),
            subject_model=FundRules,
            link=ruling.link,
            resolvers={"fund_department": department_of},
            conditions={"rules_complete": COMPLETE},
            effects={"issue_rules": ruling.issue_rules},
            facts=_rules_facts,
            panel="funds/_rules_panel.html",
            panel_context=_rules_panel,
            related=("fund__department",),
        )
    )
    families.register(
        Family(
            id=ruling.CHANGE,
            prefix="ZT",
            label=_("change of a special fund"),
            subject_model=FundChange,
            link=ruling.link,
            resolvers={"fund_department": department_of},
            conditions=CONDITIONS,
            effects={"carry_out_change": ruling.carry_out_change},
            facts=_change_facts,
            panel="funds/_change_panel.html",
            panel_context=_change_panel,
            related=("fund__department",),
        )
    )
