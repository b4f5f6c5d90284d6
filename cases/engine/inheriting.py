"""What awaits an organization that was merged meanwhile awaits its successor."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from cases.models import Assignment, AwaitedHand, UrgingTask
from organizations.models import Organization

MERGED = Q(organization__merged_into__isnull=False)


@transaction.atomic
def inherit() -> int:
    """Pass on awaited hands and urging; who was named to handle them is so no longer. Returns how many were passed on.

    Run after a merger and by every sweep: an action that was under way during the merger may have written the old
    name. Rows that somebody holds are left to the next sweep. The case, its parties and its history stay as they are.
    """
    now = timezone.now()
    Assignment.objects.filter(MERGED, ended_at__isnull=True).update(ended_at=Greatest(F("at"), Value(now)))
    known = UrgingTask.objects.filter(clock=OuterRef("clock"), organization=OuterRef("organization__merged_into"))
    urgings = UrgingTask.objects.filter(MERGED, ~Exists(known), closed_at__isnull=True)
    return _pass_on(AwaitedHand.objects.filter(MERGED)) + _pass_on(urgings)


def _pass_on(rows: QuerySet[AwaitedHand] | QuerySet[UrgingTask]) -> int:
    keys = list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    successor = Organization.objects.filter(pk=OuterRef("organization")).values("merged_into")[:1]
    return rows.model._default_manager.filter(pk__in=keys).update(organization=Subquery(successor)) if keys else 0
