"""The demonstration shows every register, through the product's own path, and is loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import wsgi
from compliance.services import register
from importers import deposits, registry, undo
from importers.demonstration import seed as demo
from importers.demonstration.names import MARQUERIVE
from tenants import embedded
from tenants.cli import Installation, prepare
from tenants.db import db
from tenants.embedded import Embedded
from tenants.permissions import Permission
from tenants.settings import Settings
from tests.factories.acting import seen
from tests.factories.commands import environment
from tests.importers.desk import dump

pytestmark = pytest.mark.xdist_group("demo")  # loaded once for all of them
DATABASE = "vigie_demo"
SHEETS = tuple(sheet for workbook in registry.WORKBOOKS for sheet in workbook.sheets if sheet.record is not None)


@dataclass(frozen=True)
class Demonstration:
    """An installation that holds the demonstration and nothing else."""

    installation: Installation
    folder: Path

    @property
    def app(self) -> Flask:
        """Its application."""
        return self.installation.app

    def seed(self) -> None:
        """Load it, again."""
        demo.seed(self.installation, self.folder, with_worker=False)

    def counts(self) -> dict[str, int]:
        """How many rows each register has, all establishments together."""
        return {
            sheet.name: seen(self.app, f"SELECT count(*) AS n FROM {register.table_of(sheet.record)}")[0]["n"]
            for sheet in SHEETS
        }

    def deposits(self) -> list[dict[str, Any]]:
        """Every deposit, in order."""
        return seen(self.app, "SELECT filename, state, report FROM import_run ORDER BY created_at, id")


@pytest.fixture(scope="module")
def demonstration(
    servers: Embedded, settings: Settings, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    """The demonstration, loaded once for all the tests of this file."""
    embedded.create_database(servers, DATABASE)
    own = replace(
        settings,
        database_url=servers.database(DATABASE, "vigie_app"),
        owner_database_url=servers.database(DATABASE, "vigie_owner"),
        valkey_url=f"{servers.valkey_url}?db=2",
        storage_url=(folder / "demo-evidence").as_uri(),
    )
    installation = Installation(environment(own), wsgi.create_app)
    with installation.owner() as engine:
        prepare(engine)
    loaded = Demonstration(installation, tmp_path_factory.mktemp("demo"))
    loaded.seed()
    yield loaded
    with installation.app.app_context():
        db.engine.dispose()


def test_every_workbook_of_the_kit_is_applied_and_nothing_of_it_is_wrong(demonstration):
    deposits = demonstration.deposits()
    assert [(each["filename"], each["state"], each["report"]["totals"]["E"]) for each in deposits] == [
        ("KIT_BIA_PCRA.xlsx", "applied", 0),
        ("KIT_BIA_PCRA.xlsx", "applied", 0),
        ("KIT_BIA_PCRA.xlsx", "applied", 0),
        ("KIT_SAUVEGARDE.xlsx", "applied", 0),
        ("Activités et dépendances.xlsx", "applied", 0),
        ("Registre des incidents.xlsx", "applied", 0),
        ("KIT_EXERCICES.xlsx", "applied", 0),
        ("KIT_CONTINUITE.xlsx", "applied", 0),
        ("KIT_PREUVES_JALONS.xlsx", "applied", 0),
        ("KIT_FINANCEMENT.xlsx", "applied", 0),
        ("KIT_FORMATION.xlsx", "applied", 0),
        ("KIT_ANNUAIRE_CRISE.xlsx", "applied", 0),
    ]
    read = {
        sheet["workbook"] for each in deposits for sheet in each["report"]["sheets"] if any(sheet["counts"].values())
    }
    assert read == {workbook.code for workbook in registry.WORKBOOKS}


def test_every_register_has_rows(demonstration):
    assert demonstration.counts() == {
        "Activites": 24,
        "Dependances": 24,
        "Planning": 8,
        "Resultats": 2,
        "Plan_actions": 7,
        "Sessions": 3,
        "Emargement": 25,
        "Charte": 4,
        "Cibles": 6,
        "SI_critiques": 6,
        "Plateforme": 2,
        "Tests_restauration": 3,
        "Preuves": 12,
        "Jalons": 8,
        "Instances": 4,
        "Depenses": 10,
        "Financements": 2,
        "Lettres_de_mission": 1,
        "Cellule_de_crise": 5,
        "Rappel": 6,
        "Partenaires": 4,
        "Points_de_depot": 3,
        "Autres_plans": 8,
        "Contenu_PCRA": 4,
        "Fonctions_support": 4,
        "Incidents": 1,
        "Resultats_par_plan": 2,
    }


def test_each_register_shows_what_is_missing(demonstration):
    gaps = {each["filename"] for each in demonstration.deposits() if each["report"]["totals"]["G"]}
    assert gaps >= {name for desk in demo.REGISTERS for name, _ in desk.files}


def test_codes_find_what_they_name_but_for_one_that_nobody_described_yet(demonstration):
    unknown = [
        (fault["sheet"], fault["value"])
        for each in demonstration.deposits()
        for fault in each["report"]["faults"]
        if fault["code"] == "G-REF" and "rattacher" in fault["reason"]
    ]
    assert unknown == [("SI_critiques", "ADM-01")]


def test_names_of_people_are_those_of_the_establishment_of_the_referent_alone(demonstration):
    for sheet in SHEETS:
        if sheet.private:
            owners = seen(
                demonstration.app,
                f"SELECT DISTINCT e.finess FROM {register.table_of(sheet.record)} t JOIN legal_entity e ON e.id = t.establishment_id",
            )
            assert owners == [{"finess": MARQUERIVE}], sheet.name


def test_an_exercise_observed_worse_than_a_plan_promised_and_better_than_another(demonstration):
    """CaRE D2: declared against observed."""
    told = seen(
        demonstration.app,
        "SELECT c.perimeter_code AS code, r.degraded_after_minutes > c.degraded_after_minutes AS later, r.capacity < c.capacity AS less"
        " FROM plan_result r JOIN pcra_content c USING (establishment_id, perimeter_code) ORDER BY 1",
    )
    assert told == [
        {"code": "PUI-01", "later": False, "less": False},
        {"code": "URG-01", "later": True, "less": True},
    ]


def test_an_action_is_closed_by_its_proof_another_is_only_said_done_and_others_come_from_elsewhere(demonstration):
    actions = seen(
        demonstration.app,
        "SELECT key, proof_file IS NOT NULL AS proved FROM exercise_action"
        " WHERE status = 'done' OR exercise_code IS NULL ORDER BY key",
    )
    assert [(each["key"], each["proved"]) for each in actions] == [
        ("D2.O1.B / 1", False),
        ("EX-2026-01 / 1", False),
        ("EX-2026-02 / 1", True),
        ("INC-2026-01 / 1", False),
    ]


def test_loading_it_again_changes_nothing(demonstration, capsys):
    before = dump(demonstration.app)
    demonstration.seed()
    assert dump(demonstration.app) == before
    assert capsys.readouterr().out == ""


def test_a_deposit_that_somebody_took_back_is_not_brought_again(demonstration):
    desk = demo.REGISTERS[1]
    with demonstration.installation.acting(desk.scope, desk.email, Permission.IMPORT):
        training = next(run.id for run in deposits.latest() if run.filename == "KIT_FORMATION.xlsx")
        undo.order_undo(training)
        undo.undo(training)
    taken_back = dump(demonstration.app)
    demonstration.seed()
    assert dump(demonstration.app) == taken_back
