"""Filters of lists under a name: one's own, checked against what the list knows, one of them where it begins."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from cases import filters, services
from cases.models import SavedFilter
from organizations.actors import Actor
from organizations.errors import BadInput, NotKnown
from tests.cast import Place

pytestmark = pytest.mark.django_db


def save(actor: Actor, name: str = "快到期", query: str = "box=todo&q=区划", listing: str = "cases") -> SavedFilter:
    return services.save_filter(actor, listing=listing, name=name, query=query)


def test_a_filter_keeps_what_the_list_knows_without_its_place_in_the_pages(enshi: Place) -> None:
    row = save(enshi.provider_handler, query="?cursor=abc&q=x&box=todo&family=")
    assert row.query == "box=todo&q=x"


@pytest.mark.parametrize("query", ["", "cursor=1", "evil=1", "box=todo&next=//evil.test", "q=a%00b", "q=" + "x" * 1001])
def test_what_is_no_filter_of_the_list_is_refused(enshi: Place, query: str) -> None:
    with pytest.raises(BadInput):
        save(enshi.provider_handler, query=query)
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(("name", "listing"), [(" ", "cases"), ("x" * 41, "cases"), ("名", "nowhere")])
def test_a_filter_has_a_name_and_a_list(enshi: Place, name: str, listing: str) -> None:
    with pytest.raises(BadInput):
        save(enshi.provider_handler, name=name, listing=listing)


def test_the_same_name_again_replaces_the_filter(enshi: Place) -> None:
    save(enshi.provider_handler)
    save(enshi.provider_handler, query="box=done")
    assert SavedFilter.objects.get().query == "box=done"


def test_a_person_keeps_a_number_of_filters_that_fits_above_a_list(enshi: Place) -> None:
    for number in range(30):
        save(enshi.provider_handler, name=str(number))
    with pytest.raises(BadInput):
        save(enshi.provider_handler, name="31")
    save(enshi.provider_handler, name="7", query="box=done")


def test_filters_are_ones_own(enshi: Place, client_for: Callable[[Actor], Client]) -> None:
    row = save(enshi.provider_handler, name="只有我看得到")
    stranger = client_for(enshi.outsider)
    assert "只有我看得到" not in stranger.get("/cases/?plain=1").content.decode()
    assert "只有我看得到" not in stranger.get("/cases/settings/").content.decode()
    assert stranger.post(f"/cases/filters/{row.pk}/delete/").status_code == 404
    assert stranger.post(f"/cases/filters/{row.pk}/default/").status_code == 404
    with pytest.raises(NotKnown):
        services.delete_filter(enshi.outsider, row.pk)
    assert SavedFilter.objects.get(pk=row.pk).is_default is False


def test_a_list_begins_with_the_chosen_filter_and_can_be_seen_whole(
    enshi: Place, client_for: Callable[[Actor], Client]
) -> None:
    client = client_for(enshi.provider_handler)
    sent = {"listing": "cases", "name": "待办", "query": "box=todo"}
    assert client.post("/cases/filters/", sent)["Location"] == "/cases/?box=todo"
    first, second = SavedFilter.objects.get(), save(enshi.provider_handler, name="二", query="box=done")
    assert client.get("/cases/").status_code == 200
    client.post(f"/cases/filters/{second.pk}/default/")
    client.post(f"/cases/filters/{first.pk}/default/")
    assert client.get("/cases/")["Location"] == "/cases/?box=todo"
    assert client.get("/cases/?plain=1").status_code == 200
    assert client.get("/cases/", headers={"Referer": "http://testserver/cases/?box=todo"}).status_code == 200
    client.post(f"/cases/filters/{first.pk}/default/")
    assert client.get("/cases/").status_code == 200


def test_the_catalogue_has_saved_filters_too(enshi: Place, client_for: Callable[[Actor], Client]) -> None:
    client = client_for(enshi.provider_handler)
    shown = client.get("/catalog/?q=区划").content.decode()
    assert "保存当前筛选" in shown
    sent = {"listing": "catalog", "name": "区划类", "query": "q=区划"}
    address = client.post("/catalog/".replace("/catalog/", "/cases/filters/"), sent)["Location"]
    assert address.startswith("/catalog/?q=")
    assert "区划类" in client.get(address).content.decode()


def test_every_key_of_a_saved_filter_is_one_that_its_list_reads(enshi: Place) -> None:
    assert filters.listing_of("cases").keys >= {"box", "family", "q", "open"}
    assert filters.listing_of("catalog").keys >= {"q", "provider", "format", "fresh"}


def test_a_filter_is_removed_by_its_owner(enshi: Place, client_for: Callable[[Actor], Client]) -> None:
    row = save(enshi.provider_handler)
    assert client_for(enshi.provider_handler).post(f"/cases/filters/{row.pk}/delete/").status_code == 302
    assert not SavedFilter.objects.exists()
