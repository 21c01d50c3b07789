"""Blobs: written once, read back whole, and what the store lost or changed is told. On a folder, and on a server that speaks S3."""

from __future__ import annotations

import contextlib
import hashlib
import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants import storage as module
from tenants.db import new_id
from tenants.errors import NotFound, Unavailable
from tenants.storage import CHUNK, Storage

WHOSE = new_id()
CONTENT = bytes(range(256)) * 9_000  # more than two chunks


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[int]:
    """Lend the port of a process that speaks S3 and keeps its objects in a folder."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localbucket", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        assert any(b"serving" in line for line in process.stderr)
        yield port
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("s3")
    (folder / "pieces").mkdir()
    with s3_server(folder) as port:
        yield port, folder / "pieces" / "vigie"


def _point_at(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "ACCESS_KEY_ID": "essai",
        "SECRET_ACCESS_KEY": "essai",
        "REGION": "fr",
        "ENDPOINT": f"http://127.0.0.1:{port}",
    }
    for name, value in told.items():
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.fixture(params=["folder", "s3", "s3 without conditional writes"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Storage, Path]:
    """A store, and the folder where its objects are, to hurt them."""
    if request.param == "folder":
        return Storage(tmp_path.as_uri()), tmp_path
    port, folder = request.getfixturevalue("s3")
    _point_at(port, monkeypatch)
    if request.param != "s3":
        monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    return Storage("s3://pieces/vigie"), folder


def _content(store: tuple[Storage, Path], times: int = 1) -> tuple[Path, str]:
    """Put a content of its own (servers are shared by the tests) and return where it lies, and its hash."""
    content = new_id().bytes + CONTENT * times
    sha256, _ = store[0].put(WHOSE, io.BytesIO(content))
    return store[1] / str(WHOSE) / sha256[:2] / sha256, sha256


def test_what_is_put_is_read_back_in_chunks_under_the_hash_of_the_bytes_received(store: tuple[Storage, Path]) -> None:
    sha256, size = store[0].put(WHOSE, io.BytesIO(CONTENT))
    assert (sha256, size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    chunks = list(store[0].chunks(WHOSE, sha256))
    assert (b"".join(chunks), len(chunks) >= len(CONTENT) // CHUNK) == (CONTENT, True)
    assert store[0].verify(WHOSE, sha256)


def test_an_object_is_written_once_and_the_same_bytes_again_do_not_touch_it(store: tuple[Storage, Path]) -> None:
    path, sha256 = _content(store)
    before = path.stat().st_mtime_ns
    assert store[0].put(WHOSE, io.BytesIO(path.read_bytes()))[0] == sha256
    assert path.stat().st_mtime_ns == before


def test_a_large_object_is_written_in_parts_and_once_too(
    store: tuple[Storage, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", CHUNK)
    monkeypatch.setattr(module, "_PART", 5 * CHUNK)  # the least that S3 takes
    path, sha256 = _content(store, times=5)
    assert (path.read_bytes()[16:], store[0].verify(WHOSE, sha256)) == (CONTENT * 5, True)
    before = path.stat().st_mtime_ns
    store[0].put(WHOSE, io.BytesIO(path.read_bytes()))
    assert path.stat().st_mtime_ns == before


def test_one_flipped_byte_and_a_cut_object_are_seen_and_nothing_is_written_over_them(
    store: tuple[Storage, Path], tmp_path: Path
) -> None:
    path, sha256 = _content(store)
    whole = path.read_bytes()
    for hurt in (whole[:99] + bytes([whole[99] ^ 1]) + whole[100:], whole[:-1], b""):
        path.write_bytes(hurt)
        assert not store[0].verify(WHOSE, sha256)
        with pytest.raises(NotFound, match="a changé"):
            store[0].copy_to(WHOSE, sha256, tmp_path / "copie")
        with pytest.raises(Unavailable, match="a changé"):
            store[0].put(WHOSE, io.BytesIO(whole))
        assert path.read_bytes() == hurt


def test_a_lost_object_is_told_and_an_object_is_of_one_establishment(store: tuple[Storage, Path]) -> None:
    path, sha256 = _content(store)
    with pytest.raises(NotFound, match="n’est plus dans le stockage"):
        store[0].verify(new_id(), sha256)
    path.unlink()
    with pytest.raises(NotFound, match="n’est plus dans le stockage"):
        list(store[0].chunks(WHOSE, sha256))


def test_a_store_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _point_at(_free_port(), monkeypatch)
    store = Storage("s3://pieces/vigie")
    with pytest.raises(Unavailable, match="ne répond pas"):
        store.put(WHOSE, io.BytesIO(b"a"))
    with pytest.raises(Unavailable, match="ne répond pas"):
        store.verify(WHOSE, "0" * 64)


def test_a_server_that_cuts_what_it_stores_is_never_said_to_have_stored_it(
    s3: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _point_at(s3[0], monkeypatch)
    store = Storage("s3://pieces/vigie")
    write = store._write

    def cutting(whose: object, sha256: str, _content: object, _size: int) -> bool:
        return write(WHOSE, sha256, io.BytesIO(b"coupe"), 5)

    monkeypatch.setattr(store, "_write", cutting)
    with pytest.raises(Unavailable):
        store.put(WHOSE, io.BytesIO(b"une piece entiere"))
    monkeypatch.undo()
    _point_at(s3[0], monkeypatch)
    assert store.put(WHOSE, io.BytesIO(b"une piece entiere"))[1] == 17  # what was cut is not in the way
