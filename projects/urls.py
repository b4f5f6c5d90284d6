"""Addresses of projects."""

from __future__ import annotations

from django.urls import path

from projects.views import acceptance, contracting, drafting, experts, firms, paying, plans, registers, reports

app_name = "projects"
urlpatterns = [
    path("", registers.project_list, name="projects"),
    path("board/", registers.project_board, name="board"),
    path("new/", drafting.new_project, name="new"),
    path("drafts/<int:project_id>/", drafting.draft, name="draft"),
    path("drafts/<int:project_id>/discard/", drafting.discard, name="discard"),
    path("<int:project_id>/", registers.project_page, name="project"),
    path("<int:project_id>/amend/", drafting.amend, name="amend"),
    path("<int:project_id>/review/", drafting.submit, name="submit"),
    path("<int:project_id>/outside-plan/", plans.addition, name="plan-addition"),
    path("<int:project_id>/carry-out/", plans.carry_out, name="carry-out"),
    path("<int:project_id>/acceptance/", acceptance.begin, name="begin-acceptance"),
    path("acceptances/<str:number>/papers/", acceptance.add_paper, name="acceptance-paper"),
    path("acceptances/<str:number>/promises/<int:promise_id>/", acceptance.link_promise, name="link-promise"),
    path("<int:project_id>/progress/", reports.at_once, name="report-at-once"),
    path("<int:project_id>/issues/new/", reports.raise_issue, name="raise-issue"),
    path("issues/<int:issue_id>/settle/", reports.settle_issue, name="settle-issue"),
    path("reports/<int:progress_id>/", reports.report, name="report"),
    path("plans/", plans.plan_list, name="plans"),
    path("plans/filings/new/", plans.filing, name="plan-filing"),
    path("plans/<int:year>/", plans.plan_page, name="plan"),
    path("plans/<int:year>/sheet/", plans.plan_sheet, name="plan-sheet"),
    path("plans/<int:year>/parts/<int:part_id>/", plans.plan_part, name="plan-part"),
    path("<int:project_id>/procurements/new/", contracting.new_procurement, name="new-procurement"),
    path("<int:project_id>/payments/new/", paying.new_payment, name="new-payment"),
    path("<int:project_id>/recalls/new/", paying.new_recall, name="new-recall"),
    path("<int:project_id>/changes/new/", paying.new_change, name="new-change"),
    path("<int:project_id>/rectifications/new/", paying.new_rectification, name="new-rectification"),
    path("<int:project_id>/ledger/", paying.ledger, name="ledger"),
    path("<int:project_id>/ledger/sheet/", paying.ledger_sheet, name="ledger-sheet"),
    path("procurements/<str:number>/offers/add/", contracting.add_offer, name="add-offer"),
    path("procurements/<str:number>/offers/<int:bidder_id>/remove/", contracting.remove_offer, name="remove-offer"),
    path("contracts/<str:number>/terms/", contracting.contract_terms, name="contract-terms"),
    path("contracts/<str:number>/supplements/new/", contracting.new_supplement, name="new-supplement"),
    path("firms/", firms.firm_list, name="firms"),
    path("firms/sheet/", firms.firm_sheet, name="firm-sheet"),
    path("firms/add/", firms.add_firm, name="add-firm"),
    path("firms/<int:firm_id>/", firms.firm_page, name="firm"),
    path("firms/<int:firm_id>/change/", firms.change_firm, name="change-firm"),
    path("firms/<int:firm_id>/bar/", firms.bar_firm, name="bar-firm"),
    path("experts/", experts.expert_list, name="experts"),
    path("experts/add/", experts.add_expert, name="add-expert"),
    path("experts/<int:expert_id>/", experts.expert_page, name="expert"),
    path("experts/<int:expert_id>/change/", experts.change_expert, name="change-expert"),
    path("experts/<int:expert_id>/switch/", experts.switch_expert, name="switch-expert"),
    path("reviews/<str:number>/panel/", experts.call_panel, name="call-panel"),
]
