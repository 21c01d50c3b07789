"""The read model of a candidate at a date: what the page, the command line, the dossier and the filing all say.

A plain dictionary with the keys of the canonical JSON (docs/dossier.md), values still typed (dates, decimals, states).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from compliance.programme.referential import Referential
from compliance.reports import funding
from compliance.reports.facts import facts_of
from compliance.reports.gathered import Gathered, Tries, gather
from compliance.reports.piece_names import piece_names
from compliance.rules import pcra
from compliance.rules.activity import Share
from compliance.rules.evidence import either
from compliance.rules.milestone import Phase
from compliance.rules.pcra import KindCoverage, PartyCoverage
from compliance.rules.perimeter import MINIMAL_KINDS, PerimeterKind
from compliance.rules.requirement import Piece as ExpectedPiece
from compliance.rules.row import PartyVerdict, RowVerdict, expected_pieces, judge, needs
from compliance.rules.verdict import Reason, State, Verdict
from compliance.services.candidate import CandidateFacts
from compliance.services.evidence import Piece
from compliance.services.party import PartyRecord
from compliance.services.perimeter import PerimeterRecord

FORMAT = "vigie-dossier/1"
SHARE_ROW = "D2.O1.C"
SIX_DIGITS = Decimal("0.000001")
MATRIX_KINDS = (*MINIMAL_KINDS, PerimeterKind.SUPPORT)

Doc = dict[str, Any]


def candidate_progress(candidate: CandidateFacts, referential: Referential, on: date, known: date | None = None) -> Doc:
    """Return the state of a candidate on a day: what was true then and recorded by the end of the day `known` (by default, `on`)."""
    return describe(gather([candidate], on, known or on)[0], referential, on)


def of_member(doc: Doc) -> Doc:
    """Leave out of the state of a member what one cannot answer from there: its weight in its GHT, the rule of one entity."""
    parties = [{**party, "share": None, "cumulative": None} for party in doc["parties"]]
    rows = [
        {
            **row,
            "share": None,
            "reasons": [reason for reason in row["reasons"] if reason["code"] != "SINGLE_TO_CONFIRM"],
        }
        for row in doc["rows"]
    ]
    return {**doc, "parties": parties, "rows": rows, "share": None}


def alone(record: Doc, on: date) -> Doc:
    """Return the cell of the matrix that one perimeter makes by itself."""
    fact = record["fact"]
    cell = pcra.kind_coverage(fact.kind, [fact], on, party_key=fact.party)
    return {**_cell_of(cell), "reasons": [_reason(reason) for reason in cell.reasons]}


def describe(gathered: Gathered, referential: Referential, on: date) -> Doc:
    """Turn facts into verdicts with their reasons. No database, no clock."""
    facts = facts_of(gathered, referential)
    answers = [judge(row, facts, on) for row in referential.rows]
    pieces = _pieces(gathered.pieces)
    rows = [_row(answer, pieces, gathered) for answer in answers]
    share = next((answer.share for answer in answers if answer.row.code == SHARE_ROW and answer.share), None)
    start = facts.dates["phase_start"].on if "phase_start" in facts.dates else None
    phase = Phase(start or on, facts.day("declaration_filed", on))
    covered = {party.key: pcra.party_coverage(party, facts.perimeters, on, phase) for party in facts.parties}
    candidate = gathered.candidate
    target = next((entry for entry in referential.dates if entry.key == "target"), None)
    tries = gathered.tries()
    return {
        "format": FORMAT,
        "domain": referential.domain,
        "referential": {"version": referential.version, "title": referential.title, "source": referential.source},
        "on": on,
        "candidate": {
            "name": candidate.name,
            "kind": candidate.kind,
            "code": candidate.code,
            "region": {"code": candidate.region.code, "name": candidate.region.name},
            "support": {"finess": candidate.support.finess, "name": candidate.support.name},
            "application_on": candidate.applied_on,
            "frozen_on": candidate.frozen_on,
            "ecare_number": candidate.ecare_number,
            "declared_on": facts.day("declaration_filed", on),
            "target_on": target.on if target else None,
            "target_confidence": target.confidence if target else "",
        },
        "answer": _answer(share, parties_known=bool(gathered.perimeters)),
        "met": sum(row["state"] is State.MET for row in rows),
        "rows_total": len(rows),
        "parties": [_party(line, gathered.parties) for line in share.lines] if share else [],
        "share": _share(SHARE_ROW, share) if share else None,
        "rows": rows,
        "matrix": _matrix(share, covered) if share else {"columns": [], "lines": []},
        "perimeters": [_perimeter(record, gathered, tries, on) for record in gathered.perimeters],
        "funding": funding.document(funding.money(gathered, referential))
        if referential.domain == candidate.domain
        else None,
    }


def _row(answer: RowVerdict, pieces: dict[str, list[Doc]], gathered: Gathered) -> Doc:
    row, verdict = answer.row, answer.verdict
    finess = {record.party.key: record.finess for record in gathered.parties}
    finess[gathered.candidate.support.finess] = gathered.candidate.support.finess
    return {
        "code": row.code,
        "title": row.title,
        "kind": row.kind,
        "rule": row.rule,
        "note": row.note,
        "state": verdict.state,
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "next_action": verdict.next_action,
        "share": _share(row.code, answer.share) if answer.share else None,
        "parties": [
            {**_party_verdict(each, finess.get(each.party.key)), **_weight(each, answer.share)}
            for each in answer.parties
        ],
        "lacking": [_lacking(each) for each in answer.whole.values() if not each.settled],
        "expected": [
            {
                "key": piece.key,
                "label": piece.label,
                "required": piece.required,
                "note": piece.note,
                "only_if": piece.only_if,
            }
            for piece in expected_pieces(row, ght=gathered.ght)
        ],
        "needs": [_need(group, answer) for group in needs(row, ght=gathered.ght)],
        "pieces": pieces.get(row.code, []),
        "source": row.source,
        "version": row.version,
        "confidence": row.confidence,
    }


def _party_verdict(each: PartyVerdict, finess: str | None) -> Doc:
    """What one party has and lacks for a row; `lacking` pairs each thing to do with its reasons."""
    return {
        "key": each.party.key,
        "finess": finess,
        "name": each.party.name,
        "in_scope": each.party.in_scope,
        "state": each.state,
        "reasons": [_reason(reason) for answer in each.answers for reason in answer.reasons],
        "lacking": [_lacking(answer) for answer in each.lacking],
    }


def _weight(each: PartyVerdict, share: Share | None) -> Doc:
    """Whether a party counts in the share of a row, and its part of the activity; None for a row that is not a share."""
    line = next((line for line in share.lines if line.party.key == each.party.key), None) if share else None
    return {"counts": line.counts if line else None, "share": _six(line.share) if line else None}


def _need(alternatives: Sequence[ExpectedPiece], answer: RowVerdict) -> Doc:
    """A piece asked, or alternatives of which one is enough, and how far it is for the parties it is asked of."""
    first = alternatives[0]
    return {
        "label": either(alternatives),
        "keys": [piece.key for piece in alternatives],
        "required": first.required,
        "only_if": first.only_if,
        "note": first.note,
        "state": answer.piece_state(first.key),
    }


def _lacking(answer: Verdict) -> Doc:
    return {
        "state": answer.state,
        "action": answer.next_action,
        "reasons": [_reason(reason) for reason in answer.reasons],
    }


def _reason(reason: Reason) -> Doc:
    return {"code": reason.code, "text": reason.text, "subject": reason.subject}


def _pieces(pieces: Sequence[Piece]) -> dict[str, list[Doc]]:
    """Group the pieces by row, each with its safe and unique name in the archive."""
    names = piece_names((piece.row_code, piece.filename) for piece in pieces)
    grouped: dict[str, list[Doc]] = {}
    for piece, name in zip(pieces, names, strict=True):
        grouped.setdefault(piece.row_code, []).append(_piece(piece, name))
    return grouped


def _piece(piece: Piece, name: str) -> Doc:
    return {
        "id": str(piece.id),
        "name": name,
        "filename": piece.filename,
        "sha256": piece.sha256,
        "size": piece.size,
        "document_type": piece.document_type,
        "approved_on": piece.approved_on,
        "effective_on": piece.effective_on,
        "received_at": piece.received_at,
        "expires_on": piece.expires_on,
        "establishment": piece.establishment,
    }


def _six(value: Decimal | None) -> Decimal | None:
    """Cut a share at six digits, never rounded up to the bar."""
    return value.quantize(SIX_DIGITS, rounding=ROUND_FLOOR) if value is not None else None


def _party(line: Any, records: Sequence[PartyRecord]) -> Doc:
    finess = next((record.finess for record in records if record.party.key == line.party.key), None)
    return {
        "key": line.party.key,
        "finess": finess,
        "name": line.party.name,
        "in_scope": line.party.in_scope,
        "out_reason": line.party.out_reason,
        "ac": line.party.ac,
        "ac_year": line.party.ac_year,
        "source": line.party.source,
        "confidence": line.party.confidence,
        "share": _six(line.share),
        "cumulative": _six(line.cumulative),
        "counts": line.counts,
        "reasons": [_reason(reason) for reason in line.reasons],
    }


def _share(row: str, share: Share) -> Doc:
    return {
        "row": row,
        "threshold": share.threshold,
        "covered": share.covered,
        "total": share.total,
        "share": _six(share.share),
        "gap": _six(share.gap),
        "missing_ac": [party.key for party in share.missing],
        "smallest_set": [party.key for party in share.smallest_set],
        "state": share.verdict.state,
        "reasons": [_reason(reason) for reason in share.verdict.reasons],
        "next_action": share.verdict.next_action,
    }


def _matrix(share: Share, covered: dict[str, PartyCoverage]) -> Doc:
    lines = [line for line in share.lines if line.party.in_scope]
    return {
        "columns": [{"kind": kind, "label": kind.label, "minimal": kind in MINIMAL_KINDS} for kind in MATRIX_KINDS],
        "lines": [
            {
                "finess": line.party.key,
                "name": line.party.name,
                "counts": line.counts,
                "cells": [_cell(covered[line.party.key], kind) for kind in MATRIX_KINDS],
            }
            for line in lines
        ],
    }


def _cell(coverage: PartyCoverage, kind: PerimeterKind) -> Doc:
    return _cell_of(coverage.kinds[kind])


def _cell_of(cell: KindCoverage) -> Doc:
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


def _perimeter(record: PerimeterRecord, facts: Gathered, tries: Tries, on: date) -> Doc:
    covers = [
        each.party for each in facts.inherited if (each.inherited_from, each.code) == (record.finess, record.code)
    ]
    return of_perimeter(record, facts.files, covers, tries, on)


def of_perimeter(
    record: PerimeterRecord, files: Collection[str], covers: Collection[str], tries: Tries, on: date
) -> Doc:
    """Return what is told of one perimeter on a day: `files` are the names of the pieces received, `covers` the EJ its plan serves."""
    fact = tries.told(record.fact(record.finess, files), record.finess)
    return {
        "id": record.id,
        "fact": fact,
        "finess": record.finess,
        "site_finess": record.site_finess,
        "establishment": record.establishment,
        "covers": sorted(covers),
        "code": record.code,
        "name": record.name,
        "kind": record.kind,
        "kind_label": record.kind.label,
        "exists": record.present,
        "absence_reason": record.absence_reason,
        "bia": record.bia,
        "bia_on": record.bia_on,
        "bia_reason": record.bia_reason,
        "pca": record.pca,
        "pca_on": record.pca_on,
        "pra": record.pra,
        "pra_on": record.pra_on,
        "version": record.version,
        "approver": record.approver,
        "last_test_on": fact.last_try(on),
        "next_test_on": fact.next_try(on),
    }


def _answer(share: Share | None, *, parties_known: bool) -> str:
    """Return the sentence that the reader came for (experience.md, principle 1)."""
    if share is None or not parties_known:
        return "Aucun périmètre n’est encore saisi : déposez votre tableau K1 pour voir où vous en êtes."
    told = share.verdict.reasons
    if any(reason.code == "SINGLE_TO_CONFIRM" for reason in told):
        # One entity has no share: what it lacks is the answer.
        lacking = [reason.text for reason in told if reason.code != "SINGLE_TO_CONFIRM"]
        if share.verdict.state is State.MET:
            return "Chaque périmètre a minima est couvert, ou n’existe pas ici pour un motif enregistré."
        return f"Pas encore couvert. {'. '.join(lacking[:2])}."
    reasons = [
        reason.text for reason in told if reason.code in {"SHARE_REACHED", "SHARE_BELOW", "SMALLEST_SET", "AC_MISSING"}
    ]
    return ". ".join(reasons or [reason.text for reason in told[:1]]) + "."


def without_internal_keys(doc: Doc) -> Doc:
    """Return what is frozen, hashed and handed out: identifiers of our database stay inside."""
    rows = [{**row, "pieces": [_public(piece) for piece in row["pieces"]]} for row in doc["rows"]]
    return {**doc, "rows": rows, "perimeters": [_public(record) for record in doc["perimeters"]]}


def _public(entry: Doc) -> Doc:
    return {name: value for name, value in entry.items() if name not in {"id", "fact"}}
