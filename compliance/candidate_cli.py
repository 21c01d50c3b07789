"""Commands of a candidate: opened, its application recorded, what the ARS decided of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from compliance.services import call, procedure
from compliance.services import candidate as candidates
from compliance.services.application import Decision
from tenants.cli import Installation, as_option, scope_option
from tenants.permissions import Permission


@click.group("candidate")
def candidate_group() -> None:
    """Candidature d’un GHT ou d’une entité hors GHT."""


@candidate_group.command("open")
@scope_option
@as_option
@click.option(
    "--domain", default="D2", show_default=True, help="D2, ou un domaine à venir dont le référentiel est publié"
)
@click.pass_obj
def candidate_open(installation: Installation, scope: str, email: str, domain: str) -> None:
    """Ouvre la candidature à un domaine."""
    with installation.acting(scope, email, Permission.MANAGE_CANDIDATE):
        candidate = candidates.open_candidate("D2") if domain == "D2" else call.open_application(domain)
    click.echo(f"Candidature ouverte : {candidate.name}.")


@candidate_group.command("move")
@scope_option
@as_option
@click.option("--domain", required=True, help="le domaine à venir")
@click.option("--candidate", "code", default="", help="côté ARS, code du GHT ou FINESS du candidat")
@click.option("--to", "target", required=True, help="étape suivante, par exemple filed, ars_review, accepted")
@click.option("--reason", default="", help="motif de l’étape")
@click.pass_obj
def candidate_move(
    installation: Installation, scope: str, email: str, domain: str, code: str, target: str, reason: str
) -> None:
    """Fait passer la candidature à un domaine à venir à l’étape suivante : déposer, compléter, instruire, décider."""
    with installation.acting(scope, email, Permission.REVIEW if code else Permission.FILE_DOSSIER):
        candidate = procedure.by_code(code, domain) if code else candidates.require(domain).id
        call.take(candidate, target, reason)
        last = procedure.history(candidate, procedure.CANDIDATURE)[-1]
    click.echo(f"{last.sentence}.")


@candidate_group.command("record")
@scope_option
@as_option
@click.option(
    "--applied-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="date de dépôt de la candidature sur eCaRE"
)
@click.option("--ecare-number", default=None)
@click.option("--freeze/--no-freeze", default=True, help="figer les parties à cette date")
@click.pass_obj
def candidate_record(
    installation: Installation,
    scope: str,
    email: str,
    applied_on: datetime,
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
            answer=replace(candidate.answer, **told),
        )
    click.echo("Décision enregistrée.")


COMMANDS = (candidate_group,)
