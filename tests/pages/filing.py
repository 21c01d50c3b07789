"""Sample data of the pages around filing: the dossier step by step, the parts, the dry run, delegations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from compliance.programme.counter import load
from compliance.reports.missing import Group, Lack
from compliance.reports.parts import Part, RowPart
from compliance.rules.readiness import Finding, Rule, Severity
from compliance.rules.verdict import State
from compliance.services.delegation import Granted
from compliance.services.ecare import Declared, Version
from compliance.services.evidence import CommonPiece, Piece
from compliance.services.part import Said
from tests.pages import samples

Context = Callable[[], dict[str, Any]]
ID = UUID(int=7)
BY = UUID(int=8)
NAMES = {BY: "Dominique Lasserre"}
LACK = Lack(
    "D2.P1", "PSSI", State.MISSING, (("Joindre : PSSI", "Pièce attendue : PSSI"),), "RSSI", None, None, blocking=True
)
PIECE = Piece(
    ID, ID, "CH de Valbruyère", "D2.P1", "pssi", "pssi.pdf", "application/pdf", "ab" * 32, 4096,
    samples.date(2026, 3, 1), None, None, samples.NOW,
)  # fmt: skip
SAID = Said(ID, ready=True, note="Le RETEX vient après l’exercice", at=samples.NOW, by=BY)
PART = Part(
    ID,
    samples.finess(1),
    "CH de Valbruyère",
    begun=True,
    rows=(RowPart("D2.P1", "PSSI", State.MISSING, 0, 1), RowPart("D2.P2", "Organisation", State.MET, 0, 0)),
    pieces=(PIECE,),
    lacks=Group(samples.finess(1), "CH de Valbruyère", samples.finess(1), whole=False, lacks=(LACK,)),
    said=SAID,
)
SILENT = replace(PART, begun=False, lacks=None, said=None, pieces=(), name="CH de Port-Aubry")
DECLARED = Declared("DECL-2026-114", samples.date(2026, 11, 20), "ars_review", samples.date(2026, 11, 21), ID)


def steps(declared: Declared | None = None, *, error: str = "", begun: bool = True) -> dict[str, Any]:
    """Return what the page of the dossier asks beside its builds and its filings."""
    known = declared or Declared()
    return {
        "begun": begun,
        "parts": [PART, SILENT, replace(PART, said=replace(SAID, ready=False, note=""))] if begun else [],
        "counts": {"blocks": 3 if begun else 0, "look": 2 if begun else 0, "information": 0},
        "names": NAMES | {None: ""},
        "declared": known,
        "versions": [Version(known, samples.NOW, BY)] if declared else [],
        "states": [(state.key, state.label) for state in load().states],
        "receipts": [(str(ID), "recepisse.pdf")] if declared else [],
        "form": {
            "error": error,
            "number": known.number,
            "filed_on": known.filed_on or "",
            "state": known.state,
            "state_on": known.state_on or "",
            "receipt": str(known.receipt_id or ""),
        },
    }


def part(*, mine: Part | None = PART, said: bool = False, opened: bool = True, error: str = "") -> Context:
    """« Notre partie du dossier »."""
    return lambda: {
        "establishment": {"finess": samples.finess(1), "name": "CH de Valbruyère", "group": "GHT des Deux Caps"},
        "part": mine,
        "common": [CommonPiece("D2.P1", "pssi", False, "pssi-ght.pdf", samples.date(2026, 3, 1), None, samples.NOW)],
        "opened": opened,
        "said": [SAID] if said else [],
        "names": NAMES | {None: ""},
        "error": error,
        "note": "",
        "today": samples.TODAY,
        "can_build": True,
        "can_attach": True,
    }


def _readiness(*findings: Finding) -> Context:
    shown = [{"finding": each, "href": "#" if each.link[0] else "", "link": "Ouvrir la ligne"} for each in findings]
    return lambda: {
        "candidate": samples.candidate(),
        "counts": {str(one): sum(each.severity is one for each in findings) for one in Severity},
        "groups": [
            (one, [line for line in shown if line["finding"].severity is one])
            for one in Severity
            if any(each.severity is one for each in findings)
        ],
        "held": [Rule.MACROS, Rule.LINKS],
        "today": samples.TODAY,
    }


def _delegations(*granted: Granted, error: str = "", may: bool = True) -> Context:
    return lambda: {
        "candidate": samples.candidate(),
        "delegations": list(granted),
        "form": {"error": error, "email": "", "deed": "", "starts_on": "", "ends_on": ""},
        "today": samples.TODAY,
        "can_delegate": may,
    }


GRANTED = Granted(
    ID, "Dominique Lasserre", "Décision 2026-14 du 02/11/2026", samples.date(2026, 11, 2), samples.date(2027, 1, 31),
    withdrawn=False, recorded_at=samples.NOW, by="Claude Berthier", last=True,
)  # fmt: skip
QUARANTINED = Finding(
    Rule.QUARANTINE, Severity.BLOCKS, "« retex.pdf » (D2.O1.D) est en quarantaine", "CH", ("piece", "1"), stops=True
)
CASES: dict[str, tuple[str, Context]] = {
    "part": ("compliance/part.html", part()),
    "part_ready": ("compliance/part.html", part(said=True)),
    "part_refused": ("compliance/part.html", part(error="La remarque dépasse 500 caractères : raccourcissez-la.")),
    "part_silent": ("compliance/part.html", part(mine=SILENT, opened=False)),
    "part_outside": ("compliance/part.html", part(mine=None)),
    "readiness": (
        "compliance/readiness.html",
        _readiness(
            QUARANTINED,
            Finding(Rule.MISSING, Severity.BLOCKS, "D2.P1 : Joindre : PSSI", "CH et 3 autres", ("row", "D2.P1")),
            Finding(Rule.PARTS, Severity.LOOK, "1 partie sur 8 n’est pas dite prête", "CH", ("parts", "")),
            Finding(Rule.SIZES, Severity.INFORMATION, "Les pièces pèsent 3,2 Mo en tout"),
        ),
    ),
    "readiness_clear": ("compliance/readiness.html", _readiness()),
    "delegations": (
        "compliance/delegations.html",
        _delegations(
            GRANTED,
            replace(GRANTED, withdrawn=True),
            replace(GRANTED, last=False),
            replace(GRANTED, ends_on=samples.date(2026, 11, 10)),
            replace(GRANTED, starts_on=samples.date(2026, 12, 1)),
            error="La délégation finit avant de commencer : vérifiez les deux dates.",
        ),
    ),
    "delegations_none": ("compliance/delegations.html", _delegations(may=False)),
}
