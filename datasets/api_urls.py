"""Addresses of loading under /api/v1/."""

from __future__ import annotations

from django.urls import path

from datasets.api import BatchesView, BatchView

urlpatterns = [
    path("data/<int:resource_id>/batches/", BatchesView.as_view(), name="data-batches"),
    path("data/<int:resource_id>/batches/<int:batch_id>/", BatchView.as_view(), name="data-batch"),
]
