"""What is somebody's to do in an establishment, from what is recorded there: when, what, why, and where it is done.

Pure: lines of registers come in as they are recorded, with the day. A task is not a reminder that somebody ticks: it goes when
what it asks is recorded (lessons.md, Puget-Théniers: referents get a short list of what is theirs to do).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self

from compliance.rules import action
from compliance.rules.exercise import Status, planned_day
from compliance.rules.perimeter import MINIMAL_KINDS, BiaState, PlanState
from compliance.rules.verdict import State
from compliance.rules.words import plural, short_date

if TYPE_CHECKING:
    from uuid import UUID

    from compliance.rules.verdict import Verdict

AHEAD = timedelta(days=60)  # what is due later is not told yet
FRESH = timedelta(days=90)  # a number checked longer ago is held to be out of date (practice.md, 1.6: CHU de Nice)
RETEX_WITHIN = timedelta(days=60)  # as the checks of an import say


class TaskKind(StrEnum):
    """What a task is about: the filter of the page."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Give a kind its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    EXERCISE = "exercise", "Exercices"
    ACTION = "action", "Actions"
    PLAN = "plan", "BIA et PCRA"
    INCIDENT = "incident", "Incidents"
    MILESTONE = "milestone", "Jalons"
    EVIDENCE = "evidence", "Pièces"
    DIRECTORY = "directory", "Annuaire de crise"


class Where(StrEnum):
    """Where a task is done: a new line, a recorded line, a list, a row of the referential, a piece."""

    NEW = "new"
    EDIT = "edit"
    LIST = "list"
    ROW = "row"
    PIECE = "piece"


class Line(Protocol):
    """A line of a register."""

    @property
    def finess(self) -> str:
        """The establishment it is of."""

    @property
    def id(self) -> UUID:
        """Its version."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Its columns."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do. `due_on` is None when nothing dates it; `name` is the list, or the row of the referential, it is done in.

    `waiting`: somebody waits for it since `due_on`, which is no term to keep.
    """

    kind: TaskKind
    finess: str
    due_on: date | None
    what: str
    why: str
    act: str
    where: Where
    name: str
    line: UUID | None = None
    field: str = ""  # the one of its form that is awaited
    given: Mapping[str, str] = dataclass_field(default_factory=dict)
    waiting: bool = False

    def late(self, on: date) -> bool:
        """Say whether its day has passed."""
        return not self.waiting and self.due_on is not None and self.due_on < on


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """Put tasks in the order of their days, those without a day last."""
    return sorted(tasks, key=lambda task: (task.due_on or date.max, task.finess, task.kind, task.what))


def _soon(day: date | None, on: date) -> bool:
    return day is not None and day <= on + AHEAD


# ---------------------------------------------------------------------------------------------------------- exercises


def of_exercises(
    exercises: Iterable[Line],
    results: Iterable[Line],
    actions: Iterable[Line],
    received: Callable[[str], bool],
    on: date,
    incidents: Iterable[Line] = (),
) -> Iterator[Task]:
    """Hold what is planned, record its result, send its RETEX, decide at least one action (D2.O1.D).

    `received` tells whether a file is in Vigie: one that is only named is still to be sent. The actions of an incident are those
    of the exercise that proposes it.
    """
    found = {(line.finess, line.values["exercise_code"]): line for line in results}
    proposed = {(line.finess, line.values["code"]): line.values["exercise_code"] for line in incidents}
    decided = {
        (line.finess, code)
        for line in actions
        if line.values["status"] != action.Status.DROPPED
        for code in action.exercises_of(
            line.values["exercise_code"], proposed.get((line.finess, line.values["incident_code"]))
        )
    }
    for line in exercises:
        code = line.values["code"]
        result = found.get((line.finess, code))
        if result is not None:
            yield from _after(line, result, received, decided=(line.finess, code) in decided)
            continue
        day = planned_day(line.values)
        if line.values["status"] == Status.CANCELLED or day is None or not _soon(day, on):
            continue
        title = line.values["label"] or "exercice"
        if day >= on:
            yield Task(
                kind=TaskKind.EXERCISE, finess=line.finess, due_on=day, what=f"Tenir l’exercice {code}",
                why=f"{title}. Sans la direction générale et un métier dans la salle, il ne compte pas comme exercice annuel.",
                act="Ouvrir l’exercice", where=Where.EDIT, name="Planning", line=line.id,
            )  # fmt: skip
        else:
            yield Task(
                kind=TaskKind.EXERCISE, finess=line.finess, due_on=day, what=f"Saisir le résultat de l’exercice {code}",
                why=f"Prévu le {short_date(day)}, sans résultat : dites ce qu’il a donné, ou reportez-le.",
                act="Saisir le résultat", where=Where.NEW, name="Resultats", given={"exercise_code": code},
            )  # fmt: skip


