"""Indexes of the sweep: what is due first, and the few clocks that have run out and have still to act."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_assignments")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_due_scan"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("next_fire_at__isnull", False)), fields=["next_fire_at", "id"], name="case_due_scan"
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("act_pending", True), ("status", "open")), fields=["case"], name="clock_acting"
            ),
        ),
    ]
