"""Time limits (performance goals, row 2): finding what is due among a million open clocks, and writing it down.

The peer of the scan is the bare index; the peer of the sweep is one SQL statement that writes the same rows. Both
commit. Then two sweepers share the work and one of them is killed: every row is counted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from benchmarks import common, population

FOUR, ONE = ("reply", "umbrella", "thirty", "month"), ("month",)
SCAN = "SELECT id FROM cases_case WHERE next_fire_at <= %s AND closed_at IS NULL ORDER BY next_fire_at, id LIMIT %s"
BREACH = """
WITH due AS MATERIALIZED (
    SELECT c.id, c.number, c.family, c.state, c.seq + 1 AS seq, k.due_at AS at, k.id AS clock_id, k.name, k.rule,
        k.due_on
    FROM cases_case AS c JOIN cases_clock AS k ON k.case_id = c.id AND k.status = 'open'
    WHERE c.next_fire_at <= %(moment)s AND c.closed_at IS NULL ORDER BY c.next_fire_at, c.id FOR UPDATE OF c SKIP LOCKED
), told AS MATERIALIZED (
    SELECT DISTINCT due.id, h.user_id, due.at FROM due JOIN cases_caseparty AS p ON p.case_id = due.id
    JOIN organizations_position AS h ON h.organization_id = p.organization_id AND (p.party, h.kind) IN %(hands)s
        AND h.active_from <= %(day)s AND h.left_at IS NULL
), events AS (
    INSERT INTO cases_caseevent (case_id, seq, kind, action, clock, from_state, to_state, at, recorded_at, detected_at,
        person_name, party, position, opinion, inputs, sealed, rule, seen, late, deemed, idempotency_key)
    SELECT id, seq, 'due', '', name, state, state, at, now(), %(moment)s, '', '', '', '', '{}', false, rule, '{}',
        false, false, '' FROM due
), alerts AS (
    INSERT INTO cases_alert (clock_id, rung, due_at, fires_at, detected_at, skipped)
    SELECT clock_id, 'due', at, at, %(moment)s, false FROM due
), ledger AS (
    INSERT INTO cases_clockentry (clock_id, kind, at, event, rule, due_after, note)
    SELECT clock_id, 'breach', at, seq, '', due_on, '' FROM due
), urgings AS (
    INSERT INTO cases_urgingtask (case_id, clock_id, organization_id, opened_at)
    SELECT due.id, clock_id, p.organization_id, at FROM due
    JOIN cases_caseparty AS p ON p.case_id = due.id AND p.is_organ AND p.party IN %(organs)s
), notices AS (
    INSERT INTO cases_notification (user_id, case_id, kind, context, created_at, mail_attempts)
    SELECT user_id, id, 'overdue', %(context)s, at, 0 FROM told
), record AS (
    INSERT INTO audit_auditentry (recorded_at, at, verb, person_id, person, position, organization_id, organization,
        jurisdiction, address, subject, subject_id, data)
    SELECT now(), at, family || '.due', 0, 'time limits', '', 0, '', '', '', 'case', id::text,
        jsonb_build_object('number', number, 'seq', seq, 'clock', name, 'rule', rule) FROM due
), clocks AS (
    UPDATE cases_clock AS k SET breached_at = due_at, fire_at = %(next)s FROM due WHERE k.id = due.clock_id
)
UPDATE cases_case AS c SET seq = due.seq, last_at = due.at, next_fire_at = %(next)s FROM due WHERE c.id = due.id
"""


@dataclass(frozen=True)
class Sizes:
    """`spread`: patterns of clocks that are not due, `times` copies of each; `due` cases a round."""

    departments: int
    spread: int
    times: int
    scanned: int
    due: int
    rounds: int


SIZES = {"small": Sizes(4, 20, 10, 100, 200, 1), "full": Sizes(20, 400, 500, 1_000, 10_000, 3)}


class Due:
    """Cases that fall due at one instant, in rounds: parked until their round comes."""

    def __init__(self, sizes: Sizes) -> None:
        from cases import services
        from cases.models import Case, Clock
        from tests.cast import Cast

        place = Cast().enshi
        patterns = population.requests(place, population.departments(place, sizes.departments))
        keys = [case.pk for case in patterns]
        clock = Clock.objects.filter(case__in=keys, status="open").latest("due_at")
        assert clock.due_at is not None
        self.moment: datetime = clock.due_at + timedelta(minutes=1)
        services.sweep(clock.due_at - timedelta(minutes=1))
        rounds = 2 * (sizes.rounds + 1) + 1
        self.count, self._departments = sizes.due, sizes.departments
        parked = f"t.next_fire_at + interval '{rounds} years'"
        self._block = population.multiply_cases(patterns, rounds * sizes.due // sizes.departments, next_fire_at=parked)
        self.taken: list[list[int]] = []
        services.sweep(self.moment)
        self.example = Case.objects.filter(pk__in=keys).latest("pk")
        self.due_at = clock.due_at

    def next_round(self) -> list[int]:
        """So many more cases, now due. Each is of all departments alike."""
        times = self.count // self._departments
        first = len(self.taken) * times
        keys = [
            self._block.base + place * self._block.times + first + n
            for place in range(self._departments)
            for n in range(1, times + 1)
        ]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cases_case SET next_fire_at = %s WHERE id = ANY(%s)", [self.due_at, keys])
            cursor.execute("VACUUM ANALYZE cases_case")
        self.taken.append(keys)
        return keys


def main() -> None:
    options = common.start(__doc__ or "")
    sizes = SIZES[options.size]
    settings.STATUTES_PATH = str(settings.ROOT / "tests" / "laboratory" / "packs")
    with common.scratch_database():
        population.prepare()
        due = Due(sizes)
        _others(due.moment, sizes)
        _scan(due, sizes)
        _breach(due, sizes)
        _two_and_a_kill(due)


def _others(first: datetime, sizes: Sizes) -> None:
    """Open clocks that fire later: half of the cases have four, half of them one."""
    from cases import models
    from cases.models import Case, Clock
    from tests.cases.provisional import copies
    from tests.laboratory.place import opened

    pattern = opened(population.laboratory(), "clocks")
    patterns = [*copies(pattern, sizes.spread, first, FOUR)]
    population.multiply_cases(list(Case.objects.filter(pk__in=patterns)), sizes.times)
    Case.objects.filter(pk=pattern.pk).update(number=f"{pattern.number}x")
    pattern.number = f"{pattern.number}x"
    single = list(Case.objects.filter(pk__in=copies(pattern, sizes.spread, first, ONE)))
    population.multiply_cases(single, sizes.times)
    population.vacuum(*(getattr(models, n) for n in ("Case", "CaseParty", "CaseEvent", "Clock", "ClockEntry", "Alert")))
    running = Clock.objects.filter(status="open")
    common.show("open clocks", f"{running.count():,}", "", f"on {Case.objects.filter(closed_at=None).count():,} cases")


def _scan(due: Due, sizes: Sizes) -> None:
    """The sweep's own claim of so many due cases, rolled back, against the index alone."""
    from cases.engine.settling import claim
    from cases.engine.sweeping import ALONE

    due.next_round()

    def own() -> None:
        with transaction.atomic():
            assert len(claim(ALONE, due.moment, most=sizes.scanned)) == sizes.scanned
            transaction.set_rollback(True)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SCAN, [due.moment, sizes.scanned])
            assert len(cursor.fetchall()) == sizes.scanned

    times = common.interleaved({"own": own, "bare": bare}, 20)
    claimed, index = common.middle(times["own"]), common.middle(times["bare"])
    common.show(f"bare index scan, {sizes.scanned:,} due", f"{index * 1000:.1f} ms")
    common.show(
        "claim of the sweep", f"{claimed * 1000:.1f} ms", f"{claimed / index:.1f}x", "goal <= 10 ms at 1 M open"
    )


