"""Perimeters: the list behind each number of the matrix, and one perimeter with its history."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.models.exercise import Exercise, ExerciseResult
from compliance.reports import plans, progress
from compliance.reports.gathered import Tries
from compliance.rules.dependency import CRITICALITIES, DEGRADED_MODES
from compliance.rules.perimeter import PerimeterKind
from compliance.rules.verdict import State
from compliance.services import evidence
from compliance.services import perimeter as perimeters_service
from compliance.web import blueprint, filters, labels
from compliance.web.moment import moment
from compliance.web.overview import document
from tenants import accounts
from tenants.errors import NotFound
from tenants.permissions import Permission, requires

FIELDS = {
    "name": "Nom",
    "kind": "Type",
    "technical_kind": "Plateau technique",
    "present": "Existe dans l’établissement",
    "absence_reason": "Motif d’absence",
    "department": "Pôle",
    "referent_function": "Référent métier",
    "bia": "BIA",
    "bia_on": "Date du BIA",
    "bia_reason": "Motif si BIA absent",
    "pca": "PCA",
    "pca_on": "PCA validé le",
    "pra": "PRA",
    "pra_on": "PRA validé le",
    "approver": "Instance ou signataire",
    "version": "Version",
    "shared_system": "SI mutualisé",
    "degraded_modes_identical": "Modes dégradés identiques",
    "paper_copy": "Exemplaire papier",
    "paper_place": "Lieu",
    "printed_on": "Imprimé le",
    "last_test_on": "Dernier test",
    "next_test_on": "Prochain test",
    "evidence_file": "Fichier de preuve",
}


@blueprint.get("/<scope:scope>/perimetres")
@requires(Permission.READ)
def perimeters() -> ResponseReturnValue:
    """List the perimeters of the scope, filtered by what the address says."""
    told = document()
    wanted = filters.asked(kind=list(PerimeterKind), state=list(State))
    wanted["establishment"] = request.args.get("establishment", "")
    cells = {(line["finess"], str(cell["kind"])): cell for line in told["matrix"]["lines"] for cell in line["cells"]}

    def kept(record: dict[str, Any]) -> bool:
        cell = cells.get((record["finess"], str(record["kind"]))) or cells.get(
            (record["site_finess"], str(record["kind"]))
        )
        return (
            wanted["kind"] in ("", record["kind"])
            and wanted["establishment"] in ("", record["finess"], record["site_finess"], *record["covers"])
            and (not wanted["state"] or (cell is not None and wanted["state"] == cell["state"]))
        )

    shown = [record for record in told["perimeters"] if kept(record)]
    return render_template(
        "compliance/perimeters.html",
        perimeters=shown,
        total=len(told["perimeters"]),
        filters=wanted,
        establishments=sorted(
            {(party["finess"], party["name"]) for party in told["parties"] if party["finess"] and party["in_scope"]}
        ),
    )


@blueprint.get("/<scope:scope>/perimetres/<finess>/<code>")
@requires(Permission.READ)
def perimeter(finess: str, code: str) -> ResponseReturnValue:
    """Show one perimeter, what it makes of its kind, and what was known of it before."""
    asked = moment()
    read = plans.read(asked.known)
    known = next((each for each in read.perimeters if (each.finess, each.code) == (finess, code)), None)
    if known is None:
        raise NotFound("Ce périmètre n’existe pas, ou il ne vous est pas ouvert.")
    line, activities, found = plans.of_perimeter(read, finess, code, asked.on)
    pieces = evidence.pieces([each.id for each in read.establishments], asked.known)
    record = progress.of_perimeter(
        known,
        {evidence.same_name(piece.filename) for piece in pieces},
        plans.covers(read, known),
        Tries(read.rows[Exercise], read.rows[ExerciseResult]),
        asked.on,
    )
    return render_template(
        "compliance/perimeter.html",
        perimeter={**record, "inherited_from": "", "justification": ""},
        coverage=progress.alone(record, asked.on),
        line=line,
        activities=activities,
        found=found,
        words={"criticality": CRITICALITIES, "degraded_mode": DEGRADED_MODES, "state": plans.STATES},
        contacts=perimeters_service.contacts(record["id"]),
        history=_history(perimeters_service.history(record["id"])),
    )


def _history(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn versions (newest first) into differences with the one before."""
    names = accounts.names(version["recorded_by"] for version in versions)
    told = []
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        changes = [
            {"field": FIELDS[name], "before": _shown(name, before[name]), "after": _shown(name, version[name])}
            for name in FIELDS
            if before is not None and version[name] != before[name]
        ]
        told.append(
            {
                "recorded_at": version["recorded_at"],
                "by": names[version["recorded_by"]],
                "origin": "import" if version["import_id"] else "saisie",
                "changes": changes,
            }
        )
    return told


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return "(vide)"
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if name == "kind":
        return PerimeterKind(value).label
    if name in {"bia", "pca", "pra"}:
        return labels.fact_label(value)
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)
