"""Reports: what the auditor of a jurisdiction sees, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation

from audit.keys import signing_key
from audit.models import AuditEntry
from audit.proofs import check_proof
from audit.services import record
from audit.services.sealing import last_block, seal_rows
from audit.who import SYSTEM
from cases import services as cases
from catalog.models import Resource
from organizations.actors import Actor
from reports.definitions import ACCESS, ACTS, BLOCKS, CASES, PAGE_SIZE
from reports.selectors.decisions import audited_cases, figures
from sharing.models import AccessClosed, AccessOpened
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=LOCAL)
ClientFor = Callable[[Actor], Client]
PAGES = ("/reports/", "/reports/access/", "/reports/cases/", "/reports/acts/", "/reports/integrity/")


@pytest.fixture
def in_march(request: pytest.FixtureRequest) -> Place:
    """The cast as it was on a Friday in March, so that limits can run out."""
    with time_machine.travel(FRIDAY, tick=False):
        return request.getfixturevalue("enshi")


def read(place: Place, resource: Resource, *, rows: int | None = 3, **more: Any) -> AccessOpened:
    """A read as the sharing room records it; `rows` None leaves it open."""
    given = {"organization": place.applicant, "person": place.applicant_handler.user, "channel": "csv"}
    opened = AccessOpened.objects.create(resource=resource, columns=["code", "name"], **{**given, **more})
    if rows is not None:
        AccessClosed.objects.create(opened=opened, rows=rows, bytes=rows * 20, ending=AccessClosed.Ending.COMPLETE)
    return opened


def lines(report: Any, actor: Actor, **given: str) -> list[Any]:
    form = report.form(given)
    assert form.is_valid(), form.errors
    return list(report.page(actor, form, "").lines)


# Doors


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "role",
    [
        "applicant_handler",
        "applicant_leader",
        "provider_leader",
        "bureau_approver",
        "coordinator",
        "outsider",
        "administrator",
    ],
)
def test_only_an_auditor_opens_reports(enshi: Place, client_for: ClientFor, path: str, role: str) -> None:
    assert client_for(enshi.actors[role]).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_auditor_opens_every_report_in_both_languages(
    enshi: Place, client_for: ClientFor, path: str, language: str
) -> None:
    filed(enshi, published_resource(enshi))
    client = client_for(enshi.auditor)
    client.cookies["shutong_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    assert ("统计与报告" if language == "zh-hans" else "Reports") in response.content.decode()


@pytest.mark.parametrize("report", [ACCESS, CASES, ACTS, BLOCKS])
def test_rows_are_empty_for_everybody_else_even_past_the_door(enshi: Place, report: Any) -> None:
    read(enshi, published_resource(enshi))
    form = report.form({})
    assert form.is_valid()
    for role, actor in enshi.actors.items():
        if role != "auditor":
            assert not report.rows(actor, form).exists(), role


@pytest.mark.parametrize("role", ["applicant_leader", "bureau_approver", "outsider", "administrator"])
def test_only_an_auditor_exports_or_verifies(enshi: Place, client_for: ClientFor, role: str) -> None:
    client = client_for(enshi.actors[role])
    assert client.post("/reports/access/export/").status_code == 403
    assert client.post("/reports/integrity/verify/", {"scope": "all"}).status_code == 403


def test_the_auditor_of_another_jurisdiction_sees_nothing_of_this_one(
    enshi: Place, xianyang: Place, client_for: ClientFor
) -> None:
    resource = published_resource(enshi)
    case = filed(enshi, resource)
    read(enshi, resource)
    theirs = xianyang.auditor
    assert lines(ACCESS, theirs) == []
    assert lines(CASES, theirs) == []
    assert {line.entry.jurisdiction for line in lines(ACTS, theirs)} <= {"xianyang"}
    client = client_for(theirs)
    assert client.get(f"/reports/cases/{case.number}/").status_code == 404
    entry = AuditEntry.objects.filter(jurisdiction="enshi").first()
    assert client.get(f"/reports/acts/{entry.pk}/proof.json").status_code == 404


# Who read what


def test_a_read_names_reader_columns_rows_and_ending(enshi: Place) -> None:
    read(enshi, published_resource(enshi), purpose="救助核对", address="10.1.2.3")
    (line,) = lines(ACCESS, enshi.auditor)
    assert line.columns == ["区划代码", "名称"]
    assert (line.closed.rows, line.css) == (3, "sh-done")
    values = [column.value(line) for column in ACCESS.columns]
    assert "救助核对" in values
    assert enshi.applicant_handler.user.full_name in values


def test_reads_are_narrowed_by_result_channel_day_and_words(enshi: Place) -> None:
    resource = published_resource(enshi)
    done = read(enshi, resource)
    open_ = read(enshi, resource, rows=None, channel="api")
    refused = read(enshi, resource, rows=None, refused="revoked", organization=enshi.outside, person=None)
    old = read(enshi, resource, opened_at=timezone.now() - timedelta(days=40))

    def found(**given: str) -> list[AccessOpened]:
        return [line.read for line in lines(ACCESS, enshi.auditor, **given)]

    assert found() == [refused, open_, done, old]
    assert found(outcome="refused") == [refused]
    assert found(outcome="open") == [open_]
    assert found(outcome="complete") == [done, old]
    assert found(outcome="allowed") == [open_, done, old]
    assert found(channel="api") == [open_]
    assert found(organization="气象") == [refused]
    assert found(resource="没有这样的目录") == []
    assert found(person=enshi.applicant_handler.user.full_name, outcome="open") == [open_]
    today = timezone.localdate()
    assert found(until=(today - timedelta(days=30)).isoformat()) == [old]
    assert found(since=today.isoformat(), until=today.isoformat()) == [refused, open_, done]


# What was decided


def test_a_decision_names_who_on_which_article_and_in_time(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="超出职责")
    act(enshi.provider_leader, case, "refuse", reason="超出使用范围")
    (line,) = lines(CASES, enshi.auditor)
    assert line.decision.event.person_name == enshi.provider_leader.user.full_name
    assert line.decision.event.organization == enshi.provider
    assert line.decision.rule.article
    assert (line.late, line.css) == (0, "sh-run")


def counted(auditor: Actor) -> tuple[int, int, int, int]:
    """All cases, those in time, those late, those without a limit: the three kinds are all."""
    form = CASES.form({})
    assert form.is_valid()
    found = figures(audited_cases(auditor, form))
    assert found.in_time + found.late + found.unlimited == found.total
    return found.total, found.in_time, found.late, found.unlimited


def test_an_answer_after_its_day_counts_as_late_for_ever(in_march: Place) -> None:
    enshi = in_march
    with time_machine.travel(FRIDAY, tick=False):
        late = filed(enshi, published_resource(enshi))
        act(enshi.applicant_leader, late, "endorse")
    with time_machine.travel(FRIDAY + timedelta(weeks=3), tick=False):
        (line,) = lines(CASES, enshi.auditor)
        assert (line.late, line.css) == (1, "sh-over")
        cases.sweep()
        act(enshi.provider_handler, late, "propose", proposal="consent", opinion="符合条件")
        act(enshi.provider_leader, late, "consent")
        fresh = filed(enshi, published_resource(enshi, title="另一目录"))
        assert [line.case.pk for line in lines(CASES, enshi.auditor, timeliness="late")] == [late.pk]
        assert lines(CASES, enshi.auditor, timeliness="in_time") == [], "nothing has been asked of anybody yet"
        assert [line.case.pk for line in lines(CASES, enshi.auditor, timeliness="none")] == [fresh.pk]
        assert counted(enshi.auditor) == (2, 0, 1, 1)
        act(enshi.applicant_leader, fresh, "endorse")
        assert [line.case.pk for line in lines(CASES, enshi.auditor, timeliness="in_time")] == [fresh.pk]
        assert counted(enshi.auditor) == (2, 1, 1, 0)
        assert [line.case.pk for line in lines(CASES, enshi.auditor, words=late.number)] == [late.pk]
        assert lines(CASES, enshi.auditor, progress="closed") == []


def test_the_figures_add_up(in_march: Place, client_for: ClientFor) -> None:
    enshi = in_march
    with time_machine.travel(FRIDAY, tick=False):
        case = filed(enshi, published_resource(enshi))
        act(enshi.applicant_leader, case, "endorse")
    filed(enshi, published_resource(enshi, title="另一目录"))
    tiles = client_for(enshi.auditor).get("/reports/cases/").context["tiles"]
    assert [tile["value"] for tile in tiles] == [2, 0, 0, 1, 1], "all, closed, in time, late, without a limit"


def test_the_report_of_a_case_shows_every_step_and_its_entries(enshi: Place, client_for: ClientFor) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse", opinion="情况属实")
    response = client_for(enshi.auditor).get(f"/reports/cases/{case.number}/")
    body = response.content.decode()
    assert "情况属实" in body
    assert case.number in body
    assert (
        len(response.context["entries"]) == AuditEntry.objects.filter(subject="case", subject_id=str(case.pk)).count()
    )
    assert response.context["entries"]


# Paging and addresses


def test_pages_follow_each_other_without_gap_or_double(enshi: Place, client_for: ClientFor) -> None:
    resource = published_resource(enshi)
    moment = timezone.now()
    reads = [
        read(enshi, resource, rows=None, opened_at=moment - timedelta(seconds=n // 3)) for n in range(PAGE_SIZE + 7)
    ]
    form = ACCESS.form({})
    assert form.is_valid()
    first = ACCESS.page(enshi.auditor, form, "")
    second = ACCESS.page(enshi.auditor, form, first.following)
    seen = [line.read.pk for line in [*first.lines, *second.lines]]
    assert (len(first.lines), second.following) == (PAGE_SIZE, "")
    assert sorted(seen) == sorted(row.pk for row in reads)
    assert [line.read.pk for line in ACCESS.every(enshi.auditor, form)] == seen
    client = client_for(enshi.auditor)
    assert client.get("/reports/access/", {"cursor": first.following}).status_code == 200
    assert client.get("/reports/cases/", {"cursor": first.following}).status_code == 400
    assert client.get("/reports/access/", {"cursor": "forged"}).status_code == 400


def test_a_wrong_filter_is_named_and_shows_no_lines(enshi: Place, client_for: ClientFor) -> None:
    client = client_for(enshi.auditor)
    response = client.get("/reports/access/", {"since": "2026-03-02", "until": "2026-03-01"})
    assert response.status_code == 400
    assert response.context["form"].errors["until"]
    assert client.get("/reports/access/", {"since": "yesterday"}).status_code == 400
    assert client.post("/reports/access/export/?since=yesterday").status_code == 400
    assert client.post("/reports/nothing/export/").status_code == 404


@pytest.mark.parametrize("report", [ACCESS, CASES, ACTS])
def test_a_longer_page_asks_no_more_questions(
    enshi: Place, report: Any, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(4):
        resource = published_resource(enshi, title=f"目录{number}")
        read(enshi, resource)
        filed(enshi, resource)
    form = report.form({})
    assert form.is_valid()
    report.page(enshi.auditor, form, "")
    with django_assert_max_num_queries(4):
        report.page(enshi.auditor, form, "")


# Workbooks


def workbook(client: Client, path: str) -> Any:
    response = client.post(path)
    assert response.status_code == 200, response.content
    assert "no-store" in response["Cache-Control"]
    return openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content))).active


def test_the_workbook_holds_what_the_filter_finds_and_is_itself_recorded(enshi: Place, client_for: ClientFor) -> None:
    resource = published_resource(enshi)
    read(enshi, resource, rows=5)
    read(enshi, resource, rows=None, channel="api")
    sheet = workbook(client_for(enshi.auditor), "/reports/access/export/?channel=csv")
    rows = list(sheet.iter_rows(values_only=True))
    assert [str(cell) for cell in rows[5]] == [str(column.label) for column in ACCESS.columns]
    assert len(rows) == 7
    assert 5 in rows[6]
    entry = AuditEntry.objects.get(verb="report.export")
    assert (list(entry.data["filters"]), entry.data["rows"]) == (["channel"], 1)
    assert entry.person == enshi.auditor.user.full_name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://x","y")', "\t=1"])
def test_what_was_typed_never_becomes_a_formula(enshi: Place, client_for: ClientFor, text: str) -> None:
    read(enshi, published_resource(enshi), purpose=text)
    sheet = workbook(client_for(enshi.auditor), "/reports/access/export/")
    cells = [cell for row in sheet.iter_rows(min_row=7) for cell in row if cell.value == text]
    assert len(cells) == 1
    assert cells[0].data_type == "s"
    assert cells[0].quotePrefix


@pytest.mark.parametrize("report", ["cases", "acts", "integrity"])
def test_every_report_exports(enshi: Place, client_for: ClientFor, report: str) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    sheet = workbook(client_for(enshi.auditor), f"/reports/{report}/export/")
    assert sheet.max_row >= 6


def test_an_export_by_get_is_refused_because_it_writes(enshi: Place, client_for: ClientFor) -> None:
    assert client_for(enshi.auditor).get("/reports/access/export/").status_code == 405


def test_what_the_portal_did_to_a_case_is_proved_to_its_auditor_alone(
    enshi: Place, xianyang: Place, client_for: ClientFor
) -> None:
    case = filed(enshi, published_resource(enshi))
    ours = record(verb="case.due", who=SYSTEM, subject="case", subject_id=case.pk)
    other = record(verb="pack.load", who=SYSTEM, subject="pack", subject_id="x")
    while seal_rows(signing_key(), last_block(), blocks=1):
        continue
    ours_path, other_path = (f"/reports/acts/{entry.pk}/proof.json" for entry in (ours, other))
    mine = client_for(enshi.auditor)
    assert check_proof(mine.get(ours_path).json(), signing_key().public_key())
    assert mine.get(other_path).status_code == 404
    theirs = client_for(xianyang.auditor)
    assert theirs.get(ours_path).status_code == 404
    assert client_for(enshi.outsider).get(ours_path).status_code == 403


def test_the_record_names_acts_in_words(enshi: Place) -> None:
    """By the law for acts of cases, by ourselves for the rest; an act is found by its name and by its code."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    with translation.override("en"):
        names = {line.entry.verb: line.act for line in lines(ACTS, enshi.auditor)}
        assert names["share_request.endorse"].startswith("share request: ")
        assert "endorse" not in names["share_request.endorse"].partition(": ")[2].split(".")
        found = lines(ACTS, enshi.auditor, verb=names["share_request.endorse"])
        assert {line.entry.verb for line in found} == {"share_request.endorse"}
    assert {line.entry.verb for line in lines(ACTS, enshi.auditor, verb="share_request.endorse")} == {
        "share_request.endorse"
    }


def test_no_act_that_the_portal_records_is_without_a_name(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    unnamed = {line.entry.verb for line in lines(ACTS, enshi.auditor) if line.act == line.entry.verb}
    assert unnamed == set()


def test_what_a_read_was_narrowed_to_is_said_without_brackets(enshi: Place) -> None:
    read(enshi, published_resource(enshi), filters={"code": "420001"})
    (line,) = lines(ACCESS, enshi.auditor)
    assert "420001" in line.filters
    assert not {"{", "'", "}"} & set(line.filters)


def test_the_auditors_workbench_leads_to_the_reports(enshi: Place, client_for: ClientFor) -> None:
    filed(enshi, published_resource(enshi))
    read(enshi, published_resource(enshi, title="另一目录"))
    page = client_for(enshi.auditor).get("/")
    assert [tile["value"] for tile in page.context["tiles"]] == [1, 1]
    for report in ("cases", "access", "acts", "integrity"):
        assert f'href="/reports/{report}/"' in page.content.decode()
    assert "/reports/cases/" not in client_for(enshi.applicant_handler).get("/").content.decode()
