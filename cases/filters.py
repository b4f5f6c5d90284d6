"""Filters of lists under a name: which lists there are, which keys they know, and what a person has saved."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import SavedFilter
from organizations.actors import Actor
from organizations.errors import BadInput

LONGEST = 1000
PLAIN = "plain"
PASSING = frozenset({"cursor", PLAIN})


@dataclass(frozen=True, slots=True)
class Listing:
    """A list whose filters live in its address. `keys`: those that it knows."""

    id: str
    url: str
    keys: frozenset[str]


_listings: dict[str, Listing] = {}


def register(listing: Listing) -> None:
    """Make a list known, once when the app is ready."""
    _listings[listing.id] = listing


def listing_of(listing_id: str) -> Listing:
    """The list of that id. Raises BadInput."""
    found = _listings.get(listing_id)
    if found is None:
        raise BadInput(_("There is no such list."))
    return found


def checked(listing_id: str, query: str) -> str:
    """A query with the keys that the list knows, in order, without its place in the pages.

    Raises BadInput for an unknown key, for characters that no address holds, and for one that is too long or empty.
    """
    listing = listing_of(listing_id)
    pairs = [(key, value) for key, value in parse_qsl(query.lstrip("?")) if key not in PASSING and value]
    unknown = sorted({key for key, _value in pairs} - listing.keys)
    if unknown or "\0" in "".join(value for _key, value in pairs):
        raise BadInput(_("This is no filter of the list."), {"query": ", ".join(unknown)[:200]})
    kept = urlencode(sorted(set(pairs)))
    if not pairs:
        raise BadInput(_("There is no filter to save."), {"query": _("Choose a filter first.")})
    if len(kept) > LONGEST:
        raise BadInput(_("The filter is too long."), {"query": _("Choose fewer values.")})
    return kept


@dataclass(frozen=True, slots=True)
class Chip:
    """A saved filter as its list shows it."""

    row: SavedFilter
    url: str
    current: bool


def saved(actor: Actor, listing_id: str, query: str) -> list[Chip]:
    """The person's filters of a list; that of the present address is marked."""
    rows = SavedFilter.objects.filter(user=actor.user, listing=listing_id).order_by("name")
    here = set(parse_qsl(query)) - {pair for pair in parse_qsl(query) if pair[0] in PASSING}
    return [Chip(row, f"?{row.query}", set(parse_qsl(row.query)) == here) for row in rows]


def savable(listing_id: str, query: str) -> str:
    """The present address's filter as it would be saved; "" where there is none."""
    try:
        return checked(listing_id, query)
    except BadInput:
        return ""


def default_address(actor: Actor, listing_id: str) -> str:
    """Where the list begins for this person; "" where it begins plainly."""
    row = SavedFilter.objects.filter(user=actor.user, listing=listing_id, is_default=True).first()
    return address(row) if row else ""


def address(row: SavedFilter) -> str:
    """Where the list stands under a saved filter. Raises BadInput for a list that is known no longer."""
    return f"{reverse(listing_of(row.listing).url)}?{row.query}"


def all_saved(actor: Actor) -> list[Chip]:
    """The person's filters of all lists, with full addresses."""
    rows = SavedFilter.objects.filter(user=actor.user).order_by("listing", "name")
    known = [row for row in rows if row.listing in _listings]
    return [Chip(row, address(row), False) for row in known]
