from django.urls import path

from cases import views
from cases.views import bulk, duties, filters, owing, settings, versions

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
    path("settings/", settings.overview, name="settings"),
    path("settings/mail/", settings.choose_mail, name="choose-mail"),
    path("settings/calendar/", settings.issue_feed, name="issue-feed"),
    path("settings/calendar/revoke/", settings.revoke_feed, name="revoke-feed"),
    path("calendar/<str:token>/due.ics", settings.calendar_feed, name="calendar-feed"),
    path("filters/", filters.save, name="save-filter"),
    path("filters/<int:filter_id>/delete/", filters.delete, name="delete-filter"),
    path("filters/<int:filter_id>/default/", filters.default, name="default-filter"),
    path("attachments/<int:attachment_id>/", views.attachment, name="attachment"),
    path("owed/", owing.owed, name="owed"),
    path("duties/", duties.standing, name="duties"),
    path("stranded/", owing.stranded, name="stranded"),
    path("bulk/", bulk.summary, name="bulk"),
    path("bulk/take/", bulk.take, name="bulk-take"),
    path("bulk/assign/", bulk.assign_cases, name="assign-many"),
    path("<str:number>/", views.case_page, name="case"),
    path("<str:number>/assign/", bulk.assign_case, name="assign"),
    path("<str:number>/file.pdf", views.case_file, name="file"),
    path("<str:number>/comments/", views.add_comment, name="comment"),
    path("<str:number>/comments/<int:comment_id>/withdraw/", views.withdraw_comment, name="withdraw-comment"),
    path("<str:number>/people/", views.people, name="people"),
    path("<str:number>/follow/", views.follow, name="follow"),
    path("<str:number>/unfollow/", views.unfollow, name="unfollow"),
    path("<str:number>/actions/<slug:action>/", views.take_action, name="act"),
]
