"""What may be read of the catalogue, and finding it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any

from django.core import signing
from django.db.models import BooleanField, Case, Count, F, Func, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from catalog import folding, freshness
from catalog.models import Resource, Synonym
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, NotKnown
from organizations.models import Position

PAGE_SIZE = 20
CAPPED = 1000
CURSOR_SALT = "catalog.selectors.cursor"
REVIEWERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER)
FACETS = ("directory", "sharing_class", "update_cycle", "provider")


def visible_resources(actor: AnyActor | None) -> QuerySet[Resource]:
    """Published entries for everybody in a position; drafts for their provider's people; those under review for
    the reviewers of their city too. Administrators see what is published only."""
    if actor is None:
        return Resource.objects.none()
    if not isinstance(actor, Actor):
        return Resource.objects.all()
    if actor.organization is None:
        return Resource.objects.none()
    published = Q(status__in=[Resource.Status.PUBLISHED, Resource.Status.WITHDRAWN])
    if actor.kind == Position.Kind.ADMINISTRATOR:
        return Resource.objects.filter(published)
    own = Q(provider=actor.organization)
    reviewed = Q(pk__in=[])
    if actor.kind in REVIEWERS:
        reviewed = Q(status=Resource.Status.IN_REVIEW, jurisdiction_id=actor.jurisdiction_id)
    return Resource.objects.filter(published | own | reviewed)


def resource_for(actor: AnyActor | None, resource_id: int) -> Resource:
    """One entry that the actor may see. Raises NotKnown."""
    rows = visible_resources(actor).select_related("provider__jurisdiction", "category", "source_department")
    found = rows.filter(pk=resource_id).first()
    if found is None:
        raise NotKnown(_("There is no such resource."))
    return found


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: words, and values of facets (`provider` by id). `jurisdiction` empty: all."""

    text: str = ""
    jurisdiction: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    fresh: str = ""
    status: str = Resource.Status.PUBLISHED


def query_of(actor: AnyActor | None, params: Mapping[str, str]) -> Query:
    """The search that an address asks for: own jurisdiction unless `jurisdiction` says another, or "all"."""
    own = actor.jurisdiction_id if isinstance(actor, Actor) else ""
    jurisdiction = params.get("jurisdiction", "") or own
    provider = params.get("provider", "")
    facets = {name: params.get(name, "") for name in FACETS if name != "provider"}
    return Query(
        text=params.get("q", "")[:100],
        jurisdiction="" if jurisdiction == "all" else jurisdiction,
        facets={**facets, "provider": provider if provider.isdigit() else ""},
        format=params.get("format", ""),
        fresh=params.get("fresh", ""),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the cursor of the next ("" at the end) and the count, capped."""

    rows: list[Resource]
    next: str
    count: int

    @property
    def total(self) -> str:
        return f"{CAPPED}+" if self.count > CAPPED else str(self.count)


def search(actor: AnyActor | None, query: Query, now: datetime) -> QuerySet[Resource]:
    """Every entry that the actor may see and that holds all words of the query, as LIKE would find them."""
    rows = visible_resources(actor).filter(status=query.status)
    if query.jurisdiction:
        rows = rows.filter(jurisdiction_id=query.jurisdiction)
    for name, value in query.facets.items():
        if name in FACETS and value:
            rows = rows.filter(**{name: value})
    if query.format:
        rows = rows.filter(formats__contains=[query.format])
    if query.fresh:
        rows = rows.filter(freshness.condition(query.fresh, now))
    for word in folding.words(query.text):
        rows = rows.filter(reduce(Q.__or__, [_holds(variant) for variant in variants(word)]))
    return rows


def _holds(word: str) -> Q:
    """The word's pairs are in the index, and the word itself is in the text."""
    has_terms = RawSQL("search @@ %s::tsquery", [_tsquery(word)], output_field=BooleanField())
    return Q(has_terms) & Q(search_text__contains=word)


def _tsquery(word: str) -> str:
    quoted = ["'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in sorted(folding.query_terms(word))]
    return " & ".join(quoted)


def variants(word: str) -> list[str]:
    """The word, and the word with each synonym in it put in place: what a reader may have meant."""
    found = [word]
    for synonym in Synonym.objects.all():
        for one, other in ((synonym.word, synonym.same_as), (synonym.same_as, synonym.word)):
            if one in word:
                found.append(word.replace(one, other))
    return list(dict.fromkeys(found))


def one_page(rows: QuerySet[Resource], query: Query, cursor: str = "", size: int = PAGE_SIZE) -> Found:
    """A page of hits: those with the words in the title first, then by name. Raises BadInput for a broken cursor."""
    rows = rows.annotate(rank=_rank(query)).order_by("rank", "sort_key", "pk")
    count = rows.order_by().values("pk")[: CAPPED + 1].count()
    if cursor:
        rows = rows.filter(_after(cursor))
    found = list(rows.select_related("provider", "category").defer("search", "search_text")[: size + 1])
    if len(found) <= size:
        return Found(found, "", count)
    last = found[size - 1]
    return Found(found[:size], signing.dumps([last.rank, last.sort_key, last.pk], salt=CURSOR_SALT), count)


def _rank(query: Query) -> Any:
    """0 when every word stands in the title, else 1."""
    words = folding.words(query.text)
    if not words:
        return Value(0)
    in_title = reduce(Q.__and__, [reduce(Q.__or__, [Q(title__icontains=v) for v in variants(w)]) for w in words])
    return Case(When(in_title, then=Value(0)), default=Value(1))


def _after(cursor: str) -> Q:
    try:
        rank, key, pk = signing.loads(cursor, salt=CURSOR_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
    return Q(rank__gt=rank) | Q(rank=rank, sort_key__gt=key) | Q(rank=rank, sort_key=key, pk__gt=pk)


def facet_counts(rows: QuerySet[Resource], name: str) -> list[tuple[Any, int]]:
    """(value, number of hits) of one facet, most frequent first."""
    counted = rows.order_by().values(name).annotate(n=Count("pk")).order_by("-n", name)
    return [(row[name], row["n"]) for row in counted[:40]]


def format_counts(rows: QuerySet[Resource]) -> list[tuple[str, int]]:
    """The same for formats, of which an entry may have several."""
    each = Func(F("formats"), function="unnest")
    counted = rows.order_by().annotate(one=each).values("one").annotate(n=Count("pk")).order_by("-n", "one")
    return [(row["one"], row["n"]) for row in counted]


def own_resources(actor: Actor) -> QuerySet[Resource]:
    """Everything that the actor's organization provides, drafts included."""
    return Resource.objects.filter(provider=actor.organization) if actor.organization else Resource.objects.none()
