"""The referential of a domain: its dates, its rows, their thresholds, windows and pieces, each with its source.

Files ship in `care_<domain>/<version>.toml` beside this module; a mounted folder of the same layout adds corrected or
newer versions without a change of code. The loader refuses whatever it does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.programme.codes import normalise_code
from compliance.programme.strict import ReferentialError, Table, read_toml
from compliance.rules.conditions import CONDITIONS, FACTS, IN_PHASE, LIMITS
from compliance.rules.milestone import add_months
from compliance.rules.requirement import NAMED, Limit, Piece, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

__all__ = [
    "Limit",
    "Piece",
    "ProgrammeDate",
    "Referential",
    "ReferentialError",
    "Row",
    "Version",
    "available",
    "load",
    "normalise_code",
]

_WHOLE = 100  # percent
SHIPPED = Path(__file__).resolve().parent
ROW_KINDS = frozenset({"document", "coverage", "test", "trajectory"})
SCOPES = frozenset({"every_party", "share"})
DATE_CONFIDENCES = frozenset(
    {"publiée", "jour non publié", "à confirmer", "estimée", "non connue", "propre au candidat", "saisie"}
)
ROW_CONFIDENCES = frozenset({"publiée", "relayée", "à confirmer"})
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:-[a-z0-9]+)*\Z")
_FOLDER = re.compile(r"care_([a-z][a-z0-9]*)\Z")


@dataclass(frozen=True)
class ProgrammeDate:
    """A date of the programme. `on` is None when nobody knows it, or when it is the candidate's own (`editable`).

    An estimate has `after` and `months`: it follows that other date by whole months. A date of the candidate's own falls
    between the dates `not_before` and `not_after` for every candidate, when the programme says so.
    """

    key: str
    label: str
    on: date | None
    confidence: str
    editable: bool
    note: str
    after: str = ""
    months: int = 0
    not_before: str = ""
    not_after: str = ""


@dataclass(frozen=True)
class Referential:
    """A version of the referential of one domain, as read from its file."""

    domain: str
    title: str
    version: str
    source: str
    note: str
    dates: tuple[ProgrammeDate, ...]
    rows: tuple[Row, ...]

    def row(self, code: str) -> Row:
        """Give a row by its exact code. Raises KeyError when there is none."""
        for row in self.rows:
            if row.code == code:
                return row
        raise KeyError(code)

    def find(self, text: str) -> Row:
        """Give a row by its code as people spell it. Raises ValueError with a French sentence."""
        code = normalise_code(text, self.domain)
        try:
            return self.row(code)
        except KeyError:
            message = f"« {code} » n’est pas une ligne du référentiel {self.domain}, version {self.version}"
            raise ValueError(message) from None

    def date_of(self, key: str) -> ProgrammeDate:
        """Give a date by its key. Raises KeyError when there is none."""
        for entry in self.dates:
            if entry.key == key:
                return entry
        raise KeyError(key)

    def with_dates(self, changes: Mapping[str, date]) -> Referential:
        """Give the same referential with dates entered by people; estimates that follow them move along.

        Raises KeyError for an unknown date and ValueError for one that is not editable.
        """
        for key in changes:
            if not self.date_of(key).editable:
                message = f"la date « {self.date_of(key).label} » est celle du texte : elle ne se modifie pas"
                raise ValueError(message)
        changed = (
            replace(entry, on=changes[entry.key], confidence="saisie", after="", months=0)
            if entry.key in changes
            else entry
            for entry in self.dates
        )
        return replace(self, dates=_estimated(changed))


@dataclass(frozen=True)
class Version:
    """A version of a referential that can be loaded; `shipped` says whether it came with Vigie or was mounted."""

    domain: str
    version: str
    path: Path
    shipped: bool


def available(folder: Path | None = None) -> tuple[Version, ...]:
    """List the versions shipped and those of a mounted folder, by domain then version.

    A mounted copy of a shipped file is ignored. Raises ReferentialError when a mounted file gives another content to
    a version that ships, since a dossier names its version, and when `folder` is not a folder.
    """
    found = {(entry.domain, entry.version): entry for entry in _scan(SHIPPED, shipped=True)}
    if folder is not None and not folder.is_dir():
        message = f"{folder} : ce n’est pas un dossier de référentiels"
        raise ReferentialError(message)
    for entry in _scan(folder, shipped=False) if folder is not None else ():
        known = found.setdefault((entry.domain, entry.version), entry)
        if known is not entry and known.path.read_bytes() != entry.path.read_bytes():
            message = (
                f"{entry.path.parent.name}/{entry.path.name} : cette version est livrée avec un autre contenu, "
                f"donner un autre nom au fichier et à la clé « version », par exemple {entry.version}-corrige1"
            )
            raise ReferentialError(message)
    return tuple(found[key] for key in sorted(found))


def load(domain: str, version: str | None = None, folder: Path | None = None) -> Referential:
    """Read a version of a domain's referential, the newest when `version` is None.

    Raises ReferentialError, in French, naming the file, the entry and the key at fault.
    """
    versions = [entry for entry in available(folder) if entry.domain == domain]
    chosen = [entry for entry in versions if version in (None, entry.version)]
    if not chosen:
        known = ", ".join(entry.version for entry in versions) or "aucune"
        message = f"référentiel {domain} : version {version or 'à jour'} introuvable (versions connues : {known})"
        raise ReferentialError(message)
    return read(chosen[-1].path)


def read(path: Path) -> Referential:
    """Read one file, whose name is its version and whose folder is its domain. Raises ReferentialError."""
    table = read_toml(path)
    domain, version = table.text("domain"), table.text("version")
    if version != path.stem or not _VERSION.match(version):
        table.fail("version", f"« {version} » doit être le nom du fichier, année-mois-jour, « {path.stem} »")
    if path.parent.name != f"care_{domain.lower()}":
        table.fail("domain", f"« {domain} » ne va pas avec le dossier « {path.parent.name} »")
    dates = _dates(table.tables("dates", "date", required=True))
    keys = frozenset(entry.key for entry in dates)
    tables = table.tables("rows", "ligne", required=True)
    known = frozenset(entry.key for entry in dates if entry.on is not None)
    rows = tuple(_row(entry, domain, version, keys, known) for entry in tables)
    _refuse_twice(tables, [row.code for row in rows], "code")
    title, source, note = table.text("title"), table.text("source"), table.text("note", default="")
    table.done()
    return Referential(domain, title, version, source, note, dates, rows)


def _scan(folder: Path, *, shipped: bool) -> Iterable[Version]:
    for path in sorted(folder.glob("care_*/*.toml")):
        match = _FOLDER.match(path.parent.name)
        if match:
            yield Version(match[1].upper(), path.stem, path, shipped)


def _dates(tables: tuple[Table, ...]) -> tuple[ProgrammeDate, ...]:
    dates: list[ProgrammeDate] = []
    for table in tables:
        entry = ProgrammeDate(
            key=table.key("key"),
            label=table.text("label"),
            on=table.day("on"),
            confidence=table.text("confidence", among=DATE_CONFIDENCES),
            editable=table.flag("editable", default=False),
            note=table.text("note", default=""),
            after=table.key("after", default=""),
            months=table.integer("months") or 0,
            not_before=table.key("not_before", default=""),
            not_after=table.key("not_after", default=""),
        )
        table.done()
        if entry.after and entry.after not in {known.key for known in dates}:
            table.fail("after", f"« {entry.after} » n’est pas une date écrite plus haut")
        if bool(entry.after) != bool(entry.months) or (entry.after and entry.on):
            table.fail("after", "« after » va avec « months », sans « on »")
        dates.append(entry)
    keys = [entry.key for entry in dates]
    for table, entry in zip(tables, dates, strict=True):
        for key, value in (("not_before", entry.not_before), ("not_after", entry.not_after)):
            if value and value not in keys:
                table.fail(key, f"« {value} » n’est pas une date de ce référentiel")
    _refuse_twice(tables, keys, "key")
    return _estimated(dates)


def _estimated(dates: Iterable[ProgrammeDate]) -> tuple[ProgrammeDate, ...]:
    """Compute the dates that follow another one, in the order of the file."""
    known: dict[str, ProgrammeDate] = {}
    for entry in dates:
        base = known[entry.after].on if entry.after else None
        on = add_months(base, entry.months) if base else (None if entry.after else entry.on)
        known[entry.key] = replace(entry, on=on)
    return tuple(known.values())


def _row(table: Table, domain: str, version: str, dates: frozenset[str], known: frozenset[str]) -> Row:
    code = table.text("code")
    try:
        canonical = normalise_code(code, domain)
    except ValueError as error:
        table.fail("code", str(error))
    if code != canonical:
        table.fail("code", f"« {code} » doit s’écrire {canonical}")
    pieces = table.tables("pieces", "pièce")
    limits = table.tables("limits", "limite")
    row = Row(
        code=code,
        title=table.text("title"),
        kind=table.text("kind", among=ROW_KINDS),
        rule=table.text("rule"),
        scope=table.text("scope", among=SCOPES),
        threshold=table.decimal("threshold"),
        window_from=table.key("window_from", default=""),
        window_to=table.key("window_to", default=""),
        only_ght=table.flag("only_ght", default=False),
        note=table.text("note", default=""),
        source=table.text("source"),
        version=table.text("version", default=version),
        confidence=table.text("confidence", among=ROW_CONFIDENCES),
        pieces=tuple(_piece(entry) for entry in pieces),
        limits=tuple(_limit(entry) for entry in limits),
        counts_by=table.key("counts_by", default=""),
        conditions=table.texts("conditions", among=frozenset(CONDITIONS)),
        to_read=table.texts("to_read"),
    )
    table.done()
    _refuse_twice(pieces, [piece.key for piece in row.pieces], "key")
    _refuse_twice(limits, [limit.key for limit in row.limits], "key")
    _check(table, row, dates)
    _check_conditions(table, row, known)
    return row


def _check_conditions(table: Table, row: Row, known: frozenset[str]) -> None:
    """Refuse a row without what its conditions read. `known` are the dates that have a day."""
    if row.window_from and row.window_from not in known:
        table.fail("window_from", f"« {row.window_from} » n’a pas de jour : une fenêtre commence à un jour connu")
    numbers = {limit.key for limit in row.limits}
    for name in (*row.conditions, row.counts_by):
        for key in LIMITS.get(name, ()):
            if key not in numbers:
                table.fail("limits", f"la condition « {name} » demande la limite « {key} »")
        if name in IN_PHASE and not row.window_from:
            table.fail("window_from", f"la condition « {name} » demande le premier jour de la phase")


def _check(table: Table, row: Row, dates: frozenset[str]) -> None:
    """Refuse what each key allows alone but not together."""
    for key, value in (("window_from", row.window_from), ("window_to", row.window_to)):
        if value and value not in dates:
            table.fail(key, f"« {value} » n’est pas une date de ce référentiel")
    if (row.scope == "share") != (row.threshold is not None):
        table.fail("threshold", 'un seuil va avec scope = "share", et l’inverse')
    if row.counts_by and row.counts_by not in CONDITIONS:
        table.fail("counts_by", f"« {row.counts_by} » n’est pas une condition connue")
    if (row.scope == "share") != bool(row.counts_by):
        table.fail("counts_by", 'la condition qui fait compter une partie va avec scope = "share", et l’inverse')
    if not (row.pieces or row.conditions or row.counts_by):
        table.fail("pieces", "une ligne demande au moins une pièce ou une condition")
    if row.threshold is not None and not 0 < row.threshold <= _WHOLE:
        table.fail("threshold", f"{row.threshold} n’est pas un pourcentage entre 0 et 100")


def _piece(table: Table) -> Piece:
    piece = Piece(
        key=table.key("key"),
        label=table.text("label"),
        required=table.flag("required", default=True),
        only_ght=table.flag("only_ght", default=False),
        only_if=table.text("only_if", default=""),
        when=table.key("when", default=""),
        one_of=table.key("one_of", default=""),
        note=table.text("note", default=""),
        dated=table.flag("dated", default=False),
        whole=table.flag("whole", default=False),
        types=table.texts("types"),
        held=table.key("held", default=""),
        named=table.text("named", default="", among=NAMED | {""}),
    )
    table.done()
    for key, value in (("when", piece.when), ("held", piece.held)):
        if value and value not in FACTS:
            table.fail(key, f"« {value} » n’est pas un fait connu")
    if piece.when and not piece.only_if:
        table.fail("when", "« when » va avec « only_if », qui le dit en français")
    return piece


def _limit(table: Table) -> Limit:
    key, label, unit = table.key("key"), table.text("label"), table.text("unit")
    value = table.decimal("value")
    if value is None:
        table.fail("value", "clé manquante")
    table.done()
    return Limit(key, label, value, unit)


def _refuse_twice(tables: tuple[Table, ...], values: list[str], key: str) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            tables[place].fail(key, f"« {value} » est déjà pris")
