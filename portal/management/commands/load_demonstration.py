"""Load the demonstration into an empty portal."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organizations.models import Organization
from portal.demonstration.loader import load


class Command(BaseCommand):
    help = "Two made-up cities with people, catalogue, data and cases. The password comes from DEMO_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.exists():
            self.stdout.write("the portal has organizations already: the demonstration is not loaded")
            return
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        if len(password) < 8:
            raise CommandError("DEMO_PASSWORD has fewer than 8 characters")
        load(password)
        self.stdout.write(f"the demonstration is loaded; every account has the password {password}")
