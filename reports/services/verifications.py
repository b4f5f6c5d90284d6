"""Asking for the record to be derived again, and doing it in the background."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.selectors import totals
from audit.services import record
from audit.verification import Finding, Progress, verify
from audit.who import SYSTEM
from organizations.actors import Actor
from organizations.errors import NotPermitted
from organizations.models import Position
from reports.models import Verification

SAMPLE_BLOCKS = 64
KEPT_FINDINGS = 200
logger = structlog.get_logger(__name__)


@transaction.atomic
def request_verification(actor: Actor, *, scope: str, start: Callable[[int], object]) -> Verification:
    """Ask for a verification and have it started after the commit; the one under way, if there is one.

    `scope`: of Verification.Scope. `start` hands its id to a worker; where none can be reached the run waits, and says
    so after two minutes. Only auditors: NotPermitted.
    """
    if actor.kind != Position.Kind.AUDITOR:
        raise NotPermitted(_("Only an auditor may have the record verified."))
    now = timezone.now()
    open_ones = Verification.objects.select_for_update().filter(
        status__in=(Verification.Status.WAITING, Verification.Status.RUNNING)
    )
    for run in open_ones:
        if not run.is_quiet(now):
            return run
        run.status, run.ended_at, run.error = Verification.Status.FAILED, now, "no worker"
        run.save(update_fields=["status", "ended_at", "error"])
    sealed = totals().blocks
    numbers = _sample(sealed) if scope == Verification.Scope.SAMPLE else []
    run = Verification.objects.create(
        requested_by=actor.user, scope=scope, numbers=numbers, blocks_total=len(numbers) or sealed
    )
    record(
        verb="record.verify",
        who=actor.who,
        subject="verification",
        subject_id=run.pk,
        data={"scope": scope, "blocks": sealed},
    )
    transaction.on_commit(lambda: start(run.pk), robust=True)
    return run


def _sample(sealed: int) -> list[int]:
    """Some blocks by chance, and always the newest ones, in order."""
    chosen = random.SystemRandom().sample(range(1, sealed + 1), min(SAMPLE_BLOCKS, sealed))
    newest = range(max(sealed - 3, 1), sealed + 1)
    return sorted({*chosen, *newest})


def run_verification(run_id: int) -> Verification:
    """Do it, from where it stands, saying every few thousand rows how far it is. A finished one stays as it is."""
    run = Verification.objects.get(pk=run_id)
    if not run.is_open:
        return run
    _beat(run, status=Verification.Status.RUNNING)
    try:
        for finding in _findings(run):
            run.difference_count += 1
            if len(run.findings) < KEPT_FINDINGS:
                run.findings.append([finding.kind, finding.block, finding.entry_id])
    except Exception as error:
        logger.exception("verification_failed", verification=run.pk)
        _finish(run, Verification.Status.FAILED, type(error).__name__)
        raise
    _finish(run, Verification.Status.DIFFERENT if run.difference_count else Verification.Status.CLEAN)
    return run


def _findings(run: Verification) -> Iterator[Finding]:
    done, entries = run.blocks_done, run.entries_done

    def progressed(progress: Progress) -> None:
        _beat(
            run,
            next_block=progress.block + 1,
            blocks_done=done + progress.blocks,
            entries_done=entries + progress.entries,
        )

    if run.scope == Verification.Scope.ALL:
        yield from verify(first=run.next_block, on_progress=progressed)
        return
    for number in run.numbers[run.blocks_done :]:
        done, entries = run.blocks_done, run.entries_done
        yield from verify(first=number, last=number, on_progress=progressed)


def _beat(run: Verification, **changes: object) -> None:
    run.heartbeat_at = timezone.now()
    for name, value in changes.items():
        setattr(run, name, value)
    run.save(update_fields=["heartbeat_at", "findings", "difference_count", *changes])


@transaction.atomic
def _finish(run: Verification, status: str, error: str = "") -> None:
    _beat(run, status=status, ended_at=timezone.now(), error=error)
    data = {
        "status": status,
        "blocks": run.blocks_done,
        "entries": run.entries_done,
        "differences": run.difference_count,
    }
    record(verb="record.verified", who=SYSTEM, subject="verification", subject_id=run.pk, data=data)
