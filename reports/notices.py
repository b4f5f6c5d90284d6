"""Notices on holidays in the browser: pasted, previewed, submitted, confirmed by another, and what they did."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from cases import services as cases
from cases.models import Recount
from cases.tasks import enqueue_recount
from organizations.access import holds
from organizations.errors import BadInput, Conflict, Refused
from organizations.models import Position
from reports import selectors, services
from reports.definitions import Column, Page, Report
from reports.forms import NoticeForm, RecountFilter
from reports.selectors.recounts import RecountLine
from reports.workbooks import FORMULA_STARTS
from statutes import services as statutes
from statutes.calendars import current_version
from statutes.models import CalendarNotice, CalendarYear
from statutes.notice_checks import Judgement
from statutes.selectors import calendar as days
from statutes.selectors import notices
from statutes.wording import why_text
from statutes.year_view import Month, month_table

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUS_CSS = {"draft": "sh-hold", "submitted": "sh-soon", "applied": "sh-done", "rejected": "sh-over"}
PEOPLE = (Position.Kind.ADMINISTRATOR, Position.Kind.REVIEWER, Position.Kind.APPROVER)
Status = CalendarNotice.Status


@require_GET
@never_cache
@holds(*PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """Every notice that the actor may see, newest first, and the next year that has none."""
    rows = list(notices.notices_for(request.actor)[:100])
    for row in rows:
        row.css = STATUS_CSS[row.status]
    years = days.calendar_years(request.actor)
    projected = next((row.year for row in years if row.status == CalendarYear.Status.PROJECTED), None)
    return render(request, "reports/notices.html", {"rows": rows, "projected": projected})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@holds(*PEOPLE)
def edit(request: HttpRequest, notice_id: int | None = None) -> HttpResponse:
    """Paste a notice, or change one's draft."""
    own = request.actor.organization.jurisdiction
    row = notices.notice_for(request.actor, notice_id) if notice_id else None
    initial = _initial(row) if row else {"year": request.GET.get("year", ""), "whole_year": "yes"}
    form = NoticeForm(request.POST or None, own=(own.pk, str(own)), initial=initial)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                saved = statutes.save_notice(request.actor, wish=form.wish(), notice_id=notice_id)
                return redirect("reports:notice", saved.pk)
            except BadInput as wrong:
                for name, text in wrong.fields.items():
                    form.add_error(name, str(text))
        status = 400
    return render(request, "reports/notice_form.html", {"form": form, "notice": row}, status=status)


def _initial(row: CalendarNotice) -> dict[str, Any]:
    given = {name: getattr(row, name) for name in NoticeForm.base_fields}
    return given | {"whole_year": "yes" if row.whole_year else "no"}


@require_GET
@never_cache
@holds(*PEOPLE)
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The preview of a notice; once it is in force, what it did to due dates."""
    return _render(request, notices.notice_for(request.actor, notice_id))


def _render(request: HttpRequest, row: CalendarNotice, refusal: Refused | None = None) -> HttpResponse:
    status = refusal.status if refusal else 200
    shown = {
        "notice": row,
        "css": STATUS_CSS[row.status],
        "mine": row.entered_by_id == request.user.pk,
        "may_confirm": notices.may_confirm(request.actor, row),
        "refusal": refusal,
        "version": current_version(),
    }
    if row.status == Status.APPLIED:
        return render(request, "reports/notice_applied.html", {**shown, **_applied(request, row)}, status=status)
    judgement = notices.judged(row)
    shown |= {"judgement": judgement, "months": _months(row, judgement), "changes": _changes(judgement)}
    if row.status != Status.REJECTED:
        shown["tiles"] = _tiles(selectors.impact_of(request.actor, row, judgement), judgement)
    shown["weekdays"] = days.months_in(judgement.calendar, 2024)[0][:7]
    return render(request, "reports/notice.html", shown, status=status)


def _months(row: CalendarNotice, judgement: Judgement) -> list[Month]:
    """The months of the year that the notice names or changes; every month where it orders the whole year."""
    if not judgement.days:
        return []
    changed = {change.date for change in judgement.changes}
    named = {day.replace(day=1) for day in (*judgement.days, *changed)}
    today = timezone.localdate()
    found = [
        month
        for year in (row.year - 1, row.year)
        for month in days.months_in(judgement.calendar, year)
        if month[0].date in named or (year == row.year and row.whole_year and not row.jurisdiction)
    ]
    return [month_table(month, today, changed) for month in found]


def _changes(judgement: Judgement) -> list[dict[str, Any]]:
    return [
        {
            "date": change.date,
            "before": why_text(change.why_before),
            "after": why_text(change.why_after),
            "passed": change.passed,
        }
        for change in judgement.changes
    ]


def _tiles(impact: selectors.Impact, judgement: Judgement) -> list[dict[str, Any]]:
    tiles = [
        {"label": _("Days that change"), "value": len(judgement.changes)},
        {"label": _("Open time limits touched"), "value": impact.open},
        {
            "label": _("Due dates that would move"),
            "value": impact.changed,
            "note": "" if impact.exact else _("projected from a sample"),
        },
    ]
    if judgement.passed():
        tiles.append({"label": _("Time limits ended late that it touches"), "value": impact.ended})
    return tiles


@require_POST
@holds(*PEOPLE)
def submit(request: HttpRequest, notice_id: int) -> HttpResponse:
    return _after(request, notice_id, _("Submitted. Somebody else has to confirm it now."), statutes.submit_notice)


@require_POST
@holds(*PEOPLE)
def confirm(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The second person's confirmation: the calendar changes, and the recount begins in the background."""
    seen = request.POST.get("version", "")
    act = partial(cases.apply_notice, seen_version=int(seen) if seen.isdecimal() else 0, enqueue=enqueue_recount)
    said = _("The calendar is changed. Due dates are being counted again; you may leave this page.")
    return _after(request, notice_id, said, act)


