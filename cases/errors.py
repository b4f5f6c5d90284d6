"""Refusals that only cases know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language

from cases.conditions import Reason
from organizations.errors import Conflict
from statutes.definitions import CompiledPack
from statutes.wording import citation


class DoorClosed(Conflict):
    """The action exists and the actor holds the hand, but a condition closes it: the matter is not so far.

    `reasons` say why; `details` gives each with its rule, article and citation as `law` has them.
    """

    def __init__(self, message: object, reasons: Sequence[Reason], law: CompiledPack) -> None:
        self.reasons = list(reasons)
        super().__init__(message, {"reasons": told(law, self.reasons)})


def told(law: CompiledPack, reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Each reason's sentence with the rule behind it, its article and how it is cited in the reader's language."""
    language = get_language() or "zh-hans"
    rules = [law.rule(reason.rule) for reason in reasons]
    return [
        {
            "sentence": reason.sentence,
            "rule": reason.rule,
            "article": rule.article,
            "citation": citation(rule, law.instrument(rule), language),
        }
        for reason, rule in zip(reasons, rules, strict=True)
    ]
