"""Categories and synonyms: kept by administrators, checked, recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from catalog import selectors, services
from catalog.models import Category, Synonym
from catalog.selectors import Query
from organizations.errors import BadInput, Conflict, NotPermitted
from tests.cast import Place, signed_in_client
from tests.scenes import published_resource


def node(place: Place, **changes: Any) -> dict[str, Any]:
    return {
        "jurisdiction": place.jurisdiction, "directory": "thematic", "code": "201001", "title": "公共服务", **changes,
    }  # fmt: skip


def test_an_administrator_adds_a_category_of_the_own_city(enshi: Place, xianyang: Place) -> None:
    category = services.register_category(enshi.administrator, **node(enshi))
    assert AuditEntry.objects.filter(verb="category.register", subject_id=str(category.pk)).exists()
    for actor in (enshi.provider_steward, xianyang.administrator):
        with pytest.raises(NotPermitted):
            services.register_category(actor, **node(enshi, code="201002"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "301001"}, "code"),
        ({"code": "2"}, "code"),
        ({"title": " "}, "title"),
        ({"directory": "x"}, "directory"),
    ],
)
def test_a_category_fits_its_directory_and_the_code_scheme(enshi: Place, changes: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        services.register_category(enshi.administrator, **node(enshi, **changes))
    assert field in refused.value.fields


def test_a_code_names_one_category(enshi: Place) -> None:
    services.register_category(enshi.administrator, **node(enshi))
    with pytest.raises(Conflict):
        services.register_category(enshi.administrator, **node(enshi, title="另一类"))


def test_a_synonym_widens_the_search_until_it_is_taken_back(enshi: Place) -> None:
    published_resource(enshi, title="路灯分布")

    def found(text: str) -> int:
        return selectors.one_page(enshi.outsider, Query(text=text), timezone.now()).count

    assert found("照明") == 0
    synonym = services.add_synonym(enshi.administrator, word="路燈", same_as="照明")
    assert (synonym.word, found("照明")) == ("路灯", 1)
    with pytest.raises(Conflict):
        services.add_synonym(enshi.administrator, word="照明", same_as="路灯")
    with pytest.raises(NotPermitted):
        services.add_synonym(enshi.provider_steward, word="甲", same_as="乙")
    services.remove_synonym(enshi.administrator, synonym=synonym)
    assert found("照明") == 0


@pytest.mark.parametrize("pair", [("甲", "甲"), ("", "乙"), ("甲 乙", "丙"), ("體", "体")])
def test_a_synonym_is_two_different_words(enshi: Place, pair: tuple[str, str]) -> None:
    with pytest.raises(BadInput):
        services.add_synonym(enshi.administrator, word=pair[0], same_as=pair[1])


def test_the_administration_keeps_both_through_the_services(enshi: Place, xianyang: Place) -> None:
    services.register_category(xianyang.administrator, **node(xianyang, title="外地类目"))
    browser = signed_in_client(enshi.administrator)
    form = {**node(enshi), "jurisdiction": "enshi", "parent": ""}
    assert browser.post("/admin/catalog/category/add/", {**form, "code": "901001"}).status_code == 200
    assert browser.post("/admin/catalog/category/add/", form).status_code == 302
    category = Category.objects.get(jurisdiction="enshi", code="201001")
    page = browser.get("/admin/catalog/category/").content.decode()
    assert "公共服务" in page
    assert "外地类目" not in page
    assert browser.post(f"/admin/catalog/category/{category.pk}/change/", {"title": "政务服务"}).status_code == 302
    category.refresh_from_db()
    assert category.title == "政务服务"
    assert browser.post("/admin/catalog/synonym/add/", {"word": "路灯", "same_as": "照明"}).status_code == 302
    assert browser.post("/admin/catalog/synonym/add/", {"word": "照明", "same_as": "路灯"}).status_code == 200
    synonym = Synonym.objects.get(word="路灯")
    assert browser.get("/admin/catalog/synonym/").status_code == 200
    browser.post(f"/admin/catalog/synonym/{synonym.pk}/delete/", {"post": "yes"})
    assert not Synonym.objects.filter(pk=synonym.pk).exists()
    assert AuditEntry.objects.filter(verb="synonym.remove").exists()
    assert signed_in_client(enshi.outsider).get("/admin/catalog/category/", follow=True).status_code == 403