def _after(line: Line, result: Line, received: Callable[[str], bool], *, decided: bool) -> Iterator[Task]:
    code, held, file = line.values["code"], result.values["held_on"], result.values["retex_file"] or ""
    if not received(file):
        yield Task(
            kind=TaskKind.EXERCISE, finess=line.finess, due_on=held + RETEX_WITHIN, what=f"Déposer le RETEX de l’exercice {code}",
            why=f"{file} est nommé, et n’a pas été déposé." if file else "Sans RETEX, l’exercice ne compte pas pour D2.O1.D.",
            act="Envoyer le RETEX", where=Where.EDIT, name="Resultats", line=result.id, field="retex_file",
        )  # fmt: skip
    if not decided:
        yield Task(
            kind=TaskKind.EXERCISE, finess=line.finess, due_on=held + RETEX_WITHIN,
            what=f"Décider au moins une action après l’exercice {code}",
            why="Un RETEX sans plan d’amélioration ne compte pas pour D2.O1.D.",
            act="Ajouter une action", where=Where.NEW, name="Plan_actions", given={"exercise_code": code},
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ actions


def of_actions(actions: Iterable[tuple[Line, Verdict]], on: date) -> Iterator[Task]:
    """Do what was decided; what is said done is a task until it is closed, which no tick does (`rules.action`)."""
    for line, verdict in actions:
        due = line.values["due_on"]
        proving = verdict.state is State.TO_CONFIRM
        if verdict.state in (State.MET, State.NOT_APPLICABLE) or not (proving or _soon(due, on)):
            continue
        said = line.values["action"].split("\n")[0][:120]
        yield Task(
            kind=TaskKind.ACTION, finess=line.finess, due_on=due, what=f"Prouver : {said}" if proving else said,
            why=f"{verdict.reasons[0].text}." if proving else f"Constat : {line.values['finding'].splitlines()[0][:160]}",
            act="Clore avec une preuve" if proving else "Ouvrir l’action", where=Where.EDIT, name="Plan_actions", line=line.id,
            field="proof_file" if proving else "",
        )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- plans


def of_perimeters(perimeters: Iterable[Any], target: date | None) -> Iterator[Task]:
    """Do the BIA and approve the plans of the minimal perimeters that exist (D2.O1.C), for the target date."""
    for each in perimeters:
        if each.kind not in MINIMAL_KINDS or not each.present:
            continue
        lacking = []
        if each.bia in (BiaState.NOT_DONE, BiaState.IN_PROGRESS) and not each.bia_reason:
            lacking.append("faire le BIA")
        lacking += [
            f"valider le {name}"
            for name, state in (("PCA", each.pca), ("PRA", each.pra))
            if state is not PlanState.APPROVED
        ]
        if lacking:
            what = " et ".join(lacking)
            yield Task(
                kind=TaskKind.PLAN, finess=each.finess, due_on=target, what=f"{each.name} : {what}",
                why=f"{each.kind.label}, périmètre a minima de D2.O1.C.",
                act="Mettre à jour", where=Where.EDIT, name="Perimetres", line=each.id,
            )  # fmt: skip


def of_reviews(contents: Iterable[Line], linked: Iterable[Line], on: date) -> Iterator[Task]:
    """Review a PCRA, or a plan it leans on, whose day is near or past."""
    for line in contents:
        due = line.values["next_review_on"]
        if _soon(due, on):
            yield Task(
                kind=TaskKind.PLAN, finess=line.finess, due_on=due, what=f"Revoir le PCRA de {line.values['perimeter_code']}",
                why="Sa prochaine revue arrive à son jour.", act="Noter la revue", where=Where.EDIT, name="Contenu_PCRA",
                line=line.id,
            )  # fmt: skip
    for line in linked:
        due = line.values["review_by"]
        if _soon(due, on):
            yield Task(
                kind=TaskKind.PLAN, finess=line.finess, due_on=due,
                what=f"Revoir : {line.values['title'] or line.values['code']}",
                why="Des PCRA s’appuient sur lui.", act="Noter la révision", where=Where.EDIT, name="Autres_plans", line=line.id,
            )  # fmt: skip


# ------------------------------------------------------------------------------------- incidents, milestones, the rest


def of_incidents(incidents: Iterable[Line], actions: Iterable[Line], received: Callable[[str], bool]) -> Iterator[Task]:
    """Write the RETEX of an incident that is over, and decide what follows (lessons.md, Dunkerque)."""
    decided = {
        (line.finess, line.values["incident_code"])
        for line in actions
        if line.values["status"] != action.Status.DROPPED
    }
    for line in incidents:
        values = line.values
        over = values["ended_on"] or (values["started_on"] if values["ended_at"] else None)
        if over is None:
            continue
        if not received(values["retex_file"] or ""):
            yield Task(
                kind=TaskKind.INCIDENT, finess=line.finess, due_on=over + RETEX_WITHIN,
                what=f"Écrire le RETEX de l’incident {values['code']}", why=f"{values['title']}, terminé le {short_date(over)}.",
                act="Envoyer le RETEX", where=Where.EDIT, name="Incidents", line=line.id, field="retex_file",
            )  # fmt: skip
        if (line.finess, values["code"]) not in decided:
            yield Task(
                kind=TaskKind.INCIDENT, finess=line.finess, due_on=over + RETEX_WITHIN,
                what=f"Décider ce qui suit l’incident {values['code']}", why="Aucune action n’en est encore sortie.",
                act="Ajouter une action", where=Where.NEW, name="Plan_actions",
                given={"incident_code": values["code"]},
            )  # fmt: skip


def of_milestones(milestones: Iterable[Line], on: date) -> Iterator[Task]:
    """Reach a milestone whose day is near or past."""
    for line in milestones:
        values = line.values
        if values["status"] in ("reached", "abandoned") or values["reached_on"] or not _soon(values["due_on"], on):
            continue
        yield Task(
            kind=TaskKind.MILESTONE, finess=line.finess, due_on=values["due_on"], what=values["title"],
            why=f"Jalon {values['code']}.", act="Mettre à jour", where=Where.EDIT, name="Jalons", line=line.id,
        )  # fmt: skip


def of_evidence(pieces: Iterable[tuple[str, str, str, date | None]], on: date) -> Iterator[Task]:
    """Renew a piece that expires: (FINESS, row, name of the file, day)."""
    for finess, row, filename, expires in pieces:
        if _soon(expires, on):
            yield Task(
                kind=TaskKind.EVIDENCE, finess=finess, due_on=expires, what=f"Renouveler la pièce {filename}",
                why=f"Elle répond à {row} et expire.", act="Ouvrir la ligne", where=Where.ROW, name=row,
            )  # fmt: skip


def of_returned(pieces: Iterable[tuple[str, UUID | None, str, str, str, str, str, date]]) -> Iterator[Task]:
    """Replace a piece that an authority returned: (FINESS, piece, row, file, authority, cause, message, day of the return)."""
    for finess, piece, row, filename, authority, cause, message, day in pieces:
        yield Task(
            kind=TaskKind.EVIDENCE, finess=finess, due_on=day, what=f"Pièce retournée par l’{authority} : {filename}",
            why=f"{row}, {cause.lower()} : {' '.join(message.split())[:200]}", act="Remplacer la pièce",
            where=Where.PIECE if piece else Where.ROW, name=row, line=piece, waiting=True,
        )  # fmt: skip


def of_quarantine(pieces: Iterable[tuple[str, str, str]]) -> Iterator[Task]:
    """Replace a piece that must reach nobody: (FINESS, row, name of the file)."""
    for finess, row, filename in pieces:
        yield Task(
            kind=TaskKind.EVIDENCE, finess=finess, due_on=None, what=f"Redéposer {filename} sans ce qui l’a mise en quarantaine",
            why=f"Elle ne compte plus pour {row} et n’est remise à personne.", act="Ouvrir la ligne", where=Where.ROW, name=row,
        )  # fmt: skip


def of_directory(checked: Mapping[str, Collection[tuple[str, date | None]]], on: date) -> Iterator[Task]:
    """Call the numbers that nobody has checked for 90 days: list -> (FINESS, last check), without a name; one task an establishment."""
    stale: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for name, lines in checked.items():
        for finess, day in lines:
            if day is None or day + FRESH < on:
                stale[finess].append((day or date.max, name))
    for finess, found in stale.items():
        count, (oldest, name) = len(found), min(found)
        yield Task(
            kind=TaskKind.DIRECTORY, finess=finess, due_on=None if oldest == date.max else oldest + FRESH,
            what=f"Appeler {count} {plural(count, 'numéro', 'numéros')} de l’annuaire de crise",
            why="Sans contrôle depuis 90 jours : un numéro faux ne se découvre que le jour de la crise.",
            act="Ouvrir la liste", where=Where.LIST, name=name,
        )  # fmt: skip
