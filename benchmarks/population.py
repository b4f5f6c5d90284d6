"""Many cases made from a few real ones, set-based: every column of a copy is its pattern's unless said otherwise.

The patterns are opened and moved by the engine, so that each copy is a case as the portal would have written it.
Copies have keys that can be computed, which is how the rows of one table find those of another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from cases.models import Case
    from organizations.actors import Actor
    from tests.cast import Place


@dataclass(frozen=True)
class Block:
    """Copies of rows: the copy `n` (from 1) of the pattern at `place` (from 0) has the key base + place * times + n."""

    patterns: list[int]
    times: int
    base: int

    def key_of(self, column: str) -> str:
        """SQL for the key of the copy that belongs to a pattern's foreign key, in the same round."""
        return f"{self.base} + (array_position(ARRAY{self.patterns}::bigint[], t.{column}) - 1) * {self.times} + n"


def prepare() -> None:
    """The law, no limit on statements, and no trigger while rows are copied: what the patterns refer to exists."""
    from statutes.services import sync_packs

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '256MB'")
    sync_packs()


def multiply(model: Any, patterns: list[int], times: int, **columns: str) -> Block:
    """Copy rows of a table `times` times. `columns`: SQL by column name; `t` is the pattern, `n` the round."""
    table = model._meta.db_table
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
        base = cursor.fetchone()[0]
        values = ", ".join(columns.get(name, f"t.{name}") for name in names)
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} (id, {', '.join(names)})"  # noqa: S608
            f" SELECT {base} + (p.place - 1) * {times} + n, {values}"
            " FROM generate_series(1, %s) AS n, unnest(%s::bigint[]) WITH ORDINALITY AS p(key, place)"
            f" JOIN {table} AS t ON t.id = p.key",
            [times, patterns],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
    return Block(patterns, times, base)


def multiply_cases(patterns: list[Case], times: int, **columns: str) -> Block:
    """Copies of cases with their parties, hands, events, clocks, ledgers, alerts and requests."""
    from cases.models import Alert, AwaitedHand, Case, CaseEvent, CaseParty, Clock, ClockEntry
    from sharing.models import ShareRequest

    keys = [case.pk for case in patterns]
    cases = multiply(Case, keys, times, **{"number": "t.number || '-' || n", **columns})
    case_id = cases.key_of("case_id")
    parties = multiply(CaseParty, _keys(CaseParty, case__in=keys), times, case_id=case_id)
    awaited = _keys(AwaitedHand, case__in=keys)
    multiply(AwaitedHand, awaited, times, case_id=case_id, party_id=parties.key_of("party_id"))
    events = _keys(CaseEvent, case__in=keys)
    multiply(CaseEvent, events, times, case_id=case_id, idempotency_key="''")
    clocks = multiply(Clock, _keys(Clock, case__in=keys), times, case_id=case_id)
    clock_id = clocks.key_of("clock_id")
    multiply(ClockEntry, _keys(ClockEntry, clock__case__in=keys), times, clock_id=clock_id)
    multiply(Alert, _keys(Alert, clock__case__in=keys), times, clock_id=clock_id)
    multiply(ShareRequest, _keys(ShareRequest, case__in=keys), times, case_id=case_id)
    return cases


def _keys(model: Any, **condition: Any) -> list[int]:
    return list(model.objects.filter(**condition).order_by("pk").values_list("pk", flat=True))


def vacuum(*models: Any) -> None:
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def departments(place: Place, count: int) -> list[dict[str, Actor]]:
    """So many more organizations of the place, each with a handler and a leader."""
    from organizations import services
    from tests.cast import SYSTEM, new_actor, new_organization

    found = []
    for number in range(count):
        organization = new_organization(place.jurisdiction, f"第{number}局", number=70_000_000 + number)
        services.add_function(SYSTEM, organization=organization, title="救助对象核对", basis="社会救助暂行办法")
        found.append({kind: new_actor(organization, kind, f"d{number}.{kind}") for kind in ("handler", "leader")})
    return found


def requests(place: Place, people: list[dict[str, Actor]]) -> list[Case]:
    """A share request of each department to the next one, endorsed: it waits for the answer of the provider."""
    from sharing.services import requests
    from tests.scenes import act, published_resource, wish

    cases = []
    for number, own in enumerate(people):
        provider = people[(number + 1) % len(people)]["handler"].organization
        applicant = own["handler"].organization
        assert provider is not None and applicant is not None  # noqa: PT018
        resource = published_resource(replace(place, organizations=place.organizations | {"provider": provider}))
        asked = replace(wish(place), function=applicant.functions.get().pk)
        draft = requests.save_draft(own["handler"], resource=resource, wish=asked)
        case = requests.file_request(own["handler"], draft=draft, idempotency_key="")
        act(own["leader"], case, "endorse")
        case.refresh_from_db()
        cases.append(case)
    return cases


def laboratory() -> Place:
    """The made-up jurisdiction of the tests, whose cases have clocks of every unit. Its packs are in STATUTES_PATH."""
    from organizations import services
    from tests.cast import PLACES, SYSTEM, build_place

    PLACES.setdefault("lab", ("试验测试州", "Laboratory (test)", "990000"))
    place = build_place("lab")
    for name in ("applicant", "provider", "outside"):
        services.assign_organ_role(
            SYSTEM, jurisdiction=place.jurisdiction, organization=place.organizations[name], role="department"
        )
    return place


def leader_of(case: Case) -> Actor:
    """Whoever leads the organization that opened a case."""
    from organizations.actors import Actor
    from organizations.models import Position

    position = Position.objects.select_related("user", "organization").get(organization=case.opener, kind="leader")
    return Actor(position.user, position)
