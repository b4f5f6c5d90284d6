"""Annual plans over the API: which there are, and one with its items and sums. Amounts are yuan.

Everything done to a plan is an action of its case, through `cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.selectors import can_see
from projects import plan_table
from projects.models import AnnualPlan, PlanItem
from projects.plan_table import Group


def _yuan(help_text: str = "yuan") -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, help_text=help_text)


class PlanSummary(serializers.Serializer):
    year = serializers.IntegerField()
    state = serializers.CharField(help_text="state of its case under its city's law")
    case = serializers.CharField(allow_null=True, help_text="number; null where you may not see the case")
    issued_at = serializers.DateTimeField(allow_null=True)


class PlanItemDetail(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="as a project's kind")
    project = serializers.IntegerField(allow_null=True, help_text="id of the project that carries it out")
    goals = serializers.CharField()
    amount = _yuan("yuan, in the year of the plan")
    total = _yuan("yuan, of the whole project")
    shares_data = serializers.BooleanField()
    no_sharing_reason = serializers.CharField()
    standing = serializers.CharField(help_text="asked, in or out")
    out_reason = serializers.CharField()


class PlanDepartment(serializers.Serializer):
    organization = serializers.DictField()
    amount = _yuan()
    total = _yuan()
    items = PlanItemDetail(many=True)


class PlanDetail(PlanSummary):
    amount = _yuan("yuan, of all items shown that are not left out")
    total = _yuan()
    departments = PlanDepartment(many=True)
    left_out = PlanItemDetail(many=True)


def _summary(request: Request, plan: AnnualPlan) -> dict[str, Any]:
    case = plan.case
    assert case is not None
    return {
        "year": plan.year,
        "state": case.state,
        "case": case.number if can_see(request.actor, case) else None,
        "issued_at": plan.issued_at,
    }


def _item(item: PlanItem) -> dict[str, Any]:
    plain = (
        "name", "kind", "goals", "amount", "total", "shares_data", "no_sharing_reason", "standing", "out_reason",
    )  # fmt: skip
    return {"id": item.pk, "project": item.project_id, **{name: getattr(item, name) for name in plain}}


def _department(group: Group) -> dict[str, Any]:
    owner = group.organization
    return {
        "organization": {"id": owner.pk, "name": owner.name, "code": owner.code},
        "amount": group.amount,
        "total": group.total,
        "items": [_item(item) for item in group.items],
    }


class Plans(APIView):
    @extend_schema(operation_id="plans_list", responses=PlanSummary(many=True))
    def get(self, request: Request) -> Response:
        """The annual plans of your jurisdiction, newest year first."""
        rows = plan_table.visible_plans(request.actor).order_by("-year")
        return Response(PlanSummary([_summary(request, plan) for plan in rows], many=True).data)


class PlanView(APIView):
    @extend_schema(operation_id="plans_one", responses=PlanDetail)
    def get(self, request: Request, year: int) -> Response:
        """The plan of a year with its items by department and their sums, as far as you may read it."""
        plan = plan_table.plan_for(request.actor, year)
        page = plan_table.page(request.actor, plan)
        found = {
            **_summary(request, plan),
            "amount": page["sum"],
            "total": Decimal(page["whole"]),
            "departments": [_department(group) for group in page["groups"]],
            "left_out": [_item(item) for item in page["left_out"]],
        }
        return Response(PlanDetail(found).data)
