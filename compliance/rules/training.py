"""Training: who is trained on a day, how many people that is, against which headcount (lessons.md, « DMCC training, Martinique »).

None of it is a criterion of D2: training is followed beside it (referential-care-d2.md, 13). No duration, syllabus or
national target was found (practice.md, 1.4): a session says its own hours and how long what was learnt holds.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.milestone import add_months
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import grouped, percent, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

HALF_DAYS = 6  # columns of the attendance sheet (workbooks.md, 3.3); a longer session is judged on them
RENEWAL = 90  # days before the end of a validity from which somebody is listed as to renew
PRESENT, ABSENT, EXCUSED = "present", "absent", "excused"


class Kind(StrEnum):
    """What a session is about; the values and the labels are those of the workbook K3."""

    DMCC = "dmcc"
    CRISIS_CELL = "crisis_cell"
    PCRA_REFERENT = "pcra_referent"
    AWARENESS = "awareness"
    SSE = "sse"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K3."""
        return _KINDS[self]


_KINDS = {
    Kind.DMCC: "DMCC",
    Kind.CRISIS_CELL: "Cellule de crise",
    Kind.PCRA_REFERENT: "Référent PCRA",
    Kind.AWARENESS: "Sensibilisation cyber",
    Kind.SSE: "SSE",
    Kind.OTHER: "Autre",
}


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
ORGANISERS = {
    "ars": "ARS",
    "grades": "GRADeS",
    "cesu": "CESU",
    "anfh": "ANFH",
    "university": "Université",
    "ght": "GHT",
    "internal": "Interne",
    "provider": "Prestataire",
}  # as in the list of the workbook K3


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session: `half_days` is None for e-learning, counted in hours; `validity_months` None when nothing limits it.

    `owner` is the establishment that recorded it: its own, or the support of the GHT for a session of the whole GHT.
    """

    code: str
    owner: str = ""
    kind: Kind
    starts_on: date
    ends_on: date
    half_days: int | None = None
    hours: Decimal = Decimal(0)
    validity_months: int | None = None


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


# ----------------------------------------------------------------------------------------------------------- how many


def folded(text: str) -> str:
    """Return a text as people compare it: « Infirmière » and « INFIRMIERE » are one function."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def has_function(attendance: Attendance, asked: str) -> bool:
    """Say whether a function holds the words asked, or is them when they stand between quotation marks."""
    wanted, function = folded(asked), folded(attendance.function)
    if wanted.startswith('"') and wanted.endswith('"') and len(wanted) > 1:
        return function == wanted[1:-1]
    return wanted in function


@dataclass(frozen=True)
class Count:
    """How many people: one number, or the least and the most where lines may be of one person or of several."""

    low: int
    high: int

    @property
    def text(self) -> str:
        """« 12 », or « 12 à 15 »."""
        low, high = grouped(Decimal(self.low)), grouped(Decimal(self.high))
        return low if self.exact else f"{low} à {high}"

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


@dataclass(frozen=True)
class Person:
    """Lines taken for one person of an establishment; `more`: how many more people they could be."""

    establishment: str
    attendances: tuple[Attendance, ...]
    more: int = 0

    @property
    def national(self) -> str:
        """The identifier that names this person everywhere, '' when none does."""
        return next((each.person for each in self.attendances if each.national and each.person), "")


def people(attendances: Iterable[Attendance]) -> list[Person]:
    """Group lines by person: by identifier where one was given, else by name, within each establishment.

    Lines of one name without identifier, in several sessions, may be one person or namesakes: `more` counts the others.
    So may those of somebody whose number was given another time. Two lines of one sheet are two people already: the
    import refuses a name twice in a session.
    """
    known: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    named: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    for each in attendances:
        (known if each.person else named)[each.establishment, each.person or each.namesake].append(each)
    holders: dict[tuple[str, str], tuple[str, str]] = {}
    for key, lines in known.items():
        for line in lines:
            if line.namesake:
                holders.setdefault((line.establishment, line.namesake), key)
    joined: dict[tuple[str, str], list[Attendance]] = defaultdict(list)
    alone: list[Person] = []
    for key, lines in named.items():
        if key in holders:
            joined[holders[key]] += lines
        else:
            alone.append(Person(key[0], tuple(lines), len(lines) - 1))
    found = [Person(key[0], (*lines, *joined[key]), len(joined[key])) for key, lines in known.items()]
    return found + alone


