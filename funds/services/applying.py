"""Applications for projects under a fund, what is published of it, complaints about it, and who is barred."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import services as audit
from cases.families import Context
from cases.models import Attachment, Case, Clock
from cases.services import open_case, opened_before
from funds.models import (
    Fund,
    FundApplication,
    FundBan,
    FundComplaint,
    FundEntry,
    FundSanction,
    FundYear,
    Publication,
    Target,
)
from funds.services.ledger import book, day_in, locked_year
from funds.services.planning import CENT, FINANCE, HIGHEST, LONGEST_TEXT, holds_role
from funds.services.ruling import lock
from organizations.actors import Actor
from organizations.errors import BadInput, Conflict, NotPermitted
from organizations.identifiers import check_uscc, errors, normalized
from organizations.models import Position

FAMILY, COMPLAINT, SANCTION = "fund_application", "fund_complaint", "fund_sanction"
BAN_CLOCK = "ban"
Kind = FundEntry.Kind
FITTING = {
    Target.APPLICANT: {FundSanction.Ground.FRAUD, FundSanction.Ground.UNAPPROVED},
    Target.INTERMEDIARY: {FundSanction.Ground.FALSE_REPORT},
    Target.OFFICE: {FundSanction.Ground.SCOPE, FundSanction.Ground.GENERAL, FundSanction.Ground.UNAPPROVED},
}


@dataclass(frozen=True, slots=True)
class Request:
    """An application as typed. `requested`: yuan. Codes are credit codes; `paper`: id of a file of the own house."""

    applicant: str
    code: str
    name: str
    content: str
    requested: Decimal
    intermediary: str = ""
    intermediary_code: str = ""
    pledge: bool = False
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What is held against somebody. `application`: id, where it is about one."""

    target: str
    name: str
    ground: str
    facts: str
    code: str = ""
    is_grave: bool = False
    application: int | None = None


