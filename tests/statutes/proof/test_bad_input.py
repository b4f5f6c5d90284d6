"""The bad input that the issue names, where it concerns cases and their clocks."""

from __future__ import annotations

import os
import shutil
import time as clock_of_the_machine
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from cases import services as cases
from cases.models import Case, Clock
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position
from statutes.services import sync_packs
from statutes.timelimits import TZ
from tests.cast import Place, new_actor
from tests.laboratory.place import PACKS, clock, lab, opened
from tests.scenes import act
from tests.statutes.proof.invariants import assert_invariants

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=TZ)  # type: ignore[arg-type, misc]


def test_a_pack_changed_under_a_running_case_leaves_it_under_its_own_law(
    lab: Place, settings: Settings, tmp_path: Path, now: time_machine.Coordinates
) -> None:
    """Procedure and numbers are those of its opening, also for a round that begins after the change."""
    before = opened(lab, "clocks")
    folder = shutil.copytree(PACKS / "lab", tmp_path / "lab")
    rules, procedure = folder / "rules.toml", folder / "procedures" / "clocks.toml"
    rules.write_text(
        rules.read_text("utf-8").replace(
            '{ amount = 3, unit = "working_day" }', '{ amount = 2, unit = "working_day" }'
        ),
        "utf-8",
    )
    text = procedure.read_text("utf-8").replace('[[action]]\nid = "visit"', '[[action]]\nid = "look"')
    procedure.write_text(text.replace('until = ["visit"]', 'until = ["look"]'), "utf-8")
    settings.STATUTES_PATH = str(tmp_path)
    sync_packs(activate=True)
    after = opened(lab, "clocks")
    now.move_to(MONDAY + timedelta(days=1))
    for case, due in ((before, date(2026, 3, 6)), (after, date(2026, 3, 5))):
        cases.settle_case(case.pk)
        act(lab.bureau_reviewer, case, "again")
        assert clock(case, "round").due_on == due
        assert_invariants(case.pk)
    act(lab.bureau_reviewer, before, "visit")
    act(lab.bureau_reviewer, after, "look")
    assert clock(before, "hours").status == clock(after, "hours").status == "late"


@pytest.fixture
def deputy(lab: Place) -> Actor:
    """Somebody who stands in for the approver until Tuesday."""
    person = new_actor(lab.outside, Position.Kind.HANDLER, "stand-in").user
    position = Position.objects.create(
        user=person,
        organization=lab.bureau,
        kind=Position.Kind.APPROVER,
        deputy_for=lab.bureau_approver.position,
        active_from=date(2026, 3, 2),
        active_until=date(2026, 3, 3),
    )
    return Actor(person, position)


def test_a_deputy_acts_up_to_the_last_instant_of_the_period_and_the_event_shows_both(
    lab: Place, deputy: Actor, now: time_machine.Coordinates
) -> None:
    case = opened(lab, "clocks")
    now.move_to(at(2026, 3, 3, 23, 59, 59))
    cases.sweep()
    event = act(deputy, case, "prolong", days=2)
    assert (event.person, event.deputy_for) == (deputy.user, lab.bureau_approver.position)


def test_a_deputy_whose_period_has_ended_cannot_act_from_an_open_page(
    lab: Place, deputy: Actor, now: time_machine.Coordinates
) -> None:
    """The page was opened in time, the button pressed at the first instant after."""
    case = opened(lab, "clocks")
    now.move_to(at(2026, 3, 4, 0, 0))
    cases.sweep()
    case.refresh_from_db()
    seq = case.seq
    with pytest.raises(NotPermitted):
        act(deputy, case, "prolong", days=2)
    case.refresh_from_db()
    assert case.seq == seq


def test_an_extension_asked_twice_is_given_once(lab: Place) -> None:
    """By the same key it is the same event; without one it is a conflict; the due date moves once."""
    case = opened(lab, "clocks")
    first = cases.act(lab.bureau_approver, case.pk, "prolong", version=1, given={"days": 3}, idempotency_key="k")
    again = cases.act(lab.bureau_approver, case.pk, "prolong", version=1, given={"days": 3}, idempotency_key="k")
    assert first.pk == again.pk
    with pytest.raises(Conflict):
        act(lab.bureau_approver, case, "prolong", days=3)
    assert clock(case, "reply").due_on == date(2026, 3, 12)
    assert clock(case, "reply").ledger.filter(kind="extend").count() == 1


