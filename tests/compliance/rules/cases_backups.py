"""O2.B, O3.A, O3.B, O3.C and O4: backups, their protection, the path towards it, and a restore test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance.rules.facts import Application
from compliance.rules.verdict import State
from tests.compliance.rules.case import case
from tests.compliance.rules.facts import (
    EVERYBODY,
    HELD,
    LATER,
    ON,
    days,
    equivalence,
    in_order,
    milestone,
    outside_ght,
    party,
    piece,
    platform,
    restore,
    system,
    without,
)

if TYPE_CHECKING:
    from compliance.rules.facts import Facts

MET, IN_PROGRESS, MISSING = State.MET, State.IN_PROGRESS, State.MISSING
TO_CONFIRM = State.TO_CONFIRM
SITES = (party("A", "66"), party("B", "34"))


def backed(**changes: Any) -> Facts:
    """Change the system of CH A."""
    return in_order(systems=(system("A", **changes), system("B"), system("C")))


def depends(*applications: Application) -> Facts:
    return in_order(applications=applications)


def on_platform(filed: date | None = None, **changes: Any) -> Facts:
    return in_order(platforms=(platform(**changes),), dates=days(declaration_filed=filed))


def ad(measured: date | None, filed: date | None = None, score: int | None = 3) -> Facts:
    """The platform has a dedicated Active Directory, whose ADS report is attached."""
    facts = on_platform(filed, authentication="dedicated_ad", ads_score=score, ads_on=measured)
    return replace(facts, evidence=(*facts.evidence, piece("O3.A", "ads_score")))


def second(factor: str, *, attached: bool = False, **changes: Any) -> Facts:
    facts = on_platform(two_factor=factor, **changes)
    return facts if attached else without(facts, "O3.A", "second_factor_setup")


def towards(*milestones: Any, **changes: Any) -> Facts:
    """Nothing is partitioned nor in 3-2-1: only milestones."""
    made = {
        "platforms": (platform(partition_on=None),),
        "systems": tuple(system(key, copies=1) for key in "ABC"),
        "dates": days(declaration_filed=None),
    }
    facts = in_order(**(made | changes))
    return replace(without(facts, "O3.C", "copies_trajectory"), milestones=milestones)


def restored(**changes: Any) -> Facts:
    """Change the restore test of CH A."""
    return in_order(restore_tests=(restore("A", **changes), restore("B"), restore("C")))


def filed(facts: Facts, day: date) -> Facts:
    return replace(facts, dates=days(declaration_filed=day))


DECLARED = date(2026, 11, 20)

PLANS = [
    case("O2.B", "chaque système a son plan", in_order(), MET, "PLANS_OK"),
    case("O2.B", "un système sans plan", backed(plan="no"), IN_PROGRESS, "PLAN_MISSING", says="SI-A DPI",
         action="Écrire le plan de sauvegarde : SI-A DPI"),
    case("O2.B", "un plan en cours n’est pas un plan", backed(plan="in_progress"), IN_PROGRESS, "PLAN_MISSING"),
    case("O2.B", "une application vitale sans système",
         depends(Application(party="A", label="Pharmacie")), IN_PROGRESS, "SYSTEM_UNLISTED", says="Pharmacie",
         action="Relier à un système recensé : Pharmacie"),
    case("O2.B", "une application vitale dont le système n’est pas recensé",
         depends(Application(party="A", label="Pharmacie", system="SI-9")), IN_PROGRESS, "SYSTEM_UNLISTED"),
    case("O2.B", "une application vitale reliée à son système",
         depends(Application(party="A", label="DPI", system="SI-A")), MET, never=("SYSTEM_UNLISTED",)),
    case("O2.B", "une application d’une EJ hors périmètre", depends(Application(party="X", label="DPI")), MET),
    case("O2.B", "aucun système recensé", in_order(systems=()), IN_PROGRESS, "NO_SYSTEM", "PIECE_OK"),
    case("O2.B", "ni système ni pièce", without(in_order(systems=()), "O2.B"), MISSING, "NO_SYSTEM", "PIECE_EXPECTED"),
    case("O2.B", "une EJ sans système recensé", in_order(systems=(system("A"), system("B"))), IN_PROGRESS, "NO_SYSTEM",
         says="CH C"),
    case("O2.B", "pas de procédure de mise à jour", without(in_order(), "O2.B", "backup_plan_updates"), IN_PROGRESS,
         says="ièce attendue : Procédure de mise à jour des plans"),
    case("O2.B", "hors GHT, un site sans plan arrête l’entité juridique",
         replace(outside_ght(*SITES), systems=(system("A", parties=frozenset("AE")), system("B", parties=frozenset("BE"), plan="no"))),
         IN_PROGRESS, "PLAN_MISSING", says="SI-B DPI"),
    case("O2.B", "hors GHT, une application d’un site que nul système ne porte",
         replace(outside_ght(*SITES), applications=(Application(party="B", label="Logiciel du site", system="SI-Z"),)),
         IN_PROGRESS, "SYSTEM_UNLISTED", says="Logiciel du site"),
]  # fmt: skip

AUTHENTICATION = [
    case("O3.A", "comptes locaux : aucun score ADS demandé", in_order(), MET, "AUTHENTICATION_OK",
         says="comptes locaux, indépendants de la production", never=("ADS_MISSING", "PIECE_EXPECTED")),
    case("O3.A", "AD de production", on_platform(authentication="production_ad"), IN_PROGRESS, "PRODUCTION_AD"),
    case("O3.A", "authentification inconnue", on_platform(authentication=""), IN_PROGRESS, "AUTHENTICATION_UNKNOWN"),
    case("O3.A", "authentification autre : à montrer", on_platform(authentication="other"), TO_CONFIRM, "AUTHENTICATION_OTHER"),
    case("O3.A", "score ADS 3", ad(date(2026, 11, 1)), MET, "ADS_OK", says="sert pour une déclaration jusqu’au 31/12/2026"),
    case("O3.A", "score ADS 2", ad(date(2026, 11, 1), score=2), IN_PROGRESS, "ADS_LOW", says="il faut au moins 3"),
    case("O3.A", "score ADS 5", ad(date(2026, 11, 1), score=5), MET, "ADS_OK"),
    case("O3.A", "AD dédié sans mesure", ad(None, score=None), IN_PROGRESS, "ADS_MISSING"),
    case("O3.A", "AD dédié, rapport ADS absent", without(ad(date(2026, 11, 1)), "O3.A", "ads_score"), IN_PROGRESS,
         says="ièce attendue : Score ADS (ORADAD)"),
    case("O3.A", "mesuré 59 jours avant la déclaration", ad(date(2026, 9, 22), DECLARED), MET, "ADS_OK"),
    case("O3.A", "mesuré 60 jours avant la déclaration", ad(date(2026, 9, 21), DECLARED), MET, "ADS_OK"),
    case("O3.A", "mesuré 61 jours avant la déclaration", ad(date(2026, 9, 20), DECLARED), IN_PROGRESS, "ADS_OUTDATED",
         says="hors des 60 jours qui précèdent la déclaration du 20/11/2026"),
    case("O3.A", "mesuré le jour de la déclaration", ad(DECLARED, DECLARED), MET, "ADS_OK"),
    case("O3.A", "mesuré après la déclaration", ad(date(2026, 11, 21), DECLARED), IN_PROGRESS, "ADS_OUTDATED"),
    case("O3.A", "pas encore déclaré, mesure de 60 jours", ad(date(2026, 9, 23)), MET, "ADS_OK"),
    case("O3.A", "pas encore déclaré, mesure de 61 jours", ad(date(2026, 9, 22)), IN_PROGRESS, "ADS_OUTDATED",
         says="à mesurer de nouveau avant la déclaration"),
    case("O3.A", "mesure de ce jour", ad(ON), MET, "ADS_OK"),
    case("O3.A", "date de mesure sans score", ad(date(2026, 11, 1), score=None), IN_PROGRESS, "ADS_MISSING"),
    case("O3.A", "déclaration de ce jour, mesure de 61 jours", ad(date(2026, 9, 22), ON), IN_PROGRESS, "ADS_OUTDATED",
         says="la déclaration du 22/11/2026"),
    case("O3.A", "mesure datée de demain", ad(LATER), IN_PROGRESS, "ADS_MISSING"),
    case("O3.A", "AD dédié ou non : personne ne l’a dit", in_order(platforms=()), IN_PROGRESS, "NO_PLATFORM", "PIECE_CONDITIONAL",
         says="joindre si un Active Directory dédié est utilisé : Score ADS (ORADAD)"),
    case("O3.A", "rien : ni pièce ni plateforme", without(in_order(platforms=()), "O3.A"), MISSING, "NO_PLATFORM"),
    case("O3.A", "double facteur activé, paramétrage joint", second("on", attached=True), MET, "TWO_FACTOR_ON"),
    case("O3.A", "double facteur activé, paramétrage absent", second("on"), IN_PROGRESS, "PIECE_EXPECTED",
         says="Paramétrage du double facteur, ou motif de désactivation"),
    case("O3.A", "double facteur éteint avec motif", second("off", two_factor_reason="jetons en commande"), MET, "TWO_FACTOR_OFF",
         "PIECE_HELD"),
    case("O3.A", "double facteur éteint sans motif", second("off", attached=True), IN_PROGRESS, "TWO_FACTOR_UNEXPLAINED"),
    case("O3.A", "double facteur impossible, version connue", second("impossible"), MET, "TWO_FACTOR_IMPOSSIBLE", "PIECE_HELD",
         says="version 12.1"),
    case("O3.A", "double facteur impossible, version inconnue", second("impossible", version=""), IN_PROGRESS,
         "PIECE_EXPECTED", says="double facteur impossible, version non précisée"),
    case("O3.A", "double facteur à préciser", second("", attached=True), IN_PROGRESS, "TWO_FACTOR_UNEXPLAINED"),
    case("O3.A", "une plateforme sur deux sur l’AD de production",
         in_order(platforms=(platform(), platform("Secours", authentication="production_ad"))), IN_PROGRESS, "PRODUCTION_AD",
         says="Secours : "),
    case("O3.A", "rôles d’opérateur et d’administrateur absents", without(in_order(), "O3.A", "backup_roles"), IN_PROGRESS,
         says="ièce attendue : Rôles d’opérateur et d’administrateur des sauvegardes"),
    case("O3.A", "gestion des rôles absente", without(in_order(), "O3.A", "role_management"), IN_PROGRESS,
         says="ièce attendue : Gestion des rôles"),
    case("O3.A", "le moindre privilège se lit", in_order(), MET, says="les rôles suivent le moindre privilège"),
]  # fmt: skip

PARTITION = [
    case("O3.B", "cloisonné depuis janvier", in_order(), MET, "PARTITION_OK", says="cloisonné depuis le 10/01/2026"),
    case("O3.B", "cible dans trois ans moins un jour", on_platform(partition_on=date(2029, 11, 21)), MET, "PARTITION_PLANNED"),
    case("O3.B", "cible dans trois ans exactement", on_platform(partition_on=date(2029, 11, 22)), IN_PROGRESS,
         "PARTITION_TOO_LATE", says="doit tenir en moins de 3 ans"),
    case("O3.B", "trois ans comptés de la déclaration, moins un jour",
         on_platform(DECLARED, partition_on=date(2029, 11, 19)), MET, "PARTITION_PLANNED"),
    case("O3.B", "trois ans comptés de la déclaration", on_platform(DECLARED, partition_on=date(2029, 11, 20)), IN_PROGRESS,
         "PARTITION_TOO_LATE"),
    case("O3.B", "ni fait ni daté", on_platform(partition_on=None), IN_PROGRESS, "PARTITION_UNKNOWN"),
    case("O3.B", "jalons datés à moins de trois ans : une réponse complète", towards(milestone(row="O3.B")), MET, "TRAJECTORY_OK"),
    case("O3.B", "jalon à plus de trois ans", towards(milestone(row="O3.B", due_on=date(2029, 11, 22))), IN_PROGRESS,
         "TRAJECTORY_TOO_LONG", says="22/11/2029", never=("NO_TRAJECTORY",)),
    case("O3.B", "une cible à plus de trois ans ne se rattrape pas par un jalon proche",
         towards(milestone(row="O3.B"), platforms=(platform(partition_on=date(2030, 1, 1)),)), IN_PROGRESS, "PARTITION_TOO_LATE"),
    case("O3.B", "cloisonné ce jour", on_platform(partition_on=ON), MET, "PARTITION_OK"),
    case("O3.B", "une cible trop lointaine, une autre plateforme sans date, un jalon proche",
         towards(milestone(row="O3.B"),
                 platforms=(platform(partition_on=None), platform("Secours", partition_on=date(2030, 1, 1)))),
         IN_PROGRESS, "PARTITION_TOO_LATE", "PARTITION_UNKNOWN"),
    case("O3.B", "jalon abandonné", towards(milestone(row="O3.B", abandoned=True)), IN_PROGRESS, "PARTITION_UNKNOWN"),
    case("O3.B", "jalon d’une autre ligne", towards(milestone(row="O3.C")), IN_PROGRESS, "PARTITION_UNKNOWN"),
    case("O3.B", "pas de bouton rouge", on_platform(red_button="no"), IN_PROGRESS, "NO_RED_BUTTON",
         action="Écrire la procédure d’isolement"),
    case("O3.B", "bouton rouge non renseigné", on_platform(red_button=""), IN_PROGRESS, "NO_RED_BUTTON"),
    case("O3.B", "bouton rouge technique", on_platform(red_button="technical"), MET, "RED_BUTTON_OK"),
    case("O3.B", "aucune plateforme décrite", in_order(platforms=()), IN_PROGRESS, "NO_PLATFORM", "NO_TRAJECTORY"),
    case("O3.B", "rien", without(in_order(platforms=()), "O3.B"), MISSING),
    case("O3.B", "schéma d’architecture absent", without(in_order(), "O3.B", "architecture_diagram"), IN_PROGRESS,
         says="ièce attendue : Schéma d’architecture avec matrice de flux"),
    case("O3.B", "procédure d’isolement absente", without(in_order(), "O3.B", "isolation_procedure"), IN_PROGRESS,
         says="ièce attendue : Procédure d’isolement"),
    case("O3.B", "architecture actuelle : aucun calendrier demandé", in_order(), MET, never=("PIECE_EXPECTED",)),
    case("O3.B", "la matrice de flux se lit", in_order(), MET, says="le schéma porte la matrice de flux"),
]  # fmt: skip

COPIES = [
    case("O3.C", "3 copies, 2 supports, hors site", in_order(), MET, "COPIES_OK"),
    case("O3.C", "3 copies, 2 supports, hors ligne et immuable",
         in_order(systems=tuple(system(k, offsite=False, offline=True) for k in "ABC")), MET, "COPIES_OK"),
    case("O3.C", "deux copies, sans jalon", backed(copies=2), IN_PROGRESS, "NOT_321", says="SI-A DPI",
         action="Dater les jalons vers 3-2-1"),
    case("O3.C", "un seul support, sans jalon", backed(media=1), IN_PROGRESS, "NOT_321"),
    case("O3.C", "tout au même endroit, sans jalon", backed(offsite=False, offline=False), IN_PROGRESS, "NOT_321"),
    case("O3.C", "nombre de copies inconnu", backed(copies=None), IN_PROGRESS, "NOT_321"),
    case("O3.C", "pas en 3-2-1, jalons datés : réponse complète", towards(milestone()), MET, "TRAJECTORY_OK", "PIECE_HELD",
         says="rajectoire de 1 jalon daté, jusqu’au 30/06/2027"),
    case("O3.C", "jalon dans quatre ans : aucune durée demandée ici", towards(milestone(due_on=date(2030, 11, 22))), MET),
    case("O3.C", "jalon dépassé : dit, la trajectoire tient", towards(milestone(due_on=date(2026, 11, 21))), MET, "STEP_LATE",
         says="alon dépassé : J-1"),
    case("O3.C", "jalon échu ce jour : pas encore dépassé", towards(milestone(due_on=ON)), MET, never=("STEP_LATE",)),
    case("O3.C", "jalon passé et atteint", towards(milestone(due_on=HELD, reached_on=HELD)), MET, never=("STEP_LATE",)),
    case("O3.C", "jalon abandonné", towards(milestone(abandoned=True)), IN_PROGRESS, "NOT_321"),
    case("O3.C", "jalon de deux parties sur trois", towards(milestone(parties=frozenset("AB"))), IN_PROGRESS, "NOT_321", says="CH C"),
    case("O3.C", "ni système recensé ni jalon", towards(systems=()), IN_PROGRESS, "NO_TRAJECTORY"),
    case("O3.C", "rien", without(towards(systems=()), "O3.C"), MISSING, "NO_TRAJECTORY", "PIECE_EXPECTED"),
    case("O3.C", "aucun système recensé, jalons datés", towards(milestone(), systems=()), MET, "TRAJECTORY_OK"),
    case("O3.C", "schéma des copies absent", without(in_order(), "O3.C", "copies_diagram"), IN_PROGRESS,
         says="ièce attendue : Schéma des copies"),
    case("O3.C", "équivalence d’une partie qui n’a pas de sauvegarde à elle",
         replace(towards(milestone(parties=frozenset("AB"))), equivalences=(equivalence("O3.C", "C"),)), MET, "EQUIVALENCE"),
]  # fmt: skip

RESTORE = [
    case("O4", "un test technique réussi par partie", in_order(), MET, "RESTORE_COUNTS", "REFERENTS_OK"),
    case("O4", "test fonctionnel", restored(kind="functional"), IN_PROGRESS, "NOT_TECHNICAL"),
    case("O4", "sans remise en production", restored(back_in_production=False), IN_PROGRESS, "NOT_BACK"),
    case("O4", "échec", restored(result="failure"), IN_PROGRESS, "RESTORE_FAILED"),
    case("O4", "partiel sans anomalies décrites", restored(result="partial"), IN_PROGRESS, "ANOMALIES_MISSING",
         action="Décrire les anomalies de RT-A"),
    case("O4", "partiel, anomalies décrites", restored(result="partial", anomalies="une table à rejouer"), MET, "RESTORE_COUNTS"),
    case("O4", "le 15/07/2025, veille de la phase", restored(tested_on=date(2025, 7, 15)), IN_PROGRESS, "OUT_OF_PHASE"),
    case("O4", "le 16/07/2025", restored(tested_on=date(2025, 7, 16)), MET),
    case("O4", "le jour de la déclaration", filed(in_order(), HELD), MET),
    case("O4", "le lendemain de la déclaration", filed(in_order(), date(2026, 9, 17)), IN_PROGRESS, "OUT_OF_PHASE"),
    case("O4", "un test daté de demain n’existe pas encore", restored(tested_on=LATER), IN_PROGRESS, "NO_RESTORE_TEST",
         says="CH A"),
    case("O4", "système inconnu", restored(system="SI-9"), IN_PROGRESS, "SYSTEM_UNKNOWN", action="Recenser le système SI-9"),
    case("O4", "système qui ne sert aucune activité d’O1.C", backed(perimeters=frozenset({"AUTRE"})), IN_PROGRESS, "NO_ACTIVITY",
         action="Relier SI-A DPI à une activité nommée en O1.C"),
    case("O4", "une partie sans test", in_order(restore_tests=(restore("A"), restore("B"))), IN_PROGRESS, "NO_RESTORE_TEST",
         says="CH C", action="Tenir un test de restauration : CH C"),
    case("O4", "un système partagé sert toutes les parties",
         in_order(systems=(system("A", parties=EVERYBODY, perimeters=frozenset({"SOI-A", "SOI-B", "SOI-C"})),),
                  restore_tests=(restore("A", parties=EVERYBODY),)), MET),
    case("O4", "un système partagé sert l’activité d’une autre EJ, avec son référent",
         in_order(systems=(system("A", parties=EVERYBODY),), restore_tests=(restore("A", parties=EVERYBODY),)), MET,
         "RESTORE_COUNTS", "REFERENTS_OK", never=("NO_ACTIVITY",)),
    case("O4", "un échec n’efface pas une réussite", in_order(
        restore_tests=(restore("A", code="RT-0", result="failure"), restore("A"), restore("B"), restore("C"))), MET,
        never=("RESTORE_FAILED",)),
    case("O4", "sans référent métier", in_order(referents={k: {f"SOI-{k}": ""} for k in "ABC"}), IN_PROGRESS, "REFERENT_MISSING"),
    case("O4", "un référent manque à une partie", in_order(
        referents={"A": {"SOI-A": "Cadre"}, "B": {"SOI-B": "Cadre"}, "C": {"SOI-C": " "}}), IN_PROGRESS, "REFERENT_MISSING",
        says="SI-C DPI"),
    case("O4", "une application critique sans périmètre ni référent",
         in_order(systems=(*in_order().systems, system("A", code="SI-9", application="Labo", perimeters=frozenset()))),
         IN_PROGRESS, "REFERENT_MISSING", says="SI-9 Labo"),
    case("O4", "aucun système relié à un périmètre", in_order(systems=()), IN_PROGRESS, "NO_REFERENT"),
    case("O4", "cahier de tests absent", without(in_order(), "O4", "test_book"), IN_PROGRESS, says="ièce attendue : Cahier de tests"),
    case("O4", "périmètre du test tenu dans Vigie", without(in_order(), "O4", "restore_scope"), MET, "PIECE_HELD"),
    case("O4", "liste des référents tenue dans Vigie", without(in_order(), "O4", "business_referents"), MET, "PIECE_HELD",
         says="par fonction"),
    case("O4", "rien", without(in_order(restore_tests=(), systems=(), referents={}), "O4"), MISSING, "NO_RESTORE_TEST",
         "NO_REFERENT"),
    case("O4", "hors GHT : un test sur un site vaut pour l’entité juridique",
         replace(outside_ght(*SITES), restore_tests=(restore("A", parties=frozenset("AE")),)), MET, "RESTORE_COUNTS"),
]  # fmt: skip

CASES = [*PLANS, *AUTHENTICATION, *PARTITION, *COPIES, *RESTORE]
