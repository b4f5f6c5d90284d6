"""Why something failed that the portal does by itself is kept in both languages, whoever set it off."""

from django.db import migrations, models


def _in_english() -> models.TextField:
    return models.TextField(blank=True, default="", help_text="the same in English")


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_newest")]

    operations = [
        migrations.AddField("case", "error_en", _in_english(), preserve_default=False),
        migrations.AddField("schedulecursor", "error_en", _in_english(), preserve_default=False),
        migrations.RunSQL(
            [
                "UPDATE cases_case SET error_en = error WHERE error <> ''",
                "UPDATE cases_schedulecursor SET error_en = error WHERE error <> ''",
            ],
            migrations.RunSQL.noop,
        ),
    ]
