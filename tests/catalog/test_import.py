"""Importing a list: all that can be imported is, every row is accounted for, nothing is half-written."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from catalog import selectors, services
from catalog.importing import mapping as mappings
from catalog.importing import reading
from catalog.models import Category, Publication, Resource
from catalog.selectors import Query
from catalog.services import ImportReport
from organizations.actors import Actor
from organizations.errors import BadInput
from organizations.models import Jurisdiction, Organization
from organizations.services import assign_organ_role, register_jurisdiction
from tests.cast import SYSTEM, new_actor, new_organization
from tests.catalog.test_search import seed_synonyms
from tests.scenes import act

MAPPING = """
[file]
encoding = "utf-8-sig"
[key]
column = "编号"
prefix = "list"
[provider]
column = "提供单位"
pattern = '^(?P<code>\\S+)\\s*【(?P<name>[^】]+)】$'
scheme = "outside"
[category]
column = "分类"
pattern = '^(?P<title>.+?)\\s*(?:\\(\\d+\\))?$'
directory = "thematic"
code = "290"
[items]
column = "字段"
[fields.title]
column = "名称"
[fields.summary]
column = "摘要"
[fields.update_cycle]
column = "频率"
values = { "每年" = "yearly", "不定期" = "irregular" }
[fields.formats]
column = "格式"
split = ","
values = { CSV = "spreadsheet", PDF = "document" }
default = ["document"]
[fields.source_updated_at]
column = "更新"
[fields.sharing_class]
default = "conditional"
[fields.sharing_condition]
default = "限于履行职责使用"
[fields.sharing_methods]
default = ["download"]
"""
HEADINGS = ["编号", "名称", "摘要", "提供单位", "分类", "频率", "格式", "字段", "更新"]
ROW = {
    "编号": "1",
    "名称": "道路名录",
    "摘要": "全市道路",
    "提供单位": "38001A 【交通局】",
    "分类": "交通 (2)",
    "频率": "每年",
    "格式": "CSV,PDF",
    "字段": "name(路名)、length(长度)",
    "更新": "2017/8/18",
}


def rows(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**ROW, **change} for change in changes]


@pytest.fixture
def city(law: None) -> Jurisdiction:
    """A jurisdiction made for the test, under the nation's law, with a bureau and its data steward."""
    place = register_jurisdiction(
        SYSTEM,
        jurisdiction_id="listed",
        name_zh="导入测试市",
        name_en="Listed (test)",
        region="000000",
        pack="national",
    )
    bureau = new_organization(place, "导入测试市大数据局", number=70_000_001)
    assign_organ_role(SYSTEM, jurisdiction=place, organization=bureau, role="bureau")
    return place


@pytest.fixture
def steward(city: Jurisdiction) -> Actor:
    return new_actor(city.organizations.get(), "data_steward", "listed.steward")


@pytest.fixture
def mapping(tmp_path: Path) -> mappings.ListMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return mappings.load(str(path))


def csv_bytes(found: list[dict[str, Any]], headings: list[str] | None = None) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, headings or HEADINGS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(found)
    return stream.getvalue().encode()


def write(tmp_path: Path, content: bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def workbook(tmp_path: Path, found: list[dict[str, Any]]) -> Path:
    book = Workbook()
    book.active.append(HEADINGS)
    for row in found:
        book.active.append([row[heading] for heading in HEADINGS])
    path = tmp_path / "list.xlsx"
    book.save(path)
    return path


def run(path: Path, mapping: mappings.ListMapping, city: Jurisdiction, **more: Any) -> ImportReport:
    table = reading.read(path, mapping.file)
    return services.import_list(SYSTEM, table=table, mapping=mapping, jurisdiction=city, source=path.name, **more)


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome for row in report.rows]


