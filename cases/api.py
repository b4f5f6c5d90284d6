"""Cases over the API: the same selectors, services and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import conversation, page, selectors, services, views
from cases.discretion import withheld
from cases.errors import told
from cases.models import Attachment, Case, Comment
from cases.services.bulk import Outcome, Pick, act_on_many
from organizations.actors import Actor
from organizations.choices import Choice
from organizations.errors import BadInput
from organizations.negotiation import FileView
from statutes.api import DerivedDaySerializer
from statutes.definitions import Input, Instrument, Rule
from statutes.wording import citation


class ActionRequest(serializers.Serializer):
    inputs = serializers.DictField(required=False, help_text="values by input name; files as lists of attachment ids")
    opinion = serializers.CharField(required=False, allow_blank=True)
    version = serializers.IntegerField(help_text="the case's version that you saw")


class WhyClosed(serializers.Serializer):
    sentence = serializers.CharField(help_text="why the gate is closed, in the request's language")
    rule = serializers.CharField(help_text="id of the rule behind it")
    article = serializers.CharField()
    citation = serializers.CharField(help_text="the article with the short name of its law, in the request's language")


class ClosedDetails(serializers.Serializer):
    reasons = WhyClosed(many=True, required=False, help_text="every condition that closes the gate")
    by = serializers.CharField(required=False, help_text="who moved the case, where that is the conflict")
    at = serializers.DateTimeField(required=False)


class ClosedError(serializers.Serializer):
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="gate_closed, or conflict where the case has moved")
    message = serializers.CharField()
    fields = serializers.DictField()
    details = ClosedDetails()
    request_id = serializers.CharField()


class GateClosed(serializers.Serializer):
    """A gate is closed by a rule, or the case has moved since the version that was sent."""

    error = ClosedError()


class CaseSummary(serializers.Serializer):
    number = serializers.CharField()
    title = serializers.CharField()
    family = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    clock = serializers.CharField(allow_null=True)


class AttachmentDetail(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    content_type = serializers.CharField()
    sha256 = serializers.CharField()
    scanned_by = serializers.CharField(help_text="virus scanner that found nothing; empty: not scanned")


class CaseDetail(CaseSummary):
    parties = serializers.ListField(child=serializers.DictField())
    events = serializers.ListField(child=serializers.DictField())
    actions = serializers.ListField(child=serializers.DictField())
    attachments = AttachmentDetail(many=True)


class ClockDetail(serializers.Serializer):
    name = serializers.CharField()
    rule = serializers.CharField()
    article = serializers.CharField()
    citation = serializers.CharField(help_text="the article with the short name of its law, in the request's language")
    status = serializers.CharField()
    started_at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    provisional = serializers.BooleanField()
    working_days_left = serializers.IntegerField(allow_null=True)
    derivation = DerivedDaySerializer(many=True)
    ledger = serializers.ListField(child=serializers.DictField())


def summary(row: page.CaseRow) -> dict[str, Any]:
    case, clock = row.case, row.clock
    return {
        "number": case.number,
        "title": case.title,
        "family": case.family,
        "state": case.state,
        "state_label": row.state,
        "version": case.seq,
        "opened_at": case.opened_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "outcome": case.outcome,
        "due_on": clock.due_on.isoformat() if clock and clock.due_on else None,
        "clock": clock.status if clock else None,
    }


class CaseList(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("box", str, enum=["todo", "submitted", "done", "overdue", "followed", "all"]),
            OpenApiParameter("cursor", str),
        ],
        responses=CaseSummary(many=True),
    )
    def get(self, request: Request) -> Response:
        """Cases by box, newest first, with the cursor of the next page."""
        known = views.boxes()
        box = request.query_params.get("box", "all")
        if box not in known:
            raise BadInput(_("There is no such box."), {"box": ", ".join(known)})
        cases, following = views.one_page(known[box][1](request.actor), request.query_params.get("cursor", ""))
        rows = page.rows(cases, timezone.now())
        return Response({"results": [summary(row) for row in rows], "next": following or None})


def detail(case: Case, request: Request) -> dict[str, Any]:
    """One case for the asking actor: parties, events, and actions with their inputs or why they are closed."""
    shown = page.page(case, request.actor, timezone.now())
    return {
        **summary(page.rows([case], timezone.now())[0]),
        "parties": [
            {"party": row.party, "organization": party.name, "awaited": party.awaited}
            for row, party in zip(_shown_rows(shown), shown.parties, strict=True)
        ],
        "events": [_event(shown, event, request.actor) for event in shown.matter.events],
        "actions": [_action(shown, view) for view in shown.actions],
        "attachments": [_attachment(row) for row in shown.attachments],
    }


def _shown_rows(shown: page.CasePage) -> list[Any]:
    return [row for row in shown.matter.parties if not row.is_organ or row.sees_from is not None]


def _event(shown: page.CasePage, event: Any, actor: Actor) -> dict[str, Any]:
    hidden = withheld(shown.matter, event, actor)
    return {
        "seq": event.seq,
        "kind": event.kind,
        "action": event.action,
        "title": page.event_title(shown.matter, event),
        "at": event.at.isoformat(),
        "by": event.person_name,
        "position": event.position,
        "deputy_for": event.deputy_for.user.full_name if event.deputy_for else None,
        "from": event.from_state,
        "to": event.to_state,
        "opinion": "" if hidden else event.opinion,
        "inputs": {} if hidden else event.inputs,
        "rule": event.rule,
        "late": event.late,
        "deemed": event.deemed,
    }


def _action(shown: page.CasePage, view: page.ActionView) -> dict[str, Any]:
    matter = shown.matter
    inputs = {name: matter.compiled.input(matter.procedure, name) for name in view.action.inputs}
    return {
        "action": view.action.id,
        "label": page.said(view.action.label),
        "open": view.open,
        "why_closed": told(matter.compiled, view.reasons),
        "inputs": [
            {
                "name": name,
                "type": definition.type,
                "label": page.said(definition.label),
                "required": view.action.inputs[name] == "required",
                "options": _options(shown, definition),
            }
            for name, definition in inputs.items()
        ],
    }


def _cited(rule: Rule, instrument: Instrument | None) -> str:
    return citation(rule, instrument, get_language() or "zh-hans")


def _options(shown: page.CasePage, definition: Input) -> list[str]:
    if definition.type == "items":
        return [choice.value for choice in shown.matter.choices()]
    return [key for key, _label in definition.options]


class CaseView(APIView):
    @extend_schema(responses=CaseDetail)
    def get(self, request: Request, number: str) -> Response:
        """One case: where it stands, who is in it, what happened, what may be done and why not."""
        return Response(detail(selectors.case_by_number(request.actor, number), request))


class CaseAction(APIView):
    @extend_schema(
        request=ActionRequest,
        responses={200: CaseDetail, 409: GateClosed},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    )
    def post(self, request: Request, number: str, action: str) -> Response:
        """Take an action. The same Idempotency-Key answers as the first time.

        A closed gate is 409 with rule, article and sentence of each condition; so is a stale version, with who moved
        the case. Who may not take the action at all gets 403.
        """
        case = selectors.case_by_number(request.actor, number)
        body = ActionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        services.act(
            request.actor,
            case.pk,
            action,
            version=body.validated_data["version"],
            given=body.validated_data.get("inputs"),
            opinion=body.validated_data.get("opinion", ""),
            idempotency_key=request.headers.get("Idempotency-Key", "")[:100],
        )
        return Response(detail(selectors.case_by_number(request.actor, number), request))


class SeenCase(serializers.Serializer):
    number = serializers.CharField()
    version = serializers.IntegerField(help_text="the case's version that you saw")


class BulkRequest(serializers.Serializer):
    action = serializers.SlugField()
    cases = SeenCase(many=True)
    opinion = serializers.CharField(required=False, allow_blank=True)


class BulkOutcome(serializers.Serializer):
    number = serializers.CharField()
    done = serializers.BooleanField()
    status = serializers.IntegerField(help_text="as if the case had been acted on by itself")
    refusal = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(allow_null=True)


class BulkAction(APIView):
    @extend_schema(
        request=BulkRequest,
        responses=BulkOutcome(many=True),
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
    )
    def post(self, request: Request) -> Response:
        """Take one action on several cases, each by itself; the same Idempotency-Key does nothing twice."""
        body = BulkRequest(data=request.data)
        body.is_valid(raise_exception=True)
        action = body.validated_data["action"]
        outcomes = act_on_many(
            request.actor,
            picks=[Pick(seen["number"], seen["version"], action) for seen in body.validated_data["cases"]],
            opinion=body.validated_data.get("opinion", ""),
            idempotency_key=request.headers.get("Idempotency-Key", "")[:100],
        )
        return Response({"results": [_outcome(outcome) for outcome in outcomes]})


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "number": outcome.pick.number,
        "done": outcome.done,
        "status": outcome.status,
        "refusal": outcome.refusal,
        "version": outcome.event.seq if outcome.event else None,
    }


class CaseClocks(APIView):
    @extend_schema(responses=ClockDetail(many=True))
    def get(self, request: Request, number: str) -> Response:
        """The time limits of a case, each with the derivation of its due date and its ledger."""
        case = selectors.case_by_number(request.actor, number)
        return Response([_clock(view) for view in page.clocks_of(case, timezone.now())])


def _clock(view: page.ClockView) -> dict[str, Any]:
    clock, derivation = view.clock, view.derivation
    return {
        "name": clock.name,
        "rule": clock.rule,
        "article": view.rule.article,
        "citation": _cited(view.rule, view.instrument),
        "status": view.status,
        "started_at": clock.started_at.isoformat(),
        "due_on": clock.due_on.isoformat() if clock.due_on else None,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "provisional": clock.provisional,
        "working_days_left": view.left,
        "derivation": [DerivedDaySerializer(step).data for step in (derivation.days if derivation else ())],
        "ledger": [
            {
                "kind": entry.kind,
                "at": entry.at.isoformat(),
                "amount": entry.amount,
                "rule": entry.rule,
                "due_before": entry.due_before.isoformat() if entry.due_before else None,
                "due_after": entry.due_after.isoformat() if entry.due_after else None,
                "note": entry.note,
            }
            for entry in view.ledger
        ],
    }


class CaseFile(FileView):
    @extend_schema(responses={(200, "application/pdf"): bytes})
    def get(self, request: Request, number: str) -> FileResponse:
        """The whole file of a case as PDF: every event, time limit, paper and basis. Taking it is recorded."""
        case = selectors.case_by_number(request.actor, number)
        return views.file_answer(case, services.export_case_file(request.actor, case))


class CommentRequest(serializers.Serializer):
    audience = Choice(Comment.Audience.choices)
    text = serializers.CharField(max_length=4000)
    mentions = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="ids of people who may read the comment"
    )


class CommentDetail(serializers.Serializer):
    id = serializers.IntegerField()
    audience = serializers.CharField()
    text = serializers.CharField(help_text="empty once withdrawn")
    author = serializers.CharField()
    organization = serializers.CharField()
    created_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    mentions = serializers.ListField(child=serializers.CharField())


def _comment(row: Comment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "audience": row.audience,
        "text": "" if row.withdrawn_at else row.text,
        "author": row.author.full_name,
        "organization": row.organization.shown_name,
        "created_at": row.created_at.isoformat(),
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        "mentions": [mention.user.full_name for mention in row.mentions.all()],
    }


class CaseComments(APIView):
    @extend_schema(responses=CommentDetail(many=True))
    def get(self, request: Request, number: str) -> Response:
        """What is said about a case, of what the asking position may read, oldest first."""
        case = selectors.case_by_number(request.actor, number)
        return Response([_comment(row) for row in conversation.comments(request.actor, case)])

    @extend_schema(request=CommentRequest, responses={201: CommentDetail})
    def post(self, request: Request, number: str) -> Response:
        """Say something, to the own organization or to everybody who may see the case; who is mentioned is told."""
        case = selectors.case_by_number(request.actor, number)
        body = CommentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.comment(request.actor, case, **body.validated_data)
        return Response(_comment(row), status=status.HTTP_201_CREATED)


class CaseComment(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: str, comment_id: int) -> Response:
        """Withdraw one's own comment: its words are not shown any more."""
        selectors.case_by_number(request.actor, number)
        services.withdraw_comment(request.actor, comment_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CaseFollowing(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, number: str) -> Response:
        """Follow a case: be told of every event."""
        services.follow(request.actor, selectors.case_by_number(request.actor, number))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: str) -> Response:
        """Follow it no more."""
        services.unfollow(request.actor, selectors.case_by_number(request.actor, number))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Attachments(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={
            "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
        },
        responses={201: AttachmentDetail},
    )
    def post(self, request: Request) -> Response:
        """Hand in a file, to be named in an action or a request. Type and size are checked by content."""
        upload = request.FILES.get("file")
        if upload is None:
            raise BadInput(_("There is no file."), {"file": _("Send it as the field “file”.")})
        stored = services.store_attachment(request.actor, name=upload.name, stream=upload.file, size=upload.size)
        return Response(_attachment(stored), status=status.HTTP_201_CREATED)


def _attachment(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "size": row.size,
        "content_type": row.content_type,
        "sha256": row.digest,
        "scanned_by": row.scanned_by,
    }
