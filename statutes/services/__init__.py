"""Every write of the statutes: the calendar, and the versions of rule packs."""

from statutes.services.calendar import record_local_day as record_local_day
from statutes.services.calendar import record_year as record_year
from statutes.services.calendar import seed_calendar as seed_calendar
from statutes.services.packs import sync_packs as sync_packs
