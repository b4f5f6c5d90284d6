"""What the audit room may raise. None of these is for users: each is a fault of the caller or of the house."""

from __future__ import annotations


class AuditFault(Exception):
    """Base of the room's errors."""


class OutsideTransactionError(AuditFault):
    """`record` was called outside of a transaction: the act and its proof would not stand or fall together."""


class EpochNeededError(AuditFault):
    """Transaction ids began low again (a dump was restored): `begin_epoch` must be called before sealing."""


class KeyMissingError(AuditFault):
    """No key to sign with, or one that cannot be read; there is no default."""
