"""The page of a candidate: every number is the number of the list behind it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from compliance.models.exercise import Exercise, ExerciseAction
from compliance.models.incident import Incident
from tests.compliance.web.pages import facts, matrix, number, rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen
from tests.factories.world import PASSWORD
from tests.importers.kits import typed

CAPES, ESTUARY = f"/ght/{at.TWO_CAPES_CODE}", f"/ght/{at.ESTUARY_CODE}"
ROWS = "Dans l’ordre du texte"
SHARES = "Activité combinée \\(AC\\), part"


def mixed(members):
    """A workbook where the third party and the last one have a plan that is not approved, and one service is not there."""
    grid = typed(members)
    late = {members[2].finess, members[-1].finess}
    for line, row in enumerate(grid.sheets["Perimetres"][1:], start=2):
        if row[1] in late and row[0] == "BIO-01":
            grid.put("Perimetres", line, "PRA*", "Rédigé")
    return grid


@pytest.fixture
def capes(fill, sign_in):
    """The browser of the DSI of the GHT of eight, its establishments filled."""
    fill(at.CAPES_DSI, at.CAPES, mixed(at.CAPES_MEMBERS))
    return sign_in(at.CAPES_DSI)


def test_the_thirteen_rows_are_there_with_a_state_and_a_reason(capes):
    lines = rows(capes.get(f"{CAPES}/").text, ROWS)
    assert len(lines) == 13
    assert [line[0].split()[0] for line in lines][:5] == ["D2.P1", "D2.P2", "D2.O1.A", "D2.O1.B", "D2.O1.C"]
    assert all(line[1] and line[2] for line in lines)


def test_the_number_of_rows_met_is_the_number_of_rows_that_say_so(capes):
    page = capes.get(f"{CAPES}/").text
    assert int(facts(page)["Lignes atteintes"][0]) == sum(line[1] == "Atteint" for line in rows(page, ROWS))


def test_the_share_is_the_sum_of_the_parties_that_count(capes):
    text, href = facts(capes.get(f"{CAPES}/").text)["Activité couverte (O1.C)"]
    behind = capes.get(href).text
    lines = rows(behind, SHARES)
    total = sum(number(line[1]) for line in lines)
    covered = sum(number(line[1]) for line in lines if line[4].startswith("Oui"))
    assert len(lines) == 8
    assert 0 < covered < total
    assert text == f"{100 * covered / total:.1f} %".replace(".", ",")
    assert rows(behind, SHARES, "tfoot")[0][1:5] == [words(f"{total:,.0f}".replace(",", " ")), "", text, "6 sur 8"]


def test_the_number_of_perimeters_is_the_length_of_their_list(capes):
    text, href = facts(capes.get(f"{CAPES}/").text)["Périmètres suivis"]
    assert len(rows(capes.get(href).text, "Un périmètre")) == int(text) == 33


def test_the_number_of_pieces_is_the_sum_of_the_rows(capes):
    page = capes.get(f"{CAPES}/").text
    text, href = facts(page)["Pièces jointes"]
    assert int(text) == sum(int(line[3].split()[0]) for line in rows(capes.get(href.split("#")[0]).text, ROWS)) == 8
    assert len(rows(capes.get(f"{CAPES}/lignes/D2.P1").text, "Quatre dates")) == 8


def test_each_cell_of_the_matrix_opens_its_own_perimeters(capes):
    cells = matrix(capes.get(f"{CAPES}/").text)
    assert len(cells) == 8 * 4
    for href, text in cells[:8]:
        listed = rows(capes.get(href).text, "Un périmètre")
        shown = 1 + (int(text.split("+ ")[1].split(".")[0]) if "+ " in text else 0)
        assert len(listed) == shown, (href, text)


def test_chsf_the_matrix_keeps_the_cell_of_support_functions_that_nobody_filled_and_says_it_is_empty(fill, sign_in):
    """lessons.md, CHSF: support functions were forgotten, 5,000 payslips by hand for three months."""
    grid = typed(at.ESTUARY_MEMBERS)
    kept = [row for row in grid.sheets["Perimetres"] if row[0] != "REST-01" or row[1] == at.ESTUARY_MEMBERS[0].finess]
    grid.sheets["Perimetres"][:] = kept
    fill(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    cells = dict(matrix(sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/").text))
    empty = [href for href, text in cells.items() if "kind=support" in href and "Support / logistique : Vide" in text]
    told = {member.name for member in at.ESTUARY_MEMBERS if any(member.finess in href for href in empty)}
    assert told == {"CH du Marais", "CH de Sablonne"}


def test_a_plan_that_is_only_written_is_told_in_its_cell(capes):
    cells = dict(matrix(capes.get(f"{CAPES}/").text))
    late = next(text for href, text in cells.items() if "technical" in href and at.CAPES_MEMBERS[2].finess in href)
    assert "PRA" in late
    assert "plan en cours" in late


def test_the_gap_and_the_smallest_set_are_told_below_the_threshold(fill, sign_in):
    grid = typed(at.ESTUARY_MEMBERS)
    for line, row in enumerate(grid.sheets["Perimetres"][1:], start=2):
        if row[1] != at.ESTUARY_MEMBERS[0].finess and row[0] == "PAIE-01":
            grid.put("Perimetres", line, "PCA*", "En cours")
    fill(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/").text
    covered, total = 12000.5, 3 * 12000.5 + 3000
    assert facts(page)["Activité couverte (O1.C)"][0] == f"{100 * covered / total:.1f} %".replace(".", ",")
    assert "Écart au seuil" in facts(page)
    assert "Au plus court : CH de Sablonne suffirait" in words(page)


def test_a_missing_ac_says_so_and_is_not_counted_as_zero(fill, sign_in):
    grid = typed(at.ESTUARY_MEMBERS)
    for header in ("Activité combinée*", "Année*", "Source*"):
        grid.put("Parties", 3, header, None)
    fill(at.ESTUARY_DSI, at.ESTUARY_SCOPE, grid)
    browser = sign_in(at.ESTUARY_DSI)
    page = words(browser.get(f"{ESTUARY}/").text)
    assert "AC manquante pour CH du Marais" in page
    assert facts(browser.get(f"{ESTUARY}/").text)["Activité couverte (O1.C)"][0] == "non calculable"
    lines = {line[0].split(" 6")[0]: line[1] for line in rows(browser.get(f"{ESTUARY}/couverture").text, SHARES)}
    assert lines["CH du Marais"] == "manquante"
    assert "0,0 %" not in page


def test_the_ght_of_one_establishment_has_the_ordinary_rule_instead_of_a_share(fill, sign_in):
    fill(at.ALONE_DSI, at.ALONE_SCOPE, typed(at.ALONE_MEMBERS))
    page = sign_in(at.ALONE_DSI).get(f"/ght/{at.ALONE_CODE}/").text
    assert "Un seul établissement : la règle ordinaire" in words(page)
    assert "Activité couverte (O1.C)" not in facts(page)
    row = next(line for line in rows(page, ROWS) if line[0].startswith("D2.O1.C"))
    assert row[1] == "En cours"  # every perimeter is covered; their pieces are still to be attached
    assert "BIA réalisé" in row[2]
    assert len(matrix(page)) == 4


def test_a_candidate_outside_a_ght_has_a_line_for_each_site(fill, sign_in):
    grid = typed(at.SITE_MEMBERS)
    grid.sheets["Parties"][0][0] = "FINESS ET*"
    for row in grid.sheets["Perimetres"][1:]:
        row[0], row[1], row[2] = f"{row[0]}-{row[1][-2:]}", at.OUTSIDE[0], row[1]
    fill(at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE, grid)
    browser = sign_in(at.OUTSIDE_ADMIN)
    path = f"/etablissements/{at.OUTSIDE[0]}"
    page = browser.get(f"{path}/").text
    assert len(matrix(page)) == 3 * 4
    assert facts(page)["Activité couverte (O1.C)"][0] == "100,0 %"
    lines = rows(browser.get(f"{path}/couverture").text, SHARES)
    assert [line[0].rsplit(" 6", 1)[0] for line in lines] == [member.name for member in reversed(at.SITE_MEMBERS)]
    for href, _ in matrix(page):
        assert len(rows(browser.get(href).text, "Un périmètre")) == 1, href


def test_nothing_typed_yet_says_where_to_begin(app, world, sign_in):
    at.seen(app, "TRUNCATE pcra_coverage, perimeter_contact, pcra_version, perimeter_version, perimeter")
    page = words(sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/").text)
    assert "commencez par déposer votre tableau" in page


def test_a_referent_sees_its_own_line_and_not_the_share_of_the_ght(capes, sign_in):
    path = f"/etablissements/{at.CAPES_MEMBERS[3].finess}"
    browser = sign_in(at.REFERENT)
    page = browser.get(f"{path}/").text
    assert "Votre établissement compte pour le GHT" in words(page)
    assert len(rows(page, "Chaque périmètre")) == 4
    assert browser.get(f"{path}/couverture").status_code == 404
    assert at.CAPES_MEMBERS[0].name not in words(page)


def test_the_history_of_a_perimeter_tells_each_change(capes):
    page = words(capes.get(f"{CAPES}/perimetres/{at.CAPES_MEMBERS[2].finess}/URG-01").text)
    assert "Pôle" in page
    assert "Pôle transversal" in page


# --- queries -----------------------------------------------------------------------------------------------------

PAGES = (
    "/",
    "/couverture",
    "/perimetres",
    "/perimetres/{first}/URG-01",
    "/lignes/D2.O1.C",
    "/lignes/D2.P1",
    "/dossier",
    "/imports",
    "/?le=2026-06-01",
    "/manques",
    "/jalons",
    "/evolution",
    "/publication",
    "/referentiel",
    "/lignes/D2.O1.D",
    "/obligations",
    "/pcra",
    "/sauvegardes",
    "/exercices",
    "/actions",
    "/incidents",
    "/incidents/{first}/exemple",
)


def test_a_page_asks_as_few_questions_for_eight_establishments_as_for_three(app, fill, sign_in):
    fill(at.CAPES_DSI, at.CAPES, typed(at.CAPES_MEMBERS))
    fill(at.ESTUARY_DSI, at.ESTUARY_SCOPE, typed(at.ESTUARY_MEMBERS))
    sign_in("signataire@deux-caps.example").post(
        f"{CAPES}/dossier/transmettre", data={"confirm": "yes", "password": PASSWORD}
    )  # the other GHT has filed too
    asked = {}
    for path, email, members in (
        (CAPES, at.CAPES_DSI, at.CAPES_MEMBERS),
        (ESTUARY, at.ESTUARY_DSI, at.ESTUARY_MEMBERS),
    ):
        browser = sign_in(email)
        asked[path] = {page: at.asked(app, browser, path + page.format(first=members[0].finess)) for page in PAGES}
    assert asked[CAPES] == asked[ESTUARY]
    # A difference reads the state of two days: its questions are those of two pages, less what both share.
    assert asked[CAPES].pop("/evolution") <= 21
    # The dossier tells beside its state its parts, its builds, its filings, what the counter knows, what was found of its pieces, and its review.
    assert asked[CAPES].pop("/dossier") <= 26
    # A row tells of its pieces that no longer count, too.
    assert max(asked[CAPES].pop(page) for page in PAGES if page.startswith("/lignes/")) <= 16
    assert max(asked[CAPES].values()) <= 15, asked[CAPES]


def test_a_candidate_of_one_entity_is_answered_by_what_it_lacks_not_by_a_rule(sign_in):
    page = words(sign_in(at.ALONE_DSI).get(f"/ght/{at.ALONE_CODE}/").text)
    assert "Pas encore couvert." in page
    assert page.index("Pas encore couvert.") < page.index("Une seule entité")


# --- the working nouns -------------------------------------------------------------------------------------------


def test_each_number_of_the_day_to_day_section_is_that_of_the_list_it_opens(app, world, sign_in):
    for sheet in registers.SHEETS:
        seen(app, f"TRUNCATE {sheet.record.__tablename__}")
    first, soon, late = at.CAPES_MEMBERS[0], date.today() + timedelta(days=9), date.today() - timedelta(days=9)
    owner = world.establishments[first.finess]
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        for rank, day in enumerate((soon, soon, late)):
            code = f"EX-{rank}"
            registers.write(
                owner, Exercise, code, code=code, finess_list=[first.finess], planned_on=day, status="planned"
            )
        registers.write(
            owner, Exercise, "EX-9", code="EX-9", finess_list=[first.finess], planned_on=soon, status="cancelled"
        )
        for rank, (status, day) in enumerate(
            (("to_do", late), ("in_progress", soon), ("to_do", soon), ("done", late), ("dropped", late))
        ):
            registers.write(
                owner,
                ExerciseAction,
                f"EX-0 / {rank}",
                exercise_code="EX-0",
                number=str(rank),
                status=status,
                due_on=day,
            )
        registers.write(
            owner, Incident, "INC-1", code="INC-1", finess_list=[first.finess], started_on=late, ended_at="16:00"
        )
        registers.write(
            owner, Incident, "INC-2", code="INC-2", finess_list=[first.finess], started_on=soon, ended_at="16:00"
        )
    browser = sign_in(at.CAPES_DSI)
    told = facts(browser.get(f"{CAPES}/").text)
    expected = {
        "Exercices à venir": (2, "Le dernier d’abord"), "Actions en retard": (1, "Celles qui attendent"),
        "Actions en cours": (2, "Celles qui attendent"), "Actions faites, à prouver": (1, "Celles qui attendent"),
        "Incidents, leçons à tirer": (1, "Le dernier d’abord"),
    }  # fmt: skip
    for label, (count, caption) in expected.items():
        number, href = told[label]
        listed = rows(browser.get(href.replace("&amp;", "&").split("#")[0]).text, caption)
        assert (int(number), len(listed)) == (count, count), label
    assert told["Fonctions support sans réponse"][0] == str(4 * 8)
    number, href = told["Durée de tenue non dite"]
    assert int(number) == sum(map(int, re.findall(r'#muets-\w+">(\d+)', browser.get(href).text))) > 0
