"""Sample data of each page, computed by the real rules and referential, typed as the views give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from compliance.programme.referential import load
from compliance.rules.activity import Party
from compliance.rules.facts import Facts
from compliance.rules.pcra import MATRIX_KINDS, party_coverage
from compliance.rules.perimeter import BiaState, Perimeter, PerimeterKind, PlanState
from compliance.rules.row import judge
from compliance.rules.verdict import Reason, State
from compliance.rules.words import number, percent
from compliance.services.candidate import CandidateFacts
from importers import columns as answers
from importers import columns_page, lists
from importers.base import Column
from importers.entry import Held
from importers.entry_page import Past, Related
from importers.form import Field, Form
from importers.layout.recognise import Recognised
from importers.preview import shown
from importers.reading.sheet import Cell, CellKind, ReadBook, ReadSheet
from importers.registry import SHEETS, WORKBOOKS, workbook_of
from importers.template import as_typed
from tenants.models import LegalEntity, Region

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, 40, tzinfo=UTC)
NAMES = (
    ("CH de Port-Aubry", 34200),
    ("CH de Valbruyère", 18900),
    ("CH de Saint-Omblin", 14300),
    ("CH d’Escalmes", 9900),
    ("CH de Marquerive", 8400),
    ("EPSM des Falaises", 7200),
    ("CH de Wimbronne", 4600),
    ("EHPAD Les Oyats", 2500),
    ("CH intercommunal de Courvallon et de la vallée de l’Ardre", 2100),
    ("CH d’Aigremer", 1900),
    ("Hôpital de Noirlande", 1700),
    ("CH du Val d’Ardoux", 1500),
    ("CH de Brévigny", 900),
)
COUNTED = {0, 2, 3}
SERVICES = (
    ("URG-01", "Urgences adultes", PerimeterKind.CARE),
    ("MED-01", "Médecine polyvalente", PerimeterKind.CARE),
    ("PAIE", "Paie et gestion du personnel", PerimeterKind.ADMINISTRATIVE),
    ("PUI", "Pharmacie à usage intérieur", PerimeterKind.TECHNICAL),
    ("LOG", "Restauration et linge", PerimeterKind.SUPPORT),
)
PIECE = {
    "id": "0192f0aa",
    "name": "pieces/D2.P1/PSSI_GHT_v3.pdf",
    "filename": "PSSI_GHT_v3.pdf",
    "sha256": "3f9a" * 16,
    "size": 1_248_000,
    "document_type": "pssi",
    "approved_on": date(2024, 3, 14),
    "effective_on": date(2024, 4, 1),
    "received_at": NOW,
    "expires_on": None,
    "establishment": "CH de Port-Aubry",
}
FAULTS = [
    (
        "E",
        "E-FIN",
        "Perimetres",
        "B9",
        "FINESS EJ*",
        "62990045",
        "8 chiffres, et la clé ne tombe pas juste avec un zéro devant",
        "Mettre les 9 chiffres du FINESS, et la colonne au format Texte",
    ),
    ("E", "E-DAT", "Perimetres", "J14", "Date du BIA", "31/02/2026", "Ce jour n’existe pas", "Remettre la date exacte"),
    (
        "E",
        "E-LST",
        "Perimetres",
        "D22",
        "Type de périmètre*",
        "Soins mais aussi plateau : les deux ?",
        "La valeur n’est pas dans la liste",
        "Choisir : un des cinq types, ou faire deux lignes",
    ),
    (
        "G",
        "G-COH",
        "Perimetres",
        "Y22",
        "Prochain test prévu",
        "",
        "Aucun test passé ni prévu",
        "Saisir une date de test",
    ),
    (
        "G",
        "G-PER",
        "Perimetres",
        "V30",
        "Prochain test prévu",
        "",
        "Aucun test passé ni prévu",
        "Saisir une date de test",
    ),
    (
        "W",
        "W-COH",
        "Perimetres",
        "M41",
        "Date de validation PCA",
        "02/01/2026",
        "Le plan est validé avant la date du BIA",
        "Vérifier l’ordre",
    ),
]
REJECTED = {"B9", "J14", "D22", "Y22"}  # cells of rows that are not stored


def finess(place: int) -> str:
    """Fictional FINESS number of a party."""
    return f"6299{place:05d}"


def things(value: Any) -> Any:
    """Turn dictionaries into objects, all the way down."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: things(item) for key, item in value.items()})
    return [things(item) for item in value] if isinstance(value, list | tuple) else value


