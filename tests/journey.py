"""What the tests of the whole walk share: the two cities' ways, a paper to attach, rows to ask for."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connections
from django.utils import timezone

from catalog.models import Resource
from datasets import services as datasets
from datasets import store
from datasets.models import Batch
from organizations.actors import SystemActor
from statutes.calendars import calendar_for
from tests.cast import Place

TITLE = "统计用区划代码(村级)"
COLUMNS = ("code", "name", "street", "county", "city", "province")
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
xref
0 4
0000000000 65535 f 
0000000009 00000 n 
0000000052 00000 n 
0000000101 00000 n 
trailer<</Size 4/Root 1 0 R>>
startxref
164
%%EOF
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One act on the case: who takes it, which, and what is filled in besides an opinion."""

    who: str
    action: str
    given: tuple[tuple[str, str], ...] = ()
    opinion: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """How a conditional request is decided in a city: by whom, in how many working days, by which articles."""

    jurisdiction: str
    decider: str
    days: int
    article: str
    steps: tuple[Step, ...]


ENSHI = Way(
    "enshi",
    "provider",
    5,
    "16",
    (
        Step("provider_handler", "propose", (("proposal", "consent"),), "符合共享条件"),
        Step("provider_leader", "consent"),
        Step("applicant_leader", "sign"),
        Step("provider_leader", "sign"),
    ),
)
XIANYANG = Way(
    "xianyang",
    "bureau",
    10,
    "18",
    (
        Step("bureau_reviewer", "find_conditions_met", (), "Conditions are met."),
        Step("bureau_approver", "approve"),
        Step("applicant_leader", "sign"),
        Step("bureau_approver", "sign"),
    ),
)


def due_when_sent_today(way: Way) -> date:
    """Counted day by day, as a person with the calendar on the wall would."""
    calendar = calendar_for(way.jurisdiction)
    day, left = timezone.localdate(), way.days
    while left:
        day = date.fromordinal(day.toordinal() + 1)
        left -= calendar.is_working(day)
    return day


def village_rows(place: Place, number: int) -> list[tuple[str, ...]]:
    """Rows of made-up villages of the place's region; a few names hold what CSV must quote."""
    region = place.jurisdiction.region
    rows = []
    for n in range(number):
        name = f"第{n}村委会" if n % 50 else f'"第{n}",村委会'
        rows.append((f"{region}{n:06d}", name, f"{region}{n:06d}"[:9], region, region[:4], region[:2]))
    return rows


def empty_store() -> None:
    """Tables of earlier tests are gone: rows of the datasets database are committed, whatever a test rolls back."""
    store.prepare()
    with connections[store.alias()].cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {store.SCHEMA} CASCADE")


def load_rows(resource: Resource, rows: list[tuple[str, ...]], folder: Path) -> Batch:
    """Put rows behind the resource through the service."""
    path = folder / "villages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return load_file(resource, path)


def load_file(resource: Resource, path: Path) -> Batch:
    batch = datasets.receive_path(actor=SystemActor("journey"), resource=resource, path=path, mode="replace")
    return datasets.load_batch(batch_id=batch.pk)
