"""What the pages of a case and of a resource ask the database: so many questions, and no more for a longer record."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseEvent, Clock
from catalog.models import Resource
from organizations.actors import Actor
from sharing.models import Grant
from tests.cast import Place, signed_in_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
PLAIN, TO_ASSIGN, WITH_AGREEMENTS, RESOURCE = 17, 20, 19, 17


def queries(actor: Actor, address: str) -> int:
    """Of a page whose law has been read before, as it has in a running process."""
    browser = signed_in_client(actor)
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return len(captured)


def back_and_forth(place: Place, case: Case, times: int) -> None:
    for _time in range(times):
        act(place.applicant_leader, case, "return_draft", reason="请补充依据")
        act(place.applicant_handler, case, "resubmit")


def granted(place: Place, resource: Resource, key: str) -> Case:
    """A request that was answered with consent, signed and delivered."""
    case = filed(place, resource, key=key)
    act(place.applicant_leader, case, "endorse")
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(place.provider_leader, case, "consent")
    act(place.applicant_leader, case, "sign")
    act(place.provider_leader, case, "sign")
    act(place.provider_handler, case, "deliver")
    return case


def test_a_case_page_asks_the_same_however_long_the_record(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    roles, address = ("applicant_handler", "applicant_leader", "auditor"), f"/cases/{case.number}/"
    before = {role: queries(enshi.actors[role], address) for role in roles}
    back_and_forth(enshi, case, 3)
    after = {role: queries(enshi.actors[role], address) for role in roles}
    assert CaseEvent.objects.filter(case=case).count() > 6
    assert after == before
    assert after["auditor"] <= PLAIN, after
    assert max(after.values()) <= TO_ASSIGN, after


def test_a_case_page_asks_little_more_once_clocks_have_ended_and_agreements_are_signed(enshi: Place) -> None:
    case = granted(enshi, published_resource(enshi), "k")
    assert Clock.objects.filter(case=case).exclude(status=Clock.Status.OPEN).count() > 1
    asked = {role: queries(enshi.actors[role], f"/cases/{case.number}/") for role in ("applicant_leader", "auditor")}
    assert max(asked.values()) <= WITH_AGREEMENTS, asked


def test_a_resource_page_asks_the_same_however_many_read_it(enshi: Place) -> None:
    resource = published_resource(enshi)
    roles, address = ("applicant_handler", "provider_handler", "outsider"), f"/catalog/{resource.pk}/"
    granted(enshi, resource, "first")
    before = {role: queries(enshi.actors[role], address) for role in roles}
    for number in range(3):
        granted(enshi, resource, f"k{number}")
    after = {role: queries(enshi.actors[role], address) for role in roles}
    assert Grant.objects.filter(resource=resource).count() == 4
    assert after == before
    assert max(after.values()) <= RESOURCE, after
