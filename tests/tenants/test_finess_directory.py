"""The directory's extracts: layouts, damaged files, lines set aside, groups and their members."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from tenants.finess_directory import DirectoryError, read_csv, read_groups
from tenants.regions import AGENCIES, agency_of_departement, agency_of_region

Write = Callable[..., Path]

HEADER = (
    "finess_et;finess_ej;raison_sociale;categorie_code;agregat_code;statut_sph_code;siret;code_postal;commune;"
    "departement_code;region_code;region_nom;date_ouverture;date_maj"
)
SITE = "010000024;010780054;CH D’ESSAI;355;1102;1;26010004500012;01440;VIRIAT;01;84;ARA;1979-02-13;2020-02-04"
OTHER = "010000032;010780062;CH D’À CÔTÉ;355;1102;1;;01300;BELLEY;01;84;ARA;1901-01-01;2020-11-24"
HISTORICAL = (
    "structureet;010000024;010780054;CH D’ESSAI;;;;900;RTE;DE PARIS;;;451;01;AIN;01440 VIRIAT;;;355;C.H.;1102;C.H.;"
    "26010004500012;8610Z;03;ARS;1;Public;1979-02-13;1979-02-13;2020-02-04;"
)
GROUPS = "code_ght;nom_ght;region_code;finess_ej;nom_deduit;role"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "extrait.csv"
        path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
        return path

    return _write


def site(**changes: str) -> str:
    """Return the first site with some columns replaced."""
    values = dict(zip(HEADER.split(";"), SITE.split(";"), strict=True))
    return ";".join((values | changes).values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_site_is_read_with_its_legal_entity_in_either_encoding(write: Write, encoding: str) -> None:
    reading = read_csv(write(HEADER, SITE, OTHER, encoding=encoding))
    first, second = reading
    assert (first.et, first.ej, first.siret) == ("010000024", "010780054", "26010004500012")
    assert (first.opened_on, first.updated_on) == (date(1979, 2, 13), date(2020, 2, 4))
    assert (second.name, second.siret, second.region_code) == ("CH D’À CÔTÉ", None, "84")
    assert (reading.layout, reading.journal.problems) == ("ET", [])


def test_columns_are_found_by_their_name_wherever_they_are(write: Write) -> None:
    (row,) = read_csv(write("Département_code;RAISON SOCIALE;finess_ej;finess_et", "01;CH D’ESSAI;010780054;010000024"))
    assert (row.ej, row.et, row.name, row.municipality) == ("010780054", "010000024", "CH D’ESSAI", "")


def test_the_historical_extract_without_header_is_read_and_its_other_sections_are_counted(write: Write) -> None:
    reading = read_csv(write("finess;etalab;93;2021-01-08", HISTORICAL, "geolocalisation;010000024;870215.7;6571592.5"))
    (row,) = reading
    assert (row.et, row.departement, row.postal_code, row.municipality) == ("010000024", "01", "01440", "VIRIAT")
    assert reading.journal.ignored == {"geolocalisation": 1}


def test_an_overseas_collectivity_without_agency_belongs_to_the_one_of_guadeloupe(write: Write) -> None:
    (row,) = read_csv(write(HEADER, site(departement_code="978", region_code="978")))
    assert (row.departement, row.region_code) == ("978", "01")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "est vide"),
        (b"PK\x03\x04xlsx", "classeur Excel"),
        (b"\xff\xfef\x00", "UTF-16"),
        (b"finess\x81\xff;\x00", "ni en UTF-8 ni en Windows-1252"),
        (b"a,b,c\n1,2,3\n", "séparées par des points-virgules"),
        (b"x" * 70_000, "trop longue"),
    ],
)
def test_what_is_not_an_extract_is_refused_with_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "fichier.csv"
    path.write_bytes(content)
    with pytest.raises(DirectoryError, match=sentence):
        read_csv(path)


def test_an_absent_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match=r"absent\.csv » n’a pas pu être lu"):
        read_csv(tmp_path / "absent.csv")


def test_a_file_whose_zeros_all_went_is_refused_even_when_the_numbers_are_known(write: Write) -> None:
    path = write(HEADER, site(finess_et="10000024", finess_ej="10780054"))
    with pytest.raises(DirectoryError, match="zéro de tête a disparu de 2 numéros FINESS"):
        read_csv(path, lambda _number: True)


def test_a_file_with_a_siret_in_scientific_notation_is_refused(write: Write) -> None:
    with pytest.raises(DirectoryError, match=r"1 SIRET a perdu ses derniers chiffres \(« 2,601E\+13 », ligne 3\)"):
        read_csv(write(HEADER, OTHER, site(siret="2,601E+13")))


def test_one_lost_zero_among_others_is_repaired_only_when_known_and_is_listed(write: Write) -> None:
    path = write(HEADER, OTHER, site(finess_et="10000024"))
    reading = read_csv(path, {"010000024"}.__contains__)
    assert [row.et for row in reading] == ["010000032", "010000024"]
    (repair,) = reading.journal.repairs
    assert (repair.line, repair.column, repair.value, repair.number) == (3, "finess_et", "10000024", "010000024")

    reading = read_csv(path)
    assert [row.et for row in reading] == ["010000032"]
    assert [(problem.line, problem.code, problem.kept) for problem in reading.journal.problems] == [
        (3, "LOST_ZERO", False)
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"finess_et": "010000025"}, "KEY"),
        ({"finess_ej": ""}, "EMPTY"),
        ({"raison_sociale": " "}, "NO_NAME"),
        ({"departement_code": "99"}, "NO_AGENCY"),
        ({"finess_et": "010000032"}, "DUPLICATE"),
    ],
)
def test_a_line_that_cannot_be_placed_is_set_aside_and_listed(write: Write, changes: dict[str, str], code: str) -> None:
    reading = read_csv(write(HEADER, OTHER, site(**changes)))
    assert [row.et for row in reading] == ["010000032"]
    assert [(problem.line, problem.code, problem.kept) for problem in reading.journal.problems] == [(3, code, False)]
    assert reading.journal.lines == 2


@pytest.mark.parametrize(
    ("changes", "code", "attribute"),
    [
        ({"siret": "1234"}, "SIRET", "siret"),
        ({"date_maj": "hier"}, "DATE", "updated_on"),
        ({"date_ouverture": "31/02/2020"}, "DATE", "opened_on"),
    ],
)
def test_a_wrong_detail_is_listed_and_the_row_is_kept_without_it(
    write: Write, changes: dict[str, str], code: str, attribute: str
) -> None:
    reading = read_csv(write(HEADER, site(**changes)))
    (row,) = reading
    assert getattr(row, attribute) is None
    assert [(problem.code, problem.kept) for problem in reading.journal.problems] == [(code, True)]


def test_a_region_that_contradicts_the_department_is_listed(write: Write) -> None:
    reading = read_csv(write(HEADER, site(region_code="28")))
    assert next(reading).region_code == "84"
    assert [problem.code for problem in reading.journal.problems] == ["OTHER_REGION"]


def test_an_unclosed_quote_costs_its_own_line_and_no_other(write: Write) -> None:
    reading = read_csv(write(HEADER, site(raison_sociale='"CH D’ESSAI'), OTHER))
    assert [row.et for row in reading] == ["010000032"]
    assert {problem.line for problem in reading.journal.problems} == {2}


def test_a_value_beyond_the_last_column_is_listed(write: Write) -> None:
    reading = read_csv(write(HEADER, SITE + ";en trop"))
    assert len(list(reading)) == 1
    assert [(problem.column, problem.value) for problem in reading.journal.problems] == [("colonne 15", "en trop")]


def test_members_without_number_keep_their_name(write: Write) -> None:
    reading = read_groups(
        write(
            "region_code;region;nom_ght;etablissement_source;role;finess_ej_rapproche",
            "28;Normandie;Côte d’essai;CH du port;S;760780023",
            "28;Normandie;Côte d’essai;EHPAD du bourg;M;",
        )
    )
    (group,) = reading
    assert (group.code, group.code_derived) == ("28-COTE-D-ESSAI", True)
    assert [(member.finess, member.name, member.role) for member in group.members] == [
        ("760780023", "CH du port", "S"),
        (None, "EHPAD du bourg", "M"),
    ]
    assert reading.journal.problems == []


def test_a_wrong_number_in_a_group_keeps_the_member_and_says_so(write: Write) -> None:
    reading = read_groups(write(GROUPS, "G1;GHT d’essai;84;010780054;CH A;S", "G1;GHT d’essai;84;010780055;CH B;M"))
    (group,) = reading
    assert group.members[1].finess is None
    assert group.members[1].name == "CH B"
    assert [(problem.line, problem.code, problem.kept) for problem in reading.journal.problems] == [(3, "KEY", True)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("G1;GHT d’essai;84;010780062;CH B;S", "SUPPORT"),
        ("G1;GHT d’essai;84;010780062;CH B;chef", "ROLE"),
        ("G1;GHT d’essai;84;010780054;CH A;M", "DUPLICATE"),
        ("G1;GHT d’essai;84;;;M", "NO_MEMBER"),
        ("G1;GHT d’essai;99;010780062;CH B;M", "NO_AGENCY"),
        ("G1;GHT d’essai;84;10780062;CH B;M", "LOST_ZERO"),
    ],
)
def test_what_is_odd_in_a_group_is_listed(write: Write, line: str, code: str) -> None:
    reading = read_groups(write(GROUPS, "G1;GHT d’essai;84;010780054;CH A;S", line))
    assert len(list(reading)) == 1
    assert [problem.code for problem in reading.journal.problems] == [code]


def test_a_hospital_of_two_groups_is_listed(write: Write) -> None:
    reading = read_groups(write(GROUPS, "G1;GHT un;84;010780054;CH A;S", "G2;GHT deux;84;010780054;CH A;S"))
    assert len(list(reading)) == 2
    assert [problem.code for problem in reading.journal.problems] == ["TWO_GROUPS"]


def flow(tmp_path: Path, **document: object) -> Path:
    path = tmp_path / "flux.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


GCC = {
    "gccId": "1",
    "nomGcc": "GHT d’essai",
    "typeGcc": "001",
    "gccIdentifiantExterne": "84101",
    "etatObjet": "A",
    "dateDerniereMaj": "2025-10-21 19:19:05",
    "pmejDuGcc": [
        {"pmSmsseId": "11", "typeRoleEntiteGroupe": "S"},
        {"pmSmsseId": "12", "typeRoleEntiteGroupe": "M"},
    ],
}
PMEJ = {"informationsGeneralesPMEJ": {"pmSmsseId": "11", "numFinessPm": "010780054", "denominationPm": "CH D’ESSAI"}}


def test_a_group_of_the_flow_names_its_members_by_their_internal_identifier(tmp_path: Path) -> None:
    (group,) = read_groups(flow(tmp_path, gcc=[GCC]))
    assert (group.code, group.region_code, group.kind, group.active) == ("84101", "84", "001", True)
    assert group.updated_at == datetime(2025, 10, 21, 19, 19, 5)
    assert [(member.smsse_id, member.finess, member.role) for member in group.members] == [
        ("11", None, "S"),
        ("12", None, "M"),
    ]


def test_the_structure_file_gives_the_numbers_of_the_members_it_knows(tmp_path: Path) -> None:
    (group,) = read_groups(flow(tmp_path, gcc=[GCC], pmej=[PMEJ]))
    assert [(member.finess, member.name) for member in group.members] == [("010780054", "CH D’ESSAI"), (None, "")]

    structure = flow(tmp_path, pmej=[PMEJ]).rename(tmp_path / "structure.json")
    (group,) = read_groups(flow(tmp_path, gcc=[GCC]), structure=structure)
    assert group.members[0].finess == "010780054"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gccIdentifiantExterne": "99101"}, "NO_AGENCY"),
        ({"gccIdentifiantExterne": ""}, "NO_AGENCY"),
        ({"pmejDuGcc": [{"typeRoleEntiteGroupe": "S"}]}, "NO_MEMBER"),
        ({"egeDuGcc": [{"egeId": "5"}]}, "SITES"),
        ({"dateDerniereMaj": "hier"}, "DATE"),
    ],
)
def test_what_is_odd_in_the_flow_is_listed(tmp_path: Path, change: dict[str, object], code: str) -> None:
    reading = read_groups(flow(tmp_path, gcc=[GCC | change]))
    list(reading)
    assert code in [problem.code for problem in reading.journal.problems]


@pytest.mark.parametrize("content", ['{"gcc": ', "[]", '{"pmej": []}', '{"gcc": {}}', "[" * 100_000])
def test_a_json_file_that_is_not_the_flow_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "flux.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DirectoryError):
        read_groups(path)


def test_the_eighteen_agencies_share_no_department() -> None:
    departements = [departement for agency in AGENCIES.values() for departement in agency.departements]
    assert len(AGENCIES) == 18
    assert len(departements) == len(set(departements)) == 103
    assert agency_of_departement("2A") == agency_of_region("94")
    assert agency_of_departement("975") is None


@pytest.mark.shared
def test_the_agencies_are_those_of_the_shared_list(shared_data: Path) -> None:
    with (shared_data / "ars_18.csv").open(encoding="utf-8", newline="") as handle:
        listed = {
            row["code_region_insee"]: (row["nom_ars"].replace("'", "’"), tuple(row["departements"].split()))
            for row in csv.DictReader(handle, delimiter=";")
        }
    assert {code: (agency.name, agency.departements) for code, agency in AGENCIES.items()} == listed


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "layout", "rows"),
    [("finess_etablissements_sante_2021.csv", "ET", 8131), ("finess_ej_publics_2021.csv", "EJ", 796)],
)
def test_the_national_extracts_are_read_entirely(shared_data: Path, file: str, layout: str, rows: int) -> None:
    reading = read_csv(shared_data / file)
    assert (reading.layout, sum(1 for _ in reading)) == (layout, rows)
    assert (reading.journal.problems, reading.journal.repairs) == ([], [])


@pytest.mark.shared
def test_the_extract_re_saved_by_excel_is_refused_and_the_damage_named(shared_data: Path) -> None:
    with pytest.raises(DirectoryError) as refusal:
        read_csv(shared_data / "messy" / "finess_reenregistre_par_excel_extrait.csv", lambda _number: True)
    for damage in ("réenregistré par un tableur", "16 numéros FINESS", "9 SIRET", "2,601E+13", "Rien n’a été importé"):
        assert damage in str(refusal.value)


@pytest.mark.shared
def test_the_real_groups_of_normandie_keep_their_nursing_homes(shared_data: Path) -> None:
    reading = read_groups(shared_data / "ght_normandie_extrait.csv")
    groups = {group.name: group for group in reading}
    assert len(groups) == 5
    caux = groups["Caux Maritime"].members
    assert [member.finess for member in caux if member.finess] == ["760780023", "760780031", "760780056"]
    assert next(member.name for member in caux if not member.finess) == "EHPAD du Tréport"
    assert len(caux) == 7
    assert reading.journal.problems == []


@pytest.mark.shared
def test_the_fictional_groups_hold_every_public_hospital_once(shared_data: Path) -> None:
    reading = read_groups(shared_data / "ght_fictifs_par_departement.csv")
    groups = list(reading)
    assert (len(groups), sum(len(group.members) for group in groups)) == (102, 796)
    assert len({member.finess for group in groups for member in group.members}) == 796
    assert reading.journal.problems == []


@pytest.mark.shared
def test_the_groups_of_the_new_flow_are_read(shared_data: Path) -> None:
    reading = read_groups(shared_data / "finess_plus_gcc_extrait_20260309.json")
    groups = list(reading)
    assert [group.code for group in groups] == ["27103", "11101", "11102", "11109", "11104"]
    assert [len(group.members) for group in groups] == [9, 1, 2, 3, 7]
    assert all(member.smsse_id and member.finess is None for group in groups for member in group.members)
    assert reading.journal.problems == []
