"""The pieces from which the Word template of the dossier is made, and the template itself: made by code, never a file.

Paragraphs hold the tags of docxtpl: ``{{ value }}``, ``{%p … %}`` for a paragraph, ``{%tr … %}`` for a row of a table.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

ACCENT, FONT, LANGUAGE = RGBColor(0x0B, 0x55, 0x68), "Arial", "fr-FR"
CONTENTS = (
    "1. Les {{ d.rows_total }} objectifs",
    "2. Candidat et parties",
    "3. Activité couverte par des PCA et PRA formalisés",
    "4. État de chaque objectif",
    "5. Matrice des périmètres a minima",
    "Annexe A. Périmètres",
    "Annexe B. Pièces et empreintes",
)


@lru_cache(maxsize=1)
def template() -> bytes:
    """The template, as a .docx; what it is given is the view of dossier_view.py, under the name ``d``."""
    word = Document()
    _look(word)
    _edges(word)
    _cover(word)
    _objectives(word)
    _parties(word)
    _share(word)
    _detail(word)
    _matrix(word)
    _annexes(word)
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


# ── sections ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _cover(word: Word) -> None:
    word.add_paragraph("Vigie").runs[0].font.color.rgb = ACCENT
    word.add_paragraph("{{ d.title }}", style="Title")
    word.add_paragraph("{{ d.programme }}")
    answer = word.add_paragraph()
    answer.add_run("{{ d.answer[0] }} ").bold = True
    answer.add_run("{{ d.answer[1] }}")
    _table(word, ("", ""), "line in d.identity", ("{{ line[0] }}", "{{ line[1] }}"), (45, 129), titled=False)
    word.add_paragraph("Sommaire", style="TOC Heading")
    _contents(word)
    word.add_paragraph("Visa", style="TOC Heading")
    _table(word, ("", ""), "who in d.visa", ("{{ who }}", "Date et signature\u00a0:"), (87, 87), titled=False)


def _objectives(word: Word) -> None:
    _heading(word, 0)
    word.add_paragraph(
        "État calculé par règle. Chaque ligne est détaillée en partie 4, avec sa règle, ses motifs et ses pièces."
    )
    _table(
        word,
        ("Code", "Objectif", "État", "Motif"),
        "row in d.rows",
        ("{{ row.code }}", "{{ row.title }}", "{{ d.states[row.state] }}", "{{ row.first }}"),
        (20, 50, 27, 77),
    )


def _parties(word: Word) -> None:
    _heading(word, 1)
    word.add_paragraph("Parties de la candidature, avec l’activité combinée (AC) retenue, son année et sa source.")
    _table(
        word,
        ("Établissement", "FINESS", "AC", "Année", "Source"),
        "party in d.parties if party.in_scope",
        (
            "{{ party.name }}",
            "{{ party.finess }}",
            "{% if party.missing %}Manquante{% else %}{{ party.ac }}{% endif %}",
            "{{ party.year }}",
            "{{ party.source }}",
        ),
        (58, 27, 25, 17, 47),
    )
    word.add_paragraph("{%p if d.parties|rejectattr('in_scope')|list %}")
    word.add_heading("Hors périmètre", 2)
    _table(
        word,
        ("Établissement", "FINESS", "Motif"),
        "party in d.parties if not party.in_scope",
        ("{{ party.name }}", "{{ party.finess }}", "{{ party.out_reason }}"),
        (62, 27, 85),
    )
    word.add_paragraph("{%p endif %}")


def _share(word: Word) -> None:
    _heading(word, 2)
    word.add_paragraph("{%p if not d.share %}")
    word.add_paragraph("Aucune part n’est calculée pour ce candidat.")
    word.add_paragraph("{%p else %}")
    word.add_paragraph("{{ d.share.row }}. {{ d.share.rule }}")
    figures = "Part couverte\u00a0: {{ d.share.covered }}. Seuil\u00a0: {{ d.share.threshold }}. Écart au seuil\u00a0: {{ d.share.gap }}. État\u00a0: {{ d.states[d.share.state] }}."  # noqa: E501
    word.add_paragraph().add_run(figures).bold = True
    _bullets(word, "reason in d.share.reasons", "{{ reason }}")
    word.add_paragraph("{%p if d.share.missing %}")
    word.add_paragraph("AC manquante\u00a0: {{ d.share.missing|join(', ') }}.", style="List Bullet")
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{%p if d.share.smallest %}")
    word.add_paragraph(
        "Plus petit ensemble qui franchirait le seuil\u00a0: {{ d.share.smallest|join(', ') }}.", style="List Bullet"
    )
    word.add_paragraph("{%p endif %}")
    _table(
        word,
        ("Établissement", "Part", "Cumul", "O1.C", "Motifs"),
        "line in d.share.lines",
        ("{{ line.name }}", "{{ line.share }}", "{{ line.cumulative }}", "{{ line.said }}", "{{ line.reasons|lines }}"),
        (50, 22, 22, 28, 52),
    )
    word.add_paragraph("{%p endif %}")


def _detail(word: Word) -> None:
    _heading(word, 3)
    word.add_paragraph("{%p for row in d.rows %}")
    word.add_heading("{{ row.code }} {{ row.title }}\u00a0: {{ d.states[row.state] }}", 2)
    _bullets(word, "reason in row.reasons", "{{ reason }}")
    word.add_paragraph("{%p if row.next_action %}")
    word.add_paragraph("Prochaine action\u00a0: {{ row.next_action }}")
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("Règle ({{ row.kind }})\u00a0: {{ row.rule }} Source\u00a0: {{ row.source }}.")
    word.add_paragraph("{%p if row.expected %}")
    word.add_paragraph("Pièces attendues\u00a0:")
    note = "{% if item.note %}\u00a0: {{ item.note }}{% endif %}"
    _bullets(word, "item in row.expected", "{{ item.label }}{{ item.when }}" + note)
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{%p if row.pieces %}")
    _table(
        word,
        ("Pièce jointe", "Établissement", "Approuvée", "Effet", "Reçue", "Expire"),
        "piece in row.pieces",
        (
            "{{ piece.filename }}, {{ piece.type }}, SHA-256 {{ piece.short }}…",
            "{{ piece.establishment }}",
            "{{ piece.approved }}",
            "{{ piece.effective }}",
            "{{ piece.received }}",
            "{{ piece.expires }}",
        ),
        (46, 36, 23, 23, 23, 23),
    )
    word.add_paragraph("{%p else %}")
    word.add_paragraph("Aucune pièce jointe.")
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{%p endfor %}")


def _matrix(word: Word) -> None:
    """The matrix as a list, one line for each cell of the PDF: it can be sorted, and its width does not grow."""
    _heading(word, 4)
    steps = tuple(f"{{{{ d.states[cell.steps[{place}]] }}}}" for place in range(4))
    _table(
        word,
        ("Établissement", "Périmètre", "État", "BIA", "Plan", "Test", "Preuve", "Ce qui manque"),
        "line, column, cell in d.cells",
        ("{{ line.name }}", "{{ column.label }}", "{{ d.states[cell.state] }}", *steps, "{{ cell.label }}"),
        (30, 27, 20, 19, 19, 19, 19, 21),
    )


def _annexes(word: Word) -> None:
    _heading(word, 5)
    word.add_paragraph("{%p if not d.perimeters %}")
    word.add_paragraph("Aucun périmètre n’est déclaré.")
    word.add_paragraph("{%p endif %}")
    word.add_paragraph("{%p for group in d.perimeters %}")
    word.add_heading("{{ group.name }} {{ group.finess }}", 2)
    absent = "{% if not item.exists %}N’existe pas ici\u00a0: {{ item.absence }}{% endif %}"
    told = tuple(
        f"{{% if item.exists %}}{{{{ [item.{step}.word, item.{step}.on, item.{step}.reason]|select|lines }}}}{{% endif %}}"
        for step in ("bia", "pca", "pra")
    )
    _table(
        word,
        ("Code", "Périmètre", "BIA", "PCA", "PRA", "Tests"),
        "item in group.items_",
        (
            "{{ item.code }}",
            "{{ [item.name, item.kind, item.signed]|select|lines }}",
            absent + told[0],
            *told[1:],
            "{% if item.exists %}{{ item.tests|lines }}{% endif %}",
        ),
        (20, 42, 30, 26, 26, 30),
    )
    word.add_paragraph("{%p endfor %}")
    _heading(word, 6)
    word.add_paragraph(
        "Chaque pièce est dans l’archive du dossier sous le nom indiqué. "
        "L’empreinte SHA-256 permet de vérifier qu’elle n’a pas changé."
    )
    _table(
        word,
        ("Objectif", "Pièce, nom dans l’archive et empreinte", "Établissement", "Taille"),
        "piece in d.pieces",
        (
            "{{ piece.row }}",
            "{{ [piece.filename, piece.name, piece.sha256]|lines }}",
            "{{ piece.establishment }}",
            "{{ piece.size }}",
        ),
        (20, 94, 40, 20),
    )


# ── bricks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _look(word: Word) -> None:
    """Page, fonts and language: French, a font that every desk has, our accent for titles."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    styles: Any = word.styles
    for name in ("toc 1", "TOC Heading"):
        if name not in styles:
            styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, size in (("Normal", 9.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 11), ("TOC Heading", 12)):
        style = styles[name]
        style.font.size, style.font.name = Pt(size), FONT
        fonts = style.element.rPr.rFonts
        for theme in [key for key in fonts.attrib if "Theme" in str(key)]:  # the theme's font would win
            del fonts.attrib[theme]
        if name != "Normal":
            style.font.bold, style.font.color.rgb = True, ACCENT
    language = styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    language.set(qn("w:val"), LANGUAGE)


