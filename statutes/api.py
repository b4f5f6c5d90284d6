"""The API of time limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.actors import Actor
from organizations.choices import Choice
from organizations.errors import NotKnown
from statutes.calculation import (
    Answer,
    Basis,
    Count,
    NotCountableError,
    backwards,
    bare,
    basis_by,
    basis_on,
    forwards,
)
from statutes.definitions import CompiledPack, Rule
from statutes.forms import MOST, UNITS
from statutes.resolution import NotInForceError
from statutes.selectors import calendar as days
from statutes.selectors import law
from statutes.timelimits import TZ, DayStep, local_date
from statutes.wording import citation, number_text, said, standing_text, why_text
from statutes.workdays import Calendar, OutOfCalendarError


class DerivedDaySerializer(serializers.Serializer):
    """One day: `why` it is counted or not, in the request's language; `number`: which counted day it is."""

    date = serializers.DateField()
    counted = serializers.BooleanField()
    why = serializers.SerializerMethodField()
    number = serializers.IntegerField(allow_null=True)
    provisional = serializers.BooleanField()

    def get_why(self, step: DayStep) -> str:
        return why_text(step.why)


class RuleSerializer(serializers.Serializer):
    """A rule as it is cited, in the request's language. `bound`: earliest is a minimum period, no time limit."""

    pack = serializers.CharField()
    id = serializers.CharField()
    citation = serializers.CharField()
    summary = serializers.CharField()
    number = serializers.CharField()
    amount = serializers.CharField(allow_null=True, help_text="a whole number, or a day of the year: 08-31")
    unit = serializers.CharField(allow_null=True)
    bound = serializers.CharField(allow_null=True)
    reading = serializers.CharField(help_text="how the operator reads it, where the text is silent or ambiguous")
    practice = serializers.BooleanField(help_text="no article says so")
    soft = serializers.BooleanField(help_text="the text says: as a rule")


class CountSerializer(serializers.Serializer):
    """A limit counted. `last_start`: asked with `by`, the last day on which it can start."""

    due_on = serializers.DateField()
    due_at = serializers.DateTimeField(default_timezone=TZ)
    last_start = serializers.DateField(allow_null=True)
    last_working_day_to_start = serializers.DateField(allow_null=True)


class NumberSerializer(CountSerializer):
    """One of the numbers of a rule, the local one or the one above it, and what it comes to."""

    rule = RuleSerializer()
    binds = serializers.BooleanField()
    due_on = serializers.DateField(allow_null=True)
    due_at = serializers.DateTimeField(default_timezone=TZ, allow_null=True)


class ExtensionSerializer(CountSerializer):
    """The limit with the longest extension that its law allows."""

    rule = RuleSerializer()
    amount = serializers.IntegerField()


class DerivationSerializer(CountSerializer):
    """`due_at` is 24:00 of `due_on`, written as the next day's 00:00; for hours it is the instant.

    `rule` to `extension` are null, and `numbers` is empty, unless a rule was asked for.
    """

    provisional = serializers.BooleanField(help_text="true while a projected year of the calendar was looked at")
    rolled_from = serializers.DateField(allow_null=True)
    derivation = DerivedDaySerializer(many=True)
    rule = RuleSerializer(allow_null=True, help_text="the rule that binds on the day of the start")
    why = serializers.CharField(allow_null=True, help_text="why this number binds")
    numbers = NumberSerializer(many=True, help_text="where a local number and one above it are there: both")
    extension = ExtensionSerializer(allow_null=True)


class Instant(serializers.DateTimeField):
    """A moment whose time zone can be told: one before the first year of UTC is bad input, not a failure."""

    def enforce_timezone(self, value: datetime) -> datetime:
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow", timezone=TZ)


class LimitQuestionSerializer(serializers.Serializer):
    """Counts forwards from `start`, or backwards from `by`, by `rule` or by `amount` and `unit`.

    `start`: the instant of the event; a date alone stands for its 00:00. `jurisdiction`: one's own if left out; a rule
    of another place is counted by that place's calendar.
    """

    start = Instant(required=False, default_timezone=TZ, input_formats=["iso-8601", "%Y-%m-%d"])
    by = serializers.DateField(required=False, help_text="instead of start: the day by which it must be over")
    rule = serializers.CharField(required=False, max_length=200, help_text="pack:id, instead of amount and unit")
    extended = serializers.BooleanField(required=False, help_text="with a rule: also its longest extension")
    amount = serializers.IntegerField(required=False, min_value=0, max_value=MOST)
    unit = Choice(required=False, choices=[unit for unit, _label in UNITS])
    jurisdiction = serializers.CharField(required=False, allow_blank=True, max_length=40)
    roll = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="move an end on a day off to the next working day; true for day, month and year; a rule says itself",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("start" in attrs) == ("by" in attrs):
            raise ValidationError({"start": [_("Give either start or by.")]})
        if "rule" not in attrs:
            missing = {name: [_("Required without a rule.")] for name in ("amount", "unit") if name not in attrs}
            if missing:
                raise ValidationError(missing)
        return attrs


