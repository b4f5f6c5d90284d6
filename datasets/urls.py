"""Addresses of data, in the browser."""

from __future__ import annotations

from django.urls import path

from datasets import views

app_name = "datasets"

urlpatterns = [
    path("", views.resources, name="batches"),
    path("<int:resource_id>/", views.resource, name="resource"),
    path("<int:resource_id>/load/", views.upload, name="upload"),
    path("batches/<int:batch_id>/", views.batch, name="batch"),
    path("batches/<int:batch_id>/progress/", views.progress, name="progress"),
    path("batches/<int:batch_id>/rejects.csv", views.rejects, name="rejects"),
]
