"""A piece: hashed as received, stored once, never replaced, with its four dates."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from compliance.programme.referential import load
from compliance.reports.facts import facts_of
from compliance.reports.gathered import gather, gather_scope
from compliance.rules.piece import PieceStatus
from compliance.rules.row import judge
from compliance.services import candidate as candidates
from compliance.services import evidence, evidence_thread, evidence_use
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound, Unavailable
from tenants.storage import storage
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
CONTENT = b"%PDF-1.7\r\nune pi\xe8ce telle que re\xe7ue\x00\xff"
FIRST = at.ESTUARY_MEMBERS[0].finess


@pytest.fixture
def attach(app, world):
    """Return a function that attaches a piece for the GHT of three: `attach(content, name)` gives the piece."""

    def give(content: bytes = CONTENT, name: str = "pssi.pdf", row: str = "D2.O2.A", **dates: date) -> evidence.Piece:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            return evidence.piece(
                evidence.attach(world.establishments[FIRST], row, "backup_policy", name, BytesIO(content), **dates)
            )

    return give


def test_a_piece_is_hashed_as_received_and_comes_back_byte_for_byte(app, world, attach):
    piece = attach()
    assert (piece.sha256, piece.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        assert b"".join(storage().chunks(piece.establishment_id, piece.sha256)) == CONTENT


def test_the_same_bytes_are_stored_once_and_listed_as_often_as_attached(app, attach):
    content = CONTENT + b"once"
    before = at.blobs(app)
    first, second = attach(content, "a.pdf"), attach(content, "b.pdf", row="D2.P1")
    assert first.sha256 == second.sha256
    assert first.id != second.id
    assert at.blobs(app) - before == {f"{first.establishment_id}/{first.sha256[:2]}/{first.sha256}"}


def test_a_blob_is_written_once_whatever_is_put_at_its_key(app, world, attach):
    piece = attach()
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        store = storage()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                type(store),
                "_key",
                staticmethod(lambda *_: f"{piece.establishment_id}/{piece.sha256[:2]}/{piece.sha256}"),
            )
            with pytest.raises(Unavailable, match="a changé"):
                store.put(piece.establishment_id, BytesIO(b"other bytes"))
        assert b"".join(store.chunks(piece.establishment_id, piece.sha256)) == CONTENT


def test_the_application_can_neither_change_nor_delete_a_piece(app, world, attach):
    piece = attach()
    for statement in ("UPDATE evidence SET sha256 = 'x' WHERE id = :id", "DELETE FROM evidence WHERE id = :id"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE),
        ):
            db.session.execute(text(statement), {"id": piece.id})


def test_the_four_dates_are_kept_apart(attach):
    piece = attach(approved_on=date(2025, 3, 1), effective_on=date(2025, 4, 1), expires_on=date(2028, 3, 1))
    assert (piece.approved_on, piece.effective_on, piece.expires_on) == (
        date(2025, 3, 1),
        date(2025, 4, 1),
        date(2028, 3, 1),
    )
    assert abs(piece.received_at.date() - TODAY) <= timedelta(days=1)


def test_a_piece_that_expires_before_its_approval_is_refused(app, attach):
    before = counts(app, "evidence", "audit_event"), at.blobs(app)
    with pytest.raises(Invalid, match="précède"):
        attach(CONTENT + b"wrong dates", approved_on=date(2025, 3, 2), expires_on=date(2025, 3, 1))
    assert (counts(app, "evidence", "audit_event"), at.blobs(app)) == before


def test_an_empty_file_is_refused(attach):
    with pytest.raises(Invalid, match="est vide"):
        attach(b"")


def test_a_file_past_the_limit_is_refused(attach, monkeypatch):
    monkeypatch.setattr(evidence, "MAXIMUM", 10)
    with pytest.raises(Invalid, match="50 Mo"):
        attach(b"x" * 11)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\x\\PSSI.pdf", "PSSI.pdf"),
        ("../../etc/passwd", "passwd"),
        ("no\nte\x00.pdf", "note.pdf"),
        ("é" * 300 + ".pdf", "é" * 197 + ".pdf"),
    ],
)
def test_the_name_of_a_file_is_only_its_name(attach, given, kept):
    assert len(kept) <= 201
    filename = attach(name=given).filename
    assert filename[:10] == kept[:10]
    assert filename.endswith(kept[-4:])


def test_a_type_that_a_browser_would_run_is_kept_as_bytes(attach):
    assert attach(b"a page", name="page.html").media_type == "application/octet-stream"
    assert attach(b"a document", name="pssi.pdf").media_type == "application/pdf"


def test_the_same_file_is_attached_once_to_a_piece(attach):
    attach()
    with pytest.raises(Conflict, match="déjà joint"):
        attach(name="the-same-under-another-name.pdf")


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"approved_on": date(2031, 6, 2)}, "avenir"),
        ({"approved_on": date(201, 6, 2)}, "plausible"),
        ({"expires_on": date(2099, 1, 1)}, "plausible"),
    ],
)
def test_a_date_that_cannot_be_is_refused(attach, dates, told):
    with pytest.raises(Invalid, match=told):
        attach(**dates)


def test_pieces_of_an_earlier_day_are_those_received_by_then(app, world, attach):
    at.age(app, 10)
    attach()
    own = [world.establishments[FIRST]]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        now, then = evidence.pieces(own, TODAY), evidence.pieces(own, TODAY - timedelta(days=5))
    assert [piece.row_code for piece in now] == ["D2.O2.A", "D2.P1"]
    assert [piece.row_code for piece in then] == ["D2.P1"]


def test_the_piece_of_others_does_not_exist(app, world, attach):
    piece = attach()
    with pytest.raises(NotFound), acting(app, world, at.CAPES_DSI, at.CAPES):
        evidence.piece(piece.id)


def test_attaching_is_told_in_the_audit_chain(app, attach):
    piece = attach()
    events = seen(
        app,
        "SELECT action FROM audit_event WHERE establishment_id = %s AND payload LIKE %s",
        piece.establishment_id,
        f"%{piece.sha256}%",
    )
    assert events == [{"action": "evidence.attached"}]


# --- documents common to a GHT -----------------------------------------------------------------------------------

BELLE_RIVE = ("referent@belle-rive.example", f"establishment:{FIRST}")
MARSH = at.ESTUARY_MEMBERS[1].finess


def common(app, world, email: str, scope: str, known: date = TODAY) -> list[tuple[str, str]]:
    with acting(app, world, email, scope):
        return [(piece.row_code, piece.filename) for piece in evidence.common(known)]


@pytest.fixture
def shared(app, world):
    """A backup policy that holds for the whole GHT of three, attached under its second member."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        own, content = world.establishments[MARSH], BytesIO(b"politique commune")
        evidence.attach(own, "D2.O2.A", "backup_policy", "politique.pdf", content, approved_on=TODAY, whole=True)


