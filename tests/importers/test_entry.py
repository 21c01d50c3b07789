"""One row typed on a page: the checks of an import, versions, two people at once, what players do not read, whose row it is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import event

from compliance.models.exercise import Exercise, ExerciseAction
from compliance.models.incident import Incident
from importers import registry
from importers.registry import SHEETS
from tenants.db import db
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen
from tests.importers import desk, samples

MEMBER = at.CAPES_MEMBERS[3]
HOME = f"/etablissements/{MEMBER.finess}"
CAPES = f"/ght/{at.TWO_CAPES_CODE}"
OUTSIDER = f"/etablissements/{at.OUTSIDE[0]}"
SOON = date.today() + timedelta(days=30)
FORMED = sorted(name for name, sheet in SHEETS.items() if name != "Parties")
PLANNED = {
    "code": "EX-2027-09", "nature": "Combiné", "perimeters": "", "scenario": "Rançongiciel", "planned_on": f"{SOON:%d/%m/%Y}",
    "status": "Planifié", "label": "Perte du SI aux urgences", "storyline": "09:00 les écrans s’éteignent",
}  # fmt: skip


@pytest.fixture
def referent(sign_in):
    """The referent of an establishment of the GHT of eight."""
    return sign_in(at.REFERENT)


def version(app, table: str, key: str) -> str:
    """The identifier of the last version of a row."""
    return str(
        seen(app, f"SELECT id FROM {table} WHERE key = %s ORDER BY recorded_at DESC, id DESC LIMIT 1", key)[0]["id"]
    )


def versions(app, table: str, key: str) -> int:
    return len(seen(app, f"SELECT 1 FROM {table} WHERE key = %s", key))


def fields(page: str) -> dict[str, str]:
    """The text fields of a form with what they hold, `seen` included."""
    inputs = re.findall(r"<input[^>]*>", page)
    named = {
        m.group(1): each for each in inputs if (m := re.search(r'name="([^"]+)"', each)) and "checkbox" not in each
    }
    typed = {
        name: unescape(m.group(1)) if (m := re.search(r'value="([^"]*)"', each)) else "" for name, each in named.items()
    }
    areas = {name: unescape(text) for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)', page)}
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        picked = re.search(r'value="([^"]*)" selected', options)
        chosen[name] = unescape(picked.group(1)) if picked else ""
    ticked = re.findall(r'type="checkbox" id="[^"]*" name="([^"]+)" value="([^"]*)" checked', page)
    boxes = {name: [value for each, value in ticked if each == name] for name, _ in ticked}
    return {**typed, **areas, **chosen, **boxes}


# -------------------------------------------------------------------------------------------------------------- saving


def test_an_exercise_typed_on_the_page_is_recorded_in_its_establishment_and_audited(app, world, referent):
    answer = referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    assert answer.status_code == 302
    [row] = seen(app, "SELECT * FROM exercise WHERE key = 'EX-2027-09'")
    assert (row["establishment_id"], row["finess_list"], row["planned_on"]) == (
        world.establishments[MEMBER.finess], [MEMBER.finess], SOON,
    )  # fmt: skip
    assert (row["import_id"], row["withdrawn"]) == (None, False)
    told = words(referent.get(answer.location).text)
    assert "Exercice EX-2027-09" in told
    assert "Première version" in told
    [done] = seen(app, "SELECT payload FROM audit_event WHERE action = 'entry.saved'")
    assert str(row["id"]) in done["payload"]


def test_what_is_missing_is_told_after_saving_and_what_is_wrong_before(app, referent):
    answer = referent.post(f"{HOME}/registres/Planning/nouveau", data={**PLANNED, "planned_on": "hier", "status": ""})
    assert answer.status_code == 422
    told = words(answer.text)
    assert "3 réponses sont à corriger. Rien n’a été enregistré, votre saisie est gardée." in told
    assert fields(answer.text)["storyline"] == PLANNED["storyline"]
    assert versions(app, "exercise", "EX-2027-09") == 0
    page = words(referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED, follow_redirects=True).text)
    assert "périmètre" in page.split("Ce qui est enregistré")[0], "the gap of an exercise without a perimeter is told"


@pytest.mark.usefixtures("day_of_kits")
@pytest.mark.parametrize("workbook", registry.WORKBOOKS, ids=lambda workbook: workbook.code)
def test_a_form_left_as_it_is_changes_nothing_for_every_sheet_that_has_one(app, world, referent, workbook):
    """Whatever is recorded comes back to its form as it would be typed: a form never erases by silence."""
    desk.emptied(app)
    desk.referent(app, world).apply(samples.file(samples.of(workbook, samples.rows(MEMBER.finess))))
    before = desk.dump(app)
    for sheet in workbook.sheets:
        if sheet.name not in FORMED:
            continue
        table = sheet.record.__tablename__ if sheet.record else "perimeter"
        rows = seen(app, f"SELECT id FROM {table} WHERE establishment_id = %s", world.establishments[MEMBER.finess])
        assert rows, sheet.name
        for row in rows:
            address = f"{HOME}/registres/{sheet.name}/{row['id']}/modifier"
            answer = referent.post(address, data=fields(referent.get(address).text), follow_redirects=True)
            assert "Rien n’a changé : la ligne était déjà ainsi." in words(answer.text), sheet.name
    assert desk.dump(app) == before


def test_every_sheet_has_a_form_with_each_of_its_columns(referent, subtests):
    for name in FORMED:
        with subtests.test(name=name):
            page = referent.get(f"{HOME}/registres/{name}/nouveau")
            assert page.status_code == 200
            shown = set(
                re.findall(
                    r'(?:<div class="v-field"><label for|<fieldset class="v-field v-ticks" id)="f-([^"]+)"', page.text
                )
            )
            asked = {column.key for column in SHEETS[name].columns if not column.names_owner}
            assert shown == asked


def test_a_row_that_exists_already_is_not_written_over_by_a_new_one(app, referent):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    answer = referent.post(f"{HOME}/registres/Planning/nouveau", data={**PLANNED, "label": "Autre"})
    assert answer.status_code == 422
    assert "Une ligne du même « Code exercice » existe déjà" in words(answer.text)
    assert version(app, "exercise", "EX-2027-09") in answer.text
    assert versions(app, "exercise", "EX-2027-09") == 1


def test_a_code_that_other_lines_name_does_not_change(app, referent):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    ref = version(app, "exercise", "EX-2027-09")
    answer = referent.post(
        f"{HOME}/registres/Planning/{ref}/modifier", data={**PLANNED, "code": "EX-2027-10", "seen": ref}
    )
    assert answer.status_code == 422
    assert "Le code d’une ligne enregistrée ne se change pas" in words(answer.text)
    assert versions(app, "exercise", "EX-2027-10") == 0


def test_a_key_that_nobody_names_may_be_corrected_and_the_old_one_goes(app, referent):
    action = {"objective": "D2.O1.C", "number": "1", "finding": "BIA absent", "action": "Le faire", "due_on": f"{SOON:%d/%m/%Y}",
              "owner_function": "Cadre", "status": "À faire"}  # fmt: skip
    referent.post(f"{HOME}/registres/Plan_actions/nouveau", data=action)
    ref = version(app, "exercise_action", "D2.O1.C / 1")
    answer = referent.post(f"{HOME}/registres/Plan_actions/{ref}/modifier", data={**action, "number": "2", "seen": ref})
    assert answer.status_code == 302
    last = {key: seen(app, "SELECT withdrawn FROM exercise_action WHERE key = %s ORDER BY recorded_at DESC, id DESC LIMIT 1", key)[0]
            for key in ("D2.O1.C / 1", "D2.O1.C / 2")}  # fmt: skip
    assert [each["withdrawn"] for each in last.values()] == [True, False]


# ------------------------------------------------------------------------------------------------------ two at once


def test_what_two_people_change_at_once_is_shown_side_by_side_and_nothing_is_lost(app, referent, sign_in):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    ref = version(app, "exercise", "EX-2027-09")
    other = sign_in(at.CAPES_DSI)
    address = f"registres/Planning/{ref}/modifier"
    theirs = {**fields(other.get(f"{CAPES}/{address}").text), "label": "Perte du laboratoire"}
    assert other.post(f"{CAPES}/{address}", data=theirs).status_code == 302
    mine = {**PLANNED, "label": "Perte de l’imagerie", "seen": ref}
    answer = referent.post(f"{HOME}/{address}", data=mine)
    assert answer.status_code == 409
    told = words(answer.text)
    assert "a modifié cette ligne pendant que vous écriviez" in told
    assert "Perte de l’imagerie" in told
    assert "Perte du laboratoire" in told
    assert versions(app, "exercise", "EX-2027-09") == 2
    # The form that was given back knows the other version: keeping one's own is then a choice.
    again = {**fields(answer.text), "finess_list": MEMBER.finess}
    assert referent.post(f"{HOME}/{address}", data=again).status_code == 302
    assert seen(app, "SELECT label FROM exercise WHERE id = %s", version(app, "exercise", "EX-2027-09"))[0][
        "label"
    ] == ("Perte de l’imagerie")


# -------------------------------------------------------------------------------------------------- history, taking away


def test_a_row_taken_away_keeps_its_history_and_comes_back_as_it_was(app, referent):
    page = referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED).location
    ref = page.rsplit("/", 1)[1]
    referent.post(f"{HOME}/registres/Planning/{ref}/modifier", data={**PLANNED, "label": "Autre titre", "seen": ref})
    ref = version(app, "exercise", "EX-2027-09")
    gone = referent.post(f"{HOME}/registres/Planning/{ref}/retirer", data={"seen": ref}, follow_redirects=True)
    assert "Cette ligne est retirée" in words(gone.text)
    assert "EX-2027-09" not in words(referent.get(f"{HOME}/registres/Planning").text)
    last = version(app, "exercise", "EX-2027-09")
    back = words(
        referent.post(f"{HOME}/registres/Planning/{ref}/retablir", data={"seen": last}, follow_redirects=True).text
    )
    assert "Libellé : Perte du SI aux urgences → Autre titre" in back
    assert "Retirée" in back
    assert "EX-2027-09" in words(referent.get(f"{HOME}/registres/Planning").text)


def test_a_row_changed_meanwhile_is_not_taken_away(app, referent):
    ref = referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED).location.rsplit("/", 1)[1]
    referent.post(f"{HOME}/registres/Planning/{ref}/modifier", data={**PLANNED, "label": "Autre titre", "seen": ref})
    answer = referent.post(f"{HOME}/registres/Planning/{ref}/retirer", data={"seen": ref}, follow_redirects=True)
    assert "Cette ligne a changé depuis que vous l’avez ouverte" in words(answer.text)
    assert versions(app, "exercise", "EX-2027-09") == 2


def test_an_action_of_an_incident_is_found_from_its_page(app, world, referent):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        owner = world.establishments[MEMBER.finess]
        registers.write(
            owner,
            Incident,
            "INC-1",
            code="INC-1",
            finess_list=[MEMBER.finess],
            title="Panne",
            started_on=date(2026, 1, 20),
        )
        registers.write(owner, ExerciseAction, "INC-1 / 1", incident_code="INC-1", number="1")
    page = referent.get(f"{HOME}/registres/Incidents/{version(app, 'incident', 'INC-1')}").text
    assert f"/registres/Plan_actions/{version(app, 'exercise_action', 'INC-1 / 1')}" in page
    assert "nouveau?incident_code=INC-1" in page


# -------------------------------------------------------------------------------------------------------------- whose


def test_a_row_of_another_tenant_is_like_one_that_does_not_exist(app, world, referent, sign_in):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    ref, other = version(app, "exercise", "EX-2027-09"), sign_in(at.OUTSIDE_ADMIN)
    for path in ("", "/modifier"):
        answer = other.get(f"{OUTSIDER}/registres/Planning/{ref}{path}")
        unknown = other.get(f"{OUTSIDER}/registres/Planning/00000000-0000-7000-8000-000000000000{path}")
        assert answer.status_code == unknown.status_code == 404
    for path in ("/modifier", "/retirer", "/retablir"):
        assert (
            other.post(f"{OUTSIDER}/registres/Planning/{ref}{path}", data={**PLANNED, "seen": ref}).status_code == 404
        )
    assert versions(app, "exercise", "EX-2027-09") == 1


def test_people_have_no_form_in_the_space_of_the_ght(sign_in):
    browser = sign_in(at.CAPES_DSI)
    for name in ("Emargement", "Cellule_de_crise"):
        assert browser.get(f"{CAPES}/registres/{name}/nouveau").status_code == 404


def test_the_address_of_a_person_holds_no_name(app, referent):
    answer = referent.post(
        f"{HOME}/registres/Cellule_de_crise/nouveau",
        data={
            "role": "Directeur de crise",
            "holder": "Ada Lovelace",
            "holder_phone": "0611223344",
            "checked_on": "2026-11-01",
        },
    )
    assert answer.status_code == 302
    assert "ovelace" not in answer.location
    assert "Ada Lovelace" in words(referent.get(answer.location).text)
    assert not [each for each in seen(app, "SELECT payload FROM audit_event") if "ovelace" in each["payload"]]


# ------------------------------------------------------------------------------------------------------------- players


def test_players_do_not_read_the_scenario_before_the_day(app, referent, sign_in):
    """ANSSI REMPAR22: the facilitator's kit is kept apart from the players'; who only reads here is a player."""
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    ref = version(app, "exercise", "EX-2027-09")
    reader = sign_in("direction@marquerive.example")
    page = words(reader.get(f"{HOME}/registres/Planning/{ref}").text)
    listed = words(reader.get(f"{HOME}/registres/Planning").text)
    for told in (page, next(line for line in listed.split("EX-") if line.startswith("2027-09"))):
        assert "2027-09" in told
        assert "Rançongiciel" not in told
        assert "écrans" not in told
    exported = reader.get(f"{HOME}/registres/Planning/export.csv").text
    assert "EX-2027-09" in exported
    assert "écrans" not in exported
    found = words(reader.get(f"{HOME}/registres/Planning?q=rançongiciel").text)
    assert "Aucune ligne ne répond" in found, "not even the exercise of the past: searching is reading"
    assert "Rançongiciel" in words(referent.get(f"{HOME}/registres/Planning/{ref}").text)


# ---------------------------------------------------------------------------------------------------------------- cost


@pytest.mark.parametrize("path", ["nouveau", "{ref}", "{ref}/modifier"])
def test_the_pages_of_a_row_ask_few_questions_whatever_the_rows(app, world, referent, path):
    owner = world.establishments[MEMBER.finess]
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)

    def count() -> int:
        ref = version(app, "exercise", "EX-2027-09")
        return at.asked(app, referent, f"{HOME}/registres/Planning/{path.format(ref=ref)}")

    few = count()
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        for rank in range(30):
            registers.write(owner, Exercise, f"N-{rank}", code=f"N-{rank}")
            registers.write(owner, ExerciseAction, f"EX-2027-09 / {rank}", exercise_code="EX-2027-09", number=str(rank))
    assert count() == few <= 15


def test_a_form_of_people_reads_one_of_them_not_all(app, referent):
    """Ten thousand people are one establishment's: what a form reads does not grow with them."""
    role = {"holder": "Ada Lovelace", "holder_phone": "0611223344", "checked_on": "2026-11-01"}
    for name in ("Directeur de crise", "RSSI", "Communication"):
        assert (
            referent.post(f"{HOME}/registres/Cellule_de_crise/nouveau", data={"role": name, **role}).status_code == 302
        )
    read: list[int] = []

    def note(_connection, cursor, statement, *_rest) -> None:
        if "FROM crisis_role" in statement and statement.lstrip().startswith("SELECT"):
            read.append(cursor.rowcount)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        answer = referent.post(
            f"{HOME}/registres/Cellule_de_crise/nouveau", data={"role": "RSSI", **role, "holder": "Grace"}
        )
    finally:
        event.remove(engine, "after_cursor_execute", note)
    assert "Une ligne du même « Rôle » existe déjà" in words(answer.text)
    assert set(read) == {1}, "-1 is a register being streamed"


