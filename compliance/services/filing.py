"""Filing: the dossier frozen for the authorities; once they review it, only the pieces that they returned are filed again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.clock import today
from compliance.models.dossier import Delegation, FiledPiece, Filing
from compliance.programme.referential import Referential
from compliance.reports import canonical
from compliance.reports.gathered import Gathered, gather
from compliance.reports.piece_names import piece_names
from compliance.reports.progress import SHARE_ROW, describe, without_internal_keys
from compliance.rules.verdict import State
from compliance.rules.words import few, plural
from compliance.services import candidate as candidates
from compliance.services import dossier, evidence, evidence_thread, procedure, replacement
from compliance.services.candidate import CandidateFacts
from compliance.services.dossier_files import FILED
from compliance.services.evidence import Piece
from tenants import audit
from tenants.context import current
from tenants.db import db, lock_until_commit, writing_as
from tenants.errors import Refused
from tenants.permissions import Role
from tenants.storage import storage

Doc = dict[str, Any]
# States in which a piece waits for the candidate, and the one that its answer enters.
RETURNED = {"piece_returned": "refiled", "ans_piece_returned": "ans_refiled"}


def file(referential: Referential) -> Filing:
    """Freeze the canonical JSON of today and its pieces for the ARS; again before the ARS opens it, it is a new version.

    Raises Refused when nothing is attached (an empty dossier helps nobody), nothing has changed since the last version, a piece
    waits for its inspection, or the declaration is past that step.
    """
    on = today()
    candidate = candidates.require("D2", on)
    lock_until_commit(candidate.id)
    subject = procedure.candidate(candidate.id)
    step = procedure.check(subject, "filed")
    gathered = gather([candidate], on, on)[0]
    described = describe(gathered, referential, on)
    document = without_internal_keys(described)
    sources = _sources(gathered.pieces, (piece["id"] for row in described["rows"] for piece in row["pieces"]))
    pieces = [(row["code"], piece, sources[piece["id"]]) for row in described["rows"] for piece in row["pieces"]]
    if not document["perimeters"] or not pieces:
        raise Refused(
            "Le dossier est vide : importez les périmètres et joignez au moins une pièce avant de transmettre."
        )
    _refuse_waiting([source for _, _, source in pieces])
    _refuse_unchanged(gathered, referential, on)
    filing = _freeze(
        candidate, document, [_Copy.new(row, piece["document_type"], source) for row, piece, source in pieces]
    )
    procedure.record(subject, step, filing_id=filing.id)
    return filing


def refile(referential: Referential) -> Filing:
    """Send back what an authority returned: the last freeze with only the returned pieces replaced, as a new version.

    Each returned piece has its replacement (services/replacement.py) or an answer written since. The rows of replaced pieces
    are judged again, on the day, from the frozen pieces and the replacements; every other row stays as it was frozen. Raises
    Refused, naming the pieces, when one has neither, when a replacement waits for its inspection, or when nothing was returned.
    """
    on = today()
    candidate = candidates.require("D2", on)
    lock_until_commit(candidate.id)
    subject = procedure.candidate(candidate.id)
    here = procedure.standing(candidate.id).state.key
    if here not in RETURNED:
        raise Refused("Aucune pièce n’est retournée : le dossier transmis reste tel quel.")
    step = procedure.check(subject, RETURNED[here])
    last = dossier.latest(candidate.id)
    gathered = gather([candidate], on, on)[0]
    found = replacement.replacements(last, gathered.pieces)
    waiting = [each.returned.piece.filename for each in found if each.source is None and not each.answered]
    if waiting:
        raise Refused(
            f"Il manque une réponse pour {few([f'« {name} »' for name in waiting])} : joignez la pièce qui"
            f" {plural(len(waiting), 'la', 'les')} remplace, ou répondez à l’autorité sur la pièce."
        )
    replaced = {each.returned.piece.id: each.source for each in found if each.source is not None}
    _refuse_waiting(list(replaced.values()))
    frozen = sorted(dossier.filed_pieces(last.id), key=lambda piece: piece.id)
    document = json.loads(last.document)
    document["on"] = on.isoformat()
    if replaced:
        described = describe(_restricted(gathered, frozen, replaced), referential, on)
        _replace(document, described, frozen, replaced)
    copies = [_Copy.to(piece, replaced[piece.id]) if piece.id in replaced else _Copy.of(piece) for piece in frozen]
    told = [f"{piece.row_code} {piece.filename}" for piece in frozen if piece.id in replaced]
    filing = _freeze(candidate, document, copies, replaces=told)
    procedure.record(subject, step, filing_id=filing.id)
    return filing


@dataclass(frozen=True)
class _Copy:
    """A piece to freeze: what is kept of it, and the establishment under which its bytes are."""

    row_code: str
    document_type: str
    filename: str
    media_type: str
    sha256: str
    size: int
    source_id: UUID | None
    source_establishment_id: UUID | None
    bytes_of: UUID

    @classmethod
    def of(cls, piece: FiledPiece) -> _Copy:
        """Copy a piece that a version before holds: its bytes are under the filing's establishment already."""
        return cls(
            piece.row_code,
            piece.document_type,
            piece.filename,
            piece.media_type,
            piece.sha256,
            piece.size,
            piece.source_id,
            piece.source_establishment_id,
            piece.establishment_id,
        )

    @classmethod
    def to(cls, piece: FiledPiece, source: Piece) -> _Copy:
        """Copy the piece that replaces a frozen one, in its place."""
        return cls.new(piece.row_code, piece.document_type or source.document_type, source)

    @classmethod
    def new(cls, row_code: str, document_type: str, source: Piece) -> _Copy:
        """Copy a piece of an establishment to a row."""
        return cls(
            row_code,
            document_type,
            source.filename,
            source.media_type,
            source.sha256,
            source.size,
            source.id,
            source.establishment_id,
            source.establishment_id,
        )


