"""The loader refuses what it does not know, and says where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.programme.referential import SHIPPED, ReferentialError, available, load, parse, read, version_key

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
domain = "D2"
title = "Essai"
version = "2026-01-01"
source = "Texte d’essai"

[[dates]]
key = "start"
label = "Début"
on = 2026-01-01
confidence = "publiée"

[[dates]]
key = "review"
label = "Instruction"
after = "start"
months = 3
confidence = "estimée"

[[rows]]
code = "D2.O1.C"
title = "Formalisés"
kind = "coverage"
rule = "Une part."
scope = "share"
threshold = 66.67
counts_by = "minimal_perimeters"
window_from = "start"
source = "Annexe"
confidence = "relayée"

[[rows.pieces]]
key = "bia"
label = "BIA"

[[rows.limits]]
key = "score"
label = "Score"
value = 3
unit = "niveau"

[[rows]]
code = "D2.P1"
title = "PSSI"
kind = "document"
rule = "Signée."
scope = "every_party"
source = "Annexe"
confidence = "relayée"

[[rows.pieces]]
key = "pssi"
label = "PSSI"
"""


def write(folder: Path, text: str, name: str = "care_d2/2026-01-01.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    referential = read(write(tmp_path, GOOD))
    assert [row.code for row in referential.rows] == ["D2.O1.C", "D2.P1"]


def test_a_threshold_with_decimals_stays_exact(tmp_path: Path) -> None:
    assert str(read(write(tmp_path, GOOD)).row("D2.O1.C").threshold) == "66.67"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Essai"', 'title = "Essai"\nauthor = "moi"', "en-tête, clé « author » : clé inconnue"),
        ('title = "Essai"\n', "", "en-tête, clé « title » : clé manquante"),
        ('title = "Essai"', 'title = "  "', "en-tête, clé « title » : texte vide"),
        ('title = "Essai"', "title = 3", "en-tête, clé « title » : attendu un texte, lu '3'"),
        ('title = "PSSI"', 'title = "PSSI"\nseuil = 3', "ligne D2.P1, clé « seuil » : clé inconnue"),
        ('rule = "Signée."\n', "", "ligne D2.P1, clé « rule » : clé manquante"),
        ('kind = "document"', 'kind = "film"', "ligne D2.P1, clé « kind » : « film » n’est pas dans la liste"),
        ('confidence = "publiée"', 'confidence = "sûre"', "date start, clé « confidence » : « sûre » n’est pas dans"),
        ('code = "D2.P1"', 'code = "D2.01.C"', "ligne D2.01.C, clé « code » : « D2.01.C » doit s’écrire D2.O1.C"),
        ('code = "D2.P1"', 'code = "D2.X9"', "ligne D2.X9, clé « code » : « D2.X9 » n’est pas un code d’objectif"),
        ('code = "D2.P1"', 'code = "D1.P1"', "ligne D1.P1, clé « code » : « D1.P1 » est un code du domaine D1"),
        ('code = "D2.P1"', 'code = "D2.O1.C"', "ligne D2.O1.C, clé « code » : « D2.O1.C » est déjà pris"),
        ('code = "D2.P1"\n', "", "ligne 2, clé « code » : clé manquante"),
        ("threshold = 66.67", 'threshold = "66 %"', "clé « threshold » : attendu un nombre, lu '66 %'"),
        ("threshold = 66.67", "threshold = true", "clé « threshold » : attendu un nombre, lu 'True'"),
        ("threshold = 66.67", "threshold = nan", "clé « threshold » : attendu un nombre, lu 'NaN'"),
        ("threshold = 66.67", "threshold = 660", "clé « threshold » : 660 n’est pas un pourcentage"),
        ("threshold = 66.67", "threshold = 0", "clé « threshold » : 0 n’est pas un pourcentage"),
        ("threshold = 66.67\n", "", "ligne D2.O1.C, clé « threshold » : un seuil va avec scope"),
        (
            'scope = "every_party"',
            'scope = "every_party"\nthreshold = 5',
            "ligne D2.P1, clé « threshold » : un seuil va",
        ),
        ('window_from = "start"', 'window_from = "debut"', "clé « window_from » : « debut » n’est pas une date de ce"),
        ("on = 2026-01-01", 'on = "2026-01-01"', "date start, clé « on » : attendu une date"),
        ("on = 2026-01-01", "on = 2026-01-01T10:00:00", "date start, clé « on » : attendu une date"),
        ('key = "review"', 'key = "start"', "date start, clé « key » : « start » est déjà pris"),
        ('after = "start"', 'after = "later"', "date review, clé « after » : « later » n’est pas une date écrite plus"),
        ("months = 3\n", "", "date review, clé « after » : « after » va avec « months »"),
        ("months = 3", "months = 3\non = 2026-05-05", "date review, clé « after » : « after » va avec « months »"),
        ("months = 3", "months = 3.5", "date review, clé « months » : attendu un nombre entier"),
        ('label = "BIA"', 'label = "BIA"\nonly_ght = "oui"', "pièce bia, clé « only_ght » : attendu true ou false"),
        ('label = "BIA"', 'label = "BIA"\nghost = 1', "ligne D2.O1.C, pièce bia, clé « ghost » : clé inconnue"),
        ('key = "bia"', 'key = "B I A"', "clé « key » : « B I A » n’est pas un identifiant"),
        ("value = 3\n", "", "ligne D2.O1.C, limite score, clé « value » : clé manquante"),
        (
            '[[rows.pieces]]\nkey = "pssi"\nlabel = "PSSI"\n',
            "",
            "ligne D2.P1, clé « pieces » : une ligne demande au moins une pièce ou une condition",
        ),
        (
            'counts_by = "minimal_perimeters"',
            'counts_by = "moon"',
            "ligne D2.O1.C, clé « counts_by » : « moon » n’est pas une condition connue",
        ),
        (
            'counts_by = "minimal_perimeters"\n',
            "",
            "ligne D2.O1.C, clé « counts_by » : la condition qui fait compter une partie va avec scope",
        ),
        (
            'scope = "every_party"',
            'scope = "every_party"\ncounts_by = "field_test"\nwindow_from = "start"',
            "ligne D2.P1, clé « counts_by » : la condition qui fait compter une partie va avec scope",
        ),
        (
            'scope = "every_party"',
            'scope = "every_party"\nconditions = ["copies", "moon"]',
            "ligne D2.P1, clé « conditions » : « moon » n’est pas dans la liste",
        ),
        (
            'scope = "every_party"',
            'scope = "every_party"\nconditions = "copies"',
            "ligne D2.P1, clé « conditions » : attendu une liste de textes",
        ),
        (
            'scope = "every_party"',
            'scope = "every_party"\nconditions = ["restore_test"]',
            "ligne D2.P1, clé « window_from » : la condition « restore_test » a besoin d’une date du texte, avec son jour",
        ),
        (
            'counts_by = "minimal_perimeters"\nwindow_from = "start"',
            'counts_by = "field_test"',
            "ligne D2.O1.C, clé « window_from » : la condition « field_test » a besoin d’une date du texte, avec son jour",
        ),
        (
            'scope = "every_party"',
            'scope = "every_party"\nconditions = ["partition"]',
            "ligne D2.P1, clé « limits » : la condition « partition » a besoin du nombre « schedule_years »",
        ),
        (
            'label = "PSSI"',
            'label = "PSSI"\nheld = "moon"',
            "pièce pssi, clé « held » : « moon » n’est pas un fait connu",
        ),
        (
            'label = "PSSI"',
            'label = "PSSI"\nonly_if = "elle brille"\nwhen = "moon"',
            "pièce pssi, clé « when » : « moon » n’est pas un fait connu",
        ),
        (
            'label = "PSSI"',
            'label = "PSSI"\nwhen = "dedicated_ad"',
            "pièce pssi, clé « when » : « when » va avec « only_if »",
        ),
        (
            'label = "PSSI"',
            'label = "PSSI"\nnamed = "moon"',
            "pièce pssi, clé « named » : « moon » n’est pas dans la liste",
        ),
        ('label = "PSSI"', 'label = "PSSI"\ntypes = [1]', "pièce pssi, clé « types » : attendu une liste de textes"),
        ('label = "PSSI"', 'label = "PSSI"\ntypes = [" "]', "pièce pssi, clé « types » : attendu une liste de textes"),
        ('label = "PSSI"', 'label = "PSSI"\nwhole = "oui"', "pièce pssi, clé « whole » : attendu true ou false"),
        (
            'label = "Début"',
            'label = "Début"\nnot_before = "later"',
            "date start, clé « not_before » : « later » n’est pas une date de ce référentiel",
        ),
        (
            'label = "Début"',
            'label = "Début"\nnot_after = "later"',
            "date start, clé « not_after » : « later » n’est pas une date de ce référentiel",
        ),
        ('version = "2026-01-01"', 'version = "2026-01-02"', "clé « version » : « 2026-01-02 » doit être le nom"),
        ('domain = "D2"', 'domain = "D3"', "clé « domain » : « D3 » ne va pas avec le dossier « care_d2 »"),
        ('domain = "D2"', "domain = ", "ce n’est pas du TOML valable"),
    ],
)
def test_a_wrong_file_is_refused_with_its_file_entry_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ReferentialError) as caught:
        read(path)
    assert str(caught.value).startswith("care_d2/2026-01-01.toml")
    assert message in str(caught.value)


