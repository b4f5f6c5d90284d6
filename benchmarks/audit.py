"""What the audit record costs: writing, sealing, verifying, proving (performance goals, row 3).

The peer is the same act without the record, as a service does it: lock one row, save it, commit. A bare save and a row
trigger that copies the row to a history table stand beside: the least act there is, and the cheapest record, which
proves nothing.
"""

from __future__ import annotations

import time

from benchmarks.common import interleaved, middle, p95, scratch_database, show, start, together

OPTIONS = start("Cost of the audit record")

from django.db import connection, transaction  # noqa: E402

from audit.canonical import COLUMNS  # noqa: E402
from audit.keys import signing_key  # noqa: E402
from audit.models import AuditBlock  # noqa: E402
from audit.proofs import check_proof, prove  # noqa: E402
from audit.services import record, seal  # noqa: E402
from audit.verification import verify  # noqa: E402
from audit.who import Who  # noqa: E402
from organizations.models import Jurisdiction  # noqa: E402

SMALL = OPTIONS.size == "small"
ROUNDS = 50 if SMALL else 3000
ROWS = 5_000 if SMALL else 1_000_000
PROOFS = 20 if SMALL else 1000
CLIENTS = 4
WHO = Who(7, "张三", "handler", 3, "民政局", "riverton", "10.0.0.9")
DATA = {"from": "asked", "to": "refused", "opinion": "与本单位职能不符", "seq": 4}

TRIGGER = """
CREATE TABLE benchmark_history (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), content jsonb);
CREATE FUNCTION benchmark_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO benchmark_history (content) VALUES (to_jsonb(NEW)); RETURN NEW; END $$;
CREATE TABLE benchmark_traced (LIKE organizations_jurisdiction INCLUDING ALL);
CREATE TRIGGER benchmark_keep AFTER UPDATE ON benchmark_traced FOR EACH ROW EXECUTE FUNCTION benchmark_keep();
"""


class Act:
    """The same small act, with and without its proof. Each client works on a row of its own."""

    def __init__(self) -> None:
        self.key = ""
        self.count = 0

    def _row_key(self) -> str:
        if not self.key:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.key = f"row-{cursor.fetchone()[0]}"
            Jurisdiction(pk=self.key, name_zh="河畔", name_en="Riverton", region="000000", pack="riverton").save()
        return self.key

    def _act(self) -> None:
        """What a service of the house does: lock, look, change."""
        self.count += 1
        row = Jurisdiction.objects.select_for_update().get(pk=self._row_key())
        row.name_en = f"Riverton {self.count}"
        row.save(update_fields=["name_en"])

    def _save(self) -> None:
        self.count += 1
        row = Jurisdiction(pk=self._row_key(), name_en=f"Riverton {self.count}")
        row.save(update_fields=["name_en"])

    def _record(self) -> None:
        record(verb="share_request.refuse", who=WHO, subject="case", subject_id=self.count, data=DATA)

    def plain(self) -> None:
        with transaction.atomic():
            self._act()

    def logged(self) -> None:
        with transaction.atomic():
            self._act()
            self._record()

    def bare(self) -> None:
        with transaction.atomic():
            self._save()

    def bare_logged(self) -> None:
        with transaction.atomic():
            self._save()
            self._record()


def traced() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE benchmark_traced SET name_en = name_en || '' WHERE id = 'traced'")


def write() -> None:
    act = Act()
    works = {name: getattr(act, name) for name in ("plain", "logged", "bare", "bare_logged")}
    times = {name: middle(found) for name, found in interleaved(works | {"traced": traced}, ROUNDS).items()}
    show("a service's plain write: lock, save, commit", f"{times['plain'] * 1e6:.0f} µs")
    ratio = f"{times['logged'] / times['plain']:.2f}×"
    show("the same with its audit entry", f"{times['logged'] * 1e6:.0f} µs", ratio, "goal ≤ 1.3×")
    show("one row saved without a look: save, commit", f"{times['bare'] * 1e6:.0f} µs")
    ratio = f"{times['bare_logged'] / times['bare']:.2f}×"
    show("the same with an audit entry", f"{times['bare_logged'] * 1e6:.0f} µs", ratio)
    show("raw UPDATE with a history trigger, for comparison", f"{times['traced'] * 1e6:.0f} µs")


def throughput() -> None:
    rates: dict[str, list[float]] = {"plain": [], "logged": []}
    for _turn in range(1 if SMALL else 3):
        for name, found in rates.items():
            found.append(together(getattr(Act(), name), CLIENTS, ROUNDS))
    plain, logged = middle(rates["plain"]), middle(rates["logged"])
    show(f"{CLIENTS} clients, plain", f"{plain:,.0f} acts/s")
    show(f"{CLIENTS} clients, with audit entries", f"{logged:,.0f} acts/s", f"{logged / plain:.0%}", "goal ≥ 80 %")


def fill() -> None:
    columns = ", ".join(column for column in COLUMNS if column not in {"id", "epoch", "transaction"})
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for begin in range(0, ROWS, 50_000):
            cursor.execute(
                f"INSERT INTO audit_auditentry ({columns})"  # noqa: S608
                " SELECT now(), now(), 'share_request.refuse', n %% 500, '张三',"
                " 'handler', n %% 60, '民政局', 'riverton', '10.0.0.9', 'case', n::text,"
                " jsonb_build_object('from', 'asked', 'to', 'refused', 'opinion', '与本单位职能不符', 'seq', n %% 9)"
                " FROM generate_series(%s, %s) AS n",
                [begin, min(begin + 50_000, ROWS) - 1],
            )
        cursor.execute("VACUUM ANALYZE audit_auditentry")


def seal_all() -> None:
    begun, before = time.perf_counter(), AuditBlock.objects.count()
    while not AuditBlock.objects.exists() or seal():
        seal()
    seconds, blocks = time.perf_counter() - begun, AuditBlock.objects.count() - before
    show(f"sealing {ROWS:,} entries into {blocks:,} blocks", f"{ROWS / seconds:,.0f} rows/s")


def verify_all() -> None:
    seconds = []
    for _turn in range(1 if SMALL else 3):
        begun = time.perf_counter()
        differences = sum(1 for _finding in verify())
        seconds.append(time.perf_counter() - begun)
        assert differences == 0
    entries = sum(AuditBlock.objects.values_list("count", flat=True))
    show(f"verifying {entries:,} entries", f"{entries / middle(seconds):,.0f} rows/s", "", "goal ≥ 250,000 rows/s")


def proofs() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM audit_auditentry, (SELECT min(id) AS least FROM audit_auditentry) AS first"
            " WHERE (id - least) %% 7919 = 1 OR id - least < 100 ORDER BY id",
            [],
        )
        ids = [row[0] for row in cursor.fetchall()]
    key = signing_key().public_key()
    place = iter(range(10**9))

    def proof() -> None:
        found = prove(ids[next(place) * 31 % len(ids)])
        assert found is not None
        assert check_proof(found, key)

    times = interleaved({"proof": proof}, PROOFS)["proof"]
    show(f"making and checking a proof among {ROWS:,}", f"p95 {p95(times) * 1e3:.1f} ms", "", "goal ≤ 5 ms at 10 M")


def main() -> None:
    with scratch_database():
        with connection.cursor() as cursor:
            cursor.execute(TRIGGER)
            cursor.execute("INSERT INTO benchmark_traced VALUES ('traced', 'a', 'b', '000000', 'x', NULL)")
        for part in (write, throughput, fill, seal_all, verify_all, proofs):
            part()


if __name__ == "__main__":
    main()
