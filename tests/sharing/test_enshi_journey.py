"""The main path of a conditional request under the law of the first test jurisdiction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from cases import services as cases
from cases.models import Case, CaseEvent, Clock, UrgingTask
from organizations.errors import Conflict, NotKnown, NotPermitted
from sharing.models import Grant
from sharing.services import requests
from tests.cast import Place
from tests.scenes import act, filed, published_resource, request_of, wish

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def _at_friday() -> Iterator[None]:
    """Everybody takes office and everything begins on one Friday."""
    with time_machine.travel(FRIDAY, tick=False):
        yield


def to_provider(place: Place) -> Case:
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    return case


def to_agreement(place: Place) -> Case:
    case = to_provider(place)
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(place.provider_leader, case, "consent")
    return case


def test_a_granted_request_covers_just_the_columns_asked_for(enshi: Place) -> None:
    case = to_agreement(enshi)
    act(enshi.applicant_leader, case, "sign")
    act(enshi.provider_leader, case, "sign")
    act(enshi.provider_handler, case, "deliver")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("granted", "granted")
    grant = Grant.objects.get(request=request_of(case))
    assert [column.item.code for column in grant.columns.all()] == ["code", "name"]
    assert not Clock.objects.filter(case=case, status=Clock.Status.OPEN).exists()


def test_the_answer_is_due_five_working_days_after_it_was_sent_to_the_provider(enshi: Place) -> None:
    case = to_provider(enshi)
    clock = Clock.objects.get(case=case, name="reply")
    assert clock.due_on == date(2026, 3, 13)


def test_only_the_leader_of_the_provider_ends_the_clock(enshi: Place) -> None:
    case = to_provider(enshi)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    assert Clock.objects.get(case=case, name="reply").status == Clock.Status.OPEN
    with pytest.raises(NotPermitted):
        act(enshi.provider_handler, case, "consent")
    act(enshi.provider_leader, case, "consent")
    assert Clock.objects.get(case=case, name="reply").status == Clock.Status.MET


def test_an_unanswered_request_is_breached_once_and_does_not_move(enshi: Place) -> None:
    case = to_provider(enshi)
    with time_machine.travel(FRIDAY + timedelta(weeks=3), tick=False):
        for _sweep in range(3):
            cases.sweep()
        case.refresh_from_db()
        assert case.state == "provider_reply"
        breach = CaseEvent.objects.get(case=case, kind=CaseEvent.Kind.DUE, clock="reply")
        assert breach.at == datetime(2026, 3, 14, 0, 0, tzinfo=LOCAL)
        assert breach.detected_at == FRIDAY + timedelta(weeks=3)
        told = set(case.notifications.filter(kind="overdue").values_list("user__username", flat=True))
        assert {"enshi.applicant_leader", "enshi.provider_leader"} <= told
        assert UrgingTask.objects.get(case=case).organization == enshi.coordinator_office
        act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
        answer = act(enshi.provider_leader, case, "consent")
    assert answer.late
    assert Clock.objects.get(case=case, name="reply").status == Clock.Status.LATE
    assert UrgingTask.objects.get(case=case).closed_at is not None


def test_a_refusal_is_accepted_by_law_when_nobody_disputes_it(enshi: Place) -> None:
    case = to_provider(enshi)
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="超出职责")
    act(enshi.provider_leader, case, "refuse", reason="超出使用范围")
    with time_machine.travel(FRIDAY + timedelta(weeks=4), tick=False):
        with pytest.raises(Conflict):
            cases.act(enshi.applicant_leader, case.pk, "dispute", version=case.seq, given={"reason": "不服"})
        case.refresh_from_db()
    assert case.outcome == "refused"
    last = case.events.order_by("seq").last()
    assert last.deemed
    assert last.action == "lapse"


def test_the_outsider_knows_of_no_case(enshi: Place) -> None:
    case = to_provider(enshi)
    with pytest.raises(NotKnown):
        act(enshi.outsider, case, "consent")


def test_an_action_with_the_same_key_answers_as_the_first_time(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    first = cases.act(enshi.applicant_leader, case.pk, "endorse", version=1, idempotency_key="k1")
    again = cases.act(enshi.applicant_leader, case.pk, "endorse", version=1, idempotency_key="k1")
    assert first.pk == again.pk
    with pytest.raises(Conflict) as conflict:
        cases.act(enshi.applicant_leader, case.pk, "endorse", version=1, idempotency_key="k2")
    assert conflict.value.details["by"] == enshi.applicant_leader.user.full_name


def test_a_request_is_changed_only_while_it_is_back_with_its_handler(enshi: Place) -> None:
    """After consent the leader is awaited to sign: what was agreed to cannot be changed under the agreement."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "return_draft", reason="信息项过多")
    request = request_of(case)
    requests.revise(enshi.applicant_handler, request=request, wish=wish(enshi, items=["code"]))
    assert [item.code for item in request.items.all()] == ["code"]
    act(enshi.applicant_handler, case, "resubmit")
    act(enshi.applicant_leader, case, "endorse")
    with pytest.raises(NotPermitted):
        requests.revise(enshi.provider_handler, request=request, wish=wish(enshi, items=["code", "name", "street"]))
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(enshi.provider_leader, case, "consent")
    with pytest.raises(NotPermitted):
        requests.revise(enshi.applicant_leader, request=request, wish=wish(enshi, items=["code", "name", "street"]))
    assert [item.code for item in request.items.all()] == ["code"]
