"""Addresses of special funds."""

from __future__ import annotations

from django.urls import path

from funds.views import drafting, registers

app_name = "funds"
urlpatterns = [
    path("", registers.fund_list, name="funds"),
    path("new/", drafting.new_fund, name="new"),
    path("drafts/<int:fund_id>/", drafting.draft, name="draft"),
    path("drafts/<int:fund_id>/discard/", drafting.discard, name="discard"),
    path("<int:fund_id>/", registers.fund_page, name="fund"),
    path("<int:fund_id>/amend/", drafting.amend, name="amend"),
]
