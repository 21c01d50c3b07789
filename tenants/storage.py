"""Content-addressed blobs, write-once, in a folder or in S3; each key begins with the establishment that owns it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlparse
from uuid import UUID

import obstore
from flask import current_app
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from tenants.errors import NotFound

CHUNK = 1024 * 1024
PART = 4 * CHUNK
SINGLE = 16 * CHUNK  # larger blobs are sent by parts


class Storage:
    """Blobs of every establishment; the caller has already read, under row security, the row that names the blob."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore
        if url.startswith("file:"):
            folder = Path(urlparse(url).path)
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(prefix=folder)
        else:
            self._store = from_url(url)

    def put(self, establishment_id: UUID, content: BinaryIO) -> tuple[str, int]:
        """Store the bytes as received and return (SHA-256, size); the same bytes twice are one object."""
        digest = hashlib.sha256()
        size = 0
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        content.seek(0)
        sha256 = digest.hexdigest()
        key = self._key(establishment_id, sha256)
        if size > SINGLE:  # in one call, twice the whole body would be held in memory
            with contextlib.suppress(FileNotFoundError):
                obstore.head(self._store, key)
                return sha256, size
            obstore.put(self._store, key, content, use_multipart=True, max_concurrency=2)
            return sha256, size
        with contextlib.suppress(AlreadyExistsError):
            obstore.put(self._store, key, content, mode="create", use_multipart=False)
        return sha256, size

    def chunks(self, establishment_id: UUID, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of a blob. Raises NotFound when the store has lost it."""
        # By parts of 4 Mo: asking for them costs a third of what the store's own stream of small blocks does.
        place, size = 0, 1
        while place < size:
            try:
                answer = obstore.get(
                    self._store, self._key(establishment_id, sha256), options={"range": (place, place + PART)}
                )
            except FileNotFoundError:
                raise NotFound("Cette pièce n’est plus dans le stockage : prévenez l’exploitant.") from None
            part, size = bytes(answer.bytes()), answer.meta["size"]
            yield part
            place += len(part)

    def copy_to(self, establishment_id: UUID, sha256: str, path: Path) -> None:
        """Write a blob to a local file, for a reader that needs one."""
        with path.open("wb") as file:
            for chunk in self.chunks(establishment_id, sha256):
                file.write(chunk)

    @staticmethod
    def _key(establishment_id: UUID, sha256: str) -> str:
        return f"{establishment_id}/{sha256[:2]}/{sha256}"


def storage() -> Storage:
    """Return the store of this installation."""
    return current_app.extensions["vigie.storage"]  # type: ignore[no-any-return]  # Flask's untyped registry
