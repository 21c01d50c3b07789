"""Parts: each establishment owns its own, sees no other, and the GHT reads them all in as many queries for many as for few."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.exc import ProgrammingError

from tenants.db import call, new_id
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen
from tests.factories.world import PASSWORD

CAPES, MINE = at.CAPES_MEMBERS, at.CAPES_MEMBERS[3]
PAGE, GHT = f"/etablissements/{MINE.finess}/dossier", f"/ght/{at.TWO_CAPES_CODE}/dossier"
NOTE = "Le RETEX vient après l’exercice"


def test_a_member_sees_its_own_part_and_nothing_of_the_others(world, sign_in):
    page = words(sign_in(at.REFERENT).get(PAGE).text)
    assert "Notre partie du dossier" in page
    assert "Joindre" in page
    assert not [member.name for member in CAPES if member.name != MINE.name and member.name in page]


def test_a_part_said_ready_is_read_by_the_ght_with_who_and_when_and_every_word_is_kept(app, world, sign_in):
    referent, dsi = sign_in(at.REFERENT), sign_in(at.CAPES_DSI)
    assert referent.post(f"{PAGE}/partie", data={"ready": "yes", "note": NOTE}).status_code == 302
    assert "Dite prête le" in words(referent.get(PAGE).text)
    lines = {line[0].split(" 62")[0]: line for line in rows(dsi.get(GHT).text, "Une partie par établissement")}
    assert len(lines) == len(CAPES)
    assert lines[MINE.name][3].startswith("Prête")
    assert NOTE in lines[MINE.name][3]
    # The same count on both pages: what is asked of all is asked of each.
    lacking = re.search(r"et (\d+) choses manquent", words(referent.get(PAGE).text))[1]
    assert lines[MINE.name][2].startswith(f"{lacking} choses à faire")
    referent.post(f"{PAGE}/partie", data={"ready": "no"})
    assert "8 parties : 0 dite prête, 0 pas commencée." in words(dsi.get(GHT).text)
    assert "« Le RETEX" in words(referent.get(PAGE).text)
    told = seen(app, "SELECT payload FROM audit_event WHERE action = 'dossier.part_said' ORDER BY sequence")
    assert ['"ready": true' in row["payload"] for row in told] == [True, False]


def test_both_sides_say_why_their_numbers_may_differ_and_a_member_never_says_what_blocks_the_whole(world, sign_in):
    mine, theirs = words(sign_in(at.REFERENT).get(PAGE).text), words(sign_in(at.CAPES_DSI).get(GHT).text)
    assert "ses nombres pour votre partie peuvent différer des vôtres" in mine
    assert "vos nombres peuvent différer des siens" in theirs
    assert "bloquante" in theirs
    assert "bloquante" not in mine
    assert re.search(r"\d+ éléments? attendus? sur \d+", mine)


def test_no_other_party_writes_it_and_it_is_of_no_other_candidate(app, world):
    found = {
        row["code"]: row["id"]
        for row in seen(app, "SELECT g.code, c.id FROM candidate c JOIN ght g ON g.id = c.ght_id")
    }
    before = counts(app, "dossier_part")
    mine, other = world.establishments[MINE.finess], world.establishments[CAPES[2].finess]
    for establishment, code in ((other, at.TWO_CAPES_CODE), (mine, at.ESTUARY_CODE)):
        said = {
            "p_id": new_id(),
            "p_establishment": establishment,
            "p_candidate": found[code],
            "p_ready": True,
            "p_note": "",
        }
        with pytest.raises(ProgrammingError, match="establishment"), acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
            call("record_part", **said)
    assert counts(app, "dossier_part") == before


def test_saying_it_twice_or_too_long_records_nothing(app, world, sign_in):
    referent = sign_in(at.REFERENT)
    referent.post(f"{PAGE}/partie", data={"ready": "yes"})
    before = counts(app, "dossier_part")
    referent.post(f"{PAGE}/partie", data={"ready": "yes"})
    assert "C’était déjà dit" in words(referent.get(PAGE).text)
    refused = referent.post(f"{PAGE}/partie", data={"ready": "no", "note": "x" * 501})
    assert (refused.status_code, "x" * 501 in refused.text) == (422, True)
    assert counts(app, "dossier_part") == before


def test_the_page_of_the_ght_asks_as_much_for_eight_members_as_for_three(app, world, sign_in):
    dsi, other = sign_in(at.CAPES_DSI), sign_in(at.ESTUARY_DSI)
    # Both have filed: the steps of a review are read where there is one.
    sign_in("signataire@deux-caps.example").post(f"{GHT}/transmettre", data={"confirm": "yes", "password": PASSWORD})
    with at.statements(app) as many:
        dsi.get(GHT)
    with at.statements(app) as few:
        other.get(f"/ght/{at.ESTUARY_CODE}/dossier")
    assert len(many) == len(few)


def test_a_candidature_not_open_is_said_and_nothing_can_be_said_of_the_part(app, world, sign_in):
    seen(app, "TRUNCATE candidate CASCADE")
    referent = sign_in(at.REFERENT)
    assert "n’est pas encore ouverte" in words(referent.get(PAGE).text)
    assert referent.post(f"{PAGE}/partie", data={"ready": "yes"}).status_code == 404


def test_the_agency_counts_who_has_not_begun_from_what_it_may_see(world, sign_in):
    north = words(sign_in("ars@littoral-nord.example").get("/ars/F1/portefeuille").text)
    assert (
        "2 candidats : 0 pas commencé (ni publié ni transmis), 1 a publié sans transmettre, 1 dossier transmis."
        in north
    )
    south = words(sign_in("ars@monts-du-sud.example").get("/ars/F2/portefeuille").text)
    assert (
        "2 candidats : 1 pas commencé (ni publié ni transmis), 0 a publié sans transmettre, 1 dossier transmis."
        in south
    )


def test_a_candidate_that_entered_nothing_is_told_that_it_has_not_begun(app, world, vigie, sign_in):
    for table in ("perimeter", "evidence", "exercise", "filing"):
        seen(app, f"TRUNCATE {table} CASCADE")
    seen(app, "TRUNCATE exercise_result, exercise_action, incident, activity, dependency, critical_system, backup_platform,"
         " restore_test, evidence_entry, milestone, equivalence, expense, funding, mission_letter")  # fmt: skip
    page = words(sign_in(at.CAPES_DSI).get(GHT).text)
    assert "Pas commencé : rien n’est encore saisi." in page
    assert "8 parties : 0 dite prête, 8 pas commencées." in page
