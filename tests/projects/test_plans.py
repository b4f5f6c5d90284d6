"""Annual plans: opened by the year, applied for by departments, gathered, reviewed, funded, issued; and what is late,
incomplete or outside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from cases.errors import DoorClosed
from cases.models import Case, Clock
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from projects.in_plan import in_annual_plan
from projects.models import AnnualPlan, DepartmentPlan, PlanItem
from projects.plan_table import groups, plan_for, visible_items, visible_plans
from projects.services import plans
from tests.cast import Place, new_organization
from tests.projects.panel_scene import experts_agree
from tests.projects.plan_scene import annual, at, city, come_round, fill, hand_in, item, part_of
from tests.projects.scene import filed, submitted
from tests.scenes import act

pytestmark = pytest.mark.django_db
Opens = Callable[..., Client]


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(at(3, 2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def panjin(now: time_machine.Coordinates, db: None) -> Place:
    """June: the plan of 2027 is open, and two departments are asked."""
    place = city("panjin", "finance")
    come_round(now, at(6, 1))
    return place


def closed_by(actor: object, case: Case, action: str, **given: object) -> set[str]:
    """The rules that close a door."""
    with pytest.raises(DoorClosed) as closed:
        act(actor, case, action, **given)  # type: ignore[arg-type]
    return {why.rule for why in closed.value.reasons}


def take_up(place: Place, case: Case) -> None:
    act(place.bureau_reviewer, case, "include", splitting="none")


def issued(place: Place) -> Case:
    """Both departments' parts taken up, and the plan carried to its issue."""
    plan = annual(place)
    for name in ("applicant", "provider"):
        fill(place, name, item(f"{name}的项目"))
        take_up(place, hand_in(place, name))
    act(place.bureau_reviewer, plan, "close_gathering")
    act(place.bureau_reviewer, plan, "experts_done", conclusion="专家一致同意")
    act(place.bureau_approver, plan, "propose")
    act(place.finance, plan, "fund", document_number="盘财信〔2026〕12号")
    plan.refresh_from_db()
    return plan


# --- Panjin, from June to the issue


def test_the_year_opens_the_plan_and_a_part_for_each_department(panjin: Place) -> None:
    """Panjin art. 9: by the end of August and of November; the plan is that of the year after."""
    plan = annual(panjin)
    assert AnnualPlan.objects.get(case=plan).year == 2027
    assert plan.title.endswith("2027年")
    assert plan.title_en.endswith("2027")
    assert {part.organization for part in DepartmentPlan.objects.all()} == {panjin.applicant, panjin.provider}
    assert Clock.objects.get(case=plan).due_on == date(2026, 11, 30)
    assert {clock.due_on for clock in Clock.objects.filter(case__parent=plan)} == {date(2026, 8, 31)}


def test_a_plan_goes_from_the_departments_to_its_issue(panjin: Place) -> None:
    plan = issued(panjin)
    assert (plan.state, plan.outcome) == ("issued", "issued")
    assert Clock.objects.get(case=plan).status == Clock.Status.MET
    row = AnnualPlan.objects.get(case=plan)
    assert row.issued_at is not None
    table = groups(visible_items(panjin.outsider, row))
    assert [group.amount for group in table] == [Decimal(300_000), Decimal(300_000)]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"goals": ""}, "plan.application_form"),
        ({"basis": ""}, "plan.application_form"),
        ({"amount": Decimal(0)}, "plan.application_form"),
        ({"build_months": 25}, "plan.build_period"),
        ({"shares_data": False}, "plan.sharing_refused"),
    ],
)
def test_a_project_that_the_plan_may_not_have_does_not_get_to_the_own_head(
    panjin: Place, changes: dict[str, object], rule: str
) -> None:
    """Panjin arts. 10, 11, 13; exactly two years of building are allowed."""
    fill(panjin, "applicant", item(), item("另一项目", **changes))
    assert closed_by(panjin.applicant_handler, part_of(panjin).case, "prepare") == {rule}
    fill(panjin, "applicant", item(), item("另一项目", build_months=24, shares_data=False, no_sharing_reason="无数据"))
    act(panjin.applicant_handler, part_of(panjin).case, "prepare")


