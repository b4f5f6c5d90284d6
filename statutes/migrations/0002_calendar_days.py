"""Reference data: the announced years of the working-day calendar, and those projected from the statute."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from statutes import calendar_source


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    year_model = apps.get_model("statutes", "CalendarYear")
    day_model = apps.get_model("statutes", "CalendarDay")
    version_model = apps.get_model("statutes", "CalendarVersion")
    year_model.objects.bulk_create(
        year_model(year=year, status=status)
        for status, years in (
            ("announced", calendar_source.announced_years()),
            ("projected", calendar_source.projected_years()),
        )
        for year in years
    )
    day_model.objects.bulk_create(
        day_model(date=day, is_working=is_working, name=name) for day, is_working, name in calendar_source.all_days()
    )
    version_model.objects.create(number=1, reason="seeded")


def clear(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model in ("CalendarDay", "CalendarYear", "CalendarVersion"):
        apps.get_model("statutes", model).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("statutes", "0001_initial")]
    operations = [migrations.RunPython(fill, clear)]
