"""Pages as a signed-in person asks for them: wall time, CPU time and queries, beside a bare view on the same query."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from benchmarks import common

if TYPE_CHECKING:
    from django.test import Client

QUERIES_GOAL, CPU_GOAL = 12, 2.5
QUERIES: dict[str, Callable[[Any], list[Any]]] = {}
"""What each bare view reads, by name: given the actor, the rows."""


@dataclass(frozen=True)
class Visit:
    """Medians in seconds, and the number of queries."""

    wall: float
    cpu: float
    queries: int


def visit(client: Client, url: str, rounds: int) -> Visit:
    """What a page costs once it has been visited."""
    for _warm in range(2):
        answer: Any = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    queries = len(captured)
    walls, cpus = [], []
    for _round in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        client.get(url)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Visit(common.middle(walls), common.middle(cpus), queries)


def against(what: str, client: Client, url: str, bare: str, rounds: int) -> Visit:
    """One page and the bare view on its query, in turn. Returns what the page costs."""
    with override_settings(ROOT_URLCONF="benchmarks.bare"):
        peer, own = visit(client, f"/bare/{bare}", rounds), visit(client, url, rounds)
    figure = f"{own.cpu * 1000:.1f} / {peer.cpu * 1000:.1f} ms CPU"
    common.show(what, figure, f"{own.cpu / peer.cpu:.1f}x", f"of a bare view; goal <= {CPU_GOAL}x")
    common.show("  in all, and its queries", f"{own.wall * 1000:.0f} ms, {own.queries}", "", f"goal <= {QUERIES_GOAL}")
    return own
