"""Random lives with a fixed seed: anybody tries anything at any time, and every life ends.

PROOF_LIVES says how many; the few that run each time are spread over all procedures of all packs;
drafts are walked, but not lived: their papers leave some ways open.
"""

from __future__ import annotations

import os
import random
from collections import deque
from datetime import date, datetime, timedelta

import pytest

from cases import services as cases
from statutes.definitions import Action, Procedure
from tests.statutes.proof.naive import local_day, midnight
from tests.statutes.proof.packs import LONG, TODAY, is_draft, walked
from tests.statutes.proof.walker import SECOND, START, Life, Move, Walker
from tests.statutes.proof.world import World, undone

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("PROOF_LIVES", "560" if LONG else "32"))
BATCH = 7
ALONE = 0.4
"""In how many lives one person does everything that is tried, as far as nobody stops it."""
WILD, MOST = 14, 160
"""Steps in which anything is tried, and by which a life has ended."""


class Wanderer(Walker):
    """One life after another, each from its own seed."""

    def __init__(self, world: World, place: str, procedure: Procedure, seed: int) -> None:
        super().__init__(world, world.places[place], procedure)
        self.rng = random.Random(f"{place} {procedure.id} {seed}")  # noqa: S311
        self.alone = self.rng.random() < ALONE
        self.away = {p.id: _distances(p) for p in self.place.procedures(TODAY)}

    def live(self) -> str:
        """A whole life. Returns its outcome; "" where the opening was refused every time."""
        self.now = START + timedelta(minutes=self.rng.randrange(400 * 24 * 60))
        self.world.oracle.ran = []
        if not self._born():
            return ""
        for step in range(MOST):
            if self.lives[self.main].replay.closed:
                return self.lives[self.main].replay.state
            if step < WILD:
                self._anything()
            else:
                self._homewards()
        raise AssertionError(f"{self.procedure.id} stands in {self.lives[self.main].replay.state} after {MOST} steps")

    def _born(self) -> bool:
        procedure = self.procedure
        opening = next(a for a in procedure.actions.values() if a.opens_case)
        conds = [*opening.when, *(o.when for c in procedure.clocks.values() for o in c.limit if o.when is not None)]
        for _attempt in range(8):
            blank = self.blank()
            given = self.rng.choice(list(self.inputs(blank, opening, conds)))
            answers = self.rng.choice(self.answers(conds))
            if not self.closed(blank, opening, given, answers):
                return self.begin(answers, given) is not None
        return False

    def _anything(self) -> None:
        life = self.rng.choice(self.open_lives())
        if self.rng.random() < 0.35:
            self._wait(life)
            return
        move = self._some_action(life)
        if move is not None:
            self.settle(life, self.now, move.answers)
            if not life.replay.closed:
                self.act(life, move, everyone=self.alone or self.rng.random() < 0.2)

    def _wait(self, life: Life) -> None:
        """Time passes: to the very instant of a due date, just past it, to a midnight, or by hours or days."""
        due = self.next_due(life)
        nights = midnight(local_day(self.now) + timedelta(days=1))
        ways = [self.now + timedelta(minutes=self.rng.randrange(1, 60 * 30)), nights, nights - SECOND]
        ways += [self.now + timedelta(days=self.rng.randrange(1, 16))]
        ways += [due, due + timedelta(microseconds=1), due + SECOND] if due is not None else []
        until = self.rng.choice([way for way in ways if way >= self.now])
        answers = self.rng.choice(
            self.answers([way.when for s in life.replay.procedure.states.values() for way in s.next])
        )
        how = self.rng.random()
        if how < 0.4:
            self.settle(life, until, answers)
        elif how < 0.6:
            self.tell(until, answers)
            cases.sweep()
            self.read_on()
        else:
            self.tell(until, answers)

    def _some_action(self, life: Life) -> Move | None:
        replay = life.replay
        actions = (
            replay.procedure.actions_from(replay.state)
            if self.rng.random() < 0.95
            else list(replay.procedure.actions.values())
        )
        actions = [
            a
            for a in actions
            if a.by and not a.opens_case and any(r.party == h.party for h in a.by for r in replay.rows)
        ]
        if not actions:
            return None
        action = self.rng.choice(actions)
        hand, row = self.rng.choice([(h, r) for h in action.by for r in replay.rows if r.party == h.party])
        conds = [*action.when, *(o.when for o in action.to if o.when is not None)]
        given = self.rng.choice(list(self.inputs(life, action, conds)))
        if action.dated in given and self.rng.random() < 0.6:
            given = {**given, action.dated: self._some_day(life).isoformat()}
        return Move(action.id, action, hand, row, self.rng.choice(self.answers(conds)), tuple(sorted(given.items())))

    def _some_day(self, life: Life) -> date | datetime:
        """A day of the fact: today, tomorrow, some days ago, or the day on which something fell due."""
        today = local_day(self.now)
        days = [today, today + timedelta(days=1), today - timedelta(days=self.rng.randrange(30))]
        return self.rng.choice(
            days + [r.due_on for r in life.replay.rounds if r.due_on is not None and r.due_on <= today]
        )

    def _homewards(self) -> None:
        """The shortest way to an end, mostly; who stands in the way first."""
        main = self.lives[self.main]
        life = main if self.rng.random() < 0.5 else self.rng.choice(self.open_lives())
        self.settle(life, self.now + timedelta(minutes=5))
        moves = self.moves(life) if not life.replay.closed else []
        if not moves:
            return
        away = self.away[life.replay.procedure.id]
        nearest = min(moves, key=lambda move: (away.get(move.target, MOST), self.rng.random()))
        move = nearest if self.rng.random() < 0.6 else self.rng.choice(moves)
        self.make(life, move)


def _distances(procedure: Procedure) -> dict[str, int]:
    """How many steps each state is from the nearest end."""
    steps = [(s, o.value) for a in procedure.actions.values() for o in a.to for s in _sources(procedure, a)]
    steps += [(state.id, way.to) for state in procedure.states.values() for way in state.next]
    away = {state.id: 0 for state in procedure.states.values() if state.terminal}
    waiting = deque(away)
    while waiting:
        here = waiting.popleft()
        for source, target in steps:
            if target == here and source not in away:
                away[source] = away[here] + 1
                waiting.append(source)
    return away


def _sources(procedure: Procedure, action: Action) -> list[str]:
    return (
        [s.id for s in procedure.states.values() if not s.terminal] if "*" in action.sources else list(action.sources)
    )


def plan() -> list[list[tuple[str, str, int]]]:
    """Place, procedure and seed of every life, in batches."""
    every = [(place, procedure) for place, procedure, _coarse in walked(TODAY) if not is_draft(place)]
    lives = [(*every[number % len(every)], number // len(every)) for number in range(LIVES)]
    return [lives[start : start + BATCH] for start in range(0, len(lives), BATCH)]


@pytest.mark.parametrize("batch", plan(), ids=str)
def test_whatever_anybody_tries_every_life_ends_and_the_record_is_sound(
    world: World, batch: list[tuple[str, str, int]]
) -> None:
    for place, name, seed in batch:
        procedure = next(p for p in world.places[place].procedures(TODAY) if p.id == name)
        with undone():
            outcome = Wanderer(world, place, procedure, seed).live()
        assert outcome in {s.id for s in procedure.states.values() if s.terminal} | {""}, (place, name, seed)
