"""However time is noticed, the record is the same; what fails leaves nothing half-done; who waits holds nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from cases import services as cases
from cases.engine.settling import CHUNK
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry
from organizations.errors import Conflict
from statutes.definitions import Procedure
from tests.statutes.proof.invariants import assert_invariants
from tests.statutes.proof.naive import Answers
from tests.statutes.proof.packs import LONG, TODAY
from tests.statutes.proof.walker import SECOND, START, Walker
from tests.statutes.proof.world import World, undone

pytestmark = pytest.mark.django_db
CHEAP = {"years": 1.0, "cost": 1.0}
EVENT = (
    "seq",
    "kind",
    "action",
    "clock",
    "from_state",
    "to_state",
    "at",
    "fact_at",
    "rule",
    "late",
    "deemed",
    "inputs",
)
CLOCK = ("name", "round", "rule", "status", "started_at", "due_on", "due_at", "breached_at", "ended_at", "act_pending")
ENTRY = ("clock__name", "clock__round", "kind", "at", "event", "amount", "rule", "due_before", "due_after")
Noticing = Callable[[Walker, datetime], None]


def procedure_of(world: World, place: str, name: str) -> Procedure:
    return next(p for p in world.places[place].procedures(TODAY) if p.id == name)


def told(case_id: int) -> dict[str, Any]:
    """The record of a case and of what it opened, but for when things were detected and written down."""
    case = Case.objects.get(pk=case_id)
    claimed = Alert.objects.filter(clock__case=case).order_by("clock__name", "clock__round", "fires_at", "rung")
    return {
        "events": list(case.events.order_by("seq").values_list(*EVENT)),
        "clocks": list(case.clocks.order_by("name", "round").values_list(*CLOCK)),
        "ledger": list(ClockEntry.objects.filter(clock__case=case).order_by("clock__name", "id").values_list(*ENTRY)),
        "rungs": list(claimed.values_list("clock__name", "clock__round", "rung", "due_at", "fires_at")),
        "next": (case.state, case.seq, case.next_fire_at),
        "children": [told(pk) for pk in case.children.order_by("pk").values_list("pk", flat=True)],
    }


def never(walker: Walker, until: datetime) -> None:
    """Nobody looks before the next action, or the end."""
    walker.tell(until, Answers(fields=CHEAP))


def each_rung(walker: Walker, until: datetime) -> None:
    """A sweep at the very instant of every rung."""
    while True:
        waiting = [at for at in Case.objects.values_list("next_fire_at", flat=True) if at is not None and at <= until]
        if not waiting:
            break
        walker.tell(min(waiting), Answers(fields=CHEAP))
        cases.sweep()
    walker.tell(until, Answers(fields=CHEAP))


def at_random(seed: int) -> Noticing:
    """Sweeps, and looks at single cases, whenever."""
    rng = random.Random(seed)  # noqa: S311

    def notice(walker: Walker, until: datetime) -> None:
        while walker.now < until:
            walker.tell(min(until, walker.now + timedelta(minutes=rng.randrange(1, 60 * 72))), Answers(fields=CHEAP))
            some = list(Case.objects.order_by("pk").values_list("pk", flat=True))
            cases.sweep() if rng.random() < 0.5 else cases.settle_case(rng.choice(some))

    return notice


NOTICINGS: dict[str, Noticing] = {"each rung": each_rung, "random 1": at_random(1)}
NOTICINGS |= {f"random {seed}": at_random(seed) for seed in range(2, 8) if LONG}
SCRIPTS: dict[tuple[str, str], list[tuple[int, str]]] = {
    ("lab", "clocks"): [
        (30, "ask"),
        (52, "supply"),
        (100, "prolong"),
        (300, "order"),
        (800, "answer"),
        (2600, "visit"),
    ],
    ("proof", "mill"): [(5, "break_down"), (40, "ask"), (44, "rest"), (190, "resume"), (200, "supply"), (600, "again")],
    ("lab", "round"): [(10, "file"), (400, "file"), (4400, "stop_waiting")],
}
"""Hours after the opening, and what is done then where the case stands so that it can be."""


def lived(world: World, place: str, name: str, notice: Noticing) -> dict[str, Any]:
    """One scripted life under one way of noticing, swept to the same moment in the end."""
    walker = Walker(world, world.places[place], procedure_of(world, place, name))
    world.oracle.ran = []
    assert walker.begin(Answers(fields=CHEAP)) is not None
    for hours, action in SCRIPTS[place, name]:
        notice(walker, START + timedelta(hours=hours))
        cases.settle_case(walker.main)
        walker.read_on()
        for life in walker.open_lives():
            moves = [m for m in walker.moves(life) if m.name == action]
            move = min(moves, key=lambda each: each.truth, default=None)
            if move is not None and move.action is not None:
                walker.act(life, replace(move, answers=Answers(move.answers.tests, CHEAP)))
                break
    notice(walker, START + timedelta(hours=3000))
    cases.sweep()
    walker.read_on()
    return told(walker.main)


@pytest.mark.parametrize(("place", "name"), SCRIPTS)
def test_the_record_is_the_same_however_late_or_often_time_is_noticed(world: World, place: str, name: str) -> None:
    """Invariant 6, children included."""
    with undone():
        expected = lived(world, place, name, never)
    assert any(event[1] == "due" for event in expected["events"]), "nothing fell due in this life"
    for way, notice in NOTICINGS.items():
        with undone():
            found = lived(world, place, name, notice)
            differing = {
                part: [x for x in found[part] if x not in expected[part]]
                for part in found
                if found[part] != expected[part]
            }
            assert not differing, f"{way}: {differing}"


def test_a_rung_is_claimed_by_its_row(world: World) -> None:
    """Invariant 5: the table itself refuses a second claim of a rung for one due date."""
    walker = Walker(world, world.places["lab"], procedure_of(world, "lab", "clocks"))
    world.oracle.ran = []
    walker.begin()
    walker.settle(walker.lives[walker.main], START + timedelta(days=60))
    first = Alert.objects.filter(clock__case=walker.main, rung="due").first()
    assert first is not None
    twin = Alert(clock=first.clock, rung="due", due_at=first.due_at, fires_at=START, detected_at=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_the_record_cannot_be_changed_or_removed(world: World) -> None:
    """Invariant 11: the tables themselves refuse it, whoever asks."""
    walker = Walker(world, world.places["lab"], procedure_of(world, "lab", "clocks"))
    world.oracle.ran = []
    walker.begin()
    walker.settle(walker.lives[walker.main], START + timedelta(days=60))
    for rows in (
        CaseEvent.objects.filter(case=walker.main),
        ClockEntry.objects.filter(clock__case=walker.main),
        Alert.objects.filter(clock__case=walker.main),
    ):
        with pytest.raises(Exception, match=r"append|only"), transaction.atomic():
            rows._raw_delete("default")
        name = "rule" if rows.model is not Alert else "rung"
        with pytest.raises(Exception, match=r"append|only"), transaction.atomic():
            rows.update(**{name: "x"})


def test_an_act_that_fails_leaves_nothing_half_done_and_the_breach_on_record(world: World) -> None:
    """Invariant 12: other actions are refused and told why, until the act goes through; then it is as if it had."""
    place = world.places["proof"]
    walker = Walker(world, place, procedure_of(world, "proof", "mill"))
    world.oracle.ran = []
    walker.begin(Answers(fields=CHEAP))
    life = walker.lives[walker.main]
    ask = next(m for m in walker.moves(life) if m.name == "ask")
    walker.act(life, ask)
    supply = next(m for m in walker.moves(life) if m.name == "supply")
    due = walker.next_due(life)
    assert due is not None
    try:
        world.oracle.failing = "note_lapse"
        walker.tell(due + SECOND, Answers())
        cases.sweep()
        case = Case.objects.get(pk=walker.main)
        asked = Clock.objects.get(case=case, name="asked")
        assert (case.state, asked.status, asked.breached_at) == ("asked", "open", asked.due_at)
        assert case.error
        assert CaseEvent.objects.filter(case=case, kind="due", clock="asked").count() == 1
        assert not CaseEvent.objects.filter(case=case, action="lapse").exists()
        assert_invariants(case.pk)
        assert case.error != case.error_en != ""
        for language, why in (("zh-hans", case.error), ("en", case.error_en)):
            with override(language), pytest.raises(Conflict, match=re.escape(why)):
                cases.act(walker.actor(supply), case.pk, "supply", version=case.seq)
    finally:
        world.oracle.failing = ""
    walker.tell(due + timedelta(days=3), Answers())
    cases.sweep()
    walker.read_on()
    case.refresh_from_db()
    lapse = CaseEvent.objects.get(case=case, action="lapse")
    assert (case.state, case.error, lapse.at) == ("dropped", "", due)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile."""
    said: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield said


