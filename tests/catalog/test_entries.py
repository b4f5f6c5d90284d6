"""Entries: who registers them, what a complete one says, what may change, and how one is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from cases.errors import DoorClosed
from cases.models import Case
from catalog import codes, selectors, services
from catalog.importing import parsing
from catalog.models import Directory, Resource, SharingClass, UpdateCycle
from catalog.services import Entry, Field
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from tests.cast import Place, new_actor
from tests.scenes import act, category, published_resource


def entry(place: Place, **changes: Any) -> Entry:
    """A complete entry, shared unconditionally."""
    values: dict[str, Any] = {
        "title": "道路名录",
        "summary": "全市道路",
        "category": category(place),
        "sharing_class": SharingClass.UNCONDITIONAL,
        "update_cycle": UpdateCycle.YEARLY,
        "items": [Field("code", "编号", is_key=True, required=True), Field("name", "名称")],
        "formats": ["database"],
        "sharing_methods": ["download"],
        "assessment": "不涉密",
        "assessed_on": date(2026, 1, 5),
    }
    return Entry(**{**values, **changes})


@pytest.fixture
def draft(enshi: Place) -> Resource:
    return services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi))


@pytest.mark.parametrize("role", ["provider_handler", "provider_steward"])
def test_the_providers_handler_or_steward_registers_a_draft_with_a_code(enshi: Place, role: str) -> None:
    resource = services.register_resource(enshi.actors[role], provider=enshi.provider, entry=entry(enshi))
    assert (resource.status, resource.code, resource.directory) == ("draft", "307001/000001", "departmental")
    assert [item.position for item in resource.items.all()] == [1, 2]
    assert AuditEntry.objects.filter(verb="resource.register", subject_id=str(resource.pk)).exists()


@pytest.mark.parametrize("role", ["provider_leader", "applicant_handler", "outsider", "administrator", "auditor"])
def test_nobody_else_registers_entries_for_the_provider(enshi: Place, role: str) -> None:
    with pytest.raises(NotPermitted):
        services.register_resource(enshi.actors[role], provider=enshi.provider, entry=entry(enshi))


def test_codes_follow_the_guide_and_count_on_within_a_category(enshi: Place, draft: Resource) -> None:
    second = services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi))
    base = category(enshi, Directory.BASE, "101001")
    other = services.register_resource(
        enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, category=base)
    )
    assert [row.code for row in (draft, second, other)] == ["307001/000001", "307001/000002", "101001/000001"]


@pytest.mark.parametrize(
    ("code", "right"),
    [("307001/000017", True), ("307001ab/1", True), ("407001/1", False), ("30701/1", False), ("307001", False),
     ("107001/1", False), ("307001/1x", False)],
)  # fmt: skip
def test_a_code_is_checked_against_the_scheme_and_its_directory(code: str, right: bool) -> None:
    assert (codes.scheme().problem_of(code, Directory.DEPARTMENTAL) == "") is right


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"summary": ""}, "summary"),
        ({"formats": []}, "formats"),
        ({"update_cycle": "sometimes"}, "update_cycle"),
        ({"sharing_class": "conditional"}, "sharing_condition"),
        ({"sharing_class": "withheld"}, "withheld_basis"),
        ({"sharing_condition": "须另签协议"}, "sharing_condition"),
        ({"items": [Field("1a", "编号")]}, "items-0-code"),
        ({"items": [Field("名称", "编号")]}, "items-0-code"),
        ({"items": [Field("a", "编号"), Field("a", "名称")]}, "items-0-code"),
        ({"items": [Field("a", "")]}, "items-0-title"),
        ({"items": [Field("a", "编号", data_type="blob")]}, "items-0-data_type"),
        ({"items": [Field("a", "编号", is_key=True)]}, "items-0-required"),
        ({"code": "307001"}, "code"),
    ],
)
def test_what_is_missing_or_wrong_is_said_by_field(enshi: Place, changes: dict[str, Any], field: str) -> None:
    """Conditional sharing states its conditions, withholding its basis, unconditional none (Order 809 art. 14, 15)."""
    with pytest.raises(BadInput) as refused:
        services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, **changes))
    assert field in refused.value.fields
    assert refused.value.fields[field]
    assert not Resource.objects.exists()


def test_items_are_kept_by_code_added_removed_and_put_in_order(enshi: Place, draft: Resource) -> None:
    before = {item.code: item.pk for item in draft.items.all()}
    items = [Field("length", "长度"), Field("code", "编码", is_key=True, required=True)]
    services.edit_resource(enshi.provider_steward, resource=draft, entry=entry(enshi, items=items))
    assert [(i.code, i.title) for i in draft.items.all()] == [("length", "长度"), ("code", "编码")]
    assert draft.items.get(code="code").pk == before["code"]


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(enshi: Place, draft: Resource) -> None:
    first = services.edit_resource(enshi.provider_steward, resource=draft, entry=entry(enshi, title="甲"), version=1)
    assert first.version == 2
    with pytest.raises(Conflict):
        services.edit_resource(enshi.provider_handler, resource=draft, entry=entry(enshi, title="乙"), version=1)
    draft.refresh_from_db()
    assert draft.title == "甲"


def test_items_with_data_behind_them_are_only_added_to(enshi: Place) -> None:
    resource = published_resource(enshi)
    services.note_data_loaded(resource=resource, at=timezone.now())
    kept = entry(
        enshi,
        sharing_class=resource.sharing_class,
        sharing_condition=resource.sharing_condition,
        items=[Field("code", "区划代码", required=True, is_key=True)],
    )
    with pytest.raises(BadInput) as refused:
        services.edit_resource(enshi.provider_steward, resource=resource, entry=kept)
    assert "items" in refused.value.fields


def publish(place: Place, case: Case) -> None:
    act(place.provider_leader, case, "sign_off")
    act(place.bureau_reviewer, case, "find_in_order", opinion="要素齐全")
    act(place.bureau_approver, case, "approve")


def test_a_resource_is_published_through_its_procedure(enshi: Place, draft: Resource) -> None:
    case = services.submit_for_publication(enshi.provider_steward, resources=[draft])
    draft.refresh_from_db()
    assert draft.status == "in_review"
    publish(enshi, case)
    draft.refresh_from_db()
    assert draft.status == "published"
    assert draft.published_at is not None
    version = draft.versions.get()
    assert (version.content["title"], len(version.content["items"])) == ("道路名录", 2)
    assert selectors.resource_for(enshi.outsider, draft.pk) == draft


def test_many_are_published_by_one_case(enshi: Place, draft: Resource) -> None:
    second = services.register_resource(
        enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, title="桥梁名录")
    )
    case = services.submit_for_publication(enshi.provider_steward, resources=[draft, second])
    publish(enshi, case)
    assert set(Resource.objects.values_list("status", flat=True)) == {"published"}
    assert case.title in {f"{draft.title} (+1)", f"{second.title} (+1)"}


@pytest.mark.parametrize(
    ("changes", "named"), [({"items": []}, "item"), ({"assessment": "", "assessed_on": None}, "assessment")]
)
def test_an_incomplete_draft_is_kept_but_not_submitted(enshi: Place, changes: dict[str, Any], named: str) -> None:
    resource = services.register_resource(
        enshi.provider_steward, provider=enshi.provider, entry=entry(enshi, **changes)
    )
    with pytest.raises(DoorClosed) as closed:
        services.submit_for_publication(enshi.provider_steward, resources=[resource])
    assert closed.value.reasons
    resource.refresh_from_db()
    assert resource.status == "draft"


def test_a_draft_sent_back_is_a_draft_again_and_is_not_submitted_beside_its_case(enshi: Place, draft: Resource) -> None:
    case = services.submit_for_publication(enshi.provider_steward, resources=[draft])
    with pytest.raises(Conflict):
        services.edit_resource(enshi.provider_steward, resource=draft, entry=entry(enshi))
    act(enshi.provider_leader, case, "return_draft", reason="摘要过短")
    draft.refresh_from_db()
    assert draft.status == "draft"
    services.edit_resource(enshi.provider_steward, resource=draft, entry=entry(enshi, summary="全市道路及起讫点"))
    with pytest.raises(BadInput):
        services.submit_for_publication(enshi.provider_steward, resources=[draft])
    act(enshi.provider_steward, case, "resubmit")
    publish(enshi, case)
    draft.refresh_from_db()
    assert (draft.status, draft.summary) == ("published", "全市道路及起讫点")


def test_a_withheld_resource_is_published_with_its_basis_after_the_bureaus_review(enshi: Place) -> None:
    withheld = entry(
        enshi, sharing_class="withheld", withheld_basis="《数据安全法》第二十一条", sharing_methods=["offline"]
    )
    resource = services.register_resource(enshi.provider_steward, provider=enshi.provider, entry=withheld)
    case = services.submit_for_publication(enshi.provider_steward, resources=[resource])
    publish(enshi, case)
    resource.refresh_from_db()
    assert resource.status == "published"


def test_others_drafts_are_not_submitted(enshi: Place, draft: Resource) -> None:
    with pytest.raises(BadInput):
        services.submit_for_publication(enshi.outsider, resources=[draft])


VISIBLE_DRAFT = {"provider_handler", "provider_leader", "provider_steward"}


@pytest.mark.parametrize(
    "role",
    [*sorted(VISIBLE_DRAFT), "applicant_handler", "bureau_reviewer", "auditor", "outsider", "administrator"],
)
def test_a_draft_is_seen_by_its_providers_people_alone(enshi: Place, draft: Resource, role: str) -> None:
    if role in VISIBLE_DRAFT:
        assert selectors.resource_for(enshi.actors[role], draft.pk) == draft
    else:
        with pytest.raises(NotKnown):
            selectors.resource_for(enshi.actors[role], draft.pk)


def test_under_review_the_bureau_sees_it_and_others_do_not(enshi: Place, draft: Resource) -> None:
    services.submit_for_publication(enshi.provider_steward, resources=[draft])
    for role in ("bureau_reviewer", "bureau_approver"):
        assert selectors.resource_for(enshi.actors[role], draft.pk) == draft
    elsewhere = new_actor(enshi.outside, "reviewer", "enshi.other_reviewer")
    for actor in (enshi.outsider, enshi.administrator, enshi.auditor, elsewhere):
        with pytest.raises(NotKnown):
            selectors.resource_for(actor, draft.pk)


def test_without_a_position_nothing_is_seen(enshi: Place) -> None:
    published_resource(enshi)
    nobody = replace(enshi.outsider, position=None)
    assert not selectors.visible_resources(nobody).exists()
    assert not selectors.visible_resources(None).exists()


def test_an_administrator_in_the_providers_own_house_sees_no_drafts(enshi: Place, draft: Resource) -> None:
    administrator = new_actor(enshi.provider, "administrator", "enshi.provider_administrator")
    assert not selectors.visible_resources(administrator).exists()
    assert not selectors.own_resources(administrator).exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name(路名)、length(長度)", [("name", "路名"), ("length", "長度")]),
        ("委辦單位、電話、地址", [("委辦單位", ""), ("電話", ""), ("地址", "")]),
        ("區,地價稅_稅額(千元)", [("區", ""), ("地價稅_稅額", "千元")]),
        ("合計\t男\t女\n", [("合計", ""), ("男", ""), ("女", "")]),
        ("年(統計年度，以民國紀年。)、件數", [("年", "統計年度，以民國紀年。"), ("件數", "")]),
        ("行政區(行政區)", [("行政區", "")]),
        ("機關名稱：青年局\n電話：422", [("機關名稱", "青年局"), ("電話", "422")]),
        ("項次 名稱 位置 面積", [("項次", ""), ("名稱", ""), ("位置", ""), ("面積", "")]),
        ("shp資料", [("shp資料", "")]),
    ],
)
def test_items_are_read_in_the_styles_that_lists_use(text: str, found: list[tuple[str, str]]) -> None:
    assert [(field.title, field.meaning) for field in parsing.items_of(text)] == found


@given(st.text("年(（)）、,，;\t\n :：abc1一.", max_size=60))
def test_whatever_a_cell_says_its_items_can_be_registered(text: str) -> None:
    found = parsing.items_of(text)
    assert len({field.code for field in found}) == len(found)
    for field in found:
        assert field.code.isascii()
        assert field.code.isidentifier()
        assert 0 < len(field.title) <= 120
        assert len(field.meaning) <= 300
    if any(char not in "、,，;\t\n " for char in text) and not set(text) & set("(（)）1一."):
        assert found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-08-18 15:37:43", "2017-08-18"),
        ("2017/8/1", "2017-08-01"),
        ("20170818", "2017-08-18"),
        ("106年8月18日", "2017-08-18"),
        ("民國106年8月", "2017-08-01"),
        ("2017年8月18日", "2017-08-18"),
        ("2017.8.18", "2017-08-18"),
    ],
)
def test_dates_are_read_in_the_ways_that_lists_write_them(text: str, day: str) -> None:
    assert timezone.localtime(parsing.moment_of(text)).date().isoformat() == day


@pytest.mark.parametrize("text", ["2017-13-01", "2017-02-30", "不定期", "17", ""])
def test_what_is_no_date_is_not_made_into_one(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parsing.moment_of(text)
