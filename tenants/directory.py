"""Loading the official directory into the shared tables, with the owner's connection (operator's work)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from tenants.db import new_id
from tenants.errors import NotFound
from tenants.finess_directory import EntityRow, read_csv
from tenants.finess_files import DirectoryError, Journal
from tenants.finess_groups import GroupRow, read_groups
from tenants.regions import AGENCIES

BATCH = 1000
T = TypeVar("T")

REGION = "INSERT INTO region (id, code, name) VALUES (:id, :code, :name) ON CONFLICT (code) DO UPDATE SET name = excluded.name"
ENTITY = """
INSERT INTO legal_entity (id, finess, name, region_id, source)
VALUES (:id, :finess, :name, (SELECT id FROM region WHERE code = :region), :source)
ON CONFLICT (finess) DO UPDATE SET name = CASE WHEN :deduced THEN legal_entity.name ELSE excluded.name END,
  region_id = excluded.region_id, source = excluded.source
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
# Membership is dated: who left keeps its past line, who joins gets a new one.
LEAVE = """
UPDATE ght_member SET valid_to = CAST(:today AS date) - 1
 WHERE ght_id = :ght AND valid_to IS NULL AND valid_from < :today
   AND NOT (coalesce(legal_entity_id::text, name), role) IN (SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:roles AS text[])))
"""
JOIN = """
INSERT INTO ght_member (id, ght_id, legal_entity_id, name, role, valid_from)
SELECT :id, :ght, :entity, :name, :role, :today WHERE NOT EXISTS (SELECT 1 FROM ght_member WHERE ght_id = :ght AND valid_to IS NULL
   AND role = :role AND coalesce(legal_entity_id::text, name) = :key)
"""


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def load_regions(connection: Connection) -> None:
    """Record the 18 regions and their ARS."""
    connection.execute(
        text(REGION), [{"id": new_id(), "code": agency.code, "name": agency.name} for agency in AGENCIES.values()]
    )


def load_entities(connection: Connection, rows: Iterable[EntityRow], source: str) -> int:
    """Record legal entities and sites, in batches; return how many lines were used."""
    count = 0
    for batch in _batches(rows):
        entities = {row.ej: row for row in batch if row.et is None or row.ej}
        connection.execute(
            text(ENTITY),
            [
                {
                    "id": new_id(),
                    "finess": row.ej,
                    "name": row.name,
                    "region": row.region_code,
                    "source": source,
                    # A line of a site only tells that its entity exists: the site's name is not the entity's.
                    "deduced": row.et is not None or row.name_deduced,
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


def load_groups(connection: Connection, rows: Iterable[GroupRow], source: str, today: date) -> list[str]:
    """Record GHT and their dated members; return what could not be tied to the directory, in French."""
    known = {row.finess: row.id for row in connection.execute(text("SELECT finess, id FROM legal_entity"))}
    by_smsse = {
        row.smsse_id: row.id
        for row in connection.execute(text("SELECT smsse_id, id FROM legal_entity WHERE smsse_id IS NOT NULL"))
    }
    remarks: list[str] = []
    for row in rows:
        values = {"id": new_id(), "code": row.code, "name": row.name, "region": row.region_code, "source": source}
        ght = connection.execute(text(GROUP), values).scalar_one()
        members: list[dict[str, Any]] = []
        for member in row.members:
            entity = known.get(member.finess or "") or by_smsse.get(member.smsse_id or "")
            if entity is None:
                remarks.append(
                    f"{row.name} : « {member.name or member.smsse_id} » n’est pas rattaché à une entité juridique connue."
                )
            name = member.name or f"pmSmsseId {member.smsse_id}"
            members.append(
                {
                    "id": new_id(),
                    "ght": ght,
                    "entity": entity,
                    "name": name,
                    "role": member.role,
                    "today": today,
                    "key": str(entity or name),
                }
            )
        leaving = {
            "ght": ght,
            "today": today,
            "keys": [m["key"] for m in members],
            "roles": [m["role"] for m in members],
        }
        connection.execute(text(LEAVE), leaving)
        if members:
            connection.execute(text(JOIN), members)
    return remarks


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
        remarks = load_groups(connection, groups, path.name, today)
        return "groups", groups.journal, remarks
    except DirectoryError:
        if path.suffix.lower() == ".json":
            raise
    entities = read_csv(path, known)
    load_entities(connection, entities, path.name)
    return "entities", entities.journal, []
