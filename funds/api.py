"""Special funds over the API: the list, one fund, its ledger, its applications, and the register of bans. Yuan.

Every step of a fund's life is an action of a case, through `cases/{number}/actions/{action}/`.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from funds import selectors
from funds.models import Fund, FundApplication, FundBan, FundEntry, FundYear, Target
from organizations.choices import check_filters
from organizations.paging import one_page

LISTING, LEDGER, APPLICATIONS, BANS = "funds.api", "funds.api.ledger", "funds.api.applications", "funds.api.bans"
CURSOR = OpenApiParameter("cursor", str)


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, help_text="yuan", **options)


class FundSummary(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.DictField()
    size = _amount()
    term_from = serializers.DateField()
    term_until = serializers.DateField()
    established_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    stage = serializers.CharField(help_text="state of its life under its place's law")
    case = serializers.CharField(help_text="number of the case of its life")


class FundPage(serializers.Serializer):
    results = FundSummary(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class FundYearDetail(serializers.Serializer):
    year = serializers.IntegerField()
    case = serializers.CharField()
    budgeted = _amount()
    allocated = _amount()
    issued = _amount()
    passed_on = _amount()
    paid = _amount()
    carried_over = _amount()
    recalled = _amount()
    returned = _amount()
    left = _amount()


class FundDetail(FundSummary):
    basis = serializers.CharField()
    purpose = serializers.CharField()
    scope = serializers.CharField()
    goal = serializers.CharField()
    years = FundYearDetail(many=True)
    rules = serializers.IntegerField(allow_null=True, help_text="number of the rules in force")


class FundLedgerLine(serializers.Serializer):
    year = serializers.IntegerField()
    kind = serializers.CharField()
    amount = _amount()
    on = serializers.DateField()
    receiver = serializers.CharField(allow_null=True)
    application = serializers.CharField(allow_null=True)
    case = serializers.CharField()
    event = serializers.IntegerField(help_text="event of the case that made the line")


class FundLedgerPage(serializers.Serializer):
    results = FundLedgerLine(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class FundApplicationDetail(serializers.Serializer):
    year = serializers.IntegerField()
    case = serializers.CharField()
    stage = serializers.CharField()
    applicant = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    requested = _amount()
    allocated = _amount()
    paid = _amount()


class FundApplicationPage(serializers.Serializer):
    results = FundApplicationDetail(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


class FundBanDetail(serializers.Serializer):
    name = serializers.CharField()
    code = serializers.CharField()
    target = serializers.CharField()
    ground = serializers.CharField()
    fund = serializers.CharField()
    decided_on = serializers.DateField()
    last_on = serializers.DateField(help_text="last day of the ban")


class FundBanPage(serializers.Serializer):
    results = FundBanDetail(many=True)
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)


def summary(fund: Fund) -> dict[str, Any]:
    department = fund.department
    assert fund.case is not None
    return {
        "id": fund.pk,
        "code": fund.code,
        "name": fund.name,
        "department": {"id": department.pk, "name": department.name, "code": department.code},
        "size": str(fund.size),
        "term_from": _day(fund.term_from),
        "term_until": _day(fund.term_until),
        "established_on": _day(fund.established_on),
        "ended_on": _day(fund.ended_on),
        "stage": fund.case.state,
        "case": fund.case.number,
    }


def detail(fund: Fund) -> dict[str, Any]:
    rules = fund.rules.filter(in_force_on__isnull=False, replaced_on__isnull=True).first()
    return {
        **summary(fund),
        **{name: getattr(fund, name) for name in ("basis", "purpose", "scope", "goal")},
        "years": [_year(row) for row in selectors.years_of(fund)],
        "rules": rules.number if rules else None,
    }


def _year(row: FundYear) -> dict[str, Any]:
    sums = ("budgeted", "allocated", "issued", "passed_on", "paid", "carried_over", "recalled", "returned", "left")
    case = row.case.number if row.case else ""
    return {"year": row.year, "case": case, **{name: str(getattr(row, name)) for name in sums}}


def _line(entry: FundEntry) -> dict[str, Any]:
    return {
        "year": entry.year.year,
        "kind": entry.kind,
        "amount": str(entry.amount),
        "on": entry.on.isoformat(),
        "receiver": entry.receiver.name if entry.receiver else None,
        "application": entry.application.name if entry.application else None,
        "case": entry.case.number,
        "event": entry.seq,
    }


def _application(row: FundApplication) -> dict[str, Any]:
    case = row.case
    return {
        "year": row.year.year,
        "case": case.number if case else "",
        "stage": case.state if case else "",
        **{name: getattr(row, name) for name in ("applicant", "code", "name")},
        **{name: str(getattr(row, name)) for name in ("requested", "allocated", "paid")},
    }


def _ban(ban: FundBan) -> dict[str, Any]:
    return {
        **{name: getattr(ban, name) for name in ("name", "code", "target")},
        "ground": ban.sanction.ground,
        "fund": ban.sanction.fund.name,
        "decided_on": ban.decided_on.isoformat(),
        "last_on": ban.last_on.isoformat(),
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _page(request: Request, rows: Any, order: tuple[str, ...], listing: str, shown: Any) -> Response:
    page = one_page(rows, order, request.query_params.get("cursor", ""), listing)
    return Response({"results": [shown(row) for row in page.rows], "count": page.total, "next": page.next or None})


class Funds(APIView):
    @extend_schema(
        operation_id="funds_list",
        parameters=[
            OpenApiParameter("q", str, description="words in name, number, purpose or department"),
            OpenApiParameter("state", str, enum=list(selectors.STATES)),
            OpenApiParameter("year", int, description="a year of the term"),
            CURSOR,
        ],
        responses=FundPage,
    )
    def get(self, request: Request) -> Response:
        """Funds that you may see, by number: established ones of your place, applications that concern you."""
        check_filters(request.query_params, {"state": list(selectors.STATES)})
        rows = selectors.found_funds(request.actor, request.query_params)
        return _page(request, rows, ("code", "pk"), LISTING, summary)


class FundView(APIView):
    @extend_schema(operation_id="funds_one", responses=FundDetail)
    def get(self, request: Request, fund_id: int) -> Response:
        """One fund: what it is for, and its money by year."""
        return Response(detail(selectors.fund_for(request.actor, fund_id)))


class FundLedger(APIView):
    @extend_schema(operation_id="funds_ledger", parameters=[CURSOR], responses=FundLedgerPage)
    def get(self, request: Request, fund_id: int) -> Response:
        """The ledger of a fund: every line with the case and the event that made it."""
        fund = selectors.fund_for(request.actor, fund_id)
        return _page(request, selectors.ledger_of(fund), ("pk",), f"{LEDGER}.{fund.pk}", _line)


class FundApplications(APIView):
    @extend_schema(operation_id="funds_applications", parameters=[CURSOR], responses=FundApplicationPage)
    def get(self, request: Request, fund_id: int) -> Response:
        """Applications under a fund whose cases you may see."""
        fund = selectors.fund_for(request.actor, fund_id)
        rows = selectors.applications_of(request.actor, fund)
        return _page(request, rows, ("pk",), f"{APPLICATIONS}.{fund.pk}", _application)


class FundBans(APIView):
    @extend_schema(
        operation_id="funds_bans",
        parameters=[
            OpenApiParameter("q", str, description="in name or code"),
            OpenApiParameter("target", str, enum=[Target.APPLICANT.value, Target.INTERMEDIARY.value]),
            OpenApiParameter("state", str, enum=["running", "past"]),
            CURSOR,
        ],
        responses=FundBanPage,
    )
    def get(self, request: Request) -> Response:
        """The register of bans of your place."""
        check_filters(request.query_params, {"target": list(Target.values), "state": ["running", "past"]})
        rows = selectors.found_bans(request.actor, request.query_params)
        return _page(request, rows, ("name", "pk"), BANS, _ban)
