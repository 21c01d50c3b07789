"""What an activity cannot do without: promises of the BIA that contradict each other, and how long anything holds.

Sources: workbook K1 (DIMA, PDMA, delays without a resource), K4 (RTO and frequency of each system), K8 (how long plans hold);
lessons.md: the weakest holding time is shown (CHSF), dependencies found in a test feed the BIA (trade article).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason
from compliance.rules.words import duration, few, plural, unaccented

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CRITICAL = frozenset({"1", "2"})  # criticality of an activity: vital, critical
# Words of the lists of the workbook K1, sheet Activites.
CRITICALITIES = {"1": "1, vitale", "2": "2, critique", "3": "3, importante", "4": "4, différable"}
DEGRADED_MODES = {"yes": "Oui", "partial": "Partiel", "no": "Non"}


class DependencyKind(StrEnum):
    """Kinds of resource; the values are those of the workbook K1, sheet Dependances."""

    APPLICATION = "application"
    INTERFACE = "interface"
    BIOMEDICAL = "biomedical"
    WORKSTATION = "workstation"
    TELEPHONY = "telephony"
    PREMISES = "premises"
    UTILITIES = "utilities"
    SKILL = "skill"
    SUPPLIER = "supplier"
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K1."""
        return _KINDS[self]


_KINDS = {
    DependencyKind.APPLICATION: "Application",
    DependencyKind.INTERFACE: "Interface / flux",
    DependencyKind.BIOMEDICAL: "Équipement biomédical",
    DependencyKind.WORKSTATION: "Poste / impression",
    DependencyKind.TELEPHONY: "Téléphonie",
    DependencyKind.PREMISES: "Locaux",
    DependencyKind.UTILITIES: "Énergie / fluides",
    DependencyKind.SKILL: "Compétence RH",
    DependencyKind.SUPPLIER: "Fournisseur",
    DependencyKind.UPSTREAM: "Service amont",
    DependencyKind.DOWNSTREAM: "Service aval",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A perimeter that an activity belongs to. `party` is the FINESS number of its establishment."""

    party: str
    code: str
    name: str

    @property
    def title(self) -> str:
        """How sentences name it: « Urgences adultes (URG-01) »."""
        return f"{self.name} ({self.code})"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """An activity as the BIA weighs it; delays in minutes, None where nothing is said."""

    party: str
    perimeter: str
    number: str
    name: str
    criticality: str = ""
    dima: int | None = None
    pdma: int | None = None
    hold: int | None = None

    @property
    def title(self) -> str:
        """How sentences name it: « URG-01 / 3 Accueil et tri »."""
        return f"{self.perimeter} / {self.number} {self.name}".strip()


@dataclass(frozen=True, kw_only=True)
class Need:
    """A resource that an activity, or a whole perimeter (`number` empty), depends on.

    `tolerated` is how long it holds without the resource, in minutes; `ref` names the row that says so, `system` the code
    of the critical system that the resource is.
    """

    party: str
    perimeter: str
    label: str
    number: str = ""
    kind: str = ""
    tolerated: int | None = None
    system: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class System:
    """A critical system: how soon it comes back (`rto`), what it may lose (`pdma`), how often it is saved; in minutes.

    `owner` is the establishment that recorded it, `parties` those it serves, `activities` the keys « URG-01 / 3 » or
    « URG-01 » of what needs it.
    """

    owner: str
    code: str
    application: str
    parties: frozenset[str]
    activities: frozenset[str] = frozenset()
    rto: int | None = None
    pdma: int | None = None
    frequency: int | None = None
    ref: str = ""

    @property
    def title(self) -> str:
        """How sentences name it: « Dossier patient (DPI-01) »."""
        return f"{self.application} ({self.code})"


@dataclass(frozen=True)
class Conflict:
    """Two promises that cannot both be kept, and what to do. `need` and `system` name the rows that say so, empty for none."""

    party: str
    perimeter: str
    reason: Reason
    next_action: str
    need: str = ""
    system: str = ""


def folded(text: str) -> str:
    """Return a text as people compare it: no accent, no capital, one space for anything but letters and digits."""
    return " ".join(re.findall(r"\w+", unaccented(text)))


# ---------------------------------------------------------------------------------------------------------- conflicts


def conflicts(
    places: Sequence[Place], activities: Sequence[Activity], needs: Sequence[Need], systems: Sequence[System]
) -> list[Conflict]:
    """List what the BIA cannot keep, by establishment and perimeter.

    (a) An activity, or a whole perimeter, that holds less long without a resource than the resource takes to come back: a
    system by its RTO, another service by its DIMA. How long it holds is what the dependency says, else its own DIMA.
    (b) Backups that are further apart than the loss of data that the activity, or the system itself, admits (PDMA).
    """
    bia = Bia(activities, needs, systems, places)
    told = [conflict for need in needs for conflict in bia.of_need(need)]
    told += [conflict for system in systems for conflict in bia.of_system(system)]
    unique = {(each.party, each.perimeter, each.reason.code, each.reason.text): each for each in told}
    return sorted(unique.values(), key=lambda each: (each.party, each.perimeter, each.reason.code, each.reason.text))


class Bia:
    """What was recorded of establishments, found again by what names it."""

    def __init__(
        self,
        activities: Iterable[Activity],
        needs: Iterable[Need],
        systems: Iterable[System],
        places: Iterable[Place] = (),
    ) -> None:
        self._activities: dict[tuple[str, str], list[Activity]] = defaultdict(list)
        self._systems: dict[str, list[System]] = defaultdict(list)
        self._needs: dict[tuple[str, str], list[Need]] = defaultdict(list)  # by owner and code of their system
        self._places: dict[tuple[str, str], Place] = {}
        for activity in activities:
            self._activities[activity.party, activity.perimeter].append(activity)
        for system in systems:
            self._systems[system.code].append(system)
        for need in needs:
            named = self.system(need.party, need.system) if need.system else None
            if named is not None:
                self._needs[named.owner, named.code].append(need)
        for place in places:
            self._places[place.party, folded(place.code)] = place
            self._places.setdefault((place.party, folded(place.name)), place)

    def concerned(self, party: str, perimeter: str, number: str = "") -> list[Activity]:
        """The activity that a number names, or all those of the perimeter."""
        return [each for each in self._activities.get((party, perimeter), ()) if number in ("", each.number)]

    def system(self, party: str, code: str) -> System | None:
        """The system of a code: the establishment's own, else the only one that serves it, else the only one there is."""
        named = self._systems.get(code, [])
        for kept in (
            [each for each in named if each.owner == party],
            [each for each in named if party in each.parties],
            named,
        ):
            if len(kept) == 1:
                return kept[0]
        return None

    def served(self, system: System) -> list[Activity]:
        """The activities that need a system: those it names, and those of the dependencies that name it."""
        found = [each for _, _, concerned in self._named_by(system) for each in concerned]
        for need in self._needs.get((system.owner, system.code), ()):
            found += self.concerned(need.party, need.perimeter, need.number)
        return list(dict.fromkeys(found))

    def _named_by(self, system: System) -> Iterator[tuple[str, str, list[Activity]]]:
        """What a system says it serves: establishment, key, activities."""
        for key in sorted(system.activities):
            perimeter, _, number = (part.strip() for part in key.partition("/"))
            for party in sorted(system.parties):
                yield party, key, self.concerned(party, perimeter, number)

    def of_need(self, need: Need) -> Iterator[Conflict]:
        """What a dependency says against the system, or the service upstream, that it names."""
        concerned = self.concerned(need.party, need.perimeter, need.number)
        system = self.system(need.party, need.system) if need.system else None
        if system is not None:
            if system.rto is not None:
                yield from _holds(need, concerned, f"{system.title} revient en", system.rto, system)
            yield from _loses(concerned, system, need.ref)
        if need.kind == DependencyKind.UPSTREAM:
            yield from self._upstream(need, concerned)

    def _upstream(self, need: Need, concerned: Sequence[Activity]) -> Iterator[Conflict]:
        """A service that another one waits for: its critical work is what comes back first, within its DIMA."""
        place = self._places.get((need.party, folded(need.label)))
        if place is None or place.code == need.perimeter:
            return
        there = self.concerned(need.party, place.code)
        awaited = [each for each in there if each.criticality in CRITICAL] or there
        back = max((each.dima for each in awaited if each.dima is not None), default=None)
        if back is not None:
            yield from _holds(need, concerned, f"{place.title} peut s’arrêter", back, None)

    def of_system(self, system: System) -> Iterator[Conflict]:
        """What the system says against itself, and against activities that no dependency ties to it."""
        if _apart(system, system.pdma):
            every = _time(system.frequency)
            text = f"{system.title} : PDMA de {_time(system.pdma)}, plus courte que la fréquence de sauvegarde, {every}"
            yield Conflict(
                system.owner,
                "",
                Reason("BACKUP_TOO_RARE", text, system.code),
                f"Sauvegarder {system.code} plus souvent, ou revoir sa PDMA avec le métier",
                system=system.ref,
            )
        needs = self._needs.get((system.owner, system.code), ())
        tied = {(need.party, need.perimeter, need.number) for need in needs}
        for party, key, concerned in self._named_by(system):
            perimeter, _, number = (part.strip() for part in key.partition("/"))
            if {(party, perimeter, number), (party, perimeter, "")} & tied:
                continue
            need = Need(party=party, perimeter=perimeter, number=number, label=system.application)
            if system.rto is not None:
                yield from _holds(need, concerned, f"{system.title} revient en", system.rto, system)
            yield from _loses(concerned, system, "")


def _holds(
    need: Need, concerned: Sequence[Activity], back: str, minutes: int, system: System | None
) -> Iterator[Conflict]:
    """Say that something holds less long than what it waits for takes."""
    first = min((each for each in concerned if each.dima is not None), key=lambda each: each.dima or 0, default=None)
    held = need.tolerated if need.tolerated is not None else first.dima if first else None
    if held is None or held >= minutes:
        return
    alone = concerned[0] if need.number and len(concerned) == 1 else None
    who = alone.title if alone else first.title if first and need.tolerated is None else need.perimeter
    what = f"tient {duration(held)} sans {need.label}" if need.tolerated is not None else f"DIMA de {duration(held)}"
    code = ("HOLDS_LESS_THAN" if need.tolerated is not None else "DIMA_LESS_THAN") + ("_RTO" if system else "_UPSTREAM")
    action = (
        f"Rapprocher le RTO de {system.code}, ou trouver de quoi tenir {duration(minutes)}"
        if system
        else f"Accorder les deux DIMA, ou trouver de quoi tenir {duration(minutes)}"
    )
    reason = Reason(code, f"{who} : {what}, {back} {duration(minutes)}", need.perimeter)
    yield Conflict(need.party, need.perimeter, reason, action, need.ref, system.ref if system else "")


def _loses(concerned: Sequence[Activity], system: System, ref: str) -> Iterator[Conflict]:
    """Say that backups are too far apart for the most demanding of the activities."""
    known = [each for each in concerned if each.pdma is not None]
    first = min(known, key=lambda each: each.pdma or 0, default=None)
    if first is None or not _apart(system, first.pdma):
        return
    every = f"la fréquence de sauvegarde de {system.title}, {_time(system.frequency)}"
    text = f"{first.title} : PDMA de {_time(first.pdma)}, plus courte que {every}"
    action = f"Sauvegarder {system.code} plus souvent, ou revoir la PDMA de l’activité"
    reason = Reason("PDMA_LESS_THAN_FREQUENCY", text, first.perimeter)
    yield Conflict(first.party, first.perimeter, reason, action, ref, system.ref)


def _apart(system: System, pdma: int | None) -> bool:
    return pdma is not None and system.frequency is not None and pdma < system.frequency


def _time(minutes: int | None) -> str:
    return duration(minutes or 0)


# ------------------------------------------------------------------------------------------------------- holding time


@dataclass(frozen=True)
class Held:
    """Something that holds for a time: a critical activity or the plan of a perimeter. None: it does not say."""

    perimeter: str
    title: str
    minutes: int | None


@dataclass(frozen=True)
class Weakest:
    """The shortest holding time of an establishment, who has it, and who does not say: silence counts too (CHSF)."""

    minutes: int | None
    who: tuple[Held, ...]
    silent: tuple[Held, ...]

    @property
    def text(self) -> str:
        """« 12 h (URG-01 / 1 Accueil et tri) »; « non renseignée » where nobody says."""
        if self.minutes is None:
            return "non renseignée"
        return f"{duration(self.minutes)} ({few([each.title for each in self.who])})"

    @property
    def mute(self) -> str:
        """« 2 activités ou plans ne le disent pas »; empty when everybody does."""
        count = len(self.silent)
        said = plural(count, "activité ou plan ne le dit pas", "activités ou plans ne le disent pas")
        return f"{count} {said}" if count else ""


def weakest(activities: Iterable[Activity], plans: Iterable[Held]) -> Weakest:
    """Find what gives way first among vital and critical activities and plans."""
    held = [Held(a.perimeter, a.title, a.hold) for a in activities if a.criticality in CRITICAL]
    held += plans
    minutes = min((each.minutes for each in held if each.minutes is not None), default=None)
    who = tuple(each for each in held if each.minutes is not None and each.minutes == minutes)
    return Weakest(minutes, who, tuple(each for each in held if each.minutes is None))


# -------------------------------------------------------------------------------------------------- found in exercises


def unknown(found: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the dependencies found in an exercise that the BIA does not have, each once, as they were written."""
    seen = {folded(label) for label in known}
    told = []
    for label in found:
        if folded(label) and folded(label) not in seen:
            seen.add(folded(label))
            told.append(label.strip())
    return tuple(told)
