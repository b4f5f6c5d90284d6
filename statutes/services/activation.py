"""A changed pack comes into force: one person proposes it, another confirms."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit import services as audit
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Jurisdiction
from organizations.selectors import organs
from statutes import hooks
from statutes.models import PackActivation, PackVersion
from statutes.selectors import compiled
from statutes.selectors.activation import may_activate
from statutes.services.packs import LOCK, make_current
from statutes.validation import check_source


@transaction.atomic
def propose_activation(actor: Actor, *, version: PackVersion, note: str) -> PackActivation:
    """Propose an offered version. Raises NotPermitted, BadInput (no reason), Conflict (not on offer, or proposed)."""
    _check_hand(actor, version)
    if not note.strip():
        raise BadInput(_("Some entries are missing or wrong."), {"note": _("Say why the law changes.")})
    before = PackVersion.objects.filter(pack=version.pack, is_current=True).first()
    if version.offered_at is None or before is None:
        raise Conflict(_("This version is not on offer: another has taken its place."))
    try:
        with transaction.atomic():
            proposal = PackActivation.objects.create(
                version=version, before=before, note=note.strip(), proposed_by=actor.user
            )
    except IntegrityError as error:
        raise Conflict(_("This version has been proposed already.")) from error
    _record(actor, "statutes.propose_activation", proposal)
    return proposal


@transaction.atomic
def confirm_activation(actor: Actor, *, proposal_id: int) -> PackActivation:
    """Bring a proposed version into force. Raises NotPermitted for the proposer, Conflict when it has moved,
    BadInput when the version no longer passes its checks or an organ it needs has no organization.
    """
    proposal = _held(actor, proposal_id)
    if proposal.proposed_by_id == actor.user.pk:
        raise NotPermitted(_("You proposed this version, so somebody else has to confirm it."))
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    version = proposal.version
    if version.offered_at is None or not PackVersion.objects.filter(pk=proposal.before_id, is_current=True).exists():
        raise Conflict(_("This version is not on offer: another has taken its place."))
    _check_law(version)
    make_current(version)
    _decide(actor, proposal, PackActivation.Status.ACTIVE, "")
    hooks.activated(version)
    return proposal


@transaction.atomic
def reject_activation(actor: Actor, *, proposal_id: int, note: str) -> PackActivation:
    """Turn a proposal down with a reason, or take one's own back. The version stays on offer."""
    proposal = _held(actor, proposal_id)
    if not note.strip():
        raise BadInput(_("Some entries are missing or wrong."), {"note": _("Say why.")})
    _decide(actor, proposal, PackActivation.Status.REJECTED, note.strip())
    return proposal


def _held(actor: Actor, proposal_id: int) -> PackActivation:
    proposal = PackActivation.objects.select_for_update(of=("self",)).select_related("version").filter(pk=proposal_id)
    found = proposal.first()
    if found is None:
        raise NotKnown(_("There is no such proposal."))
    _check_hand(actor, found.version)
    if found.status != PackActivation.Status.PROPOSED:
        raise Conflict(_("The proposal has been decided already."))
    return found


def _decide(actor: Actor, proposal: PackActivation, status: PackActivation.Status, note: str) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, actor.user, timezone.now()
    proposal.decision_note = note
    proposal.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])
    _record(actor, f"statutes.{'confirm' if status == 'active' else 'reject'}_activation", proposal)


def _record(actor: Actor, verb: str, proposal: PackActivation) -> None:
    audit.record(
        verb=verb,
        who=actor.who,
        subject="pack_version",
        subject_id=proposal.version_id,
        data={
            "pack": proposal.version.pack,
            "version": proposal.version.version,
            "digest": proposal.version.digest,
            "before": proposal.before.digest,
            "note": proposal.decision_note or proposal.note,
        },
    )


def _check_hand(actor: Actor, version: PackVersion) -> None:
    if not may_activate(actor, version):
        raise NotPermitted(_("Only reviewers, approvers and leaders of the bureau bring a version into force."))


def _check_law(version: PackVersion) -> None:
    problems = [str(problem) for problem in check_source(version.source)]
    for jurisdiction in Jurisdiction.objects.filter(pack=version.pack):
        problems += _vacant(jurisdiction, version)
    if problems:
        raise BadInput(" ".join(problems))


def _vacant(jurisdiction: Jurisdiction, version: PackVersion) -> list[str]:
    """Organs of the pack's own that a jurisdiction has nobody for."""
    language = get_language() or "zh"
    return [
        _("No organization holds the role “%(role)s” in %(jurisdiction)s. The administrator has to name one first.")
        % {"role": organ.label.in_language(language), "jurisdiction": jurisdiction}
        for organ in compiled(version).own.organs.values()
        if not organ.many and not organs(jurisdiction.pk, organ.role)
    ]