def unique(attendances: Iterable[Attendance]) -> Count:
    """Count the people behind lines of one establishment or of several (lessons.md: unique people).

    Across establishments only a national identifier names the same person: without it the least is the largest of the
    establishments and the most is their sum.
    """
    by_place: dict[str, list[Person]] = defaultdict(list)
    for each in people(attendances):
        by_place[each.establishment].append(each)
    everywhere = {each.national for found in by_place.values() for each in found if each.national}
    repeated = sum(bool(each.national) for found in by_place.values() for each in found) - len(everywhere)
    most = sum(1 + each.more for found in by_place.values() for each in found) - repeated
    least = max((len(found) for found in by_place.values()), default=0)
    return Count(max(least, len(everywhere)), most)


def trained(attendances: Iterable[Attendance], on: date) -> list[Attendance]:
    """Keep the lines by which somebody is trained on a day."""
    return [each for each in attendances if outcome(each, on).counts]


def holds_until(person: Person, on: date) -> date | None:
    """Return the day from which somebody trained on a day no longer is; None when nothing limits it."""
    ends = [found.until for found in (outcome(each, on) for each in person.attendances) if found.counts]
    known = [each for each in ends if each is not None]
    return max(known) if known and len(known) == len(ends) else None


def to_renew(person: Person, on: date) -> bool:
    """Say whether what somebody learnt ends within the next 90 days."""
    until = holds_until(person, on)
    return until is not None and until <= on + timedelta(days=RENEWAL)


# -------------------------------------------------------------------------------------------------------------- rates


@dataclass(frozen=True)
class Target:
    """How many people of a profile an establishment has to train, where the number comes from, and its day."""

    establishment: str
    profile: Profile
    headcount: int
    source: str = ""
    set_on: date | None = None
    ref: UUID | None = None

    @property
    def basis(self) -> str:
        """« Bilan social 2025, cible du 15/01/2026 »: a headcount without its year is said to have none."""
        day = f"cible du {short_date(self.set_on)}" if self.set_on else "année non précisée"
        return f"{self.source}, {day}" if self.source else f"source non précisée, {day}"


@dataclass(frozen=True)
class Rate:
    """A number of people against a headcount; `headcount` None when there is no rate, and `why` says so."""

    count: Count
    headcount: int | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """« 66,7 % », « 66,7 à 83,3 % », or '' without a headcount; never over 100 %."""
        if self.headcount is None:
            return ""
        low, high = (
            percent(min(Decimal(1), Decimal(each) / self.headcount)) for each in (self.count.low, self.count.high)
        )
        return low if low == high else f"{low.removesuffix(' %')} à {high}"

    @property
    def over(self) -> bool:
        """Whether more people are trained than the headcount has."""
        return self.headcount is not None and self.count.low > self.headcount


def rate(count: Count, targets: Sequence[Target], establishments: Iterable[str]) -> Rate:
    """Divide by the headcount of every establishment; one that gave none leaves the number without a rate."""
    given = {each.establishment for each in targets}
    lacking = [each for each in establishments if each not in given]
    if not targets:
        return Rate(count, None, "effectif non renseigné")
    if lacking:
        number = len(lacking)
        return Rate(
            count, None,
            f"effectif non renseigné pour {number} {plural(number, 'établissement', 'établissements')}",
        )  # fmt: skip
    headcount = sum(each.headcount for each in targets)
    return Rate(count, headcount) if headcount else Rate(count, None, "effectif nul")


