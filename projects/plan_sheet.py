"""The consolidated table of an annual plan as a workbook. Amounts in yuan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.actors import AnyActor
from projects import plan_table
from projects.models import AnnualPlan
from statutes.sheets import workbook

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (28, 36, 14, 48, 10, 30, 18, 18)


def sheet(actor: AnyActor, plan: AnnualPlan) -> HttpResponse:
    """What the reader may read of the plan, by department with sums."""
    title = _("Plan of %(year)s") % {"year": plan.year}
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    lines = _lines(plan_table.page(actor, plan))
    response = HttpResponse(workbook(title, lead, _head(), lines, WIDTHS, title), content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="plan-{plan.year}.xlsx"'
    return response


def _head() -> list[str]:
    return [
        _("Department"), _("Project"), _("Kind of project"), _("Goals"), _("Shares data"), _("Why no data is shared"),
        _("In the year, yuan"), _("Total in yuan"),
    ]  # fmt: skip


def _lines(page: dict[str, Any]) -> Iterator[list[str]]:
    for group in page["groups"]:
        name = group.organization.shown_name
        for item in group.items:
            yield [
                name,
                item.name,
                str(item.get_kind_display()),
                item.goals,
                _("yes") if item.shares_data else _("no"),
                item.no_sharing_reason,
                f"{item.amount:.2f}",
                f"{item.total:.2f}",
            ]
        yield [name, _("Sum"), "", "", "", "", f"{group.amount:.2f}", f"{group.total:.2f}"]
    yield [_("Sum"), "", "", "", "", "", f"{page['sum']:.2f}", f"{page['whole']:.2f}"]
