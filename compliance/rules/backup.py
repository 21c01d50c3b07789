"""Backups: what D2.O2.B, O3.A to O3.C and O4 ask of critical systems, of backup platforms and of restore tests.

Source: arrêté of 3 July 2025, annexe 1, rows D2.O2 to D2.O4; checks of the workbook K4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from compliance.rules.milestone import add_months
from compliance.rules.verdict import Reason, State, Verdict, fold
from compliance.rules.words import listing, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from compliance.rules.milestone import Milestone, Phase

_YEAR = 12
_COPIES, _MEDIA = 3, 2  # the 3 and the 2 of 3-2-1


@dataclass(frozen=True, kw_only=True)
class System:
    """A component of a critical system. `perimeters` are the codes of those its activities belong to."""

    code: str
    application: str
    parties: frozenset[str]
    perimeters: frozenset[str] = frozenset()
    hosting: str = "internal"
    plan: str = "no"
    copies: int | None = None
    media: int | None = None
    offsite: bool | None = None
    offline: bool | None = None
    saas_clause: str = ""

    @property
    def title(self) -> str:
        """How reasons name it."""
        return f"{self.code} {self.application}".strip()

    @property
    def three_two_one(self) -> bool:
        """3 copies, 2 media, 1 off site or off line and immutable."""
        apart = bool(self.offsite) or bool(self.offline)
        return (self.copies or 0) >= _COPIES and (self.media or 0) >= _MEDIA and apart

    @property
    def outsourced(self) -> bool:
        """Whether somebody else hosts it, so that a clause of the contract must cover its backup."""
        return self.hosting in {"saas", "hds"}


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A backup platform: who may enter it, and how it is kept apart."""

    name: str
    parties: frozenset[str]
    version: str = ""
    authentication: str = ""
    two_factor: str = ""
    two_factor_reason: str = ""
    ads_score: int | None = None
    ads_on: date | None = None
    red_button: str = ""
    partition_target: str = ""
    partition_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class RestoreTest:
    """A restore test; it never counts as an exercise."""

    code: str
    system: str
    parties: frozenset[str]
    tested_on: date
    kind: str = "technical"
    back_in_production: bool = True
    result: str = "success"
    anomalies: str = ""
    test_book_file: str = ""


# ---------------------------------------------------------------------------------------------------------- O2.A, O2.B


def saas_clauses(systems: Iterable[System]) -> Verdict:
    """Outsourced and SaaS systems are covered by clauses of their contracts (O2.A); nothing to check without any."""
    outsourced = [system for system in systems if system.outsourced]
    if not outsourced:
        return Verdict(State.NOT_APPLICABLE, ())
    without = [system for system in outsourced if system.saas_clause != "yes"]
    if not without:
        text = f"Systèmes externalisés couverts par une clause : {listing([s.code for s in outsourced])}"
        return Verdict(State.MET, (Reason("CLAUSES_OK", text),))
    names = listing([system.title for system in without])
    reason = Reason("CLAUSE_MISSING", f"Sans clause de sauvegarde au contrat : {names}", without[0].code)
    return Verdict(State.IN_PROGRESS, (reason,), f"Obtenir la clause de sauvegarde : {names}")


def backup_plans(systems: Sequence[System], unlisted: Collection[str]) -> Verdict:
    """Every component of the critical systems has its plan (O2.B).

    `unlisted` are applications of vital or critical activities (O1.C) that no recorded system stands for.
    """
    if not systems:
        reason = Reason("NO_SYSTEM", "Aucun système critique recensé")
        return Verdict(State.MISSING, (reason,), "Recenser les systèmes critiques (classeur des sauvegardes)")
    reasons = []
    without = [system for system in systems if system.plan != "yes"]
    if without:
        names = listing([system.title for system in without])
        reasons.append(Reason("PLAN_MISSING", f"Plan de sauvegarde absent ou en cours : {names}", without[0].code))
    if unlisted:
        names = listing(sorted(unlisted))
        reasons.append(Reason("SYSTEM_UNLISTED", f"Applications d’activités critiques sans système recensé : {names}"))
    if reasons:
        action = (
            f"Écrire le plan de sauvegarde : {without[0].title}"
            if without
            else f"Relier à un système recensé : {names}"
        )
        return Verdict(State.IN_PROGRESS, tuple(reasons), action)
    count = len(systems)
    text = plural(
        count,
        "Un élément recensé, avec son plan de sauvegarde",
        f"{count} éléments recensés, chacun avec son plan de sauvegarde",
    )
    return Verdict(State.MET, (Reason("PLANS_OK", text),))


# ---------------------------------------------------------------------------------------------------------------- O3.A


