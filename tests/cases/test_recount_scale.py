"""Recounting ten thousand clocks, killed midway, twice at once, beside a sweep, and in any order of events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from cases import services as cases
from cases.engine import recount
from cases.engine.recount import independent_due
from cases.models import Alert, Case, CaseEvent, Clock, ClockEntry, Recount
from organizations.errors import Refused
from statutes.calendars import calendar_for, current_version
from statutes.services import record_local_day
from statutes.timelimits import TZ
from tests.cases.provisional import copies
from tests.cases.test_recount import SYSTEM, announce_2027, local_day
from tests.cast import Place
from tests.laboratory.place import lab, opened
from tests.scenes import act

__all__ = ["lab"]
YEAR_END = datetime(2026, 12, 31, 9, 0, tzinfo=TZ)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)
FOUR = ("reply", "umbrella", "thirty", "month")
SCRIPT = """
import django
django.setup()
from cases import services
print("ready", flush=True)
{work}
"""


def process(work: str, **more: str) -> subprocess.Popen[bytes]:
    """A process of its own before the database of this test; it has begun when this returns."""
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test", "DATABASE_URL": database, **more}
    running = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SCRIPT.format(work=work)],
        cwd=settings.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    return running


def ended(running: subprocess.Popen[bytes]) -> int:
    try:
        return running.wait(120)
    finally:
        assert running.stdout is not None
        running.stdout.close()


def all_as_recounted(keys: list[int]) -> None:
    """Each open clock equals its independent recount; each case's events follow each other."""
    calendar = calendar_for("lab")
    for kept in Clock.objects.filter(case__in=keys, status="open").prefetch_related("ledger"):
        assert kept.due_on == independent_due(kept, calendar), kept
    seqs: dict[int, list[int]] = {}
    for case_id, seq in CaseEvent.objects.filter(case__in=keys).order_by("seq").values_list("case_id", "seq"):
        seqs.setdefault(case_id, []).append(seq)
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
    newest = dict(Case.objects.filter(pk__in=keys).values_list("pk", "seq"))
    assert {pk: len(found) for pk, found in seqs.items()} == newest
    assert not recount.stale_clocks().filter(case__in=keys).exists()


@pytest.fixture
def year_end() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(YEAR_END, tick=True) as traveller:
        yield traveller


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=True) as traveller:
        yield traveller


@pytest.mark.django_db
def test_ten_thousand_provisional_clocks_become_firm_each_with_its_reason(
    year_end: time_machine.Coordinates, lab: Place
) -> None:
    keys = copies(opened(lab, "clocks"), 2_500, YEAR_END, FOUR)
    running = Clock.objects.filter(case__in=keys)
    assert running.filter(provisional=True).count() == 10_000
    before = dict(running.values_list("pk", "due_on"))
    announce_2027()
    done = cases.recount(current_version())
    assert (done.total, done.done, done.failed) == (2_501, 2_501, 0)
    assert running.filter(provisional=True).count() == 0
    reasons = ClockEntry.objects.filter(clock__case__in=keys, kind="recalculate")
    assert Counter(reasons.values_list("note", flat=True)) == {"国办发明电〔2026〕99号": 10_000}
    after = dict(running.values_list("pk", "due_on"))
    moved = [pk for pk in before if before[pk] != after[pk]]
    assert moved
    assert len(moved) <= done.moved
    assert reasons.exclude(due_before=F("due_after")).count() == len(moved)
    all_as_recounted(keys)


@pytest.mark.django_db(transaction=True)
def test_a_recount_killed_midway_goes_on_where_it_stood(year_end: time_machine.Coordinates, lab: Place) -> None:
    """kill -9 after some chunks: each case is counted wholly or not at all; a run under another zone ends it."""
    keys = copies(opened(lab, "clocks"), 2_000, YEAR_END, FOUR[:2])
    announce_2027()
    running = process(f"services.recount({current_version()})")
    while running.poll() is None and not Recount.objects.filter(done__gt=0).exists():
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    assert ended(running) == -signal.SIGKILL
    firm = Counter(Clock.objects.filter(case__in=keys, provisional=False).values_list("case_id", flat=True))
    assert 0 < len(firm) < len(keys)
    assert set(firm.values()) == {2}
    assert ClockEntry.objects.filter(clock__case__in=keys, kind="recalculate").count() == 2 * len(firm)
    assert Recount.objects.get().finished_at is None
    assert ended(process("services.recount_pending()", TZ="America/New_York")) == 0
    assert ClockEntry.objects.filter(clock__case__in=keys, kind="recalculate").count() == 4_000
    assert Clock.objects.filter(case__in=keys, provisional=True).count() == 0
    finished = Recount.objects.get()
    assert (finished.done, finished.total) == (2_001, 2_001)
    assert finished.finished_at is not None
    all_as_recounted(keys)


