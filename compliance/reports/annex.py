"""The annex workbook of a dossier: the same facts as the PDF, to filter and to count."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from compliance.reports import canonical, funding_sheet, xlsx
from compliance.reports.dossier_view import BIA, CONFIDENCES, KINDS, PLAN, ROW_KINDS, STATES, party_names
from tenants.typography import typo

Doc = Mapping[str, Any]


def build(doc: Doc) -> bytes:
    """The workbook (.xlsx) of a canonical document; the same document gives the same bytes."""
    doc = canonical.plain(doc)
    on = date.fromisoformat(doc["on"])
    stream = io.BytesIO()
    with xlsx.open_workbook(
        stream, datetime(on.year, on.month, on.day, tzinfo=UTC), f"Annexe, {doc['candidate']['name']}"
    ) as book:
        _summary(book.add_worksheet("Synthèse"), doc)
        _parties(book.add_worksheet("Parties"), doc)
        _rows(book.add_worksheet("Lignes"), doc)
        _party_rows(book.add_worksheet("Partie par partie"), doc)
        _matrix(book.add_worksheet("Matrice"), doc)
        _perimeters(book.add_worksheet("Périmètres"), doc)
        _pieces(book.add_worksheet("Pièces"), doc)
        if doc.get("funding"):  # a document frozen before money was known here has none
            funding_sheet.write(book.add_worksheet("Dépenses"), doc["funding"]["expenses"])
    return stream.getvalue()


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso[:10]) if iso else None


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _reasons(reasons: Iterable[Doc]) -> str:
    return "\n".join(typo(reason["text"]) for reason in reasons)


def _sure(confidence: str) -> str:
    return CONFIDENCES.get(confidence, confidence)


def _summary(sheet: xlsx.Sheet, doc: Doc) -> None:
    candidate, share, referential = doc["candidate"], doc.get("share") or {}, doc["referential"]
    names = party_names(doc["parties"])
    lines: list[tuple[str, object, str | None]] = [
        ("Réponse", typo(doc["answer"]), None),
        ("Candidat", candidate["name"], None),
        ("Code ou FINESS", candidate["code"], None),
        ("Nature", KINDS.get(candidate["kind"], KINDS["ght"])[0], None),
        ("Région", candidate["region"]["name"], None),
        ("Établissement support", f"{candidate['support']['name']} ({candidate['support']['finess']})", None),
        ("Date de candidature", _day(candidate["application_on"]), None),
        ("Numéro eCaRE", candidate["ecare_number"], None),
        ("Date cible", _day(candidate["target_on"]), None),
        ("Confiance dans la date cible", _sure(candidate["target_confidence"]), None),
        ("État au", _day(doc["on"]), None),
        ("Objectifs atteints", doc["met"], None),
        ("Objectifs du référentiel", doc["rows_total"], None),
        ("Référentiel", typo(referential["title"]), None),
        ("Version du référentiel", referential["version"], None),
        ("Source", typo(referential["source"]), None),
    ]
    if share:
        lines += [
            ("D2.O1.C, état", STATES[share["state"]], None),
            ("D2.O1.C, part couverte", _number(share["share"]), "percent"),
            ("D2.O1.C, seuil", Decimal(share["threshold"]) / 100, "percent"),
            ("D2.O1.C, écart au seuil", _number(share["gap"]), "percent"),
            ("D2.O1.C, AC manquantes", ", ".join(names.get(key, key) for key in share["missing_ac"]), None),
            ("D2.O1.C, plus petit ensemble", ", ".join(names.get(key, key) for key in share["smallest_set"]), None),
            ("D2.O1.C, motifs", _reasons(share["reasons"]), None),
        ]
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 80)
    xlsx.write_cell(sheet, 0, 0, "Annexe du dossier de déclaration", "title")
    for row, (label, value, style) in enumerate(lines, start=2):
        xlsx.fit_row(sheet, row, (label, value), {1: 80})
        xlsx.write_cell(sheet, row, 0, label, "label")
        xlsx.write_cell(sheet, row, 1, value, None if value is None else style)


def _parties(sheet: xlsx.Sheet, doc: Doc) -> None:
    headers = [
        "FINESS", "Établissement", "Dans le périmètre", "Motif si non", "Activité combinée", "Année", "Source", "Confiance",
        "Part", "Compte pour O1.C", "Motifs",
    ]  # fmt: skip
    rows = (
        (
            party["finess"], party["name"], party["in_scope"], typo(party["out_reason"]), _number(party["ac"]),
            _year(party["ac_year"]), party["source"], _sure(party["confidence"]), _number(party["share"]),
            party["counts"] if party["in_scope"] else None, _reasons(party["reasons"]),
        )
        for party in doc["parties"]
    )  # fmt: skip
    xlsx.write_table(sheet, headers, rows, styles={8: "percent"})


def _year(year: int | None) -> str | None:
    """A year is a name, not a quantity: no thousands separator."""
    return None if year is None else str(year)


def _rows(sheet: xlsx.Sheet, doc: Doc) -> None:
    headers = [
        "Code", "Objectif", "Nature", "État", "Motifs", "Prochaine action", "Règle", "Pièces attendues", "Pièces jointes",
        "Source", "Version", "Confiance",
    ]  # fmt: skip
    rows = (
        (
            row["code"], typo(row["title"]), ROW_KINDS.get(row["kind"], row["kind"]), STATES[row["state"]],
            _reasons(row["reasons"]), typo(row["next_action"]), typo(row["rule"]),
            "\n".join(typo(item["label"]) for item in row["expected"]), len(row["pieces"]),
            row["source"], row["version"], _sure(row["confidence"]),
        )
        for row in doc["rows"]
    )  # fmt: skip
    xlsx.write_table(sheet, headers, rows)


def _party_rows(sheet: xlsx.Sheet, doc: Doc) -> None:
    """Every row for every party; a document frozen before rows had parties has none."""
    headers = ["Ligne", "Objectif", "FINESS", "Partie", "Dans le périmètre", "État", "Motifs", "À faire"]
    rows = (
        (
            row["code"], typo(row["title"]), party["finess"], party["name"], party["in_scope"], STATES[party["state"]],
            _reasons(party["reasons"]), "\n".join(typo(lack["action"]) for lack in party["lacking"] if lack["action"]),
        )
        for row in doc["rows"]
        for party in row.get("parties", ())
    )  # fmt: skip
    xlsx.write_table(sheet, headers, rows)


def _matrix(sheet: xlsx.Sheet, doc: Doc) -> None:
    """One line for each establishment and kind of perimeter, so that it can be filtered."""
    labels = {column["kind"]: column for column in doc["matrix"]["columns"]}
    headers = [
        "FINESS",
        "Établissement",
        "Type de périmètre",
        "A minima",
        "État",
        "BIA",
        "Plan",
        "Test",
        "Preuve",
        "Ce qui manque",
        "Périmètres",
    ]
    rows = (
        (
            line["finess"], line["name"], typo(labels[cell["kind"]]["label"]), labels[cell["kind"]]["minimal"],
            *(STATES[cell[key]] for key in ("state", "bia", "plan", "test", "proof")),
            typo(cell["label"]), ", ".join(cell["perimeters"]),
        )
        for line in doc["matrix"]["lines"]
        for cell in line["cells"]
        if cell["kind"] in labels
    )  # fmt: skip
    xlsx.write_table(sheet, headers, rows)


def _perimeters(sheet: xlsx.Sheet, doc: Doc) -> None:
    headers = [
        "FINESS", "Établissement", "Code", "Périmètre", "Type", "Existe", "Motif si non", "BIA", "Date du BIA", "Motif si BIA absent",
        "PCA", "Date du PCA", "PRA", "Date du PRA", "Version", "Instance ou signataire", "Dernier test", "Prochain test",
    ]  # fmt: skip
    rows = (
        (
            item["finess"], item["establishment"], item["code"], item["name"], typo(item["kind_label"]), item["exists"],
            typo(item["absence_reason"]), BIA[item["bia"]][1], _day(item["bia_on"]), typo(item["bia_reason"]),
            PLAN[item["pca"]][1], _day(item["pca_on"]), PLAN[item["pra"]][1], _day(item["pra_on"]),
            item["version"], item["approver"], _day(item["last_test_on"]), _day(item["next_test_on"]),
        )
        for item in doc["perimeters"]
    )  # fmt: skip
    xlsx.write_table(sheet, headers, rows)


def _pieces(sheet: xlsx.Sheet, doc: Doc) -> None:
    headers = [
        "Objectif", "Nom du fichier", "Nom dans l’archive", "Type", "Établissement", "Taille (octets)", "Approuvée le", "Prend effet le",
        "Reçue le (UTC)", "Expire le", "SHA-256",
    ]  # fmt: skip
    xlsx.write_table(sheet, headers, _piece_lines(doc))


def _piece_lines(doc: Doc) -> Iterator[tuple[object, ...]]:
    for row in doc["rows"]:
        labels = {item["key"]: item["label"] for item in row["expected"]}
        for piece in row["pieces"]:
            yield (
                row["code"], piece["filename"], piece["name"], labels.get(piece["document_type"], "Autre pièce"),
                piece["establishment"], piece["size"], _day(piece["approved_on"]), _day(piece["effective_on"]),
                _moment(piece["received_at"]), _day(piece["expires_on"]), piece["sha256"],
            )  # fmt: skip


def _moment(iso: str | None) -> date | None:
    return datetime.fromisoformat(iso) if iso and "T" in iso else _day(iso)
