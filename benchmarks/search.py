"""Searching the catalogue (performance goals, row 1): the portal's first page and capped count against LIKE.

Every query is first checked to find what LIKE finds. `SEARCH_ROWS` overrides the number of entries.
"""

from __future__ import annotations

import io
import os
import random
import statistics
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from benchmarks import common

if TYPE_CHECKING:
    from catalog.selectors import Query
    from organizations.actors import Actor

ROWS = {"small": 3_000, "full": 1_000_000}
QUERIES = {"small": 24, "full": 120}
SEED = 20261122
CHUNK = 50_000
CITIES = 4
CHARACTERS = "".join(chr(0x4E00 + at * 7) for at in range(1_200))
COLUMNS = (
    "jurisdiction_id", "provider_id", "category_id", "directory", "code", "title", "sort_key", "summary", "keywords",
    "formats", "sharing_class", "sharing_condition", "sharing_methods", "withheld_basis", "usage_terms",
    "opening_class", "opening_condition", "update_cycle", "holds_personal", "holds_commercial", "sensitivity",
    "assessment", "assessed_by", "collection_channel", "status", "version", "source_key", "source_digest", "search",
    "search_text", "created_at", "updated_at",
)  # fmt: skip
LIKE_PAGE = """
SELECT id FROM catalog_resource WHERE status = 'published' AND jurisdiction_id = %s AND search_text LIKE %s
ORDER BY CASE WHEN title LIKE %s THEN 0 WHEN title LIKE %s THEN 1 ELSE 2 END, sort_key, id LIMIT 20
"""
LIKE_COUNT = """
SELECT count(*) FROM (SELECT 1 FROM catalog_resource
WHERE status = 'published' AND jurisdiction_id = %s AND search_text LIKE %s LIMIT 1001) AS found
"""


def main() -> None:
    options = common.start(__doc__ or "")
    rows = int(os.environ.get("SEARCH_ROWS", ROWS[options.size]))
    with common.scratch_database():
        actor = _people()
        vocabulary = _vocabulary()
        _fill(actor, vocabulary, rows)
        words = _words(vocabulary, QUERIES[options.size])
        _check(actor, words)
        _measure(actor, words, rows)


def _vocabulary() -> list[str]:
    """Words of two to four characters; the first are frequent, as a few words of administration are."""
    chance = random.Random(SEED)  # noqa: S311 - made-up text
    return ["".join(chance.choices(CHARACTERS, k=chance.choice((2, 2, 2, 3, 4)))) for _word in range(4_000)]


def _people() -> Actor:
    """Jurisdictions with an organization each, and one handler."""
    from catalog.models import Category
    from organizations.models import Jurisdiction
    from tests.cast import new_actor, new_organization

    for number in range(CITIES):
        place = Jurisdiction.objects.create(
            id=f"city{number}", name_zh="测试", name_en="test", region="000000", pack="national"
        )
        provider = new_organization(place, f"单位{number}", number=60_000_000 + number)
        Category.objects.create(jurisdiction=place, directory="departmental", code="301001", title="测试")
        actor = new_actor(provider, "handler", f"search{number}")
    return actor


def _fill(actor: Actor, vocabulary: list[str], rows: int) -> None:
    """Entries with a title, a summary and items, by COPY, and then the statistics."""
    from catalog.models import Category

    chance = random.Random(SEED)  # noqa: S311 - made-up text
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    places = [(c.jurisdiction_id, c.jurisdiction.organizations.get().pk, c.pk) for c in Category.objects.all()]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("DROP INDEX resource_search_terms")
    statement = f"COPY catalog_resource ({', '.join(COLUMNS)}) FROM STDIN"
    for start in range(0, rows, CHUNK):
        stream = io.StringIO()
        for number in range(start, min(start + CHUNK, rows)):
            words = chance.choices(vocabulary, weights, k=16)
            stream.write(_line(number, places[number % CITIES], words, chance))
        stream.seek(0)
        with connection.cursor() as cursor:
            cursor.copy_expert(statement, stream)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX resource_search_terms ON catalog_resource USING gin (search) WITH (fastupdate = off)"
        )
        cursor.execute("VACUUM ANALYZE catalog_resource")
        cursor.execute("RESET statement_timeout")


