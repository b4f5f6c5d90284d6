"""Procurements and their offers over the API. Amounts are yuan.

A procurement begins here; every later step is an action of its case, through `cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.selectors import visible_cases
from organizations.actors import AnyActor
from organizations.choices import Choice
from organizations.errors import NotKnown
from organizations.paging import one_page
from projects import contracts, firm_register, selectors
from projects.api_parts import (
    CURSOR,
    KEY,
    OF_PROJECT,
    FirmRef,
    ProjectRef,
    StepBody,
    StepRef,
    firm_ref,
    key_of,
    listed,
    of_id,
    project_ref,
    step_of,
    steps,
    yuan,
)
from projects.models import Bidder, Procurement
from projects.services import contracting


class OfferDetail(serializers.Serializer):
    id = serializers.IntegerField()
    firm = FirmRef()
    price = yuan()
    won = serializers.BooleanField()


class ProcurementSummary(StepRef):
    id = serializers.IntegerField()
    project = ProjectRef()
    kind = serializers.CharField()
    title = serializers.CharField()
    method = serializers.CharField()
    method_reason = serializers.CharField(allow_blank=True)
    budget = yuan()
    budget_reviewer = serializers.CharField(allow_blank=True)
    offers = OfferDetail(many=True)
    contract = serializers.IntegerField(allow_null=True, help_text="id of the contract that followed")


class ProcurementPage(serializers.Serializer):
    results = ProcurementSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class ProcurementBody(StepBody):
    project = serializers.IntegerField()
    kind = Choice(Procurement.Kind.choices, required=False)
    title = serializers.CharField(max_length=200)
    method = Choice(Procurement.Method.choices)
    method_reason = serializers.CharField(required=False, allow_blank=True)
    budget = yuan(min_value=Decimal("0.01"))
    budget_reviewer = serializers.CharField(max_length=200, required=False, allow_blank=True)


class OfferBody(serializers.Serializer):
    firm = serializers.IntegerField(help_text="id in the register of firms")
    price = yuan(min_value=Decimal("0.01"))


def _offer(bidder: Bidder) -> dict[str, Any]:
    return {"id": bidder.pk, "firm": firm_ref(bidder.firm), "price": str(bidder.price), "won": bidder.won}


def _procurement(row: Procurement, step: Mapping[str, str]) -> dict[str, Any]:
    plain = ("kind", "title", "method", "method_reason", "budget_reviewer")
    contract = getattr(row, "contract", None)
    return {
        "id": row.pk,
        "project": project_ref(row.project),
        **{name: getattr(row, name) for name in plain},
        "budget": str(row.budget),
        "offers": [_offer(bidder) for bidder in row.bidders.all()],
        "contract": contract.pk if contract else None,
        **step,
    }


def visible_procurements(actor: AnyActor) -> QuerySet[Procurement]:
    """Procurements whose case the actor may see: offers are nobody else's."""
    rows = Procurement.objects.filter(case__in=visible_cases(actor).values("pk"))
    return rows.select_related("project", "case", "contract").prefetch_related("bidders__firm")


def _procurement_of(actor: AnyActor, procurement_id: int) -> Procurement:
    found = visible_procurements(actor).filter(pk=procurement_id).first()
    if found is None:
        raise NotKnown(_("There is no such procurement."))
    return found


class Procurements(APIView):
    @extend_schema(operation_id="procurements_list", parameters=[OF_PROJECT, CURSOR], responses=ProcurementPage)
    def get(self, request: Request) -> Response:
        """Procurements whose cases you may see, with their offers."""
        asked = request.query_params
        rows = of_id(asked, "project", visible_procurements(request.actor))
        page = one_page(rows, ("pk",), asked.get("cursor", ""), "procurements.api")
        return listed(page, [_procurement(*each) for each in steps(request, page.rows)])

    @extend_schema(
        operation_id="procurements_add", request=ProcurementBody, responses={201: ProcurementSummary}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        """Begin to procure something; the same Idempotency-Key answers as the first time, a closed gate is 409."""
        body = ProcurementBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        project = selectors.project_for(request.actor, said.pop("project"))
        given, opinion = said.pop("inputs", None), said.pop("opinion", "")
        case = contracting.begin_procurement(
            request.actor,
            project=project,
            purchase=contracting.Purchase(**{"kind": str(Procurement.Kind.BUILD), **said}),
            given=given,
            opinion=opinion,
            idempotency_key=key_of(request),
        )
        row = step_of(visible_procurements(request.actor), case)
        return Response(_procurement(*steps(request, [row])[0]), status=status.HTTP_201_CREATED)


class ProcurementView(APIView):
    @extend_schema(operation_id="procurements_one", responses=ProcurementSummary)
    def get(self, request: Request, procurement_id: int) -> Response:
        """One procurement with its offers."""
        row = _procurement_of(request.actor, procurement_id)
        return Response(_procurement(*steps(request, [row])[0]))


class Offers(APIView):
    @extend_schema(operation_id="procurements_offers_add", request=OfferBody, responses={201: OfferDetail})
    def post(self, request: Request, procurement_id: int) -> Response:
        """Enter a firm's offer while offers are taken."""
        row = _procurement_of(request.actor, procurement_id)
        body = OfferBody(data=request.data)
        body.is_valid(raise_exception=True)
        firm = firm_register.firm_for(request.actor, body.validated_data["firm"])
        price = body.validated_data["price"]
        bidder = contracting.add_bidder(request.actor, procurement=row, firm=firm, price=price)
        return Response(_offer(bidder), status=status.HTTP_201_CREATED)


class OfferView(APIView):
    @extend_schema(operation_id="procurements_offers_remove", responses={204: None})
    def delete(self, request: Request, procurement_id: int, bidder_id: int) -> Response:
        """Take an offer out again; not the winner's."""
        row = _procurement_of(request.actor, procurement_id)
        contracting.remove_bidder(request.actor, bidder=contracts.bidder_for(row, bidder_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
