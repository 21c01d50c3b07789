"""The data sets of volumes: they hold what they announce, the same each time, and each establishment's rows stay its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

import wsgi
from compliance.programme import referential
from compliance.reports import progress
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from compliance.services import portfolio
from importers.demonstration import volumes, volumes_facts, volumes_places
from importers.demonstration.names import TWO_CAPES
from importers.demonstration.volumes_chance import KNOWN_UNTIL, PHASE_START, identifier
from tenants import accounts, finess, local
from tenants.context import Context, ScopeKind
from tenants.db import db, unit_of_work
from tenants.embedded import Embedded
from tenants.errors import Refused
from tenants.settings import Settings
from tenants.storage import storage
from tests.architecture.tables import TABLES
from tests.factories.acting import blobs, seen
from tests.factories.commands import environment
from tests.factories.volumes import empty, write
from tests.factories.world import World
from tests.importers.desk import dump

pytestmark = pytest.mark.xdist_group("volumes")  # loaded once for all of them
# A hundredth of the nation, but for a second GHT (of one EJ), a second region, and a shorter list of people.
SMALL = replace(volumes.NATION.scaled(100), regions=2, groups=2, attendance=1_500, sessions=60)
TINY = replace(volumes.REGION.scaled(100), groups=0, attendance=20, sessions=2)
CUT_AFTER = 3
LONG_AGO_AND_SINCE = (date(2025, 12, 31), date(2026, 11, 22))
FIRST, SECOND, *OTHERS = volumes_places.holders(SMALL)


class Cut(Exception):
    """The power is cut."""


@dataclass(frozen=True)
class Loaded:
    """An installation that holds the small data set and nothing else."""

    settings: Settings
    app: Flask
    written: int  # by the run that took up the one that was cut short

    def write(self, **options: Any) -> int:
        """Write it, again."""
        return write(self.app, self.settings, SMALL, **options)

    @contextmanager
    def acting(self, email: str, kind: ScopeKind, code: str) -> Iterator[None]:
        """Open a unit of work as somebody."""
        with self.app.app_context():
            user = accounts.by_email(email)
            scope, _ = user.reach(kind, code)
            with unit_of_work(Context(user.id, scope)):
                yield


def cut_at(count: int) -> Any:
    def told(there: int, _total: int) -> None:
        if there == count:
            raise Cut

    return told


@pytest.fixture(scope="module")
def loaded(servers: Embedded, settings: Settings, folder: Path) -> Iterator[Loaded]:
    """The small data set, cut short twice while it was written: after a candidate, then before the parties of another."""
    own, app = empty(servers, settings, folder, "vigie_volumes")
    with pytest.raises(Cut):
        write(app, own, SMALL, told=cut_at(CUT_AFTER))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cut):
        patch.setattr(volumes_facts, "coverages", lambda _holder: (_ for _ in ()).throw(Cut))
        write(app, own, SMALL)
    yield Loaded(own, app, write(app, own, SMALL))
    with app.app_context():
        db.engine.dispose()


def one(loaded: Loaded, query: str, *values: Any) -> Any:
    return next(iter(seen(loaded.app, query, *values)[0].values()))


# ------------------------------------------------------------------------------------------------------------- plans


def places(plan: volumes.Plan) -> list[volumes_places.Place]:
    return [place for holder in volumes_places.holders(plan) for place in holder.places]


def test_the_ght_has_13_establishments_40_sites_10_000_people_and_400_sessions():
    (holder,) = volumes_places.holders(volumes.GHT)
    assert (holder.ght, holder.applies, len(holder.places)) == (True, True, 13)
    assert sum(len(place.sites) for place in holder.places) == 40
    assert sum(place.staff for place in holder.places) == 10_000
    assert sum(place.sessions for place in holder.places) == 400


def test_the_region_has_13_ght_of_1_to_13_establishments_and_60_establishments_outside():
    holders = volumes_places.holders(volumes.REGION)
    sizes = [len(holder.places) for holder in holders if holder.ght]
    assert (len(sizes), min(sizes), max(sizes), sum(sizes)) == (13, 1, 13, 78)
    assert sum(not holder.ght for holder in holders) == 60
    assert all(holder.applies for holder in holders)
    assert len({holder.region for holder in holders}) == 1


def test_the_nation_has_1167_candidates_among_1457_in_18_regions_and_a_million_and_a_half_attendances():
    holders = volumes_places.holders(volumes.NATION)
    kinds = [holder.kind for holder in holders if holder.applies]
    assert {kind: kinds.count(kind) for kind in kinds} == {"ght": 130, "public": 15, "non_profit": 287, "private": 735}
    assert (len(kinds), len(holders), sum(holder.ght for holder in holders)) == (1_167, 1_457, 135)
    assert len({holder.region for holder in holders}) == 18
    assert sum(place.staff for place in places(volumes.NATION)) == 1_500_000
    assert sum(place.exercises for place in places(volumes.NATION)) == 2_235
    assert (volumes.NATION.candidates, volumes.NATION.eligible) == (1_167, 1_457)


def test_numbers_have_a_right_key_and_name_one_place_of_one_data_set():
    numbers = [number for number, _ in TWO_CAPES]
    for plan in volumes.PLANS:
        numbers += [number for place in places(plan) for number in (place.finess, *(site for site, _ in place.sites))]
    assert len(numbers) > 7_000
    assert all(finess.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_no_two_establishments_of_a_data_set_have_one_name():
    for plan in volumes.PLANS:
        names = [place.name for place in places(plan)]
        assert len(set(names)) == len(names)


def test_a_smaller_plan_keeps_some_of_everything():
    assert (SMALL.candidates, SMALL.non_profit, SMALL.private, SMALL.idle_groups) == (13, 3, 7, 1)
    assert volumes.NATION.scaled(1) == volumes.NATION


def test_people_of_an_establishment_are_all_different():
    place = max(places(volumes.GHT), key=lambda each: each.staff)
    rows = [row for table, row in facts(volumes.GHT) if table == "attendance"]
    assert len(rows) == 10_000
    assert len({row["key"] for row in rows[: place.staff]}) == place.staff


def facts(plan: volumes.Plan) -> list[tuple[str, dict[str, Any]]]:
    asked = referential.load("D2")
    return [
        fact
        for holder in volumes_places.holders(plan)
        if holder.applies
        for place in holder.places
        for fact in volumes_facts.facts(plan, holder, place, asked)
    ]


SAY = (
    "import hashlib; from tests.importers.test_volumes import SMALL, facts, volumes_facts, volumes_places;"
    "held = [h for h in volumes_places.holders(SMALL)];"
    "told = [facts(SMALL), *((volumes_facts.parties(h), volumes_facts.coverages(h)) for h in held)];"
    "print(hashlib.sha256(repr(told).encode()).hexdigest())"
)


def test_the_same_plan_gives_the_same_facts_in_another_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", SAY], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


# ---------------------------------------------------------------------------------------------------------- what is there


def test_counts_are_those_announced(loaded):
    announced = {
        "SELECT count(*) FROM candidate": SMALL.candidates,
        "SELECT count(*) FROM candidature": SMALL.candidates,
        "SELECT count(*) FROM candidate WHERE ght_id IS NOT NULL": SMALL.groups,
        "SELECT count(DISTINCT region_id) FROM candidate": SMALL.regions,
        "SELECT count(*) FROM ght": SMALL.groups + SMALL.idle_groups,
        "SELECT count(*) FROM legal_entity": len(places(SMALL)),
        "SELECT count(*) FROM attendance": SMALL.attendance,
        "SELECT count(*) FROM training_session": SMALL.sessions,
        "SELECT count(*) FROM evidence": SMALL.candidates * SMALL.pieces,
    }
    assert {query: one(loaded, query) for query in announced} == announced
    year = "SELECT count(DISTINCT (establishment_id, key)) FROM exercise WHERE planned_on BETWEEN '2026-01-01' AND '2026-12-31'"
    assert one(loaded, year) == SMALL.exercises


def test_every_candidate_applied_in_the_window_of_2025(loaded):
    days = [row["applied_on"] for row in seen(loaded.app, "SELECT applied_on FROM candidature")]
    assert min(days) >= date(2025, 9, 2)
    assert max(days) <= date(2025, 10, 31)


def test_every_establishment_has_its_perimeters_of_the_minimal_kinds_and_support_functions(loaded):
    kinds = seen(
        loaded.app,
        "SELECT establishment_id, count(DISTINCT perimeter_id) AS n, array_agg(DISTINCT kind ORDER BY kind) AS kinds"
        " FROM perimeter_version GROUP BY 1",
    )
    covered = {identifier(place.finess) for place in volumes_facts.covered(FIRST)}
    assert covered
    assert len(kinds) == sum(len(holder.places) for holder in (FIRST, SECOND, *OTHERS) if holder.applies)
    for row in kinds:
        lent = row["establishment_id"] in covered
        assert row["kinds"] == [
            kind for kind in ("administrative", "care", "support", "technical") if not lent or kind != "administrative"
        ]
        assert row["n"] % 6 == (5 if lent else 0)


def test_every_establishment_says_something_of_its_plans_and_support_functions(loaded):
    establishments = sum(len(holder.places) for holder in (FIRST, SECOND, *OTHERS) if holder.applies)
    rows = {
        table: one(loaded, f"SELECT count(DISTINCT (establishment_id, key)) FROM {table}")
        for table in ("linked_plan", "support_function", "incident", "pcra_content", "plan_result")
    }
    # What is known after the last day is left out: a plan approved since, a function answered for since.
    assert 2 * establishments < rows["linked_plan"] <= 3 * establishments
    assert 3 * establishments < rows["support_function"] <= 4 * establishments
    assert 0 < rows["incident"] < establishments
    assert 0 < rows["pcra_content"] <= one(loaded, "SELECT count(*) FROM perimeter")
    assert 0 < rows["plan_result"] <= one(loaded, "SELECT count(DISTINCT (establishment_id, key)) FROM exercise_result")


def test_some_plans_are_complete_some_half_done_and_some_not_begun(loaded):
    current = seen(
        loaded.app,
        "SELECT DISTINCT ON (perimeter_id) pca, pra FROM pcra_version ORDER BY perimeter_id, recorded_at DESC",
    )
    told = [(row["pca"], row["pra"]) for row in current]
    for state in (("approved", "approved"), ("written", "in_progress"), ("absent", "absent")):
        assert told.count(state) > len(told) // 10


def test_facts_became_known_little_by_little_and_none_after_the_last_day(loaded):
    tables = [name for name in TABLES if one(loaded, f"SELECT count(*) FROM {name}") and dated(loaded, name)]
    assert len(tables) >= 15
    for name in tables:
        first, last = seen(loaded.app, f"SELECT min(recorded_at)::date, max(recorded_at)::date FROM {name}")[0].values()
        assert PHASE_START <= first <= last <= KNOWN_UNTIL, name
    months = "SELECT count(DISTINCT date_trunc('month', recorded_at)) FROM pcra_version"
    assert one(loaded, months) >= 12


def dated(loaded: Loaded, table: str) -> bool:
    return bool(
        one(
            loaded,
            "SELECT count(*) FROM information_schema.columns WHERE table_name = %s AND column_name = 'recorded_at'",
            table,
        )
    )


def test_a_candidate_has_a_past_that_its_page_tells(loaded):
    asked = loaded.app.extensions["vigie.referentials"]["D2"][-1]
    told: dict[str, list[dict[str, Any]]] = {}
    for holder in (FIRST, SECOND, *OTHERS):
        if holder.applies:
            with loaded.acting(holder.email, ScopeKind.GHT if holder.ght else ScopeKind.ESTABLISHMENT, holder.code):
                candidate = candidates.require("D2")
                told[holder.code] = [progress.candidate_progress(candidate, asked, on) for on in LONG_AGO_AND_SINCE]
    assert not any(doc["share"]["state"] == State.MET for doc, _ in told.values())
    assert 0 < sum(doc["share"]["state"] == State.MET for _, doc in told.values()) < SMALL.candidates
    whole = told[FIRST.code][1]
    assert len(whole["parties"]) == 13
    assert any(record["covers"] for record in whole["perimeters"])


def test_a_piece_has_its_bytes_and_files_stay_few(loaded):
    found = seen(loaded.app, "SELECT establishment_id, filename, sha256, size FROM evidence")
    with loaded.app.app_context():
        for row in found:
            content = b"".join(storage().chunks(row["establishment_id"], row["sha256"]))
            assert len(content) == row["size"]
            assert content.startswith(b"%PDF-") == row["filename"].endswith(".pdf")
    assert len(blobs(loaded.app)) == len({(row["establishment_id"], row["sha256"]) for row in found})
    assert len(blobs(loaded.app)) < 15 * SMALL.candidates
    twice = (
        "SELECT count(*) FROM evidence GROUP BY establishment_id, row_code, document_type, sha256 HAVING count(*) > 1"
    )
    assert seen(loaded.app, twice) == []


# ------------------------------------------------------------------------------------------------- once, and elsewhere


def test_a_run_cut_short_is_taken_up_where_it_was(loaded):
    assert loaded.written == SMALL.candidates - CUT_AFTER


def test_running_twice_is_once(loaded):
    before = dump(loaded.app)
    assert loaded.write() == 0
    assert dump(loaded.app) == before


def test_it_refuses_a_database_that_has_other_establishments(app, world, settings):
    before = dump(app)
    with pytest.raises(Refused, match="a déjà des établissements"):
        write(app, settings, TINY)
    assert dump(app) == before


def test_it_goes_beside_others_where_it_is_allowed_and_changes_nothing_of_theirs(app, world, settings):
    theirs = (
        "SELECT count(*) AS n FROM candidate c JOIN legal_entity e ON e.id = c.establishment_id WHERE e.source <> %s"
    )
    before = seen(app, theirs, TINY.source)
    assert write(app, settings, TINY, beside=True) == TINY.candidates
    assert seen(app, theirs, TINY.source) == before


def test_only_the_server_of_vigie_run_in_this_folder_is_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = tmp_path / ".vigie" / "servers" / "postgresql"
    assert local.serves(f"postgresql://vigie_app:@/vigie?host={here}")
    assert not local.serves("postgresql://vigie_app:@/vigie?host=/var/run/postgresql")
    assert not local.serves("postgresql://vigie_app:secret@hospital.example/vigie")


# ------------------------------------------------------------------------------------------------------------ boundary


def owners(table: str) -> set[Any]:
    return set(db.session.execute(text(f"SELECT DISTINCT establishment_id FROM {table}")).scalars())


def test_a_manager_sees_its_candidate_alone_and_no_name_of_anybody(loaded):
    for holder in (FIRST, SECOND):
        own = {identifier(place.finess) for place in holder.places}
        with loaded.acting(holder.email, ScopeKind.GHT, holder.code):
            for table in (
                "perimeter",
                "pcra_version",
                "candidate_party",
                "exercise",
                "training_session",
                "audit_event",
            ):
                assert owners(table) == own, table
            assert owners("candidate") == {identifier(holder.support.finess)}
            assert owners("attendance") == set()


def test_an_establishment_outside_a_ght_and_the_referent_of_a_support_read_their_people(loaded):
    alone = OTHERS[1]
    for email, place in ((alone.email, alone.support), (volumes.referent(FIRST.support), FIRST.support)):
        with loaded.acting(email, ScopeKind.ESTABLISHMENT, place.finess):
            assert owners("attendance") == {identifier(place.finess)}
            assert db.session.scalar(text("SELECT count(*) FROM attendance")) == place.staff


def test_an_ars_sees_the_candidates_of_its_region_and_none_of_their_work(loaded):
    region = FIRST.region
    with loaded.acting(volumes.reviewer(region), ScopeKind.REGION, region):
        held = {line.name for line in portfolio.lines()}
        assert owners("perimeter") == owners("evidence") == set()
    assert held == {each.name for each in (FIRST, SECOND, *OTHERS) if each.applies and each.region == region}
    assert 0 < len(held) < SMALL.candidates


def test_the_chain_of_audit_tells_who_wrote(loaded):
    rows = seen(loaded.app, "SELECT action, count(*) AS n FROM audit_event GROUP BY 1 ORDER BY 1")
    told = {row["action"]: row["n"] for row in rows}
    establishments = sum(len(holder.places) for holder in (FIRST, SECOND, *OTHERS) if holder.applies)
    assert told == {
        "candidate.application_recorded": SMALL.candidates,
        "candidate.opened": SMALL.candidates,
        "seed.written": establishments,
    }


# ---------------------------------------------------------------------------------------------------------- as a workbook


@pytest.mark.parametrize(
    "code",
    ["KIT_BIA_PCRA", "KIT_EXERCICES", "KIT_SAUVEGARDE", "KIT_PREUVES_JALONS", "KIT_FORMATION", "KIT_CONTINUITE"],
)
def test_what_is_written_is_what_its_workbook_would_write(loaded, code, tmp_path, monkeypatch):
    monkeypatch.setattr(wsgi, "create_app", lambda _: loaded.app)
    path = tmp_path / f"{code}.xlsx"
    who = ("--scope", f"etablissement:{OTHERS[1].code}", "--as", OTHERS[1].email)

    def vigie(*arguments: str) -> str:
        result = CliRunner().invoke(wsgi.cli, [*arguments, *who], env=environment(loaded.settings))
        assert result.exit_code == 0, result.output
        return result.output

    vigie("kit", code, str(path))
    said = [line for line in vigie("import", str(path), "--preview").splitlines() if "(en-tête" in line]
    assert said
    print("\n".join(said))
    assert all(" 0 nouvelles, 0 modifiées," in line and line.endswith(" 0 à corriger") for line in said), said


# ------------------------------------------------------------------------------------------------------------ commands


def test_the_command_tells_accounts_and_that_all_is_there(loaded, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wsgi, "create_app", lambda _: loaded.app)
    monkeypatch.setattr(volumes, "NATION", SMALL)
    result = CliRunner().invoke(wsgi.cli, ["seed", "nation"], env=environment(loaded.settings))
    assert result.exit_code == 0, result.output
    assert "Déjà chargé" in result.output
    assert FIRST.email in result.output
    assert "pas de mot de passe" in result.output


def test_the_command_loads_a_region_whose_accounts_sign_in(app, world: World, settings, tmp_path, monkeypatch, client):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wsgi, "create_app", lambda _: app)
    monkeypatch.setattr(volumes, "REGION", replace(TINY, groups=1))
    monkeypatch.setattr(local, "serves", lambda _: True)
    result = CliRunner().invoke(wsgi.cli, ["seed", "region"], env=environment(settings))
    assert result.exit_code == 0, result.output
    password = result.output.rpartition(" : ")[2].strip()
    answer = client.post("/connexion", data={"email": "dsi@ght-r001.example", "password": password})
    assert answer.status_code == 302
    assert client.get("/ght/GHT-R001/").status_code == 200


def test_the_command_refuses_with_a_sentence_where_others_work(app, world, vigie, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = vigie("seed", "nation")
    assert result.exit_code == 1
    assert "qui ne sont pas ceux de ces volumes fictifs" in result.output
