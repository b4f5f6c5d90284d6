"""The law pages: packs, rules, procedures, comparison, calendar, calculator."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from organizations.actors import Actor, SystemActor
from statutes import diagram
from statutes.comparison import compared
from statutes.definitions import Rule
from statutes.procedure_parts import matrix
from statutes.procedure_view import Words
from statutes.resolution import states_number
from statutes.selectors import law
from statutes.selectors.coverage import coverage_in_force
from statutes.selectors.searching import Wanted, place_of, rules_of_instrument, search_rules
from statutes.services import record_local_day
from tests.scenes import store_law

Browser = Callable[[Actor], Client]
ENSHI = {"pack_id": "enshi"}


@pytest.fixture
def packs(db: None) -> None:
    store_law()


def text(client: Client, name: str, query: str = "", language: str = "zh-hans", **kwargs: str) -> str:
    response = client.get(reverse(f"statutes:{name}", kwargs=kwargs) + query, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("law", {}),
        ("calendar", {}),
        ("calculator", {}),
        ("compare", {}),
        ("coverage", {}),
        ("search", {}),
        ("pack", ENSHI),
        ("instrument", {**ENSHI, "instrument_id": "sharing"}),
        ("rule", {**ENSHI, "rule_id": "share.reply"}),
        ("procedure", {**ENSHI, "procedure_id": "share_request"}),
    ],
)
def test_a_stranger_is_asked_to_sign_in(client: Client, name: str, kwargs: dict[str, str]) -> None:
    response = client.get(reverse(f"statutes:{name}", kwargs=kwargs))
    assert response.status_code in (302, 401, 403)
    assert b"share.reply" not in response.content


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_everybody_who_is_signed_in_reads_every_pack(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "law")
    for found in law.packs_in_force(outsider):
        assert found.law.own.name.zh in page
        assert reverse("statutes:pack", args=[found.law.own.id]) in page


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_pack_shows_its_rules_with_article_number_and_marks(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "pack", **ENSHI)
    assert "第16条" in page
    assert "5 个工作日" in page
    assert "解读" in page


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_rules_are_searched_in_both_languages_by_article_and_by_id(outsider: Actor) -> None:
    found = law.pack_in_force(outsider, "enshi").law
    today = date(2026, 3, 2)

    def ids(query: str, **filters: bool | str) -> set[str]:
        return {row.rule.id for row in law.rules_of(outsider, found, today, query=query, **filters)}

    assert "share.reply" in ids("五个工作日内 答复")
    assert "share.reply" in ids("PROVIDER answers")
    assert "share.reply" in ids("share.reply")
    assert ids("五个工作日内 nothing-like-it") == set()
    assert ids("", numbered=True) < ids("")
    assert ids("", treatment="enforced") < ids("")


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_rule_names_its_instrument_its_reading_and_where_it_is_applied(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "rule", **ENSHI, rule_id="share.reply")
    found = law.pack_in_force(outsider, "enshi").law
    rule = found.rule("share.reply")
    instrument = found.instrument(rule)
    assert instrument is not None
    assert rule.reading is not None
    for expected in (instrument.title.zh, instrument.number, rule.reading.zh):
        assert expected in page
    assert reverse("statutes:procedure", args=["enshi", "share_request"]) in page


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_procedure_is_drawn_and_told_step_by_step(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "procedure", **ENSHI, procedure_id="share_request")
    wanted = law.pack_in_force(outsider, "enshi").law.procedure("share_request", date(2026, 3, 2))
    assert "<svg" in page
    for state in wanted.states.values():
        assert state.label.zh in page
    for action in wanted.actions.values():
        assert action.label.zh in page


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_every_procedure_of_every_pack_has_its_page(client_for: Browser, outsider: Actor) -> None:
    client = client_for(outsider)
    for found in law.packs_in_force(outsider):
        for wanted in law.procedures_of(outsider, found.law, date(2026, 3, 2)):
            for language in ("zh-hans", "en"):
                text(client, "procedure", language=language, pack_id=found.law.own.id, procedure_id=wanted.id)


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_limits_stand_side_by_side_and_the_silent_place_shows_the_one_above(
    client_for: Browser, outsider: Actor
) -> None:
    """Enshi's five working days stand beside the national ten, which they may not exceed."""
    laws = [each.law for each in law.packs_in_force(outsider)]
    places = [each.own.id for each in laws]
    with override("zh-hans"):
        lines = {line.id: line for line in compared(laws, "limits", date(2026, 3, 2), "zh-hans")}
    conditional = lines["share.reply_conditional"]
    local = conditional.cells[places.index("enshi")][0]
    assert local.rule is not None
    assert (local.rule.id, local.text, local.note) == (
        "share.reply",
        "5 个工作日",
        "地方数值严于上位规定，适用地方数值。",
    )
    assert conditional.cells[places.index("national")][0].text == "10 个工作日"
    assert conditional.differs
    assert {cell[0].rule.pack for cell in lines["share.provide"].cells if cell[0].rule} == {"national"}
    assert not lines["share.provide"].differs


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
@pytest.mark.parametrize("what", ["limits", "thresholds", "ranges", "frequencies", "deciders", "treatments"])
def test_any_parameter_is_compared_between_chosen_packs_and_exported_as_shown(
    client_for: Browser, outsider: Actor, what: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(outsider)
    text(client, "law")
    with django_assert_max_num_queries(12):
        page = text(client, "compare", f"?what={what}")
    assert "<table" in page
    query = f"?what={what}&pack=xianyang&pack=pingliang&export=csv"
    answer = client.get(reverse("statutes:compare") + query, headers={"accept-language": "zh-hans"})
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert rows[0][2:] == ["咸阳市", "平凉市"]
    assert len(rows) > 1
    laws = [each.law for each in law.packs_in_force(outsider) if each.law.own.id in ("xianyang", "pingliang")]
    with override("zh-hans"):
        assert next(line.label for line in compared(laws, what, timezone.localdate(), "zh-hans")) == rows[1][0]


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_who_decides_is_told_by_place_and_only_what_differs_is_left_on_wish(
    client_for: Browser, outsider: Actor
) -> None:
    """In Enshi the leading group has a say in a share request, nationally it has none."""
    laws = [each.law for each in law.packs_in_force(outsider)]
    request = next(
        line for line in compared(laws, "deciders", date(2026, 3, 2), "zh-hans") if line.id == "share_request"
    )
    said = {each.own.id: " ".join(entry.text for entry in cell) for each, cell in zip(laws, request.cells, strict=True)}
    assert "领导小组" in said["enshi"]
    assert "领导小组" not in said["national"]
    client = client_for(outsider)
    assert len(text(client, "compare", "?differing=on")) < len(text(client, "compare"))
    assert "sh-error" in text(client, "compare", "?what=colours")


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("pack", {"pack_id": "nowhere"}),
        ("instrument", {**ENSHI, "instrument_id": "nothing"}),
        ("rule", {**ENSHI, "rule_id": "no.such"}),
        ("procedure", {**ENSHI, "procedure_id": "nothing"}),
    ],
)
def test_what_is_not_there_is_not_found(
    client_for: Browser, outsider: Actor, name: str, kwargs: dict[str, str]
) -> None:
    assert client_for(outsider).get(reverse(f"statutes:{name}", kwargs=kwargs)).status_code == 404


