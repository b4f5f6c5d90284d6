"""Clocks of a case: started, suspended, extended and ended by events, and counted again from their ledger.

`due_at` and `fire_at` are always derived; the ledger is what counts. All arithmetic on dates is in
`statutes.timelimits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.conditions import Look, holds
from cases.engine.context import Matter
from cases.models import Alert, CaseEvent, Clock, ClockEntry
from organizations.actors import SystemActor
from organizations.errors import BadInput, Conflict
from statutes import timelimits
from statutes.calendars import calendar_for
from statutes.definitions import Action, Choice, Extends, Limit, Unit
from statutes.definitions import Clock as ClockDefinition
from statutes.selectors import resolve_limit
from statutes.timelimits import Derivation
from statutes.workdays import Calendar

DUE = "due"
AGREEMENT = SystemActor("what was agreed")
RECOUNT_PRACTICE = "calendar.recount_practice"
"""The rule by which a due date that a recount would move into the past becomes the next working day."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case as its clocks see it.

    `fired`: ids of what happened (action taken, state entered, "due:CLOCK"). `left` and `entered` are state
    ids, empty where the case stayed. `action` is empty for a move by itself. `fact_at` is when it counts.
    """

    event: CaseEvent
    fired: frozenset[str]
    fact_at: datetime
    left: str = ""
    entered: str = ""
    action: str = ""


def chosen(choice: Choice, look: Look) -> str:
    """The value of the first branch whose condition holds; "" if none does."""
    return next((o.value for o in choice if o.when is None or holds(o.when, look)), "")


def choose_limits(matter: Matter, look: Look) -> dict[str, str]:
    """The rule of every clock of the procedure as things stand before anything changes."""
    return {name: chosen(clock.limit, look) for name, clock in matter.procedure.clocks.items()}


def apply(
    matter: Matter,
    step: Step,
    limits: Mapping[str, str],
    inputs: Mapping[str, Any],
    extends: Extends | None = None,
) -> None:
    """Let one step end, void, extend, suspend, resume and start clocks, in the order that the law pages state.

    A clock whose limit has no branch that holds does not start: the law gives this case no such time.
    """
    definitions = matter.procedure.clocks
    for name, definition in definitions.items():
        clock = matter.open_clock(name)
        if clock is not None and _ends(definition, step):
            end(matter, clock, step)
        elif clock is not None and _voids(definition, step):
            void(clock, step)
    if extends is not None:
        extend(matter, extends, step, inputs)
    for name, definition in definitions.items():
        clock = matter.open_clock(name)
        if clock is not None and clock.paused_since is not None and step.left in definition.pause:
            resume(matter, clock, step)
    for name, definition in definitions.items():
        clock = matter.open_clock(name)
        if clock is not None and clock.paused_since is None and step.entered in definition.pause:
            pause(clock, step)
    for name, definition in definitions.items():
        if limits[name] and step.fired & set(definition.starts) and matter.open_clock(name) is None:
            start(matter, definition, limits[name], step, inputs)


def _ends(definition: ClockDefinition, step: Step) -> bool:
    if not definition.own_state:
        return bool(step.fired & set(definition.until))
    if step.left != definition.own_state:
        return False
    return step.action in definition.until if step.action else definition.until_next


def _voids(definition: ClockDefinition, step: Step) -> bool:
    if step.fired & set(definition.void):
        return True
    leaves_own = bool(definition.own_state) and step.left == definition.own_state
    return leaves_own and step.entered not in definition.pause


def start(matter: Matter, definition: ClockDefinition, rule_id: str, step: Step, inputs: Mapping[str, Any]) -> None:
    """A clock begins: the limit in force on the start day, floor applied, is written on it for good."""
    if not rule_id:
        return
    started_at = _start_instant(matter, definition, step)
    resolved = resolve_limit(matter.compiled, rule_id, timezone.localdate(started_at))
    limit, earlier = resolved.limit, matter.last_clock(definition.id)
    clock = Clock(
        case=matter.case,
        name=definition.id,
        round=earlier.round + 1 if earlier else 1,
        rule=resolved.rule.id,
        floor_rule=resolved.floor.id if resolved.floor else "",
        unit=limit.unit,
        amount=_amount_of(matter, definition, limit, step, inputs),
        set_on=_set_date(definition, inputs) if limit.unit == "set" else None,
        years=limit.years,
        bound=limit.bound,
        roll=limit.roll,
        duty=definition.duty,
        started_at=started_at,
        start_event=step.event.seq,
    )
    derive(matter, clock, [])
    arm(matter, clock, fired=set())
    clock.save()
    enter(clock, ClockEntry.Kind.START, step, due_after=clock.due_on, rule=clock.rule)
    matter.clocks.append(clock)


def _amount_of(matter: Matter, definition: ClockDefinition, limit: Limit, step: Step, inputs: Mapping[str, Any]) -> str:
    """The rule's number, or the one that the parties agreed on; a minimum period is never shortened so."""
    if definition.agreed and isinstance(limit.amount, int):
        agreed = int(matter.family.fields[definition.agreed](matter.context(AGREEMENT, step.event.at, inputs)))
        least = limit.amount if limit.bound == "earliest" else 1
        if agreed >= least:
            return str(agreed)
    return "" if limit.amount is None else str(limit.amount)


