"""Projects over the API: filed once, found with their sum, shown with gates and obligations, hidden from strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from organizations.actors import Actor
from projects.models import Project
from tests.cast import Place
from tests.projects.scene import drafted, filed, organ, submitted, system
from tests.scenes import act

pytestmark = pytest.mark.django_db
Caller = Callable[[Actor], APIClient]
ADDRESS = "/api/v1/projects/"


def body(place: Place, **changes: Any) -> dict[str, Any]:
    """A complete plan in yuan."""
    promise = {"direction": "produces", "title": "办件信息", "source": "系统", "format": "数据库"}
    promise |= {"update_cycle": "daily", "sharing_class": "unconditional", "opening": "closed"}
    values: dict[str, Any] = {
        "name": "村级便民服务平台",
        "basis": "市信息化发展规划",
        "goals": "村级事项网上可办",
        "content": "受理、办理、评价",
        "total": "860000.00",
        "years": [{"year": 2026, "amount": "500000.00"}, {"year": 2027, "amount": "360000.00"}],
        "security_design": "等级保护二级",
        "reuse_statement": "现有系统没有村级办理功能",
        "responsible": "赵甲",
        "responsible_post": "局长",
        "systems": [system(place).pk],
        "promises": [promise],
    }
    return {**values, **changes}


def send(client: APIClient, address: str, given: dict[str, Any], key: str = "") -> Any:
    return client.post(address, given, format="json", headers={"idempotency-key": key} if key else {})


def test_a_plan_is_filed_once_however_often_it_is_sent(enshi: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    client = api_for(enshi.applicant_handler)
    first, second = (send(client, ADDRESS, body(enshi, file=True), "one") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["money"]["years"][1] == {"year": 2027, "amount": "360000.00"}
    assert Project.objects.count() == 1
    assert send(client, ADDRESS, body(enshi, file=True), "two").status_code == 400


def test_a_draft_is_kept_read_and_filed_by_its_owner_alone(enshi: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    client = api_for(enshi.applicant_handler)
    draft = send(client, ADDRESS, body(enshi)).json()
    assert (draft["code"], draft["stage"], draft["gates"]) == (None, None, [])
    address = f"{ADDRESS}{draft['id']}/"
    assert client.get(address).json()["plan"]["goals"] == "村级事项网上可办"
    for stranger in (enshi.outsider, enshi.bureau_reviewer, enshi.administrator):
        assert api_for(stranger).get(address).status_code == 404
        assert send(api_for(stranger), f"{address}file/", {}).status_code == 404
    assert send(client, f"{address}file/", {"version": draft["version"] + 5}).status_code == 409
    done = send(client, f"{address}file/", {"version": draft["version"]})
    assert done.status_code == 201
    assert done.json()["stage"] == "preparing"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"total": "86"}, "years"),
        ({"years": [{"year": 2026, "amount": "500000"}, {"year": 2026, "amount": "860000"}]}, "years"),
        ({"total": "860000.005"}, "total"),
        ({"total": "-1"}, "total"),
        ({"kind": "other"}, "kind"),
        ({"systems": [0]}, "systems"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_kept(
    enshi: Place, api_for: Caller, wrong: dict[str, Any], field: str
) -> None:
    answer = send(api_for(enshi.applicant_handler), ADDRESS, body(enshi, file=True, **wrong))
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Project.objects.exists()


def test_a_project_shows_gates_with_article_and_what_is_owed(enshi: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    client = api_for(enshi.applicant_handler)
    address = f"{ADDRESS}{project.pk}/"
    review = send(client, f"{address}reviews/", {"opinion": "请审核"}, "review")
    assert review.status_code == 201
    assert send(client, f"{address}reviews/", {}, "review").json()["number"] == review.json()["number"]
    again = send(client, f"{address}reviews/", {})
    assert again.status_code == 409
    shown = client.get(address).json()
    closed = [gate for gate in shown["gates"] if not gate["open"]]
    assert all(gate["why_closed"][0]["sentence"] for gate in closed)
    numbers = {row["number"] for row in client.get(f"{address}cases/").json()}
    assert numbers == {shown["case"], review.json()["number"]}


def test_an_open_review_owes_an_answer_by_a_day(enshi: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    review = submitted(enshi, project)
    shown = api_for(enshi.bureau_reviewer).get(f"{ADDRESS}{project.pk}/").json()
    owed = [row for row in shown["obligations"] if row["case"] == review.number]
    assert owed
    assert all(row["due_on"] and row["rule"] and row["article"] for row in owed)
    assert any(gate["case"] == review.number and gate["open"] for gate in shown["gates"])


def test_the_register_sums_what_it_finds_and_pages_it(enshi: Place, xianyang: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    filed(enshi)
    filed(enshi, name="道路监测", kind="upgrade")
    drafted(enshi, name="草稿")
    client = api_for(enshi.applicant_handler)
    found = client.get(ADDRESS).json()
    assert (found["count"], found["sum"], len(found["results"])) == (2, "1720000.00", 2)
    assert client.get(ADDRESS, {"kind": "upgrade"}).json()["count"] == 1
    assert client.get(ADDRESS, {"kind": "none"}).status_code == 400
    assert client.get(ADDRESS, {"cursor": "broken"}).status_code == 400
    for stranger in (enshi.outsider, xianyang.applicant_handler):
        assert api_for(stranger).get(ADDRESS).json() == {"results": [], "count": 0, "next": None, "sum": "0"}


def test_the_register_asks_as_many_questions_for_ten_projects_as_for_one(
    enshi: Place, api_for: Caller, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    organ(enshi, "development")
    client = api_for(enshi.applicant_handler)
    for number in range(10):
        filed(enshi, name=f"项目{number}")
    client.get(ADDRESS)
    with django_assert_max_num_queries(12):
        assert client.get(ADDRESS).status_code == 200


def test_a_closed_gate_is_a_conflict_that_names_its_rule(enshi: Place, api_for: Caller) -> None:
    """A plan without security design does not go to review, and no case of a review is left behind."""
    organ(enshi, "development")
    project = filed(enshi, security_design="")
    answer = send(api_for(enshi.applicant_handler), f"{ADDRESS}{project.pk}/reviews/", {})
    assert answer.status_code == 409
    (reason,) = answer.json()["error"]["details"]["reasons"]
    assert (reason["rule"], bool(reason["sentence"])) == ("project.conditions", True)
    assert reason["article"]
    assert reason["article"] in reason["citation"]
    assert answer.json()["error"]["code"] == "gate_closed"
    assert not project.reviews.exists()


def test_a_closed_action_is_shown_with_its_article(enshi: Place, api_for: Caller) -> None:
    """Until experts are in favour the bureau cannot go on, and the project says under which article."""
    organ(enshi, "development")
    project = filed(enshi)
    review = submitted(enshi, project)
    act(enshi.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(enshi.coordinator, review, "agree_sharing", opinion="完整")
    shown = api_for(enshi.bureau_reviewer).get(f"{ADDRESS}{project.pk}/").json()
    (gate,) = [row for row in shown["gates"] if row["action"] == "experts_done"]
    assert not gate["open"]
    (reason,) = gate["why_closed"]
    assert (reason["rule"], bool(reason["article"]), bool(reason["sentence"])) == ("project.final", True, True)


def test_a_closed_action_answers_with_its_rule_and_a_stranger_with_nothing(enshi: Place, api_for: Caller) -> None:
    """409 with rule, article and sentence for who may take it; 403 for who may not; 404 for who may not know."""
    organ(enshi, "development")
    review = submitted(enshi, filed(enshi))
    act(enshi.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(enshi.coordinator, review, "agree_sharing", opinion="完整")
    address = f"/api/v1/cases/{review.number}/actions/experts_done/"
    sent = {"version": review.events.count(), "opinion": "通过"}
    answer = send(api_for(enshi.bureau_reviewer), address, sent)
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert (error["code"], error["details"]["reasons"][0]["rule"]) == ("gate_closed", "project.final")
    assert error["message"] == error["details"]["reasons"][0]["sentence"]
    assert send(api_for(enshi.applicant_handler), address, sent).status_code == 403
    assert send(api_for(enshi.outsider), address, sent).status_code == 404


def test_a_key_of_another_matter_files_nothing(enshi: Place, api_for: Caller) -> None:
    organ(enshi, "development")
    project = filed(enshi)
    client = api_for(enshi.applicant_handler)
    assert send(client, f"{ADDRESS}{project.pk}/reviews/", {}, "same").status_code == 201
    assert send(client, ADDRESS, body(enshi, file=True, name="另一项目"), "same").status_code == 409
    assert not Project.objects.filter(name="另一项目").exists()