def authentication(
    platforms: Sequence[Platform], declared_on: date | None, on: date, score: Decimal, days: Decimal
) -> Verdict:
    """Authentication independent of production, two factors or the reason without, ADS score of a dedicated AD (O3.A).

    The score is measured at most `days` before the declaration; until it is filed, before `on`, and the answer says until
    which day the measure serves.
    """
    if not platforms:
        reason = Reason(
            "NO_PLATFORM", "Aucune plateforme de sauvegarde décrite : l’authentification n’est pas vérifiable"
        )
        return Verdict(State.MISSING, (reason,), "Décrire la plateforme de sauvegarde (classeur des sauvegardes)")
    answers = [
        answer
        for platform in platforms
        for answer in (independent(platform), second_factor(platform), _ads(platform, declared_on, on, score, days))
    ]
    lacking = [answer for answer in answers if not answer.settled]
    reasons = tuple(reason for answer in lacking or answers for reason in answer.reasons)
    return Verdict(fold(a.state for a in answers), reasons, lacking[0].next_action if lacking else "")


def independent(platform: Platform) -> Verdict:
    """Say whether the authentication of a platform is independent of production."""
    name, how = platform.name, platform.authentication
    if how == "production_ad":
        reason = Reason(
            "PRODUCTION_AD",
            f"{name} : authentification par l’AD de production, donc pas indépendante de celle-ci",
            name,
        )
        return Verdict(
            State.IN_PROGRESS, (reason,), f"Rendre l’authentification de {name} indépendante de la production"
        )
    if not how:
        reason = Reason("AUTHENTICATION_UNKNOWN", f"{name} : authentification à préciser", name)
        return Verdict(State.IN_PROGRESS, (reason,), f"Préciser l’authentification de {name}")
    if how == "other":
        reason = Reason("AUTHENTICATION_OTHER", f"{name} : authentification « autre », à montrer indépendante", name)
        return Verdict(State.TO_CONFIRM, (reason,), f"Décrire l’authentification de {name}")
    word = "AD dédié, indépendant" if how == "dedicated_ad" else "comptes locaux, indépendants"
    return Verdict(State.MET, (Reason("AUTHENTICATION_OK", f"{name} : {word} de la production", name),))


def second_factor(platform: Platform) -> Verdict:
    """Say whether the second factor of a platform is on, or why it is not."""
    name, factor = platform.name, platform.two_factor
    if factor == "on":
        return Verdict(State.MET, (Reason("TWO_FACTOR_ON", f"{name} : double facteur activé", name),))
    if factor == "impossible":
        version = f" avec la version {platform.version}" if platform.version else ", version non précisée"
        text = f"{name} : double facteur impossible{version}"
        return Verdict(State.MET, (Reason("TWO_FACTOR_IMPOSSIBLE", text, name),))
    why = platform.two_factor_reason.strip()
    if factor == "off" and why:
        return Verdict(
            State.MET, (Reason("TWO_FACTOR_OFF", f"{name} : double facteur non activé, motif : {why}", name),)
        )
    what = "non activé sans motif" if factor == "off" else "à préciser"
    reason = Reason("TWO_FACTOR_UNEXPLAINED", f"{name} : double facteur {what}", name)
    return Verdict(
        State.IN_PROGRESS, (reason,), f"Activer le double facteur de {name}, ou dire pourquoi il ne l’est pas"
    )


def _ads(platform: Platform, declared_on: date | None, on: date, score: Decimal, days: Decimal) -> Verdict:
    """The ADS (ORADAD) score is asked of a dedicated Active Directory alone."""
    if platform.authentication != "dedicated_ad":
        return Verdict(State.NOT_APPLICABLE, ())
    name, got, measured = platform.name, platform.ads_score, platform.ads_on
    measure = f"Mesurer le score ADS de {name} dans les {days} jours avant la déclaration"
    if got is None or measured is None or measured > on:
        reason = Reason("ADS_MISSING", f"{name} : AD dédié, score ADS (ORADAD) non mesuré", name)
        return Verdict(State.IN_PROGRESS, (reason,), measure)
    said = f"{name} : score ADS {got}, mesuré le {short_date(measured)}"
    if got < score:
        reason = Reason("ADS_LOW", f"{said}, il faut au moins {score}", name)
        return Verdict(State.IN_PROGRESS, (reason,), f"Corriger l’AD de {name}, puis mesurer de nouveau")
    last = measured + timedelta(days=int(days))
    if declared_on is not None and declared_on <= on:
        if measured <= declared_on <= last:
            return Verdict(State.MET, (Reason("ADS_OK", f"{said}, dans les {days} jours avant la déclaration", name),))
        text = f"{said}, hors des {days} jours qui précèdent la déclaration du {short_date(declared_on)}"
        return Verdict(State.IN_PROGRESS, (Reason("ADS_OUTDATED", text, name),), measure)
    if on > last:
        text = f"{said}, il y a plus de {days} jours : à mesurer de nouveau avant la déclaration"
        return Verdict(State.IN_PROGRESS, (Reason("ADS_OUTDATED", text, name),), measure)
    text = f"{said}, sert pour une déclaration jusqu’au {short_date(last)}"
    return Verdict(State.MET, (Reason("ADS_OK", text, name),))


