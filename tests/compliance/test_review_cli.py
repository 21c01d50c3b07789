"""`vigie review`: the whole of a first level, from the command line, and what it refuses."""

from __future__ import annotations

import json

from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import seen

ARS = ("--scope", "region:F2", "--as", play.ARS[0])
ESTUARY = ("--candidate", at.ESTUARY_CODE)
SIGNATORY = ("--scope", at.ESTUARY_SCOPE, "--as", play.SIGNATORY[0])


def said(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_dossier_is_filed_opened_returned_refiled_and_decided(app, world, vigie, tmp_path):
    play.attach(app, world)
    encrypted = (
        "UPDATE evidence_event SET detail = %s::jsonb WHERE evidence_id = (SELECT id FROM evidence WHERE filename = %s)"
    )
    seen(app, encrypted, '{"encrypted": true}', play.FILE)
    refused = vigie("review", "file", *SIGNATORY)
    assert (refused.exit_code, "« note.pdf » (D2.P2) demande un mot de passe" in refused.stderr) == (1, True)
    seen(app, encrypted, "{}", play.FILE)
    assert said(vigie("review", "file", *SIGNATORY)).startswith("Version 2 transmise dans Vigie.")
    [waiting] = json.loads(said(vigie("review", "queue", *ARS, "--json")))["dossiers"]
    assert (waiting["code"], waiting["state"], waiting["pieces"], waiting["undecided"]) == (
        at.ESTUARY_CODE,
        "filed",
        4,
        3,
    )
    assert "Transmise" in said(vigie("review", "queue", *ARS)).splitlines()[1]
    assert said(vigie("review", "move", *ARS, *ESTUARY, "--to", "ars_review")) == "Instruction ouverte par l’ARS.\n"
    back = ("--piece", play.FILE, "--cause", "incomplete", "--message", "Il manque la page 2")
    assert "Pièce retournée par l’ARS" in said(vigie("review", "return", *ARS, *ESTUARY, *back))
    play.attach(app, world, name="note corrigée.pdf")
    assert "note.pdf → note corrigée.pdf" in said(vigie("review", "file", *SIGNATORY))
    pieces = said(vigie("review", "pieces", *ARS, *ESTUARY)).splitlines()
    assert pieces[0] == "Version 3 : Complétée, de retour à l’ARS."
    for line in pieces[1:]:
        if "à examiner" in line:
            said(
                vigie(
                    "review",
                    "decide",
                    *ARS,
                    *ESTUARY,
                    "--piece",
                    line.removeprefix("D2.P1").removeprefix("D2.P2").split()[2],
                )
            )
    assert "Avis favorable de l’ARS" in said(vigie("review", "decide", *ARS, *ESTUARY, "--favourable"))
    out = tmp_path / "decisions.txt"
    said(vigie("review", "export", *ARS, *ESTUARY, "--out", str(out)))
    assert "note corrigée.pdf : acceptée par l’ARS" in out.read_text(encoding="utf-8")


def test_what_is_not_allowed_is_a_sentence_and_exit_code_one(app, world, vigie):
    play.opened(app, world)
    for command, why in (
        (("decide", *ARS, *ESTUARY), "reste"),
        (("decide", *ARS, *ESTUARY, "--unfavourable"), "se motive"),
        (("decide", *ARS, *ESTUARY, "--unfavourable", "--piece", play.FILE), "vigie review return"),
        (("decide", *ARS, *ESTUARY, "--piece", "pssi.pdf"), "donnez l’identifiant"),
        (("decide", *ARS, *ESTUARY, "--piece", "absente.pdf"), "n’existe pas"),
        (("move", *ARS, *ESTUARY, "--to", "favourable"), "depuis le dossier"),
        (("move", *ARS, "--to", "ars_review"), "Dites de quel candidat"),
        (("pieces", *ARS, "--candidate", at.CAPES.removeprefix("ght:")), "n’existe pas"),
        (("queue", *SIGNATORY), "pas ouvert"),
        (("assign", *ARS, *ESTUARY, "--to", "dsi@deux-caps.example"), "Seul le responsable"),
    ):
        result = vigie("review", *command)
        assert result.exit_code == 1, command
        assert why in result.stderr, command


def test_a_reviewer_takes_a_dossier_and_gives_it_back(app, world, vigie):
    assert said(vigie("review", "assign", *ARS, *ESTUARY, "--to", play.ARS[0])) == "Confié à Lou Castagnet.\n"
    assert "Lou Castagnet" in said(vigie("review", "queue", *ARS))
    assert said(vigie("review", "assign", *ARS, *ESTUARY)) == "Rendu à la file.\n"
