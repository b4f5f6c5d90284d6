"""A request asks for several sharing methods, and its grant holds those: the one method becomes a list of one."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

from catalog.models import SharingMethod

FILED_IS_COMPLETE = "share_request_filed_is_complete"


def to_list(table: str) -> migrations.RunSQL:
    """Change the type in place; nothing is copied and nothing lost on the way there, the first method on the way back."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ALTER COLUMN method TYPE varchar(16)[]"
        " USING CASE WHEN method = '' THEN '{}'::varchar(16)[] ELSE ARRAY[method]::varchar(16)[] END;"
        f" ALTER TABLE {table} RENAME COLUMN method TO methods",
        f"ALTER TABLE {table} ALTER COLUMN methods TYPE varchar(16) USING COALESCE(methods[1], '');"
        f" ALTER TABLE {table} RENAME COLUMN methods TO method",
    )


class Migration(migrations.Migration):
    dependencies = [("sharing", "0004_no_function_reason")]

    operations = [
        migrations.RemoveConstraint("sharerequest", FILED_IS_COMPLETE),
        migrations.SeparateDatabaseAndState(
            database_operations=[to_list("sharing_sharerequest"), to_list("sharing_grant")],
            state_operations=[
                migrations.RemoveField("sharerequest", "method"),
                migrations.RemoveField("grant", "method"),
                migrations.AddField(
                    "sharerequest",
                    "methods",
                    ArrayField(
                        models.CharField(max_length=16, choices=SharingMethod.choices),
                        verbose_name="sharing methods",
                        default=list,
                        blank=True,
                    ),
                ),
                migrations.AddField(
                    "grant",
                    "methods",
                    ArrayField(
                        models.CharField(max_length=16, choices=SharingMethod.choices), verbose_name="sharing methods"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "sharerequest",
            models.CheckConstraint(
                condition=Q(case__isnull=True)
                | (~Q(basis="") & ~Q(scenario="") & ~Q(scope="") & ~Q(methods=[]) & Q(valid_until__isnull=False)),
                name=FILED_IS_COMPLETE,
            ),
        ),
    ]
