"""`manage.py prepare`: brings the database to where it can be served; `make run` calls it first."""

from __future__ import annotations

import json
import os
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections
from psycopg2 import sql

from datasets.store import ROLE
from organizations.models import Organization
from portal import translations
from portal.runtime.home import Home, write_private


class Command(BaseCommand):
    help = "Migrate, compile translations, load rule packs; with --demonstration also the demonstration."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demonstration", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_locale()
        translations.compile_all(settings.ROOT)
        self._say("· migrations")
        call_command("migrate", verbosity=0, interactive=False)
        self._ensure_data_role()
        self._say("· calendar and rule packs")
        for name in ("seed_calendar", "sync_packs"):
            call_command(name, stdout=self.stderr)
        if options["demonstration"]:
            self._load_demonstration()

    def _load_demonstration(self) -> None:
        if Organization.objects.exists():
            self._say("· the portal has organizations already: the demonstration is not loaded")
            return
        self._say("· the demonstration (some minutes at most)")
        call_command("load_demonstration", stdout=self.stderr)
        self._note_accounts()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _check_locale(self) -> None:
        """Refuses a database in which Chinese cannot be searched: trigrams and case folding need a UTF-8 LC_CTYPE."""
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
                )
                ctype, encoding = cursor.fetchone()
        except OperationalError as error:
            raise CommandError(f"the database does not answer: {str(error).strip()}") from None
        if encoding != "UTF8" or ctype in {"C", "POSIX"}:
            raise CommandError(
                f"the database has encoding {encoding} and LC_CTYPE {ctype}; make it from template0 with C.UTF-8"
            )

    def _ensure_data_role(self) -> None:
        """Makes the role that owns the datasets' tables, where this account may make roles."""
        with connections["datasets"].cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
            allowed = cursor.fetchone()[0]
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if allowed and cursor.fetchone() is None:
                role = sql.Identifier(ROLE)
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
                cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
                cursor.execute(
                    sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(
                        sql.Identifier(connections["datasets"].settings_dict["NAME"]), role
                    )
                )

    def _note_accounts(self) -> None:
        """Leaves the demonstration's accounts and their password where `make run` finds them to show them."""
        names = get_user_model().objects.order_by("pk").values_list("username", flat=True)
        shown = [name for name in names if "." in name or name == "administrator"]
        noted = {"password": os.environ.get("DEMO_PASSWORD", ""), "accounts": " ".join(shown)}
        write_private(Home(settings.HOME).demonstration, json.dumps(noted, indent=1))
