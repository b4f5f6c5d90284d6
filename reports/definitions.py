"""The reports: what each is called, what it may be narrowed by, its lines, and its columns in a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cases.wording import case_title
from organizations.actors import Actor
from reports import selectors
from reports.forms import AccessFilter, ActFilter, CaseFilter, ReportFilter
from reports.paging import after, cursor_of
from reports.selectors.access import AccessLine
from reports.selectors.decisions import CaseLine
from statutes.wording import citation

PAGE_SIZE = 50
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the workbook. `width` in characters."""

    label: str | Promise
    value: Callable[[Any], Any]
    width: int = 16


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and the cursor of the next page ("" at the end)."""

    lines: Sequence[Any]
    following: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `order`: the fields that put rows in order, newest first, the last one unique."""

    id: str
    title: str | Promise
    lead: str | Promise
    form: type[ReportFilter]
    rows: Callable[[Actor, Any], QuerySet[Any]]
    lines: Callable[[Actor, Sequence[Any]], Sequence[Any]]
    order: tuple[str, ...]
    columns: tuple[Column, ...]

    def _ordered(self, actor: Actor, wanted: ReportFilter) -> QuerySet[Model]:
        return self.rows(actor, wanted).order_by(*(f"-{name}" for name in self.order))

    def page(self, actor: Actor, wanted: ReportFilter, cursor: str) -> Page:
        """The page that begins after a cursor. BadInput for a cursor that is not ours."""
        rows = after(self._ordered(actor, wanted), self.order, cursor, self.id)
        found = list(rows[: PAGE_SIZE + 1])
        following = cursor_of(found[PAGE_SIZE - 1], self.order, self.id) if len(found) > PAGE_SIZE else ""
        return Page(self.lines(actor, found[:PAGE_SIZE]), following)

    def every(self, actor: Actor, wanted: ReportFilter) -> Iterator[Any]:
        """Every line, read in short statements: memory does not grow with the report."""
        cursor = ""
        while True:
            rows = after(self._ordered(actor, wanted), self.order, cursor, self.id)
            found = list(rows[:CHUNK])
            yield from self.lines(actor, found)
            if len(found) < CHUNK:
                return
            cursor = cursor_of(found[-1], self.order, self.id)


def _name(organization: Any) -> str:
    return "" if organization is None else str(organization.shown_name)


def _article(line: CaseLine) -> str:
    if line.decision is None:
        return ""
    return citation(line.decision.rule, line.decision.instrument, get_language() or "zh-hans")


def _decided(name: str) -> Callable[[CaseLine], Any]:
    return lambda line: getattr(line.decision.event, name) if line.decision else ""


def _holder(line: CaseLine) -> str:
    """For whom the decider stood in; "" for who decided in own right."""
    deputy_for = line.decision.event.deputy_for if line.decision else None
    return deputy_for.user.full_name if deputy_for else ""


def _closed(name: str) -> Callable[[AccessLine], Any]:
    return lambda line: getattr(line.closed, name) if line.closed else None


ACCESS = Report(
    id="access",
    title=_("Who read what"),
    lead=_("Every read of data, allowed or refused: who, by which grant, which columns, how many rows."),
    form=AccessFilter,
    rows=selectors.accesses,
    lines=selectors.access_lines,
    order=("opened_at", "pk"),
    columns=(
        Column(_("Moment"), lambda line: line.read.opened_at, 20),
        Column(_("Organization"), lambda line: _name(line.read.organization), 28),
        Column(_("Person"), lambda line: line.read.person.full_name if line.read.person else "", 12),
        Column(_("Credential"), lambda line: line.read.credential.prefix if line.read.credential else "", 12),
        Column(_("Resource code"), lambda line: line.read.resource.code, 24),
        Column(_("Resource"), lambda line: line.read.resource.title, 32),
        Column(_("Provider"), lambda line: _name(line.read.resource.provider), 28),
        Column(_("Case"), lambda line: line.case_number, 20),
        Column(_("Channel"), lambda line: line.read.get_channel_display(), 12),
        Column(_("Purpose"), lambda line: line.read.purpose, 32),
        Column(_("Columns"), lambda line: ", ".join(line.columns), 32),
        Column(_("Filters"), lambda line: line.filters, 20),
        Column(_("Result"), lambda line: line.result, 18),
        Column(_("Rows"), _closed("rows"), 10),
        Column(_("Bytes"), _closed("bytes"), 12),
        Column(_("Ended"), _closed("closed_at"), 20),
        Column(_("Address"), lambda line: line.read.address, 16),
    ),
)

