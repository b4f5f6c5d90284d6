"""A matter being handled: the case, its history, its clocks, who is awaited, and who is told.

Events, ledger entries and alerts are only ever added to (a trigger refuses the rest, see migrations).
Derived columns (`due_at`, `fire_at`, `next_fire_at`, awaited hands) exist for the index and are recounted.
"""

from cases.models.assigning import Assignment
from cases.models.clocks import Alert, Clock, ClockEntry, UrgingTask
from cases.models.conversation import Comment, Following, Mention
from cases.models.matter import AwaitedHand, Case, CaseEvent, CaseParty
from cases.models.papers import Attachment, Notification
from cases.models.personal import CalendarFeed, DigestMail, MailPreference, SavedFilter
from cases.models.upkeep import Recount, ScheduleCursor, Signal, VersionMove

__all__ = [
    "Alert",
    "Assignment",
    "Attachment",
    "AwaitedHand",
    "CalendarFeed",
    "Case",
    "CaseEvent",
    "CaseParty",
    "Clock",
    "ClockEntry",
    "Comment",
    "DigestMail",
    "Following",
    "MailPreference",
    "Mention",
    "Notification",
    "Recount",
    "SavedFilter",
    "ScheduleCursor",
    "Signal",
    "UrgingTask",
    "VersionMove",
]
