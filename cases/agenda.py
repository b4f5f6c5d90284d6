"""A person's due dates, over all positions: what a calendar program is told, and what a morning's digest says."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from cases import owing, page
from cases.models import AwaitedHand, CalendarFeed, Case, CaseEvent, Clock, MailPreference, Notification
from cases.selectors import todo, visible_cases
from cases.wording import case_title
from organizations.actors import Actor
from organizations.models import User
from organizations.selectors import positions_of
from organizations.tokens import token_digest
from statutes.calendars import calendar_for
from statutes.definitions import CompiledPack
from statutes.selectors import compiled as compiled_version

SHOWN_WHEN_DONE = timedelta(weeks=4)
ALARM = timedelta(hours=-15, minutes=-30)
MORNING = time(8, 30)
NAMES = uuid.UUID("7d0c5f4e-6d0b-5c0a-9d65-1d2f6f9a7c11")
MOST = 200


def actors_of(user: User, on: date | None = None) -> list[Actor]:
    """The person in each of the positions held."""
    return [Actor(user, position) for position in positions_of(user, on)]


# --- the calendar feed ---------------------------------------------------------------------------------------


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The person's live feed; nobody ever sees its address again."""
    return CalendarFeed.objects.filter(user=actor.user, revoked_at__isnull=True).first()


def feed_by_token(token: str) -> CalendarFeed | None:
    """The live feed behind a secret address, of an open account."""
    rows = CalendarFeed.objects.filter(digest=token_digest(token), revoked_at__isnull=True, user__is_active=True)
    return rows.select_related("user").first()


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as a calendar shows it: `done` when there is nothing to do by it any more."""

    clock: Clock
    case: Case
    state: str
    done: bool


def due_dates(user: User, now: datetime) -> list[Due]:
    """Time limits of cases that await the person in any position, and those that lately did, each once.

    Only of what the person may see now. Limits that are suspended or are minimum periods have no date to keep.
    """
    actors = actors_of(user, timezone.localdate(now))
    if not actors:
        return []
    awaiting = set(_any(todo, actors).values_list("pk", flat=True))
    told = Notification.objects.filter(user=user, case=OuterRef("case"), kind__in=["awaited", "reminder"])
    acted = CaseEvent.objects.filter(person=user, case=OuterRef("case"))
    over = Q(status=Clock.Status.OPEN) | Q(ended_at__gte=now - SHOWN_WHEN_DONE)
    clocks = Clock.objects.filter(
        Q(case__in=awaiting) | Q(Exists(told)) | Q(Exists(acted)),
        over,
        case__in=_any(visible_cases, actors).values("pk"),
        due_on__gte=timezone.localdate(now - SHOWN_WHEN_DONE),
        bound="latest",
    )
    overdue = Clock.objects.filter(case__in=awaiting, status=Clock.Status.OPEN, bound="latest", due_on__isnull=False)
    read = (clocks | overdue).select_related("case__opener", "case__pack_version").defer("case__pack_version__source")
    return [
        Due(clock, clock.case, _state(clock.case), clock.status != Clock.Status.OPEN or clock.case_id not in awaiting)
        for clock in read.order_by("due_on", "pk")
    ]


def _any(selector: object, actors: Iterable[Actor]) -> QuerySet[Case]:
    """What any of the positions lets the person see."""
    found = Q(pk__in=[])
    for actor in actors:
        found |= Q(pk__in=selector(actor).values("pk"))  # type: ignore[operator]
    return Case.objects.filter(found)


def _state(case: Case) -> str:
    law: CompiledPack = compiled_version(case.pack_version)
    return page.said(law.procedure(case.procedure, case.law_day).states[case.state].label)


def calendar_file(user: User, now: datetime, site: str) -> bytes:
    """The person's due dates as iCalendar (RFC 5545) in the present language: numbers and states, nothing else.

    `site`: scheme and host of the portal. The same due dates make the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Shutong//due dates//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Due dates, data sharing portal"))
    calendar.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    for due in due_dates(user, now):
        calendar.add_component(_event(due, site))
    return bytes(calendar.to_ical())


