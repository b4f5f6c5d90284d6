"""The check of the Open Contracting Partnership itself, against the schema of the standard that lies beside this file.

`ocds-1.1.5.zip` holds the schemas and code lists of github.com/open-contracting/standard at tag 1__1__5, as they are
(Apache License 2.0, in the archive): the library would fetch them from the network.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig

PAGING = {"/links", "/links/next", "/links/prev"}
"""What the pagination extension adds to a package."""
STANDARD = Path(__file__).with_name("ocds-1.1.5.zip")


@cache
def _config() -> LibCoveOCDSConfig:
    return LibCoveOCDSConfig({"context": "api", "standard_zip": STANDARD.read_bytes()})


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
