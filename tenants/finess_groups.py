"""Groups of hospitals (GHT) and their members, from the FINESS+ flow or from a list in CSV.

In the FINESS+ flow a group (`gcc`) names its members by an internal identifier, `pmSmsseId`: the FINESS number comes
from the `pmej` array of the structure file when it is at hand, otherwise the member is matched by hand afterwards.
The published lists of the ARS name some members without a number: they are kept with their name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tenants.finess import FinessError, normalise
from tenants.finess_files import DirectoryError, Journal, Reading, encoding_of, label, load_json, records
from tenants.regions import agency_of_region

GHT_KIND = "001"
"""`typeGcc` of a GHT in the nomenclature TRE_R371 of the FINESS+ flow."""

Known = Callable[[str], bool]

_ROLES = ("S", "M")
_COLUMNS = {
    "code": ("code_ght", "code_ght_fictif"),
    "name": ("nom_ght", "nom_ght_fictif"),
    "region": ("region_code",),
    "finess": ("finess_ej", "finess_ej_rapproche"),
    "member": ("nom_deduit", "etablissement_source", "nom_etablissement"),
    "role": ("role",),
}


@dataclass(frozen=True)
class MemberRow:
    """A legal entity of a group: role S (établissement support) or M (member).

    At least one of `finess`, `smsse_id` and `name` is there.
    """

    finess: str | None
    smsse_id: str | None
    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A group: `code` is the official one (region code + number), or ours when `code_derived`.

    `region_code` is the INSEE code of the ARS. `active` and `updated_at` come from the FINESS+ flow; `kind` is its
    `typeGcc`. The line is the first one of the group, or its rank in the `gcc` array.
    """

    line: int
    code: str
    code_derived: bool
    name: str
    region_code: str
    kind: str
    active: bool
    updated_at: datetime | None
    members: tuple[MemberRow, ...]


def read_groups(path: Path, known: Known | None = None, structure: Path | None = None) -> Reading[GroupRow]:
    """Open a list of groups, FINESS+ JSON or CSV, and give its groups with their members.

    `structure` is a FINESS+ structure file whose `pmej` array gives the FINESS number of each `pmSmsseId`; the file
    itself is searched otherwise. `known` allows the repair of a lost zero, as in read_csv.

    Raises DirectoryError when the file is not one of the known forms.
    """
    encoding = encoding_of(path)
    journal = Journal()
    with path.open(encoding=encoding) as handle:
        head = handle.read(512).lstrip()
    if head.startswith(("{", "[")):
        document = load_json(path)
        entities = _entities(load_json(structure) if structure else document, journal)
        return Reading("gcc", journal, _from_json(path, document, entities, journal))
    return Reading("csv", journal, _from_csv(path, encoding, journal, known))


def _from_json(
    path: Path, document: dict[str, Any], entities: dict[str, tuple[str, str]], journal: Journal
) -> Iterator[GroupRow]:
    groups = document.get("gcc")
    if not isinstance(groups, list):
        raise DirectoryError(f"Le fichier « {path.name} » ne contient pas de tableau « gcc » (groupements) de FINESS+.")
    return _json_groups(groups, entities, journal)


def _json_groups(groups: list[Any], entities: dict[str, tuple[str, str]], journal: Journal) -> Iterator[GroupRow]:
    seen: dict[str, int] = {}
    homes: dict[str, str] = {}
    for rank, group in enumerate(groups, start=1):
        journal.lines += 1
        if not isinstance(group, dict):
            journal.note(rank, "gcc", group, "SHAPE", "Ce groupement n’est pas un objet JSON.", kept=False)
            continue
        code, name = _text(group, "gccIdentifiantExterne"), _text(group, "nomGcc")
        agency = agency_of_region(code[:2])
        if not name or agency is None:
            reason = (
                f"« {code} » ne commence pas par le code d’une région, ou le nom est vide : groupement laissé de côté."
            )
            journal.note(rank, "gccIdentifiantExterne", code, "NO_AGENCY", reason, kept=False)
            continue
        if code in seen:
            reason = f"Le groupement « {code} » figure déjà au rang {seen[code]} : celui-ci est laissé de côté."
            journal.note(rank, "gccIdentifiantExterne", code, "DUPLICATE", reason, kept=False)
            continue
        seen[code] = rank
        yield GroupRow(
            line=rank,
            code=code,
            code_derived=False,
            name=name,
            region_code=agency.code,
            kind=_text(group, "typeGcc"),
            active=_text(group, "etatObjet") != "I",
            updated_at=_moment(rank, _text(group, "dateDerniereMaj"), journal),
            members=_checked(rank, code, _json_members(rank, group, entities, journal), homes, journal),
        )


def _json_members(
    rank: int, group: dict[str, Any], entities: dict[str, tuple[str, str]], journal: Journal
) -> list[MemberRow]:
    sites = group.get("egeDuGcc") or []
    if sites:
        reason = "Les sites (EGE) rattachés directement au groupement ne sont pas repris : ses membres sont des EJ."
        journal.note(rank, "egeDuGcc", len(sites), "SITES", reason, kept=True)
    members = []
    for entry in group.get("pmejDuGcc") or []:
        smsse_id = _text(entry, "pmSmsseId") if isinstance(entry, dict) else ""
        if not smsse_id:
            journal.note(rank, "pmSmsseId", entry, "NO_MEMBER", "Un membre n’a pas d’identifiant.", kept=False)
            continue
        finess, name = entities.get(smsse_id, (None, ""))
        role = _role(rank, "typeRoleEntiteGroupe", _text(entry, "typeRoleEntiteGroupe"), journal)
        members.append(MemberRow(finess, smsse_id, name, role))
    return members