# --- the calendar ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_calendar_shows_holidays_and_their_make_up_days(client_for: Browser, outsider: Actor) -> None:
    """2026: Spring Festival 15 to 23 February, worked on Saturday 14 and 28."""
    page = text(client_for(outsider), "calendar", "?year=2026&jurisdiction=")
    assert "春节" in page
    for day in ("2026-02-14", "2026-02-28", "2026-02-15", "2026-02-23"):
        assert day in page
    assert "248 个工作日" in page
    assert "暂定" not in page


@pytest.mark.django_db
def test_a_year_without_a_notice_is_marked_provisional(client_for: Browser, outsider: Actor) -> None:
    assert "暂定" in text(client_for(outsider), "calendar", "?year=2027")


@pytest.mark.django_db
def test_a_local_day_shows_in_its_jurisdiction_only(client_for: Browser, outsider: Actor) -> None:
    record_local_day(
        actor=SystemActor("test"),
        jurisdiction=outsider.jurisdiction_id,
        day=date(2026, 8, 19),
        is_working=False,
        name="州庆",
    )
    client = client_for(outsider)
    assert "州庆" in text(client, "calendar", "?year=2026")
    assert "州庆" not in text(client, "calendar", "?year=2026&jurisdiction=")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?year=1999", "?year=2061", "?year=abcd", "?year=二零二六", "?jurisdiction=nowhere"])
