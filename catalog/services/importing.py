"""Importing somebody's list of entries: drafts under one publication, known again by their key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit import services as audit
from cases.models import Case
from catalog.importing.mapping import ListMapping
from catalog.importing.reading import Table
from catalog.importing.rows import Planned, RowRefusedError, plan
from catalog.models import Category, Resource
from catalog.services.lifecycle import submit_for_publication
from catalog.services.resources import edit_resource, register_resource
from organizations.actors import Actor, SystemActor
from organizations.errors import BadInput, Conflict, Refused
from organizations.models import Jurisdiction, Organization
from organizations.services import register_organization

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, REFUSED)
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row. `code` is the resource's; `reason` is said of refused rows."""

    line: int
    key: str
    title: str
    outcome: str
    code: str = ""
    reason: str = ""


@dataclass(slots=True)
class ImportReport:
    """What became of every row, and of all together. `case` is None when nothing was handed in; `note` says why."""

    rows: list[RowReport] = field(default_factory=list)
    case: Case | None = None
    submitted: int = 0
    note: str = ""

    def count(self, outcome: str) -> int:
        return Counter(row.outcome for row in self.rows)[outcome]


def import_list(
    actor: SystemActor,
    *,
    table: Table,
    mapping: ListMapping,
    jurisdiction: Jurisdiction,
    submitter: Actor | None = None,
    source: str = "",
    dry_run: bool = False,
    at: datetime | None = None,
) -> ImportReport:
    """Import every row that can be imported, in one transaction; refuse the others with a reason each.

    A row whose key is known updates its draft; one that says the same as last time changes nothing. New drafts
    are handed in by `submitter` under one publication case. With `dry_run` all is done and undone. Raises BadInput
    when the list lacks a column that the mapping names.
    """
    _check_columns(table, mapping)
    with transaction.atomic():
        Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)
        report = _Import(actor, mapping, jurisdiction).run(table)
        _hand_in(report, mapping, jurisdiction, submitter, source, at)
        audit.record(
            verb="catalogue.import",
            who=actor.who,
            subject="jurisdiction",
            subject_id=jurisdiction.pk,
            data={
                "source": source,
                "digest": table.digest,
                "mapping": mapping.name,
                **{name: report.count(name) for name in OUTCOMES},
            },
        )
        transaction.set_rollback(dry_run)
    return report


def _check_columns(table: Table, mapping: ListMapping) -> None:
    missing = [column for column in mapping.columns if column not in table.headings]
    if missing:
        text = _("The list lacks these columns: %(missing)s. It has: %(found)s.")
        found = {"missing": ", ".join(missing), "found": ", ".join(table.headings)}
        raise BadInput(text % found, {column: _("This column is missing.") for column in missing})
    twice = [column for column in mapping.columns if list(table.headings).count(column) > 1]
    if twice:
        raise BadInput(_("These columns are there twice: %(names)s.") % {"names": ", ".join(twice)})


