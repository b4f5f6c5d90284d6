"""Sharing over the API: requests, grants and their keys, objections; and the data itself with a grant's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import SharingMethod
from catalog.selectors import resource_for
from organizations.choices import Choice
from organizations.negotiation import FileView
from sharing import delivery, selectors
from sharing.models import Grant
from sharing.services import credentials, objections, reading, requests
from sharing.services.reading import Reader
from sharing.services.requests import Wish


class ShareRequestBody(serializers.Serializer):
    resource = serializers.IntegerField()
    basis = serializers.CharField()
    scenario = serializers.CharField()
    scope = serializers.CharField()
    items = serializers.ListField(
        child=serializers.CharField(), allow_empty=False, help_text="codes of the resource's items"
    )
    method = Choice(choices=SharingMethod.choices, required=False, help_text="one, instead of methods")
    methods = serializers.ListField(
        child=Choice(choices=SharingMethod.choices),
        required=False,
        help_text="the ways in which the data may be read under the grant",
    )
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField()
    calls_per_day = serializers.IntegerField(required=False, allow_null=True)
    function = serializers.IntegerField(required=False, allow_null=True, help_text="id of a function of your unit")
    attachments = serializers.ListField(child=serializers.IntegerField(), required=False)
    opinion = serializers.CharField(required=False, help_text="why, when no function of your unit covers the request")

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Every mandatory field that is missing is named at once, the methods too, which have two names."""
        gaps = {}
        if isinstance(data, Mapping) and not data.get("method") and not data.get("methods"):
            gaps = {name: [str(text)] for name, text in requests.lacking({"methods": ()}).items()}
        try:
            values: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            found = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**gaps, **found}) from error
        if gaps:
            raise serializers.ValidationError(gaps)
        return values

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`method` and `methods` are one list."""
        one = attrs.pop("method", None)
        return {**attrs, "methods": list(dict.fromkeys([*attrs.get("methods", []), *([one] if one else [])]))}


class Filed(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField()


class ShareRequests(APIView):
    @extend_schema(
        request=ShareRequestBody,
        responses={201: Filed},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: Request) -> Response:
        """File a share request. The same Idempotency-Key answers with the case of the first time."""
        body = ShareRequestBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        resource = resource_for(request.actor, values.pop("resource"))
        opinion = values.pop("opinion", "")
        key = request.headers.get("Idempotency-Key", "")[:100]
        case = requests.file_at_once(
            request.actor, resource=resource, wish=Wish(**values), opinion=opinion, idempotency_key=key
        )
        return Response(
            {"number": case.number, "state": case.state, "version": case.seq}, status=status.HTTP_201_CREATED
        )


class ObjectionBody(serializers.Serializer):
    resource = serializers.IntegerField()
    description = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField(), required=False)
    record_key = serializers.CharField(required=False, allow_blank=True)
    suggested = serializers.CharField(required=False, allow_blank=True)
    attachments = serializers.ListField(child=serializers.IntegerField(), required=False)


class Objections(APIView):
    @extend_schema(request=ObjectionBody, responses={201: Filed})
    def post(self, request: Request) -> Response:
        """Say that data is wrong: a case opens under the law of the provider's city."""
        body = ObjectionBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        resource = resource_for(request.actor, values.pop("resource"))
        key = request.headers.get("Idempotency-Key", "")[:100]
        case = objections.file_objection(request.actor, resource=resource, idempotency_key=key, **values)
        return Response(
            {"number": case.number, "state": case.state, "version": case.seq}, status=status.HTTP_201_CREATED
        )


class GrantDetail(serializers.Serializer):
    id = serializers.IntegerField()
    resource = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.CharField()
    purpose = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    masked = serializers.ListField(child=serializers.CharField(), help_text="columns that are shown masked")
    methods = serializers.ListField(child=serializers.CharField(), help_text="ways of reading that were agreed on")
    valid_from = serializers.DateField()
    valid_until = serializers.DateField()
    rows_per_call = serializers.IntegerField()
    rows_total = serializers.IntegerField(allow_null=True)
    rows_used = serializers.IntegerField()
    calls_per_minute = serializers.IntegerField()
    calls_per_day = serializers.IntegerField()


def grant_detail(grant: Grant) -> dict[str, Any]:
    plain = ("rows_per_call", "rows_total", "rows_used", "calls_per_minute", "calls_per_day", "status", "purpose")
    return {
        "id": grant.pk,
        "resource": grant.resource_id,
        "title": grant.resource.title,
        "columns": [column.item.code for column in grant.columns.all()],
        "masked": [column.item.code for column in grant.columns.all() if column.masked],
        "methods": grant.methods,
        "valid_from": grant.valid_from.isoformat(),
        "valid_until": grant.valid_until.isoformat(),
        **{name: getattr(grant, name) for name in plain},
    }


class Grants(APIView):
    @extend_schema(responses=GrantDetail(many=True))
    def get(self, request: Request) -> Response:
        """The grants that your organization holds."""
        rows = selectors.own_grants(request.actor).prefetch_related("columns__item")
        return Response([grant_detail(grant) for grant in rows[:200]])


class IssuedCredential(serializers.Serializer):
    credential = serializers.CharField(help_text="shown this once")
    prefix = serializers.CharField()


class Credentials(APIView):
    @extend_schema(request=None, responses={201: IssuedCredential})
    def post(self, request: Request, grant_id: int) -> Response:
        """Make a key for a grant. Older keys of the grant end at once."""
        grant = selectors.grant_for(request.actor, grant_id)
        credential, secret = credentials.issue_credential(request.actor, grant=grant)
        return Response({"credential": secret, "prefix": credential.prefix}, status=status.HTTP_201_CREATED)


# --- the data, with a grant's key ---------------------------------------------------------------------------


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with a grant's credential. Whether it opens anything is decided, and recorded,
    when the data is asked for; here it only is taken out of the header."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "sharing.api.BearerAuthentication"
    name = "grant"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "a grant's own credential"}


def reader_of(request: Request) -> Reader:
    """Who reads, by the header. NotAuthenticated (401) without a credential."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise delivery.NoCredential(_("Send the grant's credential as “Authorization: Bearer …”."))
    return Reader(secret=secret.strip(), address=request.META.get("REMOTE_ADDR", ""))


class Records(APIView):
    authentication_classes = [BearerAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[
            OpenApiParameter("fields", str, description="item codes, comma separated; all that the grant covers"),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor", str),
        ],
        responses={200: OpenApiResponse(description="{records, next}")},
    )
    def get(self, request: Request, resource_id: int) -> Response:
        """A page of records. A parameter named like an item filters by its value."""
        reader = reader_of(request)
        page = delivery.records(reader, reading.readable(resource_id), request.query_params)
        response = Response({"records": page.records, "next": page.next or None})
        response["Cache-Control"] = "no-store"
        return response


class ExportCsv(FileView):
    authentication_classes = [BearerAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(responses={(200, "text/csv"): str})
    def get(self, request: Request, resource_id: int) -> StreamingHttpResponse:
        """All rows that the grant covers, as a stream of CSV."""
        resource = reading.readable(resource_id)
        stream = delivery.csv_stream(reader_of(request), resource)
        return csv_response(stream, f"{resource.code.replace('/', '-')}.csv")


def csv_response(stream: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """A download that nobody on the way may keep."""
    response = StreamingHttpResponse(stream, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=name))
    response["Cache-Control"] = "no-store"
    return response
