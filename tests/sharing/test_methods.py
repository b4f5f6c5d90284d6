"""What was asked for and signed is what may be done: a grant gives the methods agreed on, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from catalog.models import SharingMethod
from datasets import services as datasets
from organizations.actors import Actor, SystemActor
from organizations.errors import BadInput, Conflict
from sharing.models import AccessClosed, AccessOpened, Agreement, Grant
from sharing.services import credentials, requests
from sharing.services.reading import Reader
from tests.cast import Place
from tests.scenes import act, filed, published_resource, request_of, wish

pytestmark = pytest.mark.django_db(databases=["default", "datasets"], transaction=True)
Clients = Callable[[Actor], Client]


def granted(place: Place, tmp_path: Path, *methods: str) -> Grant:
    """A grant on data of one row, come by through the whole procedure, with these methods."""
    resource = published_resource(place)
    path = tmp_path / "rows.csv"
    path.write_text("code,name,street,county,city,province\n420001001001,向阳村,420001001,420001,4200,42\n")
    batch = datasets.receive_path(actor=SystemActor("test"), resource=resource, path=path, mode="replace")
    datasets.load_batch(batch_id=batch.pk)
    case = filed(place, resource, methods=methods)
    act(place.applicant_leader, case, "endorse")
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(place.provider_leader, case, "consent")
    act(place.applicant_leader, case, "sign")
    act(place.provider_leader, case, "sign")
    return Grant.objects.get(request=request_of(case))


def test_a_grant_of_downloads_gives_no_key_and_no_query(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    grant = granted(enshi, tmp_path, SharingMethod.DOWNLOAD)
    with pytest.raises(Conflict):
        credentials.issue_credential(enshi.applicant_handler, grant=grant)
    client = client_for(enshi.applicant_handler)
    page = client.get(f"/sharing/grants/{grant.pk}/").content.decode()
    assert f"/sharing/grants/{grant.pk}/download/" in page
    assert f"/sharing/grants/{grant.pk}/query/" not in page
    assert f"/sharing/grants/{grant.pk}/credential/" not in page
    refused = client.post(f"/sharing/grants/{grant.pk}/query/")
    assert refused.status_code == 403
    assert "向阳村" not in refused.content.decode()
    assert AccessOpened.objects.get().refused == "method"
    assert client.post(f"/sharing/grants/{grant.pk}/download/").status_code == 200


def test_a_grant_of_the_api_gives_no_file(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    grant = granted(enshi, tmp_path, SharingMethod.API)
    client = client_for(enshi.applicant_handler)
    assert client.post(f"/sharing/grants/{grant.pk}/download/").status_code == 403
    _key, secret = credentials.issue_credential(enshi.applicant_handler, grant=grant)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert client.get(f"/api/v1/data/{grant.resource_id}/export.csv", **bearer).status_code == 403
    assert client.get(f"/api/v1/data/{grant.resource_id}/records/", **bearer).status_code == 200
    assert list(AccessOpened.objects.values_list("refused", flat=True).order_by("pk")) == ["method", "method", ""]
    assert Reader(secret=secret).grant is None


def test_a_key_made_before_gives_nothing_that_was_not_agreed(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    """A grant that lost the method (by a correction of the record) refuses a key that is still alive."""
    grant = granted(enshi, tmp_path, SharingMethod.API)
    _key, secret = credentials.issue_credential(enshi.applicant_handler, grant=grant)
    Grant.objects.filter(pk=grant.pk).update(methods=[SharingMethod.DOWNLOAD])
    answer = client_for(enshi.applicant_handler).get(
        f"/api/v1/data/{grant.resource_id}/records/", HTTP_AUTHORIZATION=f"Bearer {secret}"
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["message"]
    assert AccessOpened.objects.get().refused == "method"


def test_the_agreement_names_every_method(enshi: Place, tmp_path: Path) -> None:
    grant = granted(enshi, tmp_path, SharingMethod.DOWNLOAD, SharingMethod.API)
    assert grant.methods == [SharingMethod.API, SharingMethod.DOWNLOAD]
    agreement = Agreement.objects.get(request=grant.request, kind="use")
    for language, text in (("zh-hans", agreement.text_zh), ("en", agreement.text_en)):
        with translation.override(language):
            assert str(SharingMethod.API.label) in text
            assert str(SharingMethod.DOWNLOAD.label) in text


def test_the_english_page_says_which_text_is_signed(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    grant = granted(enshi, tmp_path, SharingMethod.API)
    agreement = Agreement.objects.get(request=grant.request, kind="use")
    client = client_for(enshi.applicant_leader)
    pages = {
        language: client.get(
            f"/sharing/agreements/{agreement.pk}/", headers={"accept-language": language}
        ).content.decode()
        for language in ("en", "zh-hans")
    }
    assert "The parties sign the Chinese text" in pages["en"]
    for page in pages.values():
        assert agreement.text_zh.strip().splitlines()[0] in page


def test_an_answer_without_rows_is_of_no_size(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    grant = granted(enshi, tmp_path, SharingMethod.ONLINE_QUERY)
    client_for(enshi.applicant_handler).post(f"/sharing/grants/{grant.pk}/query/", {"item": "code", "value": "nothing"})
    closed = AccessClosed.objects.get()
    assert (closed.rows, closed.bytes) == (0, 0)


def test_a_method_that_the_provider_does_not_offer_is_refused_with_those_offered(enshi: Place) -> None:
    resource = published_resource(enshi)
    with pytest.raises(BadInput) as refusal:
        requests.save_draft(
            enshi.applicant_handler, resource=resource, wish=wish(enshi, methods=[SharingMethod.OFFLINE])
        )
    assert "download" in str(refusal.value.fields["methods"])


def test_a_reload_after_a_new_key_makes_no_other_one(enshi: Place, tmp_path: Path, client_for: Clients) -> None:
    """The key is made by a POST that redirects; its secret is shown once; the first one warns of no other's end."""
    grant = granted(enshi, tmp_path, SharingMethod.API)
    client = client_for(enshi.applicant_handler)
    place = f"/sharing/grants/{grant.pk}/"
    assert "data-sh-confirm" not in _form(client.get(place).content.decode(), grant)
    answer = client.post(f"{place}credential/")
    assert (answer.status_code, answer["Location"]) == (302, place)
    shown = client.get(place).content.decode()
    assert "stg_" in shown.split('id="credential">')[1]
    again = client.get(place).content.decode()
    assert 'id="credential"' not in again
    assert grant.credentials.count() == 1
    assert "data-sh-confirm" in _form(again, grant)


def _form(page: str, grant: Grant) -> str:
    return page.split(f'action="/sharing/grants/{grant.pk}/credential/"')[1].split(">", maxsplit=1)[0]
