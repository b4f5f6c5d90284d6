"""How a step of a project's life begins: a row of its own, and a case about it within the life of the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db import models, transaction
from django.utils.translation import gettext as _

from cases.models import Case
from cases.services import open_case, opened_before
from organizations.actors import Actor
from organizations.errors import Conflict
from projects.models import Project


class Step(Protocol):
    """A row about which a case is opened."""

    case: Any


def open_step(
    actor: Actor,
    *,
    family: str,
    project: Project,
    subject: Callable[[Project], models.Model],
    title: str,
    given: Mapping[str, Any] | None = None,
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Open the case of a step within a filed project's life. Returns it; the same key answers with the first one.

    `subject` makes the row that the case is about, with the project locked. The family's name is its procedure's.
    Raises Conflict when the project is not filed, what `subject` raises, and what cases.engine.open_case does.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    with transaction.atomic():
        locked = (
            Project.objects.select_for_update(of=("self",), no_key=True)
            .select_related("case", "jurisdiction")
            .get(pk=project.pk)
        )
        if locked.case is None:
            raise Conflict(_("File the project before a step of it begins."))
        return open_case(
            actor,
            family=family,
            procedure=family,
            jurisdiction=locked.jurisdiction,
            subject=subject(locked),
            title=title,
            given=given,
            opinion=opinion,
            idempotency_key=idempotency_key,
            at=at,
            parent=locked.case,
        )


def link(subject: Any, case: Case) -> None:
    """Store the case of a step on its row. Inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])