@pytest.mark.parametrize(("query", "number"), [
    ("exercise_code=EX-7", "1"), ("exercise_code=ex-8", "13"), ("objective=D2.O1.C", "1"), ("", ""), ("exercise_code=EX-8&number=4", "4"),
])  # fmt: skip
def test_the_next_number_is_proposed_where_a_number_tells_lines_apart(app, world, referent, query, number):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        owner = world.establishments[MEMBER.finess]
        for each in ("2", "12", "3"):
            registers.write(owner, ExerciseAction, f"EX-8 / {each}", exercise_code="EX-8", number=each)
    assert fields(referent.get(f"{HOME}/registres/Plan_actions/nouveau?{query}").text)["number"] == number


def test_the_same_line_sent_twice_by_a_double_click_is_saved_once_and_said_saved(app, referent):
    for _ in range(2):
        answer = referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
        assert answer.status_code == 302
    assert versions(app, "exercise", "EX-2027-09") == 1


def test_two_people_who_change_different_fields_erase_nothing_of_each_other(app, referent, sign_in):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    ref, other = version(app, "exercise", "EX-2027-09"), sign_in(at.CAPES_DSI)
    address = f"registres/Planning/{ref}/modifier"
    theirs = {**fields(other.get(f"{CAPES}/{address}").text), "label": "Perte du laboratoire"}
    assert other.post(f"{CAPES}/{address}", data=theirs).status_code == 302
    answer = referent.post(f"{HOME}/{address}", data={**PLANNED, "facilitator": "GRADeS", "seen": ref})
    assert answer.status_code == 409
    told = words(answer.text).split("Le nécessaire")[0]
    assert "Animateur GRADeS" in told
    assert "Perte du SI" not in told, "what the person never touched is not set against the other's"
    given = fields(answer.text)
    assert (given["label"], given["facilitator"]) == ("Perte du laboratoire", "GRADeS")
    assert referent.post(f"{HOME}/{address}", data=given).status_code == 302
    [row] = seen(app, "SELECT label, facilitator FROM exercise WHERE id = %s", version(app, "exercise", "EX-2027-09"))
    assert row == {"label": "Perte du laboratoire", "facilitator": "grades"}


