"""Files handed in: what they are is read from their content, names are made plain, a scanner is asked."""

from __future__ import annotations

import io
import socket
import threading
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from cases import clamd, services
from cases.attachments import clean_name
from cases.models import Attachment
from organizations.actors import Actor
from organizations.errors import BadInput
from tests.cast import Place
from tests.scenes import filed, published_resource

pytestmark = pytest.mark.django_db

TYPES = '<Types><Override PartName="/{main}" ContentType="{kind}"/></Types>'
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = ("word/document.xml", f"{OFFICE}wordprocessingml.document.main+xml")
XLSX = ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet.main+xml")
PPTX = ("ppt/presentation.xml", f"{OFFICE}presentationml.presentation.main+xml")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
EICAR = b"%PDF-1.4\nEICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def package(main: str, kind: str, more: Mapping[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES.format(main=main, kind=kind))
        archive.writestr(main, "<x/>")
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def store(actor: Actor, name: str, content: bytes) -> Attachment:
    return services.store_attachment(actor, name=name, stream=io.BytesIO(content), size=len(content))


@pytest.mark.parametrize(("name", "main"), [("a.docx", DOCX), ("a.xlsx", XLSX), ("a.pptx", PPTX)])
def test_a_whole_office_package_is_taken(applicant_handler: Actor, name: str, main: tuple[str, str]) -> None:
    assert store(applicant_handler, name, package(*main)).content_type in f"{main[1]} {OFFICE}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", package("readme.txt", DOCX[1])),
        ("a.docx", package(*XLSX)),
        ("a.xlsx", package(*DOCX)),
        ("a.docx", package(DOCX[0], XLSX[1])),
        ("a.docx", package(*DOCX)[:-30]),
        ("a.docx", b"PK\x03\x04 and nothing more"),
        ("a.docx", b"%PDF-1.4\n"),
        ("a.pdf", package(*DOCX)),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(applicant_handler: Actor, name: str, content: bytes) -> None:
    """A package without the main part of its kind, one cut short, or another kind under a wrong name."""
    with pytest.raises(BadInput) as refused:
        store(applicant_handler, name, content)
    assert refused.value.fields["file"]
    assert not Attachment.objects.exists()


def test_an_encrypted_document_is_refused_because_nobody_could_read_it(applicant_handler: Actor) -> None:
    """Office wraps an encrypted package into an OLE container; a zip may encrypt its parts as well."""
    with pytest.raises(BadInput, match=r"密码|password"):
        store(applicant_handler, "a.docx", OLE)
    marked = bytearray(package(*DOCX))
    at = marked.rindex(b"PK\x01\x02")
    marked[at + 8] |= 1
    with pytest.raises(BadInput, match=r"密码|password"):
        store(applicant_handler, "a.docx", bytes(marked))


@pytest.mark.parametrize(
    "content",
    [
        package(*DOCX, {"word/vbaProject.bin": b"x"}),
        package(*XLSX, {"xl/macrosheets/sheet1.xml": b"x"}),
        package(DOCX[0], "application/vnd.ms-word.document.macroEnabled.main+xml"),
    ],
)
def test_a_document_with_macros_is_refused(applicant_handler: Actor, content: bytes) -> None:
    name = "a.xlsx" if b"xl/" in content else "a.docx"
    with pytest.raises(BadInput, match=r"宏|macros"):
        store(applicant_handler, name, content)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("批文\u202efdp.exe", "批文fdp.exe"),
        ("../../etc/批文.pdf", "批文.pdf"),
        ("C:\\文件\\批文.pdf", "批文.pdf"),
        ("批\u200f文\u2066\x00\x1b\u200b.pdf", "批文.pdf"),
        ("一\r\n二\t三.pdf", "一 二 三.pdf"),
        ("...", ""),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_plain(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_the_plain_name_decides_what_the_file_pretends_to_be(applicant_handler: Actor) -> None:
    """A direction character that makes a program look like a PDF is gone before the ending is read."""
    with pytest.raises(BadInput):
        store(applicant_handler, "批文\u202efdp.exe", b"%PDF-1.4\n")
    assert store(applicant_handler, "../批\u202e文.pdf", b"%PDF-1.4\n").name == "批文.pdf"


def refusing_scanner(stream: IO[bytes]) -> str:
    return "Test.Virus" if b"EICAR" in stream.read() else ""


def absent_scanner(stream: IO[bytes]) -> str:
    raise ConnectionRefusedError


def test_without_a_scanner_a_file_is_said_not_to_be_scanned(applicant_handler: Actor, settings: Settings) -> None:
    settings.ATTACHMENT_SCANNER = ""
    assert store(applicant_handler, "a.pdf", EICAR).scanned_by == ""


def test_the_scanner_is_asked_before_a_file_is_taken(applicant_handler: Actor, settings: Settings) -> None:
    settings.ATTACHMENT_SCANNER = f"{__name__}.refusing_scanner"
    with pytest.raises(BadInput, match=r"Test\.Virus"):
        store(applicant_handler, "a.pdf", EICAR)
    kept = store(applicant_handler, "a.pdf", b"%PDF-1.4\nclean")
    assert kept.scanned_by == settings.ATTACHMENT_SCANNER
    assert kept.file.read() == b"%PDF-1.4\nclean"


def test_the_api_says_which_scanner_found_nothing_in_a_file(enshi: Place, api_for: Any, settings: Settings) -> None:
    """When a file is handed in, and on the case that it belongs to."""
    settings.ATTACHMENT_SCANNER = f"{__name__}.refusing_scanner"
    api, case = api_for(enshi.applicant_handler), filed(enshi, published_resource(enshi))
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4\nclean")
    handed_in = api.post("/api/v1/attachments/", {"file": file}, format="multipart").json()
    assert handed_in["scanned_by"] == settings.ATTACHMENT_SCANNER
    Attachment.objects.filter(pk=handed_in["id"]).update(case=case)
    assert api.get(f"/api/v1/cases/{case.number}/").json()["attachments"] == [handed_in]


def test_no_file_is_taken_unscanned_while_the_scanner_is_away(applicant_handler: Actor, settings: Settings) -> None:
    settings.ATTACHMENT_SCANNER = f"{__name__}.absent_scanner"
    with pytest.raises(BadInput) as refused:
        store(applicant_handler, "a.pdf", EICAR)
    assert refused.value.fields["file"]
    assert not Attachment.objects.exists()


@pytest.fixture
def daemon(settings: Settings) -> Iterator[list[bytes]]:
    """Something that speaks clamd's INSTREAM on a real socket; the list gets what it was sent."""
    received: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD_ADDRESS, settings.CLAMD_TIMEOUT = f"127.0.0.1:{server.getsockname()[1]}", 5

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as read:
                assert read.read(10) == b"zINSTREAM\0"
                content = b""
                while length := int.from_bytes(read.read(4), "big"):
                    content += read.read(length)
                received.append(content)
                answers = {b"": b"INSTREAM size limit exceeded. ERROR"}
                found = b"stream: Eicar-Signature FOUND" if b"EICAR" in content else b"stream: OK"
                connection.sendall(answers.get(content, found) + b"\0")

    threading.Thread(target=serve, daemon=True).start()
    yield received
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_clamd_is_sent_the_whole_file_and_its_verdict_is_believed(daemon: list[bytes]) -> None:
    assert clamd.scan(io.BytesIO(EICAR)) == "Eicar-Signature"
    clean = b"x" * 200_000
    assert clamd.scan(io.BytesIO(clean)) == ""
    assert daemon == [EICAR, clean]
    with pytest.raises(OSError, match="size limit"):
        clamd.scan(io.BytesIO(b""))
