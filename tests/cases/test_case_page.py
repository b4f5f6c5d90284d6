"""What the case page offers and how: what leads on, what is asked once more, who moved the case meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases.models import Assignment, Case
from cases.services import comment
from organizations.actors import Actor
from tests.cast import Place, signed_in_client, token_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def sent(enshi: Place) -> Case:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    return case


def forms_of(actor: Actor, case: Case) -> dict[str, str]:
    """Action to its part of the page, from the box that opens to the button that sends."""
    page = signed_in_client(actor).get(f"/cases/{case.number}/").content.decode()
    boxes = re.findall(r'<details class="sh-act".*?</details>', page, re.DOTALL)
    found = {re.search(r"/actions/(\w+)/", box): box for box in boxes}
    return {match[1]: box for match, box in found.items() if match}


def agreed(place: Place, case: Case) -> None:
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(place.provider_leader, case, "consent")


def test_a_way_out_is_not_held_out_while_the_case_waits_for_somebody_else(enshi: Place, sent: Case) -> None:
    [(action, box)] = forms_of(enshi.applicant_handler, sent).items()
    assert action == "withdraw"
    assert "btn-primary" not in box.partition("</summary>")[0]
    assert not re.match(r'<details class="sh-act" open', box)


def test_the_one_thing_that_is_awaited_is_open_and_stands_out(enshi: Place, sent: Case) -> None:
    agreed(enshi, sent)
    [(action, box)] = forms_of(enshi.provider_leader, sent).items()
    assert action == "sign"
    assert re.match(r'<details class="sh-act" open', box)
    assert "btn-primary" in box.partition("</summary>")[0]


def test_what_cannot_be_undone_is_asked_once_more(enshi: Place, sent: Case) -> None:
    """Signing has an effect, withdrawing ends the case, consenting decides; drafting an answer does none of it."""
    assert "data-sh-confirm" in forms_of(enshi.applicant_handler, sent)["withdraw"]
    assert "data-sh-confirm" not in forms_of(enshi.provider_handler, sent)["propose"]
    act(enshi.provider_handler, sent, "propose", proposal="consent", opinion="符合条件")
    assert "data-sh-confirm" in forms_of(enshi.provider_leader, sent)["consent"]
    act(enshi.provider_leader, sent, "consent")
    assert "data-sh-confirm" in forms_of(enshi.applicant_leader, sent)["sign"]


def test_a_conflict_names_who_acted_last_and_when_by_the_local_clock(enshi: Place, sent: Case) -> None:
    """Also where the case moved on by itself behind that act."""
    agreed(enshi, sent)
    act(enshi.applicant_leader, sent, "sign")
    sent.refresh_from_db()
    seen = sent.seq
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        act(enshi.provider_leader, sent, "sign")
        form = {"withdraw-version": seen, "withdraw-key": "late", "withdraw-reason": "不再需要"}
        page = signed_in_client(enshi.applicant_handler).post(f"/cases/{sent.number}/actions/withdraw/", form)
        body = {"version": seen, "inputs": {"reason": "不再需要"}}
        client = token_client(enshi.applicant_handler)
        api = client.post(f"/api/v1/cases/{sent.number}/actions/withdraw/", body, format="json")
    sent.refresh_from_db()
    assert sent.state == "delivery"
    name = enshi.provider_leader.user.full_name
    assert page.status_code == api.status_code == 409
    assert f"{name}于2026-03-02 11:00" in re.sub(r"\s+于\s+|\s*于\s*", "于", page.content.decode())
    details = api.json()["error"]["details"]
    assert (details["by"], details["at"], details["action"]) == (name, "2026-03-02T11:00:00+08:00", "sign")


def test_nobody_of_another_organization_is_named_to_handle_a_case(enshi: Place, sent: Case) -> None:
    leader = signed_in_client(enshi.provider_leader)
    forged = {"assignee": enshi.outsider.user.pk, "position": "handler"}
    page = leader.post(f"/cases/{sent.number}/assign/", forged)
    several = leader.post("/cases/bulk/assign/", {"case": [sent.number], **forged})
    assert (page.status_code, several.status_code) == (400, 400)
    assert "没有担任" in page.content.decode() or "不担任" in page.content.decode()
    assert not Assignment.objects.exists()


def test_what_is_ahead_says_whether_it_is_a_reminder_or_the_end(enshi: Place, sent: Case) -> None:
    """Two working days before the due date a reminder; after the last one before it, the end."""

    def ahead() -> str:
        page = signed_in_client(enshi.provider_handler).get(f"/cases/{sent.number}/").content.decode()
        return page.partition('class="sh-ahead"')[2].partition("</h3>")[0]

    assert "发送提醒" in ahead()
    due_at = sent.clocks.get(status="open").due_at
    sent.clocks.filter(status="open").update(fire_at=due_at)
    assert "时限届满" in ahead()


def test_a_long_comment_is_folded(enshi: Place, sent: Case) -> None:
    long, short = "意见" * 1000, "知悉"
    for text in (long, short):
        comment(enshi.provider_handler, sent, audience="organization", text=text)
    page = signed_in_client(enshi.provider_handler).get(f"/cases/{sent.number}/").content.decode()
    [folded] = re.findall(r'<details class="sh-long">.*?</details>', page, re.DOTALL)
    assert long in folded
    assert short not in folded
