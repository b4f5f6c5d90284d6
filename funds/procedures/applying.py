"""What funds plug into the case engine for applications, complaints and sanctions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine import Matter
from cases.families import Condition, Context, Family
from funds.models import FundApplication, FundComplaint, FundSanction, Publication, Target
from funds.procedures.shared import department_of, in_words
from funds.procedures.shared import facts as fund_facts
from funds.selectors import OPEN_STATES
from funds.services import applying
from organizations.actors import AnyActor


def _barred(context: Context, target: str, code: str) -> bool:
    place = context.subject.fund.jurisdiction_id
    return applying.barred(place, target, code, timezone.localdate(context.at)) is not None


def _guide_published(context: Context) -> bool:
    year = context.subject.year
    guides = Publication.objects.filter(fund=year.fund, kind=Publication.Kind.GUIDE, published_on__lte=context.at)
    return bool(guides.filter(year=year).exists() or guides.filter(year=None).exists())


def _year_open(context: Context) -> bool:
    case = context.subject.year.case
    return case is not None and case.closed_at is None and case.state in OPEN_STATES


def _within_allocation(context: Context) -> bool:
    row = FundApplication.objects.get(pk=context.subject.pk)
    asked = context.inputs.get("amount")
    return row.left > 0 and (asked is None or Decimal(str(asked)) <= row.left)


APPLICATION_CONDITIONS: dict[str, Condition] = {
    "guide_published": Condition(
        _guide_published,
        unmet=_("No guide for applications has been published for this year of the fund."),
        met=_("The guide for applications is published."),
    ),
    "year_open": Condition(
        _year_open,
        unmet=_("This year of the fund takes no applications: its goal has not passed, or the year is over."),
        met=_("This year of the fund takes applications."),
    ),
    "pledge_given": Condition(
        lambda context: context.subject.pledge,
        unmet=_("The applicant has not given its credit pledge."),
        met=_("The applicant has given its credit pledge."),
    ),
    "applicant_not_barred": Condition(
        lambda context: not _barred(context, Target.APPLICANT, context.subject.code),
        unmet=_("The applicant is barred from applying (see the register of bans)."),
        met=_("The applicant is not barred."),
    ),
    "intermediary_not_barred": Condition(
        lambda context: not _barred(context, Target.INTERMEDIARY, context.subject.intermediary_code),
        unmet=_("The reports of this intermediary are not accepted (see the register of bans)."),
        met=_("The reports of the intermediary are accepted."),
    ),
    "allocated": Condition(
        lambda context: FundApplication.objects.get(pk=context.subject.pk).allocated > 0,
        unmet=_("Nothing is allocated to this project yet."),
        met=_("Money is allocated to this project."),
    ),
    "within_allocation": Condition(
        _within_allocation,
        unmet=_("So much of what is allocated to the project is not left."),
        met=_("So much of what is allocated to the project is left."),
    ),
    "general_spending": Condition(
        lambda context: context.inputs.get("spending") == "general",
        unmet=_("The money is not for general spending."),
        met=_("The money of a fund is not spent on pay, welfare or office costs."),
    ),
}
SANCTION_CONDITIONS: dict[str, Condition] = {
    "bars": Condition(
        lambda context: (
            context.subject.target == Target.INTERMEDIARY
            or (context.subject.target == Target.APPLICANT and context.subject.is_grave)
        ),
        unmet=_("This case leads to no ban."),
        met=_("This case leads to a ban."),
    ),
    "of_intermediary": Condition(
        lambda context: context.subject.target == Target.INTERMEDIARY,
        unmet=_("This is not held against an intermediary."),
        met=_("This is held against an intermediary."),
    ),
}


def _application_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: FundApplication = matter.subject
    bans = [
        ban
        for target, code in ((Target.APPLICANT, row.code), (Target.INTERMEDIARY, row.intermediary_code))
        if (ban := applying.barred(row.fund.jurisdiction_id, target, code, timezone.localdate()))
    ]
    return {"fund": row.fund, "year": row.year, "application": row, "bans": bans}


def _sanction_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    row: FundSanction = matter.subject
    return {"fund": row.fund, "sanction": row, "ban": getattr(row, "ban", None)}


def _complaint_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return {"fund": matter.subject.fund, "complaint": matter.subject}


def _application_facts(row: FundApplication) -> Sequence[tuple[str, str]]:
    return [
        *fund_facts(row),
        (_now("Applicant"), f"{row.applicant} {row.code}"),
        (_now("Name of the project"), row.name),
        (_now("Content and expected results"), row.content),
        (_now("Amount asked for"), in_words(row.requested)),
        (_now("Intermediary that reported"), f"{row.intermediary} {row.intermediary_code}".strip() or "—"),
        (_now("Allocated"), in_words(row.allocated)),
        (_now("Paid"), in_words(row.paid)),
    ]


def _sanction_facts(row: FundSanction) -> Sequence[tuple[str, str]]:
    return [
        *fund_facts(row),
        (_now("Against"), f"{row.name} {row.code}".strip()),
        (_now("Ground"), str(row.get_ground_display())),
        (_now("Facts"), row.facts),
    ]


def _complaint_facts(row: FundComplaint) -> Sequence[tuple[str, str]]:
    return [
        *fund_facts(row),
        (_now("Received on"), row.received_on.isoformat()),
        (_now("Who complains"), row.complainant or "—"),
        (_now("Complaint"), row.text),
    ]


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=applying.FAMILY,
            prefix="SB",
            label=_("application under a special fund"),
            subject_model=FundApplication,
            link=applying.link_application,
            resolvers={"fund_department": department_of},
            conditions=APPLICATION_CONDITIONS,
            effects={"book_payment": applying.book_payment, "release_rest": applying.release_rest},
            facts=_application_facts,
            panel="funds/_application_panel.html",
            panel_context=_application_panel,
            related=("year__fund__department",),
        )
    )
    families.register(
        Family(
            id=applying.SANCTION,
            prefix="CF",
            label=_("sanction under a special fund"),
            subject_model=FundSanction,
            link=applying.link,
            resolvers={"fund_department": department_of},
            conditions=SANCTION_CONDITIONS,
            effects={"enter_ban": applying.enter_ban},
            facts=_sanction_facts,
            panel="funds/_sanction_panel.html",
            panel_context=_sanction_panel,
            related=("fund__department",),
        )
    )
    families.register(
        Family(
            id=applying.COMPLAINT,
            prefix="TS",
            label=_("complaint about a special fund"),
            subject_model=FundComplaint,
            link=applying.link,
            resolvers={"fund_department": department_of},
            facts=_complaint_facts,
            panel="funds/_complaint_panel.html",
            panel_context=_complaint_panel,
            related=("fund__department",),
        )
    )