def test_a_year_or_place_unknown_to_the_calendar_is_not_found(client_for: Browser, outsider: Actor, query: str) -> None:
    assert client_for(outsider).get(reverse("statutes:calendar") + query).status_code == 404


# --- the calculator --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_calculator_counts_forward_and_shows_each_day(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "calculator", "?start=2024-02-09T10:00&amount=5&unit=working_day")
    assert 'datetime="2024-02-22"' in page
    assert "调休上班" in page
    assert "春节" in page


@pytest.mark.django_db
def test_the_calculator_leaves_out_a_suspension(client_for: Browser, outsider: Actor) -> None:
    query = "?start=2026-03-02T09:00&amount=10&unit=working_day&paused_from=2026-03-04&paused_to=2026-03-09"
    assert 'datetime="2026-03-20"' in text(client_for(outsider), "calculator", query)
    still = "?start=2026-03-02T09:00&amount=10&unit=working_day&paused_from=2026-03-04"
    assert "中止" in text(client_for(outsider), "calculator", still)


@pytest.mark.django_db
def test_the_calculator_counts_back_to_the_last_working_day_to_start(client_for: Browser, outsider: Actor) -> None:
    """Five working days that must be over by 27 February 2026 start on Friday 13 February at the latest."""
    page = text(client_for(outsider), "calculator", "?direction=back&by=2026-02-27&amount=5&unit=working_day")
    assert 'datetime="2026-02-13"' in page


@pytest.mark.django_db
def test_a_count_into_a_projected_year_is_provisional(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "calculator", "?start=2026-12-28T09:00&amount=5&unit=working_day")
    assert 'datetime="2027-01-05"' in page
    assert "暂定" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "?start=2026-03-02T09:00&amount=-1&unit=working_day",
        "?start=2026-03-02T09:00&amount=99999999999&unit=year",
        "?start=2026-03-02T09:00&amount=3650&unit=year",
        "?start=not-a-date&amount=5&unit=working_day",
        "?start=2026-03-02T09:00&amount=5&unit=fortnight",
        "?start=1990-03-02T09:00&amount=5&unit=working_day",
        "?start=2026-03-02T09:00&amount=5&unit=day&paused_from=2026-03-09&paused_to=2026-03-04",
        "?start=2026-03-02T09:00&amount=5&unit=day&paused_to=2026-03-04",
        "?direction=back&by=2004-01-02&amount=60&unit=working_day",
        "?direction=back&by=2026-03-02&amount=5&unit=hour",
    ],
)
def test_input_that_cannot_be_counted_says_what_is_wrong(client_for: Browser, outsider: Actor, query: str) -> None:
    page = text(client_for(outsider), "calculator", query)
    assert "sh-error" in page
    assert "sh-strip" not in page


# --- safety ----------------------------------------------------------------------------------------------


