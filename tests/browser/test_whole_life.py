"""The whole life of a project in a real browser, from the annual plan to the evaluation a year after acceptance.

Once under the law of each city that writes it, with time moved forward. What other tests do in a browser already, the
plan, its review and the forms of the contract, is done by services here; the acts on money and on acceptance are done
on pages, each by the person whose turn it is. On the way two gates are tried wrongly: an award to a barred firm, and
acceptance while promised data is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from cases import page as case_pages
from cases import services as cases
from cases.models import Case, Clock
from catalog.models import Resource
from organizations import selectors as organizations
from organizations import services as organizing
from organizations.models import Position
from projects.in_plan import in_annual_plan
from projects.models import AnnualPlan, Bidder, Contract, Payment, Procurement, Project
from projects.services import Paper, acceptance, firms, plans
from statutes.selectors import compiled, current
from statutes.wording import citation
from tests.cast import Place, new_actor
from tests.journey import PDF
from tests.projects import accept_scene as accepting
from tests.projects import building_scene as building
from tests.projects.contract_scene import papers
from tests.projects.panel_scene import experts_agree
from tests.projects.plan_scene import LOCAL, annual, come_round, hand_in, part_of
from tests.projects.scene import SYSTEM, filed, submitted
from tests.scenes import act

pytestmark = pytest.mark.django_db(transaction=True)

PAPER = {"name": "附件.pdf", "mimeType": "application/pdf", "buffer": PDF}
EXPERTS = "experts_done"
"""The act that a panel comes before, in the review of a project."""
Step = tuple[str, str, dict[str, Any]]
YEAR = timezone.localdate().year + 1
"""The year in which the life begins: to come, so that no cookie has expired for the browser."""


@dataclass(frozen=True)
class City:
    """Who acts under one city's law, and when its year of plans begins. A step is who, which act, and what is said."""

    name: str
    plan_opens: int
    review: tuple[Step, ...]
    issue: tuple[Step, ...]
    procure: tuple[Step, ...]
    included: tuple[str, dict[str, Any]] = ("authority_reviewer", {})
    door: tuple[str, str] = ("", "")
    """Who meets the sharing gate first, and at which act, where that is not the act that accepts."""
    sharing: str = "acceptance.sharing"
    after_acceptance: tuple[Step, ...] = ()
    evaluates_by_itself: bool = False
    contracted: Decimal = Decimal(600_000)


CITIES = (
    City(
        "xianyang",
        plan_opens=6,
        review=(
            ("authority_reviewer", EXPERTS, {"opinion": "专家组一致通过"}),
            ("authority_approver", "pass", {"opinion": "同意"}),
        ),
        issue=(
            ("authority_reviewer", "close_gathering", {}),
            ("authority_approver", "review", {"opinion": "符合规划"}),
            ("finance_approver", "fund", {"opinion": "同意安排"}),
            ("arbiter", "approve", {"document_number": "1号"}),
        ),
        procure=(),
        evaluates_by_itself=True,
        contracted=Decimal(650_000),
    ),
    City(
        "enshi",
        plan_opens=10,
        review=(
            ("authority_reviewer", "pass_preliminary", {"opinion": "可行"}),
            ("coordinator", "agree_sharing", {"opinion": "共享目录完整"}),
            ("authority_reviewer", EXPERTS, {"opinion": "专家组一致通过"}),
            ("authority_approver", "give_final", {"opinion": "建议通过"}),
            ("arbiter", "pass", {}),
        ),
        issue=(
            ("life_approver", "close_gathering", {}),
            ("life_approver", "list", {"document_number": "1号"}),
        ),
        procure=(("authority_approver", "consent", {"opinion": "同意采购方案"}),),
        included=("life_approver", {}),
        sharing="project.sharing_plan_review",
    ),
    City(
        "jiaocheng",
        plan_opens=9,
        review=(
            ("approval_bureau", "papers_complete", {}),
            ("technical_centre", "advise", {"opinion": "技术可行"}),
            ("authority_reviewer", EXPERTS, {"opinion": "专家组一致通过"}),
            ("authority_approver", "pass", {"opinion": "同意"}),
        ),
        issue=(
            ("authority_reviewer", "close_gathering", {}),
            ("authority_approver", "send", {"opinion": "与财力相衔接"}),
            ("arbiter", "approve", {"document_number": "1号"}),
        ),
        procure=(),
        after_acceptance=(("applicant_handler", "file_report", {}),),
    ),
    City(
        "panjin",
        plan_opens=6,
        review=(
            ("authority_reviewer", "accept", {}),
            ("authority_reviewer", EXPERTS, {"opinion": "专家组一致通过"}),
            ("authority_approver", "pass", {"opinion": "同意"}),
        ),
        issue=(
            ("authority_reviewer", "close_gathering", {}),
            ("authority_reviewer", EXPERTS, {"conclusion": "专家一致同意"}),
            ("authority_approver", "propose", {}),
            ("finance_approver", "fund", {"document_number": "1号"}),
        ),
        procure=(("trading_centre", "pass_documents", {"opinion": "采购文件合规"}),),
        included=("authority_reviewer", {"splitting": "none"}),
        door=("applicant_handler", "apply_final"),
        sharing="acceptance.docking",
    ),
)


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(datetime(YEAR, 5, 20, 9, 0, tzinfo=LOCAL), tick=True) as traveller:
        yield traveller


class Desk:
    """A browser at which people take their seats one after another."""

    def __init__(self, page: Page, place: Place, sign_in: Callable[..., None]) -> None:
        self.page, self.place, self.sign_in = page, place, sign_in
        self.main = page.locator("main")

    def seat(self, who: str, target: str) -> None:
        self.page.context.clear_cookies()
        self.sign_in(self.page, self.place.actors[who], target)

    def begin(self, who: str, project: Project, step: str, **typed: str) -> Case:
        """A step begun from the project's page: its link, its form, and then the page of its case."""
        self.seat(who, f"/projects/{project.pk}/")
        self.main.locator(f'a[href="/projects/{project.pk}/{step}/"]').first.click()
        form = self.main.locator("form[data-sh-guard]")
        expect(form).to_be_visible()
        self._fill(form, "", typed)
        form.locator(".sh-form-actions button[type=submit]").click()
        self.page.wait_for_url("**/cases/**")
        case = Case.objects.get(number=self.page.url.rstrip("/").rpartition("/")[2])
        self.shows(case)
        return case

    def act(self, who: str, case: Case, action: str, **typed: str) -> None:
        """An act on the page of a case, which then says where the case stands."""
        self.seat(who, f"/cases/{case.number}/")
        self.send(action, **typed)
        case.refresh_from_db()
        taken = case.events.filter(action=action, person=self.place.actors[who].user)
        assert taken.exists(), self.main.inner_text()
        self.shows(case)

    def send(self, action: str, **typed: str) -> None:
        """The form of an act, unfolded, filled in, sent, and confirmed where the page asks."""
        form = self.page.locator(f'form[action$="/actions/{action}/"]')
        if not form.is_visible():
            self.page.locator("details.sh-act", has=form).locator("summary").click()
        self._fill(form, f"{action}-", typed)
        binding = form.get_attribute("data-sh-confirm")
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()
            if binding:
                self.page.locator("#sh-confirm [data-sh-slot=go]").click()

    def shows(self, case: Case) -> None:
        """The page names the state in which the case stands."""
        state = case_pages.load(case).procedure.states[case.state]
        expect(self.page.locator("main")).to_contain_text(case_pages.said(state.label))

    def _fill(self, form: Locator, prefix: str, typed: dict[str, str]) -> None:
        for name, value in typed.items():
            field = form.locator(f'[name="{prefix}{name}"]')
            kind = field.first.get_attribute("type")
            if kind == "file":
                field.set_input_files([PAPER])
            elif kind == "checkbox":
                for box in field.all():
                    box.set_checked(box.get_attribute("value") == value)
            elif field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)


def furnished(city: City) -> Place:
    """The city with all who act in this life."""
    place = building.city(city.name)
    people = place.actors
    people["keeper"] = people["it_reviewer"] = place.authority_reviewer
    people["it_approver"] = place.authority_approver
    organizing.assign_organ_role(
        SYSTEM, jurisdiction=place.jurisdiction, organization=place.applicant, role="department"
    )
    if city.name == "jiaocheng":
        for role in ("approval_bureau", "technical_centre"):
            (organ,) = organizations.organs(place.jurisdiction.pk, role)
            people[role] = new_actor(organ, Position.Kind.REVIEWER, f"jiaocheng.{role}.reviewer")
    return place


def take(place: Place, case: Case, steps: tuple[Step, ...]) -> None:
    for who, action, given in steps:
        if action == EXPERTS and case.procedure == "project_review":
            experts_agree(place, case)
        act(place.actors[who], case, action, **given)


def planned_and_approved(city: City, place: Place, now: time_machine.Coordinates) -> Project:
    """The year opens the plan; the project is filed, reviewed by experts, stands in the issued plan, is approved."""
    come_round(now, datetime(YEAR, city.plan_opens, 1, 9, 0, tzinfo=LOCAL))
    four = [Paper(kind, papers(place.applicant_handler)[0]) for kind in building.FOUR]
    years = {YEAR + 1: Decimal(500_000), YEAR + 2: Decimal(360_000)}
    project = filed(place, years=years, papers=four)
    take(place, submitted(place, project), city.review)
    part = part_of(place)
    item = plans.Item(project=project.pk, amount=Decimal(500_000))
    plans.save_department_plan(place.applicant_handler, department_plan=part, items=[item])
    who, said = city.included
    act(place.actors[who], hand_in(place), "include", **said)
    now.shift(timedelta(days=30))
    take(place, annual(place), city.issue)
    assert AnnualPlan.objects.get().issued_at
    assert in_annual_plan(project)
    cases.sweep()
    act(place.life_approver, Case.objects.get(pk=project.case_id), "approve", document_number="批复1号")
    cases.sweep()
    return Project.objects.get(pk=project.pk)


def cited(city: City, rule_id: str) -> str:
    """How pages cite a rule of the city's law."""
    law = compiled(current(city.name))
    rule = law.rule(rule_id)
    return citation(rule, law.instrument(rule), "zh-hans")


def awarded(desk: Desk, city: City, project: Project) -> Contract:
    """Procured by a form; the barred firm that asks less does not win, and the page says why; the other one does."""
    place = desk.place
    typed = {"title": "平台建设", "kind": "build", "method": "inquiry", "unit": "ten_thousand", "budget": "70"}
    more = {"budget_reviewer": "某造价咨询公司", "asked_papers": "附件"}
    case = desk.begin("applicant_handler", project, "procurements/new", **typed, **more)
    expect(desk.main).to_contain_text("700,000.00")
    take(place, case, city.procure)
    act(place.buyer_handler, case, "announce", papers=papers(place.buyer_handler))
    row = Procurement.objects.get(case=case)
    good, barred = (building.offer(place, row, building.firm(place, 7001)), _barred_offer(place, row))
    desk.seat("buyer_leader", f"/cases/{case.number}/")
    desk.send("award", winner=str(barred.pk), opinion="报价最低")
    refusal = desk.main.locator(".alert-danger").first
    expect(refusal).to_contain_text("该企业目前被禁止")
    expect(refusal).to_contain_text(cited(city, "procurement.winner"))
    barred.refresh_from_db()
    assert not barred.won
    desk.act("buyer_leader", case, "award", winner=str(good.pk), opinion="合格报价最低")
    expect(desk.main).to_contain_text(good.firm.name)
    act(place.buyer_handler, case, "publish_result")
    return Contract.objects.select_related("case", "project", "firm", "procurement").get(procurement=row)


def _barred_offer(place: Place, row: Procurement) -> Bidder:
    firm = building.firm(place, 7002)
    today = timezone.localdate()
    firms.bar_firm(place.bureau_approver, firm=firm, since=today, until=None, reason="串通投标")
    return building.offer(place, row, firm, Decimal(500_000))


def signed(desk: Desk, project: Project, contract: Contract) -> Contract:
    """The contract signed on its page, and filed: the project is being built."""
    place = desk.place
    if place.jurisdiction.pk == "xianyang":
        building.supervision(place, project)
    building.write(place, contract)
    today = timezone.localdate().isoformat()
    desk.act("applicant_handler", contract.case, "sign", signed_on=today, papers="合同")
    expect(desk.main).to_contain_text("600,000.00")
    return building.file(place, contract)


def paid(desk: Desk, project: Project, contract: Contract) -> None:
    """The first stage asked for by a form, accepted by whose signature it needs, paid by finance."""
    stage = contract.milestones.get(number=1)
    typed = {"what": f"s{stage.pk}", "unit": "yuan", "amount": "240000", "asked_papers": "附件"}
    case = desk.begin("applicant_handler", project, "payments/new", **typed)
    expect(desk.main).to_contain_text("240,000.00")
    payment = Payment.objects.select_related("case", "contract", "project").get(case=case)
    building.to_the_cashier(desk.place, payment)
    desk.act("finance_approver", case, "pay")
    contract.refresh_from_db()
    assert contract.paid == Decimal(240_000)


