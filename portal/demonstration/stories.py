"""Cases of one place in every state: some answered, some waiting, some due soon, some overdue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cases import services as cases
from cases.engine import Matter
from cases.models import Case
from catalog.models import Directory, Resource, Revision, SharingClass, SharingMethod
from catalog.services import entry_of, revisions
from organizations.actors import Actor
from organizations.errors import Refused
from organizations.models import Position
from portal.demonstration.material import DEPARTMENTS, VILLAGE_TITLE
from portal.demonstration.people import Place
from sharing.services import objections, requests
from sharing.services.requests import Wish
from statutes.definitions import Action, ClockIs, Procedure
from statutes.selectors import compiled, current

OPENS, CLOSES = 9, 17
HANDLER, LEADER = Position.Kind.HANDLER, Position.Kind.LEADER
AGES = (1, 2, 4, 5, 6, 8, 9, 11, 13, 16, 20, 26, 33, 41)
REACHED_OVER = (3, 4, 5, 7, 9)
STEP = timedelta(hours=5)
MOST_STEPS = 14
GIVEN: dict[str, Any] = {
    "reason": "所申请范围超出职能需要，请调整后再申请",
    "opinion": "情况属实，符合条件",
    "missing": "请补充使用依据文件",
    "proposal": "consent",
    "days": 5,
}


def in_office_hours(at: datetime) -> datetime:
    """The same moment if offices are open then, else when they open next on that day or the one after."""
    local = timezone.localtime(at)
    if local.hour < OPENS:
        local = local.replace(hour=OPENS, minute=local.minute // 2)
    elif local.hour >= CLOSES:
        local = (local + timedelta(hours=24 - CLOSES + OPENS)).replace(minute=local.minute // 2)
        local = local.replace(hour=OPENS + local.day % 3)
    return local


def tell(place: Place, resources: dict[str, Resource]) -> None:
    """File requests between departments over the last weeks and take each some steps along, differently far."""
    askable = [r for r in resources.values() if r.status == "published" and r.sharing_class != SharingClass.WITHHELD]
    keys = [department.key for department in DEPARTMENTS]
    for number, age in enumerate(AGES):
        resource = resources[VILLAGE_TITLE] if number == 0 else place.rng.choice(askable)
        provider = next(key for key in keys if place.organizations[key].pk == resource.provider_id)
        applicant = place.rng.choice([key for key in keys if key not in (provider, "civil", "weather")])
        begin = in_office_hours(timezone.now() - timedelta(hours=24 * age + number))
        case = _file(place, applicant, resource, begin)
        if case is not None:
            walk(place, case, begin + STEP, place.rng.randint(1, MOST_STEPS))
    _every_state(place, askable)
    _own_stories(place, resources)
    _objections(place, resources)
    _revisions(place, resources)


def _wish(place: Place, applicant: str, resource: Resource) -> Wish:
    function = place.organizations[applicant].functions.first()
    codes = [item.code for item in resource.items.all()]
    return Wish(
        basis=function.basis,
        scenario=f"{function.title}中核对{resource.title}",
        scope="本辖区，限经办岗位使用",
        items=codes[: place.rng.randint(2, len(codes))],
        methods=[SharingMethod.API, SharingMethod.DOWNLOAD],
        valid_until=timezone.localdate() + timedelta(weeks=40),
        function=function.pk,
    )


def _file(place: Place, applicant: str, resource: Resource, at: datetime) -> Case | None:
    handler = place.actor(applicant, HANDLER)
    draft = requests.save_draft(handler, resource=resource, wish=_wish(place, applicant, resource))
    try:
        return requests.file_request(handler, draft=draft, at=at)
    except Refused:
        requests.discard_draft(handler, draft=draft)
        return None


def _every_state(place: Place, askable: list[Resource]) -> None:
    """One request in each state of the procedure, as far as its actions lead there."""
    conditional = [r for r in askable if r.sharing_class == SharingClass.CONDITIONAL and r.data_updated_at is None]
    procedure = compiled(current(place.jurisdiction.pack)).procedure(requests.PROCEDURE, timezone.localdate())
    keys = [department.key for department in DEPARTMENTS if department.key not in ("civil", "weather")]
    for number, state in enumerate(procedure.states):
        resource = conditional[number % len(conditional)]
        others = [key for key in keys if place.organizations[key].pk != resource.provider_id]
        begin = in_office_hours(timezone.now() - timedelta(hours=24 * REACHED_OVER[number % len(REACHED_OVER)]))
        case = _file(place, others[number % len(others)], resource, begin)
        if case is not None:
            _reach(place, case, state, begin)


def _reach(place: Place, case: Case, target: str, at: datetime) -> None:
    """Take the shortest way of actions from where the case stands to a state."""
    procedure = cases.load(case).procedure
    for action in way_to(procedure, case.state, target):
        at = min(in_office_hours(at + STEP), timezone.now())
        before = case.state
        for actor in place.actors.values():
            case.refresh_from_db()
            if case.state != before or case.closed_at is not None:
                break
            try:
                given = given_for(cases.load(case), action)
                cases.act(actor, case.pk, action.id, version=case.seq, given=given, at=max(at, case.last_at))
            except Refused:
                continue
        case.refresh_from_db()


def given_for(matter: Matter, action: Action) -> dict[str, Any]:
    """What is filled in: the demonstration's words, and the boxes as they are ticked beforehand."""
    definitions = {name: matter.compiled.input(matter.procedure, name) for name in action.inputs}
    ticked = [choice.value for choice in matter.choices() if choice.ticked]
    boxes = {name: ticked for name, definition in definitions.items() if definition.type == "items"}
    return boxes | {name: GIVEN[name] for name in action.inputs if name in GIVEN}


