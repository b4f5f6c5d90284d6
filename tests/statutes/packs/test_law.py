"""The packs of the portal say what the regulations say: every number, who decides, which way it goes."""

from __future__ import annotations

import re
from datetime import date
from string import Template

import pytest

from statutes.definitions import Action, CompiledPack, Procedure
from statutes.loader import join, load_library
from statutes.resolution import resolve_limit
from statutes.validation import check_library

DAY = date(2026, 3, 2)
LIBRARY = load_library()
PACKS = {pack_id: join(LIBRARY.chain(pack_id)) for pack_id in LIBRARY.packs}

NUMBERS = [
    ("national", "share.reply_unconditional", 1, "working_day", "21"),
    ("national", "share.reply_conditional", 10, "working_day", "21"),
    ("national", "share.extension", 10, "working_day", "21"),
    ("national", "share.provide", 20, "working_day", "22"),
    ("national", "share.records", 3, "year", "29"),
    ("national", "correction.whole", 10, "working_day", "26"),
    ("national", "catalog.update", 10, "working_day", "17"),
    ("national", "catalog.update_extension", 5, "working_day", "17"),
    ("national", "catalog.review", 2, "working_day", "17"),
    ("enshi", "share.reply", 5, "working_day", "16"),
    ("enshi", "share.provide", 20, "working_day", "22"),
    ("enshi", "share.reply_unconditional", 1, "working_day", "21"),
    ("enshi", "catalog.update", 10, "working_day", "17"),
    ("enshi", "correction.whole", 10, "working_day", "26"),
    ("xianyang", "objection.recheck", 5, "working_day", "21"),
    ("xianyang", "objection.provider", 3, "working_day", "21"),
    ("xianyang", "share.bureau_reply", 10, "working_day", ""),
    ("xianyang", "share.special_reply", 10, "working_day", ""),
    ("xianyang", "correction.whole", 10, "working_day", "26"),
]


def procedure(pack: str, procedure_id: str) -> Procedure:
    return PACKS[pack].procedure(procedure_id, DAY)


def test_the_portals_packs_have_no_problem() -> None:
    assert list(map(str, check_library(LIBRARY))) == []
    assert {"national", "enshi", "xianyang"} <= set(PACKS)


@pytest.mark.parametrize(
    ("pack", "rule", "amount", "unit", "article"), NUMBERS, ids=[f"{n[0]}:{n[1]}" for n in NUMBERS]
)
def test_the_numbers_are_those_of_the_law(pack: str, rule: str, amount: int, unit: str, article: str) -> None:
    """The numbers of Order 809 and of the two cities' measures; a number of our own cites no article."""
    resolved = resolve_limit(PACKS[pack], rule, DAY)
    assert (resolved.limit.amount, resolved.limit.unit, resolved.rule.article) == (amount, unit, article)
    assert resolved.floor is None
    assert resolved.rule.practice is not bool(article)


def test_enshis_own_fifteen_days_for_the_catalogue_ended_with_the_national_ten() -> None:
    """Order 809 art. 17 took the place of Enshi's art. 11 on 1 August 2025."""
    before = resolve_limit(PACKS["enshi"], "catalog.update", date(2025, 7, 31))
    after = resolve_limit(PACKS["enshi"], "catalog.update", date(2025, 8, 1))
    assert (before.limit.amount, before.rule.pack) == (15, "enshi")
    assert (after.limit.amount, after.rule.pack) == (10, "national")


def test_a_number_of_our_own_is_marked_as_practice() -> None:
    """A rule either cites an article of its instrument or says that it is practice, never both."""
    for compiled in PACKS.values():
        for rule in compiled.own.rules:
            assert bool(rule.article) is not rule.practice, rule.id
            assert rule.summary.zh
            assert rule.summary.en


def test_every_local_rule_cites_the_extraction() -> None:
    """A row of the extraction is named by article; the second number of a row stands beside the rule that names it."""
    for pack in PACKS.keys() - {"national"}:
        rules = [rule for rule in PACKS[pack].own.rules if not rule.practice]
        named = {(rule.instrument, rule.article) for rule in rules if rule.ref}
        for rule in rules:
            article = rule.article.split("-", maxsplit=1)[0]
            cited = re.match(rf"R-{pack}-[A-Z]*{article}(-|$)", rule.ref)
            assert cited or (not rule.ref and (rule.instrument, rule.article) in named), rule.id


@pytest.mark.parametrize("pack", ["national", "enshi", "xianyang"])
def test_the_applicants_handler_and_leader_may_both_withdraw(pack: str) -> None:
    withdraw = procedure(pack, "share_request").actions["withdraw"]
    assert {str(hand) for hand in withdraw.by} == {"applicant.handler", "applicant.leader"}
    assert withdraw.sources == ("*",)


def test_in_enshi_only_the_providers_leader_ends_the_clock() -> None:
    """A draft by the handler is no answer (Order 809 art. 20: the head agrees first)."""
    share = procedure("enshi", "share_request")
    clock = share.clocks["reply"]
    assert clock.starts == ("endorse",)
    assert {str(hand) for event in clock.until for hand in share.actions[event].by} == {"provider.leader"}
    required = {name for name, how in share.actions["propose"].inputs.items() if how == "required"}
    assert required == {"proposal", "opinion"}


def test_silence_moves_no_request() -> None:
    """Where nobody answers, leaders are told and the coordinator urges; only a refusal left undisputed lapses."""
    for pack, urging in (("enshi", "coordinator.handler"), ("xianyang", "bureau.approver")):
        clocks = procedure(pack, "share_request").clocks
        assert {name for name, clock in clocks.items() if clock.act} == {"refusal_open"}
        told = {str(hand) for hand in clocks["reply"].notify}
        assert {"applicant.leader", "provider.leader", urging} == told


