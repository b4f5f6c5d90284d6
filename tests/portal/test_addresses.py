"""Addresses that nobody honest sends are refused, never a failure of ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organizations.actors import Actor

PATHS = ["/cases/?q=%00", "/cases/%00/", "/catalog/?format=%00", "/search/?q=%00", "/api/v1/cases/%00/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_nul_character_in_an_address_is_bad_input(
    path: str, client_for: Callable[[Actor], Client], applicant_handler: Actor
) -> None:
    assert client_for(applicant_handler).get(path).status_code == 400


@pytest.mark.django_db
def test_a_digit_that_is_no_decimal_chooses_no_provider(
    client_for: Callable[[Actor], Client], applicant_handler: Actor
) -> None:
    assert client_for(applicant_handler).get("/catalog/?provider=²").status_code == 200
