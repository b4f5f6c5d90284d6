"""Writes of the cases room: the engine's own, and those beside it."""

from __future__ import annotations

from cases.engine import (
    act,
    inherit,
    load,
    move_open_cases,
    open_case,
    open_scheduled,
    opened_before,
    settle_case,
    sweep,
)
from cases.engine.recount import apply_notice
from cases.engine.recount import run as recount
from cases.engine.recount import run_pending as recount_pending
from cases.services.conversation import (
    comment,
    end_lost_followings,
    follow,
    tell_followers,
    unfollow,
    withdraw_comment,
)
from cases.services.digest import send_digests
from cases.services.notices import read_notices, send_mail
from cases.services.papers import export_case_file, store_attachment
from cases.services.personal import (
    choose_default_filter,
    choose_mail,
    delete_filter,
    issue_calendar_feed,
    note_feed_use,
    revoke_calendar_feed,
    save_filter,
)
from cases.services.signals import signal, signal_open_cases

__all__ = [
    "act",
    "apply_notice",
    "choose_default_filter",
    "choose_mail",
    "comment",
    "delete_filter",
    "end_lost_followings",
    "export_case_file",
    "follow",
    "inherit",
    "issue_calendar_feed",
    "load",
    "move_open_cases",
    "note_feed_use",
    "open_case",
    "open_scheduled",
    "opened_before",
    "read_notices",
    "recount",
    "recount_pending",
    "revoke_calendar_feed",
    "save_filter",
    "send_digests",
    "send_mail",
    "settle_case",
    "signal",
    "signal_open_cases",
    "store_attachment",
    "sweep",
    "tell_followers",
    "unfollow",
    "withdraw_comment",
]
