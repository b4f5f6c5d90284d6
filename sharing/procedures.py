"""What sharing plugs into the case engine: share requests and objections."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from cases import families
from cases.discretion import withheld
from cases.engine import Matter
from cases.families import Condition, Context, Family
from catalog.models import Resource, SharingClass
from datasets import selectors as datasets
from organizations.actors import AnyActor
from organizations.models import Organization
from organizations.selectors import current_organization
from sharing import facts
from sharing.models import Objection, ShareRequest, Signature
from sharing.services import agreements, grants, masked, objections, requests

STRICTNESS: list[str] = [SharingClass.UNCONDITIONAL, SharingClass.CONDITIONAL, SharingClass.WITHHELD]


def sharing_class_of(request: ShareRequest) -> str:
    """The strictest class among what is asked for: an item may be stricter than its resource."""
    own = [item.sharing_class for item in request.items.all() if item.sharing_class]
    return max([request.resource.sharing_class, *own], key=STRICTNESS.index)


def _class_is(wanted: SharingClass) -> Any:
    return lambda context: sharing_class_of(context.subject) == wanted


def _applicant_is_provider(context: Context) -> bool:
    request = context.subject
    return current_organization(request.applicant).pk == current_organization(request.resource.provider).pk


def within_functions(request: ShareRequest) -> bool:
    """The request names a function that its unit has today."""
    function = request.function
    return function is not None and function.organization_id == request.applicant_id and function.is_live()


def _named_recipient(context: Context) -> bool:
    return context.subject.resource.named_recipients.filter(pk=context.subject.applicant_id).exists()


def _resource_provider(subject: Any) -> Organization:
    return subject.resource.provider


CONDITIONS = {
    "class_unconditional": Condition(
        _class_is(SharingClass.UNCONDITIONAL),
        unmet=_("The data is not shared unconditionally."),
        met=_("The data is shared unconditionally."),
    ),
    "class_conditional": Condition(
        _class_is(SharingClass.CONDITIONAL),
        unmet=_("The data is not shared conditionally."),
        met=_("The data is shared conditionally."),
    ),
    "class_withheld": Condition(
        _class_is(SharingClass.WITHHELD),
        unmet=_("The data is not withheld from sharing."),
        met=_("The data is withheld from sharing, so it cannot be asked for."),
    ),
    "applicant_is_provider": Condition(
        _applicant_is_provider,
        unmet=_("Your organization is not the provider of this data."),
        met=_("Your own organization provides this data: there is nobody to ask."),
    ),
    "purpose_within_functions": Condition(
        lambda context: within_functions(context.subject),
        unmet=_("The request names no function of your organization that needs the data."),
        met=_("The request is within the functions of your organization."),
    ),
    "applicant_is_named_recipient": Condition(
        _named_recipient,
        unmet=_("Your organization is not among the recipients that the law names for this data."),
        met=_("Your organization is a named recipient of this data."),
    ),
    "resource_published": Condition(
        lambda context: context.subject.resource.status == Resource.Status.PUBLISHED,
        unmet=_("The resource is not published."),
        met=_("The resource is published."),
    ),
    "data_loaded": Condition(
        lambda context: datasets.has_data(context.subject.resource_id),
        unmet=_("The provider has not loaded the data yet."),
        met=_("The data is loaded."),
    ),
    "holds_private_or_commercial": Condition(
        lambda context: context.subject.resource.holds_personal or context.subject.resource.holds_commercial,
        unmet=_("The data holds neither personal information nor commercial secrets."),
        met=_("The data holds personal information or commercial secrets."),
    ),
}


def _request_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    request: ShareRequest = matter.subject
    signatures = Prefetch("signatures", Signature.objects.select_related("organization", "person"))
    agreements = list(request.agreements.defer("text_zh", "text_en").prefetch_related(signatures))
    answers = [event for event in matter.events if agreements or not withheld(matter, event, actor)]
    return {
        "request": request,
        "items": list(request.items.all()),
        "masked": masked.last_said(answers) or (),
        "item_count": request.resource.items.count(),
        "outside_functions": not within_functions(request),
        "agreements": agreements,
        "grant": getattr(request, "grant", None),
        "may_revise": requests.may_revise(actor, matter),
    }


def _objection_panel(matter: Matter, actor: AnyActor) -> dict[str, Any]:
    objection: Objection = matter.subject
    return {"objection": objection, "items": list(objection.items.all())}


def register() -> None:
    """Called once when the app is ready."""
    families.register(
        Family(
            id="share_request",
            prefix="GX",
            label=_("share request"),
            subject_model=ShareRequest,
            link=requests.link,
            resolvers={"resource_provider": _resource_provider},
            conditions=CONDITIONS,
            effects={
                "draw_up_agreements": agreements.draw_up,
                "sign_use": agreements.sign_use,
                "sign_confidentiality": agreements.sign_confidentiality,
                "begin_grant": grants.begin,
            },
            items=masked.choices,
            panel="sharing/_request_panel.html",
            panel_context=_request_panel,
            related=("applicant__merged_into", "resource__provider__merged_into", "function", "grant"),
            facts=facts.of_request,
        )
    )
    families.register(
        Family(
            id="correction",
            prefix="YY",
            label=_("objection to data"),
            subject_model=Objection,
            link=requests.link,
            resolvers={"resource_provider": _resource_provider},
            conditions={
                "corrected_batch_loaded": Condition(
                    objections.corrected,
                    unmet=_("The provider has not loaded corrected data yet."),
                    met=_("Corrected data is loaded."),
                ),
            },
            effects={
                "request_correction_batch": objections.ask_for_correction,
                "tell_consumers": objections.tell_consumers,
            },
            panel="sharing/_objection_panel.html",
            panel_context=_objection_panel,
            facts=facts.of_objection,
        )
    )
