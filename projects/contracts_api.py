"""Contracts, their stages and supplements over the API. Amounts are yuan.

A contract follows from an award; its signing and filing are actions of its case, through
`cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.actors import AnyActor
from organizations.choices import check_filters
from organizations.errors import NotKnown
from organizations.paging import one_page
from projects import selectors
from projects.api_parts import (
    CURSOR,
    KEY,
    OF_PROJECT,
    YES_OR_NO,
    FirmRef,
    ProjectRef,
    StepBody,
    StepRef,
    day,
    firm_ref,
    key_of,
    listed,
    of_id,
    project_ref,
    step_of,
    steps,
    yuan,
)
from projects.models import Contract, Milestone, Payment, Supplement
from projects.services import contracting


class MilestoneSummary(serializers.Serializer):
    id = serializers.IntegerField()
    contract = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    amount = yuan()
    planned_on = serializers.DateField()
    reached_on = serializers.DateField(allow_null=True)
    asked = yuan(help_text="yuan: asked for and not decided")
    paid = yuan()


class MilestonePage(serializers.Serializer):
    results = MilestoneSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class ContractSummary(StepRef):
    id = serializers.IntegerField()
    project = ProjectRef()
    procurement = serializers.IntegerField(allow_null=True)
    firm = FirmRef()
    kind = serializers.CharField()
    title = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    amount = yuan()
    due = yuan(help_text="yuan, with supplements; nothing before it is signed")
    paid = yuan()
    left = yuan()
    signed_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class ContractPage(serializers.Serializer):
    results = ContractSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class SupplementDetail(StepRef):
    id = serializers.IntegerField()
    contract = serializers.IntegerField()
    title = serializers.CharField()
    amount = yuan()
    signed_on = serializers.DateField(allow_null=True)


class PaidDetail(StepRef):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    milestone = serializers.IntegerField(allow_null=True)
    amount = yuan()
    posted_on = serializers.DateField(allow_null=True, help_text="null: not paid, or not come back, yet")


class ContractDetail(ContractSummary):
    bond = yuan()
    begins_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    deliverables = serializers.CharField(allow_blank=True)
    ownership = serializers.CharField(allow_blank=True)
    source_code = serializers.BooleanField()
    warranty_months = serializers.IntegerField(allow_null=True)
    response_hours = serializers.IntegerField(allow_null=True)
    payment_days = serializers.IntegerField(allow_null=True)
    stages = MilestoneSummary(many=True)
    supplements = SupplementDetail(many=True)
    payments = PaidDetail(many=True)


class StageBody(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    planned_on = serializers.DateField()


class TermsBody(serializers.Serializer):
    """All that a contract says; the stages come to 100 percent. `version`: the one that you saw."""

    version = serializers.IntegerField(help_text="the one that you saw")
    number = serializers.CharField(max_length=80, allow_blank=True)
    title = serializers.CharField(max_length=200)
    amount = yuan(min_value=Decimal("0.01"))
    bond = yuan(required=False)
    begins_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    deliverables = serializers.CharField(required=False, allow_blank=True)
    ownership = serializers.CharField(required=False, allow_blank=True)
    source_code = serializers.BooleanField(required=False)
    warranty_months = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1200)
    response_hours = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10_000)
    payment_days = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=365)
    stages = StageBody(many=True)


class SupplementBody(StepBody):
    title = serializers.CharField(max_length=200)
    amount = yuan(min_value=Decimal("0.01"))


def _milestone(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "contract": row.contract_id,
        "number": row.number,
        "title": row.title,
        "percent": str(row.percent),
        "amount": str(row.amount),
        "planned_on": day(row.planned_on),
        "reached_on": day(row.reached_on),
        "asked": f"{row.asked or 0:.2f}",
        "paid": f"{row.paid or 0:.2f}",
    }


def _contract(row: Contract, step: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "project": project_ref(row.project),
        "procurement": row.procurement_id,
        "firm": firm_ref(row.firm),
        **{name: getattr(row, name) for name in ("kind", "title", "number", "version")},
        **{name: f"{getattr(row, name):.2f}" for name in ("amount", "due", "paid", "left")},
        "signed_on": day(row.signed_on),
        **step,
    }


def _supplement(row: Supplement, step: Mapping[str, str]) -> dict[str, Any]:
    plain = {"id": row.pk, "contract": row.contract_id, "title": row.title, "amount": str(row.amount)}
    return {**plain, "signed_on": day(row.signed_on), **step}


def _paid(row: Payment, step: Mapping[str, str]) -> dict[str, Any]:
    plain = {"id": row.pk, "kind": row.kind, "milestone": row.milestone_id, "amount": str(row.amount)}
    return {**plain, "posted_on": day(row.posted_on), **step}


def _whole_contract(request: Request, row: Contract) -> dict[str, Any]:
    texts = ("deliverables", "ownership", "source_code", "warranty_months", "response_hours", "payment_days")
    ((_row, step),) = steps(request, [row])
    supplements = steps(request, list(row.supplements.select_related("case").order_by("pk")))
    payments = steps(request, list(row.payments.select_related("case").order_by("pk")))
    return {
        **_contract(row, step),
        **{name: getattr(row, name) for name in texts},
        "bond": str(row.bond),
        "begins_on": day(row.begins_on),
        "ends_on": day(row.ends_on),
        "stages": [_milestone(stage) for stage in with_sums(row.milestones.all())],
        "supplements": [_supplement(*each) for each in supplements],
        "payments": [_paid(*each) for each in payments],
    }


def with_sums(rows: QuerySet[Milestone]) -> QuerySet[Milestone]:
    """Stages with what was `paid` of each and what is `asked` for and open."""
    still = Q(payments__posted_on__isnull=True, payments__case__closed_at__isnull=True)
    return rows.annotate(
        paid=Sum("payments__amount", filter=Q(payments__posted_on__isnull=False)),
        asked=Sum("payments__amount", filter=still),
    )


def visible_contracts(actor: AnyActor) -> QuerySet[Contract]:
    """Contracts of the projects that the actor may see."""
    rows = Contract.objects.filter(project__in=selectors.visible_projects(actor).values("pk"))
    return rows.select_related("project", "firm", "case")


def contract_of(actor: AnyActor, contract_id: int) -> Contract:
    """One contract of a project that the actor may see. Raises NotKnown."""
    found = visible_contracts(actor).filter(pk=contract_id).first()
    if found is None:
        raise NotKnown(_("There is no such contract."))
    return found


class Contracts(APIView):
    @extend_schema(
        operation_id="contracts_list",
        parameters=[OF_PROJECT, OpenApiParameter("firm", int), OpenApiParameter("signed", str, enum=YES_OR_NO), CURSOR],
        responses=ContractPage,
    )
    def get(self, request: Request) -> Response:
        """Contracts of projects that you may see."""
        asked = request.query_params
        check_filters(asked, {"signed": list(YES_OR_NO)})
        rows = of_id(asked, "firm", of_id(asked, "project", visible_contracts(request.actor)))
        if signed := asked.get("signed", ""):
            rows = rows.filter(signed_on__isnull=signed == "no")
        page = one_page(rows, ("pk",), asked.get("cursor", ""), "contracts.api")
        return listed(page, [_contract(*each) for each in steps(request, page.rows)])


class ContractView(APIView):
    @extend_schema(operation_id="contracts_one", responses=ContractDetail)
    def get(self, request: Request, contract_id: int) -> Response:
        """One contract with its stages, supplements and payments."""
        return Response(_whole_contract(request, contract_of(request.actor, contract_id)))

    @extend_schema(operation_id="contracts_write", request=TermsBody, responses=ContractDetail)
    def put(self, request: Request, contract_id: int) -> Response:
        """Write what a contract says, until it is signed; 409 when it was saved elsewhere meanwhile."""
        row = contract_of(request.actor, contract_id)
        body = TermsBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        version = said.pop("version")
        terms = contracting.Terms(**{**said, "stages": [contracting.Stage(**stage) for stage in said["stages"]]})
        contracting.save_contract(request.actor, contract=row, terms=terms, version=version)
        return Response(_whole_contract(request, contract_of(request.actor, contract_id)))


class Supplements(APIView):
    @extend_schema(
        operation_id="contracts_supplements_add",
        request=SupplementBody,
        responses={201: SupplementDetail},
        parameters=[KEY],
    )
    def post(self, request: Request, contract_id: int) -> Response:
        """Begin a supplementary contract; the same Idempotency-Key answers as the first time."""
        row = contract_of(request.actor, contract_id)
        body = SupplementBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        case = contracting.begin_supplement(
            request.actor, contract=row, given=said.pop("inputs", None), idempotency_key=key_of(request), **said
        )
        supplement = step_of(row.supplements.select_related("case"), case)
        return Response(_supplement(*steps(request, [supplement])[0]), status=status.HTTP_201_CREATED)


class Milestones(APIView):
    @extend_schema(
        operation_id="milestones_list",
        parameters=[
            OF_PROJECT,
            OpenApiParameter("contract", int),
            OpenApiParameter("reached", str, enum=YES_OR_NO),
            CURSOR,
        ],
        responses=MilestonePage,
    )
    def get(self, request: Request) -> Response:
        """Stages of the contracts that you may see, with what was paid of each."""
        asked = request.query_params
        check_filters(asked, {"reached": list(YES_OR_NO)})
        rows = Milestone.objects.filter(contract__in=visible_contracts(request.actor).values("pk"))
        rows = of_id(asked, "contract", of_id(asked, "project", rows, "contract__project"))
        if reached := asked.get("reached", ""):
            rows = rows.filter(reached_on__isnull=reached == "no")
        page = one_page(with_sums(rows), ("pk",), asked.get("cursor", ""), "milestones.api")
        return listed(page, [_milestone(row) for row in page.rows])
