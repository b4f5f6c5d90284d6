"""What may be read of special funds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case
from cases.selectors import visible_cases
from funds.likeness import living
from funds.models import AllocationLine, Fund, FundApplication, FundBan, FundEntry, FundYear
from funds.services.establishing import LIFE
from funds.services.planning import DEPARTMENT, FINANCE, holds_role
from organizations.actors import Actor, AnyActor
from organizations.errors import NotKnown
from organizations.models import Position
from statutes.models import PackVersion
from statutes.selectors import compiled

STATES = ("applying", "living", "over")
KEEP_SECONDS = 300
OPEN_STATES = ("budgeting", "executing")
"""States of a year's case in which applications are taken."""


def may_draft(actor: AnyActor) -> bool:
    """Whether the actor may draft a fund: a handler of a department in charge or of finance."""
    return (
        isinstance(actor, Actor)
        and actor.kind == Position.Kind.HANDLER
        and holds_role(actor.organization, DEPARTMENT, FINANCE)
    )


def drafts(actor: AnyActor) -> QuerySet[Fund]:
    """Funds of the actor's house that are not applied for yet."""
    if not isinstance(actor, Actor) or actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        return Fund.objects.none()
    return Fund.objects.filter(proposer=actor.organization, case__isnull=True)


def draft_for(actor: Actor, fund_id: int) -> Fund:
    """One draft of the actor's house. Raises NotKnown."""
    found = drafts(actor).filter(pk=fund_id).first()
    if found is None:
        raise NotKnown(_("There is no such draft."))
    return found


def visible_funds(actor: AnyActor) -> QuerySet[Fund]:
    """Established funds for everybody in a position of their place; applications for whoever sees the case."""
    rows = Fund.objects.filter(case__isnull=False).select_related("department", "case", "jurisdiction")
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return rows.none()
    seen = Q(case__in=visible_cases(actor).filter(family="fund"))
    public = Q(established_on__isnull=False, jurisdiction=actor.jurisdiction_id)
    return rows.filter(seen | public | Q(department=actor.organization))


def fund_for(actor: AnyActor, fund_id: int) -> Fund:
    """One fund that the actor may see. Raises NotKnown."""
    found = visible_funds(actor).filter(pk=fund_id).first()
    if found is None:
        raise NotKnown(_("There is no such fund."))
    return found


def found_funds(actor: AnyActor, given: Mapping[str, str]) -> QuerySet[Fund]:
    """Visible funds by words in name, number, purpose or department, by state and year; unknown values find nothing."""
    rows = visible_funds(actor)
    for word in given.get("q", "")[:100].replace("\x00", "").split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(purpose__icontains=word)
            | Q(department__name__icontains=word)
        )
    if state := given.get("state", ""):
        rows = rows.filter(_in_state(state))
    if year := given.get("year", ""):
        rows = (
            rows.filter(established_on__isnull=False, term_from__year__lte=int(year), term_until__year__gte=int(year))
            if year.isdecimal() and len(year) == 4
            else rows.none()
        )
    return rows


def _in_state(state: str) -> Q:
    alive = Q(pk__in=living(timezone.localdate()).values("pk"))
    match state:
        case "applying":
            return Q(established_on__isnull=True, case__closed_at__isnull=True)
        case "living":
            return alive
        case "over":
            return ~alive & (Q(established_on__isnull=False) | Q(case__closed_at__isnull=False))
    return Q(pk__in=[])


def cases_of(actor: AnyActor, fund: Fund) -> QuerySet[Case]:
    """The cases of a fund's life that the actor may see, oldest first."""
    kin = Q(pk=fund.case_id) | Q(parent=fund.case_id) | Q(parent__parent=fund.case_id)
    return visible_cases(actor).filter(kin).order_by("opened_at", "pk")


def year_for(actor: AnyActor, year_id: int) -> FundYear:
    """One year of a fund that the actor may see. Raises NotKnown."""
    rows = FundYear.objects.select_related("fund__department", "fund__jurisdiction", "case")
    found = rows.filter(pk=year_id, case__isnull=False, fund__in=visible_funds(actor)).first()
    if found is None:
        raise NotKnown(_("There is no such year of a fund."))
    return found


def line_for(actor: AnyActor, line_id: int) -> AllocationLine:
    """One line of an allocation under a fund that the actor may see. Raises NotKnown."""
    rows = AllocationLine.objects.select_related("allocation__year__fund__department", "receiver")
    found = rows.filter(pk=line_id, allocation__year__fund__in=visible_funds(actor)).first()
    if found is None:
        raise NotKnown(_("There is no such line of an allocation."))
    return found


