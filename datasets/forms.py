"""Uploading a file in the browser."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets import uploads
from datasets.models import Batch


class UploadForm(forms.Form):
    """The file and what is to become of the rows that are there."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8 or GB18030) or Excel .xlsx; the first line names the items by code or title."),
        max_length=200,
    )
    mode = forms.ChoiceField(
        label=_("What becomes of the data that is there"), choices=Batch.Mode.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, has_data: bool, has_key: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [Batch.Mode.REPLACE, *([Batch.Mode.APPEND] if has_data else [])]
        if has_data and has_key:
            offered.append(Batch.Mode.UPSERT)
        self.fields["mode"].choices = [(mode.value, mode.label) for mode in offered]
        self.fields["mode"].initial = Batch.Mode.REPLACE if not has_data else None
        self.fields["file"].widget.attrs["data-sh-max-bytes"] = str(uploads.limit())
