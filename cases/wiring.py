"""What this room does when the law or the organizations below it change."""

from __future__ import annotations

from django.db import transaction

from cases import services, tasks
from organizations.hooks import on_merged
from organizations.models import Organization
from statutes import hooks
from statutes.models import PackVersion


def connect() -> None:
    hooks.on_activated(take_open_cases_along)
    on_merged(pass_on_what_awaits)


def pass_on_what_awaits(organization: Organization) -> None:
    """The successor's to-do has it as soon as the merger is committed; whatever was held then, with the next sweep."""
    transaction.on_commit(services.inherit, robust=True)


def take_open_cases_along(version: PackVersion) -> None:
    """Begin at once after the commit; should the broker be away, beat begins a minute later."""
    transaction.on_commit(tasks.move_open_cases.delay, robust=True)
