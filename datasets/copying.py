"""COPY … TO STDOUT as an iterator of bytes.

PostgreSQL pushes, a web server pulls: a thread lets the database write into a pipe, the iterator reads from it. The
pipe is the only buffer, so a slow reader slows the database down and memory stays flat. Each stream has a connection
of its own, since nothing else can run on one that copies; closing the stream cancels the statement.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg2
import structlog
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import sql

from datasets import store

CHUNK = 1 << 18
PIPE = 1 << 20
SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)

StillAllowed = Callable[[], bool]

logger = structlog.get_logger(__name__)


class CopyStream:
    """An iterator of chunks of CSV. `rows` and `bytes` count what has been handed out, the heading not as a row.

    `ended`: "" while it runs, then "complete", "stopped" (`still_allowed` said no), "closed" (the reader went away)
    or "failed". A failure of the database raises psycopg2.Error from the iterator.
    """

    def __init__(self, query: sql.Composable, heading: bytes, still_allowed: StillAllowed | None = None) -> None:
        self.rows = 0
        self.bytes = 0
        self.ended = ""
        self._query = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
        self._heading = heading
        self._still_allowed = still_allowed
        self._quoted = False
        self._error: Exception | None = None
        self._chunks = self._run()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream wherever it is. Called by Django when a response is done or its reader is gone."""
        self._chunks.close()
        self.ended = self.ended or "closed"

    def _run(self) -> Iterator[bytes]:
        if not self._may_go_on():
            return
        source, sink = os.pipe()
        _enlarge(source)
        wrapper, own = _connection()
        thread = threading.Thread(target=self._copy, args=(wrapper, own, sink), name="datasets-copy", daemon=True)
        thread.start()
        try:
            first = os.read(source, CHUNK)
            if not first:
                self._conclude(thread)
            yield self._counted(self._heading, first)
            yield from self._rest(source)
            self._conclude(thread)
        finally:
            self.ended = self.ended or "closed"
            _stop(wrapper, own, source, thread)

    def _copy(self, wrapper: BaseDatabaseWrapper, own: bool, sink: int) -> None:
        """In the thread: everything into the pipe. Whatever goes wrong is kept for the reader."""
        try:
            with os.fdopen(sink, "wb", buffering=CHUNK) as file, wrapper.connection.cursor() as cursor:
                if own:
                    cursor.execute("SET statement_timeout = 0")
                cursor.copy_expert(self._query, file)
        except Exception as error:
            self._error = error

    def _rest(self, source: int) -> Iterator[bytes]:
        while self._may_go_on() and (chunk := _filled(source)):
            yield self._counted(b"", chunk)

    def _may_go_on(self) -> bool:
        if self._still_allowed is None or self._still_allowed():
            return True
        self.ended = "stopped"
        return False

    def _conclude(self, thread: threading.Thread) -> None:
        """At the end of the pipe: whether that is the end of the rows, too."""
        if self.ended:
            return
        thread.join()
        if self._error is not None:
            self.ended = "failed"
            logger.warning("dataset_stream_failed", error=str(self._error))
            raise self._error
        self.ended = "complete"

    def _counted(self, heading: bytes, chunk: bytes) -> bytes:
        """Counts the rows that end in a chunk: newlines outside of quotation marks."""
        if b'"' in chunk or self._quoted:
            parts = chunk.split(b'"')
            self.rows += sum(part.count(b"\n") for part in parts[int(self._quoted) :: 2])
            self._quoted ^= len(parts) % 2 == 0
        else:
            self.rows += chunk.count(b"\n")
        self.bytes += len(heading) + len(chunk)
        return heading + chunk


def _connection() -> tuple[BaseDatabaseWrapper, bool]:
    """A connection to copy on, and whether it is the stream's own. Inside a transaction it is the transaction's,
    which alone sees what was written in it."""
    shared = connections[store.alias()]
    if shared.in_atomic_block:
        return shared, False
    wrapper = shared.copy()
    wrapper.inc_thread_sharing()
    wrapper.connect()
    return wrapper, True


def _stop(wrapper: BaseDatabaseWrapper, own: bool, source: int, thread: threading.Thread) -> None:
    """Ends a copy: its own connection is cancelled and closed, a shared one is read to the end and kept."""
    if own and thread.is_alive():
        with suppress(psycopg2.Error):
            wrapper.connection.cancel()
    while not own and os.read(source, CHUNK):
        pass
    os.close(source)
    thread.join()
    if own:
        wrapper.close()


def _enlarge(pipe: int) -> None:
    if SET_PIPE_SIZE is not None:
        with suppress(OSError):
            fcntl.fcntl(pipe, SET_PIPE_SIZE, PIPE)


def _filled(source: int) -> bytes:
    """The next chunk, filled up to its size unless the end comes first."""
    pieces, size = [], 0
    while size < CHUNK and (piece := os.read(source, CHUNK - size)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
