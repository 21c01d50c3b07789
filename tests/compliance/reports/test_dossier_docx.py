"""The Word dossier: what the PDF says, editable, the same bytes, and nothing typed is ever a mark or a template."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
import pytest
from docx.document import Document as Word
from lxml import etree

from compliance.reports import dossier_docx
from compliance.reports.dossier_view import view
from compliance.reports.printable import BREAK
from tests.factories.canonical import reason, sample

TYPED = (
    "{{ 7 * 7 }} {{ d }} {{ ''.__class__.__mro__ }}",
    "{% for x in range(9) %}boucle{% endfor %} {%tr endfor %} {# rien #}",
    "{_{ d }_} {_% if %_}",
    '<w:p><w:r><w:t>balise</w:t></w:r></w:p> </w:t> <!ENTITY x SYSTEM "file:///etc/passwd"> &x; &amp; &#65;',
    "]]> <![CDATA[ x ]]> <?xml version='1.0'?>",
    "R&D <b>gras</b> \"guillemets\" 'apostrophe'",
    "%} {%p endif %} -%} {%- x",
)


def document(doc: dict[str, Any]) -> Word:
    return docx.Document(io.BytesIO(dossier_docx.build(doc)))


def text_of(word: Word) -> str:
    """Every text of the body, in reading order, one space between words."""
    body = word.element.body
    return re.sub(r"[\s\u00a0]+", " ", " ".join(node.text or "" for node in body.iter("{*}t", "{*}br")))


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u00a0]+", "", text.replace(BREAK, ""))


@pytest.mark.parametrize("variant", [{}, {"ej": 13}, {"ej": 1, "kind": "single_ej"}, {"missing_ac": True}, {"hostile": True}], ids=str)  # fmt: skip
def test_it_says_what_the_pdf_says_and_the_same_document_gives_the_same_bytes(variant: dict[str, Any]) -> None:
    doc = sample(**variant)
    assert dossier_docx.build(doc) == dossier_docx.build(sample(**variant))
    shown, text = view(doc), squeeze(text_of(document(doc)))
    wanted = [row[key] for row in shown["rows"] for key in ("code", "title", "next_action", "source", "rule")]
    wanted += [each for row in shown["rows"] for each in row["reasons"]]
    wanted += [piece[key] for piece in shown["pieces"] for key in ("sha256", "name", "filename", "size")]
    wanted += [party[key] for party in shown["parties"] for key in ("name", "finess", "out_reason")]
    wanted += [cell["label"] for line in shown["matrix"]["lines"] for cell in line["cells"]]
    wanted += [item[key] for group in shown["perimeters"] for item in group["items"] for key in ("code", "name")]
    wanted += [*shown["answer"], *shown["visa"], *(value for line in shown["identity"] for value in line)]
    assert [item for item in wanted if squeeze(item) not in text] == []


def test_every_member_and_property_bears_the_day_of_the_dossier_and_nothing_of_this_machine() -> None:
    raw = dossier_docx.build(sample())
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        assert {info.date_time for info in package.infolist()} == {(2026, 11, 22, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(raw)).core_properties
    assert (properties.created.date().isoformat(), properties.modified.date().isoformat()) == (
        "2026-11-22",
        "2026-11-22",
    )
    assert (properties.author, properties.last_modified_by, properties.language) == ("Vigie", "Vigie", "fr-FR")
    assert properties.title == "Dossier de déclaration d’atteinte des objectifs, GHT des Deux Caps"


def test_it_has_french_titles_contents_and_page_numbers_that_word_keeps_right() -> None:
    word = document(sample())
    styles = [
        (item.style.name, item.text) for item in word.paragraphs if item.style and item.style.name.startswith("Heading")
    ]
    assert [text for style, text in styles if style == "Heading 1"] == [
        "1. Les 13 objectifs", "2. Candidat et parties", "3. Activité couverte par des PCA et PRA formalisés",
        "4. État de chaque objectif", "5. Matrice des périmètres a minima", "Annexe A. Périmètres", "Annexe B. Pièces et empreintes",
    ]  # fmt: skip
    instructions = [node.text.split()[0] for node in word.element.body.iter("{*}instrText")]
    assert instructions == ["TOC"]
    marks = {node.get(f"{{{node.nsmap['w']}}}name") for node in word.element.body.iter("{*}bookmarkStart")}
    links = [node.get(f"{{{node.nsmap['w']}}}anchor") for node in word.element.body.iter("{*}hyperlink")]
    assert len(links) == 7
    assert set(links) <= marks
    footer = word.sections[0].footer.paragraphs[0]._p
    assert [node.text for node in footer.iter("{*}instrText")] == ["PAGE", "NUMPAGES"]
    languages = {
        node.get(f"{{{node.nsmap['w']}}}val")
        for node in word.styles.element.iter("{*}rPrDefault")
        for node in node.iter("{*}lang")
    }
    assert languages == {"fr-FR"}


def test_titles_of_tables_are_repeated_on_each_page() -> None:
    word = document(sample())
    titled = [table for table in word.tables if table._tbl.findall(".//{*}tblHeader")]
    assert len(titled) == len(word.tables) - 2  # identity and visa have titles in their first column


def test_columns_have_the_same_width_for_every_program_and_fit_the_page() -> None:
    for table in document(sample()).tables:
        columns, cells = [column.width.mm for column in table.columns], [cell.width.mm for cell in table.rows[0].cells]
        assert [round(each) for each in columns] == [round(each) for each in cells]
        assert round(sum(columns)) == 174  # A4 without its margins


@pytest.mark.parametrize("typed", TYPED)
def test_what_looks_like_a_mark_or_a_template_is_printed_as_typed(typed: str) -> None:
    doc = sample()
    doc["candidate"]["name"] = typed
    doc["parties"][0]["name"] = typed
    doc["rows"][0]["reasons"] = [reason("X", typed)]
    doc["rows"][0]["pieces"][0]["filename"] = typed
    word = document(doc)
    text = squeeze(text_of(word))
    shown = view(doc)
    assert squeeze(shown["rows"][0]["reasons"][0]) in text
    assert squeeze(typed) in text
    assert squeeze(typed) in squeeze(word.sections[0].header.paragraphs[0].text)
    assert len(word.tables) == len(document(sample()).tables)


def test_control_characters_and_lone_surrogates_of_another_tool_leave_a_file_that_opens() -> None:
    doc = sample()
    doc["parties"][0]["name"] = "a\x00b\x07c\x0bd\x0ce\x1bf\ufffeg\uffff" + "h\ti\nj\u2028k"
    raw = dossier_docx.build(doc)
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        etree.fromstring(package.read("word/document.xml"))
    assert "h i j k" in text_of(docx.Document(io.BytesIO(raw)))


def test_a_text_of_five_thousand_characters_is_kept_whole() -> None:
    doc = sample()
    doc["rows"][0]["next_action"] = "é" * 5_000
    assert "é" * 5_000 in squeeze(text_of(document(doc)))


def test_nothing_in_it_is_active_or_fetched() -> None:
    with zipfile.ZipFile(io.BytesIO(dossier_docx.build(sample(hostile=True)))) as package:
        names = package.namelist()
        links = b"".join(package.read(name) for name in names if name.endswith(".rels"))
    assert not [name for name in names if "vba" in name.lower() or "embeddings" in name]
    assert b'TargetMode="External"' not in links
