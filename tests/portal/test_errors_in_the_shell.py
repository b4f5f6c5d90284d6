"""Who is signed in stays in the portal when something is refused: menu, city and name are there, and a way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client

from organizations.actors import Actor
from tests.cast import Place
from tests.scenes import filed, published_resource

pytestmark = pytest.mark.django_db
Opens = Callable[[Actor], Client]


@pytest.mark.parametrize("address", ["/no/such/page/", "/cases/NO-SUCH-2026-000001/", "/reports/", "/?x=%00"])
def test_a_refusal_keeps_menu_city_and_name(enshi: Place, client_for: Opens, address: str) -> None:
    answer = client_for(enshi.applicant_handler).get(address)
    page = answer.content.decode()
    assert answer.status_code in (400, 403, 404)
    assert 'id="navigation"' in page
    assert enshi.applicant_handler.user.full_name in page
    assert page.count("<h1>") == 1


def test_a_stranger_sees_a_plain_page(client: Client, db: None) -> None:
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert 'id="navigation"' not in page.content.decode()


def test_looking_at_the_address_of_an_act_leads_back_to_its_case(enshi: Place, client_for: Opens) -> None:
    case = filed(enshi, published_resource(enshi))
    answer = client_for(enshi.applicant_leader).get(f"/cases/{case.number}/actions/endorse/")
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.number}/")


def test_another_method_that_is_not_taken_has_a_page_too(enshi: Place, client_for: Opens) -> None:
    client = client_for(enshi.auditor)
    for answer in (client.get("/sign-out/"), client.delete("/cases/")):
        assert answer.status_code == 405
        assert answer["Allow"]
        assert "<h1>" in answer.content.decode()


def test_asking_for_the_head_of_the_workbench_is_no_error(enshi: Place, client_for: Opens) -> None:
    answer = client_for(enshi.applicant_handler).head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_number_of_a_case_that_is_not_ones_own_finds_nothing(enshi: Place, client_for: Opens) -> None:
    """Neither the case nor whatever else looks a little like its number."""
    case = filed(enshi, published_resource(enshi))
    found = client_for(enshi.outsider).get("/search/", {"q": case.number.lower()})
    assert found.status_code == 200
    assert found.context["found"] is False
    own = client_for(enshi.applicant_handler).get("/search/", {"q": case.number})
    assert own["Location"] == f"/cases/{case.number}/"


def test_no_search_sends_more_than_an_address_holds(enshi: Place, client_for: Opens) -> None:
    client = client_for(enshi.applicant_handler)
    for address in ("/", "/cases/", "/catalog/", "/law/"):
        page = client.get(address, follow=True).content.decode()
        boxes = [tag for tag in page.split("<input")[1:] if 'name="q"' in tag.split(">", maxsplit=1)[0]]
        assert boxes
        assert all("maxlength" in tag.split(">", maxsplit=1)[0] for tag in boxes), address


def test_the_page_of_a_locked_sign_in_needs_no_layout_named() -> None:
    """Others draw it too: the page of too many sign-ins has no signed-in person."""
    assert "<h1>Locked</h1>" in render_to_string("portal/error.html", {"title": "Locked", "status": 429})
