"""The pieces of a scope: what counts, what is to be read again, what was put away; and the same list as a workbook."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import evidence as reports
from compliance.reports.evidence import Line
from compliance.services import evidence_drop, evidence_quota, evidence_thread, evidence_version, scope_establishments
from compliance.web import blueprint, filters
from compliance.web.evidence import attachment
from tenants.context import current
from tenants.permissions import Permission, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = ("ligne", "type", "etat", "etablissement")


def _every() -> list[Line]:
    """Every file of the scope, in a constant number of statements."""
    versions = evidence_version.versions([entity.id for entity in scope_establishments.readable()], today())
    keys = [each.id for each in versions]
    domains = {reports.domain_of(code) for each in versions for code, _ in each.uses or (each.own,)}
    referentials = {domain: referential(domain=domain) for domain in sorted(domains)}
    return reports.lines(versions, referentials, evidence_thread.examinations(keys), evidence_thread.reasons(keys))


def _narrowed(every: list[Line]) -> tuple[dict[str, str], list[Line], dict[str, dict[str, str]]]:
    """What the address asks for, the lines that answer, and what each filter offers."""
    offered = {
        "ligne": {each.code: each.row.title if each.row else "" for line in every for each in line.serves},
        "type": {each.kind: each.label for line in every for each in line.serves},
        "etat": dict(reports.STATES),
        "etablissement": {line.version.finess: line.version.establishment for line in every},
    }
    wanted = filters.asked(**offered)
    shown = [
        line
        for line in every
        if any(wanted["ligne"] in ("", each.code) and wanted["type"] in ("", each.kind) for each in line.serves)
        # A version that was replaced is shown to who asks for it.
        and (wanted["etat"] == line.state if wanted["etat"] else line.state != reports.REPLACED)
        and wanted["etablissement"] in ("", line.version.finess)
    ]
    return wanted, shown, offered


@blueprint.get("/<scope:scope>/preuves")
@requires(Permission.READ)
def evidence_list() -> ResponseReturnValue:
    """List the pieces; `?ligne=`, `?type=`, `?etat=` and `?etablissement=` narrow the list."""
    every = _every()
    wanted, shown, offered = _narrowed(every)
    places = {entity.id: entity.name for entity in scope_establishments.readable()}
    held = evidence_quota.quotas(list(places))
    return render_template(
        "compliance/evidence.html",
        every=every,
        tally=reports.tally(every),
        shown=shown,
        filters=wanted,
        offered=offered,
        states=reports.STATES,
        scope_name=current().scope.name,
        quotas=sorted((name, held[key]) for key, name in places.items()),
        unfinished=evidence_drop.unfinished(),
    )


@blueprint.get("/<scope:scope>/preuves/export.xlsx")
@requires(Permission.READ)
def evidence_export() -> ResponseReturnValue:
    """Download the list, narrowed as on the page."""
    _, shown, _ = _narrowed(_every())
    answer = Response(reports.workbook(shown, today()), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", **attachment(f"pieces-{today()}.xlsx"))
    return answer
