"""A published entry changes through review: what it says stays until the authority publishes the change (art. 17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from cases import documents
from cases import selectors as cases
from cases.engine import load
from cases.errors import DoorClosed
from cases.models import Case, Clock, ClockEntry
from catalog import selectors, services
from catalog.models import Resource, ResourceVersion, Revision
from catalog.services import Entry, Field
from catalog.services.revisions import differences
from organizations.errors import BadInput, Conflict, NotPermitted
from sharing.models import Grant
from tests.cast import Cast, Place, signed_in_client
from tests.scenes import VILLAGE_ITEMS, act, category, filed, published_resource, request_of

pytestmark = pytest.mark.django_db
LOCAL = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL)


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def resource(enshi: Place) -> Resource:
    return published_resource(enshi, assessment="不涉密", assessed_on=date(2026, 1, 5))


def changed(resource: Resource, **changes: Any) -> Entry:
    return replace(services.entry_of(resource), **changes)


def proposed(
    place: Place, resource: Resource, *, cause: str = "law", on: date = date(2026, 2, 27), **changes: Any
) -> Case:
    changes = changes or {"title": "新名称"}
    return services.propose_revision(
        place.provider_steward, resource=resource, entry=changed(resource, **changes), cause=cause, changed_on=on
    )


def publish(place: Place, case: Case) -> None:
    act(place.provider_leader, case, "sign_off")
    act(place.bureau_reviewer, case, "find_in_order", opinion="要素齐全")
    act(place.bureau_approver, case, "approve")


def test_the_case_file_lists_every_difference_old_and_new(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource, title="新名称", summary="新的摘要")
    with translation.override("zh-hans"):
        facts = dict(documents.content_of(case, enshi.auditor, timezone.now())["facts"])
    assert facts["变更原因"] == "法律、法规或者国务院决定调整"
    assert facts["调整或者变化之日"] == "2026-02-27"
    assert facts["名称"] == f"{resource.title} → 新名称"
    assert facts["摘要"] == f"{resource.summary} → 新的摘要"


def test_what_is_published_stays_until_the_authority_publishes_the_change(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource, title="新名称", summary="新摘要")
    resource.refresh_from_db()
    assert (resource.title, resource.version) == ("统计用区划代码(村级)", 1)
    publish(enshi, case)
    resource.refresh_from_db()
    assert (resource.title, resource.summary, resource.version, resource.status) == ("新名称", "新摘要", 2, "published")
    assert ResourceVersion.objects.get(resource=resource, number=2).content["title"] == "新名称"


@pytest.mark.parametrize(
    "changes",
    [{"title": "甲"}, {"sharing_class": "unconditional", "sharing_condition": ""}, {"formats": ("document",)},
     {"items": (*VILLAGE_ITEMS, Field("note", "备注"))}],
)  # fmt: skip
def test_nothing_that_is_reviewed_is_changed_in_passing(
    enshi: Place, resource: Resource, changes: dict[str, Any]
) -> None:
    with pytest.raises(Conflict):
        services.edit_resource(enshi.provider_steward, resource=resource, entry=changed(resource, **changes))
    case = proposed(enshi, resource, **changes)
    publish(enshi, case)
    resource.refresh_from_db()
    assert services.differing(services.entry_of(resource), changed(resource, **changes)) == []


def test_keywords_and_related_resources_alone_are_changed_at_once(enshi: Place, resource: Resource) -> None:
    other = published_resource(enshi, title="另一目录")
    services.edit_resource(
        enshi.provider_steward, resource=resource, entry=changed(resource, keywords=("区划",), related=(other,))
    )
    resource.refresh_from_db()
    assert (resource.keywords, resource.version) == (["区划"], 2)
    assert not Revision.objects.exists()


def test_ten_working_days_run_from_the_day_of_the_change_and_two_from_the_signature(
    enshi: Place, resource: Resource
) -> None:
    case = proposed(enshi, resource)
    update = Clock.objects.get(case=case, name="update")
    assert (update.rule, update.due_on) == ("catalog.update", date(2026, 3, 12))
    act(enshi.provider_leader, case, "sign_off")
    update.refresh_from_db()
    assert update.status == Clock.Status.MET
    assert Clock.objects.get(case=case, name="review").due_on == date(2026, 3, 4)


def test_no_limit_runs_where_neither_law_nor_function_changed(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource, cause="correction")
    assert not Clock.objects.filter(case=case, name="update").exists()


def test_five_more_days_are_the_authoritys_to_give(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource)
    with pytest.raises(BadInput):
        act(enshi.provider_leader, case, "ask_extension", reason="涉及多个科室", days=6)
    act(enshi.provider_leader, case, "ask_extension", reason="涉及多个科室", days=5)
    act(enshi.bureau_approver, case, "grant_extension")
    update = Clock.objects.get(case=case, name="update")
    assert update.due_on == date(2026, 3, 19)
    assert [entry.amount for entry in update.ledger.filter(kind=ClockEntry.Kind.EXTEND)] == [5]


@pytest.mark.parametrize(
    ("at", "due"),
    [(datetime(2025, 7, 1, 9, tzinfo=LOCAL), date(2025, 7, 22)),
     (datetime(2025, 8, 4, 9, tzinfo=LOCAL), date(2025, 8, 18))],
)  # fmt: skip
def test_the_local_fifteen_days_bind_until_the_nations_ten_do(cast: Cast, law: None, at: datetime, due: date) -> None:
    with time_machine.travel(at, tick=False):
        resource = published_resource(cast.enshi, assessment="不涉密", assessed_on=date(2025, 1, 5))
        case = proposed(cast.enshi, resource, on=at.date())
    assert Clock.objects.get(case=case, name="update").due_on == due


def test_one_change_at_a_time_and_none_of_nothing(enshi: Place, resource: Resource) -> None:
    with pytest.raises(BadInput, match=r"."):
        proposed(enshi, resource, title=resource.title)
    with pytest.raises(BadInput) as refused:
        services.propose_revision(
            enshi.provider_steward, resource=resource, entry=changed(resource, title="乙"), cause="", changed_on=None
        )
    assert set(refused.value.fields) == {"cause", "changed_on"}
    proposed(enshi, resource)
    with pytest.raises(Conflict):
        proposed(enshi, resource, title="乙")
    with pytest.raises(Conflict):
        services.edit_resource(enshi.provider_steward, resource=resource, entry=changed(resource, keywords=("甲",)))


def test_only_the_providers_registrars_propose(enshi: Place, resource: Resource) -> None:
    for stranger in (enshi.outsider, enshi.provider_leader, enshi.bureau_reviewer, enshi.administrator):
        with pytest.raises(NotPermitted):
            services.propose_revision(
                stranger,
                resource=resource,
                entry=changed(resource, title="乙"),
                cause="law",
                changed_on=date(2026, 3, 2),
            )


def test_what_came_back_is_changed_and_submitted_again(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource)
    revision = case.revision
    with pytest.raises(Conflict):
        services.amend_revision(enshi.provider_steward, revision=revision, entry=changed(resource, title="丙"))
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.bureau_reviewer, case, "send_back", reason="名称与三定不一致")
    services.amend_revision(enshi.provider_steward, revision=revision, entry=changed(resource, title="丙"))
    act(enshi.provider_steward, case, "resubmit")
    publish(enshi, case)
    resource.refresh_from_db()
    assert resource.title == "丙"


@pytest.mark.parametrize("ending", ["refuse", "withdraw"])
def test_a_change_that_is_refused_or_withdrawn_leaves_the_entry_alone(
    enshi: Place, resource: Resource, ending: str
) -> None:
    case = proposed(enshi, resource)
    act(enshi.provider_leader, case, "sign_off")
    act(enshi.bureau_reviewer, case, "find_in_order", opinion="齐全")
    act(enshi.bureau_approver if ending == "refuse" else enshi.provider_steward, case, ending, reason="依据不足")
    resource.refresh_from_db()
    assert (resource.title, resource.version) == ("统计用区划代码(村级)", 1)
    proposed(enshi, resource)


def granted(place: Place, resource: Resource) -> Grant:
    case = filed(place, resource)
    act(place.applicant_leader, case, "endorse")
    act(place.provider_handler, case, "propose", proposal="consent", opinion="好")
    for who, action in (("provider_leader", "consent"), ("applicant_leader", "sign"), ("provider_leader", "sign")):
        act(place.actors[who], case, action)
    act(place.provider_handler, case, "deliver")
    return Grant.objects.get(request=request_of(case))


def test_taking_out_an_item_in_use_warns_the_reviewer_and_leaves_requests_and_grants_as_they_were(
    enshi: Place, resource: Resource
) -> None:
    grant = granted(enshi, resource)
    item = resource.items.get(code="name")
    case = proposed(enshi, resource, items=[field for field in VILLAGE_ITEMS if field.code != "name"])
    act(enshi.provider_leader, case, "sign_off")
    page = signed_in_client(enshi.bureau_reviewer).get(f"/cases/{case.number}/").content.decode()
    assert f"{enshi.applicant}" in page
    assert "正在使用的信息项将被删除" in page
    act(enshi.bureau_reviewer, case, "find_in_order", opinion="齐全")
    act(enshi.bureau_approver, case, "approve")
    assert "name" not in resource.items.values_list("code", flat=True)
    assert [column.item.code for column in grant.columns.all()] == ["code", "name"]
    assert list(grant.request.items.values_list("code", flat=True)) == ["code", "name"]
    back = proposed(enshi, resource, items=VILLAGE_ITEMS)
    publish(enshi, back)
    assert resource.items.get(code="name").pk == item.pk


def test_provider_and_bureau_meet_the_pending_change_and_others_do_not(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource, title="尚未公布的名称")
    act(enshi.provider_leader, case, "sign_off")
    for actor, sees in (
        (enshi.provider_handler, True),
        (enshi.bureau_reviewer, True),
        (enshi.applicant_handler, False),
        (enshi.outsider, False),
        (enshi.administrator, False),
    ):
        page = signed_in_client(actor).get(f"/catalog/{resource.pk}/").content.decode()
        assert ("尚未公布的名称" in page) is sees
        assert ("该目录有变更正在办理" in page) is sees
        assert (selectors.open_revision(actor, resource) is not None) is sees


def test_before_the_leader_signs_the_bureau_does_not_see_the_change(enshi: Place, resource: Resource) -> None:
    case = proposed(enshi, resource)
    assert not cases.can_see(enshi.bureau_reviewer, case)
    assert cases.can_see(enshi.provider_leader, case)


def test_a_change_without_assessment_is_not_handed_in(enshi: Place, resource: Resource) -> None:
    with pytest.raises(DoorClosed) as closed:
        proposed(enshi, resource, assessment="")
    assert [why.rule for why in closed.value.reasons] == ["catalog.assessment"]


def test_a_base_resource_does_not_lose_its_class_by_a_change(xianyang: Place) -> None:
    resource = published_resource(
        xianyang, sharing_class="unconditional", directory="base", assessment="不涉密", assessed_on=date(2026, 1, 5)
    )
    assert resource.category == category(xianyang, "base", "101001")
    with pytest.raises(DoorClosed):
        proposed(xianyang, resource, sharing_class="conditional", sharing_condition="限于履职")
    case = proposed(xianyang, resource)
    assert load(case).procedure.label.zh == "目录变更"


def test_the_diff_names_each_field_and_item_with_old_and_new(enshi: Place, resource: Resource) -> None:
    items = [replace(VILLAGE_ITEMS[0], title="代码"), *VILLAGE_ITEMS[1:], Field("note", "备注")]
    case = proposed(enshi, resource, summary="新摘要", holds_personal=True, items=items)
    lines = {line["field"]: (line["old"], line["new"]) for line in differences(case.revision)}
    assert lines["摘要"] == ("村级统计用区划代码和名称", "新摘要")
    assert lines["含个人信息"] == ("否", "是")
    assert len(lines) == 4


def test_the_form_hands_a_change_in_and_asks_why(enshi: Place, resource: Resource) -> None:
    client = signed_in_client(enshi.provider_steward)
    page = client.get(f"/catalog/{resource.pk}/edit/")
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [], False)}
    data |= {
        "title": "表单改名",
        "category": resource.category_id,
        "items-TOTAL_FORMS": "6",
        "items-INITIAL_FORMS": "0",
    }
    for at, field in enumerate(VILLAGE_ITEMS):
        values = {"code": field.code, "title": field.title, "data_type": field.data_type, "length": field.length}
        flags = {name: "on" for name in ("required", "is_key") if getattr(field, name)}
        data |= {f"items-{at}-{name}": value for name, value in {**values, **flags}.items()}
    refused = client.post(f"/catalog/{resource.pk}/edit/", data)
    assert refused.status_code == 400
    assert set(refused.context["cause"].errors) == {"cause", "changed_on"}
    answer = client.post(f"/catalog/{resource.pk}/edit/", {**data, "cause": "function", "changed_on": "2026-02-27"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    revision = Revision.objects.get()
    assert answer["Location"] == f"/cases/{revision.case.number}/"
    assert revision.content["title"] == "表单改名"
    assert client.get(f"/catalog/{resource.pk}/edit/").status_code == 409
    act(enshi.provider_leader, revision.case, "return_draft", reason="请改")
    again = client.get(f"/catalog/{resource.pk}/edit/")
    assert again.status_code == 200
    assert "表单改名" in again.content.decode()
    amended = client.post(f"/catalog/{resource.pk}/edit/", {**data, "title": "再改"})
    assert amended.status_code == 302
    revision.refresh_from_db()
    assert revision.content["title"] == "再改"
