"""What awaits an organization that is merged meanwhile awaits its successor, and nobody has to act for that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from cases import assigning, owing, selectors, services
from cases.models import Assignment, AwaitedHand, Case, Clock, UrgingTask
from cases.services.assigning import assign
from organizations.actors import Actor
from organizations.models import Organization, Position
from organizations.services import merge_organization
from tests.cast import SYSTEM, Place, new_actor, new_organization
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(enshi: Place) -> Case:
    """A request that the provider's handlers have to answer."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    return case


@pytest.fixture
def successor(enshi: Place) -> Actor:
    """A handler of the organization that the provider will go into."""
    organization = new_organization(enshi.jurisdiction, "统计和调查局")
    return new_actor(organization, Position.Kind.HANDLER, "enshi.successor", "周新")


def merge(organization: Organization, into: Organization) -> None:
    merge_organization(SYSTEM, organization.pk, into_id=into.pk, on=timezone.localdate())


def test_the_successors_to_do_has_it_once_the_merger_is_committed(
    enshi: Place, owed: Case, successor: Actor, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert not selectors.todo(successor).exists()
    with django_capture_on_commit_callbacks(execute=True):
        merge(enshi.provider, successor.position.organization)
    assert list(selectors.todo(successor)) == [owed]
    assert not selectors.todo(enshi.provider_handler).exists()
    assert list(assigning.hands_here(successor, owed))
    assert owing.owed(successor, timezone.now()).filter(case=owed).exists()
    act(successor, owed, "propose", proposal="consent", opinion="拟同意")


def test_the_sweep_passes_on_what_was_written_while_the_merger_ran(enshi: Place, owed: Case, successor: Actor) -> None:
    merge(enshi.provider, successor.position.organization)
    assert AwaitedHand.objects.get(case=owed).organization == enshi.provider
    services.sweep()
    assert list(selectors.todo(successor)) == [owed]


def test_a_successor_that_is_merged_in_turn_passes_everything_on(enshi: Place, owed: Case, successor: Actor) -> None:
    middle = new_organization(enshi.jurisdiction, "数据局")
    merge(enshi.provider, middle)
    merge(middle, successor.position.organization)
    services.inherit()
    assert list(selectors.todo(successor)) == [owed]
    enshi.provider.refresh_from_db()
    assert enshi.provider.merged_into == successor.position.organization


def test_who_was_named_to_handle_it_before_is_so_no_longer(enshi: Place, owed: Case, successor: Actor) -> None:
    assign(enshi.provider_leader, number=owed.number, assignee_id=enshi.provider_handler.user.pk)
    merge(enshi.provider, successor.position.organization)
    services.inherit()
    assert Assignment.objects.get().ended_at is not None
    assign(successor, number=owed.number, assignee_id=successor.user.pk)


def test_what_an_organ_had_to_urge_its_successor_urges(enshi: Place, owed: Case) -> None:
    clock = Clock.objects.filter(case=owed, due_at__isnull=False).order_by("due_at").first()
    assert clock is not None
    organ = new_organization(enshi.jurisdiction, "督查室")
    UrgingTask.objects.create(case=owed, clock=clock, organization=organ, opened_at=timezone.now() - timedelta(hours=1))
    into = new_organization(enshi.jurisdiction, "政务督查室")
    merge(organ, into)
    services.inherit()
    reviewer = new_actor(into, Position.Kind.REVIEWER, "enshi.urger", "督察员")
    assert list(selectors.todo(reviewer)) == [owed]
