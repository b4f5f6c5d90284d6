"""A draft of one house is read by that house and by auditors: on the page, over the API, in the file, by no notice."""

from __future__ import annotations

import json
import re

import pytest
from django.utils import timezone

from cases import documents, wording
from cases.models import Case, CaseEvent, Notification
from organizations.actors import Actor
from tests.cast import Place, signed_in_client, token_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db

DRAFT = "拟同意，请领导审定"
DECISION = "同意共享，限于申请用途"


@pytest.fixture
def drafted(enshi: Place) -> Case:
    """A request whose answer the provider's handler has drafted, with one column to be masked."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion=DRAFT, masked_items=["name"])
    case.refresh_from_db()
    return case


def read_by(actor: Actor, case: Case) -> dict[str, str]:
    """All that the page, the API and the case file tell the actor, as texts."""
    path = f"/cases/{case.number}/"
    return {
        "page": signed_in_client(actor).get(path).content.decode(),
        "api": json.dumps(token_client(actor).get(f"/api/v1{path}").json(), ensure_ascii=False),
        "file": json.dumps(documents.content_of(case, actor, timezone.now()), ensure_ascii=False),
    }


@pytest.mark.parametrize("role", ["applicant_handler", "applicant_leader"])
def test_the_other_side_reads_nothing_of_the_draft(enshi: Place, drafted: Case, role: str) -> None:
    """Neither the words nor what is proposed nor which columns would be masked; that an answer was drafted it sees."""
    told = read_by(enshi.actors[role], drafted)
    for where, text in told.items():
        assert DRAFT not in text, where
        assert "拟稿送签" in text, where
        assert where == "api" or not re.search("拟同意|脱敏", text), where
    assert "本单位内部" in told["page"]
    event = json.loads(told["api"])["events"][-1]
    assert (event["action"], event["opinion"], event["inputs"]) == ("propose", "", {})
    sentences = [wording.sentence(notice) for notice in Notification.objects.filter(user=enshi.actors[role].user)]
    assert not any(DRAFT in sentence for sentence in sentences)


@pytest.mark.parametrize("role", ["provider_handler", "provider_leader", "auditor"])
def test_the_house_and_the_auditors_read_it(enshi: Place, drafted: Case, role: str) -> None:
    for where, text in read_by(enshi.actors[role], drafted).items():
        assert DRAFT in text, where


def test_the_decision_is_for_everybody_and_the_draft_stays_in_the_house(enshi: Place, drafted: Case) -> None:
    act(enshi.provider_leader, drafted, "consent", opinion=DECISION)
    drafted.refresh_from_db()
    for where, text in read_by(enshi.applicant_handler, drafted).items():
        assert DECISION in text, where
        assert DRAFT not in text, where
        assert where == "api" or "脱敏" in text, where


def test_after_a_merger_the_successor_reads_what_the_house_drafted(enshi: Place, drafted: Case) -> None:
    enshi.provider.merged_into = enshi.outside
    enshi.provider.save(update_fields=["merged_into"])
    event = CaseEvent.objects.get(case=drafted, action="propose")
    matter = documents.load(drafted)
    [shown] = [e for e in matter.events if e.pk == event.pk]
    assert documents.withheld(matter, shown, enshi.outsider) == ""
    assert documents.withheld(matter, shown, enshi.applicant_handler) == "internal"
