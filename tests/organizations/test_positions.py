"""Positions: who gives them, what goes with them, what ends with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from organizations import selectors, services
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import Position, User
from tests.cast import PASSWORD, SYSTEM, Cast, new_actor, new_organization, signed_in_client, token_client

HANDLER, LEADER = Position.Kind.HANDLER, Position.Kind.LEADER


def new_user(username: str = "newcomer") -> User:
    return services.open_account(SYSTEM, username=username, full_name="新来").user


def group_of(actor: Actor) -> Group:
    return Group.objects.get(name=f"organization:{actor.organization.pk}")


def test_the_cast_stands(cast: Cast) -> None:
    """Every person of the cast holds exactly the position that the role says, in two jurisdictions."""
    for place in (cast.enshi, cast.xianyang):
        for actor in place.actors.values():
            assert list(selectors.positions_of(actor.user)) == [actor.position]
        assert selectors.organs(place.jurisdiction.pk, "bureau") == [place.bureau]


def test_an_administrator_gives_a_position_and_the_group_follows(administrator: Actor, cast: Cast) -> None:
    user = new_user()
    position = services.give_position(administrator, user=user, organization=cast.enshi.provider, kind=HANDLER)
    assert list(selectors.positions_of(user)) == [position]
    assert user in group_of(cast.enshi.provider_handler).user_set.all()
    entry = AuditEntry.objects.filter(verb="position.give").latest("pk")
    assert (entry.person, entry.data["person_id"]) == (administrator.user.full_name, user.pk)


@pytest.mark.parametrize("role", ["applicant_leader", "bureau_approver", "auditor", "outsider"])
def test_nobody_else_gives_a_position(cast: Cast, role: str) -> None:
    with pytest.raises(NotPermitted):
        services.give_position(cast.enshi.actors[role], user=new_user(), organization=cast.enshi.outside, kind=HANDLER)


def test_an_administrator_has_no_say_in_another_jurisdiction(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.give_position(administrator, user=new_user(), organization=cast.xianyang.provider, kind=HANDLER)
    with pytest.raises(NotPermitted):
        services.leave_position(administrator, cast.xianyang.provider_handler.position.pk)


def test_nobody_gives_a_position_to_themselves(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.give_position(administrator, user=administrator.user, organization=cast.enshi.provider, kind=LEADER)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_administrators_and_auditors_hold_nothing_else(cast: Cast, role: str) -> None:
    """Managing, auditing and operating are apart (GB/T 39477-2020, 6.2), in both directions."""
    person = cast.enshi.actors[role]
    with pytest.raises(Conflict):
        services.give_position(SYSTEM, user=person.user, organization=cast.enshi.provider, kind=HANDLER)
    with pytest.raises(Conflict):
        services.give_position(
            SYSTEM, user=cast.enshi.outsider.user, organization=cast.enshi.provider, kind=person.kind
        )


def test_an_administrator_may_administer_two_jurisdictions(administrator: Actor, cast: Cast) -> None:
    services.give_position(
        SYSTEM, user=administrator.user, organization=cast.xianyang.bureau, kind=Position.Kind.ADMINISTRATOR
    )
    assert selectors.positions_of(administrator.user).count() == 2


def test_a_position_is_held_once(outsider: Actor) -> None:
    with pytest.raises(Conflict):
        services.give_position(SYSTEM, user=outsider.user, organization=outsider.organization, kind=outsider.kind)


def test_a_position_begins_and_ends_on_its_days(cast: Cast) -> None:
    """The first and the last day are both within; the days are those of the portal's time zone."""
    user = new_user()
    services.give_position(
        SYSTEM,
        user=user,
        organization=cast.enshi.provider,
        kind=HANDLER,
        active_from=date(2026, 3, 2),
        active_until=date(2026, 3, 4),
    )
    for day, held in [(1, False), (2, True), (4, True), (5, False)]:
        assert selectors.positions_of(user, date(2026, 3, day)).exists() is held
        assert selectors.positions_of(user, date(2026, 3, day)).count() == sum(
            position.is_held(date(2026, 3, day)) for position in user.positions.all()
        )


