"""A stranger learns nothing: every address of the API and every page, with ids that the applicant knows.

Strangers are a handler of a third department, the administrator of the same city, and a handler of another city.
An id that is new to this file fails the test until somebody has said whether it is private.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from audit.models import AuditEntry
from cases.models import Attachment, Case, Comment
from cases.services import comment, save_filter, store_attachment
from catalog import services as catalog
from catalog.models import InformationSystem
from organizations.actors import Actor
from projects.models import Asset, Expert, ExpertReview, Project, ProjectReview
from projects.services.assets import AssetEntry, add_asset
from projects.services.panels import begin_panel
from projects.services.reports import raise_issue
from reports import services as reports
from sharing.models import Agreement, Grant, ShareRequest
from sharing.services import credentials, requests
from statutes.models import CalendarNotice
from statutes.services import notices
from tests.cast import Cast, Place
from tests.journey import ENSHI, PDF, TITLE, empty_store, load_rows, village_rows
from tests.projects.contract_scene import firm, furnished
from tests.projects.panel_scene import expert
from tests.projects.scene import filed as filed_project
from tests.projects.scene import submitted
from tests.scenes import act, filed, published_resource, request_of, wish

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])

SCENARIO, BASIS, PAPER, DRAFTED = "低保核对专用场景七", "内部依据文件九号", "不公开批文.pdf", "尚未报送的场景三"
REMARK, FILTER, NOTICE = "只在各方之间说的话", "自己起名的筛选", "尚未提交的放假通知"
PRIVATE = {
    "number",
    "grant_id",
    "batch_id",
    "attachment_id",
    "draft_id",
    "request_id",
    "agreement_id",
    "credential_id",
    "entry_id",
    "verification_id",
    "comment_id",
    "filter_id",
    "notice_id",
    "expert_id",
    "review_id",
    "project_id",
    "bidder_id",
    "issue_id",
    "part_id",
    "progress_id",
    "acceptance_id",
    "asset_id",
    "promise_id",
    "procurement_id",
    "contract_id",
    "payment_id",
    "change_id",
    "fund_id",
    "year_id",
    "line_id",
    "rules_id",
}
COMMON = {
    "resource_id",
    "organization_id",
    "user_id",
    "position_id",
    "token_id",
    "action",
    "report_id",
    "pack_id",
    "instrument_id",
    "rule_id",
    "procedure_id",
    "uid",
    "token",
    "version_id",
    "proposal_id",
    "system_id",
    "firm_id",
    "year",
    "method",
}
ACTIONS = ("endorse", "propose", "consent", "sign", "withdraw", "no_such_action")
NOTHING_THERE, NO_SUCH_METHOD, LED_BACK = {403, 404}, 405, 302
FOUND = {200, LED_BACK, NO_SUCH_METHOD, 409}
ELSEWHERE = ("admin/", "api/", "i18n/")
OF_A_PROVINCE = "funds/"
"""No fund is in the scene, whose law knows none: tests/funds/test_outsider.py has one, with those who read it."""


@dataclass
class Scene:
    """What the applicant knows: ids by the names of addresses' parameters, and words that nobody else may read."""

    place: Place
    ids: dict[str, Any]
    words: list[str]
    strangers: list[Actor] = field(default_factory=list)

    def leaks(self, text: str, address: str, *, concerns: bool) -> list[str]:
        """Private words in an answer beside those of the address; of the matter not even the resource's title."""
        words = [*self.words, *([TITLE] if concerns else [])]
        return [word for word in words if word in text and word not in address]


def granted_case(place: Place, paper: Attachment) -> Case:
    case = filed(place, published_resource(place, title=TITLE), scenario=SCENARIO, basis=BASIS, attachments=[paper.pk])
    act(place.applicant_leader, case, "endorse")
    for step in ENSHI.steps:
        act(place.actors[step.who], case, step.action, opinion=step.opinion, **dict(step.given))
    act(place.provider_handler, case, "deliver")
    case.refresh_from_db()
    return case


def kept_paper(place: Place) -> Attachment:
    upload = SimpleUploadedFile(PAPER, PDF)
    return store_attachment(place.applicant_handler, name=PAPER, stream=upload.file, size=upload.size)