def _perimeter(place: int, code: str, name: str, kind: PerimeterKind) -> Perimeter:
    done = place in COUNTED
    half = place % 2 == 1
    exists = not (kind is PerimeterKind.TECHNICAL and place == 5)
    return Perimeter(
        party=finess(place),
        code=code,
        name=name,
        kind=kind,
        exists=exists,
        absence_reason="" if exists else "Pas de plateau technique : biologie confiée au CH de Port-Aubry",
        bia=BiaState.DONE if done or half else BiaState.IN_PROGRESS,
        bia_on=date(2026, 3, 12) if done or half else None,
        pca=PlanState.APPROVED
        if done or (half and kind is PerimeterKind.CARE)
        else PlanState.WRITTEN
        if half
        else PlanState.ABSENT,
        pca_on=date(2026, 6, 2) if done or (half and kind is PerimeterKind.CARE) else None,
        pra=PlanState.APPROVED if done else PlanState.WRITTEN if half else PlanState.ABSENT,
        pra_on=date(2026, 6, 2) if done else None,
        last_test_on=date(2026, 9, 18) if done else None,
        next_test_on=date(2026, 11, 26) if half else None,
    )


def facts(count: int) -> list[Perimeter]:
    """Perimeters of ``count`` parties: some complete, some half-way, the last ones nearly empty."""
    last = count - 1
    return [
        _perimeter(place, *service)
        for place in range(count)
        for service in (SERVICES[2:3] if place == last and count > 2 else SERVICES)
    ]


def progress(
    count: int = 8, *, kind: str = "ght", empty: bool = False, missing_ac: bool = False, outside: int = 1
) -> Any:
    """The read model of a candidate of ``count`` parties, as `compliance.reports.progress` gives it."""
    parties = [
        Party(
            key=finess(i),
            name=NAMES[i][0],
            ac=None if missing_ac and i == 1 else Decimal(NAMES[i][1]),
            ac_year=2025,
            source="SAE 2025",
        )
        for i in range(count)
    ]
    parties += [
        Party(
            key=f"EHPAD {i}",
            name=f"EHPAD du Phare {i + 1}",
            in_scope=False,
            out_reason="EHPAD sans FINESS propre dans le GHT",
        )
        for i in range(outside if count > 1 else 0)
    ]
    known = [] if empty else facts(count)
    told = Facts(ght=kind != "eg", parties=tuple(parties), perimeters=tuple(known))
    answer = judge(load("D2").row("D2.O1.C"), told, TODAY)
    share = answer.share
    lines = {line.party.key: line for line in share.lines}
    coverages = {p.key: party_coverage(p, known, TODAY) for p in parties if p.in_scope}
    rows = [_row(row, answer) for row in load("D2").rows]
    return things(
        {
            "format": "vigie-dossier/1",
            "domain": "D2",
            "referential": {"version": "2025-06-26", "title": load("D2").title, "source": load("D2").source},
            "on": TODAY,
            "candidate": {
                "name": {
                    "ght": "GHT des Deux Caps",
                    "single_ej": "GHT de la Presqu’île",
                    "eg": "Fondation Sainte-Ursane",
                }[kind],
                "kind": kind,
                "code": "GHT-DEUX-CAPS",
                "region": {"code": "32", "name": "Littoral-Nord"},
                "support": {"finess": finess(0), "name": NAMES[0][0]},
                "application_on": date(2025, 10, 14),
                "ecare_number": "ECARE-2025-000417",
                "target_on": date(2026, 11, 30),
                "target_confidence": "jour non publié",
            },
            "answer": _answer(share, count),
            "met": sum(row["state"] is State.MET for row in rows),
            "rows_total": len(rows),
            "parties": [
                {
                    "finess": p.key if p.in_scope else None,
                    "name": p.name,
                    "in_scope": p.in_scope,
                    "out_reason": p.out_reason,
                    "ac": p.ac,
                    "ac_year": p.ac_year,
                    "source": p.source,
                    "confidence": "déclarée",
                    "share": lines[p.key].share,
                    "counts": lines[p.key].counts,
                    "reasons": lines[p.key].reasons,
                }
                for p in parties
            ],
            "share": {
                "row": "D2.O1.C",
                "threshold": share.threshold,
                "share": share.share,
                "gap": share.gap,
                "missing_ac": [p.key for p in share.missing],
                "smallest_set": [p.key for p in share.smallest_set],
                "state": share.verdict.state,
                "reasons": share.verdict.reasons,
            },
            "rows": rows,
            "matrix": {
                "columns": [
                    {"kind": k, "label": k.label, "minimal": k is not PerimeterKind.SUPPORT} for k in MATRIX_KINDS
                ],
                "lines": [
                    {"finess": p.key, "name": p.name, "cells": [_cell(coverages[p.key].kinds[k]) for k in MATRIX_KINDS]}
                    for p in parties
                    if p.in_scope
                ],
            },
            "perimeters": [perimeter(fact, NAMES) for fact in known],
        }
    )


