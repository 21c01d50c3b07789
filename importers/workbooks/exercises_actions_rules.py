"""What a row of Plan_actions must hold (workbooks.md, 3.2): where an action comes from, and whether it is closed."""

from __future__ import annotations

from importers.base import Row
from importers.facts import Facts
from importers.workbooks.common import G, W, day, owned_by, owned_through

DONE, DROPPED = "done", "dropped"
ORIGINS = ("exercise_code", "incident_code", "objective")  # where an action comes from, the first that is there


def owner(row: Row, facts: Facts) -> None:
    """Ask where an action comes from, and write it under the establishment of its exercise or incident."""
    origin = next((key for key in ORIGINS if row.get(key) is not None or key in row.broken), None)
    if origin is None:
        row.require(
            "exercise_code", "Rien ne dit d’où vient cette action.",
            "Saisissez le code de l’exercice, celui de l’incident, ou la ligne du référentiel à laquelle elle répond.",
        )  # fmt: skip
        return
    if origin == "objective":
        owned_by()(row, facts)
    else:
        owned_through("Planning" if origin == "exercise_code" else "Incidents", origin)(row, facts)


def state_and_due(row: Row, facts: Facts) -> None:
    """Tell of an action done without a date, and of one whose time has passed."""
    state, due = row.get("status"), day(row, "due_on")
    if state == DONE and row.blank("closed_on"):
        row.remark(
            W, "W-COH", "closed_on", "L’action est faite, sans date de clôture.", "Saisissez la date de clôture."
        )  # fmt: skip
    if state == DONE and row.blank("proof_file") and row.blank("retest_code"):
        row.remark(
            G, "G-REQ", "proof_file", "L’action est dite faite, sans preuve ni nouveau test : elle n’est pas close.",
            "Nommez le fichier qui la prouve, ou l’exercice qui a vérifié qu’elle tient.",
        )  # fmt: skip
    open_still = state not in (DONE, DROPPED) and "status" not in row.broken
    if due is not None and due < facts.today and open_still:
        row.remark(
            W, "W-RET", "due_on", "L’échéance est passée et l’action n’est pas faite.",
            "Mettez à jour le statut, ou l’échéance.",
        )  # fmt: skip
