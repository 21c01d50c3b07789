"""Every page in every situation it must read well in: name -> (template, context)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from compliance.programme.difference import differences
from compliance.programme.referential import load
from compliance.reports.difference import Difference, RowChange
from compliance.reports.milestones import DateLine, MilestoneLine
from compliance.reports.missing import Group, Lack
from compliance.reports.situation import standing_of
from compliance.rules.forecast import forecast
from compliance.rules.stage import Standing
from compliance.rules.verdict import State
from compliance.services import publication
from compliance.services.equivalence import Recorded
from compliance.services.opinion import OpinionRecord
from compliance.services.publication import Published
from compliance.services.referential import PublishedVersion
from compliance.web.referential import shown
from importers.registry import WORKBOOKS
from tests.factories import canonical
from tests.pages import call, continuity, evidence, exercises, filing, funding, review, samples, training

Context = Callable[[], dict[str, Any]]


def _overview(
    days: str = "dans 8 jours, lundi 30 novembre 2026", today: Any = samples.TODAY, **options: Any
) -> Context:
    return lambda: {
        "progress": samples.progress(**options),
        "standing": _standing(today),
        "forecasts": {"D2.O1.C": forecast([samples.date(2026, 9, 1 + day) for day in range(8)], 5, today)},
        "days": days,
        "today": today,
    }


def _standing(today: Any, **options: Any) -> Standing:
    return standing_of(samples.candidate(**options), load("D2"), today)


def _run(
    state: str, *, rejected: int = 5, empty: bool = False, shows: dict[str, bool] | None = None, **more: Any
) -> Context:
    unread = state in {"received", "reading", "applying", "undoing", "failed", "cancelled"}
    more_shown = shows or {}
    unsure = more_shown.get("unsure", False)
    return lambda: {
        "run": samples.run(state, **more),
        "preview": None if unread else samples.preview(rejected=rejected, empty=empty, **more_shown),
        "apply_all": not rejected and not unsure,
        "apply_valid": bool(rejected) and not empty and not unsure,
        "blocking": ["5 lignes sont à corriger, dont 1 FINESS"] if rejected else [],
    }


def _deposit(**more: Any) -> Context:
    return lambda: (
        {
            "error": None,
            "outcomes": [],
            "runs": [],
            "max_bytes": 12 * 1024 * 1024,
            "max_rows": 50_000,
            "scope_name": "GHT des Deux Caps",
            "workbooks": WORKBOOKS,
        }
        | more
    )


def _error(status: int) -> Context:
    return lambda: {"status": status, "reference": "0192f0ab-7c"}


SPACES = [
    {
        "kind": "ght",
        "code": "GHT-DEUX-CAPS",
        "name": "GHT des Deux Caps",
        "role": "DSI du GHT",
        "path": "/ght/GHT-DEUX-CAPS/",
    },
    {
        "kind": "establishment",
        "code": "629900341",
        "name": "CH de Marquerive",
        "role": "Référent PCRA",
        "path": "/etablissements/629900341/",
    },
    {"kind": "region", "code": "32", "name": "ARS Littoral-Nord", "role": "Instruction ARS", "path": "/ars/32/"},
]
PROBLEM = {
    "reason": "Ce classeur est protégé par un mot de passe",
    "remedy": "Retirez le mot de passe dans Excel (Fichier, Informations, Protéger le classeur), puis redéposez-le",
}


def _row(place: int, *, can_attach: bool = True, error: str = "", pieces: int | None = None) -> dict[str, Any]:
    progress = samples.progress()
    row = progress.rows[place]
    if pieces is not None:
        row.pieces = samples.things([samples.PIECE] * pieces)
    form = dict.fromkeys(
        ("piece", "approved_on", "effective_on", "expires_on", "establishment", "whole", "covers_reason"), ""
    ) | {
        "error": error,
        "also": [],
        "covers": [],
    }
    establishments = [(party.finess, party.name) for party in progress.parties if party.finess]
    return {
        "row": row,
        "candidate": progress.candidate,
        "lists_behind": [{"label": "La liste derrière la part", "url": "#"}],
        "can_attach": can_attach,
        "form": form,
        "also": evidence.reports.choices(evidence.D2["D2"]),
        "fellows": [(samples.finess(1), "CH 1")],
        "establishments": establishments,
        "opinions": [],
        "moot": {
            "error": "Dites pourquoi l’objectif est sans objet ici" if error else "",
            "open": can_attach,
            "recorded": [Recorded("", "Aucun Active Directory", "attestation.pdf", samples.TODAY)] if error else [],
            **dict.fromkeys(("party", "reason", "file", "starts_on"), ""),
        },
        "today": samples.TODAY,
        "max_bytes": 50 * 1024 * 1024,
    }


def _perimeters(kind: str = "", establishment: str = "", state: str = "", *, total: int = 36) -> dict[str, Any]:
    progress = samples.progress()
    chosen = [
        p
        for p in progress.perimeters
        if total and not state and (not kind or p.kind == kind) and (not establishment or p.finess == establishment)
    ]
    establishments = [(party.finess, party.name) for party in progress.parties if party.finess]
    filters = {"kind": kind, "establishment": establishment, "state": state}
    return {"perimeters": chosen, "total": total, "filters": filters, "establishments": establishments}


def _perimeter(place: int, code: str) -> dict[str, Any]:
    progress = samples.progress()
    chosen = next(p for p in progress.perimeters if p.finess == samples.finess(place) and p.code == code)
    chosen.inherited_from, chosen.justification = (
        ("CH de Port-Aubry", "Modes dégradés identiques, SI commun") if place else ("", "")
    )
    cell = next(c for c in progress.matrix.lines[place].cells if c.kind == chosen.kind)
    cell.reasons = progress.parties[place].reasons
    change = {"field": "PCA validé le", "before": "", "after": "02/06/2026"}
    first = {"recorded_at": samples.NOW, "by": "Claire Le Goff", "origin": "BIA_v2.xlsx", "changes": []}
    plan = (
        continuity.perimeter(place) if place in (0, 1) else {"line": None, "activities": [], "found": [], "words": {}}
    )
    return {"perimeter": chosen, "coverage": cell, "history": [first | {"changes": [change]}, first]} | plan


def _build(state: str) -> Any:
    return samples.things(
        {
            "id": f"b-{state}",
            "state": state,
            "step": "Mise en page du PDF",
            "percent": 60,
            "on": samples.TODAY,
            "requested_at": samples.NOW,
            "by": "Claire Le Goff",
            "filed": state == "done",
            "pdf_size": 812_000,
            "docx_size": 46_000,
            "zip_size": 9_400_000,
            "token_size": None,
            "sha256": "ab12" * 16,
            "problem": "la pièce PSSI_GHT_v3.pdf n’a pas pu être relue",
        }
    )


def _filing(number: int = 2) -> dict[str, Any]:
    return {
        "id": f"f-{number}",
        "number": number,
        "filed_at": samples.NOW,
        "signed": "par Marc Ollivier, par délégation (Décision 2026-14)",
        "sha256": "cd34" * 16,
        "met": 1,
        "rows_total": 13,
    }


def _dossier(*states: str, filings: int = 0, can_file: bool = True, not_fileable: str = "", **more: Any) -> Context:
    return lambda: {
        "progress": samples.progress(),
        "opinions": _opinions()[:filings],
        "builds": [_build(state) for state in states],
        "can_build": True,
        "can_file": can_file,
        "filings": [_filing(number) for number in range(filings, 0, -1)],
        "not_fileable": not_fileable,
        "can_manage": True,
        **filing.steps(**more),
    }


def _establishment(place: int, *, empty: bool = False) -> dict[str, Any]:
    progress = samples.progress(empty=empty)
    party = progress.parties[place]
    return {
        "establishment": {"finess": party.finess, "name": party.name, "group": "GHT des Deux Caps"},
        "party": party,
        "line": progress.matrix.lines[place],
        "columns": progress.matrix.columns,
        "rows": progress.rows,
        "share": progress.share,
        "perimeters": [p for p in progress.perimeters if p.finess == party.finess],
        "standing": _standing(samples.TODAY),
        "days": "dans 8 jours, lundi 30 novembre 2026",
        "today": samples.TODAY,
    }


def _missing(*, wanted: str = "", everything: bool = False, nothing: bool = False) -> Context:
    def context() -> dict[str, Any]:
        lack = Lack(
            "D2.O3.A", "Authentification sécurisée des sauvegardes", State.IN_PROGRESS,
            (("Joindre : Gestion des rôles", "Pièce attendue : Gestion des rôles"), ("", "Avis défavorable du 02/11/2026")),
            "RSSI", samples.date(2026, 11, 30), 8, blocking=True,
        )  # fmt: skip
        late = replace(lack, row="D2.O1.C", owner="", due_on=samples.date(2026, 10, 31), days_left=-22)
        open_ended = replace(lack, row="D2.O4", due_on=None, days_left=None, blocking=False)
        today_ = replace(lack, row="D2.P1", days_left=0)
        groups = [
            Group("", "GHT des Deux Caps", None, whole=True, lacks=(lack, today_)),
            Group(samples.finess(1), "CH de Valbruyère", samples.finess(1), whole=False, lacks=(late, open_ended)),
        ]
        return {
            "progress": samples.progress(),
            "standing": _standing(samples.TODAY),
            "groups": [] if nothing else groups,
            "names": [(samples.finess(1), "CH de Valbruyère"), (samples.finess(4), "CH de Marquerive")],
            "wanted": wanted,
            "everything": everything,
            "hidden": 0 if nothing else 24,
            "member": False,
            "days": "dans 8 jours, lundi 30 novembre 2026",
            "today": samples.TODAY,
        }

    return context


def _difference(changes: int) -> Context:
    def context() -> dict[str, Any]:
        change = RowChange(
            "D2.P1", "PSSI formalisée et à jour", "missing", "met", ("Pièce attendue : PSSI",), ("PSSI jointe",)
        )
        same = replace(
            change, code="D2.O1.C", before="in_progress", after="in_progress", come=("a", "b", "c", "d", "e")
        )
        return {
            "found": Difference(
                samples.progress(), samples.progress(), (change, same)[:changes], ("CH A compte pour O1.C",)[:changes]
            ),
            "since": samples.date(2026, 10, 23),
            "until": samples.TODAY,
            "hindsight": changes == 1,
        }

    return context


def _milestones(*, opened: bool = True, milestones: bool = True) -> Context:
    def context() -> dict[str, Any]:
        milestone = MilestoneLine(
            "J-1", "Plan blanc numérique adopté", ("D2.O1.B", "D2.O1.A"), "GHT des Deux Caps", "Responsable qualité",
            samples.date(2026, 10, 31), None, "late", "dépassée de 22 jours",
        )  # fmt: skip
        done = replace(milestone, code="J-2", state="reached", reached_on=samples.date(2026, 3, 12), owner="")
        lines = [
            milestone,
            done,
            replace(milestone, code="J-3", state="abandoned"),
            replace(milestone, code="J-4", state="upcoming"),
        ]
        date_line = DateLine(
            "target", "Date cible", samples.date(2026, 11, 30), "jour non publié", "", "dans 8 jours", past=False
        )
        return {
            "progress": samples.progress(),
            "standing": _standing(samples.TODAY),
            "dates": [date_line, replace(date_line, on=None, countdown="", note="Date de dépôt sur eCaRE.")],
            "milestones": lines if milestones else [],
            "candidate": samples.candidate(),
            "opened": opened,
            "today": samples.TODAY,
        }

    return context


def _figures(*states: str) -> dict[str, Any]:
    """Published figures, the first rows in the given states."""
    told = publication.figures(canonical.sample(8))
    for row, state in zip(told["rows"], states, strict=False):
        row["state"] = state
    return told


ID = UUID(int=7)


def _publications(count: int) -> list[Published]:
    """Publications a week apart, last first; the last but one under another referential."""
    figures = [_figures("met" if place % 2 else "in_progress") for place in range(count)]
    told = []
    for place, each in enumerate(figures):
        before = figures[place - 1] if place else each
        if place == 1:
            each["rows"].append({**each["rows"][0], "code": "D2.O9.Z", "share": None})
        at = samples.NOW - timedelta(weeks=count - place)
        changes = publication.differences(before, each)
        told.append(Published(ID, ID, ID, at.date(), at, ID, each, changes))
    return told[::-1]


def _publication(count: int, *, can_publish: bool = True, unchanged: bool = False) -> Context:
    def context() -> dict[str, Any]:
        history, figures = _publications(count), _figures("met", "met")
        return {
            "candidate": {"name": "GHT des Deux Caps", "region": "ARS Littoral-Nord"},
            "figures": figures,
            "changes": publication.differences(history[0].figures, figures) if history and not unchanged else (),
            "unchanged": unchanged,
            "history": history,
            "names": {ID: "Claire Le Goff"},
            "can_publish": can_publish,
        }

    return context


def _opinions() -> list[OpinionRecord]:
    words = "Le RETEX joint ne dit ni les écarts ni le plan d’amélioration.\nRevenez avec la version signée."
    common = ("Camille Rey", "ARS Littoral-Nord", 2, samples.TODAY)
    return [
        OpinionRecord(ID, "D2.O1.D", "EX-2026-01", False, words, *common),
        OpinionRecord(ID, "D2.P1", "", True, "PSSI complète et signée", *common),
    ]


def _portfolio(filed: int, total: int, *, national: bool = False) -> Context:
    def filing(place: int) -> dict[str, Any] | None:
        return (
            _filing(1)
            | {"share": None if place else "0.584000", "threshold": "66", "state": "in_progress", "pieces": 12}
            if place < filed
            else None
        )

    return lambda: {
        "region": {"code": "32", "name": "ARS Littoral-Nord"},
        "national": national,
        "today": samples.TODAY,
        "standing": _standing(samples.TODAY),
        "candidates": [
            {
                "id": f"c-{i}",
                "published": None
                if i % 2
                else _figures("met")
                | {
                    "shares": [
                        {"code": "D2.O1.C", "state": "in_progress", "share": {"share": "0.584", "threshold": "66"}},
                        {"code": "D2.O1.D", "state": "missing", "share": None},
                    ]
                },
                "name": f"GHT n° {i + 1}",
                "kind": "ght",
                "code": f"G{i}",
                "support": "CH de Port-Aubry",
                "region": "ARS Littoral-Nord",
                "review": {"icon": "in_progress", "label": "En instruction à l’ARS"},
                "parties": 8,
                "filing": filing(i),
            }
            for i in range(total)
        ],
    }


def _referential(domain: str = "D2") -> dict[str, Any]:
    current = load(domain)
    corrected = replace(current, version=f"{current.version}-corrige1", title=f"{current.title}, corrigé")
    changes = differences(current, corrected)
    published = PublishedVersion(
        corrected, samples.date(2026, 12, 1), samples.NOW, "Ada Martin", "Rectificatif", changes
    )
    titles = [(each, load(each).title) for each in ("D1", "D2", "HC", "OBL")]
    return shown(current, [published, PublishedVersion(current)]) | {"domains": titles, "today": samples.TODAY}


def _opinion(opinions: int, **typed: str) -> Context:
    return lambda: {
        "candidate": {"name": "GHT des Deux Caps"},
        "filing": _filing(),
        "rows": [(row["code"], f"{row['code']}, {row['title']}") for row in canonical.sample()["rows"]],
        "opinions": _opinions()[:opinions],
        "form": dict.fromkeys(("error", "row", "subject", "decision", "reason"), "") | typed,
        "longest": 4000,
    }


def _spent(money: dict[str, Any] | None) -> Context:
    return lambda: {"candidate": {"name": "GHT des Deux Caps"}, "filing": _filing(), "funding": money}


def _filed(count: int = 8, opinions: int = 0, *, decides: bool = True, **options: Any) -> Context:
    return lambda: {
        "opinions": _opinions()[:opinions],
        "can_give_opinion": decides,
        "filing": _filing(),
        "versions": [_filing(2), _filing(1)],
        # The first documents said nothing of money.
        "document": canonical.sample(count, **options) | ({} if count == 1 else {"funding": funding.frozen()}),
    }


CASES: dict[str, tuple[str, Context]] = {
    "sign_in": ("tenants/sign_in.html", lambda: {"next": "/espaces", "email": "", "error": ""}),
    "sign_in_refused": (
        "tenants/sign_in.html",
        lambda: {"next": "", "email": "c@exemple.fr", "error": "Adresse ou mot de passe incorrect. Vérifiez les deux."},
    ),
    "spaces": ("tenants/spaces.html", lambda: {"spaces": SPACES}),
    "spaces_none": ("tenants/spaces.html", lambda: {"spaces": []}),
    **{
        f"error_{status}": ("tenants/error.html", _error(status))
        for status in (400, 403, 404, 409, 413, 422, 429, 500, 503)
    },
    "error_sentence": (
        "tenants/error.html",
        lambda: {"status": 409, "title": "Déjà transmis", "sentence": "Ce dossier est déjà transmis."},
    ),
    "overview": ("compliance/overview.html", _overview()),
    "overview_13": ("compliance/overview.html", _overview(count=13)),
    "overview_single": ("compliance/overview.html", _overview(count=1, kind="single_ej")),
    "overview_eg": ("compliance/overview.html", _overview(count=3, kind="eg", outside=0)),
    "overview_empty": ("compliance/overview.html", _overview(empty=True)),
    "overview_missing_ac": ("compliance/overview.html", _overview(missing_ac=True)),
    "overview_past": ("compliance/overview.html", _overview("dépassée de 12 jours", samples.date(2026, 12, 12))),
    "overview_late": ("compliance/overview.html", _overview("dépassée de 1 jour", samples.date(2026, 12, 1))),
    "missing": ("compliance/missing.html", _missing()),
    "missing_everything": ("compliance/missing.html", _missing(wanted=samples.finess(1), everything=True)),
    "missing_nothing": ("compliance/missing.html", _missing(nothing=True)),
    "difference": ("compliance/difference.html", _difference(2)),
    "difference_one": ("compliance/difference.html", _difference(1)),
    "difference_none": ("compliance/difference.html", _difference(0)),
    "milestones": ("compliance/milestones.html", _milestones()),
    "milestones_member": ("compliance/milestones.html", _milestones(opened=False, milestones=False)),
    "deposit": (
        "importers/deposit.html",
        _deposit(
            runs=[
                samples.run(state)
                for state in ("parsed", "applied", "failed", "reading", "cancelled", "undoing", "undone", "received")
            ]
        ),
    ),
    "deposit_refused": ("importers/deposit.html", _deposit(error=PROBLEM)),
    "deposit_several": (
        "importers/deposit.html",
        _deposit(
            outcomes=[
                {"filename": "BIA.xlsx", "run_id": "r-1", "joined": False, "problem": None},
                {"filename": "exercices 2026.ods", "run_id": "r-2", "joined": True, "problem": None},
                {"filename": "secret.xlsx", "run_id": None, "joined": False, "problem": PROBLEM},
            ]
        ),
    ),
    "deposit_all_refused": (
        "importers/deposit.html",
        _deposit(
            outcomes=[{"filename": f"{i}.xlsx", "run_id": None, "joined": False, "problem": PROBLEM} for i in "ab"]
        ),
    ),
    "run_reading": ("importers/run.html", _run("reading")),
    "run_applying": ("importers/run.html", _run("applying", percent=None, step="Écriture des lignes")),
    "run_undoing": ("importers/run.html", _run("undoing", percent=None, step="")),
    "run_preview": ("importers/run.html", _run("parsed")),
    "run_clean": ("importers/run.html", _run("parsed", rejected=0)),
    "run_empty": ("importers/run.html", _run("parsed", rejected=0, empty=True)),
    "run_many": ("importers/run.html", _run("parsed", shows={"many": True})),
    "run_unsure": ("importers/run.html", _run("parsed", shows={"unsure": True})),
    "run_conflicts": ("importers/run.html", _run("parsed", shows={"conflicts": True})),
    "run_taken": ("importers/run.html", _run("parsed", rejected=0, taken=["Perimetres!12"])),
    "run_annotating": ("importers/run.html", _run("parsed", annotated="preparing")),
    "run_annotated": ("importers/run.html", _run("applied", applied_at=samples.NOW, annotated="ready")),
    "run_changed_since": (
        "importers/run.html",
        _run("parsed", problem="Des lignes ont changé depuis votre aperçu : relisez-le avant d’appliquer."),
    ),
    "run_applied": ("importers/run.html", _run("applied", applied_at=samples.NOW)),
    "run_failed": ("importers/run.html", _run("failed", problem=f"{PROBLEM['reason']}. {PROBLEM['remedy']}.")),
    "run_cancelled": ("importers/run.html", _run("cancelled", problem="Dépôt abandonné avant son aperçu.")),
    "run_undone": (
        "importers/run.html",
        _run(
            "undone",
            applied_at=samples.NOW,
            undone_at=samples.NOW,
            undone_by="Maxime Vidal",
            undo={"undone": 18, "kept": 3, "kept_keys": ["629900341/URG-01", "629900341/MED-01"], "frozen": True},
        ),
    ),
    "run_undone_whole": (
        "importers/run.html",
        _run("undone", undone_at=samples.NOW, undo={"undone": 1, "kept": 0, "kept_keys": [], "frozen": False}),
    ),
    "undo": (
        "importers/undo.html",
        lambda: {"run": samples.run("applied", applied_at=samples.NOW), "tally": {"new": 12, "changed": 7}},
    ),
    "undo_nothing": (
        "importers/undo.html",
        lambda: {"run": samples.run("applied", applied_at=samples.NOW), "tally": {"new": 0, "changed": 0}},
    ),
    "columns": ("importers/columns.html", samples.columns),
    "columns_anew": ("importers/columns.html", lambda: samples.columns(anew=True)),
    "columns_refused": (
        "importers/columns.html",
        lambda: samples.columns(problem="La feuille « Services » : les colonnes B et E deviendraient la même"),
    ),
    "columns_of_somebody_else": ("importers/columns.html", lambda: samples.columns(with_rows=False)),
    "registers": ("importers/registers.html", samples.registers),
    "registers_empty": ("importers/registers.html", lambda: samples.registers(0)),
    "register": ("importers/register.html", samples.listing),
    "register_one_page": ("importers/register.html", lambda: samples.listing(7, 120, 1, search="urgences")),
    "register_nothing": ("importers/register.html", lambda: samples.listing(0, 120, 1, only="unattached")),
    "register_empty": ("importers/register.html", lambda: samples.listing(0, 0, 1)),
    "entry": ("importers/entry.html", samples.entry),
    "entry_withdrawn": ("importers/entry.html", lambda: samples.entry(withdrawn=True)),
    "entry_reader": ("importers/entry.html", lambda: samples.entry(can_import=False)),
    "entry_new": ("importers/entry_form.html", samples.entry_form),
    "entry_refused": ("importers/entry_form.html", lambda: samples.entry_form(refused=True)),
    "entry_twin": ("importers/entry_form.html", lambda: samples.entry_form(twin=True)),
    "entry_both": ("importers/entry_form.html", lambda: samples.entry_form(new=False, both=True)),
    "training": ("compliance/training.html", training.page),
    "training_ght": ("compliance/training.html", lambda: training.page(whole=True)),
    "training_reader": ("compliance/training.html", lambda: training.page(readable=False, part=True)),
    "training_empty": ("compliance/training.html", lambda: training.page(empty=True)),
    "regional_sessions": ("compliance/regional_sessions.html", training.regional),
    "regional_sessions_none": (
        "compliance/regional_sessions.html",
        lambda: training.regional(0, "Choisissez le type de la session dans la liste."),
    ),
    "coverage": ("compliance/coverage.html", lambda: {"progress": samples.progress(), "today": samples.TODAY}),
    "coverage_missing_ac": (
        "compliance/coverage.html",
        lambda: {"progress": samples.progress(missing_ac=True), "today": samples.TODAY},
    ),
    "coverage_eg": (
        "compliance/coverage.html",
        lambda: {"progress": samples.progress(3, kind="eg"), "today": samples.TODAY},
    ),
    "row": ("compliance/row.html", lambda: _row(0)),
    "row_share": ("compliance/row.html", lambda: _row(4, pieces=2)),
    "row_refused": ("compliance/row.html", lambda: _row(6, error="Ce fichier est vide")),
    "row_reader": ("compliance/row.html", lambda: _row(3, can_attach=False)),
    "perimeters": ("compliance/perimeters.html", _perimeters),
    "perimeters_cell": ("compliance/perimeters.html", lambda: _perimeters("care", samples.finess(1))),
    "perimeters_nothing": ("compliance/perimeters.html", lambda: _perimeters(state="missing")),
    "perimeters_empty": ("compliance/perimeters.html", lambda: _perimeters(total=0)),
    "perimeter": ("compliance/perimeter.html", lambda: _perimeter(0, "URG-01")),
    "perimeter_shared": ("compliance/perimeter.html", lambda: _perimeter(1, "MED-01")),
    "perimeter_absent": ("compliance/perimeter.html", lambda: _perimeter(5, "PUI")),
    "plans": ("compliance/plans.html", continuity.listed),
    "plans_alone": ("compliance/plans.html", lambda: continuity.listed(several=False)),
    "plans_brief": ("compliance/plans.html", lambda: continuity.listed(times=30)),
    "plans_nothing": ("compliance/plans.html", lambda: continuity.listed(nothing=True, state="met", lack="PAPER")),
    "backups": ("compliance/backups.html", continuity.saved),
    "backups_filtered": ("compliance/backups.html", lambda: continuity.saved(filtered=True)),
    "backups_empty": ("compliance/backups.html", lambda: continuity.saved(nothing=True)),
    **funding.CASES,
    "dossier": ("compliance/dossier.html", _dossier("running", "done", "failed", filings=2)),
    "dossier_declared": ("compliance/dossier.html", _dossier("done", filings=1, declared=filing.DECLARED)),
    "dossier_refused": ("compliance/dossier.html", _dossier("done", error="Indiquez le jour du dépôt sur eCaRE.")),
    "dossier_not_begun": ("compliance/dossier.html", _dossier(begun=False, can_file=False)),
    "dossier_first": ("compliance/dossier.html", _dossier(not_fileable="Générez d’abord le dossier et relisez-le")),
    "dossier_reader": ("compliance/dossier.html", _dossier("done", can_file=False)),
    "establishment": ("compliance/establishment.html", lambda: _establishment(1)),
    "establishment_counts": ("compliance/establishment.html", lambda: _establishment(0)),
    "establishment_empty": ("compliance/establishment.html", lambda: _establishment(4, empty=True)),
    "referential": ("compliance/referential.html", _referential),
    "referential_beside": ("compliance/referential.html", lambda: _referential("OBL")),
    "portfolio": ("compliance/portfolio.html", _portfolio(2, 5)),
    "portfolio_waiting": ("compliance/portfolio.html", _portfolio(0, 3)),
    "portfolio_nation": ("compliance/portfolio.html", _portfolio(1, 1, national=True)),
    "portfolio_none": ("compliance/portfolio.html", _portfolio(0, 0)),
    "filing": ("compliance/filing.html", _filed()),
    "filing_13": ("compliance/filing.html", _filed(13)),
    "filing_single": ("compliance/filing.html", _filed(1, kind="single_ej")),
    "filing_missing_ac": ("compliance/filing.html", _filed(missing_ac=True)),
    "filing_hostile": ("compliance/filing.html", _filed(hostile=True)),
    "filing_expenses": ("compliance/filing_expenses.html", _spent(funding.frozen())),
    "filing_expenses_none": ("compliance/filing_expenses.html", _spent(None)),
    "filing_opinions": ("compliance/filing.html", _filed(opinions=2)),
    "filing_reader": ("compliance/filing.html", _filed(opinions=2, decides=False)),
    "opinion": ("compliance/opinion.html", _opinion(0)),
    "opinion_refused": (
        "compliance/opinion.html",
        _opinion(2, error="Un avis se motive : écrivez pourquoi.", row="D2.P1", decision="favourable", reason=" "),
    ),
    "publication": ("compliance/publication.html", _publication(3)),
    "publication_first": ("compliance/publication.html", _publication(0)),
    "publication_unchanged": ("compliance/publication.html", _publication(1, unchanged=True)),
    "publication_reader": ("compliance/publication.html", _publication(2, can_publish=False)),
    "publications": (
        "compliance/publications.html",
        lambda: {"candidate": {"name": "GHT des Deux Caps"}, "history": _publications(3)},
    ),
    "publications_none": (
        "compliance/publications.html",
        lambda: {"candidate": {"name": "GHT des Deux Caps"}, "history": []},
    ),
    **exercises.CASES,
    **evidence.CASES,
    **filing.CASES,
    **call.CASES,
    **review.CASES,
    "opinions": ("compliance/_opinions.html", lambda: {"opinions": _opinions()}),
    "build_running": ("compliance/_build.html", lambda: {"build": _build("running")}),
    "build_done": ("compliance/_build.html", lambda: {"build": _build("done")}),
    "progress_reading": ("importers/_progress.html", lambda: {"run": samples.run("reading")}),
    "progress_done": ("importers/_progress.html", lambda: {"run": samples.run("parsed")}),
}
FRAGMENTS = ("progress_reading", "progress_done", "build_running", "build_done", "opinions", *review.FRAGMENTS)
