"""Sample data of the pages of pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from compliance.inspection.clamd import Outcome
from compliance.programme.referential import load
from compliance.reports import evidence as reports
from compliance.reports.evidence import STATES, Line
from compliance.rules.piece import PieceStatus
from compliance.services.evidence_drop import Drop
from compliance.services.evidence_quota import Quota
from compliance.services.evidence_thread import Event, Examination
from compliance.services.evidence_version import Version
from tests.pages import samples

D2 = {"D2": load("D2")}
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OWN = ("D2.O2.A", "backup_policy")
EXAMINED = Examination(
    inspected_at=AT, detail={"media_type": "application/pdf", "pages": 12}, scanned_at=AT, scan=Outcome.CLEAN
)
MACROS = Examination(
    inspected_at=AT, detail={"warnings": ["Ce fichier contient des macros ou des scripts"]}, damaged_at=AT
)
LONG = "Compte rendu de la cellule de crise " * 4 + ".pdf"


def _version(number: int, status: str = "to_check", *, replaced: bool = False, **more: Any) -> Version:
    key = UUID(int=number)
    values: dict[str, Any] = {
        "id": key,
        "establishment_id": UUID(int=1),
        "establishment": f"CH {number % 2}",
        "finess": samples.finess(number % 2),
        "own": OWN,
        "uses": (OWN,),
        "filename": f"politique-{number}.pdf",
        "media_type": "application/pdf",
        "sha256": "a" * 64,
        "size": 250_000,
        "approved_on": date(2026, 2, 5),
        "effective_on": None,
        "expires_on": None,
        "received_at": AT,
        "received_by": UUID(int=5),
        "whole": False,
        "covers": (),
        "covers_reason": "",
        "status": PieceStatus(status),
        "chain": (key, UUID(int=99)) if replaced else (key,),
        "former_names": (),
        "counts": PieceStatus(status).counts and not replaced,
    }
    return Version(**(values | more))


def _lines() -> list[Line]:
    found = [
        _version(2),
        _version(3, "validated", whole=True, uses=(OWN, ("D2.P2", "other"))),
        _version(4, "quarantined", filename=LONG),
        _version(5, "set_aside"),
        _version(6, replaced=True),
    ]
    reasons = {UUID(int=4): "Ce fichier contient un numéro de sécurité sociale", UUID(int=5): "Ancienne charte"}
    return reports.lines(
        found, D2, {UUID(int=2): EXAMINED, UUID(int=3): MACROS, UUID(int=5): EXAMINED, UUID(int=6): EXAMINED}, reasons
    )


def _drops() -> list[Drop]:
    return [Drop(UUID(int=8), UUID(int=1), "CH de Port-Aubry", AT, 12, 2, 7)]


def _listed(*, empty: bool = False, may: bool = True, state: str = "") -> Callable[[], dict[str, Any]]:
    def told() -> dict[str, Any]:
        every = [] if empty else _lines()
        return {
            "every": every,
            "shown": [line for line in every if state in ("", line.state)],
            "tally": reports.tally(every),
            "states": STATES,
            "filters": {"ligne": "", "type": "", "etat": state, "etablissement": ""},
            "offered": {
                "ligne": {"D2.O2.A": "Politique"},
                "type": {"backup_policy": "Politique de sauvegarde"},
                "etat": dict(STATES),
                "etablissement": {samples.finess(0): "CH 0", samples.finess(1): "CH 1"},
            },
            "quotas": [("CH 0", Quota(250_000, 20 << 30)), ("CH 1", Quota(0, 20 << 30))][: 1 if empty else 2],
            "unfinished": [] if empty else _drops(),
            "scope_name": "GHT des Deux Caps",
            "can_attach": may,
        }

    return told


def _piece(place: int, shown: str = "", *, may: bool = True, **more: Any) -> Callable[[], dict[str, Any]]:
    def told() -> dict[str, Any]:
        line = _lines()[place]
        later = replace(line, version=_version(99, chain=line.version.chain)) if line.state == "replaced" else None
        return {
            "line": line,
            "history": [line, *([later] if later else [])],
            "people": {UUID(int=5): "Claire Le Goff"},
            "declared": [
                reports.Declared("PR-P1-01", True, ()),
                reports.Declared("PR-O1D-01", False, (samples.finess(3),)),
            ][: 2 if place else 0],
            "thread": [
                Event(line.version.id, "inspection", "ok", {}, AT, ""),
                Event(line.version.id, "antivirus", "not_scanned", {}, AT, ""),
                Event(line.version.id, "rehash", "altered", {}, AT, ""),
                Event(line.version.id, "status", "set_aside", {"reason": "Ancienne charte"}, AT, "Claire Le Goff"),
                Event(line.version.id, "comment", "", {"text": "Qui la signe ?"}, AT, "Claire Le Goff"),
            ][: 5 if may else 0],
            "shown": shown,
            "text": "Une procédure, ligne à ligne",
            "choices": reports.choices(D2["D2"]),
            "error": "",
            "typed": {},
            "max_bytes": 50 << 20,
            "can_attach": may,
        } | more

    return told


def _file(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=number), "filename": f"dossier/fichier {number}.pdf", "size": 12_000, "note": "", "suggestions": [], "why": "",
        "problem": "", "use": "", "whole": False, "approved_on": "", "effective_on": "", "expires_on": "",
    } | more  # fmt: skip


def _drop(reading: int = 0, *, done: bool = False) -> Callable[[], dict[str, Any]]:
    suggested = [("D2.P1|pssi", reports.served(("D2.P1", "pssi"), D2), "d’après le nom : « pssi »", "2026-02-05")]
    waiting = [
        _file(20, suggestions=suggested, why=suggested[0][2], use="D2.P1|pssi", approved_on="2026-02-05"),
        _file(
            21,
            problem="L’année 2199 n’est pas plausible",
            use="none",
            whole=True,
            note="Ce fichier contient des macros",
        ),
    ]
    decided = [
        {"filename": "vide.pdf", "state": "refused", "reason": "« vide.pdf » est vide", "evidence_id": None},
        {"filename": "pssi.pdf", "state": "attached", "reason": "", "evidence_id": UUID(int=2)},
        {"filename": "photo.jpg", "state": "discarded", "reason": "", "evidence_id": None},
    ]
    return lambda: {
        "drop": {"id": UUID(int=8), "reading": reading, "files": 5, "step": "Lecture de « a.pdf »", "percent": 40},
        "establishment": "CH de Port-Aubry",
        "waiting": [] if reading or done else waiting,
        "decided": samples.things([] if reading else decided),
        "choices": reports.choices(D2["D2"]),
        "several": True,
    }


def _dropping(**more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: (
        {
            "error": "",
            "establishments": [(samples.finess(0), "CH 0"), (samples.finess(1), "CH 1")],
            "chosen": samples.finess(1),
            "quotas": [("CH 0", Quota(250_000, 20 << 30))],
            "unfinished": _drops(),
            "scope_name": "GHT des Deux Caps",
            "most": 100,
            "max_bytes": 50 << 20,
            "max_drop": 500 << 20,
        }
        | more
    )


CASES = {
    "evidence": ("compliance/evidence.html", _listed()),
    "evidence_filtered": ("compliance/evidence.html", _listed(state="quarantined")),
    "evidence_nothing": ("compliance/evidence.html", _listed(empty=True)),
    "evidence_reader": ("compliance/evidence.html", _listed(may=False)),
    "evidence_piece": ("compliance/evidence_piece.html", _piece(0, "frame")),
    "evidence_piece_text": ("compliance/evidence_piece.html", _piece(1, "text")),
    "evidence_piece_quarantined": ("compliance/evidence_piece.html", _piece(2)),
    "evidence_piece_refused": (
        "compliance/evidence_piece.html",
        _piece(3, "image", error="Choisissez un fichier", typed={"status": "set_aside"}),
    ),
    "evidence_piece_replaced": ("compliance/evidence_piece.html", _piece(4)),
    "evidence_piece_reader": ("compliance/evidence_piece.html", _piece(0, may=False)),
    "evidence_drop": ("compliance/evidence_drop.html", _dropping()),
    "evidence_drop_refused": ("compliance/evidence_drop.html", _dropping(error="Aucun fichier n’a été choisi")),
    "evidence_drop_reading": ("compliance/evidence_drop_files.html", _drop(2)),
    "evidence_drop_files": ("compliance/evidence_drop_files.html", _drop()),
    "evidence_drop_done": ("compliance/evidence_drop_files.html", _drop(done=True)),
}
ROUTES = {
    "compliance.evidence_list": "/preuves",
    "compliance.evidence_export": "/preuves/export.xlsx",
    "compliance.evidence_piece": "/preuves/<piece_id>",
    "compliance.evidence_shown": "/preuves/<piece_id>/apercu",
    "compliance.replace_evidence": "/preuves/<piece_id>/version",
    "compliance.use_evidence": "/preuves/<piece_id>/lignes",
    "compliance.judge_evidence": "/preuves/<piece_id>/etat",
    "compliance.comment_evidence": "/preuves/<piece_id>/messages",
    "compliance.drop": "/preuves/depot",
    "compliance.receive_drop": "/preuves/depot/recevoir",
    "compliance.drop_files": "/preuves/depot/<drop_id>",
    "compliance.drop_progress": "/preuves/depot/<drop_id>/avancement",
    "compliance.settle_drop": "/preuves/depot/<drop_id>/ranger",
}