def test_a_life_of_less_than_five_years_wants_a_reason(panjin: Place) -> None:
    """Panjin art. 11 says "as a rule": the door opens to who says why."""
    fill(panjin, "applicant", item(service_years=4))
    case = part_of(panjin).case
    with pytest.raises(BadInput):
        act(panjin.applicant_handler, case, "prepare")
    act(panjin.applicant_handler, case, "prepare", opinion="试点系统，四年后并入省平台")
    case.refresh_from_db()
    assert case.state == "own_head"


def test_an_empty_plan_is_not_handed_in_but_may_be_declared(panjin: Place) -> None:
    case = part_of(panjin).case
    assert closed_by(panjin.applicant_handler, case, "prepare") == {"plan.submit"}
    fill(panjin)
    assert closed_by(panjin.applicant_leader, case, "no_projects") == {"plan.submit"}
    plans.save_department_plan(panjin.applicant_handler, department_plan=part_of(panjin), items=[])
    act(panjin.applicant_leader, case, "no_projects")
    case.refresh_from_db()
    assert case.outcome == "nothing"


def test_what_is_late_lapses_and_stays_out(panjin: Place, now: time_machine.Coordinates) -> None:
    """Handed in on the last day of August it counts, a minute later it does not."""
    fill(panjin)
    fill(panjin, "provider")
    now.move_to(at(8, 31, hour=23))
    hand_in(panjin)
    act(panjin.provider_handler, part_of(panjin, "provider").case, "prepare")
    come_round(now, at(9, 1, hour=0))
    late = part_of(panjin, "provider")
    assert late.case.outcome == "lapsed"
    assert late.items.get().standing == PlanItem.Standing.OUT
    assert part_of(panjin).case.state == "check"
    with pytest.raises((Conflict, NotPermitted)):
        act(panjin.provider_leader, late.case, "submit")


def test_the_gathering_ends_once_every_department_is_concluded(panjin: Place) -> None:
    plan = annual(panjin)
    fill(panjin)
    hand_in(panjin)
    assert closed_by(panjin.bureau_reviewer, plan, "close_gathering") == {"plan.submit"}
    take_up(panjin, part_of(panjin).case)
    act(panjin.provider_leader, part_of(panjin, "provider").case, "no_projects")
    act(panjin.bureau_reviewer, plan, "close_gathering")


def test_single_projects_are_left_out_with_a_reason(panjin: Place) -> None:
    """By the Centre before it takes the rest up, and by finance from what was proposed."""
    fill(panjin, "applicant", item(), item("需求不清的项目"), item("财政不安排的项目"))
    case = hand_in(panjin)
    unclear = PlanItem.objects.get(name="需求不清的项目")
    with pytest.raises(BadInput):
        act(panjin.bureau_reviewer, case, "leave_out", items=[str(unclear.pk)])
    act(panjin.bureau_reviewer, case, "leave_out", items=[str(unclear.pk)], reason="已建系统可满足需求")
    with pytest.raises(BadInput):
        act(panjin.bureau_reviewer, case, "leave_out", items=[str(unclear.pk)], reason="再次")
    take_up(panjin, case)
    act(panjin.provider_leader, part_of(panjin, "provider").case, "no_projects")
    plan = annual(panjin)
    act(panjin.bureau_reviewer, plan, "close_gathering")
    act(panjin.bureau_reviewer, plan, "experts_done", conclusion="同意")
    act(panjin.bureau_approver, plan, "propose")
    cut = PlanItem.objects.get(name="财政不安排的项目")
    act(panjin.finance, plan, "cut", items=[str(cut.pk)], reason="本年度财力不足")
    act(panjin.finance, plan, "fund", document_number="1号")
    standing = {row.name: row.standing for row in PlanItem.objects.all()}
    assert standing == {"村级便民服务平台": "in", "需求不清的项目": "out", "财政不安排的项目": "out"}


def test_one_undertaking_cut_in_two_is_not_taken_up(panjin: Place) -> None:
    """Panjin art. 11: whoever checks says so, with the department's other projects in view."""
    fill(panjin, "applicant", item("村级平台一期"), item("村级平台二期"))
    case = hand_in(panjin)
    with pytest.raises(BadInput):
        act(panjin.bureau_reviewer, case, "include")
    assert closed_by(panjin.bureau_reviewer, case, "include", splitting="found") == {"plan.no_splitting"}
    act(panjin.bureau_reviewer, case, "exclude", reason="拆分项目")
    assert {row.standing for row in PlanItem.objects.all()} == {PlanItem.Standing.OUT}


