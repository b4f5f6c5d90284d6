"""Who of an organization handles what: advice for lists, never a right and never a wall."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from cases import assigning, selectors
from cases.models import Assignment, Case, Clock, Notification
from cases.services.assigning import assign, assign_many
from organizations import services as organizations
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from tests.cast import SYSTEM, Place, new_actor
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(enshi: Place) -> Case:
    """A request that the provider's handlers have to answer."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    return case


@pytest.fixture
def second(enshi: Place) -> Actor:
    """Another handler of the provider."""
    return new_actor(enshi.provider, Position.Kind.HANDLER, "enshi.second_handler", "钱二")


def todo(actor: Actor, which: str = "") -> list[str]:
    return [case.number for case in assigning.narrowed(selectors.todo(actor), actor, which)]


def test_the_leader_names_a_handler_who_is_told(enshi: Place, owed: Case, second: Actor) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk, note="请尽快办理")
    row = Assignment.objects.get()
    assert (row.assignee, row.assigned_by, row.position) == (second.user, enshi.provider_leader.user, "handler")
    assert Notification.objects.filter(user=second.user, kind="assigned").count() == 1
    entry = AuditEntry.objects.get(verb="case.assign")
    assert entry.data["after"] == second.user.pk


def test_lists_are_narrowed_to_mine_and_to_what_nobody_has(enshi: Place, owed: Case, second: Actor) -> None:
    assert todo(second, "unassigned") == [owed.number]
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk)
    assert (todo(second, "mine"), todo(second, "unassigned")) == ([owed.number], [])
    assert todo(enshi.provider_handler, "mine") == []


def test_it_is_no_wall_another_holder_still_sees_it_and_acts(enshi: Place, owed: Case, second: Actor) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk)
    assert todo(enshi.provider_handler) == [owed.number]
    act(enshi.provider_handler, owed, "propose", proposal="consent", opinion="拟同意")
    assert owed.events.get(action="propose").person == enshi.provider_handler.user


def test_it_ends_when_the_hand_is_not_awaited_any_more(enshi: Place, owed: Case, second: Actor) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk)
    act(second, owed, "propose", proposal="consent", opinion="拟同意")
    assert Assignment.objects.get().ended_at is not None
    act(enshi.provider_leader, owed, "return_proposal", reason="请补充依据")
    assert todo(second, "unassigned") == [owed.number]


def test_the_assignee_hands_on_with_a_note_and_nobody_else_of_the_same_rank_does(
    enshi: Place, owed: Case, second: Actor
) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk)
    with pytest.raises(NotPermitted):
        assign(enshi.provider_handler, number=owed.number, assignee_id=enshi.provider_handler.user.pk, note="我来办")
    with pytest.raises(BadInput):
        assign(second, number=owed.number, assignee_id=enshi.provider_handler.user.pk)
    assign(second, number=owed.number, assignee_id=enshi.provider_handler.user.pk, note="出差")
    assert todo(enshi.provider_handler, "mine") == [owed.number]
    assert Notification.objects.filter(user=enshi.provider_handler.user, kind="assigned").exists()
    assert [row.note for row in Assignment.objects.order_by("pk")] == ["", "出差"]


def test_what_nobody_has_a_holder_takes_and_gives_back(enshi: Place, owed: Case, second: Actor) -> None:
    with pytest.raises(NotPermitted):
        assign(second, number=owed.number, assignee_id=enshi.provider_handler.user.pk)
    assign(second, number=owed.number, assignee_id=second.user.pk)
    assert todo(second, "mine") == [owed.number]
    assign(second, number=owed.number, assignee_id=None, note="职责调整")
    assert todo(second, "unassigned") == [owed.number]
    with pytest.raises(Conflict):
        assign(enshi.provider_leader, number=owed.number, assignee_id=None)


def test_only_a_holder_of_the_awaited_position_can_be_named(enshi: Place, owed: Case) -> None:
    with pytest.raises(BadInput):
        assign(enshi.provider_leader, number=owed.number, assignee_id=enshi.provider_leader.user.pk)
    with pytest.raises(BadInput):
        assign(enshi.provider_leader, number=owed.number, assignee_id=enshi.outsider.user.pk)


def test_other_organizations_assign_nothing_here(enshi: Place, owed: Case) -> None:
    with pytest.raises(NotKnown):
        assign(enshi.outsider, number=owed.number, assignee_id=enshi.outsider.user.pk)
    with pytest.raises(Conflict):
        assign(enshi.applicant_leader, number=owed.number, assignee_id=enshi.applicant_handler.user.pk)
    assert assigning.hands_here(enshi.applicant_leader, owed) == []


def test_who_has_left_handles_nothing(enshi: Place, owed: Case, second: Actor) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=second.user.pk)
    organizations.leave_position(SYSTEM, second.position.pk)
    assert todo(enshi.provider_handler, "unassigned") == [owed.number]
    assign(enshi.provider_leader, number=owed.number, assignee_id=enshi.provider_handler.user.pk, note="钱二已调离")
    assert todo(enshi.provider_handler, "mine") == [owed.number]


def test_several_are_assigned_each_for_itself_and_the_workload_counts_them(enshi: Place, second: Actor) -> None:
    resource = published_resource(enshi)
    numbers = []
    for key in ("a", "b"):
        case = filed(enshi, resource, key=key)
        act(enshi.applicant_leader, case, "endorse")
        numbers.append(case.number)
    outcomes = assign_many(
        enshi.provider_leader, numbers=[*numbers, "no such"], assignee_id=second.user.pk, note="统一办理"
    )
    assert [bool(outcome.refusal) for outcome in outcomes] == [False, False, True]
    loads = assigning.workload(enshi.provider_leader, ["handler"], timezone.now())
    assert [(load.user, load.cases, load.overdue) for load in loads] == [
        (enshi.provider_handler.user, 0, 0),
        (second.user, 2, 0),
    ]


def test_the_workload_counts_what_awaits_a_person_though_nobody_was_named(enshi: Place, second: Actor) -> None:
    resource = published_resource(enshi)
    cases = [filed(enshi, resource, key=key) for key in ("a", "b", "c")]
    for case in cases:
        act(enshi.applicant_leader, case, "endorse")
    assign(enshi.provider_leader, number=cases[0].number, assignee_id=second.user.pk)
    Clock.objects.filter(case=cases[1], status="open").update(due_at=timezone.now() - timedelta(days=1))
    loads = assigning.workload(enshi.provider_leader, ["handler"], timezone.now())
    assert {load.user: (load.cases, load.overdue) for load in loads} == {
        enshi.provider_handler.user: (2, 1),
        second.user: (3, 1),
    }
