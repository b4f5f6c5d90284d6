"""A changed pack comes into force by two persons; open cases stay, or go on under it where the pack says so."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from pytest_django import Settings

from audit.models import AuditEntry
from cases import services as cases
from cases.engine import load, moving
from cases.models import Case, CaseEvent, VersionMove
from organizations.errors import BadInput, Conflict, NotPermitted
from statutes import services as statutes
from statutes.diffing import difference
from statutes.models import PackActivation, PackVersion
from statutes.selectors import compiled, current
from tests.cases.test_recount_scale import ended, process
from tests.cast import Place, signed_in_client
from tests.laboratory.place import PACKS, clock, lab, opened
from tests.scenes import act

__all__ = ["lab"]
pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FIVE, FOUR = "limit = { amount = 5, unit", "limit = { amount = 4, unit"
MOVE = '\n[[transition]]\nprocedure = "clocks"\nmode = "move"\n'


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def folder(lab: Place, tmp_path: Path, settings: Settings) -> Path:
    """The laboratory's pack where a test can change it; the text in force is the one on disk."""
    shutil.copytree(PACKS / "lab", tmp_path / "lab")
    settings.STATUTES_PATH = str(tmp_path)
    return tmp_path / "lab"


def changed(folder: Path, file: str, old: str, new: str) -> PackVersion:
    """Write the change, and what is offered because of it."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    statutes.sync_packs()
    return PackVersion.objects.get(pack="lab", offered_at__isnull=False)


def in_force(place: Place, version: PackVersion) -> PackActivation:
    proposal = statutes.propose_activation(place.bureau_reviewer, version=version, note="新规定")
    return statutes.confirm_activation(place.bureau_approver, proposal_id=proposal.pk)


def test_a_changed_pack_waits_and_the_old_law_goes_on(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    assert not version.is_current
    assert clock(opened(lab, "clocks"), "reply").due_on == date(2026, 3, 9)


def test_two_persons_bring_it_into_force_and_both_are_on_record(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    before = opened(lab, "clocks")
    in_force(lab, version)
    assert current("lab") == version
    assert clock(opened(lab, "clocks"), "reply").due_on == date(2026, 3, 6)
    assert clock(before, "reply").due_on == date(2026, 3, 9), "a case keeps its law"
    verbs = AuditEntry.objects.filter(subject="pack_version", subject_id=str(version.pk)).values_list("verb", flat=True)
    assert set(verbs) >= {"statutes.propose_activation", "statutes.confirm_activation"}


def test_nobody_confirms_what_they_proposed(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    proposal = statutes.propose_activation(lab.bureau_approver, version=version, note="新规定")
    with pytest.raises(NotPermitted):
        statutes.confirm_activation(lab.bureau_approver, proposal_id=proposal.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PackActivation.objects.filter(pk=proposal.pk).update(status="active", decided_by=lab.bureau_approver.user)
    assert current("lab") != version


def test_a_department_and_the_administrator_bring_no_law_into_force(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    for actor in (lab.applicant_leader, lab.auditor, lab.administrator, lab.outsider):
        with pytest.raises(NotPermitted):
            statutes.propose_activation(actor, version=version, note="新规定")
        assert signed_in_client(actor).get(f"/cases/versions/{version.pk}/").status_code == 403


def test_a_proposal_is_made_once_and_needs_a_reason(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    with pytest.raises(BadInput):
        statutes.propose_activation(lab.bureau_reviewer, version=version, note=" ")
    statutes.propose_activation(lab.bureau_reviewer, version=version, note="新规定")
    with pytest.raises(Conflict):
        statutes.propose_activation(lab.bureau_approver, version=version, note="新规定")


def test_a_version_that_another_has_replaced_cannot_be_confirmed(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    proposal = statutes.propose_activation(lab.bureau_reviewer, version=version, note="新规定")
    changed(folder, "rules.toml", FOUR, "limit = { amount = 3, unit")
    with pytest.raises(Conflict):
        statutes.confirm_activation(lab.bureau_approver, proposal_id=proposal.pk)


def test_a_version_needs_an_organization_for_every_organ(lab: Place, folder: Path) -> None:
    version = changed(
        folder,
        "pack.toml",
        "[organ.department]",
        '[organ.treasury]\nlabel = { zh = "财政", en = "Treasury" }\n[organ.department]',
    )
    proposal = statutes.propose_activation(lab.bureau_reviewer, version=version, note="新规定")
    with pytest.raises(BadInput, match="财政"):
        statutes.confirm_activation(lab.bureau_approver, proposal_id=proposal.pk)
    assert current("lab") != version


def test_the_difference_names_changed_numbers_and_parts(lab: Place, folder: Path) -> None:
    before = current("lab")
    changed(folder, "rules.toml", FIVE, FOUR)
    version = changed(
        folder,
        "procedures/clocks.toml",
        'label = { zh = "整改", en = "Comply" }',
        'label = { zh = "完成整改", en = "Comply" }',
    )
    found = difference(compiled(before), compiled(version), "en")
    assert [(change.rule.id, change.number) for change in found.rules] == [("lab.five", True)]
    assert [(line.name, line.before, line.after) for line in found.rules[0].changes] == [
        ("limit", "unit working_day amount 5 bound latest", "unit working_day amount 4 bound latest")
    ]
    (procedure,) = found.procedures
    assert [(part.kind, part.id) for part in procedure.parts] == [("actions", "comply")]


def test_open_cases_go_on_under_a_version_that_says_so(lab: Place, folder: Path) -> None:
    case, other = opened(lab, "clocks"), opened(lab, "panel", lab.bureau_reviewer)
    old = current("lab")
    (folder / "pack.toml").write_text((folder / "pack.toml").read_text("utf-8") + MOVE, "utf-8")
    version = changed(folder, "rules.toml", FIVE, FOUR)
    in_force(lab, version)
    assert cases.move_open_cases() == 1
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.pack_version, other.pack_version) == (version, old)
    event = CaseEvent.objects.get(case=case, kind=CaseEvent.Kind.TRANSITION)
    assert event.rule == "lab.main"
    assert clock(case, "reply").due_on == date(2026, 3, 9), "a number in force stays on its clock"
    act(lab.bureau_approver, case, "prolong", days=2)
    assert clock(case, "reply").due_on == date(2026, 3, 11)
    assert cases.move_open_cases() == 0, "each case is looked at once"


def test_a_renamed_state_is_followed_and_the_past_keeps_its_words(lab: Place, folder: Path) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    text = (folder / "procedures/clocks.toml").read_text("utf-8")
    text = text.replace("[state.waiting]", "[state.papers]").replace('"waiting"', '"papers"')
    text = text.replace('id = "ask"', 'id = "request_papers"').replace('from = ["ask"]', 'from = ["request_papers"]')
    (folder / "procedures/clocks.toml").write_text(text, "utf-8")
    header = (folder / "pack.toml").read_text("utf-8") + MOVE + 'states = { waiting = "papers" }\n'
    (folder / "pack.toml").write_text(header, "utf-8")
    version = changed(folder, "rules.toml", FIVE, FOUR)
    in_force(lab, version)
    cases.move_open_cases()
    case.refresh_from_db()
    assert (case.state, case.pack_version) == ("papers", version)
    page = signed_in_client(lab.applicant_handler).get(f"/cases/{case.number}/").content.decode()
    assert "要求补正" in page
    act(lab.applicant_handler, case, "supply")
    assert load(Case.objects.get(pk=case.pk)).case.state == "open"


def test_a_case_that_cannot_go_on_stays_and_says_why(lab: Place, folder: Path) -> None:
    case = opened(lab, "clocks")
    act(lab.bureau_reviewer, case, "ask")
    text = (folder / "procedures/clocks.toml").read_text("utf-8")
    text = text.replace("[state.waiting]", "[state.papers]").replace('"waiting"', '"papers"')
    (folder / "procedures/clocks.toml").write_text(text, "utf-8")
    (folder / "pack.toml").write_text((folder / "pack.toml").read_text("utf-8") + MOVE, "utf-8")
    old = case.pack_version
    in_force(lab, changed(folder, "rules.toml", FIVE, FOUR))
    cases.move_open_cases()
    case.refresh_from_db()
    move = VersionMove.objects.get(case=case)
    assert (case.pack_version, move.moved, move.reason) == (old, False, moving.NO_STATE)
    act(lab.applicant_handler, case, "supply")


def test_the_pages_lead_two_persons_through_it(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    opened(lab, "clocks")
    first, second = signed_in_client(lab.bureau_reviewer), signed_in_client(lab.bureau_approver)
    assert version.version in first.get("/cases/versions/").content.decode()
    assert "4 个工作日" in first.get(f"/cases/versions/{version.pk}/").content.decode()
    first.post(f"/cases/versions/{version.pk}/propose/", {"note": "新规定"})
    proposal = PackActivation.objects.get(version=version)
    refused = first.post(f"/cases/versions/{version.pk}/{proposal.pk}/confirm/")
    assert refused.status_code == 403
    assert second.post(f"/cases/versions/{version.pk}/{proposal.pk}/confirm/").status_code == 302
    assert current("lab") == version
    assert "sh-done" in second.get(f"/cases/versions/{version.pk}/progress/").content.decode()


def test_a_rejected_proposal_leaves_the_version_on_offer(lab: Place, folder: Path) -> None:
    version = changed(folder, "rules.toml", FIVE, FOUR)
    proposal = statutes.propose_activation(lab.bureau_reviewer, version=version, note="新规定")
    with pytest.raises(BadInput):
        statutes.reject_activation(lab.bureau_approver, proposal_id=proposal.pk, note="")
    statutes.reject_activation(lab.bureau_approver, proposal_id=proposal.pk, note="条文引用有误")
    version.refresh_from_db()
    assert version.offered_at is not None
    in_force(lab, version)
    assert current("lab") == version


def test_what_only_a_waiting_version_knows_is_refused_with_the_way_out(lab: Place, folder: Path) -> None:
    with pytest.raises(Conflict, match=r"生效|activated"):
        opened(lab, "brand_new")


@pytest.mark.django_db(transaction=True)
def test_taking_open_cases_along_survives_being_killed_midway(lab: Place, folder: Path) -> None:
    keys = [opened(lab, "clocks").pk for _case in range(60)]
    (folder / "pack.toml").write_text((folder / "pack.toml").read_text("utf-8") + MOVE, "utf-8")
    version = changed(folder, "rules.toml", FIVE, FOUR)
    in_force(lab, version)
    running = process("services.move_open_cases()")
    while VersionMove.objects.count() < 5:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert ended(running) == -signal.SIGKILL
    assert 0 < VersionMove.objects.count() < len(keys), "it was killed midway"
    cases.move_open_cases()
    assert set(Case.objects.filter(pk__in=keys).values_list("pack_version", flat=True)) == {version.pk}
    moves = CaseEvent.objects.filter(case__in=keys, kind=CaseEvent.Kind.TRANSITION)
    assert sorted(moves.values_list("case", flat=True)) == sorted(keys), "once each"
    assert VersionMove.objects.filter(moved=True).count() == len(keys)
