"""Pieces from the command line: the same services as the pages."""

from __future__ import annotations

import json
import re

from tests.factories import acting as at
from tests.factories.acting import counts

DSI = ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI)
FIRST = at.ESTUARY_MEMBERS[0].finess


def test_a_piece_is_attached_replaced_and_listed(vigie, tmp_path):
    path = tmp_path / "politique.txt"
    path.write_text("une politique")
    row = ("--row", "D2.O2.A", "--kind", "backup_policy")
    assert "--establishment" in vigie("evidence", "attach", path, *DSI, *row).stderr
    first = vigie("evidence", "attach", path, *DSI, *row, "--establishment", FIRST, "--approved-on", "2026-02-05")
    piece = re.search(r"[0-9a-f-]{36}", first.stdout)[0]
    path.write_text("une politique, plus tard")
    assert vigie("evidence", "attach", path, *DSI, *row, "--replaces", piece).exit_code == 0
    listed = vigie("evidence", "list", *DSI).stdout
    assert re.search(r"D2\.O2\.A +Remplacée +politique\.txt", listed)
    assert f"{FIRST}  espace utilisé : 53 octets sur 20 Go" in listed
    told = json.loads(vigie("evidence", "list", *DSI, "--json").stdout)["pieces"]
    assert {each["state"] for each in told if each["rows"] == ["D2.O2.A"]} == {"replaced", "to_check"}


def test_an_unknown_kind_of_piece_is_refused(vigie, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a")
    answer = vigie("evidence", "attach", path, *DSI, "--row", "D2.P1", "--kind", "zz", "--establishment", FIRST)
    assert (answer.exit_code, "n’est pas une pièce de la ligne D2.P1" in answer.stderr) == (1, True)


def test_a_folder_is_dropped_and_nothing_is_attached(app, vigie, tmp_path):
    (tmp_path / "dossier").mkdir()
    (tmp_path / "dossier" / "PSSI.txt").write_text("politique")
    (tmp_path / "dossier" / "vide.txt").touch()
    before = counts(app, "evidence")
    told = vigie("evidence", "drop", tmp_path / "dossier", *DSI, "--establishment", FIRST).stdout
    assert "reçu    dossier/PSSI.txt : D2.P1 pssi, d’après le nom : « pssi »" in told
    assert "refusé  dossier/vide.txt : « vide.txt » est vide" in told
    assert "1 fichier est à ranger : preuves/depot/" in told
    assert counts(app, "evidence") == before
