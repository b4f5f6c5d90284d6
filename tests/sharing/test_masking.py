"""Columns granted masked: chosen with the answer, named in the agreement, masked in every delivery."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from cases import services as cases
from cases.models import Case
from catalog.models import Resource, ResourceItem
from catalog.services import Field
from datasets import selectors
from datasets import services as datasets
from organizations.actors import SystemActor
from organizations.errors import BadInput
from sharing.models import Grant
from sharing.services import credentials
from tests.cast import Place, signed_in_client, token_client
from tests.scenes import act, filed, published_resource, request_of

pytestmark = pytest.mark.django_db(databases=["default", "datasets"], transaction=True)
PEOPLE = (
    Field("no", "编号", required=True, is_key=True, length=20),
    Field("person", "姓名", length=30, mask=ResourceItem.Mask.NAME),
    Field("identity", "身份证号", data_type="identity"),
    Field("town", "乡镇", length=60),
)
ROWS = [("1", "张三丰", "11010519491231002X", "向阳乡"), ("2", "李四", "", "青山乡")]
CODES = ["no", "person", "identity", "town"]


@pytest.fixture
def people(enshi: Place, tmp_path: Path) -> Resource:
    resource = published_resource(enshi, title="低保对象名册", items=PEOPLE, holds_personal=True)
    path = tmp_path / "people.csv"
    path.write_text("\n".join([",".join(CODES), *(",".join(row) for row in ROWS)]), encoding="utf-8")
    batch = datasets.receive_path(actor=SystemActor("test"), resource=resource, path=path, mode="replace")
    assert datasets.load_batch(batch_id=batch.pk).accepted == 2
    return resource


def asked(place: Place, resource: Resource) -> Case:
    case = filed(place, resource, items=CODES)
    act(place.applicant_leader, case, "endorse")
    return case


def answered(place: Place, resource: Resource, *, proposed: list[str], consented: list[str] | None) -> Case:
    case = asked(place, resource)
    act(place.provider_handler, case, "propose", proposal="consent", opinion="符合条件", masked_items=proposed)
    act(place.provider_leader, case, "consent", **({} if consented is None else {"masked_items": consented}))
    return case


def granted(place: Place, case: Case) -> Grant:
    act(place.applicant_leader, case, "sign")
    act(place.provider_leader, case, "sign")
    return Grant.objects.get(request=request_of(case))


def masked_of(grant: Grant) -> list[str]:
    return [column.item.code for column in grant.columns.filter(masked=True)]


def test_items_with_personal_information_are_ticked_in_the_form(enshi: Place, people: Resource) -> None:
    case = asked(enshi, people)
    page = signed_in_client(enshi.provider_handler).get(f"/cases/{case.number}/").content.decode()
    ticked = {line.split('value="')[1].split('"')[0] for line in page.split("<input") if " checked" in line}
    assert ticked == {"person", "identity"}


def test_the_leaders_form_shows_what_the_handler_proposed(enshi: Place, people: Resource) -> None:
    case = asked(enshi, people)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好", masked_items=["town"])
    page = signed_in_client(enshi.provider_leader).get(f"/cases/{case.number}/").content.decode()
    ticked = {line.split('value="')[1].split('"')[0] for line in page.split("<input") if " checked" in line}
    assert ticked == {"town"}


def test_the_form_of_the_page_takes_the_ticks(enshi: Place, people: Resource) -> None:
    case = asked(enshi, people)
    case.refresh_from_db()
    fields = {"proposal": "consent", "opinion": "好", "version": case.seq, "masked_items": ["identity"]}
    data = {f"propose-{name}": value for name, value in fields.items()}
    answer = signed_in_client(enshi.provider_handler).post(f"/cases/{case.number}/actions/propose/", data)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert case.events.get(action="propose").inputs["masked_items"] == ["identity"]


def test_the_last_answer_counts_and_an_empty_one_says_none(enshi: Place, people: Resource) -> None:
    kept = granted(enshi, answered(enshi, people, proposed=["person", "identity"], consented=None))
    changed = granted(enshi, answered(enshi, people, proposed=["person"], consented=["identity"]))
    none = granted(enshi, answered(enshi, people, proposed=["person"], consented=[]))
    assert [masked_of(grant) for grant in (kept, changed, none)] == [["person", "identity"], ["identity"], []]


def test_an_item_that_was_not_asked_for_cannot_be_named(enshi: Place, people: Resource) -> None:
    case = filed(enshi, people, items=["no", "person"])
    act(enshi.applicant_leader, case, "endorse")
    with pytest.raises(BadInput) as refusal:
        act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好", masked_items=["town"])
    assert list(refusal.value.fields) == ["masked_items"]


def test_the_applicant_sees_before_signing_what_is_masked_and_signs_a_text_that_names_it(
    enshi: Place, people: Resource
) -> None:
    case = answered(enshi, people, proposed=["identity"], consented=None)
    page = signed_in_client(enshi.applicant_leader).get(f"/cases/{case.number}/").content.decode()
    assert page.count("脱敏展示") == 1
    agreement = request_of(case).agreements.get()
    assert "身份证号（脱敏展示）" in agreement.text_zh
    assert "姓名（" not in agreement.text_zh
    assert "身份证号 (shown masked)" in agreement.text_en


def bearer(place: Place, grant: Grant) -> APIClient:
    _credential, secret = credentials.issue_credential(place.applicant_handler, grant=grant)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_every_delivery_masks_what_was_granted_masked(enshi: Place, people: Resource) -> None:
    """CSV, JSON and the online query; an identity number without a mask of its own shows its ends only."""
    grant = granted(enshi, answered(enshi, people, proposed=["person", "identity", "town"], consented=None))
    client = bearer(enshi, grant)
    wanted = [["1", "张**", "1****************X", "***"], ["2", "李*", "", "***"]]
    file = b"".join(client.get(f"/api/v1/data/{people.pk}/export.csv").streaming_content).decode()
    assert list(csv.reader(io.StringIO(file)))[1:] == wanted
    records = client.get(f"/api/v1/data/{people.pk}/records/").json()["records"]
    assert [[value or "" for value in record.values()] for record in records] == wanted
    page = signed_in_client(enshi.applicant_handler).post(f"/sharing/grants/{grant.pk}/query/").content.decode()
    assert "张**" in page
    assert "张三丰" not in page
    assert "11010519491231002X" not in page
    assert "向阳乡" not in page


def test_a_masked_column_cannot_be_filtered_by(enshi: Place, people: Resource) -> None:
    grant = granted(enshi, answered(enshi, people, proposed=["person"], consented=None))
    client = bearer(enshi, grant)
    assert client.get(f"/api/v1/data/{people.pk}/records/?person=张三丰").status_code == 400
    assert client.get(f"/api/v1/data/{people.pk}/records/?town=向阳乡").json()["records"][0]["person"] == "张**"
    page = signed_in_client(enshi.applicant_handler).get(f"/sharing/grants/{grant.pk}/").content.decode()
    assert '<option value="person">' not in page
    assert '<option value="town">' in page


def test_the_api_says_which_columns_are_masked_and_which_may_be(enshi: Place, people: Resource) -> None:
    case = asked(enshi, people)
    detail = token_client(enshi.provider_handler).get(f"/api/v1/cases/{case.number}/").json()
    propose = next(action for action in detail["actions"] if action["action"] == "propose")
    assert {"type": "items", "options": CODES}.items() <= next(
        entry for entry in propose["inputs"] if entry["name"] == "masked_items"
    ).items()
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="好", masked_items=["person"])
    act(enshi.provider_leader, case, "consent")
    granted(enshi, case)
    assert token_client(enshi.applicant_handler).get("/api/v1/grants/").json()[0]["masked"] == ["person"]


def test_a_mask_that_the_catalogue_drops_later_leaves_the_column_hidden(enshi: Place, people: Resource) -> None:
    grant = granted(enshi, answered(enshi, people, proposed=["person"], consented=None))
    people.items.filter(code="person").update(mask="none")
    dataset = selectors.dataset_of(people.pk)
    assert dataset is not None
    assert selectors.masks_of(dataset, masked_of(grant)) == {"person": "full"}


def test_the_bureau_may_mask_where_it_decides(xianyang: Place) -> None:
    resource = published_resource(xianyang, title="低保对象名册", items=PEOPLE)
    case = filed(xianyang, resource, items=CODES)
    act(xianyang.applicant_leader, case, "endorse")
    act(xianyang.bureau_reviewer, case, "find_conditions_met", opinion="符合条件")
    act(xianyang.bureau_approver, case, "approve", masked_items=["identity", "person"])
    assert "姓名（脱敏展示）" in request_of(case).agreements.first().text_zh
    assert cases.load(case).choices()[1].ticked
