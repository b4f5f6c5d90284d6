"""What a pack says that the portal does with a rule: the names exist, they fit, and each source is stated once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from statutes import vocabulary
from statutes.definitions import CompiledPack, Handler, HandlerKind, Procedure, Rule, Treatment
from statutes.loader import LoadedPack, Place, Report, join, nearest

HANDLERS: dict[Treatment, tuple[HandlerKind, ...]] = {
    "enforced": ("procedure", "action", "clock", "schedule", "condition", "effect", "guard"),
    "monitored": ("report", "alert"),
    "informed": ("page",),
    "planned": ("room",),
    "outside": (),
}
BESIDE: dict[Treatment, tuple[HandlerKind, ...]] = {"enforced": ("page",), "monitored": ("page",)}
"""What may be named beside a handler that fits, never alone: the page on which people read the rule that they apply."""

MENDS: dict[Treatment, str] = {
    "enforced": "Name a procedure, action, clock, schedule, condition, effect or guard.",
    "monitored": "Name a report or an alert.",
    "informed": "Name a page.",
    "planned": "Name a room.",
    "outside": "Remove it, and say `why`.",
}


def check_handling(chain: Sequence[LoadedPack], report: Report) -> None:
    """Treatments, handlers, figures and references of the rules that a pack states itself.

    Asked of packs on disk only: a stored version runs whatever a later portal calls its reports and pages.
    """
    own, compiled = chain[0], join(chain)
    for rule in own.pack.rules:
        place = own.place_of_rule(rule)
        if rule.treatment == "outside" and rule.why is None:
            report.add(place.at("why"), "A rule that is left outside says why.", "Add `why` in both languages.")
        if rule.ref and rule.kind is None:
            report.add(place.at("kind"), "A rule with a reference says of which kind it is.", "Add `kind`.")
        for handler in rule.handled_by:
            _handler(compiled, rule, handler, place.at("handled_by"), report)
        _field(rule, place, report)
    _figures(own, report)
    _refs(own, report)


def _handler(compiled: CompiledPack, rule: Rule, handler: Handler, place: Place, report: Report) -> None:
    if not _fits(rule, handler):
        message = f"“{handler}” does not fit a rule that is {rule.treatment}."
        report.add(place, message, MENDS[rule.treatment])
        return
    known = known_names(compiled, handler)
    if handler.name not in known:
        report.add(place, f"There is no {handler.kind} “{handler.name}”.", nearest(handler.name, known))


def _fits(rule: Rule, handler: Handler) -> bool:
    own = HANDLERS[rule.treatment]
    if handler.kind in own:
        return True
    return handler.kind in BESIDE.get(rule.treatment, ()) and any(other.kind in own for other in rule.handled_by)


def known_names(compiled: CompiledPack, handler: Handler) -> Collection[str]:
    """Every name that a handler of this kind may have under a pack."""
    procedures = [procedure for pack in compiled.chain for procedure in pack.procedures]
    families = vocabulary.families().values()
    match handler.kind:
        case "procedure":
            return {procedure.id for procedure in procedures}
        case "action":
            return _parts((p, p.actions) for p in procedures)
        case "clock":
            return _parts((p, p.clocks) for p in procedures)
        case "schedule":
            return _parts((p, p.schedules) for p in procedures)
        case "condition":
            return {name for family in families for name in family.conditions}
        case "effect":
            return {name for family in families for name in family.effects}
        case "room":
            return vocabulary.ROOMS
        case kind:
            return vocabulary.places(kind)


def _parts(procedures: Iterable[tuple[Procedure, Mapping[str, object]]]) -> set[str]:
    return {f"{procedure.id}.{part}" for procedure, parts in procedures for part in parts}


def _field(rule: Rule, place: Place, report: Report) -> None:
    """What is compared is known to an app, unless nothing is done with the rule yet."""
    if rule.threshold is None or rule.treatment not in ("enforced", "monitored") or ":" in rule.threshold.field:
        return
    fields = {name for family in vocabulary.families().values() for name in family.fields}
    if rule.threshold.field not in fields:
        message = f"There is no field “{rule.threshold.field}”."
        report.add(place.at("threshold.field"), message, nearest(rule.threshold.field, fields))


def _figures(own: LoadedPack, report: Report) -> None:
    """A number of the source has one rule that states it."""
    stated: dict[str, str] = {}
    places = [
        *((i.figure, own.place("pack.toml", f"instrument.{i.id}", i.id)) for i in own.pack.instruments.values()),
        *((rule.figure, own.place_of_rule(rule)) for rule in own.pack.rules),
    ]
    for figures, place in places:
        for figure in figures:
            if figure in stated:
                message = f"The figure “{figure}” is stated by “{stated[figure]}” already."
                report.add(place.at("figure"), message, "Keep it in one place.")
            stated.setdefault(figure, place.id)


def _refs(own: LoadedPack, report: Report) -> None:
    """A row of the source has one rule, over all its dates."""
    stated: dict[str, str] = {}
    for rule in own.pack.rules:
        if rule.ref and stated.setdefault(rule.ref, rule.id) != rule.id:
            message = f"The reference “{rule.ref}” is that of “{stated[rule.ref]}” already."
            report.add(own.place_of_rule(rule).at("ref"), message, "Keep it in one place.")
