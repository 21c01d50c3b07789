"""Training: how many people are trained on a day, against which headcount (lessons.md, « DMCC training, Martinique »).

None of it is a criterion of D2: training is followed beside it (referential-care-d2.md, 13). Whether one line trains
somebody is in `rules.attendance`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from compliance.rules.attendance import outcome, trained
from compliance.rules.session import Kind
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import grouped, percent, plural, short_date, unaccented

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from compliance.rules.attendance import Attendance, Profile
    from compliance.rules.session import Session

RENEWAL = 90  # days before the end of a validity from which somebody is listed as to renew


# ----------------------------------------------------------------------------------------------------------- how many


def folded(text: str) -> str:
    """Return a text as people compare it: « Infirmière » and « INFIRMIERE » are one function."""
    return " ".join(unaccented(text).split())


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
        low, high = grouped(self.low), grouped(self.high)
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
