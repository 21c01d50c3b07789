"""Which stage of the programme a candidate is in on a day, until when, and what that asks of it.

Source: the dates of the referential and the course of a declaration: operational phase, declaration on eCaRE, review by
the ARS, then control by the ANS, then payment. Stages come from the calendar and the filing alone: what a reviewer
decided on a dossier is another fact. A date nobody knows moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from compliance.rules.milestone import countdown, days_to
from compliance.rules.verdict import Reason
from compliance.rules.words import long_date, plural, short_date

_PUBLISHED = "publiée"
_TO_CONFIRM = "à confirmer"
_UNKNOWN = "non connue"


class Stage(StrEnum):
    """Where a candidate stands in one domain of the programme, in the order in which stages come."""

    OPERATIONAL = "operational"
    DECLARATION = "declaration"
    ARS_REVIEW = "ars_review"
    ANS_REVIEW = "ans_review"
    PAYMENT = "payment"
    NEXT_DOMAIN = "next_domain"

    @property
    def label(self) -> str:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    Stage.OPERATIONAL: "Phase opérationnelle",
    Stage.DECLARATION: "Déclaration",
    Stage.ARS_REVIEW: "Instruction par l’ARS",
    Stage.ANS_REVIEW: "Contrôle par l’ANS",
    Stage.PAYMENT: "Paiement",
    Stage.NEXT_DOMAIN: "Domaine suivant",
}

# What ends each stage: as the first sentence says it, then by its full name.
_ENDS = {
    Stage.OPERATIONAL: ("ouverture des déclarations", "Ouverture des déclarations"),
    Stage.DECLARATION: ("clôture", "Clôture des déclarations"),
    Stage.ARS_REVIEW: ("fin", "Fin de l’instruction par l’ARS"),
    Stage.ANS_REVIEW: ("fin", "Fin du contrôle par l’ANS"),
    Stage.PAYMENT: ("clôture des demandes", "Clôture des demandes de paiement"),
}


_PHASE_GOES_ON = Reason("PHASE_GOES_ON", "La phase opérationnelle continue jusqu’au dépôt de la déclaration sur eCaRE")


@dataclass(frozen=True)
class Day:
    """A date of the programme, None when nobody knows it, and what it is worth (« publiée », « à confirmer »...)."""

    on: date | None
    confidence: str

    @property
    def mark(self) -> str:
        """What follows the date in a sentence: nothing when it is published, else « (estimée) »."""
        return "" if self.confidence == _PUBLISHED else f" ({self.confidence or _TO_CONFIRM})"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The national dates of one domain; each name is the key of that date in the referential."""

    phase_start: Day
    declarations_open: Day
    target: Day
    declarations_close: Day
    ars_review: Day
    ans_review: Day
    payment_close: Day


@dataclass(frozen=True)
class Standing:
    """The stage of a candidate on a day.

    `since` is its first day. `until` is the date that is waited for: the opening of the declarations in the operational
    phase, else the last day of the stage; `days_left` counts to it (0 on the day, negative once it is past). They are
    None when they are not known. `first` is the one sentence to read before all others.
    """

    stage: Stage
    late: bool
    since: date | None
    until: date | None
    until_confidence: str
    days_left: int | None
    reasons: tuple[Reason, ...]
    first: str


def standing(calendar: Calendar, filed_on: date | None, on: date, returned: int = 0) -> Standing:
    """Say in which stage a candidate is on a day.

    `filed_on` is the day of its declaration on eCaRE (not of a filing in Vigie); one dated after `on` is not filed yet.
    `returned` counts the pieces returned by a reviewer and not filed again: they are said before the date of a review.
    Every stage includes its last day. The stage is the latest one whose beginning is sure: a date unknown, or that
    precedes what it should follow, is passed over and said. Raises ValueError when `returned` is negative.
    """
    if returned < 0:
        message = f"nombre de pièces retournées négatif : {returned}"
        raise ValueError(message)
    pieces = f"{returned} {plural(returned, 'pièce retournée', 'pièces retournées')} à redéposer"
    before = (Reason("PIECES_RETURNED", pieces),) if returned else ()
    if filed_on is not None and filed_on <= on:
        return _filed(calendar, filed_on, on, before)
    if filed_on is not None:
        text = f"Déclaration datée du {short_date(filed_on)} : pas encore déposée à ce jour"
        before = (*before, Reason("FILING_AHEAD", text))
    return _not_filed(calendar, on, before)


def _not_filed(calendar: Calendar, on: date, before: tuple[Reason, ...]) -> Standing:
    opening, close = calendar.declarations_open, calendar.declarations_close
    usable = close.on if close.on is None or opening.on is None or opening.on <= close.on else None
    if usable is not None and usable < on:
        return _late(calendar, usable, on, before)
    target = _target(calendar.target, on)
    if opening.on is None or on < opening.on:
        reasons = (*before, *_start(calendar.phase_start, on), target)
        if opening.on is None:
            reasons = (*reasons, _unusable(Stage.OPERATIONAL, opening))
        return _make(Stage.OPERATIONAL, calendar.phase_start.on, opening, on, reasons)
    reasons = (*before, _PHASE_GOES_ON, target)
    if usable is None:
        return _make(Stage.DECLARATION, opening.on, None, on, (*reasons, _unusable(Stage.DECLARATION, close)))
    return _make(Stage.DECLARATION, opening.on, close, on, reasons)


