"""Which database takes Django's own tables: the default one alone."""

from __future__ import annotations

from typing import Any


class DefaultOnly:
    """Migrations run on `default`. `datasets` holds generated tables, `replica` only repeats what it is sent."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
