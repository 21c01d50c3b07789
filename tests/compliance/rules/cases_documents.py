"""P1, P2, O1.A, O1.B, O2.A, O3.D: pieces present, in their window of dates, for every party."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance.rules.evidence import EvidenceStatus
from compliance.rules.verdict import State
from tests.compliance.rules.case import case
from tests.compliance.rules.facts import (
    BEFORE,
    LATER,
    ON,
    days,
    equivalence,
    in_order,
    opinion,
    outside_ght,
    party,
    piece,
    system,
    with_party,
    with_piece,
    without,
)

if TYPE_CHECKING:
    from compliance.rules.facts import Facts

MET, IN_PROGRESS, MISSING = State.MET, State.IN_PROGRESS, State.MISSING
TO_CONFIRM, NOT_COMPUTABLE = State.TO_CONFIRM, State.NOT_COMPUTABLE
SITES = (party("A", "66"), party("B", "34"))
TWO = frozenset("AB")


def pssi(approved: date | None, facts: Facts | None = None, **changes: Any) -> Facts:
    return with_piece(facts or in_order(), "P1", "pssi", approved_on=approved, **changes)


def unfiled(approved: date) -> Facts:
    """The filing date was never recorded."""
    return pssi(approved, in_order(dates=days(application_filed=None)))


def policy(approved: date | None, filed: date | None = None) -> Facts:
    return with_piece(in_order(dates=days(declaration_filed=filed)), "O2.A", "backup_policy", approved_on=approved)


def moot(row: str, *given: Any, keep: bool = False) -> Facts:
    """Nothing but an equivalence answers the row."""
    facts = in_order(equivalences=given)
    return facts if keep else without(facts, row)


def each_party(row: str, key: str) -> Facts:
    """Every party has its own piece."""
    own = tuple(piece(row, key, filename=f"{k}.pdf", parties=frozenset(k)) for k in "ABC")
    facts = without(in_order(), row, key)
    return replace(facts, evidence=(*facts.evidence, *own))


P1 = [
    case("P1", "PSSI signée et approuvée dans la fenêtre", in_order(), MET, "PIECE_OK"),
    case(
        "P1", "ce que la règle ne peut pas lire est laissé au lecteur", in_order(), MET, "TO_READ",
        says="À vérifier à la lecture : la PSSI est signée par le représentant légal",
    ),
    case(
        "P1", "aucune pièce", without(in_order(), "P1"), MISSING, "PIECE_EXPECTED",
        says="ièce attendue : PSSI signée, ou document montrant la conformité à la PSSI", action="Joindre : PSSI signée",
    ),
    case(
        "P1", "approuvée le 15/07/2022, veille de la fenêtre", pssi(date(2022, 7, 15)), IN_PROGRESS,
        "PIECE_BEFORE_WINDOW", says="avant le 16/07/2022",
        action="Joindre une version approuvée du 16/07/2022 au 20/10/2025 (dépôt de la candidature) : PSSI signée",
    ),
    case("P1", "approuvée le 16/07/2022, premier jour de la fenêtre", pssi(date(2022, 7, 16)), MET, "PIECE_OK"),
    case("P1", "approuvée le jour du dépôt de la candidature", pssi(date(2025, 10, 20)), MET, "PIECE_OK"),
    case(
        "P1", "approuvée le lendemain du dépôt de la candidature", pssi(date(2025, 10, 21)), IN_PROGRESS,
        "PIECE_AFTER_WINDOW", says="après le 20/10/2025 (dépôt de la candidature)",
    ),
    case(
        "P1", "approuvée à temps et déposée dans Vigie un an plus tard", pssi(BEFORE, received_on=date(2026, 9, 1)), MET,
    ),
    case(
        "P1", "déposée à temps dans Vigie et approuvée trop tard", pssi(date(2025, 11, 3), received_on=BEFORE),
        IN_PROGRESS, "PIECE_AFTER_WINDOW",
    ),
    case(
        "P1", "sans date d’approbation", pssi(None), IN_PROGRESS, "PIECE_UNDATED",
        says="la fenêtre ne peut pas être vérifiée", action="Saisir la date d’approbation",
    ),
    case("P1", "date de dépôt inconnue et avis défavorable",
         replace(unfiled(date(2025, 9, 15)), opinions=(opinion("P1", favourable=False),)), IN_PROGRESS,
         "OPINION_UNFAVOURABLE", "PIECE_WINDOW_UNKNOWN", action="Répondre à l’avis"),
    case("P1", "date de dépôt inconnue, approuvée avant l’ouverture", unfiled(date(2025, 9, 1)), MET, "PIECE_OK"),
    case("P1", "date de dépôt inconnue, approuvée le jour de l’ouverture", unfiled(date(2025, 9, 2)), MET, "PIECE_OK"),
    case(
        "P1", "date de dépôt inconnue, approuvée entre ouverture et clôture", unfiled(date(2025, 9, 15)), TO_CONFIRM,
        "PIECE_WINDOW_UNKNOWN", action="Enregistrer la date",
    ),
    case(
        "P1", "date de dépôt inconnue, approuvée le jour de la clôture", unfiled(date(2025, 10, 31)), TO_CONFIRM,
        "PIECE_WINDOW_UNKNOWN",
    ),
    case(
        "P1", "date de dépôt inconnue, approuvée après la clôture", unfiled(date(2025, 11, 1)), IN_PROGRESS,
        "PIECE_AFTER_WINDOW", says="après la clôture du 31/10/2025",
    ),
    case(
        "P1", "candidatures encore ouvertes et pas déposée", unfiled(date(2025, 9, 15)), MET, "PIECE_OK",
        on=date(2025, 10, 10),
    ),
    case(
        "P1", "le jour de la clôture la candidature peut encore partir", unfiled(date(2025, 9, 15)), MET,
        on=date(2025, 10, 31),
    ),
    case(
        "P1", "document de conformité au lieu de la PSSI",
        replace(without(in_order(), "P1"), evidence=(piece("P1", "pssi_conformity"),)), MET, "PIECE_OK",
    ),
    case(
        "P1", "document de conformité hors fenêtre",
        replace(in_order(), evidence=(piece("P1", "pssi_conformity", approved_on=date(2021, 1, 1)),)), IN_PROGRESS,
        "PIECE_BEFORE_WINDOW",
    ),
    case(
        "P1", "PSSI trop ancienne, mais document de conformité dans la fenêtre",
        replace(
            in_order(), evidence=(piece("P1", "pssi", approved_on=date(2020, 1, 1)), piece("P1", "pssi_conformity"))
        ), MET, "PIECE_OK", never=("PIECE_BEFORE_WINDOW",),
    ),
    case(
        "P1", "expirée la veille de la question", pssi(BEFORE, expires_on=date(2026, 11, 21)), IN_PROGRESS,
        "PIECE_EXPIRED", says="21/11/2026", action="Renouveler",
    ),
    case("P1", "expire le jour même de la question", pssi(BEFORE, expires_on=ON), MET, "PIECE_OK"),
    case(
        "P1", "déclarée au registre, fichier absent", pssi(BEFORE, status=EvidenceStatus.DECLARED, received_on=None),
        IN_PROGRESS, "PIECE_DECLARED", action="Déposer le fichier « pssi.pdf »",
    ),
    case(
        "P1", "en rédaction d’après le registre", pssi(None, status=EvidenceStatus.DRAFT), IN_PROGRESS, "PIECE_DRAFT",
        action="Faire valider",
    ),
    case(
        "P1", "rejetée d’après le registre", pssi(BEFORE, status=EvidenceStatus.REJECTED), IN_PROGRESS,
        "PIECE_REJECTED", action="Remplacer",
    ),
    case(
        "P1", "GHT : une partie n’a pas de PSSI", pssi(BEFORE, parties=TWO), IN_PROGRESS, "PIECE_EXPECTED",
        says="CH C – Pièce attendue : PSSI signée", action="Joindre : PSSI signée, ou document montrant la conformité à la PSSI (CH C)",
    ),
    case("P1", "GHT : chaque partie a la sienne", each_party("P1", "pssi"), MET, says="CH A – PSSI signée : A.pdf"),
    case("P1", "l’EHPAD hors périmètre n’a rien à fournir", pssi(BEFORE, parties=frozenset("ABC")), MET),
    case(
        "P1", "aucune partie dans le périmètre", in_order(parties=(party("A", in_scope=False),)), NOT_COMPUTABLE,
        "NO_PARTY",
    ),
    case(
        "P1", "hors GHT : la PSSI de l’entité juridique suffit à tous ses sites",
        pssi(BEFORE, outside_ght(*SITES), parties=frozenset("E")), MET,
    ),
    case(
        "P1", "hors GHT : la PSSI d’un seul site n’est pas celle de l’entité",
        pssi(BEFORE, outside_ght(*SITES), parties=frozenset("A")), MISSING, "PIECE_EXPECTED",
    ),
    case(
        "P1", "avis favorable sur une date que personne n’a enregistrée",
        replace(unfiled(date(2025, 9, 15)), opinions=(opinion("P1"),)), MET, "OPINION_FAVOURABLE",
        says="Avis favorable, ARS, le 01/10/2026 : lu sur pièces",
    ),
    case(
        "P1", "avis favorable sans aucune pièce", replace(without(in_order(), "P1"), opinions=(opinion("P1"),)), MISSING,
        "OPINION_FAVOURABLE", "PIECE_EXPECTED",
    ),
    case(
        "P1", "avis défavorable sur un dossier complet", in_order(opinions=(opinion("P1", favourable=False),)),
        IN_PROGRESS, "OPINION_UNFAVOURABLE", action="Répondre à l’avis défavorable",
    ),
    case(
        "P1", "le dernier avis l’emporte",
        in_order(opinions=(opinion("P1", favourable=False), opinion("P1", given_on=date(2026, 11, 2)))), MET,
        "OPINION_FAVOURABLE", never=("OPINION_UNFAVOURABLE",),
    ),
    case(
        "P1", "un avis rendu demain ne dit rien d’aujourd’hui",
        in_order(opinions=(opinion("P1", favourable=False, given_on=LATER),)), MET, never=("OPINION_UNFAVOURABLE",),
    ),
    case(
        "P1", "un avis sur une autre ligne ne touche pas celle-ci",
        in_order(opinions=(opinion("P2", favourable=False),)), MET,
    ),
]  # fmt: skip

EQUIVALENCES = [
    case(
        "P2", "équivalence motivée avec sa preuve, pour tous", moot("P2", equivalence("P2")), MET, "EQUIVALENCE",
        says="Équivalence depuis le 01/09/2025 : sans objet ici ; preuve : substitut.pdf", never=("PIECE_EXPECTED",),
    ),
    case(
        "P2", "équivalence sans motif", moot("P2", equivalence("P2", reason="  ")), IN_PROGRESS,
        "EQUIVALENCE_WITHOUT_REASON", "PIECE_EXPECTED",
    ),
    case(
        "P2", "équivalence sans preuve reçue", moot("P2", equivalence("P2", received=False)), IN_PROGRESS,
        "SUBSTITUTE_MISSING", "PIECE_EXPECTED",
    ),
    case(
        "P2", "équivalence d’une partie, les autres ont leur pièce",
        replace(
            with_piece(in_order(), "P2", "organisation_note", parties=TWO), equivalences=(equivalence("P2", "C"),)
        ), MET, "EQUIVALENCE", "PIECE_OK",
    ),
    case(
        "P2", "équivalence d’une partie, les autres n’ont rien", moot("P2", equivalence("P2", "C")), IN_PROGRESS,
        "EQUIVALENCE", "PIECE_EXPECTED", says="CH A et CH B – Pièce attendue",
    ),
    case(
        "P2", "équivalence qui commence demain", moot("P2", equivalence("P2", on=LATER)), MISSING, "PIECE_EXPECTED",
        never=("EQUIVALENCE",),
    ),
    case("P2", "équivalence qui commence ce jour", moot("P2", equivalence("P2", on=ON)), MET, "EQUIVALENCE"),
    case(
        "P2", "équivalence d’une autre ligne", moot("P2", equivalence("O1.A")), MISSING, "PIECE_EXPECTED",
        never=("EQUIVALENCE",),
    ),
    case(
        "P2", "équivalence incomplète à côté d’une pièce en règle", moot("P2", equivalence("P2", received=False), keep=True),
        MET, "PIECE_OK", never=("SUBSTITUTE_MISSING",),
    ),
    case(
        "O3.D", "équivalence de tout le GHT : la note de contrôle du GHT est sans objet aussi",
        moot("O3.D", equivalence("O3.D")), MET, "EQUIVALENCE", never=("PIECE_EXPECTED",),
    ),
    case(
        "O3.D", "équivalence de deux parties : la note du GHT reste attendue",
        moot("O3.D", equivalence("O3.D", "A"), equivalence("O3.D", "B")), IN_PROGRESS, "PIECE_EXPECTED",
        says="Note de gouvernance du contrôle",
    ),
    case(
        "P2", "hors GHT : équivalence de l’entité juridique",
        replace(without(outside_ght(*SITES), "P2"), equivalences=(equivalence("P2", "E"),)), MET, "EQUIVALENCE",
    ),
]  # fmt: skip

OTHERS = [
    case("P2", "note d’organisation ancienne : aucune fenêtre pour P2",
         with_piece(in_order(), "P2", "organisation_note", approved_on=date(2019, 1, 1)), MET, "PIECE_OK"),
    case("P2", "note d’organisation sans date", with_piece(in_order(), "P2", "organisation_note", approved_on=None), MET,
         says="sans date d’approbation"),
    case("P2", "nommer un RPCRA est recommandé : aucune pièce de plus n’est exigée", in_order(), MET,
         never=("PIECE_EXPECTED", "PIECE_CONDITIONAL")),
    case("P2", "note ici, approuvée demain", with_piece(in_order(), "P2", "organisation_note", approved_on=LATER),
         IN_PROGRESS, "PIECE_LATER", says="après le 22/11/2026", action="Attendre le 23/11/2026"),
    case("P2", "note approuvée et reçue ce jour",
         with_piece(in_order(), "P2", "organisation_note", approved_on=ON, received_on=ON), MET, "PIECE_OK"),
    case("P2", "note ni reçue ni approuvée ce jour",
         with_piece(in_order(), "P2", "organisation_note", approved_on=LATER, received_on=LATER), MISSING,
         "PIECE_EXPECTED"),
    case("P2", "note sans date reçue demain",
         with_piece(in_order(), "P2", "organisation_note", approved_on=None, received_on=LATER), MISSING,
         "PIECE_EXPECTED"),
    case("P2", "GHT : il en manque une sur trois", with_piece(in_order(), "P2", "organisation_note", parties=TWO),
         IN_PROGRESS, "PIECE_EXPECTED", says="CH C"),
    case("O1.A", "schéma et compte rendu", in_order(), MET, says="l’instance a approuvé le schéma de gouvernance"),
    case("O1.A", "schéma sans compte rendu de l’instance", without(in_order(), "O1.A", "governance_minutes"), IN_PROGRESS,
         says="ièce attendue : Compte rendu de l’instance de direction", action="Joindre : Compte rendu"),
    case("O1.A", "compte rendu sans schéma", without(in_order(), "O1.A", "governance_scheme"), IN_PROGRESS,
         says="ièce attendue : Schéma de gouvernance"),
    case("O1.A", "rien", without(in_order(), "O1.A"), MISSING, "PIECE_EXPECTED"),
    case("O1.A", "schéma de 2021 : aucune fenêtre pour O1.A",
         with_piece(in_order(), "O1.A", "governance_scheme", approved_on=date(2021, 3, 1)), MET),
    case("O1.B", "plan blanc et procédure d’alerte", in_order(), MET, says="montante et descendante"),
    case("O1.B", "pas de procédure d’alerte", without(in_order(), "O1.B", "alert_procedure"), IN_PROGRESS,
         says="ièce attendue : Procédure d’alerte"),
    case("O1.B", "pas de plan blanc", without(in_order(), "O1.B", "plan_blanc"), IN_PROGRESS,
         says="ièce attendue : Plan blanc, ou son extrait"),
    case("O1.B", "rien", without(in_order(), "O1.B"), MISSING),
    case("O1.B", "plan blanc en rédaction",
         with_piece(in_order(), "O1.B", "plan_blanc", status=EvidenceStatus.DRAFT), IN_PROGRESS, "PIECE_DRAFT"),
    case("O1.B", "plan blanc expiré", with_piece(in_order(), "O1.B", "plan_blanc", expires_on=date(2026, 1, 1)),
         IN_PROGRESS, "PIECE_EXPIRED"),
    case("O1.B", "seule la procédure d’alerte d’une partie manque",
         with_piece(in_order(), "O1.B", "alert_procedure", parties=TWO), IN_PROGRESS, says="CH C"),
    case("O2.A", "politique du 15/07/2022", policy(date(2022, 7, 15)), IN_PROGRESS, "PIECE_BEFORE_WINDOW",
         action="Joindre une version approuvée du 16/07/2022 au dépôt de la déclaration : Politique"),
    case("O2.A", "politique du 15/07/2022, déclaration faite", policy(date(2022, 7, 15), date(2026, 11, 2)), IN_PROGRESS,
         "PIECE_BEFORE_WINDOW", action="Joindre une version approuvée du 16/07/2022 au 02/11/2026"),
    case("O2.A", "politique du 16/07/2022", policy(date(2022, 7, 16)), MET),
    case("O2.A", "mise à jour après la candidature, avant la déclaration", policy(date(2026, 6, 1)), MET,
         says="dans la fenêtre du 16/07/2022 au dépôt de la déclaration"),
    case("O2.A", "mise à jour le jour de la déclaration", policy(date(2026, 11, 2), date(2026, 11, 2)), MET),
    case("O2.A", "mise à jour le lendemain de la déclaration", policy(date(2026, 11, 3), date(2026, 11, 2)),
         IN_PROGRESS, "PIECE_AFTER_WINDOW", says="après le 02/11/2026 (dépôt de la déclaration)"),
    case("O2.A", "une déclaration à venir ne ferme pas encore la fenêtre", policy(date(2026, 11, 20), LATER), MET),
    case("O2.A", "politique sans date", policy(None), IN_PROGRESS, "PIECE_UNDATED"),
    case("O2.A", "pas de politique", without(in_order(), "O2.A"), MISSING, "PIECE_EXPECTED"),
    case("O2.A", "aucun système externalisé : aucune clause à montrer", in_order(), MET, never=("CLAUSE_MISSING",)),
    case("O2.A", "système SaaS avec clause", in_order(systems=(system("A", hosting="saas", saas_clause="yes"),)), MET,
         "CLAUSES_OK"),
    case("O2.A", "système SaaS sans clause", in_order(systems=(system("A", hosting="saas", saas_clause="no"),)),
         IN_PROGRESS, "CLAUSE_MISSING", says="SI-A DPI", action="Obtenir la clause"),
    case("O2.A", "système chez un hébergeur HDS, clause non renseignée", in_order(systems=(system("A", hosting="hds"),)),
         IN_PROGRESS, "CLAUSE_MISSING"),
    case("O3.D", "rapports, procédures, et note du GHT", in_order(), MET),
    case("O3.D", "GHT sans note de gouvernance du contrôle", without(in_order(), "O3.D", "control_governance"),
         IN_PROGRESS, says="Pièce attendue : Note de gouvernance du contrôle"),
    case("O3.D", "hors GHT la note de gouvernance n’est pas demandée", outside_ght(*SITES), MET, never=("PIECE_EXPECTED",)),
    case("O3.D", "la note d’une seule partie vaut pour le GHT",
         with_piece(in_order(), "O3.D", "control_governance", parties=frozenset("A")), MET),
    case("O3.D", "GHT : une partie sans procédure en cas d’échec",
         with_piece(in_order(), "O3.D", "failure_procedure", parties=TWO), IN_PROGRESS,
         says="CH C – Pièce attendue : Procédures en cas d’échec"),
    case("O3.D", "hors GHT sans exemple de rapport", without(outside_ght(), "O3.D", "backup_reports"), IN_PROGRESS,
         says="Exemples de rapports de sauvegarde"),
    case("O3.D", "rien", without(in_order(), "O3.D"), MISSING, "PIECE_EXPECTED"),
    case("P2", "partie hors périmètre sans motif : la ligne n’en dépend pas",
         with_party(in_order(), "X", out_reason=""), MET, "OUT_OF_SCOPE", says="Hors périmètre : motif à saisir"),
    case("P2", "partie hors périmètre avec motif", in_order(), MET, says="Hors périmètre : EHPAD"),
]  # fmt: skip

CASES = [*P1, *EQUIVALENCES, *OTHERS]