def _line(number: int, place: tuple[str, int, int], words: list[str], chance: random.Random) -> str:
    from catalog import folding

    title, summary = "".join(words[:4]), "".join(words[4:10])
    text = folding.joined([title, summary, *words[10:]])
    terms = " ".join(f"'{term}'" for term in folding.index_terms(text))
    now = "2026-01-01 00:00:00+08"
    cells = [
        *map(str, place), "departmental", f"301001/{number:07d}", title, f"{chance.random():.12f}", summary, "{}",
        "{database}", "conditional", "x", "{api}", "", "", "closed", "", "yearly", "f", "f", "general", "", "", "",
        "published", "1", "", "", terms, text.replace("\n", "\\n"), now, now,
    ]  # fmt: skip
    return "\t".join(cells) + "\n"


def _words(vocabulary: list[str], number: int) -> list[str]:
    """Queries of one to four characters: frequent and rare words, parts of words, two words, and absent ones."""
    chance = random.Random(SEED + 1)  # noqa: S311 - made-up text
    found = []
    for at in range(number):
        word = vocabulary[min(int(chance.paretovariate(0.5)), len(vocabulary) - 1)]
        other = chance.choice(vocabulary)
        found.append(
            [word, word[:1], other, word + other[: 4 - len(word)], chance.choice(CHARACTERS), other[-2:]][at % 6]
        )
    return found


def _query(actor: Actor, word: str) -> Query:
    from catalog.selectors import Query

    return Query(text=word, jurisdiction=actor.jurisdiction_id).resolved()


def _check(actor: Actor, words: list[str]) -> None:
    """The same rows as LIKE, query by query."""
    from catalog import folding, selectors
    from catalog.models import Resource

    for word in words:
        by_like = Resource.objects.filter(
            status="published", jurisdiction_id=actor.jurisdiction_id, search_text__contains=folding.fold(word)
        )
        found = selectors.search(actor, _query(actor, word), timezone.now())
        assert set(found.values_list("pk", flat=True)) == set(by_like.values_list("pk", flat=True)), word


def _measure(actor: Actor, words: list[str], rows: int) -> None:
    from catalog import selectors

    own: list[float] = []
    peer: list[float] = []
    now = timezone.now()
    for word in words:
        query = _query(actor, word)
        works = {
            "portal": lambda query=query: selectors.one_page(actor, query, now),
            "like": lambda word=word: _like(actor, word),
        }
        times = common.interleaved(works, rounds=3)
        own.append(common.middle(times["portal"]))
        peer.append(common.middle(times["like"]))
    common.show(f"LIKE, {rows:,} entries, p95", f"{common.p95(peer) * 1000:,.1f} ms")
    common.show(
        "portal's search, p95",
        f"{common.p95(own) * 1000:,.1f} ms",
        f"{common.p95(peer) / common.p95(own):.1f}x",
        "goal <= 25 ms and >= 15x LIKE at 1 M",
    )
    common.show("LIKE, median", f"{statistics.median(peer) * 1000:,.1f} ms")
    ratio = statistics.median(peer) / statistics.median(own)
    common.show("portal's search, median", f"{statistics.median(own) * 1000:,.1f} ms", f"{ratio:.1f}x")
    slow = sorted(zip(own, words, strict=True), reverse=True)[:3]
    common.show("slowest queries", ", ".join(f"{word} {seconds * 1000:.0f}" for seconds, word in slow))


def _like(actor: Actor, word: str) -> None:
    pattern = f"%{word}%"
    with connection.cursor() as cursor:
        cursor.execute(LIKE_PAGE, [actor.jurisdiction_id, pattern, f"{word}%", pattern])
        cursor.fetchall()
        cursor.execute(LIKE_COUNT, [actor.jurisdiction_id, pattern])
        cursor.fetchone()


if __name__ == "__main__":
    main()
