"""The register of firms over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.choices import check_filters
from organizations.paging import one_page
from projects import firm_register
from projects.api_parts import (
    CURSOR,
    YES_OR_NO,
    day,
    listed,
)
from projects.models import Firm
from projects.services import firms


class BanDetail(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="the last day; null: until further notice")
    reason = serializers.CharField()


class FirmBody(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    credit_code = serializers.CharField(max_length=18)
    small = serializers.BooleanField(required=False, help_text="small or medium, by its own declaration")
    qualification = serializers.CharField(max_length=200, required=False, allow_blank=True)
    qualified_until = serializers.DateField(required=False, allow_null=True)


class ChangedFirmBody(FirmBody):
    version = serializers.IntegerField(help_text="the one that you saw")


class FirmDetail(FirmBody):
    id = serializers.IntegerField()
    bans = BanDetail(many=True)
    added_on = serializers.DateField()
    version = serializers.IntegerField()


class FirmPage(serializers.Serializer):
    results = FirmDetail(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


def _firm(row: Firm) -> dict[str, Any]:
    plain = ("name", "credit_code", "small", "qualification", "version")
    bans = [{"since": day(ban.since), "until": day(ban.until), "reason": ban.reason} for ban in row.bans.all()]
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in plain},
        "qualified_until": day(row.qualified_until),
        "added_on": day(row.added_on),
        "bans": bans,
    }


class Firms(APIView):
    @extend_schema(
        operation_id="firms_list",
        parameters=[
            OpenApiParameter("q", str, description="in name, credit code or qualification"),
            OpenApiParameter("size", str, enum=YES_OR_NO, description="small or medium"),
            OpenApiParameter("barred", str, enum=YES_OR_NO, description="barred today"),
            CURSOR,
        ],
        responses=FirmPage,
    )
    def get(self, request: Request) -> Response:
        """The register of firms of your place."""
        asked = request.query_params
        check_filters(asked, {"size": list(YES_OR_NO), "barred": list(YES_OR_NO)})
        rows = firm_register.found_firms(request.actor, asked).prefetch_related("bans")
        page = one_page(rows, ("name", "pk"), asked.get("cursor", ""), "firms.api")
        return listed(page, [_firm(row) for row in page.rows])

    @extend_schema(operation_id="firms_add", request=FirmBody, responses={201: FirmDetail})
    def post(self, request: Request) -> Response:
        """Enter a firm into the register of your place."""
        body = FirmBody(data=request.data)
        body.is_valid(raise_exception=True)
        firm = firms.add_firm(request.actor, entry=firms.FirmEntry(**body.validated_data))
        return Response(_firm(firm), status=status.HTTP_201_CREATED)


class FirmView(APIView):
    @extend_schema(operation_id="firms_one", responses=FirmDetail)
    def get(self, request: Request, firm_id: int) -> Response:
        """One firm of your place."""
        return Response(_firm(firm_register.firm_for(request.actor, firm_id)))

    @extend_schema(operation_id="firms_change", request=ChangedFirmBody, responses=FirmDetail)
    def put(self, request: Request, firm_id: int) -> Response:
        """Write what the register says of a firm anew; 409 when it was changed meanwhile."""
        found = firm_register.firm_for(request.actor, firm_id)
        body = ChangedFirmBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        version = said.pop("version")
        firms.change_firm(request.actor, firm=found, entry=firms.FirmEntry(**said), version=version)
        return Response(_firm(firm_register.firm_for(request.actor, firm_id)))


class FirmBans(APIView):
    @extend_schema(operation_id="firms_bar", request=BanDetail, responses={201: FirmDetail})
    def post(self, request: Request, firm_id: int) -> Response:
        """Bar a firm from awards, for a time or until further notice."""
        found = firm_register.firm_for(request.actor, firm_id)
        body = BanDetail(data=request.data)
        body.is_valid(raise_exception=True)
        firms.bar_firm(request.actor, firm=found, **body.validated_data)
        return Response(_firm(firm_register.firm_for(request.actor, firm_id)), status=status.HTTP_201_CREATED)
