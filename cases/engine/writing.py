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

    `conflicts`: what to do where a row is there already.
    """
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    given = [field for field in fields if field.attname in rows[0]]
    left_out = [field for field in fields if field.attname not in rows[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({_names(given + left_out)})"  # noqa: S608
            f" SELECT v.*{''.join(f', %s::{_type(field)}' for field in left_out)}"
            f" FROM unnest({_arrays(given)}) AS v({_names(given)}) {conflicts}",
            [
                *(field.get_db_prep_save(field.get_default(), connection) for field in left_out),
                *(_prepared(field, [row[field.attname] for row in rows]) for field in given),
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
            [_prepared(field, [getattr(row, field.attname) for row in kept]) for field in fields],
        )


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(field.column for field in fields)


def _arrays(fields: Sequence[Any]) -> str:
    return ", ".join(f"%s::{_type(field)}[]" for field in fields)


def _prepared(field: Any, values: list[Any]) -> list[Any]:
    """Values as the database takes them. JSON that rows share is encoded once."""
    if not isinstance(field, models.JSONField):
        return values
    encoded = {key: ENCODER.encode(value) for key, value in {id(value): value for value in values}.items()}
    return [encoded[id(value)] for value in values]


def _type(field: Any) -> str:
    """The column's type; any text is `text`, so that one that is too long is refused and not cut."""
    kind = str(field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind
