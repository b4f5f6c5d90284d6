"""Share requests as lists: what we ask and what is asked of us, narrowed to a state, and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import page
from cases.models import Case
from cases.wording import case_title
from organizations.actors import Actor
from sharing import selectors
from statutes.sheets import workbook

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LINES = 5000
SIDES = {
    "": gettext_lazy("All"),
    selectors.OURS: gettext_lazy("What we ask for"),
    selectors.THEIRS: gettext_lazy("What is asked of us"),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Cases of one side and state; `sides`, `states`: what may be chosen, each with its address."""

    cases: QuerySet[Case]
    sides: list[dict[str, Any]]
    states: list[dict[str, Any]]
    query: str
    names: Mapping[str, str]


def listed(actor: Actor, given: QueryDict) -> Listing:
    """The requests that an address narrows to; what it names and there is not is left out."""
    side = given.get("side", "") if given.get("side", "") in SIDES else ""
    cases = selectors.request_cases(actor, side)
    names = selectors.states_of(cases)
    state = given.get("state", "") if given.get("state", "") in names else ""
    chosen = {name: value for name, value in (("side", side), ("state", state)) if value}
    return Listing(
        cases=cases.filter(state=state) if state else cases,
        sides=[_choice({"side": key}, label, current=key == side) for key, label in SIDES.items()],
        states=[_choice({"side": side}, _("Every step"), current=not state)]
        + [_choice({"side": side, "state": key}, label, current=key == state) for key, label in names.items()],
        query=_query(chosen),
        names=names,
    )


def _choice(values: dict[str, str], label: object, *, current: bool) -> dict[str, Any]:
    return {"label": label, "url": f"?{_query(values)}", "current": current}


def _query(values: Mapping[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return query.urlencode()


def workbook_of(listing: Listing) -> BytesIO:
    """The newest cases of a list, at most 5,000, as a workbook of text cells."""
    head = [_("Case number"), _("Matter"), _("Applicant"), _("Provider"), _("Step"), _("Filed on"), _("Closed on")]
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    return workbook(_("Share requests"), lead, head, _lines(listing), (22, 48, 26, 26, 18, 14, 14), _("Share requests"))


def _lines(listing: Listing) -> Iterator[list[str]]:
    related = ("share_request__applicant", "share_request__resource__provider")
    cases = page.listed(listing.cases).select_related(*related).order_by("-opened_at", "-pk")
    for case in cases[:MOST_LINES]:
        asked = case.share_request
        yield [
            case.number,
            str(case_title(case)),
            asked.applicant.shown_name,
            asked.resource.provider.shown_name,
            listing.names.get(case.state, case.state),
            timezone.localtime(case.opened_at).date().isoformat(),
            timezone.localtime(case.closed_at).date().isoformat() if case.closed_at else "",
        ]
