"""A draft keeps why its data is asked for although none of the unit's functions fits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sharing", "0003_no_function_said")]

    operations = [
        migrations.AddField(
            "sharerequest",
            "no_function_reason",
            models.TextField(blank=True, default="", help_text="why it is asked for although none fits"),
            preserve_default=False,
        ),
    ]
