"""The signing key: made once in the embedded default, demanded in production, never guessed."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from audit.errors import KeyMissingError
from audit.keys import signing_key, trusted_keys


def test_the_file_is_made_at_first_use_for_its_owner_alone(signing_key: Path) -> None:
    from_first = trusted_keys()
    assert stat.S_IMODE(signing_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(signing_key.parent.stat().st_mode) == 0o700
    assert list(trusted_keys()) == list(from_first)
    assert [file.name for file in signing_key.parent.iterdir()] == ["audit.pem"]


def test_processes_that_start_together_agree_on_one_key() -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _number: signing_key().private_bytes_raw(), range(16)))
    assert len(set(keys)) == 1


def test_without_a_key_there_is_no_default(settings: Settings) -> None:
    settings.AUDIT_KEY_FILE_CREATED = False
    with pytest.raises(KeyMissingError, match="cannot be read"):
        signing_key()
    settings.AUDIT_KEY_FILE = ""
    with pytest.raises(KeyMissingError, match="no default"):
        signing_key()


def test_the_environment_may_give_the_key_itself(settings: Settings) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (base64.b64encode(key.private_bytes_raw()).decode(), pem, pem.replace("\n", "\\n")):
        settings.AUDIT_KEY = text
        assert signing_key().private_bytes_raw() == key.private_bytes_raw()


def test_a_key_that_is_none_is_refused(settings: Settings) -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in ("secret", "AAAA", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", other):
        settings.AUDIT_KEY = text
        with pytest.raises(KeyMissingError):
            signing_key()
