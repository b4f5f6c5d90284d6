"""That none of the unit's functions fits is said, and no longer the same as nothing chosen yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sharing", "0002_record")]

    operations = [
        migrations.AddField(
            "sharerequest",
            "fits_no_function",
            models.BooleanField(default=False, help_text="said deliberately, not just left open"),
        ),
        migrations.AddConstraint(
            "sharerequest",
            models.CheckConstraint(
                condition=models.Q(function__isnull=True) | models.Q(fits_no_function=False),
                name="share_request_one_statement",
            ),
        ),
    ]
