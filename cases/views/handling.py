"""The case page, acting on it, and its files."""

from __future__ import annotations

import io
import secrets
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases import assigning, conversation, kinship, page, selectors, services
from cases.beside import Beside, beside
from cases.forms import ActionForm, CommentForm
from cases.models import Case
from organizations.access import signed_in
from organizations.actors import Actor
from organizations.errors import BadInput, Refused


@require_GET
@signed_in
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    case = selectors.case_by_number(request.actor, number)
    return render_case(request, case)


def render_case(
    request: HttpRequest,
    case: Case,
    *,
    form: ActionForm | None = None,
    refusal: Refused | None = None,
    comment: CommentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The case page; after a refused action or comment with what was typed, what is wrong, and the refusal's status."""
    there = beside(request.actor, case)
    shown = page.page(case, request.actor, timezone.now(), there)
    family = shown.matter.family
    panel = family.panel_context(shown.matter, request.actor) if family.panel_context else {}
    forms = [
        (view, form if form is not None and form.action.id == view.action.id else _blank(shown, view))
        for view in shown.actions
        if view.open
    ]
    context = {
        "page": shown,
        "case": case,
        "panel": family.panel,
        **panel,
        "forms": forms,
        "closed": [view for view in shown.actions if not view.open],
        "refusal": refusal,
        "moved": _moved(refusal),
        "kept": form,
        **_conversation(request.actor, case, there, comment),
        **_handling(request.actor, shown),
    }
    return render(request, "cases/case.html", context, status=refusal.status if refusal else status)


def _moved(refusal: Refused | None) -> dict[str, str]:
    """Who moved the case meanwhile, and when by the clock on the wall; nothing where that is not why it was refused."""
    details = getattr(refusal, "details", None) or {}
    if not (details.get("by") and details.get("at")):
        return {}
    return {"by": details["by"], "at": f"{timezone.localtime(datetime.fromisoformat(details['at'])):%Y-%m-%d %H:%M}"}


def _handling(actor: Actor, shown: page.CasePage) -> dict[str, Any]:
    """Who of the actor's organization handles the case."""
    here = assigning.hands_here(actor, shown.case, shown.awaited)
    return {"hands_here": here, "assigned_before": assigning.history(actor, shown.case) if here else []}


def _conversation(actor: Actor, case: Case, there: Beside, form: CommentForm | None) -> dict[str, Any]:
    """What is said about the case, the form to say more, and whether the actor follows it."""
    return {
        "comments": conversation.comments(actor, case) if there.comments else [],
        "comment_form": form or CommentForm(case, conversation.choosable(actor, case)),
        "follows": there.followed,
        "relatives": kinship.relatives(actor, case, timezone.now()) if there.relatives else [],
    }


def _blank(shown: page.CasePage, view: page.ActionView) -> ActionForm:
    initial = {"version": shown.case.seq, "key": secrets.token_urlsafe(12)}
    return ActionForm(shown.matter, view.action, initial=initial)


@require_POST
@signed_in
def take_action(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Take an action with what the form says; a refusal shows the page again with what was typed."""
    case = selectors.case_by_number(request.actor, number)
    matter = page.load(case)
    definition = matter.procedure.actions.get(action)
    if definition is None:
        return render_case(request, case, refusal=BadInput(_("There is no such action.")))
    form = ActionForm(matter, definition, request.POST, request.FILES)
    if not form.is_valid():
        return render_case(request, case, form=form, refusal=BadInput(_("Some entries are missing or wrong.")))
    try:
        _act(request.actor, case, form)
    except Refused as refusal:
        for name, problem in getattr(refusal, "fields", {}).items():
            form.add_error(name if name in form.fields else None, str(problem))
        return render_case(request, selectors.case_by_number(request.actor, number), form=form, refusal=refusal)
    messages.success(request, _("Done: %(action)s") % {"action": form.title})
    return redirect("cases:case", number) if selectors.can_see(request.actor, case) else redirect("cases:list")


def _act(actor: Actor, case: Case, form: ActionForm) -> None:
    given, opinion = form.values()
    for name, upload in form.uploads().items():
        stored = services.store_attachment(actor, name=upload.name, stream=upload.file, size=upload.size)
        given[name] = [stored.pk]
    services.act(
        actor,
        case.pk,
        form.action.id,
        version=form.cleaned_data["version"],
        given=given,
        opinion=opinion,
        idempotency_key=form.cleaned_data["key"],
    )


@require_GET
@signed_in
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """A file of a case that the actor may see, or one that the actor's organization has handed in."""
    found = selectors.attachment_for(request.actor, attachment_id)
    return FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )


@require_GET
@signed_in
def case_file(request: HttpRequest, number: str) -> HttpResponseBase:
    """The whole file of a case as PDF, in the reader's language."""
    case = selectors.case_by_number(request.actor, number)
    return file_answer(case, services.export_case_file(request.actor, case))


def file_answer(case: Case, made: bytes) -> FileResponse:
    return FileResponse(
        io.BytesIO(made), as_attachment=True, filename=f"{case.number}.pdf", content_type="application/pdf"
    )