def test_a_filed_project_stands_in_the_plan_only_with_its_own_review_passed(panjin: Place) -> None:
    """Panjin arts. 9 and 14."""
    project = filed(panjin)
    fill(panjin, "applicant", plans.Item(project=project.pk, amount=Decimal(500_000)))
    assert part_of(panjin).items.get().total == project.total
    take_up(panjin, hand_in(panjin))
    act(panjin.provider_leader, part_of(panjin, "provider").case, "no_projects")
    plan = annual(panjin)
    act(panjin.bureau_reviewer, plan, "close_gathering")
    assert closed_by(panjin.bureau_reviewer, plan, "experts_done", conclusion="同意") == {"review.five_heads"}
    review = submitted(panjin, project)
    act(panjin.bureau_reviewer, review, "accept")
    experts_agree(panjin, review)
    act(panjin.bureau_reviewer, review, "experts_done", opinion="同意")
    act(panjin.bureau_approver, review, "pass")
    act(panjin.bureau_reviewer, plan, "experts_done", conclusion="同意")
    assert not in_annual_plan(project), "the plan is not issued yet"
    act(panjin.bureau_approver, plan, "propose")
    act(panjin.finance, plan, "fund", document_number="1号")
    assert in_annual_plan(project)


def test_who_gathered_does_not_decide_and_strangers_do_nothing(panjin: Place) -> None:
    fill(panjin)
    case = part_of(panjin).case
    for stranger in (panjin.provider_handler, panjin.outsider, panjin.auditor, panjin.administrator):
        with pytest.raises((NotPermitted, NotKnown)):
            act(stranger, case, "prepare")
        with pytest.raises(NotPermitted):
            plans.save_department_plan(stranger, department_plan=part_of(panjin), items=[])
    act(panjin.applicant_handler, case, "prepare")
    with pytest.raises(NotPermitted):
        act(panjin.applicant_handler, case, "submit")


# --- filling in a part


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"kind": "miracle"},
        {"amount": Decimal("-1")},
        {"amount": Decimal("0.001")},
        {"amount": Decimal(600_001)},
        {"project": 987654},
    ],
)
def test_what_is_wrong_in_itself_is_named_by_its_row(panjin: Place, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        fill(panjin, "applicant", item("好的项目"), item(**wrong))
    assert list(refused.value.fields["items"]) == ["1"]
    assert not PlanItem.objects.exists()


def test_a_plan_names_a_project_once_and_only_ones_own(panjin: Place) -> None:
    with pytest.raises(BadInput):
        fill(panjin, "applicant", item(), item())
    project = filed(panjin)
    with pytest.raises(BadInput):
        fill(panjin, "provider", plans.Item(project=project.pk))


def test_a_part_is_closed_once_handed_in_and_a_stale_copy_never_wins(panjin: Place) -> None:
    part = fill(panjin)
    with pytest.raises(Conflict):
        plans.save_department_plan(panjin.applicant_handler, department_plan=part, items=[], version=1)
    hand_in(panjin)
    with pytest.raises(NotPermitted):
        plans.save_department_plan(panjin.applicant_handler, department_plan=part, items=[])


def test_the_database_wants_a_reason_for_what_is_left_out(panjin: Place) -> None:
    fill(panjin)
    for changes in ({"standing": "out"}, {"amount": Decimal(600_001)}, {"amount": Decimal(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlanItem.objects.update(**changes)


# --- outside the plan, and carrying one out


def test_an_urgent_project_is_taken_up_outside_the_plan(panjin: Place) -> None:
    """Panjin art. 9: the Centre's opinion, the city government's decision, finance's money."""
    project = filed(panjin)
    with pytest.raises(BadInput):
        plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason=" ")
    case = plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason="省里急需")
    with pytest.raises(Conflict):
        plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason="再来一次")
    act(panjin.applicant_leader, case, "sign")
    act(panjin.bureau_approver, case, "advise", opinion="确属急需")
    act(panjin.arbiter, case, "agree")
    assert not in_annual_plan(project)
    act(panjin.finance, case, "fund")
    assert in_annual_plan(project)
    with pytest.raises(DoorClosed):
        plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason="已列入")


