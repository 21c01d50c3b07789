"""Perimeters with their BIA and plans: what is known on a day, and new versions of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from compliance.clock import end_of
from compliance.models.pcra import PcraVersion
from compliance.models.perimeter import Perimeter, PerimeterContact, PerimeterVersion
from compliance.rules import perimeter as rules
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from compliance.services.evidence import same_name
from tenants.context import current
from tenants.db import db, new_id
from tenants.models import LegalEntity

BIA_FIELDS = (
    "site_id", "name", "kind", "technical_kind", "present", "absence_reason", "department", "referent_function",
    "bia", "bia_on", "bia_reason",
)  # fmt: skip
PLAN_FIELDS = (
    "pca", "pca_on", "pra", "pra_on", "approver", "version", "shared_system", "degraded_modes_identical", "paper_copy", "paper_place",
    "printed_on", "last_test_on", "next_test_on", "evidence_file",
)  # fmt: skip

CURRENT = text(
    f"""SELECT p.id, p.establishment_id, p.code, le.finess, le.name AS establishment, s.finess AS site_finess, v.recorded_at, v.recorded_by,
              {", ".join(f"v.{name}" for name in BIA_FIELDS)}, {", ".join(f"c.{name}" for name in PLAN_FIELDS)}
         FROM perimeter p
         JOIN legal_entity le ON le.id = p.establishment_id
         JOIN LATERAL (SELECT * FROM perimeter_version v WHERE v.establishment_id = p.establishment_id AND v.perimeter_id = p.id
                          AND v.recorded_at < :until ORDER BY v.recorded_at DESC, v.id DESC LIMIT 1) v ON true
         JOIN LATERAL (SELECT * FROM pcra_version c WHERE c.establishment_id = p.establishment_id AND c.perimeter_id = p.id
                          AND c.recorded_at < :until ORDER BY c.recorded_at DESC, c.id DESC LIMIT 1) c ON true
         LEFT JOIN site s ON s.id = v.site_id
        WHERE p.establishment_id = ANY (:establishments) AND NOT v.withdrawn
        ORDER BY le.finess, p.code"""  # noqa: S608  # column names of ours
)

COVERED = text(
    """SELECT DISTINCT ON (c.establishment_id, c.owner_id) c.*, le.finess AS covered_finess, o.finess AS owner_finess
         FROM pcra_coverage c
         JOIN legal_entity le ON le.id = c.establishment_id
         JOIN legal_entity o ON o.id = c.owner_establishment_id
        WHERE c.establishment_id = ANY (:establishments) AND c.recorded_at < :until
        ORDER BY c.establishment_id, c.owner_id, c.recorded_at DESC, c.id DESC"""
)


@dataclass(frozen=True, kw_only=True)
class PerimeterRecord:
    """A perimeter as known on a day: one line of the list."""

    id: UUID
    establishment_id: UUID
    code: str
    finess: str
    establishment: str
    site_finess: str | None
    recorded_at: datetime
    recorded_by: UUID | None = None
    name: str
    kind: PerimeterKind
    technical_kind: str | None
    present: bool
    absence_reason: str
    department: str
    referent_function: str
    bia: BiaState
    bia_on: date | None
    bia_reason: str
    pca: PlanState
    pca_on: date | None
    pra: PlanState
    pra_on: date | None
    approver: str
    version: str
    shared_system: str
    degraded_modes_identical: bool | None
    paper_copy: bool | None
    paper_place: str
    printed_on: date | None
    last_test_on: date | None
    next_test_on: date | None
    evidence_file: str

    def fact(
        self, party: str, files: Collection[str], *, inherited_from: str = "", justification: str = ""
    ) -> rules.Perimeter:
        """Return what the rules judge, for a party: the one it belongs to, or one that a shared plan covers.

        `files` are the names of the pieces received, as `same_name` writes them: the proof that a workbook names counts
        when its file is there.
        """
        return rules.Perimeter(
            party=party,
            code=self.code,
            name=self.name,
            kind=self.kind,
            exists=self.present,
            absence_reason=self.absence_reason,
            bia=self.bia,
            bia_on=self.bia_on,
            bia_reason=self.bia_reason,
            pca=self.pca,
            pca_on=self.pca_on,
            pra=self.pra,
            pra_on=self.pra_on,
            last_test_on=self.last_test_on,
            next_test_on=self.next_test_on,
            inherited_from=inherited_from,
            justification=justification,
            proof=bool(self.evidence_file) and same_name(self.evidence_file) in files,
        )


def current_perimeters(establishments: Collection[UUID], on: date) -> list[PerimeterRecord]:
    """Return the perimeters of the establishments as known on a day (rows the scope cannot read are not there)."""
    rows = db.session.execute(CURRENT, {"establishments": list(establishments), "until": end_of(on)}).mappings()
    skipped = {"site_id"}
    return [
        PerimeterRecord(
            **{name: value for name, value in row.items() if name not in {*skipped, "kind", "bia", "pca", "pra"}},
            kind=PerimeterKind(row["kind"]),
            bia=BiaState(row["bia"]),
            pca=PlanState(row["pca"]),
            pra=PlanState(row["pra"]),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Coverage:
    """A shared plan of `owner_finess` that covers `covered_finess`, with the justification that the reviewer reads."""

    covered_finess: str
    owner_id: UUID
    owner_finess: str
    code: str
    name: str
    kind: PerimeterKind
    justification: str


def coverages(establishments: Collection[UUID], on: date) -> list[Coverage]:
    """Return the shared plans that cover the establishments on a day, withdrawn ones left out."""
    rows = db.session.execute(COVERED, {"establishments": list(establishments), "until": end_of(on)})
    return [
        Coverage(
            row.covered_finess,
            row.owner_id,
            row.owner_finess,
            row.perimeter_code,
            row.perimeter_name,
            PerimeterKind(row.kind),
            row.justification,
        )
        for row in rows
        if not row.withdrawn
    ]


def history(perimeter_id: UUID) -> list[dict[str, Any]]:
    """Return what was known of a perimeter after each writing of its BIA or of its plans, newest first."""
    found: dict[datetime, dict[str, Any]] = {}
    tables: tuple[tuple[type[PerimeterVersion | PcraVersion], tuple[str, ...]], ...] = (
        (PerimeterVersion, BIA_FIELDS),
        (PcraVersion, PLAN_FIELDS),
    )
    for model, fields in tables:
        for row in db.session.scalars(select(model).where(model.perimeter_id == perimeter_id)):
            written = {name: getattr(row, name) for name in ("recorded_at", "recorded_by", "import_id")}
            version = found.setdefault(written["recorded_at"], written)
            version |= {name: getattr(row, name) for name in fields}
    told: list[dict[str, Any]] = []
    known: dict[str, Any] = dict.fromkeys((*BIA_FIELDS, *PLAN_FIELDS))
    for moment in sorted(found):
        known = known | found[moment]
        told.insert(0, known)
    return told


@dataclass(frozen=True)
class PerimeterName:
    """Which perimeter an identifier is."""

    finess: str
    code: str


def named(perimeter_ids: Collection[UUID]) -> list[PerimeterName]:
    """Return the establishment and code of perimeters, those the scope may read."""
    query = (
        select(LegalEntity.finess, Perimeter.code)
        .join(LegalEntity, LegalEntity.id == Perimeter.establishment_id)
        .where(Perimeter.id.in_(perimeter_ids))
        .order_by(LegalEntity.finess, Perimeter.code)
    )
    return [PerimeterName(row.finess, row.code) for row in db.session.execute(query)]


def contacts(perimeter_id: UUID) -> list[str]:
    """Return the names kept apart for a perimeter: only its establishment reads them (table class `own`)."""
    query = (
        select(PerimeterContact)
        .where(PerimeterContact.perimeter_id == perimeter_id)
        .order_by(PerimeterContact.recorded_at, PerimeterContact.id)
    )
    latest = {contact.name: contact for contact in db.session.scalars(query)}
    return [name for name, contact in latest.items() if not contact.withdrawn]


def record_many(establishment_id: UUID, rows: Iterable[Mapping[str, Any]], import_id: UUID | None) -> dict[str, UUID]:
    """Append versions of perimeters of one establishment, inside `writing_as`; return the identifier of each code.

    Each row has `code`, the fields of BIA_FIELDS and PLAN_FIELDS, and maybe `referent_name` (kept in the class `own`).
    """
    rows = list(rows)
    ids = _identities(establishment_id, [row["code"] for row in rows])
    written = {"establishment_id": establishment_id, "recorded_by": current().user_id, "import_id": import_id}
    db.session.add_all(
        version
        for row in rows
        for version in (
            PerimeterVersion(perimeter_id=ids[row["code"]], **written, **{name: row[name] for name in BIA_FIELDS}),
            PcraVersion(perimeter_id=ids[row["code"]], **written, **{name: row[name] for name in PLAN_FIELDS}),
        )
    )
    db.session.flush()
    contacts = [
        {"id": new_id(), "perimeter_id": ids[row["code"]], "name": row["referent_name"], **written}
        for row in rows
        if row.get("referent_name")
    ]
    if contacts:
        # Without returning anything: who imports for the GHT may write a name and may not read one.
        db.session.execute(insert(PerimeterContact.__table__), contacts)  # type: ignore[arg-type]
    return ids


def _identities(establishment_id: UUID, codes: list[str]) -> dict[str, UUID]:
    known = dict(
        db.session.execute(
            select(Perimeter.code, Perimeter.id).where(
                Perimeter.establishment_id == establishment_id, Perimeter.code.in_(codes)
            )
        ).all()
    )
    missing = [
        Perimeter(establishment_id=establishment_id, code=code) for code in dict.fromkeys(codes) if code not in known
    ]
    db.session.add_all(missing)
    db.session.flush()
    return known | {perimeter.code: perimeter.id for perimeter in missing}


@dataclass(frozen=True)
class CoverageEntry:
    """A shared plan to record as covering, or no longer covering, another establishment of the same candidate."""

    owner_id: UUID
    perimeter_id: UUID
    covered_id: UUID
    justification: str
    withdrawn: bool = False


def record_coverages(entries: Iterable[CoverageEntry], import_id: UUID | None) -> None:
    """Record coverage rows through the checked function, in one statement."""
    rows = [{**asdict(entry), "id": new_id()} for entry in entries]
    if rows:
        db.session.flush()
        db.session.execute(
            text(
                "SELECT record_coverage(r.id, r.owner_id, r.perimeter_id, r.covered_id, r.justification, r.withdrawn, :import_id)"
                " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, owner_id uuid, perimeter_id uuid, covered_id uuid,"
                " justification text, withdrawn boolean)"
            ),
            {"rows": json.dumps(rows, default=str), "import_id": import_id},
        )