def years_of(fund: Fund) -> QuerySet[FundYear]:
    """The budget years of a fund, oldest first."""
    return fund.years.filter(case__isnull=False).select_related("case").order_by("year")


def ledger_of(fund: Fund) -> QuerySet[FundEntry]:
    """The ledger of a fund, oldest line first."""
    rows = FundEntry.objects.filter(year__fund=fund).select_related("year", "receiver", "application", "case")
    return rows.order_by("pk")


def applications_of(actor: AnyActor, fund: Fund) -> QuerySet[FundApplication]:
    """Applications under a fund whose cases the actor may see, newest first."""
    seen = visible_cases(actor).filter(family="fund_application")
    rows = FundApplication.objects.filter(year__fund=fund, case__in=seen)
    return rows.select_related("year", "case", "organized_by").order_by("-pk")


def visible_bans(actor: AnyActor) -> QuerySet[FundBan]:
    """The register of bans of the actor's place, for everybody in a position there."""
    rows = FundBan.objects.select_related("sanction__fund", "sanction__case").order_by("-decided_on", "-pk")
    if not isinstance(actor, Actor):
        return rows
    if actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return rows.none()
    return rows.filter(jurisdiction=actor.jurisdiction_id)


def found_bans(actor: AnyActor, given: Mapping[str, str]) -> QuerySet[FundBan]:
    """Bans by name or code, whom they are against, and whether they run today; unknown values find nothing."""
    rows = visible_bans(actor)
    if word := given.get("q", "").replace("\x00", "").strip():
        rows = rows.filter(Q(name__icontains=word) | Q(code__icontains=word))
    if target := given.get("target", ""):
        rows = rows.filter(target=target)
    if state := given.get("state", ""):
        today = timezone.localdate()
        running = Q(decided_on__lte=today, last_on__gte=today)
        rows = rows.filter(running if state == "running" else ~running) if state in ("running", "past") else rows.none()
    return rows


@dataclass(frozen=True, slots=True)
class Stage:
    """A state of a fund's life. `place`: "past", "here" or "ahead"."""

    label: str
    place: str


def stages(fund: Fund) -> list[Stage]:
    """Where a fund has been, where it is, and that it is established once it has passed."""
    life = fund.case
    assert life is not None
    states = compiled(life.pack_version).procedure(life.procedure, life.law_day).states
    language = get_language() or "zh"
    left = list(life.events.exclude(from_state="").order_by("seq").values_list("from_state", flat=True))
    past = [name for name in dict.fromkeys(left) if name != life.state and name in states]
    found = [Stage(states[name].label.in_language(language), "past") for name in past]
    found.append(Stage(states[life.state].label.in_language(language), "here"))
    if fund.established_on is None and life.closed_at is None and "established" in states:
        found.append(Stage(states["established"].label.in_language(language), "ahead"))
    return found


def belongs_to(actor: AnyActor, fund: Fund) -> str:
    """Whether the actor works for the department in charge ("manager") or for finance ("finance"); "" else."""
    if not isinstance(actor, Actor) or actor.organization is None:
        return ""
    if actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        return ""
    if actor.organization.pk == fund.department_id:
        return "manager"
    same_place = actor.jurisdiction_id == fund.jurisdiction_id
    return "finance" if same_place and holds_role(actor.organization, FINANCE) else ""


def has_funds(actor: AnyActor) -> bool:
    """Whether the law of the actor's place knows special funds; asked of the law once in a while."""
    if not isinstance(actor, Actor) or actor.organization is None or actor.kind == Position.Kind.ADMINISTRATOR:
        return False
    place = actor.organization.jurisdiction_id
    return bool(cache.get_or_set(f"funds.known.{place}", lambda: _known_to(actor), KEEP_SECONDS))


def _known_to(actor: Actor) -> bool:
    assert actor.organization is not None
    version = PackVersion.objects.filter(pack=actor.organization.jurisdiction.pack, is_current=True).first()
    if version is None:
        return False
    return any(procedure.id == LIFE for procedure in compiled(version).procedures(timezone.localdate()))


def takes_applications(actor: AnyActor, year: FundYear) -> bool:
    """Whether the actor's hand could apply to this year of a fund now."""
    handler = isinstance(actor, Actor) and actor.kind == Position.Kind.HANDLER
    return handler and year.case is not None and year.case.state in OPEN_STATES
