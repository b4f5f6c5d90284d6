"""Tags and filters of the portal's templates. They say and draw what they are given; no rule is decided here."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, ModelChoiceField, RadioSelect, Select
from django.template import RequestContext
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from cases.wording import case_title
from portal import presentation
from portal.icons import ICONS
from statutes.definitions import CompiledPack
from statutes.wording import short_title

register = template.Library()
BLANK = BLANK_CHOICE_DASH[0][1]

WIDGET_CLASSES = {
    "Select": "form-select",
    "NullBooleanSelect": "form-select",
    "SelectMultiple": "form-select",
    "CheckboxInput": "form-check-input",
    "CheckboxSelectMultiple": "sh-checks",
    "RadioSelect": "sh-checks",
}
KIT_CLASSES = {"form-control", "form-select", "form-check-input", "sh-checks"}

register.filter("clock_text", presentation.clock_text)
register.filter("clock_class", presentation.clock_class)
register.filter("weekday_narrow", presentation.weekday_narrow)
register.filter("case_title", case_title)


@register.filter
def lang(text: Any) -> str:
    """`{{ text|lang }}`: the side of a pair {zh, en} that is in the page's language; other values as they are."""
    if text is None:
        return ""
    language = get_language() or "zh-hans"
    if hasattr(text, "in_language"):
        return str(text.in_language(language))
    if isinstance(text, dict):
        first, second = ("zh", "en") if language.startswith("zh") else ("en", "zh")
        return str(text.get(first) or text.get(second) or "")
    return str(text)


@register.filter
def named(thing: Any) -> str:
    """`{{ organization|named }}`: a row's name in the page's language, from name_en, name_zh or name."""
    if thing is None:
        return ""
    english = not (get_language() or "zh-hans").startswith("zh")
    candidates = ("name_en", "name", "name_zh") if english else ("name_zh", "name", "name_en")
    return str(next((value for key in candidates if (value := getattr(thing, key, ""))), thing))


@register.filter
def short_named(thing: Any) -> str:
    """`{{ organization|short_named }}`: the short Chinese name, or the English one on English pages."""
    if thing is None:
        return ""
    return str(getattr(thing, "shown_short_name", "") or named(thing))


@register.filter
def words_of(thing: Any) -> str:
    """`{{ thing|words_of }}`: a pack's text, a row with names, or plain words, in the page's language."""
    return lang(thing) if isinstance(thing, str | dict) or hasattr(thing, "in_language") else named(thing)


@register.simple_tag
def day(value: date | datetime | None, empty: str = "—") -> str | SafeString:
    """`{% day due_on %}`: 2026-11-27 周五, as a <time>."""
    if value is None:
        return empty
    shown = presentation.day_text(value)
    iso = presentation.local_day(value).isoformat()
    return format_html('<time class="sh-nowrap" datetime="{}">{}</time>', iso, shown)


