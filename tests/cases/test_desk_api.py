"""Handing a case to a colleague and keeping filters, over the API: the same rules as on the pages."""

from __future__ import annotations

import pytest

from cases.models import Assignment, Case
from organizations.actors import Actor
from organizations.models import Position
from tests.cast import Place, new_actor, token_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
FILTERS = "/api/v1/filters/"


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


def test_the_leader_gives_a_case_to_a_handler_who_hands_it_on_with_a_note(
    enshi: Place, owed: Case, second: Actor
) -> None:
    leader, one = token_client(enshi.provider_leader), f"/api/v1/cases/{owed.number}/assignment/"
    here = leader.get(one).data[0]
    assert (here["position"], here["assignee"], here["may_assign"], here["may_take"]) == ("handler", None, True, False)
    assert second.user.pk in [holder["id"] for holder in here["holders"]]
    given = leader.put(one, {"assignee": second.user.pk}, format="json")
    assert given.data[0]["assignee"]["id"] == second.user.pk
    on = {"assignee": enshi.provider_handler.user.pk}
    assert token_client(second).put(one, on, format="json").status_code == 400, "handing on needs a note"
    handed = token_client(second).put(one, {**on, "note": "出差"}, format="json").data[0]
    assert (handed["assigned_by"], handed["note"]) == ("钱二", "出差")
    leader.put(one, {"assignee": None, "note": "另行安排"}, format="json")
    assert not Assignment.objects.filter(ended_at__isnull=True).exists()


def test_several_cases_are_given_each_by_itself(enshi: Place, owed: Case, second: Actor) -> None:
    body = {"numbers": [owed.number, "GX-NONE"], "assignee": second.user.pk}
    results = (
        token_client(enshi.provider_leader).post("/api/v1/cases/assignments/", body, format="json").data["results"]
    )
    assert [row["done"] for row in results] == [True, False]
    assert results[1]["refusal"]


def test_the_other_side_sees_nothing_to_assign_and_strangers_no_case(enshi: Place, owed: Case) -> None:
    one = f"/api/v1/cases/{owed.number}/assignment/"
    assert token_client(enshi.applicant_handler).get(one).data == []
    for call in (token_client(enshi.outsider).get, token_client(enshi.outsider).put):
        assert call(one).status_code == 404


def test_filters_are_kept_chosen_and_forgotten(enshi: Place) -> None:
    client = token_client(enshi.provider_handler)
    body = {"listing": "cases", "name": "快到期", "query": "?q=区划&box=todo&cursor=abc"}
    row = client.post(FILTERS, body, format="json").data
    assert row["url"] == f"/cases/?{row['query']}"
    assert client.post(FILTERS, {**body, "query": "evil=1"}, format="json").status_code == 400
    one = f"{FILTERS}{row['id']}/"
    for _twice in range(2):
        assert client.put(f"{one}default/").data["is_default"]
    assert not client.delete(f"{one}default/").data["is_default"]
    assert [each["name"] for each in client.get(FILTERS).data] == ["快到期"]
    assert token_client(enshi.outsider).delete(one).status_code == 404
    assert client.delete(one).status_code == 204
    assert client.get(FILTERS).data == []
