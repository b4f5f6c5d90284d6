"""What may be read of the catalogue, and finding it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import reduce
from itertools import combinations
from typing import Any

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from cases.models import Case as HandledCase
from cases.selectors import visible_cases
from catalog import folding, freshness, legal_basis
from catalog.models import (
    Directory,
    Publication,
    Resource,
    ResourceFormat,
    Revision,
    SharingClass,
    Synonym,
    UpdateCycle,
    Withdrawal,
)
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, NotKnown
from organizations.languages import speaks_chinese
from organizations.models import Jurisdiction, Organization, OrganRole, Position

Place = tuple[int, str, int]
"""Rank, sort key and id of a row: where in a list it stands."""

PAGE_SIZE = 20
CAPPED = 1000
COUNTED = 20_000
LACKING = "lacking"
LONGEST_TERM = 2
LONGEST_KEY = 19
MOST_PAIRS = 6
TITLE_LINE = "split_part(search_text, chr(10), 1)"
CURSOR_SALT = "catalog.selectors.cursor"
REGISTRARS = (Position.Kind.HANDLER, Position.Kind.DATA_STEWARD)
BUREAU = "bureau"
OUTSIDE_THE_HOUSE = (Position.Kind.ADMINISTRATOR, Position.Kind.AUDITOR)
REVIEWERS = (Position.Kind.REVIEWER, Position.Kind.APPROVER)
FACETS = ("directory", "sharing_class", "update_cycle", "provider")
PAGE_SQL = """
WITH hits(id, rank, sort_key) AS MATERIALIZED ({hits}), total AS (SELECT count(*) AS n FROM hits)
SELECT page.rank, page.id, total.n FROM total LEFT JOIN LATERAL (
  SELECT rank, id, sort_key FROM hits WHERE (rank, sort_key, id) > (%s, %s, %s) ORDER BY rank, sort_key, id LIMIT %s
) AS page ON true
ORDER BY page.rank, page.sort_key, page.id
"""
FACET_SQL = """
WITH hits(directory, sharing_class, update_cycle, provider, formats, fresh) AS MATERIALIZED ({hits}),
sets AS (
  SELECT directory, sharing_class, update_cycle, provider, fresh, count(*) AS n,
         grouping(directory, sharing_class, update_cycle, provider, fresh) AS which
  FROM hits
  GROUP BY GROUPING SETS ((directory), (sharing_class), (update_cycle), (provider), (fresh), ())
)
SELECT CASE which WHEN 15 THEN 'directory' WHEN 23 THEN 'sharing_class' WHEN 27 THEN 'update_cycle'
                  WHEN 29 THEN 'provider' WHEN 30 THEN 'fresh' ELSE 'total' END AS name,
       coalesce(directory, sharing_class, update_cycle, provider::text, fresh) AS value, n,
       CASE WHEN %s OR name_en = '' THEN short_name ELSE name_en END
FROM sets LEFT JOIN organizations_organization ON organizations_organization.id = provider
UNION ALL
SELECT 'format', format, count(*), NULL FROM hits, unnest(formats) AS format GROUP BY format
ORDER BY 1, 3 DESC, 2
"""


def visible_resources(actor: AnyActor | None) -> QuerySet[Resource]:
    """Published entries for everybody in a position; drafts for their provider's people; those under review for
    the reviewers of their city's bureau too. Administrators see what is published only."""
    if actor is None:
        return Resource.objects.none()
    if not isinstance(actor, Actor):
        return Resource.objects.all()
    if actor.organization is None:
        return Resource.objects.none()
    visible = Q(status__in=[Resource.Status.PUBLISHED, Resource.Status.WITHDRAWN])
    if actor.kind not in OUTSIDE_THE_HOUSE:
        visible |= Q(provider=actor.organization)
    if actor.kind in REVIEWERS:
        roles = OrganRole.objects.filter(organization=actor.organization, role=BUREAU)
        visible |= Q(status=Resource.Status.IN_REVIEW, jurisdiction__in=roles.values("jurisdiction"))
    return Resource.objects.filter(visible | _handed_in_by(actor))


