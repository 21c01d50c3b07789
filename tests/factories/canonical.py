"""Fictional canonical dossiers, as the product builds them: the input of the PDF, the annex and the archive."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from compliance.rules import words

Doc = dict[str, Any]

NAMES = (
    "CH de Port-Aubry", "CH de Valbruyère", "CH de Saint-Omblin", "CH d’Escalmes", "CH de Marquerive",
    "EPSM des Falaises", "CH de Wimbronne", "EHPAD Les Oyats", "CH de Courvallon", "CH d’Aigremer",
    "Hôpital de Noirlande", "CH du Val d’Ardoux", "EHPAD La Dune Blanche", "CH de Brévigny", "CH des Trois-Rus",
)  # fmt: skip
WEIGHTS = ("34200.00", "18900.50", "14300.00", "9900.00", "8400.00", "7200.00", "4600.00", "2500.00")
COUNTED = {0, 2, 3}  # places of the parties that count for O1.C: 58.4 of 100
KINDS = (
    ("care", "Soins à impact majeur", True),
    ("administrative", "Administratif le plus critique", True),
    ("technical", "Plateau technique", True),
    ("support", "Support / logistique", False),
)
PERIMETERS = (
    ("URG-01", "Urgences adultes", "care"),
    ("MAT-01", "Maternité", "care"),
    ("PAIE", "Paie et gestion du personnel", "administrative"),
    ("PUI", "Pharmacie à usage intérieur", "technical"),
    ("LOG", "Restauration et linge", "support"),
)
ROWS = (
    ("D2.P1", "PSSI formalisée et à jour", "document", "met", ("PSSI signée par le représentant légal",)),
    ("D2.P2", "Organisation pour le PCRA", "document", "met", ("Note d’organisation",)),
    ("D2.O1.A", "Gouvernance de la continuité", "document", "met", ("Schéma de gouvernance", "Compte rendu de l’instance")),
    ("D2.O1.B", "Procédures de crise cyber", "document", "to_confirm", ("Plan blanc ou extrait", "Procédure d’alerte")),
    ("D2.O1.C", "PCA et PRA formalisés", "coverage", "at_risk", ("BIA par établissement", "Liste des activités critiques", "PCA et PRA")),
    ("D2.O1.D", "Test terrain d’un PCA", "test", "in_progress", ("PCA utilisé", "Scénario", "RETEX avec plan d’amélioration", "Planning des tests")),
    ("D2.O2.A", "Politique de sauvegarde et de restauration", "document", "to_instruct", ("Politique de sauvegarde",)),
    ("D2.O2.B", "Plans de sauvegarde", "document", "to_instruct", ("Plans de sauvegarde", "Procédure de mise à jour")),
    ("D2.O3.A", "Authentification sécurisée des sauvegardes", "document", "to_instruct", ("Rôles d’exploitation", "Gestion des rôles")),
    ("D2.O3.B", "Sauvegardes cloisonnées", "trajectory", "missing", ("Schéma d’architecture", "Planning", "Procédure d’isolement")),
    ("D2.O3.C", "Règle 3-2-1", "trajectory", "to_instruct", ("Schéma", "Trajectoire avec jalons")),
    ("D2.O3.D", "Supervision des sauvegardes", "document", "not_applicable", ("Exemples de rapports", "Procédures")),
    ("D2.O4", "Test de restauration", "test", "to_instruct", ("Périmètre", "Cahier de test", "Liste des référents")),
)  # fmt: skip
REASONS = {
    "met": "La pièce approuvée le 14/03/2024 tient la règle : elle reste valable jusqu’au dépôt.",
    "to_confirm": "L’alerte descendante n’a pas de date d’approbation lisible.",
    "at_risk": "58,4 % de l’activité combinée est couverte : il manque 7,6 points.",
    "in_progress": "Un exercice est daté du 26/11/2026 : il comptera une fois son RETEX déposé.",
    "to_instruct": "La règle n’est pas encore calculée : les pièces attendues sont listées.",
    "missing": "Aucune trajectoire n’est enregistrée.",
    "not_applicable": "Aucune sauvegarde n’est exploitée hors du GHT : réponse enregistrée le 02/02/2026.",
}
HOSTILE = (
    "=cmd|' /C calc'!A0", '#import "@preview/x:0.1.0": *', "*gras* _italique_ `code`", "$x^2$ <étiquette> @renvoi",
    '\\" \\u{41} #read("/etc/passwd")', "urgence 🚑🔥 et 日本", "a\u202efdp.exe\u0007\u00ad", "<script>alert(1)</script> &amp;",
    "x" * 900, "mot " * 400,
)  # fmt: skip


def finess(number: int) -> str:
    """A FINESS-like string with a right key: 6299 + 4 digits + Luhn digit."""
    body = f"6299{number:04d}"
    doubled = sum(sum(divmod(2 * int(c), 10)) if place % 2 else int(c) for place, c in enumerate(body))
    return body + str(-doubled % 10)


def content(name: str) -> bytes:
    """The bytes of the piece called ``name`` in the archive."""
    return f"Contenu fictif de {name}\n".encode() * 40


def files(doc: Doc) -> dict[str, bytes]:
    """Every piece of ``doc``, by its name in the archive."""
    return {piece["name"]: content(piece["name"]) for row in doc["rows"] for piece in row["pieces"]}


def chain(document: bytes, count: int = 4) -> list[Doc]:
    """A chain of events, as the database makes it, whose last one is the filing of ``document``."""
    events: list[Doc] = []
    previous = ""
    for sequence in range(1, count + 1):
        told: Doc = {
            "sequence": sequence,
            "at": f"2026-11-2{sequence}T08:40:00+00:00",
            "user": None,
            "detail": {"piece": sequence},
        }
        told["action"] = "evidence.attached"
        if sequence == count:
            told |= {
                "action": "dossier.filed",
                "detail": {"version": 1, "sha256": hashlib.sha256(document).hexdigest()},
            }
        payload = json.dumps(told)
        digest = hashlib.sha256((previous + payload).encode()).hexdigest()
        shown = {key: told[key] for key in ("sequence", "at", "action")}
        events.append(shown | {"payload": payload, "previous_hash": previous, "hash": digest})
        previous = digest
    return events


def reason(code: str, text: str, subject: str = "") -> Doc:
    """One reason, as rules give it."""
    return {"code": code, "text": text, "subject": subject}


def sample(
    ej: int = 8,
    *,
    kind: str = "ght",
    missing_ac: bool = False,
    long_names: bool = False,
    hostile: bool = False,
    **overrides: Any,
) -> Doc:
    """A whole canonical dossier: ``ej`` parties (EG when ``kind`` is "eg"); ``overrides`` replace top-level keys."""
    parties = [_party(i, long_names=long_names) for i in range(ej)]
    if ej >= 8:
        parties.append({**_party(ej, long_names=long_names), **_out_of_scope()})
    if missing_ac:
        parties[-1 if ej < 8 else 1].update(ac=None, ac_year=None, source="", confidence="")
    _fill_shares(parties, single=ej == 1)
    inside = [party for party in parties if party["in_scope"]]
    doc: Doc = {
        "format": "vigie-dossier/1",
        "domain": "D2",
        "referential": {
            "version": "2025-06-26",
            "title": "Programme CaRE, domaine 2 : continuité et reprise d’activité",
            "source": "arrêté du 3 juillet 2025, annexe 1",
        },
        "on": "2026-11-22",
        "candidate": _candidate(kind, ej, parties[0]["name"], parties[0]["finess"]),
        "answer": "",
        "met": 3,
        "rows_total": 13,
        "parties": parties,
        "share": _share(inside, single=ej == 1),
        "rows": [_row(place, *row) for place, row in enumerate(ROWS)],
        "matrix": {
            "columns": [{"kind": code, "label": label, "minimal": minimal} for code, label, minimal in KINDS],
            "lines": [_line(place, party) for place, party in enumerate(inside)],
        },
        "perimeters": [_perimeter(place, party, *item) for place, party in enumerate(inside) for item in PERIMETERS],
    }
    # row and opening sentence say what the share says
    row = next(row for row in doc["rows"] if row["code"] == "D2.O1.C")
    row.update(state=doc["share"]["state"], reasons=doc["share"]["reasons"])
    doc["met"] = sum(row["state"] == "met" for row in doc["rows"])
    doc["answer"] = f"Au 22 novembre 2026, {doc['met']} objectifs sur 13 sont atteints. {row['reasons'][0]['text']}"
    if hostile:
        _make_hostile(doc)
    return doc | overrides


def _party(place: int, *, long_names: bool) -> Doc:
    name = NAMES[place % len(NAMES)]
    if long_names:
        name = f"Centre hospitalier intercommunal de la communauté d’agglomération de {name[3:]} et de ses vallées littorales"
    return {
        "finess": finess(place + 1), "name": name, "in_scope": True, "out_reason": "", "ac": WEIGHTS[place % len(WEIGHTS)],
        "ac_year": 2024, "source": "SAE 2024", "confidence": "déclarée", "share": None, "counts": place in COUNTED, "reasons": [],
    }  # fmt: skip


def _out_of_scope() -> Doc:
    return {
        "finess": None, "name": "EHPAD Résidence du Phare", "in_scope": False, "ac": None, "ac_year": None, "source": "", "confidence": "",
        "out_reason": "EHPAD sans numéro FINESS propre dans le GHT : hors périmètre de la candidature.", "counts": False,
    }  # fmt: skip


def _fill_shares(parties: list[Doc], *, single: bool) -> None:
    inside = [party for party in parties if party["in_scope"]]
    complete = all(party["ac"] for party in inside)
    total = sum((Decimal(party["ac"]) for party in inside if party["ac"]), Decimal())
    for party in inside:
        party["counts"] = party["counts"] or single
        party["share"] = format((Decimal(party["ac"]) / total).quantize(Decimal("0.000001")), "f") if complete else None
        if not party["ac"]:
            party["reasons"] = [reason("AC_MISSING", f"AC manquante pour {party['name']}.", party["finess"])]
        elif not party["counts"]:
            party["reasons"] = [reason("KIND_UNCOVERED", "Plateau technique : PRA rédigé, pas encore validé.", "PUI")]


def _share(inside: list[Doc], *, single: bool) -> Doc:
    missing = [party["finess"] for party in inside if not party["ac"]]
    base: Doc = {"row": "D2.O1.C", "threshold": "66", "missing_ac": missing, "smallest_set": []}
    if missing:
        names = ", ".join(party["name"] for party in inside if not party["ac"])
        text = f"Part non calculable : AC manquante pour {names}."
        return base | {"share": None, "gap": None, "state": "not_computable", "reasons": [reason("AC_MISSING", text)]}
    covered = sum((Decimal(party["share"]) for party in inside if party["counts"]), Decimal())
    gap = max(Decimal("0.66") - covered, Decimal())
    state = "at_risk" if gap else "met"
    shown = words.shown_percent(covered, Decimal(66))
    text = f"{words.number(shown)} % de l’activité combinée est couverte"
    if single:
        text = "Règle de périmètre ordinaire : un seul établissement, à confirmer."
    elif gap:
        text += f" : il manque {words.number(66 - shown)} points"
    smallest = [party["finess"] for party in inside if not party["counts"]][:1] if gap else []
    return base | {
        "share": format(covered, "f"), "gap": format(gap, "f"), "state": state, "smallest_set": smallest, "reasons": [reason("SHARE", text)],
    }  # fmt: skip


def _candidate(kind: str, ej: int, name: str, number: str) -> Doc:
    label = {"ght": "GHT des Deux Caps", "single_ej": "GHT de la Presqu’île", "eg": "Fondation Sainte-Ombeline"}[kind]
    return {
        "name": label, "kind": kind, "code": "GHT-DEUX-CAPS" if kind != "eg" else number, "region": {"code": "32", "name": "Hauts-de-France"},
        "support": {"finess": number, "name": name}, "application_on": "2025-10-14", "ecare_number": "ECARE-2025-000417" if ej > 1 else None,
        "target_on": "2026-11-30", "target_confidence": "à confirmer",
    }  # fmt: skip


def _row(place: int, code: str, title: str, kind: str, state: str, expected: tuple[str, ...]) -> Doc:
    attached = expected if state == "met" else expected[: place % 2]
    return {
        "code": code, "title": title, "kind": kind, "state": state, "reasons": [reason(f"R{place}", REASONS[state])],
        "rule": "Document présenté à l’instance de direction et approuvé entre le 16/07/2022 et le dépôt de la candidature.",
        "next_action": "" if state in {"met", "not_applicable"} else f"Compléter les pièces de {code} avant le 30/11/2026.",
        "expected": [{"key": f"K{n}", "label": label, "required": n == 0, "note": ""} for n, label in enumerate(expected)],
        "pieces": [_piece(code, n, label) for n, label in enumerate(attached)],
        "source": "arrêté du 3 juillet 2025, annexe 1", "version": "2025-06-26", "confidence": "confirmée",
    }  # fmt: skip


def _piece(code: str, place: int, label: str) -> Doc:
    name = f"pieces/{code}/piece_{place + 1}.pdf"
    return {
        "name": name, "filename": f"{label} v{place + 1}.2.pdf", "sha256": hashlib.sha256(content(name)).hexdigest(),
        "size": len(content(name)), "document_type": f"K{place}", "approved_on": "2024-03-14", "effective_on": "2024-04-01",
        "received_at": "2026-10-02T07:15:00Z", "expires_on": None, "establishment": "CH de Port-Aubry",
    }  # fmt: skip


def _line(place: int, party: Doc) -> Doc:
    cells = []
    for column, (kind, _, minimal) in enumerate(KINDS):
        done = place in COUNTED or (place + column) % 3 == 0
        ready = {"state": "met", "bia": "met", "plan": "met", "test": "in_progress", "proof": "met", "label": ""}
        nearly = {
            "state": "in_progress",
            "bia": "met",
            "plan": "in_progress",
            "test": "not_yet",
            "proof": "not_yet",
            "label": "PRA à valider",
        }
        empty = {
            "state": "missing",
            "bia": "missing",
            "plan": "not_yet",
            "test": "not_yet",
            "proof": "not_yet",
            "label": "BIA à faire",
        }
        look = ready if done else nearly if minimal and place % 2 else empty
        cells.append({"kind": kind, "perimeters": [code for code, _, of in PERIMETERS if of == kind], **look})
    return {"finess": party["finess"], "name": party["name"], "cells": cells}


def _perimeter(place: int, party: Doc, code: str, name: str, kind: str) -> Doc:
    exists = not (kind == "care" and code.startswith("MAT") and place % 3 == 2)
    done = place in COUNTED and exists
    return {
        "finess": party["finess"], "establishment": party["name"], "code": code, "name": name, "kind": kind,
        "kind_label": {k: label for k, label, _ in KINDS}[kind], "exists": exists,
        "absence_reason": "" if exists else "Pas de maternité depuis 2019 : activité reprise par le CH de Port-Aubry.",
        "bia": "done" if done else "not_done" if exists else "not_applicable", "bia_on": "2026-03-12" if done else None,
        "bia_reason": "" if done or not exists else "Prévu au premier trimestre 2027.",
        "pca": "approved" if done else "written" if place % 2 else "absent", "pca_on": "2026-06-02" if done else None,
        "pra": "approved" if done else "absent", "pra_on": "2026-06-02" if done else None,
        "version": "v1.2" if done else "", "approver": "CODIR du 02/06/2026" if done else "",
        "last_test_on": "2026-09-18" if done else None, "next_test_on": "2027-03-15" if exists else None,
    }  # fmt: skip


def _make_hostile(doc: Doc) -> None:
    """Hostile text wherever a person can type."""

    def pick(place: int) -> str:
        return HOSTILE[place % len(HOSTILE)]

    doc["candidate"]["name"] = pick(1)
    doc["candidate"]["support"]["name"] = pick(4)
    doc["answer"] = pick(2) + " " + pick(3)
    for place, party in enumerate(doc["parties"]):
        party.update(name=pick(place), source=pick(place + 1), confidence=pick(place + 3))
        party["out_reason"] = party["out_reason"] and pick(place)
        party["reasons"] = [reason("X", pick(place + 2))]
    for place, row in enumerate(doc["rows"]):
        row["reasons"] = [reason("X", pick(place)), reason("Y", pick(place + 1))]
        row["next_action"] = pick(place + 4)
        for piece in row["pieces"]:
            piece.update(filename=pick(place), establishment=pick(place + 3), document_type=pick(place + 5))
    for place, line in enumerate(doc["matrix"]["lines"]):
        line["name"] = doc["parties"][place]["name"]
        for cell in line["cells"]:
            cell.update(label=pick(place), perimeters=[pick(place + 1)])
    for place, item in enumerate(doc["perimeters"]):
        item.update(
            establishment=pick(place // len(PERIMETERS)),
            name=pick(place),
            code=pick(place)[:20],
            bia_reason=pick(place + 1),
        )
        item.update(absence_reason=pick(place + 2), version=pick(place + 3), approver=pick(place + 4))