def test_an_action_locks_its_case_first_and_no_other(world: World) -> None:
    """Invariant 1: an action locks one case, before anything is written.

    A chunk of a sweep locks many, but only those that nobody holds: who locks several waits for none.
    """
    walker = Walker(world, world.places["lab"], procedure_of(world, "lab", "round"))
    world.oracle.ran = []
    walker.begin()
    report = next(life for life in walker.open_lives() if life.replay.procedure.id == "report")
    move = next(m for m in walker.moves(report) if m.name == "file")
    actor = walker.actor(move)
    with statements() as said:
        cases.act(actor, report.case_id, "file", version=report.replay.events[-1].seq, opinion="理由")
    locks = [
        n for n, sql in enumerate(said) if "FOR UPDATE" in sql and 'FROM "cases_case"' in sql and "LIMIT 1 " in sql
    ]
    written = [n for n, sql in enumerate(said) if sql.startswith(("INSERT", "UPDATE")) and '"cases_' in sql]
    assert len(locks) == 1
    assert locks[0] < min(written)
    with statements() as said:
        walker.tell(walker.now + timedelta(days=400), Answers())
        cases.sweep()
    several = [sql for sql in said if "FOR UPDATE" in sql and 'FROM "cases_case"' in sql and f"LIMIT {CHUNK}" in sql]
    assert several
    assert all("SKIP LOCKED" in sql for sql in several), "who locks several waits for none"
