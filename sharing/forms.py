"""Forms of requests, grants and objections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Resource, SharingClass, SharingMethod
from organizations.actors import Actor
from organizations.selectors import live_functions
from sharing.models import ShareRequest
from sharing.services.requests import REQUIRED, Wish, lacking

NO_FUNCTION = "none"
MANDATORY = (*REQUIRED, "items")


class RequestForm(forms.Form):
    """What a share request says (Order 809 art. 20). Gaps are allowed while it is a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    function = forms.ChoiceField(
        label=_("Function of your organization"),
        required=False,
        help_text=_("Requests are judged by the functions of the unit that asks."),
    )
    opinion = forms.CharField(
        label=_("Why it is asked for all the same"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only when none of these functions covers the request; whoever decides reads it."),
    )
    basis = forms.CharField(
        label=_("Basis of use"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The law, regulation or document that gives you the task, with its article."),
    )
    scenario = forms.CharField(
        label=_("Scenario of use"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The business in which the data is used, and what for."),
    )
    scope = forms.CharField(
        label=_("Scope of use"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Which regions, persons or periods; who will see the data."),
    )
    items = forms.MultipleChoiceField(
        label=_("Items"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ask only for what the task needs: the grant covers just these."),
    )
    methods = forms.MultipleChoiceField(
        label=_("Sharing methods"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The data can be read only in the ways chosen here; the agreement names them."),
    )
    valid_from = forms.DateField(
        label=_("Needed from"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    valid_until = forms.DateField(
        label=_("Needed until"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    calls_per_day = forms.IntegerField(label=_("Calls a day"), required=False, min_value=1)
    papers = forms.FileField(
        label=_("Papers"),
        required=False,
        help_text=_("For instance the document that the basis names. PDF, Word, images."),
    )

    def __init__(self, actor: Actor, resource: Resource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = resource.items.exclude(sharing_class=SharingClass.WITHHELD)
        self.fields["items"].choices = [(item.code, f"{item.title} ({item.code})") for item in items]
        offered = resource.sharing_methods or list(SharingMethod.values)
        self.fields["methods"].choices = [(value, SharingMethod(value).label) for value in offered]
        functions = live_functions(actor.organization.pk) if actor.organization else []
        self.fields["function"].choices = [
            ("", pgettext_lazy("of a list", "Please choose")),
            *((str(function.pk), f"{function.title} — {function.basis}") for function in functions),
            (NO_FUNCTION, _("none of these")),
        ]

    def clean(self) -> dict[str, Any]:
        """Filing takes a statement on the function, if only that none fits; a draft may leave it open.

        Where it is missing, everything else that is missing is named with it.
        """
        data = super().clean() or {}
        if "file" in self.data and not data.get("function") and "function" not in self.errors:
            self.add_error("function", _("Choose a function of your organization, or say that none of them fits."))
            for name, sentence in lacking({name: data.get(name) for name in MANDATORY if name in data}).items():
                self.add_error(name, str(sentence))
        return data

    def wish(self, attachments: list[int]) -> Wish:
        """What was typed, as the service takes it. `attachments`: files kept with the draft already, and new ones."""
        data = self.cleaned_data
        return Wish(
            basis=data["basis"],
            scenario=data["scenario"],
            scope=data["scope"],
            items=data["items"],
            methods=data["methods"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            calls_per_day=data["calls_per_day"],
            function=int(data["function"]) if data["function"] not in ("", NO_FUNCTION) else None,
            fits_no_function=data["function"] == NO_FUNCTION,
            no_function_reason=data["opinion"],
            attachments=attachments,
        )


def initial_of(request: ShareRequest) -> dict[str, Any]:
    """A draft or filed request as the form shows it."""
    plain = ("basis", "scenario", "scope", "methods", "valid_from", "valid_until", "calls_per_day", "version")
    return {
        **{name: getattr(request, name) for name in plain},
        "items": [item.code for item in request.items.all()],
        "opinion": request.no_function_reason,
        "function": str(request.function_id or (NO_FUNCTION if _said_none(request) else "")),
    }


def _said_none(request: ShareRequest) -> bool:
    """Whether none was chosen; a filed request without a function was filed as one that fits none."""
    return request.fits_no_function or request.case_id is not None


class ObjectionForm(forms.Form):
    """An objection to data: what is wrong, where, and what would be right."""

    description = forms.CharField(label=_("What is wrong"), widget=forms.Textarea(attrs={"rows": 3}))
    items = forms.MultipleChoiceField(label=_("Items"), required=False, widget=forms.CheckboxSelectMultiple)
    record_key = forms.CharField(
        label=pgettext_lazy("of data", "Record"),
        required=False,
        help_text=_("The key of the record that is wrong, as far as you know it."),
    )
    suggested = forms.CharField(
        label=_("What would be right"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence = forms.FileField(label=_("Evidence"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, resource: Resource, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = [(item.code, f"{item.title} ({item.code})") for item in resource.items.all()]


class EndGrantForm(forms.Form):
    """Why a grant is suspended or revoked."""

    reason = forms.CharField(label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 2}))