def _answer(share: Any, count: int) -> str:
    if count == 1:
        return "Les périmètres a minima sont couverts : 1 ligne sur 13 est atteinte. Le reste attend ses pièces."
    if share.share is None:
        return "La part d’activité couverte n’est pas calculable : AC manquante pour CH de Valbruyère. Saisissez-la d’abord."
    gap = number((share.gap * 100).quantize(Decimal("0.1")))
    return f"{percent(share.share, share.threshold)} de l’activité est couverte : il manque {gap} points. Le CH de Valbruyère suffirait."


def _cell(cell: Any) -> dict[str, Any]:
    return {
        "kind": cell.kind,
        "state": cell.state,
        "bia": cell.bia,
        "plan": cell.plan,
        "test": cell.test,
        "proof": cell.proof,
        "label": cell.label,
        "perimeters": list(cell.perimeters),
    }


def _row(row: Any, answer: Any) -> dict[str, Any]:
    verdict = answer.share.verdict
    state, reasons, action, pieces = (
        State.TO_INSTRUCT,
        (Reason("TO_INSTRUCT", "Règle pas encore calculée : pièces à réunir"),),
        "",
        [],
    )
    if row.code == "D2.O1.C":
        state, reasons, action = verdict.state, verdict.reasons, verdict.next_action
    elif row.code == "D2.P1":
        state, reasons, pieces = (
            State.MET,
            (Reason("PIECE", "PSSI signée le 14/03/2024, valable jusqu’au dépôt"),),
            [PIECE],
        )
    return {
        "code": row.code,
        "title": row.title,
        "kind": str(row.kind),
        "rule": row.rule,
        "state": state,
        "reasons": reasons,
        "next_action": action,
        "share": {"smallest_set": [], "share": None} if row.code == "D2.O1.C" else None,
        "parties": [_party_verdict(each) for each in answer.parties],
        "lacking": [],
        "needs": [
            {
                "label": p.label,
                "keys": [p.key],
                "required": p.required,
                "only_if": p.only_if,
                "note": p.note,
                "state": answer.piece_state(p.key),
            }
            for p in row.pieces
        ],
        "expected": [{"key": p.key, "label": p.label, "required": p.required, "note": p.note} for p in row.pieces],
        "pieces": pieces,
        "source": row.source,
        "version": row.version,
        "confidence": row.confidence,
    }


def _party_verdict(each: Any) -> dict[str, Any]:
    return {
        "key": each.party.key,
        "finess": each.party.key,
        "name": each.party.name,
        "in_scope": each.party.in_scope,
        "state": each.state,
        "reasons": [reason for found in each.answers for reason in found.reasons],
        "lacking": [{"state": a.state, "action": a.next_action, "reasons": a.reasons} for a in each.lacking],
        "counts": None,
        "share": None,
    }


