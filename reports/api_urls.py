from django.urls import path

from reports import api

urlpatterns = [
    path("calendar/notices/", api.Notices.as_view(), name="calendar-notices"),
    path("calendar/notices/<int:notice_id>/", api.NoticeView.as_view(), name="calendar-notice"),
    path("calendar/notices/<int:notice_id>/submit/", api.NoticeSubmission.as_view(), name="calendar-notice-submit"),
    path("calendar/notices/<int:notice_id>/confirm/", api.NoticeConfirmation.as_view(), name="calendar-notice-confirm"),
    path("calendar/notices/<int:notice_id>/reject/", api.NoticeRejection.as_view(), name="calendar-notice-reject"),
    path("calendar/notices/<int:notice_id>/progress/", api.NoticeProgress.as_view(), name="calendar-notice-progress"),
]
