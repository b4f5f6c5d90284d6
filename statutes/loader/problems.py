"""What is wrong with a rule pack: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a pack. `file` is `pack/file.toml`, `key` the path inside it, `id` what bears the fault."""

    file: str
    key: str
    id: str
    message: str
    mend: str

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.key) if part)
        named = f" ({self.id})" if self.id else ""
        return f"{where}{named}: {self.message} {self.mend}".rstrip()


class InvalidPackError(ValueError):
    """A pack that cannot be used. `problems` says all that is wrong with it, not only the first fault."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader stands: a file, a path of keys in it, and the id of the thing that is being read."""

    file: str
    key: str = ""
    id: str = ""

    def at(self, key: str | int) -> Place:
        """The place one key (or one index of an array) further in."""
        if isinstance(key, int):
            return replace(self, key=f"{self.key}[{key}]")
        return replace(self, key=f"{self.key}.{key}" if self.key else key)

    def named(self, name: str) -> Place:
        return replace(self, id=name)


@dataclass(slots=True)
class Report:
    """Collects problems, so that one run names every fault."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, place: Place, message: str, mend: str) -> None:
        self.problems.append(Problem(place.file, place.key, place.id, message, mend))


def nearest(name: str, known: Iterable[str]) -> str:
    """A mend for a name that nobody knows: the closest known one, or the list of all."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    return f"Known here: {', '.join(names)}." if names else "None is known here."
