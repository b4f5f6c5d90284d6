"""Sentences of notices, made when they are shown, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.models import Case, Notification
from organizations.languages import speaks_chinese

MARKS = (" → ", " — ")


def case_title(case: Case) -> str:
    """The title in the reader's language: what the law calls it, and who opened the case where it begins with that.

    The rest is the title of a resource or was typed, and stays as it is; the record keeps the Chinese title.
    """
    return case.title if speaks_chinese() else english_title(case)


def english_title(case: Case) -> str:
    """The title for who reads English."""
    if case.title_en:
        return case.title_en
    rest = case.title.removeprefix(case.opener.short_name)
    opener = case.opener.name_en or case.opener.short_name
    return opener + rest if rest != case.title and rest.startswith(MARKS) else case.title


def label(value: dict[str, str] | None) -> str:
    """A bilingual label kept as JSON, in the language of now."""
    key = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return (value or {}).get(key, "")


def sentence(notice: Notification) -> str:
    """One line that says what happened and, for time limits, by when."""
    context, case = notice.context, notice.case
    by = context.get("by", "")
    values = {
        "title": case_title(case) if case else "",
        "state": label(context.get("state")),
        "action": label(context.get("action")),
        "by": by if isinstance(by, str) else label(by),
        "clock": label(context.get("clock")),
        "due_on": context.get("due_on", ""),
        "notice": context.get("notice", ""),
    }
    sentences = {
        "awaited": _("%(title)s awaits you: %(state)s"),
        "informed": _("%(title)s: %(action)s (%(by)s)"),
        "reminder": _("%(title)s has to be done by %(due_on)s: %(clock)s"),
        "correct_data": _("%(title)s: the data has to be corrected"),
        "data_corrected": _("%(title)s: the data was corrected"),
        "recounted": _("%(title)s now has to be done by %(due_on)s, counted again after: %(notice)s"),
        "overdue": _("%(title)s is overdue since %(due_on)s: %(clock)s"),
        "assigned": _("%(by)s gave you %(title)s to handle: %(state)s"),
        "unassigned": _("%(by)s took %(title)s off your desk: %(state)s"),
        "mentioned": _("%(by)s asks for your attention in a comment on %(title)s"),
        "followed": _("%(title)s, which you follow: %(action)s (%(by)s)"),
        "followed_by_itself": _("%(title)s, which you follow: %(action)s"),
    }
    if getattr(notice, "settled", False) and notice.kind == "awaited":
        return _("%(title)s: %(state)s") % values
    by_itself = notice.kind == "followed" and not by
    return sentences["followed_by_itself" if by_itself else notice.kind] % values


def settling(notice: Notification) -> str:
    """How a notice of `outstanding.notices` was settled; "" for one that still asks something."""
    if not getattr(notice, "settled", False):
        return ""
    if person := getattr(notice, "settled_by", ""):
        values = {"organization": getattr(notice, "settled_in", None) or "", "person": person}
        return _("handled by %(person)s, %(organization)s") % values
    return _("no longer awaits you")


def mail_body(notice: Notification) -> str:
    """The text of a mail: the sentence and the case's number; no content of the case leaves the house by mail."""
    number = notice.case.number if notice.case else ""
    return _("%(sentence)s\n\nCase %(number)s. Sign in to the portal to see it.") % {
        "sentence": sentence(notice),
        "number": number,
    }


STAYED = {
    "no_procedure": gettext_lazy("the new version has no such procedure"),
    "no_state": gettext_lazy("the new version has no step in which they could go on"),
    "no_rule": gettext_lazy("a running time limit rests on a rule that the new version lacks"),
    "no_organ": gettext_lazy("nobody holds an organ that the new version needs"),
}
PARTS = {
    "procedure": gettext_lazy("procedure"),
    "states": gettext_lazy("step"),
    "actions": gettext_lazy("action"),
    "clocks": gettext_lazy("time limit"),
    "parties": gettext_lazy("party"),
    "schedules": gettext_lazy("schedule"),
    "inputs": gettext_lazy("input"),
}
PROPERTIES = {
    "summary": gettext_lazy("wording"),
    "label": gettext_lazy("name"),
    "treatment": gettext_lazy("treatment"),
    "article": gettext_lazy("article"),
    "instrument": gettext_lazy("instrument"),
    "limit": gettext_lazy("time limit"),
    "threshold": gettext_lazy("threshold"),
    "range": gettext_lazy("range"),
    "every": gettext_lazy("how often"),
    "floor": gettext_lazy("floor"),
    "superseded": gettext_lazy("superseded"),
    "reading": gettext_lazy("reading"),
    "soft": gettext_lazy("principle only"),
    "in_force_from": gettext_lazy("in force from"),
    "in_force_to": gettext_lazy("in force to"),
    "awaits": gettext_lazy("who is awaited"),
    "outcome": gettext_lazy("outcome"),
    "next": gettext_lazy("moves on by itself"),
    "opens": gettext_lazy("opens cases"),
    "by": gettext_lazy("by whom"),
    "to": gettext_lazy("leads to"),
    "sources": gettext_lazy("taken in"),
    "when": gettext_lazy("conditions"),
    "inputs": gettext_lazy("inputs"),
    "rule": gettext_lazy("rule"),
    "effects": gettext_lazy("effects"),
    "notify": gettext_lazy("who is told"),
    "starts": gettext_lazy("starts on"),
    "until": gettext_lazy("ends on"),
    "void": gettext_lazy("lapses on"),
    "pause": gettext_lazy("suspended in"),
    "remind": gettext_lazy("reminders"),
    "act": gettext_lazy("what happens when it runs out"),
    "handled_by": gettext_lazy("handled by"),
    "bulk": gettext_lazy("on several cases at once"),
    "internal": gettext_lazy("internal to the organization"),
    "kind": gettext_lazy("kind of act"),
}


def in_words(known: dict[str, Any], name: str) -> str:
    """A code in words; the code itself where nobody has given it words."""
    return str(known.get(name, name))
