"""Codes, objectives, SIRET, phones and file names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from importers.base import Kind
from importers.cells.identifiers import is_network_address
from importers.reading.sheet import CellKind
from tests.importers.readings import FACTS, noticed, read, refused


@pytest.mark.parametrize(("written", "code"), [("urg-01", "URG-01"), (" BIO–2 ", "BIO-2"), (12, "12")])
def test_a_code_is_raised_to_capitals(written: object, code: str) -> None:
    assert read(Kind.CODE, written).value == code


@pytest.mark.parametrize("written", ["A", "URG 01", "ÉCHO-1", "X" * 21, "a_b"])
def test_a_malformed_code_is_refused(written: str) -> None:
    assert refused(Kind.CODE, written).code == "E-TXT"


def test_a_code_that_became_a_date_is_explained() -> None:
    assert "transformé ce code en date" in refused(Kind.CODE, "2026-10-01T00:00:00", CellKind.DATE).reason


@pytest.mark.parametrize("written", ["urg-01; BIO-01;URG-01", "URG-01,BIO-01", "URG-01/BIO-01", "URG-01\nBIO-01\n"])
def test_several_codes_are_read_once_each(written: str) -> None:
    assert read(Kind.CODES, written).value == ("URG-01", "BIO-01")


def test_a_lone_number_is_a_list_of_one_code() -> None:
    assert read(Kind.CODES, 12).value == ("12",)
    assert read(Kind.CODES, ";").value is None


def test_one_malformed_code_refuses_the_list() -> None:
    assert refused(Kind.CODES, "URG-01; toutes les urgences").code == "E-TXT"
    assert refused(Kind.CODES, "2026-10-01T00:00:00", CellKind.DATE).code == "E-TXT"


# --------------------------------------------------------------------------------------------------------- objectives

REFERENTIAL = replace(FACTS, objectives=("D2.P1", "D2.O1.C", "D2.O1.D"))


@pytest.mark.parametrize("written", ["D2.O1.C", "D2. O1. C", "D2.01.C", "O1C", "O1-c", "o1.c"])
def test_an_objective_is_read_however_it_is_spelled(written: str) -> None:
    assert read(Kind.OBJECTIVE, written, facts=REFERENTIAL).value == "D2.O1.C"


@pytest.mark.parametrize("written", ["O9.A", "Objectif 1", "D3.O1.C", "O1.C; O1.D", 12])
def test_an_unknown_objective_is_refused(written: object) -> None:
    assert refused(Kind.OBJECTIVE, written, facts=REFERENTIAL).code == "E-REF"


def test_without_a_referential_only_the_shape_counts() -> None:
    assert read(Kind.OBJECTIVE, "O9.A").value == "D2.O9.A"


@pytest.mark.parametrize(
    "written", ["O1.C; O1.D", "O1C/O1D", "O1.C, O1.D", "O1.C et O1.D", "O1.C\nO1.D", "O1.C;O1.D;o1c"]
)
def test_several_objectives_in_a_cell_are_split(written: str) -> None:
    assert read(Kind.OBJECTIVES, written, facts=REFERENTIAL).value == ("D2.O1.C", "D2.O1.D")


def test_a_separator_inside_one_code_does_not_split_it() -> None:
    assert read(Kind.OBJECTIVES, "D2/O1/C", facts=REFERENTIAL).value == ("D2.O1.C",)


@pytest.mark.parametrize("written", ["O1.C; O9.A", ";", "tous"])
def test_one_unknown_objective_refuses_the_list(written: str) -> None:
    assert refused(Kind.OBJECTIVES, written, facts=REFERENTIAL).code == "E-REF"


# -------------------------------------------------------------------------------------------------------------- SIRET


@pytest.mark.parametrize(
    "written",
    ["73282932000074", "732 829 320 00074", "732\u00a0829\u202f320 00074", 73282932000074, 73282932000074.0,
     "SIRET : 732.829.320.00074", "'73282932000074", "73282932000074,0"],
)  # fmt: skip
def test_a_siret_is_read_however_it_is_typed(written: object) -> None:
    assert read(Kind.SIRET, written).value == "73282932000074"


@pytest.mark.parametrize("written", [1645029800019, "1645029800019"])
def test_the_lost_zero_of_a_siret_is_put_back_with_a_notice(written: object) -> None:
    reading = read(Kind.SIRET, written)
    assert (reading.value, noticed(reading)) == ("01645029800019", "W-SIR")


@pytest.mark.parametrize(
    "written", ["2,601E+13", "2.601e+13", 26010000000000, 26010000000000.0, "26010000000000", 2601230000000]
)
def test_a_siret_that_a_spreadsheet_damaged_says_so(written: object) -> None:
    fault = refused(Kind.SIRET, written)
    assert fault.code == "E-NUM"
    assert "abîmé par Excel" in fault.reason
    assert "Texte" in fault.remedy


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("73282932000075", "clé"),
        ("1645029800018", "clé"),
        ("732829320", "SIREN"),
        ("inconnu", "14"),
        (12.5, "14"),
        ("0" * 14, "14"),
    ],
)
def test_what_is_no_siret_is_refused(written: object, word: str) -> None:
    fault = refused(Kind.SIRET, written)
    assert fault.code == "E-NUM"
    assert word in fault.reason


def test_the_post_office_has_a_key_of_its_own() -> None:
    assert read(Kind.SIRET, "35600000009075").value == "35600000009075"  # digits sum to 35; Luhn's key fails
    assert refused(Kind.SIRET, "35600000009076").code == "E-NUM"


def test_a_lookup_that_found_no_siret_is_blank() -> None:
    assert read(Kind.SIRET, 0).value is None


# ------------------------------------------------------------------------------------------------------------- phones


@pytest.mark.parametrize(
    "written",
    ["01 23 45 67 89", "0123456789", "01.23.45.67.89", "01-23-45-67-89", "01/23/45/67/89", "+33 1 23 45 67 89",
     "+33 (0)1 23 45 67 89", "0033123456789", "Tél. : 01 23 45 67 89", "01\u00a023\u00a045\u00a067\u00a089", "'+33123456789"],
)  # fmt: skip
def test_a_french_number_has_one_form(written: str) -> None:
    reading = read(Kind.PHONE, written)
    assert (reading.value, reading.notice) == ("01 23 45 67 89", None)


@pytest.mark.parametrize("written", [612345678, 612345678.0, "612345678", "6 12 34 56 78", 33612345678])
def test_the_lost_beginning_of_a_phone_is_put_back_with_a_notice(written: object) -> None:
    reading = read(Kind.PHONE, written)
    assert (reading.value, noticed(reading)) == ("06 12 34 56 78", "W-TEL")


@pytest.mark.parametrize(
    ("written", "kept"), [("15", "15"), (3115, "3115"), ("112", "112"), ("45218", "45218"), ("poste 4521", "4521")]
)
def test_short_and_internal_numbers_are_kept(written: object, kept: str) -> None:
    assert read(Kind.PHONE, written).value == kept


def test_a_foreign_and_an_overseas_number_are_kept() -> None:
    assert read(Kind.PHONE, "+32 2 123 45 67").value == "+3221234567"
    assert read(Kind.PHONE, "+262 692 12 34 56").value == "06 92 12 34 56"


@pytest.mark.parametrize(
    "written",
    ["0123456789;0612345678", "01 23 45 67 89 / 06 12 34 56 78", "0123456789 ou 0612345678", "0123456789\n0612345678"],
)
def test_several_phones_are_joined(written: str) -> None:
    assert read(Kind.PHONE, written).value == "01 23 45 67 89; 06 12 34 56 78"


@pytest.mark.parametrize(
    "written", ["Jean Dupont", "01 23 45 67", "01 23 45 67 89 Jean", "1", "01234567890", "/", True]
)
def test_what_is_no_phone_is_refused_and_never_repeated(written: object) -> None:
    fault = refused(Kind.PHONE, written)
    assert fault.code == "E-TXT"
    assert "Jean" not in fault.reason + fault.remedy


# -------------------------------------------------------------------------------------------------------------- files


def test_a_file_name_is_composed_on_one_line_and_keeps_its_spaces() -> None:
    assert read(Kind.FILE, " PCA  e\u0301te\u0301.pdf ").value == "PCA  été.pdf"
    assert read(Kind.FILE, "a\nb.pdf").value == "a b.pdf"


@pytest.mark.parametrize(
    "written",
    [r"\\serveur\partage\PCA.pdf", "//serveur/PCA.pdf", r"S:\PCA.pdf", "https://chu.example/PCA.pdf", "file:///PCA.pdf",
     "chu.sharepoint.com/sites/PCA.pdf", "www.chu.example/PCA.pdf"],
)  # fmt: skip
def test_an_address_is_no_file_name(written: str) -> None:
    fault = refused(Kind.FILE, written)
    assert is_network_address(written)
    assert fault.code == "E-TXT"
    assert "inaccessible pendant une crise" in fault.reason
    assert "Déposez le fichier" in fault.remedy


def test_a_file_name_has_at_most_255_characters() -> None:
    assert read(Kind.FILE, "a" * 251 + ".pdf").value == "a" * 251 + ".pdf"
    assert refused(Kind.FILE, "a" * 252 + ".pdf").code == "E-TXT"
    assert refused(Kind.FILE, "a_x0001_.pdf").code == "E-TXT"
