"""Many open clocks made at once: copies of one real case, so that recounting can be tried on ten thousand."""

from __future__ import annotations

from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cases.engine import clocks, load
from cases.models import Case, CaseEvent, CaseParty, Clock, ClockEntry
from statutes.calendars import calendar_for

LONGEST = 15


def copies(pattern: Case, count: int, first: datetime, names: tuple[str, ...]) -> list[int]:
    """`count` more cases like the pattern, with those of its open clocks that are named.

    They start over the days after `first`; where they count working days, their limits are 1 to 15.

    Every due date, reminder and ledger is as the engine would have made it, and the planner knows of them: plans
    that were kept from the empty tables would look at every row for each key. Returns the keys of the cases.
    """
    matter = load(pattern)
    calendar = calendar_for(pattern.jurisdiction_id)
    kept = [clock for clock in matter.clocks if clock.status == Clock.Status.OPEN and clock.name in names]
    made = Case.objects.bulk_create(
        _copy(pattern, number=f"{pattern.number}-{number}", opened_at=first, last_at=first, seq=1)
        for number in range(count)
    )
    CaseParty.objects.bulk_create(_copy(row, case=case) for case in made for row in matter.parties)
    event = matter.events[0]
    CaseEvent.objects.bulk_create(_copy(event, case=case, at=first, idempotency_key="") for case in made)
    running = []
    for number, case in enumerate(made):
        for place, clock in enumerate(kept):
            started = first + timedelta(hours=7 * ((number + place) % 24))
            amount = str(1 + (number * 3 + place) % LONGEST) if clock.unit == "working_day" else clock.amount
            new = _copy(clock, case=case, started_at=started, start_event=1, amount=amount)
            clocks.derive(matter, new, [], calendar)
            clocks.arm(matter, new, set(), calendar)
            running.append(new)
        case.next_fire_at = min((c.fire_at for c in running[-len(kept) :] if c.fire_at), default=None)
    Clock.objects.bulk_create(running)
    Case.objects.bulk_update(made, ["next_fire_at"], batch_size=500)
    ClockEntry.objects.bulk_create(
        ClockEntry(clock=c, kind="start", at=c.started_at, event=1, due_after=c.due_on, rule=c.rule) for c in running
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case, cases_clock, cases_clockentry, cases_caseevent, cases_caseparty")
    return [case.pk for case in made]


def _copy(row: Any, **changes: object) -> Any:
    new = copy(row)
    new.pk = None
    new._state = copy(row._state)
    new._state.adding = True
    for name, value in changes.items():
        setattr(new, name, value)
    return new
