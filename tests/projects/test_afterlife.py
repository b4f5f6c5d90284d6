"""After acceptance: nothing is used before it, warranties run out, defects are answered, failed evaluations weigh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases import families
from cases import services as cases
from cases.errors import DoorClosed
from cases.families import Context
from cases.models import Alert, AwaitedHand, Case, Clock
from catalog import services as catalog
from catalog.models import InformationSystem
from organizations.actors import SystemActor
from organizations.errors import BadInput, Conflict, NotKnown
from projects import afterlife as reading
from projects import in_use as using
from projects import services
from projects.models import Contract, Evaluation, EvaluationRound, Firm, Payment, Project, Warranty
from projects.services import afterlife, paying
from statutes.selectors import compiled, current
from tests.cast import Place, made_up_code
from tests.laboratory.place import clock
from tests.projects.accept_scene import accepted, attachment, building, city
from tests.projects.scene import drafted, filed, system
from tests.scenes import act

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
Status = InformationSystem.Status


@pytest.fixture
def now() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def refused(call: Any) -> set[str]:
    with pytest.raises(DoorClosed) as closed:
        call()
    return {why.rule for why in closed.value.reasons}


def child(project: Project, procedure: str) -> Case:
    return Case.objects.get(parent=project.case_id, procedure=procedure)


def signed(project: Project, **changes: Any) -> Contract:
    """A signed contract on the works of a project."""
    place = project.jurisdiction
    code = made_up_code(7100 + Contract.objects.count())
    firm = Firm.objects.create(jurisdiction=place, name=f"某软件公司{code[-2:]}", credit_code=code)
    values = {"amount": Decimal(600_000), "due": Decimal(600_000), "signed_on": date(2026, 3, 2), **changes}
    return Contract.objects.create(project=project, firm=firm, kind="build", title="建设合同", **values)


def evaluate(place: Place, project: Project, kind: str = "use", year: int | None = None) -> Case:
    """An evaluation that has begun by hand, with its report handed in."""
    year = year or timezone.localdate().year
    case = afterlife.begin_evaluation(place.bureau_reviewer, project=project, kind=kind, year=year)
    act(place.bureau_reviewer, case, "report", score=50, papers=[attachment(place.bureau_reviewer).pk])
    return case


# --- not accepted, not used


def entry_of(found: InformationSystem, status: str) -> catalog.SystemEntry:
    return catalog.SystemEntry(name=found.name, purpose=found.purpose, status=status)


@pytest.mark.parametrize(("name", "guarded"), [("xianyang", True), ("panjin", True), ("enshi", False)])
def test_a_system_is_not_in_use_before_its_project_is_accepted(now: Any, db: None, name: str, guarded: bool) -> None:
    """Where the law says so; where it does not, the register does not invent it."""
    place = city(name)
    found = system(place)
    InformationSystem.objects.filter(pk=found.pk).update(status=Status.BUILDING)
    building(place)
    found.refresh_from_db()

    def use() -> None:
        catalog.change_system(place.applicant_handler, system=found, entry=entry_of(found, Status.IN_USE))

    if not guarded:
        use()
        return
    with pytest.raises(BadInput) as closed:
        use()
    assert list(closed.value.fields) == ["status"]
    catalog.change_system(place.applicant_handler, system=found, entry=entry_of(found, Status.PLANNED))


def test_once_accepted_the_system_is_used_whatever_later_projects_do_to_it(now: Any, db: None) -> None:
    place = city("panjin")
    InformationSystem.objects.filter(pk=system(place).pk).update(status=Status.BUILDING)
    accepted(place, now)
    building(place, name="便民服务升级", kind="upgrade")
    found = InformationSystem.objects.get(pk=system(place).pk)
    catalog.change_system(place.applicant_handler, system=found, entry=entry_of(found, Status.IN_USE))
    found.refresh_from_db()
    assert found.status == Status.IN_USE


# --- warranty


def test_the_warranty_lasts_three_years_from_acceptance_and_warns_before_it_ends(now: Any, db: None) -> None:
    place = city("xianyang")
    project = accepted(place, now)
    since = project.acceptances.get().accepted_on
    warranty = child(project, "warranty")
    running = clock(warranty, "period")
    assert (running.bound, running.amount, running.unit) == ("earliest", "3", "year")
    assert running.due_on is not None
    assert running.due_on >= since.replace(year=since.year + 3)
    assert refused(lambda: act(place.applicant_leader, project.case, "complete", opinion="办结"))
    now.move_to(datetime.combine(running.due_on, datetime.min.time(), MONDAY.tzinfo) - timedelta(days=10))
    cases.sweep()
    assert Alert.objects.filter(clock=running, skipped=False).exists()
    assert Case.objects.get(pk=warranty.pk).state == "running"
    now.shift(timedelta(days=12))
    cases.sweep()
    assert Case.objects.get(pk=warranty.pk).outcome == "over"
    assert not Clock.objects.filter(case=warranty, breached_at__isnull=False).exists()


@pytest.mark.parametrize(("months", "years"), [(60, "5"), (24, "3"), (None, "3")])
def test_a_contract_may_lengthen_the_warranty_and_never_shortens_it(
    now: Any, db: None, months: int | None, years: str
) -> None:
    place = city("xianyang")
    project = building(place)
    signed(project, warranty_months=months)
    project.acceptances.create(accepted_on=date(2026, 2, 1))
    cases.signal(project.case_id, "project_accepted")
    cases.sweep()
    running = clock(child(project, "warranty"), "period")
    assert running.amount == years
    assert timezone.localdate(running.started_at) == date(2026, 2, 1)
    assert Warranty.objects.get().since == date(2026, 2, 1)


def test_operation_money_in_the_free_time_asks_for_a_reason(now: Any, db: None) -> None:
    """As a rule, says the text: the door warns, and opens for who says why."""
    place = city("panjin")
    project = accepted(place, now)
    contract = signed(project)
    payment = Payment(project=project, contract=contract, kind="operation", amount=Decimal(1))
    assert not allows("free_operation_over", payment)
    assert allows("free_operation_over", replace_kind(payment, "stage"))
    assert compiled(current("panjin")).rule("maintenance.free").soft
    now.move_to(datetime(2029, 6, 1, 9, 0, tzinfo=MONDAY.tzinfo))
    cases.sweep()
    assert allows("free_operation_over", payment)


def allows(name: str, payment: Payment) -> bool:
    """What a condition of payments says of one that is not begun yet."""
    at = timezone.now()
    asked = Context(None, payment, at, SystemActor("test"), {}, {}, None, None)
    return families.get(paying.PAYMENT).conditions[name].test(asked)


# --- defects


def test_a_defect_is_answered_within_the_hours_of_the_contract(now: Any, db: None) -> None:
    place = city("jiaocheng")
    project = accepted(place, now)
    contract = signed(project, response_hours=4)
    told = timezone.localtime().isoformat()
    case = afterlife.report_defect(
        place.applicant_handler,
        contract=contract,
        title="无法登录",
        description="统一认证报错",
        given={"reported_at": told},
    )
    running = clock(case, "answer_by")
    assert (running.unit, running.amount) == ("hour", "4")
    assert running.due_at == timezone.now() + timedelta(hours=4)
    now.shift(timedelta(hours=5))
    cases.sweep()
    assert clock(case, "answer_by").breached_at is not None
    answered = (timezone.localtime() - timedelta(hours=2)).isoformat()
    act(place.applicant_handler, case, "answer", answered_at=answered, opinion="已派人")
    assert clock(case, "answer_by").status == Clock.Status.MET
    act(place.applicant_handler, case, "repair", opinion="已修复")
    assert Case.objects.get(pk=case.pk).outcome == "repaired"


def test_where_the_contract_says_nothing_a_day_is_given(now: Any, db: None) -> None:
    place = city("enshi")
    project = accepted(place, now)
    case = afterlife.report_defect(
        place.applicant_handler,
        contract=signed(project),
        title="页面空白",
        description="首页打不开",
        given={"reported_at": timezone.localtime().isoformat()},
    )
    assert clock(case, "answer_by").amount == "24"


def test_no_defect_before_acceptance_nor_without_words_or_signature(now: Any, db: None) -> None:
    place = city("enshi")
    project = building(place)
    words = {
        "title": "页面空白",
        "description": "首页打不开",
        "given": {"reported_at": timezone.localtime().isoformat()},
    }
    assert refused(lambda: afterlife.report_defect(place.applicant_handler, contract=signed(project), **words)) == {
        "defect.answered"
    }
    unsigned = signed(project, signed_on=None, due=Decimal(0))
    with pytest.raises(BadInput) as wrong:
        afterlife.report_defect(place.applicant_handler, contract=unsigned, title="", description="", given={})
    assert set(wrong.value.fields) == {"contract", "title", "description"}


# --- evaluations


def test_the_evaluation_waits_for_a_year_of_running_and_is_then_owed(now: Any, db: None) -> None:
    place = city("xianyang")
    project = accepted(place, now)
    case = child(project, "evaluation")
    assert case.state == "waiting"
    with pytest.raises(NotKnown):
        act(place.it_reviewer, case, "report", score=90, papers=[attachment(place.it_reviewer).pk])
    due = clock(case, "year").due_on
    assert due is not None
    now.move_to(datetime.combine(due, datetime.min.time(), MONDAY.tzinfo) + timedelta(days=1, hours=9))
    cases.sweep()
    case.refresh_from_db()
    assert case.state == "evaluating"
    assert AwaitedHand.objects.filter(case=case, organization=place.it_reviewer.organization).exists()
    act(place.it_reviewer, case, "report", score=55, papers=[attachment(place.it_reviewer).pk])
    act(place.it_approver, case, "fail", score=55, reason="使用率低")
    assert reading.failing(project)
    money = Payment(project=project, contract=signed(project), kind="operation", amount=Decimal(1))
    assert not allows("evaluation_allows_upkeep", money)
    assert allows("evaluation_allows_upkeep", replace_kind(money, "stage"))
    act(place.applicant_handler, case, "put_right", papers=[attachment(place.applicant_handler).pk])
    act(place.it_reviewer, case, "find_short", reason="仍未达标")
    act(place.applicant_handler, case, "put_right", papers=[attachment(place.applicant_handler).pk])
    assert not allows("evaluation_allows_upkeep", money)
    act(place.it_reviewer, case, "confirm", opinion="已达标")
    assert allows("evaluation_allows_upkeep", money)
    assert Case.objects.get(pk=case.pk).outcome == "rectified"


def replace_kind(payment: Payment, kind: str) -> Payment:
    return Payment(project=payment.project, contract=payment.contract, kind=kind, amount=payment.amount)


@pytest.mark.parametrize("kind", ["upgrade", "extension"])
def test_no_upgrade_of_what_failed_until_it_is_put_right(now: Any, db: None, kind: str) -> None:
    """Only what builds on the same systems is shut out: a new system, or an upgrade of another one, is not."""
    place = city("enshi")
    project = accepted(place, now)
    case = evaluate(place, project)
    act(place.bureau_approver, case, "fail", score=50, reason="未达成绩效目标")
    again = drafted(place, name="便民服务二期", kind=kind)
    file = lambda draft: services.file_project(place.applicant_handler, draft=draft)  # noqa: E731
    assert refused(lambda: file(again)) == {"project.upgrade_ban"}
    file(drafted(place, name="另一系统升级", kind=kind, systems=[system(place, "另一系统").pk]))
    file(drafted(place, name="全新平台"))
    act(place.applicant_handler, case, "put_right", papers=[attachment(place.applicant_handler).pk])
    assert refused(lambda: file(again)) == {"project.upgrade_ban"}
    act(place.bureau_reviewer, case, "confirm", opinion="整改到位")
    assert file(again).state == "preparing"


def test_a_later_evaluation_that_passes_lifts_what_an_earlier_one_said(now: Any, db: None) -> None:
    place = city("enshi")
    project = accepted(place, now)
    act(place.bureau_approver, evaluate(place, project), "fail", score=50, reason="未达标")
    now.shift(timedelta(days=30))
    act(place.bureau_approver, evaluate(place, project, "performance"), "pass", score=80, opinion="达标")
    assert not reading.failing(project)
    assert [row.passed for row in reading.earlier_results(filed(place, name="新项目"))] == [True, False]


def test_an_evaluation_is_of_what_is_accepted_once_at_a_time_and_scored_to_a_hundred(now: Any, db: None) -> None:
    place = city("enshi")
    begin = lambda project, **more: afterlife.begin_evaluation(  # noqa: E731
        place.bureau_reviewer, project=project, **{"kind": "use", "year": 2026, **more}
    )
    assert refused(lambda: begin(building(place, name="未验收", systems=[]))) == {"evaluation.held"}
    project = accepted(place, now)
    for wrong in ({"kind": "after_year"}, {"kind": "x"}, {"year": 2031}):
        with pytest.raises(BadInput):
            begin(project, **wrong)
    case = begin(project)
    with pytest.raises(Conflict):
        begin(project)
    with pytest.raises(BadInput):
        act(place.bureau_reviewer, case, "report", score=101, papers=[attachment(place.bureau_reviewer).pk])


def test_each_year_the_centre_evaluates_what_was_accepted_before(now: Any, db: None) -> None:
    """The round begins by itself, and is not summed up while a project of earlier years is left out."""
    place = city("panjin")
    project = accepted(place, now)
    cases.open_scheduled()
    now.move_to(datetime(2027, 1, 1, 9, 0, tzinfo=MONDAY.tzinfo))
    cases.open_scheduled()
    round_ = EvaluationRound.objects.get(jurisdiction=place.jurisdiction, year=2027)
    case = round_.case
    assert case is not None
    assert clock(case, "round_by").due_on == date(2027, 12, 31)
    papers = [attachment(place.bureau_reviewer).pk]
    assert refused(lambda: act(place.bureau_reviewer, case, "sum_up", papers=papers)) == {"evaluation.yearly"}
    held = evaluate(place, project)
    assert refused(lambda: act(place.bureau_reviewer, case, "sum_up", papers=papers)) == {"evaluation.yearly"}
    act(place.bureau_approver, held, "pass", score=88, opinion="良好")
    act(place.bureau_reviewer, case, "sum_up", papers=papers)
    act(place.bureau_approver, case, "publish", opinion="公布")
    assert Case.objects.get(pk=case.pk).outcome == "published"
    assert Evaluation.objects.get().score == 88


def test_the_plan_under_review_shows_how_earlier_projects_were_evaluated(now: Any, db: None) -> None:
    place = city("jiaocheng")
    project = accepted(place, now)
    act(place.bureau_approver, evaluate(place, project), "fail", score=40, reason="群众不满意")
    following = building(place, name="便民服务三期")
    assert [row.project_id for row in reading.earlier_results(following)] == [project.pk]


# --- how projects in use are doing


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_projects_in_use_are_listed_with_warranty_promises_and_result(
    now: Any, db: None, client_for: Any, language: str
) -> None:
    place = city("panjin")
    project = accepted(place, now)
    act(place.bureau_approver, evaluate(place, project), "fail", score=41, reason="使用率低")
    client, spoken = client_for(place.applicant_handler), {"accept-language": language}
    page = client.get(reverse("projects:in-use"), headers=spoken).content.decode()
    until = clock(child(project, "warranty"), "period").due_on
    for part in (project.code, str(until), "1 / 1", "41"):
        assert part in page
    now.shift(timedelta(days=10))
    client = client_for(place.applicant_handler)
    page = client.get(reverse("projects:in-use"), headers=spoken).content.decode()
    assert "0 / 1" in page
    book = load_workbook(BytesIO(client.get(reverse("projects:in-use-sheet"), headers=spoken).content))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert {project.code, str(until), "0 / 1", "41"} <= set(cells)
    assert project.code not in client_for(place.outsider).get(reverse("projects:in-use")).content.decode()


def test_the_standing_of_many_projects_takes_no_more_queries_than_that_of_one(
    now: Any, db: None, django_assert_num_queries: Any
) -> None:
    place = city("enshi")
    many = [building(place, name=f"项目{number}") for number in range(4)]
    for project in many:
        project.acceptances.create(accepted_on=date(2026, 2, 1))
    for projects in (many[:1], many):
        with django_assert_num_queries(4):
            using.standing_of(projects, timezone.now())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_defects_and_evaluations_begin_on_pages(now: Any, db: None, client_for: Any, language: str) -> None:
    place = city("enshi")
    project, spoken = accepted(place, now), {"accept-language": language}
    handler, reviewer = client_for(place.applicant_handler), client_for(place.bureau_reviewer)
    address = reverse("projects:report-defect", args=[project.pk])
    assert handler.get(address, headers=spoken).status_code == 200
    contract = signed(project, response_hours=8)
    typed = {"key": "a", "contract": contract.pk, "title": "无法打印", "description": "打印预览空白"}
    assert handler.post(address, typed, headers=spoken).status_code == 400
    typed["asked_reported_at"] = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    began = handler.post(address, typed, headers=spoken)
    assert began.status_code == 302, began.content.decode()
    assert "无法打印" in handler.get(began["Location"], headers=spoken).content.decode()
    address = reverse("projects:begin-evaluation", args=[project.pk])
    assert reviewer.get(address, headers=spoken).status_code == 200
    began = reviewer.post(address, {"key": "b", "kind": "use", "year": 2026}, headers=spoken)
    assert began.status_code == 302, began.content.decode()
    assert reviewer.get(began["Location"], headers=spoken).status_code == 200
    own = handler.get(reverse("projects:project", args=[project.pk]), headers=spoken).content.decode()
    assert reverse("projects:report-defect", args=[project.pk]) in own


def test_a_city_that_evaluates_by_itself_offers_no_form(now: Any, db: None, client_for: Any) -> None:
    place = city("xianyang")
    project = accepted(place, now)
    client = client_for(place.applicant_handler)
    assert client.get(reverse("projects:project", args=[project.pk])).status_code == 200
    assert client.get(reverse("projects:begin-evaluation", args=[project.pk])).status_code == 409
