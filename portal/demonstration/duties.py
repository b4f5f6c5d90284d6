"""Standing duties: last year's done but for one that is overdue, this year's done in part."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from cases import services as cases
from cases.models import Case
from cases.procedures import STANDING_DUTY
from organizations.actors import Actor
from organizations.errors import Refused
from portal.demonstration.people import Place
from portal.demonstration.stories import in_office_hours
from statutes.timelimits import start_of

GIVEN = {
    "plan": "开放内容：行政区划与名录类数据；时间：第三季度；范围：全市；形式：接口和下载；更新周期：按年",
    "requirements": "各单位六月底前完成目录核对，共享数据按更新周期及时更新；按供数、更新时效和使用情况考核",
    "opinion": "同意报送",
}
MOST_STEPS = 4
AFTER = timedelta(weeks=6)


def tell(place: Place) -> None:
    """Let the duties of last year and this year open on their days, and most of them be done."""
    year = timezone.localdate().year
    for begins in (year - 1, year):
        cases.open_scheduled(start_of(date(begins, 1, 1)))
    owed = Case.objects.filter(family=STANDING_DUTY, jurisdiction=place.jurisdiction).order_by("opened_at", "pk")
    for begins in (year - 1, year):
        of_year = [case for case in owed if timezone.localdate(case.opened_at).year == begins]
        kept = 1 if begins < year else max(1, len(of_year) // 2)
        for case in of_year[:-kept]:
            _do(place, case)
    if len(owed) == len((year - 1, year)):
        _do(place, owed[0])


def _do(place: Place, case: Case) -> None:
    """Everybody whom it awaits acts, until it is done."""
    at = in_office_hours(case.opened_at + AFTER)
    for _step in range(MOST_STEPS):
        case.refresh_from_db()
        if case.closed_at is not None:
            return
        hands = {(row.organization_id, row.position) for row in case.awaited.all()}
        actors = [a for a in place.actors.values() if a.organization and (a.organization.pk, a.kind) in hands]
        at = min(in_office_hours(at + timedelta(hours=26)), timezone.now())
        _forward(case, actors, at)


def _forward(case: Case, actors: list[Actor], at: datetime) -> None:
    """The first act of theirs that leads on."""
    procedure = cases.load(case).procedure
    for action in procedure.actions_from(case.state):
        if "reason" in action.inputs or not action.by:
            continue
        given = {name: GIVEN[name] for name in action.inputs if name in GIVEN}
        for actor in actors:
            try:
                cases.act(actor, case.pk, action.id, version=case.seq, given=given, at=max(at, case.last_at))
            except Refused:
                continue
            return
