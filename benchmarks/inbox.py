"""Lists of cases (performance goals, row 6): the inbox and the case list among a million cases, filtered by who looks.

`INBOX_CASES` overrides their number. One case in ten is open. A handler's organization is a party of one case in ten;
the auditor sees them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks import common, population, visits

if TYPE_CHECKING:
    from cases.models import Case
    from organizations.actors import Actor

DEPARTMENTS = {"small": 4, "full": 20}
TIMES = {"small": 5, "full": 5_000}
CLOSED_FOR_ONE_OPEN = 9
INBOX, FAR = 100, 1_000
SPREAD = "t.opened_at - n * interval '97 seconds'"


def main() -> None:
    options = common.start(__doc__ or "")
    with common.scratch_database():
        from tests.cast import Cast

        population.prepare()
        place = Cast().enshi
        people = population.departments(place, DEPARTMENTS[options.size])
        wanted = int(os.environ.get("INBOX_CASES", "0"))
        times = wanted // (len(people) * (1 + CLOSED_FOR_ONE_OPEN)) or TIMES[options.size]
        _fill(population.requests(place, people), population.requests(place, people), times)
        rounds = 20 if options.size == "full" else 2
        handler, auditor = people[1]["handler"], place.auditor
        _inbox(handler, rounds)
        for name, actor in (("handler", handler), ("auditor", auditor)):
            _pages(name, actor, rounds)
        _views(handler, rounds)


def _fill(waiting: list[Case], ended: list[Case], times: int) -> None:
    from cases import models
    from sharing.models import ShareRequest
    from tests.scenes import act

    for case in ended:
        act(population.leader_of(case), case, "withdraw", reason="不再需要")
        case.refresh_from_db()
        assert case.closed_at is not None
    population.multiply_cases(waiting, times, opened_at=SPREAD)
    population.multiply_cases(ended, times * CLOSED_FOR_ONE_OPEN, opened_at=SPREAD)
    names = ("Case", "CaseParty", "AwaitedHand", "CaseEvent", "Clock", "ClockEntry", "UrgingTask")
    population.vacuum(*(getattr(models, name) for name in names), ShareRequest)
    running = models.Case.objects.filter(closed_at=None).count()
    common.show("cases", f"{models.Case.objects.count():,}", "", f"{running:,} of them open")


def _inbox(actor: Actor, rounds: int) -> None:
    """The most urgent hundred of what awaits somebody, as rows of a page, against the hundred by index alone."""
    from cases import page, selectors
    from cases.models import AwaitedHand

    def own() -> list[page.CaseRow]:
        urgent = selectors.most_urgent_first(selectors.todo(actor))
        return page.rows(page.listed(urgent, actor)[:INBOX], timezone.now(), actor)

    def index() -> list[int]:
        mine = AwaitedHand.objects.filter(organization=actor.organization, position=actor.kind)
        return list(mine.order_by("pk").values_list("case_id", flat=True)[:INBOX])

    with CaptureQueriesContext(connection) as captured:
        rows = own()
    assert len(rows) == min(INBOX, selectors.todo(actor).count())
    times = common.interleaved({"own": own, "index": index}, rounds)
    seconds, bare_seconds = common.middle(times["own"]), common.middle(times["index"])
    common.show(f"{INBOX} keys of the inbox by its index", f"{bare_seconds * 1000:.1f} ms")
    ratio = f"{seconds / bare_seconds:.0f}x"
    common.show(
        f"inbox of {len(rows)} rows, {len(captured)} queries", f"{seconds * 1000:.1f} ms", ratio, "goal <= 60 ms"
    )


def _pages(name: str, actor: Actor, rounds: int) -> None:
    """The first page of all that one may see against the thousandth, whose cursor is found by counting."""
    from cases import selectors
    from cases.views import lists

    seen = selectors.visible_cases(actor)
    total = seen.count()
    far = min(FAR, total // lists.PAGE_SIZE - 1)
    at = seen.order_by("-opened_at", "-pk")[far * lists.PAGE_SIZE - 1 : far * lists.PAGE_SIZE]
    last: Case = at.get()
    cursor = signing.dumps([last.opened_at.isoformat(), last.pk], salt=lists.CURSOR_SALT)

    def page_of(cursor: str) -> Callable[[], object]:
        return lambda: lists.one_page(selectors.visible_cases(actor), cursor, actor)

    assert len(lists.one_page(seen, cursor, actor)[0]) == lists.PAGE_SIZE
    times = common.interleaved({"first": page_of(""), "far": page_of(cursor)}, rounds)
    first, later = common.middle(times["first"]), common.middle(times["far"])
    common.show(f"{name}, {total:,} cases to see: page 1", f"{first * 1000:.1f} ms")
    common.show(
        f"{name}: page {far + 1:,}", f"{later * 1000:.1f} ms", f"{later / first:.1f}x", "goal: as fast as page 1"
    )


def _views(actor: Actor, rounds: int) -> None:
    from cases import selectors
    from cases.views import lists
    from tests.cast import signed_in_client

    visits.QUERIES["cases"] = lambda actor: lists.one_page(selectors.visible_cases(actor), "", actor)[0]
    visits.QUERIES["inbox"] = lambda actor: lists.one_page(selectors.todo(actor), "", actor)[0]
    visits.QUERIES["workbench"] = lambda actor: list(
        selectors.todo_and_submitted(actor, todo_most=50, submitted_most=8).select_related("opener")
    )
    client, listing = signed_in_client(actor), reverse("cases:list")
    visits.against("case list", client, listing, "cases", rounds)
    visits.against("inbox page", client, f"{listing}?box=todo", "inbox", rounds)
    visits.against("workbench", client, "/", "workbench", rounds)


if __name__ == "__main__":
    main()
