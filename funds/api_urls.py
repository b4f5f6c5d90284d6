"""Addresses of special funds over the API."""

from __future__ import annotations

from django.urls import path

from funds import api

urlpatterns = [
    path("funds/", api.Funds.as_view(), name="funds"),
    path("funds/bans/", api.FundBans.as_view(), name="fund-bans"),
    path("funds/<int:fund_id>/", api.FundView.as_view(), name="fund"),
    path("funds/<int:fund_id>/ledger/", api.FundLedger.as_view(), name="fund-ledger"),
    path("funds/<int:fund_id>/applications/", api.FundApplications.as_view(), name="fund-applications"),
]
