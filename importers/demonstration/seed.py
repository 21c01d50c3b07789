"""A fictional demonstration: two regions, a GHT of eight EJ, a GHT of one EJ, a candidate outside a GHT with three sites.

Every name is invented; FINESS numbers have a right key in a series that no region uses (6299). Workbooks go through the same
deposit, job and confirmation as those of a user.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import Connection, text

from compliance.clock import today
from compliance.reports.progress import candidate_progress
from compliance.services import candidate as candidates
from compliance.services import dossier, evidence, publication, referential
from importers import deposits, service
from importers.demonstration import continuity as demo_continuity
from importers.demonstration import people as demo_people
from importers.demonstration import registers as demo_registers
from importers.demonstration import volumes
from importers.demonstration import workbooks as demo_workbooks
from importers.demonstration.names import (
    ALONE,
    ALONE_CODE,
    MARQUERIVE,
    OUTSIDE,
    REGIONS,
    SITES,
    TWO_CAPES,
    TWO_CAPES_CODE,
)
from tenants import accounts, jobs, local
from tenants.cli import Installation, find_scope
from tenants.context import NATION, ScopeKind
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
    Account("referente@marquerive.example", "Maxime Vidal", Role.REFERENT, ScopeKind.ESTABLISHMENT, MARQUERIVE),
    Account("direction@marquerive.example", "Andréa Colin", Role.DIRECTOR, ScopeKind.ESTABLISHMENT, MARQUERIVE),
    Account("admin@marquerive.example", "Sacha Morel", Role.ESTABLISHMENT_ADMIN, ScopeKind.ESTABLISHMENT, MARQUERIVE),
    Account("ars@littoral-nord.example", "Morgan Delcourt", Role.ARS_REVIEWER, ScopeKind.REGION, "F1"),
    Account("responsable@littoral-nord.example", "Alix Renaudin", Role.ARS_LEAD, ScopeKind.REGION, "F1"),
    Account("expert@littoral-nord.example", "Sam Oriol", Role.EXPERT, ScopeKind.REGION, "F1"),
    Account("ans@vigie.example", "Charly Vasseur", Role.ANS_REVIEWER, ScopeKind.NATION, NATION.code),
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
    password = _password(folder)
    with installation.owner() as engine, engine.begin() as connection:
        directory(connection)
        people(connection, password)
    _fill(installation, with_worker=with_worker)
    width = max(len(account.email) for account in ACCOUNTS)
    told = [f"  {account.email:<{width}}  {ROLE_LABELS[account.role]}, {account.code}" for account in ACCOUNTS]
    return ["Comptes de démonstration (établissements et noms fictifs) :", *told, f"Mot de passe commun : {password}"]


def _password(folder: Path) -> str:
    """Return the password of the fictional accounts, made once and kept readable by its owner alone."""
    kept = folder / "demo_password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(f"demo-{secrets.token_hex(6)}", encoding="ascii")
    return kept.read_text(encoding="ascii")


@dataclass(frozen=True)
class Desk:
    """Who deposits files, for whom: the name of each file, and what makes its bytes."""

    scope: str
    email: str
    files: tuple[tuple[str, Callable[[], bytes]], ...]


MANAGER = (f"ght:{TWO_CAPES_CODE}", "dsi@deux-caps.example")
K1 = "KIT_BIA_PCRA.xlsx"
CANDIDATES = (
    Desk(*MANAGER, ((K1, demo_workbooks.two_capes),)),
    Desk(f"ght:{ALONE_CODE}", "dsi@roche-vernay.example", ((K1, demo_workbooks.alone),)),
    Desk(f"etablissement:{OUTSIDE[0]}", "admin@brumont.example", ((K1, demo_workbooks.outside),)),
)
# In the order in which they refer to one another; names of people are deposited where they stay.
REGISTERS = (
    Desk(
        *MANAGER,
        (
            ("KIT_SAUVEGARDE.xlsx", demo_registers.backups),
            ("Activités et dépendances.xlsx", demo_workbooks.activities),
            ("Registre des incidents.xlsx", demo_continuity.incidents),
            ("KIT_EXERCICES.xlsx", demo_registers.exercises),
            ("KIT_CONTINUITE.xlsx", demo_continuity.continuity),
            ("KIT_PREUVES_JALONS.xlsx", demo_registers.evidence),
            ("KIT_FINANCEMENT.xlsx", demo_registers.funding),
        ),
    ),
    Desk(
        f"etablissement:{MARQUERIVE}",
        "referente@marquerive.example",
        (
            ("KIT_FORMATION.xlsx", demo_people.training),
            ("KIT_ANNUAIRE_CRISE.xlsx", demo_people.crisis_directory),
        ),
    ),
)


def _fill(installation: Installation, *, with_worker: bool) -> None:
    for desk in CANDIDATES:
        _apply_for(installation, desk, with_worker=with_worker)
    with installation.acting(*MANAGER, Permission.ATTACH_EVIDENCE):
        _pieces()
    for desk in REGISTERS:
        with installation.acting(desk.scope, desk.email, Permission.IMPORT):
            # What somebody took back since is not brought again.
            known = {run.filename for run in deposits.latest(1_000) if run.applied_at}
        files = [(name, build) for name, build in desk.files if name not in known]
        if files:
            click.echo(f"Import des registres de démonstration : {desk.scope}…")
            _deposit(installation, desk, files, with_worker=with_worker)
    with installation.acting(*MANAGER, Permission.PUBLISH):
        _publish()
    with installation.acting(*MANAGER, Permission.BUILD_DOSSIER):
        if dossier.builds(candidates.require("D2")):
            return
        build_id = dossier.order(today())
    click.echo("Production du dossier de démonstration…")
    _wait(installation, *MANAGER, lambda: dossier.get(build_id).state in {"built", "failed"}, with_worker=with_worker)


def _publish() -> None:
    """Show the ARS of the GHT where it stands, once; the other candidates stay « Non publié »."""
    candidate = candidates.require("D2")
    if not publication.history(candidate.id):
        publication.publish(candidate_progress(candidate, referential.in_force("D2", today()), today()), candidate)


def _apply_for(installation: Installation, desk: Desk, *, with_worker: bool) -> None:
    """Open a candidate, give it its K1, and freeze it: it applied."""
    applied = date(2025, 10, 24)
    with installation.acting(desk.scope, desk.email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.of_scope("D2") or candidates.open_candidate("D2")
        if candidate.frozen_on:
            return
    click.echo(f"Import du classeur de démonstration : {desk.scope}…")
    _deposit(installation, desk, desk.files, with_worker=with_worker)
    with installation.acting(desk.scope, desk.email, Permission.MANAGE_CANDIDATE):
        candidates.record_application(
            candidates.require("D2"), applied_on=applied, ecare_number=None, frozen_on=applied
        )


def _deposit(
    installation: Installation, desk: Desk, files: Sequence[tuple[str, Callable[[], bytes]]], *, with_worker: bool
) -> None:
    """Deposit files, wait until all are read, then until all are applied: two waits, however many they are."""
    contents = [(name, build()) for name, build in files]
    with installation.acting(desk.scope, desk.email, Permission.IMPORT):
        runs = [deposits.receive(name, BytesIO(content)) for name, content in contents]
    _wait(installation, desk.scope, desk.email, lambda: _ended(runs), with_worker=with_worker)
    with installation.acting(desk.scope, desk.email, Permission.IMPORT):
        _refuse_unless("parsed", runs)
        for run_id in runs:
            service.confirm(run_id, valid_rows_only=False)
    _wait(installation, desk.scope, desk.email, lambda: _ended(runs), with_worker=with_worker)
    with installation.acting(desk.scope, desk.email, Permission.IMPORT):
        _refuse_unless("applied", runs)


def _refuse_unless(state: str, runs: Sequence[UUID]) -> None:
    for run in (deposits.get(run_id, report=False) for run_id in runs):
        if run.state != state:
            raise Refused(f"La démonstration n’a pas pu être importée ({run.filename}) : {run.error}")


def _ended(runs: Sequence[UUID]) -> bool:
    db.session.expire_all()
    return not any(deposits.get(run_id, report=False).state in deposits.RUNNING for run_id in runs)


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
    establishment_id = candidates.require("D2").establishment_id
    known = evidence.filenames([establishment_id])
    for row, piece, filename, approved in demo_workbooks.PIECES:
        if filename not in known:
            content = BytesIO(demo_workbooks.text_pdf(filename))
            evidence.attach(establishment_id, row, piece, filename, content, approved_on=approved)


@click.group("seed")
def seed_group() -> None:
    """Données d’exemple."""


@seed_group.command("demo")
@click.pass_obj
def seed_demo(installation: Installation) -> None:
    """Charge la démonstration fictive."""
    local.FOLDER.mkdir(exist_ok=True)
    for line in seed(installation, local.FOLDER, with_worker=False):
        click.echo(line)


@seed_group.command("ght")
@click.pass_obj
def seed_ght(installation: Installation) -> None:
    """Charge un GHT fictif : 13 EJ, 40 EG, 10 000 émargements."""
    _volumes(installation, volumes.GHT)


@seed_group.command("region")
@click.pass_obj
def seed_region(installation: Installation) -> None:
    """Charge une région fictive : 13 GHT et 60 établissements hors GHT."""
    _volumes(installation, volumes.REGION)


@seed_group.command("nation")
@click.pass_obj
def seed_nation(installation: Installation) -> None:
    """Charge une nation fictive : 1 167 candidats, 1,5 million d’émargements."""
    _volumes(installation, volumes.NATION)


def _volumes(installation: Installation, plan: volumes.Plan) -> None:
    """Write a data set of volumes and tell the accounts to begin with."""
    password = ""
    if plan.opened:
        local.FOLDER.mkdir(exist_ok=True)
        password = _password(local.FOLDER)
    with installation.owner() as engine:
        written = volumes.write(
            installation.app,
            engine,
            plan,
            hashed=accounts.password_hash(password) if password else volumes.DISABLED,
            beside=local.serves(installation.settings.database_url),
            told=_progress,
        )
    click.echo(f"{'Chargé' if written else 'Déjà chargé'} : {plan.title}.")
    told = volumes.first_accounts(plan)
    width = max(len(email) for email, _ in told)
    for email, what in told:
        click.echo(f"  {email:<{width}}  {what}")
    if password:
        click.echo(f"Mot de passe commun : {password}")
    else:
        click.echo("Ces comptes n’ont pas de mot de passe : ils servent avec --as.")


def _progress(there: int, total: int) -> None:
    if there == total or there % 50 == 0:
        click.echo(f"  {there} / {total} candidats", err=True)
