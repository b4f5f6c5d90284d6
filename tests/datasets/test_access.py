"""Who may load and see batches: the provider's people; pages, API and command say so in the same words."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from audit.models import AuditEntry
from catalog.models import Resource
from datasets import hooks, paging, selectors, services, tasks, uploads
from datasets.models import Batch
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from tests.cast import Cast, signed_in_client
from tests.datasets.conftest import REGIONS, make_resource

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])

GOOD = "code,name,county\n110101,东城,北京\n110102,,\n"


def file(content: str = GOOD) -> SimpleUploadedFile:
    return SimpleUploadedFile("区划.csv", content.encode(), "text/csv")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's part is done in the test's own process, right after the commit."""
    monkeypatch.setattr(tasks, "enqueue", lambda batch_id: services.load_batch(batch_id=batch_id))


@pytest.mark.parametrize("role", ["provider_handler", "provider_steward"])
def test_the_providers_handler_and_steward_load(role: str, cast: Cast, resource: Resource) -> None:
    actor = cast.enshi.actors[role]
    batch = services.receive_upload(actor=actor, resource=resource, upload=file(), mode="replace")
    assert batch.loaded_by_name == actor.user.full_name
    entry = AuditEntry.objects.get(verb="dataset.upload")
    assert (entry.person_id, entry.subject_id) == (actor.user.pk, str(resource.pk))
    assert entry.data["sha256"] == batch.sha256


@pytest.mark.parametrize(
    "role", ["provider_leader", "applicant_handler", "bureau_approver", "auditor", "outsider", "administrator"]
)
def test_nobody_else_does(role: str, cast: Cast, resource: Resource, home: Path) -> None:
    """403 for a published entry; a draft of others is not known at all. No file is kept."""
    actor = cast.enshi.actors[role]
    with pytest.raises(NotPermitted):
        services.receive_upload(actor=actor, resource=resource, upload=file(), mode="replace")
    resource.status = Resource.Status.DRAFT
    resource.save()
    refusal = NotPermitted if role == "provider_leader" else NotKnown
    with pytest.raises(refusal):
        services.receive_upload(actor=actor, resource=resource, upload=file(), mode="replace")
    assert not list(home.rglob("*")) or not Batch.objects.exists()


def test_a_file_over_the_limit_is_refused_and_gone(
    provider_steward: Actor, resource: Resource, settings: Settings, home: Path
) -> None:
    settings.DATASETS_UPLOAD_LIMIT = 1 << 20
    with pytest.raises(BadInput, match="1 MB"):
        services.receive_upload(
            actor=provider_steward, resource=resource, upload=file("x" * ((1 << 20) + 1)), mode="replace"
        )
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_one_file_at_a_time(provider_steward: Actor, resource: Resource) -> None:
    services.receive_upload(actor=provider_steward, resource=resource, upload=file(), mode="replace")
    with pytest.raises(Conflict):
        services.receive_upload(actor=provider_steward, resource=resource, upload=file(), mode="replace")


def test_rows_are_updated_only_by_a_key(provider_steward: Actor, make: Callable[..., Resource]) -> None:
    with pytest.raises(BadInput):
        services.receive_upload(actor=provider_steward, resource=make(("a", {})), upload=file("a\n1\n"), mode="upsert")


