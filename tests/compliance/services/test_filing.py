"""Refiling: only the returned pieces of a frozen dossier change, and each of them has its answer."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from compliance.programme import referential
from compliance.services import dossier, evidence, filing, procedure, review
from tenants.errors import Refused
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import acting, inspected, seen
from tests.factories.world import DELEGATE


def refile(app, world):
    with acting(app, world, *play.SIGNATORY):
        return filing.refile(referential.load("D2")).id


def returned(app, world, name=play.FILE):
    candidate = play.opened(app, world)
    play.decide(app, world, candidate, name)
    return candidate


def test_refiling_replaces_the_returned_piece_alone_and_every_other_row_stays_byte_for_byte(app, world):
    candidate = returned(app, world)
    play.attach(app, world, "D2.O2.A", "backup_policy", "hors-sujet.pdf")
    play.attach(app, world, name="note corrigée.pdf")
    second = refile(app, world)
    with acting(app, world, *play.ARS):
        after, before = dossier.filings(candidate)[:2]
        assert (after.id, after.version, after.replaces) == (second, before.version + 1, ["D2.P2 note.pdf"])
        was, now = (
            {row["code"]: json.dumps(row, sort_keys=True) for row in json.loads(each.document)["rows"]}
            for each in (before, after)
        )
        assert {code for code in was if was[code] != now[code]} == {"D2.P2"}
        names = sorted(piece.filename for piece in dossier.filed_pieces(second))
        assert names == ["note corrigée.pdf", "pssi.pdf", "pssi.pdf", "pssi.pdf"]
        assert procedure.standing(candidate).state.key == "refiled"
        states = {
            each.piece.filename: (each.state("ars"), each.before and each.before.filename)
            for each in review.pieces(after)
        }
    assert states == {"pssi.pdf": ("accepted", None), "note corrigée.pdf": ("undecided", "note.pdf")}


def test_refiling_without_an_answer_names_the_piece_and_writes_nothing(app, world):
    returned(app, world)
    before = at.counts(app, "filing", "filed_piece", "transition")
    with pytest.raises(Refused, match=r"« note\.pdf » : joignez la pièce qui la remplace"):
        refile(app, world)
    assert at.counts(app, "filing", "filed_piece", "transition") == before


def test_an_answer_in_words_sends_the_same_piece_back_to_be_looked_at_again(app, world):
    candidate = returned(app, world)
    with acting(app, world, *play.DSI):
        filed = dossier.latest(candidate)
        [waiting] = review.returned(candidate)
        review.say(filed, waiting.piece.id, "La page 2 est l’annexe de la page 1.")
    refile(app, world)
    with acting(app, world, *play.ARS):
        [note] = [each for each in review.pieces(dossier.latest(candidate)) if each.piece.filename == play.FILE]
        assert (note.state("ars"), note.before, dossier.latest(candidate).replaces) == ("undecided", None, [])
        assert [each.level for each in note.messages] == ["candidate"]
        assert [each.accepted for each in note.past] == [False]


def test_a_piece_that_supersedes_the_returned_one_wins_over_one_of_the_same_row(app, world):
    returned(app, world)
    newer, other = play.attach(app, world, name="nouvelle.pdf"), play.attach(app, world, name="autre.pdf")
    [old] = seen(app, "SELECT id FROM evidence WHERE filename = %s", play.FILE)
    seen(app, "UPDATE evidence SET supersedes = %s WHERE id = %s", old["id"], newer)
    with acting(app, world, *play.SIGNATORY):
        filed = filing.refile(referential.load("D2"))
        sources = {piece.source_id for piece in dossier.filed_pieces(filed.id)}
    assert newer in sources
    assert other not in sources


def test_a_quarantined_piece_is_not_filed(app, world):
    play.attach(app, world, name="douteuse.pdf")
    seen(
        app,
        "INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value)"
        " SELECT gen_random_uuid(), establishment_id, id, 'status', 'quarantined' FROM evidence WHERE filename = %s",
        "douteuse.pdf",
    )
    # It counts nowhere: without it, nothing is new.
    with pytest.raises(Refused, match="Rien n’a changé"), acting(app, world, *play.SIGNATORY):
        filing.file(referential.load("D2"))


def test_a_dossier_in_review_is_not_filed_as_a_whole_again(app, world):
    play.opened(app, world)
    play.attach(app, world, name="encore.pdf")
    with pytest.raises(Refused, match="ne passe pas"), acting(app, world, *play.SIGNATORY):
        filing.file(referential.load("D2"))


def test_a_delegate_files_by_a_deed_that_the_chain_names_and_the_signatory_by_none(app, world):
    play.attach(app, world)
    deeds = []
    for who, scope in ((DELEGATE, at.CAPES), play.SIGNATORY):
        with acting(app, world, who, scope):
            filing.file(referential.load("D2"))
        [told] = seen(app, "SELECT payload FROM audit_event WHERE action = 'dossier.filed' ORDER BY at DESC LIMIT 1")
        deeds.append(json.loads(told["payload"])["detail"].get("deed"))
    assert deeds == ["Décision 2026-4", None]


def test_the_replacement_of_one_establishment_does_not_answer_for_another(app, world):
    candidate = play.opened(app, world)
    with acting(app, world, *play.ARS):
        filed = dossier.latest(candidate)
        second = world.establishments[at.ESTUARY_MEMBERS[1].finess]
        [pssi] = [each for each in review.pieces(filed) if each.piece.source_establishment_id == second]
        back = pssi.piece.id
        review.decide(filed, back, False, "outdated", "La PSSI date de 2019")
    with acting(app, world, *play.DSI):
        evidence.attach(
            world.establishments[at.ESTUARY_MEMBERS[2].finess],
            "D2.P1",
            "pssi",
            "pssi 2026.pdf",
            BytesIO(b"%PDF-1.7 2026"),
        )
    inspected(app)
    with pytest.raises(Refused, match="Il manque une réponse"):
        refile(app, world)
    with acting(app, world, *play.DSI):
        evidence.attach(second, "D2.P1", "pssi", "pssi 2026.pdf", BytesIO(b"%PDF-1.7 de 2026"))
    with pytest.raises(Refused, match="l’analyse n’est pas finie"):
        refile(app, world)
    inspected(app)
    with acting(app, world, *play.SIGNATORY):
        refiled = filing.refile(referential.load("D2"))
        [replaced] = [each for each in review.pieces(refiled) if each.before]
        assert (replaced.before.id, replaced.piece.filename) == (back, "pssi 2026.pdf")
