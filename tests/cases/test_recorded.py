"""The audit record and the events of cases say the same: one entry for each event, in order, by the right hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from audit.models import AuditEntry
from cases import services as cases
from cases.models import Case, CaseEvent
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def recorded(case: Case) -> list[AuditEntry]:
    """Entries about events of the case: those that name one."""
    entries = AuditEntry.objects.filter(subject="case", subject_id=str(case.pk), data__has_key="seq")
    return list(entries.order_by("pk"))


def agreed(place: Place) -> Case:
    """A request to whose agreement the applicant has put the name."""
    case = filed(place, published_resource(place))
    act(place.applicant_leader, case, "endorse")
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合共享条件")
    act(place.provider_leader, case, "consent")
    act(place.applicant_leader, case, "sign")
    return case


def test_a_whole_journey_has_one_entry_for_each_event(enshi: Place) -> None:
    """Opening, acts, an automatic exit after the last signature, a time limit that ran out, and acts after it."""
    case = agreed(enshi)
    act(enshi.provider_leader, case, "sign")
    with time_machine.travel(MONDAY + timedelta(weeks=8), tick=False):
        cases.sweep()
        act(enshi.provider_handler, case, "deliver")
    events = list(CaseEvent.objects.filter(case=case).order_by("seq"))
    assert {event.kind for event in events} == {"action", "move", "due"}
    assert [(entry.data["seq"], entry.verb.partition(".")[2], entry.at) for entry in recorded(case)] == [
        (event.seq, event.action or event.kind, event.at) for event in events
    ]


def test_the_act_that_completes_a_step_is_the_persons_and_the_move_is_the_portals(enshi: Place) -> None:
    case = agreed(enshi)
    act(enshi.provider_leader, case, "sign", opinion="按协议办理")
    signature, move = recorded(case)[-2:]
    assert (signature.verb, signature.person_id) == ("share_request.sign", enshi.provider_leader.user.pk)
    assert (signature.data["opinion"], signature.organization_id) == ("按协议办理", enshi.provider.pk)
    assert (move.verb, move.person_id, move.organization_id) == ("share_request.move", 0, 0)
    assert (move.data["from"], move.data["to"]) == ("agreement", "delivery")