def test_the_lines_taken_away_are_listed_apart(app, referent):
    ref = referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED).location.rsplit("/", 1)[1]
    referent.post(f"{HOME}/registres/Planning/{ref}/retirer", data={"seen": ref})
    gone = referent.get(f"{HOME}/registres/Planning?only=withdrawn").text
    assert "EX-2027-09" in words(gone)
    assert "1 ligne retirée." in words(gone)
    assert f"/registres/Planning/{version(app, 'exercise', 'EX-2027-09')}" in gone


def test_a_day_given_by_an_address_fills_a_field_of_dates_in(referent):
    page = referent.get(
        f"{HOME}/registres/Sessions/nouveau?starts_on=10/02/2027&ends_on=2027-02-11&title=01/02/2027"
    ).text
    given = fields(page)
    assert (given["starts_on"], given["ends_on"], given["title"]) == ("2027-02-10", "2027-02-11", "01/02/2027")


def test_a_blank_form_says_what_every_line_must_answer(referent):
    answer = referent.post(f"{HOME}/registres/Planning/nouveau", data={})
    assert answer.status_code == 422
    assert "5 réponses sont à corriger" in words(answer.text)


@pytest.mark.parametrize(("name", "typed", "title"), [
    ("Fonctions_support", {"function": "Paie", "can_run_again": "Oui"}, "Fonction support Paie"),
    ("Charte", {"service": "Bloc opératoire", "headcount": "9", "signatures": "3"}, "Service Bloc opératoire"),
])  # fmt: skip
def test_a_line_is_named_as_people_write_it(referent, name, typed, title):
    answer = referent.post(f"{HOME}/registres/{name}/nouveau", data=typed, follow_redirects=True)
    assert f"<h1>{title}</h1>" in answer.text


