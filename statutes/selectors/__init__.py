"""Every read of the statutes: the calendar, and the rule packs in force."""

from statutes.selectors.calendar import calendar as calendar
from statutes.selectors.calendar import calendar_years as calendar_years
from statutes.selectors.calendar import changes_since as changes_since
from statutes.selectors.calendar import months_of as months_of
