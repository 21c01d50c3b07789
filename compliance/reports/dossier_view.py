"""What the printed dossier says, from the canonical document: French words, dates and figures, ready to lay out.

The template only draws; every choice of word is here. Text leaves through ``say`` (our sentences, with French
typography) or ``printable`` (names as typed), so that the fonts can print all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.reports.display import NONE, day, figure, finess, moment, percent, received, say, size, version
from compliance.reports.printable import printable
from compliance.rules import words
from compliance.rules.perimeter import BiaState, PlanState
from compliance.rules.verdict import State
from tenants.typography import NBSP, typo

Doc = dict[str, Any]

STATES = {str(state): state.label for state in State}
# value of a BIA, of a plan -> the state whose shape it bears, its word
BIA = {
    str(fact): (state, fact.label)
    for fact, state in {
        BiaState.DONE: "met",
        BiaState.IN_PROGRESS: "in_progress",
        BiaState.NOT_DONE: "missing",
        BiaState.NOT_APPLICABLE: "not_applicable",
    }.items()
}
PLAN = {
    str(fact): (state, fact.label)
    for fact, state in {
        PlanState.APPROVED: "met",
        PlanState.WRITTEN: "in_progress",  # nearly there, does not count
        PlanState.IN_PROGRESS: "in_progress",
        PlanState.ABSENT: "missing",
    }.items()
}
KINDS = {
    "ght": ("Groupement hospitalier de territoire", "entité juridique", "entités juridiques"),
    "single_ej": ("Établissement seul", "entité juridique", "entités juridiques"),
    "eg": ("Candidat hors GHT", "entité géographique", "entités géographiques"),
}
ROW_KINDS = {
    "document": "pièces dans leur fenêtre de dates",
    "coverage": "part d’activité",
    "test": "événement qualifiant",
    "trajectory": "trajectoire datée",
}
CONFIDENCES = {
    "official": "officiel",
    "confirmed": "confirmé",
    "relayed": "relayé",
    "to_confirm": "à confirmer",
    "estimated": "estimé",
    "unknown": "inconnu",
}
SHORT_HASH = 12
LONGEST_SUMMARY = 240


def view(doc: Doc) -> Doc:
    """Everything the template draws, as JSON-ready text."""
    candidate, kind = doc["candidate"], KINDS.get(doc["candidate"]["kind"], KINDS["ght"])
    edited = moment(doc["known_at"]) if doc.get("known_at") else day(doc["on"])
    return {
        "title": "Dossier de déclaration d’atteinte des objectifs",
        "programme": say(doc["referential"]["title"]),
        "status": "État transmis à l’ARS" if doc.get("known_at") else "Projet, non déposé",
        "candidate": printable(candidate["name"]),
        "domain": f"CaRE, domaine{NBSP}{printable(doc['domain'].removeprefix('D'))}",
        "footer": f"Édité le {edited}, référentiel {printable(doc['domain'])}, {version(doc['referential']['version'])}",
        "answer": _answer(doc["answer"]),
        "identity": _identity(doc, kind),
        "met": doc["met"],
        "rows_total": doc["rows_total"],
        "party": kind[1],
        "parties": [_party(party) for party in doc["parties"]],
        "share": _share(doc),
        "rows": [_row(row) for row in doc["rows"]],
        "matrix": _matrix(doc["matrix"]),
        "perimeters": _perimeters(doc["perimeters"]),
        "pieces": [_annex_piece(row, piece) for row in doc["rows"] for piece in row["pieces"]],
        "states": dict(STATES),
        "visa": _visa(candidate["kind"]),
    }


def _answer(text: str) -> list[str]:
    """The first sentence, printed strong, then the rest."""
    first, mark, rest = text.partition(". ")
    return [say(first + mark.strip()), say(rest)]


def _identity(doc: Doc, kind: tuple[str, str, str]) -> list[list[str]]:
    candidate, inside = doc["candidate"], [party for party in doc["parties"] if party["in_scope"]]
    outside = len(doc["parties"]) - len(inside)
    scope = f"{len(inside)} {kind[2] if len(inside) > 1 else kind[1]} dans le périmètre"
    if outside:
        scope += f", {outside} hors périmètre"
    pieces = sum(len(row["pieces"]) for row in doc["rows"])
    lines = [
        ["Candidat", f"{printable(candidate['name'])} ({finess(candidate['code'])})"],
        ["Nature", f"{kind[0]}, {scope}"],
        ["Région", say(candidate["region"]["name"])],
        ["Établissement support", _named(candidate["support"])],
        ["Candidature", _application(candidate)],
        ["Numéro eCaRE", printable(candidate["ecare_number"] or NONE)],
        ["Date cible", _target(candidate)],
        ["Objectifs atteints", f"{doc['met']} sur {doc['rows_total']} au {day(doc['on'])}"],
        [
            "Référentiel",
            say(f"{doc['domain']}, {version(doc['referential']['version'])}, {doc['referential']['source']}"),
        ],
        ["Pièces", f"{pieces} jointe{'s' if pieces > 1 else ''}, liste et empreintes en annexe B"],
    ]
    return lines if candidate["kind"] == "ght" else [line for line in lines if line[0] != "Établissement support"]


def _application(candidate: Doc) -> str:
    filed = f"déposée le {day(candidate['application_on'])}" if candidate["application_on"] else "date non renseignée"
    frozen = candidate.get("frozen_on")
    return f"{filed}, parties figées le {day(frozen)}" if frozen else filed


def _target(candidate: Doc) -> str:
    if not candidate["target_on"]:
        return "non publiée"
    on = words.long_date(date.fromisoformat(candidate["target_on"]))
    return say(on) + _confidence(candidate["target_confidence"])


def _named(entity: Doc) -> str:
    return f"{printable(entity['name'])}, FINESS {finess(entity['finess'])}"


def _confidence(text: str) -> str:
    return f" ({_sure(text)})" if text else ""


def _sure(confidence: str) -> str:
    return say(CONFIDENCES.get(confidence, confidence))


def _reasons(reasons: list[Doc]) -> list[str]:
    return [say(item["text"]) for item in reasons]


def _shortened(text: str) -> str:
    """One reason for the summary table; the whole text is in the detail of the row."""
    if len(text) <= LONGEST_SUMMARY:
        return say(text)
    return say(text[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + "… (suite en partie 4)")


def _party(party: Doc) -> Doc:
    source = printable(party["source"]) + (f", {_sure(party['confidence'])}" if party["confidence"] else "")
    return {
        "name": printable(party["name"]),
        "finess": finess(party["finess"]) or "Sans FINESS",
        "in_scope": party["in_scope"],
        "out_reason": say(party["out_reason"]),
        "ac": figure(party["ac"]) if party["in_scope"] else NONE,
        "missing": party["in_scope"] and party["ac"] is None,
        "year": str(party["ac_year"] or NONE),
        "source": source or NONE,
    }


def party_names(parties: Sequence[Doc]) -> dict[str, str]:
    """The name of each party by its key (its FINESS, or its label when it has none)."""
    return {party.get("key") or party["finess"] or party["name"]: party["name"] for party in parties}


def _share(doc: Doc) -> Doc | None:
    share = doc.get("share")
    if not share:
        return None
    names = {key: printable(name) for key, name in party_names(doc["parties"]).items()}
    bar, said = Decimal(share["threshold"]), {reason["code"] for reason in share["reasons"]}
    row = next((row for row in doc["rows"] if row["code"] == share["row"]), None)
    return {
        "row": printable(share["row"]),
        "rule": say(row["rule"]) if row else "",
        "state": share["state"],
        "threshold": typo(f"{words.trimmed(bar)} %"),
        "goal": format(bar / 100, "f"),
        "known": share["share"] is not None,
        "covered": percent(share["share"], bar),
        "gap": _gap(share, bar),
        "smallest": [] if "SMALLEST_SET" in said else [names.get(key, key) for key in share["smallest_set"]],
        "missing": [] if "AC_MISSING" in said else [names.get(key, key) for key in share["missing_ac"]],
        "reasons": _reasons(share["reasons"]),
        "lines": _share_lines(doc["parties"]),
    }


def _gap(share: Doc, bar: Decimal) -> str:
    """What is missing to reach the bar, in points; the share shown and this gap add up to the bar."""
    if share["share"] is None or share["gap"] is None:
        return NONE
    if Decimal(share["gap"]) == 0:
        return "aucun"
    points = bar - words.shown_percent(Decimal(share["share"]), bar)
    return typo(f"{words.number(points)} {words.plural(points, 'point', 'points')}")


def _share_lines(parties: list[Doc]) -> list[Doc]:
    """Parties in scope, those that count first, by share, with the running sum (order of the rule)."""
    inside = sorted(
        (party for party in parties if party["in_scope"]),
        key=lambda party: (not party["counts"], -Decimal(party["share"] or 0), party["finess"] or party["name"]),
    )
    lines, running = [], Decimal()
    for party in inside:
        start, running = running, running + Decimal(party["share"] or 0)
        lines.append({
            "name": printable(party["name"]),
            "share": percent(party["share"]) if party["ac"] is not None else f"AC{NBSP}manquante",
            "cumulative": percent(str(running)) if party["share"] is not None else NONE,
            "start": format(min(start, Decimal(1)), "f"),
            "end": format(min(running, Decimal(1)), "f"),
            "counts": party["counts"],
            "said": "Compte" if party["counts"] else "Ne compte pas",
            "reasons": _reasons(party["reasons"]),
        })  # fmt: skip
    return lines


def _row(row: Doc) -> Doc:
    labels = {item["key"]: item["label"] for item in row["expected"]}
    return {
        "code": printable(row["code"]),
        "title": say(row["title"]),
        "state": row["state"],
        "kind": ROW_KINDS.get(row["kind"], row["kind"]),
        "rule": say(row["rule"]),
        "source": say(f"{row['source']}, {version(row['version'])}" + _confidence(row["confidence"])),
        "reasons": _reasons(row["reasons"]),
        "first": _shortened(row["reasons"][0]["text"]) if row["reasons"] else NONE,
        "next_action": say(row["next_action"]),
        "expected": [
            {"label": say(item["label"]), "when": _when(item), "note": say(item["note"] or "")}
            for item in row["expected"]
        ],
        "pieces": [_piece(piece, labels) for piece in row["pieces"]],
    }


def _when(item: Doc) -> str:
    if item.get("only_if"):
        return say(f" (si {item['only_if']})")
    return "" if item["required"] else " (facultative)"


def _piece(piece: Doc, labels: dict[str, str]) -> Doc:
    return {
        "filename": printable(piece["filename"]),
        "type": say(labels.get(piece["document_type"]) or "Autre pièce"),
        "establishment": printable(piece["establishment"]),
        "approved": day(piece["approved_on"]),
        "effective": day(piece["effective_on"]),
        "received": received(piece["received_at"]),
        "expires": day(piece["expires_on"]),
        "short": piece["sha256"][:SHORT_HASH],
    }


def _annex_piece(row: Doc, piece: Doc) -> Doc:
    return {
        "row": printable(row["code"]),
        "filename": printable(piece["filename"]),
        "name": printable(piece["name"]),
        "establishment": printable(piece["establishment"]),
        "size": size(piece["size"]),
        "sha256": piece["sha256"],
    }


def _matrix(matrix: Doc) -> Doc:
    columns = [{"label": say(column["label"]), "minimal": column["minimal"]} for column in matrix["columns"]]
    lines = []
    for line in matrix["lines"]:
        cells = {cell["kind"]: _cell(cell) for cell in line["cells"]}
        empty = _cell({"state": "not_applicable", "label": "", "perimeters": []})
        lines.append({
            "name": printable(line["name"]),
            "finess": finess(line["finess"]),
            "cells": [cells.get(column["kind"], empty) for column in matrix["columns"]],
        })  # fmt: skip
    return {"columns": columns, "lines": lines}


def _cell(cell: Doc) -> Doc:
    steps = [cell.get(step, "not_applicable") for step in ("bia", "plan", "test", "proof")]
    spoken = [f"{name} : {STATES[state]}" for name, state in zip(("BIA", "plan", "test", "preuve"), steps, strict=True)]
    return {
        "state": cell["state"],
        "label": say(cell["label"]),
        "steps": steps,
        "alt": typo(" ; ".join(spoken)),
        "codes": printable(", ".join(cell["perimeters"])),
    }


def _perimeters(items: list[Doc]) -> list[Doc]:
    """One group for each establishment, in the order of the document."""
    groups: dict[tuple[str, str], Doc] = {}
    for item in items:
        key = (item["finess"] or "", item["establishment"])
        group = groups.setdefault(key, {"name": printable(key[1]), "finess": finess(key[0]), "items": []})
        group["items"].append(_perimeter(item))
    return list(groups.values())


def _perimeter(item: Doc) -> Doc:
    signed = " · ".join(part for part in (item["version"], item["approver"]) if part)
    return {
        "code": printable(item["code"], longest=8),
        "name": printable(item["name"]),
        "kind": say(item["kind_label"]),
        "signed": printable(signed),
        "exists": item["exists"],
        "absence": say(item["absence_reason"]) or "Sans motif enregistré",
        "bia": _step(BIA, item["bia"], item["bia_on"], item["bia_reason"]),
        "pca": _step(PLAN, item["pca"], item["pca_on"]),
        "pra": _step(PLAN, item["pra"], item["pra_on"]),
        "tests": _tests(item["last_test_on"], item["next_test_on"]),
    }


def _tests(last: str | None, following: str | None) -> list[str]:
    lines = [f"{word}{NBSP}le{NBSP}{day(on)}" for word, on in (("fait", last), ("prévu", following)) if on]
    return lines or ["aucun"]


def _step(words: dict[str, tuple[str, str]], value: str, on: str | None, reason: str = "") -> Doc:
    state, word = words[value]
    return {"state": state, "word": word, "on": day(on) if on else "", "reason": say(reason)}


def _visa(kind: str) -> list[str]:
    if kind == "ght":
        return ["La direction de l’établissement support", "La ou le RSSI du GHT"]
    return ["Le représentant légal", "La ou le RSSI"]
