"""Forms of the browser: parse and word; services judge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from organizations.errors import BadInput, Conflict
from organizations.models import Organization, Position, User

CHOOSE = _("Choose…")


class ServiceForm(forms.Form):
    """A form that hands its input to a service and shows what the service refuses."""

    def submit(self, service: Callable[[dict[str, Any]], Any]) -> Any:
        """What the service answers for valid input; None when form or service refuses, with the errors shown."""
        if not self.is_valid():
            return None
        try:
            return service(self.cleaned_data)
        except BadInput as refused:
            self.add_errors(refused.fields, refused.message)
        except Conflict as refused:
            self.add_errors({}, refused.message)
        return None

    def add_errors(self, fields: dict[str, object], message: object) -> None:
        """Take over what a service refused: per field where the form has it, else for the whole form."""
        known = {name: text for name, text in fields.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, str(text))
        if not known:
            self.add_error(None, str(message))


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SignInForm(ServiceForm):
    username = forms.CharField(
        label=_("Account"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()


class NewPasswordForm(ServiceForm):
    """A new password, twice."""

    password = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("New password again"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("password")
            and cleaned.get("password_again")
            and cleaned["password"] != cleaned["password_again"]
        ):
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    old_password = forms.CharField(
        label=_("Present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old_password", "password", "password_again"]


class CodeForm(NewPasswordForm):
    """A new password with an administrator's one-time code."""

    username = forms.CharField(
        label=_("Account"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    code = forms.CharField(
        label=_("One-time code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )
    field_order = ["username", "code", "password", "password_again"]


class MailResetForm(ServiceForm):
    username = forms.CharField(
        label=_("Account"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )


class TokenForm(ServiceForm):
    LIFETIMES = {"12h": timedelta(hours=12), "7d": timedelta(weeks=1), "90d": timedelta(hours=90 * 24)}

    label = forms.CharField(label=_("What the token is for"), max_length=60)
    lifetime = forms.ChoiceField(
        label=_("Valid for"), choices=[("12h", _("12 hours")), ("7d", _("7 days")), ("90d", _("90 days"))]
    )

    def chosen_lifetime(self) -> timedelta:
        return self.LIFETIMES[self.cleaned_data["lifetime"]]


class DeputyForm(ServiceForm):
    user = forms.ModelChoiceField(label=_("Deputy"), queryset=User.objects.none(), empty_label=CHOOSE)
    active_from = forms.DateField(label=_("From"), widget=DateInput())
    active_until = forms.DateField(label=_("Last day"), widget=DateInput())
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["user"].widget.attrs["data-sh-pick"] = ""


class AccountForm(ServiceForm):
    """A new account."""

    username = forms.RegexField(
        label=_("Account"),
        max_length=60,
        regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        help_text=_("Letters, digits, dot, hyphen and underscore."),
    )
    full_name = forms.CharField(label=_("Full name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False)


class PositionForm(ServiceForm):
    organization = forms.ModelChoiceField(
        label=_("Organization"), queryset=Organization.objects.none(), empty_label=CHOOSE
    )
    kind = forms.ChoiceField(label=_("Position"), choices=Position.Kind.choices)
    active_from = forms.DateField(label=_("From"), widget=DateInput())
    active_until = forms.DateField(label=_("Last day"), required=False, widget=DateInput())

    def __init__(self, *args: Any, organizations: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = organizations  # type: ignore[attr-defined]
        self.fields["organization"].widget.attrs["data-sh-pick"] = ""
