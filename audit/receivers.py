"""Every start migrates first: so a restored dump gets its new epoch before the first new entry."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from audit.services import begin_epoch_if_needed

TABLES = {"audit_auditentry", "audit_auditblock"}


@receiver(post_migrate, dispatch_uid="audit-epoch")
def look_after_restore(sender: AppConfig, using: str, **_kwargs: Any) -> None:
    if sender.name == "audit" and using == DEFAULT_DB_ALIAS and set(connection.introspection.table_names()) >= TABLES:
        begin_epoch_if_needed()
