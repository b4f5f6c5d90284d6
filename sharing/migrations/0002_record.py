"""Reads are only ever added to."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial"), ("audit", "0002_append_only")]

    operations = [append_only("sharing_accessopened"), append_only("sharing_accessclosed")]
