"""No message goes untranslated, whether it stands in Python or in a template."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from portal import translations
from portal.translations import Message

ROOMS = ["alpha", "portal"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with one room that says four things."""
    (tmp_path / "alpha").mkdir()
    (tmp_path / "alpha" / "views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext_lazy as p\n"
        "A = _('Due on %(day)s')\n"
        "B = ngettext('%d day', '%d days', 3)\n"
        "C = p('button', 'Open')\n",
        encoding="utf-8",
    )
    (tmp_path / "alpha" / "migrations").mkdir()
    (tmp_path / "alpha" / "migrations" / "0001.py").write_text("x = _('Not this')\n", encoding="utf-8")
    folder = tmp_path / "templates" / "alpha"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text(
        '{% load i18n %}{% translate "Save" %}{{ _("Back") }}'
        "{% blocktranslate trimmed with name=n %}\n Hello {{ name }}\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }} case{% plural %}{{ n }} cases{% endblocktranslate %}",
        encoding="utf-8",
    )
    return tmp_path


def test_messages_are_found_in_python_and_templates_and_not_in_migrations(house: Path) -> None:
    assert translations.room_messages(house, "alpha", ROOMS) == {
        Message("Due on %(day)s"),
        Message("%d day", plural="%d days"),
        Message("Open", context="button"),
        Message("Save"),
        Message("Back"),
        Message("Hello %(name)s"),
        Message("%(n)s case", plural="%(n)s cases"),
    }


def test_missing_then_empty_then_complete(house: Path) -> None:
    assert len(translations.inspect(house, "alpha", ROOMS).missing) == 7
    assert translations.synchronize(house, "alpha", ROOMS) == 7
    report = translations.inspect(house, "alpha", ROOMS)
    assert (len(report.missing), len(report.empty)) == (0, 7)
    translate_all(house)
    assert translations.inspect(house, "alpha", ROOMS).lines() == []


def test_a_message_that_nothing_uses_is_reported_and_pruned(house: Path) -> None:
    translations.synchronize(house, "alpha", ROOMS)
    translate_all(house)
    (house / "templates" / "alpha" / "page.html").unlink()
    assert len(translations.inspect(house, "alpha", ROOMS).obsolete) == 4
    translations.synchronize(house, "alpha", ROOMS, prune=True)
    assert translations.inspect(house, "alpha", ROOMS).lines() == []


def test_a_translation_that_lost_its_placeholder_is_reported(house: Path) -> None:
    translations.synchronize(house, "alpha", ROOMS)
    translate_all(house)
    po = translations.open_po(house, "alpha")
    po.find("Due on %(day)s").msgstr = "到期"
    po.save()
    assert translations.inspect(house, "alpha", ROOMS).placeholders == ["Due on %(day)s"]


def test_compiling_writes_what_django_reads_and_only_when_newer(house: Path) -> None:
    translations.synchronize(house, "alpha", ROOMS)
    translate_all(house)
    (written,) = translations.compile_all(house)
    assert polib.mofile(str(written)).find("Save").msgstr == "译Save"
    assert translations.compile_all(house) == []


def translate_all(house: Path) -> None:
    po = translations.open_po(house, "alpha")
    for entry in po:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"译{entry.msgid_plural}"}
        else:
            entry.msgstr = f"译{entry.msgid}"
    po.save()
