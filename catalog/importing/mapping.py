"""A mapping: how the columns of somebody's list become entries. A small TOML, checked whole when read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.reading import FileShape
from catalog.models import Directory, Resource
from organizations.errors import BadInput
from organizations.models import Organization

FOLDER = Path(__file__).resolve().parent.parent / "mappings"
TEXTS = (
    "title", "summary", "sharing_condition", "withheld_basis", "usage_terms", "opening_condition", "assessment",
    "assessed_by", "collection_channel",
)  # fmt: skip
CHOICES = ("sharing_class", "opening_class", "update_cycle", "sensitivity")
LISTS = ("keywords", "formats", "sharing_methods")
FLAGS = ("holds_personal", "holds_commercial")
DATES = ("assessed_on", "source_updated_at")
FIELDS = (*TEXTS, *CHOICES, *LISTS, *FLAGS, *DATES)
NEEDED = ("title", "summary", "sharing_class", "update_cycle", "formats", "sharing_methods")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where a field comes from. `values` maps what the list says; what it does not know is `otherwise`, or refused.

    `default` stands for an empty cell, and for every row when there is no column.
    """

    column: str = ""
    default: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Any = None
    split: str = ""
    longest: int = 0


@dataclass(frozen=True, slots=True)
class ListMapping:
    """A whole mapping. `key`, `provider` and `category` are (column, pattern)."""

    name: str
    file: FileShape
    key_column: str
    key_pattern: re.Pattern[str] | None
    key_prefix: str
    provider_column: str
    provider_pattern: re.Pattern[str]
    provider_scheme: str
    category_column: str
    category_pattern: re.Pattern[str]
    category_directory: str
    category_code: str
    items_column: str
    fields: Mapping[str, FieldRule]

    @property
    def columns(self) -> list[str]:
        """Every column that must be there."""
        named = [self.key_column, self.provider_column, self.category_column, self.items_column]
        return list(dict.fromkeys([*named, *(rule.column for rule in self.fields.values() if rule.column)]))


def load(name_or_file: str) -> ListMapping:
    """A shipped mapping by name, or one in a file. Raises BadInput naming the key and what it should be."""
    path = FOLDER / f"{name_or_file}.toml"
    if "/" in name_or_file or name_or_file.endswith(".toml") or not path.is_file():
        path = Path(name_or_file)
    if not path.is_file():
        shipped = ", ".join(sorted(found.stem for found in FOLDER.glob("*.toml")))
        raise BadInput(
            _("There is no mapping %(name)s. Shipped: %(names)s.") % {"name": name_or_file, "names": shipped}
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(_("%(file)s is no TOML: %(error)s.") % {"file": path.name, "error": error}) from error
    return _Reader(path.name).mapping(path.stem, data)


class _Reader:
    """Reads a parsed mapping and names what is wrong by its key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def mapping(self, name: str, data: dict[str, Any]) -> ListMapping:
        self.only(data, ("file", "key", "provider", "category", "items", "fields"), "")
        key = self.table(data, "key", ("column", "pattern", "prefix"))
        provider = self.table(data, "provider", ("column", "pattern", "scheme"))
        category = self.table(data, "category", ("column", "pattern", "directory", "code"))
        items = self.table(data, "items", ("column",))
        return ListMapping(
            name=name,
            file=self.shape(data.get("file", {})),
            key_column=self.text(key, "key.column"),
            key_pattern=self.pattern(key, "key.pattern", "key") if "pattern" in key else None,
            key_prefix=self.text(key, "key.prefix"),
            provider_column=self.text(provider, "provider.column"),
            provider_pattern=self.pattern(provider, "provider.pattern", "code", "name"),
            provider_scheme=self.one_of(provider, "provider.scheme", Organization.CodeScheme.values),
            category_column=self.text(category, "category.column"),
            category_pattern=self.pattern(category, "category.pattern", "title"),
            category_directory=self.one_of(category, "category.directory", Directory.values),
            category_code=self.text(category, "category.code"),
            items_column=self.text(items, "items.column"),
            fields=self.fields(data.get("fields", {})),
        )

    def shape(self, data: dict[str, Any]) -> FileShape:
        self.only(data, FileShape.__slots__, "file")
        return FileShape(**data)

    def fields(self, data: dict[str, Any]) -> dict[str, FieldRule]:
        self.only(data, FIELDS, "fields")
        for name in NEEDED:
            if name not in data:
                raise self.wrong(f"fields.{name}", _("is needed: a column, a default, or both"))
        return {name: self.rule(name, rule) for name, rule in data.items()}

    def rule(self, name: str, data: dict[str, Any]) -> FieldRule:
        self.only(data, FieldRule.__slots__, f"fields.{name}")
        if "column" not in data and "default" not in data:
            raise self.wrong(f"fields.{name}", _("needs a column or a default"))
        if name in CHOICES:
            known = {value for value, _label in Resource._meta.get_field(name).flatchoices}
            for value in (*data.get("values", {}).values(), data.get("default"), data.get("otherwise")):
                if value is not None and value not in known:
                    raise self.wrong(f"fields.{name}", _("“%(value)s” is none of its values") % {"value": value})
        return FieldRule(**data)

    def table(self, data: dict[str, Any], name: str, keys: Collection[str]) -> dict[str, Any]:
        if not isinstance(data.get(name), dict):
            raise self.wrong(name, _("is needed"))
        self.only(data[name], keys, name)
        return data[name]

    def only(self, data: Any, keys: Collection[str], where: str) -> None:
        if not isinstance(data, dict):
            raise self.wrong(where, _("must be a table"))
        for key in data:
            if key not in keys:
                raise self.wrong(
                    f"{where}.{key}".strip("."), _("is not known; known: %(keys)s") % {"keys": ", ".join(keys)}
                )

    def text(self, data: dict[str, Any], path: str) -> str:
        value = data.get(path.rpartition(".")[2])
        if not isinstance(value, str) or not value:
            raise self.wrong(path, _("must be a text"))
        return value

    def one_of(self, data: dict[str, Any], path: str, known: Collection[str]) -> str:
        value = self.text(data, path)
        if value not in known:
            raise self.wrong(path, _("must be one of: %(keys)s") % {"keys": ", ".join(known)})
        return value

    def pattern(self, data: dict[str, Any], path: str, *groups: str) -> re.Pattern[str]:
        try:
            found = re.compile(self.text(data, path))
        except re.error as error:
            raise self.wrong(path, _("is no pattern: %(error)s") % {"error": error}) from error
        if missing := set(groups) - set(found.groupindex):
            raise self.wrong(path, _("lacks the group %(names)s") % {"names": ", ".join(sorted(missing))})
        return found

    def wrong(self, path: str, what: str) -> BadInput:
        text = _("%(file)s: %(key)s %(what)s.") % {"file": self.file, "key": path, "what": what}
        return BadInput(text, {path: what})
