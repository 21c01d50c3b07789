"""What each establishment of a data set of volumes holds: rows of the tables, each with the day on which it was known.

Facts became known little by little, from the beginning of the operational phase to `KNOWN_UNTIL`: what would have been
written later is left out, so a plan approved the day after is still « rédigé ». Chance is drawn from the FINESS number, so the
same plan gives the same facts, whatever is written beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.programme.referential import Referential
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers.demonstration import volumes_continuity as continuity
from importers.demonstration import volumes_registers as registers
from importers.demonstration.volumes_chance import (
    DAY,
    HOUR,
    KNOWN_UNTIL,
    PHASE_START,
    Dice,
    Fact,
    Row,
    advance,
    covered,
    days,
    entry,
    identifier,
    moment,
    several_sites,
    shares,
)
from importers.demonstration.volumes_places import Holder, Place, Plan

FIRST_APPLICATION = date(2025, 9, 2)  # to 2025-10-31, both included: 60 days
# Code, name, kind, technical kind, function of who answers for it: the three minimal kinds and a support function.
PERIMETERS = (
    ("URG-01", "Urgences", PerimeterKind.CARE, None, "Cadre supérieur de santé"),
    ("MED-01", "Médecine polyvalente", PerimeterKind.CARE, None, "Cadre de santé"),
    ("PAIE-01", "Paie", PerimeterKind.ADMINISTRATIVE, None, "Responsable de la paie"),
    ("PUI-01", "Pharmacie", PerimeterKind.TECHNICAL, "pharmacy", "Pharmacien gérant"),
    ("BIO-01", "Laboratoire de biologie", PerimeterKind.TECHNICAL, "biology", "Biologiste responsable"),
    ("REST-01", "Restauration", PerimeterKind.SUPPORT, None, "Responsable logistique"),
)
SHARED = "PAIE-01"
PLANS_FILE = "PCA et PRA v1.pdf"  # as the pieces are named: those who sent it have their proof


# ------------------------------------------------------------------------------------------------------ the candidate


def application(holder: Holder) -> tuple[date, Row]:
    """Return the day on which a candidate applied, in the window of 2025, and its application (eCaRE number, ceiling)."""
    dice = Dice("application", holder.code)
    day = FIRST_APPLICATION + days(dice.below(60))
    return day, {
        "applied_on": day,
        "frozen_on": day,
        "ecare_number": f"FICTIF-{holder.code}",
        "ceiling_cents": 2_000_000 * (5 + sum(place.weight for place in holder.places) // 4),
        "recorded_at": moment(day),
    }


def parties(holder: Holder) -> list[Row]:
    """Return the parties as they were frozen: AC, its year and source. But for the first, one in 50 has no AC yet, one in 40 is out."""
    day, _ = application(holder)
    rows: list[Row] = []
    for place, key, name, site in holder.parties:
        dice = Dice("party", key)
        weight = place.weight * (1 if not site else 4 - min(3, len(rows)))
        out = len(rows) > 2 and dice.below(40) == 0
        known = not out and (not rows or dice.below(50) > 0)
        ac = Decimal(850 * weight + dice.below(400)) + Decimal(dice.below(4)) / 4 if known else None
        rows.append(
            {
                "establishment_id": identifier(place.finess),
                "owner_establishment_id": identifier(holder.support.finess),
                "owner_id": identifier("candidate", holder.code),
                "party_key": key,
                "name": name,
                "site_id": identifier("site", key) if site else None,
                "in_scope": not out,
                "out_reason": "Activité médico-sociale seulement" if out else "",
                "ac": ac,
                "ac_year": 2024 if known else None,
                "source": "SAE 2024 (fictive)" if known else "",
                "confidence": "saisie" if known else "",
                "recorded_at": moment(day - days(dice.below(20))),
            }
        )
    return rows


def coverages(holder: Holder) -> list[Row]:
    """Return who is covered by the shared plan of the support, and why."""
    owner = holder.support.finess
    _, name, kind, *_ = next(each for each in PERIMETERS if each[0] == SHARED)
    return [
        {
            "establishment_id": identifier(place.finess),
            "owner_establishment_id": identifier(owner),
            "owner_id": identifier("perimeter", owner, SHARED),
            "perimeter_code": SHARED,
            "perimeter_name": name,
            "kind": str(kind),
            "justification": "Même logiciel de paie, mêmes modes dégradés, une seule équipe de paie au GHT",
            "recorded_at": moment(date(2026, 2, 2) + days(Dice("covered", place.finess).below(120))),
        }
        for place in covered(holder)
    ]


# -------------------------------------------------------------------------------------------------- an establishment


def facts(plan: Plan, holder: Holder, place: Place, referential: Referential) -> Iterator[Fact]:
    """Yield the rows of an establishment but for its pieces, what refers after what it refers to."""
    for table, row in (
        *_perimeters(holder, place),
        *continuity.linked_plans(place),
        *continuity.support_functions(place),
        *registers.exercises(holder, place),
        *continuity.incidents(holder, place),
        *registers.backups(holder, place),
        *(registers.evidence_register(holder, place) if place.rank == 0 else ()),
        *registers.targets(place),
        *registers.sessions(place),
    ):
        if row["recorded_at"] <= moment(KNOWN_UNTIL):
            yield table, row
    yield from registers.attendance(place)
    yield from _pieces(plan, holder, place, referential)


def _perimeters(holder: Holder, place: Place) -> Iterator[Fact]:
    # Outside a GHT a perimeter is a site's, where there are several: its code tells the site too.
    several = several_sites(holder, place)
    for rank, (number, _) in enumerate(place.sites if several else place.sites[:1]):
        for code, *described in PERIMETERS:
            if code == SHARED and place in covered(holder):
                continue
            own = f"{code}-{rank + 1}" if several else code
            site = None if holder.ght else identifier("site", number)
            yield from _perimeter(holder, place, own, site, described)


def _perimeter(holder: Holder, place: Place, code: str, site: UUID | None, described: Sequence[Any]) -> Iterator[Fact]:
    name, kind, technical, function = described
    dice = Dice("perimeter", place.finess, code)
    owner = identifier("perimeter", place.finess, code)
    begun = PHASE_START + days(dice.below(100))
    lent = shares(holder) and place.rank == 0 and code == SHARED
    reached = 100 if lent else advance(holder, place) + dice.below(50) - 18
    absent = technical == "biology" and place.weight < 6
    bia: Row = {
        "perimeter_id": owner, "site_id": site, "name": name, "kind": str(kind), "technical_kind": technical,
        "present": not absent, "absence_reason": "Analyses confiées au laboratoire voisin" if absent else "",
        "department": "", "referent_function": function, "bia": str(BiaState.NOT_DONE), "bia_on": None,
        "bia_reason": "Cadre en cours de recrutement",
    }  # fmt: skip
    plans: Row = {
        "perimeter_id": owner, "pca": str(PlanState.ABSENT), "pca_on": None, "pra": str(PlanState.ABSENT), "pra_on": None,
        "approver": "", "version": "", "shared_system": "PAIE-GHT" if lent else "",
        "degraded_modes_identical": True if lent else None, "paper_copy": None, "paper_place": "", "printed_on": None,
        "last_test_on": None, "next_test_on": None, "evidence_file": "",
    }  # fmt: skip
    if absent:
        bia |= {"bia": str(BiaState.NOT_APPLICABLE), "bia_reason": bia["absence_reason"]}
    yield "perimeter", {"id": owner, "code": code, "recorded_at": moment(begun)}
    yield "perimeter_version", {**bia, "recorded_at": moment(begun)}
    yield "pcra_version", {**plans, "recorded_at": moment(begun)}
    if absent or reached < 12:
        return
    started = {"bia": str(BiaState.IN_PROGRESS), "bia_reason": "Entretiens en cours"}
    yield "perimeter_version", {**bia, **started, "recorded_at": moment(begun + days(25))}
    if reached < 25:
        return
    bia_on = begun + days(30 + dice.below(200))
    done = {"bia": str(BiaState.DONE), "bia_on": bia_on, "bia_reason": ""}
    yield "perimeter_version", {**bia, **done, "recorded_at": moment(bia_on + days(1 + dice.below(6)))}
    yield from _activities(place, code, function, bia_on, dice)
    yield from continuity.promises(place, code, function, bia_on + days(30))
    yield from _steps(plans, bia_on, dice, approved=reached >= 56)


def _steps(plans: Row, bia_on: date, dice: Dice, *, approved: bool) -> Iterator[Fact]:
    """Yield the plans of a perimeter as they advance, from written to tried."""

    def version(day: date, **changes: object) -> Fact:
        plans.update(changes)
        return "pcra_version", {**plans, "recorded_at": moment(day + days(1 + dice.below(6)))}

    written = bia_on + days(20 + dice.below(60))
    yield version(written, pca=str(PlanState.WRITTEN), pra=str(PlanState.IN_PROGRESS), version="v0.9")
    if not approved:
        return
    pca_on = written + days(15 + dice.below(70))
    yield version(
        pca_on, pca=str(PlanState.APPROVED), pca_on=pca_on, pra=str(PlanState.WRITTEN), version="v1.0",
        approver=f"CODIR du {pca_on:%d/%m/%Y}", next_test_on=date(2026, 12, 1) + days(dice.below(200)),
    )  # fmt: skip
    pra_on = pca_on + days(7 + dice.below(45))
    yield version(
        pra_on, pra=str(PlanState.APPROVED), pra_on=pra_on, version="v1.1", paper_copy=True,
        paper_place="PC sécurité, bureau du cadre", printed_on=pra_on + days(1),
        evidence_file=PLANS_FILE,
    )  # fmt: skip
    if dice.chance(45):
        tested = pra_on + days(14 + dice.below(60))
        yield version(tested, last_test_on=tested)


def _activities(place: Place, code: str, function: str, bia_on: date, dice: Dice) -> Iterator[Fact]:
    for number in ("1", "2"):
        staff = Decimal(2 + place.weight // 4 + dice.below(3))
        yield entry(
            "activity", bia_on + days(7), perimeter_code=code, number=number, name=f"Activité {number} du périmètre {code}",
            process="Prise en charge", criticality=number, impact_4h=2, impact_24h=3, impact_72h=4, impact_1w=4,
            impact_kinds=["patient"], dima_minutes=(2 + dice.below(10)) * HOUR, pdma_minutes=HOUR, nominal_staff=staff,
            minimal_staff=staff // 2, degraded_mode=dice.pick(("yes", "partial", "no")),
            degraded_hold_minutes=dice.pick((1, 3, 4, 7)) * DAY,
            paper_forms=["Fiche papier"],
        )  # fmt: skip
    yield entry(
        "dependency", bia_on + days(7), perimeter_code=code, activity_number="1", kind="application",
        label="Dossier patient informatisé", hosting="ght", supplier="Éditeur Grand-Mât (fictif)",
        continuity_clause=dice.pick(("yes", "no", "nc")), tolerated_minutes=2 * HOUR,
        workaround=f"Registre papier tenu par : {function}", system_code=f"DPI-{place.rank + 1:02d}",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ pieces


def _pieces(plan: Plan, holder: Holder, place: Place, referential: Referential) -> Iterator[Fact]:
    """Yield the pieces of a candidate that this establishment keeps: those of the whole, or some of the members' own.

    Bytes are `content(place, round)`: a file answers several pieces, never twice the same one, so that files stay few.
    """
    asked = [
        (row.code, piece.key, piece.label)
        for row in referential.rows
        for piece in row.pieces
        if holder.ght or not piece.only_ght
    ]
    kept = asked[: max(3, len(asked) * (advance(holder, holder.support) + 40) // 140)]
    places = len(holder.places)
    for rank in range(plan.pieces):
        turn, nth = divmod(rank, len(kept))
        if (turn + nth * min(turn, 1)) % places != place.rank:
            continue
        code, key, label = kept[nth]
        approved = date(2025, 3, 1) + days(Dice("piece", holder.code, str(rank)).below(600))
        received = max(approved, PHASE_START) + days(4)
        pdf = rank % 10 != 9
        yield "evidence", {
            "row_code": code, "document_type": key, "filename": f"{label} v{turn + 1}.{'pdf' if pdf else 'txt'}",
            "media_type": "application/pdf" if pdf else "application/octet-stream", "round": turn, "approved_on": approved,
            "effective_on": approved, "expires_on": None, "received_at": moment(received),
        }  # fmt: skip


def content(place: Place, turn: int, *, pdf: bool) -> bytes:
    """Return the bytes of a piece: a page without anything on it, or a line of text."""
    title = f"Pièce fictive {turn + 1}, {place.finess}"
    if not pdf:
        return f"{title}\n".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    ]
    body, places = b"%PDF-1.4\n%" + title.encode() + b"\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place_ for place_ in places)
    trailer = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer
