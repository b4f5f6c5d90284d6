"""One project of a place, told act by act up to a chapter, as the law of its place goes about it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cases import services as cases
from cases.models import Attachment, Case
from catalog.models import Resource
from organizations.actors import Actor
from organizations.models import Position
from portal.demonstration.people import Place
from portal.demonstration.stories import STEP, in_office_hours
from projects import services as projects
from projects.models import Contract, Firm, Milestone, Project, ProjectDocument, ProjectReview, SharingPromise
from projects.services import acceptance, contracting, panels, paying, rectifying

HANDLER, LEADER = Position.Kind.HANDLER, Position.Kind.LEADER
DAY = timedelta(days=1)
DEPTH = 3
"""How many cases stand above a contract: its procurement, and the life of the project."""
CHAPTERS = (
    "reviewed", "approved", "tendering", "signing", "building", "paid", "late", "stopped", "accepting", "in_use",
)  # fmt: skip
"""How far a story goes; "late" and "stopped" are turns that building may take."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a place goes about it: accounts by what they do, what the plan passes through, where a contract is filed."""

    keeper: str
    approver: str
    plan: tuple[tuple[str, str], ...]
    filings: tuple[str, ...]
    heads: tuple[str, ...]
    stage: str
    supervised: bool = False


MANNERS = {
    "enshi": Manner(
        keeper="reviewer",
        approver="development",
        plan=(
            ("reviewer", "pass_preliminary"), ("coordinator", "agree_sharing"), ("reviewer", "experts_done"),
            ("approver", "give_final"), ("arbiter", "pass"),
        ),
        filings=("file_centre", "file_supervisor", "publish"),
        heads=("planning", "standards", "technical_plan", "benefit", "need", "sharing", "platforms", "security"),
        stage="owner",
    ),
    "xianyang": Manner(
        keeper="it_reviewer",
        approver="finance",
        plan=(("it_reviewer", "experts_done"), ("it_approver", "pass")),
        filings=("file_supervisor", "publish"),
        heads=("need", "technical_plan", "security", "sharing", "budget"),
        stage="it_approver",
        supervised=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """A project of a department, begun so many days ago, told up to a chapter."""

    department: str
    name: str
    total: int
    days_ago: int
    chapter: str


PLAN_OF_TENDER = {"enshi": "approver"}
"""Where the tender plan is agreed to first, and by whom."""


class Telling:
    """One story being told: it carries the moment along from act to act."""

    def __init__(self, place: Place, manner: Manner, story: Story, firm: Firm, supervisor: Firm) -> None:
        self.place, self.manner, self.story = place, manner, story
        self.firm, self.supervisor = firm, supervisor
        self.handler = place.actor(story.department, HANDLER)
        self.leader = place.actor(story.department, LEADER)
        self.at = in_office_hours(timezone.now() - timedelta(days=story.days_ago))
        self.project: Project

    def tell(self) -> None:
        told = CHAPTERS[: CHAPTERS.index(self.story.chapter) + 1]
        self._plan()
        if "approved" in told:
            self._approve()
        chapters: dict[str, Callable[[], None]] = {
            "tendering": self._tender,
            "signing": self._award,
            "building": self._sign,
            "paid": self._pay,
            self.story.chapter if self.story.chapter in ("late", "stopped") else "-": self._turn,
            "accepting": self._begin_acceptance,
            "in_use": self._accept,
        }
        for name, chapter in chapters.items():
            if name in told and not (name == "paid" and self.story.chapter == "stopped"):
                chapter()

    def _plan(self) -> None:
        draft = projects.save_draft(self.handler, plan=self._written())
        projects.file_project(self.handler, draft=draft, at=self.at)
        draft.refresh_from_db()
        self.project = draft
        review = projects.submit_for_review(self.handler, project=draft, at=self._later())
        self._act(self.leader, review, "submit", opinion="同意报送")
        for account, action in self.manner.plan:
            if action == "experts_done":
                self._panel(review)
            self._act(self.place.actors[account], review, action, opinion="方案可行，同意")
        self._settle()

    def _written(self) -> projects.Plan:
        total, year = Decimal(self.story.total), timezone.localdate(self.at).year
        return projects.Plan(
            name=self.story.name,
            basis=f"{self.place.city.name}数字政府建设规划",
            goals="业务全程网上办理，数据按目录共享",
            content="受理、办理、统计和对接四个模块",
            total=total,
            years={year: total * 7 / 10, year + 1: total * 3 / 10},
            service_years=6,
            build_months=12,
            security_design="按等级保护二级设计",
            product_statement="数据库、中间件和服务器采用安全可靠产品",
            reuse_statement="现有系统没有相应业务功能",
            design_firm="某设计咨询有限公司",
            design_qualification="工程咨询乙级",
            responsible=self.handler.user.full_name,
            responsible_post="局长",
            responsible_is_head=True,
            working_group="业务科室和信息科共六人",
            systems=list(
                self.place.organizations[self.story.department].information_systems.values_list("pk", flat=True)[:1]
            ),
            promises=[
                projects.Promise(
                    direction="produces",
                    title=f"{self.story.name}办件信息",
                    source="业务系统自动产生",
                    format="数据库",
                    update_cycle="yearly",
                    sharing_class="conditional",
                    opening="closed",
                )
            ],
        )

    def _panel(self, review: Case) -> None:
        keeper = self.place.actors[self.manner.keeper]
        panel = panels.begin_panel(keeper, plan_review=ProjectReview.objects.get(case=review), at=self._later())
        self._act(keeper, panel, "draw")
        points = {head: 70 + self.place.rng.randint(0, 25) for head in self.manner.heads}
        for seat in panel.expert_review.panellists.filter(status="seated").select_related("expert__user"):
            user = seat.expert.user
            person = Actor(user, user.positions.get(kind=Position.Kind.EXPERT), demonstration=True)
            self._act(person, panel, "score", opinion="方案可行", recommendation="agree", **points)
        self._act(keeper, panel, "conclude", opinion="专家组一致通过")

    def _approve(self) -> None:
        approver = self.place.actors[self.manner.approver]
        if self.story.chapter == "approved" and self.story.total > 1_800_000:
            self._act(approver, self._life(), "refuse", reason="本年度资金已安排完毕")
            return
        self._act(approver, self._life(), "approve", document_number=f"〔{self.at.year}〕{self.project.pk}号")

    def _tender(self) -> None:
        if self.manner.supervised:
            self._buy("supervision", Decimal(40_000), self.supervisor)
        self.buying = self._announce("build", self._price())

    def _announce(self, kind: str, budget: Decimal) -> Case:
        purchase = contracting.Purchase(
            f"{self.story.name}采购", kind, "open_tender", budget, "", "某工程造价咨询有限公司"
        )
        case = contracting.begin_procurement(
            self.handler,
            project=self.project,
            purchase=purchase,
            given={"papers": self._paper("采购需求.pdf", self.handler)},
            at=self._later(),
        )
        if self.place.city.id in PLAN_OF_TENDER:
            self._act(self.place.actors[PLAN_OF_TENDER[self.place.city.id]], case, "consent", opinion="同意招标方案")
        self._act(self.handler, case, "announce", papers=self._paper("采购文件.pdf", self.handler))
        return case

    def _award(self) -> None:
        self.contract = self._choose(self.buying, self._price(), self.firm)

    def _choose(self, case: Case, price: Decimal, firm: Firm) -> Contract:
        bidder = contracting.add_bidder(self.handler, procurement=case.procurement, firm=firm, price=price)
        self._wait(30)
        self._act(self.leader, case, "award", winner=[str(bidder.pk)], opinion="综合得分第一")
        self._act(self.handler, case, "publish_result")
        return Contract.objects.get(procurement__case=case)

    def _sign(self) -> None:
        self._write_and_sign(self.contract)

    def _buy(self, kind: str, price: Decimal, firm: Firm) -> None:
        self._write_and_sign(self._choose(self._announce(kind, price), price, firm))

    def _write_and_sign(self, contract: Contract) -> None:
        self._wait(9)
        day = timezone.localdate(self.at)
        stages = (("设备到货和部署", 30, 60), ("系统初验", 40, 150), ("竣工验收", 30, 260))
        contracting.save_contract(
            self.handler,
            contract=contract,
            terms=contracting.Terms(
                number=f"{day.year}-{contract.pk:04d}",
                title=contract.title,
                amount=contract.amount,
                stages=[contracting.Stage(title, Decimal(share), day + days * DAY) for title, share, days in stages],
                begins_on=day,
                ends_on=day + 300 * DAY,
                deliverables="设计文件、源代码、测试文档、运维手册",
                ownership="成果归建设单位所有",
                source_code=True,
                warranty_months=36,
                response_hours=4,
            ),
        )
        case = Case.objects.get(contract=contract)
        papers = self._paper("合同.pdf", self.handler)
        self._act(self.handler, case, "sign", signed_on=day.isoformat(), papers=papers)
        for filing_action in self.manner.filings:
            self._act(self.handler, case, filing_action)
        self._settle()

    def _pay(self) -> None:
        for milestone in self.contract.milestones.all()[:2]:
            self._wait(45)
            self._pay_stage(milestone)

    def _pay_stage(self, milestone: Milestone) -> None:
        case = paying.begin_payment(
            self.handler,
            contract=Contract.objects.get(pk=self.contract.pk),
            milestone=milestone,
            amount=milestone.amount,
            given={"papers": self._paper("付款申请.pdf", self.handler)},
            at=self._later(),
        )
        signer = self.leader if self.manner.stage == "owner" else self.place.actors[self.manner.stage]
        if signer is not self.leader:
            self._act(self.leader, case, "agree", opinion="同意")
        self._act(signer, case, "sign_stage", accepted_on=timezone.localdate(self.at).isoformat())
        self._act(self.place.actors["finance_reviewer"], case, "clear")
        self._act(self.place.actors["finance"], case, "pay")

    def _turn(self) -> None:
        """Building takes a turn: a payment stays with finance too long, or the works are stopped to be put right."""
        if self.story.chapter == "late":
            last = self.contract.milestones.last()
            assert last is not None
            self._wait(20)
            case = paying.begin_payment(
                self.handler,
                contract=Contract.objects.get(pk=self.contract.pk),
                milestone=last,
                amount=last.amount / 2,
                given={"papers": self._paper("付款申请.pdf", self.handler)},
                at=self._later(),
            )
            self._act(self.leader, case, "sign_stage", accepted_on=timezone.localdate(self.at).isoformat())
            return
        reviewer, approver = self.place.actors["reviewer"], self.place.actors["approver"]
        case = rectifying.order_rectification(
            reviewer,
            project=self.project,
            kind="unapproved_change",
            findings="机房改造内容与批准的设计方案不一致",
            given={},
            at=self._later(),
        )
        due = (timezone.localdate(self.at) + 30 * DAY).isoformat()
        self._act(approver, case, "order", due_on=due, opinion="请按批准的方案整改")
        self._act(approver, self._life(), "suspend", reason="整改到位后恢复实施")

    def _begin_acceptance(self) -> None:
        self._wait(40)
        promise = SharingPromise.objects.get(project=self.project)
        own = Resource.objects.filter(provider=self.project.owner, status=Resource.Status.PUBLISHED)
        held = own.filter(sharing_class="conditional", dataset__isnull=False).order_by("pk").first() or own.first()
        if held is not None:
            acceptance.link_promise(self.handler, promise=promise, resource=held)
        day = timezone.localdate(self.at).isoformat()
        given = {"built_on": day} if self.manner.supervised else {}
        self.accepting = acceptance.begin_acceptance(self.handler, project=self.project, given=given, at=self._later())
        for kind in (ProjectDocument.Kind.TEST, ProjectDocument.Kind.TRIAL, ProjectDocument.Kind.PRODUCTS):
            self._hand_in(kind)

    def _hand_in(self, kind: str) -> None:
        (key,) = self._paper(f"{ProjectDocument.Kind(kind).label}.pdf", self.handler)
        acceptance.add_paper(
            self.handler, acceptance=self.accepting.acceptance, kind=kind, attachment=Attachment.objects.get(pk=key)
        )

    def _accept(self) -> None:
        """Accepted by whoever accepts here, and the last stage is paid."""
        if self.manner.supervised:
            self._wait(100)
            self._act(self.handler, self.accepting, "apply", opinion="试运行满三个月，申请验收")
            reviewer, approver = self.place.actors["it_reviewer"], self.place.actors["it_approver"]
            papers = self._paper("安全评测报告.pdf", reviewer)
            self._act(reviewer, self.accepting, "evaluate_security", security="passed", papers=papers)
            self._act(approver, self.accepting, "accept", opinion="验收合格")
        else:
            self._hand_in(ProjectDocument.Kind.ACCEPTANCE)
            self._act(self.leader, self.accepting, "accept", opinion="验收合格")
        self._settle()
        last = self.contract.milestones.last()
        assert last is not None
        self._pay_stage(last)

    def _life(self) -> Case:
        return Case.objects.get(pk=self.project.case_id)

    def _price(self) -> Decimal:
        return Decimal(self.story.total) * 85 / 100

    def _paper(self, name: str, actor: Actor) -> list[int]:
        content = b"%PDF-1.4 demonstration"
        stored = cases.store_attachment(actor, name=name, stream=io.BytesIO(content), size=len(content))
        return [stored.pk]

    def _later(self) -> datetime:
        self.at = min(in_office_hours(self.at + STEP), timezone.now())
        return self.at

    def _wait(self, days: int) -> None:
        self.at = min(in_office_hours(self.at + days * DAY), timezone.now())
        self._settle()

    def _settle(self) -> None:
        """What falls due or was signalled by this moment happens, as the worker would have done then."""
        for _depth in range(DEPTH):
            if not cases.sweep(self.at):
                return

    def _act(self, actor: Actor, case: Case, action: str, *, opinion: str = "", **given: Any) -> None:
        case.refresh_from_db()
        at = max(self._later(), case.last_at)
        cases.act(actor, case.pk, action, version=case.seq, given=given, opinion=opinion, at=at)
