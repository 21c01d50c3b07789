"""The dry run of a dossier, « Prêt à déposer ? »: what is known of it, given to the rules of `rules/readiness.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from compliance.programme.counter import Desk
from compliance.programme.referential import Referential
from compliance.reports.gathered import Gathered, gather
from compliance.reports.parts import begun
from compliance.reports.progress import Doc, describe
from compliance.rules import readiness as rules
from compliance.rules.piece import PieceStatus
from compliance.rules.readiness import Dossier, File, Finding, Lack
from compliance.rules.verdict import State
from compliance.services import ecare, evidence_thread, evidence_version, part
from compliance.services.candidate import CandidateFacts
from compliance.services.ecare import Declared
from compliance.services.evidence_thread import Examination
from compliance.services.part import Said

# What the reasons say when the thing to do does not: which piece, and what is wrong with its dates.
_TOLD_BY_REASON = ("PIECE_BEFORE_WINDOW", "PIECE_AFTER_WINDOW", "PIECE_UNDATED", "PIECE_EXPIRED", "PIECE_LATER")


def check(candidate: CandidateFacts, referential: Referential, desk: Desk, on: date) -> list[Finding]:
    """Check the dossier of a candidate on a day, from what is recorded now."""
    gathered = gather([candidate], on, on)[0]
    said = part.latest(candidate.id, on) if gathered.ght else {}
    document = describe(gathered, referential, on)
    return readiness(gathered, document, desk, on, said=said, declared=ecare.latest(candidate.id, on))


def readiness(
    gathered: Gathered, document: Doc, desk: Desk, on: date, *, said: Mapping[UUID, Said], declared: Declared
) -> list[Finding]:
    """Check a dossier already described, in two statements whatever its size."""
    candidate = gathered.candidate
    pieces = [(row["code"], piece) for row in document["rows"] for piece in row["pieces"]]
    examined = evidence_thread.examinations([UUID(piece["id"]) for _, piece in pieces], on)
    own = [record for record in gathered.parties if record.finess and record.party.in_scope] if gathered.ght else []
    unready = [
        record.party.name
        for record in own
        if record.establishment_id not in said or not said[record.establishment_id].ready
    ]
    names = {party["key"]: party["name"] for party in document["parties"]}
    return rules.readiness(
        Dossier(
            files=[_file(row, piece, examined[UUID(piece["id"])]) for row, piece in pieces]
            + _quarantined(gathered, on),
            lacks=list(_lacks(document)),
            begun=bool(begun(gathered)) and bool(document["perimeters"]),
            parts=len(own),
            unready=unready,
            missing_ac=[names[key] for key in (document["share"] or {"missing_ac": []})["missing_ac"]],
            number=candidate.ecare_number or "",
            declaration_number=declared.number,
        ),
        desk.accepts,
        on,
    )


def _file(row: str, piece: Doc, examined: Examination) -> File:
    found = examined.detail if examined.inspected_at else None
    return File(
        id=piece["id"],
        row=row,
        name=piece["filename"],
        archived=piece["name"].rpartition("/")[2],
        holder=piece["establishment"],
        size=piece["size"],
        expires_on=piece["expires_on"],
        damaged=examined.damaged_at is not None,
        waiting=examined.waiting,
        media_type=found.get("media_type") if found is not None else None,
        encrypted=bool(found.get("encrypted")) if found is not None else None,
        macros=bool(found.get("macros")) if found is not None else None,
        links=int(found.get("external_links") or 0) if found is not None else None,
    )


def _quarantined(gathered: Gathered, on: date) -> list[File]:
    """The pieces that were put away and that nothing replaces: no row of the document holds them any more."""
    owners = {record.establishment_id for record in gathered.parties} | {gathered.candidate.establishment_id}
    return [
        File(
            id=str(each.id),
            row=each.own[0],
            name=each.filename,
            archived=each.filename,
            holder=each.establishment,
            size=each.size,
            expires_on=each.expires_on,
            quarantined=True,
            media_type=each.media_type,
        )
        for each in evidence_version.versions(owners, on)
        if each.status is PieceStatus.QUARANTINED and not each.replaced
    ]


def _lacks(document: Doc) -> Iterator[Lack]:
    """What each row that is not met lacks; a share row is blocked by the parties of the shortest path alone."""
    for row in document["rows"]:
        if row["state"] in (State.MET, State.NOT_APPLICABLE):
            continue
        short = row["share"]["smallest_set"] if row["share"] else ()
        told = [_lack(row, lacking, "", blocking=True) for lacking in row["lacking"]]
        for party in row["parties"]:
            if party["in_scope"]:
                blocking = not short or party["key"] in short
                told += [_lack(row, lacking, party["name"], blocking=blocking) for lacking in party["lacking"]]
        if not told:
            whole = {"action": row["next_action"], "reasons": row["reasons"][:1]}
            told = [_lack(row, whole, "", blocking=True)]
        yield from told


def _lack(row: Doc, lacking: Doc, holder: str, *, blocking: bool) -> Lack:
    reason = lacking["reasons"][0] if lacking["reasons"] else {"code": "", "text": row["title"]}
    text = reason["text"] if reason["code"] in _TOLD_BY_REASON or not lacking["action"] else lacking["action"]
    return Lack(row["code"], reason["code"], text, holder, blocking)
