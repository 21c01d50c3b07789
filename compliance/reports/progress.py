"""The read model of a candidate at a date: what the page, the command line, the dossier and the filing all say.

A plain dictionary with the keys of the canonical JSON (docs/dossier.md), values still typed (dates, decimals, states).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from uuid import UUID

from compliance.programme.referential import Referential, Row
from compliance.reports.piece_names import piece_names
from compliance.rules import coverage as coverage_rules
from compliance.rules import document, pcra
from compliance.rules.activity import Share
from compliance.rules.milestone import Phase
from compliance.rules.pcra import KindCoverage, PartyCoverage
from compliance.rules.perimeter import MINIMAL_KINDS, Perimeter, PerimeterKind
from compliance.rules.verdict import Reason, State, Verdict
from compliance.services import candidate as candidates
from compliance.services import evidence, perimeter
from compliance.services.candidate import CandidateFacts, PartyRecord
from compliance.services.evidence import Piece
from compliance.services.perimeter import PerimeterRecord
from tenants.context import ScopeKind, current

FORMAT = "vigie-dossier/1"
SHARE_ROW = "D2.O1.C"
SIX_DIGITS = Decimal("0.000001")
MATRIX_KINDS = (*MINIMAL_KINDS, PerimeterKind.SUPPORT)

Doc = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Everything read from the database for one candidate, in a constant number of queries."""

    candidate: CandidateFacts
    parties: Sequence[PartyRecord]
    perimeters: Sequence[PerimeterRecord]
    inherited: Sequence[Perimeter]
    pieces: Sequence[Piece]

    @property
    def files(self) -> frozenset[str]:
        """The names of the pieces received."""
        return frozenset(piece.filename for piece in self.pieces)


def gather(candidate: CandidateFacts, on: date) -> Facts:
    """Read the facts known on a day."""
    parties = candidates.parties(candidate, on)
    return _gather(
        candidate, parties, {record.establishment_id for record in parties} | {candidate.establishment_id}, on
    )


def gather_scope(on: date) -> Facts:
    """Read the facts of a scope without a candidate of its own, from its directory and its own rows."""
    candidate, parties = candidates.of_directory(on)
    return _gather(candidate, parties, {record.establishment_id for record in parties}, on)


def _gather(candidate: CandidateFacts, parties: Sequence[PartyRecord], establishments: set[UUID], on: date) -> Facts:
    perimeters = perimeter.current_perimeters(establishments, on)
    by_id = {record.id: record for record in perimeters}
    pieces = evidence.pieces(establishments, on)
    files = {piece.filename for piece in pieces}
    inherited = [
        by_id[covered.owner_id].fact(
            covered.covered_finess, files, inherited_from=covered.owner_finess, justification=covered.justification
        )
        for covered in perimeter.coverages(establishments, on)
        if covered.owner_id in by_id
    ]
    return Facts(candidate, parties, perimeters, inherited, pieces)


def candidate_progress(candidate: CandidateFacts, referential: Referential, on: date) -> Doc:
    """Return the state of a candidate on a day."""
    return describe(gather(candidate, on), referential, on)


def scope_progress(referential: Referential, on: date) -> Doc:
    """Return the state of a scope whose candidate is not open yet, or is its GHT's: then the establishment alone, without a share."""
    facts = gather_scope(on)
    doc = describe(facts, referential, on)
    if current().scope.kind is not ScopeKind.ESTABLISHMENT or facts.candidate.kind != "ght":
        return doc
    # Its weight in the GHT, and the rule of a candidate of one entity, are not questions one can answer from here.
    parties = [{**party, "share": None, "cumulative": None} for party in doc["parties"]]
    rows = [
        {**row, "reasons": [reason for reason in row["reasons"] if reason["code"] != "SINGLE_TO_CONFIRM"]}
        for row in doc["rows"]
    ]
    return {**doc, "parties": parties, "rows": rows, "share": None}


def alone(record: Doc, on: date) -> Doc:
    """Return the cell of the matrix that one perimeter makes by itself."""
    fact = record["fact"]
    cell = pcra.kind_coverage(fact.kind, [fact], on, party_key=fact.party)
    return {**_cell_of(cell), "reasons": [_reason(reason) for reason in cell.reasons]}


