"""Commands of the domain: state, coverage, dossier, candidature."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import canonical, dossier_verify
from compliance.reports.progress import candidate_progress, without_internal_keys
from compliance.rules import words
from compliance.services import candidate as candidates
from compliance.services import dossier
from tenants import audit
from tenants.cli import Installation, as_option, scope_option
from tenants.context import ScopeKind, current
from tenants.errors import Invalid, Refused
from tenants.permissions import Permission

on_option = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="date de la question (aujourd’hui par défaut)")
json_option = click.option("--json", "as_json", is_flag=True, help="réponse en JSON")


def _day(on: datetime | None) -> date:
    return on.date() if on else today()


def _progress(installation: Installation, scope: str, email: str, on: date) -> dict[str, Any]:
    with installation.acting(scope, email, Permission.READ):
        return without_internal_keys(candidate_progress(candidates.require("D2", on), referential(on), on))


@click.command()
@scope_option
@as_option
@on_option
@json_option
@click.pass_obj
def status(installation: Installation, scope: str, email: str, on: datetime | None, as_json: bool) -> None:
    """État des 13 lignes de CaRE D2, avec leurs motifs."""
    document = _progress(installation, scope, email, _day(on))
    if as_json:
        keys = ("candidate", "on", "referential", "answer", "met", "rows_total", "rows")
        click.echo(canonical.dumps({key: document[key] for key in keys}).decode())
        return
    click.echo(document["answer"])
    for row in document["rows"]:
        click.echo(f"{row['code']:<8} {row['state'].label:<16} {row['title']}")
        for reason in row["reasons"]:
            click.echo(f"{'':<8} {'':<16} {reason['text']}")


@click.command()
@scope_option
@as_option
@on_option
@json_option
@click.pass_obj
def coverage(installation: Installation, scope: str, email: str, on: datetime | None, as_json: bool) -> None:
    """Part de l’activité combinée couverte (D2.O1.C), écart et plus court chemin."""
    document = _progress(installation, scope, email, _day(on))
    if as_json:
        keys = ("candidate", "on", "share", "parties", "matrix")
        click.echo(canonical.dumps({key: document[key] for key in keys}).decode())
        return
    click.echo(document["answer"])
    for party in document["parties"]:
        told = "hors périmètre" if not party["in_scope"] else "compte" if party["counts"] else "ne compte pas"
        click.echo(f"{party['finess'] or '-':<10} {_percent(party['share']):<10} {told:<15} {party['name']}")


def _percent(share: Decimal | None) -> str:
    return words.percent(share) if share is not None else "-"


@click.group("dossier")
def dossier_group() -> None:
    """Dossier de déclaration."""


@dossier_group.command("build")
@scope_option
@as_option
@on_option
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="dossier de sortie")
@click.pass_obj
def dossier_build(installation: Installation, scope: str, email: str, on: datetime | None, out: Path) -> None:
    """Produit le PDF et le ZIP du candidat à une date."""
    with (
        installation.acting(scope, email, Permission.BUILD_DOSSIER),
        dossier.build_files(referential(_day(on)), _day(on)) as files,
    ):
        out.mkdir(parents=True, exist_ok=True)
        audit.record(files.establishment_id, "dossier.exported", on=_day(on))
        for path in (files.pdf, files.zip):
            shutil.copyfile(path, out / path.name)
            click.echo(str(out / path.name))


@dossier_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def dossier_verify_command(file: Path) -> None:
    """Dit si un dossier ZIP est intact."""
    verification = dossier_verify.verify(file)
    if verification.intact:
        click.echo("Intact : chaque fichier correspond au manifeste.")
        return
    for problem in verification.problems:
        click.echo(problem, err=True)
    raise click.exceptions.Exit(1)


@click.group("candidate")
def candidate_group() -> None:
    """Candidature d’un GHT ou d’une entité hors GHT."""


@candidate_group.command("open")
@scope_option
@as_option
@click.pass_obj
def candidate_open(installation: Installation, scope: str, email: str) -> None:
    """Ouvre la candidature au domaine 2."""
    with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.open_candidate("D2")
    click.echo(f"Candidature ouverte : {candidate.name}.")


@candidate_group.command("record")
@scope_option
@as_option
@click.option(
    "--applied-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="date de dépôt de la candidature sur eCaRE"
)
@click.option(
    "--declared-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="date de dépôt de la déclaration sur eCaRE"
)
@click.option("--ecare-number", default=None)
@click.option("--freeze/--no-freeze", default=True, help="figer les parties à cette date")
@click.pass_obj
def candidate_record(
    installation: Installation,
    scope: str,
    email: str,
    applied_on: datetime,
    declared_on: datetime | None,
    ecare_number: str | None,
    freeze: bool,
) -> None:
    """Enregistre la candidature déposée et fige ses parties."""
    with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.require("D2")
        day = applied_on.date()
        candidates.record_application(
            candidate,
            applied_on=day,
            ecare_number=ecare_number,
            frozen_on=day if freeze else None,
            ecare_filed_on=declared_on.date() if declared_on else None,
        )
    click.echo("Candidature enregistrée." + (" Les parties sont figées." if freeze else ""))


@click.command("audit")
@scope_option
@as_option
@click.pass_obj
def audit_command(installation: Installation, scope: str, email: str) -> None:
    """Vérifie la chaîne d’audit d’un établissement."""
    with installation.acting(scope, email, Permission.READ):
        target = current().scope
        if target.kind is not ScopeKind.ESTABLISHMENT or target.id is None:
            raise Invalid("La chaîne d’audit est celle d’un établissement : --scope etablissement:<finess>.")
        broken = audit.verify(target.id)
        if broken is not None:
            raise Refused(f"La chaîne d’audit ne tient plus à partir de l’événement n° {broken}.")
    click.echo("Chaîne d’audit intacte.")


COMMANDS = (status, coverage, dossier_group, candidate_group, audit_command)
