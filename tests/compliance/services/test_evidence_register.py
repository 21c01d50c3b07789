"""The register of evidence names documents: what it says follows the version of each that counts, on pages and in what is frozen."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO

import pytest

from compliance.clock import today
from compliance.models.equivalence import Equivalence
from compliance.models.evidence_entry import EvidenceEntry
from compliance.models.funding import Expense
from compliance.programme import referential
from compliance.reports.facts import facts_of
from compliance.reports.gathered import gather_scope
from compliance.services import dossier, evidence, filing, register
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories import review as play
from tests.factories.acting import acting, inspected, seen
from tests.factories.world import ESTUARY_CODE

FIRST, SECOND = (member.finess for member in at.ESTUARY_MEMBERS[:2])
POLICY, BOARD = date(2026, 2, 5), date(2026, 6, 2)


def declare(world, file, on=BOARD, *, code="PR-1", holder=ESTUARY_CODE, rows=("D2.O2.A",), kind="backup_policy"):
    """Write a row of the register of the support, in the open unit of work."""
    of = {
        "holder": holder,
        "objectives": list(rows),
        "document_type": kind,
        "file": file,
        "title": "Document",
        "covered": [],
    }
    registers.write(
        world.establishments[FIRST], EvidenceEntry, code, code=code, validated_on=on, status="validated", **of
    )


def attach(world, content, name, **said):
    return evidence.attach(world.establishments[FIRST], "D2.O2.A", "backup_policy", name, BytesIO(content), **said)


def answers():
    """The documents that answer the backup policy: (name, day of approval)."""
    told = facts_of(gather_scope(today(), today()), referential.load("D2"))
    return {(each.filename, each.approved_on) for each in told.evidence if each.row == "D2.O2.A"}


def test_a_row_that_names_a_replaced_file_tells_the_version_that_counts_and_its_dates(app, world):
    with acting(app, world, *play.DSI):
        old = attach(world, b"v1", "politique v1.pdf", approved_on=POLICY)
        declare(world, "politique v1.pdf")
        assert answers() == {("politique v1.pdf", POLICY), ("politique v1.pdf", BOARD)}
        evidence.replace(old, "v2.pdf", BytesIO(b"v2"))
        assert answers() == {("v2.pdf", None)}


@pytest.mark.parametrize(("later", "said"), [(False, None), (True, BOARD)])
def test_under_the_same_name_the_register_speaks_of_the_version_it_was_written_after(app, world, later, said):
    with acting(app, world, *play.DSI):
        old = attach(world, b"v1", "politique.pdf")
        declare(world, "politique.pdf", POLICY)
    with acting(app, world, *play.DSI):
        evidence.replace(old, "politique.pdf", BytesIO(b"v2"))
    with acting(app, world, *play.DSI):
        if later:
            declare(world, "politique.pdf", BOARD)
        assert answers() == {("politique.pdf", None), ("politique.pdf", said)}


def test_a_member_is_told_of_the_version_that_counts_too(app, world):
    with acting(app, world, *play.DSI):
        old = attach(world, b"v1", "politique v1.pdf", approved_on=POLICY)
        declare(world, "politique v1.pdf")
        evidence.replace(old, "v2.pdf", BytesIO(b"v2"))
    with acting(app, world, "dsi@estuaire.example", f"establishment:{SECOND}"):
        assert [(each.filename, each.approved_on) for each in evidence.common(today())] == [("v2.pdf", None)]


def test_a_member_learns_nothing_of_a_fellow_by_naming_its_file(app, world):
    with acting(app, world, *play.DSI):
        attach(world, b"v1", "audit.pdf", approved_on=POLICY)
    with acting(app, world, "dsi@estuaire.example", f"establishment:{SECOND}"):
        of = {"holder": SECOND, "objectives": ["D2.O2.A"], "document_type": "backup_policy", "covered": []}
        registers.write(
            world.establishments[SECOND], EvidenceEntry, "PR-2", code="PR-2", file="audit.pdf", title="x", status="validated", **of
        )  # fmt: skip
        assert evidence.common(today()) == []


def test_nothing_frozen_cites_a_file_that_is_not_in_its_archive(app, world):
    """The register, an equivalence and an expense name a file that the ARS returns: what is filed in its place is cited."""
    with acting(app, world, *play.DSI):
        declare(world, play.FILE, rows=("D2.P2", "D2.O1.A"), kind="governance_scheme")
        own = world.establishments[FIRST]
        moot = {"row_code": "D2.O3.D", "party_key": "", "reason": "Sans objet", "file": play.FILE, "starts_on": BOARD}
        registers.write(own, Equivalence, "D2.O3.D / ", **moot)
        registers.write(own, Expense, "L1", receipt=play.FILE, line_number="7", objective="D2.O1.A")
    candidate = play.opened(app, world)
    with acting(app, world, *play.DSI):
        before = json.loads(dossier.latest(candidate).document)
    assert {row["code"] for row in before["rows"] if play.FILE in json.dumps(row["reasons"])} >= {"D2.O1.A", "D2.O3.D"}
    play.decide(app, world, candidate, play.FILE)
    with acting(app, world, *play.DSI):
        [old] = [each for each in evidence.pieces([own], today()) if each.filename == play.FILE]
        evidence.replace(old.id, "v2-4.pdf", BytesIO(b"v2-4"))
    inspected(app)
    with acting(app, world, *play.SIGNATORY):
        filing.refile(referential.load("D2"))
    with acting(app, world, *play.DSI):
        again = dossier.latest(candidate)
        assert play.FILE not in again.document
        after = json.loads(again.document)
        assert "v2-4.pdf" in {piece.filename for piece in dossier.filed_pieces(again.id)}
    told = {row["code"]: json.dumps(row["reasons"]) for row in after["rows"]}
    assert "v2-4.pdf" in told["D2.O1.A"]
    assert "v2-4.pdf" in told["D2.O3.D"]
    assert "v2-4.pdf" in {each["receipt"] for each in after["funding"]["expenses"]}


def test_the_page_of_a_piece_says_for_whom_the_register_declares_it(app, world, sign_in):
    with acting(app, world, *play.DSI):
        piece = attach(world, b"v1", "politique.pdf")
        declare(world, "politique.pdf")
    page = words(sign_in(at.ESTUARY_DSI).get(f"/ght/{ESTUARY_CODE}/preuves/{piece}").text)
    assert f"Vaut pour {at.ESTUARY_MEMBERS[0].name} ; tout le GHT, d’après le registre des preuves (PR-1)" in page


def test_a_file_that_the_ght_deposited_for_a_member_is_not_asked_of_that_member_again(app, world):
    """The register of the GHT says that a document is a member's, and its file was deposited under the support."""
    with acting(app, world, *play.DSI):
        attach(world, b"v1", "politique.pdf", approved_on=POLICY)
        of = {
            "objectives": ["D2.O2.A"],
            "document_type": "backup_policy",
            "covered": [],
            "status": "validated",
            "title": "x",
        }
        values = of | {"code": "PR-2", "holder": SECOND, "file": "politique.pdf", "nominative": False}
        run = seen(app, "SELECT id FROM import_run WHERE ght_id = %s", world.ghts[ESTUARY_CODE])[0]["id"]
        register.append(EvidenceEntry, [register.Entry(world.establishments[SECOND], "PR-2", values)], run)
    with acting(app, world, "dsi@estuaire.example", f"establishment:{SECOND}"):
        assert [(each.row_code, each.filename) for each in evidence.common(today())] == [("D2.O2.A", "politique.pdf")]
