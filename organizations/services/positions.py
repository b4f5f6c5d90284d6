"""Giving and leaving positions. With a position ends all that rests on it: tokens, sessions, deputies, group."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from organizations.actors import Actor, AnyActor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.models import ApiToken, Organization, Position, User
from organizations.policies import EXCLUSIVE_KINDS, is_administrator, require_administrator

GROUP_PREFIX = "organization:"
ADMINISTRATORS_GROUP = "administrators"
MASTER_DATA = {
    "jurisdiction": ("view",),
    "organization": ("view", "add", "change"),
    "organizationfunction": ("view", "add", "change"),
    "organrole": ("view", "add", "delete"),
}


@transaction.atomic
def give_position(
    actor: AnyActor,
    *,
    user: User,
    organization: Organization,
    kind: str,
    active_from: date | None = None,
    active_until: date | None = None,
) -> Position:
    """Give a person a position in an organization, from a day (today) until a last day (none).

    Administrators give positions in their jurisdiction, never to themselves. Raises NotPermitted, Conflict when the
    position is held already or may not be held beside another, BadInput for the period.
    """
    require_administrator(actor, organization.jurisdiction_id)
    if isinstance(actor, Actor) and actor.user.pk == user.pk:
        raise NotPermitted(_("Nobody gives a position to themselves; ask another administrator."))
    position = Position(
        user=user,
        organization=organization,
        kind=kind,
        active_from=active_from or timezone.localdate(),
        active_until=active_until,
    )
    return _add(actor, "position.give", position)


@transaction.atomic
def appoint_deputy(
    actor: AnyActor,
    *,
    position: Position,
    user: User,
    active_until: date,
    reason: str,
    active_from: date | None = None,
) -> Position:
    """Let another person hold a position for its holder, until a last day that is not after the holder's own.

    By the holder, acting in that position, or by an administrator of the jurisdiction. A position has one deputy at a
    time. Raises NotPermitted, Conflict, and BadInput for the person, the period or a missing reason.
    """
    position = Position.objects.select_for_update(of=("self",)).select_related("organization").get(pk=position.pk)
    begins = active_from or timezone.localdate()
    holder = isinstance(actor, Actor) and actor.position is not None and actor.position.pk == position.pk
    if not holder and not is_administrator(actor, position.organization.jurisdiction_id):
        raise NotPermitted(_("Only the holder of a position or an administrator may appoint a deputy."))
    if user.pk == position.user_id:
        raise BadInput(_("A deputy is another person."), {"user": _("Choose another person.")})
    if position.deputy_for_id or not position.is_held(timezone.localdate()):
        raise Conflict(_("A deputy can be appointed only for a position that is held in one's own right."))
    if position.active_until and active_until > position.active_until:
        raise BadInput(_("A deputy cannot stay longer than the holder."), {"active_until": _("Choose an earlier day.")})
    deputy = Position(
        user=user,
        organization=position.organization,
        kind=position.kind,
        deputy_for=position,
        active_from=begins,
        active_until=active_until,
        reason=reason.strip(),
    )
    _refuse_bad_deputy(deputy)
    return _add(actor, "position.appoint_deputy", deputy)


def _refuse_bad_deputy(deputy: Position) -> None:
    if not deputy.reason:
        raise BadInput(_("Say why a deputy is needed."), {"reason": _("Say why a deputy is needed.")})
    if deputy.active_from < timezone.localdate():
        raise BadInput(_("A deputy begins today or later."), {"active_from": _("Choose today or a later day.")})
    last_day = deputy.active_from + timedelta(days=settings.DEPUTY_LONGEST_DAYS - 1)
    if deputy.active_until and deputy.active_until > last_day:
        sentence = _("Somebody stands in for at most %(days)s days at a time, here until %(last)s.") % {
            "days": settings.DEPUTY_LONGEST_DAYS,
            "last": last_day.isoformat(),
        }
        raise BadInput(sentence, {"active_until": sentence})
    others = Position.objects.filter(deputy_for=deputy.deputy_for, left_at__isnull=True)
    other = _overlapping(others, deputy).select_related("user").first()
    if other is not None:
        sentence = _("%(person)s stands in from %(first)s to %(last)s; the periods overlap.") % {
            "person": other.user.full_name,
            "first": other.active_from.isoformat(),
            "last": other.active_until.isoformat() if other.active_until else "",
        }
        raise BadInput(sentence, {"active_from": sentence})


def _overlapping(rows: QuerySet[Position], position: Position) -> QuerySet[Position]:
    """Those of the rows that share a day with the position's period."""
    rows = rows.filter(Q(active_until__isnull=True) | Q(active_until__gte=position.active_from))
    return rows.filter(active_from__lte=position.active_until) if position.active_until else rows


@transaction.atomic
def leave_position(actor: AnyActor, position_id: int) -> Position:
    """End a position now: its deputies with it, its tokens, and every session of the persons concerned.

    By an administrator of the jurisdiction; a deputy also by who appointed. Ending it twice changes nothing. Who only
    stood in stays signed in: the position is refused from then on, and the session goes on in an own one, if any.
    """
    position = Position.objects.select_for_update(of=("self",)).get(pk=position_id)
    appointed_by_me = (
        isinstance(actor, Actor) and actor.position is not None and (position.deputy_for_id == actor.position.pk)
    )
    if not appointed_by_me:
        require_administrator(actor, position.organization.jurisdiction_id)
    ended = [position, *Position.objects.select_for_update(of=("self",)).filter(deputy_for=position).order_by("pk")]
    for row in ended:
        _end(actor, row)
    mirror_group(position.organization)
    position.refresh_from_db()
    return position


