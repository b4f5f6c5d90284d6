"""Notices on holidays over the API: pasted by one person, confirmed by another, and how far the recount is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import services as cases
from cases.models import Recount
from cases.tasks import enqueue_recount
from reports import selectors
from statutes import services as statutes
from statutes.calendars import current_version
from statutes.models import CalendarNotice
from statutes.notice_checks import Judgement
from statutes.selectors import notices
from statutes.services.notices import Wish
from statutes.wording import why_text

MOST = 200
Status = CalendarNotice.Status


class NoticeBody(serializers.Serializer):
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    number = serializers.CharField(max_length=80)
    title = serializers.CharField(max_length=200)
    issued_on = serializers.DateField()
    text = serializers.CharField(max_length=10_000, help_text="as published, or one date or range a line")
    jurisdiction = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="empty: the whole country; or your own, for own days"
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, help_text="needed for own days")
    legal_basis = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="needed for own days"
    )
    whole_year = serializers.BooleanField(default=True, help_text="the text names every day off of its year")
    correction = serializers.BooleanField(default=False, help_text="days that have passed may change")


class NoticeSummary(serializers.Serializer):
    id = serializers.IntegerField()
    year = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    issued_on = serializers.DateField()
    jurisdiction = serializers.CharField(allow_blank=True, help_text="empty: the whole country")
    status = serializers.ChoiceField(Status.choices)
    entered_by = serializers.CharField()
    confirmed_by = serializers.CharField(allow_null=True)
    rejection = serializers.CharField(allow_blank=True)


class NoticeProblem(serializers.Serializer):
    line = serializers.IntegerField(help_text="0: the whole")
    message = serializers.CharField()
    mend = serializers.CharField()


class ChangedDay(serializers.Serializer):
    date = serializers.DateField()
    works = serializers.BooleanField()
    before = serializers.CharField()
    after = serializers.CharField()


class NoticeDetail(NoticeSummary):
    text = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    legal_basis = serializers.CharField(allow_blank=True)
    whole_year = serializers.BooleanField()
    correction = serializers.BooleanField()
    calendar_version = serializers.IntegerField(help_text="the calendar that this was checked against")
    problems = NoticeProblem(many=True)
    changes = ChangedDay(many=True, help_text="days that it would change, or has changed")


class NoticePage(serializers.Serializer):
    results = NoticeSummary(many=True)


class ConfirmBody(serializers.Serializer):
    calendar_version = serializers.IntegerField(help_text="the one that you saw")


class RejectBody(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class RecountProgress(serializers.Serializer):
    state = serializers.ChoiceField(["none", "waiting", "running", "done"])
    total = serializers.IntegerField(help_text="cases with a time limit that the notice touches")
    done = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="time limits whose due date moved")
    firm = serializers.IntegerField(help_text="time limits that were provisional and are not any more")
    annulled = serializers.IntegerField(help_text="breaches annulled")
    failed = serializers.IntegerField()


def summary(row: CalendarNotice) -> dict[str, Any]:
    plain = ("year", "number", "title", "jurisdiction", "status", "rejection")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in plain},
        "issued_on": row.issued_on.isoformat(),
        "entered_by": row.entered_by.full_name,
        "confirmed_by": row.confirmed_by.full_name if row.confirmed_by else None,
    }


def detail(request: Request, notice_id: int) -> dict[str, Any]:
    """The notice as it stands: read and checked against today's calendar until it is in force."""
    row = notices.notice_for(request.actor, notice_id)
    judgement = None if row.status == Status.APPLIED else notices.judged(row)
    plain = ("text", "reason", "legal_basis", "whole_year", "correction")
    return {
        **summary(row),
        **{name: getattr(row, name) for name in plain},
        "calendar_version": current_version(),
        "problems": [
            {"line": problem.line, "message": problem.message, "mend": problem.mend}
            for problem in (judgement.problems if judgement else ())
        ],
        "changes": _would_change(judgement) if judgement else _has_changed(row),
    }


def _would_change(judgement: Judgement) -> list[dict[str, Any]]:
    return [
        _day(change.date.isoformat(), change.works, change.why_before, change.why_after) for change in judgement.changes
    ]