def describe(facts: Facts, referential: Referential, on: date) -> Doc:
    """Turn facts into verdicts with their reasons. No database, no clock."""
    ght = facts.candidate.kind == "ght"
    parties = [record.party for record in facts.parties]
    judged = _judged(facts)
    single = sum(party.in_scope for party in parties) == 1
    threshold = referential.row(SHARE_ROW).threshold or Decimal(0)
    share = coverage_rules.formalised(parties, judged, on, threshold, single)
    phase = Phase(referential.date_of("phase_start").on or on, facts.candidate.ecare_filed_on)
    covered = {party.key: pcra.party_coverage(party, judged, on, phase) for party in parties}
    pieces = _pieces(facts.pieces)
    rows = [_row(row, _verdict(row, share, facts.pieces, ght), pieces, ght) for row in referential.rows]
    target = referential.date_of("target")
    return {
        "format": FORMAT,
        "domain": referential.domain,
        "referential": {"version": referential.version, "title": referential.title, "source": referential.source},
        "on": on,
        "candidate": {
            "name": facts.candidate.name,
            "kind": facts.candidate.kind,
            "code": facts.candidate.code,
            "region": {"code": facts.candidate.region.code, "name": facts.candidate.region.name},
            "support": {"finess": facts.candidate.support.finess, "name": facts.candidate.support.name},
            "application_on": facts.candidate.applied_on,
            "frozen_on": facts.candidate.frozen_on,
            "ecare_number": facts.candidate.ecare_number,
            "target_on": target.on,
            "target_confidence": target.confidence,
        },
        "answer": _answer(share, parties_known=bool(facts.perimeters)),
        "met": sum(row["state"] is State.MET for row in rows),
        "rows_total": len(rows),
        "parties": [_party(line, facts.parties) for line in share.lines],
        "share": _share(share),
        "rows": rows,
        "matrix": _matrix(share, covered),
        "perimeters": [_perimeter(record, facts) for record in facts.perimeters],
    }


def _judged(facts: Facts) -> list[Perimeter]:
    """Give each perimeter to its party: its EJ in a GHT, its EG outside (the only one when there is just one)."""
    if facts.candidate.kind == "ght":
        return [record.fact(record.finess, facts.files) for record in facts.perimeters] + list(facts.inherited)
    alone = facts.parties[0].party.key if len(facts.parties) == 1 else ""
    return [record.fact(record.site_finess or alone, facts.files) for record in facts.perimeters]


def _verdict(row: Row, share: Share, pieces: Sequence[Piece], ght: bool) -> Verdict:
    if row.code == SHARE_ROW:
        return share.verdict
    answering = [piece for piece in pieces if piece.row_code == row.code]
    several = len({piece.establishment_id for piece in answering}) > 1
    attached = [
        document.Attached(
            piece.document_type,
            # Eight establishments attach eight « pssi.pdf »: a reason says whose it is.
            f"{piece.filename}, {piece.establishment}" if several else piece.filename,
            piece.approved_on,
        )
        for piece in answering
    ]
    return document.instruct(row, attached, ght=ght)


def _row(row: Row, verdict: Verdict, pieces: dict[str, list[Doc]], ght: bool) -> Doc:
    return {
        "code": row.code,
        "title": row.title,
        "kind": row.kind,
        "rule": row.rule,
        "note": row.note,
        "state": verdict.state,
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "next_action": verdict.next_action,
        "expected": [
            {
                "key": piece.key,
                "label": piece.label,
                "required": piece.required,
                "note": piece.note,
                "only_if": piece.only_if,
            }
            for piece in document.expected_pieces(row, ght=ght)
        ],
        "pieces": pieces.get(row.code, []),
        "source": row.source,
        "version": row.version,
        "confidence": row.confidence,
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


def _share(share: Share) -> Doc:
    return {
        "row": SHARE_ROW,
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


def _perimeter(record: PerimeterRecord, facts: Facts) -> Doc:
    return {
        "id": record.id,
        "fact": record.fact(record.finess, facts.files),
        "finess": record.finess,
        "site_finess": record.site_finess,
        "establishment": record.establishment,
        "covers": sorted(
            each.party for each in facts.inherited if (each.inherited_from, each.code) == (record.finess, record.code)
        ),
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
        "last_test_on": record.last_test_on,
        "next_test_on": record.next_test_on,
    }


def _answer(share: Share, *, parties_known: bool) -> str:
    """Return the sentence that the reader came for (experience.md, principle 1)."""
    if not parties_known:
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
