"""How law is said: limits, articles, days and marks, in the reader's language. Nothing is decided here."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from organizations.models import Position
from statutes.definitions import CompiledPack, Every, Hand, Limit, Range, Rule, Text, Threshold, Unit

HOLIDAYS = {
    gettext_noop("New Year's Day"),
    gettext_noop("Spring Festival"),
    gettext_noop("Tomb-sweeping Day"),
    gettext_noop("Labour Day"),
    gettext_noop("Dragon Boat Festival"),
    gettext_noop("National Day"),
    gettext_noop("Mid-autumn Festival"),
    gettext_noop("Anti-Fascist 70th Day"),
}
COMPARATORS = {"<": "<", "<=": "≤", "=": "=", ">=": "≥", ">": ">"}


def said(text: Text | None, language: str) -> str:
    return text.in_language(language) if text else ""


def holiday_name(name: str) -> str:
    """The name of a holiday; a local day keeps the name that it was entered with."""
    return _(name) if name in HOLIDAYS else name


def why_text(why: str) -> str:
    """Why a day of a derivation is counted or not; see `statutes.timelimits.DayStep.why`."""
    kind, _colon, name = why.partition(":")
    if kind == "holiday":
        return holiday_name(name) or _("holiday")
    return {
        "start": _("start, not counted"),
        "working": _("working day"),
        "make_up": _("make-up working day"),
        "weekend": _("weekend"),
        "calendar": _("calendar day"),
        "paused": _("suspended, not counted"),
        "landing": _("end of the period"),
        "rolled": _("moved on to the next working day"),
        "instant": _("end of the hours"),
    }[kind]


def weekday_text(day: date) -> str:
    """The head of a calendar's column."""
    return (
        pgettext("weekday, narrow", "Mon"),
        pgettext("weekday, narrow", "Tue"),
        pgettext("weekday, narrow", "Wed"),
        pgettext("weekday, narrow", "Thu"),
        pgettext("weekday, narrow", "Fri"),
        pgettext("weekday, narrow", "Sat"),
        pgettext("weekday, narrow", "Sun"),
    )[day.weekday()]


def amount_text(unit: Unit, count: int) -> str:
    """5 working days, 2 hours, 1 month."""
    if unit == "hour":
        return ngettext("%(n)s hour", "%(n)s hours", count) % {"n": count}
    if unit == "day":
        return ngettext("%(n)s calendar day", "%(n)s calendar days", count) % {"n": count}
    if unit == "month":
        return ngettext("%(n)s month", "%(n)s months", count) % {"n": count}
    if unit == "year":
        return ngettext("%(n)s year", "%(n)s years", count) % {"n": count}
    return ngettext("%(n)s working day", "%(n)s working days", count) % {"n": count}


def limit_text(limit: Limit) -> str:
    """A limit as a rule states it."""
    if limit.unit == "set":
        return _("on the day that is set")
    if limit.unit == "on":
        if not limit.years:
            return _("by %(date)s") % {"date": limit.amount}
        if limit.years == 1:
            return _("by %(date)s of the following year") % {"date": limit.amount}
        return _("by %(date)s, %(n)s years later") % {"date": limit.amount, "n": limit.years}
    if limit.amount == 0:
        return _("at once") if limit.unit == "hour" else _("on the day itself")
    said_amount = amount_text(limit.unit, int(limit.amount or 0))
    return _("at least %(amount)s") % {"amount": said_amount} if limit.bound == "earliest" else said_amount


def every_text(every: Every) -> str:
    period = {
        "year": _("year"),
        "half_year": _("half-year"),
        "quarter": _("quarter"),
        "month": _("month"),
        "week": _("week"),
        "working_day": _("working day"),
        "day": _("day"),
        "hour": _("hour"),
    }[every.period]
    if every.bound == "most":
        return _("at most %(times)s times every %(period)s") % {"times": every.times, "period": period}
    if every.times == 1:
        return _("every %(period)s") % {"period": period}
    return _("%(times)s times every %(period)s") % {"times": every.times, "period": period}


def threshold_text(threshold: Threshold) -> str:
    return f"{COMPARATORS[threshold.comparator]} {threshold.amount:g} {threshold.unit}".strip()


def range_text(bounds: Range) -> str:
    return f"{bounds.min:g}–{bounds.max:g} {bounds.unit}".strip()


def number_text(rule: Rule) -> str:
    """The one number that a rule may state, "" if it states none."""
    if rule.limit is not None:
        return limit_text(rule.limit)
    if rule.threshold is not None:
        return threshold_text(rule.threshold)
    if rule.range is not None:
        return range_text(rule.range)
    return every_text(rule.every) if rule.every is not None else ""


def article_text(rule: Rule) -> str:
    """Art. 16 (第16条); an article that is written out stays as it is. Without one: the operator's practice."""
    if rule.article[:1].isdigit():
        return _("art. %(article)s") % {"article": rule.article}
    return rule.article or _("practice")


def treatment_text(treatment: str) -> str:
    return {
        "enforced": _("enforced"),
        "monitored": _("monitored"),
        "informed": _("informed"),
        "outside": _("outside the portal"),
        "planned": _("planned"),
    }[treatment]


def party_text(compiled: CompiledPack, party: str, language: str) -> str:
    """A party of a procedure by its organ's label or the pack's word for it, else its id."""
    organ = compiled.organ(party)
    return said(organ.label if organ else compiled.term(party), language) or party


def position_text(position: str) -> str:
    return str(Position.Kind(position).label) if position in Position.Kind.values else position


def hand_text(compiled: CompiledPack, hand: Hand, language: str) -> str:
    """Who acts: the party and the position."""
    party = party_text(compiled, hand.party, language)
    return f"{party} · {position_text(hand.position)}" if hand.position else party
