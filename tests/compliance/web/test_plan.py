"""« PCRA et BIA »: how many plans are complete, what gives way first, what exercises contradicted."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from compliance.models.activity import Activity, Dependency
from compliance.models.backup import CriticalSystem
from compliance.models.exercise import Exercise, ExerciseResult, PlanResult
from compliance.models.plan import LinkedPlan, PcraContent, SupportFunction
from compliance.services import perimeter
from tenants.db import writing_as
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen
from tests.factories.world import PERIMETER

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
ON = "le=2026-11-22&connu=oui"
TABLES = (
    "activity", "dependency", "critical_system", "exercise", "exercise_result", "plan_result", "pcra_content", "linked_plan",
    "support_function",
)  # fmt: skip
CONTENT = {
    "owner_function": "Cadre supérieur de santé",
    "loss_system": True,
    "loss_staff": True,
    "degraded_after_minutes": 30,
    "interruption_minutes": 240,
    "capacity": Decimal(70),
    "hold_minutes": 30240,
    "relief": "Deux équipes en 12 h",
    "reviewed_on": date(2026, 6, 2),
    "next_review_on": date(2027, 6, 30),
    "linked_plans": ("PB-01", "PSE-01", "PCRI-01"),
}


@pytest.fixture
def establishments(app, world):
    """The establishments of the GHT of three, their registers emptied; the first has a complete PCRA and an HAD without one."""
    seen(app, f"TRUNCATE {', '.join(TABLES)}")
    owner = world.establishments[FIRST.finess]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        with writing_as(owner):
            paper = {"paper_copy": True, "paper_place": "PC sécurité", "printed_on": date(2026, 6, 10)}
            home = {
                **PERIMETER,
                "name": "Hospitalisation à domicile",
                "kind": "other",
                "pca": "absent",
                "pra": "absent",
            }
            perimeter.record_many(owner, [{"code": "URG-01", **PERIMETER, **paper}, {"code": "HAD-01", **home}], None)
        for code, kind in (("PB-01", "plan_blanc"), ("PSE-01", "pse"), ("PCRI-01", "pcri")):
            values = {"code": code, "kind": kind, "approved_on": date(2026, 1, 12), "review_by": date(2027, 1, 31)}
            registers.write(owner, LinkedPlan, code, **values)
        registers.write(owner, PcraContent, "URG-01", perimeter_code="URG-01", **CONTENT)
    return world.establishments


@pytest.fixture
def write(app, world, establishments):
    """Return a function that writes a row for the first establishment, or for another."""

    def give(model, key, member=FIRST, **values):
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            registers.write(establishments[member.finess], model, key, **values)

    return give


@pytest.fixture
def observed(write):
    """An exercise of 18 September that took longer than the plan promises, and found what nobody knew."""
    write(Exercise, "EX-9", code="EX-9", finess_list=(FIRST.finess,), planned_on=date(2026, 9, 15))
    write(ExerciseResult, "EX-9", exercise_code="EX-9", held_on=date(2026, 9, 18))
    values = {"degraded_after_minutes": 50, "interruption_minutes": 240, "capacity": Decimal(55)}
    found = ("Imprimante des étiquettes", "Badge du dépôt de sang")
    write(
        PlanResult, "EX-9 / URG-01", exercise_code="EX-9", perimeter_code="URG-01", dependencies_found=found, **values
    )


@pytest.fixture
def page(establishments, sign_in):
    """Return a function that gives the page of the GHT of three."""
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/pcra?{ON}&{query}").text


def listed(text: str) -> dict[str, list[str]]:
    """The lines of every establishment: code to its cells."""
    found = [line for part in text.split("<section")[1:] for line in rows(part, r"\d+(?:\s|&nbsp;|\u00a0)périmètre")]
    return {re.search(r"[A-Z]+-\d+", line[0])[0] + " " + str(place): line for place, line in enumerate(found)}


def answer(text: str) -> str:
    return words(re.search(r'<p class="v-answer.*?</p>', text, re.DOTALL)[0])


def test_the_answer_counts_complete_plans_out_of_those_that_exist(page):
    text = page()
    assert answer(text).startswith("1 PCRA complet sur 4 existants.")
    assert len(listed(text)) == 5  # the HAD has no plan
    hrefs = re.findall(r'<a class="v-fig" href="([^"]*state=.*?)">', text)
    for href, count in zip(hrefs, (1, 4), strict=True):
        assert len(listed(page(href.split("?")[1].replace("&amp;", "&")))) == count


def test_each_number_of_the_legend_is_the_length_of_its_list(page):
    text = page()
    legend = re.findall(r'<a href="([^"]*state=[^"]*)">(.*?)</a>', text, re.DOTALL)
    told = {words(label).split(" ", 1)[1]: (int(words(label).split()[0]), href) for href, label in legend}
    assert {name: count for name, (count, _) in told.items()} == {"complet": 1, "incomplets": 3, "Pas de PCRA": 1}
    for count, href in told.values():
        assert len(listed(page(href.split("?")[1].replace("&amp;", "&")))) == count


def test_a_complete_plan_shows_its_losses_its_links_and_its_next_review(page):
    [line] = listed(page("state=met")).values()
    assert line[0].startswith("Urgences adultes URG-01")
    assert line[1].startswith("Complet")
    assert line[2] == "SI, Personnel"
    assert line[3] == "Plan blanc PB-01 à jour PSE PSE-01 à jour PCRI PCRI-01 à jour"
    assert "30 min, arrêt 4 h, capacité 70 %" in line[4] and "Pas encore observé" in line[4]
    assert line[5] == "30/06/2027 revu le 02/06/2026"


def test_the_list_narrows_by_kind_establishment_state_and_what_lacks(page):
    assert [line[0].split()[0] for line in listed(page("kind=other")).values()] == ["Hospitalisation"]
    second = page(f"establishment={SECOND.finess}")
    assert f'id="pcra-{SECOND.finess}"' in second and f'id="pcra-{THIRD.finess}"' not in second
    assert len(listed(page("lack=CONTENT_MISSING"))) == 3
    assert not listed(page("lack=HOLD_MISSING"))
    assert "Aucun PCRA ne répond à ces filtres." in answer(page("lack=HOLD_MISSING"))
    assert len(listed(page("state=rien&kind=rien&lack=rien&establishment=000000000"))) == 5


# --- CHSF


def test_chsf_the_four_support_functions_are_always_shown_and_said_empty(page, write):
    lines = rows(page(f"establishment={FIRST.finess}"), "Sans informatique")
    assert [line[0].split(" Peut-on")[0] for line in lines] == [
        "Paie",
        "Facturation",
        "Achats et paiement des fournisseurs",
        "Ressources humaines",
    ]
    assert all(line[1] == "Vide" and line[2].startswith("Rien n’est dit.") for line in lines)
    assert "Peut-on reverser la paie du mois dernier, par qui, avec la banque comment ?" in lines[0][0]
    write(SupportFunction, "payroll", function="payroll", can_run_again=False)
    told = rows(page(f"establishment={FIRST.finess}"), "Sans informatique")
    assert told[0][2].startswith("Ne peut pas tourner sans informatique.")
    for line in rows(page(), "Sans informatique"):  # of the whole GHT: a line for each establishment, the four beside
        assert [cell.split()[0] for cell in line[2:]] == ["Vide"] * 3
    assert len(rows(page(), "Sans informatique")) == 3


def test_chsf_the_weakest_holding_time_is_told_with_who_and_how_many_do_not_say(page, write):
    activity = {"perimeter_code": "URG-01", "number": "1", "name": "Accueil et tri", "criticality": "1"}
    write(Activity, "URG-01 / 1", **activity, degraded_hold_minutes=720)
    text = page()
    assert f"Tenue la plus faible, {FIRST.name} : 12 h (URG-01 / 1 Accueil et tri)" in answer(text)
    assert silent(text) == ["PCRA SHARED-01 Urgences adultes"]
    assert "1 activité ou plan ne le dit pas" in answer(text)
    write(Activity, "URG-01 / 1", **activity)
    text = page()
    assert "3 semaines (PCRA URG-01 Urgences adultes) ; 2 activités ou plans ne le disent pas" in answer(text)
    assert silent(text) == ["URG-01 / 1 Accueil et tri", "PCRA SHARED-01 Urgences adultes"]


def silent(text: str) -> list[str]:
    """Who does not say how long it holds, in the first establishment: the list behind the number."""
    part = text.split(f'id="muets-{FIRST.finess}"')[1].split("</details>", maxsplit=1)[0]
    return [words(each) for each in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]


# --- trade article, September 2025


def test_trade_article_declared_against_observed_asks_for_a_revision_until_it_is_done(page, write, observed):
    [line] = [line for line in listed(page("state=at_risk")).values()]
    assert "30 min → 50 min, 20 min de plus que promis" in line[4]
    assert "70 % → 55 %, 15 points de moins que promis" in line[4]
    assert "EX-9 , 18/09/2026 : révision demandée" in line[4]
    assert len(listed(page("lack=REVISION_ASKED"))) == 1
    write(PcraContent, "URG-01", perimeter_code="URG-01", **CONTENT | {"reviewed_on": date(2026, 10, 1)})
    assert len(listed(page("state=met"))) == 1
    assert not listed(page("lack=REVISION_ASKED"))


def test_a_plan_that_failed_counts_as_to_take_up_again_and_says_so_first_even_incomplete(page, write):
    write(Exercise, "EX-9", code="EX-9", finess_list=(FIRST.finess,), planned_on=date(2026, 9, 15))
    write(ExerciseResult, "EX-9", exercise_code="EX-9", held_on=date(2026, 9, 18))
    write(PlanResult, "EX-9 / URG-01", exercise_code="EX-9", perimeter_code="URG-01", result="failure")
    write(PcraContent, "URG-01", perimeter_code="URG-01", **CONTENT | {"relief": None, "owner_function": None})
    text = page()
    assert "1 à reprendre" in words(text)
    [line] = listed(page("state=at_risk")).values()
    assert line[1].startswith("À reprendre EX-9, 18/09/2026 : échec")
    assert "Échec" in line[4]


def test_trade_article_hidden_dependencies_are_to_be_put_in_the_bia(page, write, observed):
    text = page()
    assert "Imprimante des étiquettes : Urgences adultes , découverte par EX-9" in words(text)
    assert "perimeter_code=URG-01" in text and f"finess_ej={FIRST.finess}" in text
    known = {"perimeter_code": "URG-01", "kind": "biomedical"}
    write(Dependency, "URG-01 / - / a", label="imprimante des ETIQUETTES", **known)
    write(Dependency, "URG-01 / - / b", label="Badge du dépôt de sang", **known)
    assert "Aucune : tout ce que les exercices ont découvert est au BIA." in words(page())


def test_trade_article_a_plan_that_it_leans_on_and_that_is_out_of_date_is_told(page, write):
    write(
        LinkedPlan, "PB-01", code="PB-01", kind="plan_blanc", approved_on=date(2024, 1, 12), review_by=date(2025, 1, 31)
    )
    [line] = listed(page("lack=LINK")).values()
    assert "Plan blanc PB-01 : à revoir depuis le 31/01/2025" in line[3]


# --- Puget-Théniers


def test_puget_theniers_a_perimeter_outside_the_walls_is_listed_like_a_ward(page):
    [line] = listed(page("state=missing")).values()
    assert line[0] == "Hospitalisation à domicile HAD-01, Autre"
    assert "Pas de PCRA : ni PCA ni PRA commencé." in line[1]


def test_puget_theniers_a_mutualised_plan_is_told_where_it_is_and_where_it_serves(page):
    text = page()
    assert f"Mutualisé : {SECOND.name}" in words(text)
    [covered] = re.findall(r'<p class="v-rule v-below">(.*?)</p>', text, re.DOTALL)
    assert (
        words(covered) == f"Urgences adultes (SHARED-01) : couvert par le PCRA mutualisé de {FIRST.name} . SI commun."
    )


# --- conflicts, rights, questions


def test_a_delay_that_cannot_be_kept_is_listed_with_the_two_rows_that_say_so(page, write):
    write(Activity, "URG-01 / 1", perimeter_code="URG-01", number="1", name="Tri", criticality="1", dima_minutes=120)
    write(CriticalSystem, "DPI-01", code="DPI-01", application="Dossier patient", rto_minutes=480, frequency_minutes=60)
    values = {"perimeter_code": "URG-01", "activity_number": "1", "kind": "application", "label": "DPI"}
    write(Dependency, "URG-01 / 1 / dpi", **values, system_code="DPI-01")
    text = page()
    assert "URG-01 / 1 Tri : DIMA de 2 h, Dossier patient (DPI-01) revient en 8 h." in words(text)
    section = text.split('id="conflits"')[1].split("</section>")[0]
    assert "/registres/Dependances/" in section and "/registres/SI_critiques/" in section


def test_the_page_of_a_perimeter_shows_its_promises_and_its_activities(write, observed, sign_in):
    values = {"impact_4h": 2, "impact_24h": 3, "impact_72h": 4, "dima_minutes": 240, "pdma_minutes": 60}
    staff = {"nominal_staff": Decimal(9), "minimal_staff": Decimal("4.5"), "degraded_mode": "partial"}
    write(Activity, "URG-01 / 1", perimeter_code="URG-01", number="1", name="Tri", criticality="1", **values, **staff)
    text = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/perimetres/{FIRST.finess}/URG-01?{ON}").text
    assert "Réviser le plan après EX-9." in words(text)
    [line] = rows(text, "Impact d’un arrêt")
    assert line == [
        "Tri n° 1", "1, vitale", "2", "3", "4", "?", "4 h", "1 h", "9 minimum 4,5",
        "Partiel tient un temps non renseigné",
    ]  # fmt: skip


def test_a_member_reads_its_own_plans_and_who_only_reads_is_offered_no_form(world, sign_in):
    member = at.CAPES_MEMBERS[3]
    for email, writes in ((at.REFERENT, True), ("direction@marquerive.example", False)):
        answered = sign_in(email).get(f"/etablissements/{member.finess}/pcra")
        assert answered.status_code == 200
        assert ("/registres/Fonctions_support/nouveau" in answered.text or "/modifier" in answered.text) is writes
        told = words(answered.text)
        assert not [each.name for each in at.CAPES_MEMBERS if each is not member and each.name in told]


def test_what_was_not_yet_known_or_held_is_not_told_of_a_past_day(page, observed, sign_in):
    past = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/pcra?le=2026-09-17&connu=oui").text
    assert "EX-9" not in words(past)
    assert len(listed(past)) == 5


def test_the_page_asks_as_few_questions_for_eight_establishments_as_for_three(app, world, sign_in):
    sent = {}
    for path, email, member in (
        (f"/ght/{at.TWO_CAPES_CODE}", at.CAPES_DSI, at.CAPES_MEMBERS[0]),
        (ESTUARY, at.ESTUARY_DSI, FIRST),
    ):
        browser = sign_in(email)
        for page in ("/pcra", f"/perimetres/{member.finess}/URG-01"):
            sent[path, page[:5]] = at.asked(app, browser, f"{path}{page}")
    assert sent[f"/ght/{at.TWO_CAPES_CODE}", "/pcra"] == sent[ESTUARY, "/pcra"]
    assert max(sent.values()) <= 15, sent
