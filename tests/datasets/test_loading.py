"""Loading CSV: what is taken, what is refused and why; nothing half-written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from catalog.models import Resource
from datasets import reading, store
from datasets.models import Batch, Dataset
from datasets.reasons import file_reason

pytestmark = pytest.mark.django_db(databases=["default", "datasets"])

GOOD = "code,name,county\n110101,东城,北京\n110102,西城,\n"


def rows_of(resource: Resource, *columns: str) -> list[str]:
    dataset = Dataset.objects.get(resource=resource)
    with reading.stream_csv(dataset, columns or [c.code for c in dataset.columns.all()], masks={}) as stream:
        return b"".join(stream).decode().splitlines()[1:]


def rejects_of(batch: Batch) -> list[tuple[int, str, str]]:
    return [(reject.line, reject.column, reject.code) for reject in batch.rejects.all()]


def test_good_rows_are_loaded_counted_and_dated(resource: Resource, load: Callable[..., Batch]) -> None:
    batch = load(resource, GOOD)
    assert (batch.state, batch.read, batch.accepted, batch.rejected) == ("merged", 2, 2, 0)
    assert rows_of(resource) == ["110101,东城,北京", "110102,西城,"]
    resource.refresh_from_db()
    assert resource.data_updated_at == batch.finished_at
    assert resource.dataset.row_count == 2
    quality = batch.quality
    assert (quality.complete, quality.unique, quality.valid) == (pytest.approx(83.33), 100, 100)


def test_columns_may_come_in_any_order_and_by_title(make: Callable[..., Resource], load: Callable[..., Batch]) -> None:
    resource = make(("code", {"title": "代码"}), ("name", {"title": "名称"}))
    load(resource, "名称,CODE\n东城,1\n")
    assert rows_of(resource, "code", "name") == ["1,东城"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_these_encodings_are_found_out(encoding: str, resource: Resource, load: Callable[..., Batch]) -> None:
    batch = load(resource, GOOD.encode(encoding))
    assert (batch.state, batch.encoding) == ("merged", encoding)
    assert rows_of(resource) == ["110101,东城,北京", "110102,西城,"]


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (b"", "empty", {}),
        (b"code,name,county\n", "no_rows", {}),
        (GOOD.encode()[:30] + b"\xff" + GOOD.encode()[30:], "broken_utf8", {"offset": 30}),
        (b"code,name,county\n1,\xff\xff\xff,2\n", "encoding", {"offset": 19}),
        (GOOD.encode("utf-16"), "utf16", {}),
        (b"code,name,county\n1,a\x00b,2\n", "binary", {"offset": 20}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old_excel", {}),
        (b"PK\x03\x04 not a workbook", "xlsx", {}),
        (b"code;name;county\n1;2;3\n", "separator", {}),
        (b'code,name,county\n1,"a"b,2\n', "quotes", {"line": 2}),
        (b'code,name,county\n1,a,2\n2,"b,2\n3,c,4\n', "quotes", {"line": 3}),
        (b"code,name,county\n,,\n", "none_accepted", {"read": 1}),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    content: bytes, code: str, params: dict[str, int], resource: Resource, load: Callable[..., Batch]
) -> None:
    """The reason names the place; the data of before stays, and no table is left behind."""
    load(resource, GOOD)
    tables = store.tables()
    batch = load(resource, content)
    assert (batch.state, batch.error_code, batch.error_params) == ("failed", code, params)
    assert file_reason(batch.error_code, batch.error_params)
    assert rows_of(resource) == ["110101,东城,北京", "110102,西城,"]
    assert store.tables() == tables


def test_a_heading_that_does_not_match_is_reported_in_full(resource: Resource, load: Callable[..., Batch]) -> None:
    batch = load(resource, "code,name,name,extra,\n1,2,3,4,5\n")
    assert batch.error_code == "header"
    assert batch.error_params == {"missing": ["county"], "unknown": ["extra"], "duplicate": ["name"], "unnamed": [5]}
    sentence = file_reason(batch.error_code, batch.error_params)
    assert all(name in sentence for name in ("county", "extra", "name", "5"))


def test_ragged_rows_are_refused_one_by_one(resource: Resource, load: Callable[..., Batch]) -> None:
    batch = load(resource, "code,name,county\n1,a\n2,b,c\n3,c,d,e\n\n4,d,\n")
    assert (batch.read, batch.accepted, batch.rejected) == (4, 2, 2)
    assert rejects_of(batch) == [(2, "", "ragged"), (4, "", "ragged")]
    assert rows_of(resource) == ["2,b,c", "4,d,"]


def test_rows_that_share_a_key_are_all_refused_and_name_each_other(
    resource: Resource, load: Callable[..., Batch]
) -> None:
    batch = load(resource, "code,name,county\n1,a,\n2,b,\n1,c,\n")
    assert [(r.line, r.code, r.params) for r in batch.rejects.all()] == [
        (2, "duplicate_key", {"lines": "4"}),
        (4, "duplicate_key", {"lines": "2"}),
    ]
    assert (batch.accepted, batch.rejected) == (1, 2)
    assert rows_of(resource) == ["2,b,"]


def test_a_batch_refused_after_the_first_look_has_loaded_nothing(
    resource: Resource, load: Callable[..., Batch]
) -> None:
    """Rows that passed and were then refused for their keys are rejects; none counts as loaded."""
    doubled = load(resource, "code,name,county\n1,a,\n1,c,\n")
    load(resource, GOOD)
    again = load(resource, GOOD, "append")
    broken = load(resource, b'code,name,county\n1,a,2\n2,"b,2\n3,c,4\n')
    assert [batch.state for batch in (doubled, again, broken)] == ["failed"] * 3
    assert [(batch.read, batch.accepted, batch.rejected) for batch in (doubled, again)] == [(2, 0, 2), (2, 0, 2)]
    assert broken.accepted == 0
    assert {row.code for row in again.rejects.all()} == {"existing_key"}


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_key_that_a_spreadsheet_rounded_is_refused(
    quote: str, resource: Resource, load: Callable[..., Batch]
) -> None:
    """Only keys: a text beside it may look like that; a code that has an E in it is none."""
    lines = ["code,name,county", f"{quote}4.22801E+11{quote},a,4.22801E+11", "4E+11,b,", "4E11,c,4E+11"]
    batch = load(resource, "\n".join([*lines, ""]))
    assert rejects_of(batch) == [(2, "code", "code_as_number"), (3, "code", "code_as_number")]
    assert rows_of(resource) == ["4E11,c,4E+11"]


def test_quotes_commas_and_line_ends_inside_cells_survive(resource: Resource, load: Callable[..., Batch]) -> None:
    load(resource, 'code,name,county\r\n1,"a, ""b""","x\r\ny"\r\n2, c ,\'d\r\n')
    dataset = Dataset.objects.get(resource=resource)
    page = reading.page_json(dataset, ["name", "county"], masks={})
    assert page.records == [{"name": 'a, "b"', "county": "x\r\ny"}, {"name": " c ", "county": "'d"}]