def _breach(due: Due, sizes: Sizes) -> None:
    """A sweep of so many due cases against one statement that writes the same."""
    from cases import services

    statement = _statement(due)
    services.sweep(due.moment)
    before = counted(due.taken[-1])
    times: dict[str, list[float]] = {"own": [], "raw": []}
    for _round in range(sizes.rounds):
        for name, work in (("own", lambda: services.sweep(due.moment)), ("raw", statement)):
            keys = due.next_round()
            begun = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begun)
            assert counted(keys) == before, (name, counted(keys), before)
    own, raw = common.middle(times["own"]), common.middle(times["raw"])
    rows = ", ".join(f"{number:,} {name}" for name, number in before.items())
    common.show("one SQL statement", f"{due.count / raw:,.0f} cases/s", "", rows)
    common.show("the sweep", f"{due.count / own:,.0f} cases/s", f"{raw / own:.0%}", "goal >= 50 % of the statement")


def _statement(due: Due) -> Callable[[], None]:
    from cases.engine import load
    from cases.models import Notification

    matter = load(due.example)
    definition = matter.procedure.clocks["reply"]
    told = Notification.objects.filter(case=due.example, kind="overdue").values_list("context", flat=True)[0]
    values: dict[str, Any] = {
        "moment": due.moment,
        "day": due.due_at.date(),
        "hands": tuple((hand.party, hand.position) for hand in definition.notify),
        "organs": tuple(hand.party for hand in definition.notify),
        "context": json.dumps(told, ensure_ascii=False),
        "next": due.example.next_fire_at,
    }

    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BREACH, values)

    return run


