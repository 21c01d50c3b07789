"""One row of a register: as it stands, as it was, what names it, taken away and brought back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from compliance.models.register import PrivateRegister, Register
from compliance.services.register import Version, as_version, columns_in, fields, table_of
from tenants.context import current
from tenants.db import db, new_id, writing_as


@dataclass(frozen=True)
class Found:
    """The row that a version belongs to: `last` is its newest version, gone when `withdrawn`."""

    establishment_id: UUID
    withdrawn: bool
    last: Version


def find(model: type[Register], version_id: UUID) -> Found | None:
    """Return the row that a version is of, as it stands now; None when no version of the scope has this identifier."""
    found = db.session.execute(
        text(
            f"""SELECT t.establishment_id, t.withdrawn, {_shown(model)}
                  FROM {table_of(model)} t JOIN legal_entity le ON le.id = t.establishment_id
                 WHERE (t.establishment_id, t.key) = (SELECT v.establishment_id, v.key FROM {table_of(model)} v WHERE v.id = :id)
                 ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1"""  # noqa: S608  # names of ours
        ),
        {"id": version_id},
    ).one_or_none()
    return Found(found[0], found[1], as_version(*found[2:])) if found else None


def at(model: type[Register], establishment_id: UUID, key: str) -> Found | None:
    """Return the row of a key in an establishment; None when it never was, or is not the scope's to read."""
    found = db.session.scalar(
        text(
            f"SELECT t.id FROM {table_of(model)} t WHERE t.establishment_id = :establishment AND t.key = :key"  # noqa: S608
            " ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1"
        ),
        {"establishment": establishment_id, "key": key},
    )
    return find(model, found) if found else None


def version(model: type[Register], version_id: UUID, establishment_id: UUID, key: str) -> Version | None:
    """Return one version of a row; None when it is not of this row."""
    found = db.session.execute(
        text(
            f"SELECT {_shown(model)} FROM {table_of(model)} t JOIN legal_entity le ON le.id = t.establishment_id"  # noqa: S608
            " WHERE t.id = :id AND t.establishment_id = :establishment AND t.key = :key"
        ),
        {"id": version_id, "establishment": establishment_id, "key": key},
    ).one_or_none()
    return as_version(*found) if found else None


@dataclass(frozen=True)
class Past:
    """One version of a row: what it was, and whether it was the row being taken away."""

    version: Version
    withdrawn: bool
    imported: bool


def history(model: type[Register], establishment_id: UUID, key: str, *, most: int = 200) -> list[Past]:
    """Return the versions of a row, newest first, at most `most` of them."""
    found = db.session.execute(
        text(
            f"""SELECT t.withdrawn, t.import_id IS NOT NULL, {_shown(model)}
                  FROM {table_of(model)} t JOIN legal_entity le ON le.id = t.establishment_id
                 WHERE t.establishment_id = :establishment AND t.key = :key
                 ORDER BY t.recorded_at DESC, t.id DESC LIMIT :most"""  # noqa: S608  # names of ours
        ),
        {"establishment": establishment_id, "key": key, "most": most},
    )
    return [Past(as_version(*row[2:]), row[0], row[1]) for row in found]


def repeat(model: type[Register], establishment_id: UUID, version_id: UUID, *, withdrawn: bool) -> None:
    """Write a version again, as the row being taken away or brought back; the others stay."""
    names = fields(model)
    digests = ("key_digest", "digest") if issubclass(model, PrivateRegister) else ()
    kept = ", ".join(("establishment_id", "key", *names, *digests))
    with writing_as(establishment_id):
        db.session.execute(
            text(
                f"INSERT INTO {table_of(model)} (id, {kept}, withdrawn, recorded_by)"  # noqa: S608  # names of ours
                f" SELECT :id, {kept}, :withdrawn, :user FROM {table_of(model)} WHERE id = :version"
            ),
            {"id": new_id(), "user": current().user_id, "version": version_id, "withdrawn": withdrawn},
        )


def last_number(model: type[Register], establishments: Collection[UUID], prefix: str) -> int:
    """Return the largest n of the keys « prefix / n » that ever were, 0 when there is none: what comes next is free."""
    found = db.session.scalar(
        text(
            f"""SELECT max(CAST(substr(t.key, length(:prefix) + 4) AS integer)) FROM {table_of(model)} t
                 WHERE t.establishment_id = ANY (:establishments) AND starts_with(t.key, :prefix || ' / ')
                   AND substr(t.key, length(:prefix) + 4) ~ '^[0-9]{{1,6}}$'"""  # noqa: S608  # names of ours
        ),
        {"establishments": list(establishments), "prefix": prefix},
    )
    return int(found or 0)


def naming(
    columns: Sequence[tuple[type[Register], str]], establishment_id: UUID, code: str
) -> list[list[tuple[UUID, str]]]:
    """Return, for each column of a register that names codes, the current rows (version, key) that name this one, in one statement."""
    parts = [
        f"""SELECT {place} AS place, c.id, c.key
              FROM (SELECT DISTINCT ON (t.key) t.* FROM {table_of(model)} t WHERE t.establishment_id = :establishment
                     ORDER BY t.key, t.recorded_at DESC, t.id DESC) c
             WHERE NOT c.withdrawn AND :code = {f"ANY (c.{name})" if columns_in(model)[name].type.python_type is list else f"c.{name}"}"""  # noqa: S608  # names of ours
        for place, (model, name) in enumerate(columns)
    ]
    told: list[list[tuple[UUID, str]]] = [[] for _ in columns]
    if parts:
        statement = text(f"{' UNION ALL '.join(parts)} ORDER BY place, key")
        for place, row_id, key in db.session.execute(statement, {"establishment": establishment_id, "code": code}):
            told[place].append((row_id, key))
    return told


def _shown(model: type[Register]) -> str:
    return f"t.id, le.finess, t.key, t.recorded_at, t.recorded_by, {', '.join(f't.{name}' for name in fields(model))}"
