"""Sheets and the database: what is stored under each business key, and how checked rows are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from compliance.models.register import PrivateRegister
from compliance.services import perimeter, register
from compliance.services.register import Entry, Undone, Version
from importers.base import Sheet
from importers.comparison import digest_of, key_digest
from importers.facts import Sealed, Values, Written
from importers.known import Known
from importers.registry import SHEETS
from importers.report import CHANGED, NEW, RowResult
from importers.scene import Scene
from importers.workbooks import bia_pcra_store
from importers.workbooks.bia_pcra import PARTIES, PERIMETERS


@dataclass
class Stored:
    """What is stored of some sheets, in the words of `Facts`."""

    existing: dict[str, Mapping[str, Values]] = field(default_factory=dict)
    written: dict[str, Mapping[str, Written]] = field(default_factory=dict)
    sealed: dict[str, Mapping[bytes, Sealed]] = field(default_factory=dict)


def stored(sheets: Sequence[Sheet], scene: Scene, *, dated: bool = False, sealed: bool = False) -> Stored:
    """Return what is stored of the sheets, a constant number of statements for each.

    `dated` also tells when each version was written: asked when the file says when it was produced. `sealed` tells the
    fingerprints of people whom the scope writes and does not read: an import needs them, an export does not.
    """
    found = Stored()
    for sheet in sheets:
        if sheet is PARTIES:
            found.existing[sheet.name] = bia_pcra_store.stored_parties(scene.candidate, scene.day)
        elif sheet is PERIMETERS:
            existing, written = bia_pcra_store.stored_perimeters(scene.candidate, scene.ids, scene.day)
            found.existing[sheet.name] = existing
            found.written[sheet.name] = written if dated else {}
        elif sheet.record is not None and register.may_read(sheet.record, scene.ids):
            _read(sheet, scene, found, dated=dated)
        elif sealed and sheet.record is not None and issubclass(sheet.record, PrivateRegister):
            found.sealed[sheet.name] = {
                key: Sealed(digest, Written(at, by)) for key, digest, at, by in register.sealed(sheet.record, scene.ids)
            }
    return found


def _read(sheet: Sheet, scene: Scene, found: Stored, *, dated: bool) -> None:
    assert sheet.record is not None  # noqa: S101  asked by the caller
    known, written = Known(sheet.fields), {}
    for version, values in in_order(sheet, register.current(sheet.record, scene.ids, scene.day)):
        key = f"{version.finess}/{version.key}"
        known.put(key, values)
        if dated:
            written[key] = Written(version.recorded_at, version.recorded_by)
    found.existing[sheet.name], found.written[sheet.name] = known, written


def in_order(sheet: Sheet, versions: Iterable[Version]) -> Iterator[tuple[Version, tuple[object, ...]]]:
    """Yield each version of a register with its values in the order of the fields of its sheet, its establishment among them."""
    assert sheet.record is not None  # noqa: S101  a version comes from a register
    names = register.fields(sheet.record)
    places = [names.index(name) if name in names else -1 for name in sheet.fields]
    for version in versions:
        yield version, tuple(version.values[place] if place >= 0 else version.finess for place in places)


def references(names: Iterable[str], scene: Scene, found: Stored) -> dict[str, dict[str, set[str]]]:
    """Return who has each code of the sheets that others refer to: from what is read already, or one statement each."""
    told: dict[str, dict[str, set[str]]] = {}
    for name in names:
        codes = told.setdefault(name, {})
        for code, finess in _codes(SHEETS[name], scene, found):
            codes.setdefault(code, set()).add(finess)
    return told


def _codes(sheet: Sheet, scene: Scene, found: Stored) -> Iterator[tuple[str, str]]:
    if sheet.name in found.existing:
        for key, values in found.existing[sheet.name].items():
            yield str(values[sheet.code]), key.partition("/")[0]
    elif sheet is PERIMETERS:
        existing, _ = bia_pcra_store.stored_perimeters(scene.candidate, scene.ids, scene.day)
        for values in existing.values():
            yield str(values["code"]), str(values["finess_ej"])
    elif sheet.record is not None:
        yield from register.codes(sheet.record, sheet.code, scene.ids)


def write(
    sheet: Sheet, rows: Iterable[RowResult], scene: Scene, owners: Mapping[str, UUID], import_id: UUID | None
) -> None:
    """Write the new and changed rows of a sheet while they are checked, each under its own establishment; no import: typed on a page.

    Every row is consumed, whatever its status. `owners` goes from FINESS EJ to identifier.
    """
    kept = (row for row in rows if row.status in (NEW, CHANGED))
    if sheet is PARTIES:
        bia_pcra_store.write_parties(kept, scene.candidate, import_id)
    elif sheet is PERIMETERS:
        bia_pcra_store.write_perimeters(kept, import_id)
    elif sheet.record is not None:
        private = issubclass(sheet.record, PrivateRegister)
        entries = (
            Entry(
                owners[row.finess],
                row.own_key,
                row.values,
                (key_digest(row.finess, row.own_key), digest_of(row.values, sheet.fields)) if private else None,
            )
            for row in kept
        )
        register.append(sheet.record, entries, import_id)


def tables(*, parties: bool) -> list[str]:
    """Return the tables that an import may have written, for taking it back; `parties` when they are not frozen."""
    registers = [register.table_of(sheet.record) for sheet in SHEETS.values() if sheet.record is not None]
    first = bia_pcra_store.PARTY_TABLES if parties else ()
    return [*first, *bia_pcra_store.PERIMETER_TABLES, *registers]


def told(done: Sequence[Undone]) -> dict[str, object]:
    """Say what taking back an import did: rows put back, and those left because somebody changed them since."""
    counted = [each for each in done if each.register not in _BESIDE]
    keys = [
        key
        for each in counted
        for key in each.kept_keys
        if each.register not in {"perimeter_version", "candidate_party"}
    ]
    ids = [UUID(key) for each in counted if each.register == "perimeter_version" for key in each.kept_keys]
    parties = [
        key.partition("/")[2] for each in counted if each.register == "candidate_party" for key in each.kept_keys
    ]
    codes = [f"{each.finess}/{each.code}" for each in perimeter.named(ids)]
    return {
        "undone": sum(each.undone for each in counted),
        "kept": sum(each.kept for each in counted),
        "kept_keys": [*parties, *codes, *keys],
    }


# Rows that go with those of another table: one row of the workbook is told once.
_BESIDE = {"pcra_version", "pcra_coverage", "perimeter_contact"}
