"""The workbench, the to-do list and the console cost the same, whoever looks and however much there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.actors import Actor
from tests.cast import Place, signed_in_client
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def queries(actor: Actor, address: str) -> int:
    """Of a page whose law has been read before, as it has in a running process."""
    browser = signed_in_client(actor)
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return len(captured)


def more_cases(place: Place, first: int, last: int) -> None:
    resource = published_resource(place, title=f"目录{first}")
    for number in range(first, last):
        case = filed(place, resource, key=f"k{number}")
        if number % 2:
            act(place.applicant_leader, case, "endorse")


@pytest.mark.parametrize("address", ["/", "/cases/?box=todo", "/cases/owed/"])
def test_at_most_twelve_queries_and_no_more_for_more_cases(enshi: Place, address: str) -> None:
    roles = ("applicant_handler", "applicant_leader", "provider_handler", "provider_leader", "bureau_approver")
    more_cases(enshi, 0, 2)
    before = {role: queries(enshi.actors[role], address) for role in roles}
    more_cases(enshi, 2, 8)
    after = {role: queries(enshi.actors[role], address) for role in roles}
    assert max(after.values()) <= MOST_QUERIES, after
    assert all(after[role] <= before[role] for role in roles), (before, after)
