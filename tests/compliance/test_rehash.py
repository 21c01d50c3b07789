"""`vigie rehash`: one flipped byte and one lost object are found, recorded and told; what is put back is told too."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import urlparse

from compliance.services import evidence
from tenants.errors import Unavailable
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.pieces import pdf

FIRST = at.ESTUARY_MEMBERS[0].finess


def stored(app, world, content: bytes) -> tuple[Path, str]:
    """Attach a piece; return where its object lies, and its identifier."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        whose = world.establishments[FIRST]
        piece = evidence.piece(evidence.attach(whose, "D2.P2", "organisation_note", "note.pdf", BytesIO(content)))
    folder = Path(urlparse(app.extensions["vigie.settings"].storage_url).path)
    return folder / str(whose) / piece.sha256[:2] / piece.sha256, str(piece.id)


def events(app, piece: str) -> list[str]:
    rows = seen(
        app, "SELECT value FROM evidence_event WHERE evidence_id = %s AND kind = 'rehash' ORDER BY recorded_at", piece
    )
    return [row["value"] for row in rows]


def test_one_flipped_byte_and_a_lost_object_are_found_told_once_and_told_again_when_put_back(
    app, world, vigie, sign_in
):
    # Rows of the world name objects that were never stored.
    seen(app, "DELETE FROM import_run")
    first = vigie("rehash")
    assert (first.exit_code, first.stderr) == (0, "")
    assert "Chacun est tel qu’il a été reçu." in first.stdout
    path, altered = stored(app, world, pdf("une piece de la nuit"))
    gone, lost = stored(app, world, pdf("une autre piece de la nuit"))
    whole = path.read_bytes()
    path.write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
    kept = gone.rename(gone.with_name("ailleurs"))
    for _ in range(2):
        found = vigie("rehash")
        assert found.exit_code == 1
        assert f"{FIRST}  modifié  {path.name}" in found.stderr
        assert f"{FIRST}  perdu    {gone.name}" in found.stderr
        assert "2 fichiers ne sont plus" in found.stderr
    piece = f"/ght/{at.ESTUARY_CODE}/preuves/{altered}"
    browser = sign_in(at.ESTUARY_DSI)
    assert "Ce fichier n’est plus celui que vous avez déposé" in words(browser.get(piece).text)
    path.write_bytes(whole)
    kept.rename(gone)
    assert vigie("rehash").exit_code == 0
    assert "n’est plus celui" not in words(browser.get(piece).text)
    assert (events(app, altered), events(app, lost)) == (["altered", "intact"], ["lost", "intact"])
    chained = seen(
        app,
        "SELECT payload::jsonb->'detail' AS told FROM audit_event WHERE action = 'storage.checked' AND establishment_id = %s"
        " ORDER BY sequence",
        world.establishments[FIRST],
    )
    assert [(row["told"]["altered"], row["told"]["lost"]) for row in chained] == [
        ([], []), ([path.name], [gone.name]), ([path.name], [gone.name]), ([], []),
    ]  # fmt: skip


def test_a_store_that_does_not_answer_is_no_alteration(app, world, vigie, monkeypatch):
    def silent(*_: object) -> bool:
        raise Unavailable("Le stockage des pièces ne répond pas.")

    monkeypatch.setattr(type(app.extensions["vigie.storage"]), "verify", silent)
    answer = vigie("rehash")
    assert (answer.exit_code, "ne répond pas" in answer.stderr) == (1, True)
    assert seen(app, "SELECT 1 FROM evidence_event WHERE kind = 'rehash'") == []