def _freeze(candidate: CandidateFacts, document: Doc, copies: Sequence[_Copy], replaces: Sequence[str] = ()) -> Filing:
    known_at = db.session.scalar(select(func.now()))
    version = 1 + (db.session.scalar(select(func.max(Filing.version)).where(Filing.candidate_id == candidate.id)) or 0)
    whole = {**document, "known_at": known_at}
    filing = Filing(
        establishment_id=candidate.establishment_id,
        candidate_id=candidate.id,
        ght_id=candidate.ght_id,
        region_id=candidate.region.id,
        version=version,
        document=canonical.dumps(whole).decode(),
        sha256=canonical.digest(whole),
        replaces=list(replaces),
        filed_by=current().user_id,
    )
    deed = _deed(candidate)
    with writing_as(candidate.establishment_id):
        db.session.add(filing)
        db.session.flush()
        for copy in copies:
            _copy(copy.bytes_of, candidate.establishment_id, copy.sha256)
            db.session.add(
                FiledPiece(
                    establishment_id=candidate.establishment_id,
                    filing_id=filing.id,
                    candidate_id=candidate.id,
                    ght_id=candidate.ght_id,
                    region_id=candidate.region.id,
                    source_id=copy.source_id,
                    source_establishment_id=copy.source_establishment_id,
                    document_type=copy.document_type,
                    row_code=copy.row_code,
                    filename=copy.filename,
                    media_type=copy.media_type,
                    sha256=copy.sha256,
                    size=copy.size,
                )
            )
        audit.record(
            candidate.establishment_id,
            FILED,
            version=version,
            sha256=filing.sha256,
            replaced=len(replaces),
            **({"deed": deed} if deed else {}),
        )
    return filing


def _deed(candidate: CandidateFacts) -> str:
    """Return the deed by which the author signs for the legal signatory; empty for the signatory itself."""
    if Role.SIGNATORY in procedure.roles():
        return ""
    day = today()
    said = (
        select(Delegation)
        .where(
            Delegation.establishment_id == candidate.establishment_id,
            Delegation.ght_id.is_not_distinct_from(candidate.ght_id),
            Delegation.delegate_id == current().user_id,
        )
        .order_by(Delegation.recorded_at.desc(), Delegation.id.desc())
        .limit(1)
    )
    last = db.session.scalars(said).one_or_none()
    return last.deed if last and not last.withdrawn and last.starts_on <= day <= last.ends_on else ""


def _sources(pieces: Sequence[Piece], wanted: Iterator[str]) -> dict[str, Piece]:
    found = {str(piece.id): piece for piece in pieces}
    return {each: found[each] for each in wanted}


