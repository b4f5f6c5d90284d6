from __future__ import annotations

from django.db import migrations

from audit.triggers import DROP_REFUSE_FUNCTION, REFUSE_FUNCTION, append_only


class Migration(migrations.Migration):
    """Entries and blocks are only ever added."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE_FUNCTION, DROP_REFUSE_FUNCTION),
        append_only("audit_auditentry"),
        append_only("audit_auditblock"),
    ]
