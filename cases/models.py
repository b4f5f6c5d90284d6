"""A matter being handled: the case, its history, its clocks, who is awaited, and who is told.

Events, ledger entries and alerts are only ever added to (a trigger refuses the rest, see migrations).
Derived columns (`due_at`, `fire_at`, `next_fire_at`, awaited hands) exist for the index and are recounted.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations.models import Jurisdiction, Organization, Position, User
from statutes.models import PackVersion


class Case(models.Model):
    """One matter under one procedure of one pack version. `seq` is its version: the number of its last event."""

    number = models.CharField(_("case number"), max_length=40, unique=True)
    family = models.SlugField(max_length=40)
    procedure = models.SlugField(max_length=60)
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="cases")
    pack_version = models.ForeignKey(PackVersion, models.PROTECT, related_name="cases")
    title = models.CharField(_("title"), max_length=300)
    state = models.SlugField(max_length=60)
    seq = models.PositiveIntegerField(default=0)
    entered_seq = models.PositiveIntegerField(default=0, help_text="event by which the current state was entered")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="opened_cases", help_text="empty: a schedule opened it"
    )
    opener = models.ForeignKey(Organization, models.PROTECT, related_name="opened_cases")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField(help_text="moment of the last event")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.SlugField(max_length=40, blank=True)
    law_on = models.DateField(
        null=True, blank=True, help_text="the day whose procedure applies, once the case has moved to a later version"
    )
    next_fire_at = models.DateTimeField(null=True, blank=True, help_text="earliest rung of any open clock")
    error = models.TextField(blank=True, help_text="why the clock's act failed; other actions are refused meanwhile")

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["next_fire_at"], condition=Q(next_fire_at__isnull=False), name="case_due_scan"),
            models.Index(fields=["jurisdiction", "-opened_at", "-id"], name="case_listing"),
            models.Index(fields=["opener", "-opened_at", "-id"], name="case_submitted"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(next_fire_at__isnull=True), name="case_closed_has_no_rung"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def law_day(self) -> date:
        """The day on which the procedure of the case is looked up in its version."""
        return self.law_on or timezone.localdate(self.opened_at)


class CaseParty(models.Model):
    """An organization (or person) bound to a case as a party. Bound at opening; it sees the case from `sees_from`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    party = models.SlugField(max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="case_parties")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="case_parties")
    is_organ = models.BooleanField(default=False)
    sees_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "party", "organization", "person"], nulls_distinct=False, name="case_party_unique"
            ),
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | Q(person__isnull=False), name="case_party_names_somebody"
            ),
        ]
        indexes = [models.Index(fields=["organization", "case"], name="case_party_sees")]

    def __str__(self) -> str:
        return f"{self.party}: {self.organization or self.person}"


