"""Fill the calendar's missing years: announced ones from the published notices, later ones projected."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from organizations.actors import SystemActor
from statutes.services.calendar import seed_calendar


class Command(BaseCommand):
    help = "Add the years that the working-day calendar lacks; years already there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        added = seed_calendar(actor=SystemActor("seed_calendar"))
        self.stdout.write(f"{added} years added")
