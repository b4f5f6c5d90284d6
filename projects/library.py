"""What may be read of the expert library, and of panels once their scores are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.engine import Matter, load
from cases.families import Context
from cases.hands import held_by
from cases.models import Case, CaseEvent
from cases.page import said
from cases.selectors import can_see, visible_cases
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position
from organizations.selectors import current_organization, organs
from projects.lots import is_proven
from projects.models import Expert, ExpertReview, PanelDraw, Panellist
from statutes.definitions import CompiledPack, Procedure, Test
from statutes.models import PackVersion
from statutes.selectors import compiled, current

PROCEDURE, SCORE, IN_FAVOUR = "expert_review", "score", "experts_in_favour"
PASSED, STOPPED = "passed", "stopped"
"""Outcomes of panels: what lets a plan go on, and what counts as if the panel had never been called."""
KEEPERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER)


# --- the library


def keeps(actor: AnyActor) -> bool:
    """Whether the actor's organization is the organ that draws panels under the law of its place."""
    if not isinstance(actor, Actor) or actor.organization is None or actor.jurisdiction_id is None:
        return False
    own = current_organization(actor.organization).pk
    roles = _drawing_roles(actor.organization.jurisdiction.pack)
    return any(organ.pk == own for role in roles for organ in organs(actor.jurisdiction_id, role))


def may_keep(actor: AnyActor) -> bool:
    """Whether the actor may change the library of the own place."""
    return isinstance(actor, Actor) and actor.kind in KEEPERS and keeps(actor)


def may_read(actor: AnyActor) -> bool:
    """Whether the actor may read the whole library: those who keep it, and auditors."""
    return may_keep(actor) or (isinstance(actor, Actor) and actor.kind == Position.Kind.AUDITOR)


def _drawing_roles(pack: str) -> list[str]:
    """The organs that a panel awaits first, by the law now in force; none where it knows no panels."""
    try:
        procedure = compiled(current(pack)).procedure(PROCEDURE, timezone.localdate())
    except (KeyError, PackVersion.DoesNotExist):
        return []
    first = procedure.opening_action("hand").to[0].value
    return [hand.party for hand in procedure.states[first].awaits]


def experts(actor: AnyActor) -> QuerySet[Expert]:
    """Experts of the actor's place; for an expert, the own entry."""
    rows = Expert.objects.select_related("user", "employer_organization", "jurisdiction")
    if not isinstance(actor, Actor):
        return rows
    if may_read(actor):
        return rows.filter(jurisdiction=actor.jurisdiction_id)
    return rows.filter(user=actor.user)


def found_experts(actor: AnyActor, *, query: str = "", of_field: str = "", active: str = "") -> QuerySet[Expert]:
    """The same narrowed by words, by field, and by whether they may be drawn ("yes", "no", "")."""
    rows = experts(actor)
    for word in query.split()[:5]:
        rows = rows.filter(Q(user__full_name__icontains=word) | Q(employer__icontains=word))
    if of_field in Expert.Field.values:
        rows = rows.filter(fields__contains=[of_field])
    if active in ("yes", "no"):
        rows = rows.filter(active=active == "yes")
    return rows.order_by("-active", "user__full_name", "pk")


def expert_for(actor: AnyActor, expert_id: int) -> Expert:
    """One expert whom the actor may read of. Raises NotKnown."""
    found = experts(actor).filter(pk=expert_id).first()
    if found is None:
        raise NotKnown(_("There is no such expert."))
    return found


def candidates(actor: Actor) -> list[tuple[int, str]]:
    """People who hold a position as an expert in the actor's place and are in no library: id and name."""
    held = Position.objects.held_on(timezone.localdate()).filter(
        kind=Position.Kind.EXPERT, organization__jurisdiction=actor.jurisdiction_id, user__expert__isnull=True
    )
    rows = held.select_related("user", "organization").order_by("user__full_name")[:500]
    return list({row.user_id: f"{row.user.full_name} · {row.organization.shown_short_name}" for row in rows}.items())


def seats_of(actor: AnyActor, expert: Expert) -> list[Panellist]:
    """The expert's latest seats, in panels that the actor may see."""
    rows = expert.seats.filter(review__case__in=visible_cases(actor)).select_related("review__case", "review__project")
    return list(rows.order_by("-drawn_at")[:50])


# --- when the review of a plan awaits experts


def awaits_experts(case: Case) -> bool:
    """Whether the case stands where it goes on only with experts in favour."""
    matter = load(case)
    if case.closed_at is not None:
        return False
    return any(_names(cond) for action in matter.procedure.actions_from(case.state) for cond in action.when)


def may_call_panel(matter: Matter, actor: AnyActor) -> bool:
    """Whether the actor, whose move it is, may have experts drawn for the plan now."""
    case = matter.case
    if held_by(matter, actor, matter.state.awaits) is None or not awaits_experts(case):
        return False
    return panel_of_stay(case) is None


def _names(cond: Any) -> bool:
    if isinstance(cond, Test):
        return cond.name == IN_FAVOUR
    parts = getattr(cond, "items", None) or ([cond.item] if hasattr(cond, "item") else [])
    return any(_names(part) for part in parts)