@pytest.mark.parametrize("value", ["a\n\\.\nb", "\\.", "\\N", "\r", " ", "\ufeff", "NULL", "\u2028", "𠮷"])
def test_values_that_mean_something_elsewhere_are_only_text_here(
    value: str, make: Callable[..., Resource], load: Callable[..., Batch]
) -> None:
    resource = make(("a", {}), ("b", {}))
    load(resource, f'a,b\n"{value}","x"\n')
    assert reading.page_json(Dataset.objects.get(resource=resource), ["a"], masks={}).records == [{"a": value}]


def test_plain_and_quoted_files_are_read_alike(make: Callable[..., Resource], load: Callable[..., Batch]) -> None:
    """The quick way through a file without quotes and the careful way answer the same, rejects included."""
    items = [
        ("n", {"data_type": "integer"}),
        ("x", {"data_type": "number"}),
        ("d", {"data_type": "date"}),
        ("t", {"data_type": "datetime"}),
        ("b", {"data_type": "boolean"}),
        ("v", {"values": ["a", "ab", "x|y"]}),
        ("s", {"length": 3, "required": True}),
    ]
    lines = [
        "1,1.50,2024-02-29,2024-01-02 03:04:05,true,ab,abc",
        "007,1,2024/1/5,2024-01-02T03:04,是,a,x",
        "9223372036854775808,1e5,2023-02-29,x,maybe,b,abcd",
        "-3,-0.5,20240105,,否,x|y,é",
        "1.0,1.,2024年1月5日,2024-13-01 00:00,,,",
        ",,,,,,z",
    ]
    plain, quoted = make(*items), make(*items)
    heading = "n,x,d,t,b,v,s"
    first = load(plain, "\n".join([heading, *lines]))
    second = load(quoted, "\n".join([heading.replace("n", '"n"', 1), *lines]) + "\n")
    assert rejects_of(first) == rejects_of(second)
    assert rows_of(plain) == rows_of(quoted)
    assert rows_of(plain) == [
        "1,1.50,2024-02-29,2024-01-02 03:04:05,true,ab,abc",
        "-3,-0.5,2024-01-05,,false,x|y,é",
        ",,,,,,z",
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("11010519491231002X", ""),
        ("11010519491231002x", ""),
        ("110105194912310021", "identity_check"),
        ("1.10105E+17", "identity_as_number"),
        ("110105194912310000", "identity_as_number"),
        ("110105491231002", "identity"),
        ("", ""),
    ],
)
def test_identity_numbers_are_checked(
    cell: str, code: str, make: Callable[..., Resource], load: Callable[..., Batch]
) -> None:
    resource = make(("no", {}), ("id", {"data_type": "identity"}))
    batch = load(resource, f"no,id\n1,{cell}\n2,11010519491231002X\n")
    assert rejects_of(batch) == ([(2, "id", code)] if code else [])
    assert rows_of(resource)[-1] == "2,11010519491231002X"


