"""Every write of this room."""

from __future__ import annotations

from datasets.services.loading import load_batch, recover_batches
from datasets.services.receiving import receive_path, receive_upload

__all__ = ["load_batch", "receive_path", "receive_upload", "recover_batches"]
