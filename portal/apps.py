from django.apps import AppConfig

from portal.celery import app as celery_app


class PortalConfig(AppConfig):
    name = "portal"
    celery_app = celery_app

    def ready(self) -> None:
        from portal import places

        places.register()