def test_a_member_is_told_of_the_documents_common_to_its_ght_and_reads_none(app, world, shared):
    assert common(app, world, *BELLE_RIVE) == [("D2.O2.A", "politique.pdf")]
    with acting(app, world, *BELLE_RIVE):
        assert "politique.pdf" not in evidence.filenames([world.establishments[MARSH]])


def test_a_document_of_one_member_is_not_common(app, world, attach):
    attach(CONTENT + b"own", name="propre.pdf")
    assert common(app, world, *BELLE_RIVE) == []


def test_another_ght_is_told_of_nothing(app, world, shared):
    assert common(app, world, at.REFERENT, at.REFERENT_SCOPE) == []
    assert common(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE) == []


def test_a_common_document_is_known_from_the_day_it_was_received(app, world, shared):
    assert common(app, world, *BELLE_RIVE, known=TODAY - timedelta(days=1)) == []


def test_a_common_document_answers_for_each_member(app, world, shared):
    """Puget-Théniers (lessons.md): a policy may be that of the whole group."""
    row = load("D2").row("D2.O2.A")
    with acting(app, world, *BELLE_RIVE):
        told = facts_of(gather_scope(TODAY, TODAY), load("D2"))
    verdict = judge(row, told, TODAY).verdict
    assert any("politique.pdf (document commun du GHT)" in reason.text for reason in verdict.reasons)
    assert not any(reason.code == "PIECE_EXPECTED" for reason in verdict.reasons)


# --- versions, and who else a piece holds for ---------------------------------------------------------------------


def test_a_version_counts_from_the_day_the_next_one_is_received_and_comes_back_when_that_one_is_set_aside(
    app, world, attach
):
    at.age(app, 10)
    old = attach(CONTENT + b"v1", "v1.pdf")
    at.age(app, 10)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        new = evidence.replace(old.id, "v2.pdf", BytesIO(CONTENT + b"v2"))

    def counted(on: date) -> list[tuple[str, tuple[str, ...]]]:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            found = evidence.pieces([world.establishments[FIRST]], on)
            return [(piece.filename, piece.former_names) for piece in found if piece.row_code == "D2.O2.A"]

    assert counted(TODAY) == [("v2.pdf", ("v1.pdf",))]
    assert counted(TODAY - timedelta(days=5)) == [("v1.pdf", ())]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        evidence_thread.say(new, PieceStatus.SET_ASIDE, "Mauvais fichier")
    assert counted(TODAY) == [("v1.pdf", ())]


def test_a_common_document_that_is_replaced_or_set_aside_is_told_to_nobody(app, world, shared):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        [old] = [each for each in evidence.pieces([world.establishments[MARSH]], TODAY) if each.whole]
        new = evidence.replace(old.id, "politique-2.pdf", BytesIO(b"politique commune, plus tard"))
    assert common(app, world, *BELLE_RIVE) == [("D2.O2.A", "politique-2.pdf")]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        evidence_use.add(new, ("D2.P2", "organisation_note"))
    assert common(app, world, *BELLE_RIVE) == [("D2.O2.A", "politique-2.pdf"), ("D2.P2", "politique-2.pdf")]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        for piece_id in (new, old.id):
            evidence_thread.say(piece_id, PieceStatus.SET_ASIDE, "Erreur")
    assert common(app, world, *BELLE_RIVE) == []


def test_a_piece_that_names_another_establishment_answers_for_it_alone(app, world, attach):
    """« Même infogérant »: the declared scope is read by the rules of the GHT, party by party."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        own, content = world.establishments[FIRST], BytesIO(CONTENT)
        scope = {"covers": [MARSH], "covers_reason": "Même infogérant"}
        evidence.attach(own, "D2.O2.A", "backup_policy", "commune.pdf", content, approved_on=TODAY, **scope)
        candidate = candidates.require("D2")
        told = facts_of(gather([candidate], TODAY, TODAY)[0], load("D2"))
    [found] = [each for each in told.evidence if each.filename == "commune.pdf"]
    assert found.parties == {FIRST, MARSH}
