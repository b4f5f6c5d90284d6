"""Append-only tables: SQL for migrations, so that not even a superuser changes a row by mistake or in passing."""

from __future__ import annotations

import re

from django.db.migrations import RunSQL

REFUSE_FUNCTION = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% refused: rows are only ever added', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""

DROP_REFUSE_FUNCTION = "DROP FUNCTION audit_refuse_change();"


def append_only_sql(table: str) -> tuple[str, str]:
    """SQL that makes `table` append-only, and SQL that takes it back.

    UPDATE and DELETE are refused by row (such triggers pass to partitions), TRUNCATE by statement, with
    SQLSTATE 23001: Django's IntegrityError. The migration that uses it depends on `("audit", "0002_append_only")`.
    ValueError for a name that is not a plain identifier.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", table):
        raise ValueError(f"not a plain table name: {table!r}")
    forward = f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
    backward = f"DROP TRIGGER {table}_no_truncate ON {table};\nDROP TRIGGER {table}_no_change ON {table};\n"
    return forward, backward


def append_only(table: str) -> RunSQL:
    """The same as a migration operation: `operations = [append_only("cases_caseevent")]`."""
    forward, backward = append_only_sql(table)
    return RunSQL(forward, backward)
