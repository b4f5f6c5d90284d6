"""Panels of experts: begun within a review, drawn by lot, refilled when somebody stands aside."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context, Rebinding
from cases.models import Case
from cases.services import open_case, opened_before
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict
from organizations.models import Organization
from projects.avoidance import PANEL, Ground, concerned, eligible, grounds
from projects.library import awaits_experts, panel_of_stay
from projects.lots import SEED_BYTES, order_of
from projects.models import Expert, ExpertReview, PanelDraw, Panellist, ProjectReview

FAMILY = "expert_review"
SIZE_RULE = "review.panel"
"""The rule of a place that says how many experts sit on a panel: a threshold on `panel_size`."""


def begin_panel(
    actor: Actor,
    *,
    plan_review: ProjectReview,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Open the expert review within the review of a plan. Returns its case.

    Raises Conflict while an earlier panel is at work; see cases.engine.open_case for the rest.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        locked = ProjectReview.objects.select_for_update(of=("self",)).select_related("project").get(pk=plan_review.pk)
        if locked.case is None or not awaits_experts(locked.case):
            raise Conflict(_("The review of the plan does not await experts now."))
        panel = panel_of_stay(locked.case)
        if panel is not None and panel.case is not None:
            raise Conflict(_("A panel of experts has been called already."), {"number": panel.case.number})
        review = ExpertReview.objects.create(project=locked.project, plan_review=locked)
        return open_case(
            actor,
            family=FAMILY,
            procedure=FAMILY,
            jurisdiction=locked.project.jurisdiction,
            subject=review,
            title=locked.project.name,
            opinion=opinion,
            idempotency_key=idempotency_key,
            at=at,
            parent=locked.case,
        )


def spawn_review(parent: Case | None, organization: Organization | None, at: datetime) -> ExpertReview:
    """The subject of a panel that its parent opens by itself."""
    plan_review = ProjectReview.objects.select_related("project").get(case=parent)
    return ExpertReview.objects.create(project=plan_review.project, plan_review=plan_review)


def link_panel(review: ExpertReview, case: Case) -> None:
    """Store the case of a panel. Inside the opening's transaction."""
    review.case = case
    review.save(update_fields=["case"])


def wanted(context: Context) -> int:
    """How many experts the law of the place wants on a panel. ValueError when its rule states no number."""
    threshold = context.compiled.rule(SIZE_RULE, timezone.localdate(context.at)).threshold
    if threshold is None:
        raise ValueError(f"rule {SIZE_RULE} states no threshold")
    return math.ceil(threshold.amount)


def missing(context: Context) -> int:
    """How many seats are empty."""
    review: ExpertReview = context.subject
    seated = review.panellists.filter(status=Panellist.Status.SEATED).count() if review.pk else 0
    return max(wanted(context) - seated, 0)


def draw_panel(context: Context) -> Rebinding:
    """Effect: fill the empty seats by lot."""
    return Rebinding(PANEL, bind=_fill(context))


def replace_panellist(context: Context) -> Rebinding:
    """Effect: who stands aside, or is named in `who`, leaves the panel; the next in the order takes the seat.

    A seat stays empty when nobody else may be drawn. Raises BadInput when nobody is named whose seat it is.
    """
    review: ExpertReview = context.subject
    named = context.inputs.get("who")
    seated = review.panellists.filter(status=Panellist.Status.SEATED).select_related("expert")
    if named is None:
        leaving = list(seated.filter(expert__user=_person(context)))
        status = Panellist.Status.RECUSED
    else:
        leaving = list(seated.filter(pk__in=[int(key) for key in named]))
        status = Panellist.Status.REPLACED
    if not leaving:
        raise BadInput(_("Nobody is named who sits on the panel."), {"who": _("Choose among those on the panel.")})
    for row in leaving:
        row.status, row.left_at, row.reason = status, context.at, str(context.inputs.get("reason", ""))
        row.save(update_fields=["status", "left_at", "reason"])
    return Rebinding(PANEL, bind=_fill(context), release=tuple(row.expert.user_id for row in leaving))


def _person(context: Context) -> Any:
    return context.actor.user if isinstance(context.actor, Actor) else None


def _fill(context: Context) -> tuple[int, ...]:
    """Seat experts until no seat is empty or nobody may be drawn. Returns the accounts of those seated."""
    review: ExpertReview = context.subject
    held = review.panellists.filter(status=Panellist.Status.SEATED).values_list("seat", flat=True)
    free = [seat for seat in range(1, wanted(context) + 1) if seat not in set(held)]
    able = {expert.pk: expert for expert in eligible(review, timezone.localdate(context.at))} if free else {}
    seated = []
    for seat, (draw, expert) in zip(free, _by_lot(context, able, len(free)), strict=False):
        Panellist.objects.create(review=review, draw=draw, expert=expert, seat=seat, drawn_at=context.at)
        seated.append(expert.user_id)
    return tuple(seated)


def _by_lot(context: Context, able: dict[int, Expert], seats: int) -> Iterator[tuple[PanelDraw, Expert]]:
    """Those who may be drawn: first what is left of the last draw, in its order, then a new draw among the others."""
    review: ExpertReview = context.subject
    last = review.draws.order_by("-number").first()
    left = [(last, able[key]) for key in last.order if key in able] if last is not None else []
    yield from left
    others = sorted(able.keys() - {expert.pk for _draw_before, expert in left})
    if others:
        draw = _draw(context, last.number + 1 if last else 1, others, at_once=seats - len(left))
        yield from ((draw, able[key]) for key in draw.order)


def _draw(context: Context, number: int, able: list[int], *, at_once: int) -> PanelDraw:
    seed = secrets.token_hex(SEED_BYTES)
    draw = PanelDraw.objects.create(
        review=context.subject,
        number=number,
        seed=seed,
        eligible=able,
        order=order_of(seed, able),
        at_once=min(at_once, len(able)),
        drawn_at=context.at,
    )
    audit.record(
        verb="expert_review.lots",
        who=context.actor.who,
        subject="expert_review",
        subject_id=context.subject.pk,
        data={"draw": number, "seed": seed, "eligible": able, "order": draw.order},
        at=context.at,
    )
    return draw


def may_score(context: Context) -> bool:
    """Whether the one who acts is of the library, and nothing came up that would have kept them off the panel."""
    review: ExpertReview = context.subject
    rows = Expert.objects.select_related("user", "employer_organization__merged_into")
    expert = rows.filter(user=_person(context)).first()
    if expert is None:
        return False
    about = concerned(review.project, timezone.localdate(context.at))
    return not set(grounds(expert, about)) - {Ground.INACTIVE}
