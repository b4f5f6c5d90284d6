"""Releases of projects are valid by the standard's own check, and their amounts are those of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from organizations.actors import Actor
from organizations.models import Organization
from projects.models import Contract, Project
from projects.standing import money_of
from tests.cast import Place, place_of
from tests.projects import building_scene as scene
from tests.projects.ocds_standard import problems
from tests.scenes import act

pytestmark = pytest.mark.django_db
Api = Callable[[Actor], APIClient]
ADDRESS = "/api/v1/ocds/releases.json"
every_city = pytest.mark.parametrize("name", scene.CITIES)


def released(client: APIClient, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{ADDRESS}{query}")
    assert answer.status_code == 200, answer.content.decode()[:2000]
    body: dict[str, Any] = answer.json()
    assert problems(body) == []
    return body


def yuan(values: list[dict[str, Any]]) -> Decimal:
    assert {row["currency"] for row in values} <= {"CNY"}
    return sum((Decimal(str(row["amount"])) for row in values), Decimal(0))


def processes(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [release for release in package["releases"] if "tender" in release]


def of_kind(package: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """The release of the process that led to a contract."""
    (found,) = [row for row in processes(package) if row["ocid"].endswith(f"-{contract.procurement_id}")]
    return found


def check_amounts(package: dict[str, Any], project: Project) -> None:
    money = money_of(project)
    (plan,) = [release for release in package["releases"] if "tender" not in release]
    contracts = [contract for release in processes(package) for contract in release.get("contracts", [])]
    moved = [row["value"] for each in contracts for row in each["implementation"].get("transactions", [])]
    assert yuan([plan["planning"]["budget"]["amount"]]) == (money.approved or project.total)
    assert yuan([contract["value"] for contract in contracts]) == money.contracted
    assert yuan(moved) == money.paid


@every_city
def test_a_release_grows_with_the_project(name: str, api_for: Api) -> None:
    """At each step of a project's life the package is valid and its amounts are the ledger's."""
    place, project = scene.begun(name)
    client = api_for(place.applicant_handler)
    contract = scene.contracted(place, project)
    check_amounts(released(client), project)
    scene.pay(place, scene.ask(place, contract))
    scene.recall(place, contract, Decimal("999.99"))
    scene.sign_supplement(place, scene.supplement(place, contract, Decimal("12345.67")))
    scene.decide_change(place, scene.propose_change(place, project, delta=Decimal("-10000.01")))
    project.refresh_from_db()
    package = released(client)
    check_amounts(package, project)
    release = of_kind(package, contract)
    assert release["tag"] == ["tender", "award", "contract", "contractAmendment", "implementation"]
    (told,) = release["contracts"]
    assert [row["id"].partition("-")[0] for row in told["amendments"]] == ["supplement", "change"]
    assert [row["status"] for row in told["implementation"]["milestones"]] == ["met", "scheduled"]
    amounts = [row["value"]["amount"] for row in told["implementation"]["transactions"]]
    assert amounts == [240000.0, -999.99]


def test_tags_follow_how_far_a_process_is(api_for: Api) -> None:
    place, project = scene.begun("enshi")
    client = api_for(place.applicant_handler)
    procurement = scene.procurement(place, project)
    (release,) = processes(released(client))
    assert (release["tag"], release["tender"]["status"]) == (["tender"], "active")
    bidder = scene.offer(place, procurement, scene.firm(place))
    contract = scene.write(place, scene.award(place, bidder))
    (release,) = processes(released(client))
    assert (release["tag"], release["tender"]["status"]) == (["tender", "award"], "complete")
    assert release["awards"][0]["value"] == {"amount": 600000.0, "currency": "CNY"}
    scene.sign(place, contract)
    (release,) = processes(released(client))
    assert release["tag"] == ["tender", "award", "contract"]
    stopped = scene.procurement(place, project)
    act(place.buyer_leader, stopped.case, "stop", reason="需求变化")
    release = processes(released(client))[-1]
    assert (release["tag"], release["tender"]["status"]) == (["tender", "tenderCancellation"], "cancelled")


def test_a_contract_that_came_to_nothing_leaves_a_cancelled_award(api_for: Api) -> None:
    place, project = scene.begun("enshi")
    contract = scene.award(place, scene.offer(place, scene.procurement(place, project), scene.firm(place)))
    act(place.applicant_leader, contract.case, "give_up", reason="供应商放弃")
    scene.cases.sweep()
    (release,) = processes(released(api_for(place.applicant_handler)))
    assert (release["tender"]["status"], release["awards"][0]["status"]) == ("unsuccessful", "cancelled")
    assert "contracts" not in release


def test_each_procurement_names_the_plan_as_its_related_process(api_for: Api) -> None:
    place, contract = scene.built("xianyang")
    package = released(api_for(place.applicant_handler))
    plan, *others = package["releases"]
    assert plan["tag"] == ["planning"]
    assert plan["ocid"] == f"ocds-610400-{contract.project.code}"
    assert len(others) == 2
    for release in others:
        (related,) = release["relatedProcesses"]
        assert (related["relationship"], related["identifier"]) == (["planning"], plan["ocid"])
    assert len({release["id"] for release in package["releases"]}) == 3


def test_a_registered_prefix_replaces_the_one_made_of_the_region(api_for: Api, settings: Any) -> None:
    settings.OCDS_PREFIX = "ocds-abc123"
    place, contract = scene.built("enshi")
    package = released(api_for(place.applicant_handler))
    assert {release["ocid"].startswith(f"ocds-abc123-{contract.project.code}") for release in package["releases"]} == {
        True
    }


def test_parties_bear_their_roles_and_credit_codes(api_for: Api) -> None:
    """In Panjin the Centre procures; the owner buys and pays."""
    place, project = scene.begun("panjin")
    procurement = scene.procurement(place, project)
    scene.offer(place, procurement, scene.firm(place, 7002), Decimal(650_000))
    winner = scene.offer(place, procurement, scene.firm(place))
    contract = scene.file(place, scene.sign(place, scene.write(place, scene.award(place, winner))))
    scene.pay(place, scene.ask(place, contract))
    release = of_kind(released(api_for(place.applicant_handler)), contract)
    roles = {row["identifier"]["id"]: set(row["roles"]) for row in release["parties"]}
    codes = {row["identifier"]["scheme"] for row in release["parties"]}
    bureau: Organization = place.bureau
    assert codes == {"CN-USCC"}
    assert roles[place.applicant.code] == {"buyer", "payer"}
    assert roles[bureau.code] == {"procuringEntity"}
    assert roles[winner.firm.credit_code] == {"tenderer", "supplier", "payee"}
    assert len(roles) == 4
    assert release["tender"]["numberOfTenderers"] == 2


def test_one_project_can_be_asked_for(api_for: Api) -> None:
    place, project = scene.begun("enshi")
    second = scene.approved(place, name="第二个项目")
    client = api_for(place.applicant_handler)
    assert len(released(client)["releases"]) == 2
    (release,) = released(client, f"?project={second.pk}")["releases"]
    assert release["planning"]["budget"]["projectID"] == second.code != project.code


def test_pages_are_linked(api_for: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is a package of its own; together they tell of every project once."""
    monkeypatch.setattr("projects.ocds_api.PROJECTS_PER_PAGE", 1)
    place, _project = scene.begun("enshi")
    scene.approved(place, name="第二个项目")
    client = api_for(place.applicant_handler)
    first = released(client)
    second = client.get(first["links"]["next"]).json()
    assert problems(second) == []
    assert "next" not in second["links"]
    told = [release["ocid"] for package in (first, second) for release in package["releases"]]
    assert len(told) == len(set(told)) == 2
    assert client.get(second["links"]["prev"]).json()["releases"] == first["releases"]


