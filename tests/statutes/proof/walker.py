"""Lives of cases through the real engine: what can be done next, done, and held against the second reading."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from cases import families
from cases import services as cases
from cases.engine.founding import Opening
from cases.engine.transitions import open_by_itself
from cases.models import Attachment, Case, CaseEvent, CaseParty, UrgingTask
from organizations.actors import Actor, SystemActor
from organizations.errors import Refused
from statutes.definitions import Action, CasesAre, Cond, Hand, InputIs, OverThreshold, Procedure, Range, Test
from statutes.selectors import current
from tests.statutes.proof.invariants import Rows, assert_invariants
from tests.statutes.proof.naive import Answers, Replay, local_day, midnight
from tests.statutes.proof.packs import TODAY
from tests.statutes.proof.world import Place, World, inside

START = midnight(TODAY) + timedelta(hours=1)
SECOND = timedelta(seconds=1)
MOST_ANSWERS = 24
BY_PROOF = SystemActor("proof")


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may happen next: an action by a hand with its answers, a due date passed, a signal read."""

    name: str
    action: Action | None = None
    hand: Hand | None = None
    row: CaseParty | None = None
    answers: Answers = field(default_factory=Answers)
    given: tuple[tuple[str, Any], ...] = ()
    at: datetime | None = None
    target: str = ""
    truth: tuple[bool, ...] = ()

    @property
    def variant(self) -> tuple[str, ...]:
        return self.name, str(self.hand), str(_who(self)), self.target, repr(self.given), repr(self.truth)


@dataclass
class Life:
    """One case with its second reading and what its tables held after the last step."""

    case_id: int
    replay: Replay
    rows: Rows | None = None
    effects_seen: int = 0

    def copy(self) -> Life:
        return Life(self.case_id, self.replay.copy(), self.rows, self.effects_seen)


