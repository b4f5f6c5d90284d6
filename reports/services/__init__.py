"""Every write of the reports room."""

from __future__ import annotations

from reports.services.exports import export, export_recount, record_export
from reports.services.verifications import request_verification, run_verification

__all__ = ["export", "export_recount", "record_export", "request_verification", "run_verification"]
