"""Drafting a plan: what is wrong in itself is refused by field, what is missing may wait until it is filed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from projects import services
from projects.models import Project, YearlyInvestment
from projects.selectors import draft_for, drafts
from tests.cast import Place
from tests.projects.scene import PROMISE, drafted, filed, organ, plan, system

pytestmark = pytest.mark.django_db


def test_a_draft_may_have_gaps_and_is_its_organizations_own(enshi: Place) -> None:
    draft = services.save_draft(enshi.applicant_handler, plan=services.Plan(name="尚无预算"))
    assert list(drafts(enshi.applicant_handler)) == [draft]
    assert not drafts(enshi.provider_handler)
    with pytest.raises(NotKnown):
        draft_for(enshi.provider_handler, draft.pk)
    with pytest.raises(NotPermitted):
        services.save_draft(enshi.auditor, plan=services.Plan(name="无权起草"))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("years", {"years": {2026: Decimal("500000"), 2027: Decimal("359999.99")}}),
        ("years", {"years": {26: Decimal("860000")}}),
        ("total", {"total": Decimal("-1"), "years": {}}),
        ("total", {"total": Decimal("860000.001"), "years": {}}),
        ("classified", {"classified": True}),
        ("kind", {"kind": "miracle"}),
        ("name", {"name": " "}),
        ("systems", {"systems": [987654]}),
        ("co_builders", {"co_builders": [987654]}),
        ("papers", {"papers": [services.Paper("design", 987654)]}),
        ("promises", {"promises": [PROMISE, PROMISE]}),
    ],
)
def test_what_is_wrong_in_itself_is_named_by_field(enshi: Place, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        drafted(enshi, **changes)
    assert list(refused.value.fields) == [field]
    assert not Project.objects.exists()


def test_two_projects_of_one_owner_do_not_share_a_name(enshi: Place) -> None:
    drafted(enshi)
    with pytest.raises(BadInput) as refused:
        drafted(enshi)
    assert list(refused.value.fields) == ["name"]


def test_the_owner_itself_is_no_co_builder(enshi: Place) -> None:
    with pytest.raises(BadInput) as refused:
        drafted(enshi, co_builders=[enshi.applicant.pk])
    assert list(refused.value.fields) == ["co_builders"]
    assert set(drafted(enshi, co_builders=[enshi.provider.pk]).co_builders.all()) == {enshi.provider}


def test_a_stale_copy_does_not_overwrite_a_newer_one(enshi: Place) -> None:
    draft = drafted(enshi)
    services.save_draft(enshi.applicant_handler, plan=plan(enshi, goals="改"), draft=draft, version=1)
    with pytest.raises(Conflict):
        services.save_draft(enshi.applicant_handler, plan=plan(enshi), draft=draft, version=1)
    draft.refresh_from_db()
    assert draft.goals == "改"


def test_a_promise_keeps_its_row_when_the_plan_is_saved_again(enshi: Place) -> None:
    """What refers to a promise, as an acceptance does, goes on referring to it."""
    draft = drafted(enshi)
    kept = draft.promises.get().pk
    again = plan(enshi, systems=[system(enshi, "另一系统").pk])
    services.save_draft(enshi.applicant_handler, plan=again, draft=draft, version=1)
    assert draft.promises.get().pk == kept


def test_the_database_knows_no_negative_amount_and_no_project_with_secrets(enshi: Place) -> None:
    draft = drafted(enshi)
    for changes in ({"total": Decimal("-1")}, {"classified": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=draft.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyInvestment.objects.create(project=draft, year=2026, amount=1)


def test_a_draft_is_thrown_away_a_filed_project_is_not(enshi: Place) -> None:
    draft = drafted(enshi)
    services.discard_draft(enshi.applicant_handler, draft=draft)
    assert not Project.objects.exists()
    organ(enshi, "development")
    kept = filed(enshi)
    with pytest.raises(Conflict):
        services.discard_draft(enshi.applicant_handler, draft=kept)
