"""Every write of the audit room."""

from __future__ import annotations

from audit.services.epochs import begin_epoch, begin_epoch_if_needed
from audit.services.recording import Entry, record, record_many
from audit.services.roots import export_roots, send_roots
from audit.services.sealing import seal

__all__ = [
    "Entry",
    "begin_epoch",
    "begin_epoch_if_needed",
    "export_roots",
    "record",
    "record_many",
    "seal",
    "send_roots",
]
