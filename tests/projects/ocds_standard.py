"""The check of the Open Contracting Partnership itself, against the schemas of OCDS 1.1.5.

The library would fetch them from the network. Two source distributions of the same publisher hold them, which
`scripts/bootstrap.py` downloads by hash (requirements/standard.txt); the code lists that they lack are not asked.
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig

PAGING = {"/links", "/links/next", "/links/prev"}
"""What the pagination extension adds to a package."""
STANDARD = Path(sys.prefix) / "share" / "standard"
SCHEMAS = {
    "release-schema.json": "ocdsextensionregistry",
    "versioned-release-validation-schema.json": "ocdsextensionregistry",
    "release-package-schema.json": "ocdskit",
}
"""File of the standard, and the distribution that has it among its tests."""


def _standard() -> bytes:
    """The standard as an archive in the shape in which its publisher's library wants it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("standard/", "")
        archive.writestr("standard/schema/codelists/none.csv", "Code,Title\nnone,None\n")
        for name, distribution in SCHEMAS.items():
            (path,) = STANDARD.glob(f"{distribution}-*.tar.gz")
            with tarfile.open(path) as source:
                stored = source.extractfile(f"{path.name.removesuffix('.tar.gz')}/tests/fixtures/{name}")
                assert stored is not None
                archive.writestr(f"standard/schema/{name}", stored.read())
    return made.getvalue()


@cache
def _config() -> LibCoveOCDSConfig:
    return LibCoveOCDSConfig({"context": "api", "standard_zip": _standard()})


def problems(package: dict[str, Any]) -> list[Any]:
    """Everything that the check has to say against a release package."""
    said = ocds_json_output(json_data=package, lib_cove_ocds_config=_config())
    unknown = {f"{row['path']}/{row['field']}" for row in said["additional_fields"]}
    return [
        *said["validation_errors"],
        *said["deprecated_fields"],
        *said.get("additional_checks", {}).items(),
        *said.get("conformance_errors", {}).items(),
        *said["additional_closed_codelist_values"].items(),
        *said["additional_open_codelist_values"].items(),
        *(unknown - PAGING),
    ]
