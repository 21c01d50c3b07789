"""What a row of K4 must hold (workbooks.md, 3.4; referential D2.O2.B, O3 and O4), field against field."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from importers.base import Row
from importers.cells.quantities import number_in
from importers.facts import Facts
from importers.reading.sheet import Cell, CellKind
from importers.readings import ValueFault
from importers.words import fold, pieces
from importers.workbooks.common import E, G, W, day

NO_PLAN, PLAN_IN_PROGRESS = "no", "in_progress"
DEDICATED_AD, TWO_FACTOR_ON = "dedicated_ad", "on"
PARTIAL, FAILURE = "partial", "failure"

_AUDIT_WITHIN = timedelta(days=60)
_PARTITION_YEARS = 3
_COPIES, _MEDIA = 3, 2
_VOLUME_FORM = "Saisissez un volume comme 850,5 Go, 1,2 To ou 500 Mo."
_ACTIVITY = re.compile(r"([A-Z0-9-]{2,20})(?: ?/ ?(.+))?")
# A unit goes by its first letter: « Go », « GB », « Gio » ; « o » and « bytes » have none of these.
_POWERS = {"k": -6, "m": -3, "g": 0, "t": 3, "p": 6}  # of ten, in Go
_BYTES = -9
_VOLUME = re.compile(r"(.*?\d)\s*([kmgtp]?i?(?:o|b|octets?|bytes?)|[kmgtp])?")
_UNIT_OF_HEADER = re.compile(r"\(([kmgtp]?i?[ob]|octets|bytes)\)")


# ------------------------------------------------------------------------------------------------------- SI_critiques


def activities(row: Row, facts: Facts) -> None:
    """Split the activities of K1 that a system serves; a perimeter that nobody has yet is « à rattacher ».

    Kept as the keys of the sheet Activites: « URG-01 / 3 », or « URG-01 » for a whole perimeter.
    """
    typed = pieces(str(row.get("activities") or ""), r"[;\n]")
    found, unknown = [], []
    for text in typed:
        match = _ACTIVITY.fullmatch(text.upper())
        code, number = match.groups() if match else (text, None)
        found.append(f"{code} / {number.lstrip('0') or '0'}" if number else code)
        if not facts.owners("Perimetres", code):
            unknown.append(text)
    row.values["activities"] = tuple(dict.fromkeys(found))
    if unknown:
        row.remark(
            G, "G-REF", "activities",
            f"« {unknown[0]} » ne désigne aucun périmètre connu : la ligne est enregistrée, à rattacher.",
            "Écrivez le code du périmètre (URG-01) ou de son activité (URG-01/3), ou importez la feuille « Perimetres » "
            "qui le décrit.",
        )  # fmt: skip


def plan(row: Row, _facts: Facts) -> None:
    """Tell of a critical system whose backup plan is not written (D2.O2.B)."""
    if row.get("plan") in (NO_PLAN, PLAN_IN_PROGRESS):
        row.remark(
            G, "G-REQ", "plan", "Ce système critique n’a pas de plan de sauvegarde achevé (O2.B).",
            "Rédigez le plan, puis répondez Oui.",
        )  # fmt: skip


def frequency(row: Row, _facts: Facts) -> None:
    """Tell of backups less frequent than the loss of data that is admitted."""
    every, admitted = row.get("frequency_minutes"), row.get("pdma_minutes")
    if isinstance(every, int) and isinstance(admitted, int) and every > admitted:
        row.remark(
            G, "G-COH", "frequency_minutes", "Les sauvegardes sont plus espacées que la PDMA cible ne l’admet.",
            "Sauvegardez plus souvent, ou revoyez la PDMA avec le métier.",
        )  # fmt: skip


def three_two_one(row: Row, _facts: Facts) -> None:
    """Name what keeps a system from 3-2-1: 3 copies, 2 media, 1 off site or off line (D2.O3.C)."""
    if row.broken & {"copies", "media", "offsite", "offline"}:
        return
    lacking = []
    for key, least, what in (("copies", _COPIES, "copies"), ("media", _MEDIA, "supports")):
        count = row.get(key)
        if not isinstance(count, int):
            lacking.append((key, f"le nombre de {what}"))
        elif count < least:
            lacking.append((key, f"{least} {what} (il y en a {count})"))
    if row.get("offsite") is not True and row.get("offline") is not True:
        lacking.append(("offsite", "une copie hors site, hors ligne ou immuable"))
    if lacking:
        row.remark(
            W, "W-321", lacking[0][0], f"La règle 3-2-1 n’est pas tenue. Il manque : {' ; '.join(what for _, what in lacking)}.",
            "Complétez ces réponses, ou décrivez la trajectoire avec ses jalons (O3.C).",
        )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- Plateforme


def two_factor(row: Row, _facts: Facts) -> None:
    """Ask why two factors are not on: D2.O3.A takes the reason as a proof."""
    if row.blank("two_factor"):
        row.remark(G, "G-REQ", "two_factor", "Le double facteur reste à préciser.", "Choisissez dans la liste.")
    elif row.get("two_factor") not in (None, TWO_FACTOR_ON) and row.blank("two_factor_reason"):
        row.remark(
            E, "E-REQ", "two_factor_reason", "Le double facteur n’est pas activé : la justification est obligatoire.",
            "Écrivez pourquoi.",
        )  # fmt: skip


def ads(row: Row, facts: Facts) -> None:
    """Accept an ADS score with a dedicated AD alone, measured in the 60 days before the declaration (D2.O3.A)."""
    other = row.get("authentication") not in (None, DEDICATED_AD)
    if other and row.get("ads_score") is not None:
        row.remark(
            E, "E-COH", "ads_score", "Un score ADS ne concerne qu’une plateforme authentifiée par un AD dédié.",
            "Effacez le score, ou corrigez l’authentification.",
        )  # fmt: skip
    audited, declared = day(row, "ads_on"), facts.filed_on or facts.today
    if audited is None:
        return
    if audited > facts.today:
        row.remark(E, "E-COH", "ads_on", "Un audit fait ne peut pas être daté dans l’avenir.", "Corrigez la date.")
    elif audited < declared - _AUDIT_WITHIN:
        when = "du dépôt" if facts.filed_on else "d’aujourd’hui"
        row.remark(
            G, "G-PER", "ads_on", f"L’audit ADS a plus de 60 jours à la date {when} ({declared:%d/%m/%Y}).",
            "Refaites la mesure dans les 60 jours qui précèdent la déclaration.",
        )  # fmt: skip


def partition(row: Row, facts: Facts) -> None:
    """Tell of a partition planned three years ahead or more: the schedule must stay under three (D2.O3.B)."""
    planned, start = day(row, "partition_on"), facts.filed_on or facts.today
    if planned is not None and (planned.year - _PARTITION_YEARS, planned.month, planned.day) >= _parts(start):
        row.remark(
            W, "W-COH", "partition_on", "Le cloisonnement est prévu à trois ans ou plus : O3.B demande moins de trois ans.",
            "Rapprochez la date.",
        )  # fmt: skip


def _parts(found: date) -> tuple[int, int, int]:
    return found.year, found.month, found.day


# ------------------------------------------------------------------------------------------------- Tests_restauration


def volume(row: Row, _facts: Facts) -> None:
    """Convert the volume restored to Go: the unit written in the cell, else the one of the header, else Go."""
    found, cell = row.values.pop("volume", None), row.cells.get("volume")
    row.values["volume_go"] = found if isinstance(found, Decimal) else None
    if not isinstance(found, str):
        return
    match = _VOLUME.fullmatch(fold(found))
    title = _UNIT_OF_HEADER.search(fold(row.headers.get("volume", "")))
    unit = (match and match.group(2)) or (title and title.group(1)) or "g"
    if cell is None or cell.kind is not CellKind.NUMBER:
        cell = Cell(0, 0, CellKind.TEXT, match.group(1) if match else found)
    try:
        number = number_in(cell)
    except ValueFault as fault:
        row.remark(E, fault.code, "volume", fault.reason, _VOLUME_FORM)
        return
    if number < 0:
        row.remark(E, "E-NUM", "volume", "Un volume ne peut pas être négatif.", _VOLUME_FORM)
        return
    row.values["volume_go"] = number.scaleb(_POWERS.get(unit[0], _BYTES))


def objectives(row: Row, facts: Facts) -> None:
    """Compare what was measured with what the system asks: RTO with its target, RPO with its PDMA."""
    code, systems = row.get("system_code"), facts.existing.get("SI_critiques", {})
    owners = (row.establishment, *sorted(facts.owners("SI_critiques", code)))
    system = next((systems[key] for owner in owners if (key := f"{owner}/{code}") in systems), {})
    for key, target, reason in (
        ("rto_minutes", "rto_minutes", "Le RTO mesuré dépasse le RTO cible du système."),
        ("rpo_minutes", "pdma_minutes", "Le RPO constaté dépasse la PDMA cible du système."),
    ):
        measured, asked = row.get(key), system.get(target)
        if isinstance(measured, int) and isinstance(asked, int) and measured > asked:
            row.remark(
                W, "W-OBJ", key, reason, "Décrivez ce qui sera fait pour y revenir, ou revoyez la cible avec le métier."
            )  # fmt: skip


def anomalies(row: Row, _facts: Facts) -> None:
    """Ask what went wrong: a partial success counts for O4 only with its anomalies described."""
    if row.get("result") in (PARTIAL, FAILURE) and row.blank("anomalies"):
        row.remark(
            G, "G-REQ", "anomalies", "Le test n’est pas pleinement réussi : ses anomalies restent à décrire.",
            "Décrivez-les ; un test partiel ne compte pour O4 qu’à cette condition.",
        )  # fmt: skip