def test_a_row_of_conditions_alone_needs_no_piece(tmp_path: Path) -> None:
    bare = GOOD.replace('[[rows.pieces]]\nkey = "pssi"\nlabel = "PSSI"\n', 'conditions = ["copies"]\n')
    row = read(write(tmp_path, bare)).row("D2.P1")
    assert (row.pieces, row.conditions) == ((), ("copies",))


def test_a_piece_says_what_tells_its_condition_answers_it_and_names_its_file(tmp_path: Path) -> None:
    keys = 'only_if = "un AD"\nwhen = "dedicated_ad"\nheld = "activities_listed"\nnamed = "plan"\ntypes = ["pssi"]\nwhole = true\n'
    piece = read(write(tmp_path, GOOD + keys)).row("D2.P1").pieces[0]
    assert (piece.only_if, piece.when, piece.held, piece.named) == (
        "un AD",
        "dedicated_ad",
        "activities_listed",
        "plan",
    )
    assert (piece.types, piece.whole) == (("pssi",), True)


def test_the_same_piece_twice_in_a_row_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + '\n[[rows.pieces]]\nkey = "pssi"\nlabel = "Encore"\n')
    with pytest.raises(ReferentialError, match="pièce pssi, clé « key » : « pssi » est déjà pris"):
        read(path)


