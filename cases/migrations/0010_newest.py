"""The newest cases of all, for lists that are filtered by who looks."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_due_scan")]

    operations = [
        migrations.AddIndex(model_name="case", index=models.Index(fields=["-opened_at", "-id"], name="case_newest")),
    ]
