"""What the case page, the lists and the API show of a case: values made from the record, none of them stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases import assigning, families, hands, stranding
from cases.beside import Beside
from cases.conditions import Reason, status_at
from cases.discretion import INTERNAL, withheld
from cases.engine import Matter, closed_doors, load
from cases.engine.clocks import derive_from
from cases.models import Attachment, AwaitedHand, Case, CaseEvent, CaseParty, Clock, ClockEntry
from organizations.actors import Actor
from statutes import diagram
from statutes.calendars import calendar_for
from statutes.definitions import Action, CompiledPack, Input, Instrument, Procedure, Rule, Text
from statutes.selectors import compiled as compiled_version
from statutes.timelimits import Derivation, days_left
from statutes.workdays import Calendar

SOON_WORKING_DAYS = 2


def said(text: Text) -> str:
    """A pack's text in the reader's language."""
    return text.in_language(get_language() or "zh")


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as it stands at a moment. `left`: working days left, or over when overdue; None when not counted."""

    clock: Clock
    rule: Rule
    instrument: Instrument | None
    floor: Rule | None
    status: str
    left: int | None
    derivation: Derivation | None = None
    ledger: Sequence[ClockEntry] = ()

    @property
    def due_on(self) -> date | None:
        return self.clock.due_on

    @property
    def provisional(self) -> bool:
        return self.clock.provisional

    @property
    def unit(self) -> str:
        return "hour" if self.clock.unit == "hour" else "working_day"

    @property
    def open(self) -> bool:
        return self.clock.status == Clock.Status.OPEN


def view_clock(
    clock: Clock, compiled: CompiledPack, now: datetime, days: Calendar, *, explain: bool = False
) -> ClockView:
    """One clock by the calendar of its case, with its derivation day by day and its ledger when `explain` is set."""
    status, left = status_at(clock, now), None
    if clock.status == Clock.Status.OPEN and clock.due_on is not None:
        left = days_left(now, clock.due_on, days)
        if status == "running" and left <= SOON_WORKING_DAYS:
            status = "soon"
    rule = compiled.rule(clock.rule)
    ledger = sorted(clock.ledger.all(), key=attrgetter("pk")) if explain else []
    return ClockView(
        clock=clock,
        rule=rule,
        instrument=compiled.instrument(rule),
        floor=compiled.rule(clock.floor_rule) if clock.floor_rule else None,
        status=status,
        left=left,
        derivation=derive_from(clock, ledger, days, explain=True) if explain else None,
        ledger=ledger,
    )


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action of the present state as one actor sees it: open, or closed with reasons.

    `asks`: it cannot be undone, so the page asks once more. `leads`: what the case waits for; a way out that is open
    at any step is not.
    """

    action: Action
    reasons: Sequence[Reason]
    rules: Sequence[Rule]
    mine: bool
    asks: bool = False
    leads: bool = True

    @property
    def open(self) -> bool:
        return not self.reasons


def actions_for(matter: Matter, actor: Actor, now: datetime) -> list[ActionView]:
    """Every action that can be taken by hand where the case stands: the actor's own first, open before closed."""
    if matter.case.closed_at is not None:
        return []
    views = []
    for action in matter.procedure.actions_from(matter.case.state):
        if not action.by:
            continue
        reasons = closed_doors(matter, actor, action, now)
        rules = [matter.compiled.rule(reason.rule) for reason in reasons]
        mine = hands.held_by(matter, actor, action.by) is not None
        views.append(ActionView(action, reasons, rules, mine, _asks(matter, action), _leads(matter, action)))
    return sorted(views, key=lambda view: (not view.open, not view.mine))


def _ends(matter: Matter, action: Action) -> bool:
    return any(matter.procedure.states[choice.value].terminal for choice in action.to)


def _asks(matter: Matter, action: Action) -> bool:
    """Whether an action decides, ends the case, or has effects: then it is for good."""
    return action.kind in ("decide", "refuse") or bool(action.effects) or _ends(matter, action)


def _leads(matter: Matter, action: Action) -> bool:
    """Whether the action is a way on: all but those that end a case which waits for somebody else, or at any step."""
    awaited = bool(set(action.by) & set(matter.state.awaits))
    return not _ends(matter, action) or (awaited and "*" not in action.sources)


