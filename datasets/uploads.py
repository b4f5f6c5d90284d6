"""Uploaded files on their way into a dataset: kept until their batch is finished, written as a stream."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from organizations.errors import BadInput

DEFAULT_LIMIT = 512 * 1024 * 1024
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Saved:
    size: int
    sha256: str


def limit() -> int:
    """The largest file that is taken, in bytes (setting DATASETS_UPLOAD_LIMIT)."""
    return int(getattr(settings, "DATASETS_UPLOAD_LIMIT", DEFAULT_LIMIT))


def folder(token: UUID) -> Path:
    """The folder of one batch, on a disk that web and workers share (setting HOME)."""
    return Path(settings.HOME) / "uploads" / "datasets" / str(token)


def source_path(token: UUID) -> Path:
    return folder(token) / "source"


def rejects_path(token: UUID) -> Path:
    return folder(token) / "rejects.csv"


def check_size(size: int) -> None:
    """BadInput when a file is larger than the limit."""
    if size > limit():
        message = _("The file is larger than %(limit)s MB. Send it in parts with “add rows”.") % {
            "limit": limit() >> 20
        }
        raise BadInput(message, {"file": message})


def save(token: UUID, blocks: Iterable[bytes]) -> Saved:
    """Write a file as it comes. It is on the disk afterwards, or not there at all. BadInput when it is too large."""
    target = source_path(token)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    size = 0
    try:
        with part.open("wb") as file:
            for block in blocks:
                size += len(block)
                check_size(size)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        part.rename(target)
    except BaseException:
        remove(token)
        raise
    return Saved(size, sha256)


def file_blocks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def forget_source(token: UUID) -> None:
    """Remove the uploaded file; the file of rejects stays."""
    source_path(token).unlink(missing_ok=True)


def remove(token: UUID) -> None:
    shutil.rmtree(folder(token), ignore_errors=True)
