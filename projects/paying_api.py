"""Payments, money called back and changes over the API. Amounts are yuan.

Each is asked for here; every later step is an action of its case, through `cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.models import Case
from organizations.actors import AnyActor
from organizations.choices import Choice, check_filters
from organizations.errors import BadInput, NotKnown
from organizations.paging import one_page
from projects import selectors
from projects.api_parts import (
    CURSOR,
    KEY,
    OF_PROJECT,
    YES_OR_NO,
    ProjectRef,
    StepBody,
    StepRef,
    day,
    key_of,
    listed,
    of_id,
    project_ref,
    step_of,
    steps,
    yuan,
)
from projects.contracts_api import contract_of
from projects.models import Change, Payment
from projects.services import paying


class PaymentSummary(StepRef):
    id = serializers.IntegerField()
    project = ProjectRef()
    contract = serializers.IntegerField()
    milestone = serializers.IntegerField(allow_null=True, help_text="id of the stage that is paid")
    kind = serializers.CharField(help_text="stage, operation or recall")
    amount = yuan()
    posted_on = serializers.DateField(allow_null=True, help_text="null: not paid, or not come back, yet")


class PaymentPage(serializers.Serializer):
    results = PaymentSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class PaymentBody(StepBody):
    """Of a stage with `milestone`, of operation without. `recall`: call so much back instead."""

    contract = serializers.IntegerField()
    milestone = serializers.IntegerField(required=False, allow_null=True)
    amount = yuan(min_value=Decimal("0.01"))
    recall = serializers.BooleanField(required=False, help_text="money to be called back")


class ChangeSummary(StepRef):
    id = serializers.IntegerField()
    project = ProjectRef()
    kind = serializers.CharField()
    description = serializers.CharField()
    reason = serializers.CharField()
    delta = yuan(help_text="yuan: what it adds to the investment, or takes from it")
    moved = yuan(help_text="yuan: put to another use")
    approved_on = serializers.DateField(allow_null=True)
    anew = serializers.BooleanField(help_text="the project was approved afresh with it")


class ChangePage(serializers.Serializer):
    results = ChangeSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class ChangeBody(StepBody):
    project = serializers.IntegerField()
    kind = Choice(Change.Kind.choices)
    description = serializers.CharField()
    reason = serializers.CharField()
    delta = yuan(required=False, help_text="yuan: what it adds to the investment, or takes from it")
    moved = yuan(required=False, min_value=0, help_text="yuan: put to another use")


def _payment(row: Payment, step: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "project": project_ref(row.project),
        "contract": row.contract_id,
        "milestone": row.milestone_id,
        "kind": row.kind,
        "amount": str(row.amount),
        "posted_on": day(row.posted_on),
        **step,
    }


def _change(row: Change, step: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "project": project_ref(row.project),
        **{name: getattr(row, name) for name in ("kind", "description", "reason", "anew")},
        "delta": str(row.delta),
        "moved": str(row.moved),
        "approved_on": day(row.approved_on),
        **step,
    }


def visible_payments(actor: AnyActor) -> QuerySet[Payment]:
    """Payments of the projects that the actor may see."""
    rows = Payment.objects.filter(project__in=selectors.visible_projects(actor).values("pk"))
    return rows.select_related("project", "case")


def visible_changes(actor: AnyActor) -> QuerySet[Change]:
    """Changes of the projects that the actor may see."""
    rows = Change.objects.filter(project__in=selectors.visible_projects(actor).values("pk"))
    return rows.select_related("project", "case")


class Payments(APIView):
    @extend_schema(
        operation_id="payments_list",
        parameters=[
            OF_PROJECT,
            OpenApiParameter("contract", int),
            OpenApiParameter("kind", str, enum=Payment.Kind.values),
            OpenApiParameter("paid", str, enum=YES_OR_NO, description="whether the money has moved"),
            CURSOR,
        ],
        responses=PaymentPage,
    )
    def get(self, request: Request) -> Response:
        """Payments of projects that you may see, and money called back."""
        asked = request.query_params
        check_filters(asked, {"kind": list(Payment.Kind.values), "paid": list(YES_OR_NO)})
        rows = of_id(asked, "contract", of_id(asked, "project", visible_payments(request.actor)))
        if kind := asked.get("kind", ""):
            rows = rows.filter(kind=kind)
        if paid := asked.get("paid", ""):
            rows = rows.filter(posted_on__isnull=paid == "no")
        page = one_page(rows, ("pk",), asked.get("cursor", ""), "payments.api")
        return listed(page, [_payment(*each) for each in steps(request, page.rows)])

    @extend_schema(operation_id="payments_add", request=PaymentBody, responses={201: PaymentSummary}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Ask for a payment, or call money back; the same Idempotency-Key answers as the first time."""
        body = PaymentBody(data=request.data)
        body.is_valid(raise_exception=True)
        case = _asked(request, body.validated_data)
        row = step_of(visible_payments(request.actor), case)
        return Response(_payment(*steps(request, [row])[0]), status=status.HTTP_201_CREATED)


