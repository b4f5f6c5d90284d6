"""What a file handed in really is: its name made plain, its content checked, a scanner asked.

Office files (.docx, .xlsx, .pptx) must be whole packages with the main part of their kind. Encrypted and
macro-enabled ones are refused: nobody who decides could read the first, and the second run programs.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from typing import IO

import puremagic
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from organizations.errors import BadInput

OLE = {"application/x-ole-storage", "application/vnd.ms-office"}
CONTENT_TYPES = {
    ".pdf": {"application/pdf"},
    ".png": {"image/png"},
    ".jpg": {"image/jpeg"},
    ".jpeg": {"image/jpeg"},
    ".doc": {"application/msword", *OLE},
    ".xls": {"application/vnd.ms-excel", *OLE},
    ".ofd": {"application/zip", "application/ofd"},
    ".zip": {"application/zip"},
}
OFFICE = "application/vnd.openxmlformats-officedocument."
PACKAGES = {
    ".docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet"),
    ".pptx": ("ppt/presentation.xml", f"{OFFICE}presentationml.presentation"),
}
ACCEPTED = sorted([*CONTENT_TYPES, *PACKAGES])
LIST_OF_PARTS = "[Content_Types].xml"
LONGEST_LIST = 1 << 20
MOST_PARTS = 10_000
MACROS = re.compile(r"(^|/)vbaProject\.bin$|(^|/)vbaData\.xml$|(^|/)macrosheets/", re.IGNORECASE)
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_FLAG = 0x1
LONGEST_NAME = 200
HEAD = 64 * 1024

Scanner = Callable[[IO[bytes]], str]


def clean_name(name: str) -> str:
    """The last part of a name without control, direction and other invisible characters. May be empty.

    Direction characters (U+202E …) make "report[U+202E]fdp.exe" look like a PDF.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(" " if char.isspace() else char for char in last if char.isspace() or char.isprintable())
    plain = re.sub(r"\s+", " ", plain).strip(" .")
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}{dot}{suffix}" if dot else plain[:LONGEST_NAME]


def suffix_of(name: str) -> str:
    """The ending of a name, of those that are accepted. Raises BadInput."""
    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if suffix not in ACCEPTED:
        raise BadInput(
            _("Files of this kind are not accepted."),
            {"file": _("Accepted: %(kinds)s.") % {"kinds": " ".join(ACCEPTED)}},
        )
    return suffix


def check_size(size: int) -> None:
    if size == 0:
        raise BadInput(_("The file is empty."), {"file": _("Choose a file with content.")})
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise BadInput(
            _("The file is too large."),
            {"file": _("At most %(size)s MB.") % {"size": settings.ATTACHMENT_MAX_BYTES // 1024**2}},
        )


def content_type(stream: IO[bytes], name: str, suffix: str) -> str:
    """The media type, read from the content and never believed from the name. Raises BadInput. Rewinds."""
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if suffix in PACKAGES:
        return _package_type(stream, head, name, suffix)
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        found = set()
    expected = CONTENT_TYPES[suffix] & found
    if not expected:
        raise _not_what_it_says(name)
    return sorted(expected)[0]


def _package_type(stream: IO[bytes], head: bytes, name: str, suffix: str) -> str:
    if head.startswith(OLE_START):
        raise _encrypted(name)
    main, kind = PACKAGES[suffix]
    try:
        with zipfile.ZipFile(stream) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MOST_PARTS or not {LIST_OF_PARTS, main} <= names:
                raise _not_what_it_says(name)
            if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
                raise _encrypted(name)
            with package.open(LIST_OF_PARTS) as listed:
                types = listed.read(LONGEST_LIST + 1).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError, OSError) as error:
        raise _not_what_it_says(name) from error
    finally:
        stream.seek(0)
    if "macroenabled" in types.lower() or any(MACROS.search(part) for part in names):
        raise BadInput(
            _("“%(name)s” holds macros.") % {"name": name},
            {"file": _("Save the document without macros and hand that in.")},
        )
    if len(types) > LONGEST_LIST or f"{kind}.main+xml" not in types:
        raise _not_what_it_says(name)
    return kind


def scan(stream: IO[bytes]) -> str:
    """Ask the scanner of the setting ATTACHMENT_SCANNER. Returns its dotted name, "" when there is none. Rewinds.

    The callable gets the file and answers "" or what it found. Raises BadInput when it found something, and when it
    cannot work: a file that should have been scanned is never taken unscanned.
    """
    if not settings.ATTACHMENT_SCANNER:
        return ""
    scanner: Scanner = import_string(settings.ATTACHMENT_SCANNER)
    stream.seek(0)
    try:
        found = scanner(stream)
    except OSError as error:
        sentence = _("The virus scanner does not answer, so that no file can be taken now.")
        raise BadInput(sentence, {"file": _("Try again in a few minutes, or tell the administrator.")}) from error
    finally:
        stream.seek(0)
    if found:
        sentence = _("The virus scanner has refused the file: %(found)s.") % {"found": clean_name(found)}
        raise BadInput(sentence, {"file": _("Do not open it any more, and tell the administrator.")})
    return str(settings.ATTACHMENT_SCANNER)


def _not_what_it_says(name: str) -> BadInput:
    return BadInput(
        _("The content of “%(name)s” is not what its name says.") % {"name": name},
        {"file": _("Save the document again in its own format and hand that in.")},
    )


def _encrypted(name: str) -> BadInput:
    return BadInput(
        _("“%(name)s” is protected by a password.") % {"name": name},
        {"file": _("Save the document without a password: who decides has to read it.")},
    )
