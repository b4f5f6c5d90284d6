"""Jurisdictions, organizations and their functions, people and the positions that they hold."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from organizations.languages import speaks_chinese
from organizations.managers import PositionQuerySet, UserManager


class Jurisdiction(models.Model):
    """A city, county or state whose rule pack applies. `pack` is the id of that pack."""

    id = models.SlugField(primary_key=True, max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=60)
    region = models.CharField(_("region code"), max_length=6, help_text=_("GB/T 2260, six digits"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("superior")
    )
    pack = models.SlugField(_("rule pack"), max_length=40)

    class Meta:
        verbose_name = _("jurisdiction")
        verbose_name_plural = _("jurisdictions")
        ordering = ["region", "id"]

    def __str__(self) -> str:
        return self.name_zh if speaks_chinese() else self.name_en or self.name_zh


class Organization(models.Model):
    """An organ of government or a body entrusted with public duties."""

    class CodeScheme(models.TextChoices):
        USCC = "uscc", _("unified social credit code (GB 32100)")
        OUTSIDE = "outside", _("another scheme")

    class Kind(models.TextChoices):
        ORGAN = "organ", _("administrative organ")
        AUTHORISED = "authorised", _("body with delegated powers")
        INSTITUTION = "institution", _("public institution")
        UTILITY = "utility", _("public utility")

    jurisdiction = models.ForeignKey(
        Jurisdiction, models.PROTECT, related_name="organizations", verbose_name=_("jurisdiction")
    )
    code = models.CharField(_("code"), max_length=32)
    code_scheme = models.CharField(_("code scheme"), max_length=8, choices=CodeScheme, default=CodeScheme.USCC)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    sort_key = models.CharField(max_length=240, editable=False, help_text=_("pinyin of the name"))
    region = models.CharField(_("region code"), max_length=6)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("superior")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ORGAN)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", verbose_name=_("merged into")
    )
    active_from = models.DateField(_("active from"), default=timezone.localdate)
    active_until = models.DateField(_("active until"), null=True, blank=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code_scheme", "code"], name="organization_code_unique"),
            models.CheckConstraint(
                condition=Q(active_until__isnull=True) | Q(active_until__gte=F("active_from")),
                name="organization_period",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="organization_not_merged_into_self",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language. The record and documents keep `name`, the Chinese one."""
        return self.name if speaks_chinese() else self.name_en or self.name

    @property
    def shown_short_name(self) -> str:
        """The short name, or the English one for who reads English."""
        return (self.short_name or self.name) if speaks_chinese() else self.name_en or self.short_name or self.name


class OrganRole(models.Model):
    """An organization holds an organ's role (bureau, coordinator …) in a jurisdiction; roles are the pack's."""

    jurisdiction = models.ForeignKey(
        Jurisdiction, models.PROTECT, related_name="organ_roles", verbose_name=_("jurisdiction")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="organ_roles", verbose_name=_("organization")
    )
    role = models.SlugField(_("role"), max_length=40)

    class Meta:
        verbose_name = _("organ role")
        verbose_name_plural = _("organ roles")
        ordering = ["jurisdiction", "role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "role", "organization"], name="organ_role_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.organization}"


class OrganizationFunction(models.Model):
    """A duty of an organization and the text that gives it; requests are judged against these."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="functions", verbose_name=_("organization")
    )
    title = models.CharField(_("function"), max_length=200)
    basis = models.CharField(_("basis"), max_length=300)
    active_from = models.DateField(_("active from"), default=timezone.localdate)
    active_until = models.DateField(_("active until"), null=True, blank=True)

    class Meta:
        verbose_name = _("function")
        verbose_name_plural = _("functions")
        ordering = ["organization", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active_until__isnull=True) | Q(active_until__gte=F("active_from")),
                name="organization_function_period",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_live(self, on: date | None = None) -> bool:
        """In force on a day (today)."""
        day = on or timezone.localdate()
        return self.active_from <= day and (self.active_until is None or self.active_until >= day)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. What a person may do follows from the positions held, not from the account."""

    username = models.CharField(_("account"), max_length=60, unique=True)
    full_name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    must_change_password = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False, help_text=_("raised to end every session"))
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session lives as long as the password and the epoch that it was opened under."""
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("organizations.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class Position(models.Model):
    """What a person may do for an organization, from a day until a day. A deputy holds another's position."""

    class Kind(models.TextChoices):
        HANDLER = "handler", _("handler")
        LEADER = "leader", _("leader")
        DATA_STEWARD = "data_steward", _("data steward")
        REVIEWER = "reviewer", _("reviewer")
        APPROVER = "approver", _("approver")
        AUDITOR = "auditor", _("auditor")
        FINANCE = "finance", _("finance officer")
        EXPERT = "expert", _("expert")
        ADMINISTRATOR = "administrator", _("administrator")

    user = models.ForeignKey(User, models.PROTECT, related_name="positions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="positions")
    kind = models.CharField(_("position"), max_length=16, choices=Kind)
    deputy_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="deputies")
    active_from = models.DateField(_("from"), default=timezone.localdate)
    active_until = models.DateField(_("until"), null=True, blank=True, help_text=_("the last day"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("why a deputy was appointed"))

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["user", "-active_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "kind"],
                condition=Q(active_until__isnull=True),
                name="position_held_once",
            ),
            models.CheckConstraint(
                condition=Q(active_until__isnull=True) | Q(active_until__gte=F("active_from")), name="position_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization.shown_short_name} · {self.get_kind_display()}"

    def is_held(self, on: date) -> bool:
        """Held on that day: begun, not past its last day, and not left (leaving ends it at once, not at midnight)."""
        if self.left_at is not None and timezone.localdate(self.left_at) <= on:
            return False
        return self.active_from <= on and (self.active_until is None or on <= self.active_until)


class ApiToken(models.Model):
    """A person's key to the API, bound to one position. Only its hash is kept."""

    position = models.ForeignKey(Position, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8, help_text=_("first characters, to tell tokens apart"))
    label = models.CharField(_("label"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class PasswordReset(models.Model):
    """An administrator's one-time code with which a person sets a new password. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_resets")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class ResetMail(models.Model):
    """Somebody asked for a link to set a new password: the outbox of these mails. Holds no link and no token.

    There is a row for every asking, also for accounts that do not exist; rows go after a day.
    """

    username = models.CharField(max_length=60)
    site = models.URLField(max_length=300)
    language = models.CharField(max_length=10)
    address = models.CharField(max_length=45, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    sent = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("asked reset mail")
        verbose_name_plural = _("asked reset mails")
        indexes = [
            models.Index(fields=["address", "asked_at"], name="reset_mail_address"),
            models.Index(fields=["username", "answered_at"], name="reset_mail_username"),
            models.Index(fields=["due_at"], condition=models.Q(answered_at__isnull=True), name="reset_mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.asked_at:%Y-%m-%d %H:%M}"
