"""Reading notices that change the calendar, and what they come to."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.actors import Actor
from organizations.errors import NotKnown
from organizations.models import Position
from statutes.calendars import calendar_for
from statutes.models import CalendarDay, CalendarNotice
from statutes.notice_checks import Asked, Judgement, judge

ENTERED_BY = frozenset({Position.Kind.ADMINISTRATOR, Position.Kind.REVIEWER, Position.Kind.APPROVER})
CONFIRMED_BY = frozenset({Position.Kind.ADMINISTRATOR, Position.Kind.APPROVER})


def notices_for(actor: Actor) -> QuerySet[CalendarNotice]:
    """National notices, and those of the actor's jurisdiction; drafts only one's own. Nothing for other positions."""
    if actor.kind not in ENTERED_BY:
        return CalendarNotice.objects.none()
    known = CalendarNotice.objects.filter(jurisdiction__in=["", actor.jurisdiction_id])
    drafts = Q(status=CalendarNotice.Status.DRAFT)
    return known.filter(~drafts | Q(entered_by=actor.user)).select_related("entered_by", "confirmed_by", "rejected_by")


def notice_for(actor: Actor, notice_id: int) -> CalendarNotice:
    """One notice. NotKnown when the actor may not see it."""
    found = notices_for(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotKnown(_("There is no such notice."))
    return found


def notices_of_year(actor: Actor, year: int, jurisdiction: str = "") -> list[CalendarNotice]:
    """The notices in force that made or amended a year of a jurisdiction's calendar, as far as the actor may see them.

    The newest first. The next year's notice belongs to them when it changed the end of this year.
    """
    applied = notices_for(actor).filter(status=CalendarNotice.Status.APPLIED, year__in=(year, year + 1))
    rows = applied.filter(jurisdiction__in=["", jurisdiction]).order_by("-version")
    return [row for row in rows if row.year == year or any(day[0].startswith(f"{year}-") for day in row.changed)]


def may_confirm(actor: Actor, notice: CalendarNotice) -> bool:
    """Whether the actor's position may confirm it; that it is another person is asked when it is done."""
    return actor.kind in CONFIRMED_BY and notice.jurisdiction in ("", actor.jurisdiction_id)


def judged(notice: CalendarNotice) -> Judgement:
    """The notice read and checked against the calendar as it is today."""
    asked = Asked(notice.year, notice.text, notice.jurisdiction, notice.whole_year, notice.correction)
    known = calendar_for(notice.jurisdiction)
    return judge(asked, known, written_days(notice.jurisdiction), timezone.localdate())


def written_days(jurisdiction: str) -> dict[date, tuple[bool, str]]:
    """The rows that the jurisdiction's calendar is built from, its own days over the nation's."""
    rows = CalendarDay.objects.filter(jurisdiction__in=["", jurisdiction]).order_by("jurisdiction")
    return {row.date: (row.is_working, row.name) for row in rows}
