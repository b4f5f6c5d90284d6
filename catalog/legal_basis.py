"""Whether what a withheld entry rests on is of the rank that national law asks for. It flags, it never converts.

Order 809 art. 14: a law, an administrative regulation or a decision of the State Council. A basis is free text, older
than that rule in many entries; where none of the three can be recognized in it a person has to look.
"""

from __future__ import annotations

import re

from django.db.models import Q

from catalog.models import SharingClass

LAW = "《[^》]*[^办]法(》|（)|[^办]法第"
REGULATION = "《(?![^》]{2,8}(省|市|自治区|自治州|州|县))[^》]*条例(》|（)"
STATE_COUNCIL = "国务院"
RECOGNIZED = f"{LAW}|{REGULATION}|{STATE_COUNCIL}"
"""For Python and for PostgreSQL alike: a law by name, a regulation that no province or city has made, the Council."""


def is_national(basis: str) -> bool:
    """Whether a law, an administrative regulation or the State Council can be recognized in a basis."""
    return re.search(RECOGNIZED, basis) is not None


def lacking() -> Q:
    """Withheld entries in whose basis none of them can be recognized."""
    return Q(sharing_class=SharingClass.WITHHELD) & ~Q(withheld_basis__regex=RECOGNIZED)
