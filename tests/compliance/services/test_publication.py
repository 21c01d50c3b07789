"""What the ARS sees before filing: figures that the candidate published, frozen, without reasons or names."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from compliance.programme import referential
from compliance.reports import canonical
from compliance.reports.progress import candidate_progress
from compliance.services import candidate as candidates
from compliance.services import evidence, portfolio, publication
from compliance.services.publication import Change
from tenants.db import db, new_id, writing_as
from tenants.errors import NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

TODAY = date.today()  # the database keeps the real clock
NORTH, SOUTH = ("ars@littoral-nord.example", "region:F1"), ("ars@monts-du-sud.example", "region:F2")


def state():
    """The candidate of the scope and its state today."""
    candidate = candidates.require("D2")
    return candidate, candidate_progress(candidate, referential.load("D2"), TODAY)


def publish():
    candidate, document = state()
    return publication.publish(document, candidate)


def row(code, state="missing", share=None, **more):
    return {"code": code, "title": f"Ligne {code}", "kind": "document", "state": state, "share": share} | more


def document(*rows, share=None):
    return {
        "on": TODAY,
        "referential": {"version": "2025-06-26", "title": "CaRE"},
        "candidate": {"name": "GHT"},
        "answer": "CH de Belle-Rive suffirait.",
        "met": 0,
        "rows_total": len(rows),
        "rows": list(rows),
        "share": share,
        "parties": [{"name": "CH de Belle-Rive"}],
    }


def test_the_figures_are_those_of_the_rows_and_nothing_else(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        _, told = state()
        figures = canonical.plain(publication.figures(told))
    assert set(figures) == {"format", "on", "referential", "met", "rows_total", "rows"}
    assert (figures["format"], figures["on"], figures["referential"]) == (
        "vigie-publication/1",
        TODAY.isoformat(),
        "2025-06-26",
    )
    assert len(figures["rows"]) == figures["rows_total"] == 13
    assert {name for each in figures["rows"] for name in each} == {"code", "title", "kind", "state", "share"}


def test_no_reason_and_no_name_goes_out(app, world):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        _, told = state()
        out = canonical.dumps(publication.figures(told)).decode()
    reasons = {reason["text"] for each in told["rows"] for reason in each["reasons"]}
    pieces = {piece["filename"] for each in told["rows"] for piece in each["pieces"]}
    assert reasons
    assert pieces == {"pssi.pdf"}
    hidden = {*reasons, *pieces, told["candidate"]["name"], *(m.name for m in at.ESTUARY_MEMBERS)}
    hidden |= {m.finess for m in at.ESTUARY_MEMBERS}
    assert {each for each in hidden if each in out} == set()


def test_the_share_of_a_row_is_its_own_or_that_of_the_document():
    share = {"share": Decimal("0.584"), "threshold": Decimal(66), "gap": Decimal("0.076"), "reasons": ["CH"]}
    own = {"share": Decimal("0.2"), "threshold": Decimal(50), "gap": Decimal("0.3"), "smallest_set": ["1"]}
    told = publication.figures(document(row("D2.P1"), row("D2.O1.C"), row("D2.O1.D", share=own), share=share))
    assert [each["share"] for each in told["rows"]] == [
        None,
        {"share": Decimal("0.584"), "threshold": Decimal(66)},
        {"share": Decimal("0.2"), "threshold": Decimal(50)},
    ]


@pytest.mark.parametrize(
    "share",
    [
        {"share": None, "threshold": Decimal(66), "gap": None},
        {"share": Decimal(1), "threshold": Decimal(66), "gap": None},
        None,
    ],
    ids=["not computable", "one entity has no bar to reach", "an establishment alone"],
)
def test_a_share_that_is_not_one_is_not_published(share):
    assert publication.figures(document(row("D2.O1.C"), share=share))["rows"][0]["share"] is None


def test_differences_name_each_row_whose_state_or_share_changed():
    half, more = ({"share": share, "threshold": "66"} for share in ("0.500000", "0.600000"))
    before = {"rows": [row("A"), row("B", "in_progress", half), row("C"), row("D")]}
    after = {"rows": [row("A", "met"), row("B", "in_progress", more), row("C", title="Autrement dit"), row("E")]}
    assert publication.differences(before, after) == (
        Change("A", row("A"), row("A", "met")),
        Change("B", row("B", "in_progress", half), row("B", "in_progress", more)),
        Change("E", None, row("E")),
        Change("D", row("D"), None),
    )


def test_the_same_figures_are_not_published_twice_whatever_their_date(app, world):
    before = counts(app, "publication")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate, told = state()
        for day in (TODAY, TODAY + timedelta(days=1)):
            with pytest.raises(Refused, match=f"depuis la publication du {TODAY:%d/%m/%Y}"):
                publication.publish({**told, "on": day}, candidate)
    assert counts(app, "publication") == before


def test_what_comes_later_is_published_beside_what_was_and_the_difference_is_told(app, world):
    own = world.establishments[at.ESTUARY_MEMBERS[0].finess]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        [first] = publication.history(candidates.require("D2").id)
        evidence.attach(own, "D2.O2.A", "backup_policy", "politique.pdf", BytesIO(b"politique"))
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        publish()
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        second, kept = publication.history(candidates.require("D2").id)
    assert kept == first
    assert [change.code for change in second.changes] == ["D2.O2.A"]
    [change] = second.changes
    assert (change.before["state"], change.after["state"]) == ("missing", "in_progress")


def test_publishing_is_told_in_the_chain_of_the_support(app, world):
    [event] = seen(
        app,
        "SELECT action, payload FROM audit_event WHERE establishment_id = %s AND action = 'progress.published'",
        world.establishments[at.ESTUARY_MEMBERS[0].finess],
    )
    assert set(json.loads(event["payload"])["detail"]) == {"on", "met"}


def test_a_publication_can_neither_be_changed_nor_deleted_by_the_application(app, world):
    for statement in ("UPDATE publication SET figures = '{}'", "DELETE FROM publication"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE),
        ):
            db.session.execute(text(statement))


def test_the_signatory_who_writes_nothing_does_not_publish(app, world):
    seen(app, "DELETE FROM publication")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting(app, world, "signataire@estuaire.example", at.ESTUARY_SCOPE),
    ):
        publish()


INSERT = (
    "INSERT INTO publication (id, establishment_id, candidate_id, ght_id, region_id, on_date, figures)"
    " SELECT :id, establishment_id, candidate_id, {ght}, {region}, on_date, figures FROM publication WHERE id = :source"
)


def test_the_referent_of_a_support_publishes_nothing_for_its_ght(app, world):
    support = world.establishments[at.CAPES_MEMBERS[0].finess]
    [source] = seen(app, "SELECT * FROM publication WHERE establishment_id = %s", support)
    names = ("establishment_id", "candidate_id", "ght_id", "region_id", "on_date", "figures")
    # As the GHT's, then as if the candidate were its own.
    for ght in (source["ght_id"], None):
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            acting(app, world, "referent@port-aubry.example", f"establishment:{at.CAPES_MEMBERS[0].finess}"),
            writing_as(support),
        ):
            db.session.execute(
                text(
                    f"INSERT INTO publication (id, {', '.join(names)}) VALUES (:id, {', '.join(f':{n}' for n in names)})"
                ),
                {"id": new_id(), **{name: source[name] for name in names}, "ght_id": ght},
            )


def test_a_publication_goes_to_the_agency_of_its_candidate_and_to_no_other(app, world):
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE),
        writing_as(world.establishments[at.OUTSIDE[0]]),
    ):
        db.session.execute(
            text(INSERT.format(ght="NULL", region="CAST(:region AS uuid)")),
            {
                "id": new_id(),
                "source": seen(app, "SELECT id FROM publication WHERE ght_id IS NULL")[0]["id"],
                "region": world.regions["F2"],
            },
        )


def test_an_agency_reads_the_last_figures_of_its_region_and_who_published_nothing_shows(app, world):
    with acting(app, world, *NORTH):
        assert {line.code: line.published is not None for line in portfolio.lines()} == {
            at.OUTSIDE[0]: True,
            at.TWO_CAPES_CODE: True,
        }
    with acting(app, world, *SOUTH):
        lines = {line.code: line for line in portfolio.lines()}
        assert lines[at.ESTUARY_CODE].published.figures["rows_total"] == 13
        assert lines[at.ALONE_CODE].published is None
        assert publication.history(lines[at.ALONE_CODE].id) == []
        estuary = lines[at.ESTUARY_CODE].id
        assert [each.on for each in publication.history(estuary)] == [TODAY]
    with acting(app, world, *NORTH):
        assert publication.history(estuary) == []
        with pytest.raises(NotFound):
            portfolio.candidate_name(estuary)