def _entities(document: dict[str, Any], journal: Journal) -> dict[str, tuple[str, str]]:
    """Index the `pmej` array of a structure file: pmSmsseId -> (FINESS EJ, name)."""
    found = {}
    for rank, entity in enumerate(document.get("pmej") or [], start=1):
        facts = entity.get("informationsGeneralesPMEJ") if isinstance(entity, dict) else None
        facts = facts if isinstance(facts, dict) else {}
        value = _text(facts, "numFinessPm")
        try:
            number = normalise(value).number
        except FinessError as error:
            journal.note(rank, "numFinessPm", value, error.code, str(error), kept=False)
            continue
        found[_text(facts, "pmSmsseId")] = (number, _text(facts, "denominationPm"))
    return found


@dataclass
class _Draft:
    line: int
    code: str
    derived: bool
    name: str
    region_code: str
    members: list[MemberRow] = field(default_factory=list)


def _from_csv(path: Path, encoding: str, journal: Journal, known: Known | None) -> Iterator[GroupRow]:
    rows = records(path, encoding)
    first_line, header = next(rows, (1, []))
    labels = [label(cell) for cell in header]
    at = {
        column: next((labels.index(synonym) for synonym in synonyms if synonym in labels), None)
        for column, synonyms in _COLUMNS.items()
    }
    absent = [_COLUMNS[column][0] for column in ("name", "region", "finess", "member", "role") if at[column] is None]
    if absent:
        raise DirectoryError(
            f"Le fichier « {path.name} » n’est pas une liste de GHT reconnue : il manque les colonnes "
            f"{', '.join(absent)} à la ligne {first_line}, séparées par des points-virgules."
        )
    return _csv_groups(rows, at, journal, known)


def _csv_groups(
    rows: Iterator[tuple[int, list[str]]], at: dict[str, int | None], journal: Journal, known: Known | None
) -> Iterator[GroupRow]:
    drafts: dict[str, _Draft] = {}
    for line, fields in rows:
        journal.lines += 1
        cell = {
            column: " ".join(fields[place].split()) if place is not None and place < len(fields) else ""
            for column, place in at.items()
        }
        agency = agency_of_region(cell["region"])
        if agency is None or not cell["name"]:
            reason = f"La région « {cell['region']} » n’a pas d’ARS, ou le nom du GHT est vide : ligne laissée de côté."
            journal.note(line, "region_code", cell["region"], "NO_AGENCY", reason, kept=False)
            continue
        code = cell["code"] or f"{agency.code}-{label(cell['name']).replace('_', '-').upper()}"
        member = _csv_member(line, cell, journal, known)
        if member is None:
            continue
        draft = drafts.setdefault(code, _Draft(line, code, not cell["code"], cell["name"], agency.code))
        draft.members.append(member)
    homes: dict[str, str] = {}
    for draft in drafts.values():
        yield GroupRow(
            line=draft.line,
            code=draft.code,
            code_derived=draft.derived,
            name=draft.name,
            region_code=draft.region_code,
            kind=GHT_KIND,
            active=True,
            updated_at=None,
            members=_checked(draft.line, draft.code, draft.members, homes, journal),
        )


def _csv_member(line: int, cell: dict[str, str], journal: Journal, known: Known | None) -> MemberRow | None:
    number = None
    if cell["finess"]:
        try:
            found = normalise(cell["finess"], known)
        except FinessError as error:
            reason = f"{error} Le membre est gardé avec son nom, sans numéro."
            journal.note(line, "finess_ej", cell["finess"], error.code, reason, kept=bool(cell["member"]))
        else:
            number = found.number
            if found.repaired:
                journal.repair(line, "finess_ej", cell["finess"], number)
    elif not cell["member"]:
        journal.note(line, "finess_ej", "", "NO_MEMBER", "La ligne n’a ni numéro ni nom de membre.", kept=False)
    if number is None and not cell["member"]:
        return None
    return MemberRow(number, None, cell["member"], _role(line, "role", cell["role"], journal))


def _role(line: int, column: str, value: str, journal: Journal) -> str:
    if value.upper() in _ROLES:
        return value.upper()
    reason = f"Le rôle « {value} » n’est ni S (support) ni M (membre) : le membre est gardé comme M."
    journal.note(line, column, value, "ROLE", reason, kept=True)
    return "M"


def _checked(
    line: int, code: str, members: list[MemberRow], homes: dict[str, str], journal: Journal
) -> tuple[MemberRow, ...]:
    supports = sum(member.role == "S" for member in members)
    if supports != 1:
        reason = (
            f"Le groupement a {supports or 'aucun'} établissement{'s' if supports > 1 else ''} support au lieu d’un."
        )
        journal.note(line, "role", supports, "SUPPORT", reason, kept=True)
    kept: list[MemberRow] = []
    for member in members:
        identity = member.finess or member.smsse_id
        if identity and any(identity in (other.finess, other.smsse_id) for other in kept):
            reason = f"« {identity} » est cité deux fois dans le groupement : la seconde mention est laissée de côté."
            journal.note(line, "membre", identity, "DUPLICATE", reason, kept=False)
            continue
        if identity and homes.setdefault(identity, code) != code:
            reason = f"« {identity} » est déjà membre du groupement « {homes[identity]} »."
            journal.note(line, "membre", identity, "TWO_GROUPS", reason, kept=True)
        kept.append(member)
    return tuple(kept)


def _moment(rank: int, value: str, journal: Journal) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        journal.note(rank, "dateDerniereMaj", value, "DATE", f"« {value} » n’est pas une date.", kept=True)
        return None


def _text(facts: dict[str, Any], key: str) -> str:
    value = facts.get(key)
    return "" if value is None else " ".join(str(value).split())
