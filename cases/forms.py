"""Forms of the case page: an action, made from the inputs that the pack names, and a comment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.conversation import Choosable
from cases.engine import Matter
from cases.models import Case, Comment
from cases.page import said
from statutes.definitions import Action, Input


class ActionForm(forms.Form):
    """Fields of one action: its inputs, and an opinion where the inputs hold no text. `version` is what was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, matter: Matter, action: Action, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", action.id)
        super().__init__(*args, **kwargs)
        self.action = action
        texts = 0
        for name, need in action.inputs.items():
            definition = matter.compiled.input(matter.procedure, name)
            self.fields[name] = (
                _items_field(matter, definition, required=need == "required")
                if definition.type == "items"
                else field_of(definition, required=need == "required")
            )
            texts += definition.type == "text"
        if not texts:
            self.fields["opinion"] = forms.CharField(
                label=_("Opinion"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
            )

    @property
    def title(self) -> str:
        return said(self.action.label)

    def values(self) -> tuple[dict[str, Any], str]:
        """(inputs, opinion) as entered; files are not among them."""
        entered = {name: value for name, value in self.cleaned_data.items() if name in self.action.inputs}
        inputs = {name: value for name, value in entered.items() if not isinstance(self.fields[name], forms.FileField)}
        return inputs, str(self.cleaned_data.get("opinion") or "")

    def uploads(self) -> dict[str, Any]:
        """Input name to the uploaded file."""
        return {
            name: self.cleaned_data[name]
            for name, field in self.fields.items()
            if isinstance(field, forms.FileField) and self.cleaned_data.get(name)
        }


def _items_field(matter: Matter, definition: Input, *, required: bool) -> forms.Field:
    """Tick boxes of the subject's items, those ticked that the family proposes."""
    choices = matter.choices()
    return forms.MultipleChoiceField(
        label=said(definition.label),
        help_text=said(definition.help) if definition.help else "",
        required=required,
        choices=[(choice.value, choice.label) for choice in choices],
        initial=[choice.value for choice in choices if choice.ticked],
        widget=forms.CheckboxSelectMultiple,
    )


def field_of(definition: Input, *, required: bool) -> forms.Field:
    """The form field for one input of a pack."""
    options: dict[str, Any] = {
        "label": said(definition.label),
        "help_text": said(definition.help) if definition.help else "",
        "required": required,
    }
    match definition.type:
        case "number" | "amount":
            return forms.DecimalField(**options)
        case "date":
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)
        case "datetime":
            return forms.DateTimeField(
                widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}), **options
            )
        case "choice":
            choices = [(key, said(label)) for key, label in definition.options]
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **options)
        case "file":
            return forms.FileField(**options)
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, **options)


class CommentForm(forms.Form):
    """A comment: who reads it, what it says, whose attention it asks for."""

    audience = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        choices=Comment.Audience.choices,
        widget=forms.RadioSelect(attrs={"data-sh-audience": ""}),
    )
    text = forms.CharField(label=gettext_lazy("Comment"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    mentions = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Ask for the attention of"),
        help_text=gettext_lazy("Or type @ in the comment and choose."),
        required=False,
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("Somebody who is mentioned may not read this comment.")},
    )

    def __init__(self, case: Case, people: Sequence[Choosable], *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "comment")
        super().__init__(*args, **kwargs)
        inside = [(person.user.pk, person.label) for person in people if person.inside]
        outside = [(person.user.pk, person.label) for person in people if not person.inside]
        groups = [(_("My organization"), inside), (_("Others who may see the case"), outside)]
        field = self.fields["mentions"]
        field.choices = [group for group in groups if group[1]]
        source = reverse("cases:people", args=[case.number])
        field.widget.attrs.update({"data-sh-pick": "", "data-sh-source": source})
        mention = {"data-sh-mention": source, "data-sh-into": self["mentions"].id_for_label}
        self.fields["text"].widget.attrs.update(mention)
