from django.urls import path

from cases import views

app_name = "cases"

urlpatterns = [
    path("", views.case_list, name="list"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_notices, name="read-notices"),
    path("attachments/<int:attachment_id>/", views.attachment, name="attachment"),
    path("<str:number>/", views.case_page, name="case"),
    path("<str:number>/actions/<slug:action>/", views.take_action, name="act"),
]
