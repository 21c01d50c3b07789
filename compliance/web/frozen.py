"""What a desk says of a frozen dossier, read from its canonical JSON alone: the rule of a piece, what was doubtful first, its dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from compliance.models.dossier import FiledPiece
from compliance.rules.verdict import State
from compliance.rules.words import listing, plural

Doc = dict[str, Any]
# What a person must look at comes first; what is held is folded.
ORDER = (
    State.TO_CONFIRM,
    State.AT_RISK,
    State.NOT_COMPUTABLE,
    State.MISSING,
    State.IN_PROGRESS,
    State.TO_INSTRUCT,
    State.NOT_YET,
)
HELD = (State.MET, State.NOT_APPLICABLE)


def row_of(document: Doc, code: str) -> Doc | None:
    """Return a row of the document with its verdict parted: `doubts` in the order of a look, then what is `held`."""
    row = next((each for each in document["rows"] if each["code"] == code), None)
    if row is None:
        return None
    conditions = [
        *({"state": each["state"], "text": each["label"], "small": _asked(each)} for each in row["needs"]),
        *(
            {"state": each["state"], "text": each["action"] or "À regarder", "small": _told(each["reasons"])}
            for each in row["lacking"]
        ),
        *(
            {"state": each["state"], "text": each["name"], "small": _told(each["reasons"])}
            for each in row["parties"]
            if each["in_scope"]
        ),
    ]
    doubts = [each for each in conditions if each["state"] in ORDER]
    return {
        **{name: row[name] for name in ("code", "title", "rule", "source", "version", "state", "reasons")},
        "doubts": sorted(doubts, key=lambda each: ORDER.index(each["state"])),
        "held": [each for each in conditions if each["state"] in HELD],
    }


def _asked(need: Doc) -> str:
    return "Pièce obligatoire" if need["required"] else "Pièce facultative"


def _told(reasons: list[Doc]) -> str:
    """Two reasons are read at a glance; the others are with the row in the whole dossier."""
    texts = [each["text"].rstrip(".") for each in reasons]
    more = len(texts) - 2
    return ". ".join(texts[:2]) + (f", et {more} {plural(more, 'autre motif', 'autres motifs')}" if more > 0 else "")


def titles(document: Doc) -> dict[str, str]:
    """Return the titles of the rows by code."""
    return {row["code"]: row["title"] for row in document["rows"]}


def piece_of(document: Doc, piece: FiledPiece) -> Doc:
    """Return what the document says of a frozen piece: its type in words, whose it is, its four dates."""
    row = next((each for each in document["rows"] if each["code"] == piece.row_code), None)
    entry: Doc = next(
        (
            each
            for each in (row["pieces"] if row else [])
            if (each["sha256"], each["filename"]) == (piece.sha256, piece.filename)
        ),
        {},
    )
    kind = piece.document_type or entry.get("document_type", "")
    labels = [each["label"] for each in (row["expected"] if row else []) if each["key"] == kind]
    return {
        "id": piece.id,
        "filename": piece.filename,
        "size": piece.size,
        "sha256": piece.sha256,
        "type": listing(labels) if labels else "Autre pièce",
        "establishment": entry.get("establishment", ""),
        **{name: _day(entry.get(name)) for name in ("approved_on", "effective_on", "expires_on")},
        "received_at": _moment(entry.get("received_at")),
    }


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value[:10]) if value else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
