"""What may be read of withdrawals: which is on its way, which has been announced, and by which an entry is gone."""

from __future__ import annotations

from cases.selectors import visible_cases
from catalog.models import Resource, Withdrawal
from organizations.actors import AnyActor


def withdrawal_of(resource: Resource) -> Withdrawal | None:
    """The withdrawal by which an entry is gone, or the announced one by which it is going; None otherwise.

    Whoever sees the entry may know when and why (Order 809 art. 27).
    """
    rows = resource.withdrawals.filter(case__isnull=False).select_related("case")
    if resource.status == Resource.Status.WITHDRAWN:
        return rows.filter(withdrawn_at__isnull=False).first()
    return rows.filter(announced_at__isnull=False, case__closed_at__isnull=True).first()


def may_open(actor: AnyActor, withdrawal: Withdrawal | None) -> bool:
    """Whether the actor may see the case of a withdrawal, and not only that there is one."""
    return withdrawal is not None and visible_cases(actor).filter(withdrawal=withdrawal).exists()
