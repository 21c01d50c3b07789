"""Several workbooks in one ZIP; anything else is itself."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading.bundle import unpack
from tests.importers.archives import ods, overlapping, packed, parts


def zipped(members: dict[str, str | bytes], path: Path) -> io.BytesIO:
    """A ZIP in memory."""
    return io.BytesIO(packed(members, path / "z.zip").read_bytes())


def refusal(content: bytes, limits: Limits | None = None) -> str:
    """The code under which this ZIP is refused."""
    with pytest.raises(Unreadable) as caught:
        unpack("a.zip", io.BytesIO(content), limits or Limits())
    assert caught.value.reason.endswith(".")
    return caught.value.code


def test_the_files_of_a_zip_come_with_their_names_and_bytes(tmp_path: Path) -> None:
    workbook = packed(parts(), tmp_path / "w.xlsx").read_bytes()
    members: dict[str, str | bytes] = {
        "Dépôt/": "", "Dépôt/1. été.csv": "a;b\n", "bia.xlsx": workbook, "__MACOSX/._bia.xlsx": "x", ".DS_Store": "x",
        "Dépôt/.cache/x.csv": "x", "Thumbs.db": "x", "~$bia.xlsx": "x",
    }  # fmt: skip
    found = unpack("dépôt.zip", zipped(members, tmp_path))
    assert [(name, stream.tell(), stream.read()) for name, stream in found] == [
        ("Dépôt/1. été.csv", 0, b"a;b\n"),
        ("bia.xlsx", 0, workbook),
    ]
    for _name, stream in found:
        stream.close()


@pytest.mark.parametrize(
    "content",
    [b"FINESS;Nom\n", b"", b"%PDF-1.7", b"PK", b"PK\x03\x04"[:3]],
    ids=["csv", "empty", "pdf", "two", "three"],
)
def test_what_is_no_zip_is_itself(content: bytes) -> None:
    stream = io.BytesIO(content)
    assert unpack("a", stream) == [("a", stream)]
    assert stream.tell() == 0


@pytest.mark.parametrize("members", [parts(), ods(), {"mimetype": "x"}, {"Index/Document.iwa": "x"}])
def test_a_workbook_is_itself(tmp_path: Path, members: dict[str, str | bytes]) -> None:
    stream = zipped(members, tmp_path)
    assert unpack("a.xlsx", stream) == [("a.xlsx", stream)]
    assert stream.tell() == 0


def test_a_file_too_large_is_left_to_the_gate() -> None:
    stream = io.BytesIO(b"PK\x03\x04" + bytes(2_000))
    assert unpack("a", stream, Limits(file_size=1_000)) == [("a", stream)]


def test_a_large_file_of_a_zip_is_kept_on_disk(tmp_path: Path) -> None:
    found = unpack("z.zip", zipped({"a.csv": "a;b\n" * 500_000, "b.csv": "a;b\n"}, tmp_path), Limits(ratio=10_000))
    assert [stream._rolled for _name, stream in found] == [True, False]  # type: ignore[attr-defined]  # of SpooledTemporaryFile
    for _name, stream in found:
        stream.close()


@pytest.mark.parametrize("name", ["../a.csv", "/etc/passwd", "x\\..\\..\\a.csv", "C:\\a.csv"])
def test_a_name_that_climbs_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(zipped({name: "a"}, tmp_path).getvalue()) == "path"


def test_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = zipped({"a.csv": "a;b\n"}, tmp_path).getvalue()
    assert refusal(zipped({"b.csv": "a;b\n", "inner.zip": inner}, tmp_path).getvalue()) == "archive"


def test_a_damaged_workbook_in_a_zip_is_left_to_the_gate(tmp_path: Path) -> None:
    found = unpack("z.zip", zipped({"a.xlsx": b"PK\x03\x04" + bytes(40)}, tmp_path))
    assert [(name, stream.tell()) for name, stream in found] == [("a.xlsx", 0)]
    found[0][1].close()


@pytest.mark.parametrize("members", [{"dossier/": ""}, {"__MACOSX/a": "x"}, {".DS_Store": "x"}])
def test_a_zip_without_a_file_is_refused(tmp_path: Path, members: dict[str, str | bytes]) -> None:
    assert refusal(zipped(members, tmp_path).getvalue()) == "archive"


def test_fifty_files_are_the_most(tmp_path: Path) -> None:
    found = unpack("z.zip", zipped({f"{number}.csv": "a;b" for number in range(50)}, tmp_path))
    assert len(found) == 50
    for _name, stream in found:
        stream.close()
    assert refusal(zipped({f"{number}.csv": "a;b" for number in range(51)}, tmp_path).getvalue()) == "members"


def test_the_limits_of_a_workbook_are_those_of_a_zip(tmp_path: Path) -> None:
    swollen = zipped({"a.csv": bytes(8_000_000)}, tmp_path).getvalue()
    assert refusal(swollen) == "bomb"
    assert refusal(swollen, Limits(ratio=100_000, unpacked_size=1_000_000)) == "bomb"
    assert refusal(zipped({f"{number}/": "" for number in range(1_001)}, tmp_path).getvalue()) == "members"
    assert (
        refusal(overlapping(tmp_path / "a.zip").read_bytes().replace(b"[Content_Types].xml", b"[Content_Typos].xml"))
        == "overlap"
    )


def test_a_truncated_zip_is_damaged(tmp_path: Path) -> None:
    assert refusal(zipped({"a.csv": "a;b\n"}, tmp_path).getvalue()[:-30]) == "damaged"


def test_a_wrong_checksum_in_a_zip_is_damage(tmp_path: Path) -> None:
    content = packed({"a.csv": "abc;def"}, tmp_path / "z.zip", zipfile.ZIP_STORED).read_bytes()
    assert refusal(content.replace(b"abc;def", b"abd;def")) == "damaged"


@pytest.mark.parametrize(("encoding", "wanted"), [("cp850", "été.csv"), ("utf-8", "été.csv")])
def test_accents_of_names_survive_old_tools(tmp_path: Path, encoding: str, wanted: str) -> None:
    raw = "été.csv".encode(encoding)
    content = zipped({"x" * len(raw): "a;b\n"}, tmp_path).getvalue().replace(b"x" * len(raw), raw)
    found = unpack("z.zip", io.BytesIO(content))
    assert [name for name, _stream in found] == [wanted]
    found[0][1].close()
