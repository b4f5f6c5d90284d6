"""A notice asks for something until the case has moved on or somebody else has done it; then it is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases import outstanding, selectors
from cases.models import Clock, Notification
from organizations.actors import Actor
from portal import figures
from tests.cast import Place, new_actor, signed_in_client
from tests.scenes import act, filed, published_resource


@pytest.fixture
def second_leader(enshi: Place) -> Actor:
    return new_actor(enshi.applicant, "leader", "second_leader", "另一领导")


def asked(actor: Actor) -> list[bool]:
    return [notice.settled for notice in outstanding.notices(actor)]


def test_a_notice_is_settled_for_everybody_once_one_of_them_has_acted(enshi: Place, second_leader: Actor) -> None:
    case = filed(enshi, published_resource(enshi))
    both = (enshi.applicant_leader, second_leader)
    assert [asked(actor) for actor in both] == [[False], [False]]
    assert [outstanding.unread(actor).count() for actor in both] == [1, 1]
    act(enshi.applicant_leader, case, "endorse")
    assert [outstanding.unread(actor).count() for actor in both] == [0, 0]
    told = outstanding.notices(second_leader).get(kind="awaited")
    assert (told.settled, told.settled_by) == (True, enshi.applicant_leader.user.full_name)
    assert figures.read(second_leader, []).unread == 0
    page = signed_in_client(second_leader).get(reverse("cases:notices")).content.decode()
    assert f"已由{enshi.applicant.short_name}{enshi.applicant_leader.user.full_name}办理" in page
    assert "待您办理" not in page
    assert page.count("sh-unread") == 0
    assert Notification.objects.filter(user=second_leader.user, kind="awaited").count() == 1


def test_when_a_case_comes_back_only_the_newest_notice_asks(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "return_draft", reason="请补充依据")
    act(enshi.applicant_handler, case, "resubmit")
    assert asked(enshi.applicant_leader) == [False, True]
    assert outstanding.unread(enshi.applicant_leader).count() == 1


def test_what_only_informs_is_never_settled_and_a_breach_is_once_its_clock_has_ended(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    mine = enshi.provider_leader
    Notification.objects.filter(user=mine.user).delete()
    for kind in ("informed", "overdue"):
        Notification.objects.create(user=mine.user, case=case, kind=kind, created_at=timezone.now())
    clock = Clock.objects.filter(case=case, status=Clock.Status.OPEN, duty="provider")
    clock.update(due_at=timezone.now() - timedelta(days=1))
    assert asked(mine) == [False, False]
    clock.update(status=Clock.Status.LATE, ended_at=timezone.now())
    assert sorted(asked(mine)) == [False, True]
    assert outstanding.unread(mine).count() == 1


def test_my_own_cases_stand_in_order_of_urgency_those_without_a_limit_last(enshi: Place) -> None:
    resource, now = published_resource(enshi), timezone.now()
    cases = [filed(enshi, resource, key=key) for key in ("late", "later", "none", "soon")]
    days = {cases[0].pk: -3, cases[1].pk: 20, cases[3].pk: 2}
    for case in cases:
        act(enshi.applicant_leader, case, "endorse")
        running = Clock.objects.filter(case=case, status=Clock.Status.OPEN)
        if case.pk in days:
            due = now + timedelta(days=days[case.pk])
            running.update(due_at=due, due_on=due.date())
        else:
            running.update(status=Clock.Status.VOID, ended_at=now)
    shown = signed_in_client(enshi.applicant_handler).get("/").context["submitted"]
    assert [row.case.pk for row in shown] == [cases[n].pk for n in (0, 3, 1, 2)]
    first = selectors.todo_and_submitted(enshi.applicant_handler, todo_most=1, submitted_most=1)
    assert [case.pk for case in first] == [cases[0].pk]
