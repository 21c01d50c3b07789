"""Registers: what is known of them on a day, and new versions written in bulk.

Whatever the number of rows, reading is one statement and writing is one COPY and one INSERT per establishment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Column, func, inspect, select, text

from compliance.clock import end_of
from compliance.models.register import PrivateRegister, Register
from tenants.context import current as current_context
from tenants.db import db, new_id, writing_as

_OWN = {"id", "establishment_id", "withdrawn", "recorded_at", "recorded_by", "import_id", "undoes"}
# How a value comes back from JSON, where it is not as it was.
_READ: dict[type, Callable[[str], Any]] = {date: date.fromisoformat, Decimal: Decimal}
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Version:
    """The current version of a key. `values` are in the order of `fields(model)`."""

    finess: str
    key: str
    recorded_at: datetime
    recorded_by: UUID | None
    values: tuple[object, ...]
    id: UUID


@dataclass(frozen=True, slots=True)
class Row:
    """Some columns of a current version, by name."""

    establishment_id: UUID
    finess: str
    values: Mapping[str, Any]
    id: UUID  # of the version: what an address names a row by
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A version to write. `digests` are those of the key and of the values, for a register of people."""

    establishment_id: UUID
    key: str
    values: Mapping[str, object]
    digests: tuple[bytes, bytes] | None = None


def table_of(model: type[Register]) -> str:
    """Return the name of the table of a register."""
    return str(inspect(model).local_table)


def columns_in(model: type[Register]) -> dict[str, Column[Any]]:
    """Return the columns of the table of a register, by name."""
    return dict(inspect(model).columns)


def fields(model: type[Register]) -> tuple[str, ...]:
    """Return the columns of a register that are data, in the order of the model."""
    left_out = {*_OWN, "key", "key_digest", "digest"}
    return tuple(name for name in columns_in(model) if name not in left_out)


def current(model: type[Register], establishments: Collection[UUID], on: date) -> Iterator[Version]:
    """Yield the current versions known at the end of a day, in the order of FINESS and key (one statement, streamed)."""
    names = fields(model)
    statement = text(
        f"""SELECT c.id, le.finess, c.key, c.recorded_at, c.recorded_by, {", ".join(f"c.{name}" for name in names)}
              FROM (SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM {table_of(model)} t
                     WHERE t.establishment_id = ANY (:establishments) AND t.recorded_at < :until
                     ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c
              JOIN legal_entity le ON le.id = c.establishment_id
             WHERE NOT c.withdrawn ORDER BY le.finess, c.key"""  # noqa: S608  # names of ours
    ).execution_options(yield_per=_BATCH)
    found = db.session.execute(statement, {"establishments": list(establishments), "until": end_of(on)})
    for row in found:
        yield as_version(*row)


def as_version(row_id: UUID, finess: str, key: str, at: datetime, by: UUID | None, *values: object) -> Version:
    """Return a version from what a statement gives of it, in the order of `fields`."""
    kept = tuple(tuple(each) if isinstance(each, list) else each for each in values)
    return Version(finess, key, at, by, kept, row_id)


def columns_of(
    wanted: Mapping[type[Register], Sequence[str]], establishments: Collection[UUID], known: date
) -> dict[type[Register], list[Row]]:
    """Return some columns of the current versions of several registers known at the end of a day, in one statement.

    Rows are in the order of FINESS and key. Decimals pass as text: JSON would not keep them exactly.
    """
    parts = []
    for place, (model, names) in enumerate(wanted.items()):
        exact = [columns_in(model)[name].type.python_type is Decimal for name in names]
        columns = ", ".join(f"c.{name}{'::text' * is_exact}" for name, is_exact in zip(names, exact, strict=True))
        parts.append(
            f"""SELECT {place} AS place, c.id, c.establishment_id, c.recorded_at, c.key, jsonb_build_array({columns}) AS data
                  FROM (SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM {table_of(model)} t
                         WHERE t.establishment_id = ANY (:establishments) AND t.recorded_at < :until
                         ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c
                 WHERE NOT c.withdrawn"""  # noqa: S608  # names of ours
        )
    statement = text(
        f"SELECT r.place, r.id, r.establishment_id, r.recorded_at, r.data, le.finess FROM ({' UNION ALL '.join(parts)}) r"  # noqa: S608
        " JOIN legal_entity le ON le.id = r.establishment_id ORDER BY r.place, le.finess, r.key"
    )
    found = db.session.execute(statement, {"establishments": list(establishments), "until": end_of(known)})
    models = list(wanted)
    read = [[_READ.get(columns_in(model)[name].type.python_type) for name in wanted[model]] for model in models]
    told: dict[type[Register], list[Row]] = {model: [] for model in models}
    for place, row_id, establishment_id, at, data, finess in found:
        model = models[place]
        values = [
            of_text(value) if of_text and value else value for value, of_text in zip(data, read[place], strict=True)
        ]
        told[model].append(Row(establishment_id, finess, dict(zip(wanted[model], values, strict=True)), row_id, at))
    return told


