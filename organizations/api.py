"""The API's way in: a token for account and password."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, permissions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import services
from organizations.actors import Actor
from organizations.errors import BadInput, NotPermitted
from organizations.lockout import refusal
from organizations.models import Position, User
from organizations.requests import ApiRequest
from organizations.selectors import positions_of


class Credentials(serializers.Serializer):
    username = serializers.CharField(max_length=60)
    password = serializers.CharField(max_length=256, trim_whitespace=False, style={"input_type": "password"})
    position = serializers.IntegerField(required=False, help_text="Needed by people who hold several positions.")


class TokenAnswer(serializers.Serializer):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    position = serializers.IntegerField()


class WrongPassword(exceptions.APIException):
    status_code = status.HTTP_401_UNAUTHORIZED


class TokenView(APIView):
    """Exchange account and password for a token that is bound to one position and lives for twelve hours."""

    authentication_classes: list[type] = []
    permission_classes = [permissions.AllowAny]

    @extend_schema(operation_id="auth_token", request=Credentials, responses={200: TokenAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        asked = Credentials(data=request.data)
        asked.is_valid(raise_exception=True)
        username = asked.validated_data["username"].strip().lower()
        user = authenticate(request._request, username=username, password=asked.validated_data["password"])
        if user is None:
            if getattr(request._request, "axes_locked_out", False):
                raise refusal(request._request, {"username": username})
            raise WrongPassword(_("Account or password is wrong."))
        position = _position(user, asked.validated_data.get("position"))
        actor = Actor(user, position, request.META.get("REMOTE_ADDR", ""))
        issued = services.issue_token(actor, label=_("by password"))
        services.note_sign_in(actor, way="token")
        answer = {"token": issued.token, "expires_at": issued.row.expires_at, "position": position.pk}
        return Response(TokenAnswer(answer).data, headers={"Cache-Control": "no-store"})


class PositionRow(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    organization_id = serializers.IntegerField()
    organization = serializers.CharField(source="organization.name")
    jurisdiction = serializers.CharField(source="organization.jurisdiction_id")


class Myself(serializers.Serializer):
    username = serializers.CharField(source="user.username")
    full_name = serializers.CharField(source="user.full_name")
    position = PositionRow(allow_null=True)


class MyselfView(APIView):
    """Who asks, and in which position."""

    permission_classes = [permissions.IsAuthenticated]

    @extend_schema(operation_id="auth_me", responses={200: Myself})
    def get(self, request: ApiRequest) -> Response:
        return Response(Myself(request.actor).data)


def _position(user: User, wanted: int | None) -> Position:
    """The position asked for, or the only one. Raises BadInput with the choice, NotPermitted when there is none."""
    positions = list(positions_of(user))
    if not positions:
        raise NotPermitted(_("A token is bound to a position, and you hold none."))
    if wanted is None and len(positions) == 1:
        return positions[0]
    found = next((position for position in positions if position.pk == wanted), None)
    if found is None:
        choice = ", ".join(f"{position.pk} ({position})" for position in positions)
        raise BadInput(_("Say which of your positions the token is for."), {"position": choice})
    return found
