"""What is asked for, in words: the subject of a case as its file shows it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sharing.models import Objection, ShareRequest
from sharing.services import masked

Facts = list[tuple[str, str]]


def of_request(request: ShareRequest) -> Facts:
    """A share request: everything that was applied for; which items are masked once that is agreed, no draft of it."""
    agreements = list(request.agreements.all())
    hidden = (masked.masked_codes(request) or ()) if agreements else ()
    items = [
        f"{item.title} ({_('shown masked')})" if item.code in hidden else item.title for item in request.items.all()
    ]
    function = request.function
    period = [str(day) for day in (request.valid_from, request.valid_until) if day is not None]
    return [
        (_("Applicant"), request.applicant.shown_name),
        (_("Resource"), f"{request.resource.title} {request.resource.code}"),
        (_("Function"), f"{function.title} {function.basis}" if function else "—"),
        (_("Basis of use"), request.basis),
        (_("Scenario of use"), request.scenario),
        (_("Scope of use"), request.scope),
        (_("Items"), _(", ").join(items)),
        (_("Sharing methods"), request.methods_named),
        (_("Period"), " – ".join(period)),
        *((str(agreement.get_kind_display()), f"SHA-256 {agreement.digest}") for agreement in agreements),
    ]


def of_objection(objection: Objection) -> Facts:
    """An objection to data: which data, what is wrong, what would be right."""
    return [
        (_("Raised by"), objection.applicant.shown_name),
        (_("Resource"), f"{objection.resource.title} {objection.resource.code}"),
        (_("Items"), _(", ").join(item.title for item in objection.items.all()) or "—"),
        (_("What is wrong"), objection.description),
        (_("What would be right"), objection.suggested or "—"),
    ]
