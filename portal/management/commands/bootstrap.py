"""`manage.py bootstrap`: the first jurisdiction, organization and administrator of an empty portal."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from organizations import services
from organizations.actors import SystemActor
from organizations.errors import BadInput, Refused
from organizations.models import Organization, Position, User

FIELDS = {
    "jurisdiction": "short id of the jurisdiction, in lower case letters",
    "jurisdiction_name": "its name in Chinese",
    "jurisdiction_name_en": "its name in English",
    "region": "its region code (GB/T 2260, six digits)",
    "pack": "the rule pack whose law applies",
    "organization": "full name of the organization that runs the portal",
    "organization_code": "its unified social credit code",
    "username": "account name of the first administrator",
    "full_name": "the administrator's name",
    "email": "the administrator's e-mail (may be empty)",
}
OPTIONAL = {"email"}


class Command(BaseCommand):
    help = "Make the first jurisdiction, organization and administrator. Each value: an option, BOOTSTRAP_…, or asked."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, meaning in FIELDS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=meaning)
        parser.add_argument("--outside-code", action="store_true", help="the code is of another scheme than GB 32100")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("this portal has accounts already; an administrator opens further ones")
        values = {name: self._value(name, options.get(name)) for name in FIELDS}
        try:
            code = self._make(values, outside_code=options["outside_code"])
        except BadInput as wrong:
            fields = "; ".join(f"{name}: {text}" for name, text in wrong.fields.items())
            raise CommandError(f"{wrong.message} {fields}") from None
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        self.stdout.write(f"administrator {values['username']} can sign in after setting a password with this code:")
        self.stdout.write(
            f"  {code}   (once, within 24 hours, at the link “forgotten password” of {settings.LOGIN_URL})"
        )

    def _value(self, name: str, given: str | None) -> str:
        value = given or os.environ.get(f"BOOTSTRAP_{name.upper()}", "")
        if not value and name not in OPTIONAL and sys.stdin.isatty():
            value = input(f"{FIELDS[name]}: ").strip()
        if not value and name not in OPTIONAL:
            raise CommandError(f"missing: --{name.replace('_', '-')} or BOOTSTRAP_{name.upper()} ({FIELDS[name]})")
        return value

    @transaction.atomic
    def _make(self, values: dict[str, str], *, outside_code: bool) -> str:
        """Makes the three through the services; returns the one-time code for the first password."""
        actor = SystemActor("bootstrap")
        jurisdiction = services.register_jurisdiction(
            actor,
            jurisdiction_id=values["jurisdiction"],
            name_zh=values["jurisdiction_name"],
            name_en=values["jurisdiction_name_en"],
            region=values["region"],
            pack=values["pack"],
        )
        scheme = Organization.CodeScheme.OUTSIDE if outside_code else Organization.CodeScheme.USCC
        organization = services.register_organization(
            actor,
            jurisdiction=jurisdiction,
            code=values["organization_code"],
            code_scheme=scheme,
            name=values["organization"],
        )
        opened = services.open_account(
            actor, username=values["username"], full_name=values["full_name"], email=values["email"]
        )
        services.give_position(actor, user=opened.user, organization=organization, kind=Position.Kind.ADMINISTRATOR)
        return opened.code