@require_POST
@holds(*PEOPLE)
def reject(request: HttpRequest, notice_id: int) -> HttpResponse:
    act = partial(statutes.reject_notice, reason=request.POST.get("reason", ""))
    return _after(request, notice_id, _("The notice is rejected; the calendar stays as it is."), act)


def _after(request: HttpRequest, notice_id: int, said: str, act: Any) -> HttpResponse:
    """Do it and show the notice; a refusal is shown with its sentence above the notice as it stands."""
    row = notices.notice_for(request.actor, notice_id)
    try:
        act(request.actor, notice_id=notice_id)
    except (BadInput, Conflict, Refused) as refusal:
        row.refresh_from_db()
        return _render(request, row, refusal)
    messages.success(request, said)
    return redirect("reports:notice", notice_id)


# --- what it did -------------------------------------------------------------------------------------------


def _applied(request: HttpRequest, row: CalendarNotice) -> dict[str, Any]:
    report = recount_report(row)
    form = RecountFilter(request.GET)
    valid = form.is_valid()
    return {
        "form": form,
        "page": report.page(request.actor, form, request.GET.get("cursor", "")) if valid else Page([], ""),
        "query": request.GET.urlencode(),
        "changes": [
            {"date": date.fromisoformat(day), "before": why_text(before), "after": why_text(after)}
            for day, _works, before, after in row.changed
        ],
        **_progress(selectors.recount_of(request.actor, row)),
    }


def _progress(run: Recount | None) -> dict[str, Any]:
    if run is None:
        return {"run": None, "state": "running", "percent": 0, "progress_text": _("The recount is about to begin.")}
    if run.finished_at is None:
        text = _("%(done)s of %(total)s cases counted again.") % {"done": run.done, "total": run.total}
        return {
            "run": run,
            "state": "running",
            "percent": min(99, run.done * 100 // max(run.total, 1)),
            "progress_text": text,
        }
    parts = [
        ngettext("%(n)s due date moved", "%(n)s due dates moved", run.moved) % {"n": run.moved},
        ngettext("%(n)s became firm", "%(n)s became firm", run.firm) % {"n": run.firm},
        ngettext("%(n)s breach annulled", "%(n)s breaches annulled", run.annulled) % {"n": run.annulled},
    ]
    if run.failed:
        failed = ngettext("%(n)s case could not be counted", "%(n)s cases could not be counted", run.failed)
        parts.append(failed % {"n": run.failed})
    state = "failed" if run.failed else "done"
    return {"run": run, "state": state, "percent": 100, "progress_text": _("; ").join(parts)}


@require_GET
@never_cache
@holds(*PEOPLE)
def progress(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The bar of a recount under way; once it has ended, the whole page is asked for again."""
    row = notices.notice_for(request.actor, notice_id)
    shown = _progress(selectors.recount_of(request.actor, row))
    if shown["state"] != "running":
        return HttpResponseClientRefresh()
    return render(request, "reports/_recount_progress.html", {"notice": row, **shown})


def recount_report(row: CalendarNotice) -> Report:
    """The before/after list of a notice as a report, for its page and its files."""
    return Report(
        id="recount",
        title=gettext_lazy("Due dates counted again"),
        lead="",
        form=RecountFilter,
        rows=lambda actor, wanted: selectors.recounts(actor, row.version or 0, wanted),
        lines=selectors.recount_lines,
        order=("pk",),
        columns=(
            Column(gettext_lazy("Case"), lambda line: line.number, 24),
            Column(gettext_lazy("Time limit"), _limit, 40),
            Column(gettext_lazy("Due before"), lambda line: line.before, 14),
            Column(gettext_lazy("Due now"), lambda line: line.after, 14),
            Column(gettext_lazy("What became of it"), lambda line: str(line.what.label), 20),
            Column(gettext_lazy("Notice"), lambda line: line.entry.note, 40),
            Column(gettext_lazy("Counted again at"), lambda line: line.entry.at, 20),
        ),
    )


def _limit(line: RecountLine) -> str:
    return line.rule.summary.in_language(get_language() or "zh")


@require_POST
@holds(*PEOPLE)
def export(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """The list as a workbook, or as CSV with `?format=csv`. A POST, because handing it out is entered in the record."""
    row = notices.notice_for(request.actor, notice_id)
    form, report = RecountFilter(request.GET), recount_report(row)
    if not form.is_valid():
        raise BadInput(_("Some filters are wrong."), {name: errors[0] for name, errors in form.errors.items()})
    name = f"recount-{row.pk}-{timezone.localdate().isoformat()}"
    if request.GET.get("format") == "csv":
        services.record_export(request.actor, report=report, wanted=form, subject_id=f"{report.id}-{row.pk}")
        lines = _csv(report, report.every(request.actor, form))
        response: HttpResponseBase = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    else:
        file = services.export_recount(request.actor, notice=row, report=report, wanted=form)
        response = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=SHEET)
    response.headers["Cache-Control"] = "no-store"
    return response


def _csv(report: Report, lines: Iterator[RecountLine]) -> Iterator[bytes]:
    """Rows with a mark of their encoding; what would read as a formula is quoted."""
    yield codecs.BOM_UTF8
    yield _row([str(column.label) for column in report.columns])
    for line in lines:
        yield _row(["" if (value := column.value(line)) is None else str(value) for column in report.columns])


def _row(cells: list[str]) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells])
    return held.getvalue().encode()
