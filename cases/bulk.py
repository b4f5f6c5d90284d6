"""Acts on several cases at once: which of the selected cases are open to which act, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases import hands, page, selectors
from cases.engine import Matter, closed_doors, load_many
from cases.models import Case, CaseEvent
from organizations.actors import Actor
from organizations.errors import BadInput
from statutes.definitions import Action

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One selected case. `actions`: what may be done to it at once with others; none: `reason` says why."""

    number: str
    row: page.CaseRow | None
    actions: tuple[Action, ...] = ()
    reason: str = ""

    @property
    def version(self) -> int:
        return self.row.case.seq if self.row else 0


def checked(numbers: Iterable[str]) -> list[str]:
    """The case numbers, each once. Raises BadInput for none and for more than are handled in one go."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise BadInput(_("Choose at least one case."), {"case": _("Choose at least one case.")})
    if len(wanted) > MOST_AT_ONCE:
        sentence = _("At most %(most)s cases in one go.") % {"most": MOST_AT_ONCE}
        raise BadInput(sentence, {"case": sentence})
    return wanted


def plan(actor: Actor, numbers: Iterable[str], now: datetime) -> list[Entry]:
    """What would be done to each selected case, in the order of selection."""
    wanted = checked(numbers)
    visible = page.listed(selectors.visible_cases(actor).filter(number__in=wanted), actor)
    rows = {row.case.number: row for row in page.rows(visible, now, actor)}
    matters = {matter.case.number: matter for matter in _with_events([row.case for row in rows.values()])}
    return [
        _entry(actor, rows[number], matters[number], now)
        if number in rows
        else Entry(number, None, reason=_("There is no such case."))
        for number in wanted
    ]


def _entry(actor: Actor, row: page.CaseRow, matter: Matter, now: datetime) -> Entry:
    number = row.case.number
    if row.case.closed_at is not None:
        return Entry(number, row, reason=_("The case is closed."))
    mine = [
        action
        for action in matter.procedure.actions_from(row.case.state)
        if action.bulk and hands.held_by(matter, actor, action.by) is not None
    ]
    doors = [(action, closed_doors(matter, actor, action, now)) for action in mine]
    if actions := tuple(action for action, reasons in doors if not reasons):
        return Entry(number, row, actions)
    sentences = dict.fromkeys(reason.sentence for _action, reasons in doors for reason in reasons)
    return Entry(number, row, reason=" ".join(sentences) or _("This case has to be handled by itself."))


def _with_events(cases: Sequence[Case]) -> list[Matter]:
    """The cases with their history, in a number of queries that does not grow with them."""
    history: dict[int, list[CaseEvent]] = {case.pk: [] for case in cases}
    for event in CaseEvent.objects.filter(case__in=cases).select_related("deputy_for").order_by("case_id", "seq"):
        history[event.case_id].append(event)
    matters = load_many(list(cases))
    for matter in matters:
        matter.events = history[matter.case.pk]
    return matters