def _edges(word: Word) -> None:
    """The header says whose dossier it is, the footer its date and the page, in fields that Word keeps right."""
    section = word.sections[0]
    section.header.paragraphs[0].text = "{{ d.candidate }}, {{ d.domain }}. {{ d.status }}"
    foot = section.footer.paragraphs[0]
    foot.add_run("{{ d.footer }}. Page ")
    _field(foot, "PAGE", "1")
    foot.add_run(" sur ")
    _field(foot, "NUMPAGES", "1")


def _heading(word: Word, place: int) -> None:
    """A title of the contents, with the mark that the contents point to."""
    paragraph = word.add_heading(CONTENTS[place], 1)
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(place + 1))
    start.set(qn("w:name"), f"_Toc{place + 1:08}")
    paragraph._p.insert(1, start)  # noqa: SLF001  # python-docx has no call for a bookmark
    paragraph._p.append(end)  # noqa: SLF001


def _contents(word: Word) -> None:
    """A field of contents, filled already: links without page numbers, so that Word asks nothing when it opens the file."""
    paragraph = word.add_paragraph(style="toc 1")
    _mark(paragraph, "begin")
    _instruction(paragraph, ' TOC \\o "1-1" \\h \\z \\n ')
    _mark(paragraph, "separate")
    for place, title in enumerate(CONTENTS):
        link, run = OxmlElement("w:hyperlink"), paragraph.add_run(title)
        link.set(qn("w:anchor"), f"_Toc{place + 1:08}")
        link.append(run._r)  # noqa: SLF001
        paragraph._p.append(link)  # noqa: SLF001
        if place == len(CONTENTS) - 1:
            _mark(paragraph, "end")
        else:
            paragraph = word.add_paragraph(style="toc 1")


