"""What the ARS of a region sees: its candidates and what they filed; never a draft, never another region."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from compliance.models.dossier import DossierBuild
from compliance.programme import referential
from compliance.services import candidate as candidates
from compliance.services import dossier, evidence, perimeter, portfolio
from compliance.services import filing as filings
from tenants.db import db
from tenants.errors import NotFound
from tests.factories import acting as at
from tests.factories.acting import acting

NORTH, SOUTH = ("ars@littoral-nord.example", "region:F1"), ("ars@monts-du-sud.example", "region:F2")
TODAY = date.today()  # the database keeps the real clock


def test_a_region_lists_its_candidates_with_those_that_filed_first(app, world):
    with acting(app, world, *NORTH):
        north = [(line.code, line.kind, line.filing is not None) for line in portfolio.lines()]
    with acting(app, world, *SOUTH):
        south = [(line.code, line.kind, line.filing is not None) for line in portfolio.lines()]
    assert north == [(at.OUTSIDE[0], "eg", True), (at.TWO_CAPES_CODE, "ght", False)]
    assert south == [(at.ESTUARY_CODE, "ght", True), (at.ALONE_CODE, "ght", False)]


def test_the_latest_version_is_the_one_listed(app, world):
    at.news(app, world)
    with acting(app, world, "signataire@estuaire.example", at.ESTUARY_SCOPE):
        filings.file(referential.load("D2"))
    with acting(app, world, *SOUTH):
        assert [line.filing.version for line in portfolio.lines() if line.filing] == [2]


def test_another_region_sees_none_of_it(app, world):
    with acting(app, world, *SOUTH):
        [filing] = [line.filing for line in portfolio.lines() if line.filing]
        filing_id, candidate_id = filing.id, filing.candidate_id
    with acting(app, world, *NORTH):
        assert dossier.filings(candidate_id) == []
        assert dossier.filed_pieces(filing_id) == []
        with pytest.raises(NotFound):
            dossier.filing(filing_id)


def test_a_reviewer_reads_no_draft(app, world):
    every = list(world.establishments.values())
    with acting(app, world, *SOUTH):
        assert perimeter.current_perimeters(every, TODAY) == []
        assert evidence.pieces(every, TODAY) == []
        assert db.session.scalars(select(DossierBuild.id)).all() == []
        assert candidates.of_scope("D2") is None
