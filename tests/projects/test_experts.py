"""The expert library: kept by the organ that holds the reviews, read by auditors and by each expert for themselves."""

from __future__ import annotations

import pytest

from audit.models import AuditEntry
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from projects import library
from projects.models import Expert
from projects.services import experts
from tests.cast import Place, new_actor, signed_in_client, token_client
from tests.projects.panel_scene import about, expert

pytestmark = pytest.mark.django_db
KINDS = Position.Kind


def test_the_keeper_adds_and_changes_and_the_record_says_so(enshi: Place) -> None:
    person = expert(enshi, "one", involvement="某项目")
    found = Expert.objects.get(user=person.user)
    assert (found.fields, found.version) == (["security", "data"], 1)
    changed = experts.said_of(found, fields=["law"], active=False)
    experts.change_expert(enshi.bureau_approver, expert_id=found.pk, about=changed, version=1)
    found.refresh_from_db()
    assert (found.fields, found.active, found.involvement, found.version) == (["law"], False, "某项目", 2)
    with pytest.raises(Conflict):
        experts.change_expert(enshi.bureau_reviewer, expert_id=found.pk, about=changed, version=1)
    assert list(AuditEntry.objects.filter(subject="expert").order_by("pk").values_list("verb", flat=True)) == [
        "expert.add",
        "expert.change",
    ]


@pytest.mark.parametrize(
    "who", ["applicant_handler", "applicant_leader", "coordinator", "arbiter", "auditor", "administrator", "outsider"]
)
def test_nobody_else_keeps_the_library(enshi: Place, who: str) -> None:
    person = new_actor(enshi.outside, KINDS.EXPERT, "somebody")
    kept = Expert.objects.get(user=expert(enshi, "one").user)
    actor = enshi.actors[who]
    with pytest.raises(NotPermitted):
        experts.add_expert(actor, user_id=person.user.pk, about=about())
    with pytest.raises(NotPermitted):
        experts.change_expert(actor, expert_id=kept.pk, about=about())
    client = signed_in_client(actor)
    assert client.get("/projects/experts/add/").status_code == 403
    seen = library.experts(actor).exists()
    assert seen == (who == "auditor")
    assert client.get("/projects/experts/").status_code == (200 if seen else 403)
    assert client.get(f"/projects/experts/{kept.pk}/").status_code == (200 if seen else 404)
    assert token_client(actor).get("/api/v1/experts/").status_code == (200 if seen else 403)


def test_another_citys_library_is_its_own(enshi: Place, xianyang: Place) -> None:
    kept = Expert.objects.get(user=expert(enshi, "one").user)
    with pytest.raises((NotKnown, NotPermitted)):
        experts.change_expert(xianyang.bureau_reviewer, expert_id=kept.pk, about=about())
    assert not library.experts(xianyang.auditor).exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("employer", {"employer": "  "}),
        ("employer", {"employer": "长" * 201}),
        ("fields", {"fields": []}),
        ("fields", {"fields": ["alchemy"]}),
        ("employer_organization", {"employer_organization": 987654}),
        ("conflicts", {"conflicts": "长" * 4001}),
    ],
)
def test_what_is_wrong_is_named_by_field(enshi: Place, field: str, changes: dict[str, object]) -> None:
    person = new_actor(enshi.outside, KINDS.EXPERT, "somebody")
    with pytest.raises(BadInput) as refused:
        experts.add_expert(enshi.bureau_reviewer, user_id=person.user.pk, about=about(**changes))
    assert list(refused.value.fields) == [field]


def test_only_who_holds_a_position_as_an_expert_comes_in_and_once(enshi: Place) -> None:
    with pytest.raises(BadInput) as refused:
        experts.add_expert(enshi.bureau_reviewer, user_id=enshi.outsider.user.pk, about=about())
    assert list(refused.value.fields) == ["user"]
    person = expert(enshi, "one")
    with pytest.raises(Conflict):
        experts.add_expert(enshi.bureau_reviewer, user_id=person.user.pk, about=about())


def test_the_library_has_its_pages(enshi: Place) -> None:
    person = new_actor(enshi.outside, KINDS.EXPERT, "somebody", "何某某")
    client = signed_in_client(enshi.bureau_reviewer)
    assert "何某某" in client.get("/projects/experts/add/").content.decode()
    wrong = client.post("/projects/experts/add/", {"user": person.user.pk, "employer": "某大学"})
    assert wrong.status_code == 400
    values = {"user": person.user.pk, "employer": "某大学", "fields_": ["law", "data"], "active": "on"}
    saved = client.post("/projects/experts/add/", values)
    found = Expert.objects.get()
    assert saved.headers["Location"] == f"/projects/experts/{found.pk}/"
    assert "何某某" in client.get("/projects/experts/?q=大学&field=law&active=yes").content.decode()
    assert "何某某" not in client.get("/projects/experts/?field=budget").content.decode()
    client.post(f"/projects/experts/{found.pk}/switch/", {"version": 1})
    values = {"version": 1, "employer": "另一大学", "fields_": ["law"]}
    assert client.post(f"/projects/experts/{found.pk}/change/", values).status_code == 409
    values["version"] = 2
    assert client.post(f"/projects/experts/{found.pk}/change/", values).status_code == 302
    found.refresh_from_db()
    assert (found.employer, found.active) == ("另一大学", False)


def test_an_expert_comes_to_the_own_entry_alone(enshi: Place) -> None:
    person, other = expert(enshi, "one"), expert(enshi, "two")
    client = signed_in_client(person)
    own = Expert.objects.get(user=person.user)
    assert client.get("/projects/experts/").headers["Location"] == f"/projects/experts/{own.pk}/"
    assert client.get(f"/projects/experts/{own.pk}/").status_code == 200
    assert client.get(f"/projects/experts/{Expert.objects.get(user=other.user).pk}/").status_code == 404


def test_the_library_over_the_api(enshi: Place) -> None:
    person = new_actor(enshi.outside, KINDS.EXPERT, "somebody")
    client = token_client(enshi.bureau_reviewer)
    body = {"user": person.user.pk, "employer": "某大学", "expertise": ["law"], "conflicts": "某公司"}
    added = client.post("/api/v1/experts/", body, format="json")
    assert added.status_code == 201
    key = added.json()["id"]
    changed = client.patch(f"/api/v1/experts/{key}/", {"active": False, "version": 1}, format="json")
    assert (changed.json()["active"], changed.json()["conflicts"], changed.json()["version"]) == (False, "某公司", 2)
    assert client.patch(f"/api/v1/experts/{key}/", {"active": True, "version": 1}, format="json").status_code == 409
    assert [row["id"] for row in client.get("/api/v1/experts/?active=no").json()["results"]] == [key]