def _field(paragraph: Paragraph, instruction: str, shown: str) -> None:
    _mark(paragraph, "begin")
    _instruction(paragraph, instruction)
    _mark(paragraph, "separate")
    paragraph.add_run(shown)
    _mark(paragraph, "end")


def _mark(paragraph: Paragraph, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)  # noqa: SLF001


def _instruction(paragraph: Paragraph, text: str) -> None:
    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = text
    paragraph.add_run()._r.append(element)  # noqa: SLF001


def _bullets(word: Word, loop: str, text: str) -> None:
    word.add_paragraph(f"{{%p for {loop} %}}")
    word.add_paragraph(text, style="List Bullet")
    word.add_paragraph("{%p endfor %}")


def _table(
    word: Word, titles: Sequence[str], loop: str, cells: Sequence[str], widths: Sequence[int], *, titled: bool = True
) -> None:
    """A table of one row for each turn of ``loop``; ``widths`` are in millimetres. Its titles are repeated on each page."""
    table = word.add_table(rows=0, cols=len(cells), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)  # LibreOffice looks here, Word at the cells
    rows = [[f"{{%tr for {loop} %}}"], cells, ["{%tr endfor %}"]]
    for texts in [titles, *rows] if titled else rows:
        for cell, text, width in zip(table.add_row().cells, [*texts, *[""] * len(cells)], widths, strict=False):
            cell.text, cell.width = text, Mm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001  # no line cut by the end of a page
    if titled:
        for cell in table.rows[0].cells:
            cell.paragraphs[0].runs[0].bold = True
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001
    word.add_paragraph()
