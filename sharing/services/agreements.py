"""Agreements on use and protection: drawn up when a request is granted, signed by both sides before data flows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from string import Template

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.families import Context
from catalog.models import Resource, ResourceItem
from organizations.models import Organization
from sharing.models import Agreement, ShareRequest, Signature
from sharing.services.masked import masked_codes
from statutes.definitions import Procedure, Text

TERMS = {Agreement.Kind.USE: "agreement_use", Agreement.Kind.CONFIDENTIALITY: "agreement_confidentiality"}


def draw_up(context: Context) -> None:
    """Effect: fix the texts from the pack's templates and name who has to sign. Nothing if already drawn up."""
    request = context.subject
    for kind in kinds_for(context.procedure, request.resource):
        text = _text(context, kind)
        agreement, created = Agreement.objects.get_or_create(
            request=request,
            kind=kind,
            defaults={
                "text_zh": text.zh,
                "text_en": text.en,
                "digest": hashlib.sha256(f"{text.zh}\n{text.en}".encode()).hexdigest(),
                "drawn_up_at": context.at,
            },
        )
        if created:
            Signature.objects.bulk_create(
                Signature(agreement=agreement, party=party, organization=organization)
                for party, organization in _signers(context)
            )


def kinds_for(procedure: Procedure, resource: Resource) -> list[Agreement.Kind]:
    """What is signed for data of a resource: the terms of use, and secrecy where the procedure asks for it."""
    secret = resource.holds_personal or resource.holds_commercial
    kinds = [Agreement.Kind.USE]
    return [*kinds, Agreement.Kind.CONFIDENTIALITY] if secret and "sign_confidentiality" in procedure.actions else kinds


def _signers(context: Context) -> list[tuple[str, Organization]]:
    """The parties that the signing state awaits, applicant first."""
    state = context.procedure.states[context.case.state]
    parties = dict.fromkeys(hand.party for hand in state.awaits)
    return [(party, organization) for party in parties for organization in context.parties.get(party, [])]


def _text(context: Context, kind: Agreement.Kind) -> Text:
    """The pack's template with the request's own words filled in. KeyError when the pack has no such term."""
    template = context.compiled.term(TERMS[kind])
    if template is None:
        raise KeyError(TERMS[kind])
    with translation.override("zh-hans"):
        zh = Template(template.zh).substitute(_values(context, "、"))
    with translation.override("en"):
        en = Template(template.en).substitute(_values(context, ", "))
    return Text(zh=zh, en=en)


def _values(context: Context, comma: str) -> dict[str, str]:
    request: ShareRequest = context.subject
    applicant, *others = [organization.name for _party, organization in _signers(context)]
    return {
        "number": context.case.number,
        "applicant": applicant,
        "counterpart": comma.join(others),
        "provider": request.resource.provider.name,
        "resource": request.resource.title,
        "code": request.resource.code,
        "items": comma.join(_named(item, masked_codes(request) or ()) for item in request.items.all()),
        "basis": request.basis,
        "scenario": request.scenario,
        "scope": request.scope,
        "method": request.methods_named,
        "until": str(request.valid_until),
        "date": str(timezone.localdate(context.at)),
    }


def _named(item: ResourceItem, masked: Collection[str]) -> str:
    """An item as the agreement names it, saying which ones are shown masked only."""
    return _("%(title)s (shown masked)") % {"title": item.title} if item.code in masked else item.title


def sign_use(context: Context) -> None:
    """Effect of signing the use agreement."""
    _sign(context, Agreement.Kind.USE)


def sign_confidentiality(context: Context) -> None:
    """Effect of signing the confidentiality agreement."""
    _sign(context, Agreement.Kind.CONFIDENTIALITY)


def _sign(context: Context, kind: Agreement.Kind) -> None:
    agreement = Agreement.objects.select_for_update().get(request=context.subject, kind=kind)
    own = agreement.signatures.filter(organization=context.actor.organization, signed_at__isnull=True)
    own.update(person=context.actor.user, signed_at=context.at)
    if not agreement.signatures.filter(signed_at__isnull=True).exists():
        agreement.completed_at = context.at
        agreement.save(update_fields=["completed_at"])