@pytest.mark.django_db(transaction=True)
def test_two_recounts_and_two_sweeps_at_once_lose_and_double_nothing(lab: Place) -> None:
    today = timezone.localdate()
    calendar = calendar_for("lab")
    first = datetime.combine(calendar.nth_working_day_before(today, 8), datetime.min.time(), TZ) + timedelta(hours=9)
    keys = copies(opened(lab, "clocks"), 800, first, FOUR[:2])
    for days in (1, 4):
        day = calendar.nth_working_day_before(today, days)
        record_local_day(actor=SYSTEM, jurisdiction="lab", day=day, is_working=False, name=f"day {days}")
    version = current_version()
    work = [f"services.recount({version})", "services.sweep()"] * 2
    assert [ended(each) for each in [process(each) for each in work]] == [0, 0, 0, 0]
    cases.recount_pending()
    cases.sweep()
    cases.recount(version)
    all_as_recounted(keys)
    now = timezone.now()
    for kept in Clock.objects.filter(case__in=keys, status="open", bound="latest"):
        assert (kept.breached_at is not None) == (kept.due_at is not None and kept.due_at <= now)
    due = Counter(Alert.objects.filter(clock__case__in=keys, rung="due").values_list("clock_id", "due_at"))
    assert set(due.values()) == {1}
    lines = Counter(ClockEntry.objects.filter(clock__case__in=keys, kind="recalculate").values_list("clock", flat=True))
    assert set(lines.values()) == {1}


# --- any life --------------------------------------------------------------------------------------------

STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.sampled_from(["ask", "supply", "again", "visit"]), st.just(0)),
    st.tuples(st.just("prolong"), st.integers(1, 10)),
    st.tuples(st.just("answer"), st.integers(0, 6)),
    st.tuples(st.sampled_from(["off", "work"]), st.integers(-6, 20)),
    st.tuples(st.sampled_from(["recount", "sweep", "announce"]), st.just(0)),
)
LIVES = 200 if os.environ.get("PROOF") == "long" else 15
BY = {
    "ask": "bureau_reviewer",
    "supply": "applicant_handler",
    "again": "bureau_reviewer",
    "visit": "bureau_reviewer",
    "prolong": "bureau_approver",
    "answer": "bureau_approver",
}


@pytest.mark.django_db
@tried(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([MONDAY, YEAR_END]), st.lists(STEPS, min_size=2, max_size=14))
def test_any_sequence_of_pause_extension_late_fact_and_calendar_change_equals_a_recount(
    monday: time_machine.Coordinates, lab: Place, start: datetime, steps: list[tuple[str, int]]
) -> None:
    monday.move_to(start)
    with transaction.atomic():
        _live(lab, monday, steps)
        transaction.set_rollback(True)


def _live(lab: Place, now: time_machine.Coordinates, steps: list[tuple[str, int]]) -> None:
    case = opened(lab, "clocks")
    for step in steps:
        _take(lab, case, now, *step)
        current = Clock.objects.filter(case=case, status="open", calendar_version=current_version())
        assert {kept.pk: kept.due_on for kept in current} == {kept.pk: independent_due(kept) for kept in current}
    cases.recount_pending()
    cases.sweep()
    cases.recount(current_version())
    all_as_recounted([case.pk])
    fired = Counter(Alert.objects.filter(clock__case=case).values_list("clock", "rung", "due_at"))
    assert all(count == 1 for count in fired.values())


def _take(lab: Place, case: Case, now: time_machine.Coordinates, what: str, number: int) -> None:
    """One step of a life; what the engine refuses is not taken."""
    today = timezone.localdate()
    if what == "wait":
        now.shift(timedelta(hours=number))
    elif what in ("off", "work"):
        local_day(today + timedelta(days=number), works=what == "work")
    elif what == "announce":
        announce_2027()
    elif what == "recount":
        cases.recount_pending()
    elif what == "sweep":
        cases.sweep()
    else:
        given: dict[str, Any] = {"days": number} if what == "prolong" else {}
        if what == "answer":
            given = {"signed_on": (today - timedelta(days=number)).isoformat()}
        try:
            act(lab.actors[BY[what]], case, what, **given)
        except Refused:
            return


ZONES = """
from datetime import datetime, timedelta
from statutes.timelimits import TZ, derive
from statutes.workdays import build_calendar
calendar = build_calendar({2025: True, 2026: True, 2027: True, 2028: True}, {})
first = datetime(2026, 1, 1, tzinfo=TZ)
starts = [first + timedelta(hours=37 * step) for step in range(250)]
units = [("working_day", 5), ("day", 30), ("month", 1), ("hour", 36)]
found = [derive(start=s, unit=u, amounts=[n], roll=True, calendar=calendar).due_at for s in starts for u, n in units]
print([each.isoformat() for each in found])
"""


@pytest.mark.django_db
def test_a_zone_with_summer_time_around_the_process_changes_nothing() -> None:
    """The same periods over both changes of the clock, and from 1 January 00:00, in processes of other zones."""
    answers = set()
    running = [process(ZONES, TZ=zone) for zone in ("America/New_York", "Europe/London", "Asia/Shanghai")]
    for each in running:
        assert each.stdout is not None
        answers.add(each.stdout.read())
        assert ended(each) == 0
    (answer,) = answers
    assert answer.startswith(b"['2026-01-09T00:00:00+08:00', '2026-02-03T00:00:00+08:00'")
