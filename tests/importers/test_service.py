"""A deposit from end to end, over a database: received, read in a child, previewed, applied in one transaction."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from compliance.services import candidate as candidates
from compliance.services import party as party_services
from compliance.services import perimeter
from importers import deposits, service
from tenants import jobs
from tenants.db import db
from tenants.errors import NotFound, Refused
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen
from tests.factories.jobs import relayed, run_jobs
from tests.importers import archives
from tests.importers.kits import UNKNOWN_NUMBER, Grid, Member, clean_kit, typed

FOREIGN = at.ESTUARY_MEMBERS[0].finess


pytestmark = pytest.mark.usefixtures("day_of_kits")


@pytest.fixture
def deposit(app, world, tmp_path):
    """Return a function that deposits a workbook and lets it be read: `deposit(email, scope, grid)` gives its identifier."""

    def give(email: str, scope: str, content: Grid | bytes):
        data = content if isinstance(content, bytes) else content.write(tmp_path / "k1.xlsx").read_bytes()
        with acting(app, world, email, scope):
            run_id = deposits.receive("KIT_BIA_PCRA.xlsx", BytesIO(data))
        run_jobs(app)
        return run_id

    return give


@pytest.fixture
def look(app, world):
    """Return a function that reads a deposit: `look(email, scope, run_id)` gives its columns."""

    def read(email: str, scope: str, run_id) -> dict[str, Any]:
        with acting(app, world, email, scope):
            run = deposits.get(run_id)
            return {
                name: getattr(run, name)
                for name in ("state", "report", "error", "establishment_id", "ght_id", "sha256")
            }

    return read


@pytest.fixture
def apply(app, world, deposit, look):
    """Return a function that deposits, confirms and applies; it gives the deposit as it ends."""

    def all_of_it(email: str, scope: str, content: Grid | bytes, *, valid: bool = False) -> dict[str, Any]:
        run_id = deposit(email, scope, content)
        with acting(app, world, email, scope):
            service.confirm(run_id, valid_rows_only=valid)
        run_jobs(app)
        return look(email, scope, run_id) | {"id": run_id}

    return all_of_it


def tally(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Counts by sheet."""
    return {sheet["layout"]: sheet["counts"] for sheet in report["sheets"]}


def only(**given: int) -> dict[str, int]:
    """Counts of a sheet, zero where not given."""
    return {"new": 0, "changed": 0, "unchanged": 0, "rejected": 0} | given


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_deposit_is_read_and_waits_for_its_confirmation(app, deposit, look):
    before = counts(app)
    run = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS)))
    assert run["state"] == "parsed"
    assert tally(run["report"]) == {"Parties": only(changed=3), "Perimetres": only(new=9, changed=3)}
    assert run["report"]["faults"] == []
    assert counts(app) == before


def test_a_deposit_belongs_to_the_support_of_the_ght_and_keeps_the_bytes_received(app, world, deposit, look, tmp_path):
    data = typed(at.ESTUARY_MEMBERS).write(tmp_path / "received.xlsx").read_bytes()
    run = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, data))
    assert run["establishment_id"] == world.establishments[at.ESTUARY_MEMBERS[0].finess]
    key = f"{run['establishment_id']}/{run['sha256'][:2]}/{run['sha256']}"
    assert key in at.blobs(app)


def test_reading_twice_gives_the_preview_once(app, world, deposit, look):
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    first = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        service.read(run_id)
    assert look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id) == first


def test_a_file_that_only_its_reading_reveals_as_broken_is_refused_with_a_sentence(app, deposit, look, tmp_path):
    broken = archives.parts(archives.text_row(1, "a"))
    broken["xl/worksheets/sheet1.xml"] = "<worksheet><sheetData><row>"
    run = look(
        at.ESTUARY_DSI,
        at.ESTUARY_SCOPE,
        deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, archives.packed(broken, tmp_path / "b.xlsx").read_bytes()),
    )
    assert (run["state"], run["report"]) == ("failed", None)
    assert run["error"].endswith(".")
    assert deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))  # the next one is read all the same


def test_the_deposit_of_another_scope_does_not_exist(app, world, deposit):
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    with pytest.raises(NotFound), acting(app, world, at.CAPES_DSI, at.CAPES):
        deposits.get(run_id)


# --- applying ----------------------------------------------------------------------------------------------------


