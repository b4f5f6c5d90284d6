"""Every edge of every procedure of every pack, through the engine, each loop at most twice.

An edge is a state, what happens in it and where that leads, beside the status of each clock. The walk goes from a case
as it stands to wherever there is such an edge that was not walked yet, takes the step back, and goes on. A procedure
that a pack takes from its parent as it is has been walked there: here its states and actions are, under its numbers.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest

from statutes.definitions import CasesAre, Procedure
from tests.statutes.proof.naive import Answers
from tests.statutes.proof.packs import LONG, TODAY, is_draft, law_of, sources, walked
from tests.statutes.proof.walker import START, Life, Move, Walker
from tests.statutes.proof.world import Place, World, inside, undone

pytestmark = pytest.mark.django_db
TWICE = 2
REFUSED_OPENINGS = 3
MOST, MOST_LIVES, OFTEN = 60, 12, 0.85
Edge = tuple[str, str, str, str]


class Survey(Walker):
    """Walks one procedure over all its edges, and what it opens as far as it is met on the way."""

    def __init__(self, world: World, place: Place, procedure: Procedure, *, coarse: bool) -> None:
        super().__init__(world, place, procedure)
        self.coarse = coarse
        self.edges: set[Edge] = set()
        self.walked: Counter[tuple[str, ...]] = Counter()
        self.seen: set[object] = set()
        self.leads: dict[str, set[str]] = {}
        self.ends: set[str] = set()

    def key(self) -> object:
        """Where the kin stands: states, statuses of clocks, who has done their part, and what may happen next."""
        found = []
        for life in self.lives.values():
            replay = life.replay
            staying = [a for a in replay.procedure.actions_from(replay.state) if not a.to]
            done = [event for action in staying for event in replay.this_stay(action)]
            parts = {(e.action, e.party, e.position, str(e.person_id)) for e in done}
            statuses = () if self.coarse else tuple(sorted(replay.statuses(self.now).items()))
            ahead = () if replay.closed else tuple(sorted({move.name for move in self.moves(life)}))
            found.append((replay.procedure.id, replay.state, statuses, tuple(sorted(parts)), ahead))
        return tuple(sorted(found))

    def stand(self) -> str:
        """The state of the case that was opened, whatever its children do."""
        return self.lives[self.main].replay.state

    def explore(self) -> None:
        """What was opened by hand moves first: its ends are met while the case that waits for them is still open."""
        here = self.key()
        if here in self.seen:
            return
        self.seen.add(here)
        self.leads.setdefault(self.stand(), set())
        if self.lives[self.main].replay.closed:
            self.ends.add(self.stand())
        for case_id in sorted((life.case_id for life in self.open_lives()), reverse=bool(self.steps_by_hand)):
            for move in self.moves(self.lives[case_id], every=not self.coarse):
                self._try(self.lives[case_id], move)
        for procedure in self.steps_within():
            kept = self._kept()
            with undone():
                self.open_within(procedure)
                self.explore()
            self.lives, self.now, self.world.oracle.ran = kept

    @cached_property
    def steps_by_hand(self) -> list[Procedure]:
        """Procedures that people open within this one, and whose outcome its exits wait for."""
        states = self.procedure.states.values()
        exits = [part for state in states for way in state.next for part in inside(way.when)]
        awaited = {part.procedure for part in exits if isinstance(part, CasesAre)}
        awaited -= {opens.procedure for state in states for opens in state.opens}
        return [procedure for procedure in self.place.procedures(TODAY) if procedure.id in awaited]

    def steps_within(self) -> list[Procedure]:
        """Those of them that were not opened yet, while the case is open."""
        if self.lives[self.main].replay.closed:
            return []
        there = {life.replay.procedure.id for life in self.lives.values()}
        return [procedure for procedure in self.steps_by_hand if procedure.id not in there]

    def _kept(self) -> tuple[dict[int, Life], datetime, list[tuple[int, str]]]:
        return {pk: each.copy() for pk, each in self.lives.items()}, self.now, list(self.world.oracle.ran)

    def _try(self, life: Life, move: Move) -> None:
        refused = self.verdict(life, move, self.actor(move)) if move.action else ""
        edges, who = self._edges(life, move), move.variant if LONG or not refused else move.variant[:2]
        mark = (life.replay.procedure.id, life.replay.state, refused, *who)
        once = self.coarse or (refused and not LONG)
        if (edges <= self.edges or (refused and not LONG)) and self.walked[mark] >= (1 if once else TWICE):
            return
        self.walked[mark] += 1
        here = self.stand()
        kept = self._kept()
        with undone():
            if self.make(life, move):
                self.edges |= edges
                self.leads[here].add(self.stand())
                self.explore()
        self.lives, self.now, self.world.oracle.ran = kept

    def _edges(self, life: Life, move: Move) -> set[Edge]:
        state, step = f"{life.replay.procedure.id}.{life.replay.state}", f"{move.name}>{move.target}"
        statuses = {} if self.coarse else life.replay.statuses(self.now)
        return {(state, step, clock, status) for clock, status in statuses.items()} or {(state, step, "", "")}

    def openings(self) -> Iterator[tuple[dict[str, Any], Answers]]:
        """Every way to open a case that makes a difference, and some that are refused."""
        procedure = self.procedure
        self.lives, self.now = {}, START
        self.tell(START, Answers())
        for action in [a for a in procedure.actions.values() if a.opens_case]:
            blank = self.blank()
            choices = [o.when for o in action.to if o.when is not None]
            choices += [o.when for clock in procedure.clocks.values() for o in clock.limit if o.when is not None]
            seen: Counter[object] = Counter()
            for given in self.inputs(blank, action, [*action.when, *choices]):
                for answers in self.answers([*action.when, *choices]):
                    closed = self.closed(blank, action, given, answers)
                    truth = () if closed else tuple(blank.replay.holds(c, START, given, answers) for c in choices)
                    mark = (closed, truth, "" if closed else repr(given))
                    seen[mark] += 1
                    if seen[mark] <= (REFUSED_OPENINGS if closed else 1):
                        yield given, answers

    def everywhere(self) -> None:
        for given, answers in list(self.openings()):
            self.lives, self.now, self.world.oracle.ran = {}, START, []
            with undone():
                if self.begin(answers, given) is not None:
                    self.explore()

    def missing(self) -> set[str]:
        """States that were never met, actions that were never taken, and states from which no end was reached."""
        procedure = self.procedure
        own = f"{procedure.id}."
        taken = {step.partition(">")[0] for state, step, _clock, _status in self.edges if state.startswith(own)}
        wanted = {a.id for a in procedure.actions.values() if not a.opens_case and (a.by or a.by_clock)}
        return (set(procedure.states) - self.met) | (wanted - taken - self.acted) | self.without_end()

    def wander(self, rng: random.Random) -> None:
        """One life as it comes, for what only many hands together reach."""
        missing = self.missing()
        given, answers = rng.choice(list(self.openings()))
        self.lives, self.now, self.world.oracle.ran = {}, START, []
        if self.begin(answers, given) is None:
            return
        for _step in range(MOST):
            if self.lives[self.main].replay.closed:
                self.ends.add(self.stand())
                return
            children = [life for life in self.open_lives() if life.case_id != self.main]
            life = rng.choice(children) if children and rng.random() < OFTEN else self.lives[self.main]
            self.settle(life, self.now)
            waiting = [] if life.replay.closed else self.moves(life)
            moves = [m for m in waiting if not (m.action and self.verdict(life, m, self.actor(m)))]
            if moves:
                wanted = [move for move in moves if {move.name, move.target} & missing]
                self._go(life, rng.choice(wanted or moves))

    def _go(self, life: Life, move: Move) -> None:
        here, edges = self.stand(), self._edges(life, move)
        if self.make(life, move):
            self.edges |= edges
            self.leads.setdefault(here, set()).add(self.stand())

    def without_end(self) -> set[str]:
        """Where cases have stood from which no step that was walked leads to an end."""
        ending, before = set(self.ends), -1
        while len(ending) != before:
            before = len(ending)
            ending |= {here for here, there in self.leads.items() if there & ending}
        return set(self.leads) - ending


@pytest.mark.parametrize(("place", "procedure", "coarse"), walked(TODAY))
def test_every_edge_of_a_procedure_is_walked(world: World, place: str, procedure: str, coarse: bool) -> None:
    """After every step the invariants and the second reading hold.

    Every state is met, every action taken, and from every state an end is reached; of drafts as far as they go.
    """
    found = next(p for p in world.places[place].procedures(TODAY) if p.id == procedure)
    survey = Survey(world, world.places[place], found, coarse=coarse)
    survey.everywhere()
    rng = random.Random(f"{place} {procedure}")  # noqa: S311
    for _life in range(MOST_LIVES):
        if not is_draft(place) and survey.missing():
            with undone():
                survey.wander(rng)
    assert not survey.missing() or is_draft(place)
    print(f"{place} {procedure}: {survey.steps} steps, {len(survey.edges)} edges, {len(survey.seen)} positions")


def test_a_procedure_that_is_not_walked_here_is_the_very_one_that_is_walked_under_an_ancestor() -> None:
    """Its states, actions, clocks, rules, numbers as they bind, inputs, organs and children are the same."""
    walks = {(place, procedure) for place, procedure, _coarse in walked(TODAY)}
    for place, (_source, compiled) in sources().items():
        for procedure in compiled.procedures(TODAY):
            if (place, procedure.id) in walks or is_draft(place):
                continue
            ancestors = [pack.id for pack in compiled.chain[1:] if (pack.id, procedure.id) in walks]
            assert ancestors, f"{procedure.id} of {place} is walked nowhere"
            there = sources()[ancestors[0]][1]
            assert law_of(compiled, procedure) == law_of(there, there.procedure(procedure.id, TODAY))
