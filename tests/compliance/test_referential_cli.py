"""`vigie referential`: validate, diff, publish, list, date."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import wsgi
from compliance.programme.referential import SHIPPED, read_text
from tests.factories.acting import counts, seen
from tests.factories.commands import environment

TEXT = read_text(SHIPPED / "care_d2" / "2025-06-26.toml")
TODAY = date.today()  # the database keeps the real clock
SOON = TODAY + timedelta(days=10)


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    """A corrected referential as a person keeps it: any folder, any file name."""
    path = tmp_path / "Correction de novembre.toml"
    text = TEXT.replace('version = "2025-06-26"', 'version = "2025-06-26-corrige1"', 1)
    path.write_text(text.replace("threshold = 66", "threshold = 70", 1), encoding="utf-8")
    return path


@pytest.fixture
def publish(vigie, corrected):
    """Return a function that publishes it: `publish()`, or with other options."""

    def give(*options: object, day: date = SOON) -> Result:
        return vigie("referential", "publish", corrected, "--takes-effect", day, "--by", "Ada Martin", *options)

    return give


def test_a_valid_file_is_counted_whatever_its_name_and_needs_no_database(corrected):
    result = CliRunner().invoke(wsgi.cli, ["referential", "validate", str(corrected)], env={})
    assert (result.exit_code, result.stdout) == (0, "Valable : D2, version 2025-06-26-corrige1, 13 lignes, 12 dates.\n")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b'kind = "coverage"', b'kind = "film"', "ligne D2.O1.C, clé « kind » : « film » n’est pas dans la liste"),
        (b'domain = "D2"', b"domain = ", "ce n’est pas du TOML valable"),
        (b"CaRE", b"\xff", "le fichier n’est pas en UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_where_and_why(vigie, corrected, old, new, sentence):
    corrected.write_bytes(corrected.read_bytes().replace(old, new))
    result = vigie("referential", "validate", corrected)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_difference_is_told_against_what_is_in_force(vigie, corrected):
    result = vigie("referential", "diff", corrected)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "D2, de la version 2025-06-26 à la version 2025-06-26-corrige1 :",
        "  D2.O1.C, seuil : 66 % devient 70 %.",
    ]


def test_a_difference_is_told_against_a_version_by_its_name(vigie, corrected, publish):
    publish("--yes", day=TODAY)
    assert "Aucune différence" in vigie("referential", "diff", corrected).stdout
    assert "66 % devient 70 %" in vigie("referential", "diff", corrected, "--against", "2025-06-26").stdout
    unknown = vigie("referential", "diff", corrected, "--against", "1999-01-01")
    assert unknown.exit_code == 1
    assert "La version 1999-01-01 du référentiel D2 n’existe pas" in unknown.stderr


def test_a_publication_tells_what_changes_then_is_kept(app, publish):
    result = publish("--yes", "--note", "Seuil du rectificatif")
    assert result.exit_code == 0, result.output
    assert "D2.O1.C, seuil : 66 % devient 70 %." in result.stdout
    assert result.stdout.splitlines()[-1] == (
        f"Version 2025-06-26-corrige1 publiée : elle prend effet le {SOON:%d/%m/%Y}. Les dossiers déposés gardent la leur."
    )
    [row] = seen(app, "SELECT version, takes_effect_on, published_by, note FROM referential_version")
    assert tuple(row.values()) == ("2025-06-26-corrige1", SOON, "Ada Martin", "Seuil du rectificatif")


def test_a_publication_tells_whose_state_changes_before_it_is_kept(tmp_path, operator):
    def told(name: str, old: str, new: str) -> list[str]:
        path = tmp_path / f"{name}.toml"
        text = TEXT.replace('version = "2025-06-26"', f'version = "2025-06-26-{name}"', 1).replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        result = operator("referential", "publish", path, "--takes-effect", SOON, "--by", "Ada", "--yes")
        assert result.exit_code == 0, result.output
        return result.stdout.replace("\u00a0", " ").replace("\u202f", " ").splitlines()

    nobody = told("corrige1", "on = 2022-07-16", "on = 2022-07-17")
    assert "  0 candidat change d’état sur 4 ; les dossiers déposés gardent leur version." in nobody
    # The PSSI of everybody was approved on 1 March 2025: a window that opens later leaves them all without one.
    everybody = told("corrige2", "on = 2022-07-16", "on = 2025-06-01")
    assert "  4 candidats changent d’état sur 4 ; les dossiers déposés gardent leur version." in everybody
    assert "  GHT de l’Estuaire (GHT-ESTUAIRE) : D2.P1 : Atteint → En cours." in everybody
    assert len([line for line in everybody if "→" in line]) == 4
    assert "pssi.pdf" not in "".join(everybody)


@pytest.mark.parametrize(("answer", "kept"), [("oui\n", 1), ("non\n", 0), ("peut-être\nnon\n", 0), ("", 0)])
def test_without_yes_the_question_is_asked_and_only_oui_publishes(app, settings, vigie, corrected, answer, kept):
    arguments = ["referential", "publish", str(corrected), "--takes-effect", str(SOON), "--by", "Ada"]
    result = CliRunner().invoke(wsgi.cli, arguments, input=answer, env=environment(settings))
    assert "seuil : 66 % devient 70 %" in result.stdout
    assert (result.exit_code == 0) == bool(kept)
    assert counts(app, "referential_version") == {"referential_version": kept}


def test_a_publication_that_cannot_be_is_refused_before_any_question(app, publish):
    result = publish(day=TODAY - timedelta(days=1))
    assert result.exit_code == 1
    assert "est passé" in result.stderr
    assert "Publier" not in result.stdout
    assert counts(app, "referential_version") == {"referential_version": 0}


def test_versions_are_listed_with_the_one_in_force_and_who_published(vigie, publish):
    publish("--yes")
    lines = vigie("referential", "list", "--domain", "D2").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["D2", "2025-06-26-corrige1"], ["D2", "2025-06-26"]]
    assert lines[0].endswith(f"effet le {SOON:%d/%m/%Y}, publiée le {TODAY:%d/%m/%Y} par Ada Martin")
    assert "en vigueur" in lines[1]
    every = vigie("referential", "list").stdout.splitlines()
    assert [line.split()[0] for line in every] == ["D1", "D2", "D2", "HC", "OBL"]


def test_an_unknown_domain_has_no_version(vigie):
    result = vigie("referential", "list", "--domain", "D9")
    assert (result.exit_code, result.stderr) == (1, "Aucun référentiel du domaine « D9 » n’est connu.\n")


def test_a_national_date_is_entered_and_what_moves_with_it_is_told(app, vigie):
    result = vigie(
        *("referential", "date", "declarations_close", "2026-12-15"),
        *("--confidence", "publiée", "--source", "JO du 1er décembre 2026", "--by", "Ada Martin"),
    )
    assert result.exit_code == 0, result.output
    assert "30/11/2026 (à confirmer) devient 15/12/2026 (publiée)." in result.stdout
    assert "28/02/2027 (estimée) devient 15/03/2027 (estimée)." in result.stdout
    [row] = seen(app, "SELECT domain, key, on_date, confidence, source, recorded_by FROM programme_date")
    assert tuple(row.values()) == (
        *("D2", "declarations_close", date(2026, 12, 15), "publiée"),
        *("JO du 1er décembre 2026", "Ada Martin"),
    )


def test_a_date_can_be_said_unknown_and_a_date_beside_care_too(app, vigie):
    vigie("referential", "date", "declarations_close", "inconnue", "--source", "report annoncé", "--by", "Ada")
    vigie("referential", "date", "action_2_due", "2026-12-31", "--domain", "OBL", "--source", "BO", "--by", "Ada")
    assert [
        tuple(row.values()) for row in seen(app, "SELECT domain, on_date, confidence FROM programme_date ORDER BY 1")
    ] == [
        ("D2", None, "non connue"),
        ("OBL", date(2026, 12, 31), "saisie"),
    ]


def test_a_day_that_is_no_day_is_a_wrong_use(vigie):
    result = vigie("referential", "date", "target", "30/11/2026", "--source", "JO", "--by", "Ada")
    assert result.exit_code == 2
    assert "attendu AAAA-MM-JJ, ou inconnue" in result.stderr