def test_each_row_is_written_under_its_own_establishment(app, apply):
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    assert run["state"] == "applied"
    written = seen(
        app,
        """SELECT le.finess, p.code, v.establishment_id = p.establishment_id AND c.establishment_id = p.establishment_id AS own
             FROM perimeter p JOIN legal_entity le ON le.id = p.establishment_id
             JOIN perimeter_version v ON v.perimeter_id = p.id JOIN pcra_version c ON c.perimeter_id = p.id
            WHERE v.import_id = %s AND c.import_id = %s""",
        run["id"],
        run["id"],
    )
    expected = {
        (member.finess, code) for member in at.ESTUARY_MEMBERS for code in ("URG-01", "PAIE-01", "BIO-01", "REST-01")
    }
    assert {(row["finess"], row["code"]) for row in written} == expected
    assert len(written) == 12
    assert all(row["own"] for row in written)
    parties = seen(
        app,
        "SELECT le.finess, p.party_key FROM candidate_party p JOIN legal_entity le ON le.id = p.establishment_id WHERE p.import_id = %s",
        run["id"],
    )
    assert sorted((row["finess"], row["party_key"]) for row in parties) == sorted(
        (m.finess, m.finess) for m in at.ESTUARY_MEMBERS
    )


def test_an_application_is_told_in_the_audit_chain_with_its_counts(app, apply):
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    events = seen(
        app,
        "SELECT action, payload FROM audit_event WHERE establishment_id = %s AND payload LIKE %s ORDER BY sequence",
        run["establishment_id"],
        f"%{run['id']}%",
    )
    assert [event["action"] for event in events] == ["import.received", "import.applied"]
    assert run["sha256"] in events[1]["payload"]


def test_the_same_file_twice_changes_nothing(app, apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    before = counts(app)
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    assert run["state"] == "applied"
    assert tally(run["report"]) == {"Parties": only(unchanged=3), "Perimetres": only(unchanged=12)}
    assert counts(app) == before


def test_confirming_twice_orders_one_application(app, world, deposit):
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    for _ in range(2):
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            service.confirm(run_id, valid_rows_only=False)
    assert len(relayed(app)) == 1


def test_a_crash_while_applying_leaves_nothing(app, world, deposit, look, monkeypatch):
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    before = counts(app, *at.TENANT_TABLES, "audit_event")
    record, calls = perimeter.record_many, []

    def break_in_the_middle(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) % 2 == 0:
            raise RuntimeError("power cut")
        return record(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(perimeter, "record_many", break_in_the_middle)
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            service.confirm(run_id, valid_rows_only=False)
        run_jobs(app)
    assert len(calls) == 6  # three attempts, each stopped at the second establishment
    assert counts(app, *at.TENANT_TABLES, "audit_event") == before
    run = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)
    assert run["state"] == "parsed"
    assert run["error"].startswith("Un incident")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        service.confirm(run_id, valid_rows_only=False)
    run_jobs(app)
    after = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)
    assert (after["state"], after["error"]) == ("applied", "")


def test_rows_to_correct_block_everything_unless_the_valid_ones_are_asked_for(app, world, deposit, look):
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "Date du BIA", "bientôt")
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    with pytest.raises(Refused), acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        service.confirm(run_id, valid_rows_only=False)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        service.confirm(run_id, valid_rows_only=True)
    run_jobs(app)
    run = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)
    assert run["state"] == "applied"
    assert tally(run["report"])["Perimetres"] == only(new=9, changed=2, rejected=1)


def test_an_unknown_and_a_foreign_establishment_get_one_same_answer(deposit, look):
    grid = typed(at.CAPES_MEMBERS)
    grid.put("Perimetres", 2, "FINESS EJ*", UNKNOWN_NUMBER)
    grid.put("Perimetres", 3, "FINESS EJ*", FOREIGN)
    run = look(at.CAPES_DSI, at.CAPES, deposit(at.CAPES_DSI, at.CAPES, grid))
    faults = [fault for fault in run["report"]["faults"] if fault["class"] == "E"]
    assert [fault["cell"] for fault in faults] == ["B2", "B3"]
    unknown, foreign = (
        {name: value for name, value in fault.items() if name not in {"cell", "value"}} for fault in faults
    )
    assert unknown == foreign
    assert unknown["code"] == "E-FIN"


