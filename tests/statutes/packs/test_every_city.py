"""Whatever a city's own instruments are about, every matter of the portal can be opened under its law."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cases.models import Case
from catalog.models import Resource
from catalog.services import entry_of, propose_revision, propose_withdrawal, submit_for_publication
from organizations import services as organizations
from organizations.actors import SystemActor
from sharing.services import objections
from statutes.definitions import Procedure
from statutes.loader import join, load_library
from statutes.validation import check_library
from tests.cast import PLACES, Place, place_of
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
PACKS = sorted(path.name for path in (settings.ROOT / "statutes" / "packs").iterdir() if (path / "pack.toml").exists())
FAMILIES = {
    "share_request", "correction", "catalog_publication", "catalog_update", "resource_withdrawal", "withdrawal_opinion",
}  # fmt: skip


@pytest.fixture(params=PACKS)
def place(request: pytest.FixtureRequest, law: None, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A jurisdiction under the pack, with every organ role of the pack held by somebody."""
    pack = request.param
    monkeypatch.setitem(PLACES, pack, PLACES.get(pack, ("某测试地", "Somewhere (test)", "990200")))
    found = place_of(pack)
    held = {"bureau", "coordinator", "arbiter"}
    library = load_library()
    for role in sorted(set(join(library.chain(pack)).organs()) - held):
        organizations.assign_organ_role(
            SystemActor("test"), jurisdiction=found.jurisdiction, organization=found.outside, role=role
        )
    return found


@pytest.mark.parametrize("pack", PACKS)
def test_every_familys_procedure_is_found(pack: str) -> None:
    library = load_library()
    assert not list(check_library(library))
    procedures = {p.id: p for p in join(library.chain(pack)).procedures(timezone.localdate())}
    assert {procedure.family for procedure in procedures.values()} >= FAMILIES
    assert "update" in _extensible(procedures["catalog_update"])
    share = procedures["share_request"]
    if share.clocks["reply"].duty == "provider":
        assert "reply" in _extensible(share), "the authority may give whoever answers more time (Order 809 art. 21)"


def _extensible(procedure: Procedure) -> set[str]:
    return {action.extends.clock for action in procedure.actions.values() if action.extends}


def test_every_matter_is_opened(place: Place) -> None:
    resource = published_resource(place, assessment="不涉密", assessed_on=date(2026, 1, 5))
    request = filed(place, resource)
    act(place.applicant_leader, request, "endorse")
    objections.file_objection(
        place.applicant_handler, resource=resource, description="有误", items=["name"], record_key="1", suggested=""
    )
    propose_revision(
        place.provider_steward,
        resource=resource,
        entry=replace(entry_of(resource), title="新名称"),
        cause="law",
        changed_on=timezone.localdate(),
    )
    other = published_resource(place, title="另一资源", assessment="不涉密", assessed_on=date(2026, 1, 5))
    remedy = {"remedy": "改由省平台提供"} if "remedy" in _asked(place) else {}
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    given = {"reason": "职能划转", "stop_basis": "改革方案", "ends_on": day, **remedy}
    propose_withdrawal(place.provider_steward, resource=other, given=given)
    third = published_resource(place, title="第三资源", assessment="不涉密", assessed_on=date(2026, 1, 5))
    Resource.objects.filter(pk=third.pk).update(status=Resource.Status.DRAFT, published_at=None)
    submit_for_publication(place.provider_steward, resources=[third])
    assert set(Case.objects.values_list("family", flat=True)) == FAMILIES - {"withdrawal_opinion"}


def _asked(place: Place) -> set[str]:
    """What the opening of a withdrawal asks for under the place's law."""
    law = join(load_library().chain(place.jurisdiction.pack))
    return set(law.procedure("resource_withdrawal", timezone.localdate()).opening_action("hand").inputs)