def panel_of_stay(case: Case) -> ExpertReview | None:
    """The panel called since the review of a plan came to where it stands, unless that panel was stopped."""
    entered = case.events.filter(seq=case.entered_seq).values_list("at", flat=True).first()
    panels = ExpertReview.objects.filter(plan_review__case=case, case__isnull=False).exclude(case__outcome=STOPPED)
    if entered is not None:
        panels = panels.filter(case__opened_at__gte=entered)
    return panels.select_related("case").order_by("-pk").first()


def experts_in_favour(context: Context) -> bool:
    """Whether the panel called in this stay of the review of a plan has passed it."""
    if context.case is None:
        return False
    panel = panel_of_stay(context.case)
    return panel is not None and panel.case is not None and panel.case.outcome == PASSED


# --- a panel and its scores


@dataclass(frozen=True, slots=True)
class Score:
    """What one panellist gave: points by head, their mean, and what was recommended."""

    panellist: Panellist
    points: dict[str, int]
    mean: float
    recommendation: str
    opinion: str


@dataclass(frozen=True, slots=True)
class Board:
    """A panel as its readers see it. `scores` and means are empty while they are sealed."""

    review: ExpertReview
    panellists: list[Panellist]
    heads: list[tuple[str, str]]
    sealed: bool
    scored: int
    scores: list[Score] = field(default_factory=list)
    means: dict[str, float] = field(default_factory=dict)
    mean: float | None = None
    draws: list[tuple[PanelDraw, bool]] = field(default_factory=list)

    @property
    def seated(self) -> list[Panellist]:
        return [row for row in self.panellists if row.status == Panellist.Status.SEATED]


def review_for(actor: AnyActor, review_id: int) -> ExpertReview:
    """One panel whose case the actor may see. Raises NotKnown."""
    rows = ExpertReview.objects.select_related("case__pack_version", "project")
    found = rows.filter(pk=review_id, case__isnull=False).first()
    if found is None or not can_see(actor, _case_of(found)):
        raise NotKnown(_("There is no such expert review."))
    return found


def _case_of(review: ExpertReview) -> Case:
    if review.case is None:
        raise NotKnown(_("There is no such expert review."))
    return review.case


def board_of(review: ExpertReview, matter: Matter | None = None) -> Board:
    """A panel with its seats, its draws and, once the case has left scoring, its scores."""
    if matter is None:
        matter = load(_case_of(review))
    rows = list(review.panellists.select_related("expert__user").order_by("seat", "drawn_at", "pk"))
    draws = list(review.draws.prefetch_related("panellists"))
    heads = heads_of(matter.compiled, matter.procedure)
    given = _given(matter.events, {row.expert.user_id for row in rows if row.status == Panellist.Status.SEATED})
    sealed = SCORE in {action.id for action in matter.procedure.actions_from(matter.case.state)}
    scores = [] if sealed else _scores(matter, rows, given, heads)
    return Board(
        review=review,
        panellists=rows,
        heads=[(name, said(matter.compiled.input(matter.procedure, name).label)) for name in heads],
        sealed=sealed,
        scored=len(given),
        scores=scores,
        means={name: _mean([[score.points[name]] for score in scores]) for name in heads} if scores else {},
        mean=_mean([list(score.points.values()) for score in scores]) if scores else None,
        draws=[(draw, is_proven(draw)) for draw in draws],
    )


def heads_of(law: CompiledPack, procedure: Procedure) -> list[str]:
    """The heads under which a plan is scored: the numbers that the action `score` asks for."""
    return [name for name in procedure.actions[SCORE].inputs if law.input(procedure, name).type == "number"]


def mean_score(context: Context) -> float:
    """What thresholds compare: the mean over all heads and all panellists who still sit; 0 where nobody scored."""
    if context.case is None:
        return 0.0
    heads = heads_of(context.compiled, context.procedure)
    sitting = context.subject.panellists.filter(status=Panellist.Status.SEATED)
    events = context.case.events.filter(action=SCORE).order_by("seq")
    given = _given(list(events), set(sitting.values_list("expert__user", flat=True)))
    return _mean([[int(event.inputs[name]) for name in heads] for event in given.values()]) if given else 0.0


def _given(events: Sequence[CaseEvent], people: set[int]) -> dict[int, CaseEvent]:
    """The last scoring of each of these people."""
    return {e.person_id: e for e in events if e.action == SCORE and e.person_id is not None and e.person_id in people}


def _scores(matter: Matter, rows: list[Panellist], given: dict[int, CaseEvent], heads: list[str]) -> list[Score]:
    found = []
    for row in rows:
        event = given.get(row.expert.user_id) if row.status == Panellist.Status.SEATED else None
        if event is None:
            continue
        points = {name: int(event.inputs[name]) for name in heads}
        opinion = str(event.inputs.get("opinion", event.opinion))
        found.append(Score(row, points, _mean([list(points.values())]), _recommended(matter, event), opinion))
    return found


def _recommended(matter: Matter, event: CaseEvent) -> str:
    value = event.inputs.get("recommendation")
    if value is None:
        return ""
    options: dict[str, Any] = dict(matter.compiled.input(matter.procedure, "recommendation").options)
    return said(options[value]) if value in options else str(value)


def _mean(points: list[list[int]]) -> float:
    """One division of whole numbers, so that a mark that is met exactly is met."""
    return sum(map(sum, points)) / sum(map(len, points))
