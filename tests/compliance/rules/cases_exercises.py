"""O1.D: a field test of a PCA in the operational phase, in parties that hold 66 %, and days for the other plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance.rules.exercise import Nature
from compliance.rules.perimeter import PlanState
from compliance.rules.verdict import State
from tests.compliance.rules.case import case
from tests.compliance.rules.facts import (
    BEFORE,
    HELD,
    LATER,
    ON,
    days,
    equivalence,
    exercise,
    in_order,
    minimal,
    opinion,
    outside_ght,
    party,
    perimeter,
    planned,
    with_party,
    with_perimeter,
    with_piece,
    without,
)

if TYPE_CHECKING:
    from compliance.rules.exercise import Exercise
    from compliance.rules.facts import Facts

MET, IN_PROGRESS, MISSING = State.MET, State.IN_PROGRESS, State.MISSING
TO_CONFIRM, NOT_COMPUTABLE = State.TO_CONFIRM, State.NOT_COMPUTABLE
DUO = (party("A", "66"), party("B", "34"))


def only(*exercises: Exercise, filed: date | None = None, **changes: Any) -> Facts:
    """CH A holds 66 %: its exercises decide."""
    return in_order(parties=DUO, exercises=exercises, dates=days(declaration_filed=filed), **changes)


def tried(filed: date | None = None, **changes: Any) -> Facts:
    """CH A held one exercise on its care plan, of which one thing is changed."""
    return only(exercise(parties="A", **changes), filed=filed)


def alone(*exercises: Exercise, **changes: Any) -> Facts:
    return in_order(parties=(party("A", None),), exercises=exercises, **changes)


def said(*opinions: Any, **changes: Any) -> Facts:
    return replace(tried(**changes), opinions=opinions)


def shared(why: str) -> Facts:
    """One exercise on the care plan of CH A, listed for CH A and CH B, whom that plan serves."""
    facts = in_order(exercises=(exercise(parties="AB", perimeters=frozenset({"SOI-A"})),))
    serves = replace(minimal("A")[0], party="B", inherited_from="A", justification=why)
    return replace(facts, perimeters=(*facts.perimeters, serves))


REAL = {"nature": Nature.REAL_EVENT}
SHARED = {"inherited_from": "B", "party": "A"}
SITES = outside_ght(party("A", "66"), party("B", "34"))

NATURES = [
    case("O1.D", "test terrain complet, EJ portant 66 %", tried(), MET, "SHARE_REACHED", "FIELD_TEST_COUNTS"),
    case("O1.D", "exercice combiné", tried(nature=Nature.COMBINED), MET, "FIELD_TEST_COUNTS"),
    case("O1.D", "cellule de crise : ne compte pas", tried(nature=Nature.CRISIS_CELL), MISSING, "NOT_A_FIELD_TEST",
         says="« Exercice cellule de crise » n’est pas un test terrain d’un PCA"),
    case("O1.D", "exercice régional : ne compte pas", tried(nature=Nature.REGIONAL), MISSING, "NOT_A_FIELD_TEST"),
    case("O1.D", "exercice régional sans RETEX : rien ne le rattrape", tried(nature=Nature.REGIONAL, retex_file=""), MISSING,
         "NOT_A_FIELD_TEST", "RETEX_MISSING"),
    case("O1.D", "nature inconnue", tried(nature=None), IN_PROGRESS, "NATURE_UNKNOWN"),
    case("O1.D", "aucun exercice", only(), MISSING, "NO_FIELD_TEST"),
    case("O1.D", "événement réel : le réviseur décide", tried(**REAL), IN_PROGRESS, "REAL_EVENT",
         says="proposée comme test, le réviseur décide", never=("FIELD_TEST_COUNTS",)),
    case("O1.D", "événement réel, une seule EJ : à confirmer", alone(exercise(parties="A", **REAL)), TO_CONFIRM, "REAL_EVENT",
         action="Proposer l’événement au réviseur"),
    case("O1.D", "événement réel, une seule EJ, pièces absentes",
         without(alone(exercise(parties="A", **REAL)), "O1.D"), IN_PROGRESS, "REAL_EVENT", "PIECE_EXPECTED"),
    case("O1.D", "événement réel sans scénario : une panne n’en a pas", alone(exercise(parties="A", scenario_file="", **REAL)),
         TO_CONFIRM, "REAL_EVENT", never=("SCENARIO_MISSING",)),
    case("O1.D", "événement réel sans RETEX", tried(retex_file="", **REAL), IN_PROGRESS, "RETEX_MISSING",
         never=("REAL_EVENT",)),
    case("O1.D", "événement réel avant la phase", tried(held_on=date(2025, 7, 15), **REAL), MISSING, "BEFORE_PHASE"),
    case("O1.D", "événement réel, avis favorable", said(opinion("O1.D", "EX-1"), **REAL), MET, "OPINION_FAVOURABLE",
         "FIELD_TEST_COUNTS", says="Avis favorable sur EX-1, ARS, le 01/10/2026"),
    case("O1.D", "événement réel accepté : la phrase ne parle pas de scénario",
         said(opinion("O1.D", "EX-1"), scenario_file="", **REAL), MET,
         says="activation réelle acceptée comme test terrain d’un PCA, avec RETEX et plan d’amélioration"),
    case("O1.D", "événement réel, avis défavorable", said(opinion("O1.D", "EX-1", favourable=False), **REAL), IN_PROGRESS,
         "OPINION_UNFAVOURABLE", never=("FIELD_TEST_COUNTS",)),
    case("O1.D", "événement réel, avis favorable rendu demain", said(opinion("O1.D", "EX-1", given_on=LATER), **REAL),
         IN_PROGRESS, "REAL_EVENT", never=("OPINION_FAVOURABLE",)),
    case("O1.D", "événement réel, avis favorable sur un autre exercice", said(opinion("O1.D", "EX-2"), **REAL), IN_PROGRESS,
         "REAL_EVENT"),
]  # fmt: skip

PHASE = [
    case("O1.D", "tenu le 15/07/2025, veille de la phase", tried(held_on=date(2025, 7, 15)), MISSING, "BEFORE_PHASE",
         says="avant la phase opérationnelle, ouverte le 16/07/2025"),
    case("O1.D", "tenu le 16/07/2025, premier jour de la phase", tried(held_on=date(2025, 7, 16)), MET, "FIELD_TEST_COUNTS"),
    case("O1.D", "tenu le jour de la déclaration", tried(filed=HELD), MET, "FIELD_TEST_COUNTS"),
    case("O1.D", "tenu le lendemain de la déclaration", tried(filed=date(2026, 9, 17)), MISSING, "AFTER_PHASE",
         says="après la déclaration du 17/09/2026", action="Planifier un test terrain d’un PCA : CH A"),
    case("O1.D", "déclaration à venir : la phase est ouverte", tried(held_on=ON, filed=LATER), MET),
    case("O1.D", "tenu demain : pas encore un test", tried(held_on=LATER), IN_PROGRESS, never=("FIELD_TEST_COUNTS",)),
]  # fmt: skip

CONTENT = [
    case("O1.D", "scénario absent", tried(scenario_file=""), IN_PROGRESS, "SCENARIO_MISSING"),
    case("O1.D", "RETEX absent", tried(retex_file=""), IN_PROGRESS, "RETEX_MISSING", action="Déposer le RETEX"),
    case("O1.D", "RETEX sans plan d’amélioration", tried(actions=0), IN_PROGRESS, "NO_IMPROVEMENT_PLAN"),
    case("O1.D", "une seule action suffit à un plan d’amélioration", tried(actions=1), MET),
    case("O1.D", "aucun périmètre testé", tried(perimeters=frozenset()), IN_PROGRESS, "NO_PERIMETER"),
    case("O1.D", "périmètre d’une autre EJ", tried(perimeters=frozenset({"SOI-B"})), IN_PROGRESS, "NOT_OF_PARTY"),
    case("O1.D", "PCA du périmètre testé absent", with_perimeter(tried(), "SOI-A", pca=PlanState.ABSENT), IN_PROGRESS, "NO_PCA",
         says="pas de PCA écrit pour SOI-A"),
    case("O1.D", "PCA du périmètre testé en cours d’écriture", with_perimeter(tried(), "SOI-A", pca=PlanState.IN_PROGRESS),
         IN_PROGRESS, "NO_PCA"),
    case("O1.D", "périmètre testé qui n’existe plus ici", with_perimeter(tried(), "SOI-A", exists=False), IN_PROGRESS,
         "NOT_OF_PARTY"),
    case("O1.D", "PCRA partagé, justification écrite", with_perimeter(tried(), "SOI-A", justification="même DPI", **SHARED), MET),
    case("O1.D", "PCRA partagé sans justification", with_perimeter(tried(), "SOI-A", **SHARED), IN_PROGRESS,
         "SHARING_UNJUSTIFIED", says="justification écrite manquante"),
    case("O1.D", "direction absente : une remarque, pas un refus", tried(management=False), MET, "MANAGEMENT_ABSENT",
         "FIELD_TEST_COUNTS", says="remarque sans effet sur O1.D"),
    case("O1.D", "directions métiers absentes : sans effet", tried(departments=False), MET, "FIELD_TEST_COUNTS"),
    case("O1.D", "prise en charge non évaluée : sans effet", tried(care_assessed=False), MET, "FIELD_TEST_COUNTS"),
    case("O1.D", "procédures dégradées non déroulées : le réviseur le lira", tried(degraded_modes="no"), MET,
         "DEGRADED_MODES_NOT_RUN"),
    case("O1.D", "tout ce qui manque est dit d’un coup", tried(scenario_file="", retex_file="", perimeters=frozenset()),
         IN_PROGRESS, "SCENARIO_MISSING", "RETEX_MISSING", "NO_PERIMETER"),
    case("O1.D", "avis défavorable sur un test complet", said(opinion("O1.D", "EX-1", favourable=False)), IN_PROGRESS,
         "OPINION_UNFAVOURABLE", action="Répondre à l’avis sur EX-1"),
    case("O1.D", "avis défavorable puis favorable : le dernier l’emporte",
         said(opinion("O1.D", "EX-1", favourable=False), opinion("O1.D", "EX-1", given_on=date(2026, 10, 15))), MET,
         "OPINION_FAVOURABLE", never=("OPINION_UNFAVOURABLE",)),
    case("O1.D", "avis favorable puis défavorable",
         said(opinion("O1.D", "EX-1"), opinion("O1.D", "EX-1", favourable=False, given_on=date(2026, 10, 15))), IN_PROGRESS,
         "OPINION_UNFAVOURABLE"),
    case("O1.D", "avis défavorable sur un test, un autre test compte",
         replace(only(exercise(parties="A"), exercise("EX-2", "A")), opinions=(opinion("O1.D", "EX-1", favourable=False),)), MET,
         says="EX-2, 18/09/2026 : test terrain d’un PCA"),
    case("O1.D", "avis défavorable sur la ligne entière", said(opinion("O1.D", favourable=False)), IN_PROGRESS,
         "OPINION_UNFAVOURABLE", "FIELD_TEST_COUNTS"),
    case("O1.D", "un avis favorable ne remplace pas le RETEX", said(opinion("O1.D", "EX-1"), retex_file=""), IN_PROGRESS,
         "RETEX_MISSING"),
]  # fmt: skip

TO_COME = [
    case("O1.D", "prévu dans l’avenir", only(planned(date(2026, 11, 27), parties="A")), IN_PROGRESS, "EXERCISE_PLANNED",
         says="EX-1 : prévu le 27/11/2026", action="Tenir EX-1 le 27/11/2026"),
    case("O1.D", "prévu le jour de la clôture", only(planned(date(2026, 11, 30), parties="A")), IN_PROGRESS, "EXERCISE_PLANNED"),
    case("O1.D", "prévu après la clôture des déclarations", only(planned(date(2026, 12, 1), parties="A")), IN_PROGRESS,
         "PLANNED_TOO_LATE", says="après la clôture des déclarations du 30/11/2026", action="Avancer EX-1 avant le 30/11/2026"),
    case("O1.D", "prévu ce jour", only(planned(ON, parties="A")), IN_PROGRESS, "EXERCISE_PLANNED"),
    case("O1.D", "prévu hier, sans résultat", only(planned(date(2026, 11, 21), parties="A")), IN_PROGRESS, "RESULT_MISSING",
         says="prévu le 21/11/2026, sans résultat", action="Saisir le résultat de EX-1"),
    case("O1.D", "annulé", only(planned(LATER, parties="A", cancelled=True)), MISSING, "EXERCISE_CANCELLED"),
    case("O1.D", "reporté : c’est la nouvelle date qui est dite", only(planned(date(2027, 1, 14), parties="A")), IN_PROGRESS,
         "PLANNED_TOO_LATE", says="prévu le 14/01/2027"),
    case("O1.D", "reporté sans nouvelle date", only(planned(None, parties="A")), IN_PROGRESS, says="EX-1 : sans date",
         action="Dater EX-1"),
    case("O1.D", "cellule de crise à venir", only(planned(LATER, parties="A", nature=Nature.CRISIS_CELL)), MISSING,
         "NOT_A_FIELD_TEST", says="ne sera pas un test terrain"),
    case("O1.D", "un test annulé n’efface pas celui qui compte",
         only(exercise(parties="A"), planned(LATER, "EX-2", parties="A", cancelled=True)), MET),
]  # fmt: skip

SHARES = [
    case("O1.D", "une EJ de 50 %", in_order(exercises=(exercise(parties="A"),)), IN_PROGRESS, "SHARE_BELOW",
         says="50,0 % de l’activité combinée testée, seuil de 66 % : il manque 16,0 points"),
    case("O1.D", "un seul exercice pour deux EJ, 80 %", in_order(exercises=(exercise(parties="AB"),)), MET, says="80,0 %"),
    case("O1.D", "deux exercices pour deux EJ", in_order(exercises=(exercise(parties="A"), exercise("EX-2", "C"))), MET,
         says="70,0 %"),
    case("O1.D", "EJ citée par l’exercice, aucun de ses périmètres testé",
         in_order(exercises=(exercise(parties="AB", perimeters=frozenset({"SOI-A"})),)), IN_PROGRESS, "NOT_OF_PARTY",
         says="50,0 %"),
    case("O1.D", "un PCRA de CH A qui sert CH B, un exercice pour les deux, justification écrite", shared("même DPI, mêmes modes"),
         MET, says="80,0 %"),
    case("O1.D", "un PCRA de CH A qui sert CH B, sans justification écrite", shared(""), IN_PROGRESS, "SHARING_UNJUSTIFIED",
         says="50,0 %", never=("NOT_OF_PARTY",)),
    case("O1.D", "AC d’une EJ manquante", with_party(in_order(), "C", ac=None), NOT_COMPUTABLE, "AC_MISSING"),
    case("O1.D", "une seule EJ : règle ordinaire à confirmer", alone(exercise(parties="A")), MET, "SINGLE_TO_CONFIRM"),
    case("O1.D", "hors GHT, un EG", outside_ght(), MET, "SINGLE_TO_CONFIRM"),
    case("O1.D", "hors GHT, l’EG testé porte 66 %", replace(SITES, exercises=(exercise(parties="A"),)), MET, says="66,0 %"),
    case("O1.D", "hors GHT, l’EG testé porte 34 %", replace(SITES, exercises=(exercise(parties="B"),)), IN_PROGRESS,
         says="34,0 %"),
    case("O1.D", "équivalence de tout le candidat : plus rien à planifier",
         replace(with_perimeter(only(), "ADM-A", next_test_on=None), equivalences=(equivalence("O1.D"),)), MET, "EQUIVALENCE",
         never=("TEST_UNDATED",)),
]  # fmt: skip

SCHEDULE = [
    case("O1.D", "un autre PCA sans date de test", with_perimeter(tried(), "ADM-A", next_test_on=None), IN_PROGRESS,
         "TEST_UNDATED", says="ans date de test : ADM-A", action="Dater le test : ADM-A"),
    case("O1.D", "un autre PCA dont la date de test est passée",
         with_perimeter(tried(), "ADM-A", next_test_on=date(2026, 11, 21)), IN_PROGRESS, "TEST_DATE_PASSED"),
    case("O1.D", "un autre PCA dont le test est prévu ce jour", with_perimeter(tried(), "ADM-A", next_test_on=ON), MET),
    case("O1.D", "la date est celle d’un exercice planifié",
         with_perimeter(
             only(exercise(parties="A"), planned(LATER, "EX-2", parties="A", perimeters=frozenset({"ADM-A"}))),
             "ADM-A", next_test_on=None), MET),
    case("O1.D", "l’exercice planifié est annulé",
         with_perimeter(
             only(exercise(parties="A"), planned(LATER, "EX-2", parties="A", perimeters=frozenset({"ADM-A"}), cancelled=True)),
             "ADM-A", next_test_on=None), IN_PROGRESS, "TEST_UNDATED"),
    case("O1.D", "une cellule de crise planifiée n’est pas un test du PCA",
         with_perimeter(
             only(exercise(parties="A"),
                  planned(LATER, "EX-2", parties="A", perimeters=frozenset({"ADM-A"}), nature=Nature.CRISIS_CELL)),
             "ADM-A", next_test_on=None), IN_PROGRESS, "TEST_UNDATED"),
    case("O1.D", "l’autre PCA a déjà été testé dans la phase",
         with_perimeter(tried(perimeters=frozenset({"SOI-A", "ADM-A"})), "ADM-A", next_test_on=None), MET),
    case("O1.D", "une cellule de crise tenue n’a pas testé l’autre PCA",
         with_perimeter(
             only(exercise(parties="A"), exercise("EX-2", "A", perimeters=frozenset({"ADM-A"}), nature=Nature.CRISIS_CELL)),
             "ADM-A", next_test_on=None), IN_PROGRESS, "TEST_UNDATED"),
    case("O1.D", "dernier test de l’autre PCA dans la phase",
         with_perimeter(tried(), "ADM-A", next_test_on=None, last_test_on=BEFORE), MET),
    case("O1.D", "dernier test de l’autre PCA ce jour", with_perimeter(tried(), "ADM-A", next_test_on=None, last_test_on=ON), MET),
    case("O1.D", "dernier test de l’autre PCA avant la phase",
         with_perimeter(tried(), "ADM-A", next_test_on=None, last_test_on=date(2025, 7, 15)), IN_PROGRESS, "TEST_UNDATED"),
]  # fmt: skip

PIECES = [
    case("O1.D", "le PCA déroulé n’est pas joint", without(tried(), "O1.D", "tested_pca"), IN_PROGRESS,
         says="ièce attendue : PCA déroulé pendant l’exercice"),
    case("O1.D", "le scénario n’est pas joint", without(tried(), "O1.D", "scenario"), IN_PROGRESS, says="ièce attendue : Scénario"),
    case("O1.D", "le RETEX n’est pas joint", without(tried(), "O1.D", "retex"), IN_PROGRESS,
         says="ièce attendue : RETEX avec plan d’amélioration"),
    case("O1.D", "la pièce manque à une EJ dont le candidat n’a pas besoin",
         with_piece(in_order(), "O1.D", "retex", parties=frozenset("AB")), MET),
    case("O1.D", "la pièce manque à une EJ dont le candidat a besoin",
         with_piece(in_order(), "O1.D", "retex", parties=frozenset("A")), IN_PROGRESS, "PIECE_EXPECTED"),
    case("O1.D", "le calendrier d’un PCRA partagé est celui de l’EJ qui le porte",
         replace(tried(), perimeters=(*tried().perimeters,
                 perimeter("SOI-Z", "B", inherited_from="A", justification="même DPI"))), MET, never=("TEST_UNDATED",)),
    case("O1.D", "le calendrier joint n’est pas exigé comme fichier", tried(), MET, never=("PIECE_EXPECTED",)),
]  # fmt: skip

CASES = [*NATURES, *PHASE, *CONTENT, *TO_COME, *SHARES, *SCHEDULE, *PIECES]