def test_a_row_becomes_a_draft_with_all_that_it_says(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    report = run(write(tmp_path, csv_bytes(rows({}))), mapping, city)
    resource = Resource.objects.get()
    assert outcomes(report) == ["created"]
    assert (resource.title, resource.status, resource.code) == ("道路名录", "draft", "290001/000001")
    assert (resource.provider.name, resource.provider.code_scheme) == ("交通局", Organization.CodeScheme.OUTSIDE)
    assert (resource.category.title, resource.update_cycle) == ("交通", "yearly")
    assert resource.formats == ["spreadsheet", "document"]
    assert [(i.code, i.title, i.meaning) for i in resource.items.all()] == [
        ("name", "name", "路名"),
        ("length", "length", "长度"),
    ]
    assert timezone.localtime(resource.source_updated_at).date().isoformat() == "2017-08-18"
    assert resource.data_updated_at is None


def test_a_second_run_changes_what_changed_and_nothing_else(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    run(write(tmp_path, csv_bytes(rows({}, {"编号": "2"}))), mapping, city)
    versions = dict(Resource.objects.values_list("source_key", "version"))
    again = run(write(tmp_path, csv_bytes(rows({}, {"编号": "2", "名称": "桥梁名录"}))), mapping, city)
    assert outcomes(again) == ["unchanged", "updated"]
    assert set(Resource.objects.values_list("title", flat=True)) == {"道路名录", "桥梁名录"}
    assert Resource.objects.get(source_key="list:1").version == versions["list:1"]


def test_all_drafts_of_a_list_are_handed_in_under_one_case_that_publishes_all(
    tmp_path: Path, mapping: Any, city: Jurisdiction, steward: Actor
) -> None:
    path = write(tmp_path, csv_bytes(rows({}, {"编号": "2", "提供单位": "38002B 【水务局】"})))
    report = run(path, mapping, city, submitter=steward)
    assert report.submitted == 2
    assert set(Resource.objects.values_list("status", flat=True)) == {"in_review"}
    bureau = steward.organization
    leader, reviewer, approver = (
        new_actor(bureau, kind, f"listed.{kind}") for kind in ("leader", "reviewer", "approver")
    )
    act(leader, report.case, "sign_off")
    act(reviewer, report.case, "find_in_order", opinion="齐全")
    act(approver, report.case, "approve")
    assert set(Resource.objects.values_list("status", flat=True)) == {"published"}
    assert Publication.objects.count() == 1


def test_a_run_after_the_handing_in_opens_no_second_case_and_leaves_what_is_under_review(
    tmp_path: Path, mapping: Any, city: Jurisdiction, steward: Actor
) -> None:
    run(write(tmp_path, csv_bytes(rows({}, {"编号": "2"}))), mapping, city, submitter=steward)
    changed = rows({}, {"编号": "2", "名称": "改名"}, {"编号": "3"})
    again = run(write(tmp_path, csv_bytes(changed)), mapping, city, submitter=steward)
    assert outcomes(again) == ["unchanged", "refused", "created"]
    assert again.submitted == 1
    assert not Resource.objects.filter(title="改名").exists()


def test_a_list_that_came_back_is_not_handed_in_twice(
    tmp_path: Path, mapping: Any, city: Jurisdiction, steward: Actor
) -> None:
    path = write(tmp_path, csv_bytes(rows({})))
    first = run(path, mapping, city, submitter=steward)
    leader = new_actor(steward.organization, "leader", "listed.leader")
    act(leader, first.case, "return_draft", reason="摘要不全")
    again = run(path, mapping, city, submitter=steward)
    assert (again.case, Publication.objects.count()) == (None, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"频率": "偶尔"}, "偶尔"),
        ({"提供单位": "交通局"}, "提供单位"),
        ({"更新": "2017-02-30"}, "2017-02-30"),
        ({"名称": ""}, "title"),
        ({"名称": "长" * 201}, "title"),
        ({"编号": ""}, "编号"),
        ({"名称": "=HYPERLINK(1)"}, "名称"),
        ({"摘要": "a\x07b"}, "摘要"),
    ],
)
def test_a_row_that_cannot_be_imported_is_refused_with_its_reason_and_the_rest_imported(
    tmp_path: Path, mapping: Any, city: Jurisdiction, change: dict[str, str], reason: str
) -> None:
    bad = {"编号": "2", "提供单位": "39999Z 【新单位】", "分类": "新分类", **change}
    report = run(write(tmp_path, csv_bytes(rows({}, bad, {"编号": "3"}))), mapping, city)
    assert outcomes(report) == ["created", "refused", "created"]
    assert reason in report.rows[1].reason
    assert Resource.objects.count() == 2
    assert not Organization.objects.filter(name="新单位").exists()
    assert not Category.objects.filter(title="新分类").exists()