def _published(actor: AnyActor | None) -> QuerySet[Resource]:
    """The part of the visible entries that needs no other question than whether the actor holds a position."""
    known = actor is not None and (not isinstance(actor, Actor) or actor.organization is not None)
    return Resource.objects.filter(status=Resource.Status.PUBLISHED) if known else Resource.objects.none()


def _handed_in_by(actor: Actor) -> Q:
    """Entries of others that the actor's own organization handed in: those of an imported list."""
    if actor.kind in OUTSIDE_THE_HOUSE:
        return Q(pk__in=[])
    handed_in = Publication.objects.filter(provider=actor.organization, resources=OuterRef("pk"))
    return Q(source_key__gt="") & Q(Exists(handed_in))


def resource_for(actor: AnyActor | None, resource_id: int) -> Resource:
    """One entry that the actor may see. Raises NotKnown."""
    rows = visible_resources(actor).select_related("provider__jurisdiction", "category", "source_department")
    found = rows.filter(pk=resource_id).first()
    if found is None:
        raise NotKnown(_("There is no such resource."))
    return found


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: words, and values of facets (`provider` by id). `jurisdiction` empty: all.

    `basis` "lacking": withheld entries whose legal basis has to be looked at.
    """

    text: str = ""
    jurisdiction: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    fresh: str = ""
    basis: str = ""
    status: str = Resource.Status.PUBLISHED
    meant: tuple[tuple[str, ...], ...] | None = None

    def resolved(self) -> Query:
        """The same with `meant` filled in: for each word, the word and what else a reader may have meant by it."""
        if self.meant is not None:
            return self
        words = folding.words(self.text)
        pairs = list(Synonym.objects.values_list("word", "same_as")) if words else []
        return replace(self, meant=tuple(tuple(variants(word, pairs)) for word in words))


def _is_provider(value: str) -> bool:
    return value.isdecimal() and len(value) < LONGEST_KEY and Organization.objects.filter(pk=value).exists()


KNOWN: Mapping[str, Callable[[str], bool]] = {
    "directory": Directory.values.__contains__,
    "sharing_class": SharingClass.values.__contains__,
    "update_cycle": UpdateCycle.values.__contains__,
    "format": ResourceFormat.values.__contains__,
    "fresh": (freshness.FRESH, freshness.STALE, freshness.EMPTY).__contains__,
    "basis": [LACKING].__contains__,
    "provider": _is_provider,
}
"""Filters of an address, each with whether a value of it is one that there is."""


def query_of(actor: AnyActor | None, params: Mapping[str, str]) -> Query:
    """The search that an address asks for: own jurisdiction unless `jurisdiction` says another, or "all"."""
    own = actor.jurisdiction_id if isinstance(actor, Actor) else ""
    jurisdiction = params.get("jurisdiction", "") or own
    provider = params.get("provider", "")
    facets = {name: params.get(name, "") for name in FACETS if name != "provider"}
    query = Query(
        text=params.get("q", "")[:100],
        jurisdiction="" if jurisdiction == "all" else jurisdiction,
        facets={**facets, "provider": provider if provider.isdecimal() else ""},
        format=params.get("format", ""),
        fresh=params.get("fresh", ""),
        basis=LACKING if params.get("basis") == LACKING else "",
    )
    return query.resolved()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the cursor of the next ("" at the end) and the count, capped."""

    rows: Sequence[Any]
    next: str
    count: int

    @property
    def total(self) -> str:
        return f"{CAPPED}+" if self.count > CAPPED else str(self.count)


def search(actor: AnyActor | None, query: Query, now: datetime) -> QuerySet[Resource]:
    """Every entry that the actor may see and that holds all words of the query, as LIKE would find them."""
    rows = _filtered(actor, query, now)
    for meanings in query.resolved().meant or ():
        rows = rows.filter(reduce(Q.__or__, map(_holds, meanings)))
    return rows


