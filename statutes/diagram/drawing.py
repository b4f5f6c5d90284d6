"""From a procedure to SVG markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, override

from statutes.definitions import Procedure
from statutes.diagram.layout import Grid, Move, moves_of, place
from statutes.diagram.routes import BOX_WIDTH, Frame, Point, Rect, frame_of, head, rounded

WIDE = 13.0
NARROW = 6.9
LINE_HEIGHT = 17.0
MOST_LINES = 3
PADDING = 9.0
LEAST_WIDTH = 620


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """One state: `lines` of its label, `note` below them (its time limit)."""

    rect: Rect
    x: float
    lines: tuple[Line, ...]
    note: Line | None
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Arrow:
    path: str
    head: str
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class _Standing:
    """The procedure, where a case stands in it, and in which language it is shown."""

    procedure: Procedure
    language: str
    current: str
    visited: frozenset[str]
    notes: Mapping[str, str]
    titles: Mapping[str, str]

    def label(self, state: str) -> str:
        return self.procedure.states[state].label.in_language(self.language)


def draw(
    procedure: Procedure,
    *,
    language: str,
    current: str = "",
    visited: Iterable[str] = (),
    notes: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> SafeString:
    """The procedure as SVG markup, styled by the page's classes.

    `current`: the state a case stands in; `visited`: those it has been in. `notes`: state to a short line below its
    label, such as its time limit, already in the page's language. `titles`: state to what hovering and the keyboard
    show of it; with them every state can be reached by Tab.
    """
    standing = _Standing(procedure, language, current, frozenset(visited), notes or {}, titles or {})
    moves = moves_of(procedure)
    grid = place(procedure, moves)
    labels = {state: wrapped(standing.label(state)) for state in grid.cells}
    frame = frame_of(grid, moves, _row_heights(grid, labels, standing))
    with override(language):
        context = {
            "width": max(LEAST_WIDTH, round(frame.width)),
            "height": round(frame.height),
            "label": procedure.label.in_language(language),
            "description": _description(standing),
            "boxes": [_box(state, frame.boxes[state], labels[state], grid, standing) for state in grid.cells],
            "reachable": bool(standing.titles),
            "arrows": _arrows(procedure, frame, moves, standing),
        }
        return render_to_string("statutes/diagram.svg", context)


def wrapped(text: str) -> list[str]:
    """The text in lines that fit a box, of about the same length; what does not fit ends in an ellipsis."""
    words = _words(text)
    width = BOX_WIDTH - 2 * PADDING
    lines = _filled(words, width)
    while len(lines) > 1 and width > WIDE and len(narrower := _filled(words, width - WIDE / 2)) == len(lines):
        lines, width = narrower, width - WIDE / 2
    if len(lines) > MOST_LINES:
        lines = _filled(words, BOX_WIDTH - 2 * PADDING)[:MOST_LINES]
        lines[-1] = lines[-1][:-1] + "…"
    return lines


def _filled(words: list[str], width: float) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1] and _width(lines[-1] + word.rstrip()) > width:
            lines.append(word)
        else:
            lines[-1] += word
    return [line.strip() for line in lines]


def _words(text: str) -> list[str]:
    """Where a line may break: after a space, and around every wide character but before punctuation."""
    words: list[str] = []
    for character in text:
        wide = east_asian_width(character) in "WF"
        before_wide = bool(words) and east_asian_width(words[-1][-1]) in "WF"
        breaks = not words or words[-1].endswith(" ") or ((wide or before_wide) and character.isalnum())
        if breaks:
            words.append(character)
        else:
            words[-1] += character
    return words


def _width(text: str) -> float:
    return sum(WIDE if east_asian_width(character) in "WF" else NARROW for character in text)


def _row_heights(grid: Grid, labels: dict[str, list[str]], standing: _Standing) -> dict[int, float]:
    heights: dict[int, float] = {}
    for state, (_column, row) in grid.cells.items():
        lines = len(labels[state]) + (state in standing.notes)
        heights[row] = max(heights.get(row, 0.0), 40.0, lines * LINE_HEIGHT + 2 * PADDING)
    return heights


def _box(state: str, rect: Rect, label: list[str], grid: Grid, standing: _Standing) -> Box:
    note = standing.notes.get(state, "")
    count = len(label) + bool(note)
    x, middle = rect.middle
    first = middle - (count - 1) * LINE_HEIGHT / 2
    return Box(
        rect,
        x,
        tuple(Line(first + index * LINE_HEIGHT, text) for index, text in enumerate(label)),
        Line(first + len(label) * LINE_HEIGHT, note) if note else None,
        _box_css(state, grid, standing),
        " · ".join(filter(None, [standing.label(state), standing.titles.get(state, note)])),
    )


def _box_css(state: str, grid: Grid, standing: _Standing) -> str:
    terminal = standing.procedure.states[state].terminal
    css = ["sh-node"]
    if state == standing.current:
        css.append("sh-node-now")
    elif state in standing.visited:
        css.append("sh-node-done")
    elif terminal:
        css.append("sh-node-end")
    if state not in grid.main and not terminal:
        css.append("sh-node-side")
    return " ".join(css)


def _arrows(procedure: Procedure, frame: Frame, moves: list[Move], standing: _Standing) -> list[Arrow]:
    language = standing.language
    opening = " / ".join(
        dict.fromkeys(action.label.in_language(language) for action in procedure.actions.values() if action.opens_case)
    )
    anywhere = gettext("From any open state: %(actions)s") % {
        "actions": ", ".join(a.label.in_language(language) for a in procedure.actions.values() if "*" in a.sources)
    }
    begun = bool(standing.visited or standing.current)
    found = [_arrow(points, "sh-edge-done" if begun else "", opening) for points in frame.starts.values()]
    for move in moves:
        points = frame.lines.get((move.source, move.target))
        if points:
            title = " / ".join(label.in_language(language) for label in move.labels)
            found.append(_arrow(points, _edge_css(move, standing), title))
    found += [_arrow(points, "sh-edge-side", anywhere) for points in frame.stubs.values()]
    return found


def _edge_css(move: Move, standing: _Standing) -> str:
    gone = move.source in standing.visited and (move.target in standing.visited or move.target == standing.current)
    return "sh-edge-done" if gone else "" if move.plain else "sh-edge-side"


def _arrow(points: list[Point], css: str, title: str) -> Arrow:
    return Arrow(rounded(points), head(points), f"sh-edge {css}".strip(), title)


def _description(standing: _Standing) -> str:
    """What the picture says, for those who do not see it."""
    states = standing.procedure.states
    if standing.current not in states:
        return gettext("Steps: %(states)s") % {"states": ", ".join(map(standing.label, states))}
    return gettext("The case stands at: %(state)s") % {"state": standing.label(standing.current)}
