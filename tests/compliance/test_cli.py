"""`vigie status`, `missing`, `diff`, `recompute`, `coverage`, `dossier`, `candidate`, `audit`: what they say, their exit codes."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from compliance.programme.referential import load
from compliance.services import evidence
from tenants.db import new_id
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen
from tests.importers.kits import typed

TODAY = date.today()  # the database keeps the real clock
ESTUARY = ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI)


def told(result: Result) -> dict[str, Any]:
    """The JSON answer of a command that did what was asked."""
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.fixture
def filled(vigie, tmp_path) -> None:
    """The GHT of three, its workbook imported ten days after the world began."""
    assert vigie("import", typed(at.ESTUARY_MEMBERS).write(tmp_path / "kit.xlsx"), *ESTUARY, "--apply").exit_code == 0


def test_status_gives_the_thirteen_rows_with_their_reasons(vigie):
    answer = told(vigie("status", *ESTUARY, "--json"))
    assert set(answer) == {"candidate", "on", "referential", "answer", "met", "rows_total", "rows"}
    assert answer["on"] == TODAY.isoformat()
    assert len(answer["rows"]) == answer["rows_total"] == 13
    assert all(row["state"] and row["reasons"] for row in answer["rows"])
    assert answer["met"] == sum(row["state"] == "met" for row in answer["rows"])


def test_coverage_gives_the_share_its_parties_and_the_matrix(vigie, filled):
    answer = told(vigie("coverage", *ESTUARY, "--json"))
    assert set(answer) == {"candidate", "on", "share", "parties", "matrix"}
    assert (answer["share"]["state"], Decimal(answer["share"]["share"])) == ("met", 1)
    assert len(answer["matrix"]["lines"]) == 3
    assert sum(Decimal(party["ac"]) for party in answer["parties"]) == Decimal(answer["share"]["total"])


def test_an_earlier_day_gives_the_earlier_state(app, vigie, tmp_path):
    at.age(app, 10)
    assert vigie("import", typed(at.ESTUARY_MEMBERS).write(tmp_path / "kit.xlsx"), *ESTUARY, "--apply").exit_code == 0
    day = TODAY - timedelta(days=5)
    now, then = told(vigie("coverage", *ESTUARY, "--json")), told(vigie("coverage", *ESTUARY, "--on", day, "--json"))
    assert (then["on"], then["share"]["state"], Decimal(then["share"]["total"])) == (
        day.isoformat(),
        "in_progress",
        3300,
    )
    assert now["share"]["state"] == "met"
    states = {
        day: next(
            row["state"]
            for row in told(vigie("status", *ESTUARY, "--on", day, "--json"))["rows"]
            if row["code"] == "D2.O1.C"
        )
    }
    assert states == {day: "in_progress"}


def test_a_missing_ac_is_not_a_zero(vigie, tmp_path):
    grid = typed(at.ESTUARY_MEMBERS)
    for header in ("Activité combinée*", "Année*", "Source*"):
        grid.put("Parties", 3, header, None)
    assert vigie("import", grid.write(tmp_path / "kit.xlsx"), *ESTUARY, "--apply").exit_code == 0
    share = told(vigie("coverage", *ESTUARY, "--json"))["share"]
    assert (share["state"], share["share"], share["missing_ac"]) == (
        "not_computable",
        None,
        [at.ESTUARY_MEMBERS[1].finess],
    )


def test_without_json_a_person_reads_the_answer_first(vigie, filled):
    assert vigie("coverage", *ESTUARY).stdout.splitlines()[0].startswith("100")
    lines = vigie("status", *ESTUARY).stdout.splitlines()
    assert sum(line.startswith("D2.") for line in lines) == 13


@pytest.mark.parametrize("command", ["status", "coverage"])
def test_a_scope_of_others_is_refused_like_an_unknown_one(vigie, command):
    foreign, unknown = (
        vigie(command, "--scope", scope, "--as", at.CAPES_DSI, "--json") for scope in (at.ESTUARY_SCOPE, "ght:RIEN")
    )
    assert (foreign.exit_code, foreign.stdout) == (1, "")
    assert foreign.stderr == unknown.stderr


def test_an_account_that_does_not_exist_is_refused(vigie):
    result = vigie("status", "--scope", at.ESTUARY_SCOPE, "--as", "personne@nulle-part.example")
    assert result.exit_code == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [("status",), ("status", *ESTUARY, "--on", "22/11/2026"), ("dossier", "build", *ESTUARY), ("rien",)]
)
def test_a_wrong_use_is_answered_with_two(vigie, arguments):
    assert vigie(*arguments).exit_code == 2


def test_the_dossier_is_built_in_a_folder_and_verified(vigie, filled, tmp_path: Path):
    out = tmp_path / "sortie" / "dossier"
    result = vigie("dossier", "build", *ESTUARY, "--out", out)
    assert result.exit_code == 0
    names = ["dossier.pdf", "dossier.docx", "dossier.zip"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert result.stdout.split() == [str(out / name) for name in names]
    verified = vigie("dossier", "verify", out / "dossier.zip")
    assert (verified.exit_code, verified.stdout) == (0, "Intact : chaque fichier est celui du manifeste.\n")


def test_the_same_facts_and_date_build_the_same_bytes(vigie, filled, tmp_path: Path):
    for name in ("a", "b"):
        assert vigie("dossier", "build", *ESTUARY, "--on", TODAY, "--out", tmp_path / name).exit_code == 0
    for name in ("dossier.pdf", "dossier.docx", "dossier.zip"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--filing", "9"), "Aucune version 9 n’a été transmise."),
        (("--filing", "1", "--on", "2026-11-22"), "Donnez --on ou --filing : une version transmise a sa propre date."),
    ],
)
def test_a_version_that_cannot_be_built_is_refused_and_nothing_is_written(vigie, tmp_path: Path, given, said):
    result = vigie("dossier", "build", *ESTUARY, *given, "--out", tmp_path / "out")
    assert result.exit_code != 0
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_changed_archive_is_not_intact(vigie, tmp_path: Path):
    vigie("dossier", "build", *ESTUARY, "--out", tmp_path)
    changed = tmp_path / "changed.zip"
    shutil.copyfile(tmp_path / "dossier.zip", changed)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("ajout.txt", "ajout")
    result = vigie("dossier", "verify", changed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip()


def test_an_application_is_recorded_and_freezes_the_parties(app, vigie, filled):
    result = vigie("candidate", "record", *ESTUARY, "--applied-on", "2025-10-24", "--ecare-number", "D2-0042")
    assert (result.exit_code, result.stdout) == (0, "Candidature enregistrée. Les parties sont figées.\n")
    assert told(vigie("status", *ESTUARY, "--json"))["candidate"]["ecare_number"] == "D2-0042"


def test_a_candidate_is_opened_once(vigie):
    result = vigie("candidate", "open", *ESTUARY)
    assert (result.exit_code, result.stderr) == (1, "Cette candidature est déjà ouverte.\n")


def test_the_audit_chain_of_an_establishment_is_verified(app, vigie):
    scope = ("--scope", f"etablissement:{at.ESTUARY_MEMBERS[0].finess}", "--as", "referent@belle-rive.example")
    assert vigie("audit", *scope).exit_code == 0
    seen(
        app,
        """UPDATE audit_event SET payload = replace(payload, 'D2', 'D3') WHERE sequence = 1
            AND establishment_id = (SELECT id FROM legal_entity WHERE finess = %s)""",
        at.ESTUARY_MEMBERS[0].finess,
    )
    broken = vigie("audit", *scope)
    assert broken.exit_code == 1
    assert "n° 1" in broken.stderr.replace("\u00a0", " ")


def test_publishing_says_first_what_the_agency_would_see_and_writes_nothing(app, vigie):
    alone = ("--scope", at.ALONE_SCOPE, "--as", at.ALONE_DSI)
    before = counts(app, "publication")
    result = vigie("publish", *alone, "--dry-run")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].endswith(f"sur 13, état au {TODAY:%d/%m/%Y}")
    assert sum(line.startswith("D2.") for line in lines) == 13
    assert lines[-1] == "Rien n’a été publié."
    assert counts(app, "publication") == before
    published = vigie("publish", *alone)
    assert published.exit_code == 0, published.output
    assert published.stdout.splitlines()[:-1] == lines[:-1]
    assert counts(app, "publication") == {"publication": before["publication"] + 1}


def test_publishing_the_same_figures_again_is_refused(vigie):
    result = vigie("publish", *ESTUARY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Rien n’a changé depuis la publication" in result.stderr


def test_publishing_asks_for_the_right_and_looking_for_that_of_reading(app, vigie):
    signatory = ("--scope", at.ESTUARY_SCOPE, "--as", "signataire@estuaire.example")
    assert vigie("publish", *signatory).exit_code == 1
    assert vigie("publish", *signatory, "--dry-run").exit_code == 0
    assert vigie("publish", "--scope", at.CAPES, "--as", at.ESTUARY_DSI, "--dry-run").exit_code == 1


# --- at a date: status --on --known, missing, diff, recompute ------------------------------------------------------

PAST = TODAY - timedelta(days=5)


@pytest.fixture
def note(app, world) -> None:
    """The notes of organisation came today, approved thirty days ago; all else is ten days old, without an avis."""
    at.age(app, 10)
    seen(app, "TRUNCATE opinion")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        for member in at.ESTUARY_MEMBERS:
            owner, approved = world.establishments[member.finess], TODAY - timedelta(days=30)
            content = BytesIO(new_id().bytes)
            evidence.attach(owner, "D2.P2", "organisation_note", "note.pdf", content, approved_on=approved)


def states(answer: dict[str, Any]) -> dict[str, str]:
    """The state of each row of a JSON answer."""
    return {row["code"]: row["state"] for row in answer["rows"]}


def test_a_past_day_is_told_as_known_then_or_as_known_on_another_day(vigie, note):
    then = told(vigie("status", *ESTUARY, "--on", PAST, "--json"))
    since = told(vigie("status", *ESTUARY, "--on", PAST, "--known", TODAY, "--json"))
    assert (then["on"], since["on"]) == (PAST.isoformat(), PAST.isoformat())
    assert (states(then)["D2.P2"], states(since)["D2.P2"]) == ("missing", "met")
    assert (states(then)["D2.P1"], states(since)["D2.P1"]) == ("met", "met")
    before = told(vigie("status", *ESTUARY, "--on", TODAY, "--known", PAST, "--json"))
    assert (before["on"], states(before)["D2.P2"]) == (TODAY.isoformat(), "missing")


def test_the_thirteen_rows_are_read_with_their_reasons_at_a_past_day(vigie, note):
    lines = vigie("status", *ESTUARY, "--on", PAST).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("D2.")] == [row.code for row in load("D2").rows]
    assert any(line.strip() == "Pièce attendue : Note d’organisation" for line in lines)


def test_what_is_missing_is_listed_with_who_and_when(vigie, note):
    result = vigie("missing", *ESTUARY, "--on", PAST)
    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert first.endswith(".")
    assert re.match(r"Pour tous : \d+$", lines[1])
    assert f"{'D2.P2':<8} {'30/11/2026':<11} {'à désigner':<28} Joindre : Note d’organisation" in lines
    for member in at.ESTUARY_MEMBERS:
        assert any(re.match(rf"{member.name} : \d+(, et \d+ sans effet sur la part)?$", line) for line in lines), (
            member.name
        )
    assert "Note d’organisation" not in vigie("missing", *ESTUARY).stdout


def test_a_member_lists_only_what_is_its_own_to_do(vigie, world):
    member = at.CAPES_MEMBERS[3]
    result = vigie("missing", "--scope", f"etablissement:{member.finess}", "--as", at.REFERENT)
    assert result.exit_code == 0, result.output
    assert f"\n{member.name} : " in result.stdout
    assert "Pour tous" not in result.stdout
    assert not [each.name for each in at.CAPES_MEMBERS if each is not member and each.name in result.stdout]


def test_a_difference_tells_the_rows_that_moved_and_the_facts_behind(vigie, note):
    result = vigie("diff", *ESTUARY, "--from", PAST)
    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert re.match(rf"\d+ lignes? atteintes? au {PAST:%d/%m/%Y}, \d+ au {TODAY:%d/%m/%Y}\.$", first)
    assert lines[0].split() == ["D2.P2", "Manquant", "→", "Atteint"]
    assert lines[1].split(maxsplit=1) == ["-", "Pièce attendue : Note d’organisation"]
    assert lines[2].startswith(f"{'':<8} + Note d’organisation : note.pdf")
    assert len(lines) == 3


def test_a_difference_on_the_same_knowledge_is_none(vigie, note):
    result = vigie("diff", *ESTUARY, "--from", PAST, "--to", TODAY, "--known", TODAY)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1:] == ["Rien n’a changé."]


def test_days_in_the_wrong_order_are_refused(vigie):
    result = vigie("diff", *ESTUARY, "--from", TODAY, "--to", PAST)
    assert (result.exit_code, result.stderr) == (1, "La première date doit précéder la seconde.\n")


@pytest.mark.parametrize(
    "arguments", [("diff",), ("diff", "--from", "hier"), ("missing", "--on", "22/11/2026"), ("status", "--known", "x")]
)
def test_a_day_that_is_no_day_is_a_wrong_use(vigie, arguments):
    assert vigie(*arguments, *ESTUARY).exit_code == 2


@pytest.mark.parametrize("command", [("missing",), ("diff", "--from", "2026-01-01"), ("status", "--on", "2026-01-01")])
def test_the_scope_of_others_is_refused_at_any_date(vigie, command):
    result = vigie(*command, "--scope", at.ESTUARY_SCOPE, "--as", at.CAPES_DSI)
    assert (result.exit_code, result.stdout) == (1, "")


def test_the_nation_is_computed_again_in_numbers_alone(operator):
    result = operator("recompute")
    assert result.exit_code == 0, result.output
    *lines, last = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [row.code for row in load("D2").rows]
    for line in lines:
        assert sum(int(number) for number in re.findall(r" (\d+)(?:,|$)", line)) == 4, line
    assert re.match(r"4 candidats recalculés en \d+,\d s\.$", last)
    members = (*at.CAPES_MEMBERS, *at.ESTUARY_MEMBERS, *at.ALONE_MEMBERS, *at.SITE_MEMBERS)
    assert not [each for each in members if each.name in result.stdout or each.finess in result.stdout]
    assert lines[0].split(maxsplit=1)[1] == "Atteint 4"


def test_a_past_day_is_computed_again_on_what_was_known_then(operator):
    result = operator("recompute", "--on", PAST)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split(maxsplit=1)[1] == "Manquant 4"


def test_without_the_address_of_the_owner_the_nation_is_not_computed(operator):
    result = operator("recompute", without="VIGIE_OWNER_DATABASE_URL")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "VIGIE_OWNER_DATABASE_URL est absent : cette commande a besoin du rôle propriétaire de la base.\n"
    )


def test_what_is_to_do_is_listed_by_day_as_the_page_lists_it(vigie, world):
    member = at.CAPES_MEMBERS[3]
    asked = ("tasks", "--scope", f"etablissement:{member.finess}", "--as", at.REFERENT)
    listed = told(vigie(*asked, "--json"))["tasks"]
    assert listed
    assert {each["finess"] for each in listed} == {member.finess}
    assert [each["due_on"] or "9999" for each in listed] == sorted(each["due_on"] or "9999" for each in listed)
    first, *lines = vigie(*asked).stdout.splitlines()
    assert first.startswith(f"{len(listed)} chose")
    assert [line[22:] for line in lines] == [each["what"] for each in listed]


def test_who_only_reads_has_no_tasks_to_list(vigie):
    member = at.CAPES_MEMBERS[3]
    result = vigie("tasks", "--scope", f"etablissement:{member.finess}", "--as", "direction@marquerive.example")
    assert result.exit_code != 0
