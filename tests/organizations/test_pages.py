"""Pages: who reaches which, and that each of them does its one thing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from organizations import selectors, services
from organizations.actors import Actor
from organizations.models import Organization, User
from tests.cast import SYSTEM, Cast, Place, made_up_code, new_actor, new_organization, signed_in_client

OPEN = ["/account/", "/account/password/", "/account/tokens/", "/organizations/"]


def administrators_pages(place: Place) -> list[str]:
    return ["/people/", "/people/new/", f"/people/{place.outsider.user.pk}/"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_renders_in_both_languages(cast: Cast, language: str) -> None:
    place = cast.enshi
    browser = signed_in_client(place.administrator)
    pages = [*OPEN, f"/organizations/{place.provider.pk}/", *administrators_pages(place)]
    for path in pages:
        assert browser.get(path, headers={"Accept-Language": language}).status_code == 200, path
    for path in ("/sign-in/", "/password/forgotten/", "/password/code/"):
        assert Client().get(path, headers={"Accept-Language": language}).status_code == 200, path


def test_a_stranger_is_asked_to_sign_in_everywhere(cast: Cast) -> None:
    place = cast.enshi
    for path in [*OPEN, f"/organizations/{place.provider.pk}/", *administrators_pages(place)]:
        assert Client().get(path)["Location"].startswith("/sign-in/?next="), path


@pytest.mark.parametrize("role", ["outsider", "applicant_leader", "bureau_approver", "auditor"])
def test_people_are_the_administrators_business(cast: Cast, role: str) -> None:
    place = cast.enshi
    browser = signed_in_client(place.actors[role])
    secret = place.provider_leader.user.full_name
    for path in administrators_pages(place):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert secret not in answer.content.decode()
    pk, position = place.provider_leader.user.pk, place.provider_leader.position.pk
    writes = (f"/people/{pk}/positions/", f"/people/{pk}/code/", f"/people/{pk}/leave/")
    for path in (*writes, f"/people/positions/{position}/leave/"):
        assert browser.post(path).status_code == 403
    assert place.provider_leader.position.is_held(timezone.localdate())


def test_another_jurisdictions_people_are_not_known(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    stranger = cast.xianyang.outsider
    assert browser.get(f"/people/{stranger.user.pk}/").status_code == 404
    assert browser.post(f"/people/{stranger.user.pk}/leave/").status_code == 404
    assert browser.post(f"/people/positions/{stranger.position.pk}/leave/").status_code == 404
    assert stranger.user.username not in browser.get("/people/").content.decode()


def test_the_administrator_opens_an_account_and_gives_a_position(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    page = browser.post("/people/new/", {"username": "new.one", "full_name": "新来", "email": ""})
    user = User.objects.get(username="new.one")
    assert page.context["code"] in page.content.decode()
    assert page.context["code"] not in browser.get(f"/people/{user.pk}/").content.decode()
    form = {"organization": cast.enshi.provider.pk, "kind": "handler", "active_from": timezone.localdate().isoformat()}
    assert browser.post(f"/people/{user.pk}/positions/", form).status_code == 302
    position = selectors.positions_of(user).get()
    assert browser.post(f"/people/positions/{position.pk}/leave/").status_code == 302
    assert not selectors.positions_of(user).exists()


def test_what_a_service_refuses_is_shown_in_the_form(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    page = browser.post("/people/new/", {"username": "enshi.outsider", "full_name": "重名", "email": ""})
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert "重名" in page.content.decode()
    held = cast.enshi.outsider
    form = {"organization": held.organization.pk, "kind": held.kind, "active_from": "2026-01-01"}
    assert browser.post(f"/people/{held.user.pk}/positions/", form).context["form"].non_field_errors()


def test_positions_are_offered_in_the_own_jurisdiction_only(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    form = {"organization": cast.xianyang.provider.pk, "kind": "leader", "active_from": "2026-01-01"}
    page = browser.post(f"/people/{cast.enshi.outsider.user.pk}/positions/", form)
    assert "organization" in page.context["form"].errors


def test_a_holder_appoints_and_ends_a_deputy(cast: Cast) -> None:
    leader, deputy = cast.enshi.provider_leader, cast.enshi.provider_handler
    browser = signed_in_client(leader)
    today = timezone.localdate()
    form = {"user": deputy.user.pk, "active_from": today, "active_until": today + timedelta(days=5), "reason": "出差"}
    assert browser.post("/account/deputies/", form).status_code == 302
    row = selectors.deputies_of(leader).get()
    assert signed_in_client(cast.enshi.outsider).post(f"/account/deputies/{row.pk}/end/").status_code == 403
    assert browser.post(f"/account/deputies/{row.pk}/end/").status_code == 302
    assert not selectors.deputies_of(leader).exists()


def test_a_deputy_is_a_colleague(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.provider_leader)
    today = timezone.localdate()
    form = {"user": cast.enshi.outsider.user.pk, "active_from": today, "active_until": today}
    assert "user" in browser.post("/account/deputies/", form).context["deputy_form"].errors


def test_who_holds_no_position_reads_the_own_account(cast: Cast) -> None:
    user = services.open_account(SYSTEM, username="bare", full_name="无职").user
    browser = signed_in_client(Actor(user, None))
    assert browser.get("/account/").status_code == 200
    assert browser.get("/account/tokens/").status_code == 403
    assert browser.get("/people/").status_code == 403


def test_the_language_is_remembered(outsider: Actor) -> None:
    browser = signed_in_client(outsider)
    browser.post("/account/language/", {"language": "en"})
    assert "My account" in browser.get("/account/").content.decode()
    outsider.user.refresh_from_db()
    assert outsider.user.language == "en"
    assert browser.post("/account/language/", {"language": "fr"}).status_code == 400


def test_an_organizations_functions_are_shown_with_their_basis(cast: Cast) -> None:
    page = signed_in_client(cast.enshi.outsider).get(f"/organizations/{cast.enshi.applicant.pk}/").content.decode()
    assert "救助对象核对" in page
    assert "社会救助暂行办法第五十八条" in page
    assert "赵甲" not in page


def test_the_directory_asks_the_database_a_bounded_number_of_times(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        services.register_organization(
            SYSTEM, jurisdiction=cast.enshi.jurisdiction, code=made_up_code(80_000_000 + number), name=f"单位{number}"
        )
    browser = signed_in_client(cast.enshi.outsider)
    browser.get("/organizations/")
    with django_assert_max_num_queries(15):
        assert browser.get("/organizations/").status_code == 200


# --- Django's administration ------------------------------------------------------------------------------


def test_the_administration_is_the_administrators(cast: Cast) -> None:
    assert Client().get("/admin/login/")["Location"].startswith("/sign-in/")
    for role in ("outsider", "auditor", "bureau_approver"):
        browser = signed_in_client(cast.enshi.actors[role])
        assert browser.get("/admin/organizations/organization/", follow=True).status_code == 403
    assert signed_in_client(cast.enshi.administrator).get("/admin/organizations/organization/").status_code == 200


def test_master_data_of_another_jurisdiction_is_out_of_reach(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    page = browser.get("/admin/organizations/organization/").content.decode()
    assert cast.xianyang.provider.name not in page
    foreign = f"/admin/organizations/organization/{cast.xianyang.provider.pk}/change/"
    assert browser.get(foreign)["Location"] == "/admin/"
    assert cast.xianyang.provider.name not in browser.get(foreign, follow=True).content.decode()
    before = cast.xianyang.provider.name
    browser.post(foreign, {"name": "改名"})
    cast.xianyang.provider.refresh_from_db()
    assert cast.xianyang.provider.name == before


def test_the_administration_writes_through_the_services(cast: Cast) -> None:
    browser = signed_in_client(cast.enshi.administrator)
    form = {
        **{"jurisdiction": "enshi", "code_scheme": "uscc", "code": made_up_code(555), "name": "新设单位"},
        **{"short_name": "新设", "kind": "organ", "region": "422800"},
    }
    wrong = browser.post("/admin/organizations/organization/add/", {**form, "code": made_up_code(555)[:-1] + "I"})
    assert wrong.status_code == 200
    assert browser.post("/admin/organizations/organization/add/", form).status_code == 302
    row = Organization.objects.get(code=form["code"])
    assert row.sort_key.startswith("xin1")
    change = {"name": "新设单位甲", "short_name": "新设", "kind": "organ", "region": "422800"}
    assert browser.post(f"/admin/organizations/organization/{row.pk}/change/", change).status_code == 302
    row.refresh_from_db()
    assert row.name == "新设单位甲"
    function = {"organization": row.pk, "title": "职能", "basis": "依据", "active_from": "2026-01-01"}
    assert browser.post("/admin/organizations/organizationfunction/add/", function).status_code == 302
    assert browser.post(f"/admin/organizations/organization/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    role = {"jurisdiction": "enshi", "organization": row.pk, "role": "bureau"}
    assert browser.post("/admin/organizations/organrole/add/", role).status_code == 302
    assigned = row.organ_roles.get()
    browser.post(f"/admin/organizations/organrole/{assigned.pk}/delete/", {"post": "yes"})
    assert not row.organ_roles.exists()


def test_the_administration_has_no_way_of_its_own_to_sign_out_or_change_a_password(cast: Cast) -> None:
    """Both go through the portal's pages, so that they are on the record."""
    browser = signed_in_client(cast.enshi.administrator)
    assert browser.get("/admin/password_change/")["Location"] == "/account/password/"
    assert browser.post("/admin/logout/")["Location"] == "/sign-in/"
    assert AuditEntry.objects.filter(verb="session.sign_out").count() == 1