def test_a_file_that_is_not_utf8_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes("title = « été »".encode("latin-1"))
    with pytest.raises(ReferentialError, match=r"2026-01-01\.toml : le fichier n’est pas en UTF-8"):
        read(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReferentialError, match="fichier illisible"):
        read(tmp_path / "care_d2" / "2026-01-01.toml")


def of_d2(folder: Path | None = None) -> list[tuple[str, bool]]:
    return [(entry.version, entry.shipped) for entry in available(folder) if entry.domain == "D2"]


def test_the_shipped_versions_are_available_without_a_mounted_folder() -> None:
    assert of_d2() == [("2025-06-26", True)]
    assert {entry.domain for entry in available()} == {"D1", "D2", "HC", "OBL"}
    assert all(entry.shipped for entry in available())


def test_a_mounted_folder_adds_its_versions_and_the_newest_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert of_d2(tmp_path) == [("2025-06-26", True), ("2026-01-01", False)]
    assert load("D2", folder=tmp_path).title == "Essai"
    assert load("D2", "2025-06-26", tmp_path).version == "2025-06-26"


def test_a_correction_has_its_own_version_and_comes_after_what_it_corrects(tmp_path: Path) -> None:
    corrected = GOOD.replace('version = "2026-01-01"', 'version = "2025-06-26-corrige1"')
    write(tmp_path, corrected, "care_d2/2025-06-26-corrige1.toml")
    assert load("D2", folder=tmp_path).version == "2025-06-26-corrige1"


