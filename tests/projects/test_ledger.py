"""The ledger balances, whatever is contracted, added, changed, paid and called back in whatever order.

Random sequences go two ways: through the effects themselves, against a model that counts in a few lines, and through
the engine with all its gates, where each line has to name the act that made it. `PROOF=long` tries many more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from cases.families import Context
from cases.models import Case, CaseEvent
from organizations.errors import BadInput, Conflict
from projects.models import Change, Contract, LedgerEntry, Payment, Project, Supplement
from projects.services import contracting, paying
from projects.standing import money_of
from tests.cast import Place
from tests.projects import building_scene as scene

pytestmark = pytest.mark.django_db
LONG = os.environ.get("PROOF") == "long"
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
KIND, CENT = LedgerEntry.Kind, Decimal("0.01")
cents = st.integers(1, 60_000_000).map(lambda number: Decimal(number) / 100)
which = st.integers(0, 3)


@contextmanager
def undone() -> Iterator[None]:
    """What happens here is taken back at the end: each example begins with the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def check_balance(project: Project) -> None:
    """The ledger's sums are those of contracts, project and years, and nothing is beyond what covers it."""
    project.refresh_from_db()
    money = money_of(project)
    contracts = list(project.contracts.filter(signed_on__isnull=False))
    for contract in contracts:
        assert sum_of(contract, KIND.CONTRACTED, KIND.SUPPLEMENTED) == contract.due
        assert sum_of(contract, KIND.PAID, KIND.RECALLED) == contract.paid
        assert 0 <= contract.paid <= contract.due
    assert money.contracted == sum((row.due for row in contracts), Decimal(0)) <= money.approved
    assert money.paid == sum((row.paid for row in contracts), Decimal(0)) <= money.contracted
    assert money.left == sum((row.left for row in contracts), Decimal(0))
    assert money.approved == project.total == sum(year.amount for year in project.years.all())
    assert all(year.amount >= 0 for year in project.years.all())


def sum_of(contract: Contract, *kinds: str) -> Decimal:
    return contract.ledger.filter(kind__in=kinds).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


# --- through the effects, against a model


@dataclass
class Model:
    """What should be true, counted without a database: yuan approved, and due and paid by contract."""

    approved: Decimal
    due: dict[int, Decimal] = field(default_factory=dict)
    paid: dict[int, Decimal] = field(default_factory=dict)

    def fits(self, more: Decimal) -> bool:
        return sum(self.due.values(), more) <= self.approved


@dataclass
class Books:
    """A project and the effects that book on it, each as an act of its own of the life's case."""

    place: Place
    project: Project
    model: Model
    contracts: list[Contract] = field(default_factory=list)
    seq: int = 1000

    def act(self, effect: Callable[[Context], None], subject: Any) -> bool:
        """Run an effect as the engine does, in a transaction of its own. Returns whether it was not refused."""
        self.seq += 1
        case = Case(pk=self.project.case_id, seq=self.seq)
        inputs = {"signed_on": timezone.localdate().isoformat()}
        context = Context(case, subject, timezone.now(), self.place.finance_approver, inputs, {}, None, None)
        try:
            with transaction.atomic():
                effect(context)
        except Conflict:
            return False
        return True

    def one(self, number: int) -> Contract | None:
        return self.contracts[number % len(self.contracts)] if self.contracts else None

    def contract(self, amount: Decimal, _number: int) -> None:
        row = Contract.objects.create(project=self.project, firm=self.firm, kind="build", title="合同", amount=amount)
        assert self.act(contracting.sign_contract, row) == self.model.fits(amount)
        if self.model.fits(amount):
            self.contracts.append(row)
            self.model.due[row.pk], self.model.paid[row.pk] = amount, Decimal(0)

    @property
    def firm(self) -> Any:
        return self.project.jurisdiction.firms.first()

    def supplement(self, amount: Decimal, number: int) -> None:
        if (row := self.one(number)) is None:
            return
        part = max((amount / 10).quantize(CENT), CENT)
        added = Supplement.objects.create(contract=row, title="补充", amount=part)
        fits = self.model.fits(added.amount)
        assert self.act(contracting.sign_supplement, added) == fits
        self.model.due[row.pk] += added.amount if fits else 0

    def pay(self, amount: Decimal, number: int) -> None:
        self._move(amount, number, Payment.Kind.OPERATION, paying.post_payment, 1)

    def recall(self, amount: Decimal, number: int) -> None:
        self._move(amount, number, Payment.Kind.RECALL, paying.post_recall, -1)

    def _move(self, amount: Decimal, number: int, kind: str, effect: Callable[[Context], None], sign: int) -> None:
        if (row := self.one(number)) is None:
            return
        payment = Payment.objects.create(project=self.project, contract=row, kind=kind, amount=amount)
        after = self.model.paid[row.pk] + sign * amount
        fits = 0 <= after <= self.model.due[row.pk]
        assert self.act(effect, payment) == fits
        payment.refresh_from_db()
        assert (payment.posted_on is not None) == fits
        self.model.paid[row.pk] = after if fits else self.model.paid[row.pk]

    def raise_investment(self, amount: Decimal, number: int) -> None:
        self._change(amount, number)

    def lower_investment(self, amount: Decimal, number: int) -> None:
        self._change(-min(amount, self.model.approved - CENT), number)

    def _change(self, delta: Decimal, number: int) -> None:
        row = Change.objects.create(project=self.project, kind="estimate", description="变", reason="因", delta=delta)
        covered = sum(self.model.due.values(), Decimal(0)) <= self.model.approved + delta
        effect = paying.apply_change_anew if number == 0 else paying.apply_change
        assert self.act(effect, row) == covered
        self.model.approved += delta if covered else 0

    def check(self) -> None:
        check_balance(self.project)
        assert money_of(self.project).approved == self.model.approved
        for row in self.contracts:
            row.refresh_from_db()
            assert (row.due, row.paid) == (self.model.due[row.pk], self.model.paid[row.pk])


