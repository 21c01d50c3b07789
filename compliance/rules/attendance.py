"""Who was present at a session, and whether it trained them on a day (workbooks.md, 3.3).

No duration, syllabus or national target was found (practice.md, 1.4): a session says its own hours and how long what was
learnt holds. How many people that makes, and of how many, is in `rules.training`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.milestone import add_months
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import grouped, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from compliance.rules.session import Session

HALF_DAYS = 6  # columns of the attendance sheet (workbooks.md, 3.3); a longer session is judged on them
PRESENT, ABSENT, EXCUSED = "present", "absent", "excused"


class Profile(StrEnum):
    """The families of jobs that headcounts are given for; the values and the labels are those of the workbook K3."""

    MANAGEMENT = "management"
    MEDICAL = "medical"
    NURSING = "nursing"
    ADMINISTRATIVE = "administrative"
    TECHNICAL = "technical"
    IT = "it"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K3."""
        return _PROFILES[self]


_PROFILES = {
    Profile.MANAGEMENT: "Direction",
    Profile.MEDICAL: "Médical",
    Profile.NURSING: "Soignant",
    Profile.ADMINISTRATIVE: "Administratif",
    Profile.TECHNICAL: "Technique / logistique",
    Profile.IT: "SI",
}


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """A line of an attendance sheet, without a name: `person` and `namesake` are opaque.

    `person` is the same for the same identifier, '' when none was given; `national` says that it means the same person in
    every establishment (RPPS), an internal number means one in its own only. `namesake` is the same for the same name in
    the same establishment, '' when no name was given. `ref` leads to the line where it may be read.
    """

    establishment: str
    session: Session | None  # None: a code that nobody has recorded
    profile: Profile
    function: str = ""
    half_days: tuple[str | None, ...] = ()
    hours: Decimal | None = None
    attended_on: date | None = None
    signed: bool | None = None
    certified: bool | None = None
    certified_on: date | None = None
    on_call: bool | None = None
    person: str = ""
    national: bool = False
    namesake: str = ""
    ref: UUID | None = None


# -------------------------------------------------------------------------------------------------------- one attendance


@dataclass(frozen=True)
class Outcome:
    """What an attendance is worth on a day: MET counts; from `until` on it no longer holds, None when nothing limits it."""

    verdict: Verdict
    learned_on: date | None = None
    until: date | None = None

    @property
    def counts(self) -> bool:
        """Whether the person is trained by it."""
        return self.verdict.state is State.MET

    @property
    def code(self) -> str:
        """The code of its first reason."""
        return self.verdict.reasons[0].code


def outcome(attendance: Attendance, on: date) -> Outcome:
    """Say whether somebody is trained by a session on a day (workbooks.md, 3.3).

    A session counts from its end. Presence counts once signed, and at every half-day that the sheet has for the session:
    « excusé » explains an absence, it is not presence. Part of it counts when a certificate was delivered all the same.
    E-learning counts by its hours and its day, without a signature. What was learnt holds for the validity of the session,
    from its end or from the day of the certificate.
    """
    session = attendance.session
    if session is None:
        return _not(State.TO_CONFIRM, "SESSION_UNKNOWN", "Session inconnue", "Enregistrer la session de ce code")
    if attendance.hours and not _present(attendance):
        return _online(attendance, session, on)
    if session.ends_on > on:
        return _not(State.IN_PROGRESS, "UPCOMING", f"Session à venir, jusqu’au {short_date(session.ends_on)}")
    present = _present(attendance)
    if not present:
        return _not(State.MISSING, "ABSENT", _why_absent(attendance))
    if attendance.signed is not True:
        return _not(
            State.TO_CONFIRM, "UNSIGNED", "Présence sans signature : elle n’est pas comptée",
            "Noter la signature et déposer la feuille signée",
        )  # fmt: skip
    asked = min(session.half_days or present, HALF_DAYS)
    if present < asked and attendance.certified is not True:
        return _not(State.IN_PROGRESS, "PARTIAL", f"Présence à {present} demi-{_days(present)} sur {asked}")
    return _learnt(attendance, session, session.ends_on, on)


def _present(attendance: Attendance) -> int:
    return sum(each == PRESENT for each in attendance.half_days)


def _days(number: int) -> str:
    return plural(number, "journée", "journées")


def _why_absent(attendance: Attendance) -> str:
    if ABSENT in attendance.half_days:
        return "Absent"
    return "Excusé" if EXCUSED in attendance.half_days else "Présence non renseignée"


def _online(attendance: Attendance, session: Session, on: date) -> Outcome:
    if attendance.attended_on is None:
        return _not(
            State.TO_CONFIRM, "DATE_MISSING", "Heures en ligne sans date", "Saisir la date de fin des heures en ligne"
        )
    if attendance.attended_on > on:
        return _not(State.IN_PROGRESS, "UPCOMING", f"Suivi en ligne daté du {short_date(attendance.attended_on)}")
    if (attendance.hours or 0) < session.hours and attendance.certified is not True:
        followed, asked = grouped(attendance.hours or Decimal(0)), grouped(session.hours)
        return _not(State.IN_PROGRESS, "PARTIAL", f"{followed} h suivies en ligne sur {asked} h")
    return _learnt(attendance, session, attendance.attended_on, on)


def _learnt(attendance: Attendance, session: Session, day: date, on: date) -> Outcome:
    certified_on = attendance.certified_on if attendance.certified else None
    learned_on = certified_on if certified_on is not None and certified_on <= on else day
    if session.validity_months is None:
        return Outcome(Verdict(State.MET, (Reason("TRAINED", f"Formé le {short_date(learned_on)}"),)), learned_on)
    until = add_months(learned_on, session.validity_months)
    if until <= on:
        verdict = Verdict(
            State.AT_RISK, (Reason("EXPIRED", f"Validité échue le {short_date(until)}"),), "Organiser un recyclage"
        )
    else:
        verdict = Verdict(State.MET, (Reason("TRAINED", f"Formé, à renouveler avant le {short_date(until)}"),))
    return Outcome(verdict, learned_on, until)


def _not(state: State, code: str, text: str, action: str = "") -> Outcome:
    return Outcome(Verdict(state, (Reason(code, text),), action))


def trained(attendances: Iterable[Attendance], on: date) -> list[Attendance]:
    """Keep the lines by which somebody is trained on a day."""
    return [each for each in attendances if outcome(each, on).counts]
