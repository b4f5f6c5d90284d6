"""A province with special funds: its organs, its people, and a fund on its way from application to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone

from cases.models import Case
from cases.services import store_attachment
from funds import services
from funds.models import CONTENTS, Fund, FundAllocation, FundApplication, FundYear
from funds.services import allocating, applying, ruling, years
from funds.services.allocating import AllocationPlan
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from organizations.models import Jurisdiction, Organization, Position
from tests.cast import made_up_code, new_actor
from tests.recording import once
from tests.scenes import act, store_law

SYSTEM = SystemActor("test scene")
PACK = "jiangsu"
Kind = Position.Kind
HOUSES = {
    "manager": ("工业厅", "department"),
    "second": ("农业厅", "department"),
    "finance": ("财政厅", "finance"),
    "government": ("省政府", "arbiter"),
    "city": ("甲市财政局", ""),
    "county": ("乙县财政局", ""),
    "town": ("丙县财政局", ""),
    "office": ("丁市工业局", ""),
    "watch": ("审计厅", ""),
}
PEOPLE = {
    "manager_handler": ("manager", Kind.HANDLER),
    "manager_leader": ("manager", Kind.LEADER),
    "second_handler": ("second", Kind.HANDLER),
    "second_leader": ("second", Kind.LEADER),
    "finance_handler": ("finance", Kind.HANDLER),
    "finance_leader": ("finance", Kind.LEADER),
    "government_approver": ("government", Kind.APPROVER),
    "city_handler": ("city", Kind.HANDLER),
    "county_handler": ("county", Kind.HANDLER),
    "office_handler": ("office", Kind.HANDLER),
    "auditor": ("watch", Kind.AUDITOR),
    "administrator": ("watch", Kind.ADMINISTRATOR),
}


@dataclass
class Province:
    """People and organizations of the province; attributes are named as in HOUSES and PEOPLE."""

    jurisdiction: Jurisdiction
    houses: dict[str, Organization]
    people: dict[str, Actor]

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__["people"].get(name) or self.__dict__["houses"].get(name)
        if found is None:
            raise AttributeError(name)
        return found


def province() -> Province:
    """The province as its services made it, with the law of its pack stored."""
    store_law()
    return Province(*once(("province", PACK, timezone.localdate()), _build))


def _build() -> tuple[Jurisdiction, dict[str, Organization], dict[str, Actor]]:
    place = organizations.register_jurisdiction(
        SYSTEM, jurisdiction_id=PACK, name_zh="测试省", name_en="Test province", region="320000", pack=PACK
    )
    houses = {}
    for number, (key, (name, role)) in enumerate(HOUSES.items(), start=32_000_000):
        houses[key] = organizations.register_organization(
            SYSTEM, jurisdiction=place, code=made_up_code(number), name=f"测试省{name}", short_name=name, name_en=key
        )
        if role:
            organizations.assign_organ_role(SYSTEM, jurisdiction=place, organization=houses[key], role=role)
    people = {
        key: new_actor(houses[house], kind, f"{PACK}.{key}", f"人{number}")
        for number, (key, (house, kind)) in enumerate(PEOPLE.items())
    }
    return place, houses, people


def paper(actor: Actor, name: str = "材料.pdf") -> int:
    """A file of the actor's house; its key."""
    body = b"%PDF-1.7\n%%EOF\n"
    return store_attachment(actor, name=name, stream=BytesIO(body), size=len(body)).pk


def plan(actor: Actor, **changes: Any) -> services.FundPlan:
    """A complete plan of a million yuan a year for three years."""
    values: dict[str, Any] = {
        "name": "企业技术改造专项资金",
        "basis": "《中小企业促进法》第八条",
        "purpose": "支持工业企业更新改造生产设备",
        "scope": "规模以上工业企业的设备更新",
        "goal": "三年内重点企业关键工序数控化率提高十个百分点",
        "size": Decimal("1000000.00"),
        "term_from": date(2026, 1, 1),
        "term_until": date(2028, 12, 31),
        "papers": [services.Paper("feasibility", paper(actor))],
    }
    return services.FundPlan(**{**values, **changes})


def drafted(place: Province, actor: Actor | None = None, **changes: Any) -> Fund:
    actor = actor or place.manager_handler
    return services.save_draft(actor, plan=plan(actor, **changes))


