"""A fictional demonstration: two regions, a GHT of eight EJ, a GHT of one EJ, a candidate outside a GHT with three sites.

Every name is invented; FINESS numbers have a right key in a series that no region uses (6299). Workbooks go through the same
deposit, job and confirmation as those of a user.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import Connection, text

from compliance.clock import today
from compliance.services import candidate as candidates
from compliance.services import dossier, evidence
from importers import demo_workbooks, service
from importers.demo_names import ALONE, ALONE_CODE, OUTSIDE, REGIONS, SITES, TWO_CAPES, TWO_CAPES_CODE
from tenants import accounts, jobs
from tenants.cli import Installation, find_scope
from tenants.context import ScopeKind
from tenants.db import db, new_id
from tenants.errors import Refused, Unavailable
from tenants.permissions import ROLE_LABELS, Permission, Role

SOURCE = "démonstration fictive"
SINCE = date(2016, 7, 1)
PATIENCE = 120


@dataclass(frozen=True)
class Account:
    """A demonstration account: one per role, and those who look after the other candidates."""

    email: str
    name: str
    role: Role
    kind: ScopeKind
    code: str


ACCOUNTS = (
    Account("dsi@deux-caps.example", "Claude Ferrant", Role.GHT_MANAGER, ScopeKind.GHT, TWO_CAPES_CODE),
    Account("admin@deux-caps.example", "Dominique Lestang", Role.GHT_ADMIN, ScopeKind.GHT, TWO_CAPES_CODE),
    Account("signataire@deux-caps.example", "Camille Autran", Role.SIGNATORY, ScopeKind.GHT, TWO_CAPES_CODE),
    Account("referente@marquerive.example", "Maxime Vidal", Role.REFERENT, ScopeKind.ESTABLISHMENT, TWO_CAPES[3][0]),
    Account("direction@marquerive.example", "Andréa Colin", Role.DIRECTOR, ScopeKind.ESTABLISHMENT, TWO_CAPES[3][0]),
    Account(
        "admin@marquerive.example", "Sacha Morel", Role.ESTABLISHMENT_ADMIN, ScopeKind.ESTABLISHMENT, TWO_CAPES[3][0]
    ),
    Account("ars@littoral-nord.example", "Morgan Delcourt", Role.ARS_REVIEWER, ScopeKind.REGION, "F1"),
    Account("responsable@littoral-nord.example", "Alix Renaudin", Role.ARS_LEAD, ScopeKind.REGION, "F1"),
    Account("ars@monts-du-sud.example", "Lou Castagnet", Role.ARS_REVIEWER, ScopeKind.REGION, "F2"),
    Account("dsi@roche-vernay.example", "Noa Bertin", Role.GHT_MANAGER, ScopeKind.GHT, ALONE_CODE),
    Account("admin@brumont.example", "Charlie Weiss", Role.ESTABLISHMENT_ADMIN, ScopeKind.ESTABLISHMENT, OUTSIDE[0]),
)


def directory(connection: Connection) -> None:
    """Write the fictional directory (owner's connection); twice is once."""
    for code, name in REGIONS:
        insert(connection, "region", "code", code=code, name=name)
    groups = ((TWO_CAPES_CODE, "GHT des Deux Caps", "F1", TWO_CAPES), (ALONE_CODE, "GHT de Roche-Vernay", "F2", ALONE))
    for code, name, region, members in groups:
        region_id = find_scope(connection, ScopeKind.REGION, region).id
        insert(connection, "ght", "code", code=code, name=name, region_id=region_id, source=SOURCE)
        ght_id = find_scope(connection, ScopeKind.GHT, code).id
        for rank, (number, entity) in enumerate(members):
            insert(connection, "legal_entity", "finess", finess=number, name=entity, region_id=region_id, source=SOURCE)
            entity_id = find_scope(connection, ScopeKind.ESTABLISHMENT, number).id
            if not connection.execute(
                text("SELECT 1 FROM ght_member WHERE legal_entity_id = :id"), {"id": entity_id}
            ).scalar():
                role = "M" if rank else "S"
                values = {
                    "ght_id": ght_id,
                    "legal_entity_id": entity_id,
                    "name": entity,
                    "role": role,
                    "valid_from": SINCE,
                }
                insert(connection, "ght_member", "id", **values)
    region_id = find_scope(connection, ScopeKind.REGION, "F1").id
    insert(connection, "legal_entity", "finess", finess=OUTSIDE[0], name=OUTSIDE[1], region_id=region_id, source=SOURCE)
    entity_id = find_scope(connection, ScopeKind.ESTABLISHMENT, OUTSIDE[0]).id
    for number, name in SITES:
        insert(connection, "site", "finess", finess=number, name=name, legal_entity_id=entity_id, source=SOURCE)


def insert(connection: Connection, table: str, unique: str, **values: object) -> None:
    """Insert a row of the directory, unless its unique column is there already."""
    values = {"id": new_id(), **values}
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({unique}) DO NOTHING"  # noqa: S608  # names of ours
    connection.execute(text(statement), values)


def people(connection: Connection, password: str) -> None:
    """Open one account per role, all with the same password: for a demonstration only."""
    hashed = accounts.password_hash(password)
    for account in ACCOUNTS:
        user_id = accounts.insert(connection, account.email, account.name, hashed)
        accounts.grant(connection, user_id, account.role, find_scope(connection, account.kind, account.code), SINCE)


# --- through the product, as its users ---------------------------------------------------------------------------


def seed(installation: Installation, folder: Path, *, with_worker: bool = True) -> list[str]:
    """Fill an installation, once, and return what to tell: the accounts and their password.

    Deposits are read and applied by the worker that runs; without one, the same jobs run here.
    """
    kept = folder / "demo_password"
    fresh = not kept.exists()
    if fresh:
        kept.touch(mode=0o600)
        kept.write_text(f"demo-{secrets.token_hex(6)}", encoding="ascii")
    password = kept.read_text(encoding="ascii")
    with installation.owner() as engine, engine.begin() as connection:
        directory(connection)
        people(connection, password)
    _fill(installation, with_worker=with_worker)
    width = max(len(account.email) for account in ACCOUNTS)
    told = [f"  {account.email:<{width}}  {ROLE_LABELS[account.role]}, {account.code}" for account in ACCOUNTS]
    return ["Comptes de démonstration (établissements et noms fictifs) :", *told, f"Mot de passe commun : {password}"]


def _fill(installation: Installation, *, with_worker: bool) -> None:
    applied = date(2025, 10, 24)
    for scope, email, build in (
        (f"ght:{TWO_CAPES_CODE}", "dsi@deux-caps.example", demo_workbooks.two_capes),
        (f"ght:{ALONE_CODE}", "dsi@roche-vernay.example", demo_workbooks.alone),
        (f"etablissement:{OUTSIDE[0]}", "admin@brumont.example", demo_workbooks.outside),
    ):
        with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
            candidate = candidates.of_scope("D2") or candidates.open_candidate("D2")
            if candidate.frozen_on:
                continue
        click.echo(f"Import du classeur de démonstration : {scope}…")
        _deposit(installation, scope, email, build, with_worker=with_worker)
        with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
            candidates.record_application(
                candidates.require("D2"), applied_on=applied, ecare_number=None, frozen_on=applied
            )
    scope, email = f"ght:{TWO_CAPES_CODE}", "dsi@deux-caps.example"
    with installation.acting(scope, email, Permission.BUILD_DOSSIER):
        if dossier.builds(candidates.require("D2")):
            return
        _pieces()
        build_id = dossier.order(today())
    click.echo("Production du dossier de démonstration…")
    _wait(
        installation, scope, email, lambda: dossier.get(build_id).state in {"built", "failed"}, with_worker=with_worker
    )


def _deposit(
    installation: Installation, scope: str, email: str, build: Callable[[], bytes], *, with_worker: bool
) -> None:
    with installation.acting(scope, email, Permission.IMPORT):
        run_id = service.receive("KIT_BIA_PCRA.xlsx", BytesIO(build()))
    _wait(installation, scope, email, lambda: _state(run_id) in {"parsed", "failed"}, with_worker=with_worker)
    with installation.acting(scope, email, Permission.IMPORT):
        service.confirm(run_id, valid_rows_only=False)
    _wait(installation, scope, email, lambda: _state(run_id) in {"applied", "failed"}, with_worker=with_worker)
    with installation.acting(scope, email, Permission.IMPORT):
        run = service.get(run_id)
        if run.state != "applied":
            raise Refused(f"La démonstration n’a pas pu être importée : {run.error}")


def _state(run_id: UUID) -> str:
    db.session.expire_all()
    return service.get(run_id).state


def _wait(installation: Installation, scope: str, email: str, ended: Callable[[], bool], *, with_worker: bool) -> None:
    """Wait for a job: each look is a transaction of its own."""
    if not with_worker:
        with installation.app.app_context():
            jobs.run_here()
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        with installation.acting(scope, email, Permission.READ):
            if ended():
                return
        time.sleep(0.1)
    raise Unavailable("Le travail n’aboutit pas : le relais et l’exécutant (vigie relay, vigie worker) tournent-ils ?")


def _pieces() -> None:
    candidate = candidates.require("D2")
    for row, piece, filename, approved in demo_workbooks.PIECES:
        content = BytesIO(demo_workbooks.text_pdf(filename))
        evidence.attach(candidate.establishment_id, row, piece, filename, content, approved_on=approved)


@click.group("seed")
def seed_group() -> None:
    """Données d’exemple."""


@seed_group.command("demo")
@click.pass_obj
def seed_demo(installation: Installation) -> None:
    """Charge la démonstration fictive."""
    folder = Path(".vigie")
    folder.mkdir(exist_ok=True)
    for line in seed(installation, folder, with_worker=False):
        click.echo(line)
