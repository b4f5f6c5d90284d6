"""What is listed of special funds, as workbooks that spreadsheets open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from funds.models import Fund, FundBan, FundEntry
from statutes.sheets import workbook

MOST_LINES = 5_000
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def funds_sheet(rows: QuerySet[Fund]) -> HttpResponse:
    """The funds listed, with their terms and sizes."""
    head = [
        _("Fund number"), _("Name of the fund"), _("Department in charge"), _("Purpose and use"), _("Scope of use"),
        _("Term from"), _("Term until"), _("Size in yuan a year"), _("Established on"), _("Ended on"),
    ]  # fmt: skip
    lines = (
        [
            fund.code or "",
            fund.name,
            fund.department.shown_name,
            fund.purpose,
            fund.scope,
            *(day.isoformat() if day else "" for day in (fund.term_from, fund.term_until)),
            f"{fund.size:.2f}",
            *(day.isoformat() if day else "" for day in (fund.established_on, fund.ended_on)),
        ]
        for fund in rows.order_by("code", "pk")[:MOST_LINES]
    )
    return _answer("funds", _("Special funds"), head, lines, (18, 36, 28, 40, 40, 12, 12, 18, 12, 12))


def ledger_sheet(fund: Fund, rows: QuerySet[FundEntry]) -> HttpResponse:
    """The ledger of a fund, each line with the act that made it."""
    head = [
        _("Budget year"), _("Entry"), pgettext("ledger", "For"), pgettext("ledger", "Day"), _("Amount in yuan"),
        _("Case"), _("Event"),
    ]  # fmt: skip
    lines = (
        [
            str(entry.year.year),
            str(entry.get_kind_display()),
            entry.receiver.shown_name if entry.receiver else entry.application.name if entry.application else "",
            entry.on.isoformat(),
            f"{entry.amount:.2f}",
            entry.case.number,
            str(entry.seq),
        ]
        for entry in rows[:MOST_LINES]
    )
    title = f"{fund.name} {fund.code}"
    return _answer(f"ledger-{fund.pk}", title, head, lines, (10, 24, 36, 12, 18, 26, 8))


def bans_sheet(rows: QuerySet[FundBan]) -> HttpResponse:
    """The register of bans."""
    head = [_("Name"), _("Credit code"), _("Against"), _("Ground"), _("Special fund"), _("Decided on"), _("Last day")]
    lines = (
        [
            ban.name,
            ban.code,
            str(ban.get_target_display()),
            str(ban.sanction.get_ground_display()),
            ban.sanction.fund.name,
            ban.decided_on.isoformat(),
            ban.last_on.isoformat(),
        ]
        for ban in rows[:MOST_LINES]
    )
    return _answer("bans", _("Register of bans"), head, lines, (36, 22, 16, 36, 36, 12, 12))


def _answer(
    stem: str, title: str, head: Sequence[str], lines: Iterable[Sequence[str]], widths: Sequence[int]
) -> HttpResponse:
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    response = HttpResponse(workbook(title, lead, head, lines, widths), content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{stem}-{timezone.localdate():%Y%m%d}.xlsx"'
    return response
