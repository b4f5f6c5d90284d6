"""What rules may name here and in the rooms below: the law's own pages, and checks on organizations and records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from statutes import vocabulary
from statutes.vocabulary import Where


def register() -> None:
    """Called once when the app is ready."""
    vocabulary.register_places(
        guards={
            "organization_code_checked": Where(_("the code of an organization is checked"), "organizations:directory"),
            "password_and_lockout": Where(_("sign-in with strong passwords, locked after failures")),
            "days_counted": Where(_("days and numbers are counted as the Civil Code says"), "statutes:calculator"),
            "working_calendar": Where(_("working days are those of the announced calendar"), "statutes:calendar"),
            "use_records_kept": Where(_("the record of use is only ever added to")),
        },
        reports={"coverage": Where(_("coverage of the law"), "statutes:coverage")},
        pages={
            "law": Where(_("the law"), "statutes:law"),
            "calendar": Where(_("the working calendar"), "statutes:calendar"),
        },
    )
