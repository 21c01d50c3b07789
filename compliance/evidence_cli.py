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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@scope_option
@as_option
@click.option("--row", required=True, help="ligne du référentiel")
@click.option("--kind", default=reports.OTHER, help="type de pièce de cette ligne")
@establishment_option
@click.option("--approved-on", type=_DAY, help="date d’approbation")
@click.option("--effective-on", type=_DAY, help="date d’effet")
@click.option("--expires-on", type=_DAY, help="date de fin de validité")
@click.option("--whole", is_flag=True, help="vaut pour toutes les parties du candidat")
@click.option("--replaces", type=click.UUID, help="identifiant de la version qu’elle remplace")
@click.pass_obj
def attach(  # noqa: PLR0913  # one argument per option
    installation: Installation,
    file: Path,
    scope: str,
    email: str,
    row: str,
    kind: str,
    establishment: str,
    approved_on: datetime | None,
    effective_on: datetime | None,
    expires_on: datetime | None,
    whole: bool,
    replaces: UUID | None,
) -> None:
    """Joint un fichier à une ligne, ou une nouvelle version d’une pièce."""
    approved, effective, expires = (_date(given) for given in (approved_on, effective_on, expires_on))
    with installation.acting(scope, email, Permission.ATTACH_EVIDENCE), file.open("rb") as content:
        if replaces is not None:
            piece_id = evidence.replace(
                replaces, file.name, content, approved_on=approved, effective_on=effective, expires_on=expires
            )
        else:
            use = reports.read_choice(f"{row}|{kind}", referential(domain=reports.domain_of(row)))
            if use is None:
                raise Invalid(f"« {kind} » n’est pas une pièce de la ligne {row} : voir le référentiel.")
            piece_id = evidence.attach(
                _owner(establishment),
                *use,
                file.name,
                content,
                approved_on=approved,
                effective_on=effective,
                expires_on=expires,
                whole=whole,
            )
    click.echo(f"Pièce jointe : {piece_id}")


@evidence_group.command("list")
@scope_option
@as_option
@json_option
@click.pass_obj
def list_command(installation: Installation, scope: str, email: str, as_json: bool) -> None:
    """Les pièces du périmètre, leur état et l’espace utilisé."""
    with installation.acting(scope, email, Permission.READ):
        places = {entity.id: entity.finess for entity in scope_establishments.readable()}
        versions = evidence_version.versions(list(places), today())
        told = reports.lines(versions, {}, {}, evidence_thread.reasons([each.id for each in versions]))
        held = evidence_quota.quotas(list(places))
    if as_json:
        keys = (
            "id",
            "finess",
            "filename",
            "sha256",
            "size",
            "approved_on",
            "effective_on",
            "expires_on",
            "received_at",
            "counts",
        )
        pieces = [
            {
                **{key: getattr(line.version, key) for key in keys},
                "state": line.state,
                "rows": sorted({each.code for each in line.serves}),
            }
            for line in told
        ]
        click.echo(canonical.dumps({"pieces": [each | {"id": str(each["id"])} for each in pieces]}).decode())
        return
    for line in told:
        rows = ", ".join(dict.fromkeys(each.code for each in line.serves))
        click.echo(f"{line.version.finess}  {rows:<18} {line.word:<15} {line.version.filename}  {line.version.id}")
    for place, finess in places.items():
        click.echo(f"{finess}  espace utilisé : {held[place].told}")


@evidence_group.command("drop")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@scope_option
@as_option
@establishment_option
@click.pass_obj
def drop(installation: Installation, paths: tuple[Path, ...], scope: str, email: str, establishment: str) -> None:
    """Dépose des fichiers, un dossier ou un ZIP : ce que chacun devient et où il irait. Rien n’est joint, on range à l’écran."""
    with installation.acting(scope, email, Permission.ATTACH_EVIDENCE), ExitStack() as stack:
        files: list[tuple[str, BinaryIO]] = [
            (name, stack.enter_context(path.open("rb"))) for given in paths for name, path in _files(given)
        ]
        drop_id = evidence_drop.receive(_owner(establishment), files)
        evidence_drop.read(drop_id, referential())
        rows = evidence_drop.files(drop_id)
        waiting = sum(row.state == "read" for row in rows)
        for row in rows:
            first = next(iter(read_back(row.suggestions)), None)
            outcome = (
                row.reason
                if row.state == "refused"
                else f"{first.row} {first.kind}, {first.why}"
                if first
                else "à ranger"
            )
            click.echo(f"{'refusé' if row.state == 'refused' else 'reçu':<7} {row.filename} : {outcome}")
    click.echo(
        f"{waiting} {words.plural(waiting, 'fichier est à ranger', 'fichiers sont à ranger')} : preuves/depot/{drop_id}"
    )


def _files(given: Path) -> list[tuple[str, Path]]:
    """The files of a folder with their place in it, or the file itself."""
    if not given.is_dir():
        return [(given.name, given)]
    return [
        (str(path.relative_to(given.parent)), path)
        for path in sorted(given.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(given).parts)
    ]


@click.command("inspect")
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
