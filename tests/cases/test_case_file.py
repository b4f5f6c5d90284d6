"""The file of a case as PDF: the whole record in the reader's language, nothing sealed, user text never code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typst
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from cases import documents, services
from cases.models import Case, Comment
from cases.typesetting import covered, font_folder, plain, set_paper
from organizations.actors import Actor
from tests.cast import Place
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db

NASTY = '#panic("x") $1/0$ *b* _i_ `r` <l> @ref \\ = H\n- li\n/ t: d //c /*c*/ ]]#[ "„“ 𠮷😀\u202egnp.exe'


@pytest.fixture
def case(enshi: Place) -> Case:
    case = filed(enshi, published_resource(enshi), scenario=NASTY)
    act(enshi.applicant_leader, case, "endorse", opinion=f"同意。{NASTY}")
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    case.refresh_from_db()
    return case


def content(case: Case, actor: Actor, language: str = "zh-hans") -> dict[str, Any]:
    with translation.override(language):
        return documents.content_of(case, actor, timezone.now())


def test_the_file_holds_every_event_with_person_position_opinion_and_basis(enshi: Place, case: Case) -> None:
    found = content(case, enshi.auditor)
    assert [event["seq"] for event in found["events"]] == list(range(1, case.seq + 1))
    for shown, event in zip(found["events"], case.events.order_by("seq"), strict=True):
        assert event.rule in shown["basis"]
        assert next(value for _label, value in shown["who"]) in (event.person_name, "平台自动")
        assert shown["opinion"] == event.opinion
    cover = dict(found["cover"])
    assert case.pack_version.digest in cover.values()
    assert case.number in cover.values()


def test_the_file_explains_each_due_date_and_keeps_its_ledger(enshi: Place, case: Case) -> None:
    found = content(case, enshi.auditor)
    assert len(found["clocks"]) == case.clocks.count()
    for shown in found["clocks"]:
        assert shown["ledger"]
        assert sum(day["kind"] == "due" for day in shown["days"]) == (shown["due"] != "—")


def test_the_file_shows_where_the_case_stands_in_its_procedure(enshi: Place, case: Case) -> None:
    """The picture of the case page, and the step in words, for who cannot tell colours apart."""
    found = content(case, enshi.auditor)
    assert found["diagram"].startswith("<svg")
    assert found["diagram"].count("sh-node-now") == 1
    assert found["position"] == "当前环节：待提供部门负责人答复"
    assert content(case, enshi.auditor, "en")["position"].startswith("The case stands at: ")


def test_the_file_is_in_the_readers_language(enshi: Place, case: Case) -> None:
    assert content(case, enshi.auditor)["words"]["file"] == "办件档案"
    assert content(case, enshi.auditor, "en")["words"]["file"] == "Case file"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_text_that_looks_like_code_is_set_as_text(enshi: Place, case: Case, language: str) -> None:
    with translation.override(language):
        made = documents.case_file(case, enshi.auditor, timezone.now())
    assert made.startswith(b"%PDF-")


def test_the_same_record_at_the_same_moment_makes_the_same_file(enshi: Place, case: Case) -> None:
    now = timezone.now()
    assert documents.case_file(case, enshi.auditor, now) == documents.case_file(case, enshi.auditor, now)


def test_what_the_font_lacks_is_named_and_what_reorders_text_is_gone() -> None:
    assert plain("𠮷野家😀") == "〔U+20BB7〕野家〔U+1F600〕"
    assert plain("a\u202egnp.exe\x00\ufeff") == "agnp.exe"
    assert plain({"a": ["龘\r\n䶮\t。"]}) == {"a": ["龘\n䶮 。"]}


@given(st.text(max_size=300))
@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_character_that_is_left_has_a_glyph(text: str) -> None:
    assert all(char == "\n" or ord(char) in covered() for char in plain(text))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
@hypothesis_settings(max_examples=15, deadline=None)
def test_any_text_is_set(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    template = tmp_path_factory.mktemp("paper") / "line.typ"
    template.write_text(
        '#let content = json(bytes(sys.inputs.content))\n#set text(font: "Noto Sans SC")\n#content.text'
    )
    assert set_paper(template, {"text": text}, timezone.now()).startswith(b"%PDF-")


def test_sealed_words_stay_sealed_for_everybody_but_their_author(enshi: Place, case: Case) -> None:
    """An event that is sealed until the step is over, as a vote is."""
    event = case.events.order_by("-seq").first()
    assert event is not None
    Case.objects.filter(pk=case.pk).update(entered_seq=event.seq - 1)
    event.sealed = True
    case.refresh_from_db()
    assert page_hides(case, event, enshi.auditor)
    assert not page_hides(case, event, enshi.provider_handler)


def page_hides(case: Case, event: Any, actor: Actor) -> bool:
    matter = documents.load(case)
    shown = documents._event(matter, event, {}, actor)
    return bool(shown["sealed"]) and not shown["opinion"] and not shown["inputs"]


def test_only_comments_to_everybody_stand_in_the_file(enshi: Place, case: Case) -> None:
    def say(text: str, audience: str) -> Comment:
        return services.comment(enshi.provider_handler, case, audience=audience, text=text)

    say("只给本单位", Comment.Audience.ORGANIZATION)
    say("给各方", Comment.Audience.PARTIES)
    services.withdraw_comment(enshi.provider_handler, say("说错了", Comment.Audience.PARTIES).pk)
    assert [row["text"] for row in content(case, enshi.provider_leader)["comments"]] == ["给各方"]


def test_a_long_case_is_set_whole(enshi: Place, case: Case) -> None:
    found = content(case, enshi.auditor)
    found["events"] = found["events"] * 150
    made = set_paper(documents.TEMPLATE, found, timezone.now())
    assert made.count(b"/Type /Page") + made.count(b"/Type/Page") > 30 or len(made) > 100_000


def test_whoever_sees_the_case_gets_the_file_and_the_record_says_so(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client], api_for: Callable[[Actor], Any]
) -> None:
    for answer in (
        client_for(enshi.provider_leader).get(f"/cases/{case.number}/file.pdf"),
        api_for(enshi.auditor).get(f"/api/v1/cases/{case.number}/file.pdf", headers={"Accept": "application/pdf"}),
    ):
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert case.number in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    entries = AuditEntry.objects.filter(verb="case.export", subject="case", subject_id=str(case.pk)).order_by("pk")
    assert [entry.data["seq"] for entry in entries] == [case.seq, case.seq]
    assert all(len(entry.data["sha256"]) == 64 for entry in entries)


def test_a_stranger_gets_no_file_and_leaves_no_entry(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client], api_for: Callable[[Actor], Any]
) -> None:
    for stranger in (enshi.outsider, enshi.administrator):
        assert client_for(stranger).get(f"/cases/{case.number}/file.pdf").status_code == 404
        assert api_for(stranger).get(f"/api/v1/cases/{case.number}/file.pdf").status_code == 404
    assert not AuditEntry.objects.filter(verb="case.export").exists()


def test_the_pages_are_pictured_for_a_person_to_look_at(enshi: Place, case: Case) -> None:
    folder = Path(settings.ROOT) / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("zh-hans", "en"):
        shown = json.dumps(plain(content(case, enshi.auditor, language)))
        pages = typst.compile(
            str(documents.TEMPLATE),
            font_paths=[str(font_folder())],
            ignore_system_fonts=True,
            sys_inputs={"content": shown},
            format="png",
            ppi=80,
        )
        for number, picture in enumerate(pages if isinstance(pages, list) else [pages], start=1):
            (folder / f"case-file-{language}-{number}.png").write_bytes(picture)
            assert picture.startswith(b"\x89PNG")