def test_a_refused_addition_leaves_the_project_outside(panjin: Place) -> None:
    project = filed(panjin)
    case = plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason="省里急需")
    act(panjin.applicant_leader, case, "sign")
    act(panjin.bureau_approver, case, "refuse", reason="可列入下年度计划")
    assert not in_annual_plan(project)


def test_an_intended_project_is_carried_out_within_what_was_planned(panjin: Place) -> None:
    issued(panjin)
    row = PlanItem.objects.get(name="applicant的项目")
    other = PlanItem.objects.get(name="provider的项目")
    dear = filed(panjin, name="超出的项目", total=Decimal(600_001), years={2027: Decimal(600_001)})
    with pytest.raises(Conflict):
        plans.carry_out_item(panjin.applicant_handler, item=row, project=dear)
    project = filed(panjin, name="项目", total=Decimal(600_000), years={2027: Decimal(600_000)})
    with pytest.raises(NotKnown):
        plans.carry_out_item(panjin.applicant_handler, item=other, project=project)
    plans.carry_out_item(panjin.applicant_handler, item=row, project=project)
    assert in_annual_plan(project)
    with pytest.raises(Conflict):
        plans.carry_out_item(panjin.applicant_handler, item=row, project=project)


# --- who reads what


def test_a_department_reads_its_own_part_until_the_plan_is_issued(panjin: Place) -> None:
    fill(panjin)
    fill(panjin, "provider", item("另一项目"))
    plan = AnnualPlan.objects.get()
    assert [row.name for row in visible_items(panjin.applicant_handler, plan)] == ["村级便民服务平台"]
    assert not visible_items(panjin.outsider, plan)
    assert not visible_items(panjin.bureau_reviewer, plan), "not handed in yet"
    hand_in(panjin)
    assert [row.name for row in visible_items(panjin.bureau_reviewer, plan)] == ["村级便民服务平台"]


def test_a_plan_is_its_own_places(panjin: Place, enshi: Place) -> None:
    assert not visible_plans(enshi.bureau_reviewer)
    with pytest.raises(NotKnown):
        plan_for(enshi.bureau_reviewer, 2027)


# --- pages


def rows_of(*items: dict[str, str]) -> dict[str, str]:
    typed = {"items-TOTAL_FORMS": str(len(items)), "items-INITIAL_FORMS": "0", "unit": "ten_thousand", "note": "说明"}
    for place, row in enumerate(items):
        typed |= {f"items-{place}-{name}": value for name, value in row.items()}
    return typed


ROW = {
    "name": "村级平台", "kind": "new", "basis": "规划", "goals": "网上可办", "total": "60", "amount": "30",
    "service_years": "6", "build_months": "12", "shares_data": "yes",
}  # fmt: skip


def test_rows_are_added_and_removed_without_losing_what_was_typed(panjin: Place, client_for: Opens) -> None:
    part = part_of(panjin)
    browser = client_for(panjin.applicant_handler)
    address = f"/projects/plans/2027/parts/{part.pk}/"
    more = browser.post(address, {**rows_of(ROW, {**ROW, "name": "第二个"}), "add": "1"}).content.decode()
    assert 'value="村级平台"' in more
    assert 'value="第二个"' in more
    assert 'name="items-2-name"' in more
    less = browser.post(address, {**rows_of(ROW, {**ROW, "name": "第二个"}), "remove": "0"}).content.decode()
    assert 'value="村级平台"' not in less
    assert 'value="第二个"' in less
    assert "说明" in less
    assert not PlanItem.objects.exists()


def test_a_part_is_typed_in_ten_thousands_and_kept_in_yuan(panjin: Place, client_for: Opens) -> None:
    part = part_of(panjin)
    browser = client_for(panjin.applicant_handler)
    address = f"/projects/plans/2027/parts/{part.pk}/"
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, {**rows_of(ROW, {**ROW, "name": "第二个", "amount": "61"}), "version": "1"})
    assert wrong.status_code == 400
    assert "不能超过" in wrong.content.decode()
    saved = browser.post(address, {**rows_of(ROW, {}), "version": "1"})
    assert saved.status_code == 302
    assert PlanItem.objects.get().amount == Decimal(300_000)
    assert "300,000.00" in browser.get(saved["Location"]).content.decode()
    assert client_for(panjin.provider_handler).get(address).status_code == 404


