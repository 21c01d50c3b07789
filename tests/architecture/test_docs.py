"""The documents say what the code does: every column, command, option, setting, key and code is named, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest

from compliance.programme import referential
from compliance.reports import canonical
from compliance.reports.gathered import Gathered
from compliance.reports.progress import describe, without_internal_keys
from compliance.rules.activity import Party
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.services.candidate import CandidateFacts
from compliance.services.evidence import Piece
from compliance.services.party import PartyRecord
from compliance.services.perimeter import PerimeterRecord
from importers.check import Report, SheetReport, to_json
from importers.codes import CODES
from importers.faults import Fault, FaultClass
from importers.registry import SHEETS, WORKBOOKS
from tenants.models import LegalEntity, Region
from tenants.settings import Settings
from tests.architecture.tables import TABLES
from tools.document import FOLDER, pages
from wsgi import cli

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# What git ignores, what a start or a test leaves, and files that are not ours to word.
SKIPPED = {".git", ".venv", ".vigie", "node_modules", "dist", "__pycache__", "vendor"}
CODE = re.compile(r"[\"']([EGW]-[A-Z0-9]{3})[\"']")
ID = UUID(int=1)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def sources() -> Iterator[Path]:
    """The text files of the repository."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part in SKIPPED or (part.startswith(".") and part.endswith("_cache")) for part in parts)
        if path.is_file() and not hidden and ".hypothesis" not in parts and path.suffix not in {".ttf", ".png", ".pyc"}:
            yield path


@pytest.mark.parametrize("path", sorted(pages()), ids=lambda path: path.name)
def test_a_page_about_imports_is_what_the_program_writes(path):
    assert path.read_text(encoding="utf-8") == pages()[path], "run: python tools/document.py"


def test_the_folder_of_imports_holds_no_other_page():
    assert {path for path in FOLDER.iterdir()} == set(pages())


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_the_page_of_a_workbook_names_every_column_and_value_of_its_sheets(name):
    workbook = next(each for each in WORKBOOKS if SHEETS[name] in each.sheets)
    page = (FOLDER / f"{workbook.code}.md").read_text(encoding="utf-8")
    text = page.split(f"## Feuille `{name}`\n")[1].split("\n## Feuille")[0]
    wanted = {f"| {column.label}" for column in SHEETS[name].columns}
    wanted |= {f"| {column.label} | {choice.label} |" for column in SHEETS[name].columns for choice in column.choices}
    assert {each for each in wanted if each not in text} == set()


