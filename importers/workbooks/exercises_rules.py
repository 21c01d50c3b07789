"""What a row of K2 must hold (workbooks.md, 3.2, rules a to e), field against field.

Whether an exercise counts for D2.O1.D, or as the yearly one, is decided elsewhere on all that is stored: these rules only
tell, while the file is open, what will be missing.
"""

from __future__ import annotations

from datetime import timedelta

from importers.base import Row
from importers.facts import Facts
from importers.workbooks.common import E, G, W, day

FIELD_TEST, COMBINED = "field_test", "combined"
PLANNED, POSTPONED, CANCELLED = "planned", "postponed", "cancelled"
NAME_THE_FILE = "Écrivez le nom du fichier, et déposez-le comme pièce."

_RETEX_WITHIN = timedelta(days=60)
_YEARLY = (
    "Les ARS demandent, pour l’exercice annuel, un exercice de continuité avec la direction générale et les directions "
    "métiers, qui mesure la capacité à prendre en charge les patients en mode dégradé."
)


# ----------------------------------------------------------------------------------------------------------- Planning


def site_of_one_listed(row: Row, facts: Facts) -> None:
    """Refuse a site that belongs to none of the legal entities of the exercise."""
    place, numbers = row.get("finess_et"), row.get("finess_list")
    if place is not None and isinstance(numbers, tuple) and facts.sites.get(str(place)) not in numbers:
        row.remark(
            E, "E-FIN", "finess_et", "Ce site n’appartient à aucune entité juridique de la ligne.",
            "Vérifiez les numéros.",
        )  # fmt: skip


def perimeters(row: Row, _facts: Facts) -> None:
    """Ask a test of a PCA which perimeters it tries; a test only planned may not say it yet (a planner of months, rule f)."""
    if row.get("nature") in (FIELD_TEST, COMBINED) and row.blank("perimeters"):
        planned = row.get("status") == PLANNED
        row.remark(
            G if planned else E, "G-REQ" if planned else "E-REQ", "perimeters",
            "Un test de terrain dit quels périmètres il met à l’épreuve.",
            "Saisissez leurs codes, séparés par des points-virgules (URG-01;BIO-01).",
        )  # fmt: skip
    row.values["perimeters"] = row.get("perimeters") or ()


def several_establishments(row: Row, facts: Facts) -> None:
    """Tell what links an exercise to each of its EJ: a tested perimeter of its own, or a shared one (rule d)."""
    numbers, tested = row.get("finess_list"), row.get("perimeters")
    if not isinstance(numbers, tuple) or len(numbers) < 2 or not isinstance(tested, tuple):
        return
    if "perimeters" in row.broken:
        return
    linked: set[object] = set()
    plans = facts.existing.get("Perimetres", {})
    for code in tested:
        for owner in facts.owners("Perimetres", code):
            covered = plans.get(f"{owner}/{code}", {}).get("covered")
            linked.update((owner, *covered) if isinstance(covered, list | tuple) else (owner,))
    alone = [str(number) for number in numbers if number not in linked]
    if alone:
        row.remark(
            W, "W-COH", "finess_list",
            f"Exercice commun : aucun périmètre testé, propre ou partagé, ne concerne {', '.join(alone)}.",
            "Un exercice commun demande un SI mutualisé, ou des participants de chaque établissement : ajoutez leurs "
            "périmètres, ou gardez leur émargement.",
        )  # fmt: skip


def hours(row: Row, _facts: Facts) -> None:
    """Refuse an exercise that ends before it starts."""
    start, end = row.get("starts_at"), row.get("ends_at")
    if start is not None and end is not None and str(end) <= str(start):
        row.remark(
            E, "E-COH", "ends_at", "L’heure de fin n’est pas après l’heure de début.",
            "Corrigez les deux heures ; laissez la fin vide si l’exercice dure plus d’un jour.",
        )  # fmt: skip


