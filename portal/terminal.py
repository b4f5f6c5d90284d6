"""The command line: a database that cannot be reached is one sentence, not a traceback."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import OperationalError, connections

CONNECTION_CLASSES = ("08", "57P03", "28", "3D000", "53300")


def run(arguments: list[str]) -> None:
    """Run a management command. Exits 1 with a sentence when a database cannot be reached; `--traceback` shows all."""
    try:
        execute_from_command_line(arguments)
    except OperationalError as error:
        if "--traceback" in arguments or not is_unreachable(error):
            raise
        reason = " ".join(str(error).split())
        sys.exit(
            f"the database at {_places()} cannot be reached: {reason}\n"
            "Start it (make run, or docker compose up -d postgres), or mend DATABASE_URL; nothing was changed."
        )


def is_unreachable(error: OperationalError) -> bool:
    """Whether no connection came about; an error within a running connection carries a code of another class."""
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code.startswith(CONNECTION_CLASSES)


def _places() -> str:
    """Host, port and name of every database in use, once each and without passwords."""
    found = []
    for alias in settings.DATABASES:
        values = connections[alias].settings_dict
        found.append(f"{values['HOST'] or 'localhost'}:{values['PORT'] or 5432}/{values['NAME']}")
    return ", ".join(dict.fromkeys(found))
