"""What an organization owes and who can act; what nobody can act on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cases import owing, stranding, vacancies
from cases.models import Case, Clock
from organizations import services as organizations
from organizations.actors import Actor
from organizations.models import Position
from tests.cast import SYSTEM, Place, new_actor, signed_in_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(enshi: Place) -> list[Case]:
    """Two requests that the provider owes an answer to; the first has gone to its leader."""
    resource = published_resource(enshi)
    found = []
    for key in ("a", "b"):
        case = filed(enshi, resource, key=key)
        act(enshi.applicant_leader, case, "endorse")
        found.append(case)
    act(enshi.provider_handler, found[0], "propose", proposal="consent", opinion="拟同意")
    return found


def owed(actor: Actor, shown: str = "open") -> list[owing.OwedRow]:
    now = timezone.now()
    return owing.rows(owing.owed(actor, now, shown), actor, now)


def reply(case: Case) -> Clock:
    return Clock.objects.get(case=case, name="reply")


def test_every_position_of_the_organization_sees_what_it_owes_and_who_can_act(enshi: Place, two: list[Case]) -> None:
    for actor in (enshi.provider_leader, enshi.provider_handler):
        rows = {row.case.number: row for row in owed(actor)}
        assert set(rows) == {case.number for case in two}
        [first] = rows[two[0].number].hands
        assert (first.position, first.people, first.own) == ("分管领导", (enshi.provider_leader.user.full_name,), True)
        [second] = rows[two[1].number].hands
        assert second.people == (enshi.provider_handler.user.full_name,)


@pytest.mark.parametrize("role", ["applicant_leader", "outsider", "auditor", "administrator"])
def test_nobody_else_owes_it(enshi: Place, two: list[Case], role: str) -> None:
    assert owed(enshi.actors[role]) == []


def test_it_stays_owed_while_another_organization_has_to_act(enshi: Place, two: list[Case]) -> None:
    act(enshi.provider_handler, two[1], "ask_supplement", missing="请补充授权书")
    [row] = [row for row in owed(enshi.provider_leader) if row.case == two[1]]
    assert [(hand.organization, hand.own) for hand in row.hands] == [(enshi.applicant.short_name, False)]


def test_overdue_running_met_and_late_are_told_apart_and_the_most_urgent_comes_first(
    enshi: Place, two: list[Case]
) -> None:
    now, leader = timezone.now(), enshi.provider_leader
    Clock.objects.filter(pk=reply(two[1]).pk).update(due_at=now - timedelta(days=1))
    assert [row.case for row in owed(leader)] == [two[1], two[0]]
    assert [row.case for row in owed(leader, "overdue")] == [two[1]]
    assert [row.case for row in owed(leader, "running")] == [two[0]]
    Clock.objects.filter(pk=reply(two[0]).pk).update(status=Clock.Status.MET, ended_at=now)
    Clock.objects.filter(pk=reply(two[1]).pk).update(status=Clock.Status.LATE, ended_at=now)
    assert [row.case for row in owed(leader, "met")] == [two[0]]
    assert [row.case for row in owed(leader, "late")] == [two[1]]
    assert [
        (clocks.filter(first).count(), clocks.filter(second).count())
        for clocks, first, second in owing.counted(leader, now)
    ] == [(1, 1), (0, 0)]


def test_the_page_of_what_is_owed_filters_and_refuses_who_owes_nothing(enshi: Place, two: list[Case]) -> None:
    browser = signed_in_client(enshi.provider_leader)
    assert len(browser.get("/cases/owed/").context["owed"]) == 2
    assert browser.get("/cases/owed/?show=overdue").context["owed"] == []
    assert browser.get("/cases/owed/?cursor=forged").status_code == 400
    assert signed_in_client(enshi.auditor).get("/cases/owed/").status_code == 403


def test_a_position_that_nobody_holds_strands_the_case_for_its_leader_and_the_bureau(
    enshi: Place, two: list[Case]
) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    for actor in (enshi.provider_leader, enshi.bureau_approver, enshi.bureau_reviewer):
        assert [hand.case for hand in stranding.stranded_hands(actor)] == [two[1]]
    for role in ("applicant_leader", "arbiter", "coordinator", "outsider"):
        assert list(stranding.stranded_hands(enshi.actors[role])) == []


def test_the_bureau_is_told_of_a_stranded_case_that_it_may_not_see_by_number_alone(
    enshi: Place, two: list[Case]
) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    [row] = vacancies.rows(enshi.bureau_approver, timezone.now(), most=10)
    assert (row.case, row.visible) == (two[1], False)
    shown = signed_in_client(enshi.bureau_approver).get("/cases/stranded/").content.decode()
    assert two[1].number in shown
    assert two[1].title not in shown
    assert two[1].title in signed_in_client(enshi.provider_leader).get("/cases/stranded/").content.decode()
    assert signed_in_client(enshi.provider_steward).get("/cases/stranded/").status_code == 403


def test_a_new_holder_or_a_deputy_ends_it(enshi: Place, two: list[Case]) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    new_actor(enshi.provider, Position.Kind.HANDLER, "enshi.newcomer", "新来")
    assert list(stranding.stranded_hands(enshi.provider_leader)) == []


def test_another_city_s_bureau_is_told_nothing(enshi: Place, xianyang: Place, two: list[Case]) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    assert list(stranding.stranded_hands(xianyang.bureau_approver)) == []


def test_the_case_and_the_workbench_carry_the_badge(enshi: Place, two: list[Case]) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    leader: Client = signed_in_client(enshi.provider_leader)
    assert "无人在岗" in leader.get(f"/cases/{two[1].number}/").content.decode()
    assert leader.get("/").context["stranded"] == 1
    assert signed_in_client(enshi.bureau_approver).get("/reports/console/").context["stranded"] == 1


def test_either_of_two_positions_is_enough(enshi: Place, two: list[Case]) -> None:
    """Where a step awaits one party in two positions, somebody in one of them can do it."""
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    stuck = two[1].awaited.get()
    assert stranding.with_stranded(Case.objects.all()).get(pk=two[1].pk).stranded
    stuck.pk, stuck.position = None, Position.Kind.LEADER
    stuck.save()
    assert not stranding.with_stranded(Case.objects.all()).get(pk=two[1].pk).stranded
    assert list(stranding.stranded_hands(enshi.provider_leader)) == []


def test_listing_what_is_stranded_takes_a_fixed_number_of_queries(
    enshi: Place, two: list[Case], django_assert_max_num_queries: object
) -> None:
    organizations.leave_position(SYSTEM, enshi.provider_handler.position.pk)
    organizations.leave_position(SYSTEM, enshi.provider_leader.position.pk)
    with django_assert_max_num_queries(8):
        assert len(vacancies.rows(enshi.bureau_approver, timezone.now(), most=10)) == 2