@pytest.fixture
def scene(enshi: Place, cast: Cast, tmp_path: Path) -> Scene:
    """A granted case with paper, agreement, key and data; a case under way; a draft; a verification of the record."""
    empty_store()
    case = granted_case(enshi, kept_paper(enshi))
    grant = Grant.objects.get(request=request_of(case))
    batch = load_rows(grant.resource, village_rows(enshi, 3), tmp_path)
    under_way = filed(enshi, grant.resource, scenario=SCENARIO)
    draft = requests.save_draft(enshi.applicant_handler, resource=grant.resource, wish=wish(enshi, scenario=DRAFTED))
    credential, _secret = credentials.issue_credential(enshi.applicant_handler, grant=grant)
    ids = {
        "number": case.number,
        "grant_id": grant.pk,
        "batch_id": batch.pk,
        "attachment_id": case.attachments.get().pk,
        "draft_id": draft.pk,
        "request_id": ShareRequest.objects.get(case=under_way).pk,
        "agreement_id": Agreement.objects.filter(request__case=case).first().pk,
        "credential_id": credential.pk,
        "entry_id": AuditEntry.objects.filter(subject="case", subject_id=str(case.pk)).first().pk,
        "verification_id": reports.request_verification(enshi.auditor, scope="all", start=lambda run: None).pk,
        "comment_id": say(enshi, case).pk,
        "filter_id": save_filter(enshi.applicant_handler, listing="cases", name=FILTER, query=f"q={SCENARIO}").pk,
        "resource_id": grant.resource_id,
        "organization_id": enshi.applicant.pk,
        "user_id": enshi.applicant_handler.user.pk,
        "position_id": enshi.applicant_handler.position.pk,
        "token_id": 1,
        "action": "consent",
        "report_id": "cases",
        "pack_id": "enshi",
        "rule_id": "share.reply",
        "instrument_id": "sharing",
        "procedure_id": "share_request",
        "version_id": case.pack_version_id,
        "notice_id": drafted_notice(enshi).pk,
        "proposal_id": 1,
        **panel_ids(enshi),
        "asset_id": registered_asset(enshi).pk,
        "system_id": registered_system(enshi).pk,
        "firm_id": firm(enshi).pk,
        "bidder_id": 1,
        "part_id": 1,
        "progress_id": 1,
        "acceptance_id": 1,
        "promise_id": 1,
        "procurement_id": 1,
        "contract_id": 1,
        "payment_id": 1,
        "change_id": 1,
        "fund_id": 1,
        "year_id": 1,
        "line_id": 1,
        "rules_id": 1,
        "method": "factor",
        "year": 2027,
        "uid": "MQ",
        "token": "none",
    }
    words = [case.number, under_way.number, SCENARIO, BASIS, PAPER, DRAFTED, batch.file_name, credential.prefix]
    words += [REMARK, FILTER, NOTICE]
    strangers = [enshi.outsider, enshi.administrator, cast.xianyang.applicant_handler]
    return Scene(enshi, ids, words, strangers)


