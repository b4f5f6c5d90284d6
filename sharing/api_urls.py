from django.urls import path

from sharing import api

urlpatterns = [
    path("share-requests/", api.ShareRequests.as_view(), name="share-requests"),
    path("objections/", api.Objections.as_view(), name="objections"),
    path("grants/", api.Grants.as_view(), name="grants"),
    path("grants/<int:grant_id>/credentials/", api.Credentials.as_view(), name="grant-credentials"),
    path("data/<int:resource_id>/records/", api.Records.as_view(), name="records"),
    path("data/<int:resource_id>/export.csv", api.ExportCsv.as_view(), name="export-csv"),
]
