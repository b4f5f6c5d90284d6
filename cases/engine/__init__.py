"""The case engine: open, act, settle, sweep. Everything else in this package is its inside."""

from cases.engine.acting import act, closed_doors
from cases.engine.context import Matter, load, load_many
from cases.engine.inheriting import inherit
from cases.engine.moving import move_open_cases
from cases.engine.opening import open_case, opened_before
from cases.engine.schedules import open_scheduled
from cases.engine.sweeping import settle_case, sweep

__all__ = [
    "Matter",
    "act",
    "closed_doors",
    "inherit",
    "load",
    "load_many",
    "move_open_cases",
    "open_case",
    "open_scheduled",
    "opened_before",
    "settle_case",
    "sweep",
]
