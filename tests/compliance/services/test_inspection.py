"""A piece is looked into once it is stored: what was found is recorded, and what must not stay is set aside."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask

import wsgi
from compliance.inspection.clamd import Outcome, Scan
from compliance.inspection.inspector import Inspection
from compliance.inspection.verdict import Level, judge
from compliance.services import evidence, inspection
from tenants.errors import NotFound
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen
from tests.factories.clamd import clamd
from tests.factories.jobs import run_jobs
from tests.factories.pieces import EICAR, PROGRAM, nir, pdf, workbook
from tests.factories.world import World

FIRST = at.ESTUARY_MEMBERS[0].finess
CLEAN = Scan(Outcome.CLEAN)


@pytest.fixture
def antivirus(app: Flask):
    """Return a function that gives the installation an antivirus at an address."""
    before = app.extensions["vigie.settings"]

    def use(address: str) -> None:
        app.extensions["vigie.settings"] = dataclasses.replace(before, clamd=address)

    yield use
    app.extensions["vigie.settings"] = before


@pytest.fixture
def vigie_alone():
    """Return a function that runs a command which needs no server."""
    alone = {f"VIGIE_{name}": "memory://" for name in ("DATABASE_URL", "VALKEY_URL", "SECRET_KEY", "STORAGE_URL")}
    return lambda *arguments: CliRunner().invoke(wsgi.cli, [str(argument) for argument in arguments], env=alone)


def attached(app: Flask, world: World, content: bytes, name: str) -> UUID:
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        return evidence.attach(world.establishments[FIRST], "D2.P2", "organisation_note", name, BytesIO(content))


def events(app: Flask, piece: UUID) -> list[tuple[str, str]]:
    """What is recorded of a piece, in order."""
    rows = seen(app, "SELECT kind, value FROM evidence_event WHERE evidence_id = %s ORDER BY recorded_at, kind", piece)
    return [(row["kind"], row["value"]) for row in rows]


def test_pieces_are_looked_into_by_the_worker_and_those_with_patients_or_programs_are_set_aside(app, world, antivirus):
    with clamd() as address:
        antivirus(address)
        clean = attached(app, world, pdf("Note d organisation"), "note.pdf")
        patients = attached(app, world, pdf(f"Patient {nir()}"), "liste.pdf")
        macros = attached(app, world, workbook("1", more={"xl/vbaProject.bin": b"\0"}), "suivi.xlsm")
        virus = attached(app, world, b"texte " + EICAR, "note.txt")
        program = attached(app, world, PROGRAM, "note.docx")
        run_jobs(app)
    ok, scanned, aside = ("inspection", "ok"), ("antivirus", "clean"), ("status", "quarantined")
    assert events(app, clean) == [scanned, ok]
    assert events(app, patients) == [scanned, ("inspection", "refused"), aside]
    assert events(app, macros) == [scanned, ("inspection", "warned")]
    assert events(app, virus) == [("antivirus", "found"), ok, aside]
    assert events(app, program) == [scanned, ("inspection", "refused"), aside]
    kept = seen(app, "SELECT value, detail::text AS told FROM evidence_event WHERE evidence_id = %s", patients)
    assert any("contient un numéro de sécurité sociale" in row["told"] for row in kept)
    assert not any(nir() in row["told"] for row in kept)
    chained = seen(app, "SELECT payload FROM audit_event WHERE action = 'evidence.inspected' ORDER BY sequence")
    assert len(chained) == 5
    assert not any(nir() in row["payload"] for row in chained)


def test_a_piece_is_looked_into_once_and_scanned_again_when_no_antivirus_had_answered(app, world, antivirus):
    piece = attached(app, world, b"texte " + EICAR, "note.txt")
    run_jobs(app)
    assert events(app, piece) == [("antivirus", "not_scanned"), ("inspection", "ok")]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        assert inspection.inspect_piece(piece) is None
    antivirus("/nowhere/clamd.sock")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        inspection.inspect_piece(piece)
    with clamd() as address:
        antivirus(address)
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            verdict = inspection.inspect_piece(piece)
            assert verdict is not None
            assert verdict.level is Level.REFUSED
    assert [event for event in events(app, piece) if event[0] != "inspection"] == [
        ("antivirus", "not_scanned"),
        ("antivirus", "unreachable"),
        ("antivirus", "found"),
        ("status", "quarantined"),
    ]


def test_at_night_what_no_antivirus_judged_is_scanned_once_there_is_one(app, world, vigie, antivirus):
    piece = attached(app, world, b"texte " + EICAR, "note.txt")
    seen(app, "DELETE FROM evidence_event WHERE kind = 'inspection'")  # so that the world waits too
    run_jobs(app)
    judged = [("antivirus", "not_scanned"), ("inspection", "ok")]
    assert events(app, piece) == judged
    assert vigie("inspect").stdout.startswith("0 pièce")  # each was received within the hour
    seen(app, "UPDATE evidence SET received_at = received_at - interval '2 hours'")
    antivirus("/nowhere/clamd.sock")
    before = counts(app, "evidence")["evidence"] - 1
    assert vigie("inspect").stdout == f"{before} pièces analysées, 0 en quarantaine.\n"
    assert events(app, piece) == judged
    with clamd() as address:
        antivirus(address)
        assert vigie("inspect").stdout == f"{before + 1} pièces analysées, 1 en quarantaine.\n"
        assert vigie("inspect").stdout.startswith("0 pièce")
    assert events(app, piece) == [*judged, ("antivirus", "found"), ("status", "quarantined")]
    [last] = seen(app, "SELECT recorded_by FROM evidence_event WHERE evidence_id = %s AND kind = 'status'", piece)
    assert last["recorded_by"] is None


def test_a_piece_whose_inspection_fails_is_told_so_and_taken_again_at_night(app, world, vigie):
    piece = attached(app, world, pdf("a"), "a.pdf")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(inspection, "inspect_file", None)
        run_jobs(app)
    assert events(app, piece) == [("inspection", "abandoned")]
    seen(app, "UPDATE evidence SET received_at = received_at - interval '2 hours'")
    assert vigie("inspect").stdout == "1 pièce analysée, 0 en quarantaine.\n"
    assert events(app, piece) == [("inspection", "abandoned"), ("antivirus", "not_scanned"), ("inspection", "ok")]


def test_a_piece_of_another_tenant_is_not_looked_into(app, world):
    piece = attached(app, world, pdf("a"), "a.pdf")
    with pytest.raises(NotFound), acting(app, world, at.CAPES_DSI, at.CAPES):
        inspection.inspect_piece(piece)
    assert events(app, piece) == []


def test_what_is_found_is_judged_and_every_reason_is_told():
    assert judge(Inspection(), CLEAN).level is Level.OK
    several = judge(Inspection(identifiers=3, executable=True, macros=True), Scan(Outcome.FOUND, "Un-Virus"))
    assert several.level is Level.REFUSED
    assert [
        "Un-Virus" in several.refusals[0],
        "un programme" in several.refusals[1],
        "3 numéros" in several.refusals[2],
    ] == [True] * 3
    assert len(several.warnings) == 1
    remarks = judge(
        Inspection(encrypted=True, external_links=2, embedded_files=1, polyglot=True, partly_read=True), CLEAN
    )
    assert (remarks.level, remarks.refusals, len(remarks.warnings)) == (Level.WARNED, (), 5)
    assert judge(Inspection(), Scan(Outcome.UNREACHABLE)).level is Level.OK


def test_the_command_says_what_a_file_holds_and_refuses_what_would_be_set_aside(vigie_alone, tmp_path):
    path = tmp_path / "liste.pdf"
    path.write_bytes(pdf(nir(), "Suite"))
    answer = vigie_alone("inspect", path)
    assert answer.exit_code == 1
    assert answer.stdout.startswith("application/pdf, 2 pages. Antivirus : non analysé.\n")
    assert "un numéro de sécurité sociale" in answer.stdout
    assert nir() not in answer.stdout
    path.write_bytes(pdf("Note"))
    assert vigie_alone("inspect", path).exit_code == 0
