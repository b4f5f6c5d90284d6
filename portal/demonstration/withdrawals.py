"""Entries on their way out of the catalogue, one in each state; the last is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cases import services as cases
from cases.models import Case
from catalog.models import Directory, Resource
from catalog.services import propose_withdrawal, withdrawals
from organizations.models import Position
from portal.demonstration.material import DEPARTMENTS, VILLAGE_TITLE
from portal.demonstration.people import Place
from portal.demonstration.stories import STEP, in_office_hours
from statutes.selectors import compiled, current

REASON = "业务系统整合，数据改由新系统统一提供"
STATED = {
    "reason": REASON,
    "stop_basis": "机构职能调整方案",
    "remedy": "停止后可在新资源目录中申请同类数据",
}
STEPS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("leader", "sign_off"),),
    (("leader", "sign_off"), ("handler", "file")),
    (("leader", "sign_off"), ("handler", "file"), ("reviewer", "record")),
    (("leader", "sign_off"), ("handler", "drop")),
    (("leader", "sign_off"), ("handler", "file"), ("reviewer", "record")),
)
"""What is done in each story after it was proposed; the day of the last one has come."""
ASKED = 1
"""The story whose entry others use, so that they are being asked."""


def tell(place: Place, resources: dict[str, Resource]) -> None:
    """Propose withdrawals of entries without requests, and of one that is used, and take each so far."""
    plain = [r for r in resources.values() if r.status == "published" and r.directory == Directory.DEPARTMENTAL]
    free = [r for r in plain if r.title != VILLAGE_TITLE and not _concerned(r)]
    unused = [r for r in free if not r.share_requests.exists()]
    used = [r for r in free if r.grants.filter(status="active").exists()]
    for number, steps in enumerate(STEPS):
        resource = used[0] if number == ASKED and used else unused[-1 - number]
        _one(place, resource, steps, gone=number == len(STEPS) - 1)


def _concerned(resource: Resource) -> bool:
    return resource.revisions.filter(case__closed_at__isnull=True).exists()


def _one(place: Place, resource: Resource, steps: tuple[tuple[str, str], ...], *, gone: bool) -> None:
    key = next(d.key for d in DEPARTMENTS if place.organizations[d.key].pk == resource.provider_id)
    age = timedelta(weeks=4) if gone else timedelta(days=3)
    at = in_office_hours(timezone.now() - age)
    last_day = timezone.localdate() - timedelta(days=5) if gone else timezone.localdate() + timedelta(weeks=6)
    given = {**STATED, "ends_on": last_day.isoformat()}
    case = propose_withdrawal(
        place.actor(key, Position.Kind.DATA_STEWARD), resource=resource, given=_asked(place, given), at=at
    )
    for who, action in steps:
        at = min(in_office_hours(at + STEP), timezone.now())
        actor = place.actors["reviewer"] if who == "reviewer" else place.actor(key, who)
        _take(case, actor, action, given, at)


def _asked(place: Place, given: dict[str, Any]) -> dict[str, Any]:
    """As much of it as the law of the place asks for."""
    law = compiled(current(place.jurisdiction.pack))
    opening = law.procedure(withdrawals.PROCEDURE, timezone.localdate()).opening_action("hand")
    return {name: value for name, value in given.items() if name in opening.inputs}


def _take(case: Case, actor: Any, action: str, given: dict[str, Any], at: Any) -> None:
    case.refresh_from_db()
    inputs = cases.load(case).procedure.actions[action].inputs
    said = {"opinion": "已与使用单位协商一致", "reason": "暂缓整合，继续提供", "ends_on": given["ends_on"]}
    stated = {name: said[name] for name in inputs if name in said}
    cases.act(actor, case.pk, action, version=case.seq, given=stated, at=max(at, case.last_at))
