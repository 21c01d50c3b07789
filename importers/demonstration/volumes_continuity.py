"""What plans promise and what reality showed, for each establishment of a data set of volumes (the registers of K8).

Chance is drawn under words of its own, so that the other facts stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from importers.demonstration.volumes_chance import DAY, HOUR, PHASE_START, Dice, Fact, Row, days, entry, several_sites
from importers.demonstration.volumes_places import Holder, Place

WEEK = 7 * DAY
# Kind of a plan that PCRA lean on, its title, and how many out of a hundred are approved.
LINKED = (
    ("plan_blanc", "Plan blanc", 90),
    ("pse", "Plan de sécurisation", 65),
    ("pcri", "Plan de reprise informatique", 50),
)
# Support function, who runs it, how, and how many out of a hundred are answered for.
SUPPORT = (
    ("payroll", "Responsable de la paie", "Virement du mois précédent rejoué par la banque", 60),
    ("billing", "Responsable de la facturation", "Saisie différée des séjours", 35),
    ("purchasing", "Responsable des achats", "Bons de commande papier", 40),
    ("hr", "Directeur des ressources humaines", "Plannings imprimés chaque semaine", 45),
)  # fmt: skip


def promises(place: Place, code: str, function: str, written: date) -> Iterator[Fact]:
    """Yield what the PCRA of a perimeter holds and promises, some of it missing."""
    dice = Dice("content", place.finess, code)
    relief = dice.chance(55)
    yield entry(
        "pcra_content", written + days(5), perimeter_code=code, owner_function=function if dice.chance(85) else None,
        loss_system=dice.chance(92), loss_site=dice.chance(45), loss_staff=dice.chance(55), loss_supplier=dice.chance(35),
        degraded_after_minutes=dice.pick((15, 30, HOUR)), interruption_minutes=dice.pick((2, 4, 8)) * HOUR,
        capacity=Decimal(dice.pick((50, 60, 70, 80))), hold_minutes=dice.pick((2 * DAY, 5 * DAY, 2 * WEEK, 4 * WEEK, None)),
        relief="Deux équipes en 12 h, renfort du pool" if relief else None, reviewed_on=written,
        next_review_on=written + days(365), linked_plans=[f"PL-{rank + 1:02d}" for rank in range(dice.below(4))],
    )  # fmt: skip


def linked_plans(place: Place) -> Iterator[Fact]:
    """Yield the plans that PCRA lean on: three, of which some are not approved and some should have been reviewed."""
    dice = Dice("linked", place.finess)
    for rank, (kind, title, percent) in enumerate(LINKED, start=1):
        approved, known = date(2025, 1, 6) + days(dice.below(500)), dice.chance(percent)
        yield entry(
            "linked_plan", max(approved, PHASE_START) + days(3), code=f"PL-{rank:02d}", kind=kind, title=title,
            version=f"v{1 + dice.below(4)}", approved_on=approved if known else None,
            review_by=approved + days(365 + dice.below(365)) if known else None,
        )  # fmt: skip


def support_functions(place: Place) -> Iterator[Fact]:
    """Yield what is said of payroll, billing, purchasing and human resources: some only listed, without an answer."""
    dice = Dice("support", place.finess)
    for function, by, channel, percent in SUPPORT:
        checked = PHASE_START + days(60 + dice.below(400))
        answered, again = dice.chance(percent), dice.chance(70)
        told: Row = {"can_run_again": again, "checked_on": checked} if answered else {}
        if answered and again:
            told |= {"run_by": by, "channel": channel, "hold_minutes": dice.pick((WEEK, 2 * WEEK, 4 * WEEK))}
        yield entry("support_function", checked + days(2), function=function, **told)


def incidents(holder: Holder, place: Place) -> Iterator[Fact]:
    """Yield a real outage in one establishment out of three, and the action that followed."""
    dice = Dice("incident", place.finess)
    if dice.below(3):
        return
    suffix = "-1" if several_sites(holder, place) else ""
    day = PHASE_START + days(40 + dice.below(380))
    code, told = f"INC-{day.year}-{place.rank + 1:02d}", dice.chance(60)
    retex = day + days(15 + dice.below(20))
    values: Row = {
        "code": code, "finess_list": [place.finess],
        "nature": dice.pick(("it_outage", "it_and_phone", "phone_outage", "supplier", "energy")),
        "title": "Arrêt de l’informatique", "started_on": day, "started_at": "11:00", "degraded_at": "11:20",
        "recovery_at": "14:00", "ended_at": f"{16 + dice.below(6)}:00", "plan_blanc": dice.chance(40),
        "perimeters": [f"URG-01{suffix}"], "consequences": "Consultations déplacées",
    }  # fmt: skip
    yield entry("incident", day + days(2), **values)
    if told:
        learnt: Row = {
            "lessons": "Garder des fiches papier à jour",
            "retex_on": retex,
            "retex_file": f"RETEX {code}.pdf",
        }
        yield entry("incident", retex + days(1), **values, **learnt)
    yield entry(
        "exercise_action", retex + days(2), incident_code=code, number="1", finding="Standard sans téléphone de secours",
        action="Placer deux téléphones de secours au standard", kind="technical", priority="p1",
        owner_function="Responsable logistique", due_on=retex + days(60 + dice.below(90)), status="in_progress",
    )  # fmt: skip


def plan_result(place: Place, code: str, perimeter: str, held: date) -> Fact:
    """Give what an exercise observed of the plan it tried: often worse than what the plan promised."""
    dice = Dice("observed", place.finess, code)
    return entry(
        "plan_result", held + days(3), exercise_code=code, perimeter_code=perimeter, plan_version="v1.1",
        result=dice.pick(("success", "success", "partial", "failure")), degraded_after_minutes=dice.pick((15, 30, 50, 90)),
        interruption_minutes=dice.pick((2, 3, 5, 9)) * HOUR, capacity=Decimal(dice.pick((40, 55, 65, 80))),
        dependencies_found=["Imprimante des bracelets"] if dice.chance(30) else [],
    )  # fmt: skip
