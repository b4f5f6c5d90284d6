"""Querysets of organizations: only filters on one table."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q


class UserManager(BaseUserManager):
    """Accounts are looked up by username; they are opened by `organizations.services.open_account`."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(username=username)


class PositionQuerySet(models.QuerySet):
    def held_on(self, day: date) -> PositionQuerySet:
        """Positions held on a day by people whose account is open. A position that was left ends at once."""
        return self.filter(
            Q(active_until__isnull=True) | Q(active_until__gte=day),
            Q(left_at__isnull=True) | Q(left_at__date__gt=day),
            active_from__lte=day,
            user__is_active=True,
        )