@register.simple_tag
def moment(value: datetime | None, empty: str = "—") -> str | SafeString:
    """`{% moment event.at %}`: 2026-11-27 15:42, as a <time>."""
    if value is None:
        return empty
    return format_html(
        '<time class="sh-nowrap" datetime="{}">{}</time>', value.isoformat(), presentation.moment_text(value)
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "bell" %}`: a decorative line icon; its meaning must stand in words beside it."""
    shape = format_html('<path d="{}"></path>', ICONS[name])
    return format_html('<svg class="sh-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', shape)


@register.simple_tag
def address(name: str, *args: Any, **kwargs: Any) -> str:
    """`{% address "room:page" pk as url %}`: like {% url %}, but empty where that page is not installed."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def with_query(context: RequestContext, **changes: Any) -> str:
    """`{% with_query state="open" cursor=None %}`: the page's query with some parameters changed, None removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "."


@register.simple_tag
def clock_badge(clock: Any, date: bool = False) -> SafeString:
    """`{% clock_badge clock %}`: the state of a time limit in words and colour; `date=True` adds the due date.

    clock: a row, dataclass or dict with `status`, `left` (units left, or over when overdue; None: not counted),
    `unit`, `due_on` and `provisional`.
    """
    css, text = presentation.clock_class(clock), presentation.clock_text(clock)
    badge = format_html('<span class="sh-chip {}">{}</span>', css, text)
    due_on = presentation.part(clock, "due_on") if date else None
    return format_html('{} <span class="sh-small">{}</span>', badge, day(due_on)) if due_on else badge


@register.inclusion_tag("portal/components/day_strip.html")
def day_strip(derivation: Any, today: date | None = None, running: bool = False) -> dict[str, Any]:
    """`{% day_strip derivation %}`: a derivation with `days` and `due_on`, drawn day by day.

    `running=True` for a clock that still runs: when it is overdue the strip goes on to today.
    """
    marked = today or timezone.localdate()
    cells = presentation.strip_cells(
        presentation.part(derivation, "days", ()) or (),
        presentation.part(derivation, "due_on"),
        marked,
        running=running,
    )
    return {"cells": cells, "derivation": derivation}


@register.simple_tag
def law(
    rule: Any,
    instrument: Any = None,
    pack: str = "",
    compiled: CompiledPack | None = None,
    bare: bool = False,
    case: Any = None,
) -> str | SafeString:
    """`{% law rule instrument=… %}`: the law and the article of a rule; the summary is its tooltip.

    `compiled`: the law in which to look the instrument up where the page has none at hand. `bare=True`: the article
    alone, on a page or under a head that names the law. `pack`: the pack that the page belongs to, for the link.
    `case`: the case that the reference belongs to, for the link to lead to the law that this case lives by.
    """
    if not rule:
        return ""
    if instrument is None and compiled is not None:
        instrument = compiled.instrument(rule)
    article, summary = presentation.article(rule), presentation.part(rule, "summary")
    named_law = f"{lang(instrument.title)} " if instrument else ""
    url = _rule_address(pack or presentation.part(rule, "pack", ""), presentation.part(rule, "id", ""))
    if url and case:
        url = f"{url}?{urlencode({'version': case.pack_version_id, 'on': case.law_day.isoformat()})}"
    drawn = format_html(
        '<a class="sh-law{}" href="{}" title="{}">{}</a>' if url else '<span class="sh-law{0}" title="{2}">{3}</span>',
        " sh-nowrap" if bare else "",
        url,
        f"{named_law}{article}" + (f": {lang(summary)}" if summary else ""),
        _cited(rule, instrument, article, bare=bare),
    )
    practice = presentation.part(rule, "practice", False)
    if presentation.part(rule, "soft", False) or (practice and article):
        return format_html("{}{}", drawn, render_to_string("statutes/badges.html", {"rule": rule}))
    return drawn


@lru_cache(maxsize=4096)
def _rule_address(pack: str, rule_id: str) -> str:
    """A page refers to the same few rules over and over."""
    return address("statutes:rule", pack, rule_id)


def _cited(rule: Any, instrument: Any, article: str, *, bare: bool) -> str:
    """What a reference to a rule says: the law and the article, or what there is of them."""
    title = short_title(instrument, get_language() or "zh-hans") if instrument else ""
    if title and article and not bare:
        return pgettext("citation", "%(law)s, %(article)s") % {"law": title, "article": article}
    if article:
        return article
    if presentation.part(rule, "practice", False):
        return gettext("Practice of the operator")
    return title or str(presentation.part(rule, "ref", "") or presentation.part(rule, "id", ""))


# --- form fields -----------------------------------------------------------------------------------------


@register.filter
def is_group(field: BoundField) -> bool:
    """A field of several boxes, which needs a legend instead of a label."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def styled(field: BoundField) -> SafeString:
    """The widget with the kit's class, and tied to its help and its errors for screen readers."""
    widget = field.field.widget
    _name_empty_choice(field)
    wanted = WIDGET_CLASSES.get(type(widget).__name__, "form-control")
    own = [name for name in widget.attrs.get("class", "").split() if name not in KIT_CLASSES]
    attrs: dict[str, str | bool] = {"class": " ".join([wanted, *own])}
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


def _name_empty_choice(field: BoundField) -> None:
    """A list that has nothing chosen yet says so in words, where Django would draw dashes."""
    words = pgettext("of a list", "Please choose")
    if isinstance(field.field, ModelChoiceField):
        if field.field.empty_label == BLANK:
            field.field.empty_label = words
    elif type(field.field.widget) is Select:
        choices = list(field.field.widget.choices)
        if choices and tuple(choices[0]) == ("", BLANK):
            field.field.widget.choices = [("", words), *choices[1:]]


@register.filter
def unlocalised(value: Any) -> str:
    """A number as SVG wants it: no thousands separator, a point as decimal mark."""
    return str(value)
