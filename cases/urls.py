from django.urls import path

from cases import views
from cases.views import versions

app_name = "cases"

urlpatterns = [
    path("", views.case_list, name="list"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_notices, name="read-notices"),
    path("versions/", versions.versions, name="versions"),
    path("versions/<int:version_id>/", versions.version, name="version"),
    path("versions/<int:version_id>/progress/", versions.progress, name="version-progress"),
    path("versions/<int:version_id>/propose/", versions.propose, name="propose-version"),
    path("versions/<int:version_id>/<int:proposal_id>/confirm/", versions.confirm, name="confirm-version"),
    path("versions/<int:version_id>/<int:proposal_id>/reject/", versions.reject, name="reject-version"),
    path("attachments/<int:attachment_id>/", views.attachment, name="attachment"),
    path("<str:number>/", views.case_page, name="case"),
    path("<str:number>/actions/<slug:action>/", views.take_action, name="act"),
]