def test_credit_codes_are_checked(make: Callable[..., Resource], load: Callable[..., Batch]) -> None:
    resource = make(
        ("uscc", {"data_type": "credit_code", "is_key": True}),
    )
    batch = load(resource, "uscc\n91350100M000100Y43\n91350100M000100Y44\n91350100M000100Y4\n")
    assert rejects_of(batch) == [(3, "uscc", "credit_code_check"), (4, "uscc", "credit_code")]


def test_appending_refuses_keys_that_are_there_and_updating_changes_them(
    resource: Resource, load: Callable[..., Batch]
) -> None:
    load(resource, GOOD)
    added = load(resource, "code,name,county\n110102,新,\n110105,朝阳,\n", "append")
    assert (added.accepted, rejects_of(added)) == (1, [(2, "code", "existing_key")])
    assert rows_of(resource) == ["110101,东城,北京", "110102,西城,", "110105,朝阳,"]
    changed = load(resource, "code,name,county\n110102,新,\n110106,丰台,\n", "upsert")
    assert (changed.accepted, changed.replaced) == (2, 1)
    assert rows_of(resource) == ["110101,东城,北京", "110102,新,", "110105,朝阳,", "110106,丰台,"]
    assert resource.dataset.__class__.objects.get(resource=resource).row_count == 4


def test_many_batches_leave_exactly_their_rows(make: Callable[..., Resource], load: Callable[..., Batch]) -> None:
    """Without a key equal rows are kept, each as often as it came."""
    resource = make(("a", {}), ("b", {}))
    for mode in ("replace", "append", "append"):
        load(resource, "a,b\n1,x\n1,x\n", mode)
    assert Counter(rows_of(resource)) == {"1,x": 6}
