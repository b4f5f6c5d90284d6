"""The acceptance of a project under each city's law, and the sharing gate, which nobody passes by ticking a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import services as cases
from cases.errors import DoorClosed
from cases.models import Case, Clock
from catalog.models import Resource
from datasets import services as datasets
from datasets.models import Dataset
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from projects.models import Acceptance, Project
from projects.promised import OFF, ON, UNASKED, all_kept, kept_promises
from projects.services import acceptance
from tests.cast import Place
from tests.laboratory.place import clock
from tests.projects.accept_scene import (
    CITIES,
    accepted,
    attachment,
    begun,
    building,
    city,
    entry,
    fill,
    hand_in,
    keep_promise,
    pass_door,
    to_the_door,
)
from tests.projects.scene import PROMISE, SYSTEM, filed
from tests.scenes import act

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
RULES = {
    "enshi": "project.sharing_plan_review",
    "xianyang": "acceptance.sharing",
    "jiaocheng": "acceptance.sharing",
    "panjin": "acceptance.docking",
}
Traveller = Any


@pytest.fixture
def now() -> Iterator[Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(params=CITIES)
def place(request: pytest.FixtureRequest, now: Traveller, db: None) -> Place:
    return city(request.param)


def lights(project: Project) -> list[str]:
    (row,) = kept_promises(project, timezone.now())
    return [light.state for light in row.lights]


def refused(call: Callable[[], object]) -> set[str]:
    """The rules that close the door."""
    with pytest.raises(DoorClosed) as closed:
        call()
    return {why.rule for why in closed.value.reasons}


# --- in every city


def test_what_is_accepted_is_in_use(place: Place, now: Traveller) -> None:
    project = accepted(place, now)
    assert project.case.state == "in_use"
    row = Acceptance.objects.get()
    assert row.accepted_on == timezone.localdate()
    with pytest.raises(Conflict):
        begun(place, project)


def test_nothing_is_accepted_before_it_is_built(place: Place) -> None:
    project = filed(place)
    assert refused(lambda: begun(place, project))
    assert not Acceptance.objects.exists()


def test_a_promise_withdrawn_the_day_before_closes_the_door(place: Place, now: Traveller) -> None:
    """Everything was in order yesterday; the entry went overnight; nobody has ticked anything, and the door is shut."""
    project = building(place)
    resource = keep_promise(place, project)
    case = begun(place, project)
    to_the_door(place, case, now)
    fill(resource)
    assert all_kept(project, timezone.now())
    Resource.objects.filter(pk=resource.pk).update(status="withdrawn", withdrawn_at=timezone.now())
    now.shift(timedelta(days=1))
    assert refused(lambda: pass_door(place, case)) == {RULES[place.jurisdiction.pk]}
    assert not Acceptance.objects.filter(accepted_on__isnull=False).exists()
    Resource.objects.filter(pk=resource.pk).update(status="published", withdrawn_at=None)
    fill(resource)
    pass_door(place, case)


def test_a_second_acceptance_waits_for_the_first_and_a_withdrawn_one_may_be_followed(place: Place) -> None:
    project = building(place)
    case = begun(place, project)
    with pytest.raises(Conflict) as twice:
        begun(place, project)
    assert twice.value.details == {"number": case.number}
    act(place.applicant_leader, case, "withdraw", reason="尚未建成")
    assert begun(place, project).acceptance.round == 2


# --- the four lights


@pytest.fixture
def built(now: Traveller, db: None) -> tuple[Place, Project]:
    place = city("enshi")
    return place, building(place)


def test_each_light_goes_out_for_its_own_reason(built: tuple[Place, Project], now: Traveller) -> None:
    place, project = built
    assert lights(project) == [OFF] * 4
    resource = entry(place)
    acceptance.link_promise(place.applicant_handler, promise=project.promises.get(), resource=resource)
    assert lights(project) == [ON, OFF, OFF, ON]
    fill(resource)
    assert lights(project) == [ON] * 4
    now.shift(timedelta(days=3))
    assert lights(project) == [ON, ON, OFF, ON]
    fill(resource)
    Dataset.objects.update(row_count=0)
    assert lights(project) == [ON, OFF, ON, ON]
    fill(resource)
    Resource.objects.filter(pk=resource.pk).update(sharing_methods=["offline"])
    assert lights(project) == [ON, ON, ON, OFF]
    Resource.objects.filter(pk=resource.pk).update(status="draft", sharing_methods=["api"])
    assert lights(project) == [OFF, ON, ON, OFF]


def test_freshness_is_measured_by_what_was_promised_not_by_what_the_entry_says(
    built: tuple[Place, Project], now: Traveller
) -> None:
    """The plan promised daily data; an entry that calls itself yearly does not make old data fresh."""
    place, project = built
    resource = keep_promise(place, project)
    Resource.objects.filter(pk=resource.pk).update(update_cycle="yearly")
    now.shift(timedelta(days=30))
    assert lights(project) == [ON, ON, OFF, ON]
    project.promises.update(update_cycle="irregular")
    assert lights(project) == [ON] * 4


def test_what_was_promised_to_all_is_not_kept_by_withholding_it(built: tuple[Place, Project]) -> None:
    place, project = built
    resource = keep_promise(place, project)
    Resource.objects.filter(pk=resource.pk).update(sharing_class="withheld", withheld_basis="某法第一条")
    assert lights(project)[0] == OFF
    project.promises.update(sharing_class="withheld")
    assert lights(project) == [ON, UNASKED, UNASKED, UNASKED]
    Dataset.objects.all().delete()
    assert all_kept(project, timezone.now())


def test_data_that_the_project_needs_and_a_plan_without_data_keep_no_door_shut(now: Traveller, db: None) -> None:
    place = city("enshi")
    project = building(place, promises=[replace(PROMISE, direction="needs")])
    assert all_kept(project, timezone.now())
    assert all_kept(building(place, name="无数据", promises=[]), timezone.now())


def test_only_the_owner_names_an_entry_and_only_one_of_its_own(built: tuple[Place, Project]) -> None:
    place, project = built
    promise, own = project.promises.get(), entry(place)
    for stranger in (place.provider_handler, place.bureau_reviewer, place.auditor):
        with pytest.raises(NotPermitted):
            acceptance.link_promise(stranger, promise=promise, resource=own)
    Resource.objects.filter(pk=own.pk).update(provider=place.provider)
    own.refresh_from_db()
    with pytest.raises(BadInput):
        acceptance.link_promise(place.applicant_handler, promise=promise, resource=own)
    project.co_builders.add(place.provider)
    acceptance.link_promise(place.applicant_handler, promise=promise, resource=own)


@pytest.mark.django_db(databases=["default", "datasets"], transaction=True)
def test_rows_that_were_really_loaded_light_the_lamps(tmp_path: Path) -> None:
    """No shortcut: a file is received and loaded, and lights what it should; withdrawing the entry puts one out."""
    place = city("enshi")
    project = building(place)
    resource = entry(place)
    acceptance.link_promise(place.applicant_handler, promise=project.promises.get(), resource=resource)
    path = tmp_path / "rows.csv"
    path.write_text("code\n420001001001\n")
    batch = datasets.receive_path(actor=SYSTEM, resource=resource, path=path, mode="replace")
    assert lights(project) == [ON, OFF, OFF, ON]
    datasets.load_batch(batch_id=batch.pk)
    assert lights(project) == [ON] * 4


# --- papers


def test_papers_come_from_the_owner_while_the_acceptance_awaits_it(now: Traveller, db: None) -> None:
    """Builders and supervisors have no accounts; nobody but the owner hands in, and not while others look."""
    place = city("panjin")
    project = building(place)
    resource = keep_promise(place, project)
    case = begun(place, project)
    row = Acceptance.objects.get()
    for stranger in (place.provider_handler, place.bureau_approver):
        with pytest.raises(NotPermitted):
            acceptance.add_paper(stranger, acceptance=row, kind="builder", attachment=attachment(stranger))
    kind, file = "estimate", attachment(place.applicant_handler)
    with pytest.raises(BadInput):
        acceptance.add_paper(place.applicant_handler, acceptance=row, kind=kind, attachment=file)
    act(place.applicant_leader, case, "pass_initial", opinion="初验合格")
    hand_in(place, case, "owner", "products")
    assert refused(lambda: act(place.applicant_handler, case, "apply_final")) == {"acceptance.final"}
    hand_in(place, case, "builder")
    act(place.applicant_handler, case, "apply_final")
    row.case.refresh_from_db()
    with pytest.raises(NotPermitted):
        hand_in(place, case, "test")
    fill(resource)
    pass_door(place, case)


# --- city by city


def test_three_months_of_trial_have_to_have_passed(now: Traveller, db: None) -> None:
    """From the day on which the system was built: one day less is too early, and no day is invented."""
    place = city("xianyang")
    project = building(place)
    resource = keep_promise(place, project)
    case = begun(place, project, built_on="2026-02-10")
    assert (clock(case, "trial_run").due_on, clock(case, "trial_run").bound) == (date(2026, 5, 11), "earliest")
    hand_in(place, case, "test")
    assert refused(lambda: act(place.applicant_handler, case, "apply")) == {"acceptance.trial_run"}
    hand_in(place, case, "trial")
    now.move_to(datetime(2026, 5, 11, 23, 0, tzinfo=MONDAY.tzinfo))
    assert refused(lambda: act(place.applicant_handler, case, "apply")) == {"acceptance.trial_run"}
    now.move_to(datetime(2026, 5, 12, 9, 0, tzinfo=MONDAY.tzinfo))
    cases.sweep()
    act(place.applicant_handler, case, "apply")
    fill(resource)
    assert {"acceptance.apply", "acceptance.before_use"} <= refused(
        lambda: act(place.it_approver, case, "accept", opinion="合格")
    )
    paper = attachment(place.it_reviewer).pk
    act(place.it_reviewer, case, "evaluate_security", security="failed", papers=[paper])
    assert refused(lambda: act(place.it_approver, case, "accept", opinion="合格")) == {"acceptance.before_use"}
    act(place.it_approver, case, "reject", reason="安全评测不合格")
    assert Case.objects.get(pk=case.pk).state == "rectifying"
    act(place.applicant_handler, case, "apply")
    assert "acceptance.apply" in refused(lambda: act(place.it_approver, case, "accept", opinion="合格"))
    paper = attachment(place.it_reviewer).pk
    act(place.it_reviewer, case, "evaluate_security", security="passed", papers=[paper])
    act(place.it_approver, case, "accept", opinion="合格")
    assert not Clock.objects.filter(case=case, status="late").exists()


def test_a_trial_begun_tomorrow_is_no_trial(now: Traveller, db: None) -> None:
    place = city("xianyang")
    with pytest.raises(BadInput):
        begun(place, building(place), built_on="2026-03-03")


def test_the_report_is_due_thirty_working_days_after_the_acceptance(now: Traveller, db: None) -> None:
    place = city("jiaocheng")
    project = building(place)
    resource = keep_promise(place, project)
    case = begun(place, project)
    hand_in(place, case, "test", "products")
    act(place.applicant_leader, case, "finish", finished_on="2026-03-02", opinion="合格")
    assert clock(case, "report").due_on == date(2026, 4, 14)
    cases.sweep()
    project.refresh_from_db()
    assert project.case.state == "in_use"
    assert refused(lambda: act(place.applicant_handler, case, "file_report")) == {"acceptance.report"}
    hand_in(place, case, "acceptance")
    now.move_to(datetime(2026, 4, 20, 9, 0, tzinfo=MONDAY.tzinfo))
    cases.sweep()
    assert clock(case, "report").breached_at is not None
    act(place.applicant_handler, case, "file_report")
    assert clock(case, "report").status == "late"
    assert Acceptance.objects.get().report_filed_on == date(2026, 4, 20)
    assert resource.pk


@pytest.mark.parametrize("place", ["enshi", "jiaocheng", "panjin"], indirect=True)
def test_what_fails_is_put_right_and_accepted_anew(place: Place, now: Traveller) -> None:
    """Xianyang's is told in the story of its trial run."""
    project = building(place)
    resource = keep_promise(place, project)
    case = begun(place, project)
    to_the_door(place, case, now)
    failing = {"enshi": "reject", "jiaocheng": "fail", "panjin": "fail_final"}[place.jurisdiction.pk]
    who = place.bureau_approver if failing == "fail_final" else place.applicant_leader
    act(who, case, failing, reason="不符合设计")
    assert Case.objects.get(pk=case.pk).closed_at is None
    paper = attachment(place.applicant_handler).pk
    act(place.applicant_handler, case, "rectified" if failing == "fail_final" else "again", papers=[paper])
    if failing == "fail_final":
        act(place.applicant_leader, case, "pass_initial", opinion="初验合格")
        act(place.applicant_handler, case, "apply_final")
    fill(resource)
    pass_door(place, case)
    cases.sweep()
    project.refresh_from_db()
    assert project.case.state == "in_use"


