"""POST /api/v1/limits/derive/: a due date with its derivation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from organizations.actors import Actor, SystemActor
from statutes.services import record_local_day, sync_packs

URL = "/api/v1/limits/derive/"
Api = Callable[[Actor], APIClient]


def ask(client: APIClient, **question: Any) -> Any:
    return client.post(URL, {"unit": "working_day", **question}, format="json")


@pytest.mark.django_db
def test_a_stranger_is_refused() -> None:
    assert ask(APIClient(), start="2024-02-09T10:00:00+08:00", amount=5).status_code == 401


@pytest.mark.django_db
def test_the_answer_is_the_due_date_and_every_day_with_its_reason(api_for: Api, outsider: Actor) -> None:
    """2024: 10 to 17 February off, Sunday 18 worked."""
    response = ask(api_for(outsider), start="2024-02-09T10:00:00+08:00", amount=5)
    assert response.status_code == 200
    body = response.json()
    assert body["due_on"] == "2024-02-22"
    assert body["due_at"] == "2024-02-23T00:00:00+08:00"
    assert body["provisional"] is False
    days = body["derivation"]
    assert [day["date"] for day in days] == [
        (date(2024, 2, 9) + timedelta(days=step)).isoformat() for step in range(14)
    ]
    assert [day["date"][-2:] for day in days if day["counted"]] == ["18", "19", "20", "21", "22"]
    assert {day["why"] for day in days[1:9]} == {"春节"}
    assert days[9]["why"] == "调休上班"


@pytest.mark.django_db
def test_the_reasons_are_in_the_language_asked_for(api_for: Api, outsider: Actor) -> None:
    response = api_for(outsider).post(
        URL,
        {"start": "2024-02-09", "amount": 5, "unit": "working_day"},
        format="json",
        headers={"accept-language": "en"},
    )
    assert response.json()["derivation"][9]["why"] == "make-up working day"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"start": "2025-01-24", "amount": 5}, ("2025-02-07", "2025-02-08T00:00:00+08:00", False)),
        ({"start": "2026-02-13T01:00:00Z", "amount": 5}, ("2026-02-27", "2026-02-28T00:00:00+08:00", False)),
        ({"start": "2026-12-28T09:00:00", "amount": 5}, ("2027-01-05", "2027-01-06T00:00:00+08:00", True)),
        ({"start": "2026-01-15", "amount": 1, "unit": "month"}, ("2026-02-24", "2026-02-25T00:00:00+08:00", False)),
        (
            {"start": "2026-01-15", "amount": 1, "unit": "month", "roll": False},
            ("2026-02-15", "2026-02-16T00:00:00+08:00", False),
        ),
        (
            {"start": "2026-04-30T23:40:15+08:00", "amount": 3, "unit": "hour"},
            ("2026-05-01", "2026-05-01T02:40:15+08:00", False),
        ),
    ],
)
def test_every_unit_is_answered(
    api_for: Api, outsider: Actor, question: dict[str, Any], expected: tuple[str, str, bool]
) -> None:
    body = ask(api_for(outsider), **question).json()
    assert (body["due_on"], body["due_at"], body["provisional"]) == expected


@pytest.mark.django_db
def test_the_calendar_is_that_of_the_jurisdiction_named_or_ones_own(api_for: Api, outsider: Actor, cast: Any) -> None:
    record_local_day(
        actor=SystemActor("test"),
        jurisdiction=outsider.jurisdiction_id,
        day=date(2026, 8, 19),
        is_working=False,
        name="州庆",
    )
    client = api_for(outsider)
    question = {"start": "2026-08-18", "amount": 1}
    assert ask(client, **question).json()["due_on"] == "2026-08-20"
    assert ask(client, **question, jurisdiction="").json()["due_on"] == "2026-08-19"
    assert ask(client, **question, jurisdiction=cast.xianyang.jurisdiction.pk).json()["due_on"] == "2026-08-19"


@pytest.mark.django_db
def test_a_rule_brings_number_and_calendar_and_stands_beside_the_national_one(api_for: Api, outsider: Actor) -> None:
    sync_packs()
    client = api_for(outsider)
    question = {"start": "2026-03-02T09:00", "rule": "enshi:share.reply", "extended": True}
    body = client.post(URL, question, format="json", headers={"accept-language": "en"}).json()
    assert (body["due_on"], body["due_at"]) == ("2026-03-09", "2026-03-10T00:00:00+08:00")
    assert (body["rule"]["id"], body["rule"]["amount"], body["rule"]["unit"]) == ("share.reply", "5", "working_day")
    assert "art. 16" in body["rule"]["citation"]
    assert body["rule"]["reading"]
    assert "stricter" in body["why"]
    assert [(each["rule"]["pack"], each["binds"], each["due_on"]) for each in body["numbers"]] == [
        ("enshi", True, "2026-03-09"),
        ("national", False, "2026-03-16"),
    ]
    assert (body["extension"]["amount"], body["extension"]["due_on"]) == (10, "2026-03-23")
    assert (body["last_start"], len(body["derivation"])) == (None, 8)


@pytest.mark.django_db
def test_counting_back_gives_the_last_day_and_the_last_working_day_to_start(api_for: Api, outsider: Actor) -> None:
    sync_packs()
    client = api_for(outsider)
    back = client.post(URL, {"by": "2026-03-23", "rule": "enshi:share.reply"}, format="json").json()
    assert (back["last_start"], back["due_on"]) == ("2026-03-16", "2026-03-23")
    bare = ask(client, by="2026-03-01", amount=0, unit="day", roll=False).json()
    assert (bare["last_start"], bare["last_working_day_to_start"]) == ("2026-03-01", "2026-02-28")
    assert (bare["rule"], bare["why"], bare["numbers"], bare["extension"]) == (None, None, [], None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"start": "2026-03-02", "rule": "enshi:no.such"}, "rule"),
        ({"start": "2026-03-02", "rule": "nowhere:share.reply"}, "rule"),
        ({"start": "2026-03-02", "rule": "share.reply"}, "rule"),
        ({"start": "2026-03-02", "rule": "enshi:share.ladder"}, "rule"),
        ({"start": "2010-03-02", "rule": "enshi:share.reply"}, "rule"),
        ({"start": "1990-03-02", "rule": "national:records.network_logs"}, "start"),
        ({"start": "2060-12-30", "rule": "national:records.network_logs"}, "rule"),
        ({"by": "2061-12-30", "amount": 5, "unit": "day"}, "by"),
        ({"by": "2026-12-30", "amount": 5, "unit": "hour"}, "unit"),
        ({"by": "2026-12-30", "start": "2026-03-02", "amount": 5, "unit": "day"}, "start"),
        ({"start": "2026-03-02", "amount": 5}, "unit"),
        ({"start": "2026-03-02", "rule": "enshi:share.reply", "jurisdiction": "nowhere"}, "jurisdiction"),
    ],
)
def test_a_rule_that_cannot_be_counted_names_the_field(
    api_for: Api, outsider: Actor, question: dict[str, Any], field: str
) -> None:
    sync_packs()
    response = api_for(outsider).post(URL, question, format="json")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"amount": 5}, "start"),
        ({"start": "2026-03-02"}, "amount"),
        ({"start": "2026-03-02", "amount": "five"}, "amount"),
        ({"start": "2026-03-02", "amount": -1}, "amount"),
        ({"start": "2026-03-02", "amount": 10**12}, "amount"),
        ({"start": "2026-03-02", "amount": 3650, "unit": "year"}, "amount"),
        ({"start": "tomorrow", "amount": 5}, "start"),
        ({"start": "1990-03-02", "amount": 5}, "start"),
        ({"start": "0001-01-01", "amount": 5}, "start"),
        ({"start": "2026-03-02", "amount": 5, "unit": "fortnight"}, "unit"),
        ({"start": "2026-03-02", "amount": 5, "jurisdiction": "nowhere"}, "jurisdiction"),
    ],
)
def test_bad_input_names_the_field(api_for: Api, outsider: Actor, question: dict[str, Any], field: str) -> None:
    response = ask(api_for(outsider), **question)
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]
