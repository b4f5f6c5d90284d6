"""The API of time limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.errors import NotKnown
from statutes.forms import MOST, UNITS
from statutes.selectors import calendar as days
from statutes.timelimits import ROLLING, TZ, DayStep, derive
from statutes.wording import why_text
from statutes.workdays import OutOfCalendarError


class DerivedDaySerializer(serializers.Serializer):
    """One day: `why` it is counted or not, in the request's language; `number`: which counted day it is."""

    date = serializers.DateField()
    counted = serializers.BooleanField()
    why = serializers.SerializerMethodField()
    number = serializers.IntegerField(allow_null=True)
    provisional = serializers.BooleanField()

    def get_why(self, step: DayStep) -> str:
        return why_text(step.why)


class DerivationSerializer(serializers.Serializer):
    """`due_at` is 24:00 of `due_on`, written as the next day's 00:00; for hours it is the instant."""

    due_on = serializers.DateField()
    due_at = serializers.DateTimeField(default_timezone=TZ)
    provisional = serializers.BooleanField(help_text="true while a projected year of the calendar was looked at")
    rolled_from = serializers.DateField(allow_null=True)
    derivation = DerivedDaySerializer(many=True, source="days")


class Instant(serializers.DateTimeField):
    """A moment whose time zone can be told: one before the first year of UTC is bad input, not a failure."""

    def enforce_timezone(self, value: datetime) -> datetime:
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow", timezone=TZ)


class LimitQuestionSerializer(serializers.Serializer):
    """`start`: the instant of the event; a date alone stands for its 00:00. `jurisdiction`: one's own if left out."""

    start = Instant(default_timezone=TZ, input_formats=["iso-8601", "%Y-%m-%d"])
    amount = serializers.IntegerField(min_value=0, max_value=MOST)
    unit = serializers.ChoiceField(choices=[unit for unit, _label in UNITS])
    jurisdiction = serializers.CharField(required=False, allow_blank=True, max_length=40)
    roll = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="move an end on a day off to the next working day; true for day, month and year",
    )


class DeriveLimit(APIView):
    """When a limit ends, and how that comes about day by day. Nothing is stored."""

    @extend_schema(request=LimitQuestionSerializer, responses=DerivationSerializer, operation_id="limits_derive")
    def post(self, request: Request) -> Response:
        question = LimitQuestionSerializer(data=request.data)
        question.is_valid(raise_exception=True)
        return Response(DerivationSerializer(self._derive(request, question.validated_data)).data)

    def _derive(self, request: Request, asked: dict[str, Any]) -> Any:
        actor = request._request.actor
        try:
            known = days.working_calendar(actor, asked.get("jurisdiction", actor.jurisdiction_id))
        except NotKnown as error:
            raise ValidationError({"jurisdiction": [_("There is no such jurisdiction.")]}) from error
        start: datetime = asked["start"]
        roll = asked.get("roll")
        try:
            return derive(
                start=start,
                unit=asked["unit"],
                amounts=[asked["amount"]],
                roll=asked["unit"] in ROLLING if roll is None else roll,
                calendar=known,
                explain=True,
            )
        except (OutOfCalendarError, OverflowError) as error:
            span = {"first": known.first.year, "last": known.last.year}
            message = _("The count leaves the calendar, which goes from %(first)s to %(last)s.") % span
            raise ValidationError({_side(start, known.first, known.last): [message]}) from error


def _side(start: datetime, first: date, last: date) -> str:
    """Which field is to blame: a start outside the calendar, or else the amount."""
    return "amount" if first <= start.astimezone(TZ).date() <= last else "start"
