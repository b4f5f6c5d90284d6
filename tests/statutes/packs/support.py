"""A small pair of packs, a nation and a town, that every test may spoil in one place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statutes import vocabulary
from statutes.definitions import CompiledPack
from statutes.loader import Library, LoadedPack, Problem, Report, join, load_library, read_pack
from statutes.validation import check_library

SENTENCES = vocabulary.Sentences("It is not so.", "It is so.")


def register_permit() -> None:
    """The one family of these packs, as an app would register it beside the portal's own."""
    vocabulary.register(
        "permit",
        conditions={"complete": SENTENCES},
        effects=["issue_permit"],
        resolvers=["permit_office"],
        fields=["area"],
    )


NATION = {
    "pack.toml": """
id = "nation"
name = { zh = "国", en = "Nation" }
region = "000000"
version = "1"
[instrument.act]
title = { zh = "许可法", en = "Permit Act" }
in_force_from = 2020-01-01
[organ.office]
label = { zh = "许可办", en = "Permit Office" }
[input.reason]
type = "text"
label = { zh = "理由", en = "Reasons" }
[input.days]
type = "number"
label = { zh = "天数", en = "Days" }
[input.by_date]
type = "date"
label = { zh = "限期", en = "By date" }
[input.kind]
type = "choice"
label = { zh = "种类", en = "Kind" }
options = [{ id = "small", label = { zh = "小", en = "Small" } }, { id = "large", label = { zh = "大", en = "Large" } }]
""",
    "rules.toml": """
[[rule]]
id = "permit"
instrument = "act"
article = "1"
treatment = "enforced"
summary = { zh = "许可", en = "Permits" }
[[rule]]
id = "permit.answer"
instrument = "act"
article = "2"
treatment = "enforced"
summary = { zh = "十日内答复", en = "Answered in ten days" }
limit = { amount = 10, unit = "working_day" }
clocked_in = ["permit"]
[[rule]]
id = "permit.size"
instrument = "act"
article = "3"
treatment = "informed"
summary = { zh = "面积", en = "Area" }
threshold = { field = "area", comparator = "<=", amount = 100, unit = "m2" }
""",
}

TOWN = {
    "pack.toml": """
id = "town"
name = { zh = "镇", en = "Town" }
region = "111111"
parent = "nation"
version = "1"
[instrument.bylaw]
title = { zh = "镇规", en = "Bylaw" }
in_force_from = 2021-01-01
""",
    "rules.toml": """
[[rule]]
id = "town.answer"
instrument = "bylaw"
article = 7
treatment = "enforced"
summary = { zh = "五日内答复", en = "Answered in five days" }
limit = { amount = 5, unit = "working_day" }
floor = ["permit.answer"]
[[rule]]
id = "town.extension"
practice = true
treatment = "enforced"
summary = { zh = "可延长", en = "May be extended" }
limit = { amount = 3, unit = "working_day" }
[[rule]]
id = "town.lapse"
practice = true
treatment = "enforced"
summary = { zh = "逾期失效", en = "Lapses" }
limit = { amount = 20, unit = "day" }
""",
    "procedures/permit.toml": """
id = "permit"
family = "permit"
rule = "permit"
label = { zh = "许可", en = "Permit" }
[party.applicant]
from = "opener"
[state.examined]
label = { zh = "审查中", en = "Being examined" }
awaits = ["office.reviewer"]
[state.offered]
label = { zh = "待接受", en = "Offered" }
awaits = ["applicant.handler"]
limit = "town.lapse"
remind = ["-2wd", "0wd"]
on_due = { notify = ["applicant.leader"], act = "lapse" }
[state.issued]
label = { zh = "已发", en = "Issued" }
outcome = "issued"
effects = ["issue_permit"]
[state.refused]
label = { zh = "不予", en = "Refused" }
outcome = "refused"
[clock.answer]
limit = "town.answer"
duty = "office"
from = ["apply"]
until = ["offer", "refuse"]
remind = ["-1wd"]
on_due = { notify = ["office.approver"] }
[[action]]
id = "apply"
label = { zh = "申请", en = "Apply" }
to = "examined"
by = ["applicant.handler"]
kind = "submit"
rule = "permit"
when = [{ test = "complete", rule = "permit" }]
inputs = { kind = "required" }
[[action]]
id = "extend"
label = { zh = "延长", en = "Extend" }
from = ["examined"]
by = ["office.approver"]
once = true
rule = "town.extension"
when = [{ clock = "answer", is = "running" }, { input = "apply.kind", is = "large" }]
inputs = { days = "required" }
extends = { clock = "answer", by = "town.extension", amount = "days" }
[[action]]
id = "offer"
label = { zh = "同意", en = "Offer" }
from = ["examined"]
to = "offered"
by = ["office.reviewer"]
kind = "decide"
rule = "town.answer"
[[action]]
id = "refuse"
label = { zh = "不予", en = "Refuse" }
from = ["examined"]
to = "refused"
by = ["office.reviewer"]
kind = "refuse"
rule = "town.answer"
inputs = { reason = "required" }
[[action]]
id = "accept"
label = { zh = "接受", en = "Accept" }
from = ["offered"]
to = "issued"
by = ["applicant.handler"]
rule = "permit"
[[action]]
id = "lapse"
label = { zh = "失效", en = "Lapse" }
from = ["offered"]
to = "refused"
by = ["clock"]
rule = "town.lapse"
""",
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put a pack on disk."""
    (folder / "procedures").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def library(root: Path, nation: Mapping[str, str | bytes] = NATION, town: Mapping[str, str | bytes] = TOWN) -> Library:
    """Both packs, read from disk as the portal's own."""
    write(root / "nation", nation)
    write(root / "town", town)
    return load_library(own=root)


def problems(
    root: Path, nation: Mapping[str, str | bytes] = NATION, town: Mapping[str, str | bytes] = TOWN
) -> list[Problem]:
    return check_library(library(root, nation, town))


def changed(files: Mapping[str, str], file: str, old: str, new: str) -> dict[str, str]:
    """The files with one text replaced; the text has to be there."""
    assert old in files[file], f"{old!r} is not in {file}"
    return {**files, file: files[file].replace(old, new, 1)}


def read(files: Mapping[str, str], report: Report | None = None) -> LoadedPack:
    """A pack from texts, without disk. Fails the test when its header cannot be read."""
    pack = read_pack(files, "test", "test", report or Report())
    assert pack is not None
    return pack


def compiled(town: Mapping[str, str] = TOWN, nation: Mapping[str, str] = NATION) -> CompiledPack:
    return join([read(town), read(nation)])
