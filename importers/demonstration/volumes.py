"""Data sets with the volumes that the product is made for: a GHT, a region, the nation. For tests, benchmarks and a first look.

Establishments write through units of work, each under its own, as the application role. Facts bear the day on which they
were known: the services say « now », so rows go to the tables by themselves, one statement a table. Parties and shared plans
come last, with the owner's connection: the functions that write them say « now » too. A candidate that has its parties is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from io import BytesIO
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Connection, Engine, text

from compliance.programme.referential import Referential
from importers.demonstration import volumes_facts, volumes_places
from importers.demonstration.volumes_chance import Fact, Row, identifier, moment
from importers.demonstration.volumes_places import GHT, NATION, PLANS, REGION, Holder, Place, Plan
from tenants import accounts, audit
from tenants.context import Context, Scope, ScopeKind
from tenants.db import Base, db, new_id, unit_of_work, writing_as
from tenants.errors import Refused
from tenants.permissions import ROLE_LABELS, Role
from tenants.storage import storage

__all__ = ["DISABLED", "GHT", "NATION", "PLANS", "REGION", "Plan", "first_accounts", "referent", "reviewer", "write"]

SINCE = date(2016, 7, 1)
DISABLED = "!"  # no hash of any password: nobody signs in
_BATCH = 5_000


def reviewer(region: str) -> str:
    """Return the address of the account of an ARS."""
    return f"ars@{region.lower()}.example"


def referent(place: Place) -> str:
    """Return the address of the referent of the support of a GHT: the only account that reads names of people there."""
    return f"referent@{place.finess}.example"


def first_accounts(plan: Plan) -> list[tuple[str, str]]:
    """Return the accounts to begin with, and what each is: who writes for the first candidate, its referent, its ARS."""
    first = volumes_places.holders(plan)[0]
    told = [(first.email, f"{ROLE_LABELS[_role(first)]}, {first.code}")]
    if first.ght:
        told.append((referent(first.support), f"{ROLE_LABELS[Role.REFERENT]}, {first.support.finess}"))
    return [*told, (reviewer(first.region), f"{ROLE_LABELS[Role.ARS_REVIEWER]}, {first.region}")]


def write(
    app: Flask,
    owner: Engine,
    plan: Plan,
    *,
    hashed: str = DISABLED,
    beside: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> int:
    """Write a data set, or what is missing of it; return how many candidates were written, 0 when all were there.

    `hashed` is the hash of the password of every account. `beside` allows other establishments in the same database.
    `told` is called with (candidates there, candidates in all) after each of them. A run cut short is taken up by the next one.

    Raises Refused when the database holds other establishments.
    """
    holders = volumes_places.holders(plan)
    with owner.begin() as connection:
        if not beside:
            _refuse_others(connection, plan)
        done = _there(connection, plan)
        todo = [holder for holder in holders if holder.applies and holder.code not in done]
        if not todo:
            return 0
        _directory(connection, plan, holders)
        _people(connection, plan, holders, hashed)
    referential = app.extensions["vigie.referentials"]["D2"][-1]
    for rank, holder in enumerate(todo, start=1):
        with app.app_context():
            _candidate(plan, holder, referential)
        with owner.begin() as connection:
            _insert(connection.execute, "candidate_party", volumes_facts.parties(holder))
            _insert(connection.execute, "pcra_coverage", volumes_facts.coverages(holder))
        if told:
            told(plan.candidates - len(todo) + rank, plan.candidates)
    with owner.begin() as connection:
        connection.execute(text("ANALYZE"))
    return len(todo)


def _refuse_others(connection: Connection, plan: Plan) -> None:
    """Refuse a database that has other establishments, with or without a candidate: nothing takes invented ones away."""
    others = connection.execute(
        text("SELECT count(*) FROM legal_entity WHERE source <> :source"), {"source": plan.source}
    ).scalar_one()
    if others:
        raise Refused(
            f"Cette base a déjà des établissements ({others}) qui ne sont pas ceux de ces volumes fictifs : "
            "chargez-les dans une base vide, ou dans celle que « vigie run » a démarrée dans ce dossier."
        )


def _there(connection: Connection, plan: Plan) -> set[str]:
    """Return the codes of the candidates that are whole: their parties are written last."""
    found = connection.execute(
        text(
            "SELECT coalesce(g.code, e.finess) FROM candidate c JOIN legal_entity e ON e.id = c.establishment_id"
            " LEFT JOIN ght g ON g.id = c.ght_id WHERE e.source = :source AND EXISTS (SELECT 1 FROM candidate_party p"
            " WHERE p.owner_establishment_id = c.establishment_id AND p.owner_id = c.id)"
        ),
        {"source": plan.source},
    )
    return set(found.scalars())


# ----------------------------------------------------------------------------------------- the directory and accounts


def _directory(connection: Connection, plan: Plan, holders: Collection[Holder]) -> None:
    """Write regions, GHT, establishments and sites (owner); those that are there stay."""
    execute, source = connection.execute, {"source": plan.source}
    codes = volumes_places.regions(plan)
    _insert(
        execute,
        "region",
        ({"id": identifier("region", code), "code": code, "name": name} for code, name in codes),
        once=True,
    )
    groups = [holder for holder in holders if holder.ght]
    placed = [(holder, place) for holder in holders for place in holder.places]
    _insert(
        execute,
        "ght",
        (
            {"id": identifier("ght", each.code), "code": each.code, "name": each.name, "region_id": _region(each)}
            | source
            for each in groups
        ),
        once=True,
    )
    _insert(
        execute,
        "legal_entity",
        (
            {
                "id": identifier(place.finess),
                "finess": place.finess,
                "name": place.name,
                "name_rank": 2,
                "region_id": _region(holder),
            }
            | source
            for holder, place in placed
        ),
        once=True,
    )
    _insert(
        execute,
        "site",
        (
            {
                "id": identifier("site", number),
                "finess": number,
                "name": name,
                "legal_entity_id": identifier(place.finess),
            }
            | source
            for _, place in placed
            for number, name in place.sites
        ),
        once=True,
    )
    _insert(
        execute,
        "ght_member",
        (
            {
                "id": identifier("member", place.finess),
                "ght_id": identifier("ght", holder.code),
                "legal_entity_id": identifier(place.finess),
                "name": place.name,
                "role": "M" if place.rank else "S",
                "valid_from": SINCE,
            }
            for holder in groups
            for place in holder.places
        ),
        once=True,
    )


def _region(holder: Holder) -> UUID:
    return identifier("region", holder.region)


def _people(connection: Connection, plan: Plan, holders: Collection[Holder], hashed: str) -> None:
    """Open one account per candidate, one per GHT for the names of people, one per ARS (owner); twice is once."""

    def open_account(email: str, name: str, role: Role, scope: Scope) -> None:
        accounts.grant(connection, accounts.insert(connection, email, name, hashed), role, scope, SINCE)

    for code, name in volumes_places.regions(plan):
        scope = Scope(ScopeKind.REGION, identifier("region", code), code)
        open_account(reviewer(code), f"Instruction, {name}", Role.ARS_REVIEWER, scope)
    for holder in (each for each in holders if each.applies):
        open_account(holder.email, f"Pilote CaRE, {holder.name}", _role(holder), _scope(holder))
        if holder.ght:
            scope = Scope(ScopeKind.ESTABLISHMENT, identifier(holder.support.finess), holder.support.finess)
            open_account(referent(holder.support), f"Référent, {holder.support.name}", Role.REFERENT, scope)


def _role(holder: Holder) -> Role:
    return Role.GHT_MANAGER if holder.ght else Role.ESTABLISHMENT_ADMIN


def _scope(holder: Holder) -> Scope:
    if holder.ght:
        return Scope(ScopeKind.GHT, identifier("ght", holder.code), holder.code, holder.name)
    return Scope(ScopeKind.ESTABLISHMENT, identifier(holder.code), holder.code, holder.name)


# ---------------------------------------------------------------------------------------------------------- a candidate


def _candidate(plan: Plan, holder: Holder, referential: Referential) -> None:
    """Write a candidate and what its establishments hold, in one unit of work of its account; nothing when it is there."""
    user_id = accounts.by_email(holder.email).id
    with unit_of_work(Context(user_id, _scope(holder))):
        owner, candidate = identifier(holder.support.finess), identifier("candidate", holder.code)
        if db.session.scalar(text("SELECT 1 FROM candidate WHERE id = :id"), {"id": candidate}):
            return
        applied_on, application = volumes_facts.application(holder)
        opened: Row = {
            "id": candidate, "domain": referential.domain, "ght_id": _scope(holder).id if holder.ght else None,
            "region_id": _region(holder), "name": holder.name, "created_at": moment(applied_on),
        }  # fmt: skip
        with writing_as(owner):
            _insert(db.session.execute, "candidate", [{**opened, "establishment_id": owner}])
            audit.record(owner, "candidate.opened", domain=referential.domain)
            written = {"establishment_id": owner, "candidate_id": candidate, "recorded_by": user_id}
            _insert(db.session.execute, "candidature", [{**application, **written}])
            audit.record(owner, "candidate.application_recorded", applied_on=applied_on, frozen_on=applied_on)
        for place in holder.places:
            _establishment(plan, holder, place, referential, user_id)


def _establishment(plan: Plan, holder: Holder, place: Place, referential: Referential, user_id: UUID) -> None:
    establishment = identifier(place.finess)
    stored: dict[tuple[int, bool], Row] = {}
    count = 0
    with writing_as(establishment):
        for table, found in _by_table(volumes_facts.facts(plan, holder, place, referential)):
            for batch in _batches(found):
                rows = [{**row, "establishment_id": establishment} for row in batch]
                if table == "evidence":
                    rows = [_kept(place, row, stored) | {"received_by": user_id} for row in rows]
                elif table != "perimeter":
                    rows = [row | {"recorded_by": user_id} for row in rows]
                _insert(db.session.execute, table, rows)
                count += len(rows)
        audit.record(establishment, "seed.written", plan=plan.name, rows=count)


def _by_table(found: Iterable[Fact]) -> Iterator[tuple[str, Iterator[Row]]]:
    """Give the rows table by table. Short lists are gathered; the long ones, which come last, are streamed."""
    gathered: dict[str, list[Row]] = {}
    for table, facts in groupby(found, key=itemgetter(0)):
        rows = (row for _, row in facts)
        if table in {"attendance", "evidence"}:
            yield from ((name, iter(list_)) for name, list_ in gathered.items())
            gathered = {}
            yield table, rows
        else:
            gathered.setdefault(table, []).extend(rows)
    yield from ((name, iter(list_)) for name, list_ in gathered.items())


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _kept(place: Place, row: Row, stored: dict[tuple[int, bool], Row]) -> Row:
    """Store the bytes of a piece, once for all the pieces of an establishment that have them, and name them in its row."""
    which = row.pop("round"), row["filename"].endswith(".pdf")
    if which not in stored:
        content = BytesIO(volumes_facts.content(place, which[0], pdf=which[1]))
        sha256, size = storage().put(row["establishment_id"], content)
        stored[which] = {"sha256": sha256, "size": size}
    return row | stored[which]


def _insert(execute: Callable[..., Any], table: str, rows: Iterable[Mapping[str, Any]], *, once: bool = False) -> None:
    """Insert rows in one statement. Columns that no row has keep their default; `once`: what is there stays."""
    columns = Base.metadata.tables[table].columns
    known = set(columns.keys())
    made = [{"id": str(new_id()), **{name: value for name, value in row.items() if name in known}} for row in rows]
    if not made:
        return
    names = list(dict.fromkeys(name for row in made for name in row))
    lists = {column.name for column in columns if column.type.python_type is list and not column.nullable}
    selected = ", ".join(f"coalesce({name}, '{{}}')" if name in lists else name for name in names)
    execute(
        text(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {selected}"  # noqa: S608  # names of ours
            f" FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)){' ON CONFLICT DO NOTHING' if once else ''}"
        ),
        {"rows": json.dumps(made, default=str)},
    )
