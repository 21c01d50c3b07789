"""Decisions and their reasons as plain text, row by row, ready to paste into eCaRE: nobody types twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from compliance.clock import PARIS, today
from compliance.models.dossier import Filing
from compliance.rules.procedure import ANS, ARS
from compliance.rules.verdict import State
from compliance.rules.words import short_date
from compliance.services import opinion, procedure
from compliance.services.opinion import OpinionRecord
from compliance.services.review import ReviewedPiece

_AUTHORITY = {ARS: "ARS", ANS: "ANS"}
_SAID = {"accepted": "acceptée", "returned": "retournée", "undecided": "à examiner"}


def export_text(filing: Filing, reviewed: Sequence[ReviewedPiece]) -> str:
    """Return what was decided of a filing, in French: the dossier, then each row with its avis and its pieces (`review.pieces`).

    Names of people are left out: an agency decides. Reads what the scope reads.
    """
    document = json.loads(filing.document)
    given = [each for each in opinion.opinions([filing.candidate_id], today()) if each.version <= filing.version]
    filed = (
        f"Domaine {document['domain']}, version {filing.version} transmise le"
        f" {short_date(filing.filed_at.astimezone(PARIS).date())}, référentiel {document['referential']['version']}"
    )
    lines = [f"{document['candidate']['name']} ({document['candidate']['code']})", filed, "", *_decisions(filing)]
    for row in document["rows"]:
        mine = [each for each in reviewed if each.piece.row_code == row["code"]]
        avis = [each for each in given if each.row_code == row["code"]]
        lines += ["", *_row(row, mine, avis)]
    return "\n".join(lines).rstrip() + "\n"


def _decisions(filing: Filing) -> list[str]:
    told = [
        f"{event.sentence}, le {short_date(event.on)}{f' : {_one_line(event.reason)}' if event.reason else ''}"
        for event in procedure.history(filing.candidate_id)
        if event.level in _AUTHORITY and event.state.key in {"favourable", "unfavourable", "validated", "refused"}
    ]
    return told or ["Aucune décision sur le dossier."]


def _row(row: dict[str, Any], reviewed: list[ReviewedPiece], avis: list[OpinionRecord]) -> list[str]:
    lines = [f"{row['code']} {row['title']} : {State(row['state']).label}"]
    for each in avis:
        word = "favorable" if each.favourable else "défavorable"
        about = f" sur {each.subject}" if each.subject else ""
        lines.append(f"  Avis {word}{about}, {each.agency}, le {short_date(each.given_on)} : {_one_line(each.reason)}")
    lines += [f"  {piece.piece.filename} : {_piece(piece)}" for piece in reviewed]
    return lines if reviewed or avis else [*lines, "  Aucune pièce."]


def _piece(reviewed: ReviewedPiece) -> str:
    said = []
    for level, name in _AUTHORITY.items():
        decision = reviewed.decisions.get(level)
        if decision is None:
            continue
        why = f" ({decision.cause_label.lower()})" if decision.cause else ""
        message = f" : {_one_line(decision.message)}" if decision.message else ""
        said.append(f"{_SAID[reviewed.state(level)]} par l’{name} le {short_date(decision.on)}{why}{message}")
    return " ; ".join(said) or _SAID["undecided"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
