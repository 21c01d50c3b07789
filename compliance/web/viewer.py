"""A piece shown in the page: what a browser draws by itself, in a frame that may do nothing; text is written, escaped."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Response

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
    """Return `kind`, and for a text its beginning; what is not UTF-8 is not a text that we can write."""
    found, text, cut = kind(filename, media_type), "", False
    if found == "text":
        read = b""
        for chunk in storage().chunks(establishment_id, sha256):
            read += chunk
            if len(read) > LONGEST:
                cut = True
                break
        try:
            # A character may be cut in two at the end.
            text = read[:LONGEST].decode("utf-8", errors="ignore" if cut else "strict")
        except UnicodeDecodeError:
            found = ""
        if "\x00" in text:
            found, text = "", ""
    return {"kind": found, "text": text, "cut": cut}


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
