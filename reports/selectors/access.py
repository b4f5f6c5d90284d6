"""Who read which data: the access record, for the auditor of the jurisdiction whose data it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.models import ResourceItem
from organizations.actors import Actor
from organizations.models import Position
from reports.forms import AccessFilter, Outcome
from sharing.models import AccessClosed, AccessOpened
from sharing.services.reading import REFUSALS


def accesses(actor: Actor, wanted: AccessFilter) -> QuerySet[AccessOpened]:
    """Reads of data of the auditor's jurisdiction, and reads by its organizations, as narrowed by a valid form."""
    if actor.kind != Position.Kind.AUDITOR:
        return AccessOpened.objects.none()
    place = actor.jurisdiction_id
    rows = AccessOpened.objects.filter(Q(resource__jurisdiction=place) | Q(organization__jurisdiction=place))
    since, until = wanted.span()
    given = wanted.cleaned_data
    if since:
        rows = rows.filter(opened_at__gte=since)
    if until:
        rows = rows.filter(opened_at__lt=until)
    if words := given["resource"]:
        rows = rows.filter(Q(resource__title__icontains=words) | Q(resource__code=words))
    if words := given["organization"]:
        rows = rows.filter(Q(organization__name__icontains=words) | Q(organization__short_name__icontains=words))
    if words := given["person"]:
        rows = rows.filter(Q(person__full_name__icontains=words) | Q(person__username=words))
    if given["channel"]:
        rows = rows.filter(channel=given["channel"])
    return _with_outcome(rows, given["outcome"]).select_related(
        "organization", "person", "resource__provider", "credential", "closed", "grant__request__case"
    )


def _with_outcome(rows: QuerySet[AccessOpened], outcome: str) -> QuerySet[AccessOpened]:
    match outcome:
        case "":
            return rows
        case Outcome.REFUSED:
            return rows.exclude(refused="")
        case Outcome.ALLOWED:
            return rows.filter(refused="")
        case Outcome.OPEN:
            return rows.filter(refused="", closed__isnull=True)
    return rows.filter(closed__ending=outcome)


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One read in words. `columns`: names of the items read; `result`: its ending, or why it was refused.

    `filters`: what it was narrowed to.
    """

    read: AccessOpened
    closed: AccessClosed | None
    columns: list[str]
    result: str
    css: str
    case_number: str
    filters: str = ""


def access_lines(actor: Actor, rows: Sequence[AccessOpened]) -> list[AccessLine]:
    """Lines for a page of reads; one more query, for the names of the columns."""
    items = ResourceItem.objects.filter(resource__in={row.resource_id for row in rows})
    titles = {(resource, code): title for resource, code, title in items.values_list("resource_id", "code", "title")}
    return [_line(row, titles) for row in rows]


def _line(row: AccessOpened, titles: dict[tuple[int, str], str]) -> AccessLine:
    closed = getattr(row, "closed", None)
    columns = [titles.get((row.resource_id, code), code) for code in row.columns]
    result, css = _result(row, closed)
    case = row.grant.request.case if row.grant else None
    narrowed = [f"{titles.get((row.resource_id, code), code)} = {value}" for code, value in (row.filters or {}).items()]
    return AccessLine(row, closed, columns, result, css, case.number if case else "", "; ".join(narrowed))


def _result(row: AccessOpened, closed: AccessClosed | None) -> tuple[str, str]:
    if row.refused:
        return _("refused: %(reason)s") % {"reason": REFUSALS.get(row.refused, row.refused)}, "sh-over"
    if closed is None:
        return str(Outcome.OPEN.label), "sh-run"
    css = {AccessClosed.Ending.COMPLETE.value: "sh-done", AccessClosed.Ending.UNKNOWN.value: "sh-hold"}
    return closed.get_ending_display(), css.get(closed.ending, "sh-soon")
