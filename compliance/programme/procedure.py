"""The procedure of the programme: the two machines of states, the levels and their estimated durations, read from a file.

The loader refuses whatever it does not know, a state that no step reaches, and one without an issue that is not final.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.programme.referential import DATE_CONFIDENCES, ROW_KINDS
from compliance.programme.strict import Table, parse_toml, read_text
from compliance.rules.procedure import DOSSIER, FILING, LEVELS, MOVE, NOBODY, PIECE, Level, Process, State, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).resolve().parent / "procedure.toml"
PERMISSIONS = frozenset({"file_dossier", "review"})
_THROUGH = frozenset({MOVE, FILING, PIECE, DOSSIER})


@dataclass(frozen=True)
class Procedure:
    """What the file says; `efforts` are the points that a piece costs to examine, by kind of row.

    `confirmation_minutes` is how long a password typed for a decision holds for the decisions on pieces that follow.
    """

    levels: Mapping[str, Level]
    efforts: Mapping[str, int]
    processes: Mapping[str, Process]
    confirmation_minutes: int


@cache
def load() -> Procedure:
    """Read the procedure that ships, once for a process. Raises ReferentialError naming the entry and the key at fault."""
    return parse(FILE.name, read_text(FILE))


def parse(name: str, text: str) -> Procedure:
    """Read a procedure from its text; messages call it `name`. Raises ReferentialError."""
    table = parse_toml(name, text)
    levels = {each.key: each for each in map(_level, table.tables("levels", "niveau", required=True))}
    efforts = dict(map(_effort, table.tables("efforts", "effort", required=True)))
    processes = {each.key: each for each in map(_process, table.tables("processes", "procédure", required=True))}
    for missing in sorted(set(LEVELS) - set(levels)):
        table.fail("levels", f"il manque le niveau « {missing} »")
    for missing in sorted(ROW_KINDS - set(efforts)):
        table.fail("efforts", f"il manque l’effort d’une ligne « {missing} »")
    minutes = table.integer("confirmation_minutes")
    if minutes is None or minutes < 1:
        table.fail("confirmation_minutes", "au moins une minute")
    table.text("title")
    table.text("source")
    table.done()
    return Procedure(levels, efforts, processes, minutes)


def _level(table: Table) -> Level:
    level = Level(
        key=table.text("key", among=frozenset(LEVELS)),
        label=table.text("label"),
        months=table.integer("months"),
        date=table.key("date", default=""),
        confidence=table.text("confidence", default="", among=DATE_CONFIDENCES | {""}),
        note=table.text("note", default=""),
    )
    table.done()
    if (level.months is None) != (not level.confidence):
        table.fail("confidence", "une durée va avec sa confiance, et l’inverse")
    return level


def _effort(table: Table) -> tuple[str, int]:
    kind, points = table.text("key", among=ROW_KINDS), table.integer("points")
    table.done()
    if points is None or points < 1:
        table.fail("points", "au moins un point")
    return kind, points


def _process(table: Table) -> Process:
    key, label = table.text("key", among=frozenset({"candidature", "declaration"})), table.text("label")
    table.text("note", default="")
    states: dict[str, State] = {}
    for entry in table.tables("states", "état", required=True):
        state = _state(entry)
        if state.key in states:
            entry.fail("key", f"« {state.key} » est déjà pris")
        states[state.key] = state
    steps: list[Step] = []
    for entry in table.tables("steps", "étape", required=True):
        for step in _steps(entry, states):
            if any(_same(step, other) for other in steps):
                entry.fail("to", f"l’étape de « {step.source} » à « {step.target} » est déjà écrite")
            steps.append(step)
    table.done()
    process = Process(key, label, states, tuple(steps))
    _refuse_dead_ends(table, process)
    return process


def _state(table: Table) -> State:
    state = State(
        key=table.key("key"),
        label=table.text("label"),
        clock=table.text("clock", among=frozenset({*LEVELS, NOBODY})),
        final=table.flag("final", default=False),
    )
    table.done()
    return state


def _steps(table: Table, states: Mapping[str, State]) -> tuple[Step, ...]:
    sources, target = table.texts("from", among=frozenset(states)), table.text("to", among=frozenset(states))
    level, permission = table.text("level", among=frozenset(LEVELS)), table.text("permission", among=PERMISSIONS)
    label, sentence = table.text("label"), table.text("sentence")
    reason, password = table.flag("reason", default=False), table.flag("password", default=False)
    through = table.text("through", default=MOVE, among=_THROUGH)
    table.done()
    if not sources:
        table.fail("from", "une étape part d’au moins un état")
    for source in sources:
        if states[source].final:
            table.fail("from", f"« {source} » est final : rien n’en part")
    return tuple(
        Step(source, target, level, permission, label, sentence, reason, password, through) for source in sources
    )


def _same(one: Step, other: Step) -> bool:
    return (one.source, one.target) == (other.source, other.target)


def _refuse_dead_ends(table: Table, process: Process) -> None:
    """Refuse a state that nobody can come to, and one that nobody can leave though it is not final."""
    reached, left = {process.initial.key}, {step.source for step in process.steps}
    while more := {step.target for step in process.steps if step.source in reached} - reached:
        reached |= more
    for key, state in process.states.items():
        if key not in reached:
            table.fail("states", f"aucune étape ne mène à « {key} »")
        if not state.final and key not in left:
            table.fail("states", f"« {key} » n’a pas d’issue et n’est pas final")
