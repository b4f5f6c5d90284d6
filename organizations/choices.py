"""One value of several over the API: what is none of them is answered with those that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from organizations.errors import BadInput


class Choice(serializers.ChoiceField):
    """As ChoiceField, but the refusal lists the values."""

    default_error_messages = {"invalid_choice": gettext_lazy("“{input}” is not known here. One of: {choices}.")}

    def fail(self, key: str, **kwargs: Any) -> Never:
        super().fail(key, **kwargs, choices=", ".join(str(value) for value in self.choices))


def check_filters(given: Mapping[str, str], known: Mapping[str, list[str]]) -> None:
    """Every filter of an address has one of its values, or is left out. Raises BadInput with the values."""
    wrong = {name: values for name, values in known.items() if given.get(name) and given[name] not in values}
    if wrong:
        sentence = _("“%(input)s” is not known here. One of: %(choices)s.")
        fields = {
            name: sentence % {"input": given[name][:100], "choices": ", ".join(values)}
            for name, values in wrong.items()
        }
        raise BadInput(_("Some filters are wrong."), fields)
