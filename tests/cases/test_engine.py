"""The engine's promises: ledger and recount, separation, idempotency, append-only history, closed doors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from cases import services as cases
from cases.engine import clocks, load
from cases.engine.acting import closed_doors
from cases.errors import DoorClosed
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def sent(place: Place) -> Case:
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    return case


def reply(case: Case) -> Clock:
    return Clock.objects.filter(case=case, name="reply").latest("round")


def recounted(clock: Clock) -> tuple[date | None, datetime | None]:
    derivation = clocks.derivation_of(clock, clock.ledger.order_by("id"), clock.case.jurisdiction_id)
    return derivation.due_on, derivation.due_at


def test_an_extension_is_asked_of_the_bureau_and_adds_to_the_budget(enshi: Place) -> None:
    case = sent(enshi)
    before = reply(case).due_on
    act(enshi.provider_handler, case, "ask_extension", reason="数据量大", days=10)
    act(enshi.bureau_approver, case, "grant_extension")
    clock = reply(case)
    assert (before, clock.due_on) == (date(2026, 3, 9), date(2026, 3, 23))
    assert recounted(clock) == (clock.due_on, clock.due_at)
    assert [e.amount for e in clock.ledger.filter(kind=ClockEntry.Kind.EXTEND)] == [10]


def test_an_extension_beyond_the_rule_is_refused_with_the_most_allowed(enshi: Place) -> None:
    case = sent(enshi)
    with pytest.raises(BadInput) as refusal:
        act(enshi.provider_handler, case, "ask_extension", reason="数据量大", days=11)
    assert "10" in str(refusal.value.fields["days"])
    assert reply(case).due_on == date(2026, 3, 9)


def test_papers_are_asked_for_once_only(enshi: Place) -> None:
    case = sent(enshi)
    act(enshi.provider_handler, case, "ask_supplement", missing="使用依据")
    assert closed(case, enshi.provider_handler, "ask_supplement")
    case.refresh_from_db()
    assert case.state == "supplement"


def closed(case: Case, actor: Actor, action: str) -> bool:
    case.refresh_from_db()
    matter = load(case)
    return bool(closed_doors(matter, actor, matter.procedure.actions[action], datetime.now(tz=LOCAL)))


def test_nobody_decides_what_they_submitted(enshi: Place) -> None:
    """The handler who files holds the leader's position too: the decision is still somebody else's."""
    case = filed(enshi, published_resource(enshi))
    position = organizations.give_position(
        SystemActor("test"),
        user=enshi.applicant_handler.user,
        organization=enshi.applicant,
        kind=Position.Kind.LEADER,
    )
    with pytest.raises(NotPermitted, match=r"."):
        act(Actor(enshi.applicant_handler.user, position), case, "endorse")
    case.refresh_from_db()
    assert case.state == "own_head"


def test_a_stale_version_is_a_conflict_that_names_who_moved_the_case(enshi: Place) -> None:
    case = sent(enshi)
    with pytest.raises(Conflict) as conflict:
        cases.act(enshi.provider_handler, case.pk, "propose", version=1, given={"proposal": "consent", "opinion": "好"})
    assert conflict.value.details["by"] == enshi.applicant_leader.user.full_name


def test_a_withheld_resource_cannot_be_asked_for_and_the_door_names_the_article(enshi: Place) -> None:
    resource = published_resource(enshi, sharing_class="withheld")
    with pytest.raises(DoorClosed) as closed_door:
        filed(enshi, resource)
    assert [why.rule for why in closed_door.value.reasons] == ["share.withheld"]


def test_history_ledger_and_rungs_are_only_ever_added_to(enshi: Place) -> None:
    case = sent(enshi)
    with time_machine.travel(MONDAY + timedelta(weeks=3), tick=False):
        cases.sweep()
    for model in (CaseEvent, ClockEntry, Alert):
        row = model.objects.order_by("pk").first()
        assert row is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(id=row.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=row.pk).delete()
    assert case.events.count() > 1


def test_reminders_fire_once_and_a_missed_one_is_recorded_as_skipped(enshi: Place) -> None:
    case = sent(enshi)
    with time_machine.travel(datetime(2026, 3, 5, 9, 1, tzinfo=LOCAL), tick=False):
        cases.sweep()
        cases.sweep()
        assert [alert.rung for alert in Alert.objects.filter(clock__case=case)] == ["-2wd"]
    with time_machine.travel(MONDAY + timedelta(weeks=2), tick=False):
        cases.sweep()
    fired = {alert.rung: alert.skipped for alert in Alert.objects.filter(clock=reply(case))}
    assert fired["0wd"] is True
    assert fired["due"] is False


def test_the_record_is_the_same_however_late_the_sweep(enshi: Place) -> None:
    first, second = sent(enshi), filed(enshi, published_resource(enshi, title="另一资源"))
    act(enshi.applicant_leader, second, "endorse")
    with time_machine.travel(datetime(2026, 3, 10, 0, 5, tzinfo=LOCAL), tick=False):
        cases.settle_case(first.pk)
    with time_machine.travel(MONDAY + timedelta(weeks=8), tick=False):
        cases.settle_case(second.pk)
    early, late = (CaseEvent.objects.get(case=case, kind="due") for case in (first, second))
    assert (early.seq, early.at, early.rule, early.to_state) == (late.seq, late.at, late.rule, late.to_state)
    assert early.detected_at != late.detected_at


def test_events_are_numbered_without_gaps_and_time_never_falls(enshi: Place) -> None:
    case = sent(enshi)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好")
    act(enshi.provider_leader, case, "consent")
    events = list(case.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert all(a.at <= b.at for a, b in pairwise(events))
    assert all(event.rule for event in events)


def test_a_case_that_closes_leaves_no_clock_open_and_nobody_awaited(enshi: Place) -> None:
    case = sent(enshi)
    act(enshi.applicant_handler, case, "withdraw", reason="不再需要")
    case.refresh_from_db()
    assert case.outcome == "withdrawn"
    assert not case.clocks.filter(status="open").exists()
    assert not case.awaited.exists()
    assert case.next_fire_at is None


def test_a_failing_settlement_is_pushed_on_and_does_not_stop_the_others(enshi: Place) -> None:
    broken = sent(enshi)
    other = filed(enshi, published_resource(enshi, title="另一资源"))
    act(enshi.applicant_leader, other, "endorse")
    Clock.objects.filter(case=broken, name="reply").update(name="no_such_clock")
    with time_machine.travel(MONDAY + timedelta(weeks=3), tick=False):
        cases.sweep()
        broken.refresh_from_db()
        assert broken.next_fire_at == MONDAY + timedelta(weeks=3, hours=1)
    assert CaseEvent.objects.filter(case=other, kind="due").exists()
    assert Clock.objects.get(case=broken, name="no_such_clock").error == "KeyError"


def test_a_required_input_that_is_missing_is_named(enshi: Place) -> None:
    case = sent(enshi)
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="超范围")
    with pytest.raises(BadInput) as refusal:
        act(enshi.provider_leader, case, "refuse")
    assert list(refusal.value.fields) == ["reason"]
