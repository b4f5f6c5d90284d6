"""What the scripts add to any page: asking once, sending once, rows that open, lists to search in, files to drop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

FORM = """
<form id="sample" method="post" action="/nowhere/" {attributes}>
  <div><label for="basis">使用依据</label><input id="basis" name="basis" value="界线管理条例"></div>
  <fieldset><legend>信息项</legend>
    <label><input type="checkbox" name="items" value="code" checked> 代码</label>
    <label><input type="checkbox" name="items" value="name" checked> 名称</label>
    <label><input type="checkbox" name="items" value="area"> 面积</label></fieldset>
  <label for="secret">密码</label><input id="secret" type="password" name="secret" value="hidden-word">
  <button class="btn btn-primary">提交答复</button>
</form>
"""
COUNT_SENDINGS = """() => {
  window.sent = 0;
  document.getElementById("sample").addEventListener("submit", (event) => {
    window.sent += 1;
    event.preventDefault();
  });
}"""


@pytest.fixture
def workshop(browser_page: Page, cast: Cast, sign_in: Callable) -> Callable[[str], Page]:
    """`workshop(markup)`: a page of the portal whose content is that markup."""
    sign_in(browser_page, cast.enshi.applicant_handler, "/account/")

    def put(markup: str) -> Page:
        script = "html => { document.getElementById('main').innerHTML = html; htmx.process(document.body); }"
        browser_page.evaluate(script, markup)
        return browser_page

    return put


def test_a_binding_step_shows_what_was_filled_in_and_asks_once(workshop: Callable) -> None:
    page = workshop(FORM.format(attributes='data-sh-confirm="答复后时限停止。"'))
    page.evaluate(COUNT_SENDINGS)
    page.get_by_role("button", name="提交答复").click()

    dialog = page.locator("#sh-confirm")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("答复后时限停止。")
    expect(dialog.locator("dl")).to_contain_text("界线管理条例")
    expect(dialog.locator("dl")).to_contain_text("代码、名称")
    expect(dialog.locator("dl")).not_to_contain_text("hidden-word")
    assert page.evaluate("window.sent") == 0

    dialog.get_by_role("button", name="返回").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="提交答复")).to_be_focused()
    assert page.evaluate("window.sent") == 0

    page.get_by_role("button", name="提交答复").click()
    dialog.get_by_role("button", name="确认").click()
    expect(dialog).to_be_hidden()
    page.wait_for_function("window.sent > 0")
    assert page.evaluate("window.sent") == 1


def test_a_form_is_sent_once_however_often_the_button_is_pressed(workshop: Callable) -> None:
    page = workshop(FORM.format(attributes='target="elsewhere"'))
    requests: list[str] = []
    page.context.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
    button = page.get_by_role("button", name="提交答复")
    with page.context.expect_page() as opened:
        button.click()
    button.click()
    opened.value.wait_for_load_state()
    expect(button).to_have_attribute("aria-busy", "true")
    assert len([url for url in requests if url.endswith("/nowhere/")]) == 1


def test_leaving_a_form_with_typed_text_asks_first(workshop: Callable) -> None:
    page = workshop(FORM.format(attributes="data-sh-guard"))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.fill("#basis", "改过的依据")
    page.goto("/account/")
    assert asked == ["beforeunload"]


def test_a_row_opens_by_click_and_by_keyboard_but_not_from_its_own_button(workshop: Callable) -> None:
    rows = "".join(
        f'<tr data-sh-href="/account/?row={n}"><td><a href="/account/?row={n}">第 {n} 行</a></td>'
        f'<td><button type="button">标记</button></td><td class="cell">x</td></tr>'
        for n in (1, 2)
    )
    page = workshop(f'<table class="sh-table"><tbody>{rows}</tbody></table>')
    page.locator("tr button").first.click()
    assert "row=" not in page.url

    page.locator("body").press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/?row=2")

    page = workshop(f'<table class="sh-table"><tbody>{rows}</tbody></table>')
    page.locator("td.cell").first.click()
    page.wait_for_url("**/account/?row=1")


def test_a_long_list_can_be_searched_in_and_keeps_its_plain_value(workshop: Callable) -> None:
    options = "".join(f'<option value="{n}">单位 {n}</option>' for n in range(60))
    page = workshop("")
    page.evaluate(
        """html => {
          document.getElementById("main").innerHTML = html;
          htmx.trigger(document.getElementById("main"), "htmx:load");
          document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: document.getElementById("main") } }));
        }""",
        f'<label for="organ">单位</label><select id="organ" name="organ" data-sh-pick>{options}</select>',
    )
    page.locator(".ts-control").click()
    page.keyboard.type("单位 47")
    page.locator(".ts-dropdown .option", has_text="单位 47").click()
    assert page.evaluate("document.getElementById('organ').value") == "47"


def test_a_file_that_is_too_large_is_told_before_it_is_sent(workshop: Callable) -> None:
    page = workshop("")
    page.evaluate(
        """html => {
          document.getElementById("main").innerHTML = html;
          document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: document.getElementById("main") } }));
        }""",
        '<form><div class="sh-upload"><input type="file" id="paper" data-sh-max-bytes="10">'
        '<ul data-sh-slot="files"></ul></div></form>',
    )
    page.set_input_files("#paper", {"name": "依据.pdf", "mimeType": "application/pdf", "buffer": b"x" * 11})
    expect(page.locator("[data-sh-slot=files]")).to_contain_text("依据.pdf · 11 B")
    assert "文件过大" in page.evaluate("document.getElementById('paper').validationMessage")


def test_a_failed_request_is_told_and_the_page_stays(workshop: Callable) -> None:
    page = workshop('<button id="ask" hx-get="/nowhere/" hx-target="#answer">问</button><p id="answer">旧</p>')
    page.click("#ask")
    expect(page.locator("#sh-toasts .alert-danger")).to_be_visible()
    expect(page.locator("#answer")).to_have_text("旧")


def test_a_chart_is_drawn_from_the_table_beside_it_within_the_security_policy(workshop: Callable) -> None:
    page = workshop(
        '<div class="sh-chart" data-sh-chart="bar" data-sh-table="figures" data-sh-stack></div>'
        '<table class="sh-table" id="figures"><thead><tr><th>月份</th><th data-sh-series="done">按时</th>'
        '<th data-sh-series="over">超期</th></tr></thead><tbody><tr><td>10 月</td><td>1,204</td><td>3</td></tr>'
        "<tr><td>11 月</td><td>980</td><td>12</td></tr></tbody></table>"
    )
    page.add_script_tag(url="/static/build/charts.js")
    expect(page.locator(".sh-chart canvas")).to_be_visible()
    assert "1204" in page.locator(".sh-chart").get_attribute("aria-label")
    page.hover(".sh-chart")
