"""A case that a parent or a schedule opens is called what the pack calls it, in both languages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_errors_in_english")]

    operations = [
        migrations.AddField(
            "case",
            "title_en",
            models.CharField(
                blank=True, default="", help_text="where the law gives the title, in English", max_length=300
            ),
            preserve_default=False,
        ),
    ]
