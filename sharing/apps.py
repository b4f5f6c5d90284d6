from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "sharing"

    def ready(self) -> None:
        from sharing import procedures, wiring

        procedures.register()
        wiring.connect()
