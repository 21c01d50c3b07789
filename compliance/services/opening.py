"""« Dossier zéro »: the operator opens a declaration for every known candidate, so that who has not begun is counted too.

Works on the owner's connection: one candidate per GHT of the directory, under its support, and one per legal entity outside a
GHT that a list names. Twice is once; what somebody opened meanwhile stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from tenants.db import new_id
from tenants.errors import Invalid, NotFound
from tenants.finess import FinessError, normalise

_GHTS = text(
    """SELECT g.id AS ght_id, g.name, g.region_id, s.legal_entity_id AS establishment_id
         FROM ght g LEFT JOIN LATERAL (
              SELECT m.legal_entity_id FROM ght_member m
               WHERE m.ght_id = g.id AND m.role = 'S' AND m.legal_entity_id IS NOT NULL
                 AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())
               ORDER BY m.valid_from DESC LIMIT 1) s ON true
        WHERE (CAST(:region AS uuid) IS NULL OR g.region_id = :region) ORDER BY g.code"""
)
_ENTITIES = text(
    """SELECT e.finess, e.id AS establishment_id, e.name, e.region_id, NULL::uuid AS ght_id, g.name AS ght
         FROM legal_entity e
         LEFT JOIN ght_member m ON m.legal_entity_id = e.id
              AND m.valid_from <= paris_today() AND (m.valid_to IS NULL OR m.valid_to >= paris_today())
         LEFT JOIN ght g ON g.id = m.ght_id
        WHERE e.finess = ANY (:numbers) ORDER BY e.finess"""
)
_OPEN = text(
    """INSERT INTO candidate (id, establishment_id, domain, ght_id, region_id, name)
       VALUES (:id, :establishment_id, :domain, :ght_id, :region_id, :name)
       ON CONFLICT (establishment_id, domain) DO NOTHING"""
)
_TOLD = text("SELECT audit_append(:id, :establishment_id, 'candidate.opened', CAST(:detail AS jsonb))")


@dataclass(frozen=True)
class Opening:
    """What opening did: candidates opened, of which GHT and entities outside a GHT, those that were open, GHT left aside."""

    ghts: int
    alone: int
    already: int
    without_support: tuple[str, ...]


def open_known(connection: Connection, domain: str, region: str = "", numbers: Sequence[str] = ()) -> Opening:
    """Open every candidate that is not open yet: the GHT of the directory (of one region), and the entities of a list.

    Raises NotFound for an unknown region, Invalid naming the numbers of the list that are no legal entity outside a GHT: nothing
    is opened then.
    """
    alone = _entities(connection, numbers)
    region_id = None
    if region:
        region_id = connection.execute(text("SELECT id FROM region WHERE code = :code"), {"code": region}).scalar()
        if region_id is None:
            raise NotFound(f"La région « {region} » est inconnue : donnez son code (INSEE).")
    ghts = connection.execute(_GHTS, {"region": region_id}).all()
    supported = [row for row in ghts if row.establishment_id is not None]
    opened = [sum(_open(connection, domain, row) for row in rows) for rows in (supported, alone)]
    return Opening(
        ghts=opened[0],
        alone=opened[1],
        already=len(supported) + len(alone) - sum(opened),
        without_support=tuple(row.name for row in ghts if row.establishment_id is None),
    )


def _entities(connection: Connection, numbers: Sequence[str]) -> list[Row[Any]]:
    """Find the entities of a list. Raises Invalid naming every number that cannot be opened."""
    wanted, refused = {}, []
    for number in numbers:
        try:
            wanted[normalise(number).number] = number
        except FinessError as error:
            refused.append(f"« {number} » ({error})")
    found = {row.finess: row for row in connection.execute(_ENTITIES, {"numbers": list(wanted)})}
    refused += [f"{number} (inconnu de l’annuaire des entités juridiques)" for number in wanted if number not in found]
    refused += [f"{row.finess} (sa candidature est celle du {row.ght})" for row in found.values() if row.ght]
    if refused:
        count = f"{len(refused)} numéros de la liste" if len(refused) > 1 else "Un numéro de la liste"
        raise Invalid(f"{count} ne désigne pas une entité hors GHT : {' ; '.join(refused)}. Rien n’a été ouvert.")
    return list(found.values())


def _open(connection: Connection, domain: str, row: Row[Any]) -> bool:
    values = {name: getattr(row, name) for name in ("establishment_id", "ght_id", "region_id", "name")}
    if not connection.execute(_OPEN, {"id": new_id(), "domain": domain, **values}).rowcount:
        return False
    detail = json.dumps({"domain": domain, "by": "operator"})
    connection.execute(_TOLD, {"id": new_id(), "establishment_id": row.establishment_id, "detail": detail})
    return True
