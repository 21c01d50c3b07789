"""Commands about pieces: attach one, list them, drop a folder, look into a file, read again all that is stored."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click

from compliance.clock import today
from compliance.inspection.verdict import judge
from compliance.jobs import referential
from compliance.reports import canonical
from compliance.reports import evidence as reports
from compliance.rules import words
from compliance.services import (
    evidence,
    evidence_drop,
    evidence_quota,
    evidence_thread,
    evidence_version,
    inspection,
    rehash,
    scope_establishments,
)
from compliance.services.evidence_suggestion import read_back
from tenants.cli import Installation, as_option, json_option, scope_option
from tenants.errors import Invalid, Refused
from tenants.permissions import Permission

_DAY = click.DateTime(["%Y-%m-%d"])
establishment_option = click.option(
    "--establishment", default="", help="FINESS de l’établissement, s’il y en a plusieurs"
)


@click.group("evidence")
def evidence_group() -> None:
    """Pièces : joindre, lister, déposer un dossier."""


def _owner(finess: str) -> UUID:
    places = scope_establishments.writable()
    found = [entity.id for entity in places if entity.finess == finess or (not finess and len(places) == 1)]
    if not found:
        raise Invalid(
            "Donnez l’établissement avec --establishment : " + ", ".join(each.finess for each in places) + "."
        )
    return found[0]


def _date(given: datetime | None) -> date | None:
    return given.date() if given else None


@evidence_group.command("attach")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def inspect_command(installation: Installation, file: Path | None) -> None:
    """Dit ce qu’est un fichier, sans rien enregistrer ; sans fichier, analyse les pièces qui attendent (exploitant)."""
    if file is None:
        with installation.app.app_context():
            done, aside = inspection.inspect_waiting()
        told = f"{done} {words.plural(done, 'pièce analysée', 'pièces analysées')}, {aside} en quarantaine."
        click.echo(told + (" D’autres attendent peut-être : relancez." if done == inspection.MOST else ""))
        return
    settings = installation.settings
    found, scan = inspection.inspect_file(file, settings), inspection.scan_file(file, settings)
    pages = f", {found.pages} {words.plural(found.pages, 'page', 'pages')}" if found.pages else ""
    click.echo(f"{found.media_type}{pages}. Antivirus : {scan.outcome.label}.")
    verdict = judge(found, scan)
    for sentence in (*verdict.refusals, *verdict.warnings):
        click.echo(sentence)
    if verdict.refusals:
        raise click.exceptions.Exit(1)


@click.command("rehash")
@click.pass_obj
def rehash_command(installation: Installation) -> None:
    """Relit tout ce qui est stocké et dit ce qui a changé ou disparu (exploitant, chaque nuit)."""
    objects = wrong = 0
    with installation.app.app_context():
        for checked in rehash.check_everything():
            objects += checked.objects
            for what, found in (("modifié", checked.altered), ("perdu", checked.lost)):
                wrong += len(found)
                for sha256 in found:
                    click.echo(f"{checked.finess}  {what:<7}  {sha256}  {checked.name}", err=True)
    click.echo(f"{objects} {words.plural(objects, 'fichier relu', 'fichiers relus')}.")
    if wrong:
        told = words.plural(wrong, "fichier n’est plus celui", "fichiers ne sont plus ceux")
        raise Refused(f"{wrong} {told} qui a été reçu : restaurez-le depuis une sauvegarde du stockage.")
    click.echo("Chacun est tel qu’il a été reçu.")


COMMANDS = (evidence_group, inspect_command, rehash_command)
