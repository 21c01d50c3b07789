"""Loading the official directory into the shared tables, with the owner's connection (operator's work)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, text

from tenants.db import new_id
from tenants.errors import NotFound
from tenants.finess_directory import EntityRow, read_csv
from tenants.finess_files import DirectoryError, Journal, Reading, encoding_of, label, records
from tenants.finess_groups import GHT_KIND, GroupRow, MemberRow, read_groups
from tenants.regions import AGENCIES

BATCH = 1000
T = TypeVar("T")

REGION = "INSERT INTO region (id, code, name) VALUES (:id, :code, :name) ON CONFLICT (code) DO UPDATE SET name = excluded.name"
# A name gives way to one at least as good, except to that of another site; a site does not move an entity better known.
ENTITY = """
INSERT INTO legal_entity (id, finess, name, name_rank, region_id, source)
VALUES (:id, :finess, :name, :rank, (SELECT id FROM region WHERE code = :region), :source)
ON CONFLICT (finess) DO UPDATE SET
  name = CASE WHEN excluded.name_rank > 0 AND excluded.name_rank >= legal_entity.name_rank THEN excluded.name ELSE legal_entity.name END,
  name_rank = greatest(excluded.name_rank, legal_entity.name_rank),
  region_id = CASE WHEN excluded.name_rank > 0 OR legal_entity.name_rank = 0 THEN excluded.region_id ELSE legal_entity.region_id END,
  source = CASE WHEN excluded.name_rank > 0 OR legal_entity.name_rank = 0 THEN excluded.source ELSE legal_entity.source END
"""
SITE = """
INSERT INTO site (id, finess, name, legal_entity_id, source)
VALUES (:id, :finess, :name, (SELECT id FROM legal_entity WHERE finess = :ej), :source)
ON CONFLICT (finess) DO UPDATE SET name = excluded.name, legal_entity_id = excluded.legal_entity_id, source = excluded.source
"""
GROUP = """
INSERT INTO ght (id, code, name, region_id, source) VALUES (:id, :code, :name, (SELECT id FROM region WHERE code = :region), :source)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, region_id = excluded.region_id, source = excluded.source
RETURNING id
"""
# A list of GHT names its members; their region is not always that of the GHT.
RENAME = "UPDATE legal_entity SET name = :name, name_rank = :rank WHERE id = :entity AND name_rank <= :rank"
# Membership is dated: who left keeps its past line, who joins gets a new one; what began today never was.
OPEN = """
SELECT m.id, m.ght_id, ght.name AS ght, m.legal_entity_id AS entity, m.name, m.role, m.valid_from
  FROM ght_member m JOIN ght ON ght.id = m.ght_id WHERE m.valid_to IS NULL
