"""The antivirus: what it says is told, and when it says nothing that is told too."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest

from compliance.inspection.clamd import Outcome, Scan, scan
from tests.factories.clamd import LIMIT, clamd
from tests.factories.pieces import EICAR, pdf

VIRUS = Scan(Outcome.FOUND, "Eicar-Test-Signature")


def test_a_clean_piece_and_one_with_the_test_string_over_tcp() -> None:
    with clamd() as address:
        assert scan(address, io.BytesIO(pdf("Bonjour"))) == Scan(Outcome.CLEAN)
        assert scan(address, io.BytesIO(b"a" * 100_000 + EICAR)) == VIRUS


def test_over_a_unix_socket_too(tmp_path: Path) -> None:
    with clamd(tmp_path) as address:
        assert scan(address, io.BytesIO(EICAR)) == VIRUS


def test_without_a_server_in_the_settings_nothing_is_scanned_and_it_is_said() -> None:
    assert scan("", io.BytesIO(EICAR)) == Scan(Outcome.NOT_SCANNED)
    assert Outcome.NOT_SCANNED.label == "non analysé"


def test_a_piece_over_the_limit_of_the_server_is_told_as_such() -> None:
    with clamd() as address:
        assert scan(address, io.BytesIO(b"a" * (LIMIT * 30))).outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"INSTREAM size limit exceeded. ERROR\0", Outcome.TOO_LARGE),
        (b"", Outcome.UNREACHABLE),
        (b"stream: OK and more\0", Outcome.UNREACHABLE),
        (b"UNKNOWN COMMAND\0", Outcome.UNREACHABLE),
        (b"\xff" * 9000, Outcome.UNREACHABLE),
    ],
)
def test_an_answer_that_is_not_clean_is_never_taken_for_clean(answer: bytes, outcome: Outcome) -> None:
    with clamd(answer=answer) as address:
        # A small piece is sent whole before the server closes, unless it closed first.
        assert scan(address, io.BytesIO(b"a")).outcome in {outcome, Outcome.TOO_LARGE}


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1", "clamd", "[::1]:x"])
def test_a_server_that_cannot_be_reached_is_told_and_nothing_is_raised(address: str) -> None:
    assert scan(address, io.BytesIO(b"a")) == Scan(Outcome.UNREACHABLE)


def test_a_server_that_never_answers_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert scan(address, io.BytesIO(b"a"), seconds=0.05) == Scan(Outcome.UNREACHABLE)