def status(row: Row, facts: Facts) -> None:
    """Ask why, and until when, an exercise is put off; tell of a date that went by, or that puts nothing off (rule e)."""
    state = row.get("status")
    if state in (POSTPONED, CANCELLED) and row.blank("status_reason"):
        row.remark(
            G, "G-REQ", "status_reason", "Le motif du report ou de l’annulation manque.", "Écrivez pourquoi."
        )  # fmt: skip
    if state == POSTPONED and row.blank("postponed_to"):
        row.remark(
            G, "G-REQ", "postponed_to", "L’exercice est reporté sans nouvelle date.", "Saisissez la nouvelle date."
        )  # fmt: skip
    key = {PLANNED: "planned_on", POSTPONED: "postponed_to"}.get(str(state))
    expected = day(row, key) if key else None
    if key and expected is not None and expected < facts.today:
        row.remark(
            W, "W-RET", key, "La date prévue est passée et l’exercice n’est pas déclaré réalisé.",
            "Corrigez le statut, ou saisissez une nouvelle date.",
        )  # fmt: skip
    first, later = day(row, "planned_on"), day(row, "postponed_to")
    if state == POSTPONED and first is not None and later is not None and later < first:
        row.remark(
            W, "W-COH", "postponed_to", f"L’exercice est reporté à une date d’avant celle prévue, le {first:%d/%m/%Y}.",
            "Vérifiez les deux dates.",
        )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- Resultats


def retex(row: Row, facts: Facts) -> None:
    """Look at the date of the RETEX: after the exercise, within 60 days, not in the future."""
    held, written = day(row, "held_on"), day(row, "retex_on")
    if row.blank("retex_on"):
        row.remark(
            G, "G-REQ", "retex_on", "La date du RETEX manque : le RETEX est demandé pour O1.D.",
            "Saisissez-la dès que le RETEX est fait.",
        )  # fmt: skip
    if written is None:
        return
    if written > facts.today:
        row.remark(
            E, "E-COH", "retex_on", "Un RETEX fait ne peut pas être daté dans l’avenir.",
            "Corrigez la date, ou laissez la cellule vide jusqu’au RETEX.",
        )  # fmt: skip
    elif held is not None and written < held:
        row.remark(E, "E-COH", "retex_on", "Le RETEX est daté d’avant l’exercice.", "Corrigez l’une des deux dates.")
    elif held is not None and written > held + _RETEX_WITHIN:
        row.remark(
            W, "W-RET", "retex_on", "Le RETEX a été fait plus de 60 jours après l’exercice.",
            "Vérifiez la date ; un RETEX se fait tant que les souvenirs sont frais.",
        )  # fmt: skip


def yearly_exercise(row: Row, _facts: Facts) -> None:
    """Tell what keeps a result from counting as the yearly exercise; « DSI seule » is computed (rule b).

    Source: definition that ARS publish (practice.md, 1.3): general management and business departments take part, and
    the ability to go on treating patients in degraded mode is measured.
    """
    present = {key: row.get(key) for key in ("management_present", "departments_present")}
    if not any(answer is None for answer in present.values()) and not any(present.values()):
        row.remark(
            W, "W-DSI", "management_present", f"La DSI seule a participé. {_YEARLY}", "Vérifiez les deux réponses."
        )
    elif present["management_present"] is False:
        row.remark(
            W, "W-DSI", "management_present", f"La direction générale n’était pas présente. {_YEARLY}",
            "Conviez-la au prochain exercice.",
        )  # fmt: skip
    elif present["departments_present"] is False:
        row.remark(
            W, "W-DSI", "departments_present", f"Les directions métiers n’étaient pas présentes. {_YEARLY}",
            "Conviez-les au prochain exercice.",
        )  # fmt: skip
    if row.get("care_assessed") is False:
        row.remark(
            W, "W-DSI", "care_assessed", f"La prise en charge des patients n’a pas été évaluée. {_YEARLY}",
            "Évaluez-la au prochain exercice.",
        )  # fmt: skip


def combined(row: Row, facts: Facts) -> None:
    """Tell which side of a combined exercise is complete: it feeds both questions only if both are (rule c)."""
    stored = facts.existing.get("Planning", {}).get(f"{row.establishment}/{row.get('exercise_code')}", {})
    if stored.get("nature") != COMBINED:
        return
    field = not (row.blank("scenario_file") or row.blank("retex_file"))
    crisis = all(row.get(key) is True for key in ("management_present", "departments_present", "care_assessed"))
    if field and crisis:
        return
    told = {
        (True, False): "sa partie cellule de crise est incomplète, il ne compte pas comme exercice annuel",
        (False, True): "sa partie terrain est incomplète, il ne compte pas pour O1.D",
        (False, False): "ses deux parties sont incomplètes, il ne compte ni pour O1.D ni comme exercice annuel",
    }[field, crisis]
    row.remark(
        W, "W-COH", "exercise_code", f"Exercice combiné : {told}.",
        "Complétez le scénario et le RETEX (O1.D), la présence des directions et l’évaluation de la prise en charge "
        "(exercice annuel).",
    )  # fmt: skip
