"""The bureau's console: its own queue, by step and urgency, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from cases import services as cases
from organizations.actors import Actor
from reports import console
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ClientFor = Callable[[Actor], Client]


@pytest.fixture
def waiting(request: pytest.FixtureRequest) -> list[str]:
    """Numbers of three requests that wait for the bureau's review, filed a day apart; the oldest first."""
    with time_machine.travel(FRIDAY, tick=False) as clock:
        place = request.getfixturevalue("xianyang")
        numbers = []
        for number in range(3):
            case = filed(place, published_resource(place, title=f"目录{number}"))
            act(place.applicant_leader, case, "endorse")
            numbers.append(case.number)
            clock.shift(timedelta(days=3))
    return numbers


def shown(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/reports/console/{query}")
    assert response.status_code == 200
    return [row.case.number for row in response.context["rows"]]


@pytest.mark.parametrize("role", ["applicant_handler", "provider_leader", "auditor", "outsider", "administrator"])
def test_only_reviewers_and_approvers_open_the_console(xianyang: Place, client_for: ClientFor, role: str) -> None:
    assert client_for(xianyang.actors[role]).get("/reports/console/").status_code == 403


def test_the_queue_holds_what_awaits_the_bureau_most_urgent_first(
    waiting: list[str], xianyang: Place, client_for: ClientFor
) -> None:
    with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
        assert shown(client_for(xianyang.bureau_reviewer)) == waiting
        assert shown(client_for(xianyang.bureau_approver)) == waiting


def test_another_city_s_bureau_sees_none_of_it(
    waiting: list[str], xianyang: Place, enshi: Place, client_for: ClientFor
) -> None:
    assert shown(client_for(enshi.bureau_reviewer)) == []


def test_the_queue_is_narrowed_by_step_position_and_words(
    waiting: list[str], xianyang: Place, client_for: ClientFor
) -> None:
    with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
        client = client_for(xianyang.bureau_reviewer)
        choices = client.get("/reports/console/").context["steps"]
        assert [choice["count"] for choice in choices[1:]] == [3]
        assert shown(client, choices[1]["url"]) == waiting
        assert shown(client, "?step=nothing.here") == []
        assert shown(client, f"?words={waiting[1]}") == [waiting[1]]
        positions = [
            shown(client_for(actor), "?mine=on") for actor in (xianyang.bureau_reviewer, xianyang.bureau_approver)
        ]
        assert sorted(positions) == [[], waiting]


def test_overdue_cases_are_found_whether_or_not_the_sweep_has_run(
    waiting: list[str], xianyang: Place, client_for: ClientFor
) -> None:
    with time_machine.travel(FRIDAY + timedelta(weeks=8), tick=False):
        client = client_for(xianyang.bureau_reviewer)
        assert shown(client, "?urgency=overdue") == waiting
        cases.sweep()
        assert shown(client, "?urgency=overdue") == waiting
        assert [tile["value"] for tile in client.get("/reports/console/").context["tiles"]][3] == 3


def test_pages_of_the_queue_follow_each_other(
    waiting: list[str], xianyang: Place, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PAGE_SIZE", 2)
    with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
        client = client_for(xianyang.bureau_reviewer)
        first = client.get("/reports/console/")
        following = first.context["following"]
        assert [row.case.number for row in first.context["rows"]] == waiting[:2]
        assert shown(client, f"?cursor={following}") == waiting[2:]
        assert client.get("/reports/console/?cursor=forged").status_code == 400


def test_an_unknown_urgency_is_refused(xianyang: Place, client_for: ClientFor) -> None:
    assert client_for(xianyang.bureau_reviewer).get("/reports/console/?urgency=sometime").status_code == 400


def test_the_console_gives_selected_cases_to_a_person_and_shows_who_has_how_much(
    waiting: list[str], xianyang: Place, client_for: ClientFor
) -> None:
    with time_machine.travel(FRIDAY + timedelta(days=10), tick=False):
        approver = client_for(xianyang.bureau_approver)
        reviewer = xianyang.bureau_reviewer
        form = {"case": waiting[:2], "assignee": reviewer.user.pk, "note": "", "next": "/reports/console/?mine=on"}
        answer = approver.post("/cases/bulk/assign/", form)
        assert answer["Location"] == "/reports/console/?mine=on"
        assert sorted(shown(client_for(reviewer), "?assigned=mine")) == sorted(waiting[:2])
        assert shown(client_for(reviewer), "?assigned=unassigned") == [waiting[2]]
        loads = approver.get("/reports/console/").context["workload"]
        assert {load.user.pk: load.cases for load in loads}[reviewer.user.pk] == 3, "two given, one that awaits anybody"


def test_a_selection_without_cases_is_refused_and_comes_back_to_the_list(
    waiting: list[str], xianyang: Place, client_for: ClientFor
) -> None:
    answer = client_for(xianyang.bureau_approver).post("/cases/bulk/assign/", {"assignee": "1", "next": "//evil.test/"})
    assert answer["Location"] == "/cases/?box=todo"
    assert client_for(xianyang.bureau_approver).post("/cases/bulk/", {}).status_code == 400
    assert client_for(xianyang.bureau_approver).get("/cases/bulk/")["Location"] == "/cases/?box=todo"
