from __future__ import annotations

from django.urls import path

from reports import console, views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("console/", console.console, name="console"),
    path("<slug:report_id>/export/", views.export, name="export"),
    path("access/", views.report, {"report_id": "access"}, name="access"),
    path("cases/", views.report, {"report_id": "cases"}, name="cases"),
    path("cases/<str:number>/", views.case_report, name="case"),
    path("acts/", views.report, {"report_id": "acts"}, name="acts"),
    path("acts/<int:entry_id>/proof.json", views.proof, name="proof"),
    path("integrity/", views.report, {"report_id": "integrity"}, name="integrity"),
    path("integrity/verify/", views.verify, name="verify"),
    path("integrity/verifications/<int:verification_id>/", views.verification, name="verification"),
]