def test_what_is_absent_from_the_file_is_listed_and_never_deleted(app, apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    before = counts(app)
    grid = typed(at.ESTUARY_MEMBERS)
    del grid.sheets["Perimetres"][4:]
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    first, others = at.ESTUARY_MEMBERS[0].finess, at.ESTUARY_MEMBERS[1:]
    gone = {f"{first}/REST-01", f"{first}/SHARED-01"}
    gone |= {f"{member.finess}/{code}" for member in others for code in ("URG-01", "PAIE-01", "BIO-01", "REST-01")}
    assert set(run["report"]["absent"]) == gone
    assert counts(app) == before


def test_a_column_that_the_file_does_not_have_keeps_what_is_stored(app, world, apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    grid = typed(at.ESTUARY_MEMBERS)
    place = grid.column("Perimetres", "Version")
    for row in grid.sheets["Perimetres"]:
        del row[place]
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    assert tally(run["report"])["Perimetres"] == only(unchanged=12)


# --- versions ----------------------------------------------------------------------------------------------------


def test_a_second_import_adds_a_version_and_the_earlier_day_keeps_the_earlier_state(app, world, apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    at.age(app, 10)
    before = counts(app)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "PRA*", "Rédigé")
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    assert tally(run["report"])["Perimetres"] == only(changed=1, unchanged=11)
    assert counts(app) == before | {name: before[name] + 1 for name in ("perimeter_version", "pcra_version")}
    establishment, day = world.establishments[at.ESTUARY_MEMBERS[0].finess], date.today()
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        now = {each.code: each for each in perimeter.current_perimeters([establishment], day)}
        then = {each.code: each for each in perimeter.current_perimeters([establishment], day - timedelta(days=5))}
        history = perimeter.history(now["URG-01"].id)
    assert (then["URG-01"].pra, now["URG-01"].pra) == ("approved", "written")
    assert [version["pra"] for version in history] == ["written", "approved", "approved"]
    assert history[0]["import_id"] == run["id"]


def test_a_preview_shows_before_and_after_in_french(apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 2, "PRA*", "Rédigé")
    grid.put("Perimetres", 4, "Plateau technique (précision)", "Imagerie")
    grid.put("Perimetres", 5, "Type de périmètre*", "Autre")
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    told = {(change["field"], change["before"], change["after"]) for change in run["report"]["changes"]}
    assert ("PRA", "Validé", "Rédigé") in told
    assert ("Plateau technique (précision)", "Biologie", "Imagerie") in told
    assert ("Type de périmètre", "Support / logistique", "Autre") in told


# --- parties -----------------------------------------------------------------------------------------------------


def test_frozen_parties_no_longer_move(app, world, apply):
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        frozen = date(2025, 10, 24)
        candidates.record_application(candidates.require("D2"), applied_on=frozen, ecare_number=None, frozen_on=frozen)
    before = counts(app)
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Parties", 2, "Activité combinée*", 99999)
    grid.put("Parties", 3, "Dans le périmètre*", "Non")
    grid.put("Parties", 3, "Motif si Non", "fermé")
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid, valid=True)
    assert tally(run["report"])["Parties"] == only(unchanged=1, rejected=2)
    assert {fault["cell"] for fault in run["report"]["faults"] if fault["class"] == "E"} >= {"E2", "C3"}
    assert counts(app) == before


def test_the_missing_ac_of_a_frozen_party_may_still_be_completed(app, world, apply):
    grid = typed(at.ESTUARY_MEMBERS)
    for header in ("Activité combinée*", "Année*", "Source*"):
        grid.put("Parties", 2, header, None)
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        frozen = date(2025, 10, 24)
        candidates.record_application(candidates.require("D2"), applied_on=frozen, ecare_number=None, frozen_on=frozen)
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    assert tally(run["report"])["Parties"] == only(changed=1, unchanged=2)
    assert {fault["class"] for fault in run["report"]["faults"]} == {"W"}


def test_a_party_without_a_number_is_kept_out_of_scope_with_its_reason(app, world, apply):
    members = [*at.ESTUARY_MEMBERS, Member(None, "EHPAD des Dunes")]
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(members))
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(members))
    assert tally(run["report"])["Parties"] == only(unchanged=4)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        parties = party_services.parties(candidates.require("D2"), date.today())
        ehpad = next(each for each in parties if each.party.name == "EHPAD des Dunes")
    assert (ehpad.finess, ehpad.party.in_scope, ehpad.party.out_reason) == (
        None,
        False,
        "EHPAD, hors du champ de l’appel",
    )


def test_a_party_out_of_scope_without_a_reason_is_a_gap_that_is_stored(app, world, apply):
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Parties", 3, "Dans le périmètre*", "Non")
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    assert [(fault["class"], fault["code"], fault["cell"]) for fault in run["report"]["faults"]] == [
        ("G", "G-REQ", "D3")
    ]
    assert run["state"] == "applied"
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        parties = party_services.parties(candidates.require("D2"), date.today())
    assert [each.party.in_scope for each in parties] == [True, False, True]


# --- other scopes ------------------------------------------------------------------------------------------------


