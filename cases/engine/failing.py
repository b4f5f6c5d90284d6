"""What the portal does by itself may be refused: then why is kept in both languages, for whoever reads it later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import override

from organizations.errors import Refused

CHINESE, ENGLISH = "zh-hans", "en"
Done = TypeVar("Done")


class Failed(Exception):
    """It could not be done: `zh` and `en` say why. The error itself is the cause."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en

    @property
    def note(self) -> str:
        """For the operator: which kind of error, and what it said in English."""
        return f"{type(self.__cause__).__name__}: {self.en}"


def attempt(do: Callable[[], Done]) -> Done:
    """Do it in Chinese, the language of the record, whoever set it off. Raises Failed.

    A refusal says itself in the language in which it was met, so what is refused is tried once more in English;
    should it succeed then, it is done. `do` leaves nothing behind where it fails.
    """
    refused = {}
    for language in (CHINESE, ENGLISH):
        with override(language):
            try:
                return do()
            except Exception as error:
                refused[language] = error
    raise Failed(_sentence(refused, CHINESE), _sentence(refused, ENGLISH)) from refused[CHINESE]


def _sentence(refused: dict[str, Exception], language: str) -> str:
    error = refused[language]
    with override(language):
        return str(error.message) if isinstance(error, Refused) else _("an internal error, noted in the log")
