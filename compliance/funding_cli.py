"""Commands of money: expenses, and what the ARS decided of an application."""

from __future__ import annotations

from datetime import date, datetime

import click

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import canonical, funding
from compliance.reports.situation import of_scope
from compliance.rules.funding import euros
from tenants.cli import Installation, as_option, json_option, known_option, on_option, scope_option
from tenants.permissions import Permission


@click.command("funding")
@scope_option
@as_option
@on_option
@known_option
@json_option
@click.pass_obj
def funding_command(
    installation: Installation, scope: str, email: str, on: datetime | None, known: datetime | None, as_json: bool
) -> None:
    """Dépenses : imputé, éligible, plafond, et pourquoi une dépense n’est pas éligible."""
    day: date = on.date() if on else today()
    told = known.date() if known else day
    with installation.acting(scope, email, Permission.READ):
        gathered, _ = of_scope(day, told)
        money = funding.money(gathered, referential(day, known=told))
    if as_json:
        click.echo(canonical.dumps({"on": day, **funding.document(money)}).decode())
        return
    click.echo(funding.sentence(money))
    for label, cents in funding.amounts(money):
        click.echo(f"{label:<13} {'non connu' if cents is None else euros(cents)}")
    for line in money.lines:
        each = line.expense
        click.echo(f"{each.finess:<10} {each.objective:<8} {line.word:<11} {euros(each.charged):>16} {line.label}")
        for reason in line.verdict.reasons:
            click.echo(f"{'':<19} {reason.text}")


COMMANDS = (funding_command,)