def candidate(**changes: Any) -> CandidateFacts:
    """A candidate that applied, and has not declared."""
    region = Region(id=UUID(int=1), code="32", name="Littoral-Nord")
    entity = LegalEntity(id=UUID(int=1), finess=finess(0), name=NAMES[0][0], region_id=UUID(int=1), source="essai")
    applied = date(2025, 10, 14)
    made = CandidateFacts(
        UUID(int=2), UUID(int=1), UUID(int=3), "D2", "GHT des Deux Caps", "GHT-DEUX-CAPS", region, entity, applied, applied,
        None, None,
    )  # fmt: skip
    return replace(made, **changes)


def perimeter(fact: Perimeter, names: Any) -> dict[str, Any]:
    """A perimeter as the canonical JSON lists it."""
    return {
        "finess": fact.party,
        "establishment": names[int(fact.party[4:])][0],
        "code": fact.code,
        "name": fact.name,
        "kind": fact.kind,
        "kind_label": fact.kind.label,
        "exists": fact.exists,
        "absence_reason": fact.absence_reason,
        "bia": fact.bia,
        "bia_on": fact.bia_on,
        "bia_reason": "",
        "pca": fact.pca,
        "pca_on": fact.pca_on,
        "pra": fact.pra,
        "pra_on": fact.pra_on,
        "version": "v1.2",
        "approver": "CODIR du 02/06/2026",
        "last_test_on": fact.last_test_on,
        "next_test_on": fact.next_test_on,
    }


def run(state: str, **more: Any) -> Any:
    """One deposit in a given state."""
    base = {
        "id": "0192f0ab",
        "filename": "BIA_Marquerive_v3 (2).xlsx",
        "size": 188_416,
        "received_at": NOW,
        "by": "Claire Le Goff",
        "state": state,
        "busy": state in {"received", "reading", "applying", "undoing"},
        "step": "Lecture de la feuille Perimetres",
        "percent": 40,
        "problem": "",
        "applied_at": None,
        "undone_at": None,
        "undone_by": "",
        "undo": None,
        "annotated": "",
        "taken": [],
        "sentence": "41 lignes sur 46",
    }
    return things(base | more)


CHANGE = {"subject": "629900341/MED-01", "field": "PCA validé le", "before": "", "after": "17/11/2026"}
CONFLICTS = [
    {
        "place": "Perimetres!12",
        "subject": "629900341/MED-01",
        "by": "Maxime Vidal",
        "at": "20/11/2026 à 14:05",
        "changes": [CHANGE, CHANGE | {"field": "BIA", "before": "En cours", "after": "Réalisé"}],
    },
    {"place": "Emargement!7", "subject": "Emargement, ligne 7", "by": "", "at": "", "changes": []},
]


def preview(
    *, rejected: int = 5, empty: bool = False, many: bool = False, conflicts: bool = False, unsure: bool = False
) -> dict[str, Any]:
    """What was understood of a workbook; `many`: more remarks than a page lists."""
    keys = ("class", "code", "sheet", "cell", "column", "value", "reason", "remedy")
    column = {
        "letter": "B", "header": "FINESS EJ*", "field": "FINESS EJ", "example": "629900341", "sure": True, "score": 100,
    }  # fmt: skip
    guess = {"letter": "H", "header": "Délai max", "field": "DIMA", "example": "24-48h", "sure": False, "score": 72}
    counts = {"new": 12, "changed": 7, "unchanged": 22, "rejected": rejected}
    faults = [
        dict(zip(keys, fault, strict=True)) | {"stored": fault[3] not in REJECTED}
        for fault in FAULTS
        if rejected or fault[3] not in REJECTED
    ]
    held = {cls: sum(fault["class"] == cls for fault in faults) for cls in "EGW"}
    return {
        "workbook": "KIT_BIA_PCRA",
        "sheets": [
            {
                "name": "Parties",
                "layout": "Parties",
                "title": "Les parties du candidat et leur activité combinée",
                "header_row": 1,
                "score": 100,
                "sure": True,
                "skipped": 0,
                "counts": dict.fromkeys(counts, 0) | {"new": 0 if empty else 8},
                "columns": [column],
            },
            {
                "name": "Perimetres",
                "layout": "Perimetres",
                "title": "Un périmètre par ligne",
                "header_row": 4,
                "score": 88,
                "sure": not unsure,
                "skipped": 1,
                "counts": dict.fromkeys(counts, 0) if empty else counts,
                "columns": [column, guess],
            },
        ],
        "faults": faults,
        "totals": {cls: 23_456 if many and held[cls] else held[cls] for cls in "EGW"},
        "rows": {
            "new": [
                {"sheet": "Perimetres", "row": 5 + place, "key": f"629900341/URG-{place:02d}"} for place in range(12)
            ],
            "unchanged": [{"sheet": "Perimetres", "row": 17, "key": "629900341/PAIE-01"}],
        },
        "applied": False,
        "unmapped": ["Feuil2"],
        "absent": ["629900341/IMG-01"],
        "absent_count": 1_204 if many else 1,
        "changes": [CHANGE],
        "conflicts": CONFLICTS if conflicts else [],
        "to_confirm": unsure,
        "asks_date_order": False,
    }


