"""Masks, as SQL: what leaves the database is masked already."""

from __future__ import annotations

from psycopg2 import sql

from catalog.models import ResourceItem
from datasets.columns import DataType

Mask = ResourceItem.Mask

NAME = "left({c}, 1) || repeat('*', greatest(char_length({c}) - 1, 1))"
IDENTITY = (
    "CASE WHEN char_length({c}) > 2 THEN left({c}, 1) || repeat('*', char_length({c}) - 2) || right({c}, 1)"
    " ELSE repeat('*', char_length({c})) END"
)
FULL = "CASE WHEN {c} IS NULL THEN NULL ELSE '***' END"
EXPRESSIONS: dict[str, str] = {Mask.NAME: NAME, Mask.IDENTITY: IDENTITY, Mask.FULL: FULL}


def at_least(mask: str, data_type: str) -> str:
    """The mask itself; in place of none the one that a masked column of this type has."""
    if mask != Mask.NONE:
        return mask
    return Mask.IDENTITY if data_type == DataType.IDENTITY else Mask.FULL


def shown(name: str, data_type: str, mask: str) -> sql.Composable:
    """A column as its reader sees it. `mask`: of ResourceItem.Mask; an unknown one hides the value.

    Unmasked values keep their type, except that yes and no are the words true and false.
    """
    column = sql.Identifier(name)
    if mask == Mask.NONE:
        return sql.SQL("{}::text").format(column) if data_type == DataType.BOOLEAN else column
    expression = EXPRESSIONS.get(mask, FULL)
    return sql.SQL(expression).format(c=sql.SQL("{}::text").format(column))
