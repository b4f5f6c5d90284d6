"""Two sweepers in two processes, killed at any moment: no rung is lost, none fires twice, the record is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from cases import services as cases
from cases.models import Alert, Case, CaseEvent
from statutes.timelimits import TZ
from tests.cast import Place
from tests.laboratory.place import lab, opened
from tests.scenes import act
from tests.statutes.proof.invariants import assert_invariants
from tests.statutes.proof.packs import LONG
from tests.statutes.proof.test_sweeps import told

__all__ = ["lab"]
pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=TZ)
LATER = datetime(2026, 4, 20, 9, 0, tzinfo=TZ)
CASES = int(os.environ.get("PROOF_KILLED_CASES", "48" if LONG else "16"))
ROUNDS = 5 if LONG else 2
PATIENCE = 120


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def overdue(lab: Place) -> list[int]:
    """Cases with reminders, breaches, a minimum period and an act by a clock behind them that nobody has noticed."""
    found = [opened(lab, "clocks") for _number in range(CASES)]
    for case in found[::2]:
        act(lab.bureau_reviewer, case, "ask")
    return [case.pk for case in found]


class Sweeper:
    """A process that is ready to sweep."""

    def __init__(self) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.statutes.proof.sweeper",
            str(connection.settings_dict["NAME"]),
            str(LATER),
        ]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=settings.ROOT, text=True, **pipes)  # type: ignore[call-overload]  # noqa: S603

    def hears(self, word: str) -> None:
        assert self.process.stdout.readline().strip() == word

    def go(self) -> None:
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def sweepers() -> Iterator[list[Sweeper]]:
    found = [Sweeper() for _number in range(2 * ROUNDS)]
    yield found
    for each in found:
        if each.process.poll() is None:
            each.kill()


def test_two_sweepers_and_kills_lose_no_rung_and_double_none(overdue: list[int], sweepers: list[Sweeper]) -> None:
    rng = random.Random(20260302)  # noqa: S311
    for each in sweepers:
        each.hears("ready")
    touched = []
    for number in range(ROUNDS):
        pair = sweepers[2 * number : 2 * number + 2]
        for each in pair:
            each.go()
        for each in pair:
            time.sleep(rng.random() * 0.4)
            each.kill()
        touched.append(CaseEvent.objects.filter(case__in=overdue, kind="due").count())
    with time_machine.travel(LATER + timedelta(seconds=1), tick=False):
        cases.sweep(LATER)
        for case_id in overdue:
            assert_invariants(case_id)
    records = {"ask": told(overdue[0]), "": told(overdue[1])}
    for place, case_id in enumerate(overdue):
        assert told(case_id) == records["" if place % 2 else "ask"], f"killed after {touched}"
    claimed = list(Alert.objects.values_list("clock", "rung", "due_at"))
    assert len(claimed) == len(set(claimed))
    assert not Case.objects.filter(pk__in=overdue, next_fire_at__lte=LATER).exists()
