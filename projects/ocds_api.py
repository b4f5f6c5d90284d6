"""Release packages of the Open Contracting Data Standard 1.1 over the API (decision 0012)."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from organizations.errors import NotKnown
from organizations.paging import one_page
from projects import ocds, selectors
from projects.api_parts import CURSOR, OF_PROJECT, of_id
from projects.ocds_rows import processes

PROJECTS_PER_PAGE = 20


class PublisherDetail(serializers.Serializer):
    name = serializers.CharField()


class LinksDetail(serializers.Serializer):
    next = serializers.URLField(required=False)
    prev = serializers.URLField(required=False)


class ReleasePackage(serializers.Serializer):
    """As release-package-schema.json of OCDS 1.1 has it."""

    uri = serializers.URLField()
    version = serializers.CharField()
    publishedDate = serializers.DateTimeField()  # noqa: N815 (a name of the standard)
    publisher = PublisherDetail()
    releases = serializers.ListField(child=serializers.DictField(), help_text="as release-schema.json has them")
    links = LinksDetail(required=False)


class Releases(APIView):
    @extend_schema(operation_id="ocds_releases", parameters=[OF_PROJECT, CURSOR], responses=ReleasePackage)
    def get(self, request: Request) -> Response:
        """What you may see of projects, procurements and contracts, as a release package; 404 when that is nothing."""
        asked = request.query_params
        rows = of_id(asked, "project", selectors.visible_projects(request.actor), "pk")
        page = one_page(rows, ("pk",), asked.get("cursor", ""), "ocds.api", PROJECTS_PER_PAGE)
        if not page.rows:
            raise NotKnown(_("Nothing can be released: you see no project here."))
        with override(settings.LANGUAGE_CODE):
            releases = [
                release
                for plan, buyings in processes(request.actor, page.rows)
                for release in (
                    ocds.planning_release(plan),
                    *(ocds.procurement_release(plan, buying) for buying in buyings),
                )
            ]
        uri = request.build_absolute_uri()
        beside = {"next": page.next, "prev": page.previous}
        links = {name: replace_query_param(uri, "cursor", cursor) for name, cursor in beside.items() if cursor}
        publisher = page.rows[0].jurisdiction.name_zh
        return Response(ocds.package(releases, uri=uri, publisher=publisher, links=links))
