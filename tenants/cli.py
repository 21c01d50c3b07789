"""Commands of the operator and of the servers; and how every scoped command acts as somebody."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import psycopg
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, create_engine, text

from tenants import accounts, directory, jobs, migrate
from tenants.context import ANONYMOUS, NATION, Context, Scope, ScopeKind
from tenants.db import UnitOfWork, db, libpq_url, owner_engine, psycopg_url, unit_of_work
from tenants.errors import DomainError, Invalid, NotFound
from tenants.permissions import Permission, Role, granted
from tenants.settings import Settings

KINDS = {
    "etablissement": ScopeKind.ESTABLISHMENT,
    "ght": ScopeKind.GHT,
    "region": ScopeKind.REGION,
    "nation": ScopeKind.NATION,
}


NO_OWNER = "VIGIE_OWNER_DATABASE_URL est absent : cette commande a besoin du rôle propriétaire de la base."


class Installation:
    """What a command works on: settings read once, the application made when it is needed."""

    def __init__(self, environ: Mapping[str, str], create_app: Callable[[Settings], Flask]) -> None:
        self._environ = environ
        self._create_app = create_app

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment. Raises Invalid."""
        return Settings.read(self._environ)

    @cached_property
    def app(self) -> Flask:
        """The application of the settings."""
        return self._create_app(self.settings)

    @contextmanager
    def owner(self) -> Iterator[Engine]:
        """Lend an engine on the owner's role. Raises Invalid when its address is not set."""
        if not self.settings.owner_database_url:
            raise Invalid(NO_OWNER)
        engine = owner_engine(self.settings.owner_database_url)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def reading_everything(self) -> Iterator[None]:
        """Open a unit of work on the owner's role, which reads the facts of all tenants: for states and numbers alone.

        The application on it is made for this and thrown away. Raises Invalid when the owner's address is not set.
        """
        if not self.settings.owner_database_url:
            raise Invalid(NO_OWNER)
        app = self._create_app(replace(self.settings, database_url=self.settings.owner_database_url))
        with app.app_context():
            try:
                with unit_of_work(ANONYMOUS) as work:
                    work.roll_back()
                    yield
            finally:
                db.engine.dispose()

    @contextmanager
    def acting(self, scope: str, email: str, permission: Permission) -> Iterator[UnitOfWork]:
        """Open a unit of work as somebody on a scope, like a page of theirs would. Raises NotFound or Invalid."""
        kind, code = parse_scope(scope)
        with self.app.app_context():
            user = accounts.by_email(email)
            target, roles = user.reach(kind, code)
            if permission not in granted(roles):
                raise NotFound("Ce périmètre n’existe pas, ou il ne vous est pas ouvert.")
            with unit_of_work(Context(user.id, target)) as work:
                yield work


def parse_scope(value: str) -> tuple[ScopeKind, str]:
    """Read `etablissement:<finess>`, `ght:<code>`, `region:<code>` or `nation:france`. Raises click.UsageError."""
    kind, _, code = value.partition(":")
    if kind not in KINDS or not code:
        raise click.UsageError(
            f"--scope {value} : attendu etablissement:<finess>, ght:<code>, region:<code> ou nation:france"
        )
    return KINDS[kind], code


class Refusing(click.Group):
    """A group whose refusals are a French sentence on the error output and exit code 1; usage errors exit with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and translate our errors."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


scope_option = click.option(
    "--scope", required=True, help="etablissement:<finess>, ght:<code>, region:<code> ou nation:france"
)
as_option = click.option("--as", "email", required=True, help="adresse du compte au nom de qui la commande agit")
on_option = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="date de la question (aujourd’hui par défaut)")
known_option = click.option(
    "--known",
    type=click.DateTime(["%Y-%m-%d"]),
    help="avec ce qui était enregistré à cette date (par défaut celle de la question)",
)
json_option = click.option("--json", "as_json", is_flag=True, help="réponse en JSON")


def prepare(engine: Engine) -> None:
    """Bring a database to this version: schema, then the list of regions."""
    migrate.upgrade(engine)
    with engine.begin() as connection:
        directory.load_regions(connection)


@click.command("migrate")
@click.pass_obj
def migrate_command(installation: Installation) -> None:
    """Met la base au schéma de cette version (rôle propriétaire)."""
    with installation.owner() as engine:
        prepare(engine)
    click.echo(f"Base à la révision {migrate.head()}.")


@click.command()
@click.pass_obj
def serve(installation: Installation) -> None:
    """Sert les pages (gunicorn)."""
    settings = installation.settings
    # Replaces this process: gunicorn receives the signals itself.
    os.execv(  # noqa: S606  # our own interpreter and arguments
        sys.executable,
        [
            sys.executable,
            *("-m", "gunicorn", "wsgi:application()", "--bind", settings.bind, "--worker-class", "gthread"),
            *("--workers", str(settings.web_workers), "--threads", str(settings.web_threads)),
            *("--graceful-timeout", "30", "--timeout", "60", "--max-requests", "5000", "--max-requests-jitter", "500"),
            *("--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp", "--log-level", "warning"),  # noqa: S108
        ],
    )


@click.command()
@click.pass_obj
def worker(installation: Installation) -> None:
    """Exécute les travaux (RQ)."""
    with installation.app.app_context():
        # A connection of the parent must not be shared by the child that runs the job.
        os.register_at_fork(after_in_child=_fresh_connections(installation.app))
        # A connection of its own: the worker waits on it for as long as nothing is ordered.
        jobs.worker(Redis.from_url(installation.settings.valkey_url)).work(logging_level="WARNING")


def _fresh_connections(app: Flask) -> Callable[[], None]:
    def dispose() -> None:
        with app.app_context():
            db.engine.dispose(close=False)

    return dispose


@click.command()
@click.pass_obj
def relay(installation: Installation) -> None:
    """Remet les travaux commandés à la file, et recherche ceux qui se sont perdus."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    settings = installation.settings
    work = jobs.queue(installation.app.extensions["vigie.valkey"])
    engine = create_engine(
        psycopg_url(settings.database_url), connect_args={"prepare_threshold": None, "application_name": "vigie-relay"}
    )
    with psycopg.connect(libpq_url(settings.database_url), autocommit=True) as listener, engine.connect() as connection:
        listener.execute("LISTEN vigie_outbox")
        idle = 0
        while not stopping:
            if not jobs.relay(connection, work):
                # Wakes at once on a notification, at the latest after a second; looks for lost jobs every ten quiet seconds.
                idle = 0 if list(listener.notifies(timeout=1, stop_after=1)) else idle + 1
                if idle % 10 == 0:
                    jobs.sweep(connection, work)


