"""The rules of K3, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from importers.base import Column, Sheet
from importers.check import Report, RowResult, check
from importers.facts import Facts
from importers.reading.sheet import ReadBook, ReadSheet
from importers.words import fold
from importers.workbooks.training import ATTENDANCE, CHARTER, SESSIONS, TARGETS, TRAINING
from importers.workbooks.training_rules import attendance_key, person_key, split_name, without_civility
from tests.importers import books
from tests.importers.kits import Member, facts_for

DIEPPE, EU = "760780023", "760780056"
STORED = {
    f"{DIEPPE}/DMCC-2026-01": {"half_days": 2},
    f"{EU}/CELL-01": {"half_days": 1},
    f"{DIEPPE}/CELL-01": {"half_days": 3},
    f"{DIEPPE}/SENS-01": {"half_days": None},
}
FACTS = facts_for(
    (Member(DIEPPE, "CH de Dieppe"), Member(EU, "CH de Eu")),
    sites={"760000158": DIEPPE, "760000166": EU},
    support=DIEPPE,
    group_code="GHT-76",
    existing={"Sessions": STORED},
    references={
        "Sessions": {"DMCC-2026-01": {DIEPPE}, "CELL-01": {DIEPPE, EU}, "SENS-01": {DIEPPE}, "NEW-01": {DIEPPE}}
    },
)
ALONE = replace(FACTS, home=EU, group_code="", support="")

SESSION = {
    "code": "DMCC-2026-09", "title": "Directeur médical de crise cyber", "kind": "DMCC", "organiser": "ARS",
    "starts_on": date(2026, 3, 10), "ends_on": date(2026, 3, 10), "half_days": 2, "hours": 7, "modality": "Présentiel",
}  # fmt: skip
PERSON = {
    "session_code": "DMCC-2026-01", "finess_ej": DIEPPE, "last_name": "DUPONT", "first_name": "Jean",
    "function": "Cadre de santé", "profile": "Soignant", "half_day_1": "Présent", "half_day_2": "Présent", "signed": "Oui",
}  # fmt: skip
SERVICE = {"finess_ej": DIEPPE, "service": "Urgences adultes", "headcount": 64, "signatures": 51}
TARGET = {"finess_ej": DIEPPE, "profile": "Soignant", "headcount": 420}


def said(sheet: Sheet, row: RowResult) -> list[tuple[str, str]]:
    """What is said of a row: code, and key of the column."""
    keys = {column.header("ght"): column.key for column in sheet.columns}
    keys |= {column.label: column.key for column in sheet.columns}
    return [(fault.code, keys[fault.column]) for fault in row.faults]


def session(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    row = books.result(TRAINING, SESSIONS, facts, SESSION, **cells)
    return row, said(SESSIONS, row)


def attendance(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    row = books.result(TRAINING, ATTENDANCE, facts, PERSON, **cells)
    return row, said(ATTENDANCE, row)


def grid(sheet: Sheet, headers: Sequence[str], *rows: Sequence[object], facts: Facts = FACTS) -> Report:
    """A home-made sheet: these headers, these rows."""
    cells = {
        number: {place: books.cell(number, place, value) for place, value in enumerate(row, 1) if value is not None}
        for number, row in enumerate((headers, *rows), 1)
    }
    return check(TRAINING, ReadBook((ReadSheet(sheet.name, rows=cells),)), facts)


def example(columns: Sequence[Column]) -> Mapping[str, object]:
    return {column.key: column.example for column in columns if column.example != ""}


# ------------------------------------------------------------------------------------------------------ specification


@pytest.mark.parametrize("sheet", TRAINING.sheets, ids=lambda sheet: sheet.name)
def test_the_example_of_the_template_is_a_row_without_remark(sheet: Sheet) -> None:
    facts = facts_for(
        (Member("760780239", "CH de l’Exemple"),), references={"Sessions": {"DMCC-2026-01": {"760780239"}}}
    )
    facts = replace(facts, home="760780239")
    row = books.result(TRAINING, sheet, facts, example(sheet.columns))
    assert (row.status, said(sheet, row)) == ("new", [])


@pytest.mark.parametrize("sheet", TRAINING.sheets, ids=lambda sheet: sheet.name)
def test_the_fields_of_a_sheet_are_the_columns_of_its_register(sheet: Sheet) -> None:
    assert sheet.record is not None
    kept = {"id", "establishment_id", "key", "withdrawn", "import_id", "undoes", "recorded_at", "recorded_by"}
    columns = {column.name for column in sheet.record.__table__.columns} - kept - {"key_digest", "digest"}
    assert set(sheet.fields) - {"finess_ej"} == columns


@pytest.mark.parametrize("sheet", TRAINING.sheets, ids=lambda sheet: sheet.name)
def test_no_header_means_two_columns(sheet: Sheet) -> None:
    names = [(fold(name), column.key) for column in sheet.columns for name in column.names()]
    owners: dict[str, set[str]] = {}
    for name, key in names:
        owners.setdefault(name, set()).add(key)
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


# ----------------------------------------------------------------------------------------------------------- sessions


def test_a_clean_session_is_stored() -> None:
    row, codes = session(finess_ej=EU, place="Salle de crise")
    assert (row.status, codes, row.key) == ("new", [], f"{EU}/DMCC-2026-09")
    assert row.values == {
        "code": "DMCC-2026-09", "title": "Directeur médical de crise cyber", "kind": "dmcc", "organiser": "ars",
        "starts_on": date(2026, 3, 10), "ends_on": date(2026, 3, 10), "half_days": 2, "hours": Decimal(7),
        "modality": "on_site", "place": "Salle de crise", "trainer": None, "signed_sheet": None, "programme": None,
        "capacity": None, "validity_months": None, "finess_ej": EU,
    }  # fmt: skip


def test_a_session_without_establishment_is_that_of_the_scope_or_of_the_support() -> None:
    assert session(ALONE)[0].finess == EU
    assert session()[0].finess == DIEPPE
    row, codes = session(replace(FACTS, support=""))
    assert (row.status, codes) == ("rejected", [("E-REQ", "finess_ej")])


def test_an_unreadable_establishment_is_not_replaced_by_the_support() -> None:
    row, codes = session(finess_ej="123")
    assert (row.finess, codes) == ("", [("E-FIN", "finess_ej")])


def test_a_new_name_is_refused_in_a_session_that_the_establishment_forgets_by_now() -> None:
    """practice.md, 1.4: names have a retention period; a file kept on a disk does not bring them back."""
    ended = {f"{DIEPPE}/DMCC-2026-01": {"half_days": 2, "ends_on": date(2025, 11, 21)}}
    facts = replace(FACTS, today=date(2026, 11, 22), existing={"Sessions": ended})
    late = "Cette session a fini il y a plus de 12 mois : l’établissement n’en garde plus les noms."
    given = replace(facts, retention={DIEPPE: 12, EU: 12})
    told, codes = attendance(given)
    assert ("E-COH", "session_code") in codes
    assert late in [fault.reason for fault in told.faults]
    # A member of the GHT went to the session of its support; nothing is refused before the day, nor where names are kept.
    assert ("E-COH", "session_code") in attendance(given, finess_ej=EU)[1]
    assert ("E-COH", "session_code") not in attendance(replace(given, retention={DIEPPE: 13, EU: 12}))[1]
    assert ("E-COH", "session_code") not in attendance(replace(given, retention={EU: 12}))[1]
    assert ("E-COH", "session_code") not in attendance(facts)[1]
    # In the scope of a member, the session of its support is told by its end alone.
    member = replace(ALONE, today=facts.today, retention={EU: 12}, existing={})
    assert ("E-COH", "session_code") not in attendance(member, finess_ej=EU)[1]
    told_end = replace(member, common_ends={"DMCC-2026-01": date(2025, 11, 21)})
    assert ("E-COH", "session_code") in attendance(told_end, finess_ej=EU)[1]
    # What is recorded already is the operator's to forget.
    known = {f"{DIEPPE}/DMCC-2026-01 / dupont jean": {"last_name": "DUPONT", "first_name": "Jean"}}
    assert ("E-COH", "session_code") not in attendance(
        replace(given, existing={"Sessions": ended, "Emargement": known})
    )[1]


def test_a_session_ends_after_it_starts() -> None:
    assert session(ends_on=date(2026, 3, 9))[1] == [("E-COH", "ends_on")]
    assert session(ends_on="on verra")[1] == [("E-DAT", "ends_on")]


@pytest.mark.parametrize(("half_days", "code"), [(None, "E-REQ"), (0, "E-COH"), (21, "E-NUM"), ("deux", "E-NUM")])
def test_a_session_has_from_1_to_20_half_days(half_days: object, code: str) -> None:
    row, codes = session(half_days=half_days)
    assert (row.status, codes) == ("rejected", [(code, "half_days")])
    assert session(half_days=20)[1] == []


@pytest.mark.parametrize("half_days", [None, 0])
def test_e_learning_is_counted_in_hours(half_days: object) -> None:
    row, codes = session(half_days=half_days, modality="E-learning", hours="1,83")
    assert (row.status, codes, row.values["hours"]) == ("new", [], Decimal("1.83"))


@pytest.mark.parametrize(("months", "kept"), [(36, 36), ("24", 24), (None, None)])
def test_a_session_says_for_how_many_months_what_was_learnt_holds(months: object, kept: int | None) -> None:
    """DMCC, Martinique: who was trained once is not trained for ever; blank says nothing, and is no gap."""
    row, codes = session(validity_months=months)
    assert (row.status, codes, row.values["validity_months"]) == ("new", [], kept)


@pytest.mark.parametrize("months", [0, 121, "longtemps"])
def test_the_months_that_a_training_holds_are_from_1_to_120(months: object) -> None:
    row, codes = session(validity_months=months)
    assert (row.status, codes) == ("rejected", [("E-NUM", "validity_months")])


def test_a_session_that_lasts_nothing_is_told_unless_it_is_online() -> None:
    row, codes = session(hours=0)
    assert (row.status, codes) == ("new", [("W-COH", "hours")])
    assert ("W-COH", "hours") not in session(hours=0, modality="E-learning", half_days=None)[1]


def test_a_service_of_the_charter_where_nobody_is_is_told() -> None:
    row = books.result(TRAINING, CHARTER, ALONE, {"service": "Fermé", "headcount": 0, "signatures": 0})
    assert (row.status, said(CHARTER, row)) == ("new", [("W-COH", "headcount")])


def test_nothing_is_asked_of_half_days_while_the_modality_is_unreadable() -> None:
    assert session(half_days=None, modality="Zoom ou salle")[1] == [("E-LST", "modality")]


def test_the_name_of_a_trainer_is_not_kept() -> None:
    row, codes = session(trainer="Pr Mathieu Raux")
    assert (row.status, codes, row.values["trainer"]) == ("new", [("W-NOM", "trainer")], None)
    assert "Raux" not in str(row.faults)


def test_files_of_a_session_that_were_not_uploaded_are_gaps() -> None:
    facts = replace(FACTS, files={"programme.pdf"})
    row, codes = session(facts, signed_sheet="emargement.pdf", programme="programme.pdf")
    assert (row.status, codes) == ("new", [("G-REF", "signed_sheet")])


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        ("kind", "directeur medical de crise cyber", "dmcc"), ("kind", "SensCyber", "awareness"), ("kind", "RPCRA", "pcra_referent"),
        ("organiser", "externe", "provider"), ("organiser", "GRADES", "grades"), ("modality", "distanciel", "remote"),
        ("modality", "FOAD", "e_learning"), ("modality", "hybride", "mixed"),
    ],
)  # fmt: skip
def test_lists_are_read_as_people_write_them(column: str, typed: str, value: str) -> None:
    assert session(**{column: typed})[0].values[column] == value


# ------------------------------------------------------------------------------------------------------------- people


def test_a_clean_attendance_is_stored_under_the_establishment_of_the_person() -> None:
    row, codes = attendance(finess_ej=EU, finess_et="760000166", certified="Oui", certified_on=date(2026, 3, 12))
    assert (row.status, codes, row.finess) == ("new", [], EU)
    assert row.own_key == "DMCC-2026-01 / dupont jean"
    assert (row.values["half_day_1"], row.values["half_day_3"], row.values["signed"]) == ("present", None, True)


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("DUPONT", "Jean"), ("Jean", "Dupont"), ("Mme DUPONT", "Jean"), ("M.Dupont", "jean"), ("Dr. Dupont", "Jéan"),
        ("M. le Pr Dupont", "Jean"), ("DUPONT Jean", None), ("Jean DUPONT", None), ("Monsieur Jean DUPONT", None),
        ("Dupont, Jean", None),
    ],
)  # fmt: skip
def test_one_person_has_one_key_whatever_the_order_the_accents_and_the_civility(last: str, first: str | None) -> None:
    row, _ = attendance(last_name=last, first_name=first)
    assert (row.status, row.own_key) == ("new", "DMCC-2026-01 / dupont jean")


def test_the_same_person_twice_is_refused_in_one_establishment_only() -> None:
    rows = books.results(
        TRAINING, ATTENDANCE,
        [PERSON, {**PERSON, "last_name": "Jean", "first_name": "Dupont"}, {**PERSON, "finess_ej": EU}], FACTS,
    )  # fmt: skip
    assert [row.status for row in rows] == ["new", "rejected", "new"]
    assert said(ATTENDANCE, rows[1]) == [("E-DUP", "last_name")]
    assert "Jean" not in str(rows[1].faults)


@pytest.mark.parametrize(
    ("last", "first", "key"),
    [
        ("Lefèvre-Œuvrard", "Anne-Sophie", "anne lefevre oeuvrard sophie"), ("D’Almeida", "Noël", "almeida d noel"),
        ("D'ALMEIDA", "NOEL", "almeida d noel"), ("Martin", "Martin", "martin martin"), ("Weiß", "Ana", "ana weiss"),
        (None, None, ""),
    ],
)  # fmt: skip
def test_the_key_of_a_person_has_folded_words_in_order(last: object, first: object, key: str) -> None:
    assert person_key(last, first) == key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mme DUPONT", "DUPONT"), ("Mme. DUPONT", "DUPONT"), ("Mlle Le Goff", "Le Goff"), ("M. LE GOFF", "LE GOFF"),
        ("M. le Professeur Raux", "Raux"), ("Dr", "Dr"), ("M.", "M."), ("M.-C.", "M.-C."), ("Martin", "Martin"),
        ("Prigent", "Prigent"), ("Drouet", "Drouet"), ("Madame Docteur Roy", "Roy"), ("MME ROY", "ROY"),
    ],
)  # fmt: skip
def test_the_civility_is_not_part_of_a_name(typed: str, kept: str) -> None:
    assert without_civility(typed) == kept


@pytest.mark.parametrize(
    ("cell", "parted"),
    [
        ("DUPONT Jean", ("DUPONT", "Jean")), ("Jean DUPONT", ("DUPONT", "Jean")),
        ("DE LA TOUR Anne Marie", ("DE LA TOUR", "Anne Marie")), ("Charles de GAULLE", ("de GAULLE", "Charles")),
        ("d’ALMEIDA Noël", ("d’ALMEIDA", "Noël")), ("DUPONT-ROY J.", ("DUPONT-ROY", "J.")),
        ("Dupont, Jean", ("Dupont", "Jean")), ("Dupont Jean", None), ("DUPONT JEAN", None), ("DUPONT", None),
        ("DUPONT Jean ROY", None), ("Dupont,", None), ("", None),
    ],
)  # fmt: skip
def test_capitals_or_a_comma_part_surname_and_first_name(cell: str, parted: tuple[str, str] | None) -> None:
    assert split_name(cell) == parted


def test_a_cell_that_holds_both_names_is_parted_with_a_notice() -> None:
    row, codes = attendance(last_name="Mme DUPONT Jeanne", first_name=None)
    assert (row.status, codes) == ("new", [("W-NOM", "last_name")])
    assert (row.values["last_name"], row.values["first_name"]) == ("DUPONT", "Jeanne")
    assert "DUPONT" not in str(row.faults).replace("DUPONT Jean.", "")


def test_a_cell_that_says_not_which_is_which_is_asked_about() -> None:
    row, codes = attendance(last_name="Dupont Jean", first_name=None)
    assert (row.status, codes) == ("rejected", [("E-REQ", "first_name")])


def test_a_home_made_sheet_may_have_one_column_for_both_names() -> None:
    report = grid(
        ATTENDANCE, ("Session", "N° FINESS", "NOM Prénom", "Métier", "Catégorie", "Matin", "Après-midi", "Signature"),
        ("DMCC-2026-01", DIEPPE, "DUPONT Jean", "IDE", "Soignant", "x", "✓", "X"),
    )  # fmt: skip
    assert [fault.code for fault in report.faults] == ["W-NOM"]
    row = report.sheets[0].rows[0]
    assert (row.status, row.values["half_day_1"], row.values["half_day_2"]) == ("new", "present", "present")


def test_the_same_home_made_sheet_again_changes_nothing() -> None:
    headers = ("Session", "N° FINESS", "Nom et prénom", "Métier", "Catégorie", "Matin", "Signature")
    for typed in ("DUPONT Jean", "Jean Dupont"):
        stored = grid(ATTENDANCE, headers, ("DMCC-2026-01", DIEPPE, "DUPONT Jean", "IDE", "Soignant", "x", "x"))
        kept = dict(stored.sheets[0].rows[0].values)
        kept["last_name"] = typed.replace("Jean", "").strip()
        facts = replace(
            FACTS, existing={**FACTS.existing, "Emargement": {f"{DIEPPE}/DMCC-2026-01 / dupont jean": kept}}
        )
        again = grid(
            ATTENDANCE, headers, ("DMCC-2026-01", DIEPPE, typed, "IDE", "Soignant", "x", "x"), facts=facts
        ).sheets[0].rows[0]  # fmt: skip
        assert (again.status, again.changes) == ("unchanged", {})


def test_an_identifier_replaces_the_name() -> None:
    row, codes = attendance(last_name=None, first_name=None, identifier="Mat-4512")
    assert (row.status, codes, row.own_key) == ("new", [], "DMCC-2026-01 / mat-4512")


def test_a_pseudonymous_sheet_needs_no_column_of_names() -> None:
    report = grid(
        ATTENDANCE, ("Code session", "FINESS EJ", "Matricule", "Fonction", "Profil", "DJ1", "Signé"),
        ("DMCC-2026-01", DIEPPE, 4512, "IDE", "Soignant", 1, "Oui"),
    )  # fmt: skip
    assert report.faults == ()
    assert report.sheets[0].rows[0].own_key == "DMCC-2026-01 / 4512"


def test_a_name_is_asked_where_no_identifier_replaces_it() -> None:
    row, codes = attendance(last_name=None)
    assert (row.status, codes) == ("rejected", [("E-REQ", "last_name")])
    report = grid(
        ATTENDANCE, ("Code session", "FINESS EJ", "Fonction", "Profil"), ("DMCC-2026-01", DIEPPE, "IDE", "Soignant")
    )
    assert [fault.code for fault in report.faults] == ["E-REQ"]
    assert report.sheets[0].rows[0].status == "rejected"


def test_no_remark_repeats_a_person() -> None:
    secret = "Zyzomys"
    row, codes = attendance(
        last_name=f"{secret} x" + "y" * 200, identifier=secret + "z" * 80, notes=secret * 100, finess_et="760000166"
    )
    assert ("E-TXT", "last_name") in codes
    assert ("E-TXT", "notes") in codes
    assert secret not in str(row.faults)


def test_the_key_lacks_without_session_or_person() -> None:
    assert attendance_key({"session_code": "S-01"}) == ""
    assert attendance_key({"last_name": "DUPONT"}) == ""


# --------------------------------------------------------------------------------------------------------- attendance


def test_a_session_that_nobody_has_yet_is_to_be_attached() -> None:
    row, codes = attendance(session_code="DMCC-2027-01")
    assert (row.status, codes) == ("new", [("G-REF", "session_code")])


def test_a_site_belongs_to_the_establishment_of_the_person() -> None:
    assert attendance(finess_et="760000166")[1] == [("E-FIN", "finess_et")]


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("x", "present"), ("X", "present"), ("✓", "present"), (1, "present"), ("P", "present"), ("signé", "present"),
        (True, "present"), ("a", "absent"), ("Absente", "absent"), (0, "absent"), ("E", "excused"), ("excusée", "excused"),
    ],
)  # fmt: skip
def test_presence_is_read_as_people_mark_it(typed: object, state: str) -> None:
    row, codes = attendance(half_day_2=typed)
    assert (row.values["half_day_2"], codes) == (state, [])


@pytest.mark.parametrize("signed", [None, "Non"])
def test_presence_without_signature_is_told(signed: str | None) -> None:
    row, codes = attendance(signed=signed)
    assert (row.status, codes) == ("new", [("W-SIG", "signed")])


def test_who_was_not_there_has_nothing_to_sign() -> None:
    assert attendance(half_day_1="Absent", half_day_2="Excusé", signed=None)[1] == []


def test_an_attestation_needs_a_presence() -> None:
    row, codes = attendance(half_day_1="Absent", half_day_2=None, signed=None, certified="Oui")
    assert (row.status, codes) == ("rejected", [("E-COH", "certified")])
    assert attendance(half_day_1="peut-être", half_day_2=None, certified="Oui")[1] == [("E-LST", "half_day_1")]


def test_the_date_of_no_attestation_is_told() -> None:
    row, codes = attendance(certified="Non", certified_on=date(2026, 3, 12))
    assert (row.status, codes) == ("new", [("W-COH", "certified_on")])


@pytest.mark.parametrize("key", ["certified_on", "attended_on"])
def test_what_was_done_is_not_dated_in_the_future(key: str) -> None:
    cells = {"certified": "Oui", "hours": 2, "attended_on": date(2026, 3, 1), key: date(2030, 1, 1)}
    assert attendance(**cells)[1] == [("E-COH", key)]


def test_e_learning_has_hours_and_a_date_instead_of_half_days() -> None:
    online = {"session_code": "SENS-01", "half_day_1": None, "half_day_2": None, "signed": None, "certified": "Oui"}
    row, codes = attendance(**online, hours="1,83", attended_on=date(2026, 3, 1))
    assert (row.status, codes, row.values["hours"]) == ("new", [], Decimal("1.83"))
    row, codes = attendance(**online, hours="1,83")
    assert (row.status, codes) == ("new", [("G-REQ", "attended_on")])
    assert attendance(**online, hours=0)[1] == [("E-COH", "certified")]


def test_presence_beyond_the_session_is_refused() -> None:
    row, codes = attendance(half_day_3="x", half_day_4="Absent", half_day_5="x")
    assert (row.status, codes) == ("rejected", [("E-COH", "half_day_3"), ("E-COH", "half_day_5")])
    assert "2 demi-journées" in row.faults[0].reason


def test_a_presence_at_a_session_still_to_come_is_told_and_kept() -> None:
    later = replace(
        FACTS, existing={"Sessions": {f"{DIEPPE}/DMCC-2026-01": {"half_days": 2, "starts_on": FACTS.today}}}
    )
    assert attendance(later)[1] == [], "it begins today"
    earlier = replace(later, today=FACTS.today - timedelta(days=1))
    row, codes = attendance(earlier)
    assert (row.status, codes) == ("new", [("W-COH", "session_code")])
    assert "n’a pas encore eu lieu" in row.faults[0].reason
    assert attendance(earlier, half_day_1="Absent", half_day_2=None)[1] == []


def test_the_session_of_the_establishment_counts_before_that_of_another() -> None:
    assert attendance(session_code="CELL-01", finess_ej=EU)[1] == [("E-COH", "half_day_2")]
    assert attendance(session_code="CELL-01", finess_ej=DIEPPE, half_day_3="x")[1] == []


@pytest.mark.parametrize("code", ["NEW-01", "SENS-01"])
def test_nothing_is_said_of_a_session_whose_length_is_not_known(code: str) -> None:
    assert attendance(session_code=code, half_day_6="x")[1] == []


def test_an_establishment_outside_the_scope_is_answered_like_an_unknown_one() -> None:
    row, codes = attendance(finess_ej="760780239")
    assert (row.status, codes) == ("rejected", [("E-FIN", "finess_ej")])


# ------------------------------------------------------------------------------------------------- charter and targets


def test_the_charter_counts_by_service() -> None:
    row = books.result(TRAINING, CHARTER, FACTS, SERVICE, service="URGENCES Adultes")
    assert (row.status, row.key, row.faults) == ("new", f"{DIEPPE}/urgences adultes", ())


def test_there_are_not_more_signatures_than_people() -> None:
    row = books.result(TRAINING, CHARTER, FACTS, SERVICE, signatures=65)
    assert (row.status, said(CHARTER, row)) == ("rejected", [("E-COH", "signatures")])
    assert books.result(TRAINING, CHARTER, FACTS, SERVICE, signatures=64).faults == ()


def test_a_target_is_one_for_each_profile() -> None:
    rows = books.results(
        TRAINING, TARGETS, [TARGET, {**TARGET, "profile": "paramédical"}, {**TARGET, "finess_ej": EU}], FACTS
    )
    assert [(row.status, row.own_key) for row in rows] == [
        ("new", "Soignant"),
        ("rejected", "Soignant"),
        ("new", "Soignant"),
    ]


@pytest.mark.parametrize(("sheet", "row"), [(CHARTER, SERVICE), (TARGETS, TARGET), (ATTENDANCE, PERSON)])
def test_the_establishment_is_asked_in_a_group_and_known_in_an_establishment(
    sheet: Sheet, row: dict[str, object]
) -> None:
    asked = books.result(TRAINING, sheet, FACTS, row, finess_ej=None)
    assert ("E-REQ", "finess_ej") in said(sheet, asked)
    assert books.result(TRAINING, sheet, ALONE, row, finess_ej=None).finess == EU