def counted(keys: list[int]) -> dict[str, int]:
    """Rows that a breach leaves, of these cases."""
    from audit.models import AuditEntry
    from cases.models import Alert, CaseEvent, ClockEntry, Notification, UrgingTask

    return {
        "events": CaseEvent.objects.filter(case__in=keys, kind="due").count(),
        "alerts": Alert.objects.filter(clock__case__in=keys, rung="due").count(),
        "ledger lines": ClockEntry.objects.filter(clock__case__in=keys, kind="breach").count(),
        "urging tasks": UrgingTask.objects.filter(case__in=keys).count(),
        "notices": Notification.objects.filter(case__in=keys, kind="overdue").count(),
        "audit entries": AuditEntry.objects.filter(
            verb="share_request.due", subject="case", subject_id__in=[str(key) for key in keys]
        ).count(),
    }


def _two_and_a_kill(due: Due) -> None:
    """Two sweepers at once, one of them killed by SIGKILL midway, then one more run: nothing is lost or doubled."""
    from cases import services
    from cases.models import Alert, Case, CaseEvent

    expected = counted(due.taken[-1])
    keys = due.next_round()
    sweepers = [common.process(partial(services.sweep, due.moment)) for _number in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    done = CaseEvent.objects.filter(case__in=keys, kind="due")
    while not (at_kill := done.count()) and sweepers[0].is_alive():
        time.sleep(0.005)
    sweepers[0].kill()
    for sweeper in sweepers:
        sweeper.join()
    left = Case.objects.filter(pk__in=keys, next_fire_at__lte=due.moment).count()
    common.show("two sweepers, one killed", f"{at_kill:,} done", "", f"exit codes {[s.exitcode for s in sweepers]}")
    common.show("left by them for the next sweep", f"{left:,} cases")
    services.sweep(due.moment)
    found = counted(keys)
    doubled = len(keys) - done.values("case").distinct().count(), done.count() - len(keys)
    alerts = Alert.objects.filter(clock__case__in=keys, rung="due")
    assert found == expected, (found, expected)
    assert alerts.values("clock", "due_at").distinct().count() == len(keys)
    common.show("lost, doubled", f"{doubled[0]}, {doubled[1]}", "", ", ".join(f"{n:,} {k}" for k, n in found.items()))


if __name__ == "__main__":
    main()
