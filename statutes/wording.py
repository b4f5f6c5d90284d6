"""How law is said: limits, articles, days and marks, in the reader's language. Nothing is decided here."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from organizations.models import Position
from statutes import vocabulary
from statutes.definitions import (
    CompiledPack,
    Every,
    Hand,
    Handler,
    Instrument,
    Limit,
    Range,
    Reminder,
    Rule,
    Text,
    Threshold,
    Unit,
)
from statutes.resolution import Standing

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


def reminder_text(reminder: Reminder) -> str:
    """When a reminder falls, from the end of the limit."""
    count = abs(reminder.amount)
    if count == 0:
        return _("on the last day")
    if reminder.unit == "wd":
        amount = amount_text("working_day", count)
    elif reminder.unit == "h":
        amount = amount_text("hour", count)
    else:
        amount = ngettext("%(n)s minute", "%(n)s minutes", count) % {"n": count}
    return (_("%(amount)s before") if reminder.amount < 0 else _("%(amount)s after")) % {"amount": amount}


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


def unit_text(unit: str) -> str:
    """A unit of thresholds and ranges; one that nobody knows stays as the pack writes it."""
    return {
        "percent": "%",
        "CNY": _("yuan"),
        "count": pgettext("unit", "times"),
        "level": pgettext("unit", "level"),
        "mlps_level": pgettext("unit", "level"),
    }.get(unit, unit)


def threshold_text(threshold: Threshold) -> str:
    return f"{COMPARATORS[threshold.comparator]} {threshold.amount:,.12g} {unit_text(threshold.unit)}".strip()


def range_text(bounds: Range) -> str:
    return f"{bounds.min:,.12g}–{bounds.max:,.12g} {unit_text(bounds.unit)}".strip()


def number_text(rule: Rule) -> str:
    """The one number that a rule may state, "" if it states none."""
    if rule.limit is not None:
        return limit_text(rule.limit)
    if rule.threshold is not None:
        return threshold_text(rule.threshold)
    if rule.range is not None:
        return range_text(rule.range)
    return every_text(rule.every) if rule.every is not None else ""


def standing_text(standing: Standing) -> str:
    """Why a number binds, in a sentence; see `statutes.resolution.Standing`."""
    local, since = standing.local, standing.since
    days = {
        "since": since.isoformat() if since else "",
        "until": local.in_force_to.isoformat() if local and local.in_force_to else "",
        "from": local.in_force_from.isoformat() if local and local.in_force_from else "",
    }
    text = {
        "alone": _("No law above it sets a number."),
        "stricter": _("The local number is stricter than the one above it, so it binds."),
        "same": _("Both say the same."),
        "laxer": _("The local number allows more than the one above it, so the one above binds since %(since)s."),
        "superseded": _("The local number departs from the one above it on purpose: a later law allows it, it binds."),
        "incomparable": _("The two are counted differently; the local one binds."),
        "ended": _("The local number ended on %(until)s; since then the one above it binds."),
        "not_yet": _("The local number comes into force on %(from)s; until then the one above it binds."),
        "silent": _("The local law names no number, so the one above it binds."),
        "neither": _("Neither is in force on this day."),
    }[standing.why]
    return text % days


def article_text(rule: Rule) -> str:
    """Art. 16 (第16条); an article that is written out stays as it is. Without one: the operator's practice."""
    if rule.article[:1].isdigit():
        return _("art. %(article)s") % {"article": rule.article}
    return rule.article or _("practice")


def short_title(instrument: Instrument, language: str) -> str:
    """What a law is called in a citation: its title without the name of the state before it."""
    return instrument.title.in_language(language).removeprefix("中华人民共和国")


def citation(rule: Rule, instrument: Instrument | None, language: str) -> str:
    """《政务数据共享条例》第21条: a rule by its law and article, or that it is the operator's practice."""
    if not rule.article:
        return _("Practice of the operator")
    if instrument is None:
        return article_text(rule)
    values = {"law": short_title(instrument, language), "article": article_text(rule)}
    return pgettext("citation", "%(law)s, %(article)s") % values


def treatment_text(treatment: str) -> str:
    return {
        "enforced": _("enforced"),
        "monitored": _("monitored"),
        "informed": _("informed"),
        "outside": _("outside the portal"),
        "planned": _("planned"),
    }[treatment]


def kind_text(kind: str) -> str:
    return {
        "obligation": _("obligation"),
        "prohibition": _("prohibition"),
        "gate": _("gate"),
        "sanction": _("sanction"),
        "right": _("right"),
        "definition": _("definition"),
    }[kind]


def handler_text(compiled: CompiledPack, handler: Handler, on: date, language: str) -> tuple[str, str]:
    """What handles a rule, and the URL name of its page ("" if it has none of its own)."""
    kind, name = handler.kind, handler.name
    if kind == "room":
        return str(vocabulary.ROOMS[name].label), ""
    if kind in vocabulary.PLACES:
        where = vocabulary.places(kind).get(name)
        return (str(where.label), where.url) if where else (name, "")
    if kind in ("condition", "effect"):
        found = [family.conditions[name] for family in vocabulary.families().values() if name in family.conditions]
        return (str(found[0].met) if found else name), ""
    procedure_id, _dot, part = name.partition(".")
    try:
        procedure = compiled.procedure(procedure_id, on)
    except KeyError:
        return name, ""
    label = said(procedure.label, language)
    if kind == "action" and part in procedure.actions:
        return f"{label} · {said(procedure.actions[part].label, language)}", ""
    return (f"{label} · {_('time limit')}" if kind == "clock" else label), ""


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
