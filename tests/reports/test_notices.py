"""The console page of notices: paste, preview, two persons, recount, the list of what it did and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from audit.models import AuditEntry
from cases import services as cases
from cases.models import Case, Recount
from organizations.actors import Actor
from organizations.models import Position
from statutes.calendars import calendar_for, current_version
from statutes.models import CalendarNotice
from statutes.timelimits import TZ
from tests.cast import Place, new_actor, token_client
from tests.scenes import act, filed, published_resource
from tests.statutes.notices import NOTICE_2027

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Actor], Client]
URL = "/reports/calendar/"
FIELDS = {
    "year": "2027",
    "number": "国办发明电〔2026〕99号",
    "title": "2027年部分节假日安排",
    "issued_on": "2026-11-20",
    "text": NOTICE_2027,
    "whole_year": "yes",
}


@pytest.fixture(autouse=True)
def _at_year_end() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 12, 29, 9, tzinfo=TZ), tick=True):
        yield


@pytest.fixture
def case(enshi: Place) -> Case:
    found = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, found, "endorse")
    return found


@pytest.fixture
def second(enshi: Place) -> Actor:
    return new_actor(enshi.bureau, Position.Kind.ADMINISTRATOR, "second", "乙")


def pasted(client: Client, **changes: str) -> str:
    """The address of a notice that was just entered."""
    response = client.post(f"{URL}new/", {**FIELDS, **changes})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def confirmed(client_for: ClientFor, author: Actor, second: Actor) -> str:
    url = pasted(client_for(author))
    assert client_for(author).post(f"{url}submit/").status_code == 302
    response = client_for(second).post(f"{url}confirm/", {"version": current_version()})
    assert response.status_code == 302
    return url


def test_the_preview_shows_days_differences_and_the_clocks_that_are_touched(
    client_for: ClientFor, enshi: Place, case: Case
) -> None:
    client = client_for(enshi.administrator)
    page = client.get(pasted(client)).content.decode()
    assert "2027-01-31" in page
    assert "2027-02-11" in page
    assert page.count("sh-day-due") == 10
    tiles = client.get(pasted(client)).context["tiles"]
    assert tiles[1]["value"] >= 1
    assert calendar_for("").is_projected(datetime(2027, 2, 1, tzinfo=TZ).date())


def test_a_text_with_faults_shows_each_with_its_line_and_cannot_be_submitted(
    client_for: ClientFor, enshi: Place
) -> None:
    client = client_for(enshi.administrator)
    url = pasted(client, text=NOTICE_2027.replace("6月9日（周三）", "6月9日（周五）"))
    page = client.get(url).content.decode()
    assert "第 5 行" in page
    assert "submit/" not in page
    response = client.post(f"{url}submit/")
    assert response.status_code == 400
    assert CalendarNotice.objects.get().status == "draft"
    fixed = client.post(f"{url}edit/", FIELDS)
    assert fixed.status_code == 302
    assert client.post(f"{url}submit/").status_code == 302


def test_a_form_that_lacks_something_is_shown_again_with_what_was_typed(client_for: ClientFor, enshi: Place) -> None:
    response = client_for(enshi.administrator).post(f"{URL}new/", {**FIELDS, "number": "", "jurisdiction": "enshi"})
    assert response.status_code == 400
    assert "九、" not in response.content.decode()
    assert "6月9日（周三）" in response.content.decode()
    own = client_for(enshi.administrator).post(f"{URL}new/", {**FIELDS, "jurisdiction": "enshi"})
    assert own.status_code == 400
    assert set(own.context["form"].errors) == {"reason", "legal_basis"}


def test_the_same_person_is_refused_with_a_sentence(client_for: ClientFor, enshi: Place) -> None:
    client = client_for(enshi.administrator)
    url = pasted(client)
    client.post(f"{url}submit/")
    response = client.post(f"{url}confirm/", {"version": "1"})
    assert response.status_code == 403
    assert "由其他人" in response.content.decode()
    assert current_version() == 1


def test_the_second_person_brings_it_into_force_and_due_dates_follow(
    client_for: ClientFor, enshi: Place, case: Case, second: Actor, django_capture_on_commit_callbacks: Callable
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        url = confirmed(client_for, enshi.administrator, second)
    assert len(callbacks) == 1
    client = client_for(enshi.bureau_approver)
    waiting = client.get(url)
    assert waiting.context["state"] == "running"
    assert client.get(f"{url}progress/").status_code == 200
    cases.recount(current_version())
    assert client.get(f"{url}progress/").headers["HX-Refresh"] == "true"
    page = client.get(url)
    assert page.context["state"] == "done"
    lines = page.context["page"].lines
    assert {line.number for line in lines} == {case.number}
    assert case.number in page.content.decode()
    narrowed = client.get(f"{url}?words=nothing").context["page"].lines
    assert narrowed == []
    assert client.get(f"{url}?what=stayed").context["page"].lines == [
        line for line in lines if line.before == line.after
    ]


def test_the_list_is_handed_out_as_workbook_and_as_csv_and_that_is_on_the_record(
    client_for: ClientFor, enshi: Place, case: Case, second: Actor
) -> None:
    url = confirmed(client_for, enshi.administrator, second)
    cases.recount(current_version())
    client = client_for(second)
    sheet = load_workbook(BytesIO(b"".join(client.post(f"{url}export/").streaming_content))).active
    assert sheet is not None
    assert case.number in [row[0] for row in sheet.iter_rows(values_only=True)]
    text = b"".join(client.post(f"{url}export/?format=csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith(case.number)
    assert AuditEntry.objects.filter(verb="report.export").count() == 2
    assert client.get(f"{url}export/").status_code == 405


@pytest.mark.parametrize("who", ["applicant_handler", "provider_leader", "auditor", "outsider"])
def test_others_are_kept_out_of_every_page(client_for: ClientFor, enshi: Place, who: str) -> None:
    url = pasted(client_for(enshi.administrator))
    client = client_for(enshi.actors[who])
    for path in (URL, f"{URL}new/", url, f"{url}progress/"):
        assert client.get(path).status_code == 403
    for path in (f"{url}submit/", f"{url}confirm/", f"{url}reject/", f"{url}export/"):
        assert client.post(path).status_code == 403


def test_the_list_holds_the_cases_of_the_reader_s_own_jurisdiction_only(
    client_for: ClientFor, enshi: Place, xianyang: Place, case: Case, second: Actor
) -> None:
    url = confirmed(client_for, enshi.administrator, second)
    cases.recount(current_version())
    assert client_for(xianyang.administrator).get(url).context["page"].lines == []


def test_turning_down_needs_a_reason_and_keeps_it(client_for: ClientFor, enshi: Place, second: Actor) -> None:
    author, other = client_for(enshi.administrator), client_for(second)
    url = pasted(author)
    author.post(f"{url}submit/")
    assert other.post(f"{url}reject/", {"reason": ""}).status_code == 400
    assert other.post(f"{url}reject/", {"reason": "文号有误"}).status_code == 302
    assert "文号有误" in author.get(url).content.decode()


def test_a_broken_preview_version_is_a_conflict(client_for: ClientFor, enshi: Place, second: Actor) -> None:
    author = client_for(enshi.administrator)
    url = pasted(author)
    author.post(f"{url}submit/")
    for given in ("", "x", "7"):
        assert client_for(second).post(f"{url}confirm/", {"version": given}).status_code == 409
    assert not Recount.objects.exists()


def test_over_the_api_one_pastes_another_confirms_and_both_see_how_far_the_recount_is(
    enshi: Place, second: Actor, case: Case
) -> None:
    """The same drafts, checks and refusals as on the page; nobody else learns that there is a notice."""
    author, other, api = token_client(enshi.administrator), token_client(second), "/api/v1/calendar/notices/"
    typed = {**FIELDS, "whole_year": True}
    wrong = author.post(api, {**typed, "text": NOTICE_2027.replace("6月9日（周三）", "6月9日（周五）")}, format="json")
    assert (wrong.status_code, wrong.data["problems"][0]["line"]) == (201, 5)
    one = f"{api}{wrong.data['id']}/"
    assert author.post(f"{one}submit/").status_code == 400
    assert other.get(one).status_code == 404, "a draft is its author's"
    assert author.put(one, typed, format="json").data["problems"] == []
    assert author.post(f"{one}submit/").data["status"] == "submitted"
    seen = other.get(one).data
    assert seen["changes"]
    assert other.get(f"{one}progress/").data["state"] == "none"
    body = {"calendar_version": seen["calendar_version"]}
    assert author.post(f"{one}confirm/", body, format="json").status_code == 403
    assert other.post(f"{one}confirm/", {"calendar_version": 0}, format="json").status_code == 409
    assert other.post(f"{one}confirm/", body, format="json").data["status"] == "applied"
    assert other.get(f"{one}progress/").data["total"] == Recount.objects.get().total
    cases.recount_pending()
    assert other.get(f"{one}progress/").data["state"] == "done"
    assert [row["id"] for row in author.get(api).data["results"]] == [wrong.data["id"]]
    assert token_client(enshi.provider_handler).get(api).data["results"] == []


def test_over_the_api_a_notice_is_rejected_with_a_reason(enshi: Place, second: Actor) -> None:
    author, other, api = token_client(enshi.administrator), token_client(second), "/api/v1/calendar/notices/"
    one = f"{api}{author.post(api, FIELDS | {'whole_year': True}, format='json').data['id']}/"
    author.post(f"{one}submit/")
    assert other.post(f"{one}reject/", {}, format="json").status_code == 400
    answer = other.post(f"{one}reject/", {"reason": "文号有误"}, format="json").data
    assert (answer["status"], answer["rejection"]) == ("rejected", "文号有误")
