"""Who sees a case and whom it awaits, in SQL: every page asks that, and building it anew from querysets took longer
than asking. Each piece is used by one selector, which says what it means."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Field, Func
from django.db.models.sql.compiler import SQLCompiler

SEEN = """
SELECT party.case_id FROM cases_caseparty AS party WHERE party.sees_from IS NOT NULL AND party.organization_id = %s
UNION ALL
SELECT party.case_id FROM cases_caseparty AS party
JOIN organizations_organization AS former ON former.id = party.organization_id
WHERE party.sees_from IS NOT NULL AND former.merged_into_id = %s
UNION ALL
SELECT party.case_id FROM cases_caseparty AS party WHERE party.sees_from IS NOT NULL AND party.person_id = %s
UNION ALL
SELECT urging.case_id FROM cases_urgingtask AS urging WHERE urging.organization_id = %s
"""
"""Keys of cases. Values: organization, organization, person, organization."""

REACHED = f"((SELECT true FROM ({SEEN}) AS seen WHERE seen.case_id = {{0}} LIMIT 1) IS TRUE)"  # noqa: S608
"""Of a case's key, the same asked of one case after the other: for few cases among many. Values: those of SEEN."""

AWAITED = """
SELECT hand.case_id FROM cases_awaitedhand AS hand WHERE hand.organization_id = %s AND hand.position = %s
UNION ALL
SELECT hand.case_id FROM cases_awaitedhand AS hand WHERE hand.person_id = %s
UNION ALL
SELECT urging.case_id FROM cases_urgingtask AS urging WHERE urging.organization_id = %s AND urging.closed_at IS NULL
"""
"""Keys of cases. Values: organization, position, person, organization."""

HELD = """
JOIN organizations_user AS holder ON holder.id = held.user_id AND holder.is_active
WHERE held.active_from <= %s AND (held.active_until IS NULL OR held.active_until >= %s)
AND (held.left_at IS NULL OR (held.left_at AT TIME ZONE %s)::date > %s)
"""
"""Of `organizations_position AS held`: `held_on` a day. Values: `held_on(day)`."""

SETTLED = f"""(
{{0}} IN ('awaited', 'assigned', 'reminder') AND NOT EXISTS (
    SELECT FROM cases_awaitedhand AS hand WHERE hand.case_id = {{1}} AND (hand.person_id = %s OR EXISTS (
        SELECT FROM organizations_position AS held {HELD}
        AND held.user_id = %s AND held.organization_id = hand.organization_id AND held.kind = hand.position))
) AND NOT EXISTS (
    SELECT FROM cases_urgingtask AS urging WHERE urging.case_id = {{1}} AND urging.closed_at IS NULL
    AND urging.organization_id IN (
        SELECT held.organization_id FROM organizations_position AS held {HELD} AND held.user_id = %s)
)
OR {{0}} = 'awaited' AND EXISTS (
    SELECT FROM cases_notification AS newer
    WHERE newer.user_id = %s AND newer.case_id = {{1}} AND newer.kind = 'awaited' AND newer.id > {{2}})
OR {{0}} = 'overdue' AND NOT EXISTS (
    SELECT FROM cases_clock AS late WHERE late.case_id = {{1}} AND late.status = 'open' AND late.due_at < %s)
)"""  # noqa: S608
"""Of a notice's kind, case and key. Values: person, held_on(day), person, held_on(day), person, person, now."""

UNHELPED = f"""NOT EXISTS (
    SELECT FROM cases_awaitedhand AS hand WHERE hand.party_id = {{0}} AND (
        EXISTS (SELECT FROM organizations_user AS person WHERE person.id = hand.person_id AND person.is_active)
        OR EXISTS (SELECT FROM organizations_position AS held {HELD} AND held.kind = hand.position AND (
            held.organization_id = hand.organization_id OR held.organization_id = (
                SELECT bound.merged_into_id FROM organizations_organization AS bound
                WHERE bound.id = hand.organization_id))))
)"""  # noqa: S608
"""Of a party's key, whether none of its awaited hands can be used. Values: held_on(day)."""

STRANDED = f"""((
    SELECT true FROM cases_awaitedhand AS awaited
    WHERE awaited.case_id = {{0}} AND {UNHELPED.format("awaited.party_id")} LIMIT 1
) IS TRUE)"""  # noqa: S608
"""Of a case's key, whether one of the parties that it awaits is unhelped. Values: held_on(day).

No EXISTS: for that the database would look at every awaited hand of the portal first.
"""


class Written(Func):
    """SQL as a condition or a value of a query: {0} is the first of the outer query's `columns`, %s a value."""

    def __init__(
        self, text: str, *columns: str, values: tuple[Any, ...] = (), output_field: Field[Any, Any] | None = None
    ) -> None:
        super().__init__(*columns, output_field=output_field or BooleanField())
        self.text, self.values = text, values

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:  # type: ignore[override]
        columns = [compiler.compile(column)[0] for column in self.source_expressions]
        return self.text.format(*columns), self.values


def held_on(day: date) -> tuple[Any, ...]:
    """The values of HELD."""
    return (day, day, settings.TIME_ZONE, day)
