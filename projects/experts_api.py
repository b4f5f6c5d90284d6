"""The expert library and the scores of panels over the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.errors import NotPermitted
from projects import library
from projects.models import Expert, PanelDraw
from projects.services import experts

MOST = 200


class ExpertBody(serializers.Serializer):
    employer = serializers.CharField(max_length=200)
    employer_organization = serializers.IntegerField(required=False, allow_null=True)
    title = serializers.CharField(max_length=80, required=False, allow_blank=True)
    expertise = serializers.ListField(child=serializers.ChoiceField(Expert.Field.choices))
    involvement = serializers.CharField(required=False, allow_blank=True, help_text="number or name, one a line")
    conflicts = serializers.CharField(required=False, allow_blank=True, help_text="full names, one a line")
    active = serializers.BooleanField(required=False, help_text="may be drawn")


class NewExpertBody(ExpertBody):
    user = serializers.IntegerField(help_text="id of a person who holds a position as an expert")


class ChangedExpertBody(ExpertBody):
    version = serializers.IntegerField(help_text="the one that you saw")


class ExpertDetail(ExpertBody):
    id = serializers.IntegerField()
    user = serializers.IntegerField()
    name = serializers.CharField()
    added_on = serializers.DateField()
    version = serializers.IntegerField()


class ExpertPage(serializers.Serializer):
    results = ExpertDetail(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="as `after`, for the rest")


def detail(expert: Expert) -> dict[str, Any]:
    plain = ("employer", "title", "involvement", "conflicts", "active", "version")
    return {
        "id": expert.pk,
        "user": expert.user_id,
        "name": expert.user.full_name,
        "employer_organization": expert.employer_organization_id,
        "expertise": expert.fields,
        "added_on": expert.added_on.isoformat(),
        **{name: getattr(expert, name) for name in plain},
    }


def _about(values: dict[str, Any], **known: Any) -> dict[str, Any]:
    own = {name: value for name, value in values.items() if name not in ("user", "version", "expertise")}
    return {**known, **own, **({"fields": values["expertise"]} if "expertise" in values else {})}


class Experts(APIView):
    @extend_schema(
        operation_id="experts_list",
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("expertise", str, enum=Expert.Field.values),
            OpenApiParameter("active", str, enum=["yes", "no"]),
            OpenApiParameter("after", int, description="the last id of the page before"),
        ],
        responses=ExpertPage,
    )
    def get(self, request: Request) -> Response:
        """The expert library of your place, for the organ that keeps it and for auditors."""
        if not library.may_read(request.actor):
            raise NotPermitted(_("The expert library is kept by the organ that holds the reviews."))
        asked = request.query_params
        found = library.found_experts(
            request.actor,
            query=asked.get("q", ""),
            of_field=asked.get("expertise", ""),
            active=asked.get("active", ""),
        )
        after = asked.get("after", "")
        rows = list(found.filter(pk__gt=int(after) if after.isdecimal() else 0).order_by("pk")[: MOST + 1])
        more = rows[MOST - 1].pk if len(rows) > MOST else None
        return Response({"results": [detail(row) for row in rows[:MOST]], "next": more})

    @extend_schema(operation_id="experts_add", request=NewExpertBody, responses={201: ExpertDetail})
    def post(self, request: Request) -> Response:
        """Take a person into the library."""
        body = NewExpertBody(data=request.data)
        body.is_valid(raise_exception=True)
        about = experts.About(**_about(body.validated_data))
        added = experts.add_expert(request.actor, user_id=body.validated_data["user"], about=about)
        return Response(detail(added), status=status.HTTP_201_CREATED)


class ExpertView(APIView):
    @extend_schema(operation_id="experts_one", responses=ExpertDetail)
    def get(self, request: Request, expert_id: int) -> Response:
        """One expert; for the expert, the own entry."""
        return Response(detail(library.expert_for(request.actor, expert_id)))

    @extend_schema(operation_id="experts_change", request=ChangedExpertBody, responses=ExpertDetail)
    def patch(self, request: Request, expert_id: int) -> Response:
        """Change what is given, and leave the rest as it is; 409 when the entry was changed meanwhile."""
        found = library.expert_for(request.actor, expert_id)
        body = ChangedExpertBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        about = experts.said_of(found, **_about(body.validated_data))
        version = body.validated_data.get("version")
        return Response(detail(experts.change_expert(request.actor, expert_id=found.pk, about=about, version=version)))


class HeadDetail(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    mean = serializers.FloatField(allow_null=True)


class ScoreDetail(serializers.Serializer):
    seat = serializers.IntegerField()
    expert = serializers.CharField()
    points = serializers.DictField(child=serializers.IntegerField(), help_text="by head")
    mean = serializers.FloatField()
    recommendation = serializers.CharField()
    opinion = serializers.CharField()


class DrawDetail(serializers.Serializer):
    number = serializers.IntegerField()
    drawn_at = serializers.DateTimeField()
    seed = serializers.CharField()
    eligible = serializers.ListField(child=serializers.IntegerField(), help_text="ids of experts")
    order = serializers.ListField(child=serializers.IntegerField(), help_text="by the SHA-256 of “seed:id”")
    proven = serializers.BooleanField(help_text="the order follows from the seed")


class ScoresDetail(serializers.Serializer):
    sealed = serializers.BooleanField(help_text="scoring is not over: nothing is shown")
    seats = serializers.IntegerField()
    scored = serializers.IntegerField()
    heads = HeadDetail(many=True)
    scores = ScoreDetail(many=True)
    mean = serializers.FloatField(allow_null=True)
    draws = DrawDetail(many=True)


class ReviewScores(APIView):
    @extend_schema(operation_id="reviews_scores", responses=ScoresDetail)
    def get(self, request: Request, review_id: int) -> Response:
        """What a panel gave, by head, and how it was drawn; no score while scoring lasts."""
        board = library.board_of(library.review_for(request.actor, review_id))
        scores = [
            {
                "seat": score.panellist.seat,
                "expert": score.panellist.expert.user.full_name,
                "points": score.points,
                "mean": score.mean,
                "recommendation": score.recommendation,
                "opinion": score.opinion,
            }
            for score in board.scores
        ]
        heads = [{"id": name, "name": label, "mean": board.means.get(name)} for name, label in board.heads]
        body = {"sealed": board.sealed, "seats": len(board.seated), "scored": board.scored, "mean": board.mean}
        return Response({**body, "heads": heads, "scores": scores, "draws": [_draw(*one) for one in board.draws]})


def _draw(draw: PanelDraw, proven: bool) -> dict[str, Any]:
    plain = {name: getattr(draw, name) for name in ("number", "seed", "eligible", "order")}
    return {**plain, "drawn_at": draw.drawn_at.isoformat(), "proven": proven}
