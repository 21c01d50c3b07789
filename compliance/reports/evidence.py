"""Pieces as their pages tell them: every file received, its state in a word, the rows it serves under their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from uuid import UUID

from compliance.clock import PARIS
from compliance.models.evidence_entry import VALID
from compliance.programme.referential import Referential
from compliance.reports import xlsx
from compliance.rules.piece import PieceStatus, Use
from compliance.rules.requirement import Row as Asked
from compliance.rules.verdict import State
from compliance.services.evidence import same_name
from compliance.services.evidence_thread import Examination
from compliance.services.evidence_version import Version
from compliance.services.register import Row
from tenants.finess import is_valid

REPLACED = "replaced"
OTHER = "other"
OTHER_LABEL = "Autre pièce utile"
# What a list may be narrowed to, in the order in which somebody is awaited.
STATES: Mapping[str, str] = {
    "quarantined": "En quarantaine",
    "to_check": "À relire",
    "validated": "Relue",
    "set_aside": "Écartée",
    REPLACED: "Remplacée",
}


@dataclass(frozen=True)
class Served:
    """A row that a piece serves, and as what; `row` is None when the referential does not have it any more."""

    code: str
    kind: str
    label: str
    row: Asked | None


@dataclass(frozen=True)
class Line:
    """One file: its version, its state, what it serves, what its inspection found."""

    version: Version
    state: str
    serves: tuple[Served, ...]
    examined: Examination
    reason: str

    @property
    def word(self) -> str:
        """Its state in a word."""
        if self.state == REPLACED and self.version.status is PieceStatus.QUARANTINED:
            return f"{STATES['quarantined']}, remplacée"
        return STATES[self.state]

    @property
    def icon(self) -> State:
        """The state whose icon it bears."""
        return State.NOT_APPLICABLE if self.state == REPLACED else self.version.status.state

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know before trusting it: damage, an inspection that failed, macros, links, password."""
        examined = self.examined
        told = (
            (examined.damaged_at, "Son contenu a changé dans le stockage, ou s’y est perdu : redéposez-la."),
            (
                not examined.inspected_at and examined.abandoned,
                "Son analyse n’a pas abouti : Vigie réessaie chaque nuit.",
            ),
        )
        return (*(sentence for true, sentence in told if true), *examined.warnings)


@dataclass(frozen=True)
class Declared:
    """What the register of evidence says of whom a piece holds for: under which code, `whole` the GHT or these FINESS."""

    code: str
    whole: bool
    finess: tuple[str, ...]


def declared(version: Version, entries: Iterable[Row]) -> list[Declared]:
    """Say for whom the register declares a piece beyond its own establishment, under any of its names."""
    names = {same_name(each) for each in (version.filename, *version.former_names)}
    found = []
    for entry in entries:
        values = entry.values
        if values["status"] not in VALID or not values["file"] or same_name(values["file"]) not in names:
            continue
        whole = not is_valid(values["holder"])
        others = {values["holder"], *values["covered"]} - {version.finess}
        if whole or others:
            found.append(Declared(values["code"], whole, tuple(sorted(others))))
    return found


def domain_of(code: str) -> str:
    """The domain of a row: D2.O1.C, OBL.1."""
    return code.split(".", maxsplit=1)[0]


def lines(
    versions: Iterable[Version],
    referentials: Mapping[str, Referential],
    examined: Mapping[UUID, Examination],
    reasons: Mapping[UUID, str],
) -> list[Line]:
    """Tell files; `referentials` are by domain."""
    return [
        Line(
            each,
            state_of(each),
            tuple(served(use, referentials) for use in each.uses or (each.own,)),
            examined.get(each.id, Examination()),
            reasons.get(each.id, "") if not each.status.counts else "",
        )
        for each in versions
    ]


def state_of(version: Version) -> str:
    """The state of a file: replaced, when a later one takes its place; else what was said of it last."""
    if version.status is PieceStatus.QUARANTINED and version.replaced:
        return REPLACED  # somebody did what was asked: nobody is awaited
    put_away = not version.status.counts
    return version.status.value if put_away or version.counts else REPLACED


def served(use: Use, referentials: Mapping[str, Referential]) -> Served:
    """Name a row and a type of piece."""
    code, kind = use
    referential = referentials.get(domain_of(code))
    row = next((each for each in referential.rows if each.code == code), None) if referential else None
    label = next((piece.label for piece in row.pieces if piece.key == kind), OTHER_LABEL) if row else OTHER_LABEL
    return Served(code, kind, label, row)


def choices(referential: Referential) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every row with what it asks, for a list to choose from: (row, [(« code|type », label)])."""
    return [
        (
            f"{row.code}, {row.title}",
            [(f"{row.code}|{piece.key}", piece.label) for piece in row.pieces] + [(f"{row.code}|{OTHER}", OTHER_LABEL)],
        )
        for row in referential.rows
    ]


def read_choice(value: str, referential: Referential) -> Use | None:
    """Read « code|type » back; None for what the list does not offer."""
    offered = {key for _, entries in choices(referential) for key, _ in entries}
    code, _, kind = value.partition("|")
    return (code, kind) if value in offered else None


def tally(every: Sequence[Line]) -> Counter[str]:
    """How many files there are in each state."""
    return Counter(line.state for line in every)


def workbook(every: Sequence[Line], on: date) -> bytes:
    """The list as a workbook; what people typed stays text."""
    stream = BytesIO()
    created = datetime.combine(on, time(), PARIS)
    headers = (
        "Fichier", "Établissement", "FINESS", "Lignes", "Types de pièce", "État", "Motif", "Version", "Approuvée le", "Prend effet le",
        "Reçue le", "Expire le", "Vaut aussi pour", "Justification", "Remarques", "Taille (octets)", "SHA-256",
    )  # fmt: skip
    with xlsx.open_workbook(stream, created, "Pièces") as book:
        xlsx.write_table(book.add_worksheet("Pièces"), headers, (_cells(line) for line in every))
    return stream.getvalue()


def _cells(line: Line) -> tuple[object, ...]:
    found = line.version
    return (
        found.filename, found.establishment, found.finess, ", ".join(dict.fromkeys(each.code for each in line.serves)),
        ", ".join(dict.fromkeys(each.label for each in line.serves)), line.word, line.reason,
        f"{found.rank} sur {len(found.chain)}", found.approved_on, found.effective_on, found.received_at.astimezone(PARIS).date(),
        found.expires_on, "Toutes les parties" if found.whole else ", ".join(found.covers), found.covers_reason,
        " ".join(line.remarks), found.size, found.sha256,
    )  # fmt: skip
