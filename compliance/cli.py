"""Commands of the domain: state, coverage, publication, dossier, candidature."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import click

from compliance import filing_cli
from compliance.clock import today
from compliance.filing_cli import delegation_group
from compliance.inspection.verdict import judge
from compliance.jobs import referential
from compliance.reports import canonical, recompute, verify_dossier
from compliance.reports.difference import difference
from compliance.reports.missing import missing
from compliance.reports.progress import candidate_progress, without_internal_keys
from compliance.reports.situation import situation
from compliance.reports.tasks import tasks
from compliance.rules import words
from compliance.rules.verdict import State
from compliance.services import candidate as candidates
from compliance.services import dossier, dossier_files, inspection, publication, rehash, retention, scope_establishments
from compliance.services.application import Decision
from tenants import audit
from tenants.cli import Installation, as_option, scope_option
from tenants.context import ScopeKind, current
from tenants.errors import Invalid, NotFound, Refused
from tenants.permissions import Permission

on_option = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="date de la question (aujourd’hui par défaut)")
known_option = click.option(
    "--known",
    type=click.DateTime(["%Y-%m-%d"]),
    help="avec ce qui était enregistré à cette date (par défaut celle de la question)",
)
json_option = click.option("--json", "as_json", is_flag=True, help="réponse en JSON")


def _day(on: datetime | None) -> date:
    return on.date() if on else today()


def _progress(
    installation: Installation, scope: str, email: str, on: date, known: datetime | None = None
) -> dict[str, Any]:
    told = known.date() if known else on
    with installation.acting(scope, email, Permission.READ):
        candidate = candidates.require("D2", told)
        return without_internal_keys(candidate_progress(candidate, referential(on, known=told), on, told))


@click.command()
@scope_option
@as_option
@on_option
@known_option
@json_option
@click.pass_obj
def status(
    installation: Installation, scope: str, email: str, on: datetime | None, known: datetime | None, as_json: bool
) -> None:
    """État des 13 lignes de CaRE D2, avec leurs motifs, à une date."""
    document = _progress(installation, scope, email, _day(on), known)
    if as_json:
        keys = ("candidate", "on", "referential", "answer", "met", "rows_total", "rows")
        click.echo(canonical.dumps({key: document[key] for key in keys}).decode())
        return
    click.echo(document["answer"])
    for row in document["rows"]:
        click.echo(f"{row['code']:<8} {row['state'].label:<16} {row['title']}")
        for reason in row["reasons"]:
            click.echo(f"{'':<8} {'':<16} {reason['text']}")


@click.command("missing")
@scope_option
@as_option
@on_option
@click.pass_obj
def missing_command(installation: Installation, scope: str, email: str, on: datetime | None) -> None:
    """Ce qui manque, par établissement, avec qui et pour quand."""
    day = _day(on)
    with installation.acting(scope, email, Permission.READ):
        care = referential(day)
        found = situation(care, day, day)
        groups = missing(found.gathered, found.document, care, day)
    if found.member:  # what is asked once is the GHT's to give
        groups = [group for group in groups if not group.whole]
    click.echo(f"{found.standing.first}.")
    for group in groups:
        blocking = sum(len(lack.things) for lack in group.lacks if lack.blocking)
        more = f", et {group.count - blocking} sans effet sur la part" if group.count > blocking else ""
        click.echo(f"\n{'Pour tous' if group.whole else group.name} : {blocking}{more}")
        for lack in group.lacks:
            due = words.short_date(lack.due_on) if lack.due_on else "sans date"
            aside = "" if lack.blocking else " (sans effet sur la part)"
            for action, why in lack.things:
                click.echo(f"{lack.row:<8} {due:<11} {lack.owner or 'à désigner':<28} {action or why}{aside}")


@click.command("tasks")
@scope_option
@as_option
@json_option
@click.pass_obj
def tasks_command(installation: Installation, scope: str, email: str, as_json: bool) -> None:
    """Ce qui est à faire par qui saisit, dans l’ordre des dates."""
    day = today()
    with installation.acting(scope, email, Permission.IMPORT):
        places = {entity.id: entity.finess for entity in scope_establishments.writable()}
        found = tasks(places, referential(day).date_of("target").on, day)
    if as_json:
        keys = ("kind", "finess", "due_on", "what", "why", "name")
        told = [{key: getattr(each, key) for key in keys} for each in found]
        click.echo(canonical.dumps({"on": day, "tasks": told}).decode())
        return
    late = sum(each.late(day) for each in found)
    click.echo(f"{len(found)} {words.plural(len(found), 'chose à faire', 'choses à faire')}, dont {late} en retard.")
    for each in found:
        due = words.short_date(each.due_on) if each.due_on else "sans date"
        click.echo(f"{due:<11} {each.finess} {each.what}")


@click.command("diff")
@scope_option
@as_option
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="première date")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="seconde date (aujourd’hui par défaut)")
@known_option
@click.pass_obj
def diff_command(
    installation: Installation,
    scope: str,
    email: str,
    since: datetime,
    until: datetime | None,
    known: datetime | None,
) -> None:
    """Ce qui a changé entre deux dates, avec les faits derrière chaque changement."""
    first, last = since.date(), _day(until)
    if first > last:
        raise Invalid("La première date doit précéder la seconde.")
    before, after = (_progress(installation, scope, email, day, known) for day in (first, last))
    found = difference(before, after)
    met = f"{before['met']} {words.plural(before['met'], 'ligne atteinte', 'lignes atteintes')}"
    click.echo(f"{met} au {words.short_date(first)}, {after['met']} au {words.short_date(last)}.")
    if not found.parties and not found.changes:
        click.echo("Rien n’a changé.")
    for text in found.parties:
        click.echo(text)
    for change in found.changes:
        was = State(change.before).label if change.before else "absente"
        click.echo(f"{change.code:<8} {was} → {State(change.after).label}")
        for mark, texts in (("-", change.gone), ("+", change.come)):
            for text in texts:
                click.echo(f"{'':<8} {mark} {text}")


@click.command("recompute")
@on_option
@click.pass_obj
def recompute_command(installation: Installation, on: datetime | None) -> None:
    """Recalcule l’état de tous les candidats (exploitant) : des nombres par ligne et par état, rien d’autre."""
    day, start = _day(on), time.perf_counter()
    with installation.reading_everything():
        count, rows = recompute.tally(each for (each,) in recompute.states("D2", [referential(day)], day, day))
    for code, states in rows.items():
        click.echo(f"{code:<8} {', '.join(f'{state.label} {number}' for state, number in states.most_common())}")
    took = f"{time.perf_counter() - start:.1f}".replace(".", ",")
    click.echo(f"{count} {words.plural(count, 'candidat recalculé', 'candidats recalculés')} en {took} s.")


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


@click.command()
@scope_option
@as_option
@click.option("--dry-run", is_flag=True, help="dit ce que l’ARS verrait, sans rien publier")
@click.pass_obj
def publish(installation: Installation, scope: str, email: str, dry_run: bool) -> None:
    """Publie à l’ARS les chiffres du jour, sans motif ni nom."""
    with installation.acting(scope, email, Permission.READ if dry_run else Permission.PUBLISH):
        candidate = candidates.require("D2")
        document = candidate_progress(candidate, referential(), today())
        if not dry_run:
            publication.publish(document, candidate)
        agency = candidate.region.name
    figures = publication.figures(document)
    met = f"{figures['met']} {words.plural(figures['met'], 'ligne atteinte', 'lignes atteintes')}"
    click.echo(f"{met} sur {figures['rows_total']}, état au {figures['on']:%d/%m/%Y}")
    for row in figures["rows"]:
        share = _percent(row["share"]["share"]) if row["share"] else ""
        click.echo(f"{row['code']:<8} {State(row['state']).label:<16} {share:<8} {row['title']}")
    click.echo("Rien n’a été publié." if dry_run else f"Publié : l’{agency} voit ces chiffres.")


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="compte les noms à oublier, sans rien changer")
@click.pass_obj
def retention_command(installation: Installation, dry_run: bool) -> None:
    """Oublie les noms des émargements dont la durée de conservation est passée (exploitant)."""
    with installation.owner() as engine, engine.begin() as connection:
        found = retention.forget(connection, dry_run=dry_run)
    if not found:
        click.echo("Aucun établissement n’a fixé de durée : tous les noms sont gardés.")
        return
    for each in found:
        people = f"{each.people} {words.plural(each.people, 'personne', 'personnes')}"
        lines = f"{each.lines} {words.plural(each.lines, 'présence', 'présences')} ({people})"
        click.echo(f"{each.finess}  {lines}, {each.months} mois après la fin de la session  {each.name}")
        if each.unknown:
            kept = words.plural(each.unknown, "présence gardée : la fin de sa", "présences gardées : la fin de leur")
            click.echo(f"{'':<9}  {each.unknown} {kept} session n’est pas connue")
    total = sum(each.lines for each in found)
    done = words.plural(total, "présence est sans nom", "présences sont sans nom")
    click.echo("Rien n’a été oublié." if dry_run or not total else f"{total} {done} désormais.")


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
        source = _frozen(version) if version else dossier_files.of_day(referential(_day(on)), _day(on))
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


for command in filing_cli.DOSSIER:
    dossier_group.add_command(command)


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
            ecare_number=ecare_number or candidate.ecare_number,
            frozen_on=day if freeze else None,
            ecare_filed_on=declared_on.date() if declared_on else candidate.ecare_filed_on,
            phase_start=referential().date_of("phase_start").on,
        )
    click.echo("Candidature enregistrée." + (" Les parties sont figées." if freeze else ""))


@candidate_group.command("decision")
@scope_option
@as_option
@click.option("--decision", type=click.Choice([each.value for each in Decision]), help="décision de l’ARS")
@click.option("--decided-on", type=click.DateTime(["%Y-%m-%d"]), help="date de cette décision")
@click.option("--requested-cents", type=click.IntRange(0), help="montant demandé, en centimes")
@click.option("--ceiling-cents", type=click.IntRange(0), help="plafond du candidat, en centimes")
@click.option("--note", help="une remarque, jamais un nom")
@click.pass_obj
def candidate_decision(installation: Installation, /, scope: str, email: str, **given: Any) -> None:
    """Enregistre ce que l’ARS a décidé d’une candidature ; ce qui n’est pas dit reste tel quel."""
    told = {name: value for name, value in given.items() if value is not None}
    if "decided_on" in told:
        told["decided_on"] = told["decided_on"].date()
    if "decision" in told:
        told["decision"] = Decision(told["decision"])
    with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.require("D2")
        candidates.record_application(
            candidate,
            applied_on=candidate.applied_on,
            ecare_number=candidate.ecare_number,
            frozen_on=candidate.frozen_on,
            ecare_filed_on=candidate.ecare_filed_on,
            answer=replace(candidate.answer, **told),
        )
    click.echo("Décision enregistrée.")


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


COMMANDS = (
    status,
    missing_command,
    tasks_command,
    diff_command,
    coverage,
    recompute_command,
    retention_command,
    inspect_command,
    rehash_command,
    publish,
    dossier_group,
    delegation_group,
    candidate_group,
    audit_command,
)