def _late(calendar: Calendar, close: date, on: date, before: tuple[Reason, ...]) -> Standing:
    """Answer past the close of the declarations without a filing: still to be declared, at once."""
    confidence = calendar.declarations_close.confidence
    said = countdown(close, on)
    sure = confidence == _PUBLISHED
    reasons = [
        *before,
        Reason("DECLARATION_LATE", f"Clôture {said} : {long_date(close)}{calendar.declarations_close.mark}"),
        Reason("DECLARE_NOW", "Déclarer sans attendre sur eCaRE, ou écrire à son ARS"),
    ]
    if not sure:
        reasons.append(Reason("CLOSE_TO_CONFIRM", "Date de clôture à confirmer auprès de son ARS"))
    reasons += [_PHASE_GOES_ON, _target(calendar.target, on)]
    doubt = "" if sure else " (date à confirmer)"
    return Standing(
        stage=Stage.DECLARATION,
        late=True,
        since=calendar.declarations_open.on,
        until=close,
        until_confidence=confidence,
        days_left=days_to(close, on),
        reasons=tuple(reasons),
        first=f"La clôture des déclarations est {said}{doubt} : déclarez sans attendre",
    )


def _filed(calendar: Calendar, filed_on: date, on: date, before: tuple[Reason, ...]) -> Standing:
    """Follow the reviews: each stage ends on its date, when that date is known and follows the one before."""
    course = (
        (Stage.ARS_REVIEW, calendar.ars_review, Stage.ANS_REVIEW),
        (Stage.ANS_REVIEW, calendar.ans_review, Stage.PAYMENT),
        (Stage.PAYMENT, calendar.payment_close, Stage.NEXT_DOMAIN),
    )
    stage, since, floor = Stage.ARS_REVIEW, filed_on, filed_on
    reasons = (*before, Reason("DECLARATION_FILED", f"Déclaration déposée le {short_date(filed_on)}"))
    deduced: tuple[Reason, ...] = ()
    ends: dict[Stage, Day] = {}
    for here, end, after in course:
        if end.on is None or end.on < floor:
            continue
        ends[here], floor = end, end.on
        if on <= end.on:
            break
        stage, since = after, end.on + timedelta(days=1)
        # Said, since most of these dates are estimates.
        text = f"{_ENDS[here][1]} au calendrier : {short_date(end.on)}{end.mark}"
        deduced = (Reason("STAGE_DEDUCED", text),)
    reasons = (*reasons, *deduced)
    if stage is Stage.NEXT_DOMAIN:
        first = (
            f"Domaine suivant : demandes de paiement closes depuis le {short_date(since)}{calendar.payment_close.mark}"
        )
        return Standing(stage, False, since, None, "", None, reasons, first)
    if stage not in ends:
        own = next(end for here, end, _ in course if here is stage)
        reasons = (*reasons, _unusable(stage, own))
    return _make(stage, since, ends.get(stage), on, reasons)


def _make(stage: Stage, since: date | None, end: Day | None, on: date, reasons: tuple[Reason, ...]) -> Standing:
    """Put a stage that is not late into words; returned pieces come before the date of a review."""
    until = end.on if end is not None else None
    if end is None or until is None:
        when, confidence, left = "à une date non connue", _UNKNOWN, None
    else:
        when, confidence, left = f"{_when(until, on)}{end.mark}", end.confidence, days_to(until, on)
    name = "Déclaration ouverte" if stage is Stage.DECLARATION else stage.label
    pieces = next((reason.text for reason in reasons if reason.code == "PIECES_RETURNED"), "")
    first = f"{name} : {_ENDS[stage][0]} {when}"
    if pieces and stage not in (Stage.OPERATIONAL, Stage.DECLARATION):
        first = f"{pieces} : {name[0].lower()}{name[1:]}, {_ENDS[stage][0]} {when}"
    return Standing(stage, False, since, until, confidence, left, reasons, first)


def _when(day: date, on: date) -> str:
    """Say a date with how far it is: a countdown names its date only while it is to come."""
    said = countdown(day, on)
    if on < day:
        return said
    return f"{said}, {long_date(day)}" if on == day else f"{long_date(day)}, {said}"


def _target(target: Day, on: date) -> Reason:
    if target.on is None:
        return Reason("TARGET", "Date cible : date non connue")
    return Reason("TARGET", f"Date cible : {_when(target.on, on)}{target.mark}")


def _start(start: Day, on: date) -> tuple[Reason, ...]:
    if start.on is None:
        return (Reason("DATE_UNKNOWN", "Début de la phase opérationnelle : date non connue"),)
    if on < start.on:
        text = f"La phase opérationnelle n’a pas commencé : début {_when(start.on, on)}{start.mark}"
        return (Reason("PHASE_AHEAD", text),)
    return ()


def _unusable(stage: Stage, end: Day) -> Reason:
    """Say why the end of a stage is not used: nobody knows it, or it comes before what it should follow."""
    if end.on is None:
        return Reason("DATE_UNKNOWN", f"{_ENDS[stage][1]} : date non connue")
    text = f"{_ENDS[stage][1]} : le {short_date(end.on)}{end.mark} précède le début de ce stade, date à revoir"
    return Reason("DATE_TOO_EARLY", text)
