"""One row of a list made into what the catalogue registers, or refused with the reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import parsing
from catalog.importing.mapping import CHOICES, DATES, FLAGS, LISTS, FieldRule, ListMapping
from catalog.importing.reading import SourceRow
from catalog.models import Category
from catalog.services.resources import Entry

LONGEST_KEY = 120
YES = frozenset({"是", "有", "yes", "true", "1", "y", "✓"})


class RowRefusedError(Exception):
    """The row cannot be imported; the message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A row understood: its key, whose it is, under which category title, and the fields of its entry."""

    line: int
    key: str
    provider_code: str
    provider_name: str
    category_title: str
    values: Mapping[str, Any]
    items: tuple[Any, ...]
    source_updated_at: datetime | None

    @property
    def digest(self) -> str:
        """The same for the same content, whatever the order or style of the list."""
        content = asdict(self) | {"line": 0}
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

    def entry(self, category: Category) -> Entry:
        return Entry(
            category=category,
            items=self.items,
            source_key=self.key,
            source_digest=self.digest,
            source_updated_at=self.source_updated_at,
            **self.values,
        )


def plan(mapping: ListMapping, row: SourceRow) -> Planned:
    """What a row says. Raises RowRefusedError with the first thing that is wrong."""
    if row.problem:
        raise RowRefusedError(row.problem)
    for column in mapping.columns:
        if column in row.unfit:
            raise RowRefusedError(_in_column(column, row.unfit[column]))
    code, name = _provider(mapping, row)
    values = {field: _value(field, rule, row) for field, rule in mapping.fields.items()}
    updated = values.pop("source_updated_at", None)
    return Planned(
        line=row.line,
        key=_key(mapping, row),
        provider_code=code,
        provider_name=name,
        category_title=_category(mapping, row),
        values=values,
        items=tuple(parsing.items_of(row.cells[mapping.items_column])),
        source_updated_at=updated,
    )


def _in_column(column: str, what: str) -> str:
    return _("%(column)s: %(what)s") % {"column": column, "what": what}


def _key(mapping: ListMapping, row: SourceRow) -> str:
    cell = row.cells[mapping.key_column]
    match = mapping.key_pattern.search(cell) if mapping.key_pattern else None
    key = match["key"] if match else "" if mapping.key_pattern else cell
    if not key:
        raise RowRefusedError(_in_column(mapping.key_column, _("holds no key, so the row could not be known again.")))
    return f"{mapping.key_prefix}:{key}"[:LONGEST_KEY]


def _provider(mapping: ListMapping, row: SourceRow) -> tuple[str, str]:
    match = mapping.provider_pattern.match(row.cells[mapping.provider_column])
    if match is None:
        raise RowRefusedError(_in_column(mapping.provider_column, _("does not name a provider with its code.")))
    return match["code"].strip(), match["name"].strip()


def _category(mapping: ListMapping, row: SourceRow) -> str:
    match = mapping.category_pattern.match(row.cells[mapping.category_column])
    if match is None or not match["title"].strip():
        raise RowRefusedError(_in_column(mapping.category_column, _("does not name a category.")))
    return match["title"].strip()[:80]


def _value(field: str, rule: FieldRule, row: SourceRow) -> Any:
    cell = row.cells[rule.column] if rule.column else ""
    if not cell:
        return _empty(field) if rule.default is None else rule.default
    return READERS.get(field, _text)(rule, cell)


def _empty(field: str) -> Any:
    if field in LISTS:
        return []
    if field in DATES:
        return None
    return False if field in FLAGS else ""


def _text(rule: FieldRule, cell: str) -> str:
    return str(rule.values.get(cell, cell))


def _known(rule: FieldRule, cell: str) -> Any:
    if not rule.values:
        return cell
    found = rule.values.get(cell, rule.values.get(cell.upper(), rule.otherwise))
    if found is None:
        text = _("“%(value)s” is not among the values that the mapping knows.") % {"value": cell}
        raise RowRefusedError(_in_column(rule.column, text))
    return found


def _list(rule: FieldRule, cell: str) -> list[Any]:
    parts = parsing.values_of(cell, rule.split) if rule.split else [cell]
    cut = [part[: rule.longest] for part in parts] if rule.longest else parts
    return list(dict.fromkeys(_known(rule, part) for part in cut))


def _flag(rule: FieldRule, cell: str) -> bool:
    return bool(_known(rule, cell)) if rule.values else cell.lower() in YES


def _moment(rule: FieldRule, cell: str) -> datetime:
    try:
        return parsing.moment_of(cell)
    except ValueError as error:
        text = _("“%(value)s” is no date that can be read.") % {"value": cell}
        raise RowRefusedError(_in_column(rule.column, text)) from error


def _day(rule: FieldRule, cell: str) -> date:
    return _moment(rule, cell).date()


READERS: dict[str, Callable[[FieldRule, str], Any]] = {
    **dict.fromkeys(CHOICES, _known),
    **dict.fromkeys(LISTS, _list),
    **dict.fromkeys(FLAGS, _flag),
    "assessed_on": _day,
    "source_updated_at": _moment,
}
