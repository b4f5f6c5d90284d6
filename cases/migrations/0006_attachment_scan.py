"""Keep which scanner found nothing in a file that was handed in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_versions")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="scanned_by",
            field=models.CharField(
                blank=True,
                default="",
                help_text="scanner that found nothing; empty: not scanned",
                max_length=200,
            ),
            preserve_default=False,
        ),
    ]
