"""What the audit room may raise. None of these is for users: each is a fault of the caller or of the house."""

from __future__ import annotations


class AuditError(Exception):
    """Base of the room's errors."""


class OutsideTransactionError(AuditError):
    """`record` was called outside of a transaction: the act and its proof would not stand or fall together."""


class EpochNeededError(AuditError):
    """Transaction ids began low again (a dump was restored): `begin_epoch` must be called before sealing."""


class KeyMissingError(AuditError):
    """No key to sign with, or one that cannot be read; there is no default."""
