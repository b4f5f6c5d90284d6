from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DatasetsConfig(AppConfig):
    name = "datasets"
    verbose_name = _("datasets")

    def ready(self) -> None:
        from datasets import places, wiring

        places.register()
        wiring.connect()
