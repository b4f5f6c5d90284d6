"""Every refusal and failure as one page in the browser and one JSON shape over the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import (
    APIException,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    ParseError,
    Throttled,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from cases.errors import DoorClosed
from organizations.actors import Actor
from organizations.carrying import BEFORE_KEY, carried_again, is_own_form
from organizations.errors import BadInput, Conflict, NotKnown, Refused, TooMany

logger = structlog.get_logger(__name__)

FAILED = 500
LED_BACK = ("/cases/", "/sharing/")
CODES = {
    400: "bad_input",
    401: "not_authenticated",
    403: "not_permitted",
    404: "not_known",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many",
    500: "failed",
}
TITLES = {
    400: gettext_lazy("The input is not right"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is nothing here"),
    405: gettext_lazy("Nothing opens at this address"),
    409: gettext_lazy("This has moved in the meantime"),
    413: gettext_lazy("This is too large"),
    429: gettext_lazy("Too often"),
    500: gettext_lazy("Something went wrong on our side"),
}
GATE_CODE = "gate_closed"
GATE_TITLE = gettext_lazy("This cannot be done yet")
GATE_ADVICE = gettext_lazy("Put right what is named here, then do it again.")
ADVICE = {
    400: gettext_lazy("Go back, mend what is marked and send it again."),
    403: gettext_lazy("Check which of your positions you are acting in, or ask the person who holds the right one."),
    405: gettext_lazy("It only takes what a form sends. Go back to the page with the form."),
    404: gettext_lazy("The address may be wrong, or what was here is not for you to see."),
    409: gettext_lazy("Open it again to see where it stands, then decide."),
    413: gettext_lazy("Send a smaller file, or several."),
    429: gettext_lazy("Wait a little and try again."),
    500: gettext_lazy(
        "Nothing was half done. Try again; if it fails again, give the number below to the administrator."
    ),
}


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", "") or structlog.contextvars.get_contextvars().get("request_id", ""))


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def body(
    status: int,
    message: object,
    *,
    fields: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    code: str = "",
) -> dict[str, Any]:
    """The one JSON shape of an error: `{"error": {status, code, message, fields, details, request_id}}`."""
    return {
        "error": {
            "status": status,
            "code": code or CODES.get(status, "refused"),
            "message": str(message),
            "fields": {name: [str(t) for t in _listed(text)] for name, text in (fields or {}).items()},
            "details": dict(details or {}),
            "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        }
    }


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def error_page(
    request: HttpRequest,
    status: int,
    message: object = "",
    *,
    fields: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """The page (or, under /api/, the JSON) for a status. `fields`: field name to what is wrong with it."""
    if is_api(request):
        response: HttpResponse = JsonResponse(
            body(status, message or TITLES.get(status, ""), fields=fields, details=details), status=status
        )
    else:
        context = {
            "status": status,
            "title": TITLES.get(status, TITLES[400]),
            "message": message,
            "advice": ADVICE.get(status, ""),
            "fields": dict(fields or {}),
            "details": dict(details or {}),
            "request_id": _request_id(request),
        }
        response = _page(request, context, status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """With menu, city and name for who is signed in, unless something failed on our side."""
    if status < FAILED and isinstance(getattr(request, "actor", None), Actor):
        try:
            return render(request, "portal/error.html", {**context, "layout": "portal/base.html"}, status=status)
        except DatabaseError:
            logger.warning("error_page_without_shell", exc_info=True)
    return render(request, "portal/error.html", {**context, "layout": "portal/base_plain.html"}, status=status)


def way_back(path: str) -> str:
    """The nearest page above an address that only takes what a form sends; "" where there is none to go back to."""
    path = path.rstrip("/").rpartition("/")[0] + "/"
    while path.startswith(LED_BACK) and path not in LED_BACK:
        try:
            resolve(path)
        except Resolver404:
            path = path.rstrip("/").rpartition("/")[0] + "/"
        else:
            return path
    return ""


def no_such_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page instead of Django's empty 405; who only looks at an address of a form is led to the page above it."""
    if request.method in ("GET", "HEAD") and (above := way_back(request.path)):
        return HttpResponseRedirect(above)
    page = error_page(request, 405)
    page.headers["Allow"] = response.headers.get("Allow", "")
    return page


