"""Addresses of special funds."""

from __future__ import annotations

from django.urls import path

from funds.views import drafting, money, registers, steps

app_name = "funds"
urlpatterns = [
    path("", registers.fund_list, name="funds"),
    path("bans/", registers.ban_list, name="bans"),
    path("new/", drafting.new_fund, name="new"),
    path("drafts/<int:fund_id>/", drafting.draft, name="draft"),
    path("drafts/<int:fund_id>/discard/", drafting.discard, name="discard"),
    path("<int:fund_id>/", registers.fund_page, name="fund"),
    path("<int:fund_id>/amend/", drafting.amend, name="amend"),
    path("<int:fund_id>/rules/", steps.write_rules, name="write-rules"),
    path("rules/<int:rules_id>/", steps.amend_rules, name="amend-rules"),
    path("<int:fund_id>/scope/", steps.change_scope, name="change-scope"),
    path("<int:fund_id>/end/", steps.end_fund, name="end"),
    path("<int:fund_id>/years/", money.open_year, name="open-year"),
    path("<int:fund_id>/publish/", money.publish, name="publish"),
    path("<int:fund_id>/complain/", money.complain, name="complain"),
    path("<int:fund_id>/charge/", money.charge, name="charge"),
    path("years/<int:year_id>/allocate/<slug:method>/", money.allocate, name="allocate"),
    path("years/<int:year_id>/apply/", money.apply_for, name="apply"),
    path("lines/<int:line_id>/issue/", money.issue, name="issue"),
]
