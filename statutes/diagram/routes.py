"""The measures of the grid and the lines between its boxes. Pure.

Lines leave a box to the right when the target stands next to it, otherwise from its top or bottom into the channel
between two rows, where each line has a lane of its own, and from there into the target's top or bottom.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from statutes.diagram.layout import Grid, Move

BOX_WIDTH = 128.0
COLUMN_GAP = 34.0
CHANNEL = 26.0
LANE = 8.0
MARGIN = 34.0
PORT = 13.0
ROUND = 5.0
HEAD = 7.0
SIDE_PLACES = 7
SIDE_STEP = 4.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(slots=True)
class _Plan:
    """A line that goes through channels. `first` and `last`: channel numbers (0 is above the first row)."""

    move: Move
    first: int
    last: int
    leaves: str
    enters: str
    start_x: float = 0.0
    end_x: float = 0.0
    lane: int = 0
    last_lane: int = 0
    side_x: float = 0.0


@dataclass(slots=True)
class Frame:
    """Boxes and lines with their places, and the size of the whole."""

    boxes: dict[str, Rect] = field(default_factory=dict)
    lines: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    stubs: dict[str, list[Point]] = field(default_factory=dict)
    starts: dict[str, list[Point]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def frame_of(grid: Grid, moves: list[Move], heights: dict[int, float]) -> Frame:
    """Measure everything. `heights`: the height of each row's boxes."""
    drawn = [move for move in moves if move.source in grid.cells and move.target in grid.cells]
    plans = [_plan(grid, move) for move in drawn if not _beside(grid, move)]
    _give_ports(grid, plans)
    _give_lanes(grid, plans)
    tops = _channel_tops(grid, plans, heights)
    frame = Frame()
    for state, (column, row) in grid.cells.items():
        y = tops[row] + _channel_height(row, plans, grid)
        frame.boxes[state] = Rect(_left(column), y, BOX_WIDTH, heights[row])
    for move in drawn:
        if _beside(grid, move):
            frame.lines[move.source, move.target] = _straight(frame, grid, move, drawn)
    for plan in plans:
        frame.lines[plan.move.source, plan.move.target] = _bent(frame, plan, tops)
    for state in grid.entries:
        frame.starts[state] = _inlet(frame.boxes[state], MARGIN - HEAD)
    for state in grid.loose:
        frame.stubs[state] = _inlet(frame.boxes[state], COLUMN_GAP - HEAD)
    frame.width = _left(grid.columns - 1) + BOX_WIDTH + MARGIN
    frame.height = tops[grid.rows] + _channel_height(grid.rows, plans, grid)
    return frame


def rounded(points: list[Point]) -> str:
    """An SVG path through the points with softened corners."""
    parts = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _toward(corner, before), _toward(corner, after)
        parts.append(f"L{near[0]:g} {near[1]:g}Q{corner[0]:g} {corner[1]:g} {far[0]:g} {far[1]:g}")
    parts.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(parts)


def head(points: list[Point]) -> str:
    """The triangle at the end of a line, as the points of a polygon."""
    (x0, y0), (x, y) = points[-2], points[-1]
    length = max(abs(x - x0), abs(y - y0)) or 1.0
    dx, dy = (x - x0) / length, (y - y0) / length
    half = HEAD * 0.55
    tip, base = (x + dx * HEAD * 0.5, y + dy * HEAD * 0.5), (x - dx * HEAD * 0.5, y - dy * HEAD * 0.5)
    corners = [tip, (base[0] - dy * half, base[1] + dx * half), (base[0] + dy * half, base[1] - dx * half)]
    return " ".join(f"{px:.5g},{py:.5g}" for px, py in corners)