@pytest.mark.parametrize(("when", "is_in_time"), [((2026, 3, 10, 0, 0), True), ((2026, 3, 10, 0, 0, 1), False)])
def test_an_extension_after_the_due_date_is_refused(
    lab: Place, now: time_machine.Coordinates, when: tuple[int, ...], is_in_time: bool
) -> None:
    """The very instant at which the last day ends is still in time; the next is not, swept or not."""
    case = opened(lab, "clocks")
    now.move_to(at(*when))
    cases.settle_case(case.pk)
    if is_in_time:
        act(lab.bureau_approver, case, "prolong", days=3)
        assert clock(case, "reply").due_on == date(2026, 3, 12)
    else:
        with pytest.raises(Conflict):
            act(lab.bureau_approver, case, "prolong", days=3)
    assert_invariants(case.pk)


@pytest.mark.parametrize("days", [0, -1, 11, 10**9])
def test_an_extension_of_nothing_or_of_more_than_the_rule_is_refused_by_name(lab: Place, days: int) -> None:
    case = opened(lab, "clocks")
    with pytest.raises(BadInput) as refused:
        act(lab.bureau_approver, case, "prolong", days=days)
    assert set(refused.value.fields) == {"days"}
    assert clock(case, "reply").due_on == date(2026, 3, 9)


def test_a_clock_that_starts_in_a_year_that_nobody_has_announced_is_provisional(
    lab: Place, now: time_machine.Coordinates
) -> None:
    now.move_to(at(2031, 3, 3, 9, 0))
    case = opened(lab, "clocks")
    firm = set(case.clocks.filter(provisional=False).values_list("name", flat=True))
    assert firm == {"today", "by_august", "by_march", "hours"}, "these ask no calendar"
    assert_invariants(case.pk)


def test_a_start_beyond_the_last_year_of_the_calendar_is_refused_and_nothing_is_left(
    lab: Place, now: time_machine.Coordinates
) -> None:
    """The tables end somewhere; what lies beyond cannot be counted, so no case stands there with a wrong date."""
    now.move_to(at(2200, 1, 4, 9, 0))
    with pytest.raises(Exception, match="calendar"):
        opened(lab, "clocks")
    assert not Case.objects.filter(procedure="clocks").exists()


def test_the_first_instant_of_a_year_belongs_to_the_new_year(lab: Place, now: time_machine.Coordinates) -> None:
    """One second earlier is the old year, for a fixed day, for the start day and for the number of the case."""
    now.move_to(at(2026, 12, 31, 23, 59, 59))
    old = opened(lab, "clocks")
    now.move_to(at(2027, 1, 1, 0, 0))
    new = opened(lab, "clocks")
    assert (clock(old, "by_august").due_on, clock(new, "by_august").due_on) == (date(2026, 8, 31), date(2027, 8, 31))
    assert (clock(old, "today").due_on, clock(new, "today").due_on) == (date(2026, 12, 31), date(2027, 1, 1))
    assert clock(old, "today").due_at == at(2027, 1, 1)
    assert ("-2026-" in old.number, "-2027-" in new.number) == (True, True)
    assert_invariants(old.pk)
    assert_invariants(new.pk)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Pacific/Apia", "UTC"])
def test_daylight_saving_of_the_machine_does_not_matter(
    lab: Place, now: time_machine.Coordinates, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clocks go forward on 8 and on 29 March where the machine believes to be; every due date stays as it is."""
    expected = [(c.name, c.due_on, c.due_at) for c in opened(lab, "clocks").clocks.order_by("name")]
    monkeypatch.setenv("TZ", zone)
    clock_of_the_machine.tzset()
    try:
        case = opened(lab, "clocks")
        assert [(c.name, c.due_on, c.due_at) for c in case.clocks.order_by("name")] == expected
        for day in range(1, 40):
            now.move_to(MONDAY + timedelta(days=day))
            cases.settle_case(case.pk)
        assert_invariants(case.pk)
        assert Clock.objects.get(case=case, name="thirty").breached_at == at(2026, 4, 2)
    finally:
        monkeypatch.undo()
        clock_of_the_machine.tzset()
        assert os.environ.get("TZ") != zone
