"""What the plans of the demonstration promise and what reality showed (K8), built in code: everything is invented.

One PCRA is complete, one has gaps, one promised more than its exercise observed; a support function is answered for in one
establishment, none is in another. The outage has the shape of a real one (lessons.md, Dunkerque), under other names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from importers.base import Workbook
from importers.demonstration import workbooks as demo_workbooks
from importers.demonstration.names import MARQUERIVE, PORT_AUBRY, SAINT_OMBLIN, TWO_CAPES, TWO_CAPES_CODE
from importers.demonstration.workbooks import DAY, HOUR, row, table
from importers.facts import Values
from importers.workbooks.continuity import CONTINUITY, INCIDENTS

WEEK = 7 * DAY

# At Marquerive the PCRI should have been reviewed; at Saint-Omblin nobody approved the PSE, and there is no PCRI.
LINKED_PLANS = table(
    "finess_ej code kind title version approved_on review_by file",
    (PORT_AUBRY, "PB-01", "plan_blanc", "Plan blanc et son volet numérique", "v5", date(2026, 1, 12), date(2027, 1, 31),
     "Plan blanc v5.pdf"),
    (PORT_AUBRY, "PSE-01", "pse", "Plan de sécurisation", "v2", date(2025, 11, 18), date(2027, 11, 30), None),
    (PORT_AUBRY, "PCRI-01", "pcri", "Plan de continuité et de reprise informatiques", "v3", date(2026, 3, 30),
     date(2027, 3, 31), None),
    (MARQUERIVE, "PB-01", "plan_blanc", "Plan blanc", "v3", date(2026, 2, 9), date(2027, 2, 28), None),
    (MARQUERIVE, "PSE-01", "pse", "Plan de sécurisation", "v1", date(2026, 2, 9), date(2028, 2, 29), None),
    (MARQUERIVE, "PCRI-01", "pcri", "Plan de reprise informatique", "v2", date(2025, 6, 16), date(2026, 6, 30), None),
    (SAINT_OMBLIN, "PB-01", "plan_blanc", "Plan blanc", "v4", date(2026, 3, 2), date(2027, 3, 31), None),
    (SAINT_OMBLIN, "PSE-01", "pse", "Plan de sécurisation, projet", None, None, None, None),
)  # fmt: skip
CONTENTS = (
    row(finess_ej=PORT_AUBRY, perimeter_code="URG-01", owner_function="Cadre supérieur de santé", loss_system=True,
        loss_site=True, loss_staff=True, loss_supplier=False, degraded_after_minutes=20, interruption_minutes=2 * HOUR,
        capacity=Decimal(60), hold_minutes=4 * WEEK, relief="Deux équipes en 12 h, renfort du pool dès le troisième jour",
        reviewed_on=date(2026, 6, 2), next_review_on=date(2027, 6, 30), linked_plans=("PB-01", "PSE-01", "PCRI-01")),
    # Promised more than the exercise of September observed.
    row(finess_ej=MARQUERIVE, perimeter_code="URG-01", owner_function="Cadre supérieur de santé", loss_system=True,
        loss_site=False, loss_staff=True, loss_supplier=False, degraded_after_minutes=20, interruption_minutes=HOUR,
        capacity=Decimal(80), hold_minutes=2 * WEEK, relief="Roulement de trois équipes, cadre d’astreinte doublé",
        reviewed_on=date(2026, 6, 2), next_review_on=date(2027, 6, 30), linked_plans=("PB-01", "PSE-01", "PCRI-01")),
    # Holds two days, and its review is late.
    row(finess_ej=MARQUERIVE, perimeter_code="PUI-01", owner_function="Pharmacien gérant", loss_system=True, loss_site=False,
        loss_staff=False, loss_supplier=True, degraded_after_minutes=HOUR, interruption_minutes=8 * HOUR,
        capacity=Decimal(60), hold_minutes=2 * DAY, relief="Préparateurs des deux sites, par moitié",
        reviewed_on=date(2025, 10, 14), next_review_on=date(2026, 10, 31), linked_plans=("PB-01",)),
    # Nobody in charge, one loss only, nothing on how long it holds nor on who relieves whom.
    row(finess_ej=SAINT_OMBLIN, perimeter_code="URG-01", loss_system=True, loss_site=False, loss_staff=False,
        degraded_after_minutes=30, linked_plans=("PB-01",)),
)  # fmt: skip
# Nothing of Marquerive: nobody thought of its payroll.
SUPPORT = (
    row(finess_ej=PORT_AUBRY, function="payroll", perimeter_code="PAIE-01", can_run_again=True,
        run_by="Responsable de la paie", channel="Virement du mois précédent rejoué par la banque, fichier gardé hors ligne",
        hold_minutes=4 * WEEK, checked_on=date(2026, 5, 4)),
    row(finess_ej=PORT_AUBRY, function="billing", can_run_again=False),
    row(finess_ej=PORT_AUBRY, function="purchasing", can_run_again=True, run_by="Responsable des achats"),
    row(finess_ej=SAINT_OMBLIN, function="payroll", perimeter_code="PAIE-01"),
)  # fmt: skip
OUTAGES = (
    row(code="INC-2026-01", finess_list=(PORT_AUBRY, SAINT_OMBLIN), nature="it_and_phone",
        title="Arrêt général de l’informatique et du téléphone", started_on=date(2026, 5, 19), started_at="11:00",
        degraded_at="11:20", recovery_at="14:00", ended_at="16:00", plan_blanc=True, perimeters=("URG-01", "PUI-01"),
        consequences="Ambulances détournées pendant trois heures, vingt-deux consultations déplacées",
        lessons="Les soins ont continué sur papier ; le standard n’avait aucun téléphone de secours",
        retex_file="RETEX INC-2026-01.pdf", retex_on=date(2026, 6, 16)),
)  # fmt: skip
PLAN_RESULTS = (
    row(finess_ej=MARQUERIVE, exercise_code="EX-2026-02", perimeter_code="URG-01", plan_version="v1.2", result="partial",
        degraded_after_minutes=45, interruption_minutes=2 * HOUR + 30, capacity=Decimal(55),
        dependencies_found=("Imprimante des bracelets", "Badge du dépôt de sang"),
        comment="Les bons papier étaient là, la clé de l’armoire non"),
    row(finess_ej=MARQUERIVE, exercise_code="EX-2026-02", perimeter_code="PUI-01", plan_version="v1.2", result="success",
        degraded_after_minutes=50, interruption_minutes=6 * HOUR, capacity=Decimal(65)),
)  # fmt: skip


def incidents() -> bytes:
    """The register of incidents, one sheet of K8: actions of K2 come from it, so it is sent first."""
    return _filled(replace(CONTINUITY, sheets=(INCIDENTS,)), OUTAGES)


def continuity() -> bytes:
    """K8 but for incidents: what plans promise, the plans they lean on, support functions, results plan by plan."""
    return _filled(CONTINUITY, LINKED_PLANS, CONTENTS, SUPPORT, (), PLAN_RESULTS)


def _filled(workbook: Workbook, *rows: Sequence[Values]) -> bytes:
    return demo_workbooks.kit(workbook, rows, "GHT des Deux Caps", TWO_CAPES_CODE, TWO_CAPES)
