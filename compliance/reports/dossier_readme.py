"""``LISEZ-MOI.txt`` of the archive: what is in it, how it is laid down on eCaRE, how it is checked without us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compliance.reports.display import day, moment, say, size
from compliance.reports.printable import BREAK, printable

Doc = Mapping[str, Any]


def build(doc: Doc, *, filed: bool) -> bytes:
    """The text of a canonical document (UTF-8); ``filed``: it is built from a filing, and holds the chain of events."""
    return ("\n".join(_lines(doc, filed=filed)) + "\n").replace(BREAK, "").encode()


def _lines(doc: Doc, *, filed: bool) -> Iterator[str]:
    known = doc.get("known_at")
    yield f"Dossier de déclaration, {printable(doc['candidate']['name'])}"
    yield say(doc["referential"]["title"])
    yield f"Version transmise à l’ARS dans Vigie le {moment(known)}" if known else f"Projet, état au {day(doc['on'])}"
    yield ""
    yield "CE QUE CONTIENT L’ARCHIVE"
    yield "dossier.pdf        le dossier à lire, à signer, à déposer"
    yield "dossier.docx       le même texte, modifiable ; ce qui y est changé n’engage que qui le change"
    yield "annexe.xlsx        les mêmes faits, à filtrer et à compter"
    yield "pieces/            les pièces telles que reçues, un dossier par objectif"
    yield "dossier.json       les mêmes faits pour un programme"
    if filed:
        yield "events.json        la chaîne des événements de l’établissement support, jusqu’à la transmission comprise"
    yield "MANIFEST.json, SHA256SUMS, verify_dossier.py    pour vérifier que rien n’a changé"
    yield ""
    yield from _counter(doc)
    yield ""
    yield "VÉRIFIER SANS VIGIE"
    yield "1. Avec Python 3.8 ou plus récent : python verify_dossier.py dossier.zip"
    yield "   Prenez de préférence un verify_dossier.py venu d’ailleurs que de l’archive à vérifier."
    yield "2. Ou, une fois l’archive ouverte : sha256sum -c SHA256SUMS"
    yield "3. Comparez l’empreinte SHA-256 du ZIP, que ce programme écrit, à celle que Vigie affiche : elle seule dit qui l’a construit."


def _counter(doc: Doc) -> Iterator[str]:
    """The pieces in the order in which the counter asks for them."""
    yield "DÉPOSER SUR eCaRE, DANS CET ORDRE"
    yield "Vigie ne dépose rien sur eCaRE : reprenez chaque fichier à l’objectif qui le demande."
    number = 0
    for row in doc["rows"]:
        yield ""
        yield f"{printable(row['code'])}, {say(row['title'])}"
        labels = {item["key"]: item["label"] for item in row["expected"]}
        for piece in row["pieces"]:
            number += 1
            yield f"{number:4}. {piece['name']}"
            yield f"      {say(labels.get(piece['document_type']) or 'Autre pièce')}, {size(piece['size'])}"
            yield f"      nom d’origine : {printable(piece['filename'])} ({printable(piece['establishment'])})"
        if not row["pieces"]:
            yield "      aucune pièce jointe"
