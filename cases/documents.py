"""The file of a case as a paper: everything of the record that one reader may see, in that reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from cases import conversation, hands, page
from cases.discretion import INTERNAL, SEALED, withheld
from cases.engine import Matter, load
from cases.models import Attachment, Case, CaseEvent, Clock, ClockEntry
from cases.typesetting import set_paper
from cases.wording import case_title
from organizations.actors import Actor
from statutes.definitions import CompiledPack, Instrument, Rule
from statutes.timelimits import DayStep
from statutes.wording import article_text, number_text, why_text

TEMPLATE = Path(__file__).parent / "papers" / "case_file.typ"
FOLD_ABOVE, FOLD_HEAD, FOLD_TAIL = 30, 20, 7


def case_file(case: Case, actor: Actor, now: datetime) -> bytes:
    """The PDF of a case for one reader, A4. The caller has checked that the actor may see the case.

    Sealed inputs stay sealed, and drafts of a house in that house; comments are in it that everybody may read who may
    see the case.
    """
    return set_paper(TEMPLATE, content_of(case, actor, now), now)


def content_of(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the template sets: strings in the reader's language, lists and mappings of them."""
    matter = load(case)
    files = {attachment.pk: attachment for attachment in case.attachments.select_related("organization", "uploaded_by")}
    return {
        "lang": "zh" if (get_language() or "zh").startswith("zh") else "en",
        "words": _words(),
        "number": case.number,
        "title": case_title(case),
        "cover": _cover(matter),
        "parties": _parties(matter),
        "facts": [[str(label), value] for label, value in _facts(matter) if value],
        "diagram": str(page.drawing(matter)),
        "position": _("The case stands at: %(state)s") % {"state": page.said(matter.state.label)},
        "events": [_event(matter, event, files, actor) for event in matter.events],
        "clocks": [_clock(view) for view in page.clocks_of(case, now)],
        "attachments": [_attachment(attachment) for attachment in files.values()],
        "comments": [_comment(row) for row in conversation.for_everybody(case)],
        "made": _("Made on %(at)s by %(person)s") % {"at": _moment(now), "person": _reader(actor)},
    }


def _words() -> dict[str, str]:
    """What the template itself says."""
    return {
        "file": _("Case file"),
        "parties": _("Parties"),
        "facts": _("What it is about"),
        "position": _("Where the case stands in its procedure"),
        "record": _("Record of the case"),
        "limits": _("Time limits"),
        "papers": _("Papers"),
        "comments": _("Comments"),
        "comments_note": _("Not part of the record: nothing is decided by them."),
        "basis": _("Basis"),
        "derivation": _("How the due date comes about"),
        "ledger": _("Ledger"),
        "none": _("none"),
        "page": _("Page {page} of {pages}"),
        "name": _("File"),
        "size": _("Bytes"),
        "hash": "SHA-256",
        "handed_in": _("Handed in by"),
        "started": _("From"),
        "due": _("Due"),
        "state": _("State"),
    }


def _cover(matter: Matter) -> list[list[str]]:
    case, pack = matter.case, matter.compiled.own
    rows = [
        (_("Case number"), case.number),
        (_("Kind of matter"), str(matter.family.label)),
        (_("Procedure"), page.said(matter.procedure.label)),
        (_("Opened by"), case.opener.shown_name),
        (_("Opened on"), _moment(case.opened_at)),
        (_("State"), page.said(matter.state.label)),
        (_("Closed on"), _moment(case.closed_at) if case.closed_at else ""),
        (_("Opened by the case"), case.parent.number if case.parent else ""),
        (_("Rule pack"), f"{page.said(pack.name)} {pack.version}"),
        (_("Law as of"), case.law_day.isoformat()),
        (_("Digest of the law"), case.pack_version.digest),
    ]
    return [[label, value] for label, value in rows if value]


def _facts(matter: Matter) -> Sequence[tuple[str, str]]:
    """What the case is about; nothing where the case is its own subject."""
    return matter.family.facts(matter.subject) if matter.family.facts else ()


def _parties(matter: Matter) -> list[list[str]]:
    return [
        [page.party_label(matter, row.party), page.party_name(row)]
        for row in matter.parties
        if not row.is_organ or row.sees_from is not None
    ]


def _event(matter: Matter, event: CaseEvent, files: dict[int, Attachment], actor: Actor) -> dict[str, Any]:
    law = matter.law_at(event.seq)
    hidden = withheld(matter, event, actor)
    return {
        "seq": event.seq,
        "at": _moment(event.at),
        "title": page.event_title(matter, event),
        "who": _who(event),
        "notes": page.notes_of(event),
        "sealed": bool(hidden),
        "veil": _veil(hidden),
        "opinion": "" if hidden else event.opinion,
        "inputs": [] if hidden else _inputs(matter, event, files),
        "basis": basis_of(law.compiled, law.compiled.rule(event.rule)),
    }


def _veil(hidden: str) -> str:
    """Said in the place of what is not shown."""
    veils = {
        SEALED: _("Sealed: what was entered is shown once the step is over."),
        INTERNAL: _("Internal to the organization."),
    }
    return veils.get(hidden, "")


