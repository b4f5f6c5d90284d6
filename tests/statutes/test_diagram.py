"""The picture of a procedure: every state once, the main path in one row, the position of a case marked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statutes import diagram
from statutes.definitions import Action, Exit, Option, Procedure, State, Text
from statutes.definitions import Test as Condition
from statutes.diagram.drawing import wrapped
from statutes.diagram.layout import main_path, moves_of, place
from statutes.diagram.routes import BOX_WIDTH, PORT, Point, frame_of
from statutes.loader import load_library

SVG = "{http://www.w3.org/2000/svg}"


def text(name: str) -> Text:
    return Text(f"{name}环节", f"State {name}")


def state(name: str, *, outcome: str = "", then: str = "") -> State:
    return State(name, text(name), outcome=outcome, next=(Exit(Condition("done"), then),) if then else ())


def action(name: str, sources: tuple[str, ...], *to: str, refuse: bool = False, clock: bool = False) -> Action:
    options = tuple(Option(Condition("x") if index else None, target) for index, target in enumerate(to))
    return Action(name, text(name), "r", sources, options, kind="refuse" if refuse else None, by_clock=clock)


def made(states: list[State], actions: list[Action]) -> Procedure:
    return Procedure(
        "p",
        "pack",
        "f",
        "r",
        Text("流程", "Procedure"),
        states={each.id: each for each in states},
        actions={each.id: each for each in actions},
    )


REQUEST = made(
    [
        state("head"),
        state("revising"),
        state("reply"),
        state("refusal"),
        state("mediation"),
        state("agreement", then="granted"),
        state("granted", outcome="granted"),
        state("refused", outcome="refused"),
        state("withdrawn", outcome="withdrawn"),
    ],
    [
        action("apply", (), "head"),
        action("send_back", ("head",), "revising"),
        action("resubmit", ("revising",), "head"),
        action("endorse", ("head",), "reply"),
        action("refuse", ("reply",), "refusal", refuse=True),
        action("consent", ("reply",), "agreement"),
        action("dispute", ("refusal",), "mediation"),
        action("lapse", ("refusal",), "refused", clock=True),
        action("settle", ("mediation",), "agreement"),
        action("uphold", ("mediation",), "refused", refuse=True),
        action("withdraw", ("*",), "withdrawn"),
    ],
)


def test_the_main_path_is_the_way_to_the_first_outcome_without_refusal() -> None:
    assert place(REQUEST, moves_of(REQUEST)).main == ("head", "reply", "agreement", "granted")


def test_a_step_that_can_be_skipped_and_go_back_is_no_part_of_the_main_path() -> None:
    supplement = made(
        [state("check"), state("papers"), state("sign"), state("done", outcome="done")],
        [
            action("open", (), "check"),
            action("ask", ("check",), "papers"),
            action("complete", ("papers",), "check", "sign"),
            action("pass", ("check",), "sign"),
            action("approve", ("sign",), "done"),
        ],
    )
    assert place(supplement, moves_of(supplement)).main == ("check", "sign", "done")


def test_a_decision_that_leads_on_is_the_main_path_before_other_ways() -> None:
    answered = made(
        [state("sign"), state("mediation"), state("agreement"), state("granted", outcome="granted")],
        [
            action("open", (), "sign"),
            action("take_over", ("sign",), "mediation"),
            replace(action("consent", ("sign",), "agreement"), kind="decide"),
            action("settle", ("mediation",), "agreement"),
            action("deliver", ("agreement",), "granted"),
        ],
    )
    assert place(answered, moves_of(answered)).main == ("sign", "agreement", "granted")


def test_the_main_path_takes_one_row_and_a_step_that_only_returns_stands_below_its_own() -> None:
    cells = place(REQUEST, moves_of(REQUEST)).cells
    assert [cells[name] for name in ("head", "reply", "agreement", "granted")] == [(0, 0), (1, 0), (2, 0), (3, 0)]
    assert cells["revising"] == (0, 1)
    assert cells["refusal"] == (2, 1)


def test_what_is_reached_from_everywhere_has_no_line_from_each_state() -> None:
    grid = place(REQUEST, moves_of(REQUEST))
    assert grid.loose == ("withdrawn",)
    assert all(move.target != "withdrawn" for move in moves_of(REQUEST))


def test_a_procedure_without_a_plain_way_to_an_end_is_drawn_all_the_same() -> None:
    only_refusals = made(
        [state("a"), state("end", outcome="refused")],
        [action("open", (), "a"), action("refuse", ("a",), "end", refuse=True)],
    )
    assert main_path(only_refusals, moves_of(only_refusals), ("a",)) == ("a", "end")


def _classes(svg: str) -> dict[str, str]:
    """The title of each box to its classes."""
    root = ElementTree.fromstring(svg)  # noqa: S314
    found = {}
    for group in root.iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if group.get("class") and title is not None:
            found[title.text or ""] = group.get("class", "")
    return found


def test_the_drawing_marks_where_a_case_stands_and_where_it_has_been() -> None:
    classes = _classes(diagram.draw(REQUEST, language="zh-hans", current="reply", visited=["head"]))
    assert set(classes) == {each.label.zh for each in REQUEST.states.values()}
    assert "sh-node-now" in classes["reply环节"]
    assert "sh-node-done" in classes["head环节"]
    assert "sh-node-side" in classes["mediation环节"]
    assert "sh-node-end" in classes["refused环节"]
    assert sum("sh-node-now" in css for css in classes.values()) == 1


def test_the_drawing_speaks_the_language_asked_for_and_says_what_it_shows() -> None:
    english = diagram.draw(REQUEST, language="en", current="reply")
    assert "State reply" in english
    assert "环节" not in english
    label = ElementTree.fromstring(english).get("aria-label", "")  # noqa: S314
    assert label == "Procedure. The case stands at: State reply"


def test_notes_stand_below_the_label() -> None:
    assert "5 个工作日" in diagram.draw(REQUEST, language="zh-hans", notes={"reply": "5 个工作日"})


def test_labels_are_escaped_and_nothing_is_styled_inline() -> None:
    nasty = made(
        [State("a", Text("<b>甲</b>", "<b>a</b>")), state("end", outcome="done")],
        [action("open", (), "a"), action("go", ("a",), "end")],
    )
    svg = diagram.draw(nasty, language="zh-hans")
    assert "<b>" not in svg
    assert "style=" not in svg


def test_the_same_procedure_gives_the_same_picture() -> None:
    assert diagram.draw(REQUEST, language="zh-hans") == diagram.draw(REQUEST, language="zh-hans")


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("待答复", ["待答复"]),
        ("待提供部门负责人签发", ["待提供部门", "负责人签发"]),
        ("Agreement to be signed", ["Agreement to", "be signed"]),
        ("不同意,待申请单位表态", ["不同意,待申", "请单位表态"]),
    ],
)
def test_labels_break_into_lines_of_about_the_same_length(label: str, lines: list[str]) -> None:
    assert wrapped(label) == lines


def test_a_label_too_long_for_its_box_ends_in_an_ellipsis() -> None:
    lines = wrapped("很长" * 40)
    assert len(lines) == 3
    assert lines[-1].endswith("…")


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """Any graph of up to nine states with loops, refusals, automatic exits and clocks."""
    names = [f"s{number}" for number in range(draw(st.integers(2, 9)))]
    ends = set(draw(st.lists(st.sampled_from(names[1:]), min_size=1, max_size=3)))
    states = [
        state(
            name,
            outcome="done" if name in ends else "",
            then=draw(st.sampled_from(["", *names])) if name not in ends else "",
        )
        for name in names
    ]
    open_states = [name for name in names if name not in ends]
    actions = [action("open", (), *draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))]
    for number in range(draw(st.integers(0, 14))):
        source = draw(st.sampled_from([*open_states, "*"])) if open_states else "*"
        to = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        actions.append(action(f"a{number}", (source,), *to, refuse=draw(st.booleans()), clock=draw(st.booleans())))
    return made(states, actions)


def _shared_stretches(lines: list[list[Point]]) -> list[tuple[Point, Point]]:
    """Where two lines run on top of each other for more than a few pixels."""
    stretches = [(*sorted(pair), number) for number, line in enumerate(lines) for pair in pairwise(line)]
    return [
        (a, c)
        for a, b, one in stretches
        for c, d, other in stretches
        if one < other
        for axis in (0, 1)
        if a[axis] == b[axis] == c[axis] == d[axis]
        and min(b[1 - axis], d[1 - axis]) - max(a[1 - axis], c[1 - axis]) > PORT
    ]


def test_no_two_lines_of_our_own_procedures_run_on_top_of_each_other() -> None:
    ours = [procedure for found in load_library().packs.values() for procedure in found.pack.procedures]
    assert ours
    for procedure in [REQUEST, *ours]:
        moves = moves_of(procedure)
        grid = place(procedure, moves)
        frame = frame_of(grid, moves, dict.fromkeys(range(grid.rows), 50.0))
        assert _shared_stretches(list(frame.lines.values())) == [], procedure.id


@given(procedures())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_any_procedure_is_drawn_with_every_state_in_a_place_of_its_own_inside_the_frame(procedure: Procedure) -> None:
    moves = moves_of(procedure)
    grid = place(procedure, moves)
    assert set(grid.cells) == set(procedure.states)
    assert len(set(grid.cells.values())) == len(grid.cells)
    frame = frame_of(grid, moves, dict.fromkeys(range(grid.rows), 50.0))
    for box in frame.boxes.values():
        assert box.width == BOX_WIDTH
        assert box.x >= 0
        assert box.x + box.width <= frame.width
        assert box.y + box.height <= frame.height
    for points in frame.lines.values():
        assert all(0 <= x <= frame.width and 0 <= y <= frame.height for x, y in points)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
    ElementTree.fromstring(diagram.draw(procedure, language="en"))  # noqa: S314
