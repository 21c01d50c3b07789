"""The rules of K1, one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers.check import Facts, Report, RowResult, check
from importers.facts import EstablishmentRef
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS, party_key
from tests.importers.kits import Member, clean_rows, facts_for, typed
from tests.importers.test_check import book_of, said

DIEPPE, EU = "760780023", "760780056"
MEMBERS = (Member(DIEPPE, "CH de Dieppe"), Member(EU, "CH de Eu"), Member(None, "EHPAD d’Envermeu"))
FACTS = facts_for(MEMBERS, sites={"760000158": DIEPPE, "760000166": EU})


def perimeter(facts: Facts = FACTS, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """The first perimeter after these cells (by key) were typed; and what is said: code and column key."""
    return _first(1, "Perimetres", facts, cells)


def party(facts: Facts = FACTS, row: int = 2, **cells: object) -> tuple[RowResult, list[tuple[str, str]]]:
    """A party after these cells were typed."""
    return _first(row - 1, "Parties", facts, cells)


def _first(rank: int, name: str, facts: Facts, cells: dict[str, object]) -> tuple[RowResult, list[tuple[str, str]]]:
    spec = BIA_PCRA.sheet(name)
    grid = typed(MEMBERS)
    for key, value in cells.items():
        grid.put(name, rank + 1, spec.column(key).header("ght"), value)
    report = check(BIA_PCRA, book_of(grid), facts)
    row = next(sheet for sheet in report.sheets if sheet.layout == name).rows[rank - 1]
    keys = {column.header("ght"): column.key for column in spec.columns}
    assert all(fault.sheet == name for fault in report.faults)
    return row, [(fault.code, keys[fault.column]) for fault in row.faults]


def test_the_lists_are_those_of_the_rules() -> None:
    for key, states in (("kind", PerimeterKind), ("bia", BiaState), ("pca", PlanState), ("pra", PlanState)):
        assert [choice.value for choice in PERIMETERS.column(key).choices] == list(states)


# ---------------------------------------------------------------------------------------------------------- Perimetres


def test_a_clean_row_is_stored_as_typed() -> None:
    row, codes = perimeter()
    assert codes == []
    assert row.values["pca_on"] == row.values["pra_on"] == date(2026, 6, 2)
    assert row.values["kind"] == "care"


@pytest.mark.parametrize(
    "key", ["code", "finess_ej", "name", "kind", "exists", "referent_function", "bia", "pca", "pra"]
)
def test_each_required_column_must_be_answered(key: str) -> None:
    row, codes = perimeter(**{key: None})
    assert ("E-REQ", key) in codes
    assert row.status == "rejected"


@pytest.mark.parametrize("state", ["Non réalisé", "Sans objet"])
def test_a_bia_that_is_absent_without_a_reason_is_an_honest_gap(state: str) -> None:
    row, codes = perimeter(bia=state, bia_on=None)
    assert codes == [("G-REQ", "bia_reason")]
    assert row.status == "new"


def test_a_bia_done_needs_its_date() -> None:
    row, codes = perimeter(bia_on=None)
    assert codes == [("E-REQ", "bia_on")]
    assert row.status == "rejected"


def test_a_bia_in_progress_needs_neither_date_nor_reason() -> None:
    assert perimeter(bia="En cours", bia_on=None)[1] == []


@pytest.mark.parametrize("key", ["bia_on", "validated_on", "last_test_on"])
def test_what_is_done_is_not_dated_in_the_future(key: str) -> None:
    row, codes = perimeter(**{key: date(2026, 11, 23)})
    assert ("E-COH", key) in codes
    assert row.status == "rejected"


def test_today_is_not_the_future() -> None:
    assert perimeter(last_test_on=date(2026, 11, 22))[1] == []


def test_a_technical_platform_must_be_named() -> None:
    assert perimeter(kind="Plateau technique")[1] == [("E-REQ", "platform")]
    row, codes = perimeter(kind="Plateau technique", platform="biologie")
    assert (row.values["platform"], codes) == ("biology", [])


def test_what_does_not_exist_is_an_answer_with_its_reason() -> None:
    row, codes = perimeter(
        exists="Non", bia=None, bia_on=None, bia_reason="Pas d’urgences ici", pca=None, pra=None, validated_on=None,
        approver=None, referent_function=None, last_test_on=None, next_test_on=None, paper_printed_on=None,
    )  # fmt: skip
    assert codes == []
    assert row.values["absence_reason"] == "Pas d’urgences ici"
    assert (row.values["bia"], row.values["pca"], row.values["pra"]) == ("not_applicable", "absent", "absent")


def test_what_does_not_exist_without_a_reason_is_a_gap() -> None:
    row, codes = perimeter(exists="Non", bia="Sans objet", bia_on=None, pca="Absent", pra="Absent", validated_on=None)
    assert codes == [("G-REQ", "bia_reason")]
    assert row.status == "new"


def test_what_does_not_exist_has_no_finished_document() -> None:
    _, codes = perimeter(exists="Non", bia_reason="fermé")
    assert codes == [("E-COH", "bia"), ("E-COH", "pca"), ("E-COH", "pra")]


@pytest.mark.parametrize(("key", "code"), [("validated_on", "E-REQ"), ("approver", "E-REQ")])
def test_an_approved_plan_has_a_date_and_an_approver(key: str, code: str) -> None:
    assert (code, key) in perimeter(**{key: None})[1]


def test_a_plan_approved_before_its_bia_is_told() -> None:
    row, codes = perimeter(validated_on=date(2026, 3, 11))
    assert codes == [("W-COH", "validated_on")]
    assert row.status == "new"


def test_the_pra_may_have_its_own_date() -> None:
    row, codes = perimeter(pra_validated_on=date(2026, 6, 9))
    assert (row.values["pca_on"], row.values["pra_on"], codes) == (date(2026, 6, 2), date(2026, 6, 9), [])


def test_the_date_of_a_plan_that_is_only_written_is_not_an_approval() -> None:
    row, codes = perimeter(pra="Rédigé")
    assert (row.values["pca_on"], row.values["pra_on"], codes) == (date(2026, 6, 2), None, [])
    row, codes = perimeter(pca="Rédigé", pra="En cours")
    assert row.values["pca_on"] is None
    assert codes == [("W-COH", "validated_on")]


def test_a_paper_copy_older_than_the_plan_is_told() -> None:
    """Dunkerque: care went on from paper; an old copy is not the plan."""
    assert perimeter(paper_printed_on=date(2026, 6, 1))[1] == [("W-PAP", "paper_printed_on")]


def test_neither_test_nor_plan_is_a_gap() -> None:
    row, codes = perimeter(last_test_on=None, next_test_on=None)
    assert codes == [("G-COH", "next_test_on")]
    assert row.status == "new"


def test_a_planned_test_whose_date_is_past_is_told() -> None:
    assert perimeter(next_test_on=date(2026, 10, 1))[1] == [("W-RET", "next_test_on")]
    assert perimeter(next_test_on=date(2026, 9, 1))[1] == []


def test_a_planned_month_is_its_last_day() -> None:
    row, codes = perimeter(next_test_on="03/2027")
    assert (row.values["next_test_on"], codes) == (date(2027, 3, 31), [("W-DAT", "next_test_on")])


def test_a_persons_name_is_set_apart_and_never_repeated() -> None:
    row, codes = perimeter(referent_function="Jean DUPONT")
    assert codes == [("W-NOM", "referent_function")]
    assert (row.values["referent_function"], row.values["referent_name"]) == (None, "Jean DUPONT")
    assert row.faults[0].value == "J… (nom masqué)"
    assert "DUPONT" not in str(row.faults)


def test_an_unreadable_referent_is_masked_too() -> None:
    row, _ = perimeter(referent_function="Jean DUPONT " * 40)
    assert "DUPONT" not in str(row.faults)


def test_a_shared_system_says_what_it_covers() -> None:
    """Puget-Théniers: members share one information system, and one plan says whom it covers."""
    row, codes = perimeter(shared=f"SIH-01; {EU}; {DIEPPE}", shared_identical="Oui")
    assert codes == []
    assert (row.values["shared_system"], row.values["covered"], row.values["shared_identical"]) == (
        "SIH-01",
        (EU,),
        True,
    )


def test_a_shared_system_must_say_whether_degraded_modes_are_the_same() -> None:
    assert perimeter(shared=f"SIH-01; {EU}")[1] == [("E-REQ", "shared_identical")]
    assert perimeter(shared=f"SIH-01; {EU}", shared_identical="Non")[1] == [("W-COH", "shared_identical")]


def test_a_shared_system_that_covers_nobody_is_told() -> None:
    assert perimeter(shared="SIH-01", shared_identical="Oui")[1] == [("W-COH", "shared")]


def test_a_shared_plan_may_cover_an_ej_of_the_candidate_that_the_uploader_cannot_write() -> None:
    facts = replace(FACTS, scope_finess={DIEPPE: FACTS.scope_finess[DIEPPE]}, group_finess=(EU,))
    grid = typed(MEMBERS[:1])
    grid.put("Perimetres", 2, "SI mutualisé", f"SIH-01; {EU}")
    grid.put("Perimetres", 2, "Modes dégradés identiques dans tous les EJ", "Oui")
    assert check(BIA_PCRA, book_of(grid), facts).faults == ()


def test_a_site_belongs_to_the_entity_of_its_row() -> None:
    assert perimeter(finess_et="760000158")[1] == []
    assert perimeter(finess_et="760000166")[1] == [("E-FIN", "finess_et")]


def test_a_proof_that_was_not_uploaded_is_a_gap_when_files_are_known() -> None:
    assert perimeter(evidence_file="PCA.pdf")[1] == []
    assert perimeter(replace(FACTS, files=()), evidence_file="PCA.pdf")[1] == [("G-REF", "evidence_file")]
    assert perimeter(replace(FACTS, files=("PCA.pdf",)), evidence_file="PCA.pdf")[1] == []


def test_the_same_service_with_a_plural_is_told() -> None:
    grid = typed(MEMBERS)
    grid.put("Perimetres", 3, "Périmètre / service*", "URGENCE adulte")
    grid.put("Perimetres", 5, "Périmètre / service*", "Urgences adultes")
    for _reading in range(2):  # what one reading met, the next has not
        report = check(BIA_PCRA, book_of(grid), FACTS)
        assert said(report) == [("W", "W-DUP", "Perimetres", "D3"), ("W", "W-DUP", "Perimetres", "D5")]
        assert {fault.reason for fault in report.faults} == {"Ce périmètre ressemble à celui de la ligne 2."}


def test_an_unreadable_cell_gives_one_remark_only() -> None:
    assert perimeter(bia_on="bientôt")[1] == [("E-DAT", "bia_on")]
    assert perimeter(pca="peut-être", pra="Absent")[1] == [("E-LST", "pca")]


# ------------------------------------------------------------------------------------------------------------- Parties


def test_an_unknown_activity_is_a_gap_and_never_zero() -> None:
    row, codes = party(ac=None, ac_year=None, source=None)
    assert codes == [("G-REQ", "ac")]
    assert row.values["ac"] is None
    assert row.status == "new"


def test_an_activity_of_zero_is_told() -> None:
    assert party(ac=0)[1] == [("W-COH", "ac")]


def test_a_negative_activity_is_refused() -> None:
    assert party(ac="(12,00)")[1] == [("E-NUM", "ac")]


@pytest.mark.parametrize("key", ["ac_year", "source"])
def test_an_activity_without_year_or_source_is_a_gap(key: str) -> None:
    assert party(**{key: None})[1] == [("G-REQ", key)]


def test_a_party_in_scope_needs_its_number() -> None:
    row, codes = party(finess=None)
    assert codes == [("E-REQ", "finess")]
    assert row.status == "rejected"


def test_a_party_without_number_is_known_by_its_name() -> None:
    row, codes = party(row=4)
    assert codes == []
    assert (row.key, row.finess, row.values["name"]) == (party_key(None, "EHPAD d'ENVERMEU"), "", "EHPAD d’Envermeu")


def test_a_party_with_neither_number_nor_name_is_kept_with_a_notice() -> None:
    row, codes = party(row=4, name=None)
    assert codes == [("W-REQ", "finess")]
    assert row.values["name"] == "Partie sans FINESS (ligne 4)"
    assert row.status == "new"


def test_a_party_out_of_scope_gives_its_reason() -> None:
    assert party(row=4, out_reason=None)[1] == [("G-REQ", "out_reason")]


def test_a_number_that_does_not_go_with_its_name_is_told() -> None:
    row, codes = party(name="Polyclinique des Alpes")
    assert codes == [("W-COH", "name")]
    assert row.values["name"] == "CH de Dieppe"


def frozen(**changes: object) -> Facts:
    """Facts after the application was filed, the first party being stored with these changes."""
    rows = clean_rows(MEMBERS)["Parties"]
    rows[0].update(changes)
    stored = {party_key(row["finess"], row["name"]): row for row in rows}
    return replace(FACTS, parties_frozen=True, existing={"Parties": stored})


def test_frozen_parties_may_be_sent_again_unchanged() -> None:
    row, codes = party(frozen())
    assert (row.status, codes) == ("unchanged", [])


def test_a_frozen_party_keeps_its_place_in_or_out_of_scope() -> None:
    row, codes = party(frozen(), in_scope="Non", out_reason="fermé")
    assert codes[0] == ("E-COH", "in_scope")
    assert "figées depuis la candidature" in row.faults[0].reason


def test_no_party_joins_after_the_application() -> None:
    facts = frozen()
    fewer = {key: row for key, row in facts.existing["Parties"].items() if key != DIEPPE}
    row, codes = party(replace(facts, existing={"Parties": fewer}))
    assert codes == [("E-COH", "finess")]
    assert row.status == "rejected"


def test_a_frozen_activity_may_be_completed_with_a_notice() -> None:
    row, codes = party(frozen(ac=None, ac_year=None, source=None))
    assert codes == [("W-COH", "ac"), ("W-COH", "ac_year"), ("W-COH", "source")]
    assert row.status == "changed"


def test_a_frozen_activity_is_not_replaced() -> None:
    row, codes = party(frozen(ac=Decimal("1.00")))
    assert codes == [("E-COH", "ac")]
    assert row.status == "rejected"


def test_a_frozen_activity_is_not_erased() -> None:
    row, codes = party(frozen(), ac=None)
    assert codes == [("G-REQ", "ac"), ("W-COH", "ac")]
    assert (row.status, row.values["ac"]) == ("unchanged", Decimal("12000.50"))


# -------------------------------------------------------------------------------------------- a candidate outside a GHT

ET1, ET2 = "760000158", "760000166"
OUTSIDE = Facts(
    scope_finess={DIEPPE: EstablishmentRef("id", DIEPPE, "Clinique du Port")},
    today=FACTS.today,
    sites={ET1: DIEPPE, ET2: DIEPPE},
    site_names={ET1: "Site du Port", ET2: "Site du Parc"},
    candidate_kind="eg",
)


def outside(facts: Facts = OUTSIDE, **cells: object) -> Report:
    """A kit of one entity and one site."""
    grid = typed((Member(DIEPPE, "Site du Port"),))
    grid.sheets["Parties"][0][0] = PARTIES.column("finess").header("eg")
    grid.sheets["Parties"][1][0] = cells.pop("party", ET1)
    for row in grid.sheets["Perimetres"][1:]:
        row[2] = cells.get("place", ET1)
    return check(BIA_PCRA, book_of(grid), facts)


def test_outside_a_ght_the_parties_are_sites_written_under_their_entity() -> None:
    report = outside()
    assert report.faults == ()
    row = report.sheets[0].rows[0]
    assert (row.key, row.finess, row.values["name"]) == (ET1, DIEPPE, "Site du Port")
    assert report.sheets[1].rows[0].values["finess_et"] == ET1


def test_outside_a_ght_an_entity_is_not_a_party() -> None:
    fault = outside(party=DIEPPE).faults[0]
    assert (fault.code, fault.column) == ("E-FIN", "FINESS ET*")
    assert "FINESS EJ" in fault.reason


def test_outside_a_ght_the_site_is_asked_when_there_are_several() -> None:
    assert {(fault.code, fault.column) for fault in outside(place=None).faults} == {("E-REQ", "FINESS ET")}


def test_outside_a_ght_a_single_site_is_filled_in() -> None:
    report = outside(replace(OUTSIDE, sites={ET1: DIEPPE}), place=None)
    assert report.faults == ()
    assert report.sheets[1].rows[0].values["finess_et"] == ET1
