"""A piece shown in the page: what a browser draws by itself, in a frame that may do nothing; text is written, escaped."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Response

from compliance.inspection.signature import HEAD, decoded, encoding
from compliance.web.evidence import attachment
from tenants.errors import NotFound
from tenants.storage import storage
from tenants.web import headers

KINDS = {"application/pdf": "pdf", "image/png": "image", "image/jpeg": "image"}
TEXTS = frozenset({".txt", ".csv", ".md", ".log"})
LONGEST = 20_000  # bytes of a text that a page writes
# Framed by our own pages alone; nothing runs, nothing is fetched, and it is of no origin.
POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


def kind(filename: str, media_type: str) -> str:
    """Return how a piece is shown: pdf, image, text, or '' when it is only handed out."""
    return KINDS.get(media_type) or ("text" if PurePath(filename).suffix.lower() in TEXTS else "")


def described(establishment_id: UUID, sha256: str, filename: str, media_type: str) -> dict[str, Any]:
    """Return `kind`, and for a text its beginning and whether it is `cut` there; bytes that are no text are only handed out."""
    found, read, cut = kind(filename, media_type), None, False
    if found == "text":
        read, cut = text(establishment_id, sha256)
        found = "" if read is None else found
    return {"kind": found, "text": read or "", "cut": cut}


def text(establishment_id: UUID, sha256: str) -> tuple[str | None, bool]:
    """Return the beginning of a text in the encoding of its bytes, None for what is no text, and whether there is more."""
    start = b""
    for chunk in storage().chunks(establishment_id, sha256):
        start += chunk
        if len(start) > LONGEST:
            break
    head, cut = start[:HEAD], len(start) > LONGEST
    # A character may be cut in two at the end.
    return (None if decoded(head) is None else start[:LONGEST].decode(encoding(head), "replace")), cut


def shown(establishment_id: UUID, sha256: str, filename: str, media_type: str) -> Response:
    """Answer a piece to draw in a frame or an image of our pages. Raises NotFound for what no browser draws by itself."""
    if media_type not in KINDS:
        raise NotFound("Cette pièce ne se montre pas dans la page : téléchargez-la.")
    answer = Response(storage().chunks(establishment_id, sha256), mimetype=media_type)
    answer.headers.set("Content-Disposition", "inline", **attachment(filename))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def framing(page: Response) -> Response:
    """Let a page of ours frame what `shown` answers, and nothing else."""
    page.headers["Content-Security-Policy"] = f"{headers.POLICY}; frame-src 'self'"
    return page
