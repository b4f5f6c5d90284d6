"""Keys of grants to the API: made, replaced, revoked. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from catalog.models import SharingMethod
from organizations.actors import Actor
from organizations.errors import Conflict, NotPermitted
from organizations.models import Position
from sharing.models import Credential, Grant
from sharing.selectors import grant_for

PREFIX = "stg_"
KEYED = {SharingMethod.API, SharingMethod.BATCH_EXCHANGE}


def digest_of(secret: str) -> str:
    """How a secret is kept: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_credential(actor: Actor, *, grant: Grant) -> tuple[Credential, str]:
    """Make a new key and end the older ones (rotation). Returns it with its secret, which is never shown again.

    Raises NotKnown for grants that do not concern the actor, NotPermitted for who does not hold it or does not
    handle data, Conflict when the grant is not active or was agreed on without any method that programs use.
    """
    locked = _own(actor, grant)
    if locked.status != Grant.Status.ACTIVE:
        raise Conflict(_("This grant is not active, so it gets no key."))
    if KEYED.isdisjoint(locked.methods):
        raise Conflict(_("Reading by the API was not agreed on, so this grant gets no key."))
    secret = PREFIX + secrets.token_urlsafe(32)
    locked.credentials.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    credential = Credential.objects.create(
        grant=locked, digest=digest_of(secret), prefix=secret[:8], created_by=actor.user
    )
    _record(actor, credential, "credential.issue")
    return credential, secret


@transaction.atomic
def revoke_credential(actor: Actor, *, credential: Credential) -> Credential:
    """End a key at once. Doing it twice changes nothing."""
    _own(actor, credential.grant)
    if credential.revoked_at is None:
        credential.revoked_at = timezone.now()
        credential.save(update_fields=["revoked_at"])
        _record(actor, credential, "credential.revoke")
    return credential


def _own(actor: Actor, grant: Grant) -> Grant:
    locked = Grant.objects.select_for_update().filter(pk=grant.pk, organization=actor.organization).first()
    if locked is None:
        grant_for(actor, grant.pk)
        raise NotPermitted(_("Keys are managed by the organization that holds the grant."))
    if actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER, Position.Kind.DATA_STEWARD):
        raise NotPermitted(_("Keys are managed by a handler, a data steward or a leader."))
    return locked


def _record(actor: Actor, credential: Credential, verb: str) -> None:
    audit.record(
        verb=verb,
        who=actor.who,
        subject="grant",
        subject_id=str(credential.grant_id),
        data={"credential": credential.pk, "prefix": credential.prefix},
    )