def test_rooms_above_are_told_in_the_same_transaction(
    resource: Resource, load: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(hooks, "on_loaded", [told.append])
    batch = load(resource, GOOD)
    load(resource, "nothing\n")
    assert told == [resource.pk]
    assert selectors.loaded_since(resource.pk, batch.finished_at)
    assert [entry.verb for entry in AuditEntry.objects.filter(verb__startswith="dataset.").order_by("pk")] == [
        "dataset.upload",
        "dataset.load",
        "dataset.upload",
        "dataset.load_failed",
    ]


def test_the_pages_from_upload_to_rejects(
    resource: Resource,
    client_for: Callable[[Actor], Client],
    provider_steward: Actor,
    at_once: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = client_for(provider_steward)
    assert resource.title in client.get("/data/").content.decode()
    form = client.get(f"/data/{resource.pk}/load/")
    assert form.status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/data/{resource.pk}/load/", {"file": file(), "mode": "replace"})
    batch = Batch.objects.get()
    assert answer.headers["Location"] == f"/data/batches/{batch.pk}/"
    page = client.get(f"/data/batches/{batch.pk}/").content.decode()
    assert batch.file_name in page
    assert batch.sha256 in page
    assert client.get(f"/data/batches/{batch.pk}/progress/").headers["HX-Refresh"] == "true"
    assert batch.file_name in client.get(f"/data/{resource.pk}/").content.decode()
    rejects = b"".join(client.get(f"/data/batches/{batch.pk}/rejects.csv").streaming_content).decode("utf-8-sig")
    assert rejects.splitlines()[1].startswith("3,name,,required,")


def test_a_waiting_batch_shows_its_progress(
    resource: Resource, client_for: Callable[[Actor], Client], provider_steward: Actor
) -> None:
    batch = services.receive_upload(actor=provider_steward, resource=resource, upload=file(), mode="replace")
    client = client_for(provider_steward)
    fragment = client.get(f"/data/batches/{batch.pk}/progress/").content.decode()
    assert f'hx-get="/data/batches/{batch.pk}/progress/"' in fragment
    assert fragment.strip() in client.get(f"/data/batches/{batch.pk}/").content.decode()


def test_a_wrong_form_keeps_its_page(
    resource: Resource, client_for: Callable[[Actor], Client], provider_steward: Actor, settings: Settings
) -> None:
    client = client_for(provider_steward)
    assert client.post(f"/data/{resource.pk}/load/", {"mode": "replace"}).status_code == 400
    settings.DATASETS_UPLOAD_LIMIT = 10
    answer = client.post(f"/data/{resource.pk}/load/", {"file": file(), "mode": "replace"})
    assert answer.status_code == 400
    assert not Batch.objects.exists()


def test_rejects_open_harmlessly_in_a_spreadsheet(
    make: Callable[..., Resource],
    load: Callable[..., Batch],
    client_for: Callable[[Actor], Client],
    provider_steward: Actor,
) -> None:
    batch = load(make(("n", {"data_type": "integer"})), "n\n1\n=HYPERLINK()\n@x\n-x\n")
    answer = client_for(provider_steward).get(f"/data/batches/{batch.pk}/rejects.csv")
    cells = [line.split(",")[2] for line in b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[1:]]
    assert cells == ["'=HYPERLINK()", "'@x", "'-x"]


def test_pages_of_others_are_closed(
    resource: Resource, load: Callable[..., Batch], client_for: Callable[[Actor], Client], outsider: Actor
) -> None:
    batch = load(resource, GOOD)
    client = client_for(outsider)
    paths = [f"/data/{resource.pk}/", f"/data/{resource.pk}/load/"]
    paths += [f"/data/batches/{batch.pk}/{part}" for part in ("", "progress/", "rejects.csv")]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert batch.file_name not in answer.content.decode()
    assert resource.title not in client.get("/data/").content.decode()


def test_the_list_takes_the_same_queries_for_any_number_of_entries(
    make: Callable[..., Resource],
    load: Callable[..., Batch],
    client_for: Callable[[Actor], Client],
    provider_steward: Actor,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_for(provider_steward)
    for _number in range(4):
        load(make(("a", {})), "a\n1\n")
    with django_assert_max_num_queries(12):
        client.get("/data/")


def test_loading_over_the_api(
    resource: Resource,
    api_for: Callable[[Actor], APIClient],
    provider_handler: Actor,
    at_once: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    api = api_for(provider_handler)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(f"/api/v1/data/{resource.pk}/batches/", {"file": file()}, format="multipart")
    assert answer.status_code == 202
    assert answer.json()["state"] == "received"
    found = api.get(answer.headers["Location"]).json()
    assert (found["state"], found["read"], found["accepted"], found["rejected"]) == ("merged", 2, 1, 1)
    assert found["rejects"] == [
        {"line": 3, "column": "name", "value": "", "code": "required", "reason": found["rejects"][0]["reason"]}
    ]
    assert found["quality"]["valid"] == "50.00"
    assert found["error"] is None


def test_the_api_refuses_in_the_one_shape(
    resource: Resource,
    make: Callable[..., Resource],
    load: Callable[..., Batch],
    api_for: Callable[[Actor], APIClient],
    cast: Cast,
) -> None:
    """401 without a token, 403 and 404 for others, 400 for what is missing; a batch belongs to its resource."""
    draft, other = make(("a", {}), status="draft"), make(("a", {}))
    batch = load(resource, "a\n1\n")
    path = "/api/v1/data/{}/batches/".format
    stranger, api = api_for(cast.enshi.outsider), api_for(cast.enshi.provider_handler)
    assert APIClient().post(path(resource.pk)).status_code == 401
    assert stranger.post(path(resource.pk), {"file": file()}, format="multipart").status_code == 403
    assert stranger.post(path(draft.pk), {"file": file()}, format="multipart").status_code == 404
    assert stranger.get(f"{path(resource.pk)}{batch.pk}/").status_code == 403
    assert api.get(f"{path(other.pk)}{batch.pk}/").status_code == 404
    assert api.post(path(resource.pk), {}, format="multipart").status_code == 400
    found = api.get(f"{path(resource.pk)}{batch.pk}/").json()
    assert found["state"] == "failed"
    assert found["error"]["details"]["missing"] == ["code", "name", "county"]


def test_the_command_loads_and_reports(resource: Resource, tmp_path: Path) -> None:
    path, out = tmp_path / "data.csv", io.StringIO()
    path.write_text(GOOD)
    call_command("load_dataset", resource.code, str(path), stdout=out)
    assert "2 read, 1 accepted, 1 rejected" in out.getvalue()
    assert "line 3, name" in out.getvalue()
    path.write_text("code\n")
    for arguments in (
        [resource.code, str(path)],
        ["no/1", str(path)],
        [resource.code, "nowhere"],
        [resource.code, str(path), "--jurisdiction", "riverton"],
    ):
        with pytest.raises(CommandError):
            call_command("load_dataset", *arguments)


def test_the_command_refuses_a_code_of_several_entries_and_names_them(
    make: Callable[..., Resource], cast: Cast, tmp_path: Path
) -> None:
    one = make(*REGIONS)
    other = make_resource(cast.xianyang.provider, REGIONS)
    Resource.objects.filter(pk=other.pk).update(code=one.code)
    path, out = tmp_path / "data.csv", io.StringIO()
    path.write_text(GOOD)
    with pytest.raises(CommandError) as refused:
        call_command("load_dataset", one.code, str(path))
    for place in (cast.enshi, cast.xianyang):
        assert f"--jurisdiction {place.jurisdiction.pk} --provider {place.provider.code}" in str(refused.value)
    assert not Batch.objects.exists()
    call_command("load_dataset", one.code, str(path), jurisdiction="enshi", stdout=out)
    call_command("load_dataset", one.code, str(path), provider=cast.xianyang.provider.code, stdout=out)
    assert set(Batch.objects.values_list("dataset__resource", flat=True)) == {one.pk, other.pk}


def test_lists_go_on_from_the_last_row_and_not_from_a_number(
    resource: Resource, make: Callable[..., Resource], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that comes in between is neither shown twice nor does it push another out."""
    monkeypatch.setattr(paging, "SIZE", 2)
    made = [resource, make(), make()]
    client, seen = signed_in_client(cast.enshi.provider_steward), []
    address, cursor = reverse("datasets:batches"), ""
    while True:
        answer = client.get(address, {"cursor": cursor}).context
        seen += [row.pk for row in answer["page"]]
        if not seen[2:]:
            Resource.objects.filter(pk=make().pk).update(sort_key="0")
        cursor = answer["next"]
        if not cursor:
            break
    assert seen == [row.pk for row in made]
    assert client.get(address, {"cursor": "2"}).status_code == 400


def test_the_uploaded_file_is_kept_no_longer_than_needed(
    resource: Resource,
    load: Callable[..., Batch],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        batch = load(resource, GOOD)
    assert not uploads.source_path(batch.token).exists()
    assert uploads.rejects_path(batch.token).exists()


def test_a_batch_page_takes_few_queries(
    resource: Resource,
    load: Callable[..., Batch],
    client_for: Callable[[Actor], Client],
    provider_steward: Actor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    batch, client = load(resource, GOOD), client_for(provider_steward)
    with django_assert_max_num_queries(12):
        client.get(f"/data/batches/{batch.pk}/")