def _refuse_waiting(pieces: Sequence[Piece]) -> None:
    """Refuse pieces that nothing has looked into yet: one with the number of a patient would leave for good."""
    known = evidence_thread.examinations([piece.id for piece in pieces])
    names = [piece.filename for piece in pieces if known[piece.id].waiting]
    if names:
        told = few([f"« {name} »" for name in dict.fromkeys(names)])
        raise Refused(f"{told} : l’analyse n’est pas finie. Elle prend quelques instants, puis transmettez de nouveau.")


def _refuse_unchanged(gathered: Gathered, referential: Referential, on: date) -> None:
    """A version that says nothing new would only make the reviewer read twice; the avis given on it is the reviewer's own."""
    filed = dossier.filings(gathered.candidate.id)
    if not filed:
        return
    last = filed[0]
    answered = [given for given in gathered.opinions if given.version < last.version]
    document = without_internal_keys(describe(replace(gathered, opinions=answered), referential, on))
    before = {name: value for name, value in json.loads(last.document).items() if name not in {"known_at", "on"}}
    now = {name: value for name, value in canonical.plain(document).items() if name != "on"}
    if before == now:
        raise Refused(f"Rien n’a changé depuis la version {last.version} : elle est déjà à l’ARS.")


def _copy(source: UUID, target: UUID, sha256: str) -> None:
    if source == target:
        return
    with tempfile.TemporaryFile() as file_:
        for chunk in storage().chunks(source, sha256):
            file_.write(chunk)
        file_.seek(0)
        storage().put(target, file_)


# --- refiling -----------------------------------------------------------------------------------------------------


def _restricted(gathered: Gathered, frozen: Sequence[FiledPiece], replaced: Mapping[UUID, Piece]) -> Gathered:
    """Keep of what is known the pieces of the freeze, with the replacements: what else was attached since is not part of it."""
    known = {piece.id: piece for piece in gathered.pieces}
    pieces = []
    for each in frozen:
        source = replaced.get(each.id) or (known.get(each.source_id) if each.source_id else None) or _piece(each)
        pieces.append(replace(source, row_code=each.row_code, document_type=each.document_type or source.document_type))
    pieces.sort(key=lambda piece: (piece.row_code, piece.received_at, piece.id))
    return replace(gathered, pieces=pieces)


def _piece(frozen: FiledPiece) -> Piece:
    """Return the piece that a frozen one is a copy of, superseded or not."""
    if frozen.source_id is None:
        raise Refused(
            f"« {frozen.filename} » vient d’une version transmise avant l’instruction en ligne : demandez à l’ARS de la retourner."
        )
    return evidence.piece(frozen.source_id)


def _replace(document: Doc, described: Doc, frozen: Sequence[FiledPiece], replaced: Mapping[UUID, Piece]) -> None:
    """Put the replacements and the verdicts of their rows into a frozen document."""
    taken = {piece["name"].casefold() for row in document["rows"] for piece in row["pieces"]}
    now = {row["code"]: row for row in described["rows"]}
    for place, row in enumerate(document["rows"]):
        # Copies were written in the order of the document: the same place is the same piece.
        mine = [piece for piece in frozen if piece.row_code == row["code"]]
        if not any(piece.id in replaced for piece in mine):
            continue
        judged = now.get(row["code"], row)
        entries = list(row["pieces"])
        for rank, piece in enumerate(mine):
            if piece.id not in replaced:
                continue
            source = replaced[piece.id]
            found = next(each for each in judged["pieces"] if each.get("id") == str(source.id))
            told = {name: value for name, value in found.items() if name != "id"}
            entries[rank] = {**told, "name": _free(row["code"], source.filename, taken)}
        document["rows"][place] = {**judged, "pieces": entries}
        if row["code"] == SHARE_ROW:
            document |= {name: described[name] for name in ("share", "parties", "matrix", "answer")}
    document["met"] = sum(row["state"] == State.MET for row in document["rows"])


def _free(row_code: str, filename: str, taken: set[str]) -> str:
    """Return a name of the archive that no frozen piece has."""
    names = piece_names([(row_code, filename)] * (len(taken) + 1))
    name = next(each for each in names if each.casefold() not in taken)
    taken.add(name.casefold())
    return name
