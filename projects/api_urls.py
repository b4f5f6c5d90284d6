"""Addresses of projects over the API."""

from __future__ import annotations

from django.urls import path

from projects import (
    acceptance_api,
    api,
    contracts_api,
    experts_api,
    firms_api,
    ocds_api,
    paying_api,
    plans_api,
    procurements_api,
)

urlpatterns = [
    path("projects/", api.Projects.as_view(), name="projects"),
    path("projects/<int:project_id>/", api.ProjectView.as_view(), name="project"),
    path("projects/<int:project_id>/file/", api.ProjectFiling.as_view(), name="project-file"),
    path("projects/<int:project_id>/cases/", api.ProjectCases.as_view(), name="project-cases"),
    path("projects/<int:project_id>/reviews/", api.ProjectReviews.as_view(), name="project-reviews"),
    path("plans/", plans_api.Plans.as_view(), name="plans"),
    path("plans/<int:year>/", plans_api.PlanView.as_view(), name="plan"),
    path("acceptances/", acceptance_api.Acceptances.as_view(), name="acceptances"),
    path("acceptances/<int:acceptance_id>/", acceptance_api.AcceptanceView.as_view(), name="acceptance"),
    path("procurements/", procurements_api.Procurements.as_view(), name="procurements"),
    path("procurements/<int:procurement_id>/", procurements_api.ProcurementView.as_view(), name="procurement"),
    path("procurements/<int:procurement_id>/offers/", procurements_api.Offers.as_view(), name="offers"),
    path(
        "procurements/<int:procurement_id>/offers/<int:bidder_id>/", procurements_api.OfferView.as_view(), name="offer"
    ),
    path("contracts/", contracts_api.Contracts.as_view(), name="contracts"),
    path("contracts/<int:contract_id>/", contracts_api.ContractView.as_view(), name="contract"),
    path("contracts/<int:contract_id>/supplements/", contracts_api.Supplements.as_view(), name="supplements"),
    path("milestones/", contracts_api.Milestones.as_view(), name="milestones"),
    path("payments/", paying_api.Payments.as_view(), name="payments"),
    path("payments/<int:payment_id>/", paying_api.PaymentView.as_view(), name="payment"),
    path("changes/", paying_api.Changes.as_view(), name="changes"),
    path("changes/<int:change_id>/", paying_api.ChangeView.as_view(), name="change"),
    path("firms/", firms_api.Firms.as_view(), name="firms"),
    path("firms/<int:firm_id>/", firms_api.FirmView.as_view(), name="firm"),
    path("firms/<int:firm_id>/bans/", firms_api.FirmBans.as_view(), name="firm-bans"),
    path("ocds/releases.json", ocds_api.Releases.as_view(), name="ocds-releases"),
    path("experts/", experts_api.Experts.as_view(), name="experts"),
    path("experts/<int:expert_id>/", experts_api.ExpertView.as_view(), name="expert"),
    path("reviews/<int:review_id>/scores/", experts_api.ReviewScores.as_view(), name="review-scores"),
]