class Attributes(HTMLParser):
    """Collects what the content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if "style" in names or any(name.startswith("on") for name in names) or tag == "style":
            self.inline.append(tag)
        if tag == "script" and "src" not in names:
            self.inline.append(tag)


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_no_page_has_inline_style_or_script(client_for: Browser, outsider: Actor) -> None:
    client = client_for(outsider)
    pages = [
        text(client, "law"),
        text(client, "pack", **ENSHI),
        text(client, "procedure", **ENSHI, procedure_id="share_request"),
        text(client, "calendar", "?year=2026"),
        text(client, "calculator", "?start=2024-02-09T10:00&amount=5&unit=working_day"),
    ]
    for page in pages:
        found = Attributes()
        found.feed(page)
        assert found.inline == []


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_what_is_searched_for_is_shown_escaped(client_for: Browser, outsider: Actor) -> None:
    page = text(client_for(outsider), "pack", "?q=%3Cscript%3Ealert(1)%3C/script%3E", **ENSHI)
    assert "<script>alert(1)" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_rule_shows_the_local_number_and_the_national_one_and_which_binds(
    client_for: Browser, outsider: Actor
) -> None:
    page = text(client_for(outsider), "rule", language="en", **ENSHI, rule_id="share.reply")
    assert "Which number binds" in page
    assert "5 working days" in page
    assert "10 working days" in page
    assert "The local number is stricter" in page
    national = text(client_for(outsider), "rule", language="en", pack_id="national", rule_id="share.reply_conditional")
    assert "Which number binds" not in national


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_rule_says_who_is_bound_and_what_handles_it_or_why_nothing_does(client_for: Browser, outsider: Actor) -> None:
    client = client_for(outsider)
    enforced = text(client, "rule", language="en", pack_id="national", rule_id="catalog.withheld_basis")
    assert "a withheld entry names its legal basis" in enforced
    outside = text(client, "rule", language="en", pack_id="national", rule_id="records.network_logs")
    assert "Network operators" in outside
    assert "only ever added to" in outside
    soft = text(client, "rule", language="en", pack_id="national", rule_id="share.function_match")
    assert "as a rule" in soft


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_the_coverage_counts_every_rule_of_every_pack_and_lists_what_is_to_be_read(
    client_for: Browser, outsider: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(outsider)
    text(client, "law")
    with django_assert_max_num_queries(12):
        page = text(client, "coverage", language="en")
    for found in coverage_in_force(outsider):
        assert found.pack.name.en in page
        for head, rules in (("readings", found.readings), ("left outside, with why", found.outside)):
            assert (f"{head} ({len(rules)})" in page) or not rules
    assert "waits for: network and faults" in page
    assert reverse("statutes:rule", args=["national", "share.misuse"]) in page


# --- looking for rules -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_the_search_goes_over_every_pack_and_filters_by_all_that_a_rule_says_of_itself(outsider: Actor) -> None:
    packs, today = law.packs_in_force(outsider), date(2026, 3, 2)
    everything = {(each.law.own.id, rule.id): rule for each in packs for rule in each.law.own.rules}

    def ids(**asked: str | bool) -> set[tuple[str, str]]:
        hits = search_rules(outsider, packs, today, Wanted(**asked), most=10_000)
        return {(row.rule.pack, row.rule.id) for hit in hits for section in hit.sections for row in section.rows}

    def those(fits: Callable[[Rule], object]) -> set[tuple[str, str]]:
        return {key for key, rule in everything.items() if fits(rule)}

    assert ids() == set(everything)
    assert ids(pack="enshi") == those(lambda rule: rule.pack == "enshi")
    assert ids(instrument="national:o809") == those(lambda rule: (rule.pack, rule.instrument) == ("national", "o809"))
    assert ids(kind="gate") == those(lambda rule: rule.kind == "gate")
    assert ids(treatment="planned") == those(lambda rule: rule.treatment == "planned")
    assert ids(marked="reading") == those(lambda rule: rule.reading)
    assert ids(marked="soft") == those(lambda rule: rule.soft)
    assert ids(marked="practice") == those(lambda rule: rule.practice)
    assert ids(numbered=True, pack="enshi") == those(lambda rule: rule.pack == "enshi" and states_number(rule))
    assert ("enshi", "share.reply") in ids(query="R-enshi-S16-3")
    assert ("enshi", "share.reply") in ids(query="第16条 使用部门")
    assert ("national", "share.reply_conditional") in ids(query="within ten working days", kind="obligation") | ids(
        query="十个工作日"
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_search_that_finds_much_shows_the_first_of_each_pack_and_leads_to_the_rest(
    client_for: Browser, outsider: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(outsider)
    text(client, "law")
    with django_assert_max_num_queries(12):
        page = text(client, "search", "?treatment=planned", language="en")
    assert "Show all" in page
    assert "pack=xianyang" in page
    assert "No rule matches" in text(client, "search", "?q=nothing-is-called-so", language="en")
    assert "sh-error" in text(client, "search", "?pack=nowhere")
    assert "<script>alert(1)" not in text(client, "search", "?q=%3Cscript%3Ealert(1)%3C/script%3E")


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_an_instrument_shows_its_articles_in_order_with_number_and_days_in_force(
    client_for: Browser, outsider: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Article 9 comes before article 12, whatever the order of the pack's files."""
    client = client_for(outsider)
    text(client, "law")
    with django_assert_max_num_queries(12):
        page = text(client, "instrument", pack_id="national", instrument_id="o809")
    assert "国务院令第809号" in page
    assert "2025-08-01" in page
    found = law.pack_in_force(outsider, "national").law
    rows = rules_of_instrument(outsider, found, "o809", date(2026, 3, 2))
    firsts = [place_of(row.rule)[0][0] for row in rows]
    assert firsts == sorted(firsts)
    assert {row.rule.id for row in rows} == {rule.id for rule in found.own.rules if rule.instrument == "o809"}


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", "没有现行的规则包“nope”"), ("en", "There is no rule pack nope in force.")]
)
def test_a_law_that_is_not_there_is_refused_in_a_sentence(
    client_for: Browser, outsider: Actor, language: str, sentence: str
) -> None:
    answer = client_for(outsider).get("/law/nope/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert sentence in answer.content.decode()


# --- what surrounds a procedure --------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_the_matrix_holds_every_action_of_a_person_in_every_state_and_nothing_else(outsider: Actor) -> None:
    """Of every procedure of every pack: each (state, role, action) of the definition, once."""
    today = date(2026, 3, 2)
    for found in law.packs_in_force(outsider):
        for wanted in law.procedures_of(outsider, found.law, today):
            shown = matrix(Words(found.law, wanted, today, "zh-hans"))
            stated = sum(
                len(action.by)
                for state in wanted.states.values()
                if not state.terminal
                for action in wanted.actions_from(state.id)
            ) + sum(len(action.by) for action in wanted.actions.values() if action.opens_case)
            assert sum(len(actions) for row in shown.rows for _role, actions in row.cells) == stated
            assert all(len(row.cells) == len(shown.roles) for row in shown.rows)


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_a_procedure_names_its_parties_its_children_what_extends_and_what_reminds(
    client_for: Browser, outsider: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_for(outsider)
    text(client, "law")
    with django_assert_max_num_queries(12):
        page = text(client, "procedure", language="en", **ENSHI, procedure_id="share_request")
    assert "extended by" in page
    assert "Who may do what where" in page
    withdrawal = text(client, "procedure", language="en", **ENSHI, procedure_id="resource_withdrawal")
    child = reverse("statutes:procedure", args=["enshi", "withdrawal_opinion"])
    assert "Opens further cases" in withdrawal
    assert child in withdrawal
    assert "Opens by itself" in text(client, "procedure", language="en", **ENSHI, procedure_id="opening_plan")


@pytest.mark.django_db
@pytest.mark.usefixtures("packs")
def test_limits_and_articles_stand_on_the_states_of_the_diagram_for_hover_and_keyboard(outsider: Actor) -> None:
    found = law.pack_in_force(outsider, "enshi").law
    today = date(2026, 3, 2)
    wanted = found.procedure("share_request", today)
    words = Words(found, wanted, today, "en")
    with override("en"):
        titles = words.titles()
        drawn = diagram.draw(wanted, language="en", notes=words.notes(), titles=titles)
    nodes = [node for node in ElementTree.fromstring(drawn).iter() if node.get("tabindex") == "0"]  # noqa: S314
    assert len(nodes) == len(wanted.states)
    labels = [node.get("aria-label") or "" for node in nodes]
    assert any("5 working days" in label and "art. 16" in label for label in labels)
    plain = diagram.draw(wanted, language="en", notes=words.notes())
    assert "tabindex" not in plain
