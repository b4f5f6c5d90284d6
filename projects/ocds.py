"""A project in the words of the Open Contracting Data Standard 1.1: rows in, dictionaries out (decision 0012).

The plan of a project is one planning process, and each of its procurements is a contracting process of its own that
names the plan as its related process. Amounts are yuan as numbers, days are moments in the portal's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.models import Organization
from projects.models import Bidder, Change, Contract, Firm, Milestone, Payment, Procurement, Project, Supplement

VERSION, CURRENCY, LANGUAGE = "1.1", "CNY", "zh"
SCHEME = "CN-USCC"
"""Unified social credit codes (GB 32100), as org-id.guide names them."""
METHODS: Mapping[str, str] = {
    Procurement.Method.OPEN_TENDER: "open",
    Procurement.Method.INVITED_TENDER: "limited",
    Procurement.Method.NEGOTIATION: "limited",
    Procurement.Method.CONSULTATION: "selective",
    Procurement.Method.INQUIRY: "limited",
    Procurement.Method.SINGLE_SOURCE: "direct",
    Procurement.Method.DIRECT: "direct",
}
CANCELLED = ("stopped", "refused")
DATED = "%Y%m%dT%H%M%S%fZ"
LAST_SECOND = time(23, 59, 59)
MET = {"status": "met"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A project as it was planned and approved. `approved`: yuan, none before its approval; `moved_at`: last event."""

    project: Project
    approved: Decimal | None
    approved_on: date | None
    changes: Sequence[Change]
    moved_at: datetime
    prefix: str

    @property
    def ocid(self) -> str:
        return f"{self.prefix}-{self.project.code}"


@dataclass(frozen=True, slots=True)
class Buying:
    """One procurement with all that followed. `bidders`: none where their names are not to be told yet."""

    procurement: Procurement
    buyer: Organization
    bidders: Sequence[Bidder]
    winner: Bidder | None
    contract: Contract | None
    stages: Sequence[Milestone]
    supplements: Sequence[Supplement]
    payments: Sequence[Payment]
    announced_at: datetime | None
    awarded_at: datetime | None
    moved_at: datetime


