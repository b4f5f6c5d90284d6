"""Identity numbers, credit codes and organization codes: GB 11643, GB 32100, GB 11714."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.identifiers import (
    INNER_ALPHABET,
    USCC_ALPHABET,
    Aspect,
    Level,
    check_citizen_number,
    check_organization_code,
    check_region,
    check_uscc,
    citizen_check_digit,
    errors,
    inner_check_digit,
    normalized,
    uscc_check_digit,
)

ON = date(2026, 11, 22)
digits = st.text("0123456789", min_size=3, max_size=3)
births = st.dates(date(1900, 1, 1), ON)
uscc_bodies = st.text(USCC_ALPHABET, min_size=17, max_size=17)
# USCC positions 9 to 16 are an organization code's body
inner_bodies = st.text(USCC_ALPHABET, min_size=8, max_size=8)


def citizen_number(born: date, sequence: str, region: str = "000000") -> str:
    """A right number of a region that does not exist: no person's."""
    body = f"{region}{born:%Y%m%d}{sequence}"
    return body + citizen_check_digit(body)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_gb_11643_are_right(number: str) -> None:
    assert check_citizen_number(number, on=ON) == []


@given(births, digits)
def test_every_number_with_its_check_digit_is_right(born: date, sequence: str) -> None:
    assert check_citizen_number(citizen_number(born, sequence), on=ON) == []


@given(births, digits, st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(born: date, sequence: str, place: int, shift: int) -> None:
    """MOD 11-2 finds every error in one digit."""
    number = citizen_number(born, sequence)
    wrong = str((int(number[place]) + shift) % 10)
    found = check_citizen_number(number[:place] + wrong + number[place + 1 :], on=ON)
    assert [finding.aspect for finding in found] == [Aspect.CHECK_DIGIT]


@given(births, digits, st.integers(0, 15))
def test_every_swap_of_two_neighbours_is_noticed(born: date, sequence: str, place: int) -> None:
    number = citizen_number(born, sequence)
    if number[place] == number[place + 1]:
        return
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert errors(check_citizen_number(swapped, on=ON))


def test_a_birth_in_the_future_or_on_no_day_is_an_error() -> None:
    for birth in ("20991231", "20230229", "20231301"):
        body = f"000000{birth}001"
        found = check_citizen_number(body + citizen_check_digit(body), on=ON)
        assert [(f.level, f.aspect) for f in found] == [(Level.ERROR, Aspect.DATE)]


def test_an_unknown_region_only_warns() -> None:
    """Region codes live on in numbers after their abolition, so they never refuse a number."""
    found = check_citizen_number(citizen_number(date(1990, 1, 1), "001"), on=ON, regions=frozenset({"422801"}))
    assert [(f.level, f.aspect) for f in found] == [(Level.WARNING, Aspect.REGION)]


@pytest.mark.parametrize("region", ["810000", "820000", "830000"])
def test_residence_permits_are_citizen_numbers(region: str) -> None:
    assert check_citizen_number(citizen_number(date(1990, 1, 1), "001", region), on=ON) == []


@pytest.mark.parametrize("number", ["", "12345", "11010519491231002x", "1101051949123100２X", "A1010519491231002X"])
def test_a_malformed_number_is_an_error_of_format(number: str) -> None:
    assert [f.aspect for f in check_citizen_number(number, on=ON)] == [Aspect.FORMAT]


def test_the_example_of_gb_32100_is_right_and_its_neighbour_wrong() -> None:
    assert check_uscc("91350100M000100Y43") == []
    assert [f.aspect for f in check_uscc("91350100M000100Y4Z")] == [Aspect.FORMAT]
    assert [f.aspect for f in check_uscc("91350100M000100Y44")] == [Aspect.CHECK_DIGIT]


@given(uscc_bodies)
def test_letters_may_stand_anywhere_in_a_credit_code(body: str) -> None:
    """Positions 1 to 8 too: agriculture N…, others Y…, A… (GB 32100-2015)."""
    assert errors(check_uscc(body + uscc_check_digit(body))) == []


@given(uscc_bodies, st.integers(0, 16), st.integers(1, 30))
def test_every_single_wrong_character_of_a_credit_code_is_noticed(body: str, place: int, shift: int) -> None:
    check = uscc_check_digit(body)
    wrong = USCC_ALPHABET[(USCC_ALPHABET.index(body[place]) + shift) % 31]
    assert errors(check_uscc(body[:place] + wrong + body[place + 1 :] + check))


@given(st.text(USCC_ALPHABET, min_size=8, max_size=8), inner_bodies)
def test_a_wrong_inner_digit_only_warns(head: str, inner: str) -> None:
    right = inner_check_digit(inner)
    wrong = "1" if right == "0" else "0"
    body = head + inner + wrong
    found = check_uscc(body + uscc_check_digit(body))
    assert [(f.level, f.aspect) for f in found] == [(Level.WARNING, Aspect.INNER_DIGIT)]


def test_the_worked_example_of_gb_11714() -> None:
    assert inner_check_digit("M000100Y") == "4"
    assert check_organization_code("M000100Y4") == []
    assert [f.aspect for f in check_organization_code("M000100Y5")] == [Aspect.CHECK_DIGIT]
    assert [f.aspect for f in check_organization_code("M000100")] == [Aspect.FORMAT]


@given(st.text(INNER_ALPHABET, min_size=8, max_size=8))
def test_every_organization_code_with_its_check_digit_is_right(body: str) -> None:
    assert check_organization_code(body + inner_check_digit(body)) == []


def test_region_codes_have_six_digits() -> None:
    assert check_region("422800") == []
    assert [f.level for f in check_region("4228")] == [Level.ERROR]
    assert [f.level for f in check_region("999999", frozenset({"422800"}))] == [Level.WARNING]


def test_what_people_type_is_brought_into_the_standards_form() -> None:
    assert normalized(" ９１３５-0100 m000100y43 ") == "91350100M000100Y43"
