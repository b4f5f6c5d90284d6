"""Data in the browser: one's own department's resources, their batches, loading, and what was refused."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from catalog.models import Resource
from datasets import paging, selectors, services, tasks, uploads
from datasets.forms import UploadForm
from datasets.models import Batch
from datasets.policies import VIEWERS, may_load
from datasets.reasons import file_reason, row_reason
from organizations.access import holds
from organizations.errors import BadInput

UNFIT = re.compile(r'[\\/:*?"<>|\s]+')
STATE_CLASSES: dict[str, str] = {
    Batch.State.RECEIVED: "sh-run",
    Batch.State.CHECKING: "sh-run",
    Batch.State.MERGING: "sh-run",
    Batch.State.MERGED: "sh-done",
    Batch.State.FAILED: "sh-over",
}


@require_safe
@holds(*VIEWERS)
def resources(request: HttpRequest) -> HttpResponse:
    """The department's entries with their data and the last batch of each."""
    query = request.GET.get("q", "").strip()[:60]
    rows = selectors.own_resources(request.actor)
    if query:
        rows = rows.filter(title__icontains=query)
    page, following = paging.entries(rows, request.GET.get("cursor", ""))
    for row in page:
        row.batch_label = Batch.State(row.batch_state).label if row.batch_state else ""
        row.batch_class = STATE_CLASSES.get(row.batch_state, "")
    return render(request, "datasets/resources.html", {"page": page, "next": following, "query": query})


@require_safe
@holds(*VIEWERS)
def resource(request: HttpRequest, resource_id: int) -> HttpResponse:
    """One entry's data: how much there is, and every batch."""
    row = selectors.resource_for_viewing(request.actor, resource_id)
    page, following = paging.batches(selectors.batches(request.actor, row), request.GET.get("cursor", ""))
    for batch in page:
        batch.css = STATE_CLASSES[batch.state]
    context = {
        "resource": row,
        "dataset": selectors.dataset_of(row.pk),
        "page": page,
        "next": following,
        "may_load": may_load(request.actor, row),
    }
    return render(request, "datasets/resource.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@holds(*VIEWERS)
def upload(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Take a file; loading goes on in the background and is watched on the batch's page."""
    row = selectors.resource_for_loading(request.actor, resource_id)
    items = list(row.items.order_by("position"))
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        has_data=selectors.has_data(row.pk),
        has_key=any(item.is_key for item in items),
    )
    if request.method == "POST" and form.is_valid():
        batch = _receive(request, row, form)
        if batch is not None:
            return redirect("datasets:batch", batch_id=batch.pk)
    context = {"resource": row, "items": items, "form": form, "limit": uploads.limit() >> 20}
    return render(request, "datasets/upload.html", context, status=400 if form.errors else 200)


def _receive(request: HttpRequest, row: Resource, form: UploadForm) -> Batch | None:
    """The batch, or None with what is wrong put on the form."""
    file, mode = form.cleaned_data["file"], form.cleaned_data["mode"]
    try:
        batch = services.receive_upload(
            actor=request.actor, resource=row, upload=file, mode=mode, enqueue=tasks.enqueue
        )
    except BadInput as wrong:
        for name, text in wrong.fields.items():
            form.add_error(name if name in form.fields else None, str(text))
        return None
    messages.success(request, _("The file has been received. You may leave this page; loading goes on."))
    return batch


@require_safe
@never_cache
@holds(*VIEWERS)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: how far it is or how it ended, its figures, and the first of what was refused."""
    row = selectors.batch_for(request.actor, batch_id)
    rejects = list(row.rejects.all())
    for reject in rejects:
        reject.reason = row_reason(reject.code, reject.params)
    context = {
        "batch": row,
        "resource": row.dataset.resource,
        "css": STATE_CLASSES[row.state],
        "error": file_reason(row.error_code, row.error_params),
        "rejects": rejects,
        "quality": getattr(row, "quality", None),
        "tiles": _tiles(row),
        "may_load": may_load(request.actor, row.dataset.resource),
        **_progress(row),
    }
    return render(request, "datasets/batch.html", context)


@require_safe
@never_cache
@holds(*VIEWERS)
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The bar of a batch under way; once it has ended, the whole page is asked for again."""
    row = selectors.batch_for(request.actor, batch_id)
    if not row.is_open:
        return HttpResponseClientRefresh()
    return render(request, "datasets/progress.html", {"batch": row, **_progress(row)})


@require_safe
@never_cache
@holds(*VIEWERS)
def rejects(request: HttpRequest, batch_id: int) -> StreamingHttpResponse:
    """Everything that was refused, as CSV that a spreadsheet opens without harm."""
    row = selectors.batch_for(request.actor, batch_id)
    lines = _csv_lines(selectors.reject_rows(request.actor, row))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{UNFIT.sub('_', row.dataset.resource.title)}-{_('rejected rows')}-{row.received_at:%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=name))
    return response


def _csv_lines(rows: Iterator[tuple[object, ...]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    held = io.StringIO()
    writer = csv.writer(held)
    for row in rows:
        writer.writerow(row)
        yield held.getvalue().encode()
        held.seek(0)
        held.truncate()


def _tiles(row: Batch) -> list[dict[str, object]]:
    return [
        {"label": _("rows read"), "value": row.read, "of": None},
        {"label": _("rows accepted"), "value": row.accepted, "of": None},
        {"label": _("rows rejected"), "value": row.rejected, "of": None},
    ]


def _progress(row: Batch) -> dict[str, object]:
    if row.state == Batch.State.RECEIVED:
        text = _("Received; waiting to be checked.")
    else:
        text = _("%(read)s rows checked, %(rejected)s refused so far.") % {"read": row.read, "rejected": row.rejected}
    known = row.bytes_done > 0
    return {"percent": row.percent, "percent_of": 100 if known else None, "progress_text": text}