def test_the_issued_plan_is_read_and_downloaded_by_everybody_of_the_place(panjin: Place, client_for: Opens) -> None:
    issued(panjin)
    for reader in (panjin.outsider, panjin.applicant_handler, panjin.bureau_reviewer, panjin.finance):
        browser = client_for(reader)
        assert "2027" in browser.get("/projects/plans/").content.decode()
        page = browser.get("/projects/plans/2027/").content.decode()
        assert "600,000.00" in page
        assert "provider的项目" in page
        sheet = browser.get("/projects/plans/2027/sheet/")
        assert sheet["Content-Disposition"] == 'attachment; filename="plan-2027.xlsx"'
    english = client_for(panjin.outsider)
    english.cookies["shutong_language"] = "en"
    assert "Plan of 2027" in english.get("/projects/plans/2027/").content.decode()


def test_the_api_gives_the_plan_with_its_sums(panjin: Place, api_for: Callable[[Actor], APIClient]) -> None:
    issued(panjin)
    reader = api_for(panjin.outsider)
    (row,) = reader.get("/api/v1/plans/").json()
    assert (row["year"], row["state"], row["case"]) == (2027, "issued", None)
    plan = reader.get("/api/v1/plans/2027/").json()
    assert plan["amount"] == "600000.00"
    assert plan["total"] == "1200000.00"
    assert [group["items"][0]["standing"] for group in plan["departments"]] == ["in", "in"]
    assert reader.get("/api/v1/plans/2026/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_departments(
    panjin: Place, client_for: Opens, django_assert_max_num_queries: Any
) -> None:
    issued(panjin)
    browser = client_for(panjin.bureau_reviewer)
    browser.get("/projects/plans/2027/")
    with django_assert_max_num_queries(40) as few:
        browser.get("/projects/plans/2027/")
    plan = AnnualPlan.objects.get()
    for number in range(10):
        part = DepartmentPlan.objects.create(
            plan=plan, organization=new_organization(panjin.jurisdiction, f"单位{number}"), case=None
        )
        PlanItem.objects.create(department_plan=part, name="项目", total=2, amount=1, standing="in")
    with django_assert_max_num_queries(len(few)):
        browser.get("/projects/plans/2027/")


def test_a_project_of_the_plan_is_a_link_only_for_who_may_open_its_page(panjin: Place, client_for: Opens) -> None:
    issued(panjin)
    project = filed(panjin, name="项目", total=Decimal(600_000), years={2027: Decimal(600_000)})
    row = PlanItem.objects.get(name="applicant的项目")
    plans.carry_out_item(panjin.applicant_handler, item=row, project=project)
    link = f'href="/projects/{project.pk}/"'
    assert link in client_for(panjin.applicant_handler).get("/projects/plans/2027/").content.decode()
    assert link not in client_for(panjin.outsider).get("/projects/plans/2027/").content.decode()


def test_the_panels_of_the_cases_show_what_they_are_about(panjin: Place, client_for: Opens) -> None:
    project = filed(panjin)
    addition = plans.apply_for_addition(panjin.applicant_handler, project=project, year=2026, reason="省里急需")
    assert "省里急需" in client_for(panjin.applicant_leader).get(f"/cases/{addition.number}/").content.decode()
    fill(panjin)
    part = client_for(panjin.applicant_handler).get(f"/cases/{part_of(panjin).case.number}/").content.decode()
    assert "村级便民服务平台" in part
    assert project.code in part, "neighbours are shown"
    plan = client_for(panjin.bureau_reviewer).get(f"/cases/{annual(panjin).number}/")
    assert plan.status_code == 200


# --- other cities


