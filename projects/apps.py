from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from projects import places, procedures, wiring

        places.register()
        procedures.register()
        wiring.connect()
