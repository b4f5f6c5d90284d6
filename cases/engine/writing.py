"""Rows of many cases written together: each kind in one statement, by arrays, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from cases.models import Case, Clock

CASE_COLUMNS = ("next_fire_at", "seq", "last_at")
CLOCK_COLUMNS = ("fire_at", "breached_at", "act_pending", "status", "ended_at")
ENCODER = DjangoJSONEncoder(ensure_ascii=False)


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, conflicts: str = "") -> None:
    """Add rows in their order. `rows`: values by attribute, the same of each; what is left out has its default.

    What all rows share is sent once. `conflicts`: what to do where a row is there already.
    """
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    first, *others = [field for field in fields if field.attname in rows[0]]
    columns = {field: [row[field.attname] for row in rows] for field in (first, *others)}
    alike = {field: columns.pop(field)[0] for field in others if all(v == columns[field][0] for v in columns[field])}
    alike |= {field: field.get_default() for field in fields if field.attname not in rows[0]}
    json = {field: _taken_out(column) for field, column in columns.items() if isinstance(field, models.JSONField)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({_names([*columns, *alike])})"  # noqa: S608
            f" SELECT {', '.join([*map(_value, columns), *(f'%s::{_type(field)}' for field in alike)])}"
            f" FROM unnest({_arrays([*columns])}) AS v({_names([*columns])}) {conflicts}",
            [
                *json.values(),
                *(field.get_db_prep_save(value, connection) for field, value in alike.items()),
                *columns.values(),
            ],
        )


def update_cases(rows: Sequence[Case]) -> None:
    _update(Case, CASE_COLUMNS, rows)


def update_clocks(rows: Sequence[Clock]) -> None:
    _update(Clock, CLOCK_COLUMNS, rows)


def _update(model: type[models.Model], columns: tuple[str, ...], rows: Sequence[Any]) -> None:
    """Set these columns of saved rows; a row that is named twice counts once, as it stands."""
    kept = list({row.pk: row for row in rows}.values())
    if not kept:
        return
    fields: list[Any] = [model._meta.get_field(name) for name in ("id", *columns)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} AS t SET {', '.join(f'{name} = v.{name}' for name in columns)}"  # noqa: S608
            f" FROM unnest({_arrays(fields)}) AS v({_names(fields)}) WHERE t.id = v.id",
            [[getattr(row, field.attname) for row in kept] for field in fields],
        )


def _taken_out(values: list[Any]) -> list[str]:
    """JSON that rows share is encoded and sent once: returns the texts, and leaves places, from 1, in the column."""
    encoded = {id(value): ENCODER.encode(value) for value in {id(value): value for value in values}.values()}
    places = {text: place for place, text in enumerate(dict.fromkeys(encoded.values()), start=1)}
    values[:] = [places[encoded[id(value)]] for value in values]
    return list(places)


def _value(field: Any) -> str:
    """What a column of `v` stands for: itself, or the JSON at that place."""
    return f"(%s::jsonb[])[v.{field.column}]" if isinstance(field, models.JSONField) else f"v.{field.column}"


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(field.column for field in fields)


def _arrays(fields: Sequence[Any]) -> str:
    """One parameter for each column; JSON comes as its place among what is sent."""
    kinds = ["integer" if isinstance(field, models.JSONField) else _type(field) for field in fields]
    return ", ".join(f"%s::{kind}[]" for kind in kinds)


def _type(field: Any) -> str:
    """The column's type; any text is `text`, so that one that is too long is refused and not cut."""
    kind = str(field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind
