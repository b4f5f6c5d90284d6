from django.urls import path

from sharing import views

app_name = "sharing"

urlpatterns = [
    path("requests/", views.request_list, name="requests"),
    path("requests/export/", views.request_export, name="requests-export"),
    path("requests/new/<int:resource_id>/", views.new_request, name="new-request"),
    path("requests/drafts/<int:draft_id>/", views.draft, name="draft"),
    path("requests/drafts/<int:draft_id>/discard/", views.discard, name="discard"),
    path("requests/<int:request_id>/revise/", views.revise, name="revise"),
    path("agreements/<int:agreement_id>/", views.agreement, name="agreement"),
    path("agreements/<int:agreement_id>/pdf/", views.agreement_pdf, name="agreement-pdf"),
    path("grants/", views.grant_list, name="grants"),
    path("grants/<int:grant_id>/", views.grant_page, name="grant"),
    path("grants/<int:grant_id>/credential/", views.issue_credential, name="issue-credential"),
    path(
        "grants/<int:grant_id>/credential/<int:credential_id>/revoke/",
        views.revoke_credential,
        name="revoke-credential",
    ),
    path("grants/<int:grant_id>/end/", views.end_grant, name="end-grant"),
    path("grants/<int:grant_id>/resume/", views.resume_grant, name="resume-grant"),
    path("grants/<int:grant_id>/download/", views.download, name="download"),
    path("grants/<int:grant_id>/query/", views.online_query, name="query"),
    path("objections/", views.objection_list, name="objections"),
    path("objections/new/<int:resource_id>/", views.new_objection, name="new-objection"),
]
