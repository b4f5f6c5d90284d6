"""A person's desk over the API: who of the organization handles a case, and filters of lists under a name."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import assigning, filters, selectors, services
from cases.models import SavedFilter
from cases.services.assigning import NOTE_LENGTH, Assigned, assign, assign_many
from organizations.models import Position


class Colleague(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class AwaitedHere(serializers.Serializer):
    position = serializers.ChoiceField(Position.Kind.choices)
    assignee = Colleague(allow_null=True)
    assigned_by = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    holders = Colleague(many=True, help_text="who could handle it")
    may_assign = serializers.BooleanField(help_text="you may say who handles it")
    may_take = serializers.BooleanField(help_text="you may take it yourself")


class AssignmentBody(serializers.Serializer):
    assignee = serializers.IntegerField(allow_null=True, help_text="id of a colleague; null: nobody any more")
    position = serializers.ChoiceField(
        Position.Kind.choices, required=False, help_text="which hand, where several are awaited"
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=NOTE_LENGTH, help_text="needed to hand it on"
    )


class ManyAssignmentsBody(serializers.Serializer):
    numbers = serializers.ListField(child=serializers.CharField())
    assignee = serializers.IntegerField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LENGTH)


class AssignmentOutcome(serializers.Serializer):
    number = serializers.CharField()
    done = serializers.BooleanField()
    refusal = serializers.CharField(allow_blank=True)


class CaseAssignment(APIView):
    @extend_schema(responses=AwaitedHere(many=True))
    def get(self, request: Request, number: str) -> Response:
        """What the case awaits of your organization, who handles it, and who could."""
        return Response(_here(request, number))

    @extend_schema(request=AssignmentBody, responses=AwaitedHere(many=True))
    def put(self, request: Request, number: str) -> Response:
        """Say who handles it: as who leads the organization or has it now; what nobody has, a holder may take."""
        selectors.case_by_number(request.actor, number)
        body = AssignmentBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        assign(
            request.actor,
            number=number,
            assignee_id=values["assignee"],
            position=values.get("position", ""),
            note=values.get("note", ""),
        )
        return Response(_here(request, number))


def _here(request: Request, number: str) -> list[dict[str, Any]]:
    case = selectors.case_by_number(request.actor, number)
    return [_hand(hand) for hand in assigning.hands_here(request.actor, case)]


def _hand(here: assigning.HandHere) -> dict[str, Any]:
    row = here.assignment
    return {
        "position": here.hand.position,
        "assignee": {"id": row.assignee.pk, "name": row.assignee.full_name} if row else None,
        "assigned_by": row.assigned_by.full_name if row else None,
        "note": row.note if row else "",
        "holders": [{"id": user.pk, "name": user.full_name} for user in here.holders],
        "may_assign": here.may_assign,
        "may_take": here.may_take,
    }


class Assignments(APIView):
    @extend_schema(request=ManyAssignmentsBody, responses=AssignmentOutcome(many=True))
    def post(self, request: Request) -> Response:
        """Give several cases to one colleague, each by itself; a refusal of one stops no other."""
        body = ManyAssignmentsBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        outcomes = assign_many(
            request.actor, numbers=values["numbers"], assignee_id=values["assignee"], note=values.get("note", "")
        )
        return Response({"results": [_outcome(outcome) for outcome in outcomes]})


def _outcome(outcome: Assigned) -> dict[str, Any]:
    return {"number": outcome.number, "done": outcome.case is not None, "refusal": outcome.refusal}


class FilterBody(serializers.Serializer):
    listing = serializers.CharField(help_text="which list, such as cases")
    name = serializers.CharField(max_length=40)
    query = serializers.CharField(max_length=filters.LONGEST * 2, help_text="as in the list's address: box=todo&q=…")


class FilterDetail(serializers.Serializer):
    id = serializers.IntegerField()
    listing = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField()
    url = serializers.CharField()
    is_default = serializers.BooleanField(help_text="the list begins with it")


def _filter(row: SavedFilter) -> dict[str, Any]:
    plain = ("listing", "name", "query", "is_default")
    return {"id": row.pk, "url": filters.address(row), **{name: getattr(row, name) for name in plain}}


class Filters(APIView):
    @extend_schema(responses=FilterDetail(many=True))
    def get(self, request: Request) -> Response:
        """Your filters of all lists."""
        return Response([_filter(chip.row) for chip in filters.all_saved(request.actor)])

    @extend_schema(request=FilterBody, responses={201: FilterDetail})
    def post(self, request: Request) -> Response:
        """Keep a list's filters under a name; the same name again replaces them."""
        body = FilterBody(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.save_filter(request.actor, **body.validated_data)
        return Response(_filter(row), status=status.HTTP_201_CREATED)


class FilterView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, filter_id: int) -> Response:
        """Forget one of your filters."""
        services.delete_filter(request.actor, filter_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DefaultFilter(APIView):
    @extend_schema(request=None, responses=FilterDetail)
    def put(self, request: Request, filter_id: int) -> Response:
        """Let the list begin with this filter."""
        return Response(_filter(services.choose_default_filter(request.actor, filter_id, chosen=True)))

    @extend_schema(responses=FilterDetail)
    def delete(self, request: Request, filter_id: int) -> Response:
        """Let the list begin without it."""
        return Response(_filter(services.choose_default_filter(request.actor, filter_id, chosen=False)))
