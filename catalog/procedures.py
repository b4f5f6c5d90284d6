"""What the catalogue plugs into the case engine: publication of resources, one or many under one case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.families import Condition, Context, Family
from catalog import hooks
from catalog.models import Category, Directory, Publication, Resource, Revision, SharingClass
from catalog.services import lifecycle, revisions
from organizations.actors import Actor, AnyActor


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


def _panel(publication: Publication, actor: AnyActor) -> dict[str, Any]:
    resources = publication.resources.select_related("provider", "category")
    return {"publication": publication, "resources": list(resources[:200]), "resource_count": resources.count()}


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


def register() -> None:
    """Called once when the app is ready."""
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
            panel_context=revision_panel,
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
        )
    )