def test_what_a_refused_row_would_have_registered_is_there_for_the_next(
    tmp_path: Path, mapping: Any, city: Jurisdiction
) -> None:
    new = {"提供单位": "39999Z 【新单位】", "分类": "新分类"}
    report = run(write(tmp_path, csv_bytes(rows({**new, "名称": ""}, {**new, "编号": "2"}))), mapping, city)
    assert outcomes(report) == ["refused", "created"]
    assert Resource.objects.get().provider.name == "新单位"


def test_a_key_used_twice_is_refused_the_second_time(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    report = run(write(tmp_path, csv_bytes(rows({}, {"名称": "另一条"}))), mapping, city)
    assert outcomes(report) == ["created", "refused"]
    assert "2" in report.rows[1].reason


def test_a_ragged_row_is_refused(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    content = csv_bytes(rows({}, {"编号": "2"})) + "3,多,出,来,的\r\n".encode()
    report = run(write(tmp_path, content), mapping, city)
    assert outcomes(report) == ["created", "created", "refused"]
    assert "9" in report.rows[2].reason


def test_a_line_break_in_a_cell_does_not_shift_the_lines_reported(
    tmp_path: Path, mapping: Any, city: Jurisdiction
) -> None:
    report = run(write(tmp_path, csv_bytes(rows({"摘要": "一\n二"}, {"编号": "2", "频率": "?"}))), mapping, city)
    assert [row.line for row in report.rows] == [2, 4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv_bytes(rows({})).decode().encode("gb18030"), "gb18030"),
        (csv_bytes(rows({}), HEADINGS[:-1]), "更新"),
        (b"", ""),
        (b"PK\x03\x04....", "xlsx"),
        (csv_bytes(rows({})) + b'2,"never closed', "CSV"),
        (csv_bytes(rows({}), [*HEADINGS, "名称"]), "名称"),
    ],
    ids=["encoding", "missing column", "empty", "workbook named csv", "open quotation", "column twice"],
)
def test_a_file_that_is_not_such_a_list_is_refused_whole(
    tmp_path: Path, mapping: Any, city: Jurisdiction, content: bytes, said: str
) -> None:
    with pytest.raises(BadInput) as refused:
        run(write(tmp_path, content), mapping, city)
    assert said in str(refused.value.message)
    assert not Resource.objects.exists()


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path, mapping: Any, settings: Any) -> None:
    settings.CATALOG_IMPORT_MAX_BYTES = 1024**2
    path = write(tmp_path, b"")
    with path.open("r+b") as stream:
        stream.truncate(200 * 1024**2)
    with pytest.raises(BadInput, match="200"):
        reading.read(path, mapping.file)


