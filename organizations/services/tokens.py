"""Keys to the API: high entropy, kept as a hash, bound to one position, expiring, revocable."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import ApiToken, Position
from organizations.policies import is_administrator
from organizations.tokens import new_token, token_digest

PREFIX_LENGTH = 8
TOKENS_PER_POSITION = 20
DEFAULT_LIFETIME = timedelta(hours=12)
LONGEST_LIFETIME = timedelta(weeks=52)
USE_NOTED_EVERY = timedelta(minutes=5)


class IssuedToken(NamedTuple):
    """The row and the token itself, which is shown once and kept nowhere."""

    row: ApiToken
    token: str


@transaction.atomic
def issue_token(actor: Actor, *, label: str = "", lifetime: timedelta = DEFAULT_LIFETIME) -> IssuedToken:
    """A token for the position that the actor acts in. Raises NotPermitted without a position, BadInput, Conflict."""
    now = timezone.now()
    if actor.position is None or not actor.position.is_held(timezone.localdate(now)):
        raise NotPermitted(_("A token is bound to a position, and you hold none."))
    if actor.user.must_change_password:
        raise NotPermitted(_("Set your own password first."))
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise BadInput(_("The lifetime is too long."), {"lifetime": _("Choose a shorter lifetime.")})
    Position.objects.select_for_update(of=("self",)).get(pk=actor.position.pk)
    live = ApiToken.objects.filter(position=actor.position, revoked_at__isnull=True, expires_at__gt=now)
    if live.count() >= TOKENS_PER_POSITION:
        raise Conflict(_("This position has too many live tokens. Revoke one first."))
    token = new_token()
    row = ApiToken.objects.create(
        position=actor.position,
        digest=token_digest(token),
        prefix=token[:PREFIX_LENGTH],
        label=label.strip()[:60],
        created_at=now,
        expires_at=now + lifetime,
    )
    data = {"prefix": row.prefix, "expires_at": row.expires_at.isoformat()}
    record(verb="token.issue", who=actor.who, subject="api_token", subject_id=str(row.pk), data=data)
    return IssuedToken(row, token)


@transaction.atomic
def revoke_token(actor: AnyActor, token_id: int) -> ApiToken:
    """End a token now: one's own, or any in the jurisdiction that one administers. Twice changes nothing."""
    row = ApiToken.objects.select_for_update(of=("self",)).filter(pk=token_id).first()
    own = row is not None and isinstance(actor, Actor) and row.position.user_id == actor.user.pk
    if row is None or not (own or is_administrator(actor, row.position.organization.jurisdiction_id)):
        raise NotKnown(_("There is no such token."))
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        data = {"prefix": row.prefix}
        record(verb="token.revoke", who=actor.who, subject="api_token", subject_id=str(row.pk), data=data)
    return row


def note_token_use(row: ApiToken) -> None:
    """Note when a token was last used, at most every five minutes: reading must not become writing."""
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
