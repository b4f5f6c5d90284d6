"""Many hands at once: one action wins, the others are told who won; sweepers share the work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from cases import services as cases
from cases.engine import sweeping
from cases.models import Alert, Case, CaseEvent, Clock, Notification
from organizations.errors import Conflict
from tests.cast import Cast, Place
from tests.scenes import act, filed, published_resource, store_law

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(cast: Cast) -> Place:
    store_law()
    return cast.enshi


def to_leader(place: Place) -> Case:
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    case.refresh_from_db()
    return case


def in_own_connection(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connections.close_all()


def test_fifty_simultaneous_agreements_give_one_event_and_49_conflicts(place: Place) -> None:
    case = to_leader(place)

    def consent(number: int) -> str:
        try:
            cases.act(place.provider_leader, case.pk, "consent", version=case.seq, idempotency_key=f"k{number}")
        except Conflict as conflict:
            return f"moved by {conflict.details['by']}"
        return "done"

    with ThreadPoolExecutor(max_workers=50) as pool:
        answers = list(pool.map(lambda number: in_own_connection(lambda: consent(number)), range(50)))
    winner = place.provider_leader.user.full_name
    assert sorted(answers) == sorted([f"moved by {winner}"] * 49 + ["done"])
    assert CaseEvent.objects.filter(case=case, action="consent").count() == 1


def overdue(place: Place, count: int) -> list[int]:
    """Cases whose answer fell due a while ago and that no sweep has seen."""
    found = []
    for number in range(count):
        case = filed(place, published_resource(place, title=f"资源{number}"))
        act(place.applicant_leader, case, "endorse")
        found.append(case.pk)
    past = timezone.now() - timedelta(hours=30)
    Clock.objects.filter(case__in=found, status="open").update(due_at=past, due_on=past.date(), fire_at=past)
    Case.objects.filter(pk__in=found).update(next_fire_at=past)
    return found


def test_two_sweepers_fire_each_breach_once(place: Place) -> None:
    found = overdue(place, 12)
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda _n: in_own_connection(cases.sweep), range(4)))
    assert CaseEvent.objects.filter(kind="due", case__in=found).count() == 12
    assert Alert.objects.filter(rung="due", clock__case__in=found).count() == 12
    leader = Notification.objects.filter(kind="overdue", user=place.provider_leader.user)
    assert leader.count() == 12


def test_a_sweeper_does_not_wait_for_a_case_that_somebody_holds(place: Place) -> None:
    """SKIP LOCKED: with one case held by another transaction the sweep settles the others and comes back."""
    held, free = overdue(place, 2)

    def sweep() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return sweeping.sweep()

    with ThreadPoolExecutor(max_workers=1) as pool, transaction.atomic():
        Case.objects.select_for_update().get(pk=held)
        pool.submit(lambda: in_own_connection(sweep)).result(timeout=30)
    assert CaseEvent.objects.filter(kind="due", case=free).count() == 1
    assert CaseEvent.objects.filter(kind="due", case=held).count() == 0
    cases.sweep()
    assert CaseEvent.objects.filter(kind="due", case=held).count() == 1
