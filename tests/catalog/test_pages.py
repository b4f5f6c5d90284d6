"""The catalogue's pages and its API: what each shows to whom, at what cost, and what it says when refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from catalog import services
from catalog.models import Resource
from organizations.actors import Actor
from tests.cast import Place
from tests.catalog.test_entries import entry
from tests.scenes import category, published_resource

Opens = Callable[[Actor], Client]
OpensApi = Callable[[Actor], APIClient]

FORM = {
    "title": "道路名录",
    "summary": "全市道路",
    "sharing_class": "unconditional",
    "update_cycle": "yearly",
    "formats": ["database"],
    "sharing_methods": ["download"],
    "opening_class": "closed",
    "sensitivity": "general",
    "keywords": "道路，交通",
    "items-TOTAL_FORMS": "3",
    "items-INITIAL_FORMS": "0",
    "items-0-code": "code",
    "items-0-title": "编号",
    "items-0-data_type": "text",
    "items-2-code": "kind",
    "items-2-title": "类别",
    "items-2-data_type": "text",
    "items-2-values": "省道、县道",
}


def typed(place: Place, **changes: Any) -> dict[str, Any]:
    return {**FORM, "category": category(place).pk, **changes}


@pytest.fixture
def shelf(enshi: Place) -> list[Resource]:
    return [published_resource(enshi, title=f"登记簿{number:02d}") for number in range(25)]


def test_the_list_costs_at_most_twelve_queries(
    enshi: Place,
    shelf: list[Resource],
    client_for: Opens,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(enshi.applicant_handler)
    client.get("/catalog/")
    for address in ("/catalog/", "/catalog/?q=登记簿&sharing_class=conditional"):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_typing_brings_rows_alone(enshi: Place, shelf: list[Resource], client_for: Opens) -> None:
    headers = {"HX-Request": "true", "HX-Target": "results"}
    answer = client_for(enshi.outsider).get("/catalog/?q=登记簿07", headers=headers)
    text = answer.content.decode()
    assert "登记簿07" in text
    assert "登记簿08" not in text
    assert "<html" not in text


def test_pages_of_the_list_follow_by_cursor(enshi: Place, shelf: list[Resource], client_for: Opens) -> None:
    client = client_for(enshi.outsider)
    first = client.get("/catalog/").content.decode()
    following = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first)
    assert following
    second = client.get(f"/catalog/{following[1].replace('&amp;', '&')}").content.decode()
    shown = [set(re.findall(r"登记簿\d\d", text)) for text in (first, second)]
    assert [len(titles) for titles in shown] == [20, 5]
    assert not shown[0] & shown[1]


def test_facets_show_counts_and_narrow_the_list(enshi: Place, shelf: list[Resource], client_for: Opens) -> None:
    published_resource(enshi, title="无条件名录", sharing_class="unconditional")
    client = client_for(enshi.outsider)
    assert "sharing_class=unconditional" in client.get("/catalog/").content.decode()
    narrowed = client.get("/catalog/?sharing_class=unconditional").content.decode()
    assert "无条件名录" in narrowed
    assert "登记簿" not in narrowed


@pytest.mark.parametrize("query", ["cursor=x", "provider=abc", "provider=99999999999999999999", "format=x&fresh=x"])
def test_an_address_typed_by_hand_is_no_error_of_ours(enshi: Place, client_for: Opens, query: str) -> None:
    assert client_for(enshi.outsider).get(f"/catalog/?{query}").status_code in (200, 400)


def test_the_page_of_a_resource_is_its_data_dictionary(
    enshi: Place,
    client_for: Opens,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    resource = published_resource(enshi)
    client = client_for(enshi.applicant_handler)
    client.get(f"/catalog/{resource.pk}/")  # what is kept for the next page: calendar, entries of the navigation
    with django_assert_max_num_queries(20):
        text = client.get(f"/catalog/{resource.pk}/").content.decode()
    for shown in ("区划代码", "乡镇代码", resource.code, "限于履行职责使用"):
        assert shown in text


def test_a_draft_does_not_exist_for_an_outsider(enshi: Place, client_for: Opens, api_for: OpensApi) -> None:
    draft = services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi))
    for actor in (enshi.outsider, enshi.administrator):
        for answer in (
            client_for(actor).get(f"/catalog/{draft.pk}/"),
            client_for(actor).get(f"/catalog/{draft.pk}/edit/"),
            client_for(actor).post(f"/catalog/{draft.pk}/remove/"),
            client_for(actor).post(f"/catalog/{draft.pk}/withdraw/", {"reason": "x"}),
            api_for(actor).get(f"/api/v1/resources/{draft.pk}/"),
        ):
            assert answer.status_code == 404
            assert draft.title not in answer.content.decode()


def test_a_resource_is_registered_in_the_browser_with_its_items(enshi: Place, client_for: Opens) -> None:
    client = client_for(enshi.provider_steward)
    assert client.get("/catalog/upkeep/new/").status_code == 200
    answer = client.post("/catalog/upkeep/new/", typed(enshi))
    resource = Resource.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/catalog/{resource.pk}/"
    assert resource.keywords == ["道路", "交通"]
    assert [(i.code, i.values) for i in resource.items.all()] == [("code", []), ("kind", ["省道", "县道"])]


def test_what_was_typed_is_kept_beside_what_is_wrong_with_it(enshi: Place, client_for: Opens) -> None:
    wrong = typed(enshi, **{"sharing_class": "conditional", "items-2-code": "1x"})
    answer = client_for(enshi.provider_steward).post("/catalog/upkeep/new/", wrong)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "道路名录" in text
    assert 'value="1x"' in text
    assert len(re.findall("sh-error", text)) >= 2
    assert not Resource.objects.exists()


@pytest.mark.parametrize(
    ("step", "codes"),
    [("add", ["code", "kind"]), ("down-0", ["kind", "code"]), ("up-1", ["kind", "code"]), ("remove-0", ["kind"]),
     ("up-0", ["code", "kind"]), ("remove-9", ["code", "kind"])],
)  # fmt: skip
def test_items_are_arranged_without_script_and_nothing_is_saved_yet(
    enshi: Place, client_for: Opens, step: str, codes: list[str]
) -> None:
    answer = client_for(enshi.provider_steward).post("/catalog/upkeep/new/", typed(enshi, step=step))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r'name="items-\d+-code" value="([^"]+)"', text) == codes
    assert "全市道路" in text
    assert not Resource.objects.exists()


def test_an_edit_that_comes_too_late_says_so(enshi: Place, client_for: Opens) -> None:
    draft = services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi))
    services.edit_resource(enshi.provider_handler, resource=draft, entry=entry(enshi, title="别人改过"))
    late = typed(enshi, version="1", title="迟到")
    assert client_for(enshi.provider_steward).post(f"/catalog/{draft.pk}/edit/", late).status_code == 409
    draft.refresh_from_db()
    assert draft.title == "别人改过"


def test_an_imported_entry_keeps_its_source_when_edited_in_the_browser(enshi: Place, client_for: Opens) -> None:
    draft = services.register_resource(
        enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, source_key="list:1")
    )
    client_for(enshi.provider_steward).post(f"/catalog/{draft.pk}/edit/", typed(enshi, version="1", title="改名"))
    draft.refresh_from_db()
    assert (draft.title, draft.source_key) == ("改名", "list:1")


def test_chosen_drafts_are_submitted_from_the_upkeep_page(enshi: Place, client_for: Opens) -> None:
    drafts = [
        services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, title=title))
        for title in ("甲", "乙", "丙")
    ]
    client = client_for(enshi.provider_steward)
    assert "丙" in client.get("/catalog/upkeep/").content.decode()
    answer = client.post("/catalog/upkeep/submit/", {"resource": [drafts[0].pk, drafts[1].pk]})
    assert answer.status_code == 302
    assert sorted(Resource.objects.values_list("status", flat=True)) == ["draft", "in_review", "in_review"]


def test_an_incomplete_draft_is_not_submitted_and_the_page_says_why(enshi: Place, client_for: Opens) -> None:
    draft = services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, items=[]))
    answer = client_for(enshi.provider_steward).post("/catalog/upkeep/submit/", {"resource": [draft.pk]})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("address", ["/catalog/", "/catalog/upkeep/", "/catalog/upkeep/new/"])
def test_every_page_opens_in_both_languages(enshi: Place, client_for: Opens, address: str, language: str) -> None:
    enshi.provider_steward.user.language = language
    enshi.provider_steward.user.save(update_fields=["language"])
    client = client_for(enshi.provider_steward)
    assert client.get(address, headers={"Accept-Language": language}).status_code == 200


def test_the_api_lists_by_cursor_and_filters(enshi: Place, shelf: list[Resource], api_for: OpensApi) -> None:
    api = api_for(enshi.applicant_handler)
    first = api.get("/api/v1/resources/", {"q": "登记簿", "sharing_class": "conditional"}).json()
    second = api.get("/api/v1/resources/", {"q": "登记簿", "cursor": first["next"]}).json()
    seen = [row["title"] for row in first["results"] + second["results"]]
    assert (first["count"], first["more"], second["next"]) == (25, False, None)
    assert sorted(seen) == sorted(resource.title for resource in shelf)
    provider = api.get("/api/v1/resources/", {"provider": enshi.outside.pk}).json()
    assert provider["results"] == []


def test_the_api_shows_one_entry_with_its_items(enshi: Place, api_for: OpensApi) -> None:
    resource = published_resource(enshi)
    body = api_for(enshi.outsider).get(f"/api/v1/resources/{resource.pk}/").json()
    assert (body["code"], body["sharing_class"]) == (resource.code, "conditional")
    assert [item["code"] for item in body["items"]] == ["code", "name", "street", "county", "city", "province"]


def test_the_api_refuses_who_is_not_signed_in_and_a_forged_cursor(enshi: Place, api_for: OpensApi) -> None:
    assert APIClient().get("/api/v1/resources/").status_code in (401, 403)
    assert api_for(enshi.outsider).get("/api/v1/resources/", {"cursor": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "value", "one"),
    [
        ("sharing_class", "secret", "conditional"),
        ("directory", "x", "departmental"),
        ("fresh", "no", "stale"),
        ("jurisdiction", "atlantis", "all"),
        ("provider", "somebody", ""),
    ],
)
def test_a_filter_that_is_not_known_is_refused_with_those_that_are(
    enshi: Place, api_for: OpensApi, name: str, value: str, one: str
) -> None:
    """An empty list would say that there is nothing."""
    answer = api_for(enshi.applicant_handler).get("/api/v1/resources/", {name: value})
    assert answer.status_code == 400
    assert one in answer.json()["error"]["fields"][name][0]


def test_a_value_of_none_of_several_is_answered_with_those_there_are(enshi: Place, api_for: OpensApi) -> None:
    answer = api_for(enshi.applicant_handler).post("/api/v1/share-requests/", {"method": "pigeon"}, format="json")
    told = answer.json()["error"]["fields"]["method"][0]
    assert "pigeon" in told
    assert "download" in told
