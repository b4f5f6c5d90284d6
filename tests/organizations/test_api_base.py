"""The API's common pieces: pages by sealed cursor, deny by default."""

from __future__ import annotations

import pytest
from django.core import signing
from rest_framework import generics, serializers
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from organizations import services
from organizations.actors import Actor
from organizations.api_base import HasPosition, SealedCursorPagination, TokenAuthentication
from organizations.errors import BadInput
from organizations.models import Organization
from tests.cast import SYSTEM, Cast, token_client


class Row(serializers.ModelSerializer):
    class Meta:
        model = Organization
        fields = ("id",)


class Page(SealedCursorPagination):
    page_size = 3
    ordering = ("sort_key", "pk")


class Rows(generics.ListAPIView):
    queryset = Organization.objects.all()
    serializer_class = Row
    pagination_class = Page
    authentication_classes: list[type] = []
    permission_classes: list[type] = []


def page(url: str) -> Response:
    return Rows.as_view()(APIRequestFactory().get(url)).render()


def test_pages_cover_every_row_once(cast: Cast) -> None:
    cast.enshi  # noqa: B018
    url, seen = "/rows/?page_size=2&q=x", []
    while url:
        answer = page(url)
        seen += [row["id"] for row in answer.data["results"]]
        url = answer.data["next"]
        assert url is None or "q=x" in url
    assert seen == list(Organization.objects.order_by("sort_key", "pk").values_list("pk", flat=True))


def test_a_cursor_cannot_be_made_up(cast: Cast) -> None:
    cast.enshi  # noqa: B018
    made_up = signing.dumps([0, False, "a"], salt="another salt")
    for cursor in ("x", made_up):
        request = Request(APIRequestFactory().get("/rows/", {"cursor": cursor}))
        with pytest.raises(BadInput):
            Page().decode_cursor(request)
    pagination = Page()
    pagination.base_url = "http://testserver/rows/"
    pagination.request = Request(APIRequestFactory().get("/rows/"))
    assert "cursor=" in pagination.encode_cursor(Cursor(0, False, "a"))


class Closed(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [HasPosition]

    def get(self, request: Request) -> Response:
        return Response({"kind": request.actor.kind})


def test_the_api_is_closed_to_who_holds_no_position(outsider: Actor) -> None:
    client = token_client(outsider)
    header = client._credentials["HTTP_AUTHORIZATION"]
    make = APIRequestFactory().get
    assert Closed.as_view()(make("/", HTTP_AUTHORIZATION=header)).data == {"kind": "handler"}
    assert Closed.as_view()(make("/")).status_code == 401
    services.leave_position(SYSTEM, outsider.position.pk)
    assert Closed.as_view()(make("/", HTTP_AUTHORIZATION=header)).status_code == 401