HEADERS = ("N°", "Service", "FINESS", "BIA fait le", "Délai max", "Obs.")
ROWS = (
    ("GHT des Deux Caps : inventaire au 12/10/2026",),
    HEADERS,
    ("1", "Urgences", "629900341", "12/03/2026", "4 h", "cf. réunion du 4 : à revoir avec le pôle et le DIM"),
    ("2", "Médecine", "", "05/04/2026", "24-48h", ""),
    ("3", "Paie", "", "", "1 semaine", "«à faire»"),
)


def book() -> ReadBook:
    """A home-made file: a title, a header on row 2, blanks under a value; and a sheet that is nothing known."""
    return ReadBook(
        (_sheet("Services", ROWS), _sheet("Feuil2", (("Local", "Autonomie"), ("Sous-sol", "20 min")))), format="csv"
    )


def _sheet(name: str, rows: Sequence[Sequence[str]]) -> ReadSheet:
    cells = {
        number: {place: Cell(number, place, CellKind.TEXT, text) for place, text in enumerate(row, start=1) if text}
        for number, row in enumerate(rows, start=1)
    }
    return ReadSheet(name, rows=cells)


def columns(*, with_rows: bool = True, **more: Any) -> dict[str, Any]:
    """The page of the columns of that file, as the recognition reads it when told that it is an inventory."""
    about = answers.sources(book(), Recognised((), (), ()), asks=("Services",))
    told = [
        answers.Answer(sheet="Perimetres", header_row=2, columns={2: "name", 3: "finess_ej", 4: "bia_on"}),
        answers.understood(about[1]),
    ]
    return {
        "run": run("parsed"),
        "sheets": columns_page.shown(WORKBOOKS, about, told, "ght", with_rows=with_rows),
        "workbooks": WORKBOOKS,
        "header_rows": 15,
        "with_rows": with_rows,
        "anew": False,
        "problem": "",
    } | more


def registers(rows: int = 40) -> dict[str, Any]:
    """The index of the lists: of a GHT, where people are only counted."""
    counts = (("CH de Marquerive", rows), ("CH de Port-Aubry", 2))
    return {
        "workbooks": [
            (
                workbook,
                [
                    lists.Counted(
                        sheet=sheet, rows=rows, closed=sheet.private, by_establishment=counts if sheet.private else ()
                    )
                    for sheet in workbook.sheets
                ],
            )
            for workbook in WORKBOOKS
        ],
        "elsewhere": {"Parties": "compliance.coverage", "Perimetres": "compliance.perimeters"},
    }


