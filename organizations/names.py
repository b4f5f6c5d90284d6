"""Sort keys of Chinese names: the embedded database has no ICU, therefore pinyin is stored."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

SORT_KEY_LENGTH = 240


def sort_key(name: str) -> str:
    """Pinyin with tone numbers, syllables apart, lower case; other characters stay as they are."""
    syllables = lazy_pinyin(name.strip(), style=Style.TONE3, neutral_tone_with_five=True, errors="default")
    return " ".join(syllables).lower()[:SORT_KEY_LENGTH]