# --- what people see


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_board_says_in_words_what_is_missing(
    built: tuple[Place, Project], client_for: Callable[[Actor], Client], language: str
) -> None:
    place, project = built
    spoken = {"accept-language": language}
    client = client_for(place.applicant_handler)
    form = reverse("projects:begin-acceptance", args=[project.pk])
    assert client.get(form, headers=spoken).status_code == 200
    begun_at = client.post(form, {"key": "once"}, headers=spoken)
    case = Acceptance.objects.get().case
    assert begun_at["Location"] == reverse("cases:case", args=[case.number])
    page = client.get(begun_at["Location"], headers=spoken).content.decode()
    assert ("目录" if language == "zh-hans" else "not in the catalogue") in page
    resource = entry(place)
    link = reverse("projects:link-promise", args=[case.number, project.promises.get().pk])
    assert client.post(link, {"resource": resource.pk}, headers=spoken).status_code == 302
    page = client.get(begun_at["Location"], headers=spoken).content.decode()
    assert reverse("catalog:resource", args=[resource.pk]) in page
    fill(resource)
    page = client.get(begun_at["Location"], headers=spoken).content.decode()
    assert page.count("sh-chip sh-over") == 0


def test_a_paper_is_handed_in_on_the_page(built: tuple[Place, Project], client_for: Callable[[Actor], Client]) -> None:
    place, project = built
    case = begun(place, project)
    client = client_for(place.applicant_handler)
    address = reverse("projects:acceptance-paper", args=[case.number])
    client.post(address, {"kind": "test", "paper": SimpleUploadedFile("测试报告.pdf", b"%PDF-1.4 x")})
    assert project.documents.get(kind="test").attachment.case_id == case.pk
    client.post(address, {"kind": "test"})
    client.post(address, {"kind": "proposal", "paper": SimpleUploadedFile("b.pdf", b"%PDF-1.4 y")})
    assert project.documents.count() == 1
    other = client_for(place.outsider)
    assert other.post(address, {"kind": "test"}).status_code == 404
