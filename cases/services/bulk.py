"""One act on several cases: each case in a transaction of its own, with an event of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases import bulk, selectors
from cases.engine import act
from cases.models import Case, CaseEvent
from organizations.actors import Actor
from organizations.errors import BadInput, Refused
from statutes.definitions import Action
from statutes.selectors import compiled

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pick:
    """A selected case, the version in which it was seen, and what is to be done to it."""

    number: str
    version: int
    action: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: its event, or the sentence that refused it and the refusal's status."""

    pick: Pick
    case: Case | None = None
    action: Action | None = None
    event: CaseEvent | None = None
    refusal: str = ""
    status: int = 200

    @property
    def done(self) -> bool:
        return self.event is not None


def act_on_many(actor: Actor, *, picks: Sequence[Pick], opinion: str, idempotency_key: str) -> list[Outcome]:
    """Take the picked act on each case. A refusal or failure of one stops no other.

    The same `idempotency_key` again answers with the same events and does nothing twice. Raises BadInput without a
    key, and for no or too many cases.
    """
    bulk.checked(pick.number for pick in picks)
    if not idempotency_key:
        raise BadInput(_("An idempotency key is needed."), {"key": _("Send a key that is new for each attempt.")})
    visible = selectors.visible_cases(actor).filter(number__in=[pick.number for pick in picks])
    visible = visible.select_related("pack_version", "opener").defer("pack_version__source")
    cases = {case.number: case for case in visible}
    once = {pick.number: pick for pick in picks}
    return [_act(actor, cases.get(pick.number), pick, opinion, idempotency_key) for pick in once.values()]


def _act(actor: Actor, case: Case | None, pick: Pick, opinion: str, key: str) -> Outcome:
    if case is None:
        return Outcome(pick, refusal=_("There is no such case."), status=404)
    action = _action_of(case, pick.action)
    if action is None or not action.bulk:
        return Outcome(pick, case, action, refusal=_("This case has to be handled by itself."), status=403)
    try:
        event = act(actor, case.pk, pick.action, version=pick.version, opinion=opinion, idempotency_key=key)
    except Refused as refused:
        fields = getattr(refused, "fields", {})
        sentences = dict.fromkeys([str(refused.message), *map(str, fields.values())])
        return Outcome(pick, case, action, refusal=" ".join(sentences), status=refused.status)
    except Exception:
        logger.exception("%s could not be taken on %s with others", pick.action, case.number)
        return Outcome(pick, case, action, refusal=_("An error occurred; nothing was done to this case."), status=500)
    return Outcome(pick, case, action, event)


def _action_of(case: Case, action_id: str) -> Action | None:
    return compiled(case.pack_version).procedure(case.procedure, case.law_day).actions.get(action_id)
