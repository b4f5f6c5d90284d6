"""What the administration calls categories."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_systems")]

    operations = [
        migrations.AlterModelOptions(
            "category",
            options={
                "ordering": ["jurisdiction", "code"],
                "verbose_name": "category",
                "verbose_name_plural": "categories",
            },
        )
    ]
