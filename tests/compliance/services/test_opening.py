"""« Dossier zéro »: the operator opens a declaration for every known candidate, and an import finds it."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.services import candidate as candidates
from compliance.services import party as party_services
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.importers.kits import typed

OUTSIDE = at.OUTSIDE_SCOPE.partition(":")[2]
OPEN = ("candidates", "open", "--domain", "D2")


@pytest.fixture
def nobody(app, world):
    """The world before anybody opened anything: no candidate, and nothing that names one."""
    seen(app, "TRUNCATE candidate CASCADE")


def names(app) -> list[str]:
    return [row["name"] for row in seen(app, "SELECT name FROM candidate ORDER BY name")]


def test_every_ght_is_opened_under_its_support_and_a_second_time_changes_nothing(app, nobody, vigie):
    first, second = vigie(*OPEN), vigie(*OPEN)
    assert "3 candidats ouverts : 3 GHT, 0 hors GHT. 0 était ouvert déjà." in first.output
    assert "0 candidat ouvert : 0 GHT, 0 hors GHT. 3 étaient ouverts déjà." in second.output
    [capes] = seen(
        app,
        "SELECT e.finess FROM candidate c JOIN legal_entity e ON e.id = c.establishment_id WHERE c.name LIKE %s",
        "%Caps%",
    )
    assert capes["finess"] == at.CAPES_MEMBERS[0].finess
    told = seen(app, "SELECT user_id FROM audit_event WHERE action = 'candidate.opened' ORDER BY at DESC LIMIT 3")
    assert [row["user_id"] for row in told] == [None] * 3


def test_a_region_narrows_and_an_unknown_one_is_refused(app, nobody, vigie):
    assert "1 candidat ouvert : 1 GHT" in vigie(*OPEN, "--region", "F1").output
    refused = vigie(*OPEN, "--region", "ZZ")
    assert (refused.exit_code, "est inconnue" in refused.output) == (1, True)


def test_a_list_opens_the_entities_outside_a_ght(app, nobody, vigie, tmp_path):
    path = tmp_path / "hors-ght.csv"
    path.write_text(f"Nom;FINESS EJ\nBrumont;{OUTSIDE}\n", encoding="utf-8")
    assert "4 candidats ouverts : 3 GHT, 1 hors GHT." in vigie(*OPEN, "--file", path).output


def test_a_list_with_a_number_that_is_no_candidate_opens_nothing(app, nobody, vigie, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text(f"FINESS\n{at.CAPES_MEMBERS[1].finess}\n629900887\n123\n", encoding="utf-8")
    refused = vigie(*OPEN, "--file", path)
    assert refused.exit_code == 1
    assert "3 numéros de la liste" in refused.output
    assert "sa candidature est celle du GHT des Deux Caps" in refused.output
    assert names(app) == []


def test_a_first_import_finds_the_candidate_already_there(app, world, nobody, vigie, tmp_path):
    vigie(*OPEN)
    kit = typed(at.ESTUARY_MEMBERS).write(tmp_path / "kit.xlsx")
    assert vigie("import", kit, "--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI, "--apply").exit_code == 0
    assert len([name for name in names(app) if "Estuaire" in name]) == 1
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        assert len(party_services.parties(candidates.require("D2"), date.today())) == 3
