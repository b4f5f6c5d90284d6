"""One act on several cases: each its own event; refusals stop nothing; sending twice does nothing twice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cases import bulk
from cases.engine import acting
from cases.models import Case, CaseEvent
from cases.services.bulk import Outcome, Pick, act_on_many
from organizations.actors import Actor
from organizations.errors import BadInput
from tests.cast import Place, token_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(enshi: Place) -> list[Case]:
    """Three requests that wait for the applicant's own head."""
    resource = published_resource(enshi)
    return [filed(enshi, resource, key=f"k{number}") for number in range(3)]


def picks(cases_: list[Case], action: str = "endorse") -> list[Pick]:
    return [Pick(case.number, case.seq, action) for case in cases_]


def endorse(actor: Actor, found: list[Pick], key: str = "one go") -> list[Outcome]:
    return act_on_many(actor, picks=found, opinion="同意", idempotency_key=key)


def test_each_case_has_an_event_of_its_own(enshi: Place, three: list[Case]) -> None:
    outcomes = endorse(enshi.applicant_leader, picks(three))
    assert all(outcome.done for outcome in outcomes)
    events = CaseEvent.objects.filter(action="endorse").order_by("case_id")
    assert [event.case_id for event in events] == [case.pk for case in three]
    assert {(event.person_id, event.opinion) for event in events} == {(enshi.applicant_leader.user.pk, "同意")}


def test_the_same_go_again_does_nothing_twice(enshi: Place, three: list[Case]) -> None:
    first = endorse(enshi.applicant_leader, picks(three))
    again = endorse(enshi.applicant_leader, picks(three))
    assert [outcome.event for outcome in again] == [outcome.event for outcome in first]
    assert CaseEvent.objects.filter(action="endorse").count() == 3


def test_a_case_that_moved_meanwhile_is_refused_and_stops_no_other(enshi: Place, three: list[Case]) -> None:
    seen = picks(three)
    act(enshi.applicant_leader, three[1], "return_draft", reason="请补充依据")
    outcomes = endorse(enshi.applicant_leader, seen)
    assert [outcome.done for outcome in outcomes] == [True, False, True]
    assert (outcomes[1].status, outcomes[1].event) == (409, None)
    assert outcomes[1].refusal
    three[1].refresh_from_db()
    assert three[1].state == "revising"


def test_a_failure_in_one_case_leaves_nothing_of_it_and_stops_no_other(
    enshi: Place, three: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = acting.carry_out

    def fails_for_the_second(matter: object, taking: object) -> CaseEvent:
        event = carried(matter, taking)
        if matter.case.pk == three[1].pk:
            raise RuntimeError("the disk is full")
        return event

    monkeypatch.setattr(acting, "carry_out", fails_for_the_second)
    outcomes = endorse(enshi.applicant_leader, picks(three))
    assert [(outcome.done, outcome.status) for outcome in outcomes] == [(True, 200), (False, 500), (True, 200)]
    assert not CaseEvent.objects.filter(case=three[1], action="endorse").exists()


def test_what_the_pack_does_not_allow_for_several_is_refused_case_by_case(enshi: Place, three: list[Case]) -> None:
    outcomes = endorse(enshi.applicant_leader, picks(three, "return_draft"))
    assert {outcome.status for outcome in outcomes} == {403}
    assert {case.state for case in Case.objects.all()} == {"own_head"}


@pytest.mark.parametrize("role", ["outsider", "provider_leader", "applicant_handler", "administrator", "auditor"])
def test_nobody_gets_a_right_by_taking_several(enshi: Place, three: list[Case], role: str) -> None:
    outcomes = endorse(enshi.actors[role], picks(three))
    assert not any(outcome.done for outcome in outcomes)
    assert {outcome.status for outcome in outcomes} <= {403, 404}
    assert not CaseEvent.objects.filter(action="endorse").exists()


def test_separation_of_duties_holds_for_several(enshi: Place, three: list[Case]) -> None:
    """Whoever filed a request as handler endorses none of his own as leader."""
    handler = enshi.applicant_handler
    leads = Actor(handler.user, enshi.applicant_leader.position)
    assert {outcome.status for outcome in endorse(leads, picks(three))} == {403}


def test_nothing_and_too_much_are_refused(enshi: Place) -> None:
    with pytest.raises(BadInput):
        endorse(enshi.applicant_leader, [])
    with pytest.raises(BadInput):
        endorse(enshi.applicant_leader, [Pick(f"N-{n}", 1, "endorse") for n in range(bulk.MOST_AT_ONCE + 1)])
    with pytest.raises(BadInput):
        endorse(enshi.applicant_leader, [Pick("N-1", 1, "endorse")], key="")


def test_the_plan_says_what_would_be_done_and_why_not(enshi: Place, three: list[Case]) -> None:
    act(enshi.applicant_leader, three[0], "endorse")
    found = bulk.plan(enshi.applicant_leader, [*(case.number for case in three), "no such"], timezone.now())
    assert [[action.id for action in entry.actions] for entry in found] == [[], ["endorse"], ["endorse"], []]
    assert all(entry.reason for entry in found if not entry.actions)


def test_the_api_answers_for_every_case(enshi: Place, three: list[Case]) -> None:
    act(enshi.applicant_leader, three[2], "return_draft", reason="请补充依据")
    body = {
        "action": "endorse",
        "cases": [{"number": case.number, "version": 1} for case in three],
        "opinion": "同意",
    }
    client = token_client(enshi.applicant_leader)
    answers = [client.post("/api/v1/cases/bulk/", body, format="json", HTTP_IDEMPOTENCY_KEY="api-1") for _n in (1, 2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    first, second = (answer.json()["results"] for answer in answers)
    assert first == second
    assert [(row["number"], row["done"], row["status"]) for row in first] == [
        (three[0].number, True, 200),
        (three[1].number, True, 200),
        (three[2].number, False, 409),
    ]
    assert first[2]["refusal"]
    three[0].refresh_from_db()
    assert three[0].seq == first[0]["version"]


def test_the_api_needs_a_key(enshi: Place, three: list[Case]) -> None:
    body = {"action": "endorse", "cases": [{"number": three[0].number, "version": 1}]}
    assert token_client(enshi.applicant_leader).post("/api/v1/cases/bulk/", body, format="json").status_code == 400
