"""Real outages: their timeline, how long each step took, and what is left to learn from them.

Source: lessons.md, Dunkerque (everything stopped at 11:00, recovery began at 14:00, the plan blanc was lifted at 16:00; not
an attack): an incident has a timeline, a RETEX, actions, and the plans that were really used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import duration, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEGAL = ZoneInfo("Europe/Paris")  # the night of a change of hour lasts one more or one less
_DAY = 24 * 60
_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")  # whatever else was written says no hour


class Cause(StrEnum):
    """What an incident was; the values are those of the workbook K8."""

    IT_OUTAGE = "it_outage"
    PHONE_OUTAGE = "phone_outage"
    IT_AND_PHONE = "it_and_phone"
    CYBERATTACK = "cyberattack"
    ENERGY = "energy"
    BUILDING = "building"
    SUPPLIER = "supplier"
    STAFF = "staff"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K8."""
        return _CAUSES[self]


_CAUSES = {
    Cause.IT_OUTAGE: "Panne informatique",
    Cause.PHONE_OUTAGE: "Panne de téléphonie",
    Cause.IT_AND_PHONE: "Panne informatique et téléphonie",
    Cause.CYBERATTACK: "Cyberattaque",
    Cause.ENERGY: "Énergie ou fluides",
    Cause.BUILDING: "Bâtiment",
    Cause.SUPPLIER: "Fournisseur",
    Cause.STAFF: "Personnel",
    Cause.OTHER: "Autre",
}


class Moment(StrEnum):
    """The four moments of an incident, in order."""

    STARTED = "started"
    DEGRADED = "degraded"
    RECOVERY = "recovery"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """How the timeline names it."""
        return _MOMENTS[self]


_MOMENTS = {
    Moment.STARTED: "Début",
    Moment.DEGRADED: "Mode dégradé",
    Moment.RECOVERY: "Rétablissement",
    Moment.ENDED: "Fin",
}


@dataclass(frozen=True, kw_only=True)
class Incident:
    """An incident. `times` gives each moment its day (None: that of the start) and its hour « 11:00 » (empty: not known).

    A moment that has neither has not come, or nobody wrote it. `plans` are the codes of the perimeters whose plan was really
    used; `actions` counts those it led to; `proposed` names the exercise that proposes it to the reviewer.
    """

    times: Mapping[Moment, tuple[date | None, str]]
    plans: tuple[str, ...] = ()
    retex_file: str = ""
    retex_received: bool = False
    actions: int = 0
    proposed: str = ""

    def day(self, moment: Moment) -> date | None:
        """Give the day of a moment, None when it is not written."""
        day, at = self.times.get(moment, (None, ""))
        return day or (self.times[Moment.STARTED][0] if at else None)

    def over(self, on: date) -> bool:
        """Whether it had ended by a day."""
        day = self.day(Moment.ENDED)
        return day is not None and day <= on


@dataclass(frozen=True)
class Step:
    """One moment of the timeline. `after` is how long after the start it came, empty when nobody can tell."""

    moment: Moment
    day: date | None
    at: str
    after: str


def timeline(incident: Incident) -> tuple[Step, ...]:
    """Give the four moments in order, each with the time since the start."""
    first = _instant(incident, Moment.STARTED)
    steps = []
    for moment in Moment:
        minutes = None if moment is Moment.STARTED else _between(incident, first, moment)
        told = duration(minutes) if minutes is not None else ""
        steps.append(Step(moment, incident.day(moment), incident.times.get(moment, (None, ""))[1], told))
    return tuple(steps)


def lasted(incident: Incident) -> str:
    """Say how long it lasted from its start to its end, « 5 h »; empty when it is not over or an hour is missing."""
    minutes = _between(incident, _instant(incident, Moment.STARTED), Moment.ENDED)
    return duration(minutes) if minutes is not None else ""


def _instant(incident: Incident, moment: Moment) -> datetime | None:
    day, at = incident.day(moment), incident.times.get(moment, (None, ""))[1]
    read = _HOUR.fullmatch(at)
    if day is None or read is None:
        return None
    return datetime.combine(day, time(int(read[1]), int(read[2])), _LEGAL)


def _between(incident: Incident, first: datetime | None, moment: Moment) -> int | None:
    """Count the minutes from the start to a moment; whole days when an hour is missing and the day is another."""
    then = _instant(incident, moment)
    if first is not None and then is not None:
        return int((then.timestamp() - first.timestamp()) // 60)
    start, day = incident.day(Moment.STARTED), incident.day(moment)
    if start is None or day is None or day == start:
        return None
    return (day - start).days * _DAY


def learnt(incident: Incident, on: date) -> Verdict:
    """Say whether an incident was learnt from: it is over, its RETEX is received, the plans used are named, actions follow.

    Whether it is proposed to the reviewer is a notice: nobody has to (practice.md, 1.6: the ANS has not said if it counts).
    """
    if not incident.over(on):
        reason = Reason("INCIDENT_OPEN", "Aucune fin n’est saisie : l’incident dure encore")
        return Verdict(State.IN_PROGRESS, (reason,), "Saisir la fin de l’incident")
    lacks = []
    if not incident.retex_file:
        lacks.append((Reason("RETEX_MISSING", "Le RETEX manque"), "Faire le RETEX et déposer son compte rendu"))
    elif not incident.retex_received:
        text = f"Le RETEX {incident.retex_file} est nommé, mais n’a pas été déposé"
        lacks.append((Reason("RETEX_NOT_RECEIVED", text), f"Déposer {incident.retex_file}"))
    if not incident.plans:
        lacks.append((Reason("PLANS_UNKNOWN", "Rien ne dit quels PCRA ont vraiment servi"), "Nommer les PCRA utilisés"))
    if not incident.actions:
        lacks.append((Reason("NO_ACTION", "Aucune action ne le suit"), "Saisir les actions décidées"))
    notice: tuple[Reason, ...] = ()
    if incident.plans and not incident.proposed:
        notice = (Reason("NOT_PROPOSED", "Pas proposé comme test au réviseur, qui décide si l’activation compte"),)
    if lacks:
        return Verdict(State.IN_PROGRESS, (*(reason for reason, _ in lacks), *notice), lacks[0][1])
    count = f"{incident.actions} {plural(incident.actions, 'action', 'actions')}"
    return Verdict(State.MET, (Reason("INCIDENT_LEARNT", f"RETEX reçu, PCRA utilisés nommés, {count}"), *notice))
