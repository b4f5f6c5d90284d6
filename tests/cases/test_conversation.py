"""Comments beside the record, who may read them and be mentioned in them; following a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from audit.models import AuditEntry
from cases import conversation, selectors, services, wording
from cases.models import Case, Comment, Following, Notification
from organizations import services as organizations
from organizations.actors import Actor, SystemActor
from organizations.errors import BadInput, Conflict, NotKnown
from tests.cast import Place, new_actor
from tests.scenes import act, filed, published_resource

pytestmark = pytest.mark.django_db

INSIDE, EVERYBODY = Comment.Audience.ORGANIZATION, Comment.Audience.PARTIES


@pytest.fixture
def case(enshi: Place) -> Case:
    """A request that has reached the provider."""
    case = filed(enshi, published_resource(enshi))
    act(enshi.applicant_leader, case, "endorse")
    case.refresh_from_db()
    return case


def say(actor: Actor, case: Case, text: str = "请尽快核对", audience: str = EVERYBODY, **more: Any) -> Comment:
    return services.comment(actor, case, audience=audience, text=text, **more)


def read_by(actor: Actor, case: Case) -> list[str]:
    return [comment.text for comment in conversation.comments(actor, case)]


def test_who_may_be_mentioned_is_who_may_see_the_case(enshi: Place, case: Case, outsider: Actor) -> None:
    """The two directions of one rule agree for everybody of the cast, in every position."""
    seeing = set(conversation.positions_seeing(case.pk, case.jurisdiction_id).values_list("pk", flat=True))
    for actor in enshi.actors.values():
        assert (actor.position.pk in seeing) == selectors.can_see(actor, case), actor.kind


def test_a_comment_to_the_own_organization_is_read_there_alone(enshi: Place, case: Case) -> None:
    say(enshi.provider_handler, case, "内部意见", INSIDE)
    say(enshi.provider_handler, case, "请补充依据", EVERYBODY)
    assert read_by(enshi.provider_leader, case) == ["内部意见", "请补充依据"]
    assert read_by(enshi.applicant_handler, case) == ["请补充依据"]
    assert read_by(enshi.auditor, case) == ["请补充依据"]
    assert read_by(enshi.outsider, case) == read_by(enshi.administrator, case) == []


def test_a_comment_is_no_part_of_the_record(enshi: Place, case: Case) -> None:
    seq, events = case.seq, case.events.count()
    say(enshi.provider_handler, case)
    case.refresh_from_db()
    assert (case.seq, case.events.count()) == (seq, events)


def test_a_comment_is_only_ever_withdrawn_and_by_its_author(enshi: Place, case: Case) -> None:
    row = say(enshi.provider_handler, case)
    with pytest.raises(NotKnown):
        services.withdraw_comment(enshi.provider_leader, row.pk)
    services.withdraw_comment(enshi.provider_handler, row.pk)
    with pytest.raises(Conflict):
        services.withdraw_comment(enshi.provider_handler, row.pk)
    for change in ({"text": "别的"}, {"withdrawn_at": None}, {"audience": INSIDE}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()


def test_the_audit_record_proves_each_comment_without_its_words(enshi: Place, case: Case) -> None:
    row = say(enshi.provider_handler, case, "不便公开的话")
    services.withdraw_comment(enshi.provider_handler, row.pk)
    entries = AuditEntry.objects.filter(subject="comment", subject_id=str(row.pk)).order_by("pk")
    assert [entry.verb for entry in entries] == ["comment.add", "comment.withdraw"]
    assert "不便公开" not in repr([entry.data for entry in entries])


def test_who_is_mentioned_is_told_without_the_words(enshi: Place, case: Case) -> None:
    leader = enshi.provider_leader.user
    say(enshi.provider_handler, case, "涉密情况", INSIDE, mentions=[leader.pk])
    notice = Notification.objects.get(kind="mentioned")
    assert notice.user == leader
    with translation.override("zh-hans"):
        assert "涉密" not in wording.sentence(notice) + wording.mail_body(notice)
        assert case.number in wording.mail_body(notice)


@pytest.mark.parametrize("audience", [INSIDE, EVERYBODY])
def test_nobody_is_mentioned_who_may_not_read_the_comment(enshi: Place, case: Case, audience: str) -> None:
    with pytest.raises(BadInput) as refused:
        say(enshi.provider_handler, case, audience=audience, mentions=[enshi.outsider.user.pk])
    assert "mentions" in refused.value.fields
    inside = audience == INSIDE
    asked = [enshi.applicant_handler.user.pk]
    if inside:
        with pytest.raises(BadInput):
            say(enshi.provider_handler, case, audience=audience, mentions=asked)
    assert not Comment.objects.exists()
    assert not Notification.objects.filter(kind="mentioned").exists()


@pytest.mark.parametrize(("text", "audience", "field"), [("  ", EVERYBODY, "text"), ("话", "nobody", "audience")])
def test_a_comment_says_something_to_somebody(enshi: Place, case: Case, text: str, audience: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        say(enshi.provider_handler, case, text, audience)
    assert field in refused.value.fields


def test_a_stranger_can_neither_comment_nor_follow(enshi: Place, case: Case) -> None:
    for stranger in (enshi.outsider, enshi.administrator):
        with pytest.raises(NotKnown):
            say(stranger, case)
        with pytest.raises(NotKnown):
            services.follow(stranger, case)


# --- following -----------------------------------------------------------------------------------------------


def news_of(actor: Actor) -> list[str]:
    rows = Notification.objects.filter(user=actor.user, kind="followed").order_by("created_at", "pk")
    with translation.override("en"):
        return [wording.sentence(row) for row in rows]


def test_a_follower_is_told_of_each_event_once_and_not_of_what_was_before(enshi: Place, case: Case) -> None:
    services.follow(enshi.auditor, case)
    assert services.tell_followers() == 0
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    assert services.tell_followers() == 1
    assert services.tell_followers() == 0
    assert "which you follow" in news_of(enshi.auditor)[0]


def test_nobody_is_told_of_the_own_act_or_twice_of_one(enshi: Place, case: Case) -> None:
    """The provider's leader is told that the case awaits: following adds nothing to that."""
    services.follow(enshi.provider_handler, case)
    services.follow(enshi.provider_leader, case)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    services.tell_followers()
    assert news_of(enshi.provider_handler) == []
    told = Notification.objects.filter(user=enshi.provider_leader.user, case=case)
    assert told.filter(created_at=case.events.last().at).count() <= 1


