"""What the catalogue plugs into the case engine: publication, change and withdrawal of its entries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.engine import Matter
from cases.families import Condition, Context, Family
from catalog import hooks
from catalog.models import Category, Consultation, Directory, Publication, Resource, Revision, SharingClass, Withdrawal
from catalog.services import lifecycle, revisions, withdrawals
from organizations.actors import Actor, AnyActor
from organizations.models import Organization


def _none_is(**wrong: Any) -> Any:
    """True when no resource of the publication matches."""
    return lambda context: not context.subject.resources.filter(**wrong).exists()


def _assessed(context: Context) -> bool:
    """Every resource that is not from an imported list has its assessment recorded (Order 809 art. 13)."""
    open_ones = context.subject.resources.filter(Q(assessment="") | Q(assessed_on__isnull=True))
    return not open_ones.filter(source_key="").exists()


def _base_unconditional(context: Context) -> bool:
    base = context.subject.resources.filter(directory=Directory.BASE)
    return not base.exclude(sharing_class=SharingClass.UNCONDITIONAL).exists()


CONDITIONS = {
    "withheld_has_basis": Condition(
        _none_is(sharing_class=SharingClass.WITHHELD, withheld_basis=""),
        unmet=_("A withheld resource names no legal basis for being withheld."),
        met=_("Every withheld resource names its legal basis."),
    ),
    "holds_withheld": Condition(
        lambda context: context.subject.resources.filter(sharing_class=SharingClass.WITHHELD).exists(),
        unmet=_("None of the resources is withheld."),
        met=_("One of the resources is withheld."),
    ),
    "assessment_recorded": Condition(
        _assessed,
        unmet=_("The secrecy and personal-information assessment of a resource is not recorded."),
        met=_("The assessment of every resource is recorded."),
    ),
    "items_described": Condition(
        _none_is(items__isnull=True),
        unmet=_("A resource lists no items: describe what its data consists of."),
        met=_("Every resource lists its items."),
    ),
    "base_directory_unconditional": Condition(
        _base_unconditional,
        unmet=_("A resource of the base directory is not shared unconditionally."),
        met=_("Every resource of the base directory is shared unconditionally."),
    ),
}


def _panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    publication: Publication = matter.subject
    resources = publication.resources.select_related("provider", "category")
    return {"publication": publication, "resources": list(resources[:200]), "resource_count": resources.count()}


def _publication_facts(publication: Publication) -> list[tuple[str, str]]:
    rows = publication.resources.select_related("provider")
    return [(resource.code, f"{resource.title} · {resource.provider.shown_name}") for resource in rows]


def _revision_facts(revision: Revision) -> list[tuple[str, str]]:
    """Why the entry changes and since when; then every difference, as published → as proposed."""
    return [
        (str(_("Resource")), f"{revision.resource.title} {revision.resource.code}"),
        (str(_("Cause of the change")), str(revision.get_cause_display())),
        (str(_("Day of the change")), revision.changed_on.isoformat()),
        (str(_("Version")), str(revision.base)),
        *((line["field"], f"{line['old'] or '—'} → {line['new'] or '—'}") for line in revisions.differences(revision)),
    ]


def _proposes(test: Callable[[dict[str, Any]], bool]) -> Callable[[Context], bool]:
    """A question about what a revision proposes."""
    return lambda context: test(context.subject.content)


def _base_stays_unconditional(content: dict[str, Any]) -> bool:
    base = Category.objects.filter(pk=content["category"], directory=Directory.BASE).exists()
    return not base or content["sharing_class"] == SharingClass.UNCONDITIONAL


REVISION_CONDITIONS = {
    "items_described": replace(CONDITIONS["items_described"], test=_proposes(lambda content: bool(content["items"]))),
    "assessment_recorded": Condition(
        lambda context: (
            bool(context.subject.content["assessment"] and context.subject.content["assessed_on"])
            or context.subject.resource.source_key != ""
        ),
        unmet=CONDITIONS["assessment_recorded"].unmet,
        met=CONDITIONS["assessment_recorded"].met,
    ),
    "withheld_has_basis": replace(
        CONDITIONS["withheld_has_basis"],
        test=_proposes(
            lambda content: content["sharing_class"] != SharingClass.WITHHELD or bool(content["withheld_basis"])
        ),
    ),
    "base_directory_unconditional": replace(
        CONDITIONS["base_directory_unconditional"], test=_proposes(_base_stays_unconditional)
    ),
    "entry_published": Condition(
        lambda context: context.subject.resource.status == Resource.Status.PUBLISHED,
        unmet=_("The entry is not published any more."),
        met=_("The entry is published."),
    ),
}


def revision_panel(revision: Revision, actor: AnyActor) -> dict[str, Any]:
    """What changes, and who relies on items that would go. For the case page and the entry's banner."""
    return {
        "revision": revision,
        "differences": revisions.differences(revision),
        "uses": hooks.uses_of(revision.resource, revisions.taken_out(revision)),
        "may_amend": isinstance(actor, Actor) and revisions.may_amend(actor, revision),
    }


