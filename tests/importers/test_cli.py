"""`vigie import` and `vigie finess import`: the answers frozen in docs/cli.md, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import acting as at
from tests.factories.acting import counts
from tests.factories.commands import environment
from tests.importers import archives
from tests.importers.kits import Grid, typed

FAULT = {"class", "code", "sheet", "cell", "column", "value", "reason", "remedy"}
WRITTEN = ("import_run", "audit_event", *at.TENANT_TABLES)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A clean K1 of the GHT of three establishments."""
    return typed(at.ESTUARY_MEMBERS).write(tmp_path / "kit.xlsx")


def of_estuary(file: Path, mode: str) -> tuple[object, ...]:
    """Arguments of an import for the GHT of three establishments."""
    return ("import", file, "--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI, mode, "--json")


def test_a_preview_says_what_would_be_stored_and_writes_nothing(app, vigie, kit):
    before, stored = counts(app, *WRITTEN), at.blobs(app)
    result = vigie(*of_estuary(kit, "--preview"))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "workbook": "KIT_BIA_PCRA",
        "sheets": [
            {"name": "Parties", "header_row": 1, "counts": {"new": 0, "changed": 3, "unchanged": 0, "rejected": 0}},
            {"name": "Perimetres", "header_row": 1, "counts": {"new": 9, "changed": 3, "unchanged": 0, "rejected": 0}},
        ],
        "faults": [],
        "applied": False,
    }
    assert counts(app, *WRITTEN) == before
    assert at.blobs(app) == stored


def test_an_application_stores_everything_and_the_next_one_changes_nothing(app, vigie, kit):
    first = vigie(*of_estuary(kit, "--apply"))
    assert (first.exit_code, json.loads(first.stdout)["applied"]) == (0, True)
    before = counts(app)
    second = json.loads(vigie(*of_estuary(kit, "--apply")).stdout)
    assert [sheet["counts"] for sheet in second["sheets"]] == [
        {"new": 0, "changed": 0, "unchanged": 3, "rejected": 0},
        {"new": 0, "changed": 0, "unchanged": 12, "rejected": 0},
    ]
    assert counts(app) == before


def test_a_fault_has_the_eight_keys_frozen_for_it(vigie, tmp_path):
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "bientôt")
    [fault] = json.loads(vigie(*of_estuary(grid.write(tmp_path / "k.xlsx"), "--preview")).stdout)["faults"]
    assert set(fault) == FAULT
    assert (fault["class"], fault["code"], fault["sheet"], fault["cell"], fault["column"], fault["value"]) == (
        "E", "E-DAT", "Perimetres", "K2", "Date du BIA", "bientôt",
    )  # fmt: skip


def test_a_row_to_correct_refuses_the_whole_and_leaves_nothing(app, vigie, tmp_path):
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "bientôt")
    before, stored = counts(app, *WRITTEN), at.blobs(app)
    result = vigie(*of_estuary(grid.write(tmp_path / "k.xlsx"), "--apply"))
    assert (result.exit_code, json.loads(result.stdout)["applied"]) == (1, False)
    assert counts(app, *WRITTEN) == before
    assert at.blobs(app) == stored


def test_the_valid_rows_may_be_applied_alone(vigie, tmp_path):
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "bientôt")
    result = vigie(*of_estuary(grid.write(tmp_path / "k.xlsx"), "--valid-rows"))
    assert (result.exit_code, json.loads(result.stdout)["applied"]) == (0, True)


def with_an_unknown_sheet(path: Path) -> Path:
    """A K1 with a sheet that corresponds to nothing."""
    grid: Grid = typed(at.ESTUARY_MEMBERS)
    grid.sheets["Onduleurs"] = [["Local", "Autonomie"], ["Sous-sol", "20 min"]]
    return grid.write(path)


def test_an_unmapped_sheet_refuses_an_application(app, vigie, tmp_path):
    before = counts(app, *WRITTEN)
    result = vigie(*of_estuary(with_an_unknown_sheet(tmp_path / "k.xlsx"), "--apply"))
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["applied"]) == (1, False)
    assert [(fault["code"], fault["sheet"]) for fault in answer["faults"]] == [("E-FEU", "Onduleurs")]
    assert counts(app, *WRITTEN) == before


def test_an_unmapped_sheet_does_not_refuse_a_preview(vigie, tmp_path):
    assert vigie(*of_estuary(with_an_unknown_sheet(tmp_path / "k.xlsx"), "--preview")).exit_code == 0