def page_for(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """The page for an exception that a view raised, or None where Django's own handling is right."""
    if isinstance(exception, RequestDataTooBig):
        return error_page(request, 413)
    if isinstance(exception, DoorClosed):
        return gate_page(request, exception)
    if not isinstance(exception, Refused):
        return None
    return error_page(
        request,
        exception.status,
        exception.message,
        fields=exception.fields if isinstance(exception, BadInput) else None,
        details=exception.details if isinstance(exception, Conflict) else None,
        retry_after=exception.retry_after if isinstance(exception, TooMany) else None,
    )


def gate_page(request: HttpRequest, closed: DoorClosed) -> HttpResponse:
    """What closes a gate, each sentence with the article behind it; nothing has moved and nothing is missing."""
    if is_api(request):
        refusal = body(closed.status, closed.message, details=closed.details, code=GATE_CODE)
        return JsonResponse(refusal, status=closed.status)
    context = {
        "status": closed.status,
        "title": GATE_TITLE,
        "advice": GATE_ADVICE,
        "reasons": closed.details["reasons"],
        "request_id": _request_id(request),
    }
    return _page(request, context, closed.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is of another session: shown once more to the person who signed in again since.

    Somebody else in the same browser learns whose form it cannot be; anything from elsewhere is refused.
    """
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor) or not is_own_form(request):
        message = _("The form was opened too long ago or from another page. Open it again; nothing was saved.")
    elif request.session.get(BEFORE_KEY, actor.user.pk) != actor.user.pk:
        message = _("Somebody else signed in since this form was opened. Nothing was saved. Open the page again.")
    elif carried := carried_again(request, actor):
        context = {"carried": carried, "next": carried.url, "signed_in_again": True}
        return render(request, "organizations/resume.html", context, status=403)
    else:
        message = _("You signed in since this form was opened. Nothing was saved. Open the page again.")
    return error_page(request, 403, message)


def _refused_response(refused: Refused) -> Response:
    fields = refused.fields if isinstance(refused, BadInput) else None
    details = refused.details if isinstance(refused, Conflict) else None
    code = GATE_CODE if isinstance(refused, DoorClosed) else ""
    shown = body(refused.status, refused.message, fields=fields, details=details, code=code)
    response = Response(shown, status=refused.status)
    if isinstance(refused, TooMany) and refused.retry_after is not None:
        response["Retry-After"] = str(refused.retry_after)
    return response


def _flat(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested serializer errors as `{"items.0.code": [sentence]}`."""
    if isinstance(detail, Mapping):
        pairs = detail.items()
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        pairs = {str(index): part for index, part in enumerate(detail)}.items()
    else:
        return {prefix or "non_field_errors": [str(part) for part in _listed(detail)]}
    found: dict[str, list[str]] = {}
    for name, part in pairs:
        found.update(_flat(part, f"{prefix}.{name}" if prefix else str(name)))
    return found


def _unreadable(error: ParseError) -> dict[str, Any]:
    """A body that is not what its Content-Type says: where it stops making sense, in the reader's language."""
    cause = error.__context__
    if isinstance(cause, json.JSONDecodeError):
        sentence = _("This is not JSON from line %(line)s, column %(column)s on.") % {
            "line": cause.lineno,
            "column": cause.colno,
        }
    elif isinstance(cause, UnicodeDecodeError):
        sentence = _("The text is not in UTF-8.")
    else:
        sentence = _("The body cannot be read as what its Content-Type says.")
    return body(400, sentence, fields={"body": sentence})


def _framework_sentence(exception: APIException) -> object:
    """What the framework refuses, in our words; the texts of our own classes stay as they are."""
    if isinstance(exception, MethodNotAllowed):
        return _("This address does not take this method.")
    if isinstance(exception, UnsupportedMediaType):
        return _("This kind of content is not taken here. Send JSON, or a form where a file is asked for.")
    if isinstance(exception, NotAcceptable):
        return _("The answer cannot be given in the format asked for. Ask for JSON.")
    if isinstance(exception, Throttled):
        return TITLES[429]
    if isinstance(exception, NotAuthenticated):
        return _("Sign in, or send a token.")
    return exception.detail


def api_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our refusals, Django's and DRF's own, all in one shape."""
    if isinstance(exception, Http404):
        exception = NotKnown(TITLES[404])
    elif isinstance(exception, DjangoValidationError):
        exception = BadInput(TITLES[400], dict(exception.message_dict) if hasattr(exception, "error_dict") else {})
    if isinstance(exception, Refused):
        set_rollback()
        return _refused_response(exception)
    if isinstance(exception, RequestDataTooBig):
        return Response(body(413, TITLES[413]), status=413)
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        response.data = body(400, TITLES[400], fields=_flat(exception.detail))
    elif isinstance(exception, ParseError):
        response.data = _unreadable(exception)
    elif isinstance(exception, APIException):
        response.data = body(response.status_code, _framework_sentence(exception))
    elif isinstance(exception, PermissionDenied):
        response.data = body(403, TITLES[403])
    return response