def test_a_name_where_a_function_is_asked_is_refused_and_the_ght_never_reads_it(app, referent, sign_in):
    """ADR 0007: functions are read beyond the establishment, names never are."""
    person = {
        "session_code": "S-1",
        "last_name": "Durand",
        "first_name": "Paulette",
        "function": "Mme Paulette Durand",
        "profile": "Soignant",
    }
    answer = referent.post(f"{HOME}/registres/Emargement/nouveau", data=person)
    assert answer.status_code == 422
    assert "semble contenir le nom d’une personne" in words(answer.text)
    held = {"exercise_code": "EX-77", "held_on": "2026-09-18", "duration_minutes": "3h", "participants": "9", "degraded_modes": "Oui",
            "functions": "Dr Jean Dupont; Cadre des urgences; Mme Martin",
            **dict.fromkeys(("management_present", "departments_present", "care_assessed"), "Oui")}  # fmt: skip
    done = referent.post(f"{HOME}/registres/Resultats/nouveau", data=held)
    assert done.status_code == 302
    [kept] = seen(app, "SELECT functions FROM exercise_result WHERE exercise_code = 'EX-77'")
    assert kept["functions"] == ["Cadre des urgences"]
    read = sign_in(at.CAPES_DSI).get(f"{CAPES}/registres/Resultats").text
    assert "Cadre des urgences" in read
    assert "Dupont" not in read


