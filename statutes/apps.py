from django.apps import AppConfig
from django.core import checks


class StatutesConfig(AppConfig):
    name = "statutes"

    def ready(self) -> None:
        from statutes import places
        from statutes.checks import packs_in_use, packs_on_disk

        places.register()
        checks.register(packs_on_disk, "statutes")
        checks.register(packs_in_use, checks.Tags.database)
