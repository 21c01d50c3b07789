"""What is not a readable .xlsx gets one French sentence that says what it is and what to do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from importers.faults import Unreadable
from importers.limits import Limits
from importers.reading import gate
from tests.importers import archives, biff
from tests.importers.kits import Member, clean_kit

HTML = b"<html xmlns:o='urn:schemas-microsoft-com:office'><body><table><tr><td>FINESS</td></tr></table></body></html>"


def refusal(content: bytes, limits: Limits = gate.LIMITS) -> Unreadable:
    """How the gate refuses these bytes."""
    with pytest.raises(Unreadable) as caught:
        gate.inspect(io.BytesIO(content), limits)
    return caught.value


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "empty", "vide"),
        (b"   \n", "empty", "espaces"),
        (archives.ole("EncryptionInfo", "EncryptedPackage"), "password", "mot de passe"),
        (archives.ole("Root Entry", "Workbook"), "damaged", "mal formé"),
        (archives.ole("Root Entry", "Workbook", "_VBA_PROJECT_CUR"), "macros", "macros"),
        (archives.ole("Root Entry", "WordDocument"), "document", "document Office"),
        (archives.ole("Root Entry"), "ole", "ancien format"),
        (HTML, "html", "page web"),
        ("\ufeff  <TABLE><tr>".encode(), "html", "page web"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\n", "html", "page web"),
        ("<html>".encode("utf-16"), "html", "page web"),
        (b"<?xml version='1.0'?><html><body>a;b</body></html>", "html", "page web"),
        (b"<!-- un, export --><table><tr><td>a</td></tr></table>", "html", "page web"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture", "image (PNG)"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "picture", "image (JPEG)"),
        (b"GIF89a" + bytes(50), "picture", "image (GIF)"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "picture", "image (WebP)"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "picture", "image (HEIC)"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(20), "video", "vidéo"),
        (b"%PDF-1.7\n", "pdf", "PDF"),
        (b"{\\rtf1\\ansi", "document", "RTF"),
        (b"Bonjour", "text", "fichier texte"),
        (b'{"a": 1, "b": 2}', "text", "fichier texte"),
        (b"<?xml version='1.0'?><a>1, 2</a>", "text", "fichier texte"),
        (b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook/>", "xml", "XML 2003"),
        (b"<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns'/>", "ods", ".fods"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "archive", "7z"),
        (bytes(range(256)), "unknown", "pas un classeur"),
        (b"PK\x03\x04" + bytes(40), "damaged", "abîmé"),
        (b"PK\x05\x06" + bytes(18), "damaged", "abîmé"),
    ],
)  # fmt: skip
def test_it_says_what_the_file_is(content: bytes, code: str, word: str) -> None:
    refused = refusal(content)
    assert refused.code == code
    assert word in refused.reason
    assert refused.remedy.endswith(".")


@pytest.mark.parametrize(
    "cell", ["<b>gras</b> <script>alert(1)</script>", "<html>", "<!doctype html>", "<?mso-application"]
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252", "utf-16"])
def test_a_tag_in_a_cell_does_not_make_a_page_of_a_csv(cell: str, encoding: str) -> None:
    text = f"Code exercice;Libellé\r\nEX-2026-01;Panne {cell}\r\n"
    assert gate.inspect(io.BytesIO(text.encode(encoding))) == "csv"


@pytest.mark.parametrize(
    ("members", "code", "word"),
    [
        ({"a.txt": "a"}, "archive", "ZIP"),
        ({"mimetype": archives.ODS_TYPE}, "damaged", "abîmé"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "document", "OpenDocument"),
        (
            {
                "mimetype": archives.ODS_TYPE,
                "META-INF/manifest.xml": "<a><encryption-data/></a>",
            },
            "password",
            "mot de passe",
        ),
        ({"Index/Document.iwa": "x"}, "numbers", "Numbers"),
        (archives.parts(workbook_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "macros", "macros"),
        (archives.parts() | {"xl/vbaProject.bin": "x"}, "macros", ".xlsm"),
        (archives.parts() | {"xl/workbook.bin": "x"}, "macros", ".xlsb"),
        ({"[Content_Types].xml": "<Types>wordprocessingml.document.main+xml</Types>"}, "document", "Word"),
        ({"[Content_Types].xml": "<Types>presentationml</Types>"}, "document", "PowerPoint"),
        ({"[Content_Types].xml": "<Types/>"}, "damaged", "abîmé"),
        (
            archives.parts() | {"xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{archives.STRICT}"/>'},
            "strict",
            "Strict Open XML",
        ),
    ],
)
def test_it_says_what_the_zip_is(tmp_path: Path, members: dict[str, str], code: str, word: str) -> None:
    refused = refusal(archives.packed(members, tmp_path / "a.xlsx").read_bytes())
    assert refused.code == code
    assert word in refused.reason


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("FINESS;Périmètre\n010007987;Urgences\n".encode("cp1252"), "csv"),
        ("FINESS\tPérimètre\n".encode("utf-16"), "csv"),
        ("\ufeffFINESS,Périmètre\n".encode(), "csv"),
        (b"FINESS|NOM\n", "csv"),
        (biff.xls(biff.Page("F", [["a"]])), "xls"),
    ],
)
def test_what_can_be_read_is_known_by_its_content(content: bytes, form: str) -> None:
    assert gate.inspect(io.BytesIO(content)) == form


def test_an_opendocument_spreadsheet_passes(tmp_path: Path) -> None:
    assert gate.inspect(archives.packed(archives.ods(), tmp_path / "a.xlsx")) == "ods"


def test_a_file_over_the_limit_says_its_size() -> None:
    refused = refusal(b"PK\x03\x04" + bytes(3 * 1024 * 1024), Limits(file_size=2 * 1024 * 1024))
    assert refused.code == "too_large"
    assert "3 Mo" in refused.reason
    assert "2 Mo" in refused.reason


def test_a_truncated_workbook_is_damaged(tmp_path: Path) -> None:
    content = archives.packed(archives.parts(), tmp_path / "a.xlsx").read_bytes()
    assert refusal(content[:-40]).code == "damaged"


def test_an_old_encrypted_xls_asks_for_its_password_to_be_removed() -> None:
    begin = bytes.fromhex("0908100000060500") + bytes(12) + bytes.fromhex("2f000600") + bytes(6)
    assert refusal(archives.ole("Root Entry", "Workbook") + bytes(1024 - 512) + begin).code == "password"


def test_the_kit_itself_passes_and_the_stream_is_rewound(tmp_path: Path) -> None:
    stream = io.BytesIO(clean_kit(tmp_path / "k.xlsx", [Member("760780023", "CH de Dieppe")]).read_bytes())
    assert gate.inspect(stream) == "xlsx"
    assert stream.tell() == 0


# ----------------------------------------------------------------------------------------------------- hostile packages


def hostile(path: Path, members: dict[str, str | bytes], limits: Limits = gate.LIMITS) -> str:
    """The code under which this package is refused."""
    with pytest.raises(Unreadable) as caught:
        gate.inspect(archives.packed(members, path / "h.xlsx"), limits)
    return caught.value.code


def test_a_member_that_swells_a_hundredfold_is_a_bomb(tmp_path: Path) -> None:
    assert hostile(tmp_path, archives.parts() | {"xl/media/a.bin": bytes(8_000_000)}) == "bomb"


def test_the_total_once_unpacked_is_bounded(tmp_path: Path) -> None:
    assert hostile(tmp_path, archives.parts("<row/>" * 2000), Limits(unpacked_size=10_000)) == "bomb"


def test_a_small_member_may_compress_well(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {**archives.parts(), "xl/media/a.bin": bytes(500_000)}
    path = archives.packed(members, tmp_path / "a.xlsx")
    gate.inspect(path)  # refused nothing
    assert path.stat().st_size * 100 < 500_000, "the member does compress more than a big one may"


def test_a_thousand_members_is_the_most(tmp_path: Path) -> None:
    many: dict[str, str | bytes] = {f"xl/media/{number}.png": b"" for number in range(1000)}
    assert hostile(tmp_path, archives.parts() | many) == "members"


def test_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    assert refusal(archives.crowded(tmp_path / "a.xlsx", 200_000_000).read_bytes()).code == "members"


@pytest.mark.parametrize("name", ["../evil.xml", "xl/../../evil", "/etc/passwd", "..\\evil", "C:\\evil.xml"])
def test_a_name_that_climbs_is_refused(tmp_path: Path, name: str) -> None:
    assert hostile(tmp_path, archives.parts() | {name: "x"}) == "path"


def test_a_member_there_twice_is_refused(tmp_path: Path) -> None:
    assert refusal(archives.duplicated(tmp_path / "a.xlsx").read_bytes()).code == "overlap"


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    assert refusal(archives.overlapping(tmp_path / "a.xlsx").read_bytes()).code == "overlap"


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><sst>&lol2;</sst>'


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        '<?xml version="1.0"?>\n<!-- <sst> -->\n' + BOMB,
        ("<?xml version='1.0' encoding='UTF-16'?>" + BOMB).encode("utf-16"),
        BOMB.encode("utf-16-le"),
        "\ufeff" + BOMB,
    ],
)
@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "[Content_Types].xml", "_rels/.rels"])
def test_a_doctype_is_refused_in_any_part_and_encoding(tmp_path: Path, content: str | bytes, name: str) -> None:
    assert hostile(tmp_path, archives.parts() | {name: content}) == "entities"


def test_a_part_that_hides_its_beginning_is_refused(tmp_path: Path) -> None:
    hidden = "<!--" + "x" * 70_000 + "-->" + BOMB
    assert hostile(tmp_path, archives.parts() | {"xl/sharedStrings.xml": hidden}) == "damaged"


def test_a_refusal_becomes_a_remark_on_the_file(tmp_path: Path) -> None:
    assert refusal(HTML).fault().code == "E-FIC"
    swollen = archives.packed(archives.parts() | {"xl/a.bin": bytes(8_000_000)}, tmp_path / "a.xlsx")
    assert refusal(swollen.read_bytes()).fault().code == "E-SEC"
