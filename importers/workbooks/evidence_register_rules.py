"""What a row of K5 must hold (workbooks.md, 3.5), field against field.

The windows are those of the referential (`compliance/programme/care_d2`): a document is judged on the day it was
approved, an event on the day it took place, never on the day it was uploaded.
"""

from __future__ import annotations

from datetime import date, timedelta

from importers.base import Row, RowRule
from importers.facts import Facts
from importers.words import fold
from importers.workbooks.common import E, G, W, day

MISSING, DRAFTING, VALIDATED = "missing", "drafting", "validated"
REACHED = "reached"

_ADS_AGE = 60  # days between the ADS (ORADAD) score and the declaration (D2.O3.A)
_YEARS_BACK = 3  # P1 and O2.A: from 16/07/2022, the operational phase beginning on 16/07/2025
_PLANS = frozenset({"pca", "pra", "bia", "critical_activities"})  # may be older than the test they are run in
_CONTACTS = frozenset({"annuaire", "contact", "correspondant", "referent"})


def _left_empty(row: Row, key: str) -> bool:
    """Tell of an empty cell; a required column that the file does not have was told in its header."""
    return row.blank(key) and key in row.headers


# ------------------------------------------------------------------------------------------------------------- Preuves


def existing(row: Row, facts: Facts) -> None:
    """Ask a document that is said to exist for its date; one that is not there yet is an honest gap."""
    if row.get("status") is None:  # unreadable or missing: told already
        return
    if row.get("status") in (MISSING, DRAFTING):
        if _left_empty(row, "file"):
            what = "manque" if row.get("status") == MISSING else "est en rédaction"
            row.remark(G, "G-REQ", "file", f"Cette pièce {what}.", "Déposez le fichier dès qu’il existe.")
        return
    if _left_empty(row, "file"):
        row.remark(
            G, "G-REQ", "file", "Le nom du fichier manque : rien ne relie cette preuve à une pièce.",
            "Écrivez le nom du fichier déposé dans Vigie.",
        )  # fmt: skip
    if row.blank("document_on"):
        row.require("document_on", "La date du document est obligatoire.", "Saisissez la date du document.")
    found = day(row, "document_on")
    if found is not None and found > facts.today:
        row.remark(
            E, "E-COH", "document_on", "Un document qui existe ne peut pas être daté dans l’avenir.",
            "Corrigez la date ou le statut.",
        )  # fmt: skip


def validation(row: Row, _facts: Facts) -> None:
    """Ask « validé » when; tell of an approval older than its document."""
    if row.get("status") == VALIDATED and row.blank("validated_on"):
        row.remark(
            G, "G-REQ", "validated_on", "La pièce est dite validée sans date de validation.",
            "Saisissez la date de validation, ou choisissez « À valider ».",
        )  # fmt: skip
    written, approved = day(row, "document_on"), day(row, "validated_on")
    if written is not None and approved is not None and approved < written:
        row.remark(
            W, "W-COH", "validated_on", "La validation est plus ancienne que le document.", "Vérifiez les deux dates."
        )


def window(row: Row, facts: Facts) -> None:
    """Tell of a document outside the window of one of its objectives: stored, and shown red."""
    objectives = row.get("objectives")
    for objective in objectives if isinstance(objectives, tuple) else ():
        key, first, last = _window(row, facts, str(objective))
        found = day(row, key)
        if found is None or ((first is None or found >= first) and (last is None or found <= last)):
            continue
        bounds = f"à partir du {first:%d/%m/%Y}" if first else ""
        if last:
            bounds += f"{' et ' if bounds else ''}jusqu’au {last:%d/%m/%Y}"
        row.remark(
            G, "G-PER", key, f"Cette date est hors de la période admise pour {objective} ({bounds}).",
            "Produisez une version ou une preuve dans cette période, ou corrigez la date.",
        )  # fmt: skip
        return


