"""What a case rests on is shown as the case's own version of the law has it, beside the rule in force today."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from organizations.actors import Actor
from statutes.models import PackVersion
from tests.cases.test_versions import FIVE, FOUR, _on_monday, changed, folder, in_force
from tests.cast import Place
from tests.laboratory.place import clock, lab, opened

__all__ = ["_on_monday", "folder", "lab"]
pytestmark = pytest.mark.django_db
Clients = Callable[[Actor], Client]


def law_link(page: str, rule: str) -> str:
    found = re.search(rf'class="sh-law[^"]*" href="([^"]*/rules/{re.escape(rule)}/[^"]*)"', page)
    assert found is not None, f"no link to {rule}"
    return unescape(found[1])


def test_the_basis_of_a_case_leads_to_the_law_of_that_case(lab: Place, folder: Path, client_for: Clients) -> None:
    case = opened(lab, "clocks")
    version = changed(folder, "rules.toml", FIVE, FOUR)
    in_force(lab, version)
    reader = client_for(lab.bureau_reviewer)
    rule = clock(case, "reply").rule
    link = law_link(reader.get(f"/cases/{case.number}/").content.decode(), rule)
    assert link.endswith(f"?version={case.pack_version_id}&on={case.law_day}")
    shown = reader.get(link, headers={"accept-language": "en"}).content.decode()
    assert "The law of this case" in shown
    assert "another today" in shown
    assert re.search(r"5 working days → <b>4 working days", shown)
    today = reader.get(link.partition("?")[0], headers={"accept-language": "en"}).content.decode()
    assert "The law of this case" not in today
    assert "4 working days" in today


def test_a_rule_that_did_not_change_says_so(lab: Place, client_for: Clients) -> None:
    case = opened(lab, "clocks")
    reader = client_for(lab.bureau_reviewer)
    link = law_link(reader.get(f"/cases/{case.number}/").content.decode(), clock(case, "reply").rule)
    assert "the same today" in reader.get(link, headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("query", ["version=999999", "version=x&on=2026-02-31", "on=x", "version=1e3"])
def test_an_address_that_is_not_right_is_no_failure(lab: Place, client_for: Clients, query: str) -> None:
    case = opened(lab, "clocks")
    answer = client_for(lab.bureau_reviewer).get(f"/law/lab/rules/{clock(case, 'reply').rule}/?{query}")
    assert answer.status_code in (200, 404)


def test_a_version_of_another_place_has_no_such_rules(lab: Place, client_for: Clients) -> None:
    case = opened(lab, "clocks")
    other = PackVersion.objects.exclude(pack="lab").first()
    if other is None:
        pytest.skip("the laboratory stands alone")
    rule = clock(case, "reply").rule
    assert client_for(lab.bureau_reviewer).get(f"/law/lab/rules/{rule}/?version={other.pk}").status_code == 404
