"""At start-up: the portal does not run on half a law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from statutes.loader import Problem, load_library
from statutes.selectors import versions_in_use
from statutes.validation import check_library, check_source

ON_DISK = "statutes.E001"
STORED = "statutes.E002"


def packs_on_disk(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Every pack of the portal and of STATUTES_PATH is whole."""
    return list(_messages(check_library(load_library(settings.STATUTES_PATH)), ON_DISK))


def packs_in_use(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Every stored version with open cases can still be run with the names that the apps know today."""
    messages: list[checks.CheckMessage] = []
    if "default" not in (databases or ()) or not _is_migrated():
        return messages
    for version in versions_in_use():
        messages += _messages(check_source(version.source), STORED, str(version))
    return messages


def _is_migrated() -> bool:
    """Whether every migration is applied: the check runs before `migrate` too, on tables of the version before."""
    try:
        executor = MigrationExecutor(connections["default"])
    except DatabaseError:
        return False
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _messages(problems: Iterable[Problem], code: str, version: str = "") -> Iterable[checks.CheckMessage]:
    for problem in problems:
        where = f"{version}: " if version else ""
        yield checks.Error(f"{where}{problem}", id=code)
