"""How resource codes are written. The national guide's way is the default; a site may put its province's in its place.

`CATALOG_CODE_SCHEME` in the settings names another class with the same two methods.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from catalog.models import Directory

DEFAULT = "catalog.codes.NationalGuide"


class CodeScheme(Protocol):
    def resource_code(self, category_code: str, number: int) -> str:
        """The code of the nth entry of a category."""

    def problem_of(self, code: str, directory: str) -> str:
        """What is wrong with a code for an entry of that directory, with its mend, or "" when nothing is."""


class NationalGuide:
    """The compilation guide of 2017: class, item, entry and sub-entry of the classification, a slash, a number."""

    pattern = re.compile(r"^[1-3]\d{2}\d{3}\w*/\d+$", re.ASCII)
    classes = {Directory.BASE: "1", Directory.THEMATIC: "2", Directory.DEPARTMENTAL: "3"}

    def resource_code(self, category_code: str, number: int) -> str:
        return f"{category_code}/{number:06d}"

    def problem_of(self, code: str, directory: str) -> str:
        if not self.pattern.match(code):
            return _("The code must be six or more figures of the classification, a slash and a number: 307001/000017.")
        first = self.classes[Directory(directory)]
        if not code.startswith(first):
            return _("Codes of this directory begin with %(digit)s.") % {"digit": first}
        return ""


@lru_cache(maxsize=1)
def scheme() -> CodeScheme:
    return import_string(getattr(settings, "CATALOG_CODE_SCHEME", DEFAULT))()
