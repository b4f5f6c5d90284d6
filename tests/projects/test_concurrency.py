"""Many hands at one contract: money is paid once, and never more of it than there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from cases import services as cases
from cases.models import CaseEvent
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from projects.models import Contract, LedgerEntry, Payment
from projects.services import paying
from projects.standing import money_of
from tests.cast import Place, new_actor
from tests.projects import building_scene as scene
from tests.projects.contract_scene import papers
from tests.scenes import act

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 20
REFUSED = (Conflict, BadInput, NotPermitted)


def at_once(works: Sequence[Callable[[], object]]) -> list[bool]:
    """All of these at the same time, each in a connection of its own. Whether each was done, or refused."""

    def tried(work: Callable[[], object]) -> bool:
        try:
            work()
        except REFUSED:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(tried, works))


@pytest.fixture
def place_and_contract() -> tuple[Place, Contract]:
    return scene.built("enshi")


def paid_lines(contract: Contract) -> int:
    return LedgerEntry.objects.filter(contract=contract, kind=LedgerEntry.Kind.PAID).count()


def check(contract: Contract, paid: Decimal) -> None:
    contract.refresh_from_db()
    assert contract.paid == paid == money_of(contract.project).paid
    assert contract.paid <= contract.due


def test_twenty_approvals_of_one_payment_pay_once(place_and_contract: tuple[Place, Contract]) -> None:
    """All of them saw the same version of the case: one is done, nineteen are told that it moved."""
    place, contract = place_and_contract
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    payment.case.refresh_from_db()
    seq, key = payment.case.seq, payment.case_id

    def pay(number: int) -> object:
        return cases.act(place.finance_approver, key, "pay", version=seq, idempotency_key=f"k{number}")

    done = at_once([lambda number=number: pay(number) for number in range(HANDS)])
    assert sorted(done) == [False] * (HANDS - 1) + [True]
    assert CaseEvent.objects.filter(case=key, action="pay").count() == 1
    assert paid_lines(contract) == 1
    check(contract, Decimal(240_000))


def test_the_same_approval_sent_twenty_times_pays_once(place_and_contract: tuple[Place, Contract]) -> None:
    """One key: each sending answers as the first one did."""
    place, contract = place_and_contract
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    payment.case.refresh_from_db()
    seq, key = payment.case.seq, payment.case_id
    send = lambda: cases.act(place.finance_approver, key, "pay", version=seq, idempotency_key="one")  # noqa: E731
    assert all(at_once([send] * HANDS))
    assert paid_lines(contract) == 1
    check(contract, Decimal(240_000))


def test_two_people_approve_a_payment_at_once(place_and_contract: tuple[Place, Contract]) -> None:
    place, contract = place_and_contract
    finance = place.finance_approver.organization
    second = new_actor(finance, Position.Kind.APPROVER, "enshi.finance.second")
    payment = scene.to_the_cashier(place, scene.ask(place, contract))
    payment.case.refresh_from_db()
    seq, key = payment.case.seq, payment.case_id
    hands = [lambda who=who: cases.act(who, key, "pay", version=seq) for who in (place.finance_approver, second)]
    assert sorted(at_once(hands)) == [False, True]
    assert paid_lines(contract) == 1
    check(contract, Decimal(240_000))


def test_twenty_payments_of_one_contract_never_exceed_it(place_and_contract: tuple[Place, Contract]) -> None:
    """Each was within the contract when it was asked for; when all are paid at once only as many are as it covers."""
    place, contract = place_and_contract
    due = contract.due
    Contract.objects.filter(pk=contract.pk).update(due=contract.due * HANDS)
    share = Decimal(100_000)
    asked = [scene.to_the_cashier(place, scene.ask(place, contract, share, stage=None)) for _n in range(8)]
    Contract.objects.filter(pk=contract.pk).update(due=due)
    done = at_once([lambda case=row.case: act(place.finance_approver, case, "pay") for row in asked])
    assert sum(done) == 6
    assert paid_lines(contract) == 6
    check(contract, Decimal(600_000))


def test_twenty_payments_asked_for_at_once_lie_within_the_contract(place_and_contract: tuple[Place, Contract]) -> None:
    place, contract = place_and_contract
    files = [papers(place.applicant_handler) for _n in range(HANDS)]

    def ask(given: list[int]) -> object:
        fresh = Contract.objects.get(pk=contract.pk)
        return paying.begin_payment(
            place.applicant_handler, contract=fresh, amount=Decimal(100_000), given={"papers": given}
        )

    done = at_once([lambda given=given: ask(given) for given in files])
    assert sum(done) == 6
    assert sum(row.amount for row in Payment.objects.filter(contract=contract)) == contract.due


def test_paying_and_asking_at_once_waits_for_nobody_in_a_circle(place_and_contract: tuple[Place, Contract]) -> None:
    """Some book on the contract while others begin steps of its project: all of them come to an end."""
    place, contract = place_and_contract
    ready = [scene.to_the_cashier(place, scene.ask(place, contract, Decimal(10_000), stage=None)) for _n in range(4)]
    files = [papers(place.applicant_handler) for _n in range(8)]

    def ask(given: list[int]) -> object:
        fresh = Contract.objects.get(pk=contract.pk)
        return paying.begin_payment(
            place.applicant_handler, contract=fresh, amount=Decimal(1_000), given={"papers": given}
        )

    pays = [lambda case=row.case: act(place.finance_approver, case, "pay") for row in ready]
    asks = [lambda given=given: ask(given) for given in files]
    assert all(at_once([*pays, *asks]))
    check(contract, Decimal(40_000))


def test_contracts_signed_at_once_lie_within_what_was_approved(place_and_contract: tuple[Place, Contract]) -> None:
    """260,000 are left: of two contracts of 200,000 one is signed."""
    place, contract = place_and_contract
    drafts = []
    for number in (7011, 7012):
        bought = scene.procurement(place, contract.project, budget=Decimal(200_000))
        bidder = scene.offer(place, bought, scene.firm(place, number), Decimal(200_000))
        drafts.append(scene.write(place, scene.award(place, bidder)))
    done = at_once([lambda draft=draft: scene.sign(place, draft) for draft in drafts])
    assert sorted(done) == [False, True]
    money = money_of(contract.project)
    assert money.contracted == Decimal(800_000) <= money.approved