def test_a_period_that_ends_before_it_begins_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        services.give_position(
            SYSTEM,
            user=new_user(),
            organization=cast.enshi.provider,
            kind=HANDLER,
            active_from=date(2026, 3, 2),
            active_until=date(2026, 3, 1),
        )
    assert "active_until" in refused.value.fields


def test_leaving_ends_everything_at_once(administrator: Actor, provider_leader: Actor, cast: Cast) -> None:
    """Tokens, sessions, deputies and the group end with the position, within the same day."""
    deputy = cast.enshi.provider_handler
    until = timezone.localdate() + timedelta(days=9)
    services.appoint_deputy(
        provider_leader, position=provider_leader.position, user=deputy.user, active_until=until, reason="出差"
    )
    deputising = selectors.positions_of(deputy.user).get(kind=LEADER)
    browsers = [signed_in_client(provider_leader), signed_in_client(Actor(deputy.user, deputising))]
    apis = [token_client(provider_leader), token_client(Actor(deputy.user, deputising))]
    assert [browser.get("/account/").status_code for browser in browsers] == [200, 200]

    services.leave_position(administrator, provider_leader.position.pk)

    assert not selectors.positions_of(provider_leader.user).exists()
    assert list(selectors.positions_of(deputy.user)) == [deputy.position]
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]
    assert [selectors.live_token(api._credentials["HTTP_AUTHORIZATION"].split()[1]) for api in apis] == [None, None]
    assert provider_leader.user not in group_of(deputy).user_set.all()
    assert deputy.user in group_of(deputy).user_set.all()
    assert AuditEntry.objects.filter(verb="position.leave").count() == 2


def test_leaving_twice_changes_nothing(administrator: Actor, outsider: Actor) -> None:
    services.leave_position(administrator, outsider.position.pk)
    services.leave_position(administrator, outsider.position.pk)
    assert AuditEntry.objects.filter(verb="position.leave").count() == 1


def test_who_left_may_be_given_the_position_again(administrator: Actor, outsider: Actor) -> None:
    services.leave_position(administrator, outsider.position.pk)
    again = services.give_position(
        administrator, user=outsider.user, organization=outsider.organization, kind=outsider.kind
    )
    assert list(selectors.positions_of(outsider.user)) == [again]


def test_what_was_held_before_leaving_stays_known(administrator: Actor, cast: Cast) -> None:
    user = new_user()
    position = services.give_position(
        SYSTEM, user=user, organization=cast.enshi.provider, kind=HANDLER, active_from=date(2026, 1, 1)
    )
    services.leave_position(administrator, position.pk)
    assert selectors.positions_of(user, date(2026, 1, 2)).exists()
    assert not selectors.positions_of(user).exists()


def test_a_person_who_leaves_for_good_loses_the_account(administrator: Actor, outsider: Actor) -> None:
    user = services.leave_organizations(administrator, outsider.user.pk)
    assert not user.is_active
    answer = Client().post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in answer.client.session


def test_an_account_with_positions_elsewhere_stays_open(administrator: Actor, outsider: Actor, cast: Cast) -> None:
    services.give_position(SYSTEM, user=outsider.user, organization=cast.xianyang.outside, kind=HANDLER)
    assert services.leave_organizations(administrator, outsider.user.pk).is_active
    assert selectors.positions_of(outsider.user).get().organization == cast.xianyang.outside