def _start_instant(matter: Matter, definition: ClockDefinition, step: Step) -> datetime:
    """From "due:X" the start day is X's due date; otherwise the moment of the fact."""
    for fired in step.fired & set(definition.starts):
        if fired.startswith("due:"):
            source = matter.last_clock(fired.removeprefix("due:"))
            if source is not None and source.due_on is not None and source.due_at is not None:
                return source.due_at if source.unit == "hour" else timelimits.start_of(source.due_on)
    return step.fact_at


def _set_date(definition: ClockDefinition, inputs: Mapping[str, Any]) -> date:
    value = inputs.get(definition.amount)
    if value is None:
        raise BadInput(_("A date is needed."), {definition.amount: _("Enter the day by which it has to be done.")})
    return date.fromisoformat(str(value))


def end(matter: Matter, clock: Clock, step: Step) -> None:
    """What the clock waited for has been done: in time or late, by the date of the fact.

    Raises BadInput when the entered fact lies before the clock's start.
    """
    _check_fact(matter, clock, step)
    if clock.paused_since is not None:
        resume(matter, clock, step)
    late = clock.due_at is not None and not timelimits.in_time(step.fact_at, clock.due_at)
    if clock.breached_at is not None and not late:
        _annul(matter, clock, step)
    clock.status = Clock.Status.LATE if late and clock.bound == "latest" else Clock.Status.MET
    if clock.status == Clock.Status.LATE:
        step.event.late = True
    _close(clock, step)


def _check_fact(matter: Matter, clock: Clock, step: Step) -> None:
    """What was entered for a `dated` action may be any time of the day on which the clock started, and no earlier."""
    action = matter.procedure.actions.get(step.action)
    if action is None or not action.dated or step.fact_at >= timelimits.start_of(timezone.localdate(clock.started_at)):
        return
    started = timezone.localtime(clock.started_at)
    raise BadInput(
        _("The date lies before the time limit began."),
        {
            action.dated: _("The time limit began on %(date)s. Enter that day or a later one.")
            % {"date": started.date().isoformat()}
        },
    )


def _annul(matter: Matter, clock: Clock, step: Step) -> None:
    """A fact in time was entered late: the breach is annulled by a new line, and nothing is erased."""
    enter(clock, ClockEntry.Kind.ANNUL, step, due_before=clock.due_on, due_after=clock.due_on)
    clock.breached_at = None
    clock.act_pending = False
    matter.annulled.append(clock)


def void(clock: Clock, step: Step) -> None:
    clock.status = Clock.Status.VOID
    _close(clock, step)


def void_all(matter: Matter, step: Step) -> None:
    """A clock never outlives its case."""
    for clock in matter.clocks:
        if clock.status == Clock.Status.OPEN:
            void(clock, step)


def _close(clock: Clock, step: Step) -> None:
    clock.ended_at, clock.fire_at, clock.paused_since = step.fact_at, None, None
    clock.act_pending = False
    clock.save()
    enter(clock, ClockEntry.Kind.END, step, note=clock.status, due_after=clock.due_on)
    clock.urgings.filter(closed_at__isnull=True).update(closed_at=step.event.at)


