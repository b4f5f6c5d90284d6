"""Every read of the statutes: the calendar, and the rule packs in force."""

from statutes.resolution import resolve_limit as resolve_limit
from statutes.selectors.calendar import calendar_years as calendar_years
from statutes.selectors.calendar import changes_since as changes_since
from statutes.selectors.calendar import months_of as months_of
from statutes.selectors.calendar import working_calendar as working_calendar
from statutes.selectors.packs import compiled as compiled
from statutes.selectors.packs import current as current
from statutes.selectors.packs import versions_in_use as versions_in_use