def test_a_workbook_is_read_like_csv(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    report = run(workbook(tmp_path, rows({"编号": 1}, {"编号": 2.0})), mapping, city)
    assert outcomes(report) == ["created", "created"]
    assert set(Resource.objects.values_list("source_key", flat=True)) == {"list:1", "list:2"}


def test_a_formula_and_a_number_that_lost_digits_are_refused(tmp_path: Path, mapping: Any, city: Jurisdiction) -> None:
    path = workbook(tmp_path, rows({"名称": "=1+1"}, {"编号": 422801199001011234}, {"编号": "3"}))
    report = run(path, mapping, city)
    assert outcomes(report) == ["refused", "refused", "created"]
    assert "B2" in report.rows[0].reason


def test_something_else_named_as_a_workbook_is_refused(tmp_path: Path, mapping: Any) -> None:
    with pytest.raises(BadInput):
        reading.read(write(tmp_path, b"PK\x03\x04 no workbook", "list.xlsx"), mapping.file)


def test_a_dry_run_reports_the_same_and_keeps_nothing(
    tmp_path: Path, mapping: Any, city: Jurisdiction, steward: Actor
) -> None:
    path = write(tmp_path, csv_bytes(rows({}, {"编号": "2", "频率": "?"})))
    report = run(path, mapping, city, submitter=steward, dry_run=True)
    assert outcomes(report) == ["created", "refused"]
    assert not Resource.objects.exists()
    assert not Category.objects.exists()
    assert not Publication.objects.exists()


def test_the_command_writes_a_line_for_every_row(tmp_path: Path, city: Jurisdiction, steward: Actor) -> None:
    path = write(tmp_path, csv_bytes(rows({}, {"编号": "2", "频率": "?"})))
    toml = write(tmp_path, MAPPING.encode(), "own.toml")
    said, report = io.StringIO(), tmp_path / "report.csv"
    call_command("import_catalogue", str(path), mapping=str(toml), jurisdiction="listed", report=report, stdout=said)
    with report.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["line"], line["outcome"]) for line in lines] == [("2", "created"), ("3", "refused")]
    assert lines[1]["reason"]
    assert Publication.objects.get().case.number in said.getvalue()


def test_the_command_names_what_is_wrong_with_its_arguments(tmp_path: Path, city: Jurisdiction) -> None:
    path = write(tmp_path, csv_bytes(rows({})))
    with pytest.raises(CommandError, match="open_data_list"):
        call_command("import_catalogue", str(path), mapping="nosuch", jurisdiction="listed")
    with pytest.raises(CommandError, match="nowhere"):
        call_command("import_catalogue", str(path), mapping="open_data_list", jurisdiction="nowhere")


@pytest.mark.parametrize(
    ("wrong", "right", "key"),
    [
        ("[fields.title]", "[fields.titel]", "fields.titel"),
        ('directory = "thematic"', 'directory = "theme"', "category.directory"),
        ("(?P<name>[^】]+)", "([^】]+)", "provider.pattern"),
        ('"yearly"', '"annual"', "fields.update_cycle"),
        ("[items]\ncolumn", "[items]\ncolumns", "items.columns"),
    ],
)
def test_a_mapping_with_a_mistake_names_the_key(tmp_path: Path, wrong: str, right: str, key: str) -> None:
    path = write(tmp_path, MAPPING.replace(wrong, right).encode(), "own.toml")
    with pytest.raises(BadInput, match=key):
        mappings.load(str(path))


@pytest.fixture
def real_list(shared_folder: Path) -> Path:
    path = shared_folder / "data" / "taoyuan_catalogue.csv"
    if not path.is_file():
        pytest.skip("the real list is not beside the project")
    return path


def test_a_real_citys_list_is_imported_whole(real_list: Path, city: Jurisdiction, steward: Actor) -> None:
    """Every row of the real list becomes a draft with items, all under one case; a second run changes nothing.

    Either word for air quality, in either script, finds its entries.
    """
    seed_synonyms()
    mapping = mappings.load("open_data_list")
    report = run(real_list, mapping, city, submitter=steward)
    assert [row.reason for row in report.rows if row.outcome != "created"] == []
    assert len(report.rows) == Resource.objects.count() == report.submitted == 1429
    assert Organization.objects.filter(jurisdiction=city, code_scheme="outside").count() == 34
    assert not Resource.objects.filter(items__isnull=True).exists()
    assert Publication.objects.count() == 1
    again = run(real_list, mapping, city, submitter=steward)
    assert (again.count("unchanged"), again.case) == (1429, None)

    Resource.objects.update(status=Resource.Status.PUBLISHED, published_at=timezone.now())
    found = {
        text: {
            row.title
            for row in selectors.one_page(
                steward, Query(text=text, jurisdiction="listed"), timezone.now(), size=100
            ).rows
        }
        for text in ("空氣品質", "空气质量")
    }
    assert found["空氣品質"] == found["空气质量"]
    assert any("空氣品質" in title for title in found["空气质量"])
