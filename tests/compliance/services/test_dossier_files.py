"""A dossier from a freeze: the same bytes whatever came since, exactly its pieces, the chain up to it and no further."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine

from compliance.programme import referential
from compliance.reports import verify_dossier
from compliance.services import dossier, dossier_files, evidence
from compliance.services import filing as filings
from tenants import audit
from tenants.errors import NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.commands import environment
from tests.factories.jobs import run_jobs
from tests.factories.world import ACCOUNTS

ROOT = Path(__file__).resolve().parents[3]
TODAY = date.today()  # the database keeps the real clock
SIGNATORY = "signataire@estuaire.example"
FIRST, SECOND, _ = (member.finess for member in at.ESTUARY_MEMBERS)
SAME = b"%PDF-1.7 exemple"  # the bytes that every establishment of the world attached to D2.P1
PIECES = ["pieces/D2.P1/pssi.pdf", "pieces/D2.P1/pssi_2.pdf", "pieces/D2.P1/pssi_3.pdf"]


def files_of(app, world) -> tuple[bytes, bytes, bytes]:
    """The PDF, the Word document and the ZIP of the first filing of the GHT of three."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        source = dossier_files.frozen(filing_of())
        with dossier_files.built(source) as files:
            return files.pdf, files.word, files.zip.read()


def filing_of() -> Any:
    from compliance.services import candidate as candidates  # noqa: PLC0415

    return dossier.filings(candidates.require("D2").id)[-1]


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(archive)) as source:
        return {name: source.read(name) for name in source.namelist()}


def attach(app, world, email: str, scope: str, finess: str, row: str, name: str, content: bytes) -> None:
    with acting(app, world, email, scope):
        evidence.attach(world.establishments[finess], row, "other", name, BytesIO(content))


def test_a_freeze_gives_the_same_bytes_a_year_later_whatever_came_since(app, world, tmp_path: Path):
    before = files_of(app, world)
    (tmp_path / "dossier.zip").write_bytes(before[2])
    assert verify_dossier.problems(str(tmp_path / "dossier.zip")) == []
    attach(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE, FIRST, "D2.P1", "pssi.pdf", b"une autre pssi")
    at.news(app, world)
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        filings.file(referential.load("D2"))
    with time_machine.travel(TODAY + timedelta(days=365)):
        after = files_of(app, world)
    assert [before[place] == after[place] for place in range(3)] == [True, True, True]


def test_two_processes_with_other_hashes_zones_and_languages_give_the_same_bytes(app, world, settings, tmp_path: Path):
    made = []
    for name, zone, seed in (("a", "Pacific/Auckland", "1"), ("b", "America/Cayenne", "2")):
        command = [sys.executable, "wsgi.py", "dossier", "build", "--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI,
                   "--filing", "1", "--out", str(tmp_path / name)]  # fmt: skip
        given = {
            "TZ": zone,
            "PYTHONHASHSEED": seed,
            "LC_ALL": "C",
            "HOME": str(tmp_path / name),
            "PATH": os.environ["PATH"],
        }
        subprocess.run(command, cwd=ROOT, env=environment(settings) | given, check=True, capture_output=True)
        made.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.is_file()})
    assert sorted(made[0]) == ["dossier.docx", "dossier.pdf", "dossier.zip"]
    assert [made[0][name] == made[1][name] for name in made[0]] == [True, True, True]


def test_nothing_of_another_dossier_is_inside_even_under_the_same_names_and_bytes(app, world):
    attach(app, world, at.CAPES_DSI, at.CAPES, at.CAPES_MEMBERS[0].finess, "D2.P2", "pssi.pdf", SAME)
    attach(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE, at.OUTSIDE[0], "D2.P1", "pssi.pdf", b"une autre")
    attach(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE, SECOND, "D1.1", "pssi.pdf", SAME)
    attach(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE, FIRST, "D2.P1", "apres.pdf", b"apres le gel")
    _, _, archive = files_of(app, world)
    inside = {name: data for name, data in members(archive).items() if name.startswith("pieces/")}
    assert list(inside) == PIECES
    assert set(inside.values()) == {SAME}
    others = [member.name.encode() for member in (*at.CAPES_MEMBERS, *at.ALONE_MEMBERS)]
    assert [name for name in others if name in archive] == []
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        today = dossier_files.of_day(referential.load("D2"), TODAY)
    assert [piece.name for piece in today.pieces] == [*PIECES, "pieces/D2.P1/apres.pdf"]