def pause(clock: Clock, step: Step) -> None:
    """Suspended while the case is where the pack says so; only before the due instant."""
    if clock.due_at is None or step.fact_at > clock.due_at or clock.unit in ("on", "set"):
        return
    before = clock.due_on
    clock.paused_since, clock.due_on, clock.due_at, clock.fire_at = step.fact_at, None, None, None
    clock.save()
    enter(clock, ClockEntry.Kind.PAUSE, step, due_before=before)


def resume(matter: Matter, clock: Clock, step: Step) -> None:
    clock.paused_since = None
    enter(clock, ClockEntry.Kind.RESUME, step)
    recount(matter, clock)
    clock.save()


def extend(matter: Matter, extends: Extends, step: Step, inputs: Mapping[str, Any]) -> None:
    """Lengthen a running clock by at most what the rule allows.

    Raises Conflict when the clock is not running or already past due, BadInput when more is asked.
    """
    clock = matter.open_clock(extends.clock)
    if clock is None or clock.due_at is None or step.fact_at > clock.due_at:
        raise Conflict(_("The time limit is not running any more and cannot be extended."))
    amount = _allowed_extension(matter, extends, _amount(matter, extends, inputs), step.fact_at)
    before = clock.due_on
    enter(clock, ClockEntry.Kind.EXTEND, step, amount=amount, rule=extends.by, due_before=before)
    recount(matter, clock)
    clock.save()


def _allowed_extension(matter: Matter, extends: Extends, asked: int | None, at: datetime) -> int:
    """What is asked, or all that the rule allows. Raises BadInput for less than one and for more than that."""
    resolved = resolve_limit(matter.compiled, extends.by, timezone.localdate(at))
    allowed = int(resolved.limit.amount or 0)
    amount = allowed if asked is None else asked
    if not 1 <= amount <= allowed:
        raise BadInput(
            _("The extension is too long."),
            {extends.amount.rpartition(".")[2]: _("At least 1 and at most %(allowed)s.") % {"allowed": allowed}},
        )
    return amount


def check_asked_extension(matter: Matter, action: Action, inputs: Mapping[str, Any], at: datetime) -> None:
    """An extension that nobody could grant is refused where it is asked for. Raises BadInput."""
    for granting in matter.procedure.actions.values():
        extends = granting.extends
        asked_in, dot, name = extends.amount.rpartition(".") if extends else ("", "", "")
        if extends and dot and asked_in == action.id and name in inputs:
            _allowed_extension(matter, extends, int(inputs[name]), at)


def _amount(matter: Matter, extends: Extends, inputs: Mapping[str, Any]) -> int | None:
    if not extends.amount:
        return None
    action, dot, name = extends.amount.rpartition(".")
    if not dot:
        value = inputs.get(name)
    else:
        taking = matter.last_taking(action)
        value = taking.inputs.get(name) if taking else None
    return None if value is None else int(value)


def enter(clock: Clock, kind: ClockEntry.Kind, step: Step, **values: Any) -> ClockEntry:
    """Add a line to a clock's ledger."""
    return ClockEntry.objects.create(clock=clock, kind=kind, at=step.fact_at, event=step.event.seq, **values)


def recount(matter: Matter, clock: Clock) -> None:
    """Derive the due date again from the whole ledger and arm the rungs that have not fired for it."""
    derive(matter, clock, clock.ledger.order_by("id"))
    claimed = Alert.objects.filter(clock=clock).values_list("rung", "due_at")
    arm(matter, clock, {rung for rung, due_at in claimed if due_at == clock.due_at})


def derive(matter: Matter, clock: Clock, ledger: Iterable[ClockEntry], calendar: Calendar | None = None) -> None:
    """Set due_on, due_at and provisional from start, budget, pauses and the calendar of the jurisdiction."""
    calendar = calendar or calendar_for(matter.case.jurisdiction_id)
    derivation = derive_from(clock, list(ledger), calendar)
    clock.due_on, clock.due_at = derivation.due_on, derivation.due_at
    clock.provisional = derivation.provisional
    clock.calendar_version = calendar.version


def derivation_of(
    clock: Clock, ledger: Iterable[ClockEntry], jurisdiction: str, *, explain: bool = False
) -> Derivation:
    """The derivation of a clock's due date, day by day when `explain` is set. See statutes.timelimits.derive."""
    return derive_from(clock, list(ledger), calendar_for(jurisdiction), explain=explain)


