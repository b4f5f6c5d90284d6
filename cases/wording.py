"""Sentences of notices, made when they are shown, in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Notification


def label(value: dict[str, str] | None) -> str:
    """A bilingual label kept as JSON, in the language of now."""
    key = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return (value or {}).get(key, "")


def sentence(notice: Notification) -> str:
    """One line that says what happened and, for time limits, by when."""
    context, case = notice.context, notice.case
    values = {
        "title": case.title if case else "",
        "state": label(context.get("state")),
        "action": label(context.get("action")),
        "by": context.get("by", ""),
        "clock": label(context.get("clock")),
        "due_on": context.get("due_on", ""),
    }
    sentences = {
        "awaited": _("%(title)s awaits you: %(state)s"),
        "informed": _("%(title)s: %(action)s (%(by)s)"),
        "reminder": _("%(title)s has to be done by %(due_on)s: %(clock)s"),
        "correct_data": _("%(title)s: the data has to be corrected"),
        "data_corrected": _("%(title)s: the data was corrected"),
        "overdue": _("%(title)s is overdue since %(due_on)s: %(clock)s"),
    }
    return sentences[notice.kind] % values


def mail_body(notice: Notification) -> str:
    """The text of a mail: the sentence and the case's number; no content of the case leaves the house by mail."""
    number = notice.case.number if notice.case else ""
    return _("%(sentence)s\n\nCase %(number)s. Sign in to the portal to see it.") % {
        "sentence": sentence(notice),
        "number": number,
    }
