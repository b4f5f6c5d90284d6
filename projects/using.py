"""Not accepted, not used: whether a system that projects build may be taken into use yet."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import InformationSystem
from projects.models import Project
from statutes.models import PackVersion
from statutes.selectors import compiled, current

GUARD = "use_after_acceptance"


def why_not_used(system: InformationSystem) -> str:
    """Why a system may not be taken into use: the projects that build it are not accepted; "" when it may.

    Asked only where the law in force names this guard. A system for which one project was accepted is in use already,
    whatever later projects do to it.
    """
    rows = Project.objects.filter(systems=system, case__isnull=False)
    waiting = rows.filter(case__closed_at__isnull=True).exclude(acceptances__accepted_on__isnull=False).first()
    if waiting is None or rows.filter(acceptances__accepted_on__isnull=False).exists() or not _asked(system):
        return ""
    return _("It is built by %(code)s, which is not accepted yet: a system is used only once it is accepted.") % {
        "code": waiting.code
    }


def _asked(system: InformationSystem) -> bool:
    """Whether a rule in force in the system's place is kept by this guard."""
    try:
        law = compiled(current(system.jurisdiction.pack))
    except PackVersion.DoesNotExist:
        return False
    today = timezone.localdate()
    return any(
        handler.kind == "guard" and handler.name == GUARD
        for pack in law.chain
        for rule in pack.rules
        if rule.in_force(today)
        for handler in rule.handled_by
    )
