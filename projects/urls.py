"""Addresses of projects."""

from __future__ import annotations

from django.urls import path

from projects.views import drafting, experts, plans, registers

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
    path("plans/", plans.plan_list, name="plans"),
    path("plans/filings/new/", plans.filing, name="plan-filing"),
    path("plans/<int:year>/", plans.plan_page, name="plan"),
    path("plans/<int:year>/sheet/", plans.plan_sheet, name="plan-sheet"),
    path("plans/<int:year>/parts/<int:part_id>/", plans.plan_part, name="plan-part"),
    path("experts/", experts.expert_list, name="experts"),
    path("experts/add/", experts.add_expert, name="add-expert"),
    path("experts/<int:expert_id>/", experts.expert_page, name="expert"),
    path("experts/<int:expert_id>/change/", experts.change_expert, name="change-expert"),
    path("experts/<int:expert_id>/switch/", experts.switch_expert, name="switch-expert"),
    path("reviews/<str:number>/panel/", experts.call_panel, name="call-panel"),
]
