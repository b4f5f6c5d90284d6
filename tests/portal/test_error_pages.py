"""Every refusal has its status, one page in the browser and one JSON shape over the API, and leaks nothing."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import translation
from rest_framework.exceptions import NotAuthenticated, ValidationError

from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted, Refused, TooMany
from portal.errors import api_exception, error_page, page_for, server_error

REFUSALS = [
    (BadInput("Not right.", {"purpose": "Enter the purpose."}), 400, "bad_input"),
    (NotPermitted("Not yours."), 403, "not_permitted"),
    (NotKnown("Nothing."), 404, "not_known"),
    (Conflict("Moved.", {"by": "Li"}), 409, "conflict"),
    (TooMany("Too often.", retry_after=30), 429, "too_many"),
]


@pytest.mark.parametrize(("refusal", "status", "code"), REFUSALS)
def test_a_refusal_in_a_view_becomes_the_page_of_its_status(refusal: Refused, status: int, code: str) -> None:
    response = page_for(RequestFactory().get("/somewhere/"), refusal)
    assert response is not None
    assert response.status_code == status
    assert str(refusal.message) in response.content.decode()


@pytest.mark.parametrize(("refusal", "status", "code"), REFUSALS)
def test_a_refusal_over_the_api_has_the_one_shape(refusal: Refused, status: int, code: str) -> None:
    response = api_exception(refusal, {})
    assert response is not None
    assert response.status_code == status
    error = response.data["error"]
    assert set(error) == {"status", "code", "message", "fields", "details", "request_id"}
    assert (error["status"], error["code"], error["message"]) == (status, code, str(refusal.message))


def test_bad_input_names_its_fields_and_a_conflict_who_moved() -> None:
    assert api_exception(REFUSALS[0][0], {}).data["error"]["fields"] == {"purpose": ["Enter the purpose."]}
    assert api_exception(REFUSALS[3][0], {}).data["error"]["details"] == {"by": "Li"}


def test_waiting_time_is_said_to_machines() -> None:
    assert api_exception(REFUSALS[4][0], {})["Retry-After"] == "30"
    assert page_for(RequestFactory().get("/"), REFUSALS[4][0]).headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("exception", "status"), [(Http404(), 404), (PermissionDenied(), 403), (NotAuthenticated(), 401)]
)
def test_errors_of_the_frameworks_have_the_same_shape(exception: Exception, status: int) -> None:
    response = api_exception(exception, {})
    assert response.status_code == status
    assert response.data["error"]["status"] == status


def test_nested_serializer_errors_are_flat_field_names() -> None:
    wrong = ValidationError({"items": [{}, {"code": ["Unknown."]}], "purpose": ["Needed."]})
    fields = api_exception(wrong, {}).data["error"]["fields"]
    assert fields["items.1.code"] == ["Unknown."]
    assert fields["purpose"] == ["Needed."]


def test_too_large_a_body_is_413() -> None:
    assert page_for(RequestFactory().post("/"), RequestDataTooBig()).status_code == 413


def test_a_failure_says_nothing_about_its_cause() -> None:
    text = server_error(RequestFactory().get("/")).content.decode()
    assert "Traceback" not in text
    assert "Exception" not in text


def test_under_api_the_page_is_json() -> None:
    response = error_page(RequestFactory().get("/api/v1/nothing/"), 404)
    assert json.loads(response.content)["error"]["code"] == "not_known"


def test_what_a_user_wrote_is_escaped_on_the_page() -> None:
    response = error_page(RequestFactory().get("/"), 400, "<script>alert(1)</script>")
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_renders_in_both_languages(status: int, language: str) -> None:
    with translation.override(language):
        assert error_page(RequestFactory().get("/"), status).status_code == status


BROKEN = [
    ("application/json", b'{"username": ', "This is not JSON from line 1, column 14 on.", 400),
    ("application/json", b'{"username": "\xff"}', "The text is not in UTF-8.", 400),
    ("multipart/form-data", b"x", "The body cannot be read as what its Content-Type says.", 400),
    (
        "text/csv",
        b"a,b",
        "This kind of content is not taken here. Send JSON, or a form where a file is asked for.",
        415,
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("content_type", "content", "sentence", "status"), BROKEN)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_body_that_cannot_be_read_is_said_in_the_readers_language(
    client: Client, content_type: str, content: bytes, sentence: str, status: int, language: str
) -> None:
    """One shape, none of the framework's own English."""
    answer = client.generic(
        "POST", "/api/v1/auth/token/", content, content_type=content_type, HTTP_ACCEPT_LANGUAGE=language
    )
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"status", "code", "message", "fields", "details", "request_id"}
    assert (error["message"] == sentence) == (language == "en")
    assert error["message"].isascii() == (language == "en")


@pytest.mark.django_db
def test_a_method_and_a_format_that_are_not_known_are_said_in_the_readers_language(client: Client) -> None:
    answer = client.delete("/api/v1/auth/token/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert (answer.status_code, answer.json()["error"]["message"]) == (405, "此地址不支持该请求方法。")
    stranger = client.get("/api/v1/cases/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert (stranger.status_code, stranger.json()["error"]["message"]) == (401, "请先登录或提供令牌。")
