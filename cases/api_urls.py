from django.urls import path

from cases import api, desk_api

urlpatterns = [
    path("cases/", api.CaseList.as_view(), name="case-list"),
    path("cases/bulk/", api.BulkAction.as_view(), name="case-bulk"),
    path("cases/assignments/", desk_api.Assignments.as_view(), name="case-assignments"),
    path("cases/<str:number>/", api.CaseView.as_view(), name="case"),
    path("cases/<str:number>/actions/<slug:action>/", api.CaseAction.as_view(), name="case-action"),
    path("cases/<str:number>/clocks/", api.CaseClocks.as_view(), name="case-clocks"),
    path("cases/<str:number>/file.pdf", api.CaseFile.as_view(), name="case-file"),
    path("cases/<str:number>/comments/", api.CaseComments.as_view(), name="case-comments"),
    path("cases/<str:number>/comments/<int:comment_id>/", api.CaseComment.as_view(), name="case-comment"),
    path("cases/<str:number>/following/", api.CaseFollowing.as_view(), name="case-following"),
    path("cases/<str:number>/assignment/", desk_api.CaseAssignment.as_view(), name="case-assignment"),
    path("filters/", desk_api.Filters.as_view(), name="filters"),
    path("filters/<int:filter_id>/", desk_api.FilterView.as_view(), name="filter"),
    path("filters/<int:filter_id>/default/", desk_api.DefaultFilter.as_view(), name="filter-default"),
    path("attachments/", api.Attachments.as_view(), name="attachments"),
]
