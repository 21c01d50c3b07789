"""The funding dossier: ordered, built, verified, filed as a copy that nothing changes any more."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from compliance.programme import referential
from compliance.reports import dossier_verify
from compliance.services import dossier, evidence, perimeter
from compliance.services import filing as filings
from tenants.db import db, writing_as
from tenants.errors import NotFound, Refused
from tenants.storage import storage
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen
from tests.factories.jobs import relayed, run_jobs
from tests.factories.world import PERIMETER

TODAY = date.today()  # the database keeps the real clock
SIGNATORY = "signataire@estuaire.example"
FIRST, SECOND, _ = (member.finess for member in at.ESTUARY_MEMBERS)


def filed(app, world):
    """File the dossier of the GHT of three, after a change, and return its filing, detached."""
    at.news(app, world)
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        filing = filings.file(referential.load("D2"))
        return {"id": filing.id, "version": filing.version, "document": filing.document, "sha256": filing.sha256}


def test_an_order_is_built_by_a_job_into_a_pdf_and_an_archive_that_holds(app, world, tmp_path: Path):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build_id = dossier.order(TODAY)
    assert run_jobs(app) == 1
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build = dossier.get(build_id)
        assert (build.state, build.error) == ("built", "")
        pdf = b"".join(storage().chunks(build.establishment_id, build.pdf_sha256))
        storage().copy_to(build.establishment_id, build.zip_sha256, tmp_path / "dossier.zip")
        sizes = build.pdf_size, build.zip_size, build.zip_sha256
    content = (tmp_path / "dossier.zip").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert sizes == (len(pdf), len(content), hashlib.sha256(content).hexdigest())
    verification = dossier_verify.verify(tmp_path / "dossier.zip")
    assert (verification.intact, verification.problems) == (True, ())
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        pieces = [name for name in archive.namelist() if "pssi" in name]
        assert len(pieces) == 3  # one for each establishment, the bytes as they were attached
        assert {archive.read(name) for name in pieces} == {b"%PDF-1.7 exemple"}


def test_a_second_order_for_the_same_day_joins_the_one_that_waits(app, world):
    ids = set()
    for _ in range(2):
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            ids.add(dossier.order(TODAY))
    assert len(ids) == 1
    assert len(relayed(app)) == 1


def test_the_same_facts_and_date_give_the_same_bytes(app, world):
    contents = []
    for _ in range(2):
        with (
            acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE),
            dossier.build_files(referential.load("D2"), TODAY) as files,
        ):
            contents.append((files.pdf.read_bytes(), files.zip.read_bytes()))
    assert contents[0] == contents[1]


def test_a_build_that_fails_says_so_on_its_order(app, world, monkeypatch):
    monkeypatch.setattr("compliance.services.dossier.dossier_pdf.build", lambda _: 1 / 0)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build_id = dossier.order(TODAY)
    run_jobs(app)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build = dossier.get(build_id)
        assert build.state == "failed"
        assert build.error.startswith("Un incident")


def test_the_build_of_others_does_not_exist(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build_id = dossier.order(TODAY)
    with pytest.raises(NotFound), acting(app, world, at.CAPES_DSI, at.CAPES):
        dossier.get(build_id)


def test_filing_freezes_one_canonical_json(app, world):
    filing = filed(app, world)
    document = json.loads(filing["document"])
    assert json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")) in {
        filing["document"],
        filing["document"].strip(),
    }
    assert hashlib.sha256(filing["document"].encode()).hexdigest() == filing["sha256"]
    assert (document["format"], document["on"], document["rows_total"]) == ("vigie-dossier/1", TODAY.isoformat(), 13)
    assert [party["finess"] for party in document["parties"]] == sorted(
        (m.finess for m in at.ESTUARY_MEMBERS), reverse=True
    )
    assert "float" not in {type(value).__name__ for party in document["parties"] for value in party.values()}


def test_what_comes_later_does_not_change_what_was_filed(app, world):
    filing = filed(app, world)
    own = world.establishments[SECOND]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        with writing_as(own):
            perimeter.record_many(own, [{"code": "URG-01", **PERIMETER, "bia": "not_done", "bia_on": None}], None)
        evidence.attach(own, "D2.O2.A", "backup_policy", "plus-tard.pdf", BytesIO(b"plus tard"))
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        kept = dossier.filing(filing["id"])
        assert (kept.document, kept.sha256) == (filing["document"], filing["sha256"])
        assert "plus-tard.pdf" not in {piece.filename for piece in dossier.filed_pieces(filing["id"])}


def test_filing_again_is_the_next_version_and_the_first_stays(app, world):
    first = filed(app, world)
    second = filed(app, world)
    assert second["version"] == first["version"] + 1
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        assert [filing.version for filing in dossier.filings(dossier.filing(first["id"]).candidate_id)] == [
            second["version"],
            first["version"],
            first["version"] - 1,
        ]
        assert dossier.filing(first["id"]).document == first["document"]


def test_a_filing_can_neither_be_changed_nor_deleted_by_the_application(app, world):
    for statement in ("UPDATE filing SET document = '{}'", "DELETE FROM filing", "DELETE FROM filed_piece"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting(app, world, SIGNATORY, at.ESTUARY_SCOPE),
        ):
            db.session.execute(text(statement))


def test_the_pieces_of_a_filing_are_copied_under_who_files(app, world):
    filing = filed(app, world)
    support = world.establishments[FIRST]
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        pieces = dossier.filed_pieces(filing["id"])
        assert {piece.establishment_id for piece in pieces} == {support}
        contents = [b"".join(storage().chunks(support, piece.sha256)) for piece in pieces if piece.row_code == "D2.P1"]
        assert contents == [b"%PDF-1.7 exemple"] * 3


def test_the_same_bytes_under_two_names_are_filed_under_both(app, world):
    own = world.establishments[FIRST]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        for row, name in (("D2.O1.A", "schéma.pdf"), ("D2.O2.A", "politique.pdf")):
            evidence.attach(own, row, "other", name, BytesIO(b"les memes octets"))
    filing = filed(app, world)
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        names = {piece.row_code: piece.filename for piece in dossier.filed_pieces(filing["id"])}
    assert names["D2.O1.A"] == "schéma.pdf"
    assert names["D2.O2.A"] == "politique.pdf"


def test_an_empty_dossier_is_not_filed(app, world):
    for table in ("evidence_use", "evidence_event", "evidence"):
        seen(app, f"DELETE FROM {table}")
    with pytest.raises(Refused, match="vide"), acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        filings.file(referential.load("D2"))


def test_who_prepares_the_dossier_cannot_file_it(app, world):
    at.news(app, world)
    before = counts(app, "filing")
    with pytest.raises(Refused, match="pas ce droit"), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        filings.file(referential.load("D2"))
    assert counts(app, "filing") == before


@pytest.mark.parametrize(
    ("email", "scope"), [(at.ALONE_DSI, at.ALONE_SCOPE), (at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE), (at.CAPES_DSI, at.CAPES)]
)
def test_every_kind_of_candidate_has_a_dossier_that_holds(app, world, tmp_path, email, scope):
    with acting(app, world, email, scope), dossier.build_files(referential.load("D2"), TODAY) as files:
        (tmp_path / "dossier.zip").write_bytes(files.zip.read_bytes())
    assert dossier_verify.verify(tmp_path / "dossier.zip").intact