def way_to(procedure: Procedure, start: str, target: str) -> list[Action]:
    """The fewest actions by hand that lead from one state to another, without waiting for a clock; empty if none do."""
    ways: dict[str, list[Action]] = {start: []}
    waiting = [start]
    for state in waiting:
        for action in procedure.actions_from(state):
            exits = [exit_.to for exit_ in procedure.states[state].next]
            for to in [option.value for option in action.to] or exits:
                if action.by and to not in ways and not any(map(_late_only, action.when)):
                    ways[to] = [*ways[state], action]
                    waiting.append(to)
    return ways.get(target, [])


def _late_only(cond: object) -> bool:
    """Whether a condition waits for a clock to have run out."""
    return isinstance(cond, ClockIs) and cond.status != "running"


def _own_stories(place: Place, resources: dict[str, Resource]) -> None:
    """What the accounts of the journey find on their first day: a draft, a request to endorse, one to answer."""
    now = timezone.now()
    handler, leader = place.actors["applicant"], place.actors["applicant_leader"]
    conditional = [
        r
        for r in resources.values()
        if r.sharing_class == SharingClass.CONDITIONAL
        and r.status == "published"
        and r.provider == place.organizations["statistics"]
        and r.title != VILLAGE_TITLE
    ]
    others = [r for r in resources.values() if r.sharing_class == SharingClass.CONDITIONAL and r.status == "published"]
    ages = (2, 6, 9, 20)
    pool = [
        *conditional,
        *[r for r in others if r.provider != place.organizations["civil"] and r.title != VILLAGE_TITLE],
    ]
    for age, resource in zip(ages, pool, strict=False):
        begin = in_office_hours(now - timedelta(hours=24 * age))
        case = _file(place, "civil", resource, begin)
        if case is not None and age > ages[0]:
            cases.act(
                leader,
                case.pk,
                "endorse",
                version=case.seq,
                opinion="符合我局职责，同意申请",
                at=in_office_hours(begin + STEP),
            )
    requests.save_draft(handler, resource=pool[-1], wish=Wish(scenario="社会救助家庭经济状况核对"))


def _objections(place: Place, resources: dict[str, Resource]) -> None:
    pool = [r for r in resources.values() if r.status == "published"][:40]
    for age in (1, 3, 7, 12):
        resource = place.rng.choice([r for r in pool if r.provider != place.organizations["civil"]])
        begin = in_office_hours(timezone.now() - timedelta(hours=24 * age))
        case = objections.file_objection(
            place.actors["applicant"],
            resource=resource,
            description="抽查发现同一编号对应两个名称",
            items=[resource.items.first().code],
            record_key="000017",
            suggested="以业务系统登记为准",
            at=begin,
        )
        walk(place, case, begin + STEP, place.rng.randint(0, 3))


def _revisions(place: Place, resources: dict[str, Resource]) -> None:
    """One change of a published entry in each state of its procedure, as far as its actions lead there."""
    procedure = compiled(current(place.jurisdiction.pack)).procedure(revisions.PROCEDURE, timezone.localdate())
    plain = [r for r in resources.values() if r.status == "published" and r.directory == Directory.DEPARTMENTAL]
    pool = [r for r in plain if r.title != VILLAGE_TITLE][:: max(1, len(plain) // (len(procedure.states) + 1))]
    keys = {place.organizations[department.key].pk: department.key for department in DEPARTMENTS}
    for number, (state, resource) in enumerate(zip(procedure.states, pool, strict=False)):
        begin = in_office_hours(timezone.now() - timedelta(hours=24 * REACHED_OVER[number % len(REACHED_OVER)]))
        case = revisions.propose_revision(
            place.actor(keys[resource.provider_id], Position.Kind.DATA_STEWARD),
            resource=resource,
            entry=replace(entry_of(resource), summary=f"{resource.summary}，按调整后的职责更新"),
            cause=Revision.Cause.FUNCTION,
            changed_on=timezone.localdate(begin) - timedelta(weeks=1),
            reason="机构改革后职责调整",
            at=begin,
        )
        _reach(place, case, state, begin)


def walk(place: Place, case: Case, at: datetime, steps: int) -> None:
    """Let whoever is awaited take a step, some steps long or until the present is reached."""
    for _step in range(steps):
        at = in_office_hours(at + STEP * place.rng.randint(1, 4))
        if at > timezone.now() or not _one_step(place, case, at):
            return


def _one_step(place: Place, case: Case, at: datetime) -> bool:
    """One action by somebody who is awaited; False when nobody can."""
    cases.settle_case(case.pk, at)
    case.refresh_from_db()
    if case.closed_at is not None or at < case.last_at:
        return False
    for actor, action, given in _possible(place, case):
        try:
            cases.act(actor, case.pk, action, version=case.seq, given=given, at=at)
        except Refused:
            continue
        return True
    return False


def _possible(place: Place, case: Case) -> Iterator[tuple[Actor, str, dict[str, Any]]]:
    """Actions of the awaited hands, in a seeded order that prefers going on over going back."""
    matter = cases.load(case)
    hands = {(row.organization_id, row.position) for row in case.awaited.all()}
    actors = [a for a in place.actors.values() if a.organization and (a.organization.pk, a.kind) in hands]
    actions = [a for a in matter.procedure.actions_from(case.state) if a.by and "*" not in a.sources]
    place.rng.shuffle(actions)
    actions.sort(key=lambda action: action.kind != "decide" and place.rng.random() < 0.7)
    for action in actions:
        given = given_for(matter, action)
        for actor in actors:
            yield actor, action.id, given
