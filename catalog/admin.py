"""The administrator's master data of the catalogue: categories of the own jurisdiction, and synonyms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model
from django.http import HttpRequest

from catalog import services
from catalog.models import Category, InformationSystem, Synonym
from organizations.admin import OwnJurisdictionAdmin, acting, actor_of
from organizations.errors import BadInput, Conflict


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = ("jurisdiction", "directory", "code", "title", "parent")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.instance.pk:
            try:
                services.check_category(**cleaned)
            except BadInput as wrong:
                raise ValidationError({name: str(text) for name, text in wrong.fields.items()}) from wrong
            except Conflict as taken:
                raise ValidationError({"code": str(taken.message)}) from taken
        return cleaned


@admin.register(Category)
class CategoryAdmin(OwnJurisdictionAdmin):
    form = CategoryForm
    list_display = ("code", "title", "directory", "parent")
    list_filter = ("directory",)
    search_fields = ("code", "title")
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return ("jurisdiction", "directory", "code", "parent") if obj else ()

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Category:
            actor = actor_of(request)
            kwargs["queryset"] = Category.objects.filter(jurisdiction=actor.jurisdiction_id if actor else "")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Category, form: forms.ModelForm, change: bool) -> None:
        if change:
            services.rename_category(acting(request), category=obj, title=form.cleaned_data["title"])
        else:
            self._adopt(obj, services.register_category(acting(request), **form.cleaned_data))


class SynonymForm(forms.ModelForm):
    class Meta:
        model = Synonym
        fields = ("word", "same_as")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                services.check_synonym(**cleaned)
            except (BadInput, Conflict) as wrong:
                raise ValidationError(str(wrong.message)) from wrong
        return cleaned


@admin.register(Synonym)
class SynonymAdmin(CategoryAdmin):
    form = SynonymForm
    list_display = ("word", "same_as")
    list_filter = ()
    search_fields = ("word", "same_as")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return Synonym.objects.all()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._administers(request)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        self._adopt(obj, services.add_synonym(acting(request), **form.cleaned_data))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.remove_synonym(acting(request), synonym=obj)


@admin.register(InformationSystem)
class InformationSystemAdmin(CategoryAdmin):
    """Looked at only: systems are kept on their own pages."""

    form = forms.ModelForm
    list_display = ("code", "name", "organization", "status")
    list_filter = ("status", "hosting")
    search_fields = ("code", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ()