@pytest.mark.parametrize("mode", ["--preview", "--apply"])
def test_what_is_no_workbook_is_refused_with_its_reason(app, vigie, tmp_path, mode):
    file = tmp_path / "k.xlsx"
    file.write_bytes(archives.ole("EncryptionInfo", "EncryptedPackage"))
    before, stored = counts(app, *WRITTEN), at.blobs(app)
    result = vigie(*of_estuary(file, mode))
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["workbook"], answer["sheets"], answer["applied"]) == (1, None, [], False)
    [fault] = answer["faults"]
    assert set(fault) == FAULT
    assert "mot de passe" in fault["reason"]
    assert counts(app, *WRITTEN) == before
    assert at.blobs(app) == stored


def test_a_file_that_only_its_reading_reveals_as_broken_leaves_nothing_either(app, vigie, tmp_path):
    broken = archives.parts(archives.text_row(1, "a"))
    broken["xl/worksheets/sheet1.xml"] = "<worksheet><sheetData><row>"
    before, stored = counts(app, *WRITTEN), at.blobs(app)
    result = vigie(*of_estuary(archives.packed(broken, tmp_path / "b.xlsx"), "--apply"))
    assert result.exit_code == 1
    assert counts(app, *WRITTEN) == before
    assert at.blobs(app) == stored


def test_without_json_the_answer_is_read_by_a_person(vigie, kit):
    result = vigie("import", kit, "--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI, "--preview")
    assert result.stdout.splitlines() == [
        "Parties (en-tête ligne 1) : 0 nouvelles, 3 modifiées, 0 inchangées, 0 à corriger",
        "Perimetres (en-tête ligne 1) : 9 nouvelles, 3 modifiées, 0 inchangées, 0 à corriger",
        "Rien n’a été enregistré.",
    ]


def test_a_scope_of_others_and_an_unknown_one_are_refused_alike(vigie, kit):
    results = [
        vigie("import", kit, "--scope", scope, "--as", at.ESTUARY_DSI, "--apply")
        for scope in (at.CAPES, "ght:GHT-INCONNU", "etablissement:990000002")
    ]
    assert [result.exit_code for result in results] == [1, 1, 1]
    [sentence] = {result.stderr for result in results}
    assert "n’existe pas, ou il ne vous est pas ouvert" in sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI),
        ("--scope", "groupe:X", "--as", at.ESTUARY_DSI, "--apply"),
        ("--as", at.ESTUARY_DSI, "--apply"),
        ("--scope", at.ESTUARY_SCOPE, "--apply"),
        ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI, "--preview", "--apply"),
    ],
)
def test_a_wrong_use_is_answered_with_two(vigie, kit, arguments):
    assert vigie("import", kit, *arguments).exit_code == 2


def test_a_file_that_is_not_there_is_a_wrong_use(vigie, tmp_path):
    assert vigie(*of_estuary(tmp_path / "absent.xlsx", "--apply")).exit_code == 2


def test_who_may_not_import_is_refused(vigie, kit):
    result = vigie(
        "import",
        kit,
        "--scope",
        f"etablissement:{at.CAPES_MEMBERS[3].finess}",
        "--as",
        "direction@marquerive.example",
        "--apply",
    )
    assert result.exit_code == 1


def test_the_installed_command_answers_in_json_on_its_output_alone(world, settings, kit):
    root = Path(__file__).resolve().parents[2]
    arguments = [str(argument) for argument in of_estuary(kit, "--preview")]
    done = subprocess.run(  # our own command
        [sys.executable, "-m", "wsgi", *arguments],
        cwd=root,
        env=dict(os.environ) | environment(settings),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["workbook"] == "KIT_BIA_PCRA"


def test_a_directory_of_unknown_layout_is_refused_with_a_sentence(app, vigie, tmp_path):
    before = counts(app, "legal_entity", "site", "ght", "ght_member")
    (tmp_path / "autre.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    result = vigie("finess", "import", tmp_path / "autre.csv")
    assert result.exit_code == 1
    assert result.stderr.strip().endswith(".")
    assert "Traceback" not in result.output
    assert counts(app, "legal_entity", "site", "ght", "ght_member") == before


def test_a_workbook_without_a_row_is_not_applied(app, vigie, tmp_path):
    grid = typed(at.ESTUARY_MEMBERS)
    for rows in grid.sheets.values():
        del rows[1:]
    path = grid.write(tmp_path / "empty.xlsx")
    answer = vigie("import", path, "--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI, "--apply")
    assert answer.exit_code == 1
    assert "aucune ligne" in answer.output