class Walker:
    """Takes cases of one procedure of one place through their lives."""

    def __init__(self, world: World, place: Place, procedure: Procedure) -> None:
        self.world, self.place, self.procedure = world, place, procedure
        self.lives: dict[int, Life] = {}
        self.main = 0
        self.now = START
        self.steps = 0
        self.alone = False
        self.refusals: Counter[str] = Counter()
        self.met: set[str] = set()
        self.acted: set[str] = set()

    # --- beginning

    def begin(self, answers: Answers | None = None, given: dict[str, Any] | None = None) -> Case | None:
        """Open a case as the procedure wants it: by hand, by a parent or by a schedule. None where it was refused."""
        self.lives, self.main = {}, 0
        self.tell(self.now, answers or Answers())
        place, procedure = self.place, self.procedure
        by_hand = [a for a in procedure.actions.values() if a.opens_case and a.by]
        try:
            case = self._by_hand(procedure, by_hand[0], given or {}) if by_hand else self._by_itself()
        except Refused as refused:
            self.refusals[type(refused).__name__] += 1
            return None
        assert case.jurisdiction_id == place.jurisdiction.pk
        self.main = case.pk
        self.read_on()
        return case

    def open_within(self, procedure: Procedure) -> None:
        """Open a step of another procedure within the case, as the first answers that let it open have it."""
        action = next(a for a in procedure.actions.values() if a.opens_case and a.by)
        blank = Life(0, Replay(self.place.compiled, procedure, self.place.works, []))
        for given in self.inputs(blank, action, list(action.when)):
            for answers in self.answers(list(action.when)):
                if not self.closed(blank, action, given, answers):
                    self.tell(self.now, answers)
                    self._by_hand(procedure, action, given, Case.objects.get(pk=self.main))
                    self.read_on()
                    return

    def _handed_in(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is typed, with a new file of the own house where one is asked for: a file belongs to one case."""
        return {name: self._new_file(actor) if value == "file" else value for name, value in given.items()}

    def _new_file(self, actor: Actor) -> int:
        file = Attachment.objects.get(pk=self.place.files[actor.organization.pk])  # type: ignore[union-attr]
        file.pk, file.case = None, None
        file.save(force_insert=True)
        return file.pk

    def _by_hand(self, procedure: Procedure, action: Action, given: dict[str, Any], parent: Case | None = None) -> Case:
        hand = action.by[0]
        party = procedure.parties.get(hand.party)
        key = hand.party if party is None else party.source
        kind = f"all:{hand.position}" if self.alone else hand.position
        actor = self.place.people[(self.place.organizations[key].pk, kind)]
        return cases.open_case(
            actor,
            family=procedure.family,
            procedure=procedure.id,
            jurisdiction=self.place.jurisdiction,
            subject=None,
            title="proof",
            given=self._handed_in(actor, given),
            opinion="理由",
            parent=parent,
        )

    def _by_itself(self) -> Case:
        place, procedure = self.place, self.procedure
        opener = next(a for a in procedure.actions.values() if a.opens_case)
        each = place.organizations["each"] if any(p.source == "each" for p in procedure.parties.values()) else None
        opening = Opening(
            family=families.get(procedure.family),
            procedure=procedure.id,
            jurisdiction=place.jurisdiction,
            version=current(place.jurisdiction.pack),
            subject=None,
            title="proof",
            person=None,
            opener=each or place.organizations["opener"],
            each=each,
        )
        return open_by_itself(opening, "schedule" if opener.by_schedule else "parent", BY_PROOF, self.now)

    def tell(self, now: datetime, answers: Answers) -> None:
        self.now = max(now, self.now)
        self.world.time.move_to(self.now)
        self.world.oracle.answers = answers

    def blank(self) -> Life:
        """A case before its first event, to ask what could be entered at its opening."""
        return Life(0, Replay(self.place.compiled, self.procedure, self.place.works, []))

    # --- reading on

    def read_on(self) -> None:
        """Read what the engine wrote of every case of this kin, hold it against the replay and the invariants."""
        self.steps += 1
        known = set(self.lives)
        kin = [self.main, *_descendants(self.main)]
        for case_id in kin:
            life = self.lives.get(case_id) or self._new_life(case_id)
            before = life.rows
            rows = assert_invariants(case_id, before, self.place.works)
            life.rows = rows
            for event in rows.events[len(life.replay.events) :]:
                life.replay.take(event, self.world.oracle.answers, rows.parties)
            assert not life.replay.annulled, "an annulment is missing"
            if life.case_id == self.main:
                self._note(life)
            self._same(life, rows)
            self._effects(life)
        assert known <= set(kin)

    def _note(self, life: Life) -> None:
        """Which states were met, and what clocks did by themselves."""
        self.met |= {event.to_state for event in life.replay.events}
        self.acted |= {event.action for event in life.replay.events if event.deemed}

    def _new_life(self, case_id: int) -> Life:
        case = Case.objects.get(pk=case_id)
        procedure = self.place.compiled.procedure(case.procedure, local_day(case.opened_at))
        life = Life(case_id, Replay(self.place.compiled, procedure, self.place.works, []))
        life.replay.rows = list(CaseParty.objects.filter(case=case).order_by("id"))
        self.lives[case_id] = life
        return life

    def _same(self, life: Life, rows: Rows) -> None:
        """State and clocks are what the events make of them."""
        assert rows.case.state == life.replay.state
        kept = {
            (c.name, c.round): (
                c.status,
                c.rule,
                c.started_at,
                c.due_on,
                c.due_at,
                c.breached_at is not None,
                c.ended_at,
            )
            for c in rows.clocks
        }
        told = {
            (r.name, r.number): (r.status, r.rule, r.start, r.due_on, r.due_at, r.breached, r.ended_at)
            for r in life.replay.rounds
        }
        assert kept == told, f"{rows.case.procedure} {rows.case.state}:\n{kept}\n{told}"

    def _effects(self, life: Life) -> None:
        ran = [name for case_id, name in self.world.oracle.ran if case_id == life.case_id]
        assert ran == life.replay.effects, f"effects ran: {ran}, the events say: {life.replay.effects}"

    # --- what can be done

    def open_lives(self) -> list[Life]:
        return [life for life in self.lives.values() if not life.replay.closed]

    def moves(self, life: Life, *, every: bool = True) -> list[Move]:
        """Everything that may happen next to one case. Doors that are closed to every answer are left out."""
        found: dict[tuple[Any, ...], Move] = {}
        for action in life.replay.procedure.actions_from(life.replay.state):
            for move in self._ways(life, action):
                found.setdefault(move.variant if every else (move.name, move.target, move.truth, *_who(move)), move)
        moves = list(found.values())
        if (due := self.next_due(life)) is not None:
            moves.append(Move("(due)", at=due + SECOND))
        return moves + self._signals(life)

    def next_due(self, life: Life) -> datetime | None:
        waiting = [r.due_at for r in life.replay.rounds if r.status == "open" and r.due_at and not r.breached]
        return min(waiting, default=None)

    def _signals(self, life: Life) -> list[Move]:
        """An exit that a fact outside may open: the fact comes true and the case is woken."""
        found = []
        state = life.replay.procedure.states[life.replay.state]
        for way in state.next:
            for answers in self.answers([way.when]):
                if life.replay.holds(way.when, self.now, {}, answers, self.related(life)):
                    found.append(Move("(signal)", answers=answers, target=way.to))
                    break
        return found

    def _ways(self, life: Life, action: Action) -> Iterator[Move]:
        replay = life.replay
        exits = (
            [way.when for option in action.to for way in replay.procedure.states[option.value].next]
            if action.to
            else [way.when for way in replay.procedure.states[replay.state].next]
        )
        choices = [o.when for o in action.to if o.when is not None]
        choices += [o.when for c in replay.procedure.clocks.values() for o in c.limit if o.when is not None]
        conds = [*action.when, *choices, *exits]
        given_ways = list(self.inputs(life, action, conds))
        for hand in action.by:
            for row in [row for row in replay.rows if row.party == hand.party]:
                seen: set[tuple[Any, ...]] = set()
                for given in given_ways:
                    for answers in self.answers(conds):
                        move = self._judged(life, action, hand, row, given, answers)
                        if move is None:
                            continue
                        truth = tuple(
                            replay.holds(c, self.now, given, answers, self.related(life)) for c in [*choices, *exits]
                        )
                        mark = (repr(sorted(given.items())), truth)
                        if mark not in seen:
                            seen.add(mark)
                            yield replace(move, truth=truth)

    def _judged(
        self, life: Life, action: Action, hand: Hand, row: CaseParty, given: dict[str, Any], answers: Answers
    ) -> Move | None:
        """The move, if the second reading says that the engine has to let it through."""
        replay = life.replay
        if self.closed(life, action, given, answers):
            return None
        target = next(
            (o.value for o in action.to if o.when is None or replay.holds(o.when, self.now, given, answers)), ""
        )
        return Move(action.id, action, hand, row, answers, tuple(sorted(given.items())), None, target)

    def closed(self, life: Life, action: Action, given: dict[str, Any], answers: Answers) -> bool:
        """Whether a condition closes the door; one that cites a soft rule does not, for a reason is always given."""
        for cond in action.when:
            soft = self.place.compiled.rule(cond.rule or action.rule).soft
            if not soft and not life.replay.holds(cond, self.now, given, answers, self.related(life)):
                return True
        return False

    def related(self, life: Life) -> Callable[[CasesAre], bool]:
        """What becomes of children and siblings, by their rows."""

        def are(cond: CasesAre) -> bool:
            if life.rows is None:
                return False
            own = life.rows.case
            others = Case.objects.filter(parent=own) if cond.among == "children" else _siblings(own)
            there = [other for other in others if other.procedure == cond.procedure]
            if cond.count == "last":
                there = sorted(there, key=lambda other: (other.opened_at, other.pk))[-1:]
            ended = [other for other in there if other.closed_at and cond.outcome in ("", other.outcome)]
            return (
                bool(there) and len(ended) == len(there)
                if cond.count in ("all", "last")
                else len(ended) >= int(cond.count)
            )

        return are

    def answers(self, conds: list[Cond]) -> list[Answers]:
        """Every way to answer the registered names in these conditions; some of them where there are very many."""
        parts = [part for cond in conds for part in inside(cond)]
        names = sorted({part.name for part in parts if isinstance(part, Test)})
        ways = [Answers(tests) for tests in _ways_to_say(names)]
        rules = {part.threshold for part in parts if isinstance(part, OverThreshold)}
        for threshold in [self.place.compiled.rule(rule).threshold for rule in sorted(rules)]:
            if threshold is not None and ":" not in threshold.field:
                values = (threshold.amount, threshold.amount - 1, threshold.amount + 1)
                ways = [Answers(w.tests, {**w.fields, threshold.field: v}) for w in ways for v in values]
        return ways

    def inputs(self, life: Life, action: Action, conds: list[Cond]) -> Iterator[dict[str, Any]]:
        """What may be entered: every option that a condition asks for, then everything that is optional."""
        names = list(action.inputs)
        required = [name for name in names if action.inputs[name] == "required"]
        asked = {c.name for cond in conds for c in inside(cond) if isinstance(c, InputIs)}
        asked |= {name for name in names if self._options(life, name)}
        asked |= {name for name in names if self._scored(life, name)}
        chosen = [name for name in required if name in asked and self._choices(life, name)]
        for values in product(*[self._choices(life, name) for name in chosen]):
            given = {name: self._value(life, action, name) for name in required}
            given.update(zip(chosen, values, strict=True))
            yield given
            if len(names) > len(required):
                yield {**{name: self._value(life, action, name) for name in names}, **given}

    def _choices(self, life: Life, name: str) -> list[Any]:
        """What is tried of an input: each option, or the least and the most that may be scored."""
        limits = self._scored(life, name)
        return [int(limits.max), int(limits.min)] if limits else list(self._options(life, name))

    def _scored(self, life: Life, name: str) -> Range | None:
        """The range of an input that a threshold looks at."""
        definition = self.place.compiled.input(life.replay.procedure, name)
        counted = {f"mean:{name}", f"sum:{name}"}
        rules = [rule for pack in self.place.compiled.chain for rule in pack.rules if rule.threshold]
        if definition.rule is None or not any(rule.threshold and rule.threshold.field in counted for rule in rules):
            return None
        return self.place.compiled.rule(definition.rule).range

    def _options(self, life: Life, name: str) -> list[str]:
        definition = self.place.compiled.input(life.replay.procedure, name)
        return [option for option, _label in definition.options]

    def _value(self, life: Life, action: Action, name: str) -> Any:
        compiled = self.place.compiled
        definition = compiled.input(life.replay.procedure, name)
        today = local_day(self.now)
        if definition.type == "number":
            return self._number(life, action, name)
        set_by = [clock for clock in life.replay.procedure.clocks.values() if clock.amount == name]
        values: dict[str, Any] = {
            "text": "理由充分",
            "amount": "100.00",
            "date": (today + timedelta(days=9) if set_by else today).isoformat(),
            "datetime": self.now.isoformat(),
            "choice": next(iter(self._options(life, name)), ""),
            "file": "file",
            "person": [expert.user.pk for expert in self.place.experts],
            "organization": self.place.organizations["bound"].pk,
            "items": ["a"],
        }
        return values[definition.type]

    def _number(self, life: Life, action: Action, name: str) -> int:
        definition = self.place.compiled.input(life.replay.procedure, name)
        limits = self.place.compiled.rule(definition.rule).range if definition.rule else None
        number = int(limits.max) if limits else 5
        for extending in life.replay.procedure.actions.values():
            extends = extending.extends
            if extends is not None and extends.amount.rpartition(".")[2] == name:
                number = min(number, int(life.replay.limit_of(extends.by, local_day(self.now)).amount or 1))
        return number

    # --- doing it

    def actor(self, move: Move, *, everyone: bool = False) -> Actor:
        """The person in the hand that moves; `everyone`: who holds all positions of that organization."""
        assert move.row is not None
        assert move.hand is not None
        if move.row.person_id is not None:
            return next(e for e in self.place.experts if e.user.pk == move.row.person_id)
        kind = f"all:{move.hand.position}" if everyone else move.hand.position
        assert move.row.organization_id is not None
        return self.place.people[(move.row.organization_id, kind)]

    def settle(self, life: Life, now: datetime, answers: Answers | None = None) -> None:
        self.tell(now, answers or Answers())
        cases.settle_case(life.case_id)
        self.read_on()

    def make(self, life: Life, move: Move) -> bool:
        """Let it happen. An action that the second reading allows goes through; one that it forbids is refused."""
        if move.name == "(due)":
            assert move.at is not None
            self.settle(life, move.at)
            return True
        if move.name == "(signal)":
            self.tell(self.now, move.answers)
            cases.signal(life.case_id, "proof")
            self.settle(life, self.now + SECOND, move.answers)
            return True
        return self.act(life, move)

    def act(self, life: Life, move: Move, *, everyone: bool = False) -> bool:
        assert move.action is not None
        self.tell(self.now, move.answers)
        actor = self.actor(move, everyone=everyone)
        given = self._handed_in(actor, dict(move.given))
        expected = self.verdict(life, move, actor)
        before = life.rows
        assert before is not None
        try:
            with transaction.atomic():
                cases.act(actor, life.case_id, move.action.id, version=before.case.seq, given=given, opinion="理由")
        except Refused as refused:
            if not expected:
                raise AssertionError(f"{move.name} in {life.replay.state} was refused") from refused
            self.refusals[type(refused).__name__] += 1
            self.read_on()
            assert self.lives[life.case_id].rows.case.seq == before.case.seq, "a refusal leaves nothing behind"  # type: ignore[union-attr]
            return False
        assert not expected, f"{move.name} in {life.replay.state} went through, although {expected}"
        self.read_on()
        return True

    def verdict(self, life: Life, move: Move, actor: Actor) -> str:
        """Why the engine has to refuse; "" when it has to let the action through."""
        replay, action = life.replay, move.action
        assert action is not None
        assert move.hand is not None
        assert move.row is not None
        if replay.closed or not {replay.state, "*"} & set(action.sources):
            return "it is not taken here"
        own = [e for e in replay.events if e.person_id == actor.user.pk]
        kinds = {a.id: a.kind for a in replay.procedure.actions.values()}
        if action.kind in ("decide", "refuse"):
            if any(kinds.get(e.action) == "submit" for e in own) or self._asked_above(life, actor):
                return "the person asked for it"
            if any(kinds.get(e.action) in ("decide", "refuse") and e.party != move.hand.party for e in own):
                return "the person decided for another party"
        if not self._sees(life, move.row):
            return "the organ does not see the case yet"
        if action.once and any(e.action == action.id for e in replay.events):
            return "it is done once"
        awaited = not action.to and move.hand in replay.procedure.states[replay.state].awaits
        if awaited and any(_same_hand(e, move) for e in replay.this_stay(action)):
            return "this hand has done its part"
        if self.closed(life, action, dict(move.given), move.answers):
            return "a condition closes the door"
        return self._numbers_allow(life, action, dict(move.given))

    def _sees(self, life: Life, row: CaseParty) -> bool:
        """Whether whoever is bound sees the case: from the first state that awaits them, or told of a breach."""
        assert life.rows is not None
        bound = next(party for party in life.rows.parties if party.pk == row.pk)
        if bound.sees_from is not None:
            return True
        return UrgingTask.objects.filter(case=life.case_id, organization=bound.organization_id).exists()

    def _asked_above(self, life: Life, actor: Actor) -> bool:
        assert life.rows is not None
        case = life.rows.case.parent
        while case is not None:
            other = self.lives.get(case.pk)
            procedure = (
                other.replay.procedure
                if other
                else self.place.compiled.procedure(case.procedure, local_day(case.opened_at))
            )
            asking = [a.id for a in procedure.actions.values() if a.kind == "submit"]
            if CaseEvent.objects.filter(case=case, person=actor.user, action__in=asking).exists():
                return True
            case = case.parent
        return False

    def _numbers_allow(self, life: Life, action: Action, given: dict[str, Any]) -> str:
        replay = life.replay
        fact = self.now
        if action.dated and given.get(action.dated):
            value = given[action.dated]
            fact = datetime.fromisoformat(value) if "T" in value else midnight(date.fromisoformat(value))
            if fact > self.now:
                return "it lies in the future"
            target = next((o.value for o in action.to if o.when is None), "")
            for name, clock in replay.procedure.clocks.items():
                running = replay.open_round(name)
                ends = {action.id, target} & set(clock.until) if not clock.own_state else action.id in clock.until
                if running and ends and fact < midnight(local_day(running.start)):
                    return "it lies before the clock"
        if action.extends is None:
            return ""
        running = replay.open_round(action.extends.clock)
        if running is None or running.due_at is None or fact > running.due_at:
            return "the limit is not running"
        try:
            replay.extension(action, given, fact)
        except AssertionError:
            return "more than the rule allows"
        return ""


def _who(move: Move) -> tuple[int | None, int | None]:
    return (move.row.organization_id, move.row.person_id) if move.row else (None, None)


def _same_hand(event: CaseEvent, move: Move) -> bool:
    assert move.row is not None
    assert move.hand is not None
    if move.row.person_id is not None:
        return event.person_id == move.row.person_id
    mine = (move.hand.party, move.hand.position, move.row.organization_id)
    return (event.party, event.position, event.organization_id) == mine


def _descendants(case_id: int) -> list[int]:
    found, newest = [], [case_id]
    while newest := list(Case.objects.filter(parent__in=newest).order_by("pk").values_list("pk", flat=True)):
        found += newest
    return found


def _siblings(case: Case) -> QuerySet[Case]:
    return Case.objects.filter(parent=case.parent_id).exclude(pk=case.pk) if case.parent_id else Case.objects.none()


def _ways_to_say(names: list[str]) -> list[dict[str, bool]]:
    if len(names) <= 4:
        return [dict(zip(names, values, strict=True)) for values in product((True, False), repeat=len(names))]
    rng = random.Random(7)  # noqa: S311
    ways = [{name: rng.random() < 0.5 for name in names} for _way in range(MOST_ANSWERS)]
    ways += [dict.fromkeys(names, True), dict.fromkeys(names, False)]
    ways += [{name: name == lone for name in names} for lone in names]
    return ways + [{name: name != lone for name in names} for lone in names]
