"""Storing the law: each version of a pack is kept for good, and one of each is current."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import services as audit
from organizations.actors import AnyActor, SystemActor
from statutes.loader import InvalidPackError, LoadedPack, digest_of, load_library, source_of
from statutes.models import PackVersion
from statutes.validation import check_library

LOADER = SystemActor("rule packs")
LOCK = "SELECT pg_advisory_xact_lock(hashtext('statutes.sync_packs'))"


def sync_packs(*, actor: AnyActor = LOADER, activate: bool = False) -> list[PackVersion]:
    """Store every pack that is new or changed. Returns the versions stored, current or offered.

    The first version of a pack is current at once. A changed pack is offered: two persons activate it in the
    console; `activate` makes it current without them, for those who run the portal from its command line.
    Reads the portal's packs and those of STATUTES_PATH. Raises InvalidPackError, storing nothing, if any of
    them has a problem. Running cases keep the version that they were opened under. Processes take turns.
    """
    library = load_library(settings.STATUTES_PATH)
    problems = check_library(library)
    if problems:
        raise InvalidPackError(problems)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
        changed = [_store(library.chain(pack_id), actor, activate) for pack_id in sorted(library.packs)]
    return [version for version in changed if version is not None]


def _store(chain: tuple[LoadedPack, ...], actor: AnyActor, activate: bool) -> PackVersion | None:
    """Store one pack with its ancestors; None when it is current, or on offer, already."""
    own, source = chain[0], source_of(chain)
    digest = digest_of(source)
    offers = PackVersion.objects.filter(pack=own.pack.id, offered_at__isnull=False)
    offers.exclude(digest=digest).update(offered_at=None)
    before = PackVersion.objects.filter(pack=own.pack.id, is_current=True).defer("source").first()
    if before is not None and before.digest == digest:
        return None
    version, created = PackVersion.objects.get_or_create(
        digest=digest,
        defaults={
            "pack": own.pack.id,
            "version": own.pack.version,
            "source": source,
            "origin": own.origin[:200],
        },
    )
    if before is None or activate:
        make_current(version)
    elif version.offered_at is not None:
        return None
    else:
        PackVersion.objects.filter(pk=version.pk).update(offered_at=timezone.now())
    audit.record(
        verb="statutes.load_pack" if created else "statutes.return_to_pack",
        who=actor.who,
        subject="pack_version",
        subject_id=version.pk,
        data={
            "pack": version.pack,
            "version": version.version,
            "digest": digest,
            "origin": own.origin,
            "before": before.digest if before else "",
            "current": before is None or activate,
        },
    )
    return version


def make_current(version: PackVersion) -> None:
    """Let a stored version be the one under which new cases are opened, and take it off the offers."""
    PackVersion.objects.filter(pack=version.pack, is_current=True).exclude(pk=version.pk).update(is_current=False)
    PackVersion.objects.filter(pk=version.pk).update(is_current=True, offered_at=None)
