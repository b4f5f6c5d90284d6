"""The register of information systems over the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import services, systems
from catalog.models import InformationSystem
from catalog.selectors import visible_resources
from catalog.services import SystemEntry
from organizations.errors import BadInput
from organizations.models import Organization
from organizations.paging import one_page

LISTING = "catalog.systems.api"
PLAIN = (
    "name", "name_en", "purpose", "status", "hosting", "network", "security_grade", "docked_with_exchange",
    "of_superior", "taken_into_use", "yearly_cost", "contact",
)  # fmt: skip


class SystemSummary(serializers.ModelSerializer):
    """`yearly_cost`: yuan a year."""

    organization = serializers.SerializerMethodField()

    class Meta:
        model = InformationSystem
        fields: tuple[str, ...] = ("id", "code", "organization", *PLAIN, "retired_on", "version")

    def get_organization(self, system: InformationSystem) -> dict[str, Any]:
        owner = system.organization
        return {"id": owner.pk, "name": owner.name, "code": owner.code}


class SystemDetail(SystemSummary):
    resources = serializers.ListField(child=serializers.IntegerField(), help_text="ids of catalogue entries")

    class Meta(SystemSummary.Meta):
        fields = (*SystemSummary.Meta.fields, "resources")


class SystemBody(serializers.ModelSerializer):
    """`status` is never retired here. `resources`: ids of published entries of the owner."""

    resources = serializers.ListField(child=serializers.IntegerField(), required=False)

    class Meta:
        model = InformationSystem
        fields: tuple[str, ...] = (*PLAIN, "resources")
        validators: Sequence[Any] = []


class NewSystem(SystemBody):
    organization = serializers.IntegerField(required=False, help_text="id of the owner; the own one by default")

    class Meta(SystemBody.Meta):
        fields = (*SystemBody.Meta.fields, "organization")


class ChangedSystem(SystemBody):
    version = serializers.IntegerField(help_text="as read; another one meanwhile is 409")

    class Meta(SystemBody.Meta):
        fields = (*SystemBody.Meta.fields, "version")


class SystemPage(serializers.Serializer):
    results = SystemSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class InformationSystems(APIView):
    @extend_schema(
        operation_id="information_systems_list",
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("organization", int),
            OpenApiParameter("status", str, enum=InformationSystem.Status.values),
            OpenApiParameter("hosting", str, enum=InformationSystem.Hosting.values),
            OpenApiParameter("cursor", str),
        ],
        responses=SystemPage,
    )
    def get(self, request: Request) -> Response:
        """The register of the own jurisdiction, by code."""
        rows = systems.found_systems(request.actor, request.query_params)
        page = one_page(rows, ("code", "pk"), request.query_params.get("cursor", ""), LISTING)
        results = SystemSummary(page.rows, many=True).data
        return Response({"results": results, "count": page.total, "next": page.next or None})

    @extend_schema(request=NewSystem, responses={201: SystemDetail})
    def post(self, request: Request) -> Response:
        """Register a system of the own organization; the bureau names another."""
        body = NewSystem(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        owner = _owner(request, given.pop("organization", None))
        given["resources"] = _resources(request, given.get("resources", []))
        system = services.register_system(request.actor, organization=owner, entry=SystemEntry(**given))
        return Response(_detail(request, system), status=status.HTTP_201_CREATED)


class InformationSystemView(APIView):
    @extend_schema(operation_id="information_systems_retrieve", responses=SystemDetail)
    def get(self, request: Request, system_id: int) -> Response:
        """One system with the entries that come from it."""
        return Response(_detail(request, systems.system_for(request.actor, system_id)))

    @extend_schema(request=ChangedSystem, responses=SystemDetail)
    def patch(self, request: Request, system_id: int) -> Response:
        """Change what is named; the rest stays as it is."""
        system = systems.system_for(request.actor, system_id)
        body = ChangedSystem(system, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        if (version := given.pop("version", None)) is None:
            raise BadInput(_("Some entries are missing or wrong."), {"version": _("Say which version you read.")})
        if "resources" in given:
            given["resources"] = _resources(request, given["resources"])
        now = SystemEntry(**{name: getattr(system, name) for name in PLAIN}, resources=list(system.resources.all()))
        system = services.change_system(request.actor, system=system, entry=replace(now, **given), version=version)
        return Response(_detail(request, system))


def _detail(request: Request, system: InformationSystem) -> dict[str, Any]:
    resources = visible_resources(request.actor).filter(systems=system).order_by("code")
    return {**SystemSummary(system).data, "resources": list(resources.values_list("pk", flat=True))}


def _owner(request: Request, organization_id: int | None) -> Organization:
    owners = systems.owners_for(request.actor)
    wanted = organization_id or getattr(request.actor.organization, "pk", None)
    owner = Organization.objects.filter(pk=wanted, jurisdiction=request.actor.jurisdiction_id).first()
    if owner is None or (organization_id and owner not in owners and owner != request.actor.organization):
        raise BadInput(
            _("Some entries are missing or wrong."), {"organization": _("You keep no systems of this organization.")}
        )
    return owner


def _resources(request: Request, ids: list[int]) -> list[Any]:
    found = list(visible_resources(request.actor).filter(pk__in=ids))
    if len(found) != len(set(ids)):
        raise BadInput(
            _("Some entries are missing or wrong."), {"resources": _("There is no such entry in the catalogue.")}
        )
    return found
