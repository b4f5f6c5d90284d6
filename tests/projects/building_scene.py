"""The middle of a project's life in any of the four cities: procured, contracted, paid and changed by those who may.

The review of the plan is passed by hand, for its own tests walk it; everything after it is an act of the engine.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cases import services as cases
from cases.models import Case
from organizations.actors import Actor
from organizations.models import Position
from projects import services
from projects.models import (
    AnnualPlan,
    Bidder,
    Change,
    Contract,
    DepartmentPlan,
    Firm,
    Payment,
    PlanItem,
    Procurement,
    Project,
    Supplement,
)
from projects.services import contracting, firms, paying, rectifying
from tests.cast import Place, made_up_code, place_of
from tests.projects.contract_scene import papers
from tests.projects.scene import filed, organ
from tests.recording import once
from tests.scenes import act, store_law

KINDS = Position.Kind
CITIES = ("xianyang", "enshi", "jiaocheng", "panjin")
FOUR = ("proposal", "feasibility", "design", "estimate")
PRICE = Decimal("600000.00")
FILINGS = {
    "enshi": ("file_centre", "file_supervisor", "publish"),
    "jiaocheng": ("file_authority", "file_finance", "file_supervisor", "publish"),
    "xianyang": ("file_supervisor", "publish"),
    "panjin": ("file_supervisor", "publish"),
}
"""What is done with a signed contract before it counts as filed."""


def city(name: str) -> Place:
    """A city with finance, with the authority over projects, and with who buys and who accepts stages there."""
    store_law()
    return Place(*once(("building", name, timezone.localdate()), lambda: _furnished(place_of(name)).parts()))


def _furnished(place: Place) -> Place:
    people, name = place.actors, place.jurisdiction.pk
    people["finance_reviewer"], people["finance_approver"] = organ(place, "finance", KINDS.REVIEWER, KINDS.APPROVER)
    people["authority_reviewer"], people["authority_approver"] = place.bureau_reviewer, place.bureau_approver
    people["buyer_handler"], people["buyer_leader"] = place.applicant_handler, place.applicant_leader
    people["life_approver"] = place.finance_approver
    if name == "xianyang":
        found = organ(place, "it_office", KINDS.REVIEWER, KINDS.APPROVER)
        people["authority_reviewer"], people["authority_approver"] = found
    if name == "jiaocheng":
        for role in ("approval_bureau", "technical_centre"):
            organ(place, role)
    if name == "panjin":
        (people["trading_centre"],) = organ(place, "trading_centre", KINDS.REVIEWER)
        people["buyer_handler"], people["buyer_leader"] = place.bureau_reviewer, place.bureau_approver
    if name == "enshi":
        (people["life_approver"],) = organ(place, "development")
    people["stage_signer"] = place.applicant_leader if name == "enshi" else place.authority_approver
    return place


def begun(name: str) -> tuple[Place, Project]:
    """A city with an approved project, made once a day and put back for every other test."""
    place = city(name)
    found: Project = once(("begun", name, timezone.localdate()), lambda: approved(place))
    return place, found


def built(name: str) -> tuple[Place, Contract]:
    """A city with a contract of 600,000 yuan, signed and filed with everybody: made once a day, as `begun`."""
    place = city(name)
    found: Contract = once(("built", name, timezone.localdate()), lambda: contracted(place, approved(place)))
    return place, found


def approved(place: Place, **changes: Any) -> Project:
    """A project of 860,000 yuan whose approval stands in the ledger."""
    if place.jurisdiction.pk == "jiaocheng":
        changes.setdefault("papers", [services.Paper(kind, papers(place.applicant_handler)[0]) for kind in FOUR])
    project = filed(place, **changes)
    pass_review(place, project)
    _plan_for(project)
    cases.sweep()
    life = Case.objects.get(pk=project.case_id)
    act(place.life_approver, life, "approve", document_number="批复〔2026〕1号")
    cases.sweep()
    project.refresh_from_db()
    return project


def pass_review(place: Place, project: Project) -> Case:
    """A review of the plan as it stands, passed."""
    review = services.submit_for_review(place.applicant_handler, project=project)
    now = timezone.now()
    Case.objects.filter(pk=review.pk).update(state="passed", outcome="passed", closed_at=now, next_fire_at=None)
    cases.signal(project.case_id, "child_closed")
    return review


def _plan_for(project: Project) -> None:
    """The project in an issued annual plan of its place."""
    plan, _made = AnnualPlan.objects.get_or_create(
        jurisdiction=project.jurisdiction, year=2026, defaults={"issued_at": timezone.now()}
    )
    part, _made = DepartmentPlan.objects.get_or_create(plan=plan, organization=project.owner)
    PlanItem.objects.create(
        department_plan=part, project=project, name=project.name, total=project.total, amount=0, standing="in"
    )


def firm(place: Place, number: int = 7001, **changes: Any) -> Firm:
    """A qualified firm of the register."""
    entry: dict[str, Any] = {
        "name": f"某软件公司{number}",
        "credit_code": made_up_code(number),
        "qualification": "甲级",
    }
    return firms.add_firm(place.applicant_handler, entry=firms.FirmEntry(**{**entry, **changes}))


def procurement(place: Place, project: Project, **changes: Any) -> Procurement:
    """Something procured for a project, as far as offers: by inquiry of prices, which knows no waiting time."""
    wanted = {
        "title": "平台建设",
        "kind": "build",
        "method": "inquiry",
        "budget": Decimal(700_000),
        "budget_reviewer": "某造价咨询公司",
        **changes,
    }
    handler = place.applicant_handler
    purchase = contracting.Purchase(**wanted)
    case = contracting.begin_procurement(handler, project=project, purchase=purchase, given={"papers": papers(handler)})
    if place.jurisdiction.pk == "enshi":
        act(place.authority_approver, case, "consent", opinion="同意采购方案")
    if place.jurisdiction.pk == "panjin":
        act(place.trading_centre, case, "pass_documents", opinion="采购文件合规")
    act(place.buyer_handler, case, "announce", papers=papers(place.buyer_handler))
    return Procurement.objects.select_related("case", "project").get(case=case)


def offer(place: Place, of: Procurement, by: Firm, price: Decimal = PRICE) -> Bidder:
    return contracting.add_bidder(place.buyer_handler, procurement=of, firm=by, price=price)


def award(place: Place, bidder: Bidder) -> Contract:
    """The award to an offer, and the contract that follows from it, not written yet."""
    case = bidder.procurement.case
    act(place.buyer_leader, case, "award", winner=[str(bidder.pk)], opinion="报价最低")
    act(place.buyer_handler, case, "publish_result")
    return Contract.objects.select_related("case", "project", "firm", "procurement").get(
        procurement=bidder.procurement_id
    )


def write(place: Place, contract: Contract, **changes: Any) -> Contract:
    """All that a contract has to say: two stages of 40 and 60 percent."""
    begins = timezone.localdate()
    values: dict[str, Any] = {
        "number": f"HT-{contract.pk}",
        "title": "平台建设合同",
        "amount": contract.amount,
        "stages": [
            contracting.Stage("到货安装", Decimal(40), begins + timedelta(days=90)),
            contracting.Stage("试运行合格", Decimal(60), begins + timedelta(days=270)),
        ],
        "begins_on": begins,
        "ends_on": begins + timedelta(days=270),
        "deliverables": "软件和文档",
        "ownership": "归建设单位所有",
        "source_code": True,
        "warranty_months": 36,
        "response_hours": 4,
    }
    terms = contracting.Terms(**{**values, **changes})
    return contracting.save_contract(place.applicant_handler, contract=contract, terms=terms)


def sign(place: Place, contract: Contract, on: date | None = None) -> Contract:
    """The contract signed, not filed."""
    handler = place.applicant_handler
    act(handler, contract.case, "sign", signed_on=(on or timezone.localdate()).isoformat(), papers=papers(handler))
    contract.refresh_from_db()
    return contract


def file(place: Place, contract: Contract) -> Contract:
    """The signed contract filed with everybody; the life of the project hears of it."""
    for action in FILINGS[place.jurisdiction.pk]:
        act(place.applicant_handler, contract.case, action)
    cases.sweep()
    contract.refresh_from_db()
    return contract


def contracted(
    place: Place,
    project: Project,
    by: Firm | None = None,
    price: Decimal = PRICE,
    *,
    terms: dict[str, Any] | None = None,
    **changes: Any,
) -> Contract:
    """A contract signed and filed with everybody; where the law asks for a supervisor, that one's comes first."""
    if place.jurisdiction.pk == "xianyang" and not project.contracts.filter(kind="supervision").exists():
        supervision(place, project)
    return _contract(place, project, by or firm(place), price, terms or {}, **changes)


