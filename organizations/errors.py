"""What a service may answer instead of doing its work. The browser and the API turn each into its status."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """Base: `message` is shown to the user as it is, already translated."""

    status = 400

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message


class BadInput(Refused):
    """Some fields are wrong. `fields`: field name to what is wrong and how to mend it."""

    status = 400

    def __init__(self, message: object, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NotPermitted(Refused):
    """The actor may know of the thing but not do this to it."""

    status = 403


class NotKnown(Refused):
    """The actor may not know whether the thing exists."""

    status = 404


class Conflict(Refused):
    """The thing has moved, or is not in a state for this. `details` says who moved it."""

    status = 409

    def __init__(self, message: object, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.details = dict(details or {})


class TooMany(Refused):
    """A rate or budget is used up. `retry_after`: seconds, or None when waiting does not help."""

    status = 429

    def __init__(self, message: object, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