BOOKINGS = ("contract", "supplement", "pay", "pay", "recall", "raise_investment", "lower_investment")


@pytest.fixture
def begun() -> tuple[Place, int]:
    """An approved project, of which each example begins with rows read afresh."""
    place, project = scene.begun("enshi")
    scene.firm(place)
    return place, project.pk


@settings(max_examples=400 if LONG else 15, deadline=None, phases=PHASES, suppress_health_check=RELAXED)
@given(steps=st.lists(st.tuples(st.sampled_from(BOOKINGS), cents, which), max_size=12))
def test_random_bookings_balance_and_are_refused_exactly_when_they_do_not_fit(
    begun: tuple[Place, int], steps: list[tuple[str, Decimal, int]]
) -> None:
    place, key = begun
    with undone():
        project = Project.objects.get(pk=key)
        books = Books(place, project, Model(project.total))
        for name, amount, number in steps:
            getattr(books, name)(amount, number)
            books.check()


# --- through the engine, with every gate


@dataclass
class Life:
    """A project under way. Each step goes all the way through its case, or is refused on it."""

    place: Place
    project: Project
    firms: int = 7100

    def contract(self, amount: Decimal, _number: int) -> None:
        self.firms += 1
        scene.contracted(self.place, self.project, scene.firm(self.place, self.firms), amount)

    def supplement(self, amount: Decimal, number: int) -> None:
        contract = self.one(number)
        added = scene.supplement(self.place, contract, (amount / 10).quantize(CENT))
        scene.sign_supplement(self.place, added)

    def pay(self, amount: Decimal, number: int) -> None:
        scene.pay(
            self.place, scene.ask(self.place, self.one(number), min(amount, Decimal(200_000)), stage=1 + number % 2)
        )

    def recall(self, amount: Decimal, number: int) -> None:
        scene.recall(self.place, self.one(number), amount / 100)

    def change(self, amount: Decimal, number: int) -> None:
        delta = (amount / 10).quantize(CENT) * (1 if number % 2 else -1)
        scene.decide_change(self.place, scene.propose_change(self.place, self.project, delta=delta))

    def one(self, number: int) -> Contract:
        rows = list(self.project.contracts.filter(signed_on__isnull=False).order_by("pk"))
        return rows[number % len(rows)]

    def check(self) -> None:
        """Beside the balance: each line names an event of its case, and stands in the audit record."""
        check_balance(self.project)
        for line in self.project.ledger.select_related("case"):
            event = CaseEvent.objects.get(case=line.case, seq=line.seq)
            assert line.on == timezone.localdate(event.at)
            assert line.case_id == self.project.case_id or line.case.family in (
                "contract",
                "supplement",
                "payment",
                "recall",
                "change",
            )
            entries = AuditEntry.objects.filter(verb=f"ledger.{line.kind}", subject_id=str(line.case_id))
            assert [entry.data["seq"] for entry in entries].count(line.seq) <= 1


STEPS = ("contract", "supplement", "pay", "pay", "recall", "change")


@pytest.fixture(params=scene.CITIES if LONG else ("xianyang", "enshi"))
def built(request: pytest.FixtureRequest) -> tuple[Place, int]:
    """A city with a contract that is filed, of which each example begins with rows read afresh."""
    place, contract = scene.built(request.param)
    return place, contract.project_id


@settings(max_examples=30 if LONG else 2, deadline=None, phases=PHASES, suppress_health_check=RELAXED)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), cents, which), min_size=3, max_size=12 if LONG else 5))
def test_random_lives_balance_and_every_figure_names_its_act(
    built: tuple[Place, int], steps: list[tuple[str, Decimal, int]]
) -> None:
    """Whatever the gates of a city let through balances; whatever they refuse leaves no line."""
    place, key = built
    with undone():
        life = Life(place, Project.objects.get(pk=key))
        life.check()
        for step, amount, number in steps:
            before = life.project.ledger.count()
            try:
                with transaction.atomic():
                    getattr(life, step)(amount, number)
            except (Conflict, BadInput):
                assert life.project.ledger.count() == before
            life.check()


@pytest.mark.parametrize("name", scene.CITIES)
def test_a_life_by_hand_balances_to_the_last_cent(name: str) -> None:
    """Everything once, and both stages paid to the end: nothing is left of the contract but its supplement."""
    place, contract = scene.built(name)
    life = Life(place, contract.project)
    scene.pay(place, scene.ask(place, contract, stage=1))
    life.check()
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal("12345.67")))
    life.check()
    scene.decide_change(place, scene.propose_change(place, contract.project, delta=Decimal("-0.01")))
    life.check()
    scene.recall(place, contract, Decimal("0.01"))
    life.check()
    scene.pay(place, scene.ask(place, contract, stage=2))
    life.check()
    contract.refresh_from_db()
    assert contract.left == Decimal("12345.68")
