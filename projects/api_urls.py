"""Addresses of projects over the API."""

from __future__ import annotations

from django.urls import path

from projects import experts_api

urlpatterns = [
    path("experts/", experts_api.Experts.as_view(), name="experts"),
    path("experts/<int:expert_id>/", experts_api.ExpertView.as_view(), name="expert"),
    path("reviews/<int:review_id>/scores/", experts_api.ReviewScores.as_view(), name="review-scores"),
]
