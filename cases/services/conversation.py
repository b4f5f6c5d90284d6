"""Comments on cases, and following them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import services as audit
from cases import conversation, inputs, page
from cases.engine import Matter, load
from cases.models import Case, CaseEvent, Comment, Following, Mention, Notification
from cases.notices import bilingual, named
from cases.selectors import can_see
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import User

MOST_MENTIONS = 20
CHUNK = 200


@transaction.atomic
def comment(actor: Actor, case: Case, *, audience: str, text: str, mentions: Sequence[int] = ()) -> Comment:
    """Say something about a case, to the own organization or to everybody who may see it; who is mentioned is told.

    Raises NotKnown for a case that the actor may not see; BadInput without text, for an unknown audience, and for a
    mention of somebody who may not read the comment.
    """
    _check_sees(actor, case)
    organization, text = actor.organization, text.strip()
    if organization is None:
        raise NotPermitted(_("You hold no position."))
    if not text:
        raise BadInput(_("The comment is empty."), {"text": _("Write what you want to say.")})
    inputs.check_length(text, "text")
    if audience not in Comment.Audience.values:
        raise BadInput(_("Choose who reads the comment."), {"audience": _("Choose one of the two.")})
    asked = _mentioned(actor, case, audience, mentions)
    row = Comment.objects.create(
        case=case,
        author=actor.user,
        organization=organization,
        position=actor.kind,
        audience=audience,
        text=text,
        created_at=timezone.now(),
    )
    Mention.objects.bulk_create(Mention(comment=row, user=user) for user in asked)
    Notification.objects.bulk_create(
        Notification(user=user, case=case, kind="mentioned", context={"by": _author(actor)}, created_at=row.created_at)
        for user in asked
    )
    _record(actor, "comment.add", row, mentions=[user.pk for user in asked])
    return row


def _mentioned(actor: Actor, case: Case, audience: str, mentions: Sequence[int]) -> list[User]:
    """The people mentioned, each once. Raises BadInput for more than a few, and for who may not read the comment."""
    wanted = set(mentions)
    if len(wanted) > MOST_MENTIONS:
        problem = _("At most %(n)s people.") % {"n": MOST_MENTIONS}
        raise BadInput(_("Too many people are mentioned."), {"mentions": problem})
    found = [one.user for one in conversation.choosable(actor, case, audience=audience) if one.user.pk in wanted]
    if len(found) != len(wanted):
        raise BadInput(
            _("Somebody who is mentioned may not read this comment."),
            {"mentions": _("Choose among the people offered, or let everybody who may see the case read it.")},
        )
    return found


def _author(actor: Actor) -> dict[str, str]:
    """Name and organization in both languages, for the notice."""
    organization = named(actor)
    return {language: f"{actor.user.full_name} {name}" for language, name in organization.items()}


@transaction.atomic
def withdraw_comment(actor: Actor, comment_id: int) -> Comment:
    """Take back one's own comment: its words are not shown any more, only that there was one. NotKnown, Conflict."""
    row = Comment.objects.select_for_update(of=("self",)).select_related("case").filter(pk=comment_id).first()
    if row is None or row.author_id != actor.user.pk or not can_see(actor, row.case):
        raise NotKnown(_("There is no such comment of yours."))
    if row.withdrawn_at is not None:
        raise Conflict(_("The comment has been withdrawn already."))
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    _record(actor, "comment.withdraw", row)
    return row


def _record(actor: Actor, verb: str, row: Comment, **more: object) -> None:
    """What is proved of a comment: that it was, whose, to whom; of the words only the hash."""
    audit.record(
        verb=verb,
        who=actor.who,
        subject="comment",
        subject_id=str(row.pk),
        data={
            "number": row.case.number,
            "audience": row.audience,
            "sha256": hashlib.sha256(row.text.encode()).hexdigest(),
            **more,
        },
    )


def _check_sees(actor: Actor, case: Case) -> None:
    if not can_see(actor, case):
        raise NotKnown(_("There is no such case."))


@transaction.atomic
def follow(actor: Actor, case: Case) -> Following:
    """Hear of every event of a case from now on. Twice changes nothing. Raises NotKnown."""
    _check_sees(actor, case)
    seq = Case.objects.values_list("seq", flat=True).get(pk=case.pk)
    row, _created = Following.objects.get_or_create(
        case=case, user=actor.user, defaults={"since": timezone.now(), "told_seq": seq}
    )
    return row


def unfollow(actor: Actor, case: Case) -> None:
    """Hear no more of a case. Twice changes nothing."""
    Following.objects.filter(case=case, user=actor.user).delete()


def end_lost_followings() -> int:
    """End what people follow but may not see any more. Returns how many."""
    ended, _by_model = conversation.seen_followings(lost=True).delete()
    return ended


@transaction.atomic
def tell_followers() -> int:
    """Tell followers of the events since they were last told. Returns how many notices were written.

    Rows are claimed and skipped while somebody else holds them. Nobody is told of the own act, nor of one that a
    notice has told already.
    """
    behind = conversation.seen_followings().filter(told_seq__lt=F("case__seq")).select_related("case", "user")
    rows = list(behind.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:CHUNK])
    said = [notice for row in rows for notice in _news(row)]
    Notification.objects.bulk_create(said)
    Following.objects.bulk_update(rows, ["told_seq"])
    return len(said)


def _news(row: Following) -> list[Notification]:
    """Notices of what has happened to a followed case since; moves the mark of what was told."""
    matter = load(row.case)
    fresh = [event for event in matter.events if event.seq > row.told_seq]
    told = set(
        Notification.objects.filter(user=row.user, case=row.case, created_at__in=[event.at for event in fresh])
        .exclude(kind="followed")
        .values_list("created_at", flat=True)
    )
    row.told_seq = matter.events[-1].seq if matter.events else row.told_seq
    return [
        Notification(
            user=row.user,
            case=row.case,
            kind="followed",
            context={
                "action": _title(matter, event),
                "by": _taker(event),
                "state": bilingual(matter.law_at(event.seq).procedure.states[event.to_state].label),
            },
            created_at=event.at,
        )
        for event in fresh
        if event.person_id != row.user_id and event.at not in told
    ]


def _title(matter: Matter, event: CaseEvent) -> dict[str, str]:
    """What an event is called, in both languages."""
    titles = {}
    for language, key in (("zh-hans", "zh"), ("en", "en")):
        with translation.override(language):
            titles[key] = page.event_title(matter, event)
    return titles


def _taker(event: CaseEvent) -> dict[str, str]:
    """The organization that acted, in both languages; empty where it happened by itself."""
    organization = event.organization
    if organization is None:
        return {}
    return {"zh": organization.name, "en": organization.name_en or organization.name}
