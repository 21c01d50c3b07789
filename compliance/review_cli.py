"""Commands of the review: the queue, the pieces, decisions, steps, filing, and decisions as text."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from compliance.clock import today
from compliance.jobs import referential
from compliance.models.dossier import Filing
from compliance.reports import canonical
from compliance.rules.procedure import ANS, ARS, CANDIDATE
from compliance.rules.review import CAUSES
from compliance.rules.words import plural, short_date
from compliance.services import candidate as candidates
from compliance.services import dossier, filing, procedure, review, review_queue, review_text
from tenants import accounts, audit
from tenants.cli import Installation, as_option, json_option, scope_option
from tenants.errors import Invalid, NotFound
from tenants.permissions import Permission

candidate_option = click.option(
    "--candidate", "code", default="", help="code du GHT ou FINESS du candidat ; inutile dans son propre périmètre"
)
piece_option = click.option(
    "--piece", required=True, help="nom du fichier, ou identifiant donné par « vigie review pieces »"
)
STATES = {"undecided": "à examiner", "accepted": "acceptée", "returned": "retournée"}


@click.group("review")
def review_group() -> None:
    """Instruction des dossiers transmis."""


def _candidate(code: str) -> UUID:
    """Return the candidate named, or that of the scope. Raises Invalid without a name where there are several."""
    if procedure.level() == CANDIDATE:
        return candidates.require("D2").id
    if not code:
        raise Invalid("Dites de quel candidat : --candidate suivi du code de son GHT ou de son FINESS.")
    return procedure.by_code(code)


def _piece(filed: Filing, named: str) -> UUID:
    found = [each.piece for each in review.pieces(filed) if named in {each.piece.filename, str(each.piece.id)}]
    if not found:
        raise NotFound("Cette pièce n’existe pas, ou elle ne vous est pas ouverte.")
    if len(found) > 1:
        raise Invalid(f"{len(found)} pièces s’appellent « {named} » : donnez l’identifiant de l’une d’elles.")
    return found[0].id


@review_group.command("queue")
@scope_option
@as_option
@json_option
@click.pass_obj
def queue_command(installation: Installation, scope: str, email: str, as_json: bool) -> None:
    """Dossiers à instruire, dans l’ordre de la file."""
    day = today()
    with installation.acting(scope, email, Permission.REVIEW):
        found = review_queue.queue(referential(day), day)
    if as_json:
        keys = (
            "name",
            "code",
            "version",
            "filed_on",
            "pieces",
            "undecided",
            "returned",
            "effort",
            "ends_on",
            "days_left",
        )
        told = [{key: getattr(each, key) for key in keys} | {"state": each.state.key} for each in found.entries]
        click.echo(canonical.dumps({"on": day, "definition": found.definition, "dossiers": told}).decode())
        return
    click.echo(found.definition)
    for each in found.entries:
        ends = f"{short_date(each.ends_on)} ({each.ends_confidence})" if each.ends_on else "fin non connue"
        left = f"{each.undecided} {plural(each.undecided, 'pièce', 'pièces')} à examiner sur {each.pieces}"
        click.echo(f"{each.code:<16} {each.state.label:<26} {left:<32} {ends:<24} {each.reviewer or '-'}")


@review_group.command("pieces")
@scope_option
@as_option
@candidate_option
@click.pass_obj
def pieces_command(installation: Installation, scope: str, email: str, code: str) -> None:
    """Pièces du dernier dossier transmis, et ce que l’autorité en a dit."""
    with installation.acting(scope, email, Permission.READ if _own(scope) else Permission.REVIEW):
        filed = dossier.latest(_candidate(code))
        here = procedure.standing(filed.candidate_id).state
        level = ANS if here.key.startswith("ans") or procedure.level() == ANS else ARS
        lines = [
            f"{each.piece.row_code:<8} {STATES[each.state(level)]:<11} {each.piece.id} {each.piece.filename}"
            for each in review.pieces(filed)
        ]
        audit.record(filed.establishment_id, "filing.read", filing=filed.id)
        version = filed.version
    click.echo(f"Version {version} : {here.label}.")
    for line in lines:
        click.echo(line)


def _own(scope: str) -> bool:
    return scope.partition(":")[0] in {"ght", "etablissement"}


@review_group.command("decide")
@scope_option
@as_option
@candidate_option
@click.option("--piece", default="", help="accepte cette pièce ; sans elle, la décision est sur le dossier")
@click.option("--favourable/--unfavourable", default=True, help="sens de la décision sur le dossier")
@click.option("--reason", default="", help="motif ; obligatoire si la décision est défavorable")
@click.pass_obj
def decide_command(  # one option of the command each
    installation: Installation, scope: str, email: str, code: str, piece: str, favourable: bool, reason: str
) -> None:
    """Accepte une pièce, ou décide sur le dossier."""
    with installation.acting(scope, email, Permission.REVIEW):
        candidate = _candidate(code)
        filed = dossier.latest(candidate)
        if piece:
            if not favourable:
                raise Invalid("Une pièce se retourne par « vigie review return », avec sa cause et un message.")
            review.decide(filed, _piece(filed, piece), accepted=True, message=reason)
        else:
            review.decide_dossier(filed, favourable, reason)
        state = procedure.standing(candidate).state
    click.echo(f"{'Pièce acceptée' if piece else 'Décision enregistrée'} : {state.label}.")


@review_group.command("return")
@scope_option
@as_option
@candidate_option
@piece_option
@click.option("--cause", type=click.Choice(list(CAUSES)), required=True, help="inexacte, incomplète ou dépassée")
@click.option("--message", required=True, help="ce que le candidat doit corriger")
@click.pass_obj
def return_command(  # one option of the command each
    installation: Installation, scope: str, email: str, code: str, piece: str, cause: str, message: str
) -> None:
    """Retourne une pièce au candidat : elle seule se rouvre."""
    with installation.acting(scope, email, Permission.REVIEW):
        filed = dossier.latest(_candidate(code))
        review.decide(filed, _piece(filed, piece), accepted=False, cause=cause, message=message)
        state = procedure.standing(filed.candidate_id).state
    click.echo(f"Pièce retournée : {state.label}.")


@review_group.command("export")
@scope_option
@as_option
@candidate_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="fichier ; sinon la sortie standard")
@click.pass_obj
def export_command(installation: Installation, scope: str, email: str, code: str, out: Path | None) -> None:
    """Décisions et motifs en texte, ligne par ligne, prêts à coller dans eCaRE."""
    with installation.acting(scope, email, Permission.REVIEW):
        filed = dossier.latest(_candidate(code))
        text = review_text.export_text(filed, review.pieces(filed))
        audit.record(filed.establishment_id, "review.exported", filing=filed.id)
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"Écrit : {out}")


@review_group.command("move")
@scope_option
@as_option
@candidate_option
@click.option("--to", "target", required=True, help="étape suivante : ars_review, ans_control, payment_requested, paid")
@click.option("--reason", default="", help="motif de l’étape")
@click.pass_obj
def move_command(installation: Installation, scope: str, email: str, code: str, target: str, reason: str) -> None:
    """Fait passer une déclaration à l’étape suivante : ouvrir, demander le paiement."""
    with installation.acting(scope, email, Permission.FILE_DOSSIER if _own(scope) else Permission.REVIEW):
        candidate = _candidate(code)
        procedure.move(candidate, target, reason)
        last = procedure.history(candidate)[-1]
    click.echo(f"{last.sentence}.")


@review_group.command("file")
@scope_option
@as_option
@click.pass_obj
def file_command(installation: Installation, scope: str, email: str) -> None:
    """Transmet le dossier à l’ARS, ou les pièces qu’une autorité a retournées."""
    with installation.acting(scope, email, Permission.FILE_DOSSIER):
        candidate = candidates.require("D2")
        waits = review.returning_level(procedure.standing(candidate.id).state.key)
        last = dossier.latest(candidate.id).id if waits else None
        filed = (filing.refile if waits else filing.file)(referential())
        version = filed.version
        changed = [
            (each.piece.row_code, each.before.filename, each.piece.filename)
            for each in (review.pieces(filed) if waits else [])
            if each.before and each.before.filing_id == last
        ]
    click.echo(f"Version {version} transmise dans Vigie. Le dépôt sur eCaRE reste à faire.")
    for row, before, after in changed:
        click.echo(f"{row:<8} {before} → {after}")


@review_group.command("assign")
@scope_option
@as_option
@candidate_option
@click.option("--to", "reviewer", default="", help="adresse de qui instruit ; sans elle, le dossier est rendu")
@click.option("--note", default="", help="note de passage")
@click.pass_obj
def assign_command(installation: Installation, scope: str, email: str, code: str, reviewer: str, note: str) -> None:
    """Confie un dossier à une personne de l’ARS, ou le rend."""
    person = None
    with installation.app.app_context():
        person = accounts.by_email(reviewer) if reviewer else None
    with installation.acting(scope, email, Permission.REVIEW):
        review_queue.assign(_candidate(code), person.id if person else None, note)
    click.echo(f"Confié à {person.name}." if person else "Rendu à la file.")


COMMANDS = (review_group,)
