"""Reading the law that is in force in the portal. The law is public: these selectors take no actor."""

from __future__ import annotations

from django.db.models import QuerySet

from statutes.definitions import CompiledPack
from statutes.loader.compiling import compile_version
from statutes.models import PackVersion


def current(pack_id: str) -> PackVersion:
    """The version of a pack under which new cases are opened. PackVersion.DoesNotExist before the packs are stored."""
    return PackVersion.objects.get(pack=pack_id, is_current=True)


def compiled(pack_version: PackVersion) -> CompiledPack:
    """The values of a stored version. Compiled once per process and digest."""
    return compile_version(pack_version.digest, lambda: pack_version.source)


def versions_in_use() -> QuerySet[PackVersion]:
    """Stored versions under which a case is still open, and those under which new ones are opened."""
    open_cases = PackVersion.objects.filter(cases__isnull=False, cases__closed_at__isnull=True)
    return (open_cases | PackVersion.objects.filter(is_current=True)).distinct()
