"""Loading data over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from datasets import selectors, services, tasks
from datasets.models import Batch
from datasets.reasons import file_reason, row_reason
from organizations.choices import Choice


class BatchUpload(serializers.Serializer):
    file = serializers.FileField(help_text="CSV (UTF-8 or GB18030) or .xlsx; the heading names items by code or title.")
    mode = Choice(choices=Batch.Mode.choices, default=Batch.Mode.REPLACE)


class RejectRow(serializers.Serializer):
    line = serializers.IntegerField()
    column = serializers.CharField()
    value = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.SerializerMethodField()

    def get_reason(self, row: Any) -> str:
        return row_reason(row.code, row.params)


class QualityRow(serializers.Serializer):
    complete = serializers.DecimalField(max_digits=5, decimal_places=2)
    unique = serializers.DecimalField(max_digits=5, decimal_places=2)
    valid = serializers.DecimalField(max_digits=5, decimal_places=2)


class BatchRow(serializers.Serializer):
    """A batch. `state`: received, checking, merging, merged or failed. `error`: why it failed, else null."""

    id = serializers.IntegerField(source="pk")
    resource = serializers.IntegerField(source="dataset.resource_id")
    mode = serializers.CharField()
    state = serializers.CharField()
    file_name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    encoding = serializers.CharField()
    percent = serializers.IntegerField()
    read = serializers.IntegerField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    replaced = serializers.IntegerField()
    loaded_by = serializers.CharField(source="loaded_by_name")
    received_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_error(self, row: Batch) -> dict[str, Any] | None:
        if not row.error_code:
            return None
        message = file_reason(row.error_code, row.error_params)
        return {"code": row.error_code, "message": message, "details": row.error_params}


class BatchDetail(BatchRow):
    """`rejects`: the first ones; the file of all is in the browser."""

    quality = QualityRow(allow_null=True)
    rejects = RejectRow(many=True)

    def to_representation(self, instance: Batch) -> dict[str, Any]:
        shown = BatchRow(instance).data
        quality = getattr(instance, "quality", None)
        shown["quality"] = QualityRow(quality).data if quality else None
        shown["rejects"] = RejectRow(instance.rejects.all(), many=True).data
        return shown


class BatchesView(APIView):
    """Load data into a resource of one's own department."""

    parser_classes = [parsers.MultiPartParser]

    @extend_schema(operation_id="data_batches_create", request=BatchUpload, responses={202: BatchRow})
    def post(self, request: Request, resource_id: int) -> Response:
        """Takes the file and answers 202; ask the address in `Location` how it ends."""
        resource = selectors.resource_for_loading(request.actor, resource_id)
        asked = BatchUpload(data=request.data)
        asked.is_valid(raise_exception=True)
        batch = services.receive_upload(
            actor=request.actor,
            resource=resource,
            upload=asked.validated_data["file"],
            mode=asked.validated_data["mode"],
            enqueue=tasks.enqueue,
        )
        where = reverse("data-batch", kwargs={"resource_id": resource.pk, "batch_id": batch.pk}, request=request)
        return Response(BatchRow(batch).data, status=status.HTTP_202_ACCEPTED, headers={"Location": where})


class BatchView(APIView):
    """How a batch stands."""

    @extend_schema(operation_id="data_batch_retrieve", responses={200: BatchDetail})
    def get(self, request: Request, resource_id: int, batch_id: int) -> Response:
        batch = selectors.batch_for(request.actor, batch_id, resource_id=resource_id)
        return Response(BatchDetail(batch).data, headers={"Cache-Control": "no-store"})