def listing(total: int = 120, everything: int = 120, page: int = 2, **asked: Any) -> dict[str, Any]:
    """A page of a wide list, some of its rows naming what nobody has yet."""
    sheet = SHEETS["Planning"]

    def cell(place: int, column: Column) -> lists.CellShown:
        text = as_typed(column, column.example) if column.example else ""
        return lists.CellShown(
            text=f"{column.example}-{place}" if column.key == "code" else preview_of_cell(text),
            unattached=bool(column.refers) and place % 3 == 0,
            note=NAMES[4][0] if column.key == "finess_ej" else "",
            is_number=column.kind.value in {"number", "integer", "duration"},
        )

    count = max(0, min(50, total - 50 * (page - 1)))
    return {
        "listing": lists.Listing(
            sheet=sheet,
            workbook=workbook_of(sheet),
            asked=lists.Asked(page=page, **asked),
            headers=tuple((column.label, False) for column in sheet.columns),
            rows=tuple(tuple(cell(place, column) for column in sheet.columns) for place in range(count)),
            refs=tuple(UUID(int=place) for place in range(count)),
            total=total,
            everything=everything,
            establishments=tuple((finess(place), name) for place, (name, _) in enumerate(NAMES[:3])),
            refers=True,
        ),
        "can_import": True,
    }


def preview_of_cell(value: object) -> str:
    """A value as a list shows it."""
    return shown(None, value) if value else ""


def held(*, withdrawn: bool = False) -> Held:
    """A recorded exercise."""
    sheet = SHEETS["Planning"]
    return Held(
        ref=UUID(int=7),
        establishment_id=UUID(int=1),
        finess=finess(4),
        key="EX-2026-03",
        seen=str(UUID(int=7)),
        values={**dict.fromkeys(sheet.fields), "code": "EX-2026-03"},
        at=NOW,
        by=UUID(int=2),
        withdrawn=withdrawn,
    )


def entry(*, withdrawn: bool = False, can_import: bool = True) -> dict[str, Any]:
    """A recorded row, what names it and what it was."""
    sheet, by = SHEETS["Planning"], UUID(int=2)
    past = [
        Past(NOW, by, imported=False, withdrawn=withdrawn, first=False, changes=(("Statut", "Planifié", "Réalisé"),)),
        Past(NOW, None, imported=True, withdrawn=False, first=True, changes=()),
    ]
    naming = [
        (SHEETS["Resultats"], "exercise_code", 1),
        (SHEETS["Plan_actions"], "retest_code", 30),
        (SHEETS["Incidents"], "exercise_code", 0),
    ]
    return {
        "sheet": sheet,
        "workbook": workbook_of(sheet),
        "row": held(withdrawn=withdrawn),
        "title": "Exercice EX-2026-03",
        "establishment": NAMES[3][0],
        "values": [(column.label, preview_of_cell(column.example) or "(vide)") for column in sheet.columns],
        "related": [
            Related(
                other, other.column(key), tuple((UUID(int=place), f"EX-2026-03 / {place}") for place in range(count))
            )
            for other, key, count in naming
        ],
        "history": past,
        "names": {by: "Maxime Vidal", None: ""},
        "can_import": can_import,
    }


def entry_form(*, new: bool = True, refused: bool = False, both: bool = False, twin: bool = False) -> dict[str, Any]:
    """The form of a row: blank, refused, or beside what somebody else recorded."""
    sheet = SHEETS["Planning"]
    controls = {
        "nature": "select",
        "planned_on": "date",
        "perimeters": "ticks",
        "storyline": "area",
        "finess_et": "offered",
    }
    options = (("", "Choisir"), ("Combiné", "Combiné"))
    fields = [
        Field(
            key=column.key, label=column.label, control=controls.get(column.key, "text"), help=column.help, value="",
            options=options if column.key in controls else (), required=column.required,
            error="Cette valeur est obligatoire. Choisissez-la dans la liste." if refused and column.key in ("code", "perimeters") else "",
        )
        for column in sheet.columns
    ]  # fmt: skip
    return {
        "sheet": sheet,
        "row": None if new else held(),
        "establishment": "" if new else NAMES[3][0],
        "form": Form(
            needed=tuple(field for field in fields if field.required), others=tuple(f for f in fields if not f.required)
        ),
        "elsewhere": [],
        "twin": held() if twin else None,
        "theirs": [
            {"label": "Libellé", "mine": "Perte du SI", "theirs": "Perte du laboratoire"},
            {"label": "Motif", "mine": "", "theirs": "Grève"},
        ]
        if both
        else [],
        "by": "Andréa Colin" if both else "",
    }
