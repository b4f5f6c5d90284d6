"""What may be read of cases, always by somebody: the parties of a case, its organs once awaited, its auditors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, Clock, VersionMove
from cases.written import AWAITED, REACHED, SEEN, Written
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position
from statutes.definitions import Text
from statutes.models import PackVersion
from statutes.selectors import compiled


def visible_cases(actor: AnyActor) -> QuerySet[Case]:
    """Cases that the actor may see. Administrators see none; the system sees all.

    A union of keys, so that the database may begin with the few cases of a small organization, or else with the newest.
    """
    return _visible(actor, lambda own: Q(pk__in=Written(SEEN, values=_house(own))))


def _visible_of_few(actor: AnyActor) -> QuerySet[Case]:
    """The same, looked up for one case after the other: for conditions that leave few of all cases."""
    return _visible(actor, lambda own: Q(Written(REACHED, "pk", values=_house(own))))


def _visible(actor: AnyActor, reached: Callable[[Actor], Q]) -> QuerySet[Case]:
    """`reached`: that a case reached the actor's organization or person, or that its organ was to urge it."""
    if not isinstance(actor, Actor):
        return Case.objects.all()
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return Case.objects.none()
    if actor.kind == Position.Kind.AUDITOR:
        return Case.objects.filter(Q(jurisdiction_id=actor.jurisdiction_id) | reached(actor))
    return Case.objects.filter(reached(actor))


def _house(actor: Actor) -> tuple[Any, ...]:
    """The values of SEEN."""
    organization = actor.organization.pk if actor.organization else None
    return (organization, organization, actor.user.pk, organization)


def can_see(actor: AnyActor, case: Case) -> bool:
    return visible_cases(actor).filter(pk=case.pk).exists()


def case_by_number(actor: AnyActor, number: str) -> Case:
    """The case of that number. Raises NotKnown when there is none that the actor may see."""
    rows = visible_cases(actor).select_related("jurisdiction", "pack_version", "opener").defer("pack_version__source")
    case = rows.filter(number=number).first()
    if case is None:
        raise NotKnown(_("There is no such case."))
    return case


def awaits(actor: Actor) -> Q:
    """Of a case: whether it awaits the actor in the present position, or the actor's organ has to urge it."""
    organization = actor.organization.pk if actor.organization else None
    return Q(pk__in=Written(AWAITED, values=(organization, actor.kind, actor.user.pk, organization)))


def todo(actor: Actor) -> QuerySet[Case]:
    """Cases that await the actor in the present position, or that the actor's organ has to urge."""
    return _visible_of_few(actor).filter(awaits(actor), closed_at__isnull=True)


def todo_and_submitted(actor: Actor, *, todo_most: int, submitted_most: int) -> QuerySet[Case]:
    """In one query the most urgent open cases of two kinds: what awaits the actor (`is_todo`), and the actor's own.

    In no order: each of the two lists has its own.
    """
    first = most_urgent_first(todo(actor)).values("pk")[:todo_most]
    own = most_urgent_first(submitted(actor).filter(closed_at__isnull=True)).values("pk")[:submitted_most]
    return Case.objects.filter(pk__in=first.union(own)).annotate(is_todo=awaits(actor)).order_by()


def submitted(actor: Actor) -> QuerySet[Case]:
    """Cases that the actor opened."""
    return _visible_of_few(actor).filter(opened_by=actor.user)


def done(actor: Actor) -> QuerySet[Case]:
    """Cases in which the actor has acted, and that do not await the actor now."""
    return visible_cases(actor).filter(events__person=actor.user).exclude(pk__in=todo(actor).values("pk")).distinct()


def overdue(actor: Actor, now: object) -> QuerySet[Case]:
    """Open cases with a clock past its due instant, read from the clock whether or not the sweep has run."""
    late = Clock.objects.filter(case=OuterRef("pk"), status=Clock.Status.OPEN, bound="latest", due_at__lt=now)
    return visible_cases(actor).filter(Exists(late), closed_at__isnull=True)


def most_urgent_first(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Annotated with the earliest due date of an open clock (`due_at`, `due_on`), which also orders."""
    running = Clock.objects.filter(case=OuterRef("pk"), status=Clock.Status.OPEN, due_at__isnull=False).order_by(
        "due_at"
    )
    return cases.annotate(due_at=running.values("due_at")[:1], due_on=running.values("due_on")[:1]).order_by(
        F("due_at").asc(nulls_last=True), "pk"
    )


@dataclass(frozen=True, slots=True)
class Impact:
    """What a version means for the open cases of one procedure under earlier versions of its pack."""

    procedure: Text
    cases: int
    goes_on: bool


def impact_of(actor: AnyActor, version: PackVersion) -> list[Impact]:
    """Open cases by procedure, and whether the version lets them go on under it. Counts only: no case is shown."""
    law = compiled(version)
    moving = {rule.procedure for rule in law.own.transitions if rule.mode == "move"}
    rows = (
        Case.objects.filter(closed_at__isnull=True, pack_version__pack=version.pack)
        .exclude(pack_version=version)
        .values("procedure")
        .annotate(cases=Count("pk"))
        .order_by("procedure")
    )
    labels = {procedure.id: procedure.label for pack in law.chain for procedure in pack.procedures}
    return [
        Impact(
            labels.get(row["procedure"], Text(row["procedure"], row["procedure"])),
            row["cases"],
            row["procedure"] in moving,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far the open cases have been taken to a version. `stayed`: those that could not go on, by reason."""

    waiting: int
    moved: int
    stayed: dict[str, int]

    @property
    def looked_at(self) -> int:
        return self.moved + sum(self.stayed.values())


def progress_of_moves(actor: AnyActor, version: PackVersion) -> MoveProgress:
    moves = VersionMove.objects.filter(version=version)
    stayed = moves.filter(moved=False).values("reason").annotate(cases=Count("pk")).order_by("reason")
    waiting = cases_concerned(version).exclude(version_moves__version=version)
    return MoveProgress(
        waiting.count(), moves.filter(moved=True).count(), {row["reason"]: row["cases"] for row in stayed}
    )


def cases_concerned(version: PackVersion) -> QuerySet[Case]:
    """Open cases under earlier versions of a pack whose procedures the pack says go on under the new one."""
    moving = [rule.procedure for rule in compiled(version).own.transitions if rule.mode == "move"]
    open_cases = Case.objects.filter(closed_at__isnull=True, pack_version__pack=version.pack, procedure__in=moving)
    return open_cases.exclude(pack_version=version)


def attachment_for(actor: Actor, attachment_id: int) -> Attachment:
    """A file of a visible case, or one of the actor's organization. Raises NotKnown otherwise."""
    found = (
        Attachment.objects.filter(pk=attachment_id)
        .filter(Q(case__in=visible_cases(actor)) | Q(case__isnull=True, organization=actor.organization))
        .first()
    )
    if found is None:
        raise NotKnown(_("There is no such file."))
    return found
