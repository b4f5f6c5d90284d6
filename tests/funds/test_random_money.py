"""A year's money under whatever is done to it: no sum goes below zero or beyond its limit, and the ledger balances."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from cases.engine import sweeping
from cases.models import Case
from funds.models import AllocationLine, FundApplication, FundTransfer, FundYear
from funds.services import allocating
from funds.services.allocating import AllocationPlan
from organizations.errors import Refused
from tests.cast import made_up_code
from tests.funds.scene import (
    Province,
    budgeted,
    by_factors,
    case_of,
    decided,
    established,
    guide,
    passed,
    province,
    ruled,
)
from tests.funds.test_money import balances
from tests.scenes import act

pytestmark = pytest.mark.django_db
STEPS = 14
TODAY = "2026-02-10"


@pytest.fixture
def place(db: None) -> Iterator[Province]:
    with time_machine.travel(datetime(2026, 2, 10, 2, tzinfo=UTC), tick=False):
        yield province()


class Play:
    """Somebody who does whatever comes to mind, with amounts that may be too much."""

    def __init__(self, place: Province, year: FundYear, rng: random.Random) -> None:
        self.place, self.year, self.rng, self.firms = place, year, rng, 0

    def amount(self) -> str:
        return str(Decimal(self.rng.randint(1, 60_000_000)) / 100)

    def share(self) -> None:
        decided(self.place, self.year, by_factors(self.place, self.amount()))

    def grant(self) -> None:
        self.firms += 1
        amount = Decimal(self.amount())
        row = passed(self.place, self.year, code=made_up_code(77_000_000 + self.firms), requested=amount)
        decided(self.place, self.year, AllocationPlan("project", amount, projects={row.pk: amount}))
        sweeping.sweep()

    def issue(self) -> None:
        line = self._any(AllocationLine.objects.filter(receiver__in=[self.place.city, self.place.county]))
        allocating.issue_transfer(self.place.finance_handler, line=line, issued_on=date(2026, 2, 10))
        transfer = FundTransfer.objects.get(line=line)
        act(self._treasurer(transfer), case_of(transfer), "receive", received_on=TODAY)

    def pass_on(self) -> None:
        transfer = self._any(FundTransfer.objects.all())
        act(self._treasurer(transfer), case_of(transfer), "pass_on", amount=self.amount(), passed_day=TODAY)

    def pay(self) -> None:
        row = self._any(FundApplication.objects.filter(allocated__gt=0))
        given = {"amount": self.amount(), "progress": "按进度", "spending": "project"}
        act(self.place.manager_handler, case_of(row), "ask_payment", **given)
        act(self.place.finance_handler, case_of(row), "pay", paid_on=TODAY)

    def stop(self) -> None:
        row = self._any(FundApplication.objects.filter(allocated__gt=0))
        watched = {"goal_progress": 1, "budget_progress": 2, "deviation": "serious"}
        act(self.place.manager_handler, case_of(row), "monitor", **watched)
        act(self.place.manager_leader, case_of(row), "stop", reason="无法完成")

    def _any(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        if not found:
            raise Refused("")
        return self.rng.choice(found)

    def _treasurer(self, transfer: FundTransfer) -> Any:
        return self.place.city_handler if transfer.receiver == self.place.city else self.place.county_handler


@pytest.mark.parametrize("seed", [1, 2])
def test_the_ledger_balances_whatever_is_done(place: Province, seed: int) -> None:
    fund = established(place)
    ruled(place, fund)
    year = budgeted(place, fund)
    guide(place, fund)
    play, done = Play(place, year, random.Random(seed)), set()  # noqa: S311
    steps: list[Callable[[], None]] = [play.share, play.grant, play.issue, play.pass_on, play.pay, play.stop]
    for _step in range(STEPS):
        step = play.rng.choice(steps)
        try:
            step()
        except Refused:
            continue
        finally:
            balances(year)
        done.add(step.__name__)
    assert len(done) >= 3
    year.refresh_from_db()
    rows = FundApplication.objects.filter(year=year)
    assert sum(row.paid for row in rows) == year.paid
    assert sum(row.passed_on for row in FundTransfer.objects.all()) == year.passed_on
    assert not Case.objects.exclude(error="").exists()