# -------------------------------------------------------------------------------------------------- files sent with a form


def test_the_proof_of_an_action_is_sent_with_its_form_and_closes_it(app, world, referent):
    action = {"objective": "D2.O1.A", "number": "9", "finding": "Annuaire introuvable", "action": "L’afficher", "due_on": f"{SOON:%d/%m/%Y}",
              "owner_function": "Cadre", "status": "Fait", "closed_on": str(date.today())}  # fmt: skip
    photo = (BytesIO(b"%PDF-1.7 affiche"), "poste de garde.pdf")
    answer = referent.post(f"{HOME}/registres/Plan_actions/nouveau", data={**action, "sent_proof_file": photo})
    assert answer.status_code == 302
    [piece] = seen(app, "SELECT * FROM evidence WHERE filename = 'poste de garde.pdf'")
    assert (piece["row_code"], piece["document_type"], piece["establishment_id"]) == (
        "D2.O1.A", "other", world.establishments[MEMBER.finess],
    )  # fmt: skip
    assert "poste de garde.pdf" in words(referent.get(answer.location).text)
    assert "Close" in words(referent.get(f"{HOME}/actions?etat=met").text)
    # Sent again, the same bytes are attached once.
    ref = version(app, "exercise_action", "D2.O1.A / 9")
    again = {
        **action,
        "proof_file": "poste de garde.pdf",
        "seen": ref,
        "sent_proof_file": (BytesIO(b"%PDF-1.7 affiche"), "poste de garde.pdf"),
    }
    assert referent.post(f"{HOME}/registres/Plan_actions/{ref}/modifier", data=again).status_code == 302
    assert len(seen(app, "SELECT 1 FROM evidence WHERE filename = 'poste de garde.pdf'")) == 1