class _Import:
    """One run: what is known already, and what has been met in this list."""

    def __init__(self, actor: SystemActor, mapping: ListMapping, jurisdiction: Jurisdiction) -> None:
        self.actor, self.mapping, self.jurisdiction = actor, mapping, jurisdiction
        rows = Resource.objects.filter(jurisdiction=jurisdiction, source_key__startswith=f"{mapping.key_prefix}:")
        self.known = {row.source_key: row for row in rows.select_related("provider").defer("search", "search_text")}
        categories = Category.objects.filter(jurisdiction=jurisdiction, directory=mapping.category_directory)
        self.categories = {category.title: category for category in categories}
        self.providers: dict[str, Organization] = {}
        self.met: dict[str, int] = {}
        self.made: list[tuple[dict[str, Any], str]] = []

    def run(self, table: Table) -> ImportReport:
        return ImportReport([self.row(row) for row in table.rows])

    def row(self, source: Any) -> RowReport:
        key, title = "", source.cells.get(self.mapping.fields["title"].column, "")
        try:
            planned = plan(self.mapping, source)
            key = planned.key
            with transaction.atomic():
                outcome, resource = self.written(planned)
        except RowRefusedError as refused:
            return self.refused(source.line, key, title, str(refused))
        except Refused as refused:
            return self.refused(source.line, key, title, _sentence(refused))
        except DataError as error:
            reason = _("A value does not fit the catalogue: %(error)s.") % {"error": str(error).split("\n")[0]}
            return self.refused(source.line, key, title, reason)
        self.made.clear()
        self.known[key] = resource
        return RowReport(source.line, key, title, outcome, resource.code)

    def refused(self, line: int, key: str, title: str, reason: str) -> RowReport:
        """The row is undone, and with it what was registered for its sake."""
        for made, name in self.made:
            made.pop(name, None)
        self.made.clear()
        return RowReport(line, key, title, REFUSED, reason=reason)

    def written(self, planned: Planned) -> tuple[str, Resource]:
        if planned.key in self.met:
            raise RowRefusedError(
                _("The key of this row is used by line %(line)d already.") % {"line": self.met[planned.key]}
            )
        self.met[planned.key] = planned.line
        known = self.known.get(planned.key)
        if known is None:
            provider = self.provider(planned)
            entry = planned.entry(self.category(planned.category_title))
            return CREATED, register_resource(self.actor, provider=provider, entry=entry)
        if known.source_digest == planned.digest:
            return UNCHANGED, known
        self.check_changeable(known, planned)
        entry = planned.entry(self.category(planned.category_title))
        return UPDATED, edit_resource(self.actor, resource=known, entry=entry)

    def check_changeable(self, known: Resource, planned: Planned) -> None:
        if known.status != Resource.Status.DRAFT:
            text = _("The entry is %(status)s; only drafts are changed by an import. Its provider edits it.")
            raise RowRefusedError(text % {"status": known.get_status_display()})
        if known.provider.code != planned.provider_code:
            raise RowRefusedError(_("The entry belongs to %(name)s so far.") % {"name": known.provider.name})

    def provider(self, planned: Planned) -> Organization:
        """The organization of that code, registered when it is new."""
        code, scheme = planned.provider_code, self.mapping.provider_scheme
        if code not in self.providers:
            found = Organization.objects.filter(code_scheme=scheme, code=code).first()
            if found is None:
                found = register_organization(
                    self.actor,
                    jurisdiction=self.jurisdiction,
                    code=code,
                    name=planned.provider_name,
                    code_scheme=scheme,
                )
            if found.jurisdiction_id != self.jurisdiction.pk:
                raise Conflict(_("The organization %(code)s belongs to another jurisdiction.") % {"code": code})
            self.providers[code] = found
            self.made.append((self.providers, code))
        return self.providers[code]

    def category(self, title: str) -> Category:
        if title not in self.categories:
            prefix = self.mapping.category_code
            taken = Category.objects.filter(jurisdiction=self.jurisdiction, code__regex=rf"^{prefix}\d{{3}}$")
            last = taken.aggregate(last=Max("code"))["last"]
            number = int(last[len(prefix) :]) + 1 if last else 1
            self.categories[title] = Category.objects.create(
                jurisdiction=self.jurisdiction,
                directory=self.mapping.category_directory,
                code=f"{prefix}{number:03d}",
                title=title,
            )
            self.made.append((self.categories, title))
        return self.categories[title]


def _sentence(refused: Refused) -> str:
    """The refusal with what is wrong by field."""
    details = [f"{name}: {what}" for name, what in getattr(refused, "fields", {}).items()]
    return " ".join([str(refused.message), *details])


def _hand_in(
    report: ImportReport,
    mapping: ListMapping,
    jurisdiction: Jurisdiction,
    submitter: Actor | None,
    source: str,
    at: datetime | None,
) -> None:
    """Open the one publication case for every draft of the list that is in none."""
    drafts = _waiting(mapping, jurisdiction, report.rows)
    if not drafts:
        return
    if submitter is None:
        report.note = _("Nobody was named who hands the drafts in; they wait as drafts.")
        return
    title = f"{source or mapping.name} ({len(drafts)})"
    try:
        with transaction.atomic():
            report.case = submit_for_publication(
                submitter,
                resources=drafts,
                title=title[:LONGEST_SOURCE],
                imported_from=(source or mapping.name)[:LONGEST_SOURCE],
                at=at,
            )
    except Refused as refused:
        report.note = " ".join([_("The drafts could not be handed in:"), _sentence(refused), *_reasons(refused)])
    else:
        report.submitted = len(drafts)


def _reasons(refused: Refused) -> list[str]:
    return [str(reason.sentence) for reason in getattr(refused, "reasons", [])]


def _waiting(mapping: ListMapping, jurisdiction: Jurisdiction, rows: Sequence[RowReport]) -> list[Resource]:
    keys = [row.key for row in rows if row.outcome != REFUSED]
    drafts = Resource.objects.filter(jurisdiction=jurisdiction, source_key__in=keys, status=Resource.Status.DRAFT)
    under_way = drafts.filter(publications__case__closed_at__isnull=True, publications__case__isnull=False)
    return list(drafts.exclude(pk__in=under_way.values("pk")).defer("search", "search_text"))