def accepted(desk: Desk, city: City, project: Project, now: time_machine.Coordinates) -> None:
    """Acceptance begun by a form; shut while the promised data is in the catalogue without rows; passed once loaded."""
    place = desk.place
    trial = {"asked_built_on": timezone.localdate().isoformat()} if city.name == "xianyang" else {}
    case = desk.begin("applicant_handler", project, "acceptance", **trial)
    resource = accepting.entry(place)
    acceptance.link_promise(place.applicant_handler, promise=project.promises.get(), resource=resource)
    if city.door[0]:
        accepting.hand_in(place, case)
        act(place.applicant_leader, case, "pass_initial", opinion="初验合格")
    else:
        accepting.to_the_door(place, case, now)
    last = accepting.LAST[city.name]
    shut(desk, city, case, *(city.door if city.door[0] else last))
    loaded(desk, city, case, resource)
    who, action = last
    more = {"finished_on": timezone.localdate().isoformat()} if action == "finish" else {}
    desk.act(who, case, action, opinion="验收合格", **more)
    take(place, case, city.after_acceptance)
    cases.sweep()


def shut(desk: Desk, city: City, case: Case, who: str, action: str) -> None:
    """The page offers no form for the act, and says what is missing and by which article."""
    desk.seat(who, f"/cases/{case.number}/")
    expect(desk.page.locator(f'form[action$="/actions/{action}/"]')).to_have_count(0)
    desk.main.locator("details.sh-closed summary").click()
    label = case_pages.said(case_pages.load(case).procedure.actions[action].label)
    why = desk.main.locator("details.sh-closed dt", has_text=label).locator("xpath=following-sibling::dd[1]")
    expect(why).to_contain_text(cited(city, city.sharing))
    expect(why).to_contain_text("共享方案承诺的数据")


def loaded(desk: Desk, city: City, case: Case, resource: Resource) -> None:
    """The promised data loaded; where the gate stood before that, the final acceptance applied for."""
    accepting.fill(resource)
    if city.door[0]:
        who, action = city.door
        act(desk.place.actors[who], case, action)


def evaluated(desk: Desk, city: City, project: Project, now: time_machine.Coordinates) -> None:
    """A year later: begun by itself or by a form, reported, and its result decided on the page."""
    place = desk.place
    now.shift(timedelta(days=380))
    cases.sweep()
    if city.evaluates_by_itself:
        case = Case.objects.get(parent=project.case_id, procedure="evaluation")
    else:
        year = str(timezone.localdate().year)
        case = desk.begin("authority_reviewer", project, "evaluations/new", kind="use", year=year)
    act(place.authority_reviewer, case, "report", score=88, papers=papers(place.authority_reviewer))
    desk.act("authority_approver", case, "pass", score="88", opinion="达到预期目标")
    assert case.outcome == "passed"


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_a_project_lives_from_the_annual_plan_to_its_evaluation(
    browser_page: Page, sign_in: Callable[..., None], now: time_machine.Coordinates, city: City
) -> None:
    place = furnished(city)
    desk = Desk(browser_page, place, sign_in)
    project = planned_and_approved(city, place, now)
    contract = signed(desk, project, awarded(desk, city, project))
    now.shift(timedelta(days=80))
    paid(desk, project, contract)
    now.shift(timedelta(days=150))
    accepted(desk, city, project, now)
    evaluated(desk, city, project, now)

    desk.seat("applicant_handler", f"/projects/{project.pk}/")
    life = Case.objects.get(pk=project.case_id)
    assert life.state == "in_use"
    label = case_pages.said(case_pages.load(life).procedure.states["in_use"].label)
    expect(desk.main.locator("li.sh-at[aria-current=step]")).to_contain_text(label)
    ledger = desk.main.locator(".sh-card", has=browser_page.locator(f'a[href="/projects/{project.pk}/ledger/"]'))
    for amount in (Decimal(860_000), city.contracted, Decimal(240_000), city.contracted - Decimal(240_000)):
        expect(ledger).to_contain_text(f"{amount:,.2f}")
    owed = Clock.objects.filter(case__in=[life.pk, *_steps(life)])
    assert owed.exists()
    assert not owed.filter(breached_at__isnull=False).exists()
    expect(desk.main.locator(".sh-over")).to_have_count(0)


def _steps(life: Case) -> list[int]:
    """Every case of the life, however deep."""
    found = list(Case.objects.filter(parent=life).values_list("pk", flat=True))
    return [*found, *Case.objects.filter(parent__in=found).values_list("pk", flat=True)]
