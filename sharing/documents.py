"""Papers of the sharing room, set from templates of our own."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from cases.typesetting import set_paper
from sharing.models import Agreement

TEMPLATE = Path(__file__).parent / "papers" / "agreement.typ"


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
    return set_paper(TEMPLATE, content, agreement.drawn_up_at)
