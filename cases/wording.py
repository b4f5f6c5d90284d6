"""Sentences of notices, made when they are shown, in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case, Notification


MARKS = (" → ", " — ")


def case_title(case: Case) -> str:
    """The title in the reader's language: where it begins with who opened the case, that name is the reader's.

    The rest is the title of a resource or was typed, and stays as it is; the record keeps the Chinese title.
    """
    rest = case.title.removeprefix(case.opener.short_name)
    return case.opener.shown_short_name + rest if rest != case.title and rest.startswith(MARKS) else case.title


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
