"""Addresses of organizations, in the browser."""

from __future__ import annotations

from django.urls import path

from organizations.views import account, directory, people, signing

app_name = "organizations"

urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("password/forgotten/", signing.forgotten, name="forgotten"),
    path("password/code/", signing.redeem_code, name="redeem-code"),
    path("password/mail/<str:uid>/<str:token>/", signing.mail_reset, name="mail-reset"),
    path("account/", account.overview, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/language/", account.language, name="language"),
    path("account/position/", account.switch_position, name="switch-position"),
    path("account/tokens/", account.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", account.revoke_token, name="revoke-token"),
    path("account/deputies/", account.appoint_deputy, name="appoint-deputy"),
    path("account/deputies/<int:position_id>/end/", account.end_deputy, name="end-deputy"),
    path("organizations/", directory.directory, name="directory"),
    path("organizations/<int:organization_id>/", directory.organization, name="organization"),
    path("people/", people.people, name="people"),
    path("people/new/", people.open_account, name="open-account"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/positions/", people.give_position, name="give-position"),
    path("people/<int:user_id>/code/", people.issue_code, name="issue-code"),
    path("people/<int:user_id>/leave/", people.leave, name="leave"),
    path("people/positions/<int:position_id>/leave/", people.leave_position, name="leave-position"),
]
