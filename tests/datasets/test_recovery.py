"""A load that is killed anywhere leaves nothing half-done: it is finished or begun again, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, connections

from catalog import services as catalog
from catalog.models import Resource
from datasets import reading, selectors, services, store, uploads
from datasets.models import Batch
from datasets.services import loading as service
from organizations.actors import Actor

ROWS = 60_000
KILLED = """
import sys
from pathlib import Path
import django
from django.conf import settings
for alias in settings.DATABASES.values():
    alias["NAME"] = {database!r}
settings.HOME = Path({home!r})
django.setup()
from datasets import services
print("ready", flush=True)
sys.stdin.readline()
services.load_batch(batch_id={batch})
"""


@pytest.fixture
def committed(transactional_db: None, cast: Any) -> Iterator[None]:
    """Rows that another process sees. The datasets database is emptied by hand: no flush reaches it."""
    yield
    connections[store.alias()].close()
    with connections[store.alias()].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {store.SCHEMA} CASCADE")


def receive(actor: Actor, resource: Resource, path: Path, rows: range, mode: str = "replace") -> Batch:
    path.write_text("code,name,county\n" + "".join(f"{number},名称,\n" for number in rows))
    return services.receive_path(actor=actor, resource=resource, path=path, mode=mode)


def codes(resource: Resource) -> list[str]:
    dataset = selectors.dataset_of(resource.pk)
    assert dataset is not None
    with reading.stream_csv(dataset, ["code"], masks={}) as stream:
        return b"".join(stream).decode().splitlines()[1:]


@pytest.mark.django_db(databases=["default", "datasets"], transaction=True)
@pytest.mark.parametrize("pause", [0.05, 0.25, 0.6])
def test_a_killed_loader_is_taken_up_again(
    pause: float, committed: None, resource: Resource, provider_steward: Actor, tmp_path: Path
) -> None:
    """kill -9 in the middle: until recovery the old rows are read, afterwards the new ones, all and once."""
    first = receive(provider_steward, resource, tmp_path / "a.csv", range(10))
    services.load_batch(batch_id=first.pk)
    batch = receive(provider_steward, resource, tmp_path / "b.csv", range(ROWS))
    script = KILLED.format(database=connection.settings_dict["NAME"], home=str(django_settings.HOME), batch=batch.pk)
    loader = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=django_settings.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]},
    )
    assert loader.stdout is not None
    assert loader.stdin is not None
    assert loader.stdout.readline() == "ready\n"
    loader.stdin.write("\n")
    loader.stdin.flush()
    time.sleep(pause)
    loader.send_signal(signal.SIGKILL)
    loader.wait()
    batch.refresh_from_db()
    assert codes(resource) == [str(number) for number in range(ROWS if batch.state == "merged" else 10)]
    recovered(batch)
    assert (batch.state, batch.accepted) == ("merged", ROWS)
    assert codes(resource) == [str(number) for number in range(ROWS)]
    assert Batch.objects.count() == 2


def recovered(batch: Batch) -> None:
    """The sweep, until the server has noticed that the killed process is gone and its lock is free."""
    for _try in range(100):
        services.recover_batches()
        batch.refresh_from_db()
        if not batch.is_open:
            return
        time.sleep(0.05)


@pytest.mark.django_db(databases=["default", "datasets"])
@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
def test_a_merge_that_was_not_noted_is_noted_not_repeated(
    mode: str,
    resource: Resource,
    provider_steward: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The marker is in, the default database went away before it heard of it."""
    services.load_batch(batch_id=receive(provider_steward, resource, tmp_path / "a.csv", range(5)).pk)
    batch = receive(provider_steward, resource, tmp_path / "b.csv", range(5, 9), mode)

    def away(**_values: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(catalog, "note_data_loaded", away)
        with pytest.raises(OperationalError):
            services.load_batch(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == "checking"
    marker = store.marker_of(batch.token)
    assert marker is not None
    services.recover_batches()
    services.recover_batches()
    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.attempts) == ("merged", 4, 1)
    expected = range(5, 9) if mode == "replace" else range(9)
    assert codes(resource) == [str(number) for number in expected]


@pytest.mark.django_db(databases=["default", "datasets"])
def test_a_file_that_vanished_fails_the_batch(resource: Resource, provider_steward: Actor, tmp_path: Path) -> None:
    batch = receive(provider_steward, resource, tmp_path / "a.csv", range(5))
    uploads.remove(batch.token)
    assert services.load_batch(batch_id=batch.pk).error_code == "file_lost"


@pytest.mark.django_db(databases=["default", "datasets"])
def test_a_load_that_never_ends_is_given_up(resource: Resource, provider_steward: Actor, tmp_path: Path) -> None:
    batch = receive(provider_steward, resource, tmp_path / "a.csv", range(5))
    Batch.objects.filter(pk=batch.pk).update(attempts=service.ATTEMPTS)
    assert services.load_batch(batch_id=batch.pk).error_code == "gave_up"


@pytest.mark.django_db(databases=["default", "datasets"])
def test_a_fault_of_ours_fails_the_batch_with_its_number(
    resource: Resource, provider_steward: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = receive(provider_steward, resource, tmp_path / "a.csv", range(5))
    monkeypatch.setattr(service, "columns_of", lambda _items: 1 / 0)
    found = services.load_batch(batch_id=batch.pk)
    assert found.error_code == "failed"
    assert found.error_params["error"]


@pytest.mark.django_db(databases=["default", "datasets"])
def test_a_resource_being_loaded_is_left_alone(resource: Resource, provider_steward: Actor, tmp_path: Path) -> None:
    """The lock is another connection's: nothing happens here, and the batch waits."""
    batch = receive(provider_steward, resource, tmp_path / "a.csv", range(5))
    elsewhere = connections[store.alias()].copy()
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [store.LOCK_SPACE + resource.pk])
        assert services.load_batch(batch_id=batch.pk).state == "received"
    elsewhere.close()
    assert services.load_batch(batch_id=batch.pk).state == "merged"


@pytest.mark.django_db(databases=["default", "datasets"])
def test_replaced_tables_go_once_readers_have_had_their_time(
    resource: Resource, load: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [load(resource, f"code,name,county\n{number},a,\n").dataset.table for number in range(3)]
    services.recover_batches()
    assert set(tables) <= set(store.tables())
    monkeypatch.setattr(service, "KEPT_FOR_READERS", -service.KEPT_FOR_READERS)
    services.recover_batches()
    assert set(store.tables()) & set(tables) == {tables[-1]}
    assert codes(resource) == ["2"]
