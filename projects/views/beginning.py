"""How a step of a project's life is begun on a page: its gates, its form, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cases.errors import DoorClosed
from cases.models import Case
from cases.page import drawing
from cases.selectors import can_see
from organizations.errors import NotPermitted, Refused
from projects.contract_forms import StepForm
from projects.models import Project
from projects.opening import Door, told


@dataclass(frozen=True, slots=True)
class Page:
    """A step that may be begun. `begin(form, given)` opens its case; `note` says of what it is a part."""

    project: Project
    door: Door
    heading: str
    button: str
    begin: Callable[[Any, dict[str, Any]], Case]
    note: str = ""


def answer(request: HttpRequest, page: Page, form: StepForm) -> HttpResponse:
    """The page with its gates; after a good entry the case; after a refusal the page with what was typed."""
    if request.method == "GET":
        return _shown(request, page, form)
    if not page.door.open:
        return _shown(request, page, form, status=DoorClosed.status if page.door.mine else NotPermitted.status)
    if not form.is_valid():
        return _shown(request, page, form, status=400)
    try:
        case = page.begin(form, form.given(request.actor))
    except Refused as refusal:
        form.blame(getattr(refusal, "fields", {}), str(refusal.message))
        return _shown(request, page, form, status=refusal.status, refusal=refusal)
    messages.success(request, _("Begun as %(number)s.") % {"number": case.number})
    if can_see(request.actor, case):
        return redirect("cases:case", case.number)
    return redirect("projects:project", page.project.pk)


def _shown(
    request: HttpRequest, page: Page, form: StepForm, *, status: int = 200, refusal: Refused | None = None
) -> HttpResponse:
    gates = told(page.door.law, refusal.reasons) if isinstance(refusal, DoorClosed) else page.door.told
    context = {
        "page": page,
        "project": page.project,
        "form": form,
        "gates": gates,
        "drawing": drawing(page.door.matter),
        "rule": page.door.law.rule(page.door.action.rule),
    }
    return render(request, "projects/step_form.html", context, status=status)
