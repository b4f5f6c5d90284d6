"""Addresses of projects over the API."""

from __future__ import annotations

from django.urls import path

from projects import acceptance_api, api, experts_api, plans_api

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
    path("experts/", experts_api.Experts.as_view(), name="experts"),
    path("experts/<int:expert_id>/", experts_api.ExpertView.as_view(), name="expert"),
    path("reviews/<int:review_id>/scores/", experts_api.ReviewScores.as_view(), name="review-scores"),
]