@transaction.atomic
def leave_organizations(actor: AnyActor, user_id: int, *, close_account: bool = True) -> User:
    """A person leaves: every position that the actor administers ends; the account closes when none is left."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    today = timezone.localdate()
    held = Position.objects.held_on(today).filter(user=user).select_related("organization")
    mine = [row for row in held if is_administrator(actor, row.organization.jurisdiction_id)]
    if held and not mine:
        raise NotPermitted(_("Only an administrator of this jurisdiction may do this."))
    for row in mine:
        leave_position(actor, row.pk)
    remaining = Position.objects.held_on(today).filter(user=user).exists()
    if close_account and not remaining:
        user.is_active = False
        user.save(update_fields=["is_active"])
        record(verb="account.close", who=actor.who, subject="user", subject_id=str(user.pk))
    user.refresh_from_db()
    return user


@transaction.atomic
def mirror_group(organization: Organization) -> Group:
    """Make the group `organization:<id>` hold exactly the people who hold a position there today."""
    group, _created = Group.objects.get_or_create(name=f"{GROUP_PREFIX}{organization.pk}")
    held = Position.objects.held_on(timezone.localdate()).filter(organization=organization)
    group.user_set.set(held.values_list("user_id", flat=True).distinct())
    return group


def mirror_all() -> int:
    """Once an hour: groups and administration follow positions that began or passed their last day. Counts groups."""
    organizations = list(Organization.objects.order_by("pk"))
    for organization in organizations:
        mirror_group(organization)
    for user in User.objects.filter(Q(is_staff=True) | Q(positions__kind=Position.Kind.ADMINISTRATOR)).distinct():
        mirror_administration(user)
    return len(organizations)


def _add(actor: AnyActor, verb: str, position: Position) -> Position:
    """Check and write a new position with all that mirrors it."""
    user, organization = position.user, position.organization
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    _refuse_bad_position(position)
    position.save(force_insert=True)
    mirror_group(organization)
    if position.kind == Position.Kind.ADMINISTRATOR:
        mirror_administration(user)
    record(
        verb=verb,
        who=actor.who,
        subject="position",
        subject_id=str(position.pk),
        data={
            "person": user.full_name,
            "person_id": user.pk,
            "organization": organization.name,
            "organization_id": organization.pk,
            "kind": position.kind,
            "from": position.active_from.isoformat(),
            "until": position.active_until.isoformat() if position.active_until else "",
            "deputy_for": position.deputy_for_id or 0,
            "reason": position.reason,
        },
    )
    return position


def _refuse_bad_position(position: Position) -> None:
    user, organization, kind = position.user, position.organization, position.kind
    if kind not in Position.Kind.values:
        raise BadInput(_("There is no such position."), {"kind": _("Choose a position.")})
    if position.active_until and position.active_until < position.active_from:
        raise BadInput(_("The period ends before it begins."), {"active_until": _("Choose a later day.")})
    if not user.is_active:
        raise Conflict(_("The account is closed."))
    ended = organization.active_until and organization.active_until < position.active_from
    if organization.merged_into_id or ended:
        raise Conflict(_("The organization has ended."))
    held = _held_now_or_later(user)
    same = held.filter(organization=organization, kind=kind)
    if (_overlapping(same, position) if position.deputy_for_id else same).exists():
        raise Conflict(_("The person holds this position already."))
    others = set(held.values_list("kind", flat=True)) - {kind}
    if others and (kind in EXCLUSIVE_KINDS or others & EXCLUSIVE_KINDS):
        raise Conflict(_("Administrators and auditors hold no other position beside their own."))


def _held_now_or_later(user: User) -> QuerySet[Position]:
    rows = Position.objects.filter(user=user, left_at__isnull=True)
    return rows.filter(Q(active_until__isnull=True) | Q(active_until__gte=timezone.localdate()))


def _end(actor: AnyActor, position: Position) -> None:
    if position.left_at is not None:
        return
    now = timezone.now()
    position.left_at = now
    position.active_until = max(position.active_from, min(position.active_until or date.max, timezone.localdate(now)))
    position.save(update_fields=["left_at", "active_until"])
    tokens = ApiToken.objects.filter(position=position, revoked_at__isnull=True).update(revoked_at=now)
    if position.deputy_for_id is None:
        User.objects.filter(pk=position.user_id).update(session_epoch=F("session_epoch") + 1)
    if position.kind == Position.Kind.ADMINISTRATOR:
        mirror_administration(position.user)
    record(
        verb="position.leave",
        who=actor.who,
        subject="position",
        subject_id=str(position.pk),
        data={
            "person": position.user.full_name,
            "person_id": position.user_id,
            "kind": position.kind,
            "tokens": tokens,
        },
    )


def mirror_administration(user: User) -> None:
    """Django's administration is open to administrators, through a group; nobody is a superuser."""
    administrator = (
        Position.objects.held_on(timezone.localdate()).filter(user=user, kind=Position.Kind.ADMINISTRATOR).exists()
    )
    group, _created = Group.objects.get_or_create(name=ADMINISTRATORS_GROUP)
    User.objects.filter(pk=user.pk).update(is_staff=administrator)
    if administrator:
        group.permissions.add(*_administrators_permissions())
        user.groups.add(group)
    else:
        user.groups.remove(group)


def _administrators_permissions() -> list[Permission]:
    wanted = [f"{verb}_{model}" for model, verbs in MASTER_DATA.items() for verb in verbs]
    return list(Permission.objects.filter(content_type__app_label="organizations", codename__in=wanted))
