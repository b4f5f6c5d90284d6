"""An entry reaches the catalogue through the procedure of its city."""

from __future__ import annotations

from datetime import date

import pytest

from cases.errors import DoorClosed
from cases.models import Case, Clock
from catalog.models import Directory, Resource, SharingClass
from catalog.services import submit_for_publication
from tests.cast import Place
from tests.scenes import act, published_resource

pytestmark = pytest.mark.django_db
ASSESSED = {"assessment": "不涉密,不含个人信息", "assessed_on": date(2026, 3, 2), "assessed_by": "评估人"}


def draft(place: Place, **more: object) -> Resource:
    """A registered entry that has not been published."""
    resource = published_resource(place, **{**ASSESSED, **more})
    Resource.objects.filter(pk=resource.pk).update(status=Resource.Status.DRAFT, published_at=None)
    resource.refresh_from_db()
    return resource


def submitted(place: Place, **more: object) -> tuple[Case, Resource]:
    resource = draft(place, **more)
    return submit_for_publication(place.provider_steward, resources=[resource]), resource


def status(resource: Resource) -> str:
    resource.refresh_from_db()
    return resource.status


@pytest.mark.parametrize("city", ["enshi", "xianyang"])
def test_an_entry_is_signed_by_its_head_reviewed_and_published(city: str, request: pytest.FixtureRequest) -> None:
    """Order 809 art. 13 and 16."""
    place: Place = request.getfixturevalue(city)
    case, resource = submitted(place)
    assert status(resource) == Resource.Status.IN_REVIEW
    act(place.provider_leader, case, "sign_off")
    act(place.bureau_reviewer, case, "find_in_order", opinion="符合要求")
    act(place.bureau_approver, case, "approve")
    case.refresh_from_db()
    assert case.outcome == "published"
    assert status(resource) == Resource.Status.PUBLISHED
    assert Clock.objects.get(case=case).status == Clock.Status.MET


def test_what_is_sent_back_is_a_draft_until_it_is_submitted_again(enshi: Place) -> None:
    case, resource = submitted(enshi)
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.bureau_reviewer, case, "send_back", reason="更新周期有误")
    assert status(resource) == Resource.Status.DRAFT
    act(enshi.provider_steward, case, "resubmit")
    assert status(resource) == Resource.Status.IN_REVIEW
    act(enshi.provider_leader, case, "return_draft", reason="请补充摘要")
    act(enshi.provider_handler, case, "withdraw", reason="合并到其他目录")
    assert status(resource) == Resource.Status.DRAFT


def test_a_second_round_of_review_starts_a_new_clock(enshi: Place) -> None:
    """The days of the first round do not carry over."""
    case, _resource = submitted(enshi)
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.bureau_reviewer, case, "send_back", reason="更新周期有误")
    act(enshi.provider_steward, case, "resubmit")
    act(enshi.provider_leader, case, "sign_off")
    assert list(Clock.objects.filter(case=case).order_by("round").values_list("round", "status")) == [
        (1, Clock.Status.MET),
        (2, Clock.Status.OPEN),
    ]


def test_an_entry_without_assessment_is_not_submitted(enshi: Place) -> None:
    """Order 809 art. 13."""
    with pytest.raises(DoorClosed):
        submitted(enshi, assessment="", assessed_on=None)


def test_a_base_entry_of_xianyang_has_to_be_unconditional(enshi: Place, xianyang: Place) -> None:
    """Xianyang art. 9; the national procedure, which Enshi runs, does not ask for it."""
    case, _resource = submitted(enshi, directory=Directory.BASE)
    assert case.state == "own_head"
    with pytest.raises(DoorClosed):
        submitted(xianyang, directory=Directory.BASE)
    case, _resource = submitted(xianyang, directory=Directory.BASE, sharing_class=SharingClass.UNCONDITIONAL)
    assert case.state == "own_head"