@dataclass(frozen=True, slots=True)
class PartyView:
    label: str
    name: str
    awaited: bool
    stranded: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """All of one case for one reader."""

    case: Case
    matter: Matter
    state_label: str
    procedure_label: str
    clocks: list[ClockView]
    actions: list[ActionView]
    parties: list[PartyView]
    awaited: list[AwaitedHand]
    timeline: list[dict[str, Any]]
    attachments: list[Attachment]
    drawing: SafeString
    waits: str

    @property
    def main_clock(self) -> ClockView | None:
        """The open clock that falls due first."""
        running = [view for view in self.clocks if view.open]
        return min(running, key=lambda view: view.clock.due_at or view.clock.started_at, default=None)


def page(case: Case, actor: Actor, now: datetime, there: Beside | None = None) -> CasePage:
    """Everything the case page shows. The caller has checked that the actor may see the case."""
    matter = load(case)
    if there is not None and not there.files:
        matter.attachments = []
    state, awaited = matter.state, stranding.awaited(case)
    return CasePage(
        case=case,
        matter=matter,
        state_label=said(state.label),
        procedure_label=said(matter.procedure.label),
        clocks=_clocks(matter, now),
        actions=actions_for(matter, actor, now),
        parties=_parties(matter, awaited),
        awaited=awaited,
        timeline=timeline(matter, actor, now),
        attachments=matter.attachments,
        drawing=drawing(matter),
        waits=said(state.unlimited) if state.unlimited else "",
    )


def clocks_of(case: Case, now: datetime) -> list[ClockView]:
    """The clocks of one case, each with its derivation and ledger. The caller has checked who asks."""
    matter = load(case)
    return _views(matter, matter.clocks, now)


def _views(matter: Matter, clocks: Sequence[Clock], now: datetime, *, open_only: bool = False) -> list[ClockView]:
    """Clocks with derivation and ledger, or with these for the open ones alone; one query for all ledgers."""
    explained = [clock for clock in clocks if not open_only or clock.status == Clock.Status.OPEN]
    prefetch_related_objects(explained, "ledger")
    return [
        view_clock(clock, _law_of(matter, clock), now, matter.calendar, explain=clock in explained) for clock in clocks
    ]


def _law_of(matter: Matter, clock: Clock) -> CompiledPack:
    """A clock's number is that of the version under which it started."""
    return matter.law_at(clock.start_event).compiled


def _clocks(matter: Matter, now: datetime) -> list[ClockView]:
    """Open clocks first, by due date; then the ended ones, newest first."""
    opened = [c for c in matter.clocks if c.status == Clock.Status.OPEN]
    ended = [c for c in matter.clocks if c.status != Clock.Status.OPEN]
    opened.sort(key=lambda clock: clock.due_at or clock.started_at)
    ended.sort(key=lambda clock: clock.ended_at or clock.started_at, reverse=True)
    return _views(matter, [*opened, *ended], now, open_only=True)


def drawing(matter: Matter) -> SafeString:
    """The procedure as a diagram, marked where the case stands and where it has been."""
    notes = {}
    for clock in matter.procedure.clocks.values():
        for state in clock.starts:
            rule = matter.compiled.rule(clock.limit[-1].value) if state in matter.procedure.states else None
            limit = rule.limit if rule is not None else None
            if limit is not None and limit.unit == "working_day" and isinstance(limit.amount, int):
                notes[state] = ngettext("%(n)s working day", "%(n)s working days", limit.amount) % {"n": limit.amount}
    return diagram.draw(
        matter.procedure,
        language=get_language() or "zh",
        current=matter.case.state,
        visited=[event.to_state for event in matter.events],
        notes=notes,
    )


def party_label(matter: Matter, party: str) -> str:
    """A party's name: the organ's label of the pack, the pack's term, or the common word."""
    organ = matter.compiled.organ(party)
    text = organ.label if organ else matter.compiled.term(party)
    common = {"applicant": _("Applicant"), "provider": _("Provider")}
    return said(text) if text else common.get(party, party)


def _parties(matter: Matter, hands_awaited: Sequence[AwaitedHand]) -> list[PartyView]:
    stranded = {hand.party_id for hand in hands_awaited if hand.unhelped}  # type: ignore[attr-defined]
    awaited = {hand.party for hand in matter.state.awaits}
    return [
        PartyView(party_label(matter, row.party), party_name(row), row.party in awaited, row.pk in stranded)
        for row in matter.parties
        if not row.is_organ or row.sees_from is not None
    ]


