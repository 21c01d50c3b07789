"""Critical systems beside what is asked of them: 3-2-1, frequency and PDMA, restore tests and DIMA, RTO, PDMA (D2.O3.C, O4).

A restore test says what the backup plan only promises: how long the system really takes to come back, how much it loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules import objective
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import duration, listing, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from compliance.rules.backup import System
    from compliance.rules.dependency import Activity
    from compliance.rules.objective import Gap

_COPIES, _MEDIA = 3, 2  # the 3 and the 2 of 3-2-1


@dataclass(frozen=True)
class Target:
    """An objective in minutes and whose it is: « RTO », or « DIMA de URG-01 / 1 Accueil et tri »; None when nobody says."""

    minutes: int | None
    whose: str


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """A restore test. `rto` and `rpo` are what was measured; `lasted` the restoration itself; in minutes."""

    code: str
    on: date
    result: str
    lasted: int
    rto: int | None = None
    rpo: int | None = None

    @property
    def back(self) -> int:
        """How long the system took to come back: measured, else the restoration alone."""
        return self.lasted if self.rto is None else self.rto


class Restored(StrEnum):
    """What the last restore test of a system says of its delay."""

    IN_TIME = "in_time"
    LATE = "late"
    FAILED = "failed"
    NO_TARGET = "no_target"
    NEVER = "never"

    @property
    def label(self) -> str:
        """The words of the list."""
        return _RESTORED[self][0]

    def counted(self, count: int) -> str:
        """Say how many systems are so: « 8 restaurés trop tard »."""
        _, _, one, several = _RESTORED[self]
        return f"{count} {plural(count, one, several)}"

    @property
    def state(self) -> State:
        """The icon it bears."""
        return _RESTORED[self][1]


_RESTORED = {
    Restored.IN_TIME: ("Restauré dans le délai", State.MET, "restauré dans le délai", "restaurés dans le délai"),
    Restored.LATE: ("Restauré trop tard", State.AT_RISK, "restauré trop tard", "restaurés trop tard"),
    Restored.FAILED: ("Restauration échouée", State.MISSING, "restauration échouée", "restaurations échouées"),
    Restored.NO_TARGET: (
        "Restauré, sans délai demandé",
        State.TO_CONFIRM,
        "restauré, sans délai demandé",
        "restaurés, sans délai demandé",
    ),
    Restored.NEVER: ("Jamais restauré", State.MISSING, "jamais restauré", "jamais restaurés"),
}


def copies(system: System) -> Verdict:
    """Say whether a system has 3 copies, 2 media, 1 off site or off line and immutable, and what it lacks."""
    if system.three_two_one:
        return Verdict(State.MET, (Reason("COPIES_OK", "3-2-1", system.code),))
    lacking = []
    for count, least, word in ((system.copies, _COPIES, "copie"), (system.media, _MEDIA, "support")):
        if count is None:
            lacking.append(f"nombre de {word}s non renseigné")
        elif count < least:
            lacking.append(f"{count} {plural(count, word, f'{word}s')} sur {least}")
    if not (system.offsite or system.offline):
        lacking.append("aucune copie hors site, hors ligne ou immuable")
    reason = Reason("NOT_321", f"Pas en 3-2-1 : {listing(lacking)}", system.code)
    return Verdict(
        State.IN_PROGRESS, (reason,), f"Compléter les copies de {system.title}, ou dater les jalons vers 3-2-1"
    )


def delay_asked(rto: int | None, activities: Iterable[Activity]) -> Target:
    """The delay a system must come back in: the shortest of its RTO and of the DIMA of the activities it serves."""
    return _target("RTO cible", rto, "DIMA", [(each.dima, each.title) for each in activities])


def loss_asked(pdma: int | None, activities: Iterable[Activity]) -> Target:
    """The data it may lose: the shortest of its PDMA and of those of the activities it serves."""
    return _target("PDMA cible", pdma, "PDMA", [(each.pdma, each.title) for each in activities])


def _target(own: str, minutes: int | None, word: str, others: Sequence[tuple[int | None, str]]) -> Target:
    known = [(value, f"{word} de {title}") for value, title in others if value is not None]
    known = ([(minutes, own)] if minutes is not None else []) + sorted(known)
    return Target(*min(known, key=lambda each: each[0])) if known else Target(None, "")


def spacing(frequency: int | None, asked: Target) -> Gap | None:
    """Compare the time between two backups with the loss that is admitted: what is lost is what came after the last one."""
    return objective.delay("Fréquence", asked.minutes, frequency, "admis")


def delay_of(test: Restoration, asked: Target) -> Gap | None:
    """Compare the time that a test took with the delay asked."""
    label = "RTO mesuré" if test.rto is not None else "Durée de la restauration"
    return objective.delay(label, asked.minutes, test.back, "demandé")


def loss_of(test: Restoration, asked: Target) -> Gap | None:
    """Compare the loss that a test measured with the one admitted; None when it was not measured."""
    return objective.delay("RPO constaté", asked.minutes, test.rpo, "admis")


def restored(tests: Iterable[Restoration], asked: Target, on: date) -> tuple[Restored, Restoration | None]:
    """Say what the last test of a system held by a day tells, and which it is."""
    last = max((each for each in tests if each.on <= on), key=lambda each: (each.on, each.code), default=None)
    if last is None:
        return Restored.NEVER, None
    if last.result == "failure":
        return Restored.FAILED, last
    if asked.minutes is None:
        return Restored.NO_TARGET, last
    return (Restored.IN_TIME if last.back <= asked.minutes else Restored.LATE), last


def partition(day: date | None, target: str, on: date) -> Verdict:
    """Say since when a platform is kept apart, or until when it will be."""
    if day is None:
        return Verdict(
            State.MISSING, (Reason("PARTITION_UNKNOWN", "Ni fait, ni daté"),), "Dater le cloisonnement de la plateforme"
        )
    if day <= on:
        return Verdict(State.MET, (Reason("PARTITION_OK", f"Cloisonnée depuis le {short_date(day)}"),))
    text = f"Prévu le {short_date(day)}{' : ' + target if target else ''}"
    return Verdict(State.IN_PROGRESS, (Reason("PARTITION_PLANNED", text),))


def said(asked: Target) -> str:
    """« 4 h (DIMA de URG-01 / 1 Accueil et tri) »; empty when nothing is asked."""
    return "" if asked.minutes is None else f"{duration(asked.minutes)} ({asked.whose})"