def _asked(request: Request, said: Mapping[str, Any]) -> Case:
    contract = contract_of(request.actor, said["contract"])
    common: dict[str, Any] = {
        "contract": contract,
        "amount": said["amount"],
        "given": said.get("inputs"),
        "opinion": said.get("opinion", ""),
        "idempotency_key": key_of(request),
    }
    stage = said.get("milestone")
    if said.get("recall"):
        if stage is not None:
            problem = {"milestone": _("Money is called back of a contract, not of a stage.")}
            raise BadInput(_("Some entries are wrong."), problem)
        return paying.begin_recall(request.actor, **common)
    milestone = contract.milestones.filter(pk=stage).first() if stage is not None else None
    if stage is not None and milestone is None:
        raise NotKnown(_("There is no such stage of this contract."))
    return paying.begin_payment(request.actor, milestone=milestone, **common)


class PaymentView(APIView):
    @extend_schema(operation_id="payments_one", responses=PaymentSummary)
    def get(self, request: Request, payment_id: int) -> Response:
        """One payment, or one sum called back."""
        row = visible_payments(request.actor).filter(pk=payment_id).first()
        if row is None:
            raise NotKnown(_("There is no such payment."))
        return Response(_payment(*steps(request, [row])[0]))


class Changes(APIView):
    @extend_schema(
        operation_id="changes_list",
        parameters=[
            OF_PROJECT,
            OpenApiParameter("kind", str, enum=Change.Kind.values),
            OpenApiParameter("approved", str, enum=YES_OR_NO),
            CURSOR,
        ],
        responses=ChangePage,
    )
    def get(self, request: Request) -> Response:
        """Changes of projects that you may see."""
        asked = request.query_params
        check_filters(asked, {"kind": list(Change.Kind.values), "approved": list(YES_OR_NO)})
        rows = of_id(asked, "project", visible_changes(request.actor))
        if kind := asked.get("kind", ""):
            rows = rows.filter(kind=kind)
        if approved := asked.get("approved", ""):
            rows = rows.filter(approved_on__isnull=approved == "no")
        page = one_page(rows, ("pk",), asked.get("cursor", ""), "changes.api")
        return listed(page, [_change(*each) for each in steps(request, page.rows)])

    @extend_schema(operation_id="changes_add", request=ChangeBody, responses={201: ChangeSummary}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Apply for a change of what was approved; the same Idempotency-Key answers as the first time."""
        body = ChangeBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        project = selectors.project_for(request.actor, said.pop("project"))
        case = paying.begin_change(
            request.actor, project=project, given=said.pop("inputs", None), idempotency_key=key_of(request), **said
        )
        row = step_of(visible_changes(request.actor), case)
        return Response(_change(*steps(request, [row])[0]), status=status.HTTP_201_CREATED)


class ChangeView(APIView):
    @extend_schema(operation_id="changes_one", responses=ChangeSummary)
    def get(self, request: Request, change_id: int) -> Response:
        """One change."""
        row = visible_changes(request.actor).filter(pk=change_id).first()
        if row is None:
            raise NotKnown(_("There is no such change."))
        return Response(_change(*steps(request, [row])[0]))
