"""Entries withheld before the nation asked for a law, a regulation or the State Council: flagged, never converted."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import legal_basis, selectors
from catalog.models import Resource, SharingClass
from catalog.selectors import Query
from tests.cast import Cast, signed_in_client
from tests.scenes import published_resource, store_law

NATIONAL = [
    "《数据安全法》第二十一条",
    "《中华人民共和国统计法》（2024年修正）第二十五条",
    "统计法第二十五条",
    "《自然保护区条例》第三条",
    "《城市供水条例》第二条",
    "国务院决定",
    "《国务院关于在线政务服务的若干规定》",
]
LESSER = [
    "",
    "本单位内部规定",
    "《咸阳市政务信息资源共享管理办法》第八条",
    "管理办法第三条",
    "《陕西省大数据条例》第十条",
    "《内蒙古自治区某某条例》",
    "上级部门口头要求",
]


@pytest.mark.parametrize("basis", NATIONAL)
def test_a_law_a_regulation_or_the_state_council_is_a_national_basis(basis: str) -> None:
    assert legal_basis.is_national(basis)


@pytest.mark.parametrize("basis", LESSER)
def test_measures_local_regulations_and_silence_are_none(basis: str) -> None:
    assert not legal_basis.is_national(basis)


def withheld(cast: Cast, basis: str) -> Resource:
    """An entry as an older catalogue would have brought it."""
    resource = published_resource(cast.enshi, title=f"不予共享({basis})", sharing_class=SharingClass.WITHHELD)
    Resource.objects.filter(pk=resource.pk).update(withheld_basis=basis)
    resource.refresh_from_db()
    return resource


@pytest.mark.django_db
def test_the_database_and_python_see_the_same_entries(cast: Cast) -> None:
    """The filter of the list asks PostgreSQL, the badge asks Python: one pattern, one answer."""
    for basis in (*NATIONAL, *LESSER[1:]):
        withheld(cast, basis)
    published_resource(cast.enshi, title="无条件")
    found = selectors.withheld_without_basis(cast.enshi.bureau_reviewer)
    assert sorted(found.values_list("withheld_basis", flat=True)) == sorted(LESSER[1:])
    assert all(not legal_basis.is_national(row.withheld_basis) for row in found)


@pytest.mark.django_db
def test_the_list_is_narrowed_to_them_and_they_stay_as_they_are(cast: Cast) -> None:
    actor = cast.enshi.bureau_reviewer
    flagged, fine = withheld(cast, LESSER[1]), withheld(cast, NATIONAL[0])
    query = Query(jurisdiction=actor.jurisdiction_id, basis=selectors.LACKING)
    assert [row.pk for row in selectors.one_page(actor, query, timezone.now()).rows] == [flagged.pk]
    flagged.refresh_from_db()
    assert (flagged.sharing_class, flagged.status) == (SharingClass.WITHHELD, Resource.Status.PUBLISHED)
    assert fine.pk


@pytest.mark.django_db
def test_list_and_page_carry_the_flag(cast: Cast) -> None:
    store_law()
    flagged, fine = withheld(cast, LESSER[1]), withheld(cast, NATIONAL[0])
    client = signed_in_client(cast.enshi.bureau_reviewer)
    english = {"accept-language": "en"}
    page = client.get(reverse("catalog:resource", args=[flagged.pk]), headers=english).content.decode()
    assert "basis to be reviewed" in page
    other = client.get(reverse("catalog:resource", args=[fine.pk]), headers=english).content.decode()
    assert "basis to be reviewed" not in other
    address = reverse("catalog:resources")
    narrowed = client.get(f"{address}?basis=lacking", headers=english).content.decode()
    assert flagged.title in narrowed
    assert fine.title not in narrowed
    offered = client.get(f"{address}?sharing_class=withheld", headers=english).content.decode()
    assert "basis=lacking" in offered
    assert "to be reviewed" in offered