@dataclass(slots=True)
class Parties:
    """The organizations of a release, each once, with every role it has."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, who: Organization | Firm, *roles: str) -> dict[str, str]:
        """Note who takes part, and as what. Returns the reference to them."""
        code = who.credit_code if isinstance(who, Firm) else who.code
        key = f"{SCHEME}-{code}"
        identifier = {"scheme": SCHEME, "id": code, "legalName": who.name}
        row = self.rows.setdefault(key, {"id": key, "name": who.name, "identifier": identifier, "roles": []})
        row["roles"] += [role for role in roles if role not in row["roles"]]
        return {"id": key, "name": who.name}


def planning_release(plan: Plan) -> dict[str, Any]:
    """The planning process of a project: what it is for, what it may cost, when that was decided."""
    parties, project = Parties(), plan.project
    body = {
        "tag": ["planning"],
        "buyer": parties.add(project.owner, "buyer"),
        "planning": {
            "rationale": project.basis,
            "budget": {
                **_budget(project),
                "description": project.goals,
                "amount": value(project.total if plan.approved is None else plan.approved),
            },
            "milestones": [*_approval(plan), *map(_change_milestone, plan.changes)],
        },
    }
    return _release(plan.ocid, plan.moved_at, parties, body)


def procurement_release(plan: Plan, buying: Buying) -> dict[str, Any]:
    """One contracting process: tender, award, contract and what became of it, as far as it has come."""
    parties, ocid = Parties(), f"{plan.ocid}-{buying.procurement.pk}"
    contract = buying.contract
    body = {
        "tag": _tags(buying),
        "buyer": parties.add(plan.project.owner, "buyer"),
        "planning": {"budget": {**_budget(plan.project), "amount": value(buying.procurement.budget)}},
        "tender": _tender(buying, parties),
        "awards": [_award(buying, parties)] if buying.winner else [],
        "contracts": [_contract(plan, buying, contract, parties)] if contract else [],
        "relatedProcesses": [_related(plan)],
    }
    return _release(ocid, buying.moved_at, parties, body)


def package(
    releases: Sequence[Mapping[str, Any]], *, uri: str, publisher: str, links: Mapping[str, str | None]
) -> dict[str, Any]:
    """A release package of at least one release, published when the last of them changed."""
    return _told(
        {
            "uri": uri,
            "version": VERSION,
            "publishedDate": max(release["date"] for release in releases),
            "publisher": {"name": publisher},
            "releases": list(releases),
            "links": dict(links),
        }
    )


def value(amount: Decimal) -> dict[str, Any]:
    """An amount in yuan."""
    return {"amount": float(amount), "currency": CURRENCY}


def _release(ocid: str, at: datetime, parties: Parties, body: Mapping[str, Any]) -> dict[str, Any]:
    moment = at.astimezone(UTC)
    head = {
        "ocid": ocid,
        "id": f"{ocid}-{moment.strftime(DATED)}",
        "date": moment.isoformat(),
        "language": LANGUAGE,
        "initiationType": "tender",
    }
    return _told({**head, **body, "parties": list(parties.rows.values())})


def _told(content: Any) -> Any:
    """Without what is not known: the standard has no empty fields."""
    if isinstance(content, Mapping):
        kept = {name: _told(part) for name, part in content.items()}
        return {name: part for name, part in kept.items() if part not in (None, "", [], {})}
    if isinstance(content, (list, tuple)):
        return [part for part in map(_told, content) if part not in (None, "", [], {})]
    return content


def _budget(project: Project) -> dict[str, Any]:
    return {"project": project.name, "projectID": project.code}


def _related(plan: Plan) -> dict[str, Any]:
    return {
        "id": "1",
        "relationship": ["planning"],
        "title": plan.project.name,
        "scheme": "ocid",
        "identifier": plan.ocid,
    }


def _approval(plan: Plan) -> list[dict[str, Any]]:
    if plan.approved_on is None:
        return []
    title = _("The project is approved.")
    return [{"id": "approval", "title": title, "type": "approval", "dateMet": _moment(plan.approved_on), **MET}]


def _change_milestone(change: Change) -> dict[str, Any]:
    return {
        "id": f"change-{change.pk}",
        "title": str(change.get_kind_display()),
        "type": "approval",
        "description": _changed(change),
        "dateMet": _moment(change.approved_on),
        **MET,
    }


def _changed(change: Change) -> str:
    return f"{change.description} ({change.delta:+.2f} {CURRENCY})" if change.delta else change.description


def _tags(buying: Buying) -> list[str]:
    """How far the process is: a release tells all of it, so it bears the tag of every stage that it has reached."""
    contract = buying.contract
    begun = buying.announced_at is not None
    reached = any(stage.reached_on for stage in buying.stages)
    found = {
        "planning": not begun,
        "tender": begun,
        "tenderCancellation": begun and _outcome(buying) in CANCELLED,
        "award": buying.winner is not None,
        "contract": contract is not None,
        "contractAmendment": bool(buying.supplements),
        "implementation": contract is not None and bool(buying.payments or reached),
        "contractTermination": contract is not None and _terminated(contract),
    }
    return [tag for tag, true in found.items() if true]


def _outcome(buying: Buying) -> str:
    case = buying.procurement.case
    return case.outcome if case else ""


def _tender_status(buying: Buying) -> str:
    outcome = _outcome(buying)
    if outcome in CANCELLED:
        return "cancelled"
    if outcome == "failed":
        return "unsuccessful"
    if buying.winner is not None:
        return "complete"
    return "active" if buying.announced_at else "planned"


def _tender(buying: Buying, parties: Parties) -> dict[str, Any]:
    row = buying.procurement
    return {
        "id": str(row.pk),
        "title": row.title,
        "description": str(row.get_kind_display()),
        "status": _tender_status(buying),
        "procuringEntity": parties.add(buying.buyer, "procuringEntity"),
        "value": value(row.budget),
        "procurementMethod": METHODS[row.method],
        "procurementMethodDetails": str(row.get_method_display()),
        "procurementMethodRationale": row.method_reason,
        "mainProcurementCategory": "services",
        "tenderPeriod": {"startDate": _moment(buying.announced_at)},
        "numberOfTenderers": len(buying.bidders) or None,
        "tenderers": [parties.add(bidder.firm, "tenderer") for bidder in buying.bidders],
    }


def _award(buying: Buying, parties: Parties) -> dict[str, Any]:
    winner = buying.winner
    assert winner is not None
    return {
        "id": str(winner.pk),
        "title": buying.procurement.title,
        "status": "cancelled" if _outcome(buying) == "failed" else "active",
        "date": _moment(buying.awarded_at),
        "value": value(winner.price),
        "suppliers": [parties.add(winner.firm, "supplier")],
    }


def _terminated(contract: Contract) -> bool:
    life = contract.project.case
    return life is not None and life.closed_at is not None


def _contract(plan: Plan, buying: Buying, contract: Contract, parties: Parties) -> dict[str, Any]:
    payer = parties.add(plan.project.owner, "payer") if buying.payments else {}
    payee = parties.add(contract.firm, "payee") if buying.payments else {}
    return {
        "id": str(contract.pk),
        "awardID": str(buying.winner.pk if buying.winner else contract.pk),
        "title": contract.title,
        "description": contract.deliverables,
        "status": "terminated" if _terminated(contract) else "active",
        "period": {"startDate": _moment(contract.begins_on), "endDate": _moment(contract.ends_on, LAST_SECOND)},
        "value": value(contract.due),
        "dateSigned": _moment(contract.signed_on),
        "amendments": [*map(_supplement, buying.supplements), *_changes_since(plan, contract)],
        "implementation": {
            "milestones": [_stage(stage) for stage in buying.stages],
            "transactions": [_transaction(row, payer, payee) for row in buying.payments],
        },
    }


def _supplement(row: Supplement) -> dict[str, Any]:
    return {
        "id": f"supplement-{row.pk}",
        "date": _moment(row.signed_on),
        "description": f"{row.title} (+{row.amount:.2f} {CURRENCY})",
    }


def _changes_since(plan: Plan, contract: Contract) -> Iterable[dict[str, Any]]:
    """Changes of the project that were approved while it was being built under this contract."""
    if contract.kind != Procurement.Kind.BUILD or contract.signed_on is None:
        return
    for row in plan.changes:
        if row.approved_on is not None and row.approved_on >= contract.signed_on:
            moment = _moment(row.approved_on)
            yield {
                "id": f"change-{row.pk}",
                "date": moment,
                "rationale": row.reason,
                "description": _changed(row),
            }


def _stage(stage: Milestone) -> dict[str, Any]:
    reached = stage.reached_on is not None
    return {
        "id": str(stage.pk),
        "title": stage.title,
        "type": "delivery",
        "description": f"{stage.percent}% {stage.amount:.2f} {CURRENCY}",
        "dueDate": _moment(stage.planned_on, LAST_SECOND),
        "dateMet": _moment(stage.reached_on),
        "status": "met" if reached else "scheduled",
    }


def _transaction(row: Payment, payer: Mapping[str, str], payee: Mapping[str, str]) -> dict[str, Any]:
    """Money paid, or called back: that is less than nothing paid."""
    sign = -1 if row.kind == Payment.Kind.RECALL else 1
    return {
        "id": str(row.pk),
        "date": _moment(row.posted_on),
        "value": value(sign * row.amount),
        "payer": dict(payer),
        "payee": dict(payee),
    }


def _moment(day: date | datetime | None, at: time = time.min) -> str | None:
    """A day as the moment at which it begins, or at another time of it; a moment as it is."""
    if day is None:
        return None
    if isinstance(day, datetime):
        return timezone.localtime(day).isoformat()
    return timezone.make_aware(datetime.combine(day, at)).isoformat()
