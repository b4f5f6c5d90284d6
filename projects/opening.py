"""Whether a step of a project's life may be begun now: asked of the opening action of its procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import families
from cases.conditions import Reason
from cases.engine.acting import closed_doors
from cases.engine.context import Matter
from cases.engine.founding import Opening, found
from cases.hands import held_by
from organizations.actors import Actor, AnyActor
from organizations.errors import Conflict
from organizations.models import Position
from organizations.selectors import current_organization, organs
from projects.models import Project
from statutes.definitions import Action, CompiledPack, Procedure
from statutes.models import PackVersion
from statutes.selectors import compiled, current

LIFE = "project"


@dataclass(frozen=True, slots=True)
class Door:
    """The opening action of a step as one actor finds it: open, or closed with reasons.

    `mine`: whether the actor's position is one that takes it, whatever else stands in the way.
    """

    matter: Matter
    action: Action
    reasons: Sequence[Reason]
    mine: bool

    @property
    def open(self) -> bool:
        return not self.reasons

    @property
    def law(self) -> CompiledPack:
        return self.matter.compiled

    @property
    def told(self) -> list[tuple[str, Any]]:
        """Each reason's sentence with the rule behind it."""
        return told(self.law, self.reasons)


def told(law: CompiledPack, reasons: Sequence[Reason]) -> list[tuple[str, Any]]:
    """Sentences of reasons, each with its rule; None where no rule is named."""
    return [(why.sentence, law.rule(why.rule) if why.rule else None) for why in reasons]


def door(actor: Actor, *, family: str, project: Project, subject: Any) -> Door:
    """What stands in the way of beginning a step about `subject`, which is not stored.

    The subject asks for as little as can be asked for, so that what closes the door now closes it whatever is typed.
    Raises Conflict when the law of the place has no such procedure, BadInput when nobody holds an organ's role.
    """
    now, life = timezone.now(), project.case
    if family not in {step.id for step in _by_hand(project)}:
        raise Conflict(_("The law of this place has no such step that is begun by hand."))
    opening = Opening(
        families.get(family),
        family,
        project.jurisdiction,
        current(project.jurisdiction.pack),
        subject,
        "",
        actor.user,
        actor.organization,
        parent=life,
    )
    matter = found(opening, "hand", now)
    action = matter.procedure.opening_action("hand")
    mine = held_by(matter, actor, action.by) is not None
    if life is not None and life.closed_at is not None:
        over = Reason(_("The project's life is over: no step of it begins any more."), "")
        return Door(matter, action, [over], mine)
    return Door(matter, action, closed_doors(matter, actor, action, now), mine)


def _by_hand(project: Project) -> list[Procedure]:
    """The steps of a project that the law now in force in its place lets somebody begin."""
    try:
        law = compiled(current(project.jurisdiction.pack))
    except PackVersion.DoesNotExist:
        return []
    steps = [step for step in law.procedures(timezone.localdate()) if LIFE in step.parents]
    return [step for step in steps if any(action.opens_case and action.by for action in step.actions.values())]


def openers(actor: AnyActor, project: Project) -> frozenset[str]:
    """The steps of a project that the actor's position opens, whatever their conditions say: ids of procedures."""
    if not isinstance(actor, Actor) or actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return frozenset()
    if project.case is None or project.case.closed_at is not None:
        return frozenset()
    holders: dict[str, set[int]] = {}
    own = actor.organization.pk
    return frozenset(step.id for step in _by_hand(project) if _opens(actor, own, project, step, holders))


def _opens(actor: Actor, own: int, project: Project, step: Procedure, holders: dict[str, set[int]]) -> bool:
    """The parties of a step are the owner of its project; all others are organs, looked up once each."""
    hands = [hand for action in step.actions.values() if action.opens_case for hand in action.by]
    for hand in hands:
        if hand.position != actor.kind:
            continue
        if hand.party in step.parties:
            found = {current_organization(project.owner).pk}
        else:
            if hand.party not in holders:
                holders[hand.party] = {row.pk for row in organs(project.jurisdiction_id, hand.party)}
            found = holders[hand.party]
        if own in found:
            return True
    return False