class AwaitedHand(models.Model):
    """Somebody whose move the current state awaits: the inbox. Rewritten whenever the case moves."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="awaited")
    party = models.ForeignKey(CaseParty, models.CASCADE, related_name="awaited")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="inbox")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="inbox")
    position = models.CharField(max_length=16, blank=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["organization", "position", "case"], name="awaited_inbox")]

    def __str__(self) -> str:
        return f"{self.party} {self.position}"


class CaseEvent(models.Model):
    """One thing that happened to a case. `at` is when it counts, `recorded_at` when it was written down."""

    class Kind(models.TextChoices):
        ACTION = "action", _("action")
        MOVE = "move", _("moved on by itself")
        DUE = "due", _("time limit ran out")
        ANNUL = "annul", _("breach annulled")
        RECALCULATE = "recalculate", _("due date counted again")
        TRANSITION = "transition", _("goes on under a new version of the law")

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    action = models.SlugField(max_length=60, blank=True)
    clock = models.SlugField(max_length=60, blank=True)
    from_state = models.SlugField(max_length=60, blank=True)
    to_state = models.SlugField(max_length=60, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    fact_at = models.DateTimeField(null=True, blank=True)
    detected_at = models.DateTimeField(null=True, blank=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="case_events")
    person_name = models.CharField(max_length=120, blank=True)
    deputy_for = models.ForeignKey(Position, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="case_events")
    party = models.SlugField(max_length=40, blank=True)
    position = models.CharField(max_length=16, blank=True)
    opinion = models.TextField(blank=True)
    inputs = models.JSONField(default=dict)
    sealed = models.BooleanField(default=False)
    rule = models.CharField(max_length=80)
    seen = models.JSONField(default=dict, help_text="what the conditions saw")
    late = models.BooleanField(default=False, help_text="ended a clock after its due date")
    deemed = models.BooleanField(default=False, help_text="taken by a clock on its legal basis")
    idempotency_key = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_event_seq_unique"),
            models.UniqueConstraint(
                fields=["case", "idempotency_key"], condition=~Q(idempotency_key=""), name="case_event_key_unique"
            ),
            models.UniqueConstraint(
                fields=["person", "idempotency_key"],
                condition=~Q(idempotency_key="") & Q(seq=1),
                name="case_opening_key_unique",
            ),
            models.CheckConstraint(condition=~Q(rule=""), name="case_event_cites_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action or self.kind}"


class Clock(models.Model):
    """A statutory time limit running on a case: a budget with a ledger. `due_at` is derived from them."""

    class Status(models.TextChoices):
        OPEN = "open", _("running")
        MET = "met", _("met")
        LATE = "late", _("met late")
        ELAPSED = "elapsed", _("elapsed")
        VOID = "void", _("void")

    case = models.ForeignKey(Case, models.CASCADE, related_name="clocks")
    name = models.SlugField(max_length=60)
    round = models.PositiveSmallIntegerField(default=1)
    rule = models.CharField(max_length=80)
    floor_rule = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=12)
    amount = models.CharField(max_length=12, blank=True, help_text='a count, or "MM-DD"')
    set_on = models.DateField(null=True, blank=True, help_text="unit `set`: the date that an input gave")
    years = models.PositiveSmallIntegerField(default=0)
    bound = models.CharField(max_length=8, default="latest")
    roll = models.BooleanField(default=False)
    duty = models.SlugField(max_length=40)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    started_at = models.DateTimeField()
    start_event = models.PositiveIntegerField(help_text="seq of the event that started it")
    paused_since = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    provisional = models.BooleanField(default=False)
    calendar_version = models.PositiveIntegerField(default=0)
    fire_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True, help_text="due instant that passed, once recorded")
    act_pending = models.BooleanField(default=False, help_text="breach recorded, its act still to be taken")
    ended_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["case", "started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], condition=Q(status="open"), name="clock_one_open"),
            models.UniqueConstraint(fields=["case", "name", "round"], name="clock_round_unique"),
            models.CheckConstraint(
                condition=Q(status="open", ended_at__isnull=True) | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="clock_ended",
            ),
            models.CheckConstraint(
                condition=Q(paused_since__isnull=True) | Q(due_at__isnull=True), name="clock_paused_has_no_due_date"
            ),
        ]
        indexes = [
            models.Index(fields=["fire_at"], condition=Q(status="open"), name="clock_fire_scan"),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="clock_due_listing"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.round}"


class ClockEntry(models.Model):
    """A line of a clock's ledger. `amount` counts in the clock's unit (extensions)."""

    class Kind(models.TextChoices):
        START = "start", _("started")
        PAUSE = "pause", _("suspended")
        RESUME = "resume", _("resumed")
        EXTEND = "extend", _("extended")
        BREACH = "breach", _("ran out")
        ANNUL = "annul", _("breach annulled")
        RECALCULATE = "recalculate", _("counted again")
        END = "end", pgettext_lazy("time limit", "ended")

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    event = models.PositiveIntegerField(help_text="seq of the case event")
    amount = models.PositiveIntegerField(null=True, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    due_before = models.DateField(null=True, blank=True)
    due_after = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    version_before = models.PositiveIntegerField(null=True, blank=True, help_text="calendar that it was counted under")
    version_after = models.PositiveIntegerField(null=True, blank=True, help_text="calendar that it is counted under")

    class Meta:
        ordering = ["clock", "id"]
        indexes = [
            models.Index(fields=["version_after", "id"], condition=Q(kind="recalculate"), name="entry_recounted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Alert(models.Model):
    """A rung that was claimed: a reminder or the due instant itself. Its insert is the claim."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="alerts")
    rung = models.CharField(max_length=12, help_text='"due", or the reminder as the pack writes it')
    due_at = models.DateTimeField(help_text="the due instant that the rung belongs to")
    fires_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    skipped = models.BooleanField(default=False)

    class Meta:
        ordering = ["clock", "fires_at"]
        constraints = [models.UniqueConstraint(fields=["clock", "rung", "due_at"], name="alert_fires_once")]

    def __str__(self) -> str:
        return self.rung