def test_an_administrator_cannot_make_a_stranger_leave(administrator: Actor, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.leave_organizations(administrator, cast.xianyang.outsider.user.pk)


def test_a_deputy_is_appointed_by_the_holder_only(outsider: Actor, provider_leader: Actor) -> None:
    until = timezone.localdate() + timedelta(days=3)
    with pytest.raises(NotPermitted):
        services.appoint_deputy(
            outsider, position=provider_leader.position, user=outsider.user, active_until=until, reason="出差"
        )


def test_a_deputy_never_stays_longer_than_the_holder(cast: Cast) -> None:
    today = timezone.localdate()
    user = new_user()
    position = services.give_position(
        SYSTEM, user=user, organization=cast.enshi.provider, kind=LEADER, active_until=today + timedelta(days=2)
    )
    deputy = cast.enshi.provider_handler.user
    holder = Actor(user, position)
    with pytest.raises(BadInput):
        services.appoint_deputy(
            holder, position=position, user=deputy, active_until=today + timedelta(days=3), reason="出差"
        )
    with pytest.raises(BadInput):
        services.appoint_deputy(holder, position=position, user=user, active_until=today, reason="r")


def test_a_deputy_appoints_no_deputy(provider_leader: Actor, provider_handler: Actor, outsider: Actor) -> None:
    until = timezone.localdate() + timedelta(days=3)
    deputy = services.appoint_deputy(
        provider_leader,
        position=provider_leader.position,
        user=provider_handler.user,
        active_until=until,
        reason="出差",
    )
    with pytest.raises(Conflict):
        services.appoint_deputy(
            Actor(provider_handler.user, deputy), position=deputy, user=outsider.user, active_until=until, reason="出差"
        )


def test_holders_include_deputies(provider_leader: Actor, provider_handler: Actor) -> None:
    until = timezone.localdate() + timedelta(days=3)
    services.appoint_deputy(
        provider_leader,
        position=provider_leader.position,
        user=provider_handler.user,
        active_until=until,
        reason="出差",
    )
    found = selectors.holders(provider_leader.organization.pk, LEADER)
    assert {position.user for position in found} == {provider_leader.user, provider_handler.user}
    assert len(selectors.hands(provider_leader.organization.pk)[LEADER]) == 2


def test_administrators_alone_open_the_administration(cast: Cast) -> None:
    """is_staff and the group's permissions follow the position; nobody is a superuser."""
    administrator = cast.enshi.administrator
    assert list(User.objects.filter(is_staff=True)) == [administrator.user]
    assert not User.objects.filter(is_superuser=True).exists()
    user = User.objects.get(pk=administrator.user.pk)
    assert user.has_perm("organizations.change_organization")
    assert not user.has_perm("organizations.delete_organization")
    services.leave_position(SYSTEM, administrator.position.pk)
    user = User.objects.get(pk=user.pk)
    assert not user.is_staff
    assert not user.has_perm("organizations.change_organization")


def test_groups_follow_the_calendar(cast: Cast) -> None:
    """A position that begins later or passes its last day changes the group when the daily task has run."""
    user = new_user()
    zone = ZoneInfo("Asia/Shanghai")
    start = timezone.localdate() + timedelta(days=5)
    services.give_position(
        SYSTEM,
        user=user,
        organization=cast.enshi.outside,
        kind=LEADER,
        active_from=start,
        active_until=start + timedelta(days=1),
    )
    group = group_of(cast.enshi.outsider)
    assert user not in group.user_set.all()
    for shift, member in [(0, True), (1, True), (2, False)]:
        moment = datetime.combine(start + timedelta(days=shift), datetime.min.time(), zone) + timedelta(hours=1)
        with time_machine.travel(moment, tick=False):
            services.mirror_all()
            assert (user in group.user_set.all()) is member


def test_no_position_in_an_organization_that_has_ended(cast: Cast) -> None:
    gone = new_organization(cast.enshi.jurisdiction, "旧单位")
    services.merge_organization(SYSTEM, gone.pk, into_id=cast.enshi.provider.pk, on=timezone.localdate())
    gone.refresh_from_db()
    with pytest.raises(Conflict):
        new_actor(gone, HANDLER, "late")
