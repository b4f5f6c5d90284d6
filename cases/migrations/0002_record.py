"""Case numbers from a sequence; events, ledger entries and alerts are only ever added to."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE cases_case_number", "DROP SEQUENCE cases_case_number"),
        append_only("cases_caseevent"),
        append_only("cases_clockentry"),
        append_only("cases_alert"),
    ]