"""
UNDO = "DELETE FROM ght_member WHERE id = ANY (:ids)"
LEAVE = "UPDATE ght_member SET valid_to = CAST(:today AS date) - 1 WHERE id = ANY (:ids)"
JOIN = """
INSERT INTO ght_member (id, ght_id, legal_entity_id, name, role, valid_from) VALUES (:id, :ght, :entity, :name, :role, :today)
"""


class NameRank(IntEnum):
    """Where the name of a legal entity comes from, the best last."""

    SITE = 0  # one of its sites: better than nothing
    DEDUCED = 1  # deduced from its main site by an extract or a list
    OFFICIAL = 2  # as written by FINESS+ or in an official list of GHT


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def load_regions(connection: Connection) -> None:
    """Record the 18 regions and their ARS."""
    connection.execute(
        text(REGION), [{"id": new_id(), "code": agency.code, "name": agency.name} for agency in AGENCIES.values()]
    )


def _rank(row: EntityRow) -> NameRank:
    if row.et is not None:
        return NameRank.SITE
    return NameRank.DEDUCED if row.name_deduced else NameRank.OFFICIAL


def load_entities(connection: Connection, rows: Iterable[EntityRow], source: str) -> int:
    """Record legal entities and sites, in batches; return how many lines were used."""
    count = 0
    for batch in _batches(rows):
        entities: dict[str, EntityRow] = {}
        for row in batch:
            entities.setdefault(row.ej, row)
        connection.execute(
            text(ENTITY),
            [
                {
                    "id": new_id(),
                    "finess": row.ej,
                    "name": row.name,
                    "rank": _rank(row),
                    "region": row.region_code,
                    "source": source,
                }
                for row in entities.values()
            ],
        )
        sites = [
            {"id": new_id(), "finess": row.et, "name": row.name, "ej": row.ej, "source": source}
            for row in batch
            if row.et is not None
        ]
        if sites:
            connection.execute(text(SITE), sites)
        count += len(batch)
    return count


@dataclass(frozen=True)
class _Place:
    """A member in its GHT, as a list wants it from today on."""

    ght: UUID
    entity: UUID | None
    name: str
    role: str

    @property
    def key(self) -> tuple[UUID, str, str]:
        return self.ght, str(self.entity or self.name), self.role


def load_groups(
    connection: Connection,
    rows: Iterable[GroupRow],
    source: str,
    today: date,
    rank: NameRank = NameRank.OFFICIAL,
) -> list[str]:
    """Record GHT and their dated members; return what could not be tied to the directory and who moved, in French.

    `rank` tells what the names of the members are worth. An entity is in one GHT: a list that holds both
    moves it, every departure before the first arrival; a list that holds the new one alone does not. A numbered member
    that the directory lacks enters it.
    """
    remarks: list[str] = []
    ghts: dict[UUID, str] = {}
    places: list[_Place] = []
    homes: dict[UUID, UUID] = {}
    find = _finder(connection)
    for row in rows:
        if row.kind not in {"", GHT_KIND}:
            remarks.append(f"« {row.name} » n’est pas un GHT (type {row.kind}) : il est laissé de côté.")
            continue
        values = {"id": new_id(), "code": row.code, "name": row.name, "region": row.region_code, "source": source}
        ght = connection.execute(text(GROUP), values).scalar_one()
        ghts[ght] = row.name
        for member in row.members if row.active else ():
            name = member.name or f"pmSmsseId {member.smsse_id}"
            entity, remark = find(member, row, source, rank)
            if remark:
                remarks.append(remark)
            if entity and entity in homes:
                if homes[entity] != ght:
                    remarks.append(
                        f"« {name} » figure dans deux GHT de la liste : il est placé dans le "
                        f"{_called(ghts[homes[entity]])}, et non dans le {_called(row.name)}."
                    )
                continue
            if entity:
                homes[entity] = ght
            places.append(_Place(ght, entity, name, member.role))
            if entity and member.name:
                connection.execute(text(RENAME), {"entity": entity, "name": member.name, "rank": rank})
    return remarks + _settle(connection, ghts, {place.key: place for place in places}, today)


def _finder(connection: Connection) -> Callable[[MemberRow, GroupRow, str, NameRank], tuple[UUID | None, str]]:
    """Return a function that gives the entity of a member, entered in the directory if need be, and what to say of it."""
    known = {row.finess: row.id for row in connection.execute(text("SELECT finess, id FROM legal_entity"))}
    by_smsse = {
        row.smsse_id: row.id
        for row in connection.execute(text("SELECT smsse_id, id FROM legal_entity WHERE smsse_id IS NOT NULL"))
    }
    sites = set(connection.execute(text("SELECT finess FROM site")).scalars())

    def find(member: MemberRow, row: GroupRow, source: str, rank: NameRank) -> tuple[UUID | None, str]:
        number = member.finess or ""
        entity = known.get(number) or by_smsse.get(member.smsse_id or "")
        if entity:
            return entity, ""
        if not number or not member.name or number in sites:
            told = member.name or member.smsse_id
            return None, f"{row.name} : « {told} » n’est pas rattaché à une entité juridique connue."
        known[number] = new_id()
        values = {
            "id": known[number],
            "finess": number,
            "name": member.name,
            "rank": rank,
            "region": row.region_code,
            "source": source,
        }
        connection.execute(text(ENTITY), values)
        return (
            known[number],
            f"{row.name} : « {member.name} » ({number}) n’était pas dans l’annuaire, il y entre par cette liste.",
        )

    return find


def _settle(
    connection: Connection, ghts: dict[UUID, str], wanted: dict[tuple[UUID, str, str], _Place], today: date
) -> list[str]:
    """Close the memberships that the list ends, then open those that it begins; tell who goes from a GHT to another."""
    arriving = {place.entity: place for place in wanted.values() if place.entity}
    remarks: list[str] = []
    kept: set[tuple[UUID, str, str]] = set()
    refused: set[tuple[UUID, str, str]] = set()
    undone: list[UUID] = []
    closed: list[UUID] = []
    for held in connection.execute(text(OPEN)).all():
        key = (held.ght_id, str(held.entity or held.name), held.role)
        if key in wanted:
            kept.add(key)
            continue
        arrival = arriving.get(held.entity)
        if held.ght_id not in ghts:
            if arrival:
                # A list that does not know the former GHT cannot end its membership, nor open its rows to another GHT.
                refused.add(arrival.key)
                remarks.append(
                    f"« {arrival.name} » reste dans le {_called(held.ght)}, que cette liste ne contient pas : "
                    f"il n’entre pas dans le {_called(ghts[arrival.ght])}."
                )
            continue
        if arrival and arrival.ght != held.ght_id:
            remarks.append(f"« {arrival.name} » quitte le {_called(held.ght)} pour le {_called(ghts[arrival.ght])}.")
        (undone if held.valid_from >= today else closed).append(held.id)
    connection.execute(text(UNDO), {"ids": undone})
    connection.execute(text(LEAVE), {"ids": closed, "today": today})
    joining = [
        {
            "id": new_id(),
            "ght": place.ght,
            "entity": place.entity,
            "name": place.name,
            "role": place.role,
            "today": today,
        }
        for key, place in wanted.items()
        if key not in kept and key not in refused
    ]
    if joining:
        connection.execute(text(JOIN), joining)
    return remarks


def _called(name: str) -> str:
    return name if name.upper().startswith("GHT") else f"GHT {name}"


def match(connection: Connection, smsse_id: str, number: str) -> None:
    """Tie a `pmSmsseId` of FINESS+ to a legal entity by hand. Raises NotFound for a number that the directory lacks."""
    found = connection.execute(
        text("UPDATE legal_entity SET smsse_id = :smsse WHERE finess = :number RETURNING id"),
        {"smsse": smsse_id, "number": number},
    ).scalar()
    if found is None:
        raise NotFound(f"Le FINESS {number} n’est pas dans l’annuaire : importez d’abord les entités juridiques.")


def load_file(
    connection: Connection, path: Path, today: date, structure: Path | None = None
) -> tuple[str, Journal, list[str]]:
    """Load one extract, recognised by its content: groups (JSON, or CSV of members) or entities; return what was said of it.

    Raises DirectoryError with a French sentence when the file is damaged or of no known layout.
    """
    load_regions(connection)
    known = {
        row.finess for row in connection.execute(text("SELECT finess FROM legal_entity UNION SELECT finess FROM site"))
    }.__contains__
    try:
        groups = read_groups(path, known, structure)
        remarks = load_groups(connection, groups, path.name, today, _names(path, groups))
        return "groups", groups.journal, remarks
    except DirectoryError:
        if path.suffix.lower() == ".json":
            raise
    entities = read_csv(path, known)
    load_entities(connection, entities, path.name)
    return "entities", entities.journal, []


def _names(path: Path, groups: Reading[GroupRow]) -> NameRank:
    """Tell what the member names of a list are worth: a column `nom_deduit` says that they are no official ones."""
    if groups.layout == "gcc":
        return NameRank.OFFICIAL
    _, header = next(records(path, encoding_of(path)), (1, []))
    return NameRank.DEDUCED if "nom_deduit" in {label(cell) for cell in header} else NameRank.OFFICIAL
