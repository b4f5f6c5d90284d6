"""Cases that await hands which nobody holds today: they stay, their clocks run, and they are listed to be mended."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q, QuerySet
from django.utils import timezone

from cases.assigning import LEADING
from cases.models import AwaitedHand, Case
from cases.written import STRANDED, UNHELPED, Written, held_on
from organizations.actors import Actor
from organizations.models import Organization, OrganRole, Position

BUREAU = "bureau"
BUREAU_HANDS = frozenset({Position.Kind.REVIEWER, Position.Kind.APPROVER, Position.Kind.LEADER})


def is_told(actor: Actor) -> bool:
    """Whether stranded cases are listed to the actor at all: as leader of an organization, or in the bureau."""
    return leads(actor) or in_bureau(actor)


def in_bureau(actor: Actor) -> bool:
    """Whether the actor works for the bureau of the own jurisdiction."""
    return (
        actor.kind in BUREAU_HANDS
        and OrganRole.objects.filter(
            role=BUREAU, jurisdiction_id=actor.jurisdiction_id, organization=actor.organization
        ).exists()
    )


def leads(actor: Actor) -> bool:
    return actor.organization is not None and actor.kind in LEADING


def own_stranded_hands(actor: Actor) -> QuerySet[AwaitedHand]:
    """Awaited hands of the actor's organization that nobody can use; one query. None for who does not lead it."""
    if not leads(actor):
        return AwaitedHand.objects.none()
    own = AwaitedHand.objects.filter(organization=actor.organization, case__closed_at__isnull=True)
    return own.filter(_unhelped())


def stranded_hands(actor: Actor) -> QuerySet[AwaitedHand]:
    """Awaited hands that nobody can use, of the actor's organization, and of the whole jurisdiction for its bureau.

    A fixed number of queries, whatever the number of cases: for a bureau who belongs, which positions are held there,
    and the hands in the others.
    """
    if actor.organization is None:
        return AwaitedHand.objects.none()
    hands = own_stranded_hands(actor)
    if in_bureau(actor):
        organizations = Organization.objects.filter(jurisdiction_id=actor.jurisdiction_id)
        hands = AwaitedHand.objects.filter(_vacant(organizations), _unhelped(), case__closed_at__isnull=True)
    related = hands.select_related("case__opener", "case__pack_version", "organization")
    return related.defer("case__pack_version__source").order_by("since", "pk")


def _vacant(organizations: QuerySet[Organization]) -> Q:
    """Hands of these organizations in positions that nobody holds there today, successors after a merger included."""
    successors = dict(organizations.order_by().values_list("pk", "merged_into"))
    held = Position.objects.held_on(timezone.localdate()).filter(
        organization__in={*successors, *filter(None, successors.values())}
    )
    filled: dict[int, set[str]] = defaultdict(set)
    for organization, kind in held.order_by().values_list("organization", "kind").distinct():
        filled[organization].add(kind)
    vacant = Q(pk__in=[])
    for kind in Position.Kind.values:
        without = [pk for pk, successor in successors.items() if kind not in filled[pk] | filled[successor or pk]]
        if without:
            vacant |= Q(organization__in=without, position=kind)
    return vacant


def _unhelped() -> Written:
    """Of an awaited hand: whether nobody can use any hand of its party, itself among them, today."""
    return Written(UNHELPED, "party", values=held_on(timezone.localdate()))


def with_stranded(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with `stranded`: whether they await a party of which nobody can act today."""
    return cases.annotate(stranded=Written(STRANDED, "pk", values=held_on(timezone.localdate())))


def awaited(case: Case) -> list[AwaitedHand]:
    """The hands that a case awaits, each with `unhelped`: whether nobody of its party can act today."""
    return list(AwaitedHand.objects.filter(case=case).annotate(unhelped=_unhelped()))