def derive_from(
    clock: Clock, entries: Sequence[ClockEntry], calendar: Calendar, *, explain: bool = False
) -> Derivation:
    """From the start; or from the day of a recount that would have put the due date into the past, if that is later."""
    plain = timelimits.derive(
        start=clock.started_at,
        unit=cast(Unit, clock.unit),
        amounts=budget(clock, entries),
        roll=clock.roll,
        years=clock.years,
        pauses=pauses_of(entries),
        calendar=calendar,
        explain=explain,
    )
    place = max((place for place, entry in enumerate(entries) if is_grace(entry)), default=None)
    if place is None or plain.due_on is None:
        return plain
    graced = _after_grace(clock, entries[place], entries[place + 1 :], calendar, explain)
    return plain if graced.due_on is not None and graced.due_on <= plain.due_on else graced


def is_grace(entry: ClockEntry) -> bool:
    """Whether the line moved a due date out of the past, by the practice of recounts."""
    return entry.kind == ClockEntry.Kind.RECALCULATE and entry.rule == RECOUNT_PRACTICE


def _after_grace(
    clock: Clock, graced: ClockEntry, later: Sequence[ClockEntry], calendar: Calendar, explain: bool
) -> Derivation:
    """The next working day after the recount, and what was added to it since."""
    pauses = pauses_of(later)
    found = timelimits.derive(
        start=graced.at, unit="working_day", amounts=[1], pauses=pauses, calendar=calendar, explain=explain
    )
    extensions = [entry.amount or 0 for entry in later if entry.kind == ClockEntry.Kind.EXTEND]
    if found.due_on is None or not extensions:
        return found
    return timelimits.derive(
        start=timelimits.start_of(found.due_on),
        unit=cast(Unit, clock.unit),
        amounts=extensions,
        roll=clock.roll,
        pauses=pauses,
        calendar=calendar,
        explain=explain,
    )


def budget(clock: Clock, ledger: Iterable[ClockEntry]) -> list[int | str | date]:
    """The base amount and every extension, in the clock's unit."""
    if clock.unit == "set":
        return [clock.set_on] if clock.set_on else []
    if clock.unit == "on":
        return [clock.amount]
    extensions = [entry.amount or 0 for entry in ledger if entry.kind == ClockEntry.Kind.EXTEND]
    return [int(clock.amount), *extensions]


def pauses_of(ledger: Iterable[ClockEntry]) -> list[timelimits.Pause]:
    """Spans in which the clock stood still; the last is open while it still does."""
    pauses: list[timelimits.Pause] = []
    for entry in ledger:
        if entry.kind == ClockEntry.Kind.PAUSE:
            pauses.append(timelimits.Pause(entry.at, None))
        elif entry.kind == ClockEntry.Kind.RESUME and pauses:
            pauses[-1] = timelimits.Pause(pauses[-1].since, entry.at)
    return pauses


def rungs(matter: Matter, clock: Clock, calendar: Calendar | None = None) -> list[tuple[datetime, str]]:
    """Every rung of a clock with its instant, in order: the reminders of its definition, and the due instant."""
    if clock.due_at is None or clock.due_on is None:
        return []
    calendar = calendar or calendar_for(matter.case.jurisdiction_id)
    ladder = [(clock.due_at, DUE)]
    definition = matter.procedure.clocks.get(clock.name)
    for reminder in definition.remind if definition else ():
        instant = timelimits.rung_at(reminder, due_on=clock.due_on, due_at=clock.due_at, calendar=calendar)
        ladder.append((instant, reminder.text))
    return sorted(ladder)


def arm(matter: Matter, clock: Clock, fired: set[str], calendar: Calendar | None = None) -> None:
    """Set the instant of the next rung that has not fired for this due date."""
    clock.fire_at = next_rung(clock, rungs(matter, clock, calendar), fired)


def next_rung(clock: Clock, ladder: Iterable[tuple[datetime, str]], fired: set[str]) -> datetime | None:
    """The first instant of a clock's rungs that has not fired; None when all have."""
    waiting = [
        instant for instant, rung in ladder if rung not in fired and (instant >= clock.started_at or rung == DUE)
    ]
    return min(waiting, default=None)
