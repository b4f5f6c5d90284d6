"""Reading under a grant: exactly the columns granted, every decision recorded, budgets kept."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone, translation
from rest_framework.test import APIClient

from datasets import services as datasets
from organizations.actors import Actor, SystemActor
from sharing.models import AccessClosed, AccessOpened, Grant
from sharing.services import credentials, grants
from tests.cast import Place
from tests.scenes import act, filed, published_resource, request_of

pytestmark = pytest.mark.django_db(databases=["default", "datasets"], transaction=True)
ROWS = [
    ("420001001001", "向阳村", "420001001", "420001", "4200", "42"),
    ("420001001002", "青山,村", "420001001", "420001", "4200", "42"),
    ("420001001003", "双河村", "420001001", "420001", "4200", "42"),
]
Clients = Callable[[Actor], Client]


@pytest.fixture
def granted(enshi: Place, tmp_path: Path) -> Grant:
    """A grant on two columns of three rows, come by through the whole procedure."""
    resource = published_resource(enshi)
    path = tmp_path / "rows.csv"
    lines = ["code,name,street,county,city,province", *(",".join(f'"{cell}"' for cell in row) for row in ROWS)]
    path.write_text("\n".join(lines), encoding="utf-8")
    batch = datasets.receive_path(actor=SystemActor("test"), resource=resource, path=path, mode="replace")
    assert datasets.load_batch(batch_id=batch.pk).accepted == 3
    case = filed(enshi, resource)
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(enshi.provider_leader, case, "consent")
    act(enshi.applicant_leader, case, "sign")
    act(enshi.provider_leader, case, "sign")
    case.refresh_from_db()
    assert case.outcome == "granted"
    return Grant.objects.get(request=request_of(case))


def bearer(enshi: Place, grant: Grant) -> tuple[APIClient, str]:
    _credential, secret = credentials.issue_credential(enshi.applicant_handler, grant=grant)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client, secret


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_export_is_exactly_the_projection_to_the_columns_granted(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    lines = body(client.get(f"/api/v1/data/{granted.resource_id}/export.csv")).decode().splitlines()
    assert lines[0] == "code,name"
    assert sorted(lines[1:]) == ["420001001001,向阳村", '420001001002,"青山,村"', "420001001003,双河村"]
    closed = AccessClosed.objects.get()
    assert (closed.rows, closed.ending) == (3, "complete")
    assert AccessOpened.objects.get().columns == ["code", "name"]


def test_who_asks_for_csv_gets_csv_and_a_refusal_is_json(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    address = f"/api/v1/data/{granted.resource_id}/export.csv"
    assert body(client.get(address, HTTP_ACCEPT="text/csv")).startswith(b"code,name")
    refused = APIClient().get(address, HTTP_ACCEPT="text/csv")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/json")


def test_records_hold_the_granted_columns_and_page_by_cursor(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    url = f"/api/v1/data/{granted.resource_id}/records/"
    first = client.get(url, {"limit": 2}).json()
    rest = client.get(url, {"limit": 2, "cursor": first["next"]}).json()
    assert [set(record) for record in first["records"]] == [{"code", "name"}] * 2
    assert [record["code"][-1] for record in [*first["records"], *rest["records"]]] == ["1", "2", "3"]
    assert rest["next"] is None


def test_a_column_that_was_not_granted_is_refused_and_recorded(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    assert client.get(f"/api/v1/data/{granted.resource_id}/records/", {"fields": "code,street"}).status_code == 403
    assert AccessOpened.objects.get().refused == "columns"


def test_filtering_by_a_column_outside_the_grant_tells_nothing(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    answer = client.get(f"/api/v1/data/{granted.resource_id}/records/", {"street": "420001001"})
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("how", ["revoked", "rotated", "unknown", "expired", "other"])
def test_a_dead_or_foreign_key_is_refused_and_recorded(enshi: Place, granted: Grant, how: str) -> None:
    client, _secret = bearer(enshi, granted)
    target = granted.resource_id
    if how == "revoked":
        credentials.revoke_credential(enshi.applicant_handler, credential=granted.credentials.get())
    elif how == "rotated":
        bearer(enshi, granted)
    elif how == "unknown":
        client.credentials(HTTP_AUTHORIZATION="Bearer stg_nonsense")
    elif how == "expired":
        past = timezone.localdate() - timedelta(days=1)
        Grant.objects.filter(pk=granted.pk).update(valid_from=past, valid_until=past)
    else:
        target = published_resource(enshi, title="别的资源").pk
    answer = client.get(f"/api/v1/data/{target}/records/")
    assert answer.status_code == 403
    assert AccessOpened.objects.get().refused != ""
    assert "向阳村" not in answer.content.decode()


def test_without_any_key_the_answer_is_401(granted: Grant) -> None:
    assert APIClient().get(f"/api/v1/data/{granted.resource_id}/export.csv").status_code == 401


def test_a_revoked_grant_gives_nothing_any_more(enshi: Place, granted: Grant) -> None:
    client, _secret = bearer(enshi, granted)
    grants.end_grant(enshi.provider_leader, grant=granted, reason="发现超范围使用")
    assert client.get(f"/api/v1/data/{granted.resource_id}/records/").status_code == 403


def test_calls_beyond_the_minute_are_429_and_are_not_counted(enshi: Place, granted: Grant) -> None:
    Grant.objects.filter(pk=granted.pk).update(calls_per_day=2)
    client, _secret = bearer(enshi, granted)
    url = f"/api/v1/data/{granted.resource_id}/records/"
    assert [client.get(url).status_code for _call in range(4)] == [200, 200, 429, 429]
    assert granted.usage.get(window="day").calls == 2


def test_the_total_of_rows_is_a_budget_over_all_calls(enshi: Place, granted: Grant) -> None:
    Grant.objects.filter(pk=granted.pk).update(rows_total=4)
    client, _secret = bearer(enshi, granted)
    assert len(body(client.get(f"/api/v1/data/{granted.resource_id}/export.csv")).splitlines()) == 4
    second = client.get(f"/api/v1/data/{granted.resource_id}/export.csv")
    assert len(body(second).splitlines()) == 2
    assert client.get(f"/api/v1/data/{granted.resource_id}/export.csv").status_code == 429
    granted.refresh_from_db()
    assert granted.rows_used == 4


def test_expiry_ends_the_grant_and_guardians_mirror(enshi: Place, granted: Grant) -> None:
    user = enshi.applicant_handler.user
    assert user.has_perm("catalog.read_data", granted.resource)
    Grant.objects.filter(pk=granted.pk).update(
        valid_from=timezone.localdate() - timedelta(days=3), valid_until=timezone.localdate() - timedelta(days=1)
    )
    assert grants.expire_grants() == 1
    assert grants.expire_grants() == 0
    granted.refresh_from_db()
    assert granted.status == "expired"
    assert granted.ended_because == ""
    told = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told[language] = granted.why_ended
    assert told == {"zh-hans": "授权期限已届满。", "en": "The period of the grant is over."}
    fresh = type(user).objects.get(pk=user.pk)
    assert not fresh.has_perm("catalog.read_data", granted.resource)


def test_a_person_downloads_in_the_browser_and_the_read_names_the_person(
    enshi: Place, granted: Grant, client_for: Clients
) -> None:
    response = client_for(enshi.applicant_handler).post(f"/sharing/grants/{granted.pk}/download/")
    assert body(response).startswith(codecs.BOM_UTF8 + b"code,name\n")
    assert AccessOpened.objects.get().person == enshi.applicant_handler.user
    name = unquote(response["Content-Disposition"])
    assert granted.resource.title in name
    assert f"{timezone.localdate()}.csv" in name


def test_a_workbook_holds_long_numbers_as_text(enshi: Place, granted: Grant, client_for: Clients) -> None:
    response = client_for(enshi.applicant_handler).post(f"/sharing/grants/{granted.pk}/download/", {"format": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(body(response))).active
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells["420001001001"] == "s"
    assert cells["青山,村"] == "s"
    assert "420001001" not in cells, "only the columns granted"
    assert AccessClosed.objects.get().rows == 3


def test_the_outsider_and_the_administrator_know_of_no_grant(enshi: Place, granted: Grant, client_for: Clients) -> None:
    for stranger in (enshi.outsider, enshi.administrator):
        client = client_for(stranger)
        assert client.get(f"/sharing/grants/{granted.pk}/").status_code == 404
        assert client.post(f"/sharing/grants/{granted.pk}/download/").status_code == 404


def test_the_secret_is_stored_as_a_hash_only(enshi: Place, granted: Grant) -> None:
    _client, secret = bearer(enshi, granted)
    assert secret not in str(list(granted.credentials.values()))


def test_a_download_gives_the_columns_of_the_grant_that_it_was_asked_for_on(
    enshi: Place, granted: Grant, client_for: Clients
) -> None:
    """An organization may hold two grants on one resource: each gives its own columns."""
    case = filed(enshi, granted.resource, items=["street"])
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(enshi.provider_leader, case, "consent")
    act(enshi.applicant_leader, case, "sign")
    act(enshi.provider_leader, case, "sign")
    second, client = Grant.objects.get(request=request_of(case)), client_for(enshi.applicant_handler)
    for grant, heading in ((granted, b"code,name\n"), (second, b"street\n")):
        answer = body(client.post(f"/sharing/grants/{grant.pk}/download/"))
        assert answer.startswith(codecs.BOM_UTF8 + heading)
