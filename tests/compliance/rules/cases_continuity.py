"""O1.C: BIA, PCA and PRA of the minimal perimeters, in parties that hold at least 66 % of the activity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.rules.verdict import State
from tests.compliance.rules.case import case
from tests.compliance.rules.facts import (
    LATER,
    ON,
    empty,
    equivalence,
    in_order,
    minimal,
    opinion,
    outside_ght,
    party,
    perimeter,
    with_party,
    with_perimeter,
    with_piece,
    without,
)

if TYPE_CHECKING:
    from compliance.rules.facts import Facts

MET, IN_PROGRESS, MISSING, NOT_COMPUTABLE = State.MET, State.IN_PROGRESS, State.MISSING, State.NOT_COMPUTABLE


def ght(done: str, **acs: str | None) -> Facts:
    """Make a GHT of parties with their AC, where those of `done` have their three perimeters complete and the others nothing."""
    return in_order(
        parties=tuple(party(key, ac) for key, ac in acs.items()),
        perimeters=tuple(each for key in done for each in minimal(key)),
    )


def a(code: str = "SOI-A", **changes: Any) -> Facts:
    """CH A holds 66 % and decides: change one of its perimeters."""
    return with_perimeter(ght("A", A="66", B="34"), code, **changes)


def plus(*others: Any) -> Facts:
    """CH A holds 66 % and is complete: add perimeters."""
    facts = ght("A", A="66", B="34")
    return replace(facts, perimeters=(*facts.perimeters, *others))


def minus(facts: Facts, code: str) -> Facts:
    return replace(facts, perimeters=tuple(p for p in facts.perimeters if p.code != code))


def no_bia(reason: str) -> Facts:
    """None of the perimeters of CH A has a BIA."""
    facts = ght("A", A="66", B="34")
    bare = tuple(replace(p, bia=BiaState.NOT_DONE, bia_on=None, bia_reason=reason) for p in facts.perimeters)
    return without(replace(facts, perimeters=bare), "O1.C", "bia")


def sites(done: str, **acs: str | None) -> Facts:
    facts = outside_ght(*(party(key, ac) for key, ac in acs.items()))
    return replace(facts, perimeters=tuple(p for p in facts.perimeters if p.party in done))


ABSENT = {"exists": False, "bia": BiaState.NOT_DONE, "pca": PlanState.ABSENT, "pra": PlanState.ABSENT}
NOTHING_EXISTS = ght("A", A="66", B="34")
for _code in ("SOI-A", "ADM-A", "TEC-A"):
    NOTHING_EXISTS = with_perimeter(NOTHING_EXISTS, _code, absence_reason="siège sans activité", **ABSENT)
SHARED = {"party": "A", "inherited_from": "B"}

SHARES = [
    case("O1.C", "65,999999 % de l’activité", ght("A", A="65.999999", B="34.000001"), IN_PROGRESS, "SHARE_BELOW",
         says="65,9 % de l’activité combinée couverte, seuil de 66 % : il manque 0,1 point"),
    case("O1.C", "66 % exactement", ght("A", A="66", B="34"), MET, "SHARE_REACHED", says="66,0 %"),
    case("O1.C", "66,000001 %", ght("A", A="66.000001", B="33.999999"), MET, "SHARE_REACHED"),
    case("O1.C", "deux tiers de parties égales", ght("AB", A="33.33", B="33.33", C="33.33"), MET, says="66,7 %"),
    case("O1.C", "un tiers", ght("A", A="1", B="1", C="1"), IN_PROGRESS, says="33,3 %"),
    case("O1.C", "la part se compte en activité, non en nombre d’EJ", ght("BC", A="80", B="10", C="10"), IN_PROGRESS,
         "SMALLEST_SET", says="Au plus court : CH A suffirait", action="Finir BIA, PCA et PRA : CH A"),
    case("O1.C", "une EJ sur trois suffit si elle porte l’activité", ght("A", A="80", B="10", C="10"), MET),
    case("O1.C", "il faut deux EJ de plus", ght("A", A="30", B="25", C="25", D="20"), IN_PROGRESS,
         says="Au plus court : CH B et CH C suffiraient"),
    case("O1.C", "AC manquante pour une EJ du périmètre", ght("AB", A="90", B=None), NOT_COMPUTABLE, "AC_MISSING",
         says="Part non calculable : AC manquante pour CH B", never=("SHARE_BELOW", "SHARE_REACHED"),
         action="Saisir l’activité combinée : CH B"),
    case("O1.C", "AC manquante pour une EJ hors périmètre", with_party(in_order(), "X", ac=None), MET, "SHARE_REACHED"),
    case("O1.C", "AC nulle pour une EJ qui n’a rien fait", ght("A", A="10", B="0"), MET, says="100,0 %"),
    case("O1.C", "AC nulle pour la seule EJ qui compte", ght("B", A="10", B="0"), IN_PROGRESS, says="0,0 %"),
    case("O1.C", "toutes les AC sont nulles", ght("A", A="0", B="0"), NOT_COMPUTABLE, "AC_TOTAL_ZERO"),
    case("O1.C", "AC négative", ght("A", A="66", B="-1"), NOT_COMPUTABLE, "AC_INVALID"),
    case("O1.C", "une EJ hors périmètre ne pèse rien", with_party(ght("A", A="66", B="34", C="900"), "C", in_scope=False),
         MET, "OUT_OF_SCOPE", says="66,0 %"),
    case("O1.C", "le travail d’une EJ hors périmètre n’est pas celui du candidat",
         with_party(ght("C", A="66", B="34", C="900"), "C", in_scope=False, out_reason="EHPAD"), MISSING,
         says="Hors périmètre : EHPAD"),
    case("O1.C", "hors périmètre sans motif", with_party(ght("A", A="66", B="34", C="9"), "C", in_scope=False), MET,
         says="Hors périmètre : motif à saisir"),
    case("O1.C", "aucune EJ dans le périmètre", in_order(parties=(party("A", in_scope=False),)), NOT_COMPUTABLE, "NO_PARTY"),
    case("O1.C", "rien de commencé nulle part", ght("", A="66", B="34"), MISSING, "KIND_EMPTY"),
    case("O1.C", "AC d’années différentes : une remarque",
         with_party(with_party(ght("A", A="66", B="34"), "A", ac_year=2023), "B", ac_year=2024), MET, "AC_YEARS_DIFFER"),
    case("O1.C", "GHT d’une seule EJ, sans AC : règle ordinaire à confirmer", ght("A", A=None), MET, "SINGLE_TO_CONFIRM",
         says="sans le seuil de 66 % (à confirmer)", never=("AC_MISSING",)),
    case("O1.C", "GHT d’une seule EJ à qui il manque un plan", with_perimeter(ght("A", A="9"), "TEC-A", pra=PlanState.WRITTEN),
         IN_PROGRESS, "SINGLE_TO_CONFIRM", "PRA_WRITTEN"),
    case("O1.C", "GHT d’une seule EJ sans rien", ght("", A="9"), MISSING, "SINGLE_TO_CONFIRM", "KIND_EMPTY"),
    case("O1.C", "hors GHT, un seul EG : règle ordinaire à confirmer", outside_ght(), MET, "SINGLE_TO_CONFIRM"),
    case("O1.C", "hors GHT, EG portant 66 %", sites("A", A="66", B="34"), MET, "SHARE_REACHED"),
    case("O1.C", "hors GHT, EG portant 60 %", sites("A", A="60", B="40"), IN_PROGRESS, says="il manque 6,0 points"),
    case("O1.C", "hors GHT, AC d’un EG manquante", sites("A", A="60", B=None), NOT_COMPUTABLE, "AC_MISSING"),
    case("O1.C", "équivalence d’une EJ : elle compte", replace(ght("", A="66", B="34"), equivalences=(equivalence("O1.C", "A"),)),
         MET, "EQUIVALENCE"),
    case("O1.C", "équivalence de tout le candidat", replace(ght("", A="66", B="34"), equivalences=(equivalence("O1.C"),)), MET,
         says="100,0 %"),
    case("O1.C", "équivalence sans motif : l’EJ ne compte pas",
         replace(ght("", A="66", B="34"), equivalences=(equivalence("O1.C", "A", reason=""),)), IN_PROGRESS,
         "EQUIVALENCE_WITHOUT_REASON"),
    case("O1.C", "équivalence sans preuve d’une EJ qui compte déjà : elle compte toujours",
         replace(ght("A", A="66", B="34"), equivalences=(equivalence("O1.C", "A", received=False),)), MET, "SHARE_REACHED"),
    case("O1.C", "hors GHT : équivalence de l’entité juridique",
         replace(sites("", A="60", B="40"), equivalences=(equivalence("O1.C", "E"),)), MET, "EQUIVALENCE"),
    case("O1.C", "avis défavorable sur la ligne", replace(ght("A", A="66", B="34"), opinions=(opinion("O1.C", favourable=False),)),
         IN_PROGRESS, "OPINION_UNFAVOURABLE"),
]  # fmt: skip

PERIMETERS = [
    case("O1.C", "PCA rédigé ne compte pas", a(pca=PlanState.WRITTEN), IN_PROGRESS, "PCA_WRITTEN",
         says="PCA rédigé, reste à valider"),
    case("O1.C", "PRA rédigé ne compte pas", a(pra=PlanState.WRITTEN), IN_PROGRESS, "PRA_WRITTEN"),
    case("O1.C", "PCA absent", a(pca=PlanState.ABSENT), IN_PROGRESS, "PCA_ABSENT"),
    case("O1.C", "PRA en cours de rédaction", a(pra=PlanState.IN_PROGRESS), IN_PROGRESS, "PRA_IN_PROGRESS"),
    case("O1.C", "PCA validé le lendemain de la question", a(pca_on=LATER), IN_PROGRESS, "PCA_LATER",
         says="PCA validé le 23/11/2026, après le 22/11/2026"),
    case("O1.C", "PRA validé le jour de la question", a(pra_on=ON), MET),
    case("O1.C", "PCA validé sans date", a(pca_on=None), IN_PROGRESS, "PCA_UNDATED"),
    case("O1.C", "BIA daté du lendemain", a(bia_on=LATER), IN_PROGRESS, "BIA_LATER"),
    case("O1.C", "BIA réalisé sans date", a(bia_on=None), MET),
    case("O1.C", "BIA non réalisé, sans motif", a(bia=BiaState.NOT_DONE), IN_PROGRESS, "BIA_NOT_DONE"),
    case("O1.C", "BIA non réalisé, motif enregistré", a(bia=BiaState.NOT_DONE, bia_reason="méthode EBIOS"), MET,
         "PIECE_HELD", says="BIA non réalisé, motif enregistré : méthode EBIOS"),
    case("O1.C", "BIA en cours, sans motif", a(bia=BiaState.IN_PROGRESS), IN_PROGRESS, "BIA_IN_PROGRESS"),
    case("O1.C", "BIA sans objet avec motif", a(bia=BiaState.NOT_APPLICABLE, bia_reason="repris du PCA de 2025"), MET),
    case("O1.C", "BIA sans objet sans motif", a(bia=BiaState.NOT_APPLICABLE), IN_PROGRESS, "BIA_WITHOUT_REASON"),
    case("O1.C", "n’existe pas ici, avec motif", a("TEC-A", absence_reason="plateau chez un voisin", **ABSENT), MET,
         "ABSENT_WITH_REASON", says="n’existe pas ici, plateau chez un voisin"),
    case("O1.C", "n’existe pas ici, sans motif", a("TEC-A", **ABSENT), IN_PROGRESS, "ABSENCE_WITHOUT_REASON"),
    case("O1.C", "n’existe pas ici, motif fait d’espaces", a("TEC-A", absence_reason="  ", **ABSENT), IN_PROGRESS,
         "ABSENCE_WITHOUT_REASON"),
    case("O1.C", "un blanc n’est pas une réponse", minus(ght("A", A="66", B="34"), "TEC-A"), IN_PROGRESS, "KIND_EMPTY",
         says="Plateau technique : aucun périmètre saisi"),
    case("O1.C", "aucun des trois n’existe : une réponse à faire confirmer", NOTHING_EXISTS, MET, "NOTHING_EXISTS"),
    case("O1.C", "une fonction support sans plan ne compte pas contre l’EJ",
         plus(empty("PAIE-A", "A", kind=PerimeterKind.SUPPORT)), MET),
    case("O1.C", "une fonction support ne remplace pas un périmètre a minima",
         replace(minus(ght("A", A="66", B="34"), "ADM-A"),
                 perimeters=(*minimal("A")[:1], minimal("A")[2], perimeter("PAIE-A", "A", kind=PerimeterKind.SUPPORT))),
         IN_PROGRESS, "KIND_EMPTY"),
    case("O1.C", "un second service de soins inachevé, motif de BIA donné",
         plus(empty("REA-A", "A", bia_reason="prévu en 2027")), MET),
    case("O1.C", "un second service de soins sans BIA ni motif : le motif est une pièce",
         plus(empty("REA-A", "A")), IN_PROGRESS, "PIECE_EXPECTED", says="Motif de chaque BIA absent"),
    case("O1.C", "PCRA partagé avec justification", a(**SHARED, justification="même DPI, mêmes modes dégradés"), MET,
         "PLAN_SHARED"),
    case("O1.C", "PCRA partagé sans justification", a(**SHARED), IN_PROGRESS, "SHARING_UNJUSTIFIED"),
]  # fmt: skip

PIECES = [
    case("O1.C", "aucun fichier de PCA ni de PRA", without(ght("A", A="66", B="34"), "O1.C", "pcra"), IN_PROGRESS,
         "PIECE_EXPECTED", says="ièce attendue : PCA et PRA", action="Joindre : PCA et PRA"),
    case("O1.C", "la méthode s’appuie sur le BIA, fichier absent", without(ght("A", A="66", B="34"), "O1.C", "bia"),
         IN_PROGRESS, says="ièce attendue : BIA par établissement, au moins un par périmètre"),
    case("O1.C", "la méthode ne s’appuie pas sur le BIA : aucun fichier de BIA", no_bia("autre méthode"), MET,
         "PIECE_HELD", never=("PIECE_EXPECTED",)),
    case("O1.C", "aucun BIA, aucun motif", no_bia(""), IN_PROGRESS, "BIA_NOT_DONE"),
    case("O1.C", "liste des activités tenue dans Vigie", without(in_order(), "O1.C", "critical_activities"), MET,
         "PIECE_HELD"),
    case("O1.C", "liste des activités ni tenue ni jointe",
         replace(without(in_order(), "O1.C", "critical_activities"), activities=frozenset()), IN_PROGRESS,
         says="ièce attendue : Liste des activités critiques"),
    case("O1.C", "les EJ de 80 % ont leurs fichiers, la troisième non",
         with_piece(in_order(), "O1.C", "pcra", parties=frozenset("AB")), MET, "SHARE_REACHED"),
    case("O1.C", "tout est validé, mais les fichiers ne couvrent que 50 %",
         with_piece(in_order(), "O1.C", "pcra", parties=frozenset("A")), IN_PROGRESS, "SHARE_REACHED", "PIECE_EXPECTED",
         says="CH B et CH C – Pièce attendue : PCA et PRA"),
    case("O1.C", "les fichiers d’une EJ qui ne compte pas ne remplacent pas ceux d’une EJ qui compte",
         with_piece(ght("AB", A="34.1", B="33.9", C="32"), "O1.C", "pcra", parties=frozenset("AC")), IN_PROGRESS,
         "SHARE_REACHED", says="CH B – Pièce attendue : PCA et PRA"),
    case("O1.C", "deux services sans BIA, un seul motif", plus(empty("REA-A", "A", bia_reason="prévu"), empty("REB-A", "A")),
         IN_PROGRESS, "PIECE_EXPECTED", says="Motif de chaque BIA absent"),
    case("O1.C", "des fichiers, et aucun périmètre de l’EJ qui porte l’activité", ght("B", A="66", B="34"), IN_PROGRESS, "SHARE_BELOW"),
    case("O1.C", "une seule EJ, fichier du plan absent", without(ght("A", A="9"), "O1.C", "pcra"), IN_PROGRESS,
         "SINGLE_TO_CONFIRM", "PIECE_EXPECTED"),
]  # fmt: skip

CASES = [*SHARES, *PERIMETERS, *PIECES]
