"""Names of attendance sheets are forgotten when their establishment says so: all of them, for good, and nothing else with them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.clock import today
from compliance.models.training import Attendance, TrainingSession
from compliance.services import entry, register, retention
from compliance.services import training as services
from compliance.services.register import Entry
from tenants import audit
from tenants.db import db
from tenants.errors import Invalid, NotFound
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

DAY = today()  # the database keeps the real clock
SUPPORT, MINE, OTHER = at.CAPES_MEMBERS[0], at.CAPES_MEMBERS[3], at.CAPES_MEMBERS[4]
ADMIN = "admin@marquerive.example"
NAMES = ("ARTIMON", "Alix", "BOUSSOLE", "4512", "Aile nord", "rappelée", "artimon", "boussole")
LEFT = ("session_code", "function", "profile", "half_day_1", "half_day_2", "signed", "on_call", "recorded_by")


def attend(member, session: str, last: str, **given) -> None:
    """Write a version of a line of attendance, with everything that can name somebody."""
    sheet = next(each for each in registers.SHEETS if each.record is Attendance)
    values = dict.fromkeys(registers.values(sheet)) | {
        "session_code": session, "function": "Cadre de santé", "profile": "nursing", "half_day_1": "present",
        "half_day_2": "present", "signed": True, "on_call": True, "last_name": last, "first_name": "Alix", "service": "Aile nord",
        "notes": f"{last} a été rappelée",
    } | given  # fmt: skip
    key = f"{session} / {given.get('identifier') or f'alix {last.lower()}'}"
    digest = hashlib.sha256(key.encode()).digest()
    register.append(Attendance, [Entry(member, key, values, (digest, digest))], None)


def hold(member, code: str, days: int) -> None:
    """Write a session that ended some days ago."""
    ended = DAY - timedelta(days=days)
    registers.write(
        member, TrainingSession, code,
        code=code, kind="dmcc", starts_on=ended, ends_on=ended, half_days=2, hours=Decimal(7),
    )  # fmt: skip


@pytest.fixture
def members(app, world):
    """Sessions long ended, of the support and of an establishment, and who was there; nothing is decided yet."""
    seen(app, "TRUNCATE attendance, training_session, retention")
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        support, mine, other = (world.establishments[each.finess] for each in (SUPPORT, MINE, OTHER))
        hold(support, "DMCC-OLD", 800)
        hold(mine, "SSE-NEW", 20)
        for owner in (mine, other):
            attend(owner, "DMCC-OLD", "ARTIMON")
            attend(owner, "DMCC-OLD", "ARTIMON", profile="management")  # a second version of the line
            attend(owner, "DMCC-OLD", "BOUSSOLE", identifier="4512")
        attend(mine, "SSE-NEW", "ARTIMON")
        attend(mine, "SANS-FIN", "ARTIMON")
    return {"support": support, "mine": mine, "other": other}


@pytest.fixture
def decide(app, world):
    """Return a function by which the administration of the establishment sets its months."""

    def record(months: int | None, email: str = ADMIN, scope: str = at.REFERENT_SCOPE) -> bool:
        with acting(app, world, email, scope):
            return retention.decide(months)

    return record


def lines(app, session: str = "DMCC-OLD", owner=None) -> list[dict]:
    """Every version of the lines of a session, as stored."""
    found = seen(app, "SELECT * FROM attendance WHERE session_code = %s ORDER BY recorded_at, id", session)
    return [each for each in found if owner is None or each["establishment_id"] == owner]


def test_every_version_of_a_line_loses_what_names_somebody_and_keeps_what_is_counted(app, members, decide, operator):
    decide(12)
    before = lines(app, owner=members["mine"])
    assert operator("retention").exit_code == 0
    after = lines(app, owner=members["mine"])
    assert len(after) == 3
    for old, new in zip(before, after, strict=True):
        assert {name: new[name] for name in LEFT} == {name: old[name] for name in LEFT}
        assert [new[name] for name in ("last_name", "first_name", "service", "notes")] == [None] * 4
        assert not [name for name in NAMES if name in str(new)]
        assert new["key"] == f"DMCC-OLD / {new['identifier']}"
        assert bytes(new["key_digest"]) == hashlib.sha256(f"{MINE.finess}/{new['key']}".encode()).digest()
        assert not {old["key_digest"], old["digest"]} & {new["key_digest"], new["digest"]}
    # Two versions of one line are still versions of one line, and nobody else's.
    assert after[0]["key"] == after[1]["key"] != after[2]["key"]
    assert [each["profile"] for each in after] == ["nursing", "management", "nursing"]


def test_what_is_recent_what_has_no_end_and_what_is_another_establishments_is_kept(app, members, decide, operator):
    decide(12)
    kept = [lines(app, "SSE-NEW"), lines(app, "SANS-FIN"), lines(app, owner=members["other"])]
    assert operator("retention").exit_code == 0
    assert [lines(app, "SSE-NEW"), lines(app, "SANS-FIN"), lines(app, owner=members["other"])] == kept
    assert all(len(each) for each in kept)


@pytest.mark.parametrize(("days", "forgotten"), [(365, 0), (367, 1)])
def test_a_name_is_kept_until_the_months_have_gone_by(app, world, members, decide, operator, days, forgotten):
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        hold(members["mine"], "AN-1", days)
        attend(members["mine"], "AN-1", "ARTIMON")
    decide(12)
    operator("retention")
    assert sum(each["last_name"] is None for each in lines(app, "AN-1")) == forgotten


def test_a_session_taken_away_has_no_end_that_is_known(app, world, members, decide, operator):
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        last = entry.at(TrainingSession, members["support"], "DMCC-OLD")
        entry.repeat(TrainingSession, members["support"], last.last.id, withdrawn=True)
    decide(12)
    assert "3 présences gardées : la fin de leur session n’est pas connue" in operator("retention").stdout
    assert all(each["last_name"] for each in lines(app))


def test_a_line_taken_away_is_forgotten_too(app, world, members, decide, operator):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        found = entry.at(Attendance, members["mine"], "DMCC-OLD / 4512")
        entry.repeat(Attendance, members["mine"], found.last.id, withdrawn=True)
    decide(12)
    operator("retention")
    told = [each for each in lines(app, owner=members["mine"]) if each["withdrawn"]]
    assert [each["last_name"] for each in told] == [None]


def test_while_nothing_is_decided_every_name_is_kept_and_that_is_said(app, members, decide, operator):
    before = lines(app)
    assert operator("retention").stdout == "Aucun établissement n’a fixé de durée : tous les noms sont gardés.\n"
    decide(12)
    decide(None)
    assert operator("retention").stdout == "Aucun établissement n’a fixé de durée : tous les noms sont gardés.\n"
    assert lines(app) == before


def test_a_dry_run_tells_how_many_of_which_establishment_without_a_name_and_changes_nothing(
    app, members, decide, operator
):
    decide(12)
    before = seen(app, "SELECT * FROM attendance ORDER BY id")
    told = operator("retention", "--dry-run")
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines() == [
        f"{MINE.finess}  2 présences (2 personnes), 12 mois après la fin de la session  {MINE.name}",
        f"{'':<9}  1 présence gardée : la fin de sa session n’est pas connue",
        "Rien n’a été oublié.",
    ]
    assert not [name for name in NAMES if name in told.output]
    assert seen(app, "SELECT * FROM attendance ORDER BY id") == before


def test_twice_is_once(app, members, decide, operator):
    decide(12)
    assert operator("retention").stdout.splitlines()[-1] == "2 présences sont sans nom désormais."
    once = seen(app, "SELECT * FROM attendance ORDER BY id")
    assert operator("retention").stdout.splitlines()[-1] == "Rien n’a été oublié."
    assert seen(app, "SELECT * FROM attendance ORDER BY id") == once


def test_forgetting_is_in_the_chain_of_the_establishment_with_counts_alone(app, world, members, decide, operator):
    decide(12)
    operator("retention")
    operator("retention")
    told = [
        json.loads(each["payload"])
        for each in seen(
            app,
            "SELECT payload FROM audit_event WHERE action = 'attendance.forgotten' OR action = 'retention.decided' ORDER BY sequence",
        )
    ]
    assert [each["action"] for each in told] == ["retention.decided", "attendance.forgotten"]
    assert {each["establishment"] for each in told} == {str(members["mine"])}
    assert told[1]["detail"] == {"months": 12, "lines": 2, "people": 2, "versions": 3}
    assert (told[1]["user"], told[0]["user"]) == (None, str(world.users[ADMIN]))
    with acting(app, world, ADMIN, at.REFERENT_SCOPE):
        assert audit.verify(members["mine"]) is None


def test_people_forgotten_count_as_one_each_and_the_others_as_before(app, world, members, decide, operator):
    def count() -> list[int]:
        with acting(app, world, at.CAPES_DSI, at.CAPES):
            told = [each for each in services.presence(DAY) if each.establishment_id == members["mine"]]
        marks = {(each.session_code, each.person or each.namesake) for each in told}
        return [len(told), len(marks), sum(each.on_call is True for each in told)]

    decide(12)
    assert count() == [4, 4, 4]
    operator("retention")
    assert count() == [4, 4, 4]
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        forgotten = [each for each in services.presence(DAY) if each.session_code == "DMCC-OLD"]
    assert all(each.person for each in forgotten if each.establishment_id == members["mine"])


def test_nobody_but_the_operator_forgets_a_name_or_writes_in_a_chain_unchecked(app, world, members):
    for statement in (
        "SELECT * FROM forget_attendance(false)",
        "SELECT * FROM forget_attendance(true)",
        "UPDATE attendance SET last_name = NULL",
        "DELETE FROM retention",
        "SELECT audit_append(gen_random_uuid(), gen_random_uuid(), 'x', '{}')",
    ):
        with acting(app, world, ADMIN, at.REFERENT_SCOPE), pytest.raises(DBAPIError) as refusal:
            db.session.execute(text(statement))
        assert refusal.value.orig.sqlstate == "42501", statement


def test_without_the_address_of_the_owner_nothing_is_forgotten(operator):
    result = operator("retention", without="VIGIE_OWNER_DATABASE_URL")
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize("months", [0, 601, -1])
def test_months_that_mean_nothing_are_refused(app, members, decide, months):
    with pytest.raises(Invalid, match="de 1 à 600 mois"):
        decide(months)
    assert seen(app, "SELECT * FROM retention") == []


@pytest.mark.parametrize(
    ("email", "scope"),
    [(at.CAPES_DSI, at.REFERENT_SCOPE), (at.CAPES_DSI, at.CAPES), (at.ESTUARY_DSI, at.REFERENT_SCOPE)],
)
def test_who_does_not_read_the_names_of_an_establishment_decides_nothing_of_them(app, members, decide, email, scope):
    with pytest.raises(NotFound):
        decide(12, email, scope)
    assert seen(app, "SELECT * FROM retention") == []


def test_a_decision_is_kept_with_those_before_it_and_one_that_changes_nothing_adds_nothing(app, world, members, decide):
    assert [decide(36), decide(36), decide(None), decide(None), decide(24)] == [True, False, True, False, True]
    told = seen(app, "SELECT months, withdrawn, recorded_by FROM retention ORDER BY recorded_at")
    assert [(each["months"], each["withdrawn"]) for each in told] == [(36, False), (36, True), (24, False)]
    assert {each["recorded_by"] for each in told} == {world.users[ADMIN]}
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        assert retention.setting(DAY) == retention.Setting(24, 0, own=True)
        assert retention.setting(DAY - timedelta(days=1)).months is None


def test_an_export_of_forgotten_people_is_read_back_as_it_is(app, members, decide, operator, vigie, tmp_path):
    decide(12)
    operator("retention")
    kit = tmp_path / "k3.xlsx"
    mine = ("--scope", f"etablissement:{MINE.finess}", "--as", at.REFERENT)
    assert vigie("kit", "KIT_FORMATION", kit, *mine).exit_code == 0
    told = json.loads(vigie("import", kit, *mine, "--preview", "--json").stdout)
    [counts] = [each["counts"] for each in told["sheets"] if each["name"] == "Emargement"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 4), told["faults"]


def test_a_file_kept_on_a_disk_does_not_bring_a_forgotten_name_back(app, members, decide, operator, vigie, tmp_path):
    kit, mine = tmp_path / "k3.xlsx", ("--scope", f"etablissement:{MINE.finess}", "--as", at.REFERENT)
    assert vigie("kit", "KIT_FORMATION", kit, *mine).exit_code == 0  # with its names
    decide(12)
    operator("retention")
    before = lines(app)
    told = json.loads(vigie("import", kit, *mine, "--valid-rows", "--json").stdout)
    refused = [each for each in told["faults"] if "n’en garde plus les noms" in each["reason"]]
    assert [(each["code"], each["sheet"]) for each in refused] == [("E-COH", "Emargement")] * 2
    assert lines(app) == before
