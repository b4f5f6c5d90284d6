"""The administrator's master data: organizations, functions and organ roles of the own jurisdiction.

Every change goes through the services, so that it is checked and recorded; nothing is deleted but an organ role.
People and positions have their own pages, because leaving and one-time codes are more than rows.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import services
from organizations.actors import Actor
from organizations.carrying import ask_to_sign_in
from organizations.errors import BadInput, NotPermitted
from organizations.models import Jurisdiction, Organization, OrganizationFunction, OrganRole
from organizations.policies import is_administrator
from organizations.views.signing import sign_out


def actor_of(request: HttpRequest) -> Actor | None:
    """Who asks, as the middleware found."""
    return getattr(request, "actor", None)


def acting(request: HttpRequest) -> Actor:
    """Who writes. Raises NotPermitted for a stranger."""
    actor = actor_of(request)
    if actor is None:
        raise NotPermitted(_("Only an administrator may do this."))
    return actor


def admin_sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """There is one way to sign in: the portal's. Who is signed in and not an administrator is refused."""
    if actor_of(request) is None:
        return ask_to_sign_in(request)
    raise NotPermitted(_("Only an administrator may do this."))


def admin_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """There is one way to change a password, too."""
    return redirect("organizations:password")


def admin_sign_out(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    return sign_out(request)  # type: ignore[arg-type]


admin.site.login = admin_sign_in  # type: ignore[method-assign]
admin.site.logout = admin_sign_out  # type: ignore[method-assign, assignment]
admin.site.password_change = admin_password  # type: ignore[method-assign, assignment]
admin.site.site_header = admin.site.site_title = admin.site.index_title = gettext_lazy("Master data")


class OwnJurisdictionAdmin(admin.ModelAdmin):
    """Rows of the jurisdiction that the signed-in administrator acts in. `owner`: how a row reaches it."""

    owner = "jurisdiction"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        actor = actor_of(request)
        return super().get_queryset(request).filter(**{self.owner: actor.jurisdiction_id if actor else ""})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._administers(request) and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._administers(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        actor = actor_of(request)
        mine = actor.jurisdiction_id if actor else ""
        if db_field.related_model is Organization:
            kwargs["queryset"] = Organization.objects.filter(jurisdiction=mine)
        if db_field.related_model is Jurisdiction:
            kwargs["queryset"] = Jurisdiction.objects.filter(pk=mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _administers(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and is_administrator(actor, actor.jurisdiction_id)

    def _adopt(self, obj: Model, row: Model) -> None:
        """Let the form's object stand for the row that the service wrote."""
        obj.pk = row.pk
        obj.refresh_from_db()


class OrganizationForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = (
            *("jurisdiction", "code_scheme", "code", "name", "short_name", "name_en"),
            *("kind", "region", "parent", "active_until", "merged_into"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "code" in cleaned:
            try:
                cleaned["code"] = services.checked_code(cleaned["code"], cleaned.get("code_scheme", ""))
            except BadInput as wrong:
                raise ValidationError({"code": str(wrong.message)}) from wrong
        return cleaned


@admin.register(Organization)
class OrganizationAdmin(OwnJurisdictionAdmin):
    form = OrganizationForm
    list_display = ("name", "code", "kind", "region", "active_from", "active_until")
    list_filter = ("kind",)
    search_fields = ("name", "short_name", "code")
    list_per_page = 50

    def get_readonly_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        return ("jurisdiction", "code_scheme", "code") if obj else ("merged_into", "active_until")

    def save_model(self, request: HttpRequest, obj: Organization, form: forms.ModelForm, change: bool) -> None:
        if not change:
            self._adopt(obj, services.register_organization(acting(request), **form.cleaned_data))
            return
        changes = {field: form.cleaned_data[field] for field in form.changed_data}
        into = changes.pop("merged_into", None)
        services.amend_organization(acting(request), obj.pk, changes=changes)
        if into is not None:
            services.merge_organization(acting(request), obj.pk, into_id=into.pk, on=timezone.localdate())


@admin.register(OrganizationFunction)
class OrganizationFunctionAdmin(OwnJurisdictionAdmin):
    owner = "organization__jurisdiction"
    list_display = ("title", "organization", "basis", "active_from", "active_until")
    search_fields = ("title", "organization__name", "basis")
    fields = ("organization", "title", "basis", "active_from", "active_until")
    list_per_page = 50

    def get_readonly_fields(self, request: HttpRequest, obj: OrganizationFunction | None = None) -> tuple[str, ...]:
        return ("organization", "title", "basis", "active_from") if obj else ("active_until",)

    def save_model(self, request: HttpRequest, obj: OrganizationFunction, form: forms.ModelForm, change: bool) -> None:
        if not change:
            self._adopt(obj, services.add_function(acting(request), **form.cleaned_data))
        elif form.cleaned_data.get("active_until"):
            services.end_function(acting(request), obj.pk, on=form.cleaned_data["active_until"])


@admin.register(OrganRole)
class OrganRoleAdmin(OwnJurisdictionAdmin):
    list_display = ("role", "organization", "jurisdiction")
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request) and admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: OrganRole, form: forms.ModelForm, change: bool) -> None:
        self._adopt(obj, services.assign_organ_role(acting(request), **form.cleaned_data))

    def delete_model(self, request: HttpRequest, obj: OrganRole) -> None:
        services.withdraw_organ_role(acting(request), obj.pk)


@admin.register(Jurisdiction)
class JurisdictionAdmin(OwnJurisdictionAdmin):
    owner = "pk"
    list_display = ("name_zh", "name_en", "region", "pack")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
