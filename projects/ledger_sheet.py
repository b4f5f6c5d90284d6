"""The ledger of a project as a workbook. Amounts in yuan."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organizations.actors import AnyActor
from projects import contracts, standing
from projects.models import Project
from statutes.sheets import workbook

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (14, 18, 20, 44, 30, 24)


def sheet(actor: AnyActor, project: Project) -> HttpResponse:
    """Each line with its case as far as the reader may open it, then the four figures."""
    title = _("Money ledger of %(project)s") % {"project": project}
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    head = [_("Date"), _("Kind of line"), _("Amount in yuan"), _("Contract"), _("Contractor"), _("Case")]
    made = workbook(title, lead, head, _lines(actor, project), WIDTHS, _("Money ledger"))
    response = HttpResponse(made, content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="ledger-{project.code}.xlsx"'
    return response


def _lines(actor: AnyActor, project: Project) -> Iterator[list[str]]:
    for line in contracts.lines(actor, contracts.ledger_of(project)):
        entry, contract = line.row, line.row.contract
        yield [
            entry.on.isoformat(),
            str(entry.get_kind_display()),
            f"{entry.amount:.2f}",
            str(contract or ""),
            contract.firm.name if contract else "",
            line.number,
        ]
    money = standing.money_of(project)
    figures = [
        (pgettext("money", "Approved"), money.approved),
        (pgettext("money", "Contracted"), money.contracted),
        (pgettext("money", "Paid"), money.paid),
        (pgettext("money", "Left to pay"), money.left),
    ]
    for label, amount in figures:
        yield ["", label, f"{amount:.2f}", "", "", ""]
