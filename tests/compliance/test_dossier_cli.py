"""`vigie dossier check`, `part`, `ecare`, and `vigie delegation`: what the pages do, from the command line."""

from __future__ import annotations

import json
import re

from tests.factories import acting as at
from tests.factories.acting import seen

ESTUARY = ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI)
SIGNATORY = ("--scope", at.ESTUARY_SCOPE, "--as", "signataire@estuaire.example")
MEMBER = ("--scope", f"etablissement:{at.CAPES_MEMBERS[3].finess}", "--as", at.REFERENT)


def test_the_dry_run_says_as_much_in_words_as_in_json(vigie):
    told = json.loads(vigie("dossier", "check", *ESTUARY, "--json").output)
    lines = vigie("dossier", "check", *ESTUARY).output.splitlines()
    blocking = sum(each["severity"] == "blocks" for each in told["findings"])
    assert lines[0] == f"{blocking} choses empêchent de déposer un dossier complet."
    assert len(lines) == 1 + len(told["findings"])
    assert set(told["findings"][0]) == {"rule", "severity", "text", "holder", "stops"}


def test_a_member_says_that_its_part_is_ready_and_a_ght_has_no_part_of_its_own(vigie):
    assert vigie("dossier", "part", *MEMBER, "--ready").output == "La partie est dite prête.\n"
    again, whole = vigie("dossier", "part", *MEMBER, "--ready"), vigie("dossier", "part", *ESTUARY, "--ready")
    assert (again.exit_code, "C’était déjà dit" in again.output) == (1, True)
    assert whole.exit_code == 1


def test_what_the_counter_gave_is_noted_piece_by_piece_and_the_rest_stays(app, vigie, tmp_path):
    receipt = tmp_path / "recepisse.pdf"
    receipt.write_bytes(b"%PDF-1.7 recu")
    ecare = ("dossier", "ecare", *ESTUARY, "--filed-on", "2026-11-16")
    assert vigie(*ecare, "--number", "DECL-1", "--receipt", receipt).exit_code == 0
    assert vigie(*ecare, "--state", "filed", "--state-on", "2026-11-17").exit_code == 0
    assert "choisissez parmi" in vigie(*ecare, "--state", "invented").output
    [last] = seen(app, "SELECT * FROM candidature ORDER BY recorded_at DESC LIMIT 1")
    assert (last["declaration_number"], last["ecare_state"], str(last["ecare_state_on"])) == (
        "DECL-1", "filed", "2026-11-17",
    )  # fmt: skip
    assert last["ecare_receipt_id"] is not None
    assert str(last["applied_on"]) == "2025-10-24"


def test_a_delegation_is_added_listed_and_withdrawn_by_the_signatory_alone(vigie):
    add = (
        "delegation",
        "add",
        "--to",
        "direction@marquerive.example",
        "--deed",
        "Décision 14",
        "--until",
        "2099-12-31",
    )
    assert vigie(*add, *ESTUARY).exit_code == 1
    assert vigie(*add, *SIGNATORY).exit_code == 0
    told = vigie("delegation", "list", *ESTUARY).output
    [line] = [each for each in told.splitlines() if "en vigueur" in each]
    assert "Décision 14" in line
    assert vigie("delegation", "withdraw", re.match(r"\S+", line)[0], *SIGNATORY).output == "Délégation retirée.\n"
    assert "en vigueur" not in vigie("delegation", "list", *ESTUARY).output