def codes(model: type[Register], column: str, establishments: Collection[UUID]) -> Iterator[tuple[str, str]]:
    """Yield (code, FINESS EJ) of what other registers refer to."""
    statement = text(
        f"""SELECT c.code, le.finess FROM (
              SELECT DISTINCT ON (t.establishment_id, t.key) t.establishment_id, t.{column} AS code, t.withdrawn
                FROM {table_of(model)} t WHERE t.establishment_id = ANY (:establishments)
               ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c
              JOIN legal_entity le ON le.id = c.establishment_id WHERE NOT c.withdrawn"""  # noqa: S608  # names of ours
    )
    found = db.session.execute(statement, {"establishments": list(establishments)})
    yield from ((row.code, row.finess) for row in found)


def counts(model: type[Register]) -> dict[UUID, int]:
    """Return how many rows each readable establishment has, of a register of people too: a number is not a name."""
    found = db.session.execute(
        text("SELECT establishment_id, rows FROM register_counts(:table)"), {"table": table_of(model)}
    )
    return {row.establishment_id: row.rows for row in found}


def sealed(
    model: type[PrivateRegister], establishments: Collection[UUID]
) -> Iterator[tuple[bytes, bytes, datetime, UUID | None]]:
    """Yield (digest of the key, digest of the values, when, by whom) of people the scope may write and not read."""
    statement = text("SELECT * FROM sealed_rows(:table, :establishments)").execution_options(yield_per=_BATCH)
    found = db.session.execute(statement, {"table": table_of(model), "establishments": list(establishments)})
    for key, digest, at, by in found:
        yield bytes(key), bytes(digest), at, by


def may_read(model: type[Register], establishments: Collection[UUID]) -> bool:
    """Tell whether the scope reads the rows of these establishments: those of people stay in their own."""
    if not issubclass(model, PrivateRegister):
        return True
    own = db.session.scalar(select(func.own_establishments()))
    return set(establishments) <= set(own or ())


def append(model: type[Register], entries: Iterable[Entry], import_id: UUID | None) -> int:
    """Write new versions in the open transaction, each under its own establishment; return how many.

    `entries` may be a generator: it is consumed while the rows are copied, and must not use the session. Nothing of it is
    kept when it raises.
    """
    table, names = table_of(model), fields(model)
    digests = ("key_digest", "digest") if issubclass(model, PrivateRegister) else ()
    columns = ", ".join(("id", "establishment_id", "key", *names, *digests))
    incoming = f"incoming_{table}"
    db.session.flush()
    shape = f"SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608  # names of ours
    db.session.execute(text(f"CREATE TEMP TABLE {incoming} ON COMMIT DROP AS {shape}"))
    count, owners = 0, dict[UUID, None]()
    connection: Any = db.session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)  # noqa: S101  # the only driver we have
    lists = _lists(model)
    with connection.cursor() as cursor, cursor.copy(f"COPY {incoming} ({columns}) FROM STDIN") as copy:
        for entry in entries:
            count += 1
            owners[entry.establishment_id] = None
            values = [entry.values.get(name) for name in names]
            for place in lists:
                values[place] = list(values[place] or ())  # type: ignore[call-overload]  # a tuple, by the specification
            copy.write_row((new_id(), entry.establishment_id, entry.key, *values, *(entry.digests or ())))
    for owner in owners:
        with writing_as(owner):
            db.session.execute(
                text(
                    f"INSERT INTO {table} ({columns}, recorded_by, import_id)"  # noqa: S608  # names of ours
                    f" SELECT {columns}, :user, :import_id FROM {incoming} WHERE establishment_id = :owner"
                ),
                {"user": current_context().user_id, "import_id": import_id, "owner": owner},
            )
    db.session.execute(text(f"DROP TABLE {incoming}"))
    return count


def _lists(model: type[Register]) -> list[int]:
    columns = columns_in(model)
    return [place for place, name in enumerate(fields(model)) if columns[name].type.python_type is list]


@dataclass(frozen=True)
class Undone:
    """What taking back an import did to one register."""

    register: str
    undone: int
    kept: int  # rows changed since by somebody: left as they are
    kept_keys: tuple[str, ...]  # never those of people


def undo(tables: Collection[str], establishments: Collection[UUID], import_id: UUID) -> list[Undone]:
    """Put back what an import changed, in one statement: rows changed since are left and told."""
    found = db.session.execute(
        text("SELECT * FROM undo_import(:tables, :establishments, :import_id)"),
        {"tables": list(tables), "establishments": list(establishments), "import_id": import_id},
    )
    return [Undone(row.register, row.undone, row.kept, tuple(row.kept_keys)) for row in found]


# --- lists -------------------------------------------------------------------------------------------------------

# What a letter typed in a search box may stand for; the database may not know the capital of an accented letter.
_LIKE = {"a": "àâäáãå", "c": "ç", "e": "éèêë", "i": "îïíì", "n": "ñ", "o": "ôöóòõ", "u": "ùûüú", "y": "ÿý", "'": "’"}
_PLAIN = {each: plain for plain, letters in _LIKE.items() for each in letters}


