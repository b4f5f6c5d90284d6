"""The journey over the API, in both cities, with tokens only; and every refusal in the one shape."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Resource
from organizations.actors import Actor
from sharing.models import ShareRequest
from tests.cast import PASSWORD, Cast, Place
from tests.journey import ENSHI, PDF, TITLE, XIANYANG, Way, due_when_sent_today, empty_store, load_rows, village_rows
from tests.scenes import published_resource

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])
API = "/api/v1/"
ROWS = 120
CALLS_PER_DAY = 4


class Portal:
    """The API as the people of one city use it: each with a token got for account and password."""

    def __init__(self, place: Place, way: Way) -> None:
        self.place, self.way = place, way
        self.clients: dict[str, APIClient] = {}

    def of(self, who: str) -> APIClient:
        if who not in self.clients:
            username = self.place.actors[who].user.username
            answer = APIClient().post(f"{API}auth/token/", {"username": username, "password": PASSWORD})
            assert answer.status_code == 200, answer.content
            self.clients[who] = APIClient()
            self.clients[who].credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
        return self.clients[who]

    def get(self, who: str, path: str, **params: Any) -> Any:
        answer = self.of(who).get(f"{API}{path}", params)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def act(self, who: str, number: str, action: str, *, key: str = "", **body: Any) -> Any:
        body = {"version": self.get(who, f"cases/{number}/")["version"], **body}
        headers = {"Idempotency-Key": key} if key else {}
        return self.of(who).post(f"{API}cases/{number}/actions/{action}/", body, headers=headers)


def error_of(answer: Any, status: int) -> dict[str, Any]:
    """The error in an answer, after checking that it has the one shape."""
    assert answer.status_code == status, answer.content
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"status", "code", "message", "fields", "details", "request_id"}
    assert error["status"] == status
    assert error["message"]
    return error


@pytest.fixture(params=[ENSHI, XIANYANG], ids=lambda way: way.jurisdiction)
def portal(request: pytest.FixtureRequest, cast: Cast, law: None) -> Portal:
    return Portal(getattr(cast, request.param.jurisdiction), request.param)


@pytest.fixture
def resource(portal: Portal, tmp_path: Path) -> Iterator[Resource]:
    empty_store()
    found = published_resource(portal.place, title=TITLE)
    assert load_rows(found, village_rows(portal.place, ROWS), tmp_path).accepted == ROWS
    return found


def attached(portal: Portal, who: str = "applicant_handler") -> int:
    file = SimpleUploadedFile("依据.pdf", PDF, "application/pdf")
    answer = portal.of(who).post(f"{API}attachments/", {"file": file}, format="multipart")
    assert answer.status_code == 201, answer.content
    assert answer.json()["content_type"] == "application/pdf"
    return int(answer.json()["id"])


def request_body(portal: Portal, resource: Resource, **changes: Any) -> dict[str, Any]:
    return {
        "resource": resource.pk,
        "basis": "《社会救助暂行办法》第五十八条",
        "scenario": "救助对象住址标准化",
        "scope": "全市",
        "items": ["code", "name"],
        "methods": ["api", "download"],
        "valid_until": (timezone.localdate() + timedelta(days=300)).isoformat(),
        "calls_per_day": CALLS_PER_DAY,
        "function": portal.place.applicant.functions.get().pk,
        **changes,
    }


def file_request(portal: Portal, resource: Resource) -> str:
    body = request_body(portal, resource, attachments=[attached(portal)])
    answer = portal.of("applicant_handler").post(f"{API}share-requests/", body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def grant_through(portal: Portal, number: str) -> dict[str, Any]:
    """Everybody whom the law awaits finds the case to do and acts; the grant that results."""
    assert portal.act("applicant_leader", number, "endorse").status_code == 200
    for step in portal.way.steps:
        assert number in [row["number"] for row in portal.get(step.who, "cases/", box="todo")["results"]]
        offered = {row["action"]: row for row in portal.get(step.who, f"cases/{number}/")["actions"]}
        assert offered[step.action]["open"]
        assert {name for name, _value in step.given} <= {row["name"] for row in offered[step.action]["inputs"]}
        answer = portal.act(step.who, number, step.action, inputs=dict(step.given), opinion=step.opinion)
        assert answer.status_code == 200, answer.content
    (grant,) = portal.get("applicant_handler", "grants/")
    return dict(grant)


def bearer(portal: Portal, grant: dict[str, Any]) -> APIClient:
    issued = portal.of("applicant_handler").post(f"{API}grants/{grant['id']}/credentials/")
    assert issued.status_code == 201, issued.content
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.json()['credential']}")
    return client


def test_the_journey_ends_with_just_the_columns_asked_for(portal: Portal, resource: Resource) -> None:
    found = portal.get("applicant_handler", "resources/", q="区划代码")["results"]
    assert [row["id"] for row in found] == [resource.pk]
    entry = portal.get("applicant_handler", f"resources/{resource.pk}/")
    assert [item["code"] for item in entry["items"]] == ["code", "name", "street", "county", "city", "province"]

    number = file_request(portal, resource)
    grant = grant_through(portal, number)
    case = portal.get("applicant_handler", f"cases/{number}/")
    assert case["outcome"] == "granted"
    assert [event["seq"] for event in case["events"]] == list(range(1, len(case["events"]) + 1))
    assert (grant["columns"], grant["calls_per_day"]) == (["code", "name"], CALLS_PER_DAY)
    assert number in [row["number"] for row in portal.get("applicant_handler", "cases/", box="submitted")["results"]]
    assert number in [row["number"] for row in portal.get("applicant_leader", "cases/", box="done")["results"]]

    client = bearer(portal, grant)
    expected = sorted([row[0], row[1]] for row in village_rows(portal.place, ROWS))
    export = client.get(f"{API}data/{resource.pk}/export.csv")
    heading, *rows = csv.reader(io.StringIO(b"".join(export.streaming_content).decode()))
    assert heading == ["code", "name"]
    assert sorted(rows) == expected
    got, cursor = [], ""
    while cursor is not None:
        params = {"limit": 100, **({"cursor": cursor} if cursor else {})}
        page = client.get(f"{API}data/{resource.pk}/records/", params).json()
        got += [[record["code"], record["name"]] for record in page["records"]]
        assert all(set(record) == {"code", "name"} for record in page["records"])
        cursor = page["next"]
    assert sorted(got) == expected

    assert client.get(f"{API}data/{resource.pk}/records/", {"limit": 1}).status_code == 200
    over = client.get(f"{API}data/{resource.pk}/records/", {"limit": 1})
    error_of(over, 429)
    assert int(over["Retry-After"]) > 0


def test_the_clock_says_by_when_and_why(portal: Portal, resource: Resource) -> None:
    """The due date is derived day by day, and the calculator derives the same."""
    number = file_request(portal, resource)
    assert portal.get("applicant_handler", f"cases/{number}/clocks/") == []
    assert portal.act("applicant_leader", number, "endorse").status_code == 200
    (clock,) = portal.get("provider_leader", f"cases/{number}/clocks/")
    assert clock["due_on"] == due_when_sent_today(portal.way).isoformat()
    assert sum(step["counted"] for step in clock["derivation"]) == portal.way.days
    assert all(step["why"] for step in clock["derivation"])
    body = {
        "start": timezone.localdate().isoformat(),
        "amount": portal.way.days,
        "unit": "working_day",
        "jurisdiction": portal.way.jurisdiction,
    }
    derived = portal.of("applicant_handler").post(f"{API}limits/derive/", body).json()
    assert (derived["due_on"], derived["provisional"]) == (clock["due_on"], clock["provisional"])
    assert derived["derivation"] == clock["derivation"]


def test_filing_and_acting_twice_with_one_key_is_done_once(portal: Portal, resource: Resource) -> None:
    body, key = request_body(portal, resource), str(uuid.uuid4())
    handler = portal.of("applicant_handler")
    first, second = (
        handler.post(f"{API}share-requests/", body, headers={"Idempotency-Key": key}) for _time in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] == second.json()["number"]
    assert ShareRequest.objects.count() == 1
    number = first.json()["number"]
    agreed = [portal.act("applicant_leader", number, "endorse", key=key + "-a", version=1) for _time in range(2)]
    assert [answer.status_code for answer in agreed] == [200, 200]
    assert agreed[0].json()["version"] == agreed[1].json()["version"]


def test_a_stale_version_is_a_conflict_that_says_who_moved_it(portal: Portal, resource: Resource) -> None:
    number = file_request(portal, resource)
    seen = portal.get("applicant_leader", f"cases/{number}/")["version"]
    assert portal.act("applicant_leader", number, "endorse").status_code == 200
    error = error_of(portal.act("applicant_leader", number, "withdraw", version=seen, inputs={"reason": "重复"}), 409)
    assert error["details"]["by"] == portal.place.applicant_leader.user.full_name
    assert error["details"]["at"]


def test_the_wrong_party_is_403_and_a_stranger_404(portal: Portal, resource: Resource) -> None:
    number = file_request(portal, resource)
    assert error_of(portal.act("applicant_handler", number, "endorse"), 403)["code"] == "not_permitted"
    assert portal.act("applicant_leader", number, "endorse").status_code == 200
    first = portal.way.steps[0]
    error_of(portal.act("applicant_leader", number, first.action, inputs=dict(first.given), opinion="同意"), 403)
    outsider = portal.of("outsider")
    for path in (f"cases/{number}/", f"cases/{number}/clocks/"):
        assert TITLE not in str(error_of(outsider.get(f"{API}{path}"), 404))
    acted = outsider.post(f"{API}cases/{number}/actions/{first.action}/", {"version": 1})
    assert acted.json()["error"] | {"request_id": ""} == error_of(
        outsider.post(f"{API}cases/NOWHERE-1/actions/{first.action}/", {"version": 1}), 404
    ) | {"request_id": ""}
    assert portal.get("outsider", "cases/", box="all")["results"] == []
    assert portal.get("outsider", "grants/") == []


BAD = [
    ({"basis": ""}, "basis"),
    ({"items": ["code", "no_such_item"]}, "items"),
    ({"items": []}, "items"),
    ({"valid_until": "2020-01-01"}, "valid_until"),
    ({"valid_until": "soon"}, "valid_until"),
    ({"method": "pigeon"}, "method"),
    ({"attachments": [987654]}, "attachments"),
]


def test_bad_input_is_400_and_names_the_field(portal: Portal, resource: Resource) -> None:
    for changes, field in BAD:
        body = request_body(portal, resource, **changes)
        error = error_of(portal.of("applicant_handler").post(f"{API}share-requests/", body), 400)
        assert field in error["fields"], changes
        assert error["fields"][field][0]
    assert ShareRequest.objects.filter(case__isnull=False).count() == 0


def test_an_action_without_its_input_is_400_and_names_it(portal: Portal, resource: Resource) -> None:
    number = file_request(portal, resource)
    error = error_of(portal.act("applicant_leader", number, "return_draft"), 400)
    assert list(error["fields"]) == ["reason"]


def test_a_file_that_is_not_what_it_says_is_400(portal: Portal) -> None:
    file = SimpleUploadedFile("依据.pdf", b"MZ\x90\x00" + b"\x00" * 60, "application/pdf")
    error_of(portal.of("applicant_handler").post(f"{API}attachments/", {"file": file}, format="multipart"), 400)


def test_wrong_passwords_and_dead_tokens_are_401(portal: Portal) -> None:
    credentials = {"username": portal.place.outsider.user.username, "password": "wrong"}
    error_of(APIClient().post(f"{API}auth/token/", credentials), 401)
    stranger = APIClient()
    error_of(stranger.get(f"{API}cases/"), 401)
    stranger.credentials(HTTP_AUTHORIZATION="Token nonsense")
    error_of(stranger.get(f"{API}cases/"), 401)


def test_somebody_elses_grant_gets_no_key(portal: Portal, resource: Resource) -> None:
    grant = grant_through(portal, file_request(portal, resource))
    for who, status in (("outsider", 404), ("administrator", 404), ("provider_handler", 403)):
        error_of(portal.of(who).post(f"{API}grants/{grant['id']}/credentials/"), status)


def test_an_objection_opens_a_case_under_the_citys_own_law(portal: Portal, resource: Resource) -> None:
    grant_through(portal, file_request(portal, resource))
    body = {"resource": resource.pk, "description": "名称与民政部门发布的不一致", "items": ["name"]}
    answer = portal.of("applicant_handler").post(f"{API}objections/", body)
    assert answer.status_code == 201, answer.content
    number = answer.json()["number"]
    checker = {"enshi": "provider_handler", "xianyang": "bureau_reviewer"}[portal.way.jurisdiction]
    assert number in [row["number"] for row in portal.get(checker, "cases/", box="todo")["results"]]
    assert portal.get(checker, f"cases/{number}/clocks/")[0]["due_on"]
    error_of(portal.of("applicant_handler").post(f"{API}objections/", {**body, "items": ["none"]}), 400)
    error_of(portal.of("outsider").get(f"{API}cases/{number}/"), 404)


def test_who_may_not_ask_is_told_so(portal: Portal, resource: Resource) -> None:
    """Requests are drafted by handlers; the provider's own handler cannot ask for its own data."""
    body = request_body(portal, resource, function=None)
    for who in ("applicant_leader", "auditor"):
        error_of(portal.of(who).post(f"{API}share-requests/", body), 403)
    own: Actor = portal.place.provider_handler
    answer = portal.of("provider_handler").post(f"{API}share-requests/", body)
    assert answer.status_code in (400, 403, 409), own
    error_of(answer, answer.status_code)
