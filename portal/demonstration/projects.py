"""IT projects of one place: a draft, one just filed, and others as far in the review of their plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from cases import services as cases
from cases.models import Case
from organizations.actors import Actor
from organizations.models import Position
from portal.demonstration.people import Place
from portal.demonstration.stories import STEP, in_office_hours
from projects import services as projects
from projects.models import Project

HANDLER, LEADER = Position.Kind.HANDLER, Position.Kind.LEADER
Steps = tuple[tuple[str, str, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A project of a department, begun so many days ago. `steps` None: a draft; (): filed, not yet in review."""

    department: str
    name: str
    total: int
    days_ago: int
    steps: Steps | None


SIGNED = ("leader", "submit", {"opinion": "同意报送"})
STORIES: dict[str, tuple[Story, ...]] = {
    "enshi": (
        Story("transport", "公交线网监测平台", 640_000, 2, None),
        Story("weather", "气象灾害预警发布系统", 1_280_000, 6, ()),
        Story("civil", "村级便民服务平台", 860_000, 4, (SIGNED,)),
        Story("agriculture", "农机购置补贴核验系统", 420_000, 30, (SIGNED,)),
        Story(
            "transport",
            "农村公路养护管理系统",
            2_350_000,
            9,
            (SIGNED, ("reviewer", "pass_preliminary", {"opinion": "方案可行，概算合理"})),
        ),
        Story(
            "weather",
            "自动站数据质量系统",
            980_000,
            12,
            (SIGNED, ("reviewer", "demand_revision", {"reason": "请补充与现有平台的接口方案"})),
        ),
        Story(
            "civil",
            "救助对象核对系统扩建",
            1_000_000,
            10,
            (
                SIGNED,
                ("reviewer", "pass_preliminary", {"opinion": "方案可行"}),
                ("coordinator", "agree_sharing", {"opinion": "共享目录完整"}),
            ),
        ),
    ),
    "xianyang": (
        Story("transport", "治超站点联网系统", 1_650_000, 2, None),
        Story("weather", "人工影响天气指挥系统", 720_000, 5, ()),
        Story("agriculture", "农产品质量检测平台", 930_000, 8, (SIGNED,)),
    ),
}
"""By place, because the steps are those of its law."""


def tell(place: Place) -> None:
    for story in STORIES.get(place.city.id, ()):
        _one(place, story)


def _one(place: Place, story: Story) -> None:
    handler = place.actor(story.department, HANDLER)
    project = projects.save_draft(handler, plan=_plan(place, story, handler))
    if story.steps is None:
        return
    at = in_office_hours(timezone.now() - timedelta(days=story.days_ago))
    projects.file_project(handler, draft=project, at=at)
    project.refresh_from_db()
    if story.steps:
        _review(place, story, project, at + STEP)


def _review(place: Place, story: Story, project: Project, at: datetime) -> None:
    handler = place.actor(story.department, HANDLER)
    case = projects.submit_for_review(handler, project=project, at=at)
    for who, action, given in story.steps or ():
        at += STEP
        actor = place.actor(story.department, LEADER) if who == "leader" else place.actors[who]
        _act(actor, case, action, given, at)


def _act(actor: Actor, case: Case, action: str, given: dict[str, str], at: datetime) -> None:
    case.refresh_from_db()
    said = dict(given)
    opinion = said.pop("opinion", "")
    cases.act(actor, case.pk, action, version=case.seq, given=said, opinion=opinion, at=max(at, case.last_at))


def _plan(place: Place, story: Story, handler: Actor) -> projects.Plan:
    total, year = Decimal(story.total), timezone.localdate().year
    owner = place.organizations[story.department]
    return projects.Plan(
        name=story.name,
        basis=f"{place.city.name}数字政府建设规划",
        goals="业务全程网上办理，数据按目录共享",
        content="业务受理、审核、归档和统计四个模块，与共享平台对接",
        total=total,
        years={year: total * 6 / 10, year + 1: total * 4 / 10},
        service_years=6,
        build_months=14,
        security_design="按等级保护二级设计，与系统同步规划、同步建设、同步运行",
        product_statement="数据库、中间件和服务器采用安全可靠产品",
        reuse_statement="现有系统没有相应业务功能，共性平台能力已全部利用",
        responsible=handler.user.full_name,
        responsible_post="分管副局长",
        responsible_is_head=story.total >= 1_000_000,
        working_group="业务科室和信息科共六人",
        systems=list(owner.information_systems.values_list("pk", flat=True)[:1]),
        promises=[
            projects.Promise(
                direction="produces",
                title=f"{story.name}办件信息",
                source="业务系统自动产生",
                format="数据库",
                update_cycle="daily",
                sharing_class="conditional",
                opening="closed",
            )
        ],
    )
