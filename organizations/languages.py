"""The language that a reader is answered in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language


def speak(response: HttpResponse, language: str) -> None:
    """Let this browser be answered in a language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )


def speaks_chinese() -> bool:
    """Whether the reader of now is answered in Chinese, which is also the language where there is no reader."""
    return (get_language() or "zh").startswith("zh")