def _window(row: Row, facts: Facts, objective: str) -> tuple[str, date | None, date | None]:
    """Return the column that is judged for an objective, and the first and last day admitted."""
    kind = row.get("document_type")
    approval = "validated_on" if day(row, "validated_on") is not None else "document_on"
    if objective in ("D2.P1", "D2.O2.A"):
        start = facts.phase_start
        # P1 ends with the application, whose day is not among the facts of a file: only its beginning is judged.
        last = facts.filed_on if objective == "D2.O2.A" else None
        return approval, date(start.year - _YEARS_BACK, start.month, start.day), last
    if (objective == "D2.O1.D" and kind not in _PLANS) or (objective == "D2.O4" and kind == "test_book"):
        return "document_on", facts.phase_start, facts.filed_on
    if objective == "D2.O3.A" and kind == "ads_report":
        # Not filed yet: a score already older than 60 days will be too old whenever it is.
        return "document_on", (facts.filed_on or facts.today) - timedelta(days=_ADS_AGE), facts.filed_on
    return "document_on", None, None


def names(row: Row, _facts: Facts) -> None:
    """Refuse names in the contacts of O4 (a referent is a function); ask whether the ARS may read other names."""
    if row.get("nominative") is not True:
        return
    objectives = row.get("objectives")
    words = {word.removesuffix("s") for word in fold(str(row.get("title") or "")).split()}
    contacts = row.get("document_type") == "other" or not words.isdisjoint(_CONTACTS)
    if isinstance(objectives, tuple) and "D2.O4" in objectives and contacts:
        row.remark(
            E, "E-COH", "nominative", "La liste des référents de O4 se fait par fonction, sans donnée nominative.",
            "Retirez les noms du document, puis répondez Non.",
        )  # fmt: skip
    elif row.get("diffusion") == "ars":
        row.remark(
            W, "W-DIF", "diffusion", "Ce document contient des données nominatives et sera lu par l’ARS.",
            "Confirmez que c’est voulu ; sinon retirez les noms ou choisissez une autre diffusion.",
        )  # fmt: skip


def same_name(_facts: Facts) -> RowRule:
    """Make the rule that tells of two contents under one file name. One file may prove several objectives."""
    met: dict[tuple[str, str], tuple[int, object]] = {}

    def rule(row: Row, _facts: Facts) -> None:
        name = row.get("file")
        if name is None:
            return
        kind = row.get("document_type")
        content = (
            "plan" if kind in ("pca", "pra") else kind,  # one PCRA is often both
            row.get("document_on"),
        )
        number, first = met.setdefault((row.establishment, str(name)), (row.number, content))
        if content != first:
            row.remark(
                W, "W-DUP", "file",
                f"La ligne {number} nomme le même fichier avec un autre type ou une autre date de document.",
                "S’il s’agit de deux contenus, renommez l’un des fichiers.",
            )  # fmt: skip

    return rule


# ------------------------------------------------------------------------------------------------------------ Jalons


def milestone(row: Row, facts: Facts) -> None:
    """Hold progress, status, proof and dates of a milestone against one another."""
    reached = row.get("status") == REACHED
    if reached and row.blank("evidence"):
        row.remark(
            W, "W-PRE", "evidence", "Ce jalon est atteint, mais aucune preuve n’y est liée.",
            "Écrivez le code de la preuve (feuille Preuves).",
        )  # fmt: skip
    if row.get("progress") == 100 and row.get("status") is not None and not reached:
        row.remark(
            W, "W-COH", "status", "L’avancement est de 100 %, mais le jalon n’est pas « Atteint ».",
            "Corrigez l’avancement ou le statut.",
        )  # fmt: skip
    due = day(row, "due_on")
    if due is not None and facts.filed_on is not None and due > facts.filed_on:
        row.remark(
            W, "W-PER", "due_on",
            f"L’échéance est postérieure au dépôt de la déclaration ({facts.filed_on:%d/%m/%Y}).",
            "Vérifiez l’échéance : ce jalon ne compte plus pour la déclaration.",
        )  # fmt: skip


def pilot(row: Row, _facts: Facts) -> None:
    """Ask who drives a milestone, by function; without one it is stored, and shown red."""
    if _left_empty(row, "pilot_function"):
        row.remark(
            G, "G-REQ", "pilot_function", "La fonction du pilote manque.",
            "Écrivez une fonction (par exemple « RSSI »), jamais le nom d’une personne.",
        )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- Instances


def minutes(row: Row, facts: Facts) -> None:
    """Ask a meeting that took place for its minutes; one to come has none yet."""
    held = day(row, "held_on")
    if held is not None and held <= facts.today and _left_empty(row, "minutes_file"):
        row.remark(
            G, "G-REQ", "minutes_file", "Le PV de cette instance manque.",
            "Déposez-le dans Vigie, et écrivez ici le nom du fichier.",
        )  # fmt: skip
