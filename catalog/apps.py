from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from cases import filters
        from catalog import places, procedures, selectors

        keys = {"q", "jurisdiction", "format", "fresh", "basis", *selectors.FACETS}
        filters.register(filters.Listing("catalog", "catalog:resources", frozenset(keys)))
        procedures.register()
        places.register()
