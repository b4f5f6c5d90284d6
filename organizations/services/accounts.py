"""Accounts and passwords."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from audit.who import Who
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import ApiToken, PasswordReset, User
from organizations.policies import may_reset, require_any_administrator

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_GROUPS, CODE_GROUP_LENGTH = 3, 5
CODE_LIFETIME = timedelta(hours=24)


class OpenedAccount(NamedTuple):
    """A new account and the one-time code with which its owner sets the first password ('' with a password)."""

    user: User
    code: str


@transaction.atomic
def open_account(
    actor: AnyActor,
    *,
    username: str,
    full_name: str,
    email: str = "",
    password: str | None = None,
    must_change_password: bool = True,
) -> OpenedAccount:
    """Open an account. Without a password the person sets one with the code that is returned once.

    Only an administrator or the system; a password may be given by the system alone. Raises BadInput, Conflict.
    """
    require_any_administrator(actor)
    if password is not None and not actor.is_system:
        raise NotPermitted(_("An administrator never sets another person's password."))
    username = username.strip().lower()
    missing = {
        name: _("This is needed.")
        for name, value in {"username": username, "full_name": full_name.strip()}.items()
        if not value
    }
    if missing:
        raise BadInput(_("An account needs a username and the person's name."), missing)
    if User.objects.filter(username=username).exists():
        raise Conflict(_("This account name is taken."))
    user = User(username=username, full_name=full_name.strip(), email=email.strip())
    user.set_password(password)
    user.must_change_password = password is not None and must_change_password
    user.save(force_insert=True)
    record(
        verb="account.open",
        who=actor.who,
        subject="user",
        subject_id=str(user.pk),
        data={"username": username, "name": user.full_name},
    )
    return OpenedAccount(user, "" if password is not None else issue_reset_code(actor, user_id=user.pk))


@transaction.atomic
def issue_reset_code(actor: AnyActor, *, user_id: int) -> str:
    """A one-time code for a person to set a new password: shown once, 24 hours, the former ones end. Returns it."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    if not may_reset(actor, user, timezone.localdate()):
        raise NotPermitted(
            _("A code is given by who administers every position of the person; nobody gives it to themselves.")
        )
    if not user.is_active:
        raise Conflict(_("The account is closed."))
    now = timezone.now()
    user.password_resets.filter(used_at__isnull=True).update(used_at=now)
    code = "-".join(
        "".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_GROUP_LENGTH)) for _group in range(CODE_GROUPS)
    )
    PasswordReset.objects.create(user=user, digest=_digest(user, code), created_at=now, expires_at=now + CODE_LIFETIME)
    record(verb="account.issue_code", who=actor.who, subject="user", subject_id=str(user.pk))
    return code


@transaction.atomic
def redeem_reset_code(*, username: str, code: str, password: str, address: str = "") -> User:
    """Set a new password with a one-time code. Every session and API token of the person ends.

    Raises BadInput: `code` when it is not valid (whatever the reason, also for an unknown account), `password`.
    """
    refusal = BadInput(_("The code is not valid."), {"code": _("Check account and code, or ask for a new code.")})
    user = (
        User.objects.select_for_update(of=("self",)).filter(username=username.strip().lower(), is_active=True).first()
    )
    if user is None:
        raise refusal
    now = timezone.now()
    reset = user.password_resets.filter(digest=_digest(user, code), used_at__isnull=True, expires_at__gt=now).first()
    if reset is None:
        raise refusal
    _set_password(user, password)
    reset.used_at = now
    reset.save(update_fields=["used_at"])
    _end_tokens(user)
    record(verb="account.reset_password", who=_self(user, address), subject="user", subject_id=str(user.pk))
    return user


@transaction.atomic
def reset_password_by_mail(*, user: User, password: str, address: str = "") -> User:
    """Set a new password after the link of a mail was followed. Every session and API token of the person ends."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _set_password(user, password)
    _end_tokens(user)
    data = {"way": "mail"}
    record(verb="account.reset_password", who=_self(user, address), subject="user", subject_id=str(user.pk), data=data)
    return user


@transaction.atomic
def change_own_password(actor: Actor, *, old: str, new: str) -> User:
    """Change one's password; the other sessions end. Raises BadInput (`old_password`, `password`)."""
    user = User.objects.select_for_update(of=("self",)).get(pk=actor.user.pk)
    if not user.check_password(old):
        raise BadInput(_("The present password is wrong."), {"old_password": _("Enter your present password.")})
    if user.check_password(new):
        raise BadInput(_("The new password is the old one."), {"password": _("Choose another password.")})
    _set_password(user, new)
    record(verb="account.change_password", who=actor.who, subject="user", subject_id=str(user.pk))
    return user


@transaction.atomic
def change_language(actor: Actor, *, language: str) -> User:
    """Remember the language that a person reads the portal in."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(_("The portal does not speak this language."), {"language": _("Choose a language.")})
    user = User.objects.select_for_update(of=("self",)).get(pk=actor.user.pk)
    user.language = language
    user.save(update_fields=["language"])
    return user


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        text = " ".join(wrong.messages)
        raise BadInput(text, {"password": text}) from wrong
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])


def _end_tokens(user: User) -> None:
    tokens = ApiToken.objects.filter(position__user=user, revoked_at__isnull=True)
    tokens.update(revoked_at=timezone.now())


def _digest(user: User, code: str) -> str:
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(f"{user.pk}:{plain}".encode()).hexdigest()


def _self(user: User, address: str) -> Who:
    return Who(user.pk, user.full_name, "", 0, "", "", address)
