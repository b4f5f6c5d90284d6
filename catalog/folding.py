"""Text as the search sees it: folded, and cut into single characters and pairs.

Chinese has no spaces, so every pair of neighbouring characters is a term, and every character too for queries
of one. A query's words are found by the pairs they hold and checked again as plain substrings, so that a hit is
exactly what LIKE would find. Folding works on one character at a time: what a word folds to inside a text is then
what it folds to alone, which phrase by phrase (乾隆, 乾燥) it would not be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

LONGEST_TEXT = 100_000
TITLE_MARK, BEGIN_MARK = "^^", "^>"
"""Before the terms that stand in the title, and before what it begins with. Plain terms have one or two characters,
these three or four."""


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return "".join(_simplifier().convert(one) for one in plain).lower().replace("\x00", "")


def fold(text: str) -> str:
    """Traditional to simplified, full width to half width, lower case, one space between words."""
    return " ".join("".join(map(_fold_character, text)).split())


def terms(folded: str) -> set[str]:
    """Single characters and neighbouring pairs of every word of a folded text."""
    found: set[str] = set()
    for word in folded.split():
        found.update(word)
        found.update(word[at : at + 2] for at in range(len(word) - 1))
    return found


def index_terms(text: str) -> list[str]:
    """What is indexed of a searched text, whose first line is the title: its terms, the title's
    marked, and its first one and two characters."""
    title = text.partition("\n")[0]
    begins = {BEGIN_MARK + title[:length] for length in (1, 2) if title}
    return sorted(terms(text) | {TITLE_MARK + term for term in terms(title)} | begins)


def query_terms(word: str) -> set[str]:
    """The terms that a text must have to hold `word`: its pairs, or the one character."""
    return {word[at : at + 2] for at in range(len(word) - 1)} or {word}


def words(query: str) -> list[str]:
    """The words of a query, folded, each once, at most a handful."""
    return list(dict.fromkeys(fold(query).split()))[:8]


def like(word: str) -> str:
    """A LIKE pattern that finds `word` literally."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def sort_key(title: str) -> str:
    """Pinyin of a title, so that Chinese names sort as readers expect."""
    return " ".join(lazy_pinyin(fold(title), style=Style.TONE3, neutral_tone_with_five=True))[:400]


def joined(parts: Iterable[str]) -> str:
    """Several texts as one to be searched, folded; each stays a line of its own, the first (the title) always."""
    title, *rest = [fold(part) for part in parts]
    return "\n".join([title, *filter(None, rest)])[:LONGEST_TEXT]