@click.group()
def finess() -> None:
    """Annuaire officiel des établissements."""


@finess.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--structure",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="fichier FINESS+ des structures, qui relie pmSmsseId et FINESS",
)
@click.pass_obj
def finess_import(installation: Installation, file: Path, structure: Path | None) -> None:
    """Charge un extrait FINESS (CSV) ou les GHT (FINESS+ JSON, CSV des membres)."""
    with installation.owner() as engine, engine.begin() as connection:
        day = connection.execute(text("SELECT paris_today()")).scalar_one()
        layout, journal, remarks = directory.load_file(connection, file, day, structure)
    click.echo(
        f"{file.name} : {journal.lines} lignes lues ({'groupements' if layout == 'groups' else 'établissements'})."
    )
    for repair in journal.repairs:
        click.echo(f"  ligne {repair.line}, {repair.column} : {repair.value} lu {repair.number}")
    for problem in journal.problems:
        click.echo(f"  ligne {problem.line}, {problem.column} : {problem.reason}")
    for remark in remarks:
        click.echo(f"  {remark}")
    if any(not problem.kept for problem in journal.problems):
        raise click.exceptions.Exit(1)


@finess.command("match")
@click.argument("smsse_id")
@click.argument("number")
@click.pass_obj
def finess_match(installation: Installation, smsse_id: str, number: str) -> None:
    """Relie à la main un identifiant pmSmsseId à un FINESS EJ, avant de réimporter les GHT."""
    with installation.owner() as engine, engine.begin() as connection:
        directory.match(connection, smsse_id, number)
    click.echo(f"pmSmsseId {smsse_id} : FINESS {number}.")


@click.group()
def account() -> None:
    """Comptes et droits (exploitant)."""


@account.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.password_option("--password", prompt="Mot de passe")
@click.pass_obj
def account_create(installation: Installation, email: str, name: str, password: str) -> None:
    """Ouvre un compte."""
    with installation.owner() as engine:
        accounts.create(engine, email, name, password)
    click.echo(f"Compte {email} ouvert. Donnez-lui un rôle : vigie account grant.")


@account.command("grant")
@click.option("--email", required=True)
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@scope_option
@click.pass_obj
def account_grant(installation: Installation, email: str, role: str, scope: str) -> None:
    """Donne un rôle sur un périmètre, à partir d’aujourd’hui."""
    kind, code = parse_scope(scope)
    with installation.owner() as engine, engine.begin() as connection:
        user_id = connection.execute(
            text("SELECT id FROM user_account WHERE email = lower(:email)"), {"email": email}
        ).scalar()
        if user_id is None:
            raise NotFound(f"Aucun compte à l’adresse « {email} ».")
        day = connection.execute(text("SELECT paris_today()")).scalar_one()
        accounts.grant(connection, user_id, Role(role), find_scope(connection, kind, code), day)
    click.echo(f"{email} : {role} sur {scope}.")


def find_scope(connection: Any, kind: ScopeKind, code: str) -> Scope:
    """Return a scope by its code, whoever asks (operator). Raises NotFound."""
    if kind is ScopeKind.NATION:
        return NATION
    table, column = {
        ScopeKind.ESTABLISHMENT: ("legal_entity", "finess"),
        ScopeKind.GHT: ("ght", "code"),
        ScopeKind.REGION: ("region", "code"),
    }[kind]
    found = connection.execute(
        text(f"SELECT id, name FROM {table} WHERE {column} = :code"),  # noqa: S608  # two literals of ours
        {"code": code},
    ).one_or_none()
    if found is None:
        raise NotFound(f"« {code} » est inconnu : importez d’abord l’annuaire (vigie finess import).")
    return Scope(kind, found.id, code, found.name)


COMMANDS = (migrate_command, serve, worker, relay, finess, account)