def test_who_sees_nothing_is_released_nothing(api_for: Api) -> None:
    place, contract = scene.built("enshi")
    for stranger in (place.outsider, place.administrator, place_of("xianyang").applicant_handler):
        client = api_for(stranger)
        assert client.get(ADDRESS).status_code == 404
        assert client.get(f"{ADDRESS}?project={contract.project_id}").status_code == 404


def co_builder(place: Place, contract: Contract) -> Actor:
    """Somebody of a house that builds the project too, and holds no part of its procurement."""
    contract.project.co_builders.add(place.outside)
    return place.outsider


def test_offers_are_told_only_to_those_who_may_open_the_procurement(api_for: Api) -> None:
    """A co-builder hears of the contract and its winner, not of who else made an offer or of what is not signed."""
    place, contract = scene.built("enshi")
    scene.procurement(place, contract.project, title="尚未签约的采购")
    client = api_for(co_builder(place, contract))
    (release,) = processes(released(client))
    assert "tenderers" not in release["tender"]
    assert release["contracts"][0]["value"]["amount"] == 600000.0


def test_a_package_costs_the_same_queries_for_any_number_of_projects(
    api_for: Api, django_assert_max_num_queries: Any
) -> None:
    place, contract = scene.built("enshi")
    client = api_for(place.applicant_handler)
    released(client)
    with django_assert_max_num_queries(22) as first:
        client.get(ADDRESS)
    for number in range(3):
        project = scene.approved(place, name=f"项目{number}")
        scene.procurement(place, project)
        scene.pay(place, scene.ask(place, scene.contracted(place, project, contract.firm)))
    with django_assert_max_num_queries(len(first)):
        client.get(ADDRESS)
