"""« Mes tâches »: the home of who writes, over all the establishments that are theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from compliance.clock import today
from compliance.jobs import referential
from compliance.reports import tasks as reports
from compliance.rules.milestone import days_to
from compliance.rules.task import Task, TaskKind, Where
from compliance.rules.words import plural
from compliance.web import blueprint, filters
from tenants.context import Scope, ScopeKind
from tenants.permissions import Permission, granted, signed_in
from tenants.web.app import entrance, path_of

_SHOWN = 40  # tasks of one page; the filters reach the others


@dataclass(frozen=True)
class Place:
    """An establishment of the person: in which of their spaces they write it."""

    finess: str
    name: str
    space: Scope


@blueprint.get("/taches")
@signed_in
def tasks() -> ResponseReturnValue:
    """Show what is the person's to do, in the order of the days."""
    on, places = today(), _places()
    target = referential(on).date_of("target").on
    by_finess = {place.finess: place for place in places.values()}
    every = reports.tasks({key: place.finess for key, place in places.items()}, target, on) if places else []
    asked = filters.asked(establishment=by_finess, kind=list(TaskKind))
    kept = [task for task in every if asked["establishment"] in ("", task.finess) and asked["kind"] in ("", task.kind)]
    return render_template(
        "compliance/tasks.html",
        tasks=[_line(task, by_finess[task.finess], on) for task in kept[:_SHOWN]],
        found=len(kept),
        total=len(every),
        late=sum(task.late(on) for task in kept),
        answer=_answer(kept, on),
        asked=asked,
        kinds=[(str(kind), kind.label) for kind in TaskKind if any(task.kind is kind for task in every)],
        establishments=sorted((place.finess, place.name) for place in by_finess.values()),
        spaces=[{"name": scope.name, "url": entrance(scope, role)} for scope, role in current_user.spaces()],
        writes=bool(places),
        deposit=_deposit(places),
        today=on,
    )


def _places() -> dict[UUID, Place]:
    """Return the establishments that the person writes; their own space is preferred to that of the GHT."""
    found: dict[UUID, Place] = {}
    held = sorted(current_user.memberships, key=lambda each: each.scope.kind is not ScopeKind.GHT)
    for membership in held:
        if Permission.IMPORT not in granted([membership.role]):
            continue
        scope = membership.scope
        members = membership.members if scope.kind is ScopeKind.GHT else (scope,)
        for entity in members:
            if entity.id is not None:
                found[entity.id] = Place(entity.code, entity.name, scope)
    return found


def _deposit(places: dict[UUID, Place]) -> str:
    """Return where files are sent, when there is one place for it."""
    spaces = {path_of(place.space) for place in places.values()}
    return url_for("importers.deposit", scope=spaces.pop()) if len(spaces) == 1 else ""


def _line(task: Task, place: Place, on: date) -> dict[str, Any]:
    return {
        "task": task,
        "establishment": place.name,
        "late": task.late(on),
        "when": _when(task, on),
        "url": _url(task, path_of(place.space)),
    }


def _url(task: Task, scope: str) -> str:
    if task.where is Where.NEW:
        given: dict[str, Any] = dict(task.given)
        if scope.startswith("ght/"):  # there, a form asks whose the line is
            given["finess_ej"] = task.finess
        return url_for("importers.new", scope=scope, name=task.name, **given)
    if task.where is Where.EDIT:
        anchor = f"f-{task.field}" if task.field else None
        return url_for("importers.edit", scope=scope, name=task.name, ref=task.line, _anchor=anchor)
    if task.where is Where.LIST:
        return url_for("importers.register", scope=scope, name=task.name)
    if task.where is Where.PIECE:
        return url_for("compliance.evidence_piece", scope=scope, piece_id=task.line, _anchor="remplacer")
    return url_for("compliance.row", scope=scope, code=task.name)


def _when(task: Task, on: date) -> str:
    if task.due_on is None:
        return "Sans date"
    days = days_to(task.due_on, on)
    if task.waiting and days < 0:
        return f"Attendue depuis {-days} {plural(-days, 'jour', 'jours')}"
    if days < 0:
        return f"En retard de {-days} {plural(-days, 'jour', 'jours')}"
    return {0: "Aujourd’hui", 1: "Demain"}.get(days, f"Dans {days} jours")


def _answer(tasks: list[Task], on: date) -> str:
    if not tasks:
        return "Rien ne vous attend d’ici à deux mois."
    late = sum(task.late(on) for task in tasks)
    count = f"{len(tasks)} {plural(len(tasks), 'chose vous attend', 'choses vous attendent')}"
    if late:
        return f"{count}, dont {late} en retard."
    return f"{count}. La première : {_when(tasks[0], on).lower()}."
