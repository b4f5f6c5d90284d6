"""What the addresses of contracts, payments and changes share over the API: amounts, references, steps, pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from organizations.errors import Conflict
from organizations.paging import Page
from projects import contracts, standing
from projects.models import Firm, Project

Row = TypeVar("Row", bound=Model)
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)
OF_PROJECT = OpenApiParameter("project", int, description="id of a project")
CURSOR = OpenApiParameter("cursor", str)
YES_OR_NO = ("yes", "no")
LONGEST_NUMBER = 18
MOST_DIGITS = 16


def yuan(**options: Any) -> serializers.DecimalField:
    """An amount in yuan."""
    return serializers.DecimalField(max_digits=MOST_DIGITS, decimal_places=2, **{"help_text": "yuan", **options})


class ProjectRef(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class FirmRef(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    credit_code = serializers.CharField()


class MoneySums(serializers.Serializer):
    """Sums of a project's ledger. `left`: contracted and not paid."""

    approved = yuan()
    contracted = yuan()
    paid = yuan()
    left = yuan()


class StepRef(serializers.Serializer):
    case = serializers.CharField(help_text="number of its case; empty where you may not open that", allow_blank=True)
    state = serializers.CharField(help_text="state of its case under its city's law", allow_blank=True)


class StepBody(serializers.Serializer):
    """What the opening of a procedure asks for, as `papers`: ids of files of yours."""

    inputs = serializers.DictField(required=False, help_text="what the procedure's opening asks for")
    opinion = serializers.CharField(required=False, allow_blank=True)


def day(value: Any) -> str | None:
    """A date, or none, as the API shows it."""
    return value.isoformat() if value else None


def project_ref(project: Project) -> dict[str, Any]:
    """A project as rows of its life name it."""
    return {"id": project.pk, "code": project.code, "name": project.name}


def money_of(project: Project) -> dict[str, str]:
    """What was approved, contracted, paid and is left of a project, from its ledger."""
    money = standing.money_of(project)
    return {name: f"{getattr(money, name):.2f}" for name in ("approved", "contracted", "paid", "left")}


def steps(request: Request, rows: Sequence[Any]) -> list[tuple[Any, dict[str, str]]]:
    """Rows that each have a case, with its number and state where the asking actor may open it."""
    seen = contracts.seen_numbers(request.actor, [row.case_id for row in rows])
    return [(row, _step(row, seen)) for row in rows]


def _step(row: Any, seen: Mapping[int, str]) -> dict[str, str]:
    number = seen.get(row.case_id, "")
    return {"case": number, "state": row.case.state if number else ""}


def firm_ref(firm: Firm) -> dict[str, Any]:
    """A firm as offers and contracts name it."""
    return {"id": firm.pk, "name": firm.name, "credit_code": firm.credit_code}


def of_id(asked: Mapping[str, str], name: str, rows: QuerySet[Any], column: str = "") -> QuerySet[Any]:
    """Rows filtered by an id in the address; what is no id finds nothing."""
    value = asked.get(name, "")
    if not value:
        return rows
    known = value.isdecimal() and len(value) <= LONGEST_NUMBER
    return rows.filter(**{column or name: int(value)}) if known else rows.none()


def key_of(request: Request) -> str:
    """The Idempotency-Key of a request."""
    return request.headers.get("Idempotency-Key", "")[:100]


def step_of(rows: QuerySet[Row], case: Case) -> Row:
    """The row that a step's case is about; another matter answers to a key that was used for it."""
    found = rows.filter(case=case).first()
    if found is None:
        raise Conflict(_("This Idempotency-Key was used for something else."), {"number": case.number})
    return found


def listed(page: Page, results: list[dict[str, Any]]) -> Response:
    """A page of a list."""
    return Response({"results": results, "count": page.total, "next": page.next or None})
