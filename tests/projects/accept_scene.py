"""A project that is being built, its promised data in the catalogue, and its acceptance step by step."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cases import services as cases
from cases.models import Attachment, Case
from catalog import services as catalog
from catalog.models import Resource, SharingMethod
from datasets.models import Dataset
from organizations.actors import Actor
from organizations.models import Position
from projects.models import Acceptance, Project, ProjectDocument
from projects.services import acceptance
from tests.cast import Place, place_of
from tests.projects.scene import SYSTEM, filed, organ
from tests.scenes import act, category, store_law

KINDS = Position.Kind
CITIES = ("enshi", "xianyang", "jiaocheng", "panjin")
FILE = b"%PDF-1.4 paper"


def city(name: str) -> Place:
    """A place with everybody whom the acceptance of a project needs."""
    store_law()
    place = place_of(name)
    (place.actors["finance"],) = organ(place, "finance")
    if name == "enshi":
        (place.actors["development"],) = organ(place, "development")
    if name == "xianyang":
        found = organ(place, "it_office", KINDS.REVIEWER, KINDS.APPROVER)
        place.actors["it_reviewer"], place.actors["it_approver"] = found
    return place


def building(place: Place, **changes: Any) -> Project:
    """A filed project whose life stands where contracts on the works leave it."""
    project = filed(place, **changes)
    Case.objects.filter(pk=project.case_id).update(state="building")
    project.refresh_from_db()
    return project


def entry(place: Place, title: str = "村级便民服务事项", **changes: Any) -> Resource:
    """An entry of the applicant's in the catalogue, published, without data."""
    values: dict[str, Any] = {
        "title": title,
        "summary": "村级便民服务事项清单",
        "category": category(place),
        "sharing_class": "unconditional",
        "update_cycle": "daily",
        "items": (catalog.Field("code", "编码", required=True, is_key=True, length=12),),
        "sharing_methods": [SharingMethod.API],
        "formats": ["database"],
        **changes,
    }
    resource = catalog.register_resource(SYSTEM, provider=place.applicant, entry=catalog.Entry(**values))
    Resource.objects.filter(pk=resource.pk).update(status=Resource.Status.PUBLISHED, published_at=timezone.now())
    resource.refresh_from_db()
    return resource


def fill(resource: Resource, at: datetime | None = None) -> None:
    """Rows behind an entry, loaded at a moment (now)."""
    Dataset.objects.update_or_create(
        resource=resource, defaults={"table": "t", "row_count": 3, "status": Dataset.Status.READY}
    )
    Resource.objects.filter(pk=resource.pk).update(data_updated_at=at or timezone.now())


def keep_promise(place: Place, project: Project) -> Resource:
    """The one thing that the plan promised: in the catalogue, named, with data of now."""
    resource = entry(place)
    fill(resource)
    acceptance.link_promise(place.applicant_handler, promise=project.promises.get(), resource=resource)
    return resource


def attachment(actor: Actor) -> Attachment:
    return cases.store_attachment(actor, name="a.pdf", stream=io.BytesIO(FILE), size=len(FILE))


def hand_in(place: Place, case: Case, *kinds: str) -> None:
    """Papers of an acceptance, by the owner's handler."""
    row = Acceptance.objects.select_related("project").get(case=case)
    row.case.refresh_from_db()
    handler = place.applicant_handler
    for kind in kinds or [str(kind) for kind in acceptance.PAPER_KINDS if kind != ProjectDocument.Kind.OTHER]:
        acceptance.add_paper(handler, acceptance=row, kind=kind, attachment=attachment(handler))


def begun(place: Place, project: Project, **given: Any) -> Case:
    """An acceptance that has begun; in the city of trial runs, on the day on which the system was built."""
    if place.jurisdiction.pk == "xianyang":
        given.setdefault("built_on", timezone.localdate().isoformat())
    return acceptance.begin_acceptance(place.applicant_handler, project=project, given=given)


LAST: dict[str, tuple[str, str]] = {
    "enshi": ("applicant_leader", "accept"),
    "xianyang": ("it_approver", "accept"),
    "jiaocheng": ("applicant_leader", "finish"),
    "panjin": ("bureau_approver", "pass_final"),
}
"""By whom, and by which act, a project is accepted in each city."""


def to_the_door(place: Place, case: Case, now: Any) -> None:
    """Everything before the act that accepts; in the city of trial runs three months go by."""
    if place.jurisdiction.pk == "xianyang":
        now.shift(timedelta(days=95))
        cases.sweep()
        hand_in(place, case)
        act(place.applicant_handler, case, "apply")
        paper = attachment(place.it_reviewer).pk
        act(place.it_reviewer, case, "evaluate_security", security="passed", papers=[paper])
        return
    hand_in(place, case)
    if place.jurisdiction.pk == "panjin":
        act(place.applicant_leader, case, "pass_initial", opinion="初验合格")
        act(place.applicant_handler, case, "apply_final")


def pass_door(place: Place, case: Case) -> Any:
    """The act that accepts."""
    who, action = LAST[place.jurisdiction.pk]
    more = {"finished_on": timezone.localdate().isoformat()} if action == "finish" else {}
    return act(place.actors[who], case, action, opinion="验收合格", **more)


def accepted(place: Place, now: Any, **changes: Any) -> Project:
    """A project that was accepted and whose life has heard of it."""
    project = building(place, **changes)
    resource = keep_promise(place, project)
    case = begun(place, project)
    to_the_door(place, case, now)
    fill(resource)
    pass_door(place, case)
    cases.sweep()
    project.refresh_from_db()
    return project
