"""Commands of the dossier: built, verified, checked before filing, its parts, what eCaRE knows of it, who may sign it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

import click

from compliance.clock import today
from compliance.jobs import referential
from compliance.programme import counter
from compliance.reports import canonical, readiness, verify_dossier
from compliance.rules import words
from compliance.rules.readiness import Severity
from compliance.services import candidate as candidates
from compliance.services import delegation, dossier, dossier_files, ecare, part
from tenants import audit
from tenants.cli import Installation, as_option, json_option, on_option, scope_option
from tenants.errors import Invalid, NotFound
from tenants.permissions import Permission


@click.group("dossier")
def dossier_group() -> None:
    """Dossier de déclaration."""


@dossier_group.command("build")
@scope_option
@as_option
@on_option
@click.option("--filing", "version", type=click.IntRange(min=1), help="depuis la version transmise de ce numéro")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="dossier de sortie")
@click.pass_obj
def dossier_build(
    installation: Installation, scope: str, email: str, on: datetime | None, version: int | None, out: Path
) -> None:
    """Produit le PDF, le document Word et le ZIP du candidat, à une date ou depuis une version transmise."""
    if on and version:
        raise Invalid("Donnez --on ou --filing : une version transmise a sa propre date.")
    with installation.acting(scope, email, Permission.BUILD_DOSSIER):
        day = on.date() if on else today()
        source = _frozen(version) if version else dossier_files.of_day(referential(day), day)
        with dossier_files.built(source) as files:
            audit.record(files.establishment_id, "dossier.exported", on=source.document["on"], version=version)
            out.mkdir(parents=True, exist_ok=True)
            for name, content in (("pdf", BytesIO(files.pdf)), ("docx", BytesIO(files.word)), ("zip", files.zip)):
                with (out / f"dossier.{name}").open("wb") as target:
                    shutil.copyfileobj(content, target)
                click.echo(str(out / f"dossier.{name}"))


def _frozen(version: int) -> dossier_files.Source:
    for filing in dossier.filings(candidates.require("D2").id):
        if filing.version == version:
            return dossier_files.frozen(filing)
    raise NotFound(f"Aucune version {version} n’a été transmise.")


@dossier_group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def dossier_verify_command(file: Path) -> None:
    """Dit si un dossier ZIP est intact."""
    problems = verify_dossier.problems(str(file))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("Intact : chaque fichier est celui du manifeste.")


@dossier_group.command("check")
@scope_option
@as_option
@json_option
@click.pass_obj
def dossier_check(installation: Installation, scope: str, email: str, as_json: bool) -> None:
    """Prêt à déposer ? Ce qui empêche, ce qui est à regarder, ce qu’il faut savoir."""
    day = today()
    desk = counter.load(installation.settings.referentials)
    with installation.acting(scope, email, Permission.READ):
        findings = readiness.check(candidates.require("D2", day), referential(day), desk, day)
    if as_json:
        keys = ("rule", "severity", "text", "holder", "stops")
        found = [{key: getattr(each, key) for key in keys} for each in findings]
        click.echo(canonical.dumps({"on": day, "findings": found}).decode())
        return
    blocks = sum(each.severity is Severity.BLOCKS for each in findings)
    told = f"{blocks} {words.plural(blocks, 'chose empêche', 'choses empêchent')} de déposer un dossier complet."
    click.echo(told if blocks else "Rien n’empêche de déposer.")
    for each in findings:
        whose = f" ({each.holder})" if each.holder else ""
        click.echo(f"{each.severity.label:<11} {each.rule.label:<26} {each.text}{whose}")


@dossier_group.command("part")
@scope_option
@as_option
@click.option("--ready/--not-ready", required=True, help="la partie est prête, ou elle ne l’est plus")
@click.option("--note", default="", help="remarque pour le GHT")
@click.pass_obj
def dossier_part(installation: Installation, scope: str, email: str, ready: bool, note: str) -> None:
    """Dit que la partie d’un établissement membre est prête, ou ne l’est plus."""
    with installation.acting(scope, email, Permission.BUILD_DOSSIER):
        part.say(ready=ready, note=note, known=today())
    click.echo("La partie est dite prête." if ready else "La partie n’est plus dite prête.")


@dossier_group.command("ecare")
@scope_option
@as_option
@click.option("--filed-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="jour du dépôt sur eCaRE")
@click.option("--number", default=None, help="numéro de la déclaration")
@click.option("--state", default=None, help="état donné par eCaRE (clé de la liste)")
@click.option("--state-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="jour où eCaRE l’a donné")
@click.option(
    "--receipt", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None, help="récépissé à joindre"
)
@click.pass_obj
def dossier_ecare(
    installation: Installation,
    scope: str,
    email: str,
    filed_on: datetime,
    number: str | None,
    state: str | None,
    state_on: datetime | None,
    receipt: Path | None,
) -> None:
    """Note ce qu’eCaRE a rendu de la déclaration ; ce qui n’est pas donné reste."""
    known_states = {each.key for each in counter.load(installation.settings.referentials).states}
    if state is not None and state not in known_states:
        raise Invalid(f"État inconnu : choisissez parmi {', '.join(sorted(known_states))}.")
    with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.require("D2")
        before = ecare.latest(candidate.id)
        after = replace(
            before,
            filed_on=filed_on.date(),
            number=before.number if number is None else number.strip(),
            state=before.state if state is None else state,
            state_on=before.state_on if state_on is None else state_on.date(),
        )
        file = (receipt.name, BytesIO(receipt.read_bytes())) if receipt else None
        ecare.record(candidate, after, today(), referential().date_of("phase_start").on, receipt=file)
    click.echo("Dépôt sur eCaRE enregistré.")


@click.group("delegation")
def delegation_group() -> None:
    """Délégations de signature d’un candidat."""


@delegation_group.command("list")
@scope_option
@as_option
@click.pass_obj
def delegation_list(installation: Installation, scope: str, email: str) -> None:
    """Liste les délégations, la dernière d’abord."""
    with installation.acting(scope, email, Permission.READ):
        found = delegation.delegations(candidates.require("D2"))
    for each in found or ():
        state = "retirée" if each.withdrawn else "en vigueur" if each.in_force(today()) else "sans effet ce jour"
        dates = f"{words.short_date(each.starts_on)} au {words.short_date(each.ends_on)}"
        click.echo(f"{each.id} {dates} {state:<18} {each.name} ({each.deed})")
    if not found:
        click.echo("Aucune délégation.")


@delegation_group.command("add")
@scope_option
@as_option
@click.option("--to", "delegate", required=True, help="adresse du compte de la personne")
@click.option("--deed", required=True, help="référence de l’acte")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="premier jour (aujourd’hui par défaut)")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="dernier jour")
@click.pass_obj
def delegation_add(
    installation: Installation,
    scope: str,
    email: str,
    delegate: str,
    deed: str,
    since: datetime | None,
    until: datetime,
) -> None:
    """Délègue la signature."""
    with installation.acting(scope, email, Permission.DELEGATE):
        delegation.grant(
            candidates.require("D2"), delegate, deed, since.date() if since else today(), until.date(), today()
        )
    click.echo("Délégation enregistrée.")


@delegation_group.command("withdraw")
@click.argument("delegation_id", type=click.UUID)
@scope_option
@as_option
@click.pass_obj
def delegation_withdraw(installation: Installation, delegation_id: UUID, scope: str, email: str) -> None:
    """Retire une délégation."""
    with installation.acting(scope, email, Permission.DELEGATE):
        delegation.withdraw(candidates.require("D2"), delegation_id)
    click.echo("Délégation retirée.")


COMMANDS = (dossier_group, delegation_group)