def applied(place: Province, actor: Actor | None = None, *, opinion: str = "", **changes: Any) -> Fund:
    """An application, with the own head."""
    fund = drafted(place, actor, **changes)
    services.file_fund(actor or place.manager_handler, draft=fund, opinion=opinion)
    fund.refresh_from_db()
    return fund


def case_of(row: Any) -> Case:
    row.refresh_from_db()
    assert row.case is not None
    return row.case


def before_government(place: Province, **changes: Any) -> Fund:
    fund = applied(place, **changes)
    act(place.manager_leader, case_of(fund), "sign")
    act(place.finance_handler, case_of(fund), "argue", argument="必要、可行")
    act(place.finance_leader, case_of(fund), "report")
    return fund


def established(place: Province, **changes: Any) -> Fund:
    """A fund that the government approved."""
    fund = before_government(place, **changes)
    act(place.government_approver, case_of(fund), "approve", document_number="〔2026〕1号")
    fund.refresh_from_db()
    return fund


POINTS = {name: f"{name}：已写明" for name in CONTENTS}


def ruled(place: Province, fund: Fund) -> Case:
    """Rules of the fund, signed by both heads."""
    case = ruling.open_rules(place.finance_handler, fund=fund, texts=POINTS)
    act(place.manager_leader, case, "sign")
    act(place.finance_leader, case, "sign")
    case.refresh_from_db()
    return case


def budgeted(
    place: Province, fund: Fund, year: int = 0, amount: str = "1000000.00", on: str = "2026-02-01"
) -> FundYear:
    """A year of the fund with its budget, its goal passed before."""
    case = years.open_year(
        place.manager_handler,
        fund=fund,
        year=year or timezone.localdate().year,
        goal="完成三成目标",
        asked=Decimal(amount),
    )
    act(place.finance_handler, case, "pass_goal")
    act(place.finance_handler, case, "enter_budget", amount=amount, approved_on=on)
    return FundYear.objects.get(case=case)


def decided(place: Province, year: FundYear, plan: AllocationPlan) -> FundAllocation:
    """An allocation that finance approved and that was published."""
    case = allocating.open_allocation(place.manager_handler, year=year, plan=plan)
    act(place.manager_leader, case, "sign")
    act(place.finance_handler, case, "find_in_order")
    act(place.finance_leader, case, "approve")
    act(place.manager_handler, case, "publish", published_on=timezone.localdate().isoformat(), text="分配结果")
    return FundAllocation.objects.get(case=case)


def by_factors(place: Province, amount: str = "1000000.00", **changes: Any) -> AllocationPlan:
    """Two factors among a city and two counties."""
    values: dict[str, Any] = {
        "method": "factor",
        "amount": Decimal(amount),
        "weights": {"企业数": Decimal(60), "产值": Decimal(40)},
        "values": {
            place.city.pk: {"企业数": Decimal(10), "产值": Decimal(7)},
            place.county.pk: {"企业数": Decimal(10), "产值": Decimal(7)},
            place.town.pk: {"企业数": Decimal(10), "产值": Decimal(7)},
        },
    }
    return AllocationPlan(**{**values, **changes})


def guide(place: Province, fund: Fund) -> None:
    applying.publish(
        place.manager_handler,
        fund=fund,
        kind="guide",
        title="申报指南",
        text="申报条件和程序",
        published_on=timezone.localdate(),
    )


FIRM, OTHER_FIRM, ASSESSOR = (made_up_code(number) for number in (88_000_001, 88_000_002, 88_000_003))


def request(**changes: Any) -> applying.Request:
    values: dict[str, Any] = {
        "applicant": "甲机械有限公司",
        "code": FIRM,
        "name": "数控机床更新",
        "content": "更新十台数控机床",
        "requested": Decimal("300000.00"),
        "pledge": True,
    }
    return applying.Request(**{**values, **changes})


def asked_for(place: Province, year: FundYear, **changes: Any) -> FundApplication:
    """An application handed in by the local office."""
    case = applying.apply_for(place.office_handler, year=year, request=request(**changes))
    return FundApplication.objects.get(case=case)


def passed(place: Province, year: FundYear, **changes: Any) -> FundApplication:
    """An application that passed credit check and review."""
    row = asked_for(place, year, **changes)
    today = timezone.localdate().isoformat()
    act(place.manager_handler, case_of(row), "credit_good", checked_on=today, credit_source="无失信记录")
    act(place.manager_handler, case_of(row), "review", opinion="可行")
    act(place.manager_leader, case_of(row), "approve")
    return row
