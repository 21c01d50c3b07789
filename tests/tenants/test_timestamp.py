"""Timestamps of an authority: the token is checked, a stranger's answer refused, and stock tools verify what we keep."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import tsp

from tenants import timestamp
from tenants.errors import Invalid, Unavailable
from tenants.settings import Settings
from tests.factories.authority import AT, Authority, served

CONTENT = b"un dossier"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OTHER = {"message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"x" * 32}}
SHORTER = {"message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"x" * 20}}


@pytest.fixture
def running() -> Iterator[tuple[Authority, str]]:
    with served() as found:
        yield found


def test_a_token_is_asked_over_the_fingerprint_alone(running: tuple[Authority, str]):
    authority, url = running
    answer = tsp.TimeStampResp.load(timestamp.token(url, DIGEST))
    told = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert told["gen_time"].native == AT
    assert told["message_imprint"]["hashed_message"].native.hex() == DIGEST
    [query] = authority.asked
    assert CONTENT not in query
    assert tsp.TimeStampReq.load(query)["cert_req"].native is True


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_stock_openssl_verifies_the_token_and_refuses_it_for_another_file(
    running: tuple[Authority, str], tmp_path: Path
):
    authority, url = running
    for name, content in (("d.zip", CONTENT), ("x.zip", CONTENT + b"x"), ("ca.pem", authority.root()), ("d.tsr", timestamp.token(url, DIGEST))):  # fmt: skip
        (tmp_path / name).write_bytes(content)

    def verified(name: str) -> bool:
        command = ["openssl", "ts", "-verify", "-data", name, "-in", "d.tsr", "-CAfile", "ca.pem"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    assert (verified("d.zip"), verified("x.zip")) == (True, False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (OTHER, "autre fichier"),
        (SHORTER, "autre fichier"),
        ({"nonce": 7}, "autre demande"),
        ({"nonce": None}, "autre demande"),
    ],
)
def test_a_token_about_something_else_is_refused(running: tuple[Authority, str], change: dict[str, object], said: str):
    authority, url = running
    authority.change = change
    with pytest.raises(Unavailable, match=said):
        timestamp.token(url, DIGEST)


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (200, b"", "autre chose"),
        (200, b"<html>connexion requise</html>", "autre chose"),
        (200, b"\x30\x03\x02\x01\x00", "autre chose"),
        (200, tsp.TimeStampReq({"version": "v1", "message_imprint": OTHER["message_imprint"]}).dump(), "autre chose"),
        (200, b"\x30\x05\x30\x03\x02\x01\x02", "refusé"),
        (200, b"\0" * (timestamp.LARGEST + 1), "démesurée"),
        (500, b"", "500"),
        (302, b"", "302"),
    ],
)
def test_any_other_answer_gets_a_sentence(running: tuple[Authority, str], status: int, answer: bytes, said: str):
    authority, url = running
    authority.status, authority.answer = status, answer
    with pytest.raises(Unavailable, match=said):
        timestamp.token(url, DIGEST)
    assert len(authority.asked) == 1


def test_an_authority_that_is_not_there_gets_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(Unavailable, match="n’a pas répondu"):
            timestamp.token(url, DIGEST)


def test_certificates_that_cannot_be_read_get_a_sentence(running: tuple[Authority, str], tmp_path: Path):
    with pytest.raises(Unavailable, match="n’a pas répondu"):
        timestamp.token(running[1], DIGEST, tmp_path / "absent.pem")


@pytest.mark.parametrize("url", ["http://tsa.example/", "file:///etc/passwd", "https://", "https://moi:secret@tsa.example/", "tsa.example", "https://["])  # fmt: skip
def test_an_address_in_clear_or_with_a_password_stops_the_start(url: str):
    given = dict.fromkeys(("VIGIE_DATABASE_URL", "VIGIE_VALKEY_URL", "VIGIE_SECRET_KEY", "VIGIE_STORAGE_URL"), "x")
    with pytest.raises(Invalid, match="VIGIE_TIMESTAMP_URL"):
        Settings.read(given | {"VIGIE_TIMESTAMP_URL": url})


@pytest.mark.parametrize("url", ["", "https://tsa.example/tsr", "http://127.0.0.1:3161/"])
def test_an_address_in_https_or_of_this_machine_is_kept(url: str):
    given = dict.fromkeys(("VIGIE_DATABASE_URL", "VIGIE_VALKEY_URL", "VIGIE_SECRET_KEY", "VIGIE_STORAGE_URL"), "x")
    settings = Settings.read(given | {"VIGIE_TIMESTAMP_URL": url, "VIGIE_TIMESTAMP_CA": "/ca.pem"})
    assert (settings.timestamp_url, settings.timestamp_ca) == (url, Path("/ca.pem"))
