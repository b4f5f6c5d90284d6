"""A sweeper in a process of its own: `python -m tests.statutes.proof.sweeper DATABASE MOMENT`, each line a sweep."""

from __future__ import annotations

import sys
from datetime import datetime

import django
from django.conf import settings


def main(database: str, moment: str) -> None:
    """Sweeps to a moment, again and again until stdin is closed."""
    django.setup()
    settings.DATABASES["default"]["NAME"] = database
    from django.db import connection

    from cases import services as cases

    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _line in sys.stdin:
        cases.sweep(datetime.fromisoformat(moment))
        sys.stdout.write("swept\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
