"""Addresses of organizations under /api/v1/."""

from __future__ import annotations

from django.urls import path

from organizations.api import MyselfView, TokenView

urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="auth-token"),
    path("auth/me/", MyselfView.as_view(), name="auth-me"),
]
