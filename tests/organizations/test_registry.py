"""Jurisdictions, organizations, functions, organ roles, mergers, and who sees the directory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from organizations import selectors, services
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Organization
from tests.cast import SYSTEM, Cast, made_up_code, new_organization


def test_a_credit_code_with_a_wrong_check_digit_is_refused(administrator: Actor, cast: Cast) -> None:
    code = made_up_code(77)
    wrong = code[:-1] + ("1" if code[-1] == "0" else "0")
    with pytest.raises(BadInput) as refused:
        services.register_organization(administrator, jurisdiction=cast.enshi.jurisdiction, code=wrong, name="某单位")
    assert "code" in refused.value.fields


def test_letters_in_a_credit_code_are_accepted_however_they_are_typed(administrator: Actor, cast: Cast) -> None:
    """N… and other registering authorities; spaces, small letters and full-width digits are mended."""
    organization = services.register_organization(
        administrator, jurisdiction=cast.enshi.jurisdiction, code=" 91350100-m000100y43 ", name="某单位"
    )
    assert organization.code == "91350100M000100Y43"


def test_a_code_of_another_scheme_is_marked_and_not_checked(administrator: Actor, cast: Cast) -> None:
    organization = services.register_organization(
        administrator,
        jurisdiction=cast.enshi.jurisdiction,
        code="ABC-1",
        code_scheme=Organization.CodeScheme.OUTSIDE,
        name="某单位",
    )
    assert organization.code_scheme == "outside"


def test_a_code_is_taken_once(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(Conflict):
        services.register_organization(
            administrator, jurisdiction=cast.enshi.jurisdiction, code=cast.enshi.provider.code, name="某单位"
        )


@pytest.mark.parametrize("role", ["outsider", "bureau_approver", "auditor"])
def test_only_the_jurisdictions_administrator_registers(cast: Cast, role: str) -> None:
    for actor in (cast.enshi.actors[role], cast.xianyang.administrator):
        with pytest.raises(NotPermitted):
            services.register_organization(
                actor, jurisdiction=cast.enshi.jurisdiction, code=made_up_code(78), name="某单位"
            )
        with pytest.raises(NotPermitted):
            services.amend_organization(actor, cast.enshi.provider.pk, changes={"name": "别名"})
        with pytest.raises(NotPermitted):
            services.add_function(actor, organization=cast.enshi.provider, title="职能", basis="依据")


def test_an_amendment_records_what_was_and_what_is(administrator: Actor, cast: Cast) -> None:
    services.amend_organization(administrator, cast.enshi.provider.pk, changes={"short_name": "统计"})
    entry = AuditEntry.objects.filter(verb="organization.amend").latest("pk")
    assert entry.data["after"] == {"short_name": "统计"}
    assert entry.data["before"] == {"short_name": "统计局"}


def test_code_and_jurisdiction_never_change(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(BadInput):
        services.amend_organization(administrator, cast.enshi.provider.pk, changes={"code": made_up_code(3)})


def test_a_function_needs_its_basis(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        services.add_function(administrator, organization=cast.enshi.provider, title="统计调查", basis=" ")
    assert list(refused.value.fields) == ["basis"]


def test_a_function_that_has_ended_is_not_a_live_one(administrator: Actor, cast: Cast) -> None:
    function = services.add_function(administrator, organization=cast.enshi.provider, title="统计调查", basis="统计法")
    today = timezone.localdate()
    assert list(selectors.live_functions(cast.enshi.provider.pk)) == [function]
    services.end_function(administrator, function.pk, on=today)
    assert not selectors.live_functions(cast.enshi.provider.pk, today + timedelta(days=1)).exists()


def test_a_merged_organ_is_replaced_by_its_successor(cast: Cast) -> None:
    bureau = cast.enshi.bureau
    middle, last = (new_organization(cast.enshi.jurisdiction, name) for name in ("数据局", "数据和政务局"))
    today = timezone.localdate()
    services.merge_organization(SYSTEM, bureau.pk, into_id=middle.pk, on=today)
    services.merge_organization(SYSTEM, middle.pk, into_id=last.pk, on=today)
    bureau.refresh_from_db()
    assert selectors.current_organization(bureau) == last
    assert selectors.organs("enshi", "bureau") == [last]


def test_mergers_never_run_in_a_circle(cast: Cast) -> None:
    one, other = (new_organization(cast.enshi.jurisdiction, name) for name in ("甲", "乙"))
    services.merge_organization(SYSTEM, one.pk, into_id=other.pk, on=timezone.localdate())
    with pytest.raises(Conflict):
        services.merge_organization(SYSTEM, other.pk, into_id=one.pk, on=timezone.localdate())


def test_only_the_operator_adds_a_jurisdiction(administrator: Actor) -> None:
    with pytest.raises(NotPermitted):
        services.register_jurisdiction(
            administrator, jurisdiction_id="x", name_zh="某地", name_en="X", region="000000", pack="x"
        )


def test_the_directory_is_open_to_everyone_signed_in_and_to_nobody_else(cast: Cast) -> None:
    assert cast.xianyang.provider in selectors.directory(cast.enshi.outsider)
    assert not selectors.directory(None).exists()
    with pytest.raises(NotKnown):
        selectors.organization_for(None, cast.enshi.provider.pk)


def test_the_directory_finds_by_name_and_by_code(cast: Cast) -> None:
    outsider, provider = cast.enshi.outsider, cast.enshi.provider
    assert list(selectors.directory(outsider, query="统计")) == [provider]
    assert list(selectors.directory(outsider, query=provider.code[:16])) == [provider]


def test_people_are_listed_to_their_jurisdictions_administrator_only(cast: Cast) -> None:
    seen = set(selectors.people(cast.enshi.administrator))
    assert seen == {actor.user for actor in cast.enshi.actors.values()}
    cast.xianyang  # noqa: B018
    assert set(selectors.people(cast.enshi.administrator)) == seen
    for role in ("outsider", "auditor", "bureau_approver"):
        assert not selectors.people(cast.enshi.actors[role]).exists()
    with pytest.raises(NotKnown):
        selectors.person_for(cast.enshi.administrator, cast.xianyang.outsider.user.pk)
