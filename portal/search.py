"""The box at the top of every page: resources, projects, cases, organizations and articles that hold the words.

Each room finds its own by its own rules of who may see what; this page only puts the first of each side by side.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import page as case_page
from cases import selectors as cases
from catalog import selectors as catalog
from organizations import selectors as organizations
from organizations.access import signed_in
from organizations.actors import Actor
from projects.register import found_projects
from statutes.selectors import law

PER_KIND = 8
LONGEST = 100
CASE_NUMBER = re.compile(r"[A-Z0-9_]+-[A-Z0-9]+-[0-9]{4}-[0-9]{6,}", re.IGNORECASE)


@require_safe
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Everything that holds the words; a whole case number leads straight to the case, or finds nothing."""
    actor, text = request.actor, request.GET.get("q", "").strip()[:LONGEST]
    if not text:
        return render(request, "portal/search.html", {"global_query": ""})
    if CASE_NUMBER.fullmatch(text) is None:
        return _everything(request, actor, text)
    exact = cases.visible_cases(actor).filter(number__iexact=text).values_list("number", flat=True).first()
    if exact:
        return HttpResponseRedirect(reverse("cases:case", args=[exact]))
    return render(request, "portal/search.html", {"global_query": text, "found": False})


def _everything(request: HttpRequest, actor: Actor, text: str) -> HttpResponse:
    context: dict[str, Any] = {
        "global_query": text,
        "case_rows": _cases(actor, text),
        "groups": [
            _resources(actor, text),
            _projects(actor, text),
            _organizations(actor, text),
            _articles(actor, text),
        ],
        "all_cases": f"{reverse('cases:list')}?{urlencode({'box': 'all', 'q': text})}",
    }
    context["found"] = bool(context["case_rows"]) or any(group["hits"] for group in context["groups"])
    return render(request, "portal/search.html", context)


def _cases(actor: Actor, text: str) -> list[case_page.CaseRow]:
    held = cases.visible_cases(actor).filter(Q(number__icontains=text) | Q(title__icontains=text))
    return case_page.rows(case_page.listed(held.order_by("-opened_at", "-pk"))[:PER_KIND], timezone.now())


def _resources(actor: Actor, text: str) -> dict[str, Any]:
    query = catalog.query_of(actor, {"q": text, "jurisdiction": "all"})
    now = timezone.now()
    found = catalog.one_page(actor, query, now, size=PER_KIND)
    near = [] if found.rows else catalog.nearest(actor, query, now, size=PER_KIND)
    hits = [
        {
            "url": reverse("catalog:resource", args=[row.pk]),
            "title": row.title,
            "note": row.provider,
            "code": row.code,
            "resource": row,
        }
        for row in (found.rows or near)
    ]
    address = f"{reverse('catalog:resources')}?{urlencode({'q': text, 'jurisdiction': 'all'})}"
    return {
        "label": _("Resources"),
        "hits": hits,
        "all": address,
        "total": "" if near else found.total,
        "near": bool(near),
    }


def _projects(actor: Actor, text: str) -> dict[str, Any]:
    rows = found_projects(actor, {"q": text}, timezone.now()).order_by("code", "pk")[:PER_KIND]
    hits = [
        {
            "url": reverse("projects:project", args=[row.pk]),
            "title": row.name,
            "note": row.owner.shown_name,
            "code": row.code,
        }
        for row in rows
    ]
    return {"label": _("Projects"), "hits": hits, "all": f"{reverse('projects:projects')}?{urlencode({'q': text})}"}


def _organizations(actor: Actor, text: str) -> dict[str, Any]:
    rows = organizations.directory(actor, query=text)[:PER_KIND]
    hits = [
        {
            "url": reverse("organizations:organization", args=[row.pk]),
            "title": row,
            "note": row.jurisdiction,
            "code": row.code,
        }
        for row in rows
    ]
    return {
        "label": _("Organizations"),
        "hits": hits,
        "all": f"{reverse('organizations:directory')}?{urlencode({'q': text})}",
    }


def _articles(actor: Actor, text: str) -> dict[str, Any]:
    """Rules of the packs that bind in the actor's jurisdiction: its own and those above it."""
    packs = law.packs_in_force(actor)
    own = next((each for each in packs if each.law.own.id == _pack_of(actor)), None)
    binding = {pack.id for pack in own.law.chain} if own else {each.law.own.id for each in packs}
    hits = [
        {
            "url": reverse("statutes:rule", args=[each.law.own.id, row.rule.id]),
            "title": row.rule.summary,
            "note": each.law.own.name,
            "rule": row.rule,
            "instrument": row.instrument,
        }
        for each in reversed(packs)
        if each.law.own.id in binding
        for row in law.rules_of(actor, each.law, timezone.localdate(), query=text)
    ]
    return {"label": _("Articles"), "hits": hits[:PER_KIND], "all": reverse("statutes:law")}


def _pack_of(actor: Actor) -> str:
    return actor.organization.jurisdiction.pack if actor.organization else ""
