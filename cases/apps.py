from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        from cases import filters, places, procedures, wiring

        filters.register(filters.Listing("cases", "cases:list", frozenset({"box", "family", "q", "open", "assigned"})))
        procedures.register()
        places.register()
        wiring.connect()