WITHDRAWAL_CONDITIONS = {
    "entry_published": REVISION_CONDITIONS["entry_published"],
    "consumers_heard": Condition(
        withdrawals.all_heard,
        unmet=_("Somebody who uses the data has not been heard yet."),
        met=_("Everybody who uses the data has been heard."),
    ),
    "day_ahead": Condition(
        withdrawals.lies_ahead,
        unmet=_("The last day of provision has to lie ahead, and not before the one that the users were told."),
        met=_("The last day of provision lies ahead."),
    ),
}
CONSULTATION_CONDITIONS = {
    "withdrawal_dropped": Condition(
        lambda context: context.subject.withdrawal.case.closed_at is not None,
        unmet=_("The withdrawal is still on its way."),
        met=_("The withdrawal is not on its way any more."),
    ),
}


def _revision_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    return revision_panel(matter.subject, actor)


def _withdrawal_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    withdrawal: Withdrawal = matter.subject
    return {"withdrawal": withdrawal, "consumers": withdrawals.consumers(withdrawal)}


def _consultation_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    consultation: Consultation = matter.subject
    return {"withdrawal": consultation.withdrawal, "consultation": consultation}


def _provider_of(consultation: Consultation) -> Organization:
    return consultation.withdrawal.resource.provider


def _register_withdrawals() -> None:
    families.register(
        Family(
            id=withdrawals.FAMILY,
            prefix="TZ",
            label=_("withdrawal of a catalogue entry"),
            subject_model=Withdrawal,
            link=withdrawals.link,
            resolvers={"resource_consumers": withdrawals.consumers},
            conditions=WITHDRAWAL_CONDITIONS,
            effects={
                "state_withdrawal": withdrawals.state_withdrawal,
                "announce_withdrawal": withdrawals.announce,
                "release_consumers": withdrawals.release,
                "withdraw_resource": withdrawals.withdraw,
            },
            panel="catalog/_withdrawal_panel.html",
            panel_context=_withdrawal_panel,
        )
    )
    families.register(
        Family(
            id=withdrawals.CONSULTATION,
            prefix="YJ",
            label=_("opinion on a withdrawal"),
            subject_model=Consultation,
            link=withdrawals.link,
            spawn=withdrawals.consult,
            resolvers={"resource_provider": _provider_of},
            conditions=CONSULTATION_CONDITIONS,
            panel="catalog/_consultation_panel.html",
            panel_context=_consultation_panel,
        )
    )


def register() -> None:
    """Called once when the app is ready."""
    _register_withdrawals()
    families.register(
        Family(
            id=revisions.FAMILY,
            prefix="BG",
            label=_("change of a catalogue entry"),
            subject_model=Revision,
            link=revisions.link,
            conditions=REVISION_CONDITIONS,
            effects={"publish_revision": revisions.publish_revision},
            panel="catalog/_revision_panel.html",
            panel_context=_revision_panel,
            related=("resource__provider",),
            facts=_revision_facts,
        )
    )
    families.register(
        Family(
            id=lifecycle.FAMILY,
            prefix="ML",
            label=_("publication in the catalogue"),
            subject_model=Publication,
            link=lifecycle.link,
            conditions=CONDITIONS,
            effects={
                "publish_resources": lifecycle.publish,
                "return_resources": lifecycle.return_to_draft,
                "hold_resources": lifecycle.hold_resources,
            },
            panel="catalog/_publication_panel.html",
            panel_context=_panel,
            facts=_publication_facts,
        )
    )
