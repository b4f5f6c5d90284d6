"""The rules of a fund, and what is changed of it: its scope, its size, or that it is cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.models import Case
from cases.services import open_case, opened_before
from funds.models import CONTENTS, Fund, FundChange, FundRules
from funds.services.planning import CENT, LONGEST_TEXT
from funds.services.resubmitting import may_resubmit
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted

RULES, CHANGE = "fund_rules", "fund_change"
SCOPE, ENDING = "fund_scope", "fund_ending"


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What is asked: kind and ground, why, and what is to be new. `rules`: the revised rules, by point."""

    kind: str
    reason: str
    ground: str = ""
    new_scope: str = ""
    new_size: Decimal | None = None
    rules: Mapping[str, str] = field(default_factory=dict)


def open_rules(actor: Actor, *, fund: Fund, texts: Mapping[str, str], idempotency_key: str = "") -> Case:
    """Send the rules of a fund to be signed by department and finance. Returns the case.

    Raises BadInput for texts that are too long, DoorClosed while a point says nothing, Conflict while others are open.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        locked = lock(fund)
        if locked.rules.filter(case__closed_at__isnull=True, case__isnull=False).exists():
            raise Conflict(_("Rules of this fund are being signed already."))
        rules = _new_rules(locked, texts)
        return open_step(actor, RULES, RULES, locked, rules, idempotency_key)


def amend_rules(actor: Actor, *, rules: FundRules, texts: Mapping[str, str]) -> FundRules:
    """Change rules that were sent back. Raises NotPermitted otherwise."""
    case = rules.case or (rules.change.case if rules.change else None)
    with transaction.atomic():
        if case is not None:
            case = Case.objects.select_for_update().get(pk=case.pk)
        if not may_resubmit(actor, case):
            raise NotPermitted(_("This can be changed only by whoever sent it in, while it is sent back."))
        assert case is not None
        _check_texts(texts)
        for name in CONTENTS:
            setattr(rules, name, texts.get(name, "").strip())
        rules.save()
        data = {"number": case.number, "rules": {name: getattr(rules, name) for name in CONTENTS}}
        audit.record(verb="fund.amend_rules", who=actor.who, subject="case", subject_id=str(case.pk), data=data)
        return rules


def ask_change(actor: Actor, *, fund: Fund, plan: ChangePlan, opinion: str = "", idempotency_key: str = "") -> Case:
    """Ask for a change of scope, an adjustment or the cancellation of a fund. Returns the case.

    Raises BadInput with the fields, Conflict while another change is open, DoorClosed and NotPermitted as open_case.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    _check_change(plan)
    with transaction.atomic():
        locked = lock(fund)
        if locked.changes.filter(case__closed_at__isnull=True).exists():
            raise Conflict(_("Another change of this fund is being decided."))
        change = FundChange.objects.create(
            fund=locked,
            kind=plan.kind,
            ground=plan.ground,
            reason=plan.reason.strip(),
            new_scope=plan.new_scope.strip(),
            new_size=plan.new_size,
        )
        if plan.kind == FundChange.Kind.SCOPE:
            _new_rules(locked, plan.rules, change)
        procedure = SCOPE if plan.kind == FundChange.Kind.SCOPE else ENDING
        return open_step(actor, CHANGE, procedure, locked, change, idempotency_key, opinion)


def open_step(
    actor: Actor, family: str, procedure: str, fund: Fund, subject: object, key: str = "", opinion: str = ""
) -> Case:
    """Open a case within the life of a fund."""
    return open_case(
        actor,
        family=family,
        procedure=procedure,
        jurisdiction=fund.jurisdiction,
        subject=subject,
        title=fund.name,
        opinion=opinion,
        idempotency_key=key,
        parent=fund.case,
    )


def lock(fund: Fund) -> Fund:
    """The fund under its row lock. Raises Conflict while it is not established, or is over."""
    locked = Fund.objects.select_for_update(of=("self",)).select_related("case", "jurisdiction").get(pk=fund.pk)
    if locked.established_on is None or locked.ended_on is not None or locked.case is None:
        raise Conflict(_("This is possible only for a fund that is established and not over."))
    return locked


def link(subject: FundRules | FundChange, case: Case) -> None:
    """Store the case of a step. Inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])


def issue_rules(context: Context) -> None:
    """Effect: these rules are in force from now on, and those before them are replaced."""
    put_in_force(context.subject, timezone.localdate(context.at))


def put_in_force(rules: FundRules, on: date) -> None:
    """Replace what is in force by these rules."""
    rules.fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True).update(replaced_on=on)
    rules.in_force_on = on
    rules.save(update_fields=["in_force_on"])


def carry_out_change(context: Context) -> None:
    """Effect: what the government approved is so from now on, the revised rules of the fund with it."""
    change: FundChange = context.subject
    on = timezone.localdate(context.at)
    fund = Fund.objects.select_for_update(of=("self",)).get(pk=change.fund_id)
    if change.new_scope:
        fund.scope = change.new_scope
    if change.new_size is not None:
        fund.size = change.new_size
    fund.updated_at, fund.version = timezone.now(), fund.version + 1
    fund.save(update_fields=["scope", "size", "updated_at", "version"])
    change.done_on = on
    change.save(update_fields=["done_on"])
    if change.kind == FundChange.Kind.SCOPE:
        put_in_force(change.rules, on)


def _new_rules(fund: Fund, texts: Mapping[str, str], change: FundChange | None = None) -> FundRules:
    _check_texts(texts)
    last = fund.rules.order_by("-number").first()
    said = {name: texts.get(name, "").strip() for name in CONTENTS}
    return FundRules.objects.create(fund=fund, number=last.number + 1 if last else 1, change=change, **said)


def _check_texts(texts: Mapping[str, str]) -> None:
    long = {name: text for name, text in texts.items() if len(text) > LONGEST_TEXT}
    if long:
        sentence = _("At most %(length)s characters.") % {"length": LONGEST_TEXT}
        raise BadInput(_("Some entries are wrong."), dict.fromkeys(long, sentence))


def _check_change(plan: ChangePlan) -> None:
    problems: dict[str, object] = {}
    scope = plan.kind == FundChange.Kind.SCOPE
    if plan.kind not in FundChange.Kind.values:
        problems["kind"] = _("Say what is asked.")
    if not plan.reason.strip():
        problems["reason"] = _("Give the reason.")
    if not scope and plan.ground not in FundChange.Ground.values:
        problems["ground"] = _("Name one of the four grounds.")
    if scope and not plan.new_scope.strip():
        problems["new_scope"] = _("State the new scope.")
    if plan.new_size is not None and (plan.new_size <= 0 or plan.new_size != plan.new_size.quantize(CENT)):
        problems["new_size"] = _("Amounts are in yuan, above zero, with at most two decimals.")
    if plan.kind == FundChange.Kind.ADJUST and plan.new_size is None and not plan.new_scope.strip():
        problems["new_size"] = _("Say what is to be new: its size or its scope.")
    for name in ("reason", "new_scope"):
        if len(getattr(plan, name)) > LONGEST_TEXT:
            problems[name] = _("At most %(length)s characters.") % {"length": LONGEST_TEXT}
    if scope and plan.ground:
        problems["ground"] = _("A change of scope needs no ground of an adjustment.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