def party_name(row: CaseParty) -> str:
    return row.person.full_name if row.person else hands.organization_name(hands.current(row))


def timeline(matter: Matter, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What happened, newest first, behind what is going to happen by itself."""
    ahead = [
        {
            "at": clock.fire_at,
            "title": _ahead(clock),
            "note": said(_law_of(matter, clock).rule(clock.rule).summary),
            "css": "sh-ahead",
        }
        for clock in matter.clocks
        if clock.status == Clock.Status.OPEN and clock.fire_at is not None and clock.fire_at > now
    ]
    files = {attachment.pk: attachment for attachment in matter.attachments}
    return ahead + [_entry(matter, event, files, actor) for event in reversed(matter.events)]


def _ahead(clock: Clock) -> str:
    """What a clock will do next by itself."""
    if clock.fire_at != clock.due_at:
        return _("A reminder is sent")
    return _("The minimum period is over") if clock.bound == "earliest" else _("The time limit runs out")


def _entry(matter: Matter, event: CaseEvent, files: dict[int, Attachment], actor: Actor) -> dict[str, Any]:
    compiled = matter.law_at(event.seq).compiled
    rule = compiled.rule(event.rule)
    hidden = withheld(matter, event, actor)
    css = {"action": "", "due": "sh-breach"}.get(event.kind, "sh-auto")
    return {
        "at": event.at,
        "title": event_title(matter, event),
        "who": _who(matter, event),
        "note": _("; ").join([*notes_of(event), *([_("internal to the organization")] if hidden == INTERNAL else [])]),
        "opinion": "" if hidden else _opinion(matter, event),
        "rule": rule,
        "instrument": compiled.instrument(rule),
        "css": "sh-auto" if event.deemed else css,
        "files": [] if hidden else _files(matter, event, files),
    }


def event_title(matter: Matter, event: CaseEvent) -> str:
    """What an event is called: the action's label, or what happened by itself."""
    law = matter.law_at(event.seq)
    match event.kind:
        case CaseEvent.Kind.DUE:
            return _("The time limit ran out: %(limit)s") % {"limit": said(law.compiled.rule(event.rule).summary)}
        case CaseEvent.Kind.ANNUL:
            return _("The breach is annulled: it was done in time")
        case CaseEvent.Kind.RECALCULATE:
            return _("The due date was counted again")
        case CaseEvent.Kind.TRANSITION:
            return _("Goes on under version %(version)s of the law") % {"version": event.seen["version"]}
        case CaseEvent.Kind.MOVE:
            return said(law.procedure.states[event.to_state].label)
    return said(law.procedure.actions[event.action].label)


def _who(matter: Matter, event: CaseEvent) -> str:
    if event.person_id is None:
        return _("the portal itself")
    organization = hands.organization_name(event.organization, short=True)
    name = " ".join(filter(None, [event.person_name, organization, hands.position_label(event.position)]))
    if event.deputy_for is not None:
        return _("%(name)s, for %(holder)s") % {"name": name, "holder": event.deputy_for.user.full_name}
    return name


def notes_of(event: CaseEvent) -> list[str]:
    notes = []
    if event.kind == CaseEvent.Kind.RECALCULATE:
        notes.append(_recounted(event))
    if event.late:
        notes.append(_("late"))
    if event.deemed:
        notes.append(_("by force of law, nobody having acted"))
    if event.fact_at is not None and timezone.localdate(event.fact_at) != timezone.localdate(event.at):
        notes.append(_("happened on %(day)s") % {"day": timezone.localdate(event.fact_at).isoformat()})
    if event.detected_at is not None and event.detected_at != event.at:
        notes.append(_("noticed %(at)s") % {"at": f"{timezone.localtime(event.detected_at):%Y-%m-%d %H:%M}"})
    return notes


def _recounted(event: CaseEvent) -> str:
    """What a recount did to a due date, and which notice asked for it."""
    seen = event.seen
    if seen["due_before"] == seen["due_after"]:
        said_so = _("still due on %(after)s, and not provisional any more: %(notice)s")
        if seen.get("provisional"):
            said_so = _("still due on %(after)s, but provisional now: %(notice)s")
    elif seen.get("practice"):
        said_so = _("due on %(after)s instead of %(before)s, the next working day because less was left: %(notice)s")
    else:
        said_so = _("due on %(after)s instead of %(before)s: %(notice)s")
    return said_so % {"before": seen["due_before"], "after": seen["due_after"], "notice": seen["notice"]}


def _opinion(matter: Matter, event: CaseEvent) -> str:
    """The opinion and what was entered, as lines."""
    lines = [event.opinion] if event.opinion else []
    law = matter.law_at(event.seq)
    for name, value in event.inputs.items():
        definition = law.compiled.input(law.procedure, name)
        if definition.type == "file" or value == event.opinion:
            continue
        lines.append(f"{said(definition.label)}: {shown_value(matter, definition, value)}")
    return "\n".join(lines)


def shown_value(matter: Matter, definition: Input, value: Any) -> str:
    """One input's value in words."""
    if definition.type == "choice":
        label = dict(definition.options).get(value)
        return said(label) if label else str(value)
    if definition.type == "items":
        labels = {choice.value: choice.label for choice in matter.choices()}
        return _(", ").join(labels.get(code, code) for code in value) or _("none")
    return str(value)


def _files(matter: Matter, event: CaseEvent, files: dict[int, Attachment]) -> list[dict[str, Any]]:
    law = matter.law_at(event.seq)
    keys = [
        key
        for name, value in event.inputs.items()
        if law.compiled.input(law.procedure, name).type == "file"
        for key in value
    ]
    return [
        {"name": files[key].name, "size": files[key].size, "url": reverse("cases:attachment", args=[key])}
        for key in keys
        if key in files
    ]


# --- lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: its state in words and the open clock that falls due first."""

    case: Case
    state: str
    procedure: str
    family: Any
    clock: ClockView | None
    bulk: bool = False

    @property
    def assigned_to(self) -> str:
        """Who of the reader's organization handles it; "" for nobody."""
        return getattr(self.case, "assigned_to", None) or ""

    @property
    def stranded(self) -> bool:
        """Whether nobody can act today who should."""
        return bool(getattr(self.case, "stranded", False))


def rows(
    cases: Iterable[Case], now: datetime, actor: Actor | None = None, known: Mapping[str, Calendar] | None = None
) -> list[CaseRow]:
    """Rows for cases read with `listed`; one more query for the clocks of all of them.

    With `actor` each row says whether it may be chosen for an act on several cases at once.
    `known`: calendars that were read already, by jurisdiction.
    """
    found = list(cases)
    first: dict[int, Clock] = {}
    running = Clock.objects.filter(case__in=found, status=Clock.Status.OPEN).order_by("due_at", "id")
    for clock in running:
        first.setdefault(clock.case_id, clock)
    days = calendars((case.jurisdiction_id for case in found if case.pk in first), known)
    return [_row(case, first.get(case.pk), now, actor, days.get(case.jurisdiction_id)) for case in found]


def calendars(jurisdictions: Iterable[str], known: Mapping[str, Calendar] | None = None) -> dict[str, Calendar]:
    """Each calendar once, because asking for one costs a query."""
    found = dict(known or {})
    for jurisdiction in set(jurisdictions) - found.keys():
        found[jurisdiction] = calendar_for(jurisdiction)
    return found


def _row(case: Case, clock: Clock | None, now: datetime, actor: Actor | None, days: Calendar | None) -> CaseRow:
    compiled = compiled_version(case.pack_version)
    procedure = compiled.procedure(case.procedure, case.law_day)
    return CaseRow(
        case=case,
        state=said(procedure.states[case.state].label),
        procedure=said(procedure.label),
        family=families.get(case.family).label,
        clock=view_clock(clock, compiled, now, days) if clock and days else None,
        bulk=actor is not None and case.closed_at is None and bool(at_once(procedure, case.state, actor)),
    )


def at_once(procedure: Procedure, state: str, actor: Actor) -> list[Action]:
    """Acts that may be taken in the actor's position on several cases in that state at once."""
    found = [action for action in procedure.actions_from(state) if action.bulk]
    return [action for action in found if actor.kind and any(hand.position == actor.kind for hand in action.by)]


def listed(cases: QuerySet[Case], actor: Actor | None = None) -> QuerySet[Case]:
    """Cases with what a list shows, without the source of their law; for an actor with who handles them there."""
    read = cases.select_related("opener", "pack_version").defer("pack_version__source")
    return stranding.with_stranded(assigning.with_assignee(read, actor)) if actor else read