def test_the_referent_of_a_ght_writes_perimeters_and_leaves_the_parties_to_the_ght(app, world, apply):
    own = at.CAPES_MEMBERS[3]
    before = counts(app)
    run = apply(at.REFERENT, at.REFERENT_SCOPE, typed([own]))
    assert run["state"] == "applied"
    assert (run["establishment_id"], run["ght_id"]) == (world.establishments[own.finess], None)
    assert tally(run["report"]) == {"Perimetres": only(new=3, changed=1)}
    assert [(fault["class"], fault["code"], fault["sheet"]) for fault in run["report"]["faults"]] == [
        ("W", "W-PAR", "Parties")
    ]
    assert counts(app, "candidate_party") == {"candidate_party": before["candidate_party"]}


def test_the_rows_of_a_neighbour_are_unknown_to_a_referent(deposit, look):
    run = look(at.REFERENT, at.REFERENT_SCOPE, deposit(at.REFERENT, at.REFERENT_SCOPE, typed(at.CAPES_MEMBERS[3:5])))
    assert tally(run["report"]) == {"Perimetres": only(new=3, changed=1, rejected=4)}
    assert {fault["code"] for fault in run["report"]["faults"] if fault["class"] == "E"} == {"E-FIN"}


def test_the_ght_sees_its_own_deposits_and_not_those_of_its_referents(app, world, deposit):
    run_id = deposit(at.REFERENT, at.REFERENT_SCOPE, typed(at.CAPES_MEMBERS[3:4]))
    with pytest.raises(NotFound), acting(app, world, at.CAPES_DSI, at.CAPES):
        deposits.get(run_id)


def outside() -> Grid:
    """K1 of the candidate outside a GHT: its parties are sites, each perimeter says its own."""
    grid = typed(at.SITE_MEMBERS)
    grid.sheets["Parties"][0][0] = "FINESS ET*"
    owner, site = grid.column("Perimetres", "FINESS EJ*"), grid.column("Perimetres", "FINESS ET")
    for row in grid.sheets["Perimetres"][1:]:
        row[0] = f"{row[0]}-{row[owner][-2:]}"
        row[owner], row[site] = at.OUTSIDE[0], row[owner]
    return grid


def test_the_parties_of_a_candidate_outside_a_ght_are_its_sites(app, world, apply):
    run = apply(at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE, outside())
    assert run["report"]["faults"] == []
    assert run["state"] == "applied"
    assert tally(run["report"]) == {"Parties": only(changed=3), "Perimetres": only(new=12)}
    with acting(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE):
        parties = party_services.parties(candidates.require("D2"), date.today())
        records = perimeter.current_perimeters([world.establishments[at.OUTSIDE[0]]], date.today())
    assert {each.finess for each in parties} == {member.finess for member in at.SITE_MEMBERS}
    assert {each.establishment_id for each in parties} == {world.establishments[at.OUTSIDE[0]]}
    assert sum(each.site_finess == at.SITE_MEMBERS[0].finess for each in records) == 4


def test_a_perimeter_outside_a_ght_must_say_its_site(deposit, look):
    grid = outside()
    grid.put("Perimetres", 2, "FINESS ET", None)
    run = look(at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE, deposit(at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE, grid))
    assert [(fault["code"], fault["cell"]) for fault in run["report"]["faults"]] == [("E-REQ", "C2")]


def test_the_ght_of_one_establishment_is_imported_like_any_other(apply):
    run = apply(at.ALONE_DSI, at.ALONE_SCOPE, typed(at.ALONE_MEMBERS))
    assert run["state"] == "applied"
    assert tally(run["report"]) == {"Parties": only(changed=1), "Perimetres": only(new=3, changed=1)}


# --- particular rows ---------------------------------------------------------------------------------------------


def test_a_gap_is_stored_and_told(apply):
    grid = typed(at.ALONE_MEMBERS)
    grid.put("Perimetres", 2, "Dernier test", None)
    grid.put("Perimetres", 2, "Prochain test prévu", None)
    run = apply(at.ALONE_DSI, at.ALONE_SCOPE, grid)
    assert [(fault["class"], fault["cell"]) for fault in run["report"]["faults"]] == [("G", "Y2")]
    assert tally(run["report"])["Perimetres"] == only(new=3, changed=1)


