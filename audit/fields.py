"""PostgreSQL's 64-bit transaction id as a model field."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Func


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """`xid8`: never wraps round, unlike `xid`. An int in Python, text on the wire."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: object, connection: BaseDatabaseWrapper) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value


class CurrentTransaction(Func):
    """The id of the top-level transaction, also inside a savepoint."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionIdField()
