"""Loading the demonstration, whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.utils import timezone

from cases import services as cases
from portal.demonstration import building, catalogue, duties, people, plans, projects, stories, systems, withdrawals

SEED = 20261122


@transaction.atomic
def load(password: str) -> None:
    """Make both places with their catalogues, data and cases. Everything or nothing."""
    at = timezone.now() - timedelta(weeks=12)
    places = []
    with TemporaryDirectory() as folder:
        for number, city in enumerate(people.cities()):
            place = people.settle(city, password, SEED + number)
            resources = catalogue.build(place, at)
            catalogue.load_data(place, resources, Path(folder))
            stories.tell(place, resources)
            withdrawals.tell(place, resources)
            duties.tell(place)
            systems.tell(place, resources)
            projects.tell(place)
            plans.tell(place)
            building.tell(place)
            places.append(place)
    people.appoint_administrator(places, password)
    cases.sweep()
