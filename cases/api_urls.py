from django.urls import path

from cases import api

urlpatterns = [
    path("cases/", api.CaseList.as_view(), name="case-list"),
    path("cases/<str:number>/", api.CaseView.as_view(), name="case"),
    path("cases/<str:number>/actions/<slug:action>/", api.CaseAction.as_view(), name="case-action"),
    path("cases/<str:number>/clocks/", api.CaseClocks.as_view(), name="case-clocks"),
    path("attachments/", api.Attachments.as_view(), name="attachments"),
]
