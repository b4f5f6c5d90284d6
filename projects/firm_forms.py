"""Forms of the register of firms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.contract_forms import Blamed, day_field, text_field
from projects.models import Firm
from projects.services.firms import FirmEntry


class FirmForm(Blamed):
    """What the register says of a firm."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name of the firm"), max_length=200)
    credit_code = forms.CharField(
        label=_("Credit code"), max_length=40, help_text=_("Eighteen characters; spaces and hyphens do not matter.")
    )
    small = forms.BooleanField(
        label=_("Small or medium enterprise"),
        required=False,
        help_text=_("By its own declaration of size: the term of payment follows from it."),
    )
    qualification = forms.CharField(
        label=_("Qualification"), max_length=200, required=False, help_text=_("Kind, grade and who certified it.")
    )
    qualified_until = day_field(_("Qualified until"), help_text=_("Empty: without an end."))

    def __init__(self, firm: Firm | None, *args: Any, **kwargs: Any) -> None:
        if firm is not None:
            kwargs["initial"] = {name: getattr(firm, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)

    def entry(self) -> FirmEntry:
        """What was entered."""
        plain = ("name", "credit_code", "small", "qualification", "qualified_until")
        return FirmEntry(**{name: self.cleaned_data[name] for name in plain})


class BanForm(Blamed):
    """From when until when a firm is awarded nothing, and why."""

    since = day_field(_("From"), required=True)
    until = day_field(_("Until"), help_text=_("The last day; empty: until further notice."))
    reason = text_field(_("Reason"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"since": timezone.localdate()}, **kwargs})
