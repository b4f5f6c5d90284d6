"""Every write of the statutes: the calendar, and the versions of rule packs."""

from statutes.services.activation import confirm_activation as confirm_activation
from statutes.services.activation import propose_activation as propose_activation
from statutes.services.activation import reject_activation as reject_activation
from statutes.services.calendar import record_local_day as record_local_day
from statutes.services.calendar import record_year as record_year
from statutes.services.calendar import seed_calendar as seed_calendar
from statutes.services.notices import Wish as Wish
from statutes.services.notices import apply_notice as apply_notice
from statutes.services.notices import reject_notice as reject_notice
from statutes.services.notices import save_notice as save_notice
from statutes.services.notices import submit_notice as submit_notice
from statutes.services.packs import sync_packs as sync_packs
