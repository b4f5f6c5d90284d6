"""Papers of the sharing room, set with typst from a template of our own and an embedded CJK font."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from django.utils import timezone

from sharing.models import Agreement

TEMPLATE = Path(__file__).parent / "papers" / "agreement.typ"


@lru_cache(maxsize=1)
def font_folders() -> list[str]:
    """Folders with the fonts that papers are set in."""
    return [str(Path(pylopdf_fonts_zh_cn.__file__).parent)]


def agreement_pdf(agreement: Agreement) -> bytes:
    """An A4 paper with the agreement's fixed text, its digest and its signatures. Same content, same page."""
    signatures = [
        {
            "organization": signature.organization.name,
            "person": signature.person.full_name if signature.person else "",
            "at": f"{timezone.localtime(signature.signed_at):%Y-%m-%d %H:%M}" if signature.signed_at else "",
        }
        for signature in agreement.signatures.select_related("organization", "person")
    ]
    content = {
        "title": agreement.kind,
        "number": agreement.request.case.number,
        "text": agreement.text_zh,
        "digest": agreement.digest,
        "signatures": signatures,
    }
    return typst.compile(
        str(TEMPLATE), font_paths=font_folders(), sys_inputs={"content": json.dumps(content, ensure_ascii=False)}
    )
