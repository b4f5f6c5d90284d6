"""Acts and subjects of the audit record in words: what the record keeps as a code, people read as a sentence.

Acts of cases are named by the law in force in the reader's jurisdiction, as the actions of its procedures are.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cases import families
from cases.models import CaseEvent
from cases.page import said
from organizations.actors import Actor
from statutes.models import PackVersion
from statutes.selectors import compiled

MOST_VERSIONS = 5
ACTS = {
    "account.change_password": pgettext_lazy("act", "Password changed"),
    "account.close": pgettext_lazy("act", "Account closed"),
    "account.issue_code": pgettext_lazy("act", "One-time code issued"),
    "account.mail_reset": pgettext_lazy("act", "Mail for a new password sent"),
    "account.open": pgettext_lazy("act", "Account opened"),
    "account.reset_password": pgettext_lazy("act", "Password set anew"),
    "annual_plan.carry_out": pgettext_lazy("act", "Project named that carries out what a plan intended"),
    "attachment.store": pgettext_lazy("act", "File handed in"),
    "audit.begin_epoch": pgettext_lazy("act", "New epoch of the record begun"),
    "calendar.apply_notice": pgettext_lazy("act", "Holiday notice brought into force"),
    "calendar.record_local_day": pgettext_lazy("act", "Own day off or worked recorded"),
    "calendar.record_year": pgettext_lazy("act", "Calendar year recorded"),
    "calendar.recount_practice": pgettext_lazy("act", "Practice of counting again recorded"),
    "calendar.reject_notice": pgettext_lazy("act", "Holiday notice rejected"),
    "calendar.return_notice": pgettext_lazy("act", "Holiday notice returned"),
    "calendar.seed": pgettext_lazy("act", "Calendar filled at first"),
    "calendar.submit_notice": pgettext_lazy("act", "Holiday notice submitted"),
    "calendar_feed.issue": pgettext_lazy("act", "Calendar address made"),
    "calendar_feed.revoke": pgettext_lazy("act", "Calendar address ended"),
    "case.assign": pgettext_lazy("act", "Case given to a person"),
    "case.export": pgettext_lazy("act", "Case file handed out"),
    "case.unassign": pgettext_lazy("act", "Case taken back from a person"),
    "catalogue.import": pgettext_lazy("act", "Catalogue imported"),
    "category.register": pgettext_lazy("act", "Category registered"),
    "category.rename": pgettext_lazy("act", "Category renamed"),
    "comment.add": pgettext_lazy("act", "Comment written"),
    "comment.withdraw": pgettext_lazy("act", "Comment withdrawn"),
    "credential.issue": pgettext_lazy("act", "Key for the API made"),
    "credential.revoke": pgettext_lazy("act", "Key for the API revoked"),
    "dataset.load": pgettext_lazy("act", "Data loaded"),
    "dataset.load_failed": pgettext_lazy("act", "Loading of data refused"),
    "dataset.upload": pgettext_lazy("act", "Data file received"),
    "department_plan.save": pgettext_lazy("act", "Department's plan filled in"),
    "fund.amend": pgettext_lazy("act", "Application for a fund changed"),
    "fund.amend_rules": pgettext_lazy("act", "Rules of a fund changed before they are signed"),
    "fund.publish": pgettext_lazy("act", "Publication about a fund entered"),
    "grant.begin": pgettext_lazy("act", "Grant begun"),
    "grant.expire": pgettext_lazy("act", "Grant ended with its period"),
    "grant.resume": pgettext_lazy("act", "Suspension of a grant ended"),
    "grant.revoke": pgettext_lazy("act", "Grant revoked"),
    "grant.suspend": pgettext_lazy("act", "Grant suspended"),
    "jurisdiction.register": pgettext_lazy("act", "Jurisdiction registered"),
    "organization.add_function": pgettext_lazy("act", "Function of an organization recorded"),
    "organization.amend": pgettext_lazy("act", "Organization amended"),
    "organization.assign_role": pgettext_lazy("act", "Role of an organ given"),
    "organization.end_function": pgettext_lazy("act", "Function of an organization ended"),
    "organization.merge": pgettext_lazy("act", "Organization merged"),
    "organization.register": pgettext_lazy("act", "Organization registered"),
    "organization.withdraw_role": pgettext_lazy("act", "Role of an organ withdrawn"),
    "position.appoint_deputy": pgettext_lazy("act", "Deputy appointed"),
    "position.give": pgettext_lazy("act", "Position given"),
    "position.leave": pgettext_lazy("act", "Position ended"),
    "progress_report.save": pgettext_lazy("act", "Report on projects filled in"),
    "project_issue.raise": pgettext_lazy("act", "Issue or risk of a project noted"),
    "project_issue.settle": pgettext_lazy("act", "Issue or risk of a project settled"),
    "record.verified": pgettext_lazy("act", "Verification of the record ended"),
    "record.verify": pgettext_lazy("act", "Verification of the record begun"),
    "report.export": pgettext_lazy("act", "Report handed out"),
    "resource.edit": pgettext_lazy("act", "Entry of the catalogue edited"),
    "resource.register": pgettext_lazy("act", "Entry of the catalogue registered"),
    "resource.remove_draft": pgettext_lazy("act", "Draft entry thrown away"),
    "resource.revise": pgettext_lazy("act", "Entry of the catalogue revised"),
    "resource.withdraw": pgettext_lazy("act", "Entry of the catalogue withdrawn"),
    "session.fail": pgettext_lazy("act", "Sign-in failed"),
    "session.lock": pgettext_lazy("act", "Sign-in locked"),
    "session.sign_in": pgettext_lazy("act", "Signed in"),
    "session.sign_out": pgettext_lazy("act", "Signed out"),
    "session.switch_position": pgettext_lazy("act", "Position switched"),
    "share_request.revise": pgettext_lazy("act", "Share request revised"),
    "standing_duty.recalculate": pgettext_lazy("act", "Date of a standing duty counted again"),
    "statutes.confirm_activation": pgettext_lazy("act", "New version of the law confirmed"),
    "statutes.load_pack": pgettext_lazy("act", "Rule pack loaded"),
    "statutes.propose_activation": pgettext_lazy("act", "New version of the law proposed"),
    "statutes.reject_activation": pgettext_lazy("act", "New version of the law rejected"),
    "statutes.return_to_pack": pgettext_lazy("act", "Law returned to its pack"),
    "synonym.add": pgettext_lazy("act", "Synonym added"),
    "synonym.remove": pgettext_lazy("act", "Synonym removed"),
    "system.change": pgettext_lazy("act", "Information system changed in the register"),
    "system.register": pgettext_lazy("act", "Information system registered"),
    "system.retire": pgettext_lazy("act", "Information system retired"),
    "token.issue": pgettext_lazy("act", "Access token issued"),
    "token.revoke": pgettext_lazy("act", "Access token revoked"),
}
SUBJECTS = {
    "account": pgettext_lazy("subject", "account"),
    "attachment": pgettext_lazy("subject", "file"),
    "calendar": pgettext_lazy("subject", "calendar"),
    "case": pgettext_lazy("subject", "case"),
    "category": pgettext_lazy("subject", "category"),
    "fund": pgettext_lazy("subject", "special fund"),
    "grant": pgettext_lazy("subject", "grant"),
    "jurisdiction": pgettext_lazy("subject", "jurisdiction"),
    "notice": pgettext_lazy("subject", "notice"),
    "organization": pgettext_lazy("subject", "organization"),
    "pack_version": pgettext_lazy("subject", "version of the law"),
    "position": pgettext_lazy("subject", "position"),
    "record": pgettext_lazy("subject", "record"),
    "report": pgettext_lazy("subject", "report"),
    "resource": pgettext_lazy("subject", "resource"),
    "session": pgettext_lazy("subject", "session"),
    "synonym": pgettext_lazy("subject", "synonym"),
    "system": pgettext_lazy("subject", "information system"),
    "token": pgettext_lazy("subject", "token"),
}


def names_of(actor: Actor) -> dict[str, str]:
    """Every act that has a name here, by its code, in the active language."""
    names = {verb: str(name) for verb, name in ACTS.items()}
    for family, registered in families.registered().items():
        for kind, label in CaseEvent.Kind.choices:
            names.setdefault(f"{family}.{kind}", _named(registered.label, label))
    for verb, name in _of_procedures(actor):
        names.setdefault(verb, name)
    return names


def _of_procedures(actor: Actor) -> list[tuple[str, str]]:
    """Actions of the procedures in every version of the law that the jurisdiction has had, the present one first."""
    versions = PackVersion.objects.filter(pack=_pack_of(actor)).defer("source")
    found = []
    for version in versions.order_by("-is_current", "-loaded_at")[:MOST_VERSIONS]:
        for pack in compiled(version).chain:
            for procedure in pack.procedures:
                label = families.registered()[procedure.family].label if _is_known(procedure.family) else ""
                for action in procedure.actions.values():
                    found.append((f"{procedure.family}.{action.id}", _named(label, said(action.label))))
    return found


def _is_known(family: str) -> bool:
    return family in families.registered()


def _pack_of(actor: Actor) -> str:
    return actor.organization.jurisdiction.pack if actor.organization else ""


def _named(matter: object, act: object) -> str:
    return _("%(matter)s: %(act)s") % {"matter": matter, "act": act} if matter else str(act)


def subject_named(subject: str) -> str:
    """A kind of subject in words; the code itself where it has none."""
    return str(SUBJECTS.get(subject, subject))


def matching(words: str, names: Mapping[str, str]) -> list[str]:
    """Codes of the acts whose names hold the words."""
    return [verb for verb, name in names.items() if words.casefold() in name.casefold()]
