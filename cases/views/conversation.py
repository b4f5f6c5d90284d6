"""Comments on a case, whom to mention in them, and following it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases import conversation, selectors, services
from cases.forms import CommentForm
from cases.views.handling import render_case
from organizations.access import signed_in
from organizations.errors import BadInput, Refused

MOST_OFFERED = 20


@require_POST
@signed_in
def add_comment(request: HttpRequest, number: str) -> HttpResponse:
    """Say something about a case; what is refused stands in the form again, with what is wrong."""
    case = selectors.case_by_number(request.actor, number)
    form = CommentForm(case, conversation.choosable(request.actor, case), request.POST)
    if not form.is_valid():
        return render_case(request, case, comment=form, status=BadInput.status)
    try:
        services.comment(request.actor, case, **form.cleaned_data)
    except Refused as refusal:
        for name, problem in getattr(refusal, "fields", {"text": refusal.message}).items():
            form.add_error(name if name in form.fields else None, str(problem))
        return render_case(request, case, comment=form, status=refusal.status)
    return redirect(f"{reverse('cases:case', args=[number])}#comments")


@require_POST
@signed_in
def withdraw_comment(request: HttpRequest, number: str, comment_id: int) -> HttpResponse:
    services.withdraw_comment(request.actor, comment_id)
    return redirect(f"{reverse('cases:case', args=[number])}#comments")


@require_GET
@signed_in
def people(request: HttpRequest, number: str) -> JsonResponse:
    """Whom a comment may mention: `q` part of a name, `audience` who is going to read it."""
    case = selectors.case_by_number(request.actor, number)
    found = conversation.choosable(
        request.actor, case, audience=request.GET.get("audience", ""), query=request.GET.get("q", "")[:60]
    )
    results = [{"id": one.user.pk, "text": one.label, "name": one.user.full_name} for one in found[:MOST_OFFERED]]
    return JsonResponse({"results": results})


@require_POST
@signed_in
def follow(request: HttpRequest, number: str) -> HttpResponse:
    services.follow(request.actor, selectors.case_by_number(request.actor, number))
    messages.success(request, _("You follow this case: you are told of every event."))
    return redirect("cases:case", number)


@require_POST
@signed_in
def unfollow(request: HttpRequest, number: str) -> HttpResponse:
    services.unfollow(request.actor, selectors.case_by_number(request.actor, number))
    messages.success(request, _("You do not follow this case any more."))
    return redirect("cases:case", number)
