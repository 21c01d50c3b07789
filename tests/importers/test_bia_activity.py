"""The sheets Activites and Dependances of K1, one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.models.activity import Activity, Dependency
from compliance.services import register
from importers.check import check
from importers.facts import EstablishmentRef, Facts
from importers.reading.sheet import ReadBook
from importers.template import as_typed
from importers.workbooks.bia_activity import ACTIVITIES, DEPENDENCIES
from importers.workbooks.bia_pcra import BIA_PCRA, PERIMETERS
from tests.importers import books

DIEPPE, EU = "760780023", "760780056"
FACTS = Facts(
    scope_finess={number: EstablishmentRef(f"id-{number}", number, number) for number in (DIEPPE, EU)},
    today=date(2026, 11, 22),
    support=DIEPPE,
    references={"Perimetres": {"URG-01": (DIEPPE,), "BIO-01": (DIEPPE, EU)}, "SI_critiques": {"DPI-01": (DIEPPE,)}},
)
# Where the activities that dependencies name are stored, whose criticality nobody said.
STORED = replace(
    FACTS,
    existing={
        "Activites": {f"{DIEPPE}/URG-01 / {number}": {"perimeter_code": "URG-01", "number": number} for number in "34"}
    },
)
ACTIVITY = {
    "perimeter_code": "URG-01", "number": "3", "name": "Accueil et tri", "process": "Urgences", "criticality": "1",
    "impact_4h": 2, "impact_24h": 3, "impact_72h": 4, "impact_1w": 4, "impact_kinds": "Patient ; Réglementaire",
    "dima_minutes": "4 h", "pdma_minutes": "1 h", "sensitive_period": "Nuits", "nominal_staff": 9, "minimal_staff": 4,
    "degraded_mode": "Oui", "degraded_hold_minutes": "5 jours", "procedure_reference": "URG-PD-012",
    "paper_forms": "Fiche de tri / Ordonnance", "paper_place": "Accueil", "downstream_activity": "Laboratoire",
}  # fmt: skip
DEPENDENCY = {
    "perimeter_code": "URG-01", "activity_number": "3", "kind": "Application", "label": "Dossier patient",
    "hosting": "GHT", "supplier": "Éditeur", "continuity_clause": "NC", "tolerated_minutes": "2 h",
    "workaround": "Poste de secours", "system_code": "DPI-01",
}  # fmt: skip


def activity(facts: Facts = FACTS, **cells: object) -> tuple[books.RowResult, list[tuple[str, str]]]:
    """An activity after these cells were typed, and what is said: code and column key."""
    return _said(ACTIVITIES, books.result(BIA_PCRA, ACTIVITIES, facts, ACTIVITY, **cells))


def dependency(facts: Facts = STORED, **cells: object) -> tuple[books.RowResult, list[tuple[str, str]]]:
    """A dependency after these cells were typed, and what is said: code and column key."""
    return _said(DEPENDENCIES, books.result(BIA_PCRA, DEPENDENCIES, facts, DEPENDENCY, **cells))


def _said(sheet: books.Sheet, row: books.RowResult) -> tuple[books.RowResult, list[tuple[str, str]]]:
    keys = {column.header("ght"): column.key for column in sheet.columns}
    return row, [(fault.code, keys[fault.column]) for fault in row.faults]


# ---------------------------------------------------------------------------------------------------------- Activites


def test_a_clean_activity_is_stored_as_typed() -> None:
    row, codes = activity()
    assert codes == []
    assert (row.own_key, row.finess, row.status) == ("URG-01 / 3", DIEPPE, "new")
    assert row.values == {
        "finess_ej": DIEPPE, "perimeter_code": "URG-01", "number": "3", "name": "Accueil et tri", "process": "Urgences",
        "criticality": "1", "impact_4h": 2, "impact_24h": 3, "impact_72h": 4, "impact_1w": 4,
        "impact_kinds": ("patient", "regulatory"), "dima_minutes": 240, "pdma_minutes": 60, "sensitive_period": "Nuits",
        "nominal_staff": Decimal(9), "minimal_staff": Decimal(4), "degraded_mode": "yes", "degraded_hold_minutes": 7200,
        "procedure_reference": "URG-PD-012", "paper_forms": ("Fiche de tri", "Ordonnance"), "paper_place": "Accueil",
        "downstream_activity": "Laboratoire",
    }  # fmt: skip


def test_the_registers_keep_every_field_of_their_sheets() -> None:
    for sheet, model in ((ACTIVITIES, Activity), (DEPENDENCIES, Dependency)):
        assert sorted([*register.fields(model), "finess_ej"]) == sorted(sheet.fields)


def test_a_stored_activity_goes_back_to_the_sheet_and_comes_in_unchanged() -> None:
    row, _ = activity()
    cells = ACTIVITIES.to_cells(row.values)
    typed = {column.key: as_typed(column, cells.get(column.key)) for column in ACTIVITIES.columns}
    known = replace(FACTS, existing={"Activites": {f"{DIEPPE}/URG-01 / 3": row.values}})
    again = books.result(BIA_PCRA, ACTIVITIES, known, typed)
    assert (again.status, again.changes, again.faults) == ("unchanged", {}, ())


def test_an_activity_whose_columns_are_not_all_there_keeps_what_is_stored() -> None:
    first, _ = activity()
    known = replace(FACTS, home=DIEPPE, existing={"Activites": {f"{DIEPPE}/URG-01 / 3": first.values}})
    few = replace(ACTIVITIES, columns=tuple(column for column in ACTIVITIES.columns if column.required))
    source = books.read_sheet(few, [{column.key: ACTIVITY[column.key] for column in few.columns}])
    row = check(BIA_PCRA, ReadBook((source,)), known).sheets[0].rows[0]
    assert (row.status, row.values["impact_kinds"]) == ("unchanged", ("patient", "regulatory"))


def test_what_does_not_go_with_a_value_that_the_file_lacks_says_where_that_value_is() -> None:
    first, _ = activity(nominal_staff=3, minimal_staff=2)
    known = replace(FACTS, existing={"Activites": {f"{DIEPPE}/URG-01 / 3": first.values}})
    columns = tuple(column for column in ACTIVITIES.columns if column.key != "nominal_staff")
    cells = {column.key: ACTIVITY.get(column.key) for column in columns} | {"minimal_staff": 4}
    source = books.read_sheet(replace(ACTIVITIES, columns=columns), [cells])
    row = check(BIA_PCRA, ReadBook((source,)), known).sheets[0].rows[0]
    assert (row.status, row.values["nominal_staff"]) == ("rejected", Decimal(3))
    assert [(fault.code, fault.reason, fault.remedy) for fault in row.faults] == [
        (
            "E-COH",
            "L’effectif minimal dépasse l’effectif nominal.",
            "Corrigez l’un des deux. Les colonnes absentes du fichier gardent la valeur enregistrée dans Vigie.",
        )
    ]


def test_what_does_not_go_together_in_the_file_itself_is_told_as_it_is() -> None:
    row, codes = activity(nominal_staff=3, minimal_staff=4)
    assert codes == [("E-COH", "minimal_staff")]
    assert row.faults[0].remedy == "Corrigez l’un des deux."


@pytest.mark.parametrize("key", ["perimeter_code", "number", "name", "criticality", "degraded_mode"])
def test_each_required_column_of_an_activity_must_be_answered(key: str) -> None:
    row, codes = activity(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


@pytest.mark.parametrize(
    ("text", "level"),
    [("1", "1"), (1, "1"), ("1 - vitale", "1"), ("1 – Vitale", "1"), ("VITALE", "1"), ("2-critique", "2"),
     ("Critique", "2"), (3, "3"), ("importante", "3"), ("4 - différable", "4"), ("Differable", "4"), ("Niveau 2", "2")],
)  # fmt: skip
def test_a_criticality_is_read_as_a_figure_or_a_word(text: object, level: str) -> None:
    row, codes = activity(criticality=text)
    assert (row.values["criticality"], codes) == (level, [])


@pytest.mark.parametrize("text", ["5", "Haute", "A"])
def test_a_criticality_of_another_scale_is_refused(text: str) -> None:
    row, codes = activity(criticality=text)
    assert (codes, row.status) == ([("E-LST", "criticality")], "rejected")


def test_a_criticality_that_is_only_a_colour_is_asked_in_figures() -> None:
    row, codes = activity(criticality=None)
    assert codes == [("E-REQ", "criticality")]
    assert "une couleur ne se lit pas" in row.faults[0].reason
    assert row.faults[0].remedy.startswith("Écrivez 1 (vitale), 2 (critique), 3 (importante) ou 4 (différable)")


@pytest.mark.parametrize("level", ["1", "2"])
def test_an_activity_of_the_first_two_levels_says_its_dima(level: str) -> None:
    row, codes = activity(criticality=level, dima_minutes=None)
    assert (codes, row.status) == ([("E-REQ", "dima_minutes")], "rejected")


@pytest.mark.parametrize("level", ["3", "4"])
def test_another_activity_without_dima_is_stored_as_a_gap(level: str) -> None:
    row, codes = activity(criticality=level, dima_minutes=None)
    assert (codes, row.status) == ([("G-REQ", "dima_minutes")], "new")


def test_nothing_is_said_of_the_dima_when_the_criticality_is_not_readable() -> None:
    assert activity(criticality="haute", dima_minutes=None)[1] == [("E-LST", "criticality")]


def test_a_vital_activity_that_may_stop_more_than_a_day_is_told() -> None:
    assert activity(dima_minutes="24 h")[1] == []
    row, codes = activity(dima_minutes="25 h")
    assert (codes, row.status) == ([("W-COH", "dima_minutes")], "new")
    assert activity(criticality="2", dima_minutes="25 h")[1] == []


def test_a_pdma_longer_than_the_dima_is_allowed() -> None:
    assert activity(dima_minutes="1 h", pdma_minutes="24 h")[1] == []


def test_an_impact_does_not_decrease() -> None:
    row, codes = activity(impact_72h=2)
    assert (codes, row.status) == ([("E-COH", "impact_72h")], "rejected")
    assert row.faults[0].reason == "L’impact à 72 h (2) est plus faible que l’impact à 24 h (3)."


def test_impacts_that_are_blank_compare_with_nothing() -> None:
    assert activity(impact_4h=None, impact_72h=None)[1] == []
    assert activity(impact_24h=None, impact_72h=1, impact_1w=1)[1] == [("E-COH", "impact_72h")]


@pytest.mark.parametrize("value", [5, -1, "fort", "2,5"])
def test_an_impact_is_a_whole_number_from_0_to_4(value: object) -> None:
    assert activity(impact_1w=value)[1] == [("E-NUM", "impact_1w")]


def test_natures_of_impact_are_those_of_the_list() -> None:
    assert activity(impact_kinds="soins\nIMAGE")[0].values["impact_kinds"] == ("patient", "image")
    assert activity(impact_kinds=None)[1] == []
    row, codes = activity(impact_kinds="Patient; Sportif")
    assert codes == [("E-LST", "impact_kinds")]
    assert "« Sportif »" in row.faults[0].reason


def test_the_minimal_staff_is_at_most_the_nominal_one() -> None:
    assert activity(minimal_staff=9)[1] == []
    assert activity(nominal_staff="2,5", minimal_staff="2,5")[0].values["minimal_staff"] == Decimal("2.5")
    assert activity(minimal_staff=10)[1] == [("E-COH", "minimal_staff")]
    assert activity(nominal_staff=None, minimal_staff=10)[1] == []


@pytest.mark.parametrize(
    ("dima", "held", "codes"),
    [
        ("4 h", "72 h", []),
        ("4 h", "71 h", [("W-TEN", "degraded_hold_minutes")]),
        ("5 j", "4 j", [("W-TEN", "degraded_hold_minutes")]),
        ("5 j", "5 j", []),
        (None, "48 h", [("W-TEN", "degraded_hold_minutes")]),
        ("4 h", None, []),
    ],
)
def test_a_degraded_mode_that_does_not_hold_long_enough_is_told(
    dima: str | None, held: str | None, codes: list[tuple[str, str]]
) -> None:
    row, said = activity(criticality="3", dima_minutes=dima, degraded_hold_minutes=held)
    assert [each for each in said if each[0] != "G-REQ"] == codes
    assert row.status == "new"


def test_hours_and_days_may_be_mixed_in_a_column() -> None:
    found = books.results(
        BIA_PCRA, ACTIVITIES,
        [ACTIVITY | {"number": str(rank), "dima_minutes": text} for rank, text in enumerate(("4h", "0,5 j", "30 min"), 1)],
        FACTS,
    )  # fmt: skip
    assert [row.values["dima_minutes"] for row in found] == [240, 720, 30]


def test_the_number_is_unique_in_its_perimeter_whatever_its_zeros() -> None:
    rows = [ACTIVITY, ACTIVITY | {"number": "03"}, ACTIVITY | {"perimeter_code": "URG-02"}]
    facts = replace(FACTS, references={"Perimetres": {"URG-01": (DIEPPE,), "URG-02": (DIEPPE,)}})
    found = books.results(BIA_PCRA, ACTIVITIES, rows, facts)
    assert [books.codes(row) for row in found] == [[], [("E-DUP", "B3")], []]


def test_the_same_number_in_two_establishments_is_two_activities() -> None:
    rows = [ACTIVITY | {"perimeter_code": "BIO-01", "finess_ej": number} for number in (DIEPPE, EU)]
    found = books.results(BIA_PCRA, ACTIVITIES, rows, FACTS)
    assert [(row.key, row.faults) for row in found] == [
        (f"{DIEPPE}/BIO-01 / 3", ()),
        (f"{EU}/BIO-01 / 3", ()),
    ]


def test_a_perimeter_that_two_establishments_have_must_be_told_apart() -> None:
    row, codes = activity(perimeter_code="BIO-01")
    assert (codes, row.status) == ([("E-REQ", "finess_ej")], "rejected")


def test_a_perimeter_that_is_not_imported_yet_is_to_be_attached() -> None:
    row, codes = activity(perimeter_code="PUI-01", finess_ej=DIEPPE)
    assert (codes, row.status) == ([("G-REF", "perimeter_code")], "new")


def test_a_code_that_nobody_has_is_given_to_no_establishment_by_guess() -> None:
    row, codes = activity(perimeter_code="PUI-01")
    assert (codes, row.status) == ([("E-REQ", "finess_ej"), ("G-REF", "perimeter_code")], "rejected")


def test_a_home_made_grid_with_headers_on_two_rows_is_understood() -> None:
    titles = ["Code périmètre", "N°", "Activité", "Criticité", "Impact", None, None, None, "DMIA", "Procédure dégradée"]
    under = [None, None, None, None, "4 h", "24 h", "72 h", "1 semaine", None, None]
    data = ["URG-01", 7, "Tri", "Vitale", 1, 2, 3, 4, "4h", "partiel"]
    rows = {
        number: {place: books.cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
        for number, row in enumerate((titles, under, data), 1)
    }
    report = check(BIA_PCRA, ReadBook((books.ReadSheet("BIA", rows=rows),)), FACTS)
    row = report.sheets[0].rows[0]
    assert report.sheets[0].layout == "Activites"
    assert (row.own_key, row.values["impact_1w"], row.values["dima_minutes"]) == ("URG-01 / 7", 4, 240)
    assert (row.values["criticality"], row.values["degraded_mode"], row.status) == ("1", "partial", "new")


# -------------------------------------------------------------------------------------------------------- Dependances


def test_a_clean_dependency_is_stored_as_typed() -> None:
    row, codes = dependency()
    assert codes == []
    assert (row.own_key, row.finess, row.status) == ("URG-01 / 3 / dossier patient", DIEPPE, "new")
    assert row.values == {
        "finess_ej": DIEPPE, "perimeter_code": "URG-01", "activity_number": "3", "kind": "application",
        "label": "Dossier patient", "hosting": "ght", "supplier": "Éditeur", "continuity_clause": "nc",
        "tolerated_minutes": 120, "workaround": "Poste de secours", "system_code": "DPI-01",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["perimeter_code", "kind", "label"])
def test_each_required_column_of_a_dependency_must_be_answered(key: str) -> None:
    row, codes = dependency(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


def test_a_dependency_without_activity_is_that_of_the_whole_perimeter() -> None:
    row, codes = dependency(activity_number=None)
    assert (row.own_key, row.values["activity_number"], codes) == ("URG-01 / - / dossier patient", None, [])


def test_the_same_resource_serves_several_activities_but_once_each() -> None:
    rows = [DEPENDENCY, DEPENDENCY | {"activity_number": "4"}, DEPENDENCY | {"label": "DOSSIER  Patient"}]
    found = books.results(BIA_PCRA, DEPENDENCIES, rows, STORED)
    assert [books.codes(row) for row in found] == [[], [], [("E-DUP", "D4")]]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Interface/flux", "interface"), ("biomédical", "biomedical"), ("Poste", "workstation"), ("Téléphone", "telephony"),
     ("Bâtiment", "premises"), ("Fluides", "utilities"), ("Compétences clés", "skill"), ("Prestataire", "supplier"),
     ("amont", "upstream"), ("Service aval", "downstream")],
)  # fmt: skip
def test_the_kinds_of_resource_are_known_by_their_usual_names(text: str, kind: str) -> None:
    row, codes = dependency(kind=text)
    assert (row.values["kind"], codes) == (kind, [])


def stored(number: str = "3", level: str = "2", finess: str = DIEPPE) -> Facts:
    """Facts where one activity of URG-01 is stored."""
    values = {"perimeter_code": "URG-01", "number": number, "criticality": level}
    return replace(FACTS, existing={"Activites": {f"{finess}/URG-01 / {number}": values}})


@pytest.mark.parametrize("level", ["1", "2"])
def test_an_application_that_a_critical_activity_needs_has_a_backed_up_system(level: str) -> None:
    row, codes = dependency(stored(level=level), system_code=None)
    assert (codes, row.status) == ([("G-REF", "system_code")], "new")
    assert "O2.B" in row.faults[0].reason
    assert dependency(stored(level=level))[1] == []


def test_the_number_of_an_activity_is_found_however_it_is_typed() -> None:
    assert dependency(stored(), system_code=None, activity_number="003")[1] == [("G-REF", "system_code")]
    assert dependency(stored("1.2"), system_code=None, activity_number=1.2)[1] == [("G-REF", "system_code")]


def test_an_application_of_a_whole_perimeter_serves_its_critical_activities() -> None:
    assert dependency(stored(), system_code=None, activity_number=None)[1] == [("G-REF", "system_code")]
    assert dependency(stored(level="3"), system_code=None, activity_number=None)[1] == []


@pytest.mark.parametrize("facts", [STORED, FACTS, stored(level="3"), stored(number="4"), stored(finess=EU)])
def test_nothing_is_said_of_an_activity_that_is_not_known_to_be_critical(facts: Facts) -> None:
    assert ("G-REF", "system_code") not in dependency(facts, system_code=None)[1]


def test_an_activity_that_the_perimeter_does_not_have_yet_is_to_be_attached() -> None:
    row, codes = dependency(activity_number="9")
    assert (row.status, codes) == ("new", [("G-REF", "activity_number")])
    assert "Le périmètre URG-01 n’a pas encore d’activité n° 9" in row.faults[0].reason
    assert dependency(activity_number="003")[1] == []  # 3, however it is typed
    assert dependency(activity_number=None)[1] == []
    assert dependency(perimeter_code="BIO-01", finess_ej=EU)[1] == [("G-REF", "activity_number")]
    unknown = dependency(perimeter_code="REA-01", finess_ej=DIEPPE)[1]
    assert unknown == [("G-REF", "perimeter_code")]  # said once


def test_an_activity_of_the_same_file_is_known_wherever_its_sheet_is() -> None:
    book = ReadBook(
        (
            books.read_sheet(DEPENDENCIES, [DEPENDENCY | {"activity_number": text} for text in ("3", "4")]),
            books.read_sheet(ACTIVITIES, [ACTIVITY]),
        )
    )
    assert [(fault.code, fault.cell) for fault in check(BIA_PCRA, book, FACTS).faults] == [("G-REF", "B3")]


def test_the_criticality_may_come_from_the_same_file() -> None:
    book = ReadBook(
        (
            books.read_sheet(
                DEPENDENCIES, [DEPENDENCY | {"system_code": None, "activity_number": text} for text in "34"]
            ),
            books.read_sheet(ACTIVITIES, [ACTIVITY, ACTIVITY | {"number": "4", "criticality": "3"}]),
        )
    )
    facts = stored(level="4")  # what the file says wins over what is stored
    assert [(fault.code, fault.cell) for fault in check(BIA_PCRA, book, facts).faults] == [("G-REF", "J2")]


def test_only_applications_have_a_backed_up_system() -> None:
    assert dependency(stored(), system_code=None, kind="Fournisseur")[1] == []


def test_a_code_that_cannot_be_read_gives_one_remark_only() -> None:
    assert dependency(stored(), system_code="DPI 01 bis !")[1] == [("E-TXT", "system_code")]


def test_a_system_that_is_not_imported_yet_is_to_be_attached() -> None:
    row, codes = dependency(system_code="LABO-01")
    assert (codes, row.status) == ([("G-REF", "system_code")], "new")


def test_a_crisis_contact_is_left_out_and_its_place_is_said() -> None:
    row, codes = dependency(crisis_contact="Jean DUPONT 06 39 98 01 23")
    assert (codes, row.status) == ([("W-NOM", "crisis_contact")], "new")
    assert "crisis_contact" not in row.values
    assert "KIT_ANNUAIRE_CRISE, feuille « Partenaires »" in row.faults[0].remedy
    assert "DUPONT" not in str(row) and "06" not in str(row)


def test_a_crisis_contact_that_cannot_be_read_is_not_repeated_either() -> None:
    row, codes = dependency(crisis_contact="Jean DUPONT\x07")
    assert codes == [("E-TXT", "crisis_contact"), ("W-NOM", "crisis_contact")]
    assert "DUPONT" not in str(row)


def test_a_person_is_not_a_skill() -> None:
    row, codes = dependency(kind="Compétence RH", label="Jean DUPONT")
    assert (codes, row.status, row.key) == ([("E-COH", "label")], "rejected", "")
    assert "DUPONT" not in str(row)
    assert dependency(kind="Compétence RH", label="Biologiste de garde")[1] == []
    assert dependency(kind="Fournisseur", label="Maincare Solutions")[1] == []


# --------------------------------------------------------------------------------------------------------- the workbook


def test_the_sheets_come_after_the_perimeters_they_refer_to() -> None:
    assert [sheet.name for sheet in BIA_PCRA.sheets] == ["Parties", "Perimetres", "Activites", "Dependances"]
    assert PERIMETERS.code == "code"


def test_a_perimeter_of_the_same_file_is_attached_at_once() -> None:
    perimeter = {
        "code": "PUI-01", "finess_ej": EU, "name": "Pharmacie", "kind": "Autre", "exists": "Oui", "bia": "En cours",
        "referent_function": "Pharmacien gérant", "pca": "En cours", "pra": "Absent", "next_test_on": date(2027, 3, 15),
    }  # fmt: skip
    book = ReadBook(
        (
            books.read_sheet(ACTIVITIES, [ACTIVITY | {"perimeter_code": "PUI-01"}]),
            books.read_sheet(PERIMETERS, [perimeter]),
        )
    )
    report = check(BIA_PCRA, book, FACTS)
    assert report.faults == ()
    assert [sheet.rows[0].finess for sheet in report.sheets] == [EU, EU]
