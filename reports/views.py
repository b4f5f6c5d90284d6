"""Pages of the auditor: reports, their workbooks, the report of one case, the integrity of the record."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from audit import selectors as record
from audit.verification import KINDS
from cases.page import page as case_page
from cases.selectors import case_by_number
from organizations.access import holds
from organizations.errors import BadInput, NotKnown
from organizations.models import Position
from reports import selectors, services
from reports.definitions import REPORTS, Page, Report
from reports.forms import CaseFilter, ReportFilter
from reports.models import Verification
from reports.tasks import verify_record

AUDITOR = Position.Kind.AUDITOR
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LATEST = 5


@require_GET
@holds(AUDITOR)
def index(request: HttpRequest) -> HttpResponse:
    """Which reports there are, and how the record stands."""
    return render(request, "reports/index.html", {"reports": REPORTS.values(), "lag": record.seal_lag()})


@require_GET
@never_cache
@holds(AUDITOR)
def report(request: HttpRequest, report_id: str) -> HttpResponse:
    """One report, narrowed by the address, page by page from a sealed cursor."""
    found = REPORTS[report_id]
    form = found.form(request.GET)
    valid = form.is_valid()
    page = found.page(request.actor, form, request.GET.get("cursor", "")) if valid else Page([], "")
    context: dict[str, Any] = {
        "report": found,
        "form": form,
        "page": page,
        "applied": _applied(request, form) if valid else [],
        "query": request.GET.urlencode(),
        **(_further(request, found, form) if valid else {}),
    }
    return render(request, f"reports/{report_id}.html", context, status=200 if valid else 400)


def _applied(request: HttpRequest, form: ReportFilter) -> list[dict[str, str]]:
    """Filters in use, each with the address that takes it away."""
    chips = []
    for name, label, value in form.applied():
        query = request.GET.copy()
        query.pop("cursor", None)
        query.pop(name)
        chips.append({"label": f"{label}: {value}", "url": f"?{query.urlencode()}"})
    return chips


def _further(request: HttpRequest, found: Report, form: ReportFilter) -> dict[str, Any]:
    """What a report shows besides its lines."""
    if isinstance(form, CaseFilter):
        figures = selectors.figures(selectors.audited_cases(request.actor, form))
        return {"tiles": _case_tiles(figures)}
    if found.id == "integrity":
        runs = list(selectors.verifications(request.actor)[:LATEST])
        return {"tiles": _integrity_tiles(), "runs": [_progress(run) for run in runs]}
    return {}


def _case_tiles(figures: Any) -> list[dict[str, Any]]:
    return [
        {"label": _("Cases"), "value": figures.total},
        {"label": _("Closed"), "value": figures.closed, "of": figures.total},
        {"label": _("In time, or in time so far"), "value": figures.in_time, "of": figures.total},
        {"label": _("Late or overdue"), "value": figures.late, "of": figures.total},
        {"label": _("No time limit"), "value": figures.unlimited, "of": figures.total},
    ]


def _integrity_tiles() -> list[dict[str, Any]]:
    totals, lag = record.totals(), record.seal_lag()
    return [
        {"label": _("Sealed entries"), "value": totals.entries},
        {"label": _("Blocks"), "value": totals.blocks},
        {
            "label": _("Oldest entry not sealed"),
            "value": _("%(n)s s") % {"n": int(lag.total_seconds())},
            "note": _("Protected by the database's triggers alone until it is sealed.")
            if lag
            else _("Everything is sealed."),
        },
    ]


@require_POST
@holds(AUDITOR)
def export(request: HttpRequest, report_id: str) -> HttpResponseBase:
    """The workbook of what the address narrows to. A POST, because handing it out is entered in the record."""
    found = REPORTS.get(report_id)
    if found is None:
        raise NotKnown(_("There is no such report."))
    form = found.form(request.GET)
    if not form.is_valid():
        raise BadInput(_("Some filters are wrong."), {name: errors[0] for name, errors in form.errors.items()})
    file = services.export(request.actor, report=found, wanted=form)
    name = f"{report_id}-{timezone.localdate().isoformat()}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=SHEET)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@never_cache
@holds(AUDITOR)
def case_report(request: HttpRequest, number: str) -> HttpResponse:
    """One case for the files: parties, limits, every step with its basis, and where the record proves it."""
    case = case_by_number(request.actor, number)
    if case.jurisdiction_id != request.actor.jurisdiction_id:
        raise NotKnown(_("There is no such case."))
    shown = case_page(case, request.actor, timezone.now())
    context = {
        "case": case,
        "page": shown,
        "line": selectors.case_lines(request.actor, [case])[0],
        "entries": selectors.acts_on(request.actor, "case", str(case.pk)),
    }
    return render(request, "reports/case.html", context)


@require_GET
@never_cache
@holds(AUDITOR)
def proof(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The proof of one entry as a file, to be checked without this system."""
    content = selectors.proof_of(request.actor, entry_id)
    response = JsonResponse(content, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="audit-entry-{entry_id}.json"'
    return response


@require_POST
@holds(AUDITOR)
def verify(request: HttpRequest) -> HttpResponse:
    """Have a sample or everything verified in the background."""
    scope = request.POST.get("scope", "")
    if scope not in Verification.Scope.values:
        raise BadInput(_("Choose a sample or every block."))
    services.request_verification(request.actor, scope=scope, start=verify_record.delay)
    return redirect("reports:integrity")


@require_GET
@never_cache
@holds(AUDITOR)
def verification(request: HttpRequest, verification_id: int) -> HttpResponse:
    """How far a verification is: a fragment that asks again until it ends."""
    run = selectors.verification_for(request.actor, verification_id)
    return render(request, "reports/_verification.html", {"run": _progress(run)})


def _progress(run: Verification) -> dict[str, Any]:
    """A verification as the page shows it. `state`: of the progress component."""
    quiet = run.is_quiet(timezone.now())
    state = "failed" if quiet or run.status in (Verification.Status.FAILED, Verification.Status.DIFFERENT) else "done"
    findings = [{"words": KINDS[kind], "block": block, "row": row} for kind, block, row in run.findings]
    return {
        "run": run,
        "state": "running" if run.is_open and not quiet else state,
        "quiet": quiet,
        "findings": findings,
        "unlisted": run.difference_count - len(findings),
    }