def test_a_county_plan_holds_once_the_county_government_approves(now: time_machine.Coordinates, db: None) -> None:
    """Jiaocheng arts. 7 and 9."""
    place = city("jiaocheng", "finance")
    come_round(now, at(9, 1))
    fill(place, "applicant", item(shares_data=False))
    assert closed_by(place.applicant_handler, part_of(place).case, "prepare") == {"project.sharing_condition"}
    fill(place)
    act(place.bureau_reviewer, hand_in(place), "include")
    come_round(now, at(11, 2))
    assert part_of(place, "provider").case.outcome == "lapsed"
    plan = annual(place)
    act(place.bureau_reviewer, plan, "close_gathering")
    act(place.bureau_approver, plan, "send", opinion="与财力和预算编制相衔接")
    assert not AnnualPlan.objects.get().issued_at
    with pytest.raises((Conflict, NotPermitted)):
        act(place.bureau_approver, plan, "approve", document_number="1号")
    act(place.arbiter, plan, "approve", document_number="交政函〔2026〕9号")
    assert AnnualPlan.objects.get().issued_at


def test_the_funds_plan_is_reviewed_by_both_and_approved_by_the_group(now: time_machine.Coordinates, db: None) -> None:
    """Xianyang art. 23."""
    place = city("xianyang", "it_office", "finance")
    come_round(now, at(6, 1))
    fill(place)
    act(place.it_office_reviewer, hand_in(place), "include")
    act(place.provider_leader, part_of(place, "provider").case, "no_projects")
    plan = annual(place)
    act(place.it_office_reviewer, plan, "close_gathering")
    with pytest.raises((Conflict, NotPermitted, NotKnown)):
        act(place.finance, plan, "fund", opinion="越过信息办")
    act(place.it_office, plan, "review", opinion="符合规划")
    with pytest.raises((Conflict, NotPermitted, NotKnown)):
        act(place.arbiter, plan, "approve", document_number="1号")
    act(place.finance, plan, "fund", opinion="同意")
    act(place.arbiter, plan, "approve", document_number="咸政函〔2026〕3号")
    assert AnnualPlan.objects.get().issued_at


def test_the_investment_plan_takes_reviewed_projects_and_no_running_costs(
    now: time_machine.Coordinates, db: None
) -> None:
    """Enshi art. 10: what is reviewed first; money for running what exists comes as before."""
    place = city("enshi", "development")
    come_round(now, at(10, 1))
    fill(place, "applicant", item(kind="operation"))
    assert closed_by(place.applicant_handler, part_of(place).case, "prepare") == {"plan.investment"}
    project = filed(place)
    fill(place, "applicant", plans.Item(project=project.pk, amount=Decimal(500_000)), item("拟建项目"))
    act(place.development, hand_in(place), "include")
    act(place.provider_leader, part_of(place, "provider").case, "no_projects")
    plan = annual(place)
    act(place.development, plan, "close_gathering")
    assert closed_by(place.development, plan, "list", document_number="1号") == {"project.approval_first"}
    unreviewed = PlanItem.objects.get(project=project)
    act(place.development, plan, "leave_out", items=[str(unreviewed.pk)], reason="尚未通过审查")
    act(place.development, plan, "list", document_number="恩发改〔2026〕5号")
    assert AnnualPlan.objects.get().issued_at
    assert not in_annual_plan(project)


def test_a_unit_asks_for_an_opinion_on_its_own_development_plan(
    now: time_machine.Coordinates, db: None, client_for: Opens
) -> None:
    """Jiaocheng art. 7: asked, revised as the authority wants, filed."""
    place = city("jiaocheng")
    browser = client_for(place.applicant_handler)
    assert "/projects/plans/filings/new/" in browser.get("/projects/plans/").content.decode()
    said = {"title": "民政信息化规划", "first_year": "2026", "last_year": "2030", "systems": "社会救助系统"}
    assert browser.post("/projects/plans/filings/new/", {**said, "last_year": "2025"}).status_code == 400
    assert browser.post("/projects/plans/filings/new/", said).status_code == 302
    case = Case.objects.get(procedure="plan_filing")
    with pytest.raises((Conflict, NotPermitted, NotKnown)):
        act(place.bureau_reviewer, case, "file")
    act(place.applicant_leader, case, "sign")
    act(place.bureau_reviewer, case, "object", reason="与全县规划衔接")
    act(place.applicant_handler, case, "send_again", opinion="已修改")
    act(place.bureau_reviewer, case, "file")
    case.refresh_from_db()
    assert case.outcome == "filed"
    assert "社会救助系统" in browser.get(f"/cases/{case.number}/").content.decode()
