"""Who sees a case from when: what has not left its opener's house is that house's alone (decision 0006)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases import selectors
from cases.models import Attachment, Case, Notification
from cases.services import store_attachment
from organizations.actors import Actor
from organizations.errors import NotKnown
from sharing import selectors as sharing
from sharing.services import objections
from tests.cast import Place, signed_in_client, token_client
from tests.journey import PDF
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
SCENARIO = "低保核对专用场景九"


@pytest.fixture
def paper(enshi: Place) -> Attachment:
    upload = SimpleUploadedFile("内部批文.pdf", PDF)
    return store_attachment(enshi.applicant_handler, name="内部批文.pdf", stream=upload.file, size=upload.size)


@pytest.fixture
def unsent(enshi: Place, paper: Attachment) -> Case:
    """A request that waits for the applicant's own leader."""
    return filed(enshi, published_resource(enshi), scenario=SCENARIO, attachments=[paper.pk])


def strangers(place: Place) -> list[Actor]:
    """The provider's people, the organs, and an outsider."""
    names = (
        "provider_handler",
        "provider_leader",
        "provider_steward",
        "bureau_reviewer",
        "bureau_approver",
        "coordinator",
        "arbiter",
        "outsider",
    )
    return [place.actors[name] for name in names]


def test_a_request_in_its_own_house_is_seen_by_that_house_and_the_auditor(enshi: Place, unsent: Case) -> None:
    for own in (enshi.applicant_handler, enshi.applicant_leader, enshi.auditor):
        assert selectors.can_see(own, unsent)
    for stranger in strangers(enshi):
        assert not selectors.can_see(stranger, unsent), stranger.kind


def test_nobody_else_meets_it_on_pages_in_lists_in_the_search_or_over_the_api(enshi: Place, unsent: Case) -> None:
    for stranger in (enshi.provider_handler, enshi.provider_leader, enshi.outsider):
        browser, api = signed_in_client(stranger), token_client(stranger)
        for address in (f"/cases/{unsent.number}/", f"/api/v1/cases/{unsent.number}/"):
            assert (browser if "api" not in address else api).get(address).status_code == 404
        for address in ("/", "/cases/?box=all", "/sharing/requests/", f"/search/?q={unsent.number}"):
            answer = browser.get(address)
            assert answer.status_code == 200, address
            assert f"/cases/{unsent.number}/" not in answer.content.decode(), address
        assert api.get("/api/v1/cases/?box=all").json()["results"] == []


def test_the_resource_page_does_not_say_that_somebody_is_about_to_ask(enshi: Place, unsent: Case) -> None:
    resource = unsent.share_request.resource
    answer = signed_in_client(enshi.provider_handler).get(f"/catalog/{resource.pk}/")
    page = answer.content.decode()
    assert unsent.number not in page
    assert str(enshi.applicant) not in page
    assert not sharing.requested(enshi.provider_handler, [resource.pk])


def test_its_files_and_notices_stay_in_the_house(enshi: Place, unsent: Case, paper: Attachment) -> None:
    for stranger in strangers(enshi):
        with pytest.raises(NotKnown):
            selectors.attachment_for(stranger, paper.pk)
        assert not Notification.objects.filter(user=stranger.user, case=unsent).exists()


def test_a_request_withdrawn_before_it_left_stays_unseen(enshi: Place, unsent: Case) -> None:
    act(enshi.applicant_leader, unsent, "return_draft", reason="依据不足")
    act(enshi.applicant_handler, unsent, "withdraw", reason="不再需要")
    for stranger in strangers(enshi):
        assert not selectors.can_see(stranger, unsent)
        assert not Notification.objects.filter(user=stranger.user, case=unsent).exists()


def test_the_provider_sees_it_from_the_leaders_agreement_and_the_organs_once_awaited(
    enshi: Place, unsent: Case, paper: Attachment
) -> None:
    act(enshi.applicant_leader, unsent, "endorse")
    for party in (enshi.provider_handler, enshi.provider_leader):
        assert selectors.can_see(party, unsent)
        assert selectors.attachment_for(party, paper.pk) == paper
    assert not selectors.can_see(enshi.bureau_approver, unsent)
    act(enshi.provider_handler, unsent, "ask_extension", reason="数据量大", days=3)
    assert selectors.can_see(enshi.bureau_approver, unsent)
    assert not selectors.can_see(enshi.outsider, unsent)


def test_what_was_seen_stays_seen_after_it_went_back(enshi: Place, unsent: Case) -> None:
    act(enshi.applicant_leader, unsent, "endorse")
    act(enshi.applicant_handler, unsent, "withdraw", reason="不再需要")
    assert selectors.can_see(enshi.provider_handler, unsent)


def test_a_matter_that_begins_outside_the_openers_house_is_seen_by_every_party_at_once(xianyang: Place) -> None:
    """An objection goes to the bureau first; the provider whose data it is about is a party and sees it."""
    case = objections.file_objection(
        xianyang.applicant_handler, resource=published_resource(xianyang), description="名称有误"
    )
    assert selectors.can_see(xianyang.bureau_reviewer, case)
    assert selectors.can_see(xianyang.provider_handler, case)
    assert not selectors.can_see(xianyang.outsider, case)
