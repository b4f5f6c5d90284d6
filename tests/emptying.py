"""The end of a transactional test: what it left is deleted, from the tables that hold something.

Django truncates every table and then behaves as after a migration: a third of a second, most of it for tables in which
nothing stands. Reference data that a migration wrote stays, for no flush would bring it back.
"""

from __future__ import annotations

from functools import cache

from django.db import connections, transaction
from psycopg2.sql import SQL, Composed, Identifier, Literal

CALENDAR_TABLES = {"statutes_calendaryear", "statutes_calendarday", "statutes_calendarversion"}
WRITTEN_BY_MIGRATE = CALENDAR_TABLES | {"django_content_type", "auth_permission"}
LARGE = 4 * 1024 * 1024
"""Bytes from which a table is truncated, and all with it: deleted rows would stay in it for the next test to skip."""


@cache
def _tables(alias: str) -> list[str]:
    found = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - WRITTEN_BY_MIGRATE)


@cache
def _all_of(alias: str) -> Composed:
    return SQL(", ").join(map(Identifier, _tables(alias)))


@cache
def _which_hold_rows(alias: str) -> Composed:
    one = "SELECT {0}, pg_table_size({0}) WHERE EXISTS (SELECT FROM {1})"
    return SQL(" UNION ALL ").join(SQL(one).format(Literal(table), Identifier(table)) for table in _tables(alias))


def empty(alias: str) -> None:
    """Nothing of the portal's models stays. Waits for whoever writes just now; triggers do not hold it up."""
    if not _tables(alias):
        return
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(_all_of(alias)))
        cursor.execute(_which_hold_rows(alias))
        found = dict(cursor.fetchall())
        statements = [SQL("DELETE FROM {};").format(Identifier(table)) for table in found]
        if max(found.values(), default=0) > LARGE:
            statements = [SQL("TRUNCATE {};").format(_all_of(alias))]
        cursor.execute(Composed([SQL("SET LOCAL session_replication_role = replica;"), *statements]))