def test_a_mounted_copy_of_a_shipped_file_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, (SHIPPED / "care_d2" / "2025-06-26.toml").read_text(encoding="utf-8"), "care_d2/2025-06-26.toml")
    assert of_d2(tmp_path) == [("2025-06-26", True)]


def test_another_content_under_a_shipped_version_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("2026-01-01", "2025-06-26"), "care_d2/2025-06-26.toml")
    with pytest.raises(ReferentialError, match="livrée avec un autre contenu"):
        available(tmp_path)


def test_an_unknown_version_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ReferentialError, match=r"version 1999-01-01 introuvable \(versions connues : 2025-06-26\)"):
        load("D2", "1999-01-01")


def test_a_domain_without_a_referential_is_refused() -> None:
    with pytest.raises(ReferentialError, match=r"référentiel D9 .* \(versions connues : aucune\)"):
        load("D9")


def test_a_mounted_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferentialError, match="ce n’est pas un dossier"):
        available(tmp_path / "absent")


def test_other_files_of_a_mounted_folder_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "bonjour", "LISEZ-MOI.toml")
    write(tmp_path, "bonjour", "notes/2026-01-01.toml")
    assert available(tmp_path) == available()


def test_a_text_passes_the_checks_of_a_file_wherever_it_is_kept(tmp_path: Path) -> None:
    assert parse("essai.toml", GOOD) == read(write(tmp_path, GOOD))
    with pytest.raises(ReferentialError, match=r"^essai\.toml, ligne D2\.P1, clé « seuil » : clé inconnue"):
        parse("essai.toml", GOOD.replace('title = "PSSI"', 'title = "PSSI"\nseuil = 3'))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('version = "2026-01-01"', 'version = "corrige"', "« corrige » doit s’écrire année-mois-jour"),
        ('domain = "D2"', 'domain = "X2"', "« X2 » n’est pas un domaine"),
    ],
)
def test_a_text_without_a_file_still_names_its_version_and_domain(old: str, new: str, message: str) -> None:
    with pytest.raises(ReferentialError, match=message):
        parse("essai.toml", GOOD.replace(old, new))


def test_what_is_beside_care_has_a_folder_of_its_own(tmp_path: Path) -> None:
    text = GOOD.replace('"D2"', '"OBL"').replace('"D2.O1.C"', '"OBL.1"').replace('"D2.P1"', '"OBL.2"')
    write(tmp_path, text, "obligations/2026-01-01.toml")
    assert [row.code for row in load("OBL", folder=tmp_path).rows] == ["OBL.1", "OBL.2"]
    with pytest.raises(ReferentialError, match="« OBL » ne va pas avec le dossier « care_d2 »"):
        read(write(tmp_path, text, "care_d2/2026-01-01.toml"))


def test_versions_are_ordered_by_their_numbers() -> None:
    names = ["2025-06-26-corrige10", "2026-01-01", "2025-06-26-corrige9", "2025-06-26"]
    assert sorted(names, key=version_key) == ["2025-06-26", "2025-06-26-corrige9", "2025-06-26-corrige10", "2026-01-01"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'key = "ads_score_age"',
            'key = "ads_age"',
            "ligne D2.O3.A, clé « limits » : la condition « backup_authentication »",
        ),
        (
            'key = "schedule_years"',
            'key = "years"',
            "ligne D2.O3.B, clé « limits » : la condition « partition » a besoin",
        ),
        (
            "on = 2025-07-16\n",
            "",
            "ligne D2.O1.D, clé « window_from » : la condition « field_test » a besoin d’une date",
        ),
        (
            "on = 2025-07-16\n",
            "on = 2025-07-16\neditable = true\n",
            "la condition « field_test » a besoin d’une date du",
        ),
    ],
)
def test_a_condition_that_would_not_find_what_it_reads_is_refused_before_it_answers_anybody(
    old: str, new: str, message: str
) -> None:
    shipped = (SHIPPED / "care_d2" / "2025-06-26.toml").read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(ReferentialError) as caught:
        parse("essai.toml", shipped.replace(old, new, 1))
    assert message in str(caught.value)
