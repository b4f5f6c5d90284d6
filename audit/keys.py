"""The site's signing key (Ed25519), and the keys whose signatures are believed.

The key comes from AUDIT_KEY (PEM, or the 32 secret bytes in base64) or AUDIT_KEY_FILE (PEM). Where
AUDIT_KEY_FILE_CREATED is set (the embedded default), a missing file is made at first use, readable by its owner only.
"""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from audit.errors import KeyMissingError


def signing_key() -> Ed25519PrivateKey:
    """The key to sign with. KeyMissingError when there is none or it cannot be read."""
    if settings.AUDIT_KEY:
        return _from_text(settings.AUDIT_KEY, "AUDIT_KEY")
    if not settings.AUDIT_KEY_FILE:
        raise KeyMissingError("set AUDIT_KEY or AUDIT_KEY_FILE: the record is signed with it, and it has no default")
    file = Path(settings.AUDIT_KEY_FILE)
    if settings.AUDIT_KEY_FILE_CREATED and not file.exists():
        _create(file)
    try:
        return _from_text(file.read_text(), str(file))
    except OSError as error:
        raise KeyMissingError(f"AUDIT_KEY_FILE cannot be read: {error}") from error


def _from_text(text: str, source: str) -> Ed25519PrivateKey:
    try:
        if "-----BEGIN" in text:
            key = load_pem_private_key(text.replace("\\n", "\n").encode(), None)
        else:
            key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text.strip(), validate=True))
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as error:
        raise KeyMissingError(f"{source} holds no Ed25519 key that can be read") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMissingError(f"{source} holds a key of another kind than Ed25519")
    return key


def _create(file: Path) -> None:
    """Write a new key beside `file` and link it into place: of two processes one wins, and neither reads half a key."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.") as draft:  # readable by its owner only
        draft.write(pem)
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, file)


def key_id(key: Ed25519PublicKey) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def trusted_keys() -> dict[str, Ed25519PublicKey]:
    """Key id to public key: the site's own, and former ones from AUDIT_FORMER_KEYS (public, base64)."""
    former = [Ed25519PublicKey.from_public_bytes(base64.b64decode(text)) for text in settings.AUDIT_FORMER_KEYS]
    return {key_id(key): key for key in (*former, signing_key().public_key())}


def encode_public(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()
