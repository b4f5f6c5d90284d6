"""The database aliases: `default`, `datasets` (the data itself) and, where given, `replica` (a second behind)."""

from __future__ import annotations

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from portal.settings import environment


def _configured(url: str, name: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not a database address") from None
    if parsed.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must be a postgresql:// address: nothing else is supported")
    statement = environment.number("DATABASE_STATEMENT_TIMEOUT", 30)
    idle = environment.number("DATABASE_IDLE_TIMEOUT", 60)
    options = parsed.setdefault("OPTIONS", {})
    options["options"] = (
        # No compiling of statements: it takes longer than any query of the portal runs.
        f"-c jit=off -c statement_timeout={statement}s -c idle_in_transaction_session_timeout={idle}s "
        "-c lock_timeout=20s " + options.get("options", "")
    ).strip()
    options.setdefault("application_name", environment.text("PORTAL_PROCESS", "shutong"))
    return parsed


def databases(default_url: str) -> dict[str, dict[str, Any]]:
    """The DATABASES setting. `datasets` shares the default's server unless DATASETS_DATABASE_URL is given."""
    datasets_url = environment.text("DATASETS_DATABASE_URL", default_url)
    found = {
        "default": _configured(default_url, "DATABASE_URL"),
        "datasets": {
            **_configured(datasets_url, "DATASETS_DATABASE_URL"),
            "TEST": {"MIRROR": "default"},
        },
    }
    replica_url = environment.text("DATABASE_REPLICA_URL")
    if replica_url:
        found["replica"] = {**_configured(replica_url, "DATABASE_REPLICA_URL"), "TEST": {"MIRROR": "default"}}
    return found
