"""Inputs of an action: checked against what the pack asks for, kept as plain JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.families import Choice
from cases.models import Attachment
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput
from organizations.models import Organization, User
from statutes.definitions import Action, CompiledPack, Input, Procedure

TEXT_LENGTH = 4000
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Checks inputs of actions of one procedure, handed in by `actor`; `case_id` is None at the opening.

    `items`: asks which of the subject's items may be named.
    """

    compiled: CompiledPack
    procedure: Procedure
    actor: AnyActor
    case_id: int | None
    items: Callable[[], Iterable[Choice]] = tuple

    def clean(self, action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as JSON values. Raises BadInput naming every field that is missing or wrong."""
        problems: dict[str, object] = {
            name: _("This action does not ask for it.") for name in given.keys() - action.inputs.keys()
        }
        cleaned: dict[str, Any] = {}
        for name, need in action.inputs.items():
            value, definition = given.get(name), self.compiled.input(self.procedure, name)
            none_named = value == [] and definition.type == "items"
            if value in (None, "", []) and (need == "required" or not none_named):
                if need == "required":
                    problems[name] = _("This is required.")
                continue
            try:
                cleaned[name] = self._value(definition, value)
            except ValueError as error:
                problems[name] = str(error)
        if problems:
            raise BadInput(_("Some entries are missing or wrong."), problems)
        return cleaned

    def _value(self, definition: Input, value: Any) -> Any:
        checks: dict[str, Callable[[], Any]] = {
            "text": lambda: _text(value),
            "number": lambda: _number(self.compiled, definition, value),
            "amount": lambda: _number(self.compiled, definition, value),
            "date": lambda: _date(value).isoformat(),
            "datetime": lambda: _datetime(value).isoformat(),
            "choice": lambda: _choice(definition, value),
            "file": lambda: _files(value, self.actor, self.case_id),
            "person": lambda: _keys(User, value, _("There is no such person.")),
            "organization": lambda: _keys(Organization, value, _("There is no such organization.")),
            "items": lambda: _items(value, self.items()),
        }
        return checks[definition.type]()


def check_length(text: str, field: str) -> None:
    """Raises BadInput naming the field when a text is longer than what is kept."""
    if len(text) > TEXT_LENGTH:
        sentence = _("At most %(length)s characters.") % {"length": TEXT_LENGTH}
        raise BadInput(sentence, {field: sentence})


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise ValueError(_("Enter this in words."))
    text = str(value).replace("\0", "").strip()
    if not text:
        raise ValueError(_("This is required."))
    if len(text) > TEXT_LENGTH:
        raise ValueError(_("At most %(length)s characters.") % {"length": TEXT_LENGTH})
    return text


def _number(compiled: CompiledPack, definition: Input, value: Any) -> int | str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(_("Enter a number.")) from error
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS:
        raise ValueError(_("Enter a number."))
    limits = compiled.rule(definition.rule).range if definition.rule else None
    if limits is not None and not limits.min <= number <= limits.max:
        raise ValueError(_("From %(least)s to %(most)s.") % {"least": limits.min, "most": limits.max})
    if definition.type == "amount":
        return str(number.quantize(Decimal("0.01")))
    if number != number.to_integral_value():
        raise ValueError(_("Enter a whole number."))
    return int(number)


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(_("Enter a date such as 2026-11-27.")) from error


def _datetime(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(_("Enter a date and time such as 2026-11-27 09:30.")) from error
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _choice(definition: Input, value: Any) -> str:
    if str(value) not in {option for option, _label in definition.options}:
        raise ValueError(_("Choose one of the options."))
    return str(value)


def _files(value: Any, actor: AnyActor, case_id: int | None) -> list[int]:
    """Ids of attachments that the actor's organization has handed in, and that belong to no other case."""
    wanted = value if isinstance(value, list | tuple) else [value]
    if not all(str(item).isdecimal() for item in wanted) or not isinstance(actor, Actor):
        raise ValueError(_("Hand in the file first."))
    ids = {int(item) for item in wanted}
    own = Attachment.objects.filter(pk__in=ids, organization=actor.organization)
    usable = {a.pk for a in own if a.case_id in (None, case_id)}
    if usable != ids:
        raise ValueError(_("There is no such file among yours."))
    return sorted(ids)


def _keys(model: type[Any], value: Any, sentence: str) -> int | list[int]:
    """The key of one row, or those of several, each once and in order of entry."""
    if isinstance(value, list | tuple):
        return list(dict.fromkeys(_key(model, one, sentence) for one in value))
    return _key(model, value, sentence)


def _items(value: Any, choices: Iterable[Choice]) -> list[str]:
    """Codes of the subject's items, each once, in the subject's order. An empty list says: none."""
    named = {str(item) for item in (value if isinstance(value, list | tuple) else [value])}
    known = [choice.value for choice in choices]
    if not named <= set(known):
        raise ValueError(_("Choose among the items of this matter."))
    return [code for code in known if code in named]


def _key(model: type[Any], value: Any, sentence: str) -> int:
    if not str(value).isdecimal() or not model.objects.filter(pk=int(value)).exists():
        raise ValueError(sentence)
    return int(value)


def fact_instant(action: Action, cleaned: Mapping[str, Any], at: datetime) -> datetime:
    """When the fact was, for a `dated` action: the entered date's first moment, else `at`. Never in the future."""
    value = cleaned.get(action.dated) if action.dated else None
    if value is None:
        return at
    fact = (
        _datetime(value) if "T" in value else timezone.make_aware(datetime.combine(_date(value), datetime.min.time()))
    )
    if fact > at:
        raise BadInput(_("The date lies in the future."), {action.dated: _("Enter the day on which it happened.")})
    return fact
