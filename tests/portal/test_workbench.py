"""The workbench: its figures can be read without contradicting each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Clock
from portal.workbench import Kept
from tests.cast import Place, signed_in_client
from tests.scenes import act, filed, published_resource


@pytest.fixture
def answered_and_awaited(enshi: Place) -> Place:
    """One request that the provider answered in time, one that it owes since yesterday."""
    resource = published_resource(enshi)
    for key in ("answered", "awaited"):
        act(enshi.applicant_leader, filed(enshi, resource, key=key), "endorse")
    owed = list(Clock.objects.filter(status=Clock.Status.OPEN, duty="provider").order_by("pk"))
    now = timezone.now()
    Clock.objects.filter(pk=owed[0].pk).update(status=Clock.Status.MET, ended_at=now)
    Clock.objects.filter(pk=owed[1].pk).update(due_at=now - timedelta(days=1))
    return enshi


def test_what_ended_this_month_is_told_apart_from_what_runs_and_from_what_is_overdue_now(
    answered_and_awaited: Place,
) -> None:
    place = answered_and_awaited
    answer = signed_in_client(place.provider_leader).get("/")
    assert answer.context["limits"] == Kept(met=1, late=0, running=0, overdue=1)
    page = answer.content.decode()
    for words in ("本单位本月办结时限", "其中按时 1 件，超期办结 0 件", "目前超期 1 件", "在办未到期"):
        assert words in page
    assert "100" not in page.split("本单位本月办结时限")[1].split("</a>")[0].split("</div>")[0]
