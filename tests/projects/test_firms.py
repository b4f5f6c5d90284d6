"""The register of firms: kept by handlers, barred by the authority, read by the place, each as far as it may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from organizations.actors import Actor
from projects.models import Firm, FirmBan
from projects.services import firms
from tests.cast import Place, made_up_code
from tests.projects import contract_scene as scene

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
ENGLISH = {"accept-language": "en"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def typed(**changes: Any) -> dict[str, Any]:
    return {"name": "某软件公司", "credit_code": made_up_code(7001), "qualification": "甲级", **changes}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_handler_enters_and_changes_a_firm(enshi: Place, client_for: Browser, language: str) -> None:
    client, spoken = client_for(enshi.applicant_handler), {"accept-language": language}
    assert client.get(reverse("projects:add-firm"), headers=spoken).status_code == 200
    code = made_up_code(7001)
    answer = client.post(reverse("projects:add-firm"), typed(credit_code=f" {code[:8]} {code[8:]}"), headers=spoken)
    firm = Firm.objects.get()
    assert answer["Location"] == reverse("projects:firm", args=[firm.pk])
    assert firm.credit_code == code
    assert client.get(answer["Location"], headers=spoken).status_code == 200
    change = reverse("projects:change-firm", args=[firm.pk])
    assert firm.name in text(client.get(change, headers=spoken))
    assert client.post(change, typed(name="某软件股份公司", small="on", version=1), headers=spoken).status_code == 302
    firm.refresh_from_db()
    assert (firm.name, firm.small, firm.version) == ("某软件股份公司", True, 2)
    late = client.post(change, typed(name="后到的名称", version=1), headers=spoken)
    assert late.status_code == 409
    assert "后到的名称" in text(late)
    assert AuditEntry.objects.filter(subject="firm", verb__in=("firm.add", "firm.change")).count() == 2


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"credit_code": "91110000123456789"}, 400, ""),
        ({"credit_code": made_up_code(7001)[:-1] + "0"}, 400, ""),
        ({"name": " "}, 400, "This field is required."),
        ({"qualification": "", "qualified_until": "2027-01-01"}, 400, "Name the qualification"),
        ({"qualified_until": "2027-13-01"}, 400, "Enter a valid date."),
        ({"credit_code": made_up_code(7002)}, 409, "is in the register"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_and_kept_on_the_page(
    enshi: Place, client_for: Browser, changes: dict[str, Any], status: int, sentence: str
) -> None:
    scene.firm(enshi, 7002)
    client = client_for(enshi.applicant_handler)
    answer = client.post(reverse("projects:add-firm"), typed(small="on", **changes), headers=ENGLISH)
    assert answer.status_code == status
    assert sentence in text(answer)
    assert "checked" in text(answer)
    assert Firm.objects.count() == 1


def test_the_authority_bars_a_firm_and_says_why(enshi: Place, client_for: Browser) -> None:
    firm = scene.firm(enshi)
    address = reverse("projects:bar-firm", args=[firm.pk])
    today = timezone.localdate()
    assert client_for(enshi.applicant_handler).get(address).status_code == 403
    assert client_for(enshi.applicant_handler).post(address, {}).status_code == 403
    client = client_for(enshi.bureau_approver)
    assert client.get(address, headers=ENGLISH).status_code == 200
    values = {"since": today.isoformat(), "until": (today - timedelta(days=1)).isoformat(), "reason": "串通投标"}
    refused = client.post(address, values, headers=ENGLISH)
    assert refused.status_code == 400
    assert "This lies before the first day." in text(refused)
    assert "串通投标" in text(refused)
    assert client.post(address, {**values, "reason": ""}, headers=ENGLISH).status_code == 400
    assert client.post(address, {**values, "until": ""}).status_code == 302
    assert FirmBan.objects.get().until is None
    shown = text(client_for(enshi.applicant_handler).get(reverse("projects:firm", args=[firm.pk]), headers=ENGLISH))
    assert "barred until further notice" in shown
    assert "串通投标" in shown


def test_filters_find_what_they_name_and_excel_has_the_same(enshi: Place, client_for: Browser) -> None:
    small = scene.firm(enshi, 7001, name="甲小企业", small=True)
    barred = scene.firm(enshi, 7002, name="乙公司")
    past = scene.firm(enshi, 7003, name="丙公司")
    today = timezone.localdate()
    ban = {"reason": "违约"}
    firms.bar_firm(enshi.bureau_approver, firm=barred, since=today, until=today, **ban)
    firms.bar_firm(
        enshi.bureau_approver, firm=past, since=today - timedelta(days=9), until=today - timedelta(days=1), **ban
    )
    client = client_for(enshi.applicant_handler)

    def found(query: str) -> set[str]:
        page = text(client.get(reverse("projects:firms") + query))
        sheet = client.get(reverse("projects:firm-sheet") + query)
        cells = {row[0] for row in openpyxl.load_workbook(BytesIO(sheet.content)).active.iter_rows(values_only=True)}
        names = {firm.name for firm in (small, barred, past) if f"{firm.name}</a>" in page}
        assert names == {firm.name for firm in (small, barred, past)} & cells
        return names

    assert found("") == {"甲小企业", "乙公司", "丙公司"}
    assert found("?size=yes") == {"甲小企业"}
    assert found("?barred=yes") == {"乙公司"}
    assert found("?barred=no&q=公司") == {"丙公司"}
    assert found(f"?q={past.credit_code}") == {"丙公司"}
    assert found("?size=maybe") == set()


def test_the_register_goes_on_from_page_to_page_with_the_same_questions(
    enshi: Place, client_for: Browser, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(53):
        scene.firm(enshi, 7100 + number, name=f"公司{number:03d}")
    client = client_for(enshi.applicant_handler)
    first = client.get(reverse("projects:firms"))
    with django_assert_max_num_queries(14):
        first = client.get(reverse("projects:firms"))
    second = client.get(reverse("projects:firms"), {"cursor": first.context["page"].next})
    assert [firm.name for firm in second.context["page"].rows] == ["公司050", "公司051", "公司052"]
    assert client.get(reverse("projects:firms"), {"cursor": "forged"}).status_code == 400


def test_the_page_of_a_firm_shows_what_each_reader_may_know(enshi: Place, xianyang: Place, client_for: Browser) -> None:
    """The place knows the firm and its bans; its contracts and payments only who may see the project."""
    project = scene.approved(enshi)
    contract = scene.signed(enshi, project)
    scene.paid(enshi, contract)
    address = reverse("projects:firm", args=[contract.firm_id])
    own = text(client_for(enshi.applicant_handler).get(address, headers=ENGLISH))
    for part in (project.name, "HT-2026-01", "600,000.00", "240,000.00", contract.case.number):
        assert part in own
    for reader in (enshi.outsider, enshi.administrator):
        other = client_for(reader).get(address, headers=ENGLISH)
        assert other.status_code == 200
        for part in (project.name, project.code, "HT-2026-01", "600,000.00", contract.case.number):
            assert part not in text(other)
    assert client_for(xianyang.applicant_handler).get(address).status_code == 404
    assert contract.firm.name not in text(client_for(xianyang.applicant_handler).get(reverse("projects:firms")))