def _toward(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    step = min(ROUND, length / 2) / length if length else 0.0
    return (corner[0] + dx * step, corner[1] + dy * step)


def _left(column: int) -> float:
    return MARGIN + column * (BOX_WIDTH + COLUMN_GAP)


def _beside(grid: Grid, move: Move) -> bool:
    (column, row), (to_column, to_row) = grid.cells[move.source], grid.cells[move.target]
    return row == to_row and abs(to_column - column) == 1


def _plan(grid: Grid, move: Move) -> _Plan:
    row, to_row = grid.cells[move.source][1], grid.cells[move.target][1]
    if row == to_row:
        channel, side = (0, "top") if row == 0 else (row + 1, "bottom")
        return _Plan(move, channel, channel, side, side)
    if to_row > row:
        return _Plan(move, row + 1, to_row, "bottom", "top")
    return _Plan(move, row, to_row + 1, "top", "bottom")


def _straight_down(grid: Grid, plan: _Plan) -> bool:
    (column, row), (to_column, to_row) = grid.cells[plan.move.source], grid.cells[plan.move.target]
    return column == to_column and abs(to_row - row) == 1


def _give_ports(grid: Grid, plans: list[_Plan]) -> None:
    """Spread the ends of lines over a box's edge; a pair of neighbours above each other keeps to the left part.

    Top and bottom ends are a little apart, so that lines from above and below do not run into one another.
    """
    ends: dict[tuple[str, str], list[tuple[float, _Plan, bool]]] = {}
    for plan in plans:
        source, target = grid.cells[plan.move.source], grid.cells[plan.move.target]
        if _straight_down(grid, plan):
            middle = _left(source[0]) + BOX_WIDTH / 2
            plan.start_x = plan.end_x = middle - (1.5 * PORT if plan.leaves == "bottom" else 2.5 * PORT)
            continue
        ends.setdefault((plan.move.source, plan.leaves), []).append((target[0], plan, True))
        ends.setdefault((plan.move.target, plan.enters), []).append((source[0], plan, False))
    for (state, side), found in ends.items():
        aside = 0.75 * PORT if side == "bottom" else 0.5 * PORT
        middle = _left(grid.cells[state][0]) + BOX_WIDTH / 2 + aside
        found.sort(key=lambda end: (end[0], end[2]))
        step = min(PORT, (BOX_WIDTH / 2 - PORT) / len(found))
        for index, (_other, plan, leaving) in enumerate(found):
            x = middle + (index - (len(found) - 1) / 2) * step
            if leaving:
                plan.start_x = x
            else:
                plan.end_x = x


def _give_lanes(grid: Grid, plans: list[_Plan]) -> None:
    """Lines that share a stretch of a channel get lanes beside each other, short ones nearest."""
    taken: dict[int, list[list[tuple[float, float]]]] = {}
    beside: dict[int, list[list[tuple[float, float]]]] = {}
    for plan in plans:
        if plan.first != plan.last:
            column = grid.cells[plan.move.target][0]
            place = _free_lane(beside.setdefault(column, []), plan.first * 10.0, plan.last * 10.0)
            plan.side_x = _left(column) - COLUMN_GAP / 2 + _from_the_middle(place) * SIDE_STEP
    for plan in sorted(plans, key=lambda plan: abs(plan.end_x - plan.start_x)):
        if _straight_down(grid, plan):
            continue
        through = plan.side_x if plan.first != plan.last else plan.end_x
        plan.lane = _free_lane(taken.setdefault(plan.first, []), plan.start_x, through)
        if plan.first != plan.last:
            plan.last_lane = _free_lane(taken.setdefault(plan.last, []), plan.side_x, plan.end_x)


def _from_the_middle(place: int) -> int:
    """0, 1, -1, 2, -2 … and round again when there are no more places beside a column."""
    place %= SIDE_PLACES
    return (place + 1) // 2 * (1 if place % 2 else -1)


def _free_lane(lanes: list[list[tuple[float, float]]], one: float, other: float) -> int:
    low, high = min(one, other) - 3, max(one, other) + 3
    for number, used in enumerate(lanes):
        if all(high < start or end < low for start, end in used):
            used.append((low, high))
            return number
    lanes.append([(low, high)])
    return len(lanes) - 1


def _lanes_in(channel: int, plans: list[_Plan]) -> int:
    lanes = [plan.lane for plan in plans if plan.first == channel]
    lanes += [plan.last_lane for plan in plans if plan.last == channel and plan.first != plan.last]
    return 1 + max(lanes, default=-1)


def _channel_height(channel: int, plans: list[_Plan], grid: Grid) -> float:
    lanes = _lanes_in(channel, plans)
    if channel in (0, grid.rows):
        return 10.0 + (lanes * LANE + 10.0 if lanes else 0.0)
    return CHANNEL + lanes * LANE


def _channel_tops(grid: Grid, plans: list[_Plan], heights: dict[int, float]) -> list[float]:
    tops = [0.0]
    for row in range(grid.rows):
        tops.append(tops[-1] + _channel_height(row, plans, grid) + heights[row])
    return tops


def _lane_y(tops: list[float], channel: int, lane: int) -> float:
    return tops[channel] + (10.0 if channel == 0 else 14.0) + lane * LANE


def _straight(frame: Frame, grid: Grid, move: Move, moves: list[Move]) -> list[Point]:
    source, target = frame.boxes[move.source], frame.boxes[move.target]
    both = any(other.source == move.target and other.target == move.source for other in moves)
    forward = source.x < target.x
    y = source.middle[1] + ((-6.0 if forward else 6.0) if both else 0.0)
    if forward:
        return [(source.x + source.width, y), (target.x - HEAD / 2, y)]
    return [(source.x, y), (target.x + target.width + HEAD / 2, y)]


def _bent(frame: Frame, plan: _Plan, tops: list[float]) -> list[Point]:
    source, target = frame.boxes[plan.move.source], frame.boxes[plan.move.target]
    start = (plan.start_x, source.y + source.height if plan.leaves == "bottom" else source.y)
    end_y = target.y + target.height + HEAD / 2 if plan.enters == "bottom" else target.y - HEAD / 2
    end = (plan.end_x, end_y)
    if plan.start_x == plan.end_x and plan.first == plan.last and source.y != target.y:
        return [start, end]
    y = _lane_y(tops, plan.first, plan.lane)
    if plan.first == plan.last:
        return [start, (plan.start_x, y), (plan.end_x, y), end]
    last_y = _lane_y(tops, plan.last, plan.last_lane)
    return [start, (plan.start_x, y), (plan.side_x, y), (plan.side_x, last_y), (plan.end_x, last_y), end]


def _inlet(box: Rect, length: float) -> list[Point]:
    y = box.middle[1]
    return [(box.x - length, y), (box.x - HEAD / 2, y)]