CASES = Report(
    id="cases",
    title=_("What was decided"),
    lead=_("Every case: who decided, on which article, in time or not."),
    form=CaseFilter,
    rows=selectors.audited_cases,
    lines=selectors.case_lines,
    order=("opened_at", "pk"),
    columns=(
        Column(_("Case"), lambda line: line.case.number, 20),
        Column(_("Case title"), lambda line: case_title(line.case), 40),
        Column(_("Kind of matter"), lambda line: line.family, 14),
        Column(_("Procedure"), lambda line: line.procedure, 24),
        Column(_("Organization that asked"), lambda line: _name(line.case.opener), 28),
        Column(_("Opened at"), lambda line: line.case.opened_at, 20),
        Column(_("Closed at"), lambda line: line.case.closed_at, 20),
        Column(_("Step or outcome"), lambda line: line.state, 18),
        Column(_("Decision"), lambda line: line.decision.label if line.decision else "", 18),
        Column(_("Decided at"), _decided("at"), 20),
        Column(_("Recorded at"), _decided("recorded_at"), 20),
        Column(_("Decided by"), _decided("person_name"), 12),
        Column(_("As deputy for"), _holder, 12),
        Column(_("For"), lambda line: _name(line.decision.event.organization) if line.decision else "", 28),
        Column(_("Opinion"), _decided("opinion"), 40),
        Column(_("Basis"), _article, 32),
        Column(_("Time limits"), lambda line: line.limits, 10),
        Column(_("Late ones"), lambda line: line.late, 10),
        Column(_("In time or not"), lambda line: line.verdict, 14),
        Column(_("Rule pack"), lambda line: line.pack, 24),
    ),
)

ACTS = Report(
    id="acts",
    title=_("Audit record"),
    lead=_("What people and the portal did, entry by entry, each with a proof that can be checked elsewhere."),
    form=ActFilter,
    rows=selectors.acts,
    lines=selectors.act_lines,
    order=("pk",),
    columns=(
        Column(_("Entry number"), lambda line: line.entry.pk, 10),
        Column(_("Recorded at"), lambda line: line.entry.recorded_at, 20),
        Column(_("Counts from"), lambda line: line.entry.at, 20),
        Column(_("Act"), lambda line: line.act, 30),
        Column(_("Code of the act"), lambda line: line.entry.verb, 26),
        Column(_("Person"), lambda line: line.entry.person, 12),
        Column(_("Position"), lambda line: line.entry.position, 12),
        Column(_("Organization"), lambda line: line.entry.organization, 28),
        Column(_("Address"), lambda line: line.entry.address, 16),
        Column(_("Kind of subject"), lambda line: line.subject, 16),
        Column(_("Subject number"), lambda line: line.entry.subject_id, 16),
        Column(_("Details of the act"), lambda line: line.details, 60),
    ),
)

DELEGATIONS = Report(
    id="delegations",
    title=_("Who stands in for whom"),
    lead=_("Every deputy: for whom, in which position, from when until when, and why."),
    form=ReportFilter,
    rows=selectors.delegations,
    lines=selectors.delegation_lines,
    order=("pk",),
    columns=(
        Column(_("Organization"), lambda line: _name(line.row.organization), 28),
        Column(_("Position"), lambda line: line.row.get_kind_display(), 14),
        Column(pgettext_lazy("position", "Holder"), lambda line: line.row.deputy_for.user.full_name, 12),
        Column(_("Deputy"), lambda line: line.row.user.full_name, 12),
        Column(_("First day"), lambda line: line.row.active_from, 14),
        Column(_("Last day"), lambda line: line.row.active_until, 14),
        Column(_("Ended early"), lambda line: line.row.left_at, 20),
        Column(_("Why"), lambda line: line.row.reason, 40),
        Column(_("State"), lambda line: line.state, 14),
    ),
)

BLOCKS = Report(
    id="integrity",
    title=_("Integrity of the record"),
    lead=_("Blocks that close over the record, how far sealing is behind, and verification."),
    form=ReportFilter,
    rows=selectors.sealed_blocks,
    lines=selectors.block_lines,
    order=("number",),
    columns=(
        Column(_("Block"), lambda line: line.block.number, 10),
        Column(_("Sealed at"), lambda line: line.block.sealed_at, 20),
        Column(_("Epoch"), lambda line: line.block.epoch, 8),
        Column(_("First entry"), lambda line: line.block.first_id, 12),
        Column(_("Last entry"), lambda line: line.block.last_id, 12),
        Column(_("Entries"), lambda line: line.block.count, 10),
        Column(_("Root"), lambda line: line.root, 66),
        Column(_("Header hash"), lambda line: line.header_hash, 66),
        Column(_("Key"), lambda line: line.block.key_id, 18),
        Column(_("Signature"), lambda line: bytes(line.block.signature).hex(), 40),
    ),
)

REPORTS: dict[str, Report] = {report.id: report for report in (CASES, ACCESS, ACTS, DELEGATIONS, BLOCKS)}