# ---------------------------------------------------------------------------------------------------------- O3.B, O3.C


def isolation(platforms: Sequence[Platform]) -> Verdict:
    """Backups can be cut off on an incident, by a procedure or by a device: the « bouton rouge » (O3.B)."""
    if not platforms:
        reason = Reason("NO_PLATFORM", "Aucune plateforme de sauvegarde décrite : l’isolement n’est pas vérifiable")
        return Verdict(State.MISSING, (reason,), "Décrire la plateforme de sauvegarde (classeur des sauvegardes)")
    without = [p.name for p in platforms if p.red_button not in {"procedure", "technical"}]
    if without:
        reason = Reason("NO_RED_BUTTON", f"Pas d’isolement en cas d’incident (« bouton rouge ») : {listing(without)}")
        return Verdict(State.IN_PROGRESS, (reason,), f"Écrire la procédure d’isolement : {listing(without)}")
    return Verdict(State.MET, (Reason("RED_BUTTON_OK", "Isolement prévu en cas d’incident (« bouton rouge »)"),))


def partition(
    platforms: Sequence[Platform], milestones: Sequence[Milestone], declared_on: date | None, on: date, years: Decimal
) -> Verdict:
    """The architecture is partitioned, or a target has its schedule of strictly less than `years` (O3.B).

    A trajectory is a full answer (rule 10): the date of the target, or dated milestones of the row. Years run from the
    declaration, or from `on` while it is not filed.
    """
    start = declared_on if declared_on is not None and declared_on <= on else on
    limit = add_months(start, int(years) * _YEAR)
    answers = [_partition_of(platform, on, limit, years) for platform in platforms]
    lacking = [answer for answer in answers if not answer.settled]
    dated = trajectory(milestones, on)
    if not lacking and answers:
        return Verdict(State.MET, tuple(reason for answer in answers for reason in answer.reasons))
    # Milestones answer what has no date; they do not shorten a target that is too far.
    if dated is not None and not any(reason.code == "PARTITION_TOO_LATE" for a in lacking for reason in a.reasons):
        last = max(milestone.day(on) for milestone in milestones if not milestone.abandoned)
        if last < limit:
            return dated
        text = f"Jalons jusqu’au {short_date(last)}, le calendrier doit tenir en moins de {years} ans"
        return Verdict(State.IN_PROGRESS, (Reason("TRAJECTORY_TOO_LONG", text),), "Rapprocher le dernier jalon")
    if not answers:
        reason = Reason("NO_TRAJECTORY", "Ni architecture cloisonnée décrite, ni cible datée, ni jalon")
        return Verdict(State.MISSING, (reason,), "Décrire l’architecture actuelle, ou la cible et sa date")
    reasons = tuple(reason for answer in lacking for reason in answer.reasons)
    return Verdict(State.IN_PROGRESS, reasons, lacking[0].next_action)


def _partition_of(platform: Platform, on: date, limit: date, years: Decimal) -> Verdict:
    name, day = platform.name, platform.partition_on
    if day is None:
        reason = Reason("PARTITION_UNKNOWN", f"{name} : cloisonnement sans date, ni fait ni prévu", name)
        return Verdict(State.IN_PROGRESS, (reason,), f"Dater le cloisonnement de {name}")
    if day <= on:
        return Verdict(State.MET, (Reason("PARTITION_OK", f"{name} : cloisonné depuis le {short_date(day)}", name),))
    if day < limit:
        text = f"{name} : cible du {short_date(day)}, calendrier de moins de {years} ans"
        return Verdict(State.MET, (Reason("PARTITION_PLANNED", text, name),))
    text = f"{name} : cible du {short_date(day)}, le calendrier doit tenir en moins de {years} ans"
    return Verdict(State.IN_PROGRESS, (Reason("PARTITION_TOO_LATE", text, name),), f"Rapprocher la cible de {name}")


