"""The bureau's queue: what awaits its hands, by step, the most urgent first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.assigning import narrowed
from cases.models import AwaitedHand, Case, UrgingTask
from cases.page import said
from cases.selectors import most_urgent_first, visible_cases
from organizations.actors import Actor
from organizations.models import Position
from reports.forms import QueueFilter, Urgency, day_begins
from reports.selectors.decisions import late_clocks
from statutes.models import PackVersion
from statutes.selectors import compiled as compiled_version

BUREAU = (Position.Kind.REVIEWER, Position.Kind.APPROVER)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def queue(actor: Actor, wanted: QueueFilter | None = None) -> QuerySet[Case]:
    """Open cases that await the organization of a reviewer or approver, or that it has to urge."""
    if actor.kind not in BUREAU or actor.organization is None:
        return Case.objects.none()
    given = wanted.cleaned_data if wanted else {}
    hands = AwaitedHand.objects.filter(organization=actor.organization, case=OuterRef("pk"))
    if given.get("mine"):
        hands = hands.filter(position=actor.kind)
    urged = UrgingTask.objects.filter(case=OuterRef("pk"), organization=actor.organization, closed_at__isnull=True)
    rows = visible_cases(actor).filter(Exists(hands) | Exists(urged), closed_at__isnull=True)
    if words := given.get("words"):
        rows = rows.filter(Q(number__icontains=words) | Q(title__icontains=words))
    rows = narrowed(rows, actor, given.get("assigned", ""))
    return _with_urgency(rows, given.get("urgency", ""))


def _with_urgency(rows: QuerySet[Case], urgency: str) -> QuerySet[Case]:
    now = timezone.now()
    if urgency == Urgency.OVERDUE:
        return rows.filter(Exists(late_clocks(now).filter(case=OuterRef("pk"), status="open")))
    if urgency == Urgency.TODAY:
        tomorrow = day_begins(timezone.localdate(now) + timedelta(days=1))
        return rows.filter(clocks__status="open", clocks__due_at__lte=tomorrow).distinct()
    return rows


def urgent_first(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Ordered by `urgency`, the earliest due instant of an open clock; cases without one come last."""
    return most_urgent_first(cases).annotate(urgency=Coalesce("due_at", NEVER)).order_by("urgency", "pk")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a procedure at which cases wait. `key`: procedure and state, as the address has them."""

    key: str
    label: str
    count: int


def steps(cases: QuerySet[Case]) -> list[Step]:
    """How many cases wait at which step, the fullest first; two queries."""
    grouped = cases.order_by().values("pack_version", "procedure", "state").annotate(count=Count("pk", distinct=True))
    found = list(grouped)
    versions = PackVersion.objects.in_bulk({row["pack_version"] for row in found})
    counts: dict[str, int] = defaultdict(int)
    labels: dict[str, str] = {}
    for row in found:
        procedure = compiled_version(versions[row["pack_version"]]).procedure(row["procedure"], timezone.localdate())
        key = f"{row['procedure']}.{row['state']}"
        counts[key] += row["count"]
        labels[key] = f"{said(procedure.label)} · {said(procedure.states[row['state']].label)}"
    ordered = sorted(counts, key=lambda key: (-counts[key], labels[key]))
    return [Step(key, labels[key], counts[key]) for key in ordered]