def test_a_file_that_cannot_be_kept_keeps_the_line_from_being_saved(app, referent):
    action = {
        "objective": "D2.O1.A",
        "number": "9",
        "finding": "x",
        "action": "y",
        "due_on": f"{SOON:%d/%m/%Y}",
        "owner_function": "Cadre",
    }
    answer = referent.post(
        f"{HOME}/registres/Plan_actions/nouveau", data={**action, "sent_proof_file": (BytesIO(b""), "vide.pdf")}
    )
    assert answer.status_code == 422
    assert "« vide.pdf » est vide" in words(answer.text)
    assert versions(app, "exercise_action", "D2.O1.A / 9") == 0


def test_a_retex_sent_with_its_result_answers_the_row_on_its_own_date(app, referent):
    referent.post(f"{HOME}/registres/Planning/nouveau", data=PLANNED)
    result = {
        "exercise_code": "EX-2027-09", "held_on": "2026-09-18", "duration_minutes": "3h", "participants": "9", "degraded_modes": "Oui",
        "retex_on": "2026-10-02", "sent_retex_file": (BytesIO(b"%PDF-1.7 retex"), "retex.pdf"),
        **dict.fromkeys(("management_present", "departments_present", "care_assessed"), "Oui"),
    }  # fmt: skip
    assert referent.post(f"{HOME}/registres/Resultats/nouveau", data=result).status_code == 302
    [piece] = seen(app, "SELECT * FROM evidence WHERE filename = 'retex.pdf'")
    assert (piece["row_code"], piece["document_type"], piece["approved_on"]) == ("D2.O1.D", "retex", date(2026, 10, 2))


