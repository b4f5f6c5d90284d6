"""JSON bodies over the API are bounded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from organizations.actors import Actor

pytestmark = pytest.mark.django_db


def test_a_json_body_beyond_the_limit_is_refused_before_it_is_read(
    applicant_handler: Actor, api_for: Callable[[Actor], APIClient], settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2048
    answer = api_for(applicant_handler).post("/api/v1/share-requests/", {"basis": "长" * 2000}, format="json")
    assert answer.status_code == 413
    assert answer.json()["error"]["message"]