def test_the_administration_holds_no_accounts(cast: Cast) -> None:
    """People have their own pages: a password or is_staff is nothing to be typed into a table."""
    browser = signed_in_client(cast.enshi.administrator)
    assert browser.get("/admin/organizations/user/").status_code == 404
    assert browser.get("/admin/auth/group/").status_code == 403
    assert new_actor(cast.enshi.outside, "leader", "x").user.is_staff is False


def walked(browser: Client, path: str, way: str) -> list[list[int]]:
    """Ids on every page from `path` on, following the link `way` to the end."""
    found, cursor = [], path.partition("cursor=")[2]
    while True:
        page = browser.get(path.partition("?")[0], {"cursor": cursor}).context["page"]
        found.append([row.pk for row in page.rows])
        cursor = getattr(page, way)
        if not cursor:
            return found


@pytest.mark.parametrize("path", ["/organizations/", "/people/"])
def test_lists_are_paged_by_key_there_and_back_and_a_row_that_comes_in_shifts_none(cast: Cast, path: str) -> None:
    jurisdiction = cast.enshi.provider.jurisdiction
    for number in range(120):
        organization = new_organization(jurisdiction, "同名单位" if number % 2 else f"单位{number}")
        new_actor(organization, "handler", f"paged.{number:03}")
    browser = signed_in_client(cast.enshi.administrator)
    pages = walked(browser, path, "next")
    assert [len(page) for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert len({pk for page in pages for pk in page}) == sum(map(len, pages)) > 120
    first = browser.get(path).context["page"]
    new_actor(new_organization(jurisdiction, "阿单位"), "handler", "a.first")
    second = browser.get(path, {"cursor": first.next}).context["page"]
    assert [row.pk for row in second.rows] == pages[1]
    back = browser.get(path, {"cursor": second.previous}).context["page"]
    assert [row.pk for row in back.rows] == pages[0]


@pytest.mark.parametrize("path", ["/organizations/", "/people/"])
def test_a_made_up_cursor_is_bad_input(cast: Cast, path: str) -> None:
    assert signed_in_client(cast.enshi.administrator).get(path, {"cursor": "2"}).status_code == 400
