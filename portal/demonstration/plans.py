"""Annual plans of one place: this year's issued, and next year's being gathered where its season has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from cases import services as cases
from cases.models import Case
from organizations.actors import Actor
from organizations.models import Position
from portal.demonstration.people import Place
from portal.demonstration.stories import STEP, in_office_hours
from projects.models import AnnualPlan, DepartmentPlan
from projects.services import plans

HANDLER, LEADER = Position.Kind.HANDLER, Position.Kind.LEADER
Steps = tuple[tuple[str, str, dict[str, str]], ...]

Wishes = dict[str, tuple[tuple[str, str, int, int], ...]]
WISHES: Wishes = {
    "civil": (("养老服务监管平台", "new", 1_260_000, 700_000), ("婚姻登记档案数字化", "service", 380_000, 380_000)),
    "transport": (("公路桥梁健康监测系统", "new", 2_480_000, 1_000_000),),
    "agriculture": (("高标准农田管护平台", "upgrade", 640_000, 400_000),),
    "weather": (("城市内涝预警系统", "extension", 920_000, 520_000),),
    "health": (("基层医疗协同平台", "upgrade", 1_850_000, 900_000),),
    "housing": (("危旧房屋监测平台", "new", 760_000, 760_000),),
}
"""For the plan of this year, by department: name, kind, total and investment of the year, in yuan."""
NEXT_WISHES: Wishes = {
    "civil": (("社会组织信用系统", "new", 540_000, 300_000), ("残疾人两项补贴核验", "upgrade", 260_000, 260_000)),
    "transport": (("网约车监管平台", "new", 1_380_000, 800_000),),
    "agriculture": (("动物防疫监管系统", "new", 720_000, 420_000),),
    "weather": (("农业气象服务终端", "service", 310_000, 310_000),),
}
CHECKERS = {"enshi": "development", "xianyang": "it_reviewer"}
STEPS: dict[str, Steps] = {
    "enshi": (
        ("development", "close_gathering", {}),
        ("development", "list", {"document_number": "发改投资〔{year}〕7号"}),
    ),
    "xianyang": (
        ("it_reviewer", "close_gathering", {}),
        ("it_approver", "review", {"opinion": "符合智慧城市建设规划，无重复建设"}),
        ("finance", "fund", {"opinion": "纳入年度专项资金安排"}),
        ("arbiter", "approve", {"document_number": "政函〔{year}〕11号"}),
    ),
}
"""By place, because the steps are those of its law."""
HANDED_IN, FILLED_IN = 2, 4
"""Of the departments with wishes for next year, in order: so many have handed in, so many have begun to fill it in."""
AFTER, APART = timedelta(days=10), timedelta(days=2)


def tell(place: Place) -> None:
    """Open what this year's schedules have asked for until now, and let departments answer."""
    if place.city.id not in STEPS:
        return
    cases.open_scheduled(timezone.now())
    year = timezone.localdate().year
    for plan in AnnualPlan.objects.filter(jurisdiction=place.jurisdiction, case__isnull=False).order_by("year"):
        if plan.year <= year:
            _issue(place, plan)
        else:
            _gather(place, plan)


def _issue(place: Place, plan: AnnualPlan) -> None:
    """Everybody answered, everything with wishes was taken up but for one project, and the plan was issued."""
    at = _opened(plan) + AFTER
    for part in _parts(plan):
        at = in_office_hours(at + APART)
        if not _fill_in(place, part):
            _act(_of(place, part, LEADER), part.case, "no_projects", {}, at)
            continue
        at = _hand_in(place, part, at)
        _act(place.actors[CHECKERS[place.city.id]], part.case, "include", {}, at + STEP)
    for who, action, given in STEPS[place.city.id]:
        at = in_office_hours(at + APART)
        said = {name: text.format(year=plan.year - 1) for name, text in given.items()}
        _act(place.actors[who], plan.case, action, said, at)


def _gather(place: Place, plan: AnnualPlan) -> None:
    """Some departments have handed in, some are at it, the others have not begun."""
    at = _opened(plan) + AFTER
    wishing = [part for part in _parts(plan) if _key(place, part) in NEXT_WISHES]
    for number, part in enumerate(wishing[:FILLED_IN]):
        at = in_office_hours(at + APART)
        if at + 2 * STEP > timezone.now():
            return
        _fill_in(place, part)
        if number < HANDED_IN:
            _hand_in(place, part, at)


def _opened(plan: AnnualPlan) -> datetime:
    assert plan.case is not None
    return plan.case.opened_at


def _parts(plan: AnnualPlan) -> list[DepartmentPlan]:
    """Those that are open still, in the order of the departments."""
    rows = plan.departments.filter(case__closed_at__isnull=True).select_related("organization", "case")
    return list(rows.order_by("organization__sort_key", "pk"))


def _key(place: Place, part: DepartmentPlan) -> str:
    return next(key for key, found in place.organizations.items() if found.pk == part.organization_id)


def _of(place: Place, part: DepartmentPlan, kind: str) -> Actor:
    return place.actor(_key(place, part), kind)


def _fill_in(place: Place, part: DepartmentPlan) -> bool:
    """Whether the department wishes for anything."""
    asked = WISHES if part.plan.year <= timezone.localdate().year else NEXT_WISHES
    wishes = [
        plans.Item(
            name=name,
            kind=kind,
            basis=f"{place.city.name}数字政府建设规划",
            goals="业务全程网上办理，数据按目录共享",
            total=Decimal(total),
            amount=Decimal(amount),
            service_years=6,
            build_months=18,
        )
        for name, kind, total, amount in asked.get(_key(place, part), ())
    ]
    if wishes:
        plans.save_department_plan(_of(place, part, HANDLER), department_plan=part, items=wishes)
    return bool(wishes)


def _hand_in(place: Place, part: DepartmentPlan, at: datetime) -> datetime:
    _act(_of(place, part, HANDLER), part.case, "prepare", {}, at)
    _act(_of(place, part, LEADER), part.case, "submit", {"opinion": "同意报送"}, at + STEP)
    return in_office_hours(at + STEP)


def _act(actor: Actor, case: Case | None, action: str, given: dict[str, str], at: datetime) -> None:
    assert case is not None
    case.refresh_from_db()
    said = dict(given)
    opinion = said.pop("opinion", "")
    cases.act(actor, case.pk, action, version=case.seq, given=said, opinion=opinion, at=max(at, case.last_at))
