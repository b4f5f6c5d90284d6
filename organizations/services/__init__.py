"""Every write of organizations. One function per thing a user can do; each is one transaction and leaves a record."""

from organizations.services.accounts import (
    change_language,
    change_own_password,
    issue_reset_code,
    open_account,
    redeem_reset_code,
    reset_password_by_mail,
)
from organizations.services.positions import (
    appoint_deputy,
    give_position,
    leave_organizations,
    leave_position,
    mirror_all,
    mirror_group,
)
from organizations.services.registry import (
    add_function,
    amend_organization,
    assign_organ_role,
    checked_code,
    end_function,
    merge_organization,
    register_jurisdiction,
    register_organization,
    withdraw_organ_role,
)
from organizations.services.reset_mail import ask_for_reset_mail, send_reset_mails
from organizations.services.sessions import (
    clear_sessions,
    note_failed_sign_in,
    note_sign_in,
    note_sign_out,
    note_switch,
)
from organizations.services.tokens import IssuedToken, issue_token, note_token_use, revoke_token

__all__ = [
    "IssuedToken",
    "add_function",
    "amend_organization",
    "appoint_deputy",
    "ask_for_reset_mail",
    "assign_organ_role",
    "change_language",
    "change_own_password",
    "checked_code",
    "clear_sessions",
    "end_function",
    "give_position",
    "issue_reset_code",
    "issue_token",
    "leave_organizations",
    "leave_position",
    "merge_organization",
    "mirror_all",
    "mirror_group",
    "note_failed_sign_in",
    "note_sign_in",
    "note_sign_out",
    "note_switch",
    "note_token_use",
    "open_account",
    "redeem_reset_code",
    "register_jurisdiction",
    "register_organization",
    "reset_password_by_mail",
    "revoke_token",
    "send_reset_mails",
    "withdraw_organ_role",
]
