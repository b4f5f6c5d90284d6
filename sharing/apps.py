from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "sharing"

    def ready(self) -> None:
        from sharing import places, procedures, wiring

        procedures.register()
        places.register()
        wiring.connect()
