"""The dates of the programme for a candidate, and its own milestones: how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.models.milestone import Milestone
from compliance.programme.referential import Referential
from compliance.reports.facts import dates_of
from compliance.reports.gathered import Gathered
from compliance.rules.milestone import countdown
from compliance.rules.words import short_date

# « Dépassée » is said of what had to be done by a day, not of what began, opened or was filed that day.
_DEADLINES = frozenset(
    {"applications_close", "target", "declarations_close", "ars_review", "ans_review", "payment_close"}
)
# What is filed on eCaRE, by the dates of the programme between which it may be.
_WINDOWS = {"applications": "La candidature", "declarations": "La déclaration"}


@dataclass(frozen=True)
class DateLine:
    """A date of the programme: national, or the candidate's own filing."""

    key: str
    label: str
    on: date | None
    confidence: str
    note: str
    countdown: str
    past: bool


@dataclass(frozen=True)
class MilestoneLine:
    """A milestone of the candidate or of one of its establishments (register of milestones)."""

    code: str
    title: str
    rows: tuple[str, ...]
    holder: str
    owner: str
    due_on: date
    reached_on: date | None
    state: str  # reached, late, abandoned, upcoming
    countdown: str


def programme_dates(gathered: Gathered, referential: Referential, on: date) -> list[DateLine]:
    """List the dates in order, those nobody knows at the end."""
    own = dates_of(referential, gathered.candidate)
    lines = []
    for entry in referential.dates:
        day = own[entry.key].on
        mine = entry.confidence == "propre au candidat"
        told = countdown(day, on) if day and (day >= on or entry.key in _DEADLINES) else ""
        confidence = ("saisie" if day else "à saisir") if mine else entry.confidence
        lines.append(
            DateLine(
                entry.key, entry.label, day, confidence, entry.source or entry.note, told,
                day is not None and day < on,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.on is None, line.on or date.max))


def doubt(referential: Referential, window: str, day: date | None) -> str:
    """Say that a filing falls outside of what the programme opened, '' when it does not: recorded as typed, since an ARS may admit it."""
    first, last = referential.date_of(f"{window}_open").on, referential.date_of(f"{window}_close").on
    told = f"{_WINDOWS[window]} est datée du {short_date(day)}" if day else ""
    if day and first and day < first:
        return f"{told}, avant l’ouverture du {short_date(first)} : vérifiez."
    if day and last and day > last:
        return f"{told}, après la clôture du {short_date(last)} : vérifiez."
    return ""


def milestones(gathered: Gathered, on: date) -> list[MilestoneLine]:
    """List the milestones of the scope: those to come and late first, by day; then reached; then abandoned."""
    names = {record.finess: record.party.name for record in gathered.parties}
    lines = []
    for row in gathered.registers.get(Milestone, ()):
        values = row.values
        reached = values["reached_on"] if values["status"] == "reached" else None
        reached = reached if reached is not None and reached <= on else None
        state = "abandoned" if values["status"] == "abandoned" else "reached" if reached else ""
        state = state or ("late" if values["due_on"] < on else "upcoming")
        whole = values["holder"] == gathered.candidate.code
        lines.append(
            MilestoneLine(
                values["code"], values["title"], tuple(values["objectives"]),
                gathered.candidate.name if whole else names.get(values["holder"], values["holder"]),
                values["pilot_function"] or "", values["due_on"], reached, state, countdown(values["due_on"], on),
            )
        )  # fmt: skip
    order = {"late": 0, "upcoming": 0, "reached": 1, "abandoned": 2}
    return sorted(lines, key=lambda line: (order[line.state], line.due_on, line.code))
