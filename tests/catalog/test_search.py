"""Finding entries: exactly what LIKE finds, folded, by synonyms, best first, page by page, with counts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import folding, selectors, services
from catalog.models import Resource, SharingClass, Synonym, UpdateCycle
from catalog.selectors import Query
from organizations.actors import Actor
from organizations.errors import BadInput
from tests.cast import Cast, Place
from tests.scenes import SYSTEM, category, published_resource

ALPHABET = "区划代码空气品质質量体系系统统计統計年鉴Ａa1'\\%_ "
TITLES = (
    "统计用区划代码(村级)",
    "空氣品質監測資料",
    "空气质量监测站点",
    "企业年报公示信息",
    "水质断面监测",
    "100%达标_企业名单",
    "乾隆年间档案目录",
    "ＡＰＩ接口清单",
)


def seed_synonyms() -> None:
    """What migrating fills in, again where a transactional test has emptied the tables."""
    for migration in ("0003_synonyms", "0006_government_words"):
        import_module(f"catalog.migrations.{migration}").fill(apps, None)


def published(place: Place, title: str, **more: Any) -> Resource:
    return published_resource(place, title=title, **more)


def titles(actor: Actor, text: str, **more: Any) -> list[str]:
    query = Query(text=text, jurisdiction=more.pop("jurisdiction", actor.jurisdiction_id), **more)
    return [row.title for row in selectors.one_page(actor, query, timezone.now(), size=100).rows]


@pytest.fixture
def shelf(cast: Cast) -> Place:
    seed_synonyms()
    for title in TITLES:
        published(cast.enshi, title)
    return cast.enshi


@given(st.text(ALPHABET, max_size=12), st.text(ALPHABET, min_size=1, max_size=5))
def test_a_text_has_every_term_of_a_word_that_it_holds(text: str, word: str) -> None:
    for one in folding.words(word):
        if one in folding.fold(text):
            assert folding.query_terms(one) <= folding.terms(folding.fold(text))


@given(st.text(max_size=10), st.text(max_size=10))
def test_folding_a_text_folds_every_part_of_it_alike(one: str, other: str) -> None:
    joined = folding.fold(f"{one} {other}").split()
    assert joined == folding.fold(one).split() + folding.fold(other).split()
    if not one[-1:].isspace() and not other[:1].isspace():
        assert "".join(folding.fold(one + other).split()) == "".join(joined)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("空氣品質", "空气品质"), ("ＡＰＩ １２３", "api 123"), ("  後　臺 ", "后 台"), ("乾隆", "干隆")],
)
def test_traditional_full_width_and_capitals_are_folded(text: str, folded: str) -> None:
    assert folding.fold(text) == folded


@pytest.mark.parametrize("capped", [1000, 2])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(ALPHABET, min_size=1, max_size=4), min_size=1, max_size=2))
def test_the_same_rows_as_like_are_found(
    shelf: Place, monkeypatch: pytest.MonkeyPatch, capped: int, words: list[str]
) -> None:
    monkeypatch.setattr(selectors, "CAPPED", capped)
    Synonym.objects.all().delete()
    text = " ".join(words)
    if not folding.words(text):
        return
    rows = Resource.objects.all()
    for word in folding.words(text):
        rows = rows.extra(where=["search_text LIKE %s"], params=[folding.like(word)])
    query = Query(text=text, jurisdiction="enshi")
    found = selectors.one_page(shelf.outsider, query, timezone.now(), size=100)
    assert {row.pk for row in found.rows} == set(rows.values_list("pk", flat=True))
    assert len({row.pk for row in found.rows}) == len(found.rows)
    assert found.count == min(len(found.rows), capped + 1)
    assert set(selectors.search(shelf.outsider, query, timezone.now())) == set(found.rows)


@pytest.mark.parametrize("text", ["空氣品質", "空气质量", "空气 品质", "空氣質量"])
def test_either_of_two_words_for_one_thing_finds_both(shelf: Place, text: str) -> None:
    assert set(titles(shelf.outsider, text)) == {"空氣品質監測資料", "空气质量监测站点"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("行政区划", "统计用区划代码(村级)"),
        ("区划", "行政区划界线"),
        ("公民身份号码", "居民身份证签发记录"),
        ("最低生活保障", "低保对象名册"),
        ("户籍", "户口登记簿"),
    ],
)
def test_the_words_of_the_office_find_each_other(shelf: Place, text: str, title: str) -> None:
    for each in ("行政区划界线", "居民身份证签发记录", "低保对象名册", "户口登记簿"):
        published(shelf, each)
    assert title in titles(shelf.outsider, text)


def test_what_no_entry_has_as_a_whole_is_answered_by_the_nearest_and_the_page_says_so(
    shelf: Place, client_for: Any
) -> None:
    """More of the pairs first, titles before the rest; nothing in common stays nothing."""
    published(shelf, "其他目录", keywords=["断面监测"])
    query = Query(text="水质断面名录", jurisdiction="enshi")
    assert selectors.one_page(shelf.outsider, query, timezone.now()).count == 0
    near = [row.title for row in selectors.nearest(shelf.outsider, query, timezone.now())]
    assert near[0] == "水质断面监测"
    assert near.index("水质断面监测") < near.index("其他目录")
    assert "企业年报公示信息" not in near
    assert selectors.nearest(shelf.outsider, replace(query, text="麒麟"), timezone.now()) == []
    client = client_for(shelf.outsider)
    for address in (reverse("catalog:resources"), reverse("portal:search")):
        page = client.get(address, {"q": "水质断面名录"}).content.decode()
        assert "没有资源包含全部字词" in page
        assert "水质断面监测" in page


@pytest.mark.usefixtures("law")
def test_a_sharing_class_has_one_colour_in_every_list(shelf: Place, client_for: Any) -> None:
    found = client_for(shelf.outsider).get(reverse("portal:search"), {"q": "企业年报"}).content.decode()
    shown = Resource.objects.get(title="企业年报公示信息")
    page = client_for(shelf.outsider).get(reverse("catalog:resource", args=[shown.pk]))
    chip = '<span class="sh-chip sh-soon">有条件共享</span>'
    assert chip in found
    assert chip in page.content.decode()


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("catalog:resources", {"sharing_class": "nosuch"}),
        ("catalog:resources", {"provider": "nobody"}),
        ("catalog:resources", {"provider": "9" * 30}),
        ("catalog:resources", {"provider": "0", "fresh": "mouldy"}),
        ("cases:list", {"box": "nosuch"}),
        ("cases:list", {"family": "nosuch"}),
    ],
)
def test_a_filter_that_is_not_known_is_left_out_and_the_page_says_so(
    shelf: Place, client_for: Any, name: str, filters: dict[str, str]
) -> None:
    answer = client_for(shelf.outsider).get(reverse(name), filters)
    assert answer.status_code == 200
    page = answer.content.decode()
    for key, value in filters.items():
        assert f"无法识别筛选条件“{key}={value}”，已忽略。" in page
    if name == "catalog:resources":
        assert len(answer.context["rows"]) == len(TITLES)
        assert all("nosuch" not in choice["url"] for facet in answer.context["facets"] for choice in facet["choices"])


def test_pairs_that_stand_apart_are_no_hit(shelf: Place) -> None:
    """水质 and 质断 and 断面 stand in a title each, the whole must stand there together."""
    published(shelf, "面质水 水质 质断 断面 目录")
    assert titles(shelf.outsider, "水质断面") == ["水质断面监测"]


def test_what_is_typed_is_never_a_pattern(shelf: Place) -> None:
    assert titles(shelf.outsider, "100%达标_企业") == ["100%达标_企业名单"]
    assert titles(shelf.outsider, "%_%") == []
    assert titles(shelf.outsider, "' & '") == []


def test_titles_that_begin_with_the_words_come_first_then_titles_then_the_rest(cast: Cast) -> None:
    place = cast.enshi
    for title in ("甲类单位", "人口抽样", "年末人口"):
        published(place, title, keywords=["人口"])
    assert titles(place.outsider, "人口") == ["人口抽样", "年末人口", "甲类单位"]


@pytest.mark.parametrize("capped", [1000, 3])
def test_pages_follow_each_other_without_gap_or_repetition(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capped: int
) -> None:
    """Alike when all hits are sorted at once and when there are too many for that."""
    monkeypatch.setattr(selectors, "CAPPED", capped)
    place = cast.enshi
    for number, word in itertools.product(range(4), ("", "关于")):
        published(place, f"{word}登记簿{number}")
    published(place, "其他", keywords=["登记簿"])
    query, now = Query(text="登记簿", jurisdiction="enshi"), timezone.now()
    seen, cursor = [], ""
    while True:
        page = selectors.one_page(place.outsider, query, now, cursor=cursor, size=2)
        seen += [row.title for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert seen == titles(place.outsider, "登记簿")
    assert len(seen) == len(set(seen)) == 9


def test_a_forged_cursor_is_bad_input(shelf: Place) -> None:
    with pytest.raises(BadInput):
        selectors.one_page(shelf.outsider, Query(), timezone.now(), cursor="made-up")


def test_a_count_is_capped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "CAPPED", 2)
    for number in range(4):
        published(cast.enshi, f"名录{number}")
    page = selectors.one_page(cast.enshi.outsider, Query(text="名录"), timezone.now())
    assert page.total == "2+"


def test_facets_count_the_hits_of_the_same_filter(cast: Cast) -> None:
    place, now = cast.enshi, timezone.now()
    published(place, "甲名录", sharing_class=SharingClass.UNCONDITIONAL)
    published(place, "乙名录", sharing_class=SharingClass.CONDITIONAL)
    published(place, "丙清单", sharing_class=SharingClass.CONDITIONAL)
    query = Query(text="名录", jurisdiction="enshi")
    counts = selectors.facet_counts(place.outsider, query, now)
    assert dict(counts.of["sharing_class"]) == {"unconditional": 1, "conditional": 1}
    assert dict(counts.of["provider"]) == {str(place.provider.pk): 2}
    assert dict(counts.of["update_cycle"]) == {UpdateCycle.YEARLY: 2}
    assert dict(counts.of["format"]) == {"database": 2}
    assert dict(counts.of["fresh"]) == {"empty": 2}
    narrowed = Query(text="名录", jurisdiction="enshi", facets={"sharing_class": "conditional"})
    assert titles(place.outsider, "名录", facets={"sharing_class": "conditional"}) == ["乙名录"]
    assert dict(selectors.facet_counts(place.outsider, narrowed, now).of["sharing_class"]) == {"conditional": 1}


def test_who_holds_no_position_finds_nothing(shelf: Place) -> None:
    for actor in (None, replace(shelf.outsider, position=None)):
        assert selectors.one_page(actor, Query(), timezone.now()).rows == []
        assert selectors.facet_counts(actor, Query(), timezone.now()).of == {}


def test_another_jurisdiction_is_searched_only_when_asked_for(cast: Cast) -> None:
    published(cast.xianyang, "渭河水文")
    assert titles(cast.enshi.outsider, "水文") == []
    assert titles(cast.enshi.outsider, "水文", jurisdiction="") == ["渭河水文"]


def test_what_is_written_is_found_at_once(cast: Cast) -> None:
    """An edit is searchable in the transaction that writes it, items and provider included."""
    place = cast.enshi
    resource = published(place, "旧名")
    entry = services.Entry(
        title="新名",
        summary="摘要",
        category=category(place),
        sharing_class=SharingClass.CONDITIONAL,
        sharing_condition=resource.sharing_condition,
        update_cycle=UpdateCycle.DAILY,
        items=[services.Field("plot", "宗地號")],
        formats=["database"],
        sharing_methods=["api"],
    )
    services.edit_resource(SYSTEM, resource=resource, entry=entry)
    for text in ("新名", "宗地号", "plot", "统计局"):
        assert titles(place.outsider, text) == ["新名"]
    assert titles(place.outsider, "旧名") == []
