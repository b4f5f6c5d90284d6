"""The portal's addresses: each room brings its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("portal.pages")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("organizations.urls")),
    path("api/v1/", include("organizations.api_urls")),
    path("law/", include("statutes.urls")),
    path("api/v1/", include("statutes.api_urls")),
    path("catalog/", include("catalog.urls")),
    path("api/v1/", include("catalog.api_urls")),
    path("cases/", include("cases.urls")),
    path("api/v1/", include("cases.api_urls")),
    path("api/v1/", include("sharing.api_urls")),
    path("sharing/", include("sharing.urls")),
    path("data/", include("datasets.urls")),
    path("api/v1/", include("datasets.api_urls")),
    path("funds/", include("funds.urls")),
    path("api/v1/", include("funds.api_urls")),
    path("projects/", include("projects.urls")),
    path("api/v1/", include("projects.api_urls")),
    path("reports/", include("reports.urls")),
    path("api/v1/", include("reports.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