def _event(due: Due, site: str) -> Event:
    """An all-day event. Its identity is the time limit's; its sequence is the case's, which only grows."""
    clock, case = due.clock, due.case
    summary = f"{case.number} {due.state}"
    event = Event()
    event.add("uid", str(uuid.uuid5(NAMES, f"{case.number} {clock.name} {clock.round}")))
    event.add("dtstamp", case.last_at.astimezone(UTC))
    event.add("sequence", case.seq)
    event.add("dtstart", clock.due_on)
    event.add("summary", summary)
    event.add("url", f"{site}{reverse('cases:case', args=[case.number])}")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if due.done else "TENTATIVE" if clock.provisional else "CONFIRMED")
    if not due.done:
        event.add_component(_alarm(summary))
    return event


def _alarm(text: str) -> Alarm:
    """At half past eight on the day before."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", ALARM)
    return alarm


# --- the digest ----------------------------------------------------------------------------------------------


def mail_preference(actor: Actor) -> MailPreference:
    """Which mails the person wants; the row is not stored where nothing was ever chosen."""
    found = MailPreference.objects.filter(user=actor.user).first()
    return found or MailPreference(user=actor.user, immediate_from=timezone.now())


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a digest with its lines: titles, numbers and dates, no content of a case."""

    title: str
    lines: list[str]


def digest_of(user: User, now: datetime) -> list[Section]:
    """What a person should know this morning, over all positions; empty when there is nothing."""
    overdue: dict[int, str] = {}
    soon: dict[int, str] = {}
    fresh: dict[int, str] = {}
    owed: dict[int, str] = {}
    for actor in actors_of(user, timezone.localdate(now)):
        mine = page.rows(page.listed(todo(actor)).order_by("opened_at", "pk")[:MOST], now)
        new = _new_to(actor, now)
        for row in mine:
            _sort_in(row, overdue, soon)
            if row.case.pk in new:
                fresh[row.case.pk] = _line(row.case, row.clock.due_on if row.clock else None)
        if actor.kind == "leader":
            owed |= _owed(actor, now, {row.case.pk for row in mine})
    sections = [
        Section(_("Overdue"), list(overdue.values())),
        Section(_("Due within two working days"), list(soon.values())),
        Section(_("New since the last working morning"), [fresh[pk] for pk in fresh if pk not in overdue | soon]),
        Section(_("What your organization owes"), [owed[pk] for pk in owed if pk not in overdue | soon]),
    ]
    return [section for section in sections if section.lines]


def _sort_in(row: page.CaseRow, overdue: dict[int, str], soon: dict[int, str]) -> None:
    if row.clock is None or row.clock.due_on is None:
        return
    kept = {"overdue": overdue, "soon": soon}.get(row.clock.status)
    if kept is not None:
        kept[row.case.pk] = _line(row.case, row.clock.due_on)


def _new_to(actor: Actor, now: datetime) -> set[int]:
    """Cases that have come to the actor since half past eight of the last working day before today."""
    before = calendar_for(actor.jurisdiction_id).nth_working_day_before(timezone.localdate(now), 1)
    since = timezone.make_aware(datetime.combine(before, MORNING))
    mine = Q(organization=actor.organization, position=actor.kind) | Q(person=actor.user)
    return set(AwaitedHand.objects.filter(mine, since__gte=since).values_list("case_id", flat=True))


def _owed(actor: Actor, now: datetime, mine: set[int]) -> dict[int, str]:
    """What a leader's organization owes and others of it have to do: overdue, or due within two working days."""
    last = calendar_for(actor.jurisdiction_id).nth_working_day(timezone.localdate(now), page.SOON_WORKING_DAYS)
    clocks = owing.owed(actor, now).filter(due_on__lte=last).exclude(case__in=mine)[:MOST]
    return {clock.case_id: _line(clock.case, clock.due_on) for clock in clocks}


def _line(case: Case, due_on: date | None) -> str:
    values = {"title": case_title(case), "number": case.number, "due_on": due_on}
    return _("%(title)s (%(number)s), due %(due_on)s") % values if due_on else _("%(title)s (%(number)s)") % values


def digest_text(sections: list[Section], day: date) -> tuple[str, str]:
    """Subject and body of the mail."""
    count = sum(len(section.lines) for section in sections)
    subject = _("Digest of %(day)s: %(n)s matters") % {"day": day.isoformat(), "n": count}
    parts = ["\n".join([section.title, *(f"  · {line}" for line in section.lines)]) for section in sections]
    parts.append(_("Sign in to the portal to see them. You can turn this mail off in your account."))
    return subject, "\n\n".join(parts)
