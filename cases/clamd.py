"""Asks a ClamAV daemon about a file: a scanner for the setting ATTACHMENT_SCANNER.

Speaks clamd's INSTREAM: blocks with their length before them, a block of no length at the end, one line as answer.
"""

from __future__ import annotations

import socket
from typing import IO

from django.conf import settings

BLOCK = 1 << 16
LONGEST_ANSWER = 4096


def scan(stream: IO[bytes]) -> str:
    """What clamd found, "" for nothing. Raises OSError when it does not answer, or answers with an error."""
    host, _colon, port = settings.CLAMD_ADDRESS.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=settings.CLAMD_TIMEOUT) as connection:
        connection.sendall(b"zINSTREAM\0")
        while block := stream.read(BLOCK):
            connection.sendall(len(block).to_bytes(4, "big") + block)
        connection.sendall(bytes(4))
        answer = _answer(connection)
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise OSError(f"clamd answered: {answer or 'nothing'}")


def _answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        block = connection.recv(LONGEST_ANSWER)
        if not block:
            break
        answer += block
    return answer.rstrip(b"\0\n").decode("utf-8", errors="replace")