def test_the_chain_is_that_of_the_support_up_to_the_freeze_and_names_nobody(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        audit.record(world.establishments[FIRST], "later.event")
        filed = filing_of().sha256
    _, _, archive = files_of(app, world)
    raw = members(archive)["events.json"]
    events = json.loads(raw)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert {json.loads(event["payload"])["establishment"] for event in events} == {str(world.establishments[FIRST])}
    assert (events[-1]["action"], json.loads(events[-1]["payload"])["detail"]["sha256"]) == ("dossier.filed", filed)
    assert b"later.event" not in raw
    people = [text for account in ACCOUNTS for text in (account.email, account.name)] + ["Mme Exemple"]
    assert [text for text in people if text.encode() in raw] == []


def test_the_chain_carries_no_name_or_address_of_a_person_in_any_event_of_the_product(app, world):
    payloads = " ".join(row["payload"] for row in seen(app, "SELECT payload FROM audit_event"))
    people = [text for account in ACCOUNTS for text in (account.email, account.name)] + ["Mme Exemple", "pssi.pdf"]
    assert payloads
    assert [text for text in people if text in payloads] == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_event SET payload = replace(payload, 'D2', 'D9') WHERE sequence = 1", "La chaîne d’audit"),
        ("UPDATE filed_piece SET filename = 'autre.pdf'", "Les pièces gardées ne sont plus celles"),
    ],
)
def test_what_no_longer_holds_is_said_and_nothing_is_built(app, world, statement: str, said: str):
    seen(app, statement)
    with pytest.raises(Refused, match=said):
        files_of(app, world)


def corrupt(app) -> None:
    for name in at.blobs(app):
        path = Path(app.extensions["vigie.settings"].storage_url.removeprefix("file://")) / name
        if path.read_bytes() == SAME:
            path.write_bytes(b"%PDF-1.7 exempl?")


def lose(app) -> None:
    for name in at.blobs(app):
        path = Path(app.extensions["vigie.settings"].storage_url.removeprefix("file://")) / name
        if path.read_bytes() == SAME:
            path.unlink()


@pytest.mark.parametrize(("harm", "said"), [(corrupt, "La pièce pieces/D2.P1/pssi.pdf n’est plus"), (lose, "n’est plus dans le stockage")])  # fmt: skip
def test_a_piece_changed_or_lost_in_the_store_is_said_on_the_order(app, world, harm: Callable[[Any], None], said: str):
    folder = Path(app.extensions["vigie.settings"].storage_url.removeprefix("file://"))
    kept = {name: (folder / name).read_bytes() for name in at.blobs(app)}
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build_id = dossier.order(TODAY, filing_of().id)
    try:
        harm(app)
        run_jobs(app)
    finally:
        for name, content in kept.items():
            (folder / name).write_bytes(content)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        build = dossier.get(build_id)
        assert (build.state, build.zip_sha256) == ("failed", None)
        assert said in build.error


def test_an_order_from_a_filing_is_built_from_it_and_is_not_the_order_of_the_day(app, world, tmp_path: Path):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        filing_id = filing_of().id
        orders = [dossier.order(TODAY), dossier.order(TODAY, filing_id), dossier.order(TODAY, filing_id)]
    assert orders[1] == orders[2] != orders[0]
    assert run_jobs(app) == 2
    _, _, archive = files_of(app, world)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        builds = [dossier.get(build_id) for build_id in orders[:2]]
        assert [(build.state, build.filing_id) for build in builds] == [("built", None), ("built", filing_id)]
        assert builds[1].zip_size == len(archive)
        assert None not in (builds[1].docx_sha256, builds[1].docx_size)


def test_the_filing_of_others_cannot_be_ordered(app, world):
    with acting(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE):
        foreign = filing_of().id
    with pytest.raises(NotFound), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        dossier.order(TODAY, foreign)