@dataclass(frozen=True)
class Line:
    """What is shown of a profile, a function or an establishment: people trained, and those who take part in on-call."""

    key: str
    label: str
    rate: Rate
    on_call: Count
    on_call_known: Count
    targets: tuple[Target, ...] = ()

    @property
    def count(self) -> Count:
        """How many people are trained."""
        return self.rate.count


def line(
    key: str,
    label: str,
    chosen: Iterable[Attendance],
    everybody: Iterable[Attendance],
    on: date,
    targets: Sequence[Target] = (),
    establishments: Iterable[str] = (),
) -> Line:
    """Count the people that lines train, and how many of those who take part in on-call (lessons.md, CHSF).

    `chosen` are the lines of the kind asked; `everybody` those of any kind, by which people who take part in on-call are
    known: no list of them exists elsewhere. Without `establishments`, no rate is asked.
    """
    counting = trained(chosen, on)
    asked = tuple(establishments)
    count = unique(counting)
    return Line(
        key,
        label,
        rate(count, targets, asked) if asked else Rate(count),
        unique(each for each in counting if each.on_call),
        unique(each for each in everybody if each.on_call),
        tuple(targets),
    )


# ---------------------------------------------------------------------------------------------------------- indicator


def one_trained(attendances: Iterable[Attendance], sessions: Iterable[Session], on: date) -> Verdict:
    """Say whether an establishment has somebody trained as DMCC (workbooks.md, 3.3: an indicator, no national number)."""
    mine = [each for each in attendances if each.session is not None and each.session.kind is Kind.DMCC]
    counting = trained(mine, on)
    if counting:
        count = unique(counting)
        word = plural(count.high, "personne formée", "personnes formées")
        return Verdict(State.MET, (Reason("DMCC_TRAINED", f"{count.text} {word}"),))
    told = [outcome(each, on) for each in mine]
    expired = [each.until for each in told if each.code == "EXPIRED" and each.until is not None]
    if expired:
        reason = Reason("DMCC_EXPIRED", f"Plus personne : la dernière validité est échue le {short_date(max(expired))}")
        return Verdict(State.AT_RISK, (reason,), "Inscrire au moins une personne à une session DMCC")
    unsigned = sum(each.code == "UNSIGNED" for each in told)
    if unsigned:
        what = plural(unsigned, "présence n’est pas signée", "présences ne sont pas signées")
        return Verdict(
            State.TO_CONFIRM, (Reason("DMCC_UNSIGNED", f"{unsigned} {what}"),), "Noter les signatures de la session"
        )
    coming = [each for each in sessions if each.kind is Kind.DMCC and each.ends_on > on]
    if coming:
        first = min(coming, key=lambda session: (session.starts_on, session.code))
        reason = Reason("DMCC_UPCOMING", f"Une session commence le {short_date(first.starts_on)}", first.code)
        return Verdict(State.IN_PROGRESS, (reason,), "Inscrire au moins une personne à cette session")
    return Verdict(
        State.MISSING,
        (Reason("DMCC_NONE", "Personne n’est formé"),),
        "Inscrire au moins une personne à une session DMCC",
    )


# ------------------------------------------------------------------------------------------------------------ charter


@dataclass(frozen=True)
class Charter:
    """How many people of a service signed the charter of the information system: counts, never a list."""

    establishment: str
    service: str
    headcount: int
    signatures: int
    counted_on: date | None = None
    ref: UUID | None = field(default=None, compare=False)

    @property
    def share(self) -> Decimal | None:
        """The part that signed, 0 to 1; None for a service without anybody."""
        return Decimal(self.signatures) / self.headcount if self.headcount else None


def charter_total(lines: Iterable[Charter]) -> Charter | None:
    """Add up the services, at the oldest day of their counts; None when no service is counted."""
    found = list(lines)
    if not found:
        return None
    days = [each.counted_on for each in found if each.counted_on is not None]
    return Charter(
        "", "", sum(each.headcount for each in found), sum(each.signatures for each in found), min(days, default=None)
    )