class DeriveLimit(APIView):
    """When a limit ends, or by when it must start, and how that comes about day by day. Nothing is stored."""

    @extend_schema(request=LimitQuestionSerializer, responses=DerivationSerializer, operation_id="limits_derive")
    def post(self, request: Request) -> Response:
        question = LimitQuestionSerializer(data=request.data)
        question.is_valid(raise_exception=True)
        return Response(DerivationSerializer(_answered(request._request.actor, question.validated_data)).data)


def _answered(actor: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer as the serializer wants it. ValidationError naming the field to blame."""
    compiled = _law(actor, asked["rule"]) if "rule" in asked else None
    known = _calendar(actor, asked, compiled)
    try:
        answer = _counted(asked, compiled, known)
    except NotInForceError as error:
        raise ValidationError({"rule": [_("This rule is not in force on that day.")]}) from error
    except NotCountableError as error:
        field = "rule" if compiled else "unit"
        raise ValidationError({field: [_("This limit cannot be counted this way.")]}) from error
    except (OutOfCalendarError, OverflowError) as error:
        span = {"first": known.first.year, "last": known.last.year}
        message = _("The count leaves the calendar, which goes from %(first)s to %(last)s.") % span
        raise ValidationError({_side(asked, known): [message]}) from error
    return _told(answer, compiled)


def _law(actor: Actor, key: str) -> CompiledPack:
    pack_id, _colon, rule_id = key.partition(":")
    try:
        found = law.pack_in_force(actor, pack_id).law
        law.rule_of(actor, found, rule_id, timezone.localdate())
    except NotKnown as error:
        raise ValidationError({"rule": [str(error)]}) from error
    return found


def _calendar(actor: Actor, asked: dict[str, Any], compiled: CompiledPack | None) -> Calendar:
    wanted = asked.get("jurisdiction", actor.jurisdiction_id)
    place = next((each for each in law.jurisdictions(actor) if each.pk == wanted), None)
    if wanted and place is None:
        raise ValidationError({"jurisdiction": [_("There is no such jurisdiction.")]})
    if compiled is not None:
        place = law.place_for(actor, compiled.own.id, place)
    return days.working_calendar(actor, place.pk if place else "")


def _counted(asked: dict[str, Any], compiled: CompiledPack | None, known: Calendar) -> Answer:
    rule_id, extended = asked.get("rule", "").partition(":")[2], asked.get("extended", False)
    if "by" in asked:
        by: date = asked["by"]
        basis, upto = basis_by(compiled, rule_id, by, known) if compiled else (_number(asked), by)
        return backwards(basis, by, known, upto=upto, extended=extended)
    start: datetime = asked["start"]
    basis = basis_on(compiled, rule_id, local_date(start)) if compiled else _number(asked)
    return forwards(basis, start, known, extended=extended)


def _number(asked: dict[str, Any]) -> Basis:
    return bare(asked["unit"], asked["amount"], roll=asked.get("roll"))


def _side(asked: dict[str, Any], known: Calendar) -> str:
    """Which field is to blame: a day outside the calendar, or else the amount, or the rule that states it."""
    try:
        day = asked["by"] if "by" in asked else local_date(asked["start"])
    except OutOfCalendarError:
        return "start"
    if known.first <= day <= known.last:
        return "rule" if "rule" in asked else "amount"
    return "by" if "by" in asked else "start"


def _told(answer: Answer, compiled: CompiledPack | None) -> dict[str, Any]:
    main, basis = answer.main, answer.basis
    return {
        **_ends(main),
        "provisional": main.derivation.provisional,
        "rolled_from": main.derivation.rolled_from,
        "derivation": main.derivation.days,
        "rule": _rule(basis.rule, compiled),
        "why": standing_text(basis.standing) if basis.standing else None,
        "numbers": [
            {"rule": _rule(line.rule, compiled), "binds": line.binds, **_ends(line.count)} for line in answer.lines
        ],
        "extension": {"rule": _rule(basis.extension, compiled), "amount": basis.longest, **_ends(answer.extended)}
        if answer.extended
        else None,
    }


def _ends(count: Count | None) -> dict[str, Any]:
    return {
        "due_on": count.derivation.due_on if count else None,
        "due_at": count.derivation.due_at if count else None,
        "last_start": count.last if count else None,
        "last_working_day_to_start": count.last_working if count else None,
    }


def _rule(rule: Rule | None, compiled: CompiledPack | None) -> dict[str, Any] | None:
    if rule is None or compiled is None:
        return None
    language, limit = get_language() or "zh-hans", rule.limit
    return {
        "pack": rule.pack,
        "id": rule.id,
        "citation": citation(rule, compiled.instrument(rule), language),
        "summary": rule.summary.in_language(language),
        "number": number_text(rule),
        "amount": None if limit is None else limit.amount,
        "unit": None if limit is None else limit.unit,
        "bound": None if limit is None else limit.bound,
        "reading": said(rule.reading, language),
        "practice": rule.practice,
        "soft": rule.soft,
    }