@dataclass(frozen=True)
class Where:
    """Which rows of a register a list shows; everything, unless something is asked.

    `choices` goes from each column that holds one of a list to the values whose label holds the text searched: people
    search what they read. `known` goes from a column that names a code to the codes that exist: rows that name another
    one are wanted.
    """

    search: str = ""
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    unsearched: Collection[str] = ()  # columns that the person may not read
    withdrawn: bool = False  # the rows taken away, instead of those that count


def page(
    model: type[Register],
    establishments: Collection[UUID],
    on: date,
    where: Where | None = None,
    *,
    limit: int,
    offset: int = 0,
) -> list[Version]:
    """Return some of the current versions known at the end of a day, in the order of FINESS and key (one statement)."""
    names = fields(model)
    statement, arguments = _listed(
        model,
        f"c.id, le.finess, c.key, c.recorded_at, c.recorded_by, {', '.join(f'c.{name}' for name in names)}",
        where or Where(),
    )
    found = db.session.execute(
        text(f"{statement} ORDER BY le.finess, c.key LIMIT :limit OFFSET :offset"),
        {**arguments, "establishments": list(establishments), "until": end_of(on), "limit": limit, "offset": offset},
    )
    return [as_version(*row) for row in found]


def total(model: type[Register], establishments: Collection[UUID], on: date, where: Where | None = None) -> int:
    """Return how many rows a list has, all pages together."""
    statement, arguments = _listed(model, "count(*)", where or Where())
    found = db.session.scalar(
        text(statement), {**arguments, "establishments": list(establishments), "until": end_of(on)}
    )
    return int(found or 0)


def _listed(model: type[Register], selected: str, where: Where) -> tuple[str, dict[str, Any]]:
    conditions, arguments = ["c.withdrawn" if where.withdrawn else "NOT c.withdrawn"], dict[str, Any]()
    if where.search:
        found = [f"{_words(model, {*where.choices, *where.unsearched})} ~ :search"]
        found += [f"c.{name} = ANY (:choices_{name})" for name in where.choices]
        conditions.append(f"({' OR '.join(found)})")
        arguments |= {f"choices_{name}": list(values) for name, values in where.choices.items()}
        arguments["search"] = _pattern(where.search)
    if where.known:
        lists = {fields(model)[place] for place in _lists(model)}
        missing = [
            f"NOT c.{name} <@ CAST(:known_{name} AS text[])"
            if name in lists
            else f"c.{name} <> ALL (CAST(:known_{name} AS text[]))"
            for name in where.known
        ]
        conditions.append(f"({' OR '.join(missing)})")
        arguments |= {f"known_{name}": list(codes) for name, codes in where.known.items()}
    statement = f"""SELECT {selected}
          FROM (SELECT DISTINCT ON (t.establishment_id, t.key) t.* FROM {table_of(model)} t
                 WHERE t.establishment_id = ANY (:establishments) AND t.recorded_at < :until
                 ORDER BY t.establishment_id, t.key, t.recorded_at DESC, t.id DESC) c
          JOIN legal_entity le ON le.id = c.establishment_id
         WHERE {" AND ".join(conditions)}"""  # noqa: S608  # names of ours
    return statement, arguments


def _words(model: type[Register], choices: Collection[str]) -> str:
    """Return the SQL of what people can read of a row, on one line: texts, lists of texts, dates, the key, the FINESS."""
    parts = ["le.finess", "c.key"]
    for name in fields(model):
        kind = columns_in(model)[name].type.python_type
        if kind is list:
            parts.append(f"array_to_string(c.{name}, ' ')")
        elif kind is date:
            parts.append(f"to_char(c.{name}, 'DD/MM/YYYY')")
        elif kind is str and name not in choices:
            parts.append(f"c.{name}")
    return f"concat_ws(' ', {', '.join(parts)})"


def _pattern(search: str) -> str:
    """Return the regular expression of a text as typed, whatever its accents and capitals: faster than folding each row."""
    pattern = ""
    for letter in search.lower():
        plain = _PLAIN.get(letter, letter)
        same = plain + _LIKE.get(plain, "")
        pattern += f"[{same}{same.upper()}]" if plain.isalpha() or plain in _LIKE else re.escape(letter)
    return pattern


def tallies(models: Collection[type[Register]]) -> dict[str, dict[UUID, int]]:
    """Return `counts` of several registers, by name of table, in one statement."""
    found = db.session.execute(
        text(
            "SELECT n.name, c.establishment_id, c.rows"
            " FROM unnest(CAST(:tables AS text[])) AS n(name), LATERAL register_counts(n.name) c"
        ),
        {"tables": [table_of(model) for model in models]},
    )
    told: dict[str, dict[UUID, int]] = {table_of(model): {} for model in models}
    for name, establishment_id, rows in found:
        told[name][establishment_id] = rows
    return told
