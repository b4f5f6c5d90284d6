"""The left navigation: which entries there are, who sees them, and what is counted beside them.

Entries whose page is not installed are left out, so that a room may be absent without breaking the shell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from funds.selectors import has_funds
from organizations.actors import Actor
from portal.figures import Figures, of_request

Visible = Callable[[Actor], bool]
Count = Callable[[Figures], int]

DEPARTMENT = frozenset({"handler", "leader", "data_steward"})
BUREAU = frozenset({"reviewer", "approver"})


def everyone(actor: Actor) -> bool:
    return True


def holding(*kinds: str) -> Visible:
    """Visible to people who act in one of these positions."""
    wanted = frozenset(kinds)
    return lambda actor: actor.kind in wanted


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `url` is a URL name; `under` are path prefixes on which the line is marked, besides its own."""

    label: object
    url: str
    visible: Visible = everyone
    count: Count | None = None
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    label: object
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown to one person on one page. `count` is None where nothing is counted."""

    label: object
    href: str
    current: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Section:
    label: object
    lines: tuple[Line, ...]


NAVIGATION: tuple[Group, ...] = (
    Group(
        "",
        (
            Entry(
                _("Workbench"),
                "portal:workbench",
                count=lambda figures: figures.here,
            ),
        ),
    ),
    Group(
        _("Data sharing"),
        (
            Entry(_("Resource catalogue"), "catalog:resources"),
            Entry(_("Information systems"), "catalog:systems"),
            Entry(_("Share requests"), "sharing:requests", holding(*DEPARTMENT, *BUREAU, "auditor")),
            Entry(_("My grants"), "sharing:grants", holding(*DEPARTMENT)),
            Entry(_("Objections"), "sharing:objections", holding(*DEPARTMENT, *BUREAU, "auditor")),
            Entry(_("Standing duties"), "cases:duties", holding(*DEPARTMENT, *BUREAU, "auditor")),
            Entry(_("All cases"), "cases:list", holding(*DEPARTMENT, *BUREAU, "auditor")),
        ),
    ),
    Group(
        _("Projects"),
        (
            Entry(_("Projects"), "projects:projects", holding(*DEPARTMENT, *BUREAU, "auditor", "finance")),
            Entry(_("Annual plans"), "projects:plans", holding(*DEPARTMENT, *BUREAU, "auditor", "finance")),
            Entry(_("Projects in use"), "projects:in-use", holding(*DEPARTMENT, *BUREAU, "auditor", "finance")),
            Entry(_("Register of assets"), "projects:assets", holding(*DEPARTMENT, *BUREAU, "auditor")),
            Entry(_("Register of firms"), "projects:firms", holding(*DEPARTMENT, *BUREAU, "auditor", "finance")),
            Entry(_("Special funds"), "funds:funds", has_funds),
            Entry(_("Expert library"), "projects:experts", holding(*BUREAU)),
        ),
    ),
    Group(
        _("Our data"),
        (
            Entry(_("Catalogue upkeep"), "catalog:upkeep", holding(*DEPARTMENT)),
            Entry(_("Loading and quality"), "datasets:batches", holding(*DEPARTMENT)),
        ),
    ),
    Group(
        _("Bureau"),
        (Entry(_("Console"), "reports:console", holding(*BUREAU)),),
    ),
    Group(_("Audit"), (Entry(_("Reports"), "reports:index", holding("auditor")),)),
    Group(
        _("Basis"),
        (
            Entry(_("Rules and procedures"), "statutes:law"),
            Entry(_("Versions of the law"), "cases:versions", holding(*BUREAU, "leader", "auditor")),
            Entry(_("Working calendar"), "statutes:calendar"),
            Entry(_("Holiday notices"), "reports:notices", holding(*BUREAU, "administrator")),
            Entry(_("Time limit calculator"), "statutes:calculator"),
            Entry(_("Organizations"), "organizations:directory"),
        ),
    ),
    Group(
        _("Administration"),
        (Entry(_("People"), "organizations:people", holding("administrator")),),
    ),
)


def sections(actor: Actor, request: HttpRequest) -> list[Section]:
    """The navigation of one person, with the line of the present page marked."""
    found = []
    for group in NAVIGATION:
        shown = [(entry, _address(entry)) for entry in group.entries if entry.visible(actor)]
        entries = [(entry, href) for entry, href in shown if href]
        if entries:
            found.append((group.label, entries))
    marked = _marked([pair for _label, entries in found for pair in entries], request.path)
    return [
        Section(
            label,
            tuple(
                Line(
                    entry.label,
                    href,
                    entry is marked,
                    entry.count(of_request(request, actor)) if entry.count else None,
                )
                for entry, href in entries
            ),
        )
        for label, entries in found
    ]


def _address(entry: Entry) -> str:
    try:
        return reverse(entry.url)
    except NoReverseMatch:
        return ""


def _marked(entries: list[tuple[Entry, str]], path: str) -> Entry | None:
    """The entry with the longest address that begins the path; the root only for itself."""
    best: tuple[int, Entry | None] = (0, None)
    for entry, href in entries:
        for prefix in (href, *entry.under):
            if (path == prefix or (prefix != "/" and path.startswith(prefix))) and len(prefix) > best[0]:
                best = (len(prefix), entry)
    return best[1]
