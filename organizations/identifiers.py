"""Numbers that identify people and organizations: GB 11643, GB 32100, GB 11714, GB/T 2260.

A check answers findings with a level. An *error* (format, check digit, date) means that the number cannot exist; a
*warning* (region, inner digit, age) means that it is unusual, and a person decides. Region tables change
and old numbers keep their codes, therefore an unknown region never refuses a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Aspect(StrEnum):
    FORMAT = "format"
    CHECK_DIGIT = "check_digit"
    INNER_DIGIT = "inner_digit"
    DATE = "date"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a number. `message` is ready to show."""

    level: Level
    aspect: Aspect
    message: str | Promise


CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
CITIZEN_PATTERN = re.compile(r"[0-9]{17}[0-9X]")

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
USCC_PATTERN = re.compile(f"[{USCC_ALPHABET}]{{18}}")

INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INNER_PATTERN = re.compile(r"[0-9A-Z]{8}[0-9X]")

REGION_PATTERN = re.compile(r"[0-9]{6}")
EARLIEST_BIRTH_YEAR = 1850


def normalized(number: str) -> str:
    """The number as the standards print it: no spaces or hyphens, capital letters, half-width characters."""
    narrow = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in number)
    return re.sub(r"[\s-]", "", narrow).upper()


def errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.ERROR]


def citizen_check_digit(body: str) -> str:
    """The 18th character for 17 digits: ISO 7064 MOD 11-2 (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(CITIZEN_WEIGHTS, body, strict=True))
    return CITIZEN_CHECKS[total % 11]


def uscc_check_digit(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code (GB 32100-2015)."""
    total = sum(weight * USCC_ALPHABET.index(char) for weight, char in zip(USCC_WEIGHTS, body, strict=True))
    return USCC_ALPHABET[-total % 31]


def inner_check_digit(body: str) -> str:
    """The ninth character of an organization code for its first eight (GB 11714)."""
    total = sum(weight * INNER_ALPHABET.index(char) for weight, char in zip(INNER_WEIGHTS, body, strict=True))
    return "0123456789X"[-total % 11]


def check_citizen_number(number: str, *, on: date, regions: frozenset[str] = frozenset()) -> list[Finding]:
    """Findings on a citizen's identity number (GB 11643); empty when nothing is wrong.

    `on` is the day the number is looked at: a later date of birth is an error. `regions` are the codes that were
    ever in force; when empty the region is not judged. Residence permits (81, 82, 83) are citizen numbers here.
    """
    if not CITIZEN_PATTERN.fullmatch(number):
        return [Finding(Level.ERROR, Aspect.FORMAT, _("An identity number has 17 digits and a digit or X."))]
    if citizen_check_digit(number[:17]) != number[17]:
        return [Finding(Level.ERROR, Aspect.CHECK_DIGIT, _("The check digit of the identity number is wrong."))]
    return [*_birth_findings(number[6:14], on), *_region_findings(number[:6], regions)]


def check_uscc(number: str) -> list[Finding]:
    """Findings on a unified social credit code (GB 32100-2015).

    Positions 1 to 8 may hold letters: registering authorities other than industry and commerce use them. The inner
    digit (position 17, GB 11714) only warns: the code as a whole has proved itself by its own check digit.
    """
    if not USCC_PATTERN.fullmatch(number):
        return [
            Finding(Level.ERROR, Aspect.FORMAT, _("A credit code has 18 digits or capitals without I, O, S, V, Z."))
        ]
    if uscc_check_digit(number[:17]) != number[17]:
        return [Finding(Level.ERROR, Aspect.CHECK_DIGIT, _("The check digit of the credit code is wrong."))]
    if inner_check_digit(number[8:16]) != number[16]:
        text = _("The organization code inside the credit code has a wrong check digit.")
        return [Finding(Level.WARNING, Aspect.INNER_DIGIT, text)]
    return []


def check_organization_code(number: str) -> list[Finding]:
    """Findings on a nine-character organization code (GB 11714), as older registers hold it."""
    if not INNER_PATTERN.fullmatch(number):
        return [Finding(Level.ERROR, Aspect.FORMAT, _("An organization code has eight characters and a check digit."))]
    if inner_check_digit(number[:8]) != number[8]:
        return [Finding(Level.ERROR, Aspect.CHECK_DIGIT, _("The check digit of the organization code is wrong."))]
    return []


def check_region(code: str, regions: frozenset[str] = frozenset()) -> list[Finding]:
    """Findings on a region code (GB/T 2260): six digits; unknown ones warn."""
    if not REGION_PATTERN.fullmatch(code):
        return [Finding(Level.ERROR, Aspect.FORMAT, _("A region code has six digits."))]
    return _region_findings(code, regions)


def _birth_findings(digits: str, on: date) -> list[Finding]:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return [Finding(Level.ERROR, Aspect.DATE, _("The date of birth in the number does not exist."))]
    if born > on:
        return [Finding(Level.ERROR, Aspect.DATE, _("The date of birth in the number lies in the future."))]
    if born.year < EARLIEST_BIRTH_YEAR:
        return [Finding(Level.WARNING, Aspect.DATE, _("The date of birth in the number is too long ago."))]
    return []


def _region_findings(code: str, regions: frozenset[str]) -> list[Finding]:
    if regions and code not in regions:
        return [Finding(Level.WARNING, Aspect.REGION, _("The region code is not known."))]
    return []
