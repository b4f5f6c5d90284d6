"""A special fund in a real browser: its form, its page with money by year, the allocation by factors, the bans."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from funds.models import AllocationLine
from funds.services import applying
from tests.funds.scene import asked_for, budgeted, by_factors, decided, established, guide, province, ruled
from tests.funds.test_applying import CHARGE
from tests.scenes import act

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fund_is_read_allocated_and_listed(
    browser_page: Page,
    sign_in: Callable[..., None],
    assert_accessible: Callable[[Page], None],
    shots: Callable[[Page, str], None],
) -> None:
    """Shares typed in ten thousands come out in yuan, exact to the cent, on a page that everybody can read."""
    place, page = province(), browser_page
    fund = established(place)
    ruled(place, fund)
    year = budgeted(place, fund, on=timezone.localdate().isoformat())
    guide(place, fund)
    asked_for(place, year)
    decided(place, year, by_factors(place, "600000.00"))
    case = applying.charge(place.finance_handler, fund=fund, charge=CHARGE)
    act(place.finance_leader, case, "impose", measures="责令改正并追回")

    def look(name: str, address: str) -> None:
        page.goto(address)
        assert_accessible(page)
        shots(page, f"funds-{name}")

    sign_in(page, place.manager_handler, "/funds/")
    expect(page.locator("main")).to_contain_text(fund.name)
    for name, address in {"list": "/funds/", "new": "/funds/new/", "bans": "/funds/bans/"}.items():
        look(name, address)
    look("page", f"/funds/{fund.pk}/")
    expect(page.locator("main svg[role=img]")).to_have_count(1)
    look("rules", f"/funds/{fund.pk}/rules/")
    look("allocate", f"/funds/years/{year.pk}/allocate/factor/")
    page.select_option("select[name=unit]", "ten_thousand")
    for field, value in (
        ("amount", "10"),
        ("factor1", "企业数"),
        ("weight1", "100"),
        ("value1_1", "1"),
        ("value2_1", "2"),
    ):
        page.fill(f"input[name={field}]", value)
    for row, receiver in ((1, place.city), (2, place.county)):
        page.select_option(f"select[name=place{row}]", str(receiver.pk), force=True)
    page.locator(".sh-form-actions button").click()
    page.wait_for_url("**/cases/**")
    expect(page.locator("main")).to_contain_text("33,333.33")
    assert_accessible(page)
    shots(page, "funds-allocation")
    amounts = AllocationLine.objects.filter(allocation__amount=100_000).order_by("pk").values_list("amount", flat=True)
    assert [str(amount) for amount in amounts] == ["33333.33", "66666.67"]
