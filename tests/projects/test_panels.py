"""Panels of experts: drawn by lot among those whom nothing keeps off, sealed until all have scored, passed by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections

from cases import services as cases
from cases.errors import DoorClosed
from cases.models import AwaitedHand, Case, CaseEvent, CaseParty
from cases.selectors import can_see, todo
from organizations import services as organizations
from organizations.errors import BadInput, Conflict, NotKnown, NotPermitted
from organizations.models import Position
from projects import library, lots
from projects.avoidance import Ground, concerned, eligible, grounds
from projects.models import Expert, ExpertReview, PanelDraw, Panellist, ProjectReview
from projects.services import experts, panels
from tests.cast import SYSTEM, Place, place_of, signed_in_client, token_client
from tests.projects.panel_scene import (
    about,
    expert,
    experts_agree,
    library_of,
    panel_of,
    review_of,
    score,
    seated,
)
from tests.projects.scene import filed, organ, submitted
from tests.scenes import act, store_law

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
KINDS = Position.Kind


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(now: time_machine.Coordinates, db: None) -> Place:
    store_law()
    found = place_of("enshi")
    organ(found, "development")
    return found


@pytest.fixture
def review(place: Place) -> Case:
    return at_the_experts(place)


def at_the_experts(place: Place, **changes: Any) -> Case:
    """A plan whose review has come to the experts."""
    found = submitted(place, filed(place, **changes))
    act(place.bureau_reviewer, found, "pass_preliminary", opinion="可行")
    act(place.coordinator, found, "agree_sharing", opinion="共享目录完整")
    return found


def now_of(case: Case) -> Case:
    case.refresh_from_db()
    return case


# --- lots


def test_the_order_follows_from_the_seed_and_every_order_is_as_likely() -> None:
    ids = [11, 12, 13, 14]
    assert lots.order_of("a seed", ids) == lots.order_of("a seed", reversed(ids))
    firsts = Counter(tuple(lots.order_of(f"{number:064x}", ids)[:2]) for number in range(6000))
    assert len(firsts) == 12
    expected = 6000 / 12
    chi_square = sum((count - expected) ** 2 / expected for count in firsts.values())
    assert chi_square < 31.3, "p < 0.001 with 11 degrees of freedom"


def test_a_draw_is_recorded_so_that_anybody_can_do_it_again(place: Place, review: Case) -> None:
    library_of(place, 8)
    panel = panel_of(place, review)
    draw = PanelDraw.objects.get(review__case=panel)
    assert draw.eligible == sorted(Expert.objects.values_list("pk", flat=True))
    assert draw.order == lots.order_of(draw.seed, draw.eligible)
    assert [row.expert_id for row in draw.panellists.order_by("seat")] == draw.order[:5]
    assert lots.is_proven(draw)
    draw.order = [draw.order[1], draw.order[0], *draw.order[2:]]
    assert not lots.is_proven(draw)
    draw.order = lots.order_of(draw.seed, draw.eligible)
    Panellist.objects.filter(draw=draw, seat=1).update(expert=draw.order[6])
    assert not lots.is_proven(draw)


def test_no_panel_is_drawn_from_a_library_that_is_too_small(place: Place, review: Case) -> None:
    library_of(place, 4)
    with pytest.raises(DoorClosed) as closed:
        panel_of(place, review)
    assert [why.rule for why in closed.value.reasons] == ["review.avoidance"]
    expert(place, "fifth")
    panel = Case.objects.get(procedure="expert_review")
    act(place.bureau_reviewer, panel, "draw")
    assert len(seated(panel)) == 5


# --- who stays off


def test_each_ground_keeps_an_expert_off(place: Place) -> None:
    review = at_the_experts(
        place, co_builders=[place.provider.pk], design_firm="某设计院有限公司", design_qualification="甲级"
    )
    project = ProjectReview.objects.get(case=review).project
    free = expert(place, "free")
    kept_off = {
        Ground.EMPLOYER: [
            expert(place, "by_house", employer_organization=place.applicant.pk),
            expert(place, "by_name", employer=f"{place.applicant.name}信息中心"),
            expert(place, "by_short_name", employer=place.applicant.short_name),
            expert(place, "by_partner", employer_organization=place.provider.pk),
            expert(place, "by_position"),
        ],
        Ground.DESIGN_FIRM: [expert(place, "by_firm", employer="某设计院 有限公司咨询部")],
        Ground.INVOLVED: [
            expert(place, "by_number", involvement=f"别的项目\n{project.code}"),
            expert(place, "by_project_name", involvement=project.name),
        ],
        Ground.DECLARED: [expert(place, "by_conflict", conflicts=f"另一公司\n {place.provider.name}")],
        Ground.INACTIVE: [expert(place, "by_hand", active=False)],
    }
    by_position = kept_off[Ground.EMPLOYER][-1]
    organizations.give_position(SYSTEM, user=by_position.user, organization=place.applicant, kind=KINDS.HANDLER)
    panel = ExpertReview(project=project)
    assert [row.user for row in eligible(panel, MONDAY.date())] == [free.user]
    who = concerned(project, MONDAY.date())
    for ground, people in kept_off.items():
        for person in people:
            assert grounds(Expert.objects.get(user=person.user), who) == [ground], person.user.username


def test_who_acted_in_the_projects_cases_has_taken_part_in_it(place: Place, review: Case) -> None:
    organizations.give_position(SYSTEM, user=place.coordinator.user, organization=place.outside, kind=KINDS.EXPERT)
    experts.add_expert(place.bureau_reviewer, user_id=place.coordinator.user.pk, about=about())
    who = concerned(ProjectReview.objects.get(case=review).project, MONDAY.date())
    assert grounds(Expert.objects.get(user=place.coordinator.user), who) == [Ground.INVOLVED]


def test_an_expert_of_the_owners_staff_does_not_score_even_when_put_on_the_panel_by_hand(
    place: Place, review: Case
) -> None:
    library_of(place, 5)
    own = expert(place, "own", employer_organization=place.applicant.pk)
    panel = panel_of(place, review)
    assert own.user not in [person.user for person in seated(panel)]
    with pytest.raises(NotKnown):
        score(own, panel, 100)
    CaseParty.objects.create(case=panel, party="panel", person=own.user, sees_from=MONDAY)
    with pytest.raises(DoorClosed) as closed:
        score(own, panel, 100)
    assert [why.rule for why in closed.value.reasons] == ["review.avoidance"]


def test_whose_conflict_shows_after_the_draw_stands_aside_and_does_not_score(place: Place, review: Case) -> None:
    library_of(place, 6)
    panel = panel_of(place, review)
    person = seated(panel)[0]
    found = Expert.objects.get(user=person.user)
    changed = experts.said_of(found, employer_organization=place.applicant.pk)
    experts.change_expert(place.bureau_reviewer, expert_id=found.pk, about=changed, version=1)
    with pytest.raises(DoorClosed):
        score(person, panel, 100)
    act(person, panel, "recuse", reason="已调入建设单位")
    assert person.user not in [one.user for one in seated(panel)]


def test_who_is_taken_out_of_the_draw_keeps_the_seat(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    person = seated(panel)[0]
    found = Expert.objects.get(user=person.user)
    experts.change_expert(place.bureau_reviewer, expert_id=found.pk, about=experts.said_of(found, active=False))
    score(person, panel, 70)


# --- standing aside


def test_the_next_in_the_order_takes_the_seat_of_who_stands_aside(place: Place, review: Case) -> None:
    library_of(place, 7)
    panel = panel_of(place, review)
    draw = PanelDraw.objects.get()
    person = seated(panel)[2]
    assert panel in todo(person)
    act(person, panel, "recuse", reason="与设计人员有亲属关系")
    row = Panellist.objects.get(expert__user=person.user)
    assert (row.status, row.reason) == ("recused", "与设计人员有亲属关系")
    new = seated(panel)[2]
    assert Expert.objects.get(user=new.user).pk == draw.order[5]
    assert panel in todo(new)
    assert not can_see(person, panel)
    with pytest.raises(NotKnown):
        score(person, panel, 100)
    assert CaseEvent.objects.filter(case=panel, action="recuse", person=person.user).exists()
    assert {hand.person for hand in AwaitedHand.objects.filter(case=panel)} == {one.user for one in seated(panel)}
    assert lots.is_proven(PanelDraw.objects.get())


def test_the_office_replaces_whom_it_names_and_only_who_sits(place: Place, review: Case) -> None:
    library_of(place, 6)
    panel = panel_of(place, review)
    score(seated(panel)[1], panel, 10)
    leaving = Panellist.objects.get(seat=2, status="seated")
    act(place.bureau_reviewer, panel, "exclude", who=[str(leaving.pk)], reason="联系不上")
    leaving.refresh_from_db()
    assert leaving.status == "replaced"
    assert library.board_of(review_of(panel)).scored == 0
    with pytest.raises(BadInput):
        act(place.bureau_reviewer, panel, "exclude", who=[str(leaving.pk)], reason="再次")


def test_a_seat_stays_empty_until_the_library_can_fill_it_by_a_new_draw(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    gone = seated(panel)[0]
    with pytest.raises(DoorClosed):
        act(place.bureau_reviewer, panel, "fill")
    act(gone, panel, "recuse", reason="回避")
    assert len(seated(panel)) == 4
    with pytest.raises(DoorClosed):
        act(place.bureau_reviewer, panel, "fill")
    late = expert(place, "late")
    act(place.bureau_reviewer, panel, "fill")
    assert seated(panel)[0].user == late.user
    assert [lots.is_proven(draw) for draw in PanelDraw.objects.all()] == [True, True]
    assert gone.user not in [one.user for one in seated(panel)]


# --- sealed scores


def shown(client: Any, panel: Case) -> list[dict[str, Any]]:
    events = client.get(f"/api/v1/cases/{panel.number}/").json()["events"]
    return [event["inputs"] for event in events if event["action"] == "score"]


def test_scores_are_sealed_from_everybody_until_all_have_scored(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    people = seated(panel)
    for person in people[:4]:
        score(person, panel, 87, opinion="不可外传的意见")
    office, other = token_client(place.bureau_reviewer), token_client(people[4])
    found = review_of(panel)
    for client in (office, other):
        assert not any("need" in inputs for inputs in shown(client, panel))
        body = client.get(f"/api/v1/reviews/{found.pk}/scores/").json()
        assert (body["sealed"], body["scored"], body["scores"], body["mean"]) == (True, 4, [], None)
    for reader in (place.bureau_reviewer, people[4], place.auditor):
        page = signed_in_client(reader).get(f"/cases/{panel.number}/").content.decode()
        assert "不可外传的意见" not in page
    for stranger in (place.applicant_handler, place.applicant_leader, place.outsider):
        assert token_client(stranger).get(f"/api/v1/reviews/{found.pk}/scores/").status_code == 404
        assert signed_in_client(stranger).get(f"/cases/{panel.number}/").status_code == 404
    score(people[4], panel, 60)
    assert now_of(panel).state == "result"
    body = office.get(f"/api/v1/reviews/{found.pk}/scores/").json()
    assert not body["sealed"]
    assert [row["mean"] for row in body["scores"]] == [87, 87, 87, 87, 60]
    assert "不可外传的意见" in signed_in_client(place.bureau_reviewer).get(f"/cases/{panel.number}/").content.decode()


def test_a_quorum_closes_scoring_only_when_its_time_is_over(
    place: Place, review: Case, now: time_machine.Coordinates
) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    people = seated(panel)
    for person in people[:2]:
        score(person, panel, 90)
    now.move_to(datetime(2026, 3, 10, 9, 0, tzinfo=SHANGHAI))
    cases.sweep()
    with pytest.raises(DoorClosed) as closed:
        act(place.bureau_reviewer, panel, "close_scoring")
    assert [why.rule for why in closed.value.reasons] == ["review.quorum"]
    score(people[2], panel, 90)
    act(place.bureau_reviewer, panel, "close_scoring")
    assert not library.board_of(review_of(panel)).sealed


def test_a_quorum_does_not_close_scoring_early(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    for person in seated(panel)[:3]:
        score(person, panel, 90)
    with pytest.raises(DoorClosed) as closed:
        act(place.bureau_reviewer, panel, "close_scoring")
    assert [why.rule for why in closed.value.reasons] == ["review.scoring_time"]


@pytest.mark.parametrize(
    ("last", "outcome"), [((60, 60, 60, 60, 60, 60, 60, 60), "passed"), ((60, 60, 60, 60, 60, 60, 60, 59), "failed")]
)
def test_a_pass_mark_that_is_met_exactly_passes_and_a_point_less_does_not(
    place: Place, review: Case, last: tuple[int, ...], outcome: str
) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    people = seated(panel)
    for person, points in zip(people, (80, 40, 70, 50), strict=False):
        score(person, panel, points)
    score(people[4], panel, last)
    act(place.bureau_reviewer, panel, "conclude", opinion="按评分")
    assert now_of(panel).outcome == outcome


def test_points_outside_the_range_are_refused(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    for points in (101, -1):
        with pytest.raises(BadInput):
            score(seated(panel)[0], panel, points)


# --- within the review of the plan


def test_a_plan_goes_on_only_with_experts_in_favour_of_it_as_it_stands(
    place: Place, review: Case, now: time_machine.Coordinates
) -> None:
    library_of(place, 5)
    with pytest.raises(DoorClosed) as closed:
        act(place.bureau_reviewer, review, "experts_done", opinion="同意")
    assert [why.rule for why in closed.value.reasons] == ["project.final"]
    panel = panel_of(place, review)
    with pytest.raises(Conflict):
        panel_of(place, review)
    for person in seated(panel):
        score(person, panel, 59)
    act(place.bureau_reviewer, panel, "conclude", opinion="不足六十分")
    with pytest.raises(DoorClosed):
        act(place.bureau_reviewer, review, "experts_done", opinion="同意")
    act(place.bureau_reviewer, review, "experts_against", reason="修改后再审")
    now.shift(3600)
    act(place.applicant_handler, review, "send_new_plan")
    act(place.bureau_reviewer, review, "accept_new_plan", received_on="2026-03-02")
    act(place.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(place.coordinator, review, "agree_sharing", opinion="完整")
    assert experts_agree(place, review).outcome == "passed"
    act(place.bureau_reviewer, review, "experts_done", opinion="同意")
    assert now_of(review).state == "final"


def test_a_stopped_panel_may_be_followed_by_another(place: Place, review: Case) -> None:
    library_of(place, 5)
    panel = panel_of(place, review)
    act(place.bureau_reviewer, panel, "stop", reason="抽取前资料有误")
    assert panel_of(place, review) != panel


def test_only_the_organ_calls_a_panel_and_only_when_experts_are_awaited(place: Place) -> None:
    review = submitted(place, filed(place))
    plan_review = ProjectReview.objects.get(case=review)
    with pytest.raises(Conflict):
        panels.begin_panel(place.bureau_reviewer, plan_review=plan_review)
    act(place.bureau_reviewer, review, "pass_preliminary", opinion="可行")
    act(place.coordinator, review, "agree_sharing", opinion="完整")
    for stranger in (place.applicant_handler, place.coordinator, place.bureau_approver):
        with pytest.raises(NotPermitted):
            panels.begin_panel(stranger, plan_review=plan_review)
    first = panels.begin_panel(place.bureau_reviewer, plan_review=plan_review, idempotency_key="once")
    assert panels.begin_panel(place.bureau_reviewer, plan_review=plan_review, idempotency_key="once") == first


@pytest.mark.parametrize("city", ["xianyang", "jiaocheng", "panjin"])
def test_every_city_draws_and_scores_by_its_own_rules(now: object, city: str) -> None:
    store_law()
    assert {"panel_size", "mean_score", "count:score"} == rule_fields(city)


def rule_fields(city: str) -> set[str]:
    law = library.compiled(library.current(city))
    thresholds = [law.rule(name).threshold for name in ("review.panel", "review.pass", "review.quorum")]
    assert law.procedure("expert_review", MONDAY.date()).pack == city
    assert len(library.heads_of(law, law.procedure("expert_review", MONDAY.date()))) == 5
    return {threshold.field for threshold in thresholds if threshold is not None}


def test_a_county_office_draws_its_own_panel(now: object, db: None) -> None:
    """Where another organ than the bureau holds the reviews, it keeps the library and draws."""
    store_law()
    place = place_of("xianyang")
    place.actors["keeper"], _approver = organ(place, "it_office", KINDS.REVIEWER, KINDS.APPROVER)
    organ(place, "finance")
    review = submitted(place, filed(place))
    with pytest.raises(NotPermitted):
        experts.add_expert(place.bureau_reviewer, user_id=place.bureau_reviewer.user.pk, about=about())
    assert experts_agree(place, review).outcome == "passed"
    act(place.keeper, review, "experts_done", opinion="同意")
    assert now_of(review).state == "decision"


@pytest.mark.django_db(transaction=True)
def test_two_draws_at_once_are_one() -> None:
    store_law()
    place = place_of("enshi")
    organ(place, "development")
    review = at_the_experts(place)
    library_of(place, 9)
    panel = panels.begin_panel(place.bureau_reviewer, plan_review=ProjectReview.objects.get(case=review))

    def draw(number: int) -> str:
        try:
            cases.act(place.bureau_reviewer, panel.pk, "draw", version=panel.seq, idempotency_key=f"k{number}")
        except Conflict:
            return "moved"
        finally:
            connections.close_all()
        return "drawn"

    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(draw, range(8)))
    assert sorted(answers) == ["drawn", *["moved"] * 7]
    assert PanelDraw.objects.count() == 1
    assert Panellist.objects.count() == 5


def test_a_panel_is_called_and_left_from_the_pages(place: Place, review: Case) -> None:
    """Who stands aside is led to the list: the case is not theirs to see any more."""
    library_of(place, 6)
    office = signed_in_client(place.bureau_reviewer)
    called = office.post(f"/projects/reviews/{review.number}/panel/")
    panel = Case.objects.get(procedure="expert_review")
    assert called.headers["Location"] == f"/cases/{panel.number}/"
    assert signed_in_client(place.outsider).post(f"/projects/reviews/{review.number}/panel/").status_code == 404
    act(place.bureau_reviewer, panel, "draw")
    draw = PanelDraw.objects.get()
    assert draw.seed in office.get(f"/cases/{panel.number}/").content.decode()
    person = seated(panel)[0]
    own = signed_in_client(person)
    panel.refresh_from_db()
    assert own.get(f"/cases/{panel.number}/").status_code == 200
    left = own.post(
        f"/cases/{panel.number}/actions/recuse/", {"recuse-version": panel.seq, "recuse-reason": "曾任该单位顾问"}
    )
    assert left.headers["Location"] == "/cases/"
    for one in seated(panel):
        score(one, panel, 75)
    page = office.get(f"/cases/{panel.number}/").content.decode()
    assert "75.00" in page
