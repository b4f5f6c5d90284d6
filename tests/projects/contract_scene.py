"""An approved project of Enshi's applicant with what is procured, contracted and paid for it, each by its own acts."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases import services as cases
from cases.models import Case
from organizations.actors import Actor
from organizations.models import Position
from projects.models import Bidder, Contract, Firm, Procurement, Project
from projects.services import contracting, firms, paying, rectifying
from tests.cast import Place, made_up_code
from tests.journey import PDF
from tests.projects.panel_scene import experts_agree
from tests.projects.scene import filed, organ, submitted
from tests.scenes import act

KINDS = Position.Kind
PRICE = Decimal("600000.00")
STAGES = [
    contracting.Stage("到货安装", Decimal(40), date(2027, 3, 1)),
    contracting.Stage("试运行合格", Decimal(60), date(2027, 9, 1)),
]


def paper() -> SimpleUploadedFile:
    """A file as a browser hands it in."""
    return SimpleUploadedFile("附件.pdf", PDF)


def papers(actor: Actor) -> list[int]:
    """Keys of a file that the actor's organization has handed in."""
    return [cases.store_attachment(actor, name="附件.pdf", stream=io.BytesIO(PDF), size=len(PDF)).pk]


def furnished(place: Place) -> Place:
    """Finance and development authority, each with its people."""
    if "finance_reviewer" not in place.actors:
        (place.actors["development"],) = organ(place, "development")
        people = organ(place, "finance", KINDS.REVIEWER, KINDS.APPROVER)
        place.actors["finance_reviewer"], place.actors["finance_approver"] = people
    return place


def approved(place: Place, **changes: Any) -> Project:
    """A project that has passed its review and was approved: 860,000 yuan."""
    furnished(place)
    project = filed(place, **changes)
    review = submitted(place, project)
    act(place.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(place.coordinator, review, "agree_sharing", opinion="共享目录完整")
    experts_agree(place, review)
    act(place.bureau_reviewer, review, "experts_done", opinion="专家一致同意")
    act(place.bureau_approver, review, "give_final", opinion="建议通过")
    act(place.arbiter, review, "pass")
    cases.sweep()
    act(place.development, Case.objects.get(pk=project.case_id), "approve", document_number="发改审批〔2026〕1号")
    cases.sweep()
    project.refresh_from_db()
    return project


def firm(place: Place, number: int = 7001, **changes: Any) -> Firm:
    entry: dict[str, Any] = {
        "name": f"某软件公司{number}",
        "credit_code": made_up_code(number),
        "qualification": "甲级",
    }
    return firms.add_firm(place.applicant_handler, entry=firms.FirmEntry(**{**entry, **changes}))


def tendering(place: Place, project: Project, **changes: Any) -> Procurement:
    """A procurement that takes offers; by inquiry of prices, which knows no waiting time."""
    wanted = {"title": "平台建设", "kind": "build", "method": "inquiry", "budget": Decimal(700_000), **changes}
    handler = place.applicant_handler
    given = {"papers": papers(handler)}
    case = contracting.begin_procurement(handler, project=project, purchase=contracting.Purchase(**wanted), given=given)
    act(place.bureau_approver, case, "consent", opinion="同意采购方案")
    act(handler, case, "announce", papers=papers(handler))
    return Procurement.objects.get(case=case)


def awarded(place: Place, project: Project, winner: Firm | None = None, price: Decimal = PRICE) -> Contract:
    """The contract that follows from an award, not written yet."""
    procurement = tendering(place, project)
    bidder = offer(place, procurement, winner or firm(place), price)
    act(place.applicant_leader, procurement.case, "award", winner=[str(bidder.pk)], opinion="报价最低")
    act(place.applicant_handler, procurement.case, "publish_result")
    cases.sweep()
    return Contract.objects.select_related("case", "project", "firm").get(procurement=procurement)


def offer(place: Place, procurement: Procurement, of: Firm, price: Decimal = PRICE) -> Bidder:
    return contracting.add_bidder(place.applicant_handler, procurement=procurement, firm=of, price=price)


def written(place: Place, contract: Contract, **changes: Any) -> Contract:
    """A contract with all that it has to say."""
    values: dict[str, Any] = {
        "number": "HT-2026-01",
        "title": "平台建设合同",
        "amount": contract.amount,
        "stages": STAGES,
        "begins_on": date(2026, 12, 1),
        "ends_on": date(2027, 9, 1),
        "deliverables": "软件和文档",
        "ownership": "归建设单位所有",
        "source_code": True,
        "warranty_months": 36,
        "response_hours": 4,
    }
    terms = contracting.Terms(**{**values, **changes})
    return contracting.save_contract(place.applicant_handler, contract=contract, terms=terms)


def signed(place: Place, project: Project, winner: Firm | None = None, **changes: Any) -> Contract:
    """A contract that is signed and filed with everybody."""
    contract = written(place, awarded(place, project, winner), **changes)
    handler = place.applicant_handler
    act(handler, contract.case, "sign", signed_on=timezone.localdate().isoformat(), papers=papers(handler))
    for action in ("file_centre", "file_supervisor", "publish"):
        act(handler, contract.case, action)
    cases.sweep()
    contract.refresh_from_db()
    return contract


def asked(place: Place, contract: Contract, amount: Decimal | None = None) -> Case:
    """A payment applied for of the contract's first stage."""
    stage = contract.milestones.first()
    given = {"papers": papers(place.applicant_handler)}
    return paying.begin_payment(
        place.applicant_handler,
        contract=contract,
        milestone=stage,
        amount=amount if amount is not None else stage.amount,
        given=given,
    )


def paid(place: Place, contract: Contract) -> Case:
    """The first stage accepted and paid."""
    case = asked(place, contract)
    act(place.applicant_leader, case, "sign_stage", accepted_on=timezone.localdate().isoformat())
    act(place.finance_reviewer, case, "clear")
    act(place.finance_approver, case, "pay")
    return case


def ordered(place: Place, project: Project) -> Case:
    """An order to put something right, proposed by the authority and signed there."""
    case = rectifying.order_rectification(
        place.bureau_reviewer, project=project, kind="against_approval", findings="机房建设超出批准范围", given={}
    )
    act(place.bureau_approver, case, "order", due_on=f"{timezone.localdate():%Y}-12-31", opinion="限期整改")
    return case
