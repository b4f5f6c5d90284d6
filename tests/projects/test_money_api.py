"""Procurements, contracts, payments, changes and firms over the API: what begins, what is refused, who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from organizations.actors import Actor
from projects.models import Change, Contract, Payment, Procurement, Supplement
from tests.cast import Place, made_up_code, place_of
from tests.projects import building_scene as scene
from tests.projects.contract_scene import papers
from tests.scenes import act

pytestmark = pytest.mark.django_db
Api = Callable[[Actor], APIClient]
V1 = "/api/v1"


def purchase(place: Place, project: int, **changes: Any) -> dict[str, Any]:
    return {
        "project": project,
        "kind": "build",
        "title": "平台建设",
        "method": "inquiry",
        "budget": "700000.00",
        "inputs": {"papers": papers(place.applicant_handler)},
        **changes,
    }


def terms(**changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "number": "HT-1",
        "title": "平台建设合同",
        "amount": "600000.00",
        "bond": "60000.00",
        "begins_on": "2026-12-01",
        "ends_on": "2027-09-01",
        "deliverables": "软件和文档",
        "ownership": "归建设单位所有",
        "source_code": True,
        "warranty_months": 36,
        "stages": [
            {"title": "到货安装", "percent": "40", "planned_on": "2027-03-01"},
            {"title": "试运行合格", "percent": "60", "planned_on": "2027-09-01"},
        ],
        **changes,
    }


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.json() if status != 204 else None


def test_from_a_purchase_to_a_contract(api_for: Api) -> None:
    """Begun, offers taken, awarded, written: every figure is a decimal string in yuan."""
    place, project = scene.begun("enshi")
    owner = api_for(place.applicant_handler)
    made = ok(owner.post(f"{V1}/procurements/", purchase(place, project.pk), format="json"), 201)
    assert (made["budget"], made["state"], made["offers"]) == ("700000.00", "plan_review", [])
    row = Procurement.objects.get(pk=made["id"])
    act(place.authority_approver, row.case, "consent", opinion="同意")
    act(place.applicant_handler, row.case, "announce", papers=papers(place.applicant_handler))
    good = ok(owner.post(f"{V1}/firms/", {"name": "某软件公司", "credit_code": made_up_code(7001)}, format="json"), 201)
    other = ok(owner.post(f"{V1}/firms/", {"name": "另一公司", "credit_code": made_up_code(7002)}, format="json"), 201)
    offers = f"{V1}/procurements/{row.pk}/offers/"
    won = ok(owner.post(offers, {"firm": good["id"], "price": "600000.00"}, format="json"), 201)
    lost = ok(owner.post(offers, {"firm": other["id"], "price": "650000.00"}, format="json"), 201)
    ok(owner.post(offers, {"firm": good["id"], "price": "1.00"}, format="json"), 409)
    ok(owner.delete(f"{offers}{lost['id']}/"), 204)
    actions = f"{V1}/cases/{made['case']}/actions"
    row.case.refresh_from_db()
    said = {"version": row.case.seq, "inputs": {"winner": [str(won["id"])]}, "opinion": "报价最低"}
    ok(api_for(place.applicant_leader).post(f"{actions}/award/", said, format="json"))
    ok(owner.delete(f"{offers}{won['id']}/"), 409)
    act(place.applicant_handler, row.case, "publish_result")
    found = ok(owner.get(f"{V1}/procurements/{row.pk}/"))
    assert [offer["won"] for offer in found["offers"]] == [True]
    address = f"{V1}/contracts/{found['contract']}/"
    assert ok(owner.get(address))["stages"] == []
    written = ok(owner.put(address, terms(), format="json"))
    assert [stage["amount"] for stage in written["stages"]] == ["240000.00", "360000.00"]
    assert (written["due"], written["paid"], written["left"], written["version"]) == ("0.00", "0.00", "0.00", 2)


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"amount": "600000.01"}, 400, "amount"),
        ({"stages": [{"title": "一次", "percent": "99.99", "planned_on": "2027-03-01"}]}, 400, "stages"),
        ({"ends_on": "2026-11-30"}, 400, "ends_on"),
        ({"bond": "600000.01"}, 400, "bond"),
        ({"bond": "-1"}, 400, "bond"),
        ({"version": 7}, 409, ""),
        ({"amount": "sechzig"}, 400, "amount"),
        ({"stages": []}, 400, "stages"),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(
    api_for: Api, changes: dict[str, Any], status: int, field: str
) -> None:
    place, project = scene.begun("enshi")
    contract = scene.award(place, scene.offer(place, scene.procurement(place, project), scene.firm(place)))
    answer = api_for(place.applicant_handler).put(f"{V1}/contracts/{contract.pk}/", terms(**changes), format="json")
    body = ok(answer, status)
    assert not field or field in str(body)
    assert not contract.milestones.exists()


def test_a_closed_gate_is_a_conflict_with_rule_and_sentence(api_for: Api) -> None:
    place, project = scene.begun("enshi")
    owner = api_for(place.applicant_handler)
    answer = owner.post(f"{V1}/procurements/", purchase(place, project.pk, budget="860000.01"), format="json")
    body = ok(answer, 409)
    assert "project.build_as_approved" in str(body)
    assert not Procurement.objects.exists()


def test_the_same_key_begins_one_thing(api_for: Api) -> None:
    place, project = scene.begun("enshi")
    owner = api_for(place.applicant_handler)
    body = purchase(place, project.pk)
    first, second = (
        ok(owner.post(f"{V1}/procurements/", body, format="json", HTTP_IDEMPOTENCY_KEY="k1"), 201) for _n in range(2)
    )
    assert first["id"] == second["id"]
    assert Procurement.objects.count() == 1
    change = {"project": project.pk, "kind": "content", "description": "加", "reason": "需要", "delta": "1.00"}
    ok(owner.post(f"{V1}/changes/", change, format="json", HTTP_IDEMPOTENCY_KEY="k1"), 409)
    assert not Change.objects.exists()


def test_payments_are_asked_for_and_called_back(api_for: Api) -> None:
    place, contract = scene.built("enshi")
    owner, finance = api_for(place.applicant_handler), api_for(place.finance_reviewer)
    stage = contract.milestones.first()
    body = {
        "contract": contract.pk,
        "milestone": stage.pk,
        "amount": "240000.00",
        "inputs": {"papers": papers(place.applicant_handler)},
    }
    asked = ok(owner.post(f"{V1}/payments/", body, format="json"), 201)
    assert (asked["kind"], asked["amount"], asked["posted_on"]) == ("stage", "240000.00", None)
    again = {**body, "inputs": {"papers": papers(place.applicant_handler)}}
    ok(owner.post(f"{V1}/payments/", again, format="json"), 409)
    assert ok(owner.get(f"{V1}/milestones/?contract={contract.pk}"))["results"][0]["asked"] == "240000.00"
    scene.pay(place, Payment.objects.select_related("case").get(pk=asked["id"]))
    back = {"contract": contract.pk, "amount": "1000.00", "recall": True, "inputs": {"reason": "多付"}}
    ok(finance.post(f"{V1}/payments/", {**back, "milestone": stage.pk}, format="json"), 400)
    ok(finance.post(f"{V1}/payments/", {**back, "amount": "240000.01"}, format="json"), 400)
    recall = ok(finance.post(f"{V1}/payments/", back, format="json"), 201)
    assert recall["kind"] == "recall"
    found = ok(owner.get(f"{V1}/contracts/{contract.pk}/"))
    assert [(row["kind"], row["amount"]) for row in found["payments"]] == [
        ("stage", "240000.00"),
        ("recall", "1000.00"),
    ]
    assert (found["paid"], found["left"]) == ("240000.00", "360000.00")
    paid = ok(owner.get(f"{V1}/payments/?paid=yes&contract={contract.pk}"))
    assert [row["id"] for row in paid["results"]] == [asked["id"]]
    assert ok(owner.get(f"{V1}/payments/{recall['id']}/"))["project"]["id"] == contract.project_id


def test_a_stage_of_another_contract_is_not_there(api_for: Api) -> None:
    place, contract = scene.built("xianyang")
    other = contract.project.contracts.exclude(pk=contract.pk).get()
    body = {"contract": contract.pk, "milestone": other.milestones.first().pk, "amount": "1.00"}
    ok(api_for(place.applicant_handler).post(f"{V1}/payments/", body, format="json"), 404)


def test_changes_and_supplements_begin_over_the_api(api_for: Api) -> None:
    place, contract = scene.built("xianyang")
    owner = api_for(place.applicant_handler)
    given = {"papers": papers(place.applicant_handler)}
    body = {
        "project": contract.project_id,
        "kind": "estimate",
        "description": "增加服务器",
        "reason": "涨价",
        "delta": "-1000.00",
        "inputs": given,
    }
    made = ok(owner.post(f"{V1}/changes/", body, format="json"), 201)
    assert (made["delta"], made["moved"], made["state"]) == ("-1000.00", "0.00", "own_head")
    ok(owner.post(f"{V1}/changes/", body, format="json"), 409)
    assert ok(owner.get(f"{V1}/changes/?approved=no"))["results"][0]["id"] == made["id"]
    assert ok(owner.get(f"{V1}/changes/{made['id']}/"))["reason"] == "涨价"
    more = {"title": "增加接口", "amount": "60000.00", "inputs": {"papers": papers(place.applicant_handler)}}
    supplement = ok(owner.post(f"{V1}/contracts/{contract.pk}/supplements/", more, format="json"), 201)
    assert Supplement.objects.get().pk == supplement["id"]
    over = {**more, "amount": "60000.01", "inputs": {"papers": papers(place.applicant_handler)}}
    refused = ok(owner.post(f"{V1}/contracts/{contract.pk}/supplements/", over, format="json"), 409)
    assert "procurement.supplement" in str(refused)


def test_a_project_shows_the_sums_of_its_ledger(api_for: Api) -> None:
    place, contract = scene.built("xianyang")
    scene.pay(place, scene.ask(place, contract))
    body = ok(api_for(place.applicant_handler).get(f"{V1}/projects/{contract.project_id}/"))
    assert body["money"]["sums"] == {
        "approved": "860000.00",
        "contracted": "650000.00",
        "paid": "240000.00",
        "left": "410000.00",
    }


def test_the_register_of_firms(api_for: Api) -> None:
    place = scene.city("enshi")
    owner = api_for(place.applicant_handler)
    body = {"name": "某软件公司", "credit_code": made_up_code(7001), "qualification": "甲级", "small": True}
    firm = ok(owner.post(f"{V1}/firms/", body, format="json"), 201)
    ok(owner.post(f"{V1}/firms/", body, format="json"), 409)
    wrong = ok(owner.post(f"{V1}/firms/", {**body, "credit_code": made_up_code(7001)[:-1] + "0"}, format="json"), 400)
    assert "credit_code" in str(wrong)
    address = f"{V1}/firms/{firm['id']}/"
    changed = ok(owner.put(address, {**body, "name": "某软件有限公司", "version": 1}, format="json"))
    assert (changed["name"], changed["version"]) == ("某软件有限公司", 2)
    ok(owner.put(address, {**body, "version": 1}, format="json"), 409)
    today = timezone.localdate()
    ban = {"since": today.isoformat(), "until": (today + timedelta(days=3)).isoformat(), "reason": "串通投标"}
    ok(owner.post(f"{address}bans/", ban, format="json"), 403)
    barred = ok(api_for(place.bureau_approver).post(f"{address}bans/", ban, format="json"), 201)
    assert barred["bans"] == [ban]
    assert [row["id"] for row in ok(owner.get(f"{V1}/firms/?barred=yes&size=yes"))["results"]] == [firm["id"]]
    assert ok(owner.get(f"{V1}/firms/?barred=no"))["count"] == 0
    assert ok(owner.get(f"{V1}/firms/?barred=perhaps"), 400)


@pytest.mark.parametrize("query", ["project=x", "project=99999999999999999999", "firm=-1", "signed=no", "project=0"])
def test_filters_that_nothing_answers_find_nothing(api_for: Api, query: str) -> None:
    place, _contract = scene.built("enshi")
    answer = api_for(place.applicant_handler).get(f"{V1}/contracts/?{query}")
    assert ok(answer)["results"] == []


def test_strangers_see_neither_contract_nor_money(api_for: Api) -> None:
    place, contract = scene.built("enshi")
    payment = scene.ask(place, contract)
    change = scene.propose_change(place, contract.project)
    other = place_of("xianyang")
    one = [
        f"procurements/{contract.procurement_id}/",
        f"contracts/{contract.pk}/",
        f"payments/{payment.pk}/",
        f"changes/{change.pk}/",
    ]
    for stranger in (place.outsider, place.administrator, other.applicant_handler):
        client = api_for(stranger)
        for listing in ("procurements", "contracts", "milestones", "payments", "changes"):
            assert ok(client.get(f"{V1}/{listing}/"))["results"] == []
        assert {client.get(f"{V1}/{address}").status_code for address in one} == {404}
        assert client.put(f"{V1}/contracts/{contract.pk}/", terms(), format="json").status_code == 404
        asked = {"contract": contract.pk, "amount": "1.00"}
        assert client.post(f"{V1}/payments/", asked, format="json").status_code == 404
        change_of = {"project": contract.project_id, "kind": "content", "description": "a", "reason": "b"}
        assert client.post(f"{V1}/changes/", change_of, format="json").status_code == 404


def test_lists_are_paged_and_cost_the_same_queries_however_long(
    api_for: Api, django_assert_max_num_queries: Any
) -> None:
    place, contract = scene.built("xianyang")
    clients = api_for(place.applicant_handler)
    listings = ("procurements", "contracts", "milestones", "payments", "changes", "firms")
    for listing in listings:
        with django_assert_max_num_queries(16):
            assert ok(clients.get(f"{V1}/{listing}/"))["next"] is None
    assert Contract.objects.count() == 2
    assert sum(Decimal(row["due"]) for row in ok(clients.get(f"{V1}/contracts/"))["results"]) == Decimal(650_000)
    assert contract.firm.contracts.count() == 1