def test_following_twice_is_following_once(enshi: Place, case: Case) -> None:
    assert services.follow(enshi.auditor, case) == services.follow(enshi.auditor, case)
    services.unfollow(enshi.auditor, case)
    services.unfollow(enshi.auditor, case)
    assert not Following.objects.exists()


def test_following_ends_with_the_right_to_see_and_tells_nothing_meanwhile(enshi: Place, case: Case) -> None:
    for actor in (enshi.auditor, enshi.provider_leader):
        services.follow(actor, case)
    organizations.leave_position(SystemActor("test"), enshi.auditor.position.pk)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="拟同意")
    services.tell_followers()
    assert news_of(enshi.auditor) == []
    assert services.end_lost_followings() == 1
    assert [row.user for row in Following.objects.all()] == [enshi.provider_leader.user]


def test_the_box_of_followed_cases_holds_what_may_be_seen_in_the_present_position(enshi: Place, case: Case) -> None:
    services.follow(enshi.provider_handler, case)
    assert list(conversation.followed(enshi.provider_handler)) == [case]
    elsewhere = new_actor(enshi.outside, "leader", "elsewhere")
    assert list(conversation.followed(Actor(enshi.provider_handler.user, elsewhere.position))) == []


def test_followers_are_mailed_no_content(enshi: Place, case: Case) -> None:
    user = enshi.auditor.user
    user.email = "auditor@example.test"
    user.save()
    services.follow(enshi.auditor, case)
    act(enshi.provider_handler, case, "propose", proposal="consent", opinion="只供内部的话")
    services.tell_followers()
    services.send_mail()
    assert [case.number in message.body for message in mail.outbox] == [True]
    assert "只供内部" not in mail.outbox[0].body + mail.outbox[0].subject


# --- doors ---------------------------------------------------------------------------------------------------


def comment_form(text: str = "你好", audience: str = INSIDE, **more: Any) -> dict[str, Any]:
    return {"comment-text": text, "comment-audience": audience, **{f"comment-{key}": v for key, v in more.items()}}