def apply_for(actor: Actor, *, year: FundYear, request: Request, idempotency_key: str = "") -> Case:
    """Hand in an application for a project under a fund's year. Returns its case.

    Raises BadInput with the fields, DoorClosed where no guide is published, no pledge is given, or somebody is barred.
    """
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    problems = _request_problems(request)
    paper = None
    if request.paper is not None:
        paper = Attachment.objects.filter(pk=request.paper, organization=actor.organization, case=None).first()
        if paper is None:
            problems["paper"] = _("There is no such file among yours.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    if actor.organization is None:
        raise NotPermitted(_("You hold no position in which you could apply."))
    with transaction.atomic():
        fresh = FundYear.objects.select_related("fund__jurisdiction", "case").get(pk=year.pk)
        row = FundApplication.objects.create(
            year=fresh,
            organized_by=actor.organization,
            applicant=request.applicant.strip(),
            code=normalized(request.code),
            name=request.name.strip(),
            content=request.content.strip(),
            requested=request.requested,
            intermediary=request.intermediary.strip(),
            intermediary_code=normalized(request.intermediary_code),
            pledge=request.pledge,
            paper=paper,
        )
        return open_case(
            actor,
            family=FAMILY,
            procedure=FAMILY,
            jurisdiction=fresh.fund.jurisdiction,
            subject=row,
            title=f"{row.name} · {row.applicant}",
            idempotency_key=idempotency_key,
            parent=fresh.case,
        )


def link_application(row: FundApplication, case: Case) -> None:
    """Store the case of an application, and give its papers to it. Inside the opening's transaction."""
    row.case = case
    row.save(update_fields=["case"])
    if row.paper_id is not None:
        Attachment.objects.filter(pk=row.paper_id, case__isnull=True).update(case=case)


def link(subject: FundSanction | FundComplaint, case: Case) -> None:
    """Store the case of a sanction or a complaint. Inside the opening's transaction."""
    subject.case = case
    subject.save(update_fields=["case"])


def book_payment(context: Context) -> None:
    """Effect: what was asked for by progress is paid. Raises Conflict beyond what is allocated to the application."""
    year = locked_year(context.subject.year_id)
    row = FundApplication.objects.select_for_update().get(pk=context.subject.pk)
    assert context.case is not None
    asked = context.case.events.filter(action="ask_payment").order_by("-seq").first()
    amount = Decimal(str(asked.inputs["amount"])) if asked else Decimal(0)
    if amount <= 0 or amount > row.left:
        raise Conflict(_("Only %(most)s yuan of what is allocated are left.") % {"most": f"{row.left:,.2f}"})
    book(context, year, Kind.PAID, amount, on=day_in(context, "paid_on"), application=row)


def release_rest(context: Context) -> None:
    """Effect: what is allocated to the application and not paid goes back into the year's budget."""
    year = locked_year(context.subject.year_id)
    row = FundApplication.objects.select_for_update().get(pk=context.subject.pk)
    if row.left > 0:
        book(context, year, Kind.RELEASED, -row.left, application=row)


@transaction.atomic
def publish(
    actor: Actor,
    *,
    fund: Fund,
    kind: str,
    title: str,
    published_on: date,
    text: str = "",
    address: str = "",
    year: FundYear | None = None,
) -> Publication:
    """Enter what was published of a fund: its policy, the guide for applications, and so on.

    Raises BadInput with the fields, NotPermitted for houses other than the department in charge and finance.
    """
    house = actor.organization
    mine = house is not None and (house.pk == fund.department_id or holds_role(house, FINANCE))
    if not mine or house is None or actor.kind not in (Position.Kind.HANDLER, Position.Kind.LEADER):
        raise NotPermitted(_("The department in charge and finance publish what concerns a fund."))
    problems: dict[str, object] = {}
    if kind not in Publication.Kind.values:
        problems["kind"] = _("Say what is published.")
    if not title.strip() or len(title) > 200:
        problems["title"] = _("Give it a title of at most 200 characters.")
    if not text.strip() and not address.strip():
        problems["text"] = _("Enter the text, or the address at which it was published.")
    if len(text) > LONGEST_TEXT or len(address) > 400:
        problems["text"] = _("At most %(length)s characters.") % {"length": LONGEST_TEXT}
    if published_on > timezone.localdate():
        problems["published_on"] = _("This day lies ahead.")
    if year is not None and year.fund_id != fund.pk:
        problems["year"] = _("This year belongs to another fund.")
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    row = Publication.objects.create(
        fund=lock(fund),
        year=year,
        kind=kind,
        title=title.strip(),
        text=text.strip(),
        address=address.strip(),
        published_on=published_on,
        publisher=house,
    )
    data = {"fund": fund.code, "kind": kind, "title": row.title, "published_on": published_on.isoformat()}
    audit.record(verb="fund.publish", who=actor.who, subject="fund", subject_id=str(fund.pk), data=data)
    return row


def complain(
    actor: Actor,
    *,
    fund: Fund,
    received_on: date,
    text: str,
    complainant: str = "",
    anonymous: bool = False,
    idempotency_key: str = "",
) -> Case:
    """Enter what somebody of the public said about a fund, to be handled. Returns the case. Raises BadInput."""
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    problems: dict[str, object] = {}
    if not text.strip() or len(text) > LONGEST_TEXT:
        problems["text"] = _("Enter what is complained of.")
    if received_on > timezone.localdate():
        problems["received_on"] = _("This day lies ahead.")
    if len(complainant) > 120:
        problems["complainant"] = _("At most %(length)s characters.") % {"length": 120}
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    with transaction.atomic():
        locked = lock(fund)
        row = FundComplaint.objects.create(
            fund=locked,
            received_on=received_on,
            text=text.strip(),
            complainant="" if anonymous else complainant.strip(),
            anonymous=anonymous,
        )
        return _open_within(actor, COMPLAINT, locked, row, idempotency_key)


def charge(actor: Actor, *, fund: Fund, charge: Charge, idempotency_key: str = "") -> Case:
    """Propose a sanction, on which the head of finance decides. Returns its case. Raises BadInput with the fields."""
    if earlier := opened_before(actor, idempotency_key):
        return earlier
    problems = _charge_problems(fund, charge)
    if problems:
        raise BadInput(_("Some entries are wrong."), problems)
    with transaction.atomic():
        fresh = Fund.objects.select_related("case", "jurisdiction").get(pk=fund.pk)
        row = FundSanction.objects.create(
            fund=fresh,
            application_id=charge.application,
            target=charge.target,
            name=charge.name.strip(),
            code=normalized(charge.code),
            ground=charge.ground,
            facts=charge.facts.strip(),
            is_grave=charge.is_grave,
        )
        return _open_within(actor, SANCTION, fresh, row, idempotency_key)


def _open_within(actor: Actor, family: str, fund: Fund, row: FundComplaint | FundSanction, key: str) -> Case:
    return open_case(
        actor,
        family=family,
        procedure=family,
        jurisdiction=fund.jurisdiction,
        subject=row,
        title=fund.name,
        idempotency_key=key,
        parent=fund.case,
    )


def enter_ban(context: Context) -> None:
    """Effect: the ban stands in the register from the day of the decision until its time limit has elapsed."""
    row: FundSanction = context.subject
    clock = Clock.objects.filter(case=context.case, name=BAN_CLOCK).order_by("-round").first()
    if clock is None or clock.due_on is None:
        raise Conflict(_("The law in force names no duration of this ban."))
    FundBan.objects.create(
        jurisdiction=row.fund.jurisdiction,
        sanction=row,
        target=row.target,
        name=row.name,
        code=row.code,
        decided_on=timezone.localdate(clock.started_at),
        last_on=clock.due_on,
    )


def barred(jurisdiction_id: str, target: str, code: str, on: date) -> FundBan | None:
    """The ban under which an applicant or intermediary stands on a day, if any."""
    bans = FundBan.objects.filter(jurisdiction=jurisdiction_id, target=target, code=normalized(code))
    return bans.filter(decided_on__lte=on, last_on__gte=on).first() if code else None


def _code_problem(code: str) -> str:
    found = errors(check_uscc(normalized(code)))
    return str(found[0].message) if found else ""


def _request_problems(request: Request) -> dict[str, object]:
    problems: dict[str, object] = {}
    for name in ("applicant", "name", "content"):
        longest = FundApplication._meta.get_field(name).max_length or LONGEST_TEXT
        text = getattr(request, name).strip()
        if not text or len(text) > longest:
            problems[name] = _("This is required, with at most %(length)s characters.") % {"length": longest}
    if problem := _code_problem(request.code):
        problems["code"] = problem
    if bool(request.intermediary.strip()) != bool(request.intermediary_code.strip()):
        problems["intermediary_code"] = _("Name the intermediary with its credit code.")
    elif request.intermediary_code and (problem := _code_problem(request.intermediary_code)):
        problems["intermediary_code"] = problem
    asked = request.requested
    if not asked.is_finite() or not 0 < asked <= HIGHEST or asked != asked.quantize(CENT):
        problems["requested"] = _("Amounts are in yuan, above zero, with at most two decimals.")
    return problems


def _charge_problems(fund: Fund, charge: Charge) -> dict[str, object]:
    problems: dict[str, object] = {}
    if charge.target not in Target.values:
        problems["target"] = _("Say against whom.")
    elif charge.ground not in FITTING[Target(charge.target)]:
        problems["ground"] = _("This ground does not fit whom it is held against.")
    if not charge.name.strip() or len(charge.name) > 200:
        problems["name"] = _("Name whom it is held against.")
    if not charge.facts.strip() or len(charge.facts) > LONGEST_TEXT:
        problems["facts"] = _("State the facts.")
    if (charge.code or charge.target != Target.OFFICE) and (problem := _code_problem(charge.code)):
        problems["code"] = problem
    known = FundApplication.objects.filter(pk=charge.application, year__fund=fund)
    if charge.application is not None and not known.exists():
        problems["application"] = _("There is no such application under this fund.")
    return problems
