"""Contracts and money in a real browser: each page readable and accessible, amounts counted while they are typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from organizations.actors import Actor
from projects.models import Contract
from projects.services import firms, paying
from projects.services.contracting import Stage
from tests.cast import Cast, Place
from tests.journey import PDF
from tests.projects import contract_scene as scene
from tests.scenes import act, store_law

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[str, str], None]
PAPER = {"name": "附件.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def look(
    browser_page: Page, assert_accessible: Callable[[Page], None], shots: Callable[[Page, str], None]
) -> Callable[[str], Look]:
    """`look(language)(name, address)`: open the page (else the one that is open), check it, keep a picture."""

    def of(language: str) -> Look:
        def at(name: str, address: str) -> None:
            if address:
                browser_page.goto(address)
            expect(browser_page.locator("main h1")).to_be_visible()
            assert_accessible(browser_page)
            shots(browser_page, f"contracts-{name}-{language[:2]}")

        return at

    return of


def speak(actor: Actor, language: str) -> Actor:
    actor.user.language = language
    actor.user.save(update_fields=["language"])
    return actor


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_offer_to_the_written_contract(
    browser_page: Page, cast: Cast, sign_in: Callable[..., None], look: Callable[[str], Look], language: str
) -> None:
    """Stages are counted while they are typed, in the unit that is chosen."""
    store_law()
    place, page, see = cast.enshi, browser_page, look(language)
    project = scene.approved(place)
    offers = scene.tendering(place, project, title="另一采购").case.number
    scene.offer(place, project.procurements.get(title="另一采购"), scene.firm(place, 7009, qualification=""))
    contract = scene.awarded(place, project)
    sign_in(page, speak(place.applicant_handler, language), "/projects/")
    see("firms", "/projects/firms/")
    see("firm-add", "/projects/firms/add/")
    see("procurement-new", f"/projects/{project.pk}/procurements/new/")
    see("payment-nothing", f"/projects/{project.pk}/payments/new/")
    see("recall-closed", f"/projects/{project.pk}/recalls/new/")
    see("offers", f"/cases/{offers}/")
    see("offer-add", f"/projects/procurements/{offers}/offers/add/")
    page.goto(f"/projects/contracts/{contract.case.number}/terms/")
    page.select_option("select[name=unit]", "ten_thousand")
    page.fill("input[name=amount]", "60")
    page.fill("input[name=stages-0-title]", "到货安装")
    page.fill("input[name=stages-0-percent]", "40")
    page.click("button[name=add]")
    page.fill("input[name=stages-1-percent]", "59.5")
    expect(page.locator("[data-sh-slot=percent]")).to_have_text("99.5")
    expect(page.locator("[data-sh-slot=share]").nth(0)).to_have_text("240,000.00")
    expect(page.locator("[data-sh-slot=share]").nth(1)).to_have_text("357,000.00")
    see("terms", "")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_the_signed_contract_to_the_ledger(
    browser_page: Page, cast: Cast, sign_in: Callable[..., None], look: Callable[[str], Look], language: str
) -> None:
    """A stage that is chosen brings its amount along, in the unit that is chosen."""
    store_law()
    place, page, see = cast.enshi, browser_page, look(language)
    contract, late, change, order = furnished(place)
    project, number = contract.project, contract.case.number
    sign_in(page, speak(place.applicant_handler, language), f"/projects/{project.pk}/")
    see("project", "")
    see("contract", f"/cases/{number}/")
    see("payment-late", f"/cases/{late}/")
    see("change", f"/cases/{change}/")
    see("change-new", f"/projects/{project.pk}/changes/new/")
    see("supplement-new", f"/projects/contracts/{number}/supplements/new/")
    see("ledger", f"/projects/{project.pk}/ledger/")
    see("firm", f"/projects/firms/{contract.firm_id}/")
    page.goto(f"/projects/{project.pk}/payments/new/")
    page.select_option("select[name=what]", f"s{contract.milestones.last().pk}")
    expect(page.locator("input[name=amount]")).to_have_value("60000")
    page.select_option("select[name=unit]", "ten_thousand")
    expect(page.locator("input[name=amount]")).to_have_value("6")
    page.set_input_files("input[name=asked_papers]", PAPER)
    see("payment-new", "")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/cases/**")
    expect(page.locator("main")).to_contain_text("60,000.00")
    sign_in(page, speak(place.bureau_approver, language), f"/projects/firms/{contract.firm_id}/bar/")
    see("firm-bar", "")
    see("rectification", f"/cases/{order}/")


def furnished(place: Place) -> tuple[Contract, str, str, str]:
    """A signed contract with a payment made and one overdue to a small firm, a change applied for, an order begun."""
    project = scene.approved(place)
    firm = scene.firm(place, small=True)
    stages = [
        Stage(title, Decimal(percent), timezone.localdate())
        for title, percent in (("到货安装", 40), ("试运行合格", 50), ("竣工验收", 10))
    ]
    contract = scene.signed(place, project, firm, stages=stages)
    scene.paid(place, contract)
    handler = place.applicant_handler
    contract.refresh_from_db()
    stage = contract.milestones.get(number=2)
    given = {"papers": scene.papers(handler)}
    late = paying.begin_payment(handler, contract=contract, milestone=stage, amount=stage.amount, given=given)
    act(place.applicant_leader, late, "sign_stage", accepted_on=timezone.localdate().isoformat())
    clock = late.clocks.get(name="small_firm")
    type(clock).objects.filter(pk=clock.pk).update(due_on=timezone.localdate() - timedelta(days=5))
    change = paying.begin_change(
        handler,
        project=project,
        kind="estimate",
        description="增加两个乡镇的接入",
        reason="行政区划调整",
        delta=Decimal("43000.00"),
        given={"papers": scene.papers(handler)},
    )
    order = scene.ordered(place, project)
    firms.bar_firm(place.bureau_approver, firm=firm, since=timezone.localdate(), until=None, reason="逾期交付")
    return contract, late.number, change.number, order.number