def test_the_name_of_a_person_stays_in_the_establishment_and_out_of_the_report(app, apply):
    grid = typed(at.ALONE_MEMBERS)
    grid.put("Perimetres", 2, "Fonction du référent métier*", "Jeanne Durantin")
    run = apply(at.ALONE_DSI, at.ALONE_SCOPE, grid)
    assert "Durantin" not in str(run["report"])
    assert "W-NOM" in {fault["code"] for fault in run["report"]["faults"]}
    names = seen(
        app,
        "SELECT c.name, p.code FROM perimeter_contact c JOIN perimeter p ON p.id = c.perimeter_id WHERE c.import_id = %s",
        run["id"],
    )
    assert names == [{"name": "Jeanne Durantin", "code": "URG-01"}]
    assert seen(app, "SELECT 1 FROM perimeter_version WHERE referent_function LIKE %s", "%Durantin%") == []


def test_a_shared_plan_covers_the_others_until_a_later_file_withdraws_it(app, apply):
    owner, covered = at.ESTUARY_MEMBERS[0], at.ESTUARY_MEMBERS[1:]
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 4, "SI mutualisé", "SIL-01 ; " + " ; ".join(member.finess for member in covered))
    grid.put("Perimetres", 4, "Modes dégradés identiques dans tous les EJ", "Oui")
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    query = """SELECT le.finess, c.withdrawn FROM pcra_coverage c JOIN legal_entity le ON le.id = c.establishment_id
                WHERE c.import_id = %s AND c.perimeter_code = 'BIO-01' ORDER BY le.finess"""
    assert seen(app, query, run["id"]) == [{"finess": member.finess, "withdrawn": False} for member in covered]
    grid.put("Perimetres", 4, "SI mutualisé", f"SIL-01 ; {covered[0].finess}")
    later = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    assert seen(app, query, later["id"]) == [{"finess": covered[1].finess, "withdrawn": True}]
    assert owner.finess not in {row["finess"] for row in seen(app, query, run["id"])}


def test_a_shared_plan_with_other_degraded_modes_covers_nobody_and_may_be_imported_again(app, apply):
    before = counts(app)["pcra_coverage"]
    grid = typed(at.ESTUARY_MEMBERS)
    grid.put("Perimetres", 4, "SI mutualisé", f"SIL-01 ; {at.ESTUARY_MEMBERS[1].finess}")
    grid.put("Perimetres", 4, "Modes dégradés identiques dans tous les EJ", "Non")
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    assert counts(app)["pcra_coverage"] == before
    assert tally(run["report"])["Perimetres"] == only(unchanged=12)


def test_a_kit_made_by_the_product_applies_without_a_remark(apply, tmp_path: Path):
    run = apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, clean_kit(tmp_path / "kit.xlsx", at.ESTUARY_MEMBERS).read_bytes())
    assert run["state"] == "applied"
    assert run["report"]["faults"] == []


# --- the real queue ----------------------------------------------------------------------------------------------

BURST = """
import os
from tenants import jobs
from tenants.settings import Settings
from wsgi import create_app
app = create_app(Settings.read(os.environ))
with app.app_context():
    jobs.worker(app.extensions["vigie.valkey"]).work(burst=True)
"""


def test_a_real_worker_reads_a_deposit_through_the_real_queue(app, world, settings, look, tmp_path):
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        run_id = deposits.receive(
            "k1.xlsx", BytesIO(typed(at.ESTUARY_MEMBERS).write(tmp_path / "k1.xlsx").read_bytes())
        )
    with app.app_context(), db.engine.connect() as connection:
        assert jobs.relay(connection, jobs.queue(app.extensions["vigie.valkey"])) == 1
    environment = {
        "VIGIE_DATABASE_URL": settings.database_url,
        "VIGIE_VALKEY_URL": settings.valkey_url,
        "VIGIE_SECRET_KEY": settings.secret_key,
        "VIGIE_STORAGE_URL": settings.storage_url,
    }
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        [sys.executable, "-c", BURST],
        check=True,
        cwd=root,
        env=dict(os.environ) | environment,
        timeout=60,
        capture_output=True,
    )
    assert look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)["state"] == "parsed"


def test_what_changed_since_the_preview_goes_back_to_it(app, world, deposit, look, apply):
    mine, theirs = typed(at.ESTUARY_MEMBERS), typed(at.ESTUARY_MEMBERS)
    run_id = deposit(at.ESTUARY_DSI, at.ESTUARY_SCOPE, mine)
    apply(at.ESTUARY_DSI, at.ESTUARY_SCOPE, theirs)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        service.confirm(run_id, valid_rows_only=False)
    before = counts(app)
    run_jobs(app)
    run = look(at.ESTUARY_DSI, at.ESTUARY_SCOPE, run_id)
    assert (run["state"], run["error"]) == (
        "parsed",
        "Des lignes ont changé depuis votre aperçu : relisez-le avant d’appliquer.",
    )
    assert tally(run["report"])["Perimetres"] == only(unchanged=12)
    assert counts(app) == before