def supervision(place: Place, project: Project) -> Contract:
    """A contract of 50,000 yuan with a supervisor of the works, signed and filed."""
    return _contract(place, project, firm(place, 7900), Decimal(50_000), {}, kind="supervision", title="工程监理")


def _contract(
    place: Place, project: Project, by: Firm, price: Decimal, terms: dict[str, Any], **changes: Any
) -> Contract:
    bought = procurement(place, project, **{"budget": max(price, Decimal(100)), **changes})
    contract = write(place, award(place, offer(place, bought, by, price)), **terms)
    return file(place, sign(place, contract))


def ask(place: Place, contract: Contract, amount: Decimal | None = None, *, stage: int | None = 1) -> Payment:
    """A payment asked for: of a stage of the contract, or of none."""
    milestone = contract.milestones.get(number=stage) if stage else None
    assert amount is not None or milestone is not None
    handler = place.applicant_handler
    case = paying.begin_payment(
        handler,
        contract=Contract.objects.get(pk=contract.pk),
        milestone=milestone,
        amount=amount if amount is not None else milestone.amount,
        given={"papers": papers(handler)},
    )
    return Payment.objects.select_related("case", "contract", "project").get(case=case)


def to_the_cashier(place: Place, payment: Payment) -> Payment:
    """Everything before the act that pays."""
    case = payment.case
    if place.jurisdiction.pk != "enshi":
        act(place.applicant_leader, case, "agree")
    act(place.stage_signer, case, "sign_stage", accepted_on=timezone.localdate().isoformat())
    case.refresh_from_db()
    if case.state == "matching":
        act(place.finance_reviewer, case, "confirm_matching", papers=papers(place.finance_reviewer))
    act(place.finance_reviewer, case, "clear")
    return payment


