"""Content-addressed blobs, write-once, in a folder or in S3; each key begins with the establishment that owns it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlparse
from uuid import UUID

import obstore
from flask import current_app
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from tenants.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CHUNK = 1024 * 1024
_PART = 5 * CHUNK  # S3 wants no less
_AT_ONCE = 2 * _PART
_READ = 2 * CHUNK  # a part read at once
LOST = "Cette pièce n’est plus dans le stockage : prévenez l’exploitant."
ALTERED = "Cette pièce a changé dans le stockage : prévenez l’exploitant."
UNREACHABLE = "Le stockage des pièces ne répond pas : rien n’a été enregistré, recommencez dans quelques minutes."
# A page waits for the store: it is told at once that it does not answer. Plain HTTP is for an address that says so.
_CLIENT: ClientConfig = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "300s", "allow_http": True}
_RETRY: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=15)}


@contextmanager
def _answering() -> Iterator[None]:
    """Make of whatever a store that fails raises one refusal. Raises NotFound for what it has lost, Unavailable for the rest."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound(LOST) from None
    except (BaseError, OSError) as error:
        raise Unavailable(UNREACHABLE) from error


class Storage:
    """Blobs of every establishment; the caller has already read, under row security, the row that names the blob."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore
        if url.startswith("file:"):
            folder = Path(urlparse(url).path)
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(prefix=folder)
        else:
            # Keys and address come from the usual variables (AWS_…), which obstore reads by itself: never in the URL.
            # One deletion a request: not every server has the other kind.
            self._store = S3Store.from_url(url, client_options=_CLIENT, retry_config=_RETRY, disable_bulk_delete=True)

    def put(self, establishment_id: UUID, content: BinaryIO) -> tuple[str, int]:
        """Store the bytes as received and return (SHA-256, size); the same bytes twice are one object.

        Nothing is said to be stored before it was read again and found whole; an object that is there already is never written
        again. Raises Unavailable when the store fails, or holds something else under this hash.
        """
        digest = hashlib.sha256()
        size = 0
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        sha256 = digest.hexdigest()
        created = self._write(establishment_id, sha256, content, size)
        if not self.verify(establishment_id, sha256):
            if not created:
                raise Unavailable(ALTERED)
            with _answering():
                obstore.delete(self._store, self._key(establishment_id, sha256))  # ours, and not what we gave
            raise Unavailable(UNREACHABLE)
        return sha256, size

    def _write(self, establishment_id: UUID, sha256: str, content: BinaryIO, size: int) -> bool:
        """Write an object that is not there, and tell whether it was; a large one in parts, never whole in memory."""
        key = self._key(establishment_id, sha256)
        content.seek(0)
        with _answering():
            if size <= _AT_ONCE:
                try:
                    obstore.put(self._store, key, content, mode="create", use_multipart=False)
                    return True
                except AlreadyExistsError:
                    return False
                except NotImplementedError:  # a server without conditional writes (AWS_CONDITIONAL_PUT=disabled)
                    content.seek(0)
            # Looked at first: parts cannot be written on a condition. Two writers at once write the same bytes, for the key is their hash.
            try:
                obstore.head(self._store, key)
                return False
            except FileNotFoundError:
                obstore.put(self._store, key, content, mode="overwrite", chunk_size=_PART, max_concurrency=2)
        return True

    def verify(self, establishment_id: UUID, sha256: str) -> bool:
        """Read a blob again, to its end, and tell whether it still has its hash. Raises NotFound when the store has lost it."""
        digest = hashlib.sha256()
        for chunk in self.chunks(establishment_id, sha256):
            digest.update(chunk)
        return digest.hexdigest() == sha256

    def chunks(self, establishment_id: UUID, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of a blob. Raises NotFound when the store has lost it, Unavailable when it fails."""
        key = self._key(establishment_id, sha256)
        with _answering():
            whole = obstore.get(self._store, key)
            size = whole.meta["size"]
            if size <= _PART:
                only = bytes(whole.bytes())
        if size <= _PART:
            yield only
            return
        # By parts: asking for them costs a third of what the store's own stream of small blocks does.
        for place in range(0, size, _READ):
            with _answering():
                part = bytes(obstore.get_range(self._store, key, start=place, end=min(place + _READ, size)))
            yield part

    def copy_to(self, establishment_id: UUID, sha256: str, path: Path) -> None:
        """Write a blob to a local file, for a reader that needs one. Raises NotFound when it is lost or no longer itself."""
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for chunk in self.chunks(establishment_id, sha256):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != sha256:
            raise NotFound(ALTERED)

    @staticmethod
    def _key(establishment_id: UUID, sha256: str) -> str:
        return f"{establishment_id}/{sha256[:2]}/{sha256}"


def storage() -> Storage:
    """Return the store of this installation."""
    return current_app.extensions["vigie.storage"]  # type: ignore[no-any-return]  # Flask's untyped registry