class Signal(models.Model):
    """Something outside changed that a case may wait for; the sweep lets the case look again."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="signals")
    reason = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="signal_open")]

    def __str__(self) -> str:
        return self.reason


class ScheduleCursor(models.Model):
    """Up to where a schedule of a jurisdiction's law has opened its cases. Advanced in the openings' transaction."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.CASCADE, related_name="schedule_cursors")
    procedure = models.SlugField(max_length=60, help_text="the procedure whose file states the schedule")
    schedule = models.SlugField(max_length=60)
    next_on = models.DateField(help_text="the next day on which it opens")
    error = models.TextField(blank=True, help_text="why the last opening failed; it is tried again")

    class Meta:
        ordering = ["next_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "procedure", "schedule"], name="schedule_cursor_unique")
        ]

    def __str__(self) -> str:
        return f"{self.procedure}.{self.schedule} {self.next_on}"


class Recount(models.Model):
    """How far the open clocks have been counted again after a change of the calendar. Figures are of cases."""

    version = models.PositiveIntegerField(unique=True, help_text="the calendar's version that asks for it")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0, help_text="clocks whose due date moved")
    firm = models.PositiveIntegerField(default=0, help_text="clocks that were provisional and are not any more")
    annulled = models.PositiveIntegerField(default=0, help_text="breaches annulled")
    failed = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return str(self.version)


class VersionMove(models.Model):
    """What became of one open case when a new version of its law was activated: it went on under it, or stayed."""

    version = models.ForeignKey(PackVersion, models.PROTECT, related_name="moves")
    case = models.ForeignKey(Case, models.CASCADE, related_name="version_moves")
    moved = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True, help_text="why it stayed, as a code")
    at = models.DateTimeField()

    class Meta:
        ordering = ["version", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "case"], name="version_move_once")]

    def __str__(self) -> str:
        return f"{self.case} {self.moved}"


class UrgingTask(models.Model):
    """An overdue duty put before an organ (the coordinator) to be urged. Opened by the breach, closed by the answer."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="urgings")
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="urgings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="urgings")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["clock", "organization"], name="urging_once_per_clock")]

    def __str__(self) -> str:
        return str(self.organization)


class Notification(models.Model):
    """A line in a person's notices. Text is made when shown, from `kind` and `context`, in the reader's language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="notifications")
    kind = models.SlugField(max_length=40)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_listing"),
            models.Index(fields=["id"], condition=Q(mailed_at__isnull=True), name="notification_unmailed"),
        ]

    def __str__(self) -> str:
        return self.kind


class Attachment(models.Model):
    """A file handed in with an action. Kept by digest; type and size are checked by content."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    scanned_by = models.CharField(
        max_length=200, blank=True, help_text="scanner that found nothing; empty: not scanned"
    )
    file = models.FileField(upload_to="attachments/%Y/%m/")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="attachments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="attachments")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
