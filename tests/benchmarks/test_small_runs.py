"""Every benchmark runs at its small size, counts its rows right and prints a ratio. Nothing is said of how long."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from importlib import import_module

import pytest
from django.db import connection
from pytest_django import Settings

from benchmarks import common
from datasets import store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "datasets"])
RATIO = re.compile(r" \d+(\.\d+)?(x|×|%)( |$)", re.MULTILINE)
LEFT_BEHIND = f"""
DROP TABLE IF EXISTS benchmark_history, benchmark_traced;
DROP FUNCTION IF EXISTS benchmark_keep();
DROP SCHEMA IF EXISTS {store.SCHEMA} CASCADE;
RESET ALL;
"""


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings
) -> Iterator[Callable[[str], str]]:
    """Runs a benchmark in the database of the tests and gives what it printed."""
    monkeypatch.setattr(common, "scratch_database", nullcontext)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--size", "small"])
    monkeypatch.setenv("SEARCH_ROWS", "400")
    settings.STATUTES_PATH = ""

    def printed(name: str) -> str:
        monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)
        import_module(f"benchmarks.{name}").main()
        return capsys.readouterr().out

    yield printed
    with connection.cursor() as cursor:
        cursor.execute(LEFT_BEHIND)


@pytest.mark.parametrize("name", ["search", "load", "read", "pages"])
def test_a_benchmark_runs_and_prints_a_ratio(run: Callable[[str], str], name: str) -> None:
    """Each asserts itself that it read, wrote or found as many rows as its peer."""
    assert RATIO.search(run(name))


def test_the_audit_record_is_measured_and_verified(run: Callable[[str], str]) -> None:
    printed = run("audit")
    assert RATIO.search(printed)
    assert re.search(r"verifying [\d,]+ entries", printed)
    assert "making and checking a proof" in printed


def test_the_sweep_writes_what_one_statement_writes_and_a_killed_one_loses_nothing(run: Callable[[str], str]) -> None:
    printed = run("clocks")
    rows = "200 events, 200 alerts, 200 ledger lines, 200 urging tasks, 600 notices, 200 audit entries"
    assert printed.count(rows) == 2
    assert re.search(r"lost, doubled +0, 0", printed)
    assert RATIO.search(printed)


def test_the_inbox_and_the_pages_of_the_case_list_are_measured(run: Callable[[str], str]) -> None:
    printed = run("inbox")
    assert re.search(r"cases +208 +24 of them open", printed)
    assert re.search(r"auditor, 208 cases to see", printed)
    assert len(RATIO.findall(printed)) >= 6


def test_pages_of_projects_ask_no_more_among_many_than_among_few(run: Callable[[str], str]) -> None:
    """The benchmark asserts it of each page; here it runs."""
    printed = run("projects")
    assert re.search(r"projects +200 +100 of them under review", printed)
    assert re.search(r"queries of each page +those among 100", printed)
    assert len(RATIO.findall(printed)) >= 5
