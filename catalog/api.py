"""The catalogue over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import freshness, selectors, services, withdrawing
from catalog.models import Directory, Resource, SharingClass, UpdateCycle
from organizations.choices import check_filters
from organizations.errors import BadInput, NotKnown
from organizations.models import Jurisdiction


class ResourceSummary(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    provider = serializers.DictField()
    directory = serializers.CharField()
    sharing_class = serializers.CharField()
    sharing_methods = serializers.ListField(child=serializers.CharField())
    update_cycle = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    freshness = serializers.CharField()
    data_updated_at = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField()


class ItemDetail(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    data_type = serializers.CharField()
    length = serializers.IntegerField(allow_null=True)
    required = serializers.BooleanField()
    is_key = serializers.BooleanField()
    meaning = serializers.CharField()
    sharing_class = serializers.CharField()
    sensitivity = serializers.CharField()


class ResourceDetail(ResourceSummary):
    items = ItemDetail(many=True)
    sharing_condition = serializers.CharField()
    withheld_basis = serializers.CharField()
    opening_class = serializers.CharField()
    category = serializers.CharField()
    version = serializers.IntegerField()


class ResourcePage(serializers.Serializer):
    results = ResourceSummary(many=True)
    count = serializers.IntegerField(help_text="how many there are, counted as far as 1000")
    more = serializers.BooleanField(help_text="whether there are more than were counted")
    next = serializers.CharField(allow_null=True)


def summary(resource: Resource) -> dict[str, Any]:
    """An entry as a list shows it."""
    plain = (
        "code", "title", "summary", "directory", "sharing_class", "sharing_methods", "update_cycle", "formats",
        "status",
    )  # fmt: skip
    return {
        "id": resource.pk,
        "provider": {"id": resource.provider_id, "name": resource.provider.name, "code": resource.provider.code},
        "freshness": freshness.state_of(resource, timezone.now()),
        "data_updated_at": resource.data_updated_at.isoformat() if resource.data_updated_at else None,
        **{name: getattr(resource, name) for name in plain},
    }


def _filters() -> dict[str, list[str]]:
    """The values that the filters of a list of entries take."""
    return {
        "directory": list(Directory.values),
        "sharing_class": list(SharingClass.values),
        "update_cycle": list(UpdateCycle.values),
        "fresh": [freshness.FRESH, freshness.STALE, freshness.EMPTY],
        "basis": [selectors.LACKING],
        "jurisdiction": ["all", *Jurisdiction.objects.values_list("pk", flat=True)],
    }


class Resources(APIView):
    @extend_schema(
        operation_id="resources_list",
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("sharing_class", str, enum=SharingClass.values),
            OpenApiParameter("provider", int),
            OpenApiParameter("jurisdiction", str, description="own by default; all for every one"),
            OpenApiParameter("cursor", str),
        ],
        responses=ResourcePage,
    )
    def get(self, request: Request) -> Response:
        """Published entries that hold every word of `q`, title hits first."""
        check_filters(request.query_params, _filters())
        provider = request.query_params.get("provider", "")
        if provider and not provider.isdecimal():
            raise BadInput(_("Some filters are wrong."), {"provider": _("Give the id of an organization.")})
        query = selectors.query_of(request.actor, request.query_params)
        cursor = request.query_params.get("cursor", "")
        page = selectors.one_page(request.actor, query, timezone.now(), cursor=cursor)
        body = {"results": [summary(row) for row in page.rows], "next": page.next or None}
        return Response({**body, "count": min(page.count, selectors.CAPPED), "more": page.count > selectors.CAPPED})


class ResourceView(APIView):
    @extend_schema(responses=ResourceDetail)
    def get(self, request: Request, resource_id: int) -> Response:
        """One entry with its items as a data dictionary."""
        resource = selectors.resource_for(request.actor, resource_id)
        names = (
            "code", "title", "data_type", "length", "required", "is_key", "meaning", "sharing_class", "sensitivity",
        )  # fmt: skip
        more = ("sharing_condition", "withheld_basis", "opening_class", "version")
        return Response(
            {
                **summary(resource),
                **{name: getattr(resource, name) for name in more},
                "category": resource.category.code,
                "items": list(resource.items.values(*names)),
            }
        )


class WithdrawalBody(serializers.Serializer):
    inputs = serializers.DictField(
        required=False, help_text="values by input name, as the law of the place asks; files as lists of attachment ids"
    )
    opinion = serializers.CharField(required=False, allow_blank=True)


class WithdrawalDetail(serializers.Serializer):
    """What is announced of a withdrawal; `number`: of its case, for who may see that."""

    reason = serializers.CharField(allow_blank=True)
    ends_on = serializers.DateField(allow_null=True, help_text="the last day on which the data is provided")
    announced_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    number = serializers.CharField(allow_null=True)


class ProposedWithdrawal(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()


class ResourceWithdrawal(APIView):
    @extend_schema(responses=WithdrawalDetail)
    def get(self, request: Request, resource_id: int) -> Response:
        """The withdrawal by which an entry is gone or, once announced, is going; 404 where there is none."""
        resource = selectors.resource_for(request.actor, resource_id)
        found = withdrawing.withdrawal_of(resource)
        if found is None:
            raise NotKnown(_("This entry is not being withdrawn."))
        return Response(
            {
                "reason": found.reason,
                "ends_on": found.ends_on.isoformat() if found.ends_on else None,
                "announced_at": found.announced_at.isoformat() if found.announced_at else None,
                "withdrawn_at": found.withdrawn_at.isoformat() if found.withdrawn_at else None,
                "number": found.case.number if withdrawing.may_open(request.actor, found) else None,
            }
        )

    @extend_schema(
        request=WithdrawalBody,
        responses={201: ProposedWithdrawal},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: Request, resource_id: int) -> Response:
        """Propose that a published entry be provided no longer; what is missing is named in the refusal."""
        resource = selectors.resource_for(request.actor, resource_id)
        body = WithdrawalBody(data=request.data)
        body.is_valid(raise_exception=True)
        case = services.propose_withdrawal(
            request.actor,
            resource=resource,
            given=body.validated_data.get("inputs", {}),
            opinion=body.validated_data.get("opinion", ""),
            idempotency_key=request.headers.get("Idempotency-Key", "")[:100],
        )
        answer = {"number": case.number, "state": case.state, "version": case.seq}
        return Response(answer, status=status.HTTP_201_CREATED)
