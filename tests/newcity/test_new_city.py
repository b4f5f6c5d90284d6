"""A city that is not among the seven runs by its folder of data alone: no Python knows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from cases import services as cases
from cases.models import Case, Clock
from catalog.models import Resource
from statutes.selectors import compiled, current, resolve_limit
from tests.cast import Place
from tests.journey import TITLE, due_when_sent_today, empty_store, load_rows, village_rows
from tests.newcity.place import DEPARTMENTS, ID, PACKS, YUNXI, found_city
from tests.portal.test_api_journey import ROWS, Portal, bearer, file_request, grant_through
from tests.portal.test_house_rules import python_files, template_files
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])
LOCAL = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def yunxi(db: None, settings: Settings) -> Place:
    settings.STATUTES_PATH = str(PACKS)
    return found_city()


@pytest.fixture
def resource(yunxi: Place, tmp_path: Path) -> Resource:
    empty_store()
    found = published_resource(yunxi, title=TITLE)
    assert load_rows(found, village_rows(yunxi, ROWS), tmp_path).accepted == ROWS
    return found


def test_its_pack_is_in_order(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.STATUTES_PATH = str(PACKS)
    call_command("check_statutes", ID)
    assert ID in capsys.readouterr().out


def test_the_folder_holds_data_alone_and_no_program_text_knows_the_city() -> None:
    assert {path.suffix for path in PACKS.rglob("*") if path.is_file()} == {".toml"}
    texts = [path.read_text("utf-8") for path in [*python_files(), *template_files()]]
    assert not [text for text in texts if ID in text.lower() or "云溪" in text or "990100" in text]
    assert not (configured.ROOT / "statutes" / "packs" / ID).exists()


def test_its_own_numbers_bind_and_the_nation_fills_what_it_leaves_open(yunxi: Place) -> None:
    law = compiled(current(ID))
    today = date(2026, 3, 2)
    own = {rule: resolve_limit(law, rule, today) for rule in ("yunxi.answer", "share.provide", "correction.whole")}
    assert {rule: (found.limit.amount, found.rule.pack) for rule, found in own.items()} == {
        "yunxi.answer": (6, ID),
        "share.provide": (15, ID),
        "correction.whole": (10, "national"),
    }
    assert {p.id for p in law.procedures(today)} >= {"catalog_publication", "catalog_update", "correction"}
    assert law.term("class_withheld") is not None


def test_the_journey_over_the_api(yunxi: Place, resource: Resource) -> None:
    portal = Portal(yunxi, YUNXI)
    number = file_request(portal, resource)
    grant = grant_through(portal, number)
    answer = bearer(portal, grant).get(f"/api/v1/data/{resource.pk}/records/")
    assert answer.status_code == 200, answer.content
    assert all(set(row) == {"code", "name"} for row in answer.json()["records"])
    case = Case.objects.get(number=number)
    assert case.outcome == "granted"
    assert [e.action for e in case.events.exclude(action="")] == [
        "apply", "endorse", "find_in_order", "approve", "countersign", "sign", "sign",
    ]  # fmt: skip


def test_six_working_days_bind_the_bureau_and_three_the_second_signature(yunxi: Place, resource: Resource) -> None:
    case = filed(yunxi, resource)
    act(yunxi.applicant_leader, case, "endorse")
    reply = Clock.objects.get(case=case, name="reply")
    assert (reply.duty, reply.rule, reply.due_on) == ("bureau", "yunxi.answer", due_when_sent_today(YUNXI))
    act(yunxi.bureau_reviewer, case, "find_in_order", opinion="齐全")
    act(yunxi.bureau_approver, case, "approve")
    assert Clock.objects.get(case=case, name="security_sign").rule == "yunxi.countersign"
    act(yunxi.coordinator, case, "object", reason="未说明保存期限")
    assert Clock.objects.filter(case=case, name="reply").count() == 2


def test_its_pages_speak_its_words(yunxi: Place, resource: Resource, client_for: Callable[..., Client]) -> None:
    page = client_for(yunxi.applicant_handler).get(f"/catalog/{resource.pk}/").content.decode()
    assert "云溪市公共数据共享办法" in page or "第八条" in page or "第8条" in page
    law = client_for(yunxi.applicant_handler).get(f"/law/{ID}/").content.decode()
    assert "会签" in law


def test_its_schedule_lays_the_yearly_report_on_every_department(yunxi: Place) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=LOCAL), tick=False) as now:
        cases.open_scheduled()
        now.move_to(datetime(2027, 1, 6, 9, tzinfo=LOCAL))
        assert cases.open_scheduled() >= len(DEPARTMENTS)
        owed = Case.objects.filter(procedure="needs_report")
        assert {case.opener_id for case in owed} == {yunxi.organizations[name].pk for name in DEPARTMENTS}
        assert {Clock.objects.get(case=case).due_on for case in owed} == {date(2027, 3, 31)}
        case = owed.get(opener=yunxi.applicant)
        act(yunxi.applicant_handler, case, "report", needs="婚姻登记与户籍数据")
        act(yunxi.applicant_leader, case, "sign")
        case.refresh_from_db()
        assert case.outcome == "filed"