# ----------------------------------------------------------------------------------------------------------- perimeters


def test_a_perimeter_is_edited_by_its_form_and_keeps_its_history(app, world, referent):
    [found] = seen(app, "SELECT p.id FROM perimeter p WHERE p.establishment_id = %s AND p.code = 'URG-01'",
                   world.establishments[MEMBER.finess])  # fmt: skip
    address = f"{HOME}/registres/Perimetres/{found['id']}/modifier"
    given = fields(referent.get(address).text)
    assert given["code"] == "URG-01"
    changed = {**given, "department": "Pôle des urgences"}
    answer = referent.post(address, data=changed, follow_redirects=True)
    assert answer.status_code == 200
    told = words(answer.text)
    assert "Enregistré." in told
    assert "Pôle : " in told
    assert "Pôle des urgences" in told
    # The same form sent by somebody who still has the version of before: nothing is written over.
    late = referent.post(address, data={**given, "department": "Autre pôle"})
    assert late.status_code == 409
    assert "Autre pôle" in words(late.text)
    assert "Pôle des urgences" in words(late.text)
    # A code that activities and exercises name does not change, and a perimeter is not taken away.
    now = fields(referent.get(address).text)
    assert referent.post(address, data={**now, "code": "URG-02"}).status_code == 422
    gone = address.replace("/modifier", "/retirer")
    assert referent.post(gone, data={"seen": now["seen"]}).status_code == 404


def test_a_new_perimeter_typed_on_the_page_has_its_own_page(referent):
    row = {"code": "PSY-01", "name": "Psychiatrie", "kind": "Autre", "exists": "Oui", "referent_function": "Cadre", "bia": "En cours",
           "pca": "Absent", "pra": "Absent"}  # fmt: skip
    answer = referent.post(f"{HOME}/registres/Perimetres/nouveau", data=row, follow_redirects=True)
    assert answer.request.path == f"{HOME}/perimetres/{MEMBER.finess}/PSY-01"
    assert "Psychiatrie" in words(answer.text)
