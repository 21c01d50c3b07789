"""`vigie import`: the same path as the page, answered at once."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click

from compliance.rules.words import plural
from compliance.services import opening
from importers import annotated, deposits, finess_list, prefill, registry, service, undo
from importers.faults import Unreadable
from importers.registry import WORKBOOKS
from importers.report import Report, to_json
from tenants.cli import Installation, as_option, json_option, scope_option
from tenants.permissions import Permission


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@scope_option
@as_option
@click.option("--preview", is_flag=True, help="dit ce qui serait enregistré, n’écrit rien")
@click.option("--apply", "apply_all", is_flag=True, help="enregistre tout, ou rien si une ligne est à corriger")
@click.option("--valid-rows", is_flag=True, help="enregistre les lignes valides seulement")
@json_option
@click.pass_obj
def import_command(  # one option of the command each
    installation: Installation,
    file: Path,
    scope: str,
    email: str,
    preview: bool,
    apply_all: bool,
    valid_rows: bool,
    as_json: bool,
) -> None:
    """Importe un classeur du kit."""
    if [preview, apply_all, valid_rows].count(True) != 1:
        raise click.UsageError("choisissez une seule option : --preview, --apply ou --valid-rows")
    try:
        with installation.acting(scope, email, Permission.IMPORT) as work:
            report, applied, run_id = service.import_now(file, apply_rows=not preview, valid_rows_only=valid_rows)
            if not preview and not applied:
                work.roll_back()
    except Unreadable as error:
        _unreadable(error, as_json)
    _show(report, applied, as_json)
    if run_id and not as_json:
        click.echo(f"Dépôt {run_id} (vigie import-undo {run_id} l’annule).")
    if not preview and not applied:
        raise click.exceptions.Exit(1)


def _unreadable(error: Unreadable, as_json: bool) -> None:
    if as_json:
        answer = {"workbook": None, "sheets": [], "faults": [error.fault().to_json()], "applied": False}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(error.sentence, err=True)
    raise click.exceptions.Exit(1)


def _show(report: Report, applied: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(to_json(report, applied=applied), ensure_ascii=False))
        return
    for sheet in report.sheets:
        told = ", ".join(
            f"{count} {word}"
            for word, count in zip(
                ("nouvelles", "modifiées", "inchangées", "à corriger"), sheet.counts.values(), strict=True
            )
        )
        click.echo(f"{sheet.name} (en-tête ligne {sheet.header_row}) : {told}")
    for fault in report.faults:
        place = ", ".join(part for part in (fault.sheet, fault.cell, fault.column) if part)
        click.echo(f"  {fault.code:<6} {place} : {fault.reason} {fault.remedy}")
    left = sum(report.totals.values()) - len(report.faults) if report.totals else 0
    if left:
        click.echo(f"  … et {left} autres remarques : elles sont toutes dans le fichier annoté.")
    if not any(sum(sheet.counts.values()) for sheet in report.sheets):
        click.echo("Le classeur ne contient aucune ligne à enregistrer.")
    click.echo("Appliqué." if applied else "Rien n’a été enregistré.")


@click.command("import-undo")
@click.argument("run", type=click.UUID)
@scope_option
@as_option
@click.pass_obj
def undo_command(installation: Installation, run: UUID, scope: str, email: str) -> None:
    """Annule un dépôt appliqué : remet les lignes comme avant, sauf celles que quelqu’un a changées depuis."""
    with installation.acting(scope, email, Permission.IMPORT):
        undo.order_undo(run)
        undo.undo(run)
        done = deposits.get(run).undo or {}
    click.echo(f"{done['undone']} lignes remises comme avant, {done['kept']} laissées (modifiées depuis).")
    for key in done["kept_keys"]:
        click.echo(f"  {key}")


@click.command("import-annotate")
@click.argument("run", type=click.UUID)
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@scope_option
@as_option
@click.pass_obj
def annotate_command(installation: Installation, run: UUID, output: Path, scope: str, email: str) -> None:
    """Écrit le fichier déposé avec ses remarques dans les cellules."""
    with installation.acting(scope, email, Permission.IMPORT), output.open("wb") as stream:
        annotated.annotate_to(run, stream)
    click.echo(f"Écrit : {output}")


@click.command("kit")
@click.argument("code", type=click.Choice([workbook.code for workbook in WORKBOOKS]))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@scope_option
@as_option
@click.option("--blank", is_flag=True, help="sans les lignes déjà enregistrées")
@click.pass_obj
def kit_command(  # one option of the command each
    installation: Installation, code: str, output: Path, scope: str, email: str, blank: bool
) -> None:
    """Écrit un classeur du kit, prérempli : le modèle, et l’export de ce qui est enregistré."""
    found = registry.workbook(code)
    assert found is not None  # noqa: S101  one of the choices
    with installation.acting(scope, email, Permission.IMPORT), output.open("wb") as stream:
        prefill.build(found, stream, blank=blank)
    click.echo(f"Écrit : {output}")


@click.group("candidates")
def candidates_group() -> None:
    """Tous les candidats connus (exploitant)."""


@candidates_group.command("open")
@click.option("--domain", required=True, type=click.Choice(["D2"]), help="domaine")
@click.option("--region", default="", help="code INSEE d’une région ; toutes par défaut")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="liste de FINESS d’entités hors GHT (CSV ou classeur)",
)
@click.pass_obj
def candidates_open(installation: Installation, domain: str, region: str, file: Path | None) -> None:
    """Ouvre une déclaration pour chaque candidat connu : « dossier zéro »."""
    try:
        listed = finess_list.numbers(file) if file else []
    except Unreadable as error:
        click.echo(error.sentence, err=True)
        raise click.exceptions.Exit(1) from error
    with installation.owner() as engine, engine.begin() as connection:
        done = opening.open_known(connection, domain, region, listed)
    opened = done.ghts + done.alone
    click.echo(
        f"{opened} {plural(opened, 'candidat ouvert', 'candidats ouverts')} : {done.ghts} GHT, {done.alone} hors GHT."
        f" {done.already} {plural(done.already, 'était ouvert', 'étaient ouverts')} déjà."
    )
    for name in done.without_support:
        click.echo(f"  {name} : aucun établissement support connu, complétez l’annuaire.")


COMMANDS = (import_command, undo_command, annotate_command, kit_command, candidates_group)
