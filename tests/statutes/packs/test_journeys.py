"""The portal's packs through the real engine: each way that the law leaves open comes to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases import services as cases
from cases.models import Case, Clock
from catalog.models import SharingClass
from sharing.models import Agreement, Grant
from sharing.services.objections import file_objection
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


def clocks(case: Case) -> dict[str, str]:
    return dict(Clock.objects.filter(case=case).values_list("name", "status"))


def ended(case: Case) -> tuple[str, str]:
    case.refresh_from_db()
    return case.state, case.outcome


def test_in_xianyang_the_bureau_approves_and_signs(xianyang: Place) -> None:
    """Xianyang art. 18 and 33."""
    case = filed(xianyang, published_resource(xianyang))
    act(xianyang.applicant_leader, case, "endorse")
    act(xianyang.bureau_reviewer, case, "find_conditions_met", opinion="符合条件")
    act(xianyang.bureau_approver, case, "approve")
    assert clocks(case)["reply"] == "met"
    act(xianyang.applicant_leader, case, "sign")
    act(xianyang.bureau_approver, case, "sign")
    act(xianyang.provider_handler, case, "deliver")
    assert ended(case) == ("granted", "granted")
    assert Grant.objects.filter(request__case=case).exists()


def test_in_xianyang_a_request_that_falls_short_goes_to_consultation(xianyang: Place) -> None:
    """Xianyang art. 18: the provider's objection is in writing, the bureau concludes; then the government decides."""
    case = filed(xianyang, published_resource(xianyang))
    act(xianyang.applicant_leader, case, "endorse")
    act(xianyang.bureau_reviewer, case, "consult", opinion="条件不足")
    act(xianyang.bureau_reviewer, case, "agree")
    act(xianyang.provider_leader, case, "object", reason="涉及商业秘密")
    assert ended(case)[0] == "objected"
    act(xianyang.bureau_approver, case, "refuse", reason="提供单位理由成立")
    act(xianyang.applicant_leader, case, "dispute", reason="确有需要")
    act(xianyang.arbiter, case, "uphold", reason="维持")
    assert ended(case) == ("refused", "refused")


def test_in_xianyang_private_data_needs_a_second_agreement(xianyang: Place) -> None:
    """Xianyang art. 25."""
    case = filed(xianyang, published_resource(xianyang, holds_personal=True))
    act(xianyang.applicant_leader, case, "endorse")
    act(xianyang.bureau_reviewer, case, "consult", opinion="会商")
    act(xianyang.bureau_reviewer, case, "agree")
    act(xianyang.provider_leader, case, "agree")
    act(xianyang.bureau_approver, case, "approve")
    for actor in (xianyang.applicant_leader, xianyang.bureau_approver):
        act(actor, case, "sign")
    assert ended(case)[0] == "agreement"
    for actor in (xianyang.applicant_leader, xianyang.bureau_approver):
        act(actor, case, "sign_confidentiality")
    assert ended(case)[0] == "delivery"
    assert Agreement.objects.filter(request__case=case, completed_at__isnull=False).count() == 2


def test_in_xianyang_unconditional_data_needs_no_approval(xianyang: Place) -> None:
    """Xianyang art. 17; the agreement of art. 33 is signed all the same."""
    case = filed(xianyang, published_resource(xianyang, sharing_class=SharingClass.UNCONDITIONAL))
    act(xianyang.applicant_leader, case, "self_serve")
    act(xianyang.bureau_approver, case, "sign")
    act(xianyang.applicant_leader, case, "sign")
    assert clocks(case)["self_service"] == "met"
    act(xianyang.provider_handler, case, "deliver")
    assert ended(case) == ("granted", "granted")


def test_in_enshi_unconditional_data_is_taken_directly(enshi: Place) -> None:
    """Enshi art. 16: the provider's word ends the one working day, the data the twenty."""
    case = filed(enshi, published_resource(enshi, sharing_class=SharingClass.UNCONDITIONAL))
    act(enshi.applicant_leader, case, "endorse_direct")
    act(enshi.provider_handler, case, "confirm_direct", opinion="明日接通")
    assert clocks(case) == {"answer_direct": "met", "provide": "open"}
    act(enshi.provider_handler, case, "deliver")
    assert ended(case) == ("granted", "granted")


def test_in_enshi_papers_are_asked_for_once_and_the_answer_extended_with_consent(enshi: Place) -> None:
    """Order 809 art. 21."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    due = Clock.objects.get(case=case, name="reply").due_on
    act(enshi.provider_handler, case, "ask_supplement", missing="使用依据全文")
    act(enshi.provider_handler, case, "ask_extension", reason="需会商", days=3)
    act(enshi.bureau_approver, case, "grant_extension")
    assert Clock.objects.get(case=case, name="reply").due_on > due
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="材料不足")
    act(enshi.provider_leader, case, "return_proposal", reason="理由不充分")
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="超出范围")
    act(enshi.provider_leader, case, "refuse", reason="超出范围")
    act(enshi.applicant_leader, case, "dispute", reason="确有需要")
    act(enshi.coordinator, case, "refer", opinion="未达成一致")
    act(enshi.arbiter, case, "order_share", opinion="应当共享")
    act(enshi.applicant_handler, case, "withdraw", reason="已从其他渠道获取")
    assert ended(case) == ("withdrawn", "withdrawn")
    assert set(clocks(case).values()) == {"met", "void"}


@pytest.mark.parametrize("accepted", [True, False])
def test_xianyangs_bureau_pauses_while_the_provider_checks(xianyang: Place, *, accepted: bool) -> None:
    """Xianyang art. 21."""
    case = file_objection(xianyang.applicant_handler, resource=published_resource(xianyang), description="村名有误")
    act(xianyang.bureau_reviewer, case, "urge")
    bureau = Clock.objects.get(case=case, name="bureau")
    assert bureau.paused_since is not None
    act(xianyang.provider_handler, case, "answer", opinion="已核查")
    act(xianyang.bureau_reviewer, case, *(("change",) if accepted else ("confirm",)), **WORDS[accepted])
    assert ended(case)[1] == ("changed" if accepted else "confirmed")
    assert set(clocks(case).values()) == {"met"}


WORDS = {True: {"opinion": "确有错误"}, False: {"reason": "数据无误"}}


def test_enshi_corrects_under_the_national_ten_days(enshi: Place) -> None:
    """Order 809 art. 26."""
    case = file_objection(enshi.applicant_handler, resource=published_resource(enshi), description="村名有误")
    act(enshi.provider_handler, case, "accept_error")
    act(enshi.provider_handler, case, "report_corrected", opinion="源头已更正")
    assert ended(case) == ("corrected", "changed")
    assert clocks(case) == {"whole": "met"}


def test_who_is_overdue_in_enshi_is_urged_by_the_office_and_can_still_answer(enshi: Place) -> None:
    """The breach is recorded, the office urges, the late answer is marked as late."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        cases.sweep()
        act(enshi.coordinator, case, "urge", opinion="请尽快答复")
        act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
        act(enshi.provider_leader, case, "consent")
    assert clocks(case)["reply"] == "late"
    assert ended(case)[0] == "agreement"