def test_the_page_takes_a_comment_and_shows_to_whom_it_is(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client]
) -> None:
    client, address = client_for(enshi.provider_handler), f"/cases/{case.number}/"
    sent = comment_form("请@主任看", EVERYBODY, mentions=[enshi.provider_leader.user.pk])
    assert client.post(f"{address}comments/", sent).status_code == 302
    shown = client_for(enshi.provider_leader).get(address).content.decode()
    assert "请@主任看" in shown
    assert "能看到本办件的所有人" in shown
    row = Comment.objects.get()
    client.post(f"{address}comments/{row.pk}/withdraw/")
    shown = client.get(address).content.decode()
    assert "请@主任看" not in shown
    assert "作者已撤回" in shown


def test_a_refused_comment_keeps_what_was_typed(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client]
) -> None:
    client = client_for(enshi.provider_handler)
    sent = comment_form("写了很久的话", INSIDE, mentions=[enshi.applicant_handler.user.pk])
    answer = client.post(f"/cases/{case.number}/comments/", sent)
    assert answer.status_code == 400
    assert "写了很久的话" in answer.content.decode()


def test_people_are_found_by_name_among_those_who_may_see_the_case(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client]
) -> None:
    client, leader = client_for(enshi.provider_handler), enshi.provider_leader.user
    found = client.get(f"/cases/{case.number}/people/?q={leader.full_name[0]}").json()["results"]
    assert leader.pk in [one["id"] for one in found]
    everybody = client.get(f"/cases/{case.number}/people/").json()["results"]
    names = {one["id"] for one in everybody}
    assert enshi.applicant_leader.user.pk in names
    assert not names & {enshi.outsider.user.pk, enshi.administrator.user.pk, enshi.provider_handler.user.pk}
    inside = client.get(f"/cases/{case.number}/people/?audience=organization").json()["results"]
    assert enshi.applicant_leader.user.pk not in {one["id"] for one in inside}


def test_a_case_is_followed_from_its_page_and_found_in_its_box(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client]
) -> None:
    client = client_for(enshi.provider_handler)
    client.post(f"/cases/{case.number}/follow/")
    assert case.number in client.get("/cases/?box=followed").content.decode()
    client.post(f"/cases/{case.number}/unfollow/")
    assert case.number not in client.get("/cases/?box=followed").content.decode()


def test_the_api_comments_withdraws_and_follows(enshi: Place, case: Case, api_for: Callable[[Actor], Any]) -> None:
    client, root = api_for(enshi.provider_handler), f"/api/v1/cases/{case.number}/"
    made = client.post(f"{root}comments/", {"audience": "parties", "text": "请看"})
    assert made.status_code == 201
    assert [row["text"] for row in client.get(f"{root}comments/").json()] == ["请看"]
    other = api_for(enshi.applicant_handler)
    assert other.delete(f"{root}comments/{made.json()['id']}/").status_code == 404
    assert client.delete(f"{root}comments/{made.json()['id']}/").status_code == 204
    assert [row["text"] for row in client.get(f"{root}comments/").json()] == [""]
    assert client.put(f"{root}following/").status_code == 204
    assert len(client.get("/api/v1/cases/?box=followed").json()["results"]) == 1
    assert client.delete(f"{root}following/").status_code == 204
    for stranger in (enshi.outsider, enshi.administrator):
        assert api_for(stranger).get(f"{root}comments/").status_code in (403, 404)
        assert api_for(stranger).post(f"{root}comments/", {"audience": "parties", "text": "x"}).status_code in (
            403,
            404,
        )
        assert api_for(stranger).put(f"{root}following/").status_code in (403, 404)


def test_the_conversation_costs_the_same_however_long_it_is(
    enshi: Place, case: Case, client_for: Callable[[Actor], Client]
) -> None:
    client, costs = client_for(enshi.provider_leader), []
    for number in range(12):
        say(enshi.provider_handler, case, f"第{number}条", mentions=[enshi.provider_leader.user.pk])
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/cases/{case.number}/")
        costs.append(len(asked))
    assert len(set(costs[1:])) == 1
    assert costs[-1] <= 50


def test_the_notice_of_the_portals_own_acts_names_nobody(enshi: Place, case: Case) -> None:
    row = Notification(
        user=enshi.auditor.user,
        case=case,
        kind="followed",
        context={"action": {"zh": "超期", "en": "Overdue"}, "by": {}},
        created_at=timezone.now(),
    )
    with translation.override("en"):
        assert wording.sentence(row).endswith("Overdue")
