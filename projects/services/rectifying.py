"""Orders to put a project right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Case
from organizations.actors import Actor
from organizations.errors import BadInput
from projects.models import Project, Rectification
from projects.services.steps import open_step

RECTIFICATION = "rectification"


def order_rectification(
    actor: Actor,
    *,
    project: Project,
    kind: str,
    findings: str,
    given: Mapping[str, Any],
    opinion: str = "",
    idempotency_key: str = "",
    at: datetime | None = None,
) -> Case:
    """Order the owner to put something right. `given`: what the procedure's opening asks, as the date set for it.

    Returns the case. Raises BadInput without findings, and as open_step.
    """

    def subject(locked: Project) -> Rectification:
        if not findings.strip():
            raise BadInput(_("Some entries are wrong."), {"findings": _("Say what was found.")})
        return Rectification.objects.create(project=locked, kind=kind, findings=findings.strip())

    return open_step(
        actor,
        family=RECTIFICATION,
        project=project,
        subject=subject,
        title=project.name,
        given=given,
        opinion=opinion,
        idempotency_key=idempotency_key,
        at=at,
    )
