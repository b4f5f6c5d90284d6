from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from cases import places, procedures, wiring

        procedures.register()
        places.register()
        wiring.connect()
