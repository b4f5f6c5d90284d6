from __future__ import annotations

from django.urls import path

from reports import console, notices, views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("console/", console.console, name="console"),
    path("calendar/", notices.listing, name="notices"),
    path("calendar/new/", notices.edit, name="new-notice"),
    path("calendar/<int:notice_id>/", notices.notice, name="notice"),
    path("calendar/<int:notice_id>/edit/", notices.edit, name="edit-notice"),
    path("calendar/<int:notice_id>/submit/", notices.submit, name="submit-notice"),
    path("calendar/<int:notice_id>/confirm/", notices.confirm, name="confirm-notice"),
    path("calendar/<int:notice_id>/reject/", notices.reject, name="reject-notice"),
    path("calendar/<int:notice_id>/progress/", notices.progress, name="recount-progress"),
    path("calendar/<int:notice_id>/export/", notices.export, name="export-recount"),
    path("<slug:report_id>/export/", views.export, name="export"),
    path("access/", views.report, {"report_id": "access"}, name="access"),
    path("cases/", views.report, {"report_id": "cases"}, name="cases"),
    path("cases/<str:number>/", views.case_report, name="case"),
    path("acts/", views.report, {"report_id": "acts"}, name="acts"),
    path("acts/<int:entry_id>/proof.json", views.proof, name="proof"),
    path("delegations/", views.report, {"report_id": "delegations"}, name="delegations"),
    path("console/delegations/", console.delegations, name="console-delegations"),
    path("integrity/", views.report, {"report_id": "integrity"}, name="integrity"),
    path("integrity/verify/", views.verify, name="verify"),
    path("integrity/verifications/<int:verification_id>/", views.verification, name="verification"),
]