@pytest.mark.parametrize("state", ["provider_reply", "provider_sign"])
def test_a_late_answer_stays_possible_in_enshi(state: str) -> None:
    """No way out of answering is closed by an overdue clock."""
    share = procedure("enshi", "share_request")
    for action_id in ("propose", "consent", "refuse"):
        assert share.actions[action_id].when == ()
    assert any(state in share.actions[a].sources for a in ("propose", "consent"))


def test_papers_are_asked_for_once_and_the_answer_extended_once() -> None:
    """Order 809 art. 21."""
    share = procedure("enshi", "share_request")
    assert share.actions["ask_supplement"].once
    assert share.actions["ask_extension"].once
    assert {str(hand) for hand in share.actions["grant_extension"].by} == {"bureau.approver"}
    assert share.clocks["reply"].pause == ()


def test_in_xianyang_the_bureau_decides_and_signs() -> None:
    """Xianyang art. 18 and 33: the bureau approves and is the other side of the agreement."""
    share = procedure("xianyang", "share_request")
    assert share.clocks["reply"].duty == "bureau"
    assert {str(h) for event in share.clocks["reply"].until for h in share.actions[event].by} == {"bureau.approver"}
    assert {str(hand) for hand in share.actions["sign"].by} == {"applicant.leader", "bureau.approver"}
    assert "provider.leader" in {str(hand) for hand in share.states["consultation"].awaits}


def test_in_xianyang_the_providers_three_days_are_not_counted_into_the_bureaus_five() -> None:
    """Xianyang art. 21, under the national ten days for the whole."""
    correction = procedure("xianyang", "correction")
    assert correction.clocks["bureau"].pause == ("provider_check",)
    assert correction.clocks["whole"].pause == ()
    assert correction.clocks["provider_answer"].starts == ("urge",)


def test_a_city_without_a_procedure_of_its_own_runs_the_nations() -> None:
    """Order 809: the provider answers (art. 21), the authority mediates, the government decides (art. 28)."""
    share = procedure("national", "share_request")
    assert [option.value for option in share.clocks["reply"].limit] == ["share.reply_conditional"]
    assert {str(h) for event in share.clocks["reply"].until for h in share.actions[event].by} == {"provider.leader"}
    assert [str(hand) for hand in share.states["coordination"].awaits] == ["bureau.approver"]
    assert [str(hand) for hand in share.states["arbitration"].awaits] == ["arbiter.approver"]


def test_a_city_corrects_data_as_its_own_text_says_and_else_as_the_nation_does() -> None:
    """Enshi art. 20 wants the bureau to have a copy, Xianyang art. 21 checks again; the others say nothing."""
    assert {pack: procedure(pack, "correction").pack for pack in ("enshi", "xianyang", "pingliang")} == {
        "enshi": "enshi",
        "xianyang": "xianyang",
        "pingliang": "national",
    }
    report = procedure("enshi", "correction").opening_action("hand")
    assert "bureau" in {hand.party for hand in report.notify}


@pytest.mark.parametrize("pack_id", LIBRARY.packs)
def test_who_brings_a_matter_before_the_own_leader_submits_it(pack_id: str) -> None:
    """Else one person in two positions would draft the answer and sign it."""
    for each in LIBRARY.packs[pack_id].pack.procedures:
        deciding = [action for action in each.actions.values() if action.kind in ("decide", "refuse")]
        for action in each.actions.values():
            parties, targets = {hand.party for hand in action.by}, {choice.value for choice in action.to}
            leaders = {h for a in deciding if targets & set(a.sources) for h in a.by if h.party in parties}
            if leaders and not leaders & set(action.by) and action not in deciding:
                assert action.kind == "submit", f"{each.id}: {action.id}"


def gates(action: Action) -> set[str]:
    return {getattr(cond, "name", "") for cond in action.when}


@pytest.mark.parametrize("action_id", ["submit", "resubmit"])
def test_an_entry_is_submitted_with_items_assessment_and_basis(action_id: str) -> None:
    """Order 809 art. 13-15; in Xianyang base items have to be unconditional as well (art. 9)."""
    national = gates(procedure("national", "catalog_publication").actions[action_id])
    local = gates(procedure("xianyang", "catalog_publication").actions[action_id])
    assert national == {"items_described", "assessment_recorded", "withheld_has_basis"}
    assert local - national == {"base_directory_unconditional"}


@pytest.mark.parametrize("compiled", PACKS.values(), ids=PACKS.keys())
def test_agreements_can_be_filled_in(compiled: CompiledPack) -> None:
    """The templates use only the words that sharing gives them."""
    names = [
        "number",
        "applicant",
        "counterpart",
        "provider",
        "resource",
        "code",
        "items",
        "basis",
        "scenario",
        "scope",
        "method",
        "until",
        "date",
    ]
    for term in ("agreement_use", "agreement_confidentiality"):
        text = compiled.term(term)
        if text is None:
            assert "sign_confidentiality" not in str(compiled.own.procedures)
            continue
        for template in (text.zh, text.en):
            Template(template).substitute(dict.fromkeys(names, "x"))


@pytest.mark.parametrize("pack", PACKS)
def test_labels_of_one_procedure_differ_within_each_list(pack: str) -> None:
    """Two actions that can be taken from one state never look the same."""
    for own in PACKS[pack].own.procedures:
        for state in own.states:
            labels = [action.label.zh for action in own.actions_from(state)]
            assert len(labels) == len(set(labels)), state
