"""Who reads English reads the English names of organizations; the record keeps the Chinese ones."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.utils import translation
from openpyxl import load_workbook

from audit.models import AuditEntry
from cases import outstanding, wording
from cases.models import Case
from organizations.models import Organization
from tests.cast import Place, signed_in_client
from tests.scenes import act, filed, published_resource


@pytest.fixture
def case(enshi: Place) -> Case:
    """A refused request between organizations that have English names."""
    for organization in (enshi.applicant, enshi.provider):
        Organization.objects.filter(pk=organization.pk).update(name_en=f"Bureau {organization.pk}")
    for actor in enshi.actors.values():
        if actor.position is not None:
            actor.position.organization.refresh_from_db()
    found = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, found, "endorse")
    found.refresh_from_db()
    return found


def test_pages_and_notices_name_organizations_in_the_readers_language(enshi: Place, case: Case) -> None:
    applicant = Organization.objects.get(pk=enshi.applicant.pk)
    assert case.title.startswith(f"{applicant.short_name} → ")
    browser = signed_in_client(enshi.provider_handler)
    for path in ("/", "/cases/", "/cases/notices/", f"/cases/{case.number}/", "/search/?q=GX"):
        english = browser.get(path, headers={"Accept-Language": "en"}, follow=True).content.decode()
        assert f"{applicant.name_en} → 统计用区划代码" in english, path
        assert f"{applicant.short_name} → " not in english, path
        chinese = browser.get(path, headers={"Accept-Language": "zh-hans"}, follow=True).content.decode()
        assert f"{applicant.short_name} → 统计用区划代码" in chinese, path


def test_a_notice_names_in_english_who_acted(enshi: Place, case: Case) -> None:
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    act(enshi.provider_leader, case, "consent")
    provider = Organization.objects.get(pk=enshi.provider.pk)
    told = outstanding.notices(enshi.applicant_handler).filter(kind="informed").first()
    assert told is not None
    with translation.override("en"):
        assert provider.name_en in wording.sentence(told)
    with translation.override("zh-hans"):
        assert provider.name in wording.sentence(told)


def test_the_excel_of_a_report_is_in_the_readers_language(enshi: Place, case: Case) -> None:
    path = "/reports/cases/export/"
    answer = signed_in_client(enshi.auditor).post(path, headers={"Accept-Language": "en"})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    cells = [str(cell) for row in load_workbook(BytesIO(body)).active.iter_rows(values_only=True) for cell in row]
    assert any(cell.startswith(f"Bureau {enshi.applicant.pk} → ") for cell in cells)
    assert f"Bureau {enshi.applicant.pk}" in cells


def test_the_record_keeps_the_chinese_name_whatever_the_readers_language(enshi: Place, case: Case) -> None:
    with translation.override("en"):
        act(enshi.provider_handler, case, "propose", proposal="consent", opinion="符合条件")
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert entry.organization == enshi.provider.name


def test_the_facets_of_the_catalogue_name_providers_in_the_readers_language(enshi: Place, case: Case) -> None:
    browser = signed_in_client(enshi.applicant_handler)
    name = f"Bureau {enshi.provider.pk}"
    assert browser.get("/catalog/", headers={"Accept-Language": "en"}).content.decode().count(name) > 1
    assert name not in browser.get("/catalog/", headers={"Accept-Language": "zh-hans"}).content.decode()