def panel_ids(place: Place) -> dict[str, int]:
    """An expert of the library, and a panel called for the review of a plan."""
    furnished(place)
    review = submitted(place, filed_project(place))
    act(place.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(place.coordinator, review, "agree_sharing", opinion="完整")
    person = expert(place, "kept")
    plan_review = ProjectReview.objects.get(case=review)
    panel = begin_panel(place.bureau_reviewer, plan_review=plan_review)
    return {
        "expert_id": Expert.objects.get(user=person.user).pk,
        "review_id": ExpertReview.objects.get(case=panel).pk,
        "project_id": plan_review.project_id,
        "issue_id": raise_issue(place.applicant_handler, project=plan_review.project, title=SCENARIO, keeper="赵甲").pk,
    }


def registered_asset(place: Place) -> Asset:
    values = {"number": "ZC-1", "name": "服务器", "custodian": "赵甲", "place": "机房", "acquired_on": date(2026, 1, 5)}
    project = Project.objects.filter(owner=place.applicant, case__isnull=False).first()
    assert project is not None
    return add_asset(place.applicant_handler, project=project, entry=AssetEntry(**values))


def registered_system(place: Place) -> InformationSystem:
    entry = catalog.SystemEntry(name="核对系统", purpose="核对救助对象")
    return catalog.register_system(place.applicant_handler, organization=place.applicant, entry=entry)


def say(place: Place, case: Case) -> Comment:
    return comment(place.applicant_handler, case, audience=Comment.Audience.PARTIES, text=REMARK)


def drafted_notice(place: Place) -> CalendarNotice:
    wanted = notices.Wish(2027, "国办发明电〔2026〕99号", NOTICE, date(2026, 11, 20), "2027-01-01..2027-01-03")
    return notices.save_notice(place.bureau_reviewer, wish=wanted)


def text_of(answer: Any) -> str:
    """The body and the headers of an answer, streamed ones too."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace") + str(answer.headers)


def parameters(pattern: str) -> set[str]:
    """Names in `{…}` or `<…>` of an address."""
    return set(re.findall(r"[{<](?:\w+:)?(\w+)[}>]", pattern))


def filled(pattern: str, ids: dict[str, Any]) -> str:
    return re.sub(r"[{<](?:\w+:)?(\w+)[}>]", lambda match: str(ids[match[1]]), pattern)


def body_of(ids: dict[str, Any]) -> dict[str, Any]:
    """A body that would do for any of the operations, with the applicant's ids."""
    return {
        "version": 1,
        "resource": ids["resource_id"],
        "attachments": [ids["attachment_id"]],
        "inputs": {"proposal": "consent", "reason": "不需要", "papers": [ids["attachment_id"]]},
        "opinion": "同意",
        "basis": "依据",
        "scenario": "场景",
        "scope": "范围",
        "items": ["code"],
        "method": "api",
        "valid_until": "2099-01-01",
        "description": "有误",
    }


def test_no_path_of_the_openapi_tells_a_stranger_anything(scene: Scene, api_for: Callable[[Actor], Any]) -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    unknown = {name for path in paths for name in parameters(path)} - PRIVATE - COMMON
    assert not unknown, f"say in this file whether these are private: {unknown}"
    for stranger in scene.strangers:
        client = api_for(stranger)
        for path, operations in paths.items():
            for method in set(operations) & {"get", "post", "put", "patch", "delete"}:
                for action in ACTIONS if "{action}" in path else ("",):
                    check_operation(scene, client, stranger, method, path, action)


def check_operation(scene: Scene, client: Any, stranger: Actor, method: str, path: str, action: str) -> None:
    address = filled(path, {**scene.ids, "action": action})
    answer = getattr(client, method)(address, body_of(scene.ids) if method != "get" else None)
    concerns = bool(parameters(path) & PRIVATE) or "/data/" in path
    told = f"{stranger.who} {method} {address}: {answer.status_code}"
    if concerns:
        without_key = {401} if path.endswith(("records/", "export.csv")) else set()
        assert answer.status_code in NOTHING_THERE | without_key, told
    assert answer.status_code < 500, told
    leaks = scene.leaks(text_of(answer), address, concerns=concerns)
    assert leaks == [], f"{told} tells {leaks}"


def page_patterns(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every address of the pages, as written in the urls modules."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        address = f"{prefix}{entry.pattern}"
        if address.startswith(ELSEWHERE):
            continue
        if isinstance(entry, URLResolver):
            yield from page_patterns(entry.url_patterns, address)
        elif isinstance(entry, URLPattern):
            yield address


def is_private(pattern: str) -> bool:
    """A page about a case, a grant, a file, a draft, a batch, or about the loading of somebody's data."""
    return bool(parameters(pattern) & PRIVATE) or pattern.startswith("data/<")


def test_no_page_tells_a_stranger_anything(scene: Scene, client_for: Callable[[Actor], Client]) -> None:
    patterns = list(page_patterns())
    unknown = {name for pattern in patterns for name in parameters(pattern)} - PRIVATE - COMMON
    assert not unknown, f"say in this file whether these are private: {unknown}"
    assert len([pattern for pattern in patterns if is_private(pattern)]) > 20
    for stranger in scene.strangers:
        client = client_for(stranger)
        for pattern in patterns:
            for method in ("get", "post") if is_private(pattern) else ("get",):
                check_page(scene, client, stranger, method, pattern)


def check_page(scene: Scene, client: Client, stranger: Actor, method: str, pattern: str) -> None:
    if pattern.startswith("sign-out"):
        return
    address = "/" + filled(pattern, scene.ids)
    answer = getattr(client, method)(address, {"version": 1, "reason": "不需要", "item": "code"})
    if method == "get" and answer.status_code == LED_BACK and is_private(pattern):
        answer = client.get(answer["Location"], follow=True)
    told = f"{stranger.who} {method} {address}: {answer.status_code}"
    if is_private(pattern):
        assert answer.status_code in NOTHING_THERE | {NO_SUCH_METHOD}, told
    assert answer.status_code < 500, told
    leaks = scene.leaks(text_of(answer), address, concerns=is_private(pattern))
    assert leaks == [], f"{told} tells {leaks}"


def test_the_ids_are_those_of_pages_that_somebody_may_read(scene: Scene, client_for: Callable[[Actor], Client]) -> None:
    """Otherwise the strangers' 404 would prove nothing."""
    readers = [
        scene.place.actors[who] for who in ("applicant_handler", "provider_steward", "auditor", "bureau_reviewer")
    ]
    clients = [client_for(reader) for reader in readers]
    never = {"sharing/requests/<int:request_id>/revise/", "reports/acts/<int:entry_id>/proof.json"}
    never |= {"projects/drafts/<int:project_id>/", "projects/<int:project_id>/amend/"}
    never |= {
        "projects/procurements/<str:number>/offers/add/",
        "projects/procurements/<str:number>/offers/<int:bidder_id>/remove/",
        "projects/contracts/<str:number>/terms/",
        "projects/contracts/<str:number>/supplements/new/",
    }
    never |= {"projects/plans/<int:year>/parts/<int:part_id>/", "projects/reports/<int:progress_id>/"}
    unread = [
        pattern
        for pattern in page_patterns()
        if is_private(pattern) and pattern not in never and not pattern.startswith(OF_A_PROVINCE)
        if not {client.get("/" + filled(pattern, scene.ids)).status_code for client in clients} & FOUND
    ]
    assert unread == []
