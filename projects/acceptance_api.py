"""Acceptances over the API: which there are, what the sharing gate sees, and beginning one.

Every later step is an action of the acceptance's case, through `cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.actors import AnyActor
from organizations.choices import check_filters
from organizations.errors import Conflict, NotKnown
from organizations.paging import one_page
from projects import selectors
from projects.models import Acceptance
from projects.promised import Kept, kept_promises
from projects.services import acceptance as services

LISTING, ORDER = "acceptances.api", ("pk",)
YES_OR_NO = ("yes", "no")
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class AcceptanceSummary(serializers.Serializer):
    id = serializers.IntegerField()
    project = serializers.DictField(help_text="id, code and name")
    round = serializers.IntegerField()
    case = serializers.CharField(help_text="number of its case")
    state = serializers.CharField(help_text="state of its case under its city's law")
    accepted_on = serializers.DateField(allow_null=True)
    report_filed_on = serializers.DateField(allow_null=True)


class AcceptancePage(serializers.Serializer):
    results = AcceptanceSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class LightDetail(serializers.Serializer):
    name = serializers.CharField()
    state = serializers.CharField(help_text="on, off, or unasked: data that may not be shared")
    why = serializers.CharField(help_text="what is missing; empty while on", allow_blank=True)


class KeptDetail(serializers.Serializer):
    title = serializers.CharField()
    resource = serializers.IntegerField(allow_null=True, help_text="id of the catalogue entry")
    kept = serializers.BooleanField()
    missing = serializers.CharField(allow_blank=True)
    lights = LightDetail(many=True, help_text="published, loaded, fresh, delivered")


class AcceptanceDetail(AcceptanceSummary):
    promises = KeptDetail(many=True, help_text="read at this moment from catalogue, data and sharing")


class AcceptanceBody(serializers.Serializer):
    project = serializers.IntegerField()
    inputs = serializers.DictField(required=False, help_text="what the procedure's opening asks for")
    opinion = serializers.CharField(required=False, allow_blank=True)


def visible_acceptances(actor: AnyActor) -> QuerySet[Acceptance]:
    """Acceptances of the projects that the actor may see."""
    rows = Acceptance.objects.filter(project__in=selectors.visible_projects(actor), case__isnull=False)
    return rows.select_related("case", "project")


def summary(row: Acceptance) -> dict[str, Any]:
    case, project = row.case, row.project
    return {
        "id": row.pk,
        "project": {"id": project.pk, "code": project.code, "name": project.name},
        "round": row.round,
        "case": case.number if case else "",
        "state": case.state if case else "",
        "accepted_on": row.accepted_on.isoformat() if row.accepted_on else None,
        "report_filed_on": row.report_filed_on.isoformat() if row.report_filed_on else None,
    }


def _kept(row: Kept) -> dict[str, Any]:
    return {
        "title": row.promise.title,
        "resource": row.promise.resource_id,
        "kept": row.kept,
        "missing": row.missing,
        "lights": [{"name": light.name, "state": light.state, "why": light.why} for light in row.lights],
    }


def detail(row: Acceptance) -> dict[str, Any]:
    promises = kept_promises(row.project, timezone.now())
    return {**summary(row), "promises": [_kept(kept) for kept in promises]}


class Acceptances(APIView):
    @extend_schema(
        operation_id="acceptances_list",
        parameters=[
            OpenApiParameter("project", int),
            OpenApiParameter("accepted", str, enum=YES_OR_NO),
            OpenApiParameter("cursor", str),
        ],
        responses=AcceptancePage,
    )
    def get(self, request: Request) -> Response:
        """Acceptances of projects that you may see."""
        asked = request.query_params
        check_filters(asked, {"accepted": list(YES_OR_NO)})
        rows = visible_acceptances(request.actor)
        if project := asked.get("project", ""):
            rows = rows.filter(project=int(project)) if project.isdecimal() and len(project) < 19 else rows.none()
        if accepted := asked.get("accepted", ""):
            rows = rows.filter(accepted_on__isnull=accepted == "no")
        page = one_page(rows, ORDER, asked.get("cursor", ""), LISTING)
        results = [summary(row) for row in page.rows]
        return Response({"results": results, "count": page.total, "next": page.next or None})

    @extend_schema(
        operation_id="acceptances_add", request=AcceptanceBody, responses={201: AcceptanceDetail}, parameters=[KEY]
    )
    def post(self, request: Request) -> Response:
        """Begin the acceptance of a project; the same Idempotency-Key answers as the first time."""
        body = AcceptanceBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        case = services.begin_acceptance(
            request.actor,
            project=selectors.project_for(request.actor, said["project"]),
            given=said.get("inputs"),
            opinion=said.get("opinion", ""),
            idempotency_key=request.headers.get("Idempotency-Key", "")[:100],
        )
        row = visible_acceptances(request.actor).filter(case=case).first()
        if row is None:
            raise Conflict(_("This Idempotency-Key was used for something else."), {"number": case.number})
        return Response(detail(row), status=status.HTTP_201_CREATED)


class AcceptanceView(APIView):
    @extend_schema(operation_id="acceptances_one", responses=AcceptanceDetail)
    def get(self, request: Request, acceptance_id: int) -> Response:
        """One acceptance, with what the sharing gate sees at this moment."""
        row = visible_acceptances(request.actor).filter(pk=acceptance_id).first()
        if row is None:
            raise NotKnown(_("There is no such acceptance."))
        return Response(detail(row))
