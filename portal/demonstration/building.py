"""Projects of one place beyond their review: approved or refused, procured, contracted, built, accepted, in use.

Each story goes as far as its last chapter. Which hand acts, and what its law asks besides, is said by place.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from organizations.models import Position
from portal.demonstration import people
from portal.demonstration.people import Place, made_up_code
from portal.demonstration.telling import MANNERS, Manner, Story, Telling
from projects.models import Firm
from projects.services import experts, firms

DAY = timedelta(days=1)
STORIES = {
    "enshi": (
        Story("weather", "雷达组网显示系统", 760_000, 60, "reviewed"),
        Story("agriculture", "病虫害测报系统", 880_000, 75, "approved"),
        Story("transport", "出租汽车服务监管平台", 1_350_000, 95, "tendering"),
        Story("civil", "婚姻登记影像系统", 690_000, 130, "signing"),
        Story("weather", "乡镇自动站改造", 2_100_000, 190, "building"),
        Story("agriculture", "耕地质量监测平台", 1_480_000, 260, "paid"),
        Story("transport", "桥梁健康监测系统", 3_200_000, 310, "late"),
        Story("civil", "殡葬服务平台", 560_000, 290, "stopped"),
        Story("transport", "客运联网售票升级", 940_000, 400, "accepting"),
        Story("statistics", "普查区划管理系统", 820_000, 500, "in_use"),
    ),
    "xianyang": (
        Story("weather", "气象大数据平台", 1_900_000, 70, "approved"),
        Story("transport", "公路治超预警平台", 2_600_000, 240, "building"),
        Story("agriculture", "智慧果业平台", 1_750_000, 330, "paid"),
        Story("statistics", "统计联网直报平台", 990_000, 520, "in_use"),
    ),
}


def tell(place: Place) -> None:
    """Tell the stories of a place: its experts and firms first."""
    stories = STORIES.get(place.city.id, ())
    if not stories:
        return
    manner = MANNERS[place.city.id]
    _experts(place, manner)
    known = _firms(place)
    for number, story in enumerate(stories):
        Telling(place, manner, story, known[number % len(known)], known[-1]).tell()


def _experts(place: Place, manner: Manner) -> None:
    """Seven people outside every organ, in the library of the place."""
    for number in range(7):
        username = f"{place.city.id}-expert-{number}"
        person = people.employ(place, username, "statistics", Position.Kind.EXPERT)
        about = experts.About(employer="某大学信息学院", fields=["architecture", "data"], title="教授")
        experts.add_expert(place.actors[manner.keeper], user_id=person.user.pk, about=about)


def _firms(place: Place) -> list[Firm]:
    """Four firms, one of them barred; the last supervises."""
    keeper, first = place.actors["reviewer"], int(place.city.region) * 100 + 70
    entries = (
        ("启明软件有限公司", True, "系统集成二级"),
        ("长河数据科技有限公司", False, "系统集成一级"),
        ("远山信息工程有限公司", True, "系统集成三级"),
        ("安澜网络有限公司", True, ""),
        ("正衡工程监理有限公司", True, "信息系统工程监理乙级"),
    )
    known = [
        firms.add_firm(keeper, entry=firms.FirmEntry(name, made_up_code(first + number), small, grade))
        for number, (name, small, grade) in enumerate(entries)
    ]
    today = timezone.localdate()
    firms.bar_firm(
        keeper, firm=known[3], since=today - 90 * DAY, until=today + 640 * DAY, reason="在政府采购中提供虚假材料"
    )
    return [known[0], known[1], known[2], known[4]]
