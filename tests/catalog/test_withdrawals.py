"""An entry leaves the catalogue with reason: its users are heard, the authority files it, the day comes (art. 27)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from audit.models import AuditEntry
from cases import selectors as cases
from cases import services
from cases.errors import DoorClosed
from cases.models import Case, Clock, Notification
from catalog.models import Resource, Withdrawal
from catalog.selectors import Query, one_page
from catalog.services import propose_withdrawal, submit_for_publication
from organizations.errors import BadInput, Conflict, NotPermitted
from sharing.models import Grant
from sharing.services.reading import standing
from tests.cast import Place, token_client
from tests.scenes import act, filed, published_resource, request_of

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)
LAST_DAY = date(2026, 3, 31)
Opens = Callable[..., Client]


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def resource(enshi: Place) -> Resource:
    return published_resource(enshi)


@pytest.fixture
def grant(enshi: Place, resource: Resource) -> Grant:
    """The applicant may read the data."""
    case = filed(enshi, resource)
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好")
    for who, action in (("provider_leader", "consent"), ("applicant_leader", "sign"), ("provider_leader", "sign")):
        act(enshi.actors[who], case, action)
    act(enshi.provider_handler, case, "deliver")
    return Grant.objects.get(request=request_of(case))


def proposed(place: Place, resource: Resource, ends_on: date = LAST_DAY, **more: Any) -> Case:
    given = {"reason": "职能划转", "stop_basis": "机构改革方案", "ends_on": ends_on.isoformat(), **more}
    return propose_withdrawal(place.provider_steward, resource=resource, given=given)


def asked(case: Case) -> Case:
    """The case in which the one user is heard, the newest round."""
    return Case.objects.filter(parent=case, procedure="withdrawal_opinion").latest("pk")


def state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


def recorded(place: Place, resource: Resource) -> Case:
    case = proposed(place, resource)
    act(place.provider_leader, case, "sign_off")
    if case.children.exists():
        act(place.applicant_handler, asked(case), "agree")
    act(place.provider_handler, case, "file", opinion="各使用部门没有意见")
    act(place.bureau_reviewer, case, "record", ends_on=LAST_DAY.isoformat())
    return case


def after_the_last_day(now: time_machine.Coordinates) -> None:
    now.move_to(datetime(2026, 4, 1, 0, 1, tzinfo=LOCAL))
    services.sweep()


def test_it_is_provided_to_the_end_of_the_last_day_and_then_ends_with_every_grant(
    enshi: Place, resource: Resource, grant: Grant, now: time_machine.Coordinates
) -> None:
    case = recorded(enshi, resource)
    now.move_to(datetime(2026, 3, 31, 23, 59, tzinfo=LOCAL))
    services.sweep()
    grant.refresh_from_db()
    assert (state(case), standing(grant, datetime.now(LOCAL))) == ("filed", "")
    after_the_last_day(now)
    assert (state(case), case.outcome) == ("stopped", "stopped")
    resource.refresh_from_db()
    assert resource.status == Resource.Status.WITHDRAWN
    assert resource.withdrawn_at == datetime(2026, 4, 1, 0, 0, tzinfo=LOCAL)
    grant.refresh_from_db()
    assert standing(grant, datetime.now(LOCAL)) == "not_active"
    assert grant.ended_because == f"{case.number} 职能划转"
    assert resource not in one_page(enshi.outsider, Query(jurisdiction=enshi.jurisdiction.pk), datetime.now(LOCAL)).rows
    assert AuditEntry.objects.filter(verb="resource.withdraw", subject_id=str(resource.pk)).count() == 1


def test_the_day_that_comes_is_no_breach(enshi: Place, resource: Resource, now: time_machine.Coordinates) -> None:
    case = recorded(enshi, resource)
    after_the_last_day(now)
    assert Clock.objects.get(case=case, name="service").status == Clock.Status.ELAPSED
    assert not case.urgings.exists()


def test_users_are_told_and_heard_before_it_is_filed(enshi: Place, resource: Resource, grant: Grant) -> None:
    case = proposed(enshi, resource)
    assert not case.children.exists()
    act(enshi.provider_leader, case, "sign_off")
    heard = asked(case)
    assert set(cases.todo(enshi.applicant_handler)) == {heard}
    assert Notification.objects.filter(case=heard, user=enshi.applicant_handler.user).exists()
    assert not cases.can_see(enshi.outsider, heard)
    assert not cases.can_see(enshi.applicant_handler, case)
    with pytest.raises(DoorClosed):
        act(enshi.provider_handler, case, "file", opinion="没有意见")
    act(enshi.applicant_leader, heard, "oppose", reason="救助核对离不开")
    assert state(heard) == "opposed"
    act(enshi.provider_handler, case, "file", opinion="改由民政系统直接提供,已协商一致")
    assert state(case) == "filing"


def test_silence_for_five_working_days_is_nothing_against_it(
    enshi: Place, resource: Resource, grant: Grant, now: time_machine.Coordinates
) -> None:
    case = proposed(enshi, resource)
    act(enshi.provider_leader, case, "sign_off")
    heard = asked(case)
    assert Clock.objects.get(case=heard).due_on == date(2026, 3, 9)
    now.move_to(datetime(2026, 3, 10, 8, 0, tzinfo=LOCAL))
    services.sweep()
    assert state(heard) == "silent"
    act(enshi.provider_handler, case, "file", opinion="期满未反馈")


def test_the_authority_may_send_both_sides_back_to_negotiate(enshi: Place, resource: Resource, grant: Grant) -> None:
    case = proposed(enshi, resource)
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.applicant_handler, asked(case), "oppose", reason="没有替代来源")
    act(enshi.provider_handler, case, "file", opinion="使用部门有不同意见")
    act(enshi.bureau_reviewer, case, "object", reason="先商定替代来源")
    assert state(case) == "negotiation"
    assert case.children.count() == 2
    with pytest.raises(DoorClosed):
        act(enshi.provider_handler, case, "file", opinion="再报")


def test_the_last_day_lies_ahead_and_not_before_the_one_that_users_were_told(
    enshi: Place, resource: Resource, grant: Grant
) -> None:
    with pytest.raises(DoorClosed):
        proposed(enshi, resource, ends_on=MONDAY.date())
    case = proposed(enshi, resource)
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.applicant_handler, asked(case), "agree")
    act(enshi.provider_handler, case, "file", opinion="一致")
    with pytest.raises(DoorClosed):
        act(enshi.bureau_reviewer, case, "record", ends_on="2026-03-30")
    with pytest.raises(BadInput):
        act(enshi.bureau_reviewer, case, "record")
    act(enshi.bureau_reviewer, case, "record", ends_on="2026-04-30")
    assert Clock.objects.get(case=case, name="service").due_on == date(2026, 4, 30)


@pytest.mark.parametrize("when", ["negotiation", "filed"])
def test_given_up_it_leaves_everything_as_it_was(
    enshi: Place, resource: Resource, grant: Grant, now: time_machine.Coordinates, when: str
) -> None:
    if when == "filed":
        case = recorded(enshi, resource)
    else:
        case = proposed(enshi, resource)
        act(enshi.provider_leader, case, "sign_off")
    act(enshi.provider_steward, case, "drop", reason="继续提供")
    after_the_last_day(now)
    assert state(asked(case)) == ("released" if when == "negotiation" else "agreed")
    resource.refresh_from_db()
    grant.refresh_from_db()
    assert (resource.status, grant.status) == (Resource.Status.PUBLISHED, Grant.Status.ACTIVE)


def test_only_the_providers_registrars_propose_and_one_at_a_time(enshi: Place, resource: Resource) -> None:
    for stranger in (enshi.outsider, enshi.provider_leader, enshi.bureau_reviewer, enshi.administrator):
        with pytest.raises(NotPermitted):
            propose_withdrawal(stranger, resource=resource, given={})
    with pytest.raises(BadInput) as refused:
        propose_withdrawal(enshi.provider_steward, resource=resource, given={"reason": "职能划转"})
    assert set(refused.value.fields) == {"stop_basis", "ends_on"}
    proposed(enshi, resource)
    with pytest.raises(Conflict):
        proposed(enshi, resource)


def test_a_request_decided_after_the_withdrawal_gives_no_right(
    enshi: Place, resource: Resource, now: time_machine.Coordinates
) -> None:
    case = filed(enshi, resource)
    act(enshi.applicant_leader, case, "endorse")
    recorded(enshi, resource)
    after_the_last_day(now)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好")
    for who, action in (("provider_leader", "consent"), ("applicant_leader", "sign"), ("provider_leader", "sign")):
        act(enshi.actors[who], case, action)
    act(enshi.provider_handler, case, "deliver")
    grant = Grant.objects.get(request=request_of(case))
    assert standing(grant, datetime.now(LOCAL)) == "not_active"
    assert "职能划转" in grant.why_ended


def test_xianyang_asks_for_remedial_measures_and_reports_to_its_bureau(xianyang: Place) -> None:
    resource = published_resource(xianyang)
    with pytest.raises(BadInput) as refused:
        proposed(xianyang, resource)
    assert set(refused.value.fields) == {"remedy"}
    case = proposed(xianyang, resource, remedy="改由省平台提供")
    assert case.events.get(seq=1).rule == "share.cannot_provide"
    act(xianyang.provider_leader, case, "sign_off")
    act(xianyang.provider_handler, case, "file", opinion="无使用单位")
    act(xianyang.bureau_reviewer, case, "record", ends_on=LAST_DAY.isoformat())
    assert state(case) == "filed"


def test_the_page_asks_what_the_law_of_the_place_asks(
    xianyang: Place, client_for: Opens, now: time_machine.Coordinates
) -> None:
    resource = published_resource(xianyang)
    client = client_for(xianyang.provider_steward)
    address = f"/catalog/{resource.pk}/withdraw/"
    page = client.get(address).content.decode()
    for name in ("reason", "stop_basis", "ends_on", "remedy"):
        assert f'name="{name}"' in page
    typed = {"reason": "停用", "stop_basis": "职责调整", "ends_on": LAST_DAY.isoformat()}
    wrong = client.post(address, typed)
    assert (wrong.status_code, "停用" in wrong.content.decode()) == (400, True)
    past = client.post(address, {**typed, "remedy": "省平台", "ends_on": "2026-03-01"})
    assert (past.status_code, Case.objects.count()) == (409, 0)
    answer = client.post(address, {**typed, "remedy": "省平台"})
    case = Case.objects.get()
    assert answer["Location"] == f"/cases/{case.number}/"
    assert "停用" in client.get(answer["Location"]).content.decode()
    assert case.number in client.get(f"/catalog/{resource.pk}/").content.decode()


def test_the_entry_says_when_it_goes_and_afterwards_when_why_and_by_which_case_it_went(
    enshi: Place, resource: Resource, client_for: Opens, now: time_machine.Coordinates
) -> None:
    case = proposed(enshi, resource)
    outsider, address = client_for(enshi.outsider), f"/catalog/{resource.pk}/"
    assert case.number not in outsider.get(address).content.decode()
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.provider_handler, case, "file", opinion="无使用部门")
    act(enshi.bureau_reviewer, case, "record", ends_on=LAST_DAY.isoformat())
    page = outsider.get(address).content.decode()
    assert "2026-03-31" in page
    assert case.number in page
    after_the_last_day(now)
    page = client_for(enshi.outsider).get(address).content.decode()
    for shown in ("2026-04-01", "职能划转", case.number):
        assert shown in page
    assert f"/cases/{case.number}/" not in page
    assert f"/cases/{case.number}/" in client_for(enshi.provider_handler).get(address).content.decode()


def test_what_was_withdrawn_comes_back_through_review_only(enshi: Place, now: time_machine.Coordinates) -> None:
    resource = published_resource(enshi, assessment="不涉密", assessed_on=date(2026, 1, 5))
    recorded(enshi, resource)
    after_the_last_day(now)
    with pytest.raises(Conflict):
        proposed(enshi, resource, ends_on=date(2026, 5, 29))
    case = submit_for_publication(enshi.provider_steward, resources=[resource])
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.bureau_reviewer, case, "find_in_order", opinion="齐全")
    act(enshi.bureau_approver, case, "approve")
    resource.refresh_from_db()
    assert resource.status == Resource.Status.PUBLISHED
    proposed(enshi, resource, ends_on=date(2026, 5, 29))


def test_over_the_api_a_withdrawal_is_proposed_once_and_read_when_announced(enshi: Place, resource: Resource) -> None:
    """What is missing is named; the same key answers with the same case; nobody reads it before it is announced."""
    client, address = token_client(enshi.provider_steward), f"/api/v1/resources/{resource.pk}/withdrawal/"
    missing = client.post(address, {}, format="json")
    assert missing.status_code == 400
    assert "reason" in missing.data["error"]["fields"]
    inputs = {"reason": "职能划转", "stop_basis": "机构改革方案", "ends_on": LAST_DAY.isoformat()}
    for _twice in range(2):
        answer = client.post(address, {"inputs": inputs}, format="json", headers={"Idempotency-Key": "once"})
        assert answer.status_code == 201
    case = Case.objects.get(procedure="resource_withdrawal")
    assert answer.data["number"] == case.number
    assert client.post(address, {"inputs": inputs}, format="json").status_code == 409
    assert token_client(enshi.outsider).post(address, {"inputs": inputs}, format="json").status_code == 403
    assert client.get(address).status_code == 404
    Withdrawal.objects.filter(case=case).update(announced_at=MONDAY)
    seen = token_client(enshi.outsider).get(address).data
    assert (seen["reason"], seen["ends_on"], seen["number"]) == ("职能划转", LAST_DAY.isoformat(), None)
    assert client.get(address).data["number"] == case.number