def copies(systems: Sequence[System], milestones: Sequence[Milestone], on: date) -> Verdict:
    """3 copies, 2 media, 1 off site or off line and immutable: reached, or a path with dated milestones (O3.C, rule 10)."""
    without = [system for system in systems if not system.three_two_one]
    if systems and not without:
        return Verdict(State.MET, (Reason("COPIES_OK", "Chaque système critique est en 3-2-1"),))
    dated = trajectory(milestones, on)
    if dated is not None:
        return dated
    if not systems:
        reason = Reason("NO_TRAJECTORY", "Ni système en 3-2-1 recensé, ni jalon daté")
        return Verdict(State.MISSING, (reason,), "Recenser les copies, ou dater les jalons vers 3-2-1")
    names = listing([system.title for system in without])
    reason = Reason("NOT_321", f"Pas encore en 3-2-1, sans jalon daté : {names}", without[0].code)
    return Verdict(State.IN_PROGRESS, (reason,), "Dater les jalons vers 3-2-1")


def trajectory(milestones: Sequence[Milestone], on: date) -> Verdict | None:
    """Say that dated milestones make a trajectory: a full answer (rule 10); None without any.

    A milestone late is told: the path holds, its date must move.
    """
    alive = [milestone for milestone in milestones if not milestone.abandoned]
    if not alive:
        return None
    last = max(milestone.day(on) for milestone in alive)
    count = len(alive)
    text = f"Trajectoire de {count} {plural(count, 'jalon daté', 'jalons datés')}, jusqu’au {short_date(last)}"
    reasons = [Reason("TRAJECTORY_OK", text)]
    late = [milestone.code for milestone in alive if milestone.late(on)]
    if late:
        reasons.append(
            Reason("STEP_LATE", f"{plural(len(late), 'Jalon dépassé', 'Jalons dépassés')} : {listing(late)}")
        )
    return Verdict(State.MET, tuple(reasons))


# ------------------------------------------------------------------------------------------------------------------ O4


def restore_verdict(test: RestoreTest, systems: Mapping[str, System], named: Collection[str], phase: Phase) -> Verdict:
    """Say whether a restore test counts for D2.O4: technical, back in production, in the phase, on a system of O1.C.

    `named` are the codes of the perimeters of O1.C. A partial result counts when its anomalies are described.
    """
    said = f"{test.code}, {short_date(test.tested_on)}"
    system = systems.get(test.system)
    again = f"Prévoir un autre test de restauration que {test.code}"
    lacks: list[tuple[str, str, str]] = []
    if test.kind != "technical":
        lacks.append(("NOT_TECHNICAL", "test fonctionnel, un test technique est demandé", again))
    if not test.back_in_production:
        lacks.append(("NOT_BACK", "sans remise en production", again))
    if test.result == "failure":
        lacks.append(("RESTORE_FAILED", "la restauration a échoué", again))
    if not phase.contains(test.tested_on):
        lacks.append(("OUT_OF_PHASE", "hors de la phase opérationnelle", again))
    if test.result == "partial" and not test.anomalies.strip():
        lacks.append(
            ("ANOMALIES_MISSING", "résultat partiel, anomalies à décrire", f"Décrire les anomalies de {test.code}")
        )
    if system is None:
        text = f"le système {test.system} n’est pas recensé"
        lacks.append(("SYSTEM_UNKNOWN", text, f"Recenser le système {test.system}, restauré par {test.code}"))
    elif not system.perimeters & set(named):
        text = f"{system.code} ne sert aucune activité nommée en O1.C"
        lacks.append(("NO_ACTIVITY", text, f"Relier {system.title} à une activité nommée en O1.C"))
    if lacks:
        reasons = tuple(Reason(code, f"{said} : {text}", test.code) for code, text, _ in lacks)
        state = State.MISSING if lacks[0][2] == again else State.IN_PROGRESS  # what no description mends comes first
        return Verdict(state, reasons, lacks[0][2])
    assert system is not None  # noqa: S101  # or it would lack
    text = f"{said} : {system.title} restauré et remis en production"
    return Verdict(State.MET, (Reason("RESTORE_COUNTS", text, test.code),))


def referents(systems: Sequence[System], functions: Mapping[str, str]) -> Verdict:
    """Each critical application has a business referent, by function (O4). `functions` go from perimeter code to function."""
    if not any(system.perimeters & set(functions) for system in systems):
        reason = Reason(
            "NO_REFERENT", "Aucune application critique reliée à un périmètre : pas de référent métier connu"
        )
        return Verdict(State.MISSING, (reason,), "Relier les systèmes critiques aux activités")
    without = [s for s in systems if not any(functions.get(code, "").strip() for code in s.perimeters)]
    if without:
        names = listing([system.title for system in without])
        reason = Reason("REFERENT_MISSING", f"Sans référent métier désigné par sa fonction : {names}", without[0].code)
        return Verdict(State.IN_PROGRESS, (reason,), f"Désigner le référent métier : {names}")
    return Verdict(
        State.MET, (Reason("REFERENTS_OK", "Un référent métier, par fonction, pour chaque application critique"),)
    )
