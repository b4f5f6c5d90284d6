"""A deputy does the holder's work under the own name; both are in the record and bound by the separation of duties."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from audit.models import AuditEntry
from cases import selectors
from cases.models import Case, CaseEvent, Notification
from cases.page import page
from catalog.models import Resource
from organizations import selectors as organization_selectors
from organizations import services as organizations
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from tests.cast import SYSTEM, Place, new_actor, signed_in_client, token_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


def deputy_of(holder: Actor, person: Actor, *, days: int = 5, starts_in: int = 0) -> Actor:
    """The person, acting as the holder's deputy for some days."""
    today = timezone.localdate()
    position = organizations.appoint_deputy(
        holder,
        position=holder.position,
        user=person.user,
        active_from=today + timedelta(days=starts_in),
        active_until=today + timedelta(days=starts_in + days),
        reason="出差",
    )
    return Actor(person.user, position)


@pytest.fixture
def colleague(enshi: Place) -> Actor:
    """Somebody else of the applicant, who has no part in anything yet."""
    return new_actor(enshi.applicant, Position.Kind.DATA_STEWARD, "enshi.colleague", "冯二")


@pytest.fixture
def own_head(enshi: Place) -> Case:
    """A request that waits for the applicant's leader."""
    return filed(enshi, published_resource(enshi))


