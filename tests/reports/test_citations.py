"""An article is cited with the name of its law: over the API of cases, and in the workbook of decisions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from organizations.actors import Actor
from reports.definitions import CASES
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
LAW = "《恩施市政务数据资源共享管理暂行办法》第16条"


def test_the_api_cites_the_law_beside_the_bare_article(enshi: Place, api_for: Callable[[Actor], APIClient]) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    client = api_for(enshi.provider_leader)
    (clock,) = client.get(f"/api/v1/cases/{case.number}/clocks/").json()
    assert (clock["article"], clock["citation"]) == ("16", LAW)
    english = client.get(f"/api/v1/cases/{case.number}/clocks/", headers={"accept-language": "en"}).json()[0]
    assert english["citation"].endswith(", art. 16")
    actions = client.get(f"/api/v1/cases/{case.number}/").json()["actions"]
    reasons = [reason for action in actions for reason in action["why_closed"]]
    assert reasons
    assert all(reason["citation"] for reason in reasons)


def test_the_workbook_of_decisions_cites_the_law(enshi: Place) -> None:
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    act(enshi.provider_handler, case, "propose", proposal="refuse", opinion="超出职责")
    act(enshi.provider_leader, case, "refuse", reason="超出使用范围")
    form = CASES.form({})
    assert form.is_valid()
    (line,) = CASES.page(enshi.auditor, form, "").lines
    basis = next(column for column in CASES.columns if str(column.label) == "依据").value(line)
    assert basis.startswith("《")
    assert basis.endswith(f"》第{line.decision.rule.article}条")
