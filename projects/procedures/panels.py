"""What panels of experts plug into the case engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine import Matter
from cases.families import Choice, Condition, Context, Family
from cases.models import CaseEvent
from organizations.actors import AnyActor
from projects.avoidance import eligible
from projects.library import board_of, may_read, mean_score
from projects.models import ExpertReview, Panellist
from projects.procedures.shared import facts as project_facts
from projects.services import panels


def _enough(context: Context) -> bool:
    return len(eligible(context.subject, timezone.localdate(context.at))) >= panels.missing(context) > 0


def _size(context: Context) -> float:
    review: ExpertReview = context.subject
    return float(review.panellists.filter(status=Panellist.Status.SEATED).count())


CONDITIONS = {
    "enough_unconflicted_experts": Condition(
        _enough,
        unmet=_("The library does not hold enough experts for the empty seats whom nothing keeps off this panel."),
        met=_("The library holds enough experts whom nothing keeps off this panel."),
    ),
    "seats_empty": Condition(
        lambda context: panels.missing(context) > 0,
        unmet=_("No seat of the panel is empty."),
        met=_("Seats of the panel are empty."),
    ),
    "scorer_unconflicted": Condition(
        panels.may_score,
        unmet=_("You may not score this project: the avoidance rules keep you off its panel. Stand aside instead."),
        met=_("Nothing keeps you off this panel."),
    ),
}


def seats(review: ExpertReview, events: Sequence[CaseEvent]) -> Sequence[Choice]:
    """Those on the panel, and those who left it: what an input may name, then and now."""
    rows = review.panellists.select_related("expert__user").order_by("seat", "pk")
    return [Choice(str(row.pk), f"{row.seat} · {row.expert.user.full_name}") for row in rows]


def facts(review: ExpertReview) -> Sequence[tuple[str, str]]:
    """What the case file says of the panel: its project, its seats, the means once they are open."""
    board = board_of(review)
    lines = [*project_facts(review)]
    for row in board.panellists:
        left = f" ({row.get_status_display()})" if row.status != Panellist.Status.SEATED else ""
        lines.append((_now("Seat %(seat)s") % {"seat": row.seat}, f"{row.expert.user.full_name}{left}"))
    for name, label in board.heads if board.means else []:
        lines.append((label, f"{board.means[name]:.2f}"))
    if board.mean is not None:
        lines.append((_now("Mean score"), f"{board.mean:.2f}"))
    for draw, _proven in board.draws:
        lines.append((_now("Seed of draw %(number)s") % {"number": draw.number}, draw.seed))
    return lines


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    board = board_of(matter.subject, matter)
    return {
        "board": board,
        "score_rows": [(score, [score.points[name] for name, _label in board.heads]) for score in board.scores],
        "mean_row": [board.means[name] for name, _label in board.heads] if board.means else [],
        "may_read_library": may_read(actor),
    }


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id=panels.FAMILY,
            prefix="PS",
            label=_("expert review"),
            subject_model=ExpertReview,
            link=panels.link_panel,
            spawn=panels.spawn_review,
            conditions=CONDITIONS,
            effects={"draw_panel": panels.draw_panel, "replace_panellist": panels.replace_panellist},
            fields={"panel_size": _size, "mean_score": mean_score},
            items=seats,
            panel="projects/_expert_panel.html",
            panel_context=_panel,
            facts=facts,
            related=("project__owner",),
        )
    )
