"""The register of firms as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Firm
from statutes.sheets import workbook

WIDTHS = (40, 24, 16, 40, 16, 16, 14)


def sheet(firms: Iterable[Firm]) -> BytesIO:
    """One line for each firm, with whether it is barred today."""
    title = _("Register of firms")
    lead = _("As of %(moment)s") % {"moment": f"{timezone.localtime():%Y-%m-%d %H:%M}"}
    head = [
        _("Firm"), _("Credit code"), _("Small or medium"), _("Qualification"), _("Qualified until"), _("Barred today"),
        _("In the register since"),
    ]  # fmt: skip
    return workbook(title, lead, head, _lines(firms), WIDTHS, title)


def _lines(firms: Iterable[Firm]) -> Iterator[list[str]]:
    yes, no = _("yes"), _("no")
    for firm in firms:
        yield [
            firm.name,
            firm.credit_code,
            yes if firm.small else no,
            firm.qualification,
            str(firm.qualified_until or ""),
            yes if getattr(firm, "barred", False) else no,
            str(firm.added_on),
        ]