def pay(place: Place, payment: Payment) -> Payment:
    """A payment that was asked for, paid."""
    act(place.finance_approver, to_the_cashier(place, payment).case, "pay")
    payment.refresh_from_db()
    return payment


def recall(place: Place, contract: Contract, amount: Decimal) -> Payment:
    """Money of a contract called back, and received."""
    case = paying.begin_recall(
        place.finance_reviewer,
        contract=Contract.objects.get(pk=contract.pk),
        amount=amount,
        given={"reason": "多付"},
    )
    act(place.finance_approver, case, "order", opinion="应予收回")
    act(place.finance_reviewer, case, "receive", papers=papers(place.finance_reviewer))
    return Payment.objects.select_related("case").get(case=case)


def propose_change(place: Place, project: Project, **changes: Any) -> Change:
    """A change applied for and assessed: only the decision is left."""
    values: dict[str, Any] = {"kind": "content", "description": "增加两个模块", "reason": "业务调整", **changes}
    handler = place.applicant_handler
    case = paying.begin_change(handler, project=project, given={"papers": papers(handler)}, **values)
    act(place.applicant_leader, case, "agree")
    act(place.authority_reviewer, case, "assess", opinion="可行")
    return Change.objects.select_related("case", "project").get(case=case)


def decide_change(place: Place, change: Change) -> Change:
    """The change approved; where finance adds to the budget after that, it has."""
    act(place.authority_approver, change.case, "approve", opinion="同意")
    change.case.refresh_from_db()
    if change.case.state == "budget":
        act(place.finance_approver, change.case, "add_budget")
    change.refresh_from_db()
    return change


def supplement(place: Place, contract: Contract, amount: Decimal) -> Supplement:
    """A supplementary contract, proposed and agreed to by the own head: not signed."""
    handler = place.applicant_handler
    case = contracting.begin_supplement(
        handler, contract=contract, title="增加接口", amount=amount, given={"papers": papers(handler)}
    )
    act(place.applicant_leader, case, "agree")
    return Supplement.objects.select_related("case", "contract").get(case=case)


def sign_supplement(place: Place, row: Supplement) -> Supplement:
    """The supplementary contract signed and filed."""
    handler: Actor = place.applicant_handler
    act(handler, row.case, "sign", signed_on=timezone.localdate().isoformat(), papers=papers(handler))
    act(handler, row.case, "file")
    row.refresh_from_db()
    return row


def order_rectification(place: Place, project: Project) -> Case:
    """An order to put something right, signed: it is open."""
    case = rectifying.order_rectification(
        place.authority_reviewer, project=project, kind="against_approval", findings="机房超出批准范围", given={}
    )
    due = (timezone.localdate() + timedelta(days=20)).isoformat()
    act(place.authority_approver, case, "order", due_on=due, opinion="限期整改")
    return case


def put_right(place: Place, case: Case) -> None:
    """The order carried out and confirmed."""
    act(place.applicant_handler, case, "report", papers=papers(place.applicant_handler))
    act(place.authority_reviewer, case, "confirm", opinion="整改到位")
