"""Commands of the operator about referentials: validate, compare, publish, list, and enter a national date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from compliance.clock import PARIS, today
from compliance.programme import referential as programme
from compliance.programme.difference import Change, differences
from compliance.programme.referential import UNKNOWN_DATE, Referential, ReferentialError
from compliance.reports import recompute
from compliance.rules.words import plural, short_date
from compliance.services import referential as referentials
from compliance.services.referential import NATIONAL_CONFIDENCES, Files
from tenants.cli import Installation
from tenants.errors import Invalid, Refused

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
domain_option = click.option("--domain", default="D2", show_default=True, help="domaine : D2, OBL…")
by_option = click.option("--by", required=True, help="nom de la personne qui décide, gardé avec ce qui est publié")


@contextmanager
def _owner(installation: Installation) -> Iterator[tuple[Connection, Files]]:
    """One transaction as the owner, and the files of the installation."""
    try:
        files = programme.load_all(installation.settings.referentials)
    except ReferentialError as error:
        raise Invalid(f"{error}.") from error
    with installation.owner() as engine, engine.begin() as connection:
        yield connection, files


def _text(file: Path) -> str:
    try:
        return programme.read_text(file)
    except ReferentialError as error:
        raise Invalid(f"{error}.") from error


def _told(changes: Iterable[Change]) -> None:
    sentences = [change.text for change in changes] or ["Aucune différence"]
    for sentence in sentences:
        click.echo(f"  {sentence}.")


@click.group("referential")
def referential_group() -> None:
    """Référentiels : versions et dates nationales (exploitant)."""


@referential_group.command("validate")
@file_argument
def validate(file: Path) -> None:
    """Dit si un fichier est un référentiel, et sinon ce qui ne va pas."""
    found = referentials.read_content(file.name, _text(file))
    rows, dates = len(found.rows), len(found.dates)
    click.echo(
        f"Valable : {found.domain}, version {found.version}, {rows} {plural(rows, 'ligne', 'lignes')}, "
        f"{dates} {plural(dates, 'date', 'dates')}."
    )


@referential_group.command("diff")
@file_argument
@click.option("--against", help="version à laquelle comparer (celle en vigueur par défaut)")
@click.pass_obj
def diff(installation: Installation, file: Path, against: str | None) -> None:
    """Dit ce qu’un fichier change."""
    after = referentials.read_content(file.name, _text(file))
    with _owner(installation) as (connection, files):
        if against:
            before = referentials.find(connection, files, after.domain, against)
        else:
            before, after = _both(connection, files, after, today())
    click.echo(f"{after.domain}, de la version {before.version} à la version {after.version} :")
    _told(differences(before, after))


def _both(connection: Connection, files: Files, after: Referential, on: date) -> tuple[Referential, Referential]:
    """Give the rule of a day and what it would become, both with the national dates: what people would really see."""
    dates = referentials.national_dates(connection, after.domain)
    return referentials.rule(connection, files, after.domain, on), referentials.with_national_dates(after, dates)


def _whose(installation: Installation, before: Referential, after: Referential, on: date) -> None:
    """Tell whose state would change on the day a version takes effect, row by row; nothing else is read out.

    The candidates of D2 are those whose facts are kept: another domain is judged on them too.
    """
    count, moving = 0, 0
    with installation.reading_everything():
        for was, now in recompute.states("D2", [before, after], on, max(on, today())):
            count += 1
            told = recompute.moved(was, now)
            moving += bool(told)
            if told:
                click.echo(f"  {was.name} ({was.code}) : {' ; '.join(told)}.")
    candidates = plural(moving, "candidat change", "candidats changent")
    click.echo(f"  {moving} {candidates} d’état sur {count} ; les dossiers déposés gardent leur version.")


@referential_group.command("publish")
@file_argument
@click.option("--takes-effect", type=click.DateTime(["%Y-%m-%d"]), required=True, help="jour de prise d’effet")
@by_option
@click.option("--note", default="", help="ce que la page des versions en dira")
@click.option("--yes", is_flag=True, help="publier sans demander")
@click.pass_obj
def publish(installation: Installation, file: Path, takes_effect: datetime, by: str, note: str, yes: bool) -> None:
    """Publie un référentiel pour tous, à partir d’un jour."""
    content, day = _text(file), takes_effect.date()
    after = referentials.read_content(file.name, content)
    with _owner(installation) as (connection, files):
        if after.domain not in referentials.domains(connection, files):
            raise Invalid(
                f"Le domaine {after.domain} n’a encore aucun fichier : il se livre avec Vigie ou se monte d’abord."
            )
        before, effective = _both(connection, files, after, day)
        # Written before the question, so that every refusal comes first; a « non » takes it back.
        referentials.publish(connection, files, content, day, by, note)
        click.echo(f"{after.domain}, de la version {before.version} à la version {after.version} :")
        _told(differences(before, effective))
        for sentence in referentials.masked(connection, after):
            click.echo(f"  {sentence}.")
        _whose(installation, before, effective, day)
        question = f"Publier, avec effet le {short_date(day)} ?"
        if not yes and click.prompt(question, type=click.Choice(["oui", "non"])) == "non":
            raise Refused("Rien n’a été publié.")
    click.echo(
        f"Version {after.version} publiée : elle prend effet le {short_date(day)}. Les dossiers déposés gardent la leur."
    )


@referential_group.command("list")
@click.option("--domain", help="un seul domaine (tous par défaut)")
@click.pass_obj
def list_(installation: Installation, domain: str | None) -> None:
    """Liste les versions connues, la plus récente d’abord."""
    with _owner(installation) as (connection, files):
        for name in [domain] if domain else referentials.domains(connection, files):
            current = referentials.rule(connection, files, name, today())
            for each in referentials.versions(connection, files, name):
                here = "en vigueur" if each.referential.version == current.version else ""
                click.echo(f"{name:<4} {each.referential.version:<24} {here:<11} {_origin(each)}".rstrip())


def _origin(version: referentials.PublishedVersion) -> str:
    if version.takes_effect_on is None or version.published_at is None:
        return "fichier"
    published = short_date(version.published_at.astimezone(PARIS).date())
    return f"effet le {short_date(version.takes_effect_on)}, publiée le {published} par {version.published_by}"


class DayOrUnknown(click.ParamType[date | None]):
    """A day written 2026-11-30, or « inconnue »."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date | None:
        """Read the day. Fails as a usage error."""
        if value == "inconnue":
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"« {value} » : attendu AAAA-MM-JJ, ou inconnue", param, ctx)


@referential_group.command("date")
@click.argument("key")
@click.argument("day", type=DayOrUnknown())
@domain_option
@click.option("--confidence", help=f"{', '.join(NATIONAL_CONFIDENCES)} (saisie par défaut)")
@click.option("--source", required=True, help="d’où vient cette date")
@by_option
@click.pass_obj
def date_(
    installation: Installation, key: str, day: date | None, domain: str, confidence: str | None, source: str, by: str
) -> None:
    """Saisit une date nationale, tout de suite et pour tous."""
    sure = confidence or (programme.ENTERED_DATE if day else UNKNOWN_DATE)
    with _owner(installation) as (connection, files):
        before = referentials.rule(connection, files, domain, today())
        after = referentials.record_date(connection, files, domain, key, day, sure, source, by)
    click.echo(f"{after.date_of(key).label} :")
    _told(differences(before, after))


COMMANDS = (referential_group,)
