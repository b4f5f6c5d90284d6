"""Reads the environment: one place for defaults, types and the sentence shown when something is missing."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str) -> str:
    """The value of a variable that has no default. Raises ImproperlyConfigured naming it."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"the environment variable {name} is not set; it has no default in production")
    return value


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"the environment variable {name} must be a whole number, not {value!r}") from None


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name).lower()
    if value in {"", "0", "1", "no", "yes", "false", "true", "off", "on"}:
        return default if not value else value in {"1", "yes", "true", "on"}
    raise ImproperlyConfigured(f"the environment variable {name} must be 1 or 0, not {value!r}")


def listing(name: str) -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]
