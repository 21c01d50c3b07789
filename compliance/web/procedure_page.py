"""What pages say of a procedure: where a dossier is, its steps, whose time runs, what was said of a piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import g

from compliance.programme.procedure import load
from compliance.rules.procedure import ANS, ARS, CANDIDATE, NOBODY, Step, allowed
from compliance.rules.words import plural, signed
from compliance.services.procedure import Event, Standing, level, process
from compliance.services.review import Message
from tenants.web.typography import date_fr

# The icon of a state; the others are under way.
ICONS = {
    "draft": "not_yet",
    "more_information": "at_risk",
    "accepted": "met",
    "withdrawn": "not_applicable",
    "in_preparation": "not_yet",
    "piece_returned": "at_risk",
    "ans_piece_returned": "at_risk",
    "favourable": "met",
    "validated": "met",
    "paid": "met",
    "unfavourable": "missing",
    "refused": "missing",
}


_SIDES = {CANDIDATE: "du candidat", ARS: "de l’ARS", ANS: "de l’ANS"}


def icon(state: str) -> str:
    """Return the icon of a state of a procedure."""
    return ICONS.get(state, "in_progress")


def here(standing: Standing) -> dict[str, str]:
    """Say where a dossier is and whose time runs, with the days spent at each level, counted apart."""
    return {
        "icon": icon(standing.state.key),
        "label": standing.state.label,
        "sentence": _whose(standing) + spent(standing),
    }


def _whose(standing: Standing) -> str:
    if standing.since is None:
        return "Rien n’est encore transmis"
    since = f"depuis le {date_fr(standing.since)}"
    clock = standing.state.clock
    return f"À cette étape {since}" if clock == NOBODY else f"Le temps court du côté {_SIDES[clock]} {since}"


def spent(standing: Standing) -> str:
    """Say the days spent at each level that had the dossier."""
    levels = load().levels
    told = [
        f"{levels[key].label} {days} {plural(days, 'jour', 'jours')}"
        for key in levels
        if (days := standing.clocks.of(key))
    ]
    return f". Temps passé : {', '.join(told)}" if told else ""


def steps(
    events: Sequence[Event],
    standing: Standing,
    names: Mapping[UUID | None, str],
    deeds: Mapping[UUID | None, str] = MappingProxyType({}),
) -> list[dict[str, str]]:
    """Return the steps of a dossier, oldest first; the last one says whose time runs. `deeds`: of the filings made by delegation."""
    # A step keeps the filing of the one before it: the deed is that of the step that filed.
    told, last = [], None
    for each in events:
        deed = deeds.get(each.filing_id, "") if each.filing_id != last else ""
        last = each.filing_id
        by = signed(names.get(each.by, ""), deed)
        detail = f"le {date_fr(each.on)}" + (f", {by}" if by else "")
        told.append({"icon": "met", "label": each.sentence, "detail": detail, "reason": each.reason})
    if told and not standing.state.final:
        told[-1]["icon"] = icon(standing.state.key)
        told[-1]["detail"] += f". {_whose(standing)}"
    return told


def moves(standing: Standing) -> tuple[Step, ...]:
    """Return the steps that the person of this page may make now."""
    return allowed(process(), standing.state.key, level(), g.permissions)


def messages(said: Sequence[Message], names: Mapping[UUID | None, str]) -> list[dict[str, Any]]:
    """Return a conversation, oldest first."""
    return [{"author": names.get(each.by, ""), "level": each.level, "at": each.at, "text": each.text} for each in said]
