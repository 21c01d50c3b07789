"""The referential, for whoever works with it: rows, thresholds, windows, dates, sources, and what each version changed."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from compliance.clock import today
from compliance.programme.referential import Referential, Row
from compliance.rules.words import short_date, trimmed
from compliance.services import referential as referentials
from compliance.services.referential import PublishedVersion
from compliance.web import blueprint
from tenants.db import db
from tenants.permissions import Permission, requires


@blueprint.get("/<scope:scope>/referentiel", endpoint="referential")
@requires(Permission.READ)
def page() -> ResponseReturnValue:
    """Show the referential in force of a domain, and its versions; a domain that no list offers is D2."""
    connection, files = db.session.connection(), referentials.files()
    known = referentials.domains(connection, files)
    asked = request.args.get("domaine", "")
    domain = asked if asked in known else "D2"
    day = today()
    current = referentials.in_force(domain, day)
    versions = referentials.versions(connection, files, domain)
    titles = [(each, referentials.in_force(each, day).title) for each in known]
    return render_template("compliance/referential.html", **shown(current, versions), domains=titles, today=day)


def shown(current: Referential, versions: list[PublishedVersion]) -> dict[str, Any]:
    """Return what the page says of the referential in force and of its versions."""
    return {
        "referential": current,
        "rows": [_row(current, row) for row in current.rows],
        "versions": [_version(each, current) for each in versions],
    }


def _row(referential: Referential, row: Row) -> dict[str, Any]:
    numbers = [f"{limit.label} : {trimmed(limit.value)} {limit.unit}" for limit in row.limits]
    if row.threshold is not None:
        numbers.insert(0, f"Seuil : {trimmed(row.threshold)} %")
    ends = (("À partir de", row.window_from), ("Jusqu’à", row.window_to))
    return {
        "code": row.code,
        "title": row.title,
        "kind": row.kind,
        "rule": row.rule,
        "note": row.note,
        "numbers": numbers,
        "window": [f"{word} : {_date(referential, key)}" for word, key in ends if key],
        "pieces": [_piece(piece) for piece in row.pieces],
        "source": row.source,
        "confidence": row.confidence,
    }


def _date(referential: Referential, key: str) -> str:
    entry = referential.date_of(key)
    return f"{entry.label} ({short_date(entry.on)})" if entry.on else entry.label


def _piece(piece: Any) -> str:
    precisions = [
        "" if piece.required else "facultative",
        "GHT seulement" if piece.only_ght else "",
        f"si {piece.only_if}" if piece.only_if else "",
        "au choix" if piece.one_of else "",
    ]
    told = ", ".join(each for each in precisions if each)
    return f"{piece.label} ({told})" if told else str(piece.label)


def _version(each: PublishedVersion, current: Referential) -> dict[str, Any]:
    return {
        "version": each.referential.version,
        "source": each.referential.source,
        "in_force": each.referential.version == current.version,
        "takes_effect_on": each.takes_effect_on,
        "published_at": each.published_at,
        "by": each.published_by,
        "note": each.note,
        "changes": [change.text for change in each.changes],
    }