def test_the_deputy_s_to_do_is_the_holder_s(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    assert list(selectors.todo(deputy)) == list(selectors.todo(enshi.applicant_leader)) == [own_head]


def test_notices_reach_both(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy_of(enshi.applicant_leader, colleague)
    second = filed(enshi, Resource.objects.get(), key="b")
    told = Notification.objects.filter(case=second, kind="awaited").values_list("user", flat=True)
    assert set(told) == {enshi.applicant_leader.user.pk, colleague.user.pk}


def test_the_record_names_both_on_the_page_and_over_the_api(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    event = act(deputy, own_head, "endorse")
    assert (event.person, event.deputy_for) == (colleague.user, enshi.applicant_leader.position)
    timeline = page(own_head, enshi.applicant_leader, timezone.now()).timeline
    [entry] = [line for line in timeline if line["title"] == "同意并报送提供部门"]
    assert "冯二" in entry["who"]
    assert f"代 {enshi.applicant_leader.user.full_name}" in entry["who"]
    detail = token_client(enshi.applicant_leader).get(f"/api/v1/cases/{own_head.number}/").json()
    assert detail["events"][-1]["deputy_for"] == enshi.applicant_leader.user.full_name


def test_separation_of_duties_holds_for_the_deputy(enshi: Place, own_head: Case) -> None:
    """Who filed the request does not endorse it as the leader's deputy."""
    deputy = deputy_of(enshi.applicant_leader, enshi.applicant_handler)
    with pytest.raises(NotPermitted, match="提交"):
        act(deputy, own_head, "endorse")


def test_who_drafted_the_answer_does_not_sign_it_as_the_leader_s_deputy(enshi: Place, own_head: Case) -> None:
    act(enshi.applicant_leader, own_head, "endorse")
    act(enshi.provider_handler, own_head, "propose", proposal="consent", opinion="符合共享条件")
    deputy = deputy_of(enshi.provider_leader, enshi.provider_handler)
    for action, given in (("consent", {}), ("refuse", {"reason": "不符合共享条件"})):
        with pytest.raises(NotPermitted, match="提交"):
            act(deputy, own_head, action, **given)
    assert act(enshi.provider_leader, own_head, "consent").to_state == "agreement"


def test_separation_of_duties_holds_for_the_holder_through_the_deputy(enshi: Place, colleague: Actor) -> None:
    """What a leader filed as handler, his deputy does not endorse for him."""
    leader = enshi.applicant_leader
    both = organizations.give_position(
        SYSTEM, user=leader.user, organization=enshi.applicant, kind=Position.Kind.HANDLER
    )
    enshi.actors["applicant_handler"] = Actor(leader.user, both)
    case = filed(enshi, published_resource(enshi))
    with pytest.raises(NotPermitted, match=leader.user.full_name):
        act(deputy_of(leader, colleague), case, "endorse")
    assert not CaseEvent.objects.filter(action="endorse").exists()


def test_a_period_that_has_ended_closes_the_open_page(enshi: Place, own_head: Case, colleague: Actor) -> None:
    """The deputy opened the page before midnight and sends the form after it: told so, and nothing is written.

    The deputy stays signed in, in the own position.
    """
    deputy = deputy_of(enshi.applicant_leader, colleague, days=0)
    evening = timezone.localtime().replace(hour=23, minute=55)
    with time_machine.travel(evening):
        browser = signed_in_client(deputy)
        assert browser.get(f"/cases/{own_head.number}/").status_code == 200
    with time_machine.travel(evening + timedelta(minutes=10)):
        answer = _send(browser, own_head)
        told = browser.get(answer.url).content.decode()
    assert (answer.status_code, answer.url) == (302, "/")
    assert f"您已不再代理{enshi.applicant_leader.user.full_name}" in told
    assert "未作任何处理" in told
    assert browser.session["position"] == colleague.position.pk
    assert not CaseEvent.objects.filter(action="endorse").exists()
    own_head.refresh_from_db()
    assert own_head.state == "own_head"


def test_a_deputy_ended_early_is_told_and_stays_signed_in(enshi: Place, own_head: Case, colleague: Actor) -> None:
    """The page that was asked for comes again, as seen from the own position; a program is refused."""
    deputy = deputy_of(enshi.applicant_leader, colleague)
    browser, program = signed_in_client(deputy), token_client(deputy)
    organizations.leave_position(enshi.applicant_leader, deputy.position.pk)
    answer = browser.get("/account/")
    assert (answer.status_code, answer.url) == (302, "/account/")
    told = browser.get("/account/").content.decode()
    assert f"您已不再代理{enshi.applicant_leader.user.full_name}" in told
    assert "未作任何处理" not in told
    assert program.get(f"/api/v1/cases/{own_head.number}/").status_code == 401
    switched = AuditEntry.objects.filter(verb="session.switch_position", person_id=colleague.user.pk)
    assert [entry.position for entry in switched] == [Position.Kind.DATA_STEWARD]


def test_nobody_stands_in_for_longer_than_the_portal_allows(enshi: Place, colleague: Actor, settings: Settings) -> None:
    settings.DEPUTY_LONGEST_DAYS = 30
    with pytest.raises(BadInput, match="30") as refused:
        deputy_of(enshi.applicant_leader, colleague, days=30)
    assert (timezone.localdate() + timedelta(days=29)).isoformat() in str(refused.value.fields["active_until"])
    assert deputy_of(enshi.applicant_leader, colleague, days=29).position is not None


def test_a_deputy_ended_early_acts_no_more_even_within_the_same_request(
    enshi: Place, own_head: Case, colleague: Actor
) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    organizations.leave_position(enshi.applicant_leader, deputy.position.pk)
    with pytest.raises(NotPermitted, match=enshi.applicant_leader.user.full_name):
        act(deputy, own_head, "endorse")
    assert not CaseEvent.objects.filter(action="endorse").exists()


def _send(browser: Client, case: Case) -> object:
    form = {"endorse-version": case.seq, "endorse-key": "late", "endorse-opinion": "同意"}
    return browser.post(f"/cases/{case.number}/actions/endorse/", form)


def test_a_deputy_to_come_has_nothing_yet(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy_of(enshi.applicant_leader, colleague, starts_in=3)
    assert [position.kind for position in organization_selectors.positions_of(colleague.user)] == ["data_steward"]
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        kinds = {position.kind for position in organization_selectors.positions_of(colleague.user)}
    assert kinds == {"data_steward", "leader"}


@pytest.mark.parametrize(("starts_in", "fits"), [(0, False), (3, False), (5, False), (6, True)])
def test_periods_of_one_position_do_not_overlap(
    enshi: Place, colleague: Actor, own_head: Case, starts_in: int, fits: bool
) -> None:
    deputy_of(enshi.applicant_leader, colleague, days=5)
    if fits:
        assert deputy_of(enshi.applicant_leader, enshi.applicant_handler, starts_in=starts_in).position.pk
        return
    with pytest.raises(BadInput, match="冯二"):
        deputy_of(enshi.applicant_leader, enshi.applicant_handler, starts_in=starts_in)


def test_the_same_person_stands_in_again_later_but_not_twice_at_once(enshi: Place, colleague: Actor) -> None:
    deputy_of(enshi.applicant_leader, colleague, days=2)
    assert deputy_of(enshi.applicant_leader, colleague, days=2, starts_in=10).position.pk
    other = new_actor(enshi.applicant, Position.Kind.LEADER, "enshi.second_leader", "陈二")
    with pytest.raises(Conflict):
        deputy_of(other, colleague, days=2)


def test_a_reason_is_needed_and_the_past_is_not_delegated(enshi: Place, colleague: Actor) -> None:
    leader, today = enshi.applicant_leader, timezone.localdate()
    wanted = {"position": leader.position, "user": colleague.user, "active_until": today}
    with pytest.raises(BadInput) as refused:
        organizations.appoint_deputy(leader, **wanted, reason=" ")
    assert "reason" in refused.value.fields
    with pytest.raises(BadInput) as refused:
        organizations.appoint_deputy(leader, **wanted, reason="出差", active_from=today - timedelta(days=1))
    assert "active_from" in refused.value.fields


def test_appointing_and_ending_are_in_the_audit_record(enshi: Place, colleague: Actor) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    organizations.leave_position(enshi.applicant_leader, deputy.position.pk)
    begun = AuditEntry.objects.get(verb="position.appoint_deputy")
    assert (begun.data["reason"], begun.data["deputy_for"]) == ("出差", enshi.applicant_leader.position.pk)
    assert AuditEntry.objects.filter(verb="position.leave", subject_id=str(deputy.position.pk)).exists()


def test_both_see_it_on_the_workbench(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    mine = signed_in_client(deputy).get("/").content.decode()
    assert f"您正在代理{enshi.applicant_leader.user.full_name}" in mine
    assert "冯二正在代理您" in signed_in_client(enshi.applicant_leader).get("/").content.decode()


def test_the_switch_of_positions_counts_what_awaits_in_each(enshi: Place, own_head: Case, colleague: Actor) -> None:
    deputy = deputy_of(enshi.applicant_leader, colleague)
    switch = signed_in_client(colleague).get("/").context["switch"]
    assert {row["position"].pk: (row["count"], row["current"]) for row in switch} == {
        colleague.position.pk: (0, True),
        deputy.position.pk: (1, False),
    }
    assert signed_in_client(enshi.outsider).get("/").context["switch"] == []


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        ("auditor", "/reports/delegations/", 200),
        ("bureau_approver", "/reports/console/delegations/", 200),
        ("bureau_reviewer", "/reports/console/delegations/", 200),
        ("arbiter", "/reports/console/delegations/", 403),
        ("applicant_leader", "/reports/console/delegations/", 403),
        ("outsider", "/reports/delegations/", 403),
    ],
)
def test_the_auditor_and_the_bureau_read_who_stands_in_for_whom(
    enshi: Place, colleague: Actor, role: str, address: str, status: int
) -> None:
    deputy_of(enshi.applicant_leader, colleague)
    answer = signed_in_client(enshi.actors[role]).get(address)
    assert answer.status_code == status
    if status == 200:
        assert "冯二" in answer.content.decode()


def test_another_city_s_auditor_reads_none_of_it(enshi: Place, xianyang: Place, colleague: Actor) -> None:
    deputy_of(enshi.applicant_leader, colleague)
    assert "冯二" not in signed_in_client(xianyang.auditor).get("/reports/delegations/").content.decode()
