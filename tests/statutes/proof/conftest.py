"""The world of the proof: every pack, every hand, and answers that a test gives; built once for a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from pytest_django import DjangoDbBlocker

from statutes.models import PackVersion
from tests.statutes.proof.packs import sources
from tests.statutes.proof.walker import START
from tests.statutes.proof.world import Oracle, Place, World, build_place, scripted_families, store, unblocked


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    places: dict[str, Place] = {}
    oracle = Oracle(places=places)
    packs = sources()
    travelling = time_machine.travel(START, tick=False)
    scripted = scripted_families(oracle, places, [compiled for _source, compiled in packs.values()])
    with unblocked(django_db_blocker), travelling as time, scripted:
        PackVersion.objects.all().delete()
        for name, (source, compiled) in packs.items():
            places[name] = build_place(name, store(name, source), compiled)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield World(oracle, places, time)
