"""Reading: exactly the columns and rows asked for, masked where asked, in flat memory, stopped when told."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.core import signing
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog.models import Resource
from datasets import reading, selectors, store
from datasets.models import Batch, Dataset
from datasets.reading import Filter
from organizations.errors import BadInput, Conflict, NotKnown
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])

PEOPLE = "name,id,age\n张三,11010519491231002X,7\n欧阳娜娜,,12\n=1+1,,\n"


def dataset_of(resource: Resource) -> Dataset:
    found = selectors.dataset_of(resource.pk)
    assert found is not None
    return found


def read(resource: Resource, *codes: str, **options: Any) -> list[list[str]]:
    with reading.stream_csv(dataset_of(resource), codes, **{"masks": {}, **options}) as stream:
        text = b"".join(stream).decode()
    assert stream.ended == "complete"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert stream.rows == len(rows) - 1
    assert stream.bytes == len(text.encode())
    return rows


@pytest.fixture
def people(make: Callable[..., Resource], load: Callable[..., Batch]) -> Resource:
    resource = make(
        ("name", {"mask": "name"}),
        ("id", {"data_type": "identity", "mask": "identity"}),
        ("age", {"data_type": "integer", "mask": "full"}),
    )
    load(resource, PEOPLE)
    return resource


@pytest.fixture
def large(resource: Resource, load: Callable[..., Batch]) -> Resource:
    rows = (f"{number},名称{number % 7},{'县' * (number % 5)}\n" for number in range(40_000))
    load(resource, "code,name,county\n" + "".join(rows))
    return resource


def test_only_the_named_columns_leave_in_the_order_asked_for(people: Resource) -> None:
    assert read(people, "age", "name") == [["age", "name"], ["7", "张三"], ["12", "欧阳娜娜"], ["", "=1+1"]]


def test_masks_are_applied_by_the_database(people: Resource) -> None:
    masks = selectors.item_masks(dataset_of(people))
    assert read(people, "name", "id", "age", masks=masks)[1:] == [
        ["张*", "1****************X", "***"],
        ["欧***", "", "***"],
        ["=***", "", ""],
    ]


def test_a_mask_that_is_not_known_hides_the_value(people: Resource) -> None:
    assert [row[0] for row in read(people, "name", masks={"name": "later"})[1:]] == ["***", "***", "***"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)] * 3),
        min_size=1,
        max_size=30,
    ).filter(lambda rows: any(row[1] for row in rows))
)
def test_what_is_read_is_what_was_loaded(
    rows: list[tuple[str, str, str]], make: Callable[..., Resource], load: Callable[..., Batch]
) -> None:
    """As a multiset, for any text at all: quotes, separators, line ends, formulas, other scripts."""
    resource = make(("a", {}), ("b", {}), ("c", {}))
    held = io.StringIO()
    csv.writer(held).writerows([("a", "b", "c"), *rows])
    batch = load(resource, held.getvalue())
    assert batch.accepted == len(rows)
    assert Counter(map(tuple, read(resource, "a", "b", "c")[1:])) == Counter(rows)


def test_rows_are_limited_and_filtered(large: Resource) -> None:
    assert len(read(large, "code", row_limit=17)) == 18
    assert len(read(large, "name", filters=[Filter("name", "eq", "名称3")])) - 1 == 5714
    assert read(large, "code", scope=[Filter("code", "in", ["5", "8"]), Filter("name", "prefix", "名")])[1:] == [
        ["5"],
        ["8"],
    ]
    assert reading.count_rows(dataset_of(large), scope=[Filter("county", "eq", "县县")]) == 8000


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        (Filter("name", "eq", "张三"), "masked"),
        (Filter("id", "eq", "11010519491231002X"), "not granted"),
        (Filter("nothing", "eq", "1"), "unknown"),
        (Filter("age", "eq", "many"), "wrong type"),
        (Filter("age", "like", "1"), "unknown comparison"),
    ],
)
def test_filters_reach_no_further_than_the_reader_sees(wish: Filter, named: str, people: Resource) -> None:
    with pytest.raises(BadInput) as refused:
        reading.stream_csv(dataset_of(people), ["name", "age"], filters=[wish], masks={"name": "name"})
    assert wish.code in refused.value.fields


def test_a_column_that_is_not_there_is_refused_before_the_first_byte(people: Resource) -> None:
    with pytest.raises(BadInput, match="salary"):
        reading.stream_csv(dataset_of(people), ["name", "salary"], masks={})


def test_a_stream_ends_when_reading_is_no_longer_allowed(large: Resource) -> None:
    answers = iter([True, True, False])
    stream = reading.stream_csv(
        dataset_of(large), ["code", "name", "county"], masks={}, still_allowed=lambda: next(answers)
    )
    rows = b"".join(stream).count(b"\n") - 1
    assert stream.ended == "stopped"
    assert 0 < rows == stream.rows < 40_000


def test_a_stream_that_is_not_allowed_yields_nothing(large: Resource) -> None:
    stream = reading.stream_csv(dataset_of(large), ["code"], masks={}, still_allowed=lambda: False)
    assert (list(stream), stream.ended, stream.rows, stream.bytes) == ([], "stopped", 0, 0)


def test_a_reader_who_goes_away_leaves_nothing_running(large: Resource) -> None:
    stream = reading.stream_csv(dataset_of(large), ["code", "name"], masks={})
    next(stream)
    stream.close()
    assert stream.ended == "closed"
    assert len(read(large, "code")) == 40_001


def test_a_table_that_is_gone_is_a_failure_not_an_empty_file(large: Resource) -> None:
    dataset = dataset_of(large)
    dataset.table = "r_1_999999999"
    stream = reading.stream_csv(dataset, ["code"], masks={})
    with pytest.raises(psycopg2.Error, match="does not exist"), transaction.atomic(using=store.alias()):
        list(stream)
    assert stream.ended == "failed"


def test_reading_holds_little_in_memory(large: Resource) -> None:
    tracemalloc.start()
    with reading.stream_csv(dataset_of(large), ["code", "name", "county"], masks={}) as stream:
        for _chunk in stream:
            pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stream.rows == 40_000
    assert peak < 4 << 20


def pages(resource: Resource, codes: list[str], **options: Any) -> Iterator[reading.Page]:
    after = ""
    while True:
        page = reading.page_json(dataset_of(resource), codes, after=after, **{"masks": {}, **options})
        yield page
        if not page.next:
            return
        after = page.next


def test_pages_hold_every_record_once(large: Resource) -> None:
    codes = [record["code"] for page in pages(large, ["code"], limit=999) for record in page.records]
    assert codes == [str(number) for number in range(40_000)]


def test_records_are_typed_and_masked(people: Resource) -> None:
    page = reading.page_json(dataset_of(people), ["name", "age"], masks={"name": "name"})
    assert page.records == [{"name": "张*", "age": 7}, {"name": "欧***", "age": 12}, {"name": "=***", "age": None}]
    assert (page.count, page.next) == (3, "")
    assert page.bytes == len(json.dumps(page.records, ensure_ascii=False).encode())


def test_a_cursor_is_good_for_its_query_alone(people: Resource, large: Resource) -> None:
    """Neither other columns, nor other masks, another resource, a changed or a made-up cursor get a page."""
    first = reading.page_json(dataset_of(people), ["name", "age"], limit=1, masks={})
    wrong = [
        (people, ["name"], {}, first.next),
        (people, ["name", "age"], {"name": "name"}, first.next),
        (large, ["name", "county"], {}, first.next),
        (people, ["name", "age"], {}, first.next[:-1] + ("A" if first.next[-1] != "A" else "B")),
        (people, ["name", "age"], {}, signing.dumps(["r_1_1", 0, "x"], salt="another")),
        (people, ["name", "age"], {}, "garbage"),
    ]
    for resource, codes, masks, cursor in wrong:
        with pytest.raises(BadInput):
            reading.page_json(dataset_of(resource), codes, after=cursor, masks=masks)
    assert reading.page_json(dataset_of(people), ["name", "age"], after=first.next, masks={}).count == 2


def test_a_cursor_does_not_show_what_it_passed(people: Resource) -> None:
    """It holds the number of a row, never a value: a signed text can be read by anyone."""
    first = reading.page_json(dataset_of(people), ["age"], limit=1, masks={})
    assert [type(part) for part in signing.loads(first.next, salt=reading.CURSOR_SALT)] == [str, int, str]


def test_a_cursor_of_replaced_data_is_a_conflict(people: Resource, load: Callable[..., Batch]) -> None:
    first = reading.page_json(dataset_of(people), ["name"], limit=1, masks={})
    load(people, PEOPLE)
    with pytest.raises(Conflict):
        reading.page_json(dataset_of(people), ["name"], after=first.next, masks={})


def test_a_page_takes_one_query(large: Resource, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    dataset = dataset_of(large)
    with django_assert_num_queries(0), django_assert_num_queries(1, connection=connections[store.alias()]):
        reading.page_json(dataset, ["code"], masks={})


def test_without_data_there_is_nothing_to_read(resource: Resource) -> None:
    assert selectors.dataset_of(resource.pk) is None
    assert not selectors.has_data(resource.pk)
    with pytest.raises(NotKnown):
        reading.page_json(Dataset.objects.create(resource=resource), ["code"], masks={})


@pytest.mark.parametrize(
    ("sharing_class", "first"),
    [
        ("unconditional", ("张*", "1****************X", "***", "甲乙")),
        ("conditional", ("张*", "1****************X", "***", "甲乙")),
        ("withheld", ("***", "***", "***", "***")),
    ],
)
def test_a_preview_shows_no_more_than_sharing_without_a_grant_would(
    sharing_class: str, first: tuple[str, ...], make: Callable[..., Resource], load: Callable[..., Batch], cast: Cast
) -> None:
    """Each item by its own mask; general data in clear; withheld, nothing."""
    resource = make(
        ("name", {"mask": "name"}),
        ("id", {"data_type": "identity", "mask": "identity"}),
        ("age", {"data_type": "integer", "mask": "full"}),
        ("note", {}),
        sharing_class=sharing_class,
        sharing_condition="凭依据",
        withheld_basis="某法第一条",
    )
    load(resource, "name,id,age,note\n" + "张三,11010519491231002X,7,甲乙\n" * 9)
    preview = selectors.masked_preview(cast.enshi.outsider, resource)
    assert preview is not None
    assert [item.code for item in preview.items] == ["name", "id", "age", "note"]
    assert preview.rows == [first] * 5
    assert selectors.masked_preview(None, resource) is None


@pytest.mark.parametrize(
    ("entry", "first"),
    [
        ({}, ("422801", "***", "1****************X", "甲乙")),
        ({"sensitivity": "important"}, ("422801", "***", "1****************X", "甲乙")),
        ({"holds_personal": True}, ("***", "***", "1****************X", "***")),
        ({"holds_commercial": True}, ("***", "***", "1****************X", "***")),
    ],
)
def test_a_preview_follows_the_level_of_each_item(
    entry: dict[str, Any], first: tuple[str, ...], make: Callable[..., Resource], load: Callable[..., Batch], cast: Cast
) -> None:
    """No item here names a mask: what is important, and identity numbers, are guarded all the same."""
    items = (("code", {}), ("border", {"sensitivity": "important"}), ("id", {"data_type": "identity"}), ("note", {}))
    resource = make(*items, sharing_class="conditional", sharing_condition="凭依据", **entry)
    load(resource, "code,border,id,note\n" + "422801,界线,11010519491231002X,甲乙\n" * 9)
    assert selectors.masked_preview(cast.enshi.outsider, resource).rows == [first] * selectors.PREVIEW_ROWS
    resource.items.update(sensitivity="general")
    if resource.sensitivity != "general":
        guarded = selectors.masked_preview(cast.enshi.outsider, resource).rows[0]
        assert guarded == ("***", "***", "1****************X", "***"), "no item is said to be the important one"


def test_a_masking_change_in_the_catalogue_counts_at_once(people: Resource) -> None:
    people.items.filter(code="name").update(mask="full")
    people.items.filter(code="age").delete()
    assert selectors.item_masks(dataset_of(people)) == {"name": "full", "id": "identity", "age": "full"}