def _has_changed(row: CalendarNotice) -> list[dict[str, Any]]:
    return [_day(day, works, before, after) for day, works, before, after in row.changed]


def _day(day: str, works: bool, before: str, after: str) -> dict[str, Any]:
    return {"date": day, "works": works, "before": why_text(before), "after": why_text(after)}


def _wish(request: Request) -> Wish:
    body = NoticeBody(data=request.data)
    body.is_valid(raise_exception=True)
    return Wish(**body.validated_data)


class Notices(APIView):
    @extend_schema(operation_id="calendar_notices_list", responses=NoticePage)
    def get(self, request: Request) -> Response:
        """National notices and those of the own jurisdiction, newest first; of drafts only one's own."""
        return Response({"results": [summary(row) for row in notices.notices_for(request.actor)[:MOST]]})

    @extend_schema(operation_id="calendar_notices_create", request=NoticeBody, responses={201: NoticeDetail})
    def post(self, request: Request) -> Response:
        """Keep a notice as a draft. What is wrong with its text stands in the answer; nothing changes yet."""
        row = statutes.save_notice(request.actor, wish=_wish(request))
        return Response(detail(request, row.pk), status=status.HTTP_201_CREATED)


class NoticeView(APIView):
    @extend_schema(operation_id="calendar_notice", responses=NoticeDetail)
    def get(self, request: Request, notice_id: int) -> Response:
        """One notice: what is wrong with it, which days it changes."""
        return Response(detail(request, notice_id))

    @extend_schema(operation_id="calendar_notice_change", request=NoticeBody, responses=NoticeDetail)
    def put(self, request: Request, notice_id: int) -> Response:
        """Change one's own draft."""
        notices.notice_for(request.actor, notice_id)
        statutes.save_notice(request.actor, wish=_wish(request), notice_id=notice_id)
        return Response(detail(request, notice_id))


class NoticeSubmission(APIView):
    @extend_schema(request=None, responses=NoticeDetail)
    def post(self, request: Request, notice_id: int) -> Response:
        """Hand one's draft on for confirmation by somebody else. Refused with every problem of its text."""
        notices.notice_for(request.actor, notice_id)
        statutes.submit_notice(request.actor, notice_id=notice_id)
        return Response(detail(request, notice_id))


class NoticeConfirmation(APIView):
    @extend_schema(request=ConfirmBody, responses=NoticeDetail)
    def post(self, request: Request, notice_id: int) -> Response:
        """The second person's confirmation: the calendar changes, and due dates are counted again."""
        notices.notice_for(request.actor, notice_id)
        body = ConfirmBody(data=request.data)
        body.is_valid(raise_exception=True)
        seen = body.validated_data["calendar_version"]
        cases.apply_notice(request.actor, notice_id=notice_id, seen_version=seen, enqueue=enqueue_recount)
        return Response(detail(request, notice_id))


class NoticeRejection(APIView):
    @extend_schema(request=RejectBody, responses=NoticeDetail)
    def post(self, request: Request, notice_id: int) -> Response:
        """Refuse a submitted notice with a reason, or withdraw one's own."""
        notices.notice_for(request.actor, notice_id)
        body = RejectBody(data=request.data)
        body.is_valid(raise_exception=True)
        statutes.reject_notice(request.actor, notice_id=notice_id, reason=body.validated_data["reason"])
        return Response(detail(request, notice_id))


class NoticeProgress(APIView):
    @extend_schema(responses=RecountProgress)
    def get(self, request: Request, notice_id: int) -> Response:
        """How far the due dates have been counted again; `none` before the notice is in force."""
        row = notices.notice_for(request.actor, notice_id)
        return Response(progress(row, selectors.recount_of(request.actor, row)))


def progress(row: CalendarNotice, run: Recount | None) -> dict[str, Any]:
    figures = ("total", "done", "moved", "firm", "annulled", "failed")
    if run is None:
        state = "waiting" if row.status == Status.APPLIED else "none"
    else:
        state = "running" if run.finished_at is None else "done"
    return {"state": state, **{name: getattr(run, name, 0) for name in figures}}
