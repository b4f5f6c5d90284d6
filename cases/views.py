"""Pages of cases: lists, the case itself, acting on it, notices."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import families, page, selectors, services, wording
from cases.forms import ActionForm
from cases.models import Case
from organizations.access import signed_in
from organizations.actors import Actor
from organizations.errors import BadInput, Refused

PAGE_SIZE = 50
CURSOR_SALT = "cases.views.cursor"


def boxes() -> dict[str, Any]:
    """The boxes of the case list: id to (label, selector)."""
    return {
        "todo": (_("To do"), selectors.todo),
        "submitted": (_("Submitted by me"), selectors.submitted),
        "overdue": (_("Overdue"), lambda actor: selectors.overdue(actor, timezone.now())),
        "done": (_("Done by me"), selectors.done),
        "all": (_("All that I may see"), selectors.visible_cases),
    }


@require_GET
@signed_in
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases by box, kind of matter, words; newest first, page by page from a sealed cursor."""
    known = boxes()
    box = request.GET.get("box", "all") if request.GET.get("box", "all") in known else "all"
    cases = narrowed(known[box][1](request.actor), request)
    found, following = one_page(cases, request.GET.get("cursor", ""))
    context = {
        "rows": page.rows(found, timezone.now()),
        "next": following,
        "box": box,
        "boxes": [_choice(request, "box", name, label, name == box) for name, (label, _s) in known.items()],
        "families": _family_choices(request),
        "query": request.GET.get("q", ""),
    }
    return render(request, "cases/list.html", context)


def narrowed(cases: QuerySet[Case], request: HttpRequest) -> QuerySet[Case]:
    """The filters of the URL: `family`, `q` (part of number or title), `open`."""
    if request.GET.get("family") in families.registered():
        cases = cases.filter(family=request.GET["family"])
    if query := request.GET.get("q", "").strip():
        cases = cases.filter(Q(number__icontains=query) | Q(title__icontains=query))
    if request.GET.get("open") == "1":
        cases = cases.filter(closed_at__isnull=True)
    return cases


def one_page(cases: QuerySet[Case], cursor: str) -> tuple[list[Case], str]:
    """A page of cases, newest first, and the cursor of the next one ("" at the end)."""
    cases = page.listed(cases).order_by("-opened_at", "-pk")
    if cursor:
        try:
            opened_at, key = signing.loads(cursor, salt=CURSOR_SALT)
        except signing.BadSignature as error:
            raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
        before = parse_datetime(opened_at)
        cases = cases.filter(Q(opened_at__lt=before) | Q(opened_at=before, pk__lt=key))
    found = list(cases[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, ""
    last = found[PAGE_SIZE - 1]
    return found[:PAGE_SIZE], signing.dumps([last.opened_at.isoformat(), last.pk], salt=CURSOR_SALT)


def _choice(request: HttpRequest, name: str, value: str, label: Any, current: bool) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("cursor", None)
    query[name] = value
    if not value:
        query.pop(name)
    return {"label": label, "url": f"?{query.urlencode()}", "current": current}


def _family_choices(request: HttpRequest) -> list[dict[str, Any]]:
    chosen = request.GET.get("family", "")
    every = _choice(request, "family", "", _("Every kind"), not chosen)
    return [every] + [
        _choice(request, "family", name, family.label, name == chosen) for name, family in families.registered().items()
    ]


@require_GET
@signed_in
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    case = selectors.case_by_number(request.actor, number)
    return render_case(request, case)


def render_case(
    request: HttpRequest, case: Case, *, form: ActionForm | None = None, refusal: Refused | None = None
) -> HttpResponse:
    """The case page; after a refused action with what was typed, what is wrong, and the refusal's status."""
    shown = page.page(case, request.actor, timezone.now())
    family = shown.matter.family
    subject = shown.matter.subject
    panel = family.panel_context(subject, request.actor) if family.panel_context else {}
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
        "kept": form,
    }
    return render(request, "cases/case.html", context, status=refusal.status if refusal else 200)


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
    return redirect("cases:case", number)


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


@require_http_methods(["GET"])
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """The reader's notices, newest first."""
    rows = [
        {"notice": notice, "sentence": wording.sentence(notice)} for notice in selectors.notices(request.actor)[:100]
    ]
    return render(request, "cases/notices.html", {"rows": rows, "unread": selectors.unread(request.actor)})


@require_POST
@signed_in
def read_notices(request: HttpRequest) -> HttpResponse:
    services.read_notices(request.actor)
    return redirect("cases:notices")