def test_every_remark_code_is_declared_and_no_other():
    files = [path for path in (ROOT / "importers").rglob("*.py") if path.name != "codes.py"]
    used = {code for path in files for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert set(CODES) == used


def test_the_page_of_codes_explains_each_in_sentences_of_one_line():
    rows = re.findall(r"^\| `([EGW]-[A-Z0-9]{3})` \| (.+) \| (.+) \|$", read("docs/import/codes.md"), re.MULTILINE)
    assert {code for code, _, _ in rows} == set(CODES)
    assert [code for code, *sentences in rows if not all(re.search(r"(?:\.|…)$", each) for each in sentences)] == []


def test_the_guide_names_every_workbook_and_only_codes_that_exist():
    text = read("docs/import/README.md")
    assert [workbook.code for workbook in WORKBOOKS if f"[{workbook.code}]({workbook.code}.md)" not in text] == []
    told = set(re.findall(r"\b[EGW]-[A-Z0-9]{3}\b", text))
    assert told
    assert told <= set(CODES)


def commands(group: click.Group, path: str = "vigie") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_page_of_the_command_line_names_every_command_and_option():
    text = read("docs/cli.md")
    missing = [path for path, _ in commands(cli) if not re.search(rf"`{path}\b", text)]
    missing += [
        f"{path} {option}"
        for path, command in commands(cli)
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
        if f"`{option}" not in text
    ]
    assert missing == []


def test_the_page_of_the_command_line_names_no_command_that_is_gone():
    known = {path for path, _ in commands(cli)}
    told = set(re.findall(r"^## `(vigie [a-z -]+)`", read("docs/cli.md"), re.MULTILINE))
    assert told <= known


def test_the_page_of_the_command_line_freezes_the_keys_of_an_import():
    fault = Fault(FaultClass.ERROR, "E-FIN", "Perimetres", "B9", "FINESS EJ", "1", "faux", "corrigez")
    answer = to_json(Report("K", (SheetReport("S", "S", 1, ()),), (fault,)), applied=False)
    assert set(answer) == {"workbook", "sheets", "faults", "applied"}
    assert set(answer["sheets"][0]) == {"name", "header_row", "counts"}
    assert set(answer["sheets"][0]["counts"]) == {"new", "changed", "unchanged", "rejected"}
    assert set(answer["faults"][0]) == {"class", "code", "sheet", "cell", "column", "value", "reason", "remedy"}
    text = read("docs/cli.md")
    keys = [*answer, *answer["sheets"][0]["counts"], *answer["faults"][0]]
    assert [key for key in keys if f"`{key}`" not in text and f"`{key}[]" not in text] == []


def test_the_page_of_settings_names_every_setting_and_no_other():
    wanted = {f"VIGIE_{field.name.upper()}" for field in fields(Settings)}
    told = set(re.findall(r"^\| `(VIGIE_[A-Z_]+)` \|", read("docs/settings.md"), re.MULTILINE))
    assert told == wanted


def test_the_page_of_the_dossier_names_every_key_of_the_canonical_document():
    keys = set(
        _keys(canonical.plain(without_internal_keys(describe(_facts(), referential.load("D2"), date(2026, 11, 22)))))
    )
    text = read("docs/dossier.md")
    assert {key for key in keys if f"`{key}`" not in text and f"`{key}[]`" not in text} == set()


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _facts() -> Gathered:
    """One candidate with one party, one perimeter and one piece: enough to write every key once."""
    region = Region(id=ID, code="F1", name="ARS")
    entity = LegalEntity(id=ID, finess="629900010", name="CH", region_id=ID, smsse_id=None, source="essai")
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    day = moment.date()
    candidate = CandidateFacts(ID, ID, ID, "D2", "GHT", "GHT", region, entity, day, day, None, None)
    dates = dict.fromkeys(("bia_on", "pca_on", "pra_on", "printed_on", "last_test_on", "next_test_on"), day)
    texts = dict.fromkeys(
        (
            "absence_reason",
            "department",
            "referent_function",
            "bia_reason",
            "approver",
            "version",
            "shared_system",
            "paper_place",
            "evidence_file",
        ),
        "",
    )
    record = PerimeterRecord(
        id=ID, establishment_id=ID, code="URG-01", finess="629900010", establishment="CH", site_finess=None, recorded_at=moment,
        name="Urgences", kind=PerimeterKind.CARE, technical_kind=None, present=True, bia=BiaState.DONE, pca=PlanState.APPROVED,
        pra=PlanState.APPROVED, degraded_modes_identical=None, paper_copy=None, **dates, **texts,
    )  # fmt: skip
    piece = Piece(ID, ID, "CH", "D2.P1", "pssi", "pssi.pdf", "application/pdf", "0" * 64, 1, day, day, day, moment)
    party = PartyRecord(Party(key="629900010", name="CH"), ID, "629900010", recorded=True)
    return Gathered(candidate, [party], [record], [], [piece], {})


def test_every_code_name_of_the_glossary_is_in_the_code():
    folders = {"compliance", "importers", "migrations", "tenants"}
    files = [
        path for path in sources() if path.suffix in {".py", ".toml"} and path.relative_to(ROOT).parts[0] in folders
    ]
    code = "\n".join(f"{path.relative_to(ROOT)}\n{path.read_text(encoding='utf-8')}" for path in files)
    rows = [line for line in read("docs/glossary.md").splitlines() if line.startswith("| ")]
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])}
    assert len(names) > 40
    assert {name for name in names if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", code)} == set()


def test_every_link_of_the_documents_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    broken = {
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    }
    assert broken == set()


def tree() -> dict[str, str]:
    """The lines of the tree of ARCHITECTURE.md, by top folder."""
    block = read("ARCHITECTURE.md").split("## The tree")[1].split("\n    wsgi\n")[0]
    found: dict[str, str] = {}
    top = ""
    for line in block.splitlines():
        if match := re.match(r" {4}([a-z]+)/", line):
            top = match[1]
        found[top] = found.get(top, "") + line + "\n"
    return found


def test_every_file_named_by_the_tree_of_the_architecture_is_there():
    gone = {
        f"{top}: {name}"
        for top, lines in tree().items()
        for name in re.findall(r"\b[\w-]+\.(?:py|toml)\b", lines)
        if not list((ROOT / top).rglob(name))
    }
    assert gone == set()


@pytest.mark.parametrize("top", ["tenants", "compliance", "importers"])
def test_the_tree_of_the_architecture_names_every_module_of_a_package(top):
    stems = {path.stem for path in (ROOT / top).glob("*.py")} - {"__init__", "__main__"}
    assert {stem for stem in stems if not re.search(rf"\b{stem}\.py\b", tree()[top])} == set()


def test_every_path_named_by_the_architecture_is_there():
    folders = "tenants|compliance|importers|migrations|tests|tools|docs|helm"
    named = set(re.findall(rf"[`(]((?:{folders})/[\w./-]+)[`)]", read("ARCHITECTURE.md")))
    assert len(named) > 5
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_architecture_names_every_table():
    text = read("ARCHITECTURE.md").split("### Table classes")[1].split("### Policies")[0]
    assert {name for name in TABLES if f"`{name}`" not in text} == {"alembic_version"}


def test_every_decision_is_listed_and_short():
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", read("docs/adr/README.md")))
    found = {path.name for path in (DOCS / "adr").glob("0*.md")}
    assert listed == found
    assert {name for name in found if len(read(f"docs/adr/{name}").splitlines()) > 40} == set()


# Written in parts, so that this file does not hold what it looks for.
FORBIDDEN = tuple(
    re.compile("".join(parts))
    for parts in (
        ("py", r"pi\.org"), ("python", r"hosted\.org"), ("npm", r"js\.(?:org|com)"), ("yarn", r"pkg\.com"), ("jsr", r"\.io\b"),
        ("crates", r"\.io\b"), ("proxy", r"\.golang\.org"), ("conda", r"\.anaconda\.org"), ("jsdel", r"ivr\.net"), ("unp", r"kg\.com"),
        ("/wo", "rk/(?:main|shared)"), ("/tm", "p/vigie/"), (r"(?<![\w.])/ro", r"ot/"), ("/ho", r"me/[a-z]"), ("/Us", "ers/"),
    )
)  # fmt: skip


def test_no_file_names_a_package_registry_or_a_path_of_a_machine():
    found = set()
    for path in sources():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found |= {f"{path.relative_to(ROOT)}: {match[0]}" for pattern in FORBIDDEN if (match := pattern.search(text))}
    assert found == set()