def _who(event: CaseEvent) -> list[list[str]]:
    """Person, organization, position and, for a deputy, whose position it is."""
    if event.person is None:
        return [[_("By"), _("the portal itself")]]
    rows = [
        [_("By"), event.person_name],
        [_("Organization"), hands.organization_name(event.organization)],
        [_("Position"), hands.position_label(event.position)],
    ]
    if event.deputy_for is not None:
        rows.append([_("Deputy for"), event.deputy_for.user.full_name])
    return [row for row in rows if row[1]]


def _inputs(matter: Matter, event: CaseEvent, files: dict[int, Attachment]) -> list[list[str]]:
    """What was entered, each under its label; files by name."""
    rows, law = [], matter.law_at(event.seq)
    for name, value in event.inputs.items():
        definition = law.compiled.input(law.procedure, name)
        if definition.type == "file":
            shown = _(", ").join(files[key].name for key in value if key in files)
        elif value == event.opinion:
            continue
        else:
            shown = page.shown_value(matter, definition, value)
        rows.append([page.said(definition.label), shown])
    return rows


def basis_of(compiled: CompiledPack, rule: Rule) -> str:
    """A rule in one line: what it says, where it stands, and its id in the pack."""
    source = _source(compiled.instrument(rule), rule)
    if rule.practice and not source:
        source = _("Practice of the operator")
    return _("%(summary)s (%(source)s; %(rule)s)") % {
        "summary": page.said(rule.summary),
        "source": source,
        "rule": rule.id,
    }


def _source(instrument: Instrument | None, rule: Rule) -> str:
    return " ".join(filter(None, [page.said(instrument.title) if instrument else "", article_text(rule)]))


def _clock(view: page.ClockView) -> dict[str, Any]:
    clock, derivation = view.clock, view.derivation
    source = " ".join(
        filter(None, [page.said(view.instrument.title) if view.instrument else "", article_text(view.rule)])
    )
    return {
        "title": page.said(view.rule.summary),
        "limit": number_text(view.rule),
        "basis": f"{source} · {view.rule.id}" if source else view.rule.id,
        "status": str(Clock.Status(clock.status).label),
        "late": view.status in ("overdue", "late"),
        "started": _moment(clock.started_at),
        "due": clock.due_on.isoformat() if clock.due_on else "—",
        "notes": _clock_notes(view),
        "days": _days(derivation.days if derivation else (), clock.due_on),
        "ledger": [_entry(entry) for entry in view.ledger],
    }


def _clock_notes(view: page.ClockView) -> list[str]:
    notes = []
    if view.floor:
        notes.append(_("The local number would be laxer than the national one, so the national one applies."))
    if view.rule.reading:
        notes.append(_("Reading of the operator: %(reading)s") % {"reading": page.said(view.rule.reading)})
    if view.provisional:
        notes.append(_("Provisional: the holidays of a year that it touches are not announced yet."))
    return notes


def _days(steps: Iterable[DayStep], due_on: date | None) -> list[dict[str, str]]:
    """The days of a derivation, a long run folded in the middle. `kind`: start, counted, off, due, paused or gap."""
    cells = [_day(step, due_on) for step in steps]
    if len(cells) <= FOLD_ABOVE:
        return cells
    folded = len(cells) - FOLD_HEAD - FOLD_TAIL
    gap = {"day": "…", "label": _("%(n)s days between") % {"n": folded}, "kind": "gap"}
    return [*cells[:FOLD_HEAD], gap, *cells[-FOLD_TAIL:]]


def _day(step: DayStep, due_on: date | None) -> dict[str, str]:
    kind = "paused" if step.why == "paused" else "counted" if step.counted else "off"
    if step.why == "start":
        kind = "start"
    elif step.date == due_on:
        kind = "due"
    label = _("Day %(n)s") % {"n": step.number} if step.number else why_text(step.why)
    if kind == "start":
        label = pgettext("first day of a count", "Start")
    return {"day": f"{step.date:%m-%d}", "label": label, "kind": kind}


def _entry(entry: ClockEntry) -> list[str]:
    """Moment, what happened, by how much, and what became of the due date."""
    kind = str(ClockEntry.Kind(entry.kind).label)
    if entry.kind == ClockEntry.Kind.END and entry.note in Clock.Status.values:
        kind = f"{kind}: {Clock.Status(entry.note).label}"
    elif entry.note:
        kind = f"{kind}: {entry.note}"
    if entry.amount:
        kind = f"{kind} +{entry.amount}"
    before = entry.due_before.isoformat() if entry.due_before else ""
    after = entry.due_after.isoformat() if entry.due_after else ""
    return [_moment(entry.at), kind, f"{before} → {after}" if before and after and before != after else after or before]


def _attachment(row: Attachment) -> dict[str, str]:
    checked = _("scanned for viruses") if row.scanned_by else _("not scanned for viruses")
    return {
        "name": row.name,
        "size": f"{row.size:,}",
        "type": f"{row.content_type} · {checked}",
        "hash": row.digest,
        "by": f"{row.uploaded_by.full_name} {row.organization.shown_short_name}",
        "at": _moment(row.uploaded_at),
    }


def _comment(row: Any) -> dict[str, str]:
    who = f"{row.author.full_name} {row.organization.shown_short_name} {row.get_position_display()}"
    return {"who": who, "at": _moment(row.created_at), "text": row.text}


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


def _reader(actor: Actor) -> str:
    organization = actor.organization.shown_short_name if actor.organization else ""
    position = str(actor.position.get_kind_display()) if actor.position else ""
    return " ".join(filter(None, [actor.user.full_name, organization, position]))
