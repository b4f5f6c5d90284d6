"""The case itself: its parties, whose move it awaits, and its history."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.languages import speaks_chinese
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
    title_en = models.CharField(max_length=300, blank=True, help_text="where the law gives the title, in English")
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
    error_en = models.TextField(blank=True, help_text="the same in English")

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["next_fire_at", "id"], condition=Q(next_fire_at__isnull=False), name="case_due_scan"),
            models.Index(fields=["jurisdiction", "-opened_at", "-id"], name="case_listing"),
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
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
    def shown_error(self) -> str:
        """Why the clock's act failed, in the reader's language."""
        return self.error if speaks_chinese() else self.error_en

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
