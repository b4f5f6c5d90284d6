"""From filing to approval under each city's own law: every gate is tried wrongly, and the clocks run as it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases import services as cases
from cases.errors import DoorClosed
from cases.models import Case, Clock
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from projects import services
from projects.models import Project, ProjectReview
from projects.selectors import visible_projects
from statutes.selectors import compiled, current
from tests.cast import Place, place_of
from tests.laboratory.place import clock
from tests.projects.panel_scene import experts_agree
from tests.projects.scene import drafted, filed, organ, plan, submitted
from tests.scenes import act, store_law

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
KINDS = Position.Kind


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(now: time_machine.Coordinates, db: None) -> Place:
    store_law()
    found = place_of("enshi")
    (found.actors["development"],) = organ(found, "development")
    return found


def life_of(project: Project) -> Case:
    cases.sweep()
    return Case.objects.get(pk=project.case_id)


def through_the_bureau(place: Place, review: Case) -> None:
    """Preliminary opinion, sharing plan, experts, final opinion."""
    act(place.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(place.coordinator, review, "agree_sharing", opinion="共享目录完整")
    experts_agree(place, review)
    act(place.bureau_reviewer, review, "experts_done", opinion="专家一致同意")
    act(place.bureau_approver, review, "give_final", opinion="建议通过")


def test_a_project_passes_review_and_is_approved(place: Place) -> None:
    project = filed(place)
    review = submitted(place, project)
    assert review.parent_id == project.case_id
    through_the_bureau(place, review)
    assert life_of(project).state == "preparing"
    act(place.arbiter, review, "pass")
    life = life_of(project)
    assert life.state == "approval"
    act(place.development, life, "approve", document_number="发改审批〔2026〕1号")
    assert (life_of(project).state, life.closed_at) == ("approved", None)


def test_numbers_of_projects_count_on(place: Place) -> None:
    first, second = filed(place), filed(place, name="另一项目")
    assert first.code < second.code
    assert first.code.startswith("ENSHI-P2026-")


def test_both_limits_run_from_receipt_and_a_demanded_change_starts_them_anew(
    place: Place, now: time_machine.Coordinates
) -> None:
    """5 and 15 working days; the internal days before the head signs count for neither."""
    project = filed(place)
    review = services.submit_for_review(place.applicant_handler, project=project)
    assert not Clock.objects.filter(case=review).exists()
    act(place.applicant_leader, review, "submit")
    assert clock(review, "first_opinion").due_on == date(2026, 3, 9)
    assert clock(review, "final_opinion").due_on == date(2026, 3, 23)
    act(place.bureau_reviewer, review, "demand_revision", reason="概算依据不足")
    assert {clock(review, name).status for name in ("first_opinion", "final_opinion")} == {Clock.Status.VOID}
    now.move_to(datetime(2026, 3, 10, 9, 0, tzinfo=MONDAY.tzinfo))
    act(place.applicant_handler, review, "send_new_plan")
    now.move_to(datetime(2026, 3, 12, 9, 0, tzinfo=MONDAY.tzinfo))
    act(place.bureau_reviewer, review, "accept_new_plan", received_on="2026-03-10")
    assert clock(review, "first_opinion").due_on == date(2026, 3, 17)
    assert clock(review, "final_opinion").due_on == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"goals": ""}, "project.conditions"),
        ({"years": {}}, "project.conditions"),
        ({"security_design": ""}, "project.conditions"),
        ({"reuse_statement": ""}, "project.conditions"),
        ({"promises": []}, "project.sharing_plan_review"),
        ({"is_video": True}, "project.video_risk"),
        ({"funding": "superior"}, "project.filing"),
    ],
)
def test_a_plan_with_a_gap_does_not_go_to_review(place: Place, changes: dict[str, object], rule: str) -> None:
    project = filed(place, **changes)
    with pytest.raises(DoorClosed) as closed:
        services.submit_for_review(place.applicant_handler, project=project)
    assert [why.rule for why in closed.value.reasons] == [rule]
    assert not ProjectReview.objects.exists()


def test_a_project_without_a_responsible_person_or_a_total_is_not_filed(place: Place) -> None:
    with pytest.raises(DoorClosed):
        services.file_project(place.applicant_handler, draft=drafted(place, responsible=""))
    with pytest.raises(BadInput) as refused:
        services.file_project(place.applicant_handler, draft=drafted(place, name="无预算", total=Decimal(0), years={}))
    assert list(refused.value.fields) == ["total"]
    assert not Project.objects.exclude(case=None).exists()


def test_filing_twice_or_two_reviews_at_once_is_a_conflict(place: Place) -> None:
    project = filed(place)
    with pytest.raises(Conflict):
        services.file_project(place.applicant_handler, draft=project)
    review = services.submit_for_review(place.applicant_handler, project=project, idempotency_key="once")
    assert services.submit_for_review(place.applicant_handler, project=project, idempotency_key="once") == review
    with pytest.raises(Conflict) as twice:
        services.submit_for_review(place.applicant_handler, project=project)
    assert twice.value.details == {"number": review.number}
    with pytest.raises(NotKnown):
        services.submit_for_review(place.provider_handler, project=project)


def test_after_a_failed_review_the_next_one_may_pass(place: Place) -> None:
    project = filed(place)
    failed = submitted(place, project)
    through_the_bureau(place, failed)
    act(place.arbiter, failed, "fail", reason="与现有平台重复")
    assert life_of(project).state == "preparing"
    again = submitted(place, project)
    through_the_bureau(place, again)
    act(place.arbiter, again, "pass")
    assert life_of(project).state == "approval"
    assert list(project.reviews.values_list("round", flat=True)) == [1, 2]


def test_the_plan_changes_only_while_it_is_with_its_owner(place: Place) -> None:
    project = filed(place)
    changed = plan(place, goals="改动")
    services.amend_plan(place.applicant_handler, project=project, plan=changed, version=project.version)
    review = submitted(place, project)
    with pytest.raises(NotPermitted):
        services.amend_plan(place.applicant_handler, project=project, plan=changed)
    act(place.bureau_reviewer, review, "demand_revision", reason="补充")
    services.amend_plan(place.applicant_handler, project=project, plan=plan(place, goals="补充后"))
    project.refresh_from_db()
    assert project.goals == "补充后"
    for stranger in (place.provider_handler, place.bureau_reviewer):
        with pytest.raises(NotPermitted):
            services.amend_plan(stranger, project=project, plan=changed)


def test_a_project_is_seen_by_its_owner_partners_and_those_whose_turn_came(place: Place) -> None:
    project = filed(place, co_builders=[place.provider.pk])
    seen = {name for name, actor in place.actors.items() if visible_projects(actor).exists()}
    house = {"applicant_handler", "applicant_leader", "provider_handler", "provider_leader", "provider_steward"}
    assert seen == house | {"auditor"}
    submitted(place, project)
    assert visible_projects(place.bureau_reviewer).exists()
    assert not visible_projects(place.outsider).exists()
    assert not visible_projects(place.administrator).exists()


def test_a_project_is_not_given_up_while_a_step_of_it_is_under_way(place: Place) -> None:
    project = filed(place)
    review = submitted(place, project)
    with pytest.raises(DoorClosed):
        act(place.applicant_leader, project.case, "abandon", reason="不再需要")
    act(place.applicant_leader, review, "withdraw", reason="不再需要")
    act(place.applicant_leader, project.case, "abandon", reason="不再需要")
    assert life_of(project).outcome == "ended"


# --- the other cities


def test_the_head_of_a_major_project_is_the_chief_leader_from_one_million_on(now: object, db: None) -> None:
    """Exactly one million yuan is major; a cent less is not."""
    store_law()
    place = place_of("xianyang")
    organ(place, "it_office"), organ(place, "finance")
    below = filed(place, total=Decimal("999999.99"), years={2026: Decimal("999999.99")})
    assert below.case.state == "preparing"
    major = drafted(place, name="大项目", total=Decimal(1_000_000), years={2026: Decimal(1_000_000)})
    with pytest.raises(DoorClosed) as closed:
        services.file_project(place.applicant_handler, draft=major)
    assert {why.rule for why in closed.value.reasons} == {"major.head_leads", "major.working_group"}
    whole = plan(
        place,
        name="大项目",
        total=Decimal(1_000_000),
        years={2026: Decimal(1_000_000)},
        responsible_is_head=True,
        working_group="业务科和信息中心五人",
    )
    services.save_draft(place.applicant_handler, plan=whole, draft=major)
    assert services.file_project(place.applicant_handler, draft=major).state == "preparing"


@pytest.mark.parametrize("city", ["enshi", "xianyang", "jiaocheng", "panjin"])
def test_every_city_with_an_instrument_on_projects_has_its_own_life_and_review(db: None, city: str) -> None:
    store_law()
    law = compiled(current(city))
    for procedure in ("project", "project_review"):
        assert law.procedure(procedure, date(2026, 3, 2)).pack == city