def _filtered(actor: AnyActor | None, query: Query, now: datetime) -> QuerySet[Resource]:
    """What the actor may see within the facets of the query, whatever its words."""
    rows = _published(actor) if query.status == Resource.Status.PUBLISHED else visible_resources(actor)
    rows = rows.filter(status=query.status)
    if query.jurisdiction:
        rows = rows.filter(jurisdiction_id=query.jurisdiction)
    for name, value in query.facets.items():
        if name in FACETS and value:
            rows = rows.filter(**{name: value})
    if query.format:
        rows = rows.filter(formats__contains=[query.format])
    if query.fresh:
        rows = rows.filter(freshness.condition(query.fresh, now))
    return rows.filter(legal_basis.lacking()) if query.basis else rows


def withheld_without_basis(actor: AnyActor | None) -> QuerySet[Resource]:
    """Withheld entries that the actor may see and in whose basis no national law can be recognized."""
    return visible_resources(actor).filter(legal_basis.lacking())


def variants(word: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The word, and the word with each synonym in it put in place of what it holds."""
    found = [word]
    for pair in pairs:
        one, other = map(folding.fold, pair)
        found += [
            word.replace(a, b) for a, b in ((one, other), (other, one)) if a in word and not (a in b and b in word)
        ]
    return list(dict.fromkeys(found))


def _holds(word: str) -> Q:
    """The word's pairs are in the index, and a longer word itself is in the text."""
    if len(word) <= LONGEST_TERM:
        return _has_terms(word)
    return _has_terms(word) & Q(search_text__contains=word)


def _titled(word: str) -> Q:
    """The same for the title, which is the first line of the text."""
    if len(word) <= LONGEST_TERM:
        return _has_terms(word, folding.TITLE_MARK)
    return _has_terms(word, folding.TITLE_MARK) & Q(_like(f"{TITLE_LINE} LIKE %s", folding.like(word)))


def _begins(word: str) -> Q:
    """The title begins with the word."""
    begin = _has_all([folding.BEGIN_MARK + word[:LONGEST_TERM]])
    return begin if len(word) <= LONGEST_TERM else begin & Q(_like("search_text LIKE %s", folding.like(word)[1:]))


def _like(sql: str, pattern: str) -> RawSQL:
    return RawSQL(sql, [pattern], output_field=BooleanField())  # noqa: S611 - the pattern is a parameter


def _has_terms(word: str, mark: str = "") -> Q:
    return _has_all([mark + term for term in sorted(folding.query_terms(word))])


def _has_all(terms: Sequence[str]) -> Q:
    return Q(RawSQL("search @@ %s::tsquery", [" & ".join(map(_quoted, terms))], output_field=BooleanField()))


def _quoted(term: str) -> str:
    """A term as a lexeme of a tsquery."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _ranks(query: Query) -> list[Q]:
    """Disjoint parts of the hits, best first: title begins with the words, title holds every word, the rest."""
    meant = query.resolved().meant
    if not meant:
        return [Q()]
    in_title = reduce(Q.__and__, [reduce(Q.__or__, map(_titled, meanings)) for meanings in meant])
    begins = in_title & reduce(Q.__or__, map(_begins, meant[0]))
    anywhere = reduce(Q.__and__, [reduce(Q.__or__, map(_holds, meanings)) for meanings in meant])
    return [begins, in_title & ~begins, anywhere & ~in_title]


def one_page(actor: AnyActor | None, query: Query, now: datetime, *, cursor: str = "", size: int = PAGE_SIZE) -> Found:
    """A page of hits, best first, then by name. Raises BadInput for a cursor that is not one of this list.

    Up to CAPPED hits are ranked and sorted at once. More are never all sorted: each rank is asked for by itself, in
    the order of its index, and only while the page has room.
    """
    query, after = query.resolved(), _opened(cursor)
    keys, count = _sorted_keys(actor, query, now, after, size)
    if count <= CAPPED:
        known = {row.pk: row for row in _shown(Resource.objects.filter(pk__in=[pk for _rank, pk in keys[:size]]))}
        found = [(rank, known[pk]) for rank, pk in keys if pk in known]
        more = len(keys) > size
    else:
        walked = _walked(actor, query, now, after, size)
        found, more = walked[:size], len(walked) > size
    return Found([row for _rank, row in found], _sealed(*found[-1]) if more else "", count)


def nearest(actor: AnyActor | None, query: Query, now: datetime, *, size: int = PAGE_SIZE) -> list[Resource]:
    """For a query that no entry holds as a whole: entries that hold most of its pairs of characters.

    Those that hold more come first; of those that hold as many, those that do in their title; then by name. At most
    `size`, without further pages.
    """
    pairs = [term for word in folding.words(query.text) for term in sorted(folding.query_terms(word))]
    pairs = list(dict.fromkeys(pairs))[:MOST_PAIRS]
    scope, found = _shown(_filtered(actor, query, now)).order_by("sort_key", "pk"), dict[int, Resource]()
    for held in range(len(pairs), 0, -1):
        for mark in (folding.TITLE_MARK, ""):
            rows = scope.filter(_has_some(pairs, held, mark)).exclude(pk__in=list(found))
            found |= {row.pk: row for row in rows[: size - len(found)]}
            if len(found) >= size:
                return list(found.values())
    return list(found.values())


def _has_some(terms: Sequence[str], count: int, mark: str) -> Q:
    """At least so many of the terms are in the index."""
    chosen = [" & ".join(_quoted(mark + term) for term in some) for some in combinations(terms, count)]
    return Q(RawSQL("search @@ %s::tsquery", [" | ".join(chosen)], output_field=BooleanField()))


def _shown(rows: QuerySet[Resource]) -> QuerySet[Resource]:
    """With what a list shows of a row, and without what it does not."""
    return rows.select_related("provider", "category").defer("search", "search_text")


def _sorted_keys(
    actor: AnyActor | None, query: Query, now: datetime, after: Place | None, size: int
) -> tuple[list[tuple[int, int]], int]:
    """(rank, id) of a page and one more, and the number of hits. Of no use when there are more than CAPPED."""
    hits = search(actor, query, now).annotate(rank=_rank(query)).order_by()
    inner = hits.values_list("id", "rank", "sort_key")[: CAPPED + 1]
    try:
        sql, params = inner.query.sql_with_params()
    except EmptyResultSet:
        return [], 0
    rank, key, pk = after or (-1, "", 0)
    with connection.cursor() as cursor:
        cursor.execute(PAGE_SQL.format(hits=sql), [*params, rank, key, pk, size + 1])
        rows = cursor.fetchall()
    return [(rank, pk) for rank, pk, _total in rows if pk is not None], rows[0][2] if rows else 0


def _rank(query: Query) -> Case | Value:
    """0 when the title begins with the first word, 1 when it holds every word, 2 otherwise."""
    if not query.meant:
        return Value(0)
    title = [reduce(Q.__or__, [Q(_like(f"{TITLE_LINE} LIKE %s", folding.like(w))) for w in ws]) for ws in query.meant]
    in_title = reduce(Q.__and__, title)
    begins = reduce(Q.__or__, [Q(_like("search_text LIKE %s", folding.like(w)[1:])) for w in query.meant[0]])
    return Case(When(begins & in_title, then=Value(0)), When(in_title, then=Value(1)), default=Value(2))


def _walked(
    actor: AnyActor | None, query: Query, now: datetime, after: Place | None, size: int
) -> list[tuple[int, Resource]]:
    """The rows of a page and one more, with their ranks, rank by rank."""
    scope = _shown(_filtered(actor, query, now))
    start = after[0] if after else 0
    found: list[tuple[int, Resource]] = []
    for rank, condition in list(enumerate(_ranks(query)))[start:]:
        rows = scope.filter(condition).order_by("sort_key", "pk")
        if rank == start and after:
            rows = rows.filter(_after(*after[1:]))
        found += [(rank, row) for row in rows[: size + 1 - len(found)]]
        if len(found) > size:
            break
    return found


def _sealed(rank: int, row: Resource) -> str:
    return signing.dumps([rank, row.sort_key, row.pk], salt=CURSOR_SALT)


def _opened(cursor: str) -> Place | None:
    """Rank, sort key and id of the last row seen; None at the beginning."""
    if not cursor:
        return None
    try:
        rank, key, pk = signing.loads(cursor, salt=CURSOR_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise BadInput(_("This page of the list is not known. Start from the first one.")) from error
    return rank, key, pk


def _after(key: str, pk: int) -> Q:
    return Q(sort_key__gte=key) & (Q(sort_key__gt=key) | Q(pk__gt=pk))


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits per value of every facet, most frequent first. `capped`: counted over the first COUNTED hits only.

    `names`: names of the providers for who reads, by their id as text.
    """

    of: Mapping[str, list[tuple[str, int]]]
    names: Mapping[str, str]
    capped: bool


def facet_counts(actor: AnyActor | None, query: Query, now: datetime) -> Counts:
    """How many hits each choice of each facet has, in one query. Keys of providers are ids as text."""
    hits = search(actor, query, now).order_by()
    stale, empty = freshness.condition(freshness.STALE, now), freshness.condition(freshness.EMPTY, now)
    fresh = Case(
        When(empty, then=Value(freshness.EMPTY)), When(stale, then=Value(freshness.STALE)),
        default=Value(freshness.FRESH),
    )  # fmt: skip
    columns = (*FACETS, "formats", "fresh_state")
    inner = hits.annotate(fresh_state=fresh).values_list(*columns)[: COUNTED + 1]
    try:
        sql, params = inner.query.sql_with_params()
    except EmptyResultSet:
        return Counts({}, {}, capped=False)
    with connection.cursor() as cursor:
        cursor.execute(FACET_SQL.format(hits=sql), [*params, speaks_chinese()])
        rows = cursor.fetchall()
    of: dict[str, list[tuple[str, int]]] = {}
    for name, value, n, _label in rows:
        of.setdefault(name, []).append((value, n))
    names = {value: label for name, value, _n, label in rows if name == "provider"}
    total = sum(n for name, _value, n, _label in rows if name == "total")
    return Counts(of, names, total > COUNTED)


def own_resources(actor: Actor) -> QuerySet[Resource]:
    """Everything that the actor's organization provides, drafts included; nothing for its administrator."""
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return Resource.objects.none()
    return Resource.objects.filter(provider=actor.organization)


def under_way(actor: AnyActor, resource: Resource) -> dict[str, HandledCase]:
    """The open cases under which an entry is to be published, changed or withdrawn, by family, as the actor sees them.

    One query; an entry has at most one of each.
    """
    about = (
        Publication.objects.filter(resources=resource)
        .order_by()
        .values("case")
        .union(
            Revision.objects.filter(resource=resource).order_by().values("case"),
            Withdrawal.objects.filter(resource=resource).order_by().values("case"),
            all=True,
        )
    )
    rows = visible_cases(actor).filter(pk__in=about, closed_at__isnull=True)
    return {case.family: case for case in rows}


def open_revision(actor: AnyActor, resource: Resource) -> Revision | None:
    """The change of an entry that is on its way, for who may see its case."""
    rows = Revision.objects.filter(resource=resource, case__in=visible_cases(actor), case__closed_at__isnull=True)
    return rows.select_related("case", "resource__provider").first()


def submitter_for(actor: AnyActor, jurisdiction: Jurisdiction, account: str, on: date) -> Actor | None:
    """Who hands in an imported list: the account named, else the first of the bureau who keeps entries.

    None when there is nobody. Raises BadInput when the account named keeps no entries in the jurisdiction.
    """
    held = Position.objects.held_on(on).filter(organization__jurisdiction=jurisdiction, kind__in=REGISTRARS)
    held = held.select_related("user", "organization__jurisdiction").order_by("user__username", "pk")
    if account:
        position = held.filter(user__username=account).first()
        if position is None:
            text = _("The account %(name)s is no handler or data steward in this jurisdiction.")
            raise BadInput(text % {"name": account}, {"account": _("Name another account.")})
        return Actor(position.user, position)
    bureau = held.filter(organization__organ_roles__role=BUREAU, organization__organ_roles__jurisdiction=jurisdiction)
    position = bureau.first()
    return Actor(position.user, position) if position else None
