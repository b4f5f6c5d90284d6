"""What the portal's components say and draw, in both languages, from plain values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from organizations.models import Jurisdiction
from portal import presentation
from statutes.definitions import Instrument, Rule, Text

FRIDAY = date(2026, 11, 27)


def render(source: str, **context: Any) -> str:
    request = RequestFactory().get("/catalogue/", {"q": "区划", "cursor": "old"})
    return Template("{% load shutong i18n %}" + source).render(Context({"request": request, **context}))


def clock(status: str, left: int | None = None, unit: str = "working_day", *, provisional: bool = False) -> dict:
    return {"status": status, "left": left, "unit": unit, "due_on": FRIDAY, "provisional": provisional}


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


# --- clocks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "zh", "en", "css"),
    [
        (clock("running", 8), "还剩 8 个工作日", "8 working days left", "sh-run"),
        (clock("soon", 1), "还剩 1 个工作日", "1 working day left", "sh-soon"),
        ({**clock("soon", 0), "due_on": timezone.localdate()}, "今日到期", "Due today", "sh-soon"),
        ({**clock("soon", 0), "due_on": date(2090, 1, 1)}, "2090-01-01 周日 到期", "Due 2090-01-01 Sun", "sh-soon"),
        (clock("overdue", 0), "超期不足 1 个工作日", "Less than a working day overdue", "sh-over"),
        (clock("overdue", 3), "超期 3 个工作日", "3 working days overdue", "sh-over"),
        (clock("overdue", -3), "超期 3 个工作日", "3 working days overdue", "sh-over"),
        (clock("overdue", 5, "day"), "超期 5 天", "5 days overdue", "sh-over"),
        (clock("running", 4, "hour"), "还剩 4 小时", "4 hours left", "sh-run"),
        (clock("suspended"), "已中止", "Suspended", "sh-hold"),
        (clock("met"), "按时办结", "Met in time", "sh-done"),
        (clock("late"), "超期办结", "Met late", "sh-over"),
        (clock("unheard-of"), "无时限", "No time limit", "sh-hold"),
    ],
)
def test_a_clock_is_told_in_words_and_never_by_colour_alone(given: dict, zh: str, en: str, css: str) -> None:
    with translation.override("zh-hans"):
        assert presentation.clock_text(given) == zh
    with translation.override("en"):
        assert presentation.clock_text(given) == en
    assert presentation.clock_class(given) == css


def test_a_provisional_due_date_is_dashed_and_says_so(chinese: None) -> None:
    given = clock("running", 30, provisional=True)
    assert presentation.clock_text(given) == "还剩 30 个工作日 暂定"
    assert "sh-prov" in presentation.clock_class(given)


def test_the_badge_shows_the_date_with_its_weekday_where_asked(chinese: None) -> None:
    plain, dated = (render(f"{{% clock_badge c {more} %}}", c=clock("soon", 2)) for more in ("", "date=True"))
    assert plain == '<span class="sh-chip sh-soon">还剩 2 个工作日</span>'
    assert dated.startswith(plain)
    assert "2026-11-27 周五" in dated


# --- the day strip ---------------------------------------------------------------------------------------


def steps(start: date, working_days: int) -> list[SimpleNamespace]:
    """Start day, then days until so many working days are counted; weekends are off."""
    found = [SimpleNamespace(date=start, number=None, counted=False, why="start")]
    day, number = start, 0
    while number < working_days:
        day += timedelta(days=1)
        if day.weekday() >= 5:
            found.append(SimpleNamespace(date=day, number=None, counted=False, why="weekend"))
        else:
            number += 1
            found.append(SimpleNamespace(date=day, number=number, counted=True, why="working"))
    return found


def test_the_strip_tells_each_day_why_it_counts_or_not(chinese: None) -> None:
    days = steps(date(2026, 11, 20), 5)
    cells = presentation.strip_cells(days, FRIDAY, date(2026, 11, 24))
    assert [cell.label for cell in cells[:4]] == ["起算 不计", "休", "休", "第 1 日"]
    assert cells[-1].label == "第 5 日 到期"
    assert cells[-1].css == "sh-day-due"
    assert [cell.day for cell in cells if "sh-day-today" in cell.css] == ["24"]


def test_a_make_up_day_a_holiday_and_a_pause_are_named(chinese: None) -> None:
    given = [
        SimpleNamespace(date=date(2026, 2, 13), number=None, counted=False, why="start"),
        SimpleNamespace(date=date(2026, 2, 14), number=1, counted=True, why="make_up"),
        SimpleNamespace(date=date(2026, 2, 15), number=None, counted=False, why="holiday:春节"),
        SimpleNamespace(date=date(2026, 2, 24), number=None, counted=False, why="paused"),
    ]
    told = [(cell.label, cell.css) for cell in presentation.strip_cells(given, None)]
    assert told[1:] == [("第 1 日 调休上班", "sh-day-makeup"), ("春节", "sh-day-off"), ("已中止", "sh-day-paused")]


@pytest.mark.parametrize("count", [1, 9, 10, 11, 30, 60])
def test_a_long_strip_is_folded_in_the_middle_and_loses_no_day(count: int) -> None:
    days = steps(date(2026, 11, 20), count)
    cells = presentation.strip_cells(days, days[-1].date)
    assert len(cells) <= presentation.FOLD_ABOVE
    assert sum(cell.folded or 1 for cell in cells) == len(days)
    assert cells[-1].date == days[-1].date


def test_the_strip_of_a_running_clock_goes_on_to_today_when_it_is_overdue(chinese: None) -> None:
    days = steps(date(2026, 11, 20), 5)
    cells = presentation.strip_cells(days, FRIDAY, date(2026, 12, 1), running=True)
    assert [cell.label for cell in cells[-3:]] == ["第 5 日 到期", "中间 3 天", "今日 超期"]
    assert cells[-1].css == "sh-day-past"
    assert presentation.strip_cells(days, FRIDAY, FRIDAY, running=True)[-1].css == "sh-day-due sh-day-today"
    assert presentation.strip_cells(days, FRIDAY, date(2026, 12, 1))[-1].date == FRIDAY


def test_the_strip_is_an_ordered_list_with_a_name(language: str) -> None:
    html = render("{% day_strip d %}", d=SimpleNamespace(days=steps(date(2026, 11, 20), 5), due_on=FRIDAY))
    assert html.count("<li") == 8
    assert 'aria-label="' in html
    assert '<time datetime="2026-11-27">' in html


# --- words -----------------------------------------------------------------------------------------------


def test_a_text_of_a_pack_is_shown_in_the_language_of_the_page() -> None:
    pair = Text("提供部门答复", "Answer of the provider")
    with translation.override("zh-hans"):
        assert render("{{ t|lang }}", t=pair) == "提供部门答复"
        assert render("{{ t|lang }}", t={"zh": "甲", "en": "A"}) == "甲"
    with translation.override("en"):
        assert render("{{ t|lang }}", t=pair) == "Answer of the provider"
        assert render("{{ t|lang }}", t={"zh": "只有中文", "en": ""}) == "只有中文"


def test_a_day_carries_its_weekday_and_a_missing_one_a_dash(language: str) -> None:
    weekday = {"zh-hans": "周五", "en": "Fri"}[language]
    assert f">2026-11-27 {weekday}</time>" in render("{% day d %}", d=FRIDAY)
    assert render("{% day d %}", d=None) == "—"


def test_an_article_names_its_law_and_its_tooltip_the_summary(chinese: None) -> None:
    rule = Rule("answer", "test", Text("五个工作日内答复", "Answer in five"), "enforced", article="第十六条")
    instrument = Instrument("measures", Text("办法", "Measures"))
    html = render("{% law rule instrument=instrument %}", rule=rule, instrument=instrument)
    assert 'title="办法 第十六条: 五个工作日内答复"' in html
    assert ">《办法》第十六条</" in html
    bare = render("{% law rule instrument=instrument bare=True %}", rule=rule, instrument=instrument)
    assert ">第十六条</" in bare


def test_text_of_users_is_escaped_in_every_component_that_shows_it() -> None:
    evil = "<script>alert(1)</script>"
    pieces = [
        '{% include "portal/components/empty.html" with title=t text=t %}',
        '{% include "portal/components/chip.html" with text=t %}',
        '{% include "portal/components/kv.html" with rows=rows %}',
        '{% include "portal/components/card.html" with title=t text=t %}',
        '{% include "portal/components/timeline.html" with entries=entries %}',
        '{% include "portal/components/dictionary.html" with items=items %}',
        '{% include "portal/components/progress.html" with text=t label=t state="running" %}',
    ]
    entries = [{"at": None, "title": evil, "who": evil, "opinion": evil, "files": [{"name": evil, "size": 1}]}]
    html = render("".join(pieces), t=evil, rows=[(evil, evil)], entries=entries, items=[{"title": evil, "name": evil}])
    assert "<script" not in html
    assert "&lt;script&gt;" in html


# --- lists and forms -------------------------------------------------------------------------------------


def test_paging_keeps_the_filters_and_replaces_the_cursor(language: str) -> None:
    html = render('{% include "portal/components/pager.html" with next="abc" total="1000+" %}')
    assert 'rel="next" href="?q=%E5%8C%BA%E5%88%92&amp;cursor=abc"' in html
    assert 'rel="prev"' not in html


def test_a_list_that_fits_one_page_has_no_pager() -> None:
    assert render('{% include "portal/components/pager.html" %}').strip() == ""


class SampleForm(forms.Form):
    basis = forms.CharField(label="使用依据", help_text="写明条款。")
    method = forms.ChoiceField(label="方式", choices=[("api", "接口")], required=False)
    items = forms.MultipleChoiceField(
        label="信息项", choices=[("code", "代码"), ("name", "名称")], widget=forms.CheckboxSelectMultiple
    )


def test_a_wrong_field_says_what_is_wrong_and_is_tied_to_its_help_and_error(chinese: None) -> None:
    form = SampleForm({"method": "api", "items": ["code"]})
    assert not form.is_valid()
    html = render('{% include "portal/components/field.html" with field=form.basis %}', form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_basis_help id_basis_error"' in html
    assert 'id="id_basis_help"' in html
    assert 'id="id_basis_error"' in html
    summary = render('{% include "portal/components/form_errors.html" with form=form %}', form=form)
    assert 'href="#id_basis"' in summary


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "请选择"), ("en", "Please choose")])
def test_a_list_with_nothing_chosen_says_so_in_words(language: str, words: str) -> None:
    class Chosen(forms.Form):
        kind = forms.ChoiceField(choices=[("", "---------"), ("a", "A")], required=False)
        place = forms.ModelChoiceField(Jurisdiction.objects.none(), required=False)

    with translation.override(language):
        html = render('{% include "portal/components/field.html" with field=one %}', one=Chosen()["kind"])
        html += render('{% include "portal/components/field.html" with field=one %}', one=Chosen()["place"])
    assert html.count(f">{words}</option>") == 2
    assert "---" not in html


def test_a_group_of_boxes_has_a_legend_and_an_optional_field_says_that_it_is(chinese: None) -> None:
    form = SampleForm()
    group = render('{% include "portal/components/field.html" with field=form.items %}', form=form)
    assert "<legend>信息项</legend>" in group
    single = render('{% include "portal/components/field.html" with field=form.method %}', form=form)
    assert "选填" in single
    assert 'class="form-select"' in single


def test_a_field_keeps_its_own_label_whatever_else_the_page_calls_label(chinese: None) -> None:
    source = '{% for label in "甲乙" %}{% include "portal/components/field.html" with field=form.basis %}{% endfor %}'
    html = render(source, form=SampleForm())
    assert html.count(">使用依据</label>") == 2
    assert "甲" not in html


def test_progress_asks_again_only_while_it_runs() -> None:
    source = '{% include "portal/components/progress.html" with url="/p/" value=3 max=9 text="三" state=state %}'
    assert 'hx-get="/p/"' in render(source, state="running")
    assert "hx-get" not in render(source, state="done")


def test_no_component_writes_a_style_or_a_script_into_the_page(settings: Any) -> None:
    """The Content-Security-Policy allows neither."""
    for path in sorted((settings.ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if "drf_spectacular" in path.parts:
            continue
        assert " style=" not in text, path
        assert " onclick=" not in text, path
        assert "<style" not in text, path
        assert "<script>" not in text, path
