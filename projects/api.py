"""Projects over the API: the register, filing, where one stands and what it owes, and sending its plan to review.

Every later step is an action of a case, through `cases/{number}/actions/{action}/`. Amounts are yuan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import api as cases_api
from cases import page as cases
from cases.models import Case, Clock
from catalog.models import OpeningClass, SharingClass, UpdateCycle
from organizations.choices import Choice, check_filters
from organizations.errors import BadInput, Conflict
from organizations.paging import one_page
from projects import register, selectors, services
from projects.api_parts import MoneySums, money_of
from projects.forms import UNITS
from projects.models import Project, ProjectDocument, SharingPromise
from projects.services import planning

LISTING = "projects.api"
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)
CHOSEN = ("name", "kind", "funding")
WORDS = tuple(name for name in planning.TEXTS if name not in CHOSEN)
PROMISED = ("direction", "title", "source", "format", "update_cycle", "sharing_class", "opening", "resource")
SWITCHES = ("is_video", "replaces_superior", "responsible_is_head")


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, **options)


class YearBody(serializers.Serializer):
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    amount = _amount(help_text="yuan")


class PromiseBody(serializers.Serializer):
    direction = Choice(SharingPromise.Direction.choices)
    title = serializers.CharField(max_length=200)
    source = serializers.CharField(max_length=200)
    format = serializers.CharField(max_length=80)
    update_cycle = Choice(UpdateCycle.choices)
    sharing_class = Choice(SharingClass.choices)
    opening = Choice(OpeningClass.choices)
    resource = serializers.IntegerField(required=False, allow_null=True, help_text="id of a catalogue entry")


class PaperBody(serializers.Serializer):
    kind = Choice(ProjectDocument.Kind.choices)
    attachment = serializers.IntegerField(help_text="id of a file of yours")


class ProjectBody(serializers.ModelSerializer):
    """`total` and the years' amounts in yuan; the years add up to the total. `file`: file at once, else a draft."""

    kind = Choice(Project.Kind.choices, required=False)
    funding = Choice(Project.Funding.choices, required=False)
    total = _amount(help_text="yuan")
    years = YearBody(many=True, required=False)
    promises = PromiseBody(many=True, required=False)
    papers = PaperBody(many=True, required=False)
    systems = serializers.ListField(child=serializers.IntegerField(), required=False)
    co_builders = serializers.ListField(child=serializers.IntegerField(), required=False)
    file = serializers.BooleanField(required=False, help_text="file at once; else it stays a draft")

    class Meta:
        model = Project
        fields = (
            "name", "kind", "funding", "total", "service_years", "build_months", *WORDS, *SWITCHES,
            "years", "promises", "papers", "systems", "co_builders", "file",
        )  # fmt: skip
        validators: Sequence[Any] = []

    def validate_years(self, rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Each year once: of two amounts for one year nobody could say which is meant."""
        if len({row["year"] for row in rows}) != len(rows):
            raise serializers.ValidationError(_("Name each year once."))
        return rows


class ChangeBody(ProjectBody):
    """What changes in a plan; rows of years, promises, systems and co-builders are sent whole or not at all."""

    version = serializers.IntegerField(help_text="the version that you saw")
    file = None

    class Meta(ProjectBody.Meta):
        fields = (*(name for name in ProjectBody.Meta.fields if name != "file"), "version")


class ProjectSummary(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField(allow_null=True, help_text="null: a draft")
    name = serializers.CharField()
    owner = serializers.DictField()
    kind = serializers.CharField()
    funding = serializers.CharField()
    total = _amount(help_text="yuan")
    stage = serializers.CharField(allow_null=True, help_text="state of its life under its city's law")
    case = serializers.CharField(allow_null=True, help_text="number of the case of its life")
    version = serializers.IntegerField()


class ProjectPage(serializers.Serializer):
    results = ProjectSummary(many=True)
    count = serializers.IntegerField()
    sum = _amount(help_text="yuan, of all that the filters find")
    next = serializers.CharField(allow_null=True)


class ObligationDetail(serializers.Serializer):
    case = serializers.CharField()
    name = serializers.CharField()
    rule = serializers.CharField()
    article = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    provisional = serializers.BooleanField()
    clock = serializers.CharField()


class MoneyDetail(serializers.Serializer):
    total = _amount(help_text="yuan")
    years = YearBody(many=True)
    sums = MoneySums(help_text="of the ledger")


class ProjectDetail(ProjectSummary):
    plan = serializers.DictField(help_text="what the plan says, by field")
    promises = PromiseBody(many=True)
    stages = serializers.ListField(child=serializers.DictField(), help_text="in the order of its law")
    gates = serializers.ListField(child=serializers.DictField(), help_text="what may be done next, and why not")
    obligations = ObligationDetail(many=True)
    money = MoneyDetail()


class FilingBody(serializers.Serializer):
    version = serializers.IntegerField(required=False, help_text="the draft's version that you saw")
    opinion = serializers.CharField(required=False, allow_blank=True)


class SubmitBody(serializers.Serializer):
    opinion = serializers.CharField(required=False, allow_blank=True)


def summary(project: Project) -> dict[str, Any]:
    owner, life = project.owner, project.case
    return {
        "id": project.pk,
        "code": project.code,
        "name": project.name,
        "owner": {"id": owner.pk, "name": owner.name, "code": owner.code},
        "kind": project.kind,
        "funding": project.funding,
        "total": str(project.total),
        "stage": life.state if life else None,
        "case": life.number if life else None,
        "version": project.version,
    }


def detail(request: Request, project: Project) -> dict[str, Any]:
    """One project for the asking actor; gates and obligations are those of the cases that the actor may see."""
    seen = list(selectors.cases_of(request.actor, project)) if project.case_id else []
    now = timezone.now()
    return {
        **summary(project),
        "plan": {name: getattr(project, name) for name in (*WORDS, *SWITCHES, "service_years", "build_months")},
        "promises": list(project.promises.values(*PROMISED)),
        "stages": [{"stage": row.label, "place": row.place} for row in selectors.stages(project)] if seen else [],
        "gates": [gate for case in seen if case.closed_at is None for gate in _gates(request, case)],
        "obligations": [row for case in seen if case.closed_at is None for row in _obligations(case, now)],
        "money": {
            "total": str(project.total),
            "years": [{"year": row.year, "amount": str(row.amount)} for row in project.years.all()],
            "sums": money_of(project),
        },
    }


def _gates(request: Request, case: Case) -> list[dict[str, Any]]:
    actions = cases_api.detail(case, request)["actions"]
    return [{"case": case.number, **{k: row[k] for k in ("action", "label", "open", "why_closed")}} for row in actions]


def _obligations(case: Case, now: datetime) -> list[dict[str, Any]]:
    views = [view for view in cases.clocks_of(case, now) if view.clock.status == Clock.Status.OPEN]
    return [
        {
            "case": case.number,
            "name": view.clock.name,
            "rule": view.clock.rule,
            "article": view.rule.article,
            "due_on": view.due_on.isoformat() if view.due_on else None,
            "provisional": view.clock.provisional,
            "clock": view.status,
        }
        for view in views
    ]


def _as_it_stands(project: Project) -> dict[str, Any]:
    """A plan as a body would send it; its papers stay with the project."""
    plain = (*CHOSEN, *WORDS, *SWITCHES, "total", "service_years", "build_months")
    return {
        **{name: getattr(project, name) for name in plain},
        "years": [{"year": row.year, "amount": row.amount} for row in project.years.all()],
        "promises": list(project.promises.values(*PROMISED)),
        "systems": list(project.systems.values_list("pk", flat=True)),
        "co_builders": list(project.co_builders.values_list("pk", flat=True)),
    }


def _plan(values: Mapping[str, Any]) -> services.Plan:
    given = dict(values)
    given["years"] = {row["year"]: row["amount"] for row in given.get("years", ())}
    given["promises"] = [services.Promise(**row) for row in given.get("promises", ())]
    given["papers"] = [services.Paper(**row) for row in given.get("papers", ())]
    return services.Plan(**given)


def _check(request: Request, asked: Mapping[str, str]) -> None:
    """Raises BadInput naming every filter whose value is not taken, and amounts that are the wrong way round."""
    choices = {"kind": Project.Kind.values, "funding": Project.Funding.values, "unit": UNITS, "sort": register.SORTS}
    check_filters(asked, {name: list(values) for name, values in choices.items()} | {"overdue": ["1"]})
    takes = register.known(request.actor)
    unknown = [name for name in takes if asked.get(name) and not takes[name](asked[name])]
    wrong = {name: _("“%(input)s” is not known here.") % {"input": asked[name][:100]} for name in unknown}
    if sentence := register.wrong_way_round(asked):
        wrong["from"] = sentence
    if wrong:
        raise BadInput(_("Some filters are wrong."), wrong)


def _key(request: Request) -> str:
    return request.headers.get("Idempotency-Key", "")[:100]


def _of(request: Request, case: Case) -> Project:
    """The project whose life a filing opened; another matter answers to a key that was used for it."""
    project = selectors.visible_projects(request.actor).filter(case=case).first()
    if project is None:
        raise Conflict(_("This Idempotency-Key was used for something else."), {"number": case.number})
    return project


def _known(request: Request, project_id: int) -> Project:
    """A filed project that the actor may see, or a draft of the own organization. Raises NotKnown."""
    draft = selectors.drafts(request.actor).filter(pk=project_id).first()
    return draft or selectors.project_for(request.actor, project_id)


class Projects(APIView):
    @extend_schema(
        operation_id="projects_list",
        parameters=[
            OpenApiParameter("q", str, description="in name, number or owner"),
            OpenApiParameter("owner", int, description="id of an organization"),
            OpenApiParameter("co_builder", int, description="id of an organization"),
            OpenApiParameter("funding", str, enum=Project.Funding.values),
            OpenApiParameter("kind", str, enum=Project.Kind.values),
            OpenApiParameter("state", str, description="state of the project's life"),
            OpenApiParameter("year", int, description="a year in which it costs something"),
            OpenApiParameter("from", str, description="costs at least so much, in `unit`"),
            OpenApiParameter("to", str, description="costs at most so much, in `unit`"),
            OpenApiParameter("unit", str, enum=list(UNITS), description="of `from` and `to`; yuan where left out"),
            OpenApiParameter("overdue", str, enum=["1"], description="only those with a time limit that is over"),
            OpenApiParameter("sort", str, enum=list(register.SORTS)),
            OpenApiParameter("cursor", str),
        ],
        responses=ProjectPage,
    )
    def get(self, request: Request) -> Response:
        """Filed projects that you may see, with what they cost together; an unknown filter is refused."""
        asked = request.query_params
        _check(request, asked)
        rows = register.found_projects(request.actor, asked, timezone.now())
        listed, order = register.ordered(rows, asked.get("sort", ""))
        page = one_page(listed, order, asked.get("cursor", ""), f"{LISTING}.{asked.get('sort', '')}")
        found = {"results": [summary(row) for row in page.rows], "count": page.total, "next": page.next or None}
        return Response({**found, "sum": str(rows.aggregate(sum=Sum("total"))["sum"] or 0)})

    @extend_schema(operation_id="projects_add", request=ProjectBody, responses={201: ProjectDetail}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Keep a draft, or file at once; a filing with the same Idempotency-Key answers as the first time."""
        body = ProjectBody(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        if values.pop("file", False):
            case = services.file_at_once(request.actor, plan=_plan(values), idempotency_key=_key(request))
            project = _of(request, case)
        else:
            project = services.save_draft(request.actor, plan=_plan(values))
        return Response(detail(request, project), status=status.HTTP_201_CREATED)


class ProjectView(APIView):
    @extend_schema(operation_id="projects_one", responses=ProjectDetail)
    def get(self, request: Request, project_id: int) -> Response:
        """One project: its stage, the gates with reason and article, what is owed by when, its money."""
        return Response(detail(request, _known(request, project_id)))

    @extend_schema(operation_id="projects_change", request=ChangeBody, responses=ProjectDetail)
    def patch(self, request: Request, project_id: int) -> Response:
        """Change a draft, or a filed plan while it is with its owner; what is not sent stays as it is."""
        project = _known(request, project_id)
        body = ChangeBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        if (version := values.pop("version", None)) is None:
            raise BadInput(_("Some fields are wrong."), {"version": _("Send the version that you saw.")})
        plan = _plan({**_as_it_stands(project), **values})
        if project.case_id is None:
            services.save_draft(request.actor, plan=plan, draft=project, version=version)
        else:
            services.amend_plan(request.actor, project=project, plan=plan, version=version)
        return Response(detail(request, _known(request, project_id)))


class ProjectFiling(APIView):
    @extend_schema(operation_id="projects_file", request=FilingBody, responses={201: ProjectDetail}, parameters=[KEY])
    def post(self, request: Request, project_id: int) -> Response:
        """File a draft of your organization; a gap that the law does not allow is 409 with its rule."""
        body = FilingBody(data=request.data)
        body.is_valid(raise_exception=True)
        draft = _known(request, project_id)
        case = services.file_project(request.actor, draft=draft, idempotency_key=_key(request), **body.validated_data)
        return Response(detail(request, _of(request, case)), status=status.HTTP_201_CREATED)


class ProjectCases(APIView):
    @extend_schema(operation_id="projects_cases", responses=cases_api.CaseSummary(many=True))
    def get(self, request: Request, project_id: int) -> Response:
        """The cases of a project's life that you may see, oldest first."""
        project = selectors.project_for(request.actor, project_id)
        found = list(cases.listed(selectors.cases_of(request.actor, project)))
        return Response([cases_api.summary(row) for row in cases.rows(found, timezone.now())])


class ProjectReviews(APIView):
    @extend_schema(
        operation_id="projects_submit",
        request=SubmitBody,
        responses={201: cases_api.CaseDetail},
        parameters=[KEY],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Send the plan to review: a case of its own opens within the project's life."""
        body = SubmitBody(data=request.data)
        body.is_valid(raise_exception=True)
        project = selectors.project_for(request.actor, project_id)
        case = services.submit_for_review(
            request.actor, project=project, idempotency_key=_key(request), **body.validated_data
        )
        return Response(cases_api.detail(case, request), status=status.HTTP_201_CREATED)
