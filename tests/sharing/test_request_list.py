"""The request form and the list of requests, for somebody who sees them for the first time."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from organizations.actors import Actor
from sharing.models import ShareRequest
from sharing.services import requests
from sharing.services.requests import Wish
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
Opens = Callable[[Actor], Client]
Api = Callable[[Actor], APIClient]
MANDATORY = {"basis", "scenario", "scope", "items", "methods", "valid_until"}


def test_everything_that_is_missing_is_named_at_once(enshi: Place, client_for: Opens) -> None:
    resource = published_resource(enshi)
    answer = client_for(enshi.applicant_handler).post(f"/sharing/requests/new/{resource.pk}/", {"file": "1"})
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"function", *MANDATORY}


@pytest.mark.parametrize("extra", [{}, {"items": [], "methods": []}])
def test_the_api_names_everything_that_is_missing_at_once(enshi: Place, api_for: Api, extra: dict[str, object]) -> None:
    resource = published_resource(enshi)
    answer = api_for(enshi.applicant_handler).post(
        "/api/v1/share-requests/", {"resource": resource.pk, **extra}, format="json"
    )
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == MANDATORY


def test_the_api_takes_one_method_as_before(enshi: Place, api_for: Api) -> None:
    resource = published_resource(enshi)
    body = {
        "resource": resource.pk,
        "basis": "《社会救助暂行办法》第五十八条",
        "scenario": "核对",
        "scope": "全市",
        "items": ["code"],
        "method": "api",
        "valid_until": str(timezone.localdate()),
        "function": enshi.applicant.functions.first().pk,
    }
    assert api_for(enshi.applicant_handler).post("/api/v1/share-requests/", body, format="json").status_code == 201
    assert ShareRequest.objects.get().methods == ["api"]


def test_ones_own_data_opens_no_form(enshi: Place, client_for: Opens) -> None:
    """Said at once, not after everything was typed."""
    resource = published_resource(enshi)
    client = client_for(enshi.provider_handler)
    for answer in (client.get, client.post):
        page = answer(f"/sharing/requests/new/{resource.pk}/")
        assert page.status_code == 403
        assert 'name="scenario"' not in page.content.decode()


def test_a_request_under_way_is_named_before_another_is_drafted(enshi: Place, client_for: Opens) -> None:
    resource = published_resource(enshi)
    client = client_for(enshi.applicant_handler)
    place = f"/sharing/requests/new/{resource.pk}/"
    assert "alert-warning" not in client.get(place).content.decode()
    draft = requests.save_draft(enshi.applicant_handler, resource=resource, wish=Wish(scenario="核对"))
    assert f"/sharing/requests/drafts/{draft.pk}/" in client.get(place).content.decode()
    case = filed(enshi, resource)
    requests.discard_draft(enshi.applicant_handler, draft=draft)
    assert f"/cases/{case.number}/" in client.get(place).content.decode()


def test_the_address_of_a_draft_leads_to_the_case_that_it_became(enshi: Place, client_for: Opens) -> None:
    case = filed(enshi, published_resource(enshi))
    place = f"/sharing/requests/drafts/{case.share_request.pk}/"
    answer = client_for(enshi.applicant_handler).get(place)
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.number}/")
    assert client_for(enshi.outsider).get(place).status_code == 404


def numbers(client: Client, query: str = "") -> set[str]:
    return {row.case.number for row in client.get(f"/sharing/requests/{query}").context["rows"]}


def test_what_we_ask_and_what_is_asked_of_us_are_apart(enshi: Place, client_for: Opens) -> None:
    asked = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, asked, "endorse")
    other = filed(enshi, published_resource(enshi, title="另一目录"))
    applicant, provider = client_for(enshi.applicant_handler), client_for(enshi.provider_handler)
    assert numbers(applicant) == numbers(applicant, "?side=ours") == {asked.number, other.number}
    assert numbers(applicant, "?side=theirs") == set()
    assert numbers(provider, "?side=theirs") == {asked.number}
    assert numbers(provider, "?side=ours") == set()
    asked.refresh_from_db()
    assert numbers(applicant, f"?state={asked.state}") == {asked.number}
    assert numbers(applicant, "?state=nowhere&side=nobody") == {asked.number, other.number}


def test_the_list_is_handed_out_as_a_workbook(enshi: Place, client_for: Opens) -> None:
    case = filed(enshi, published_resource(enshi, title="=目录"))
    answer = client_for(enshi.applicant_handler).get("/sharing/requests/export/?side=ours")
    assert "xlsx" in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert case.number in cells
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
