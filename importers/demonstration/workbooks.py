"""K1 and the pieces of the demonstration, built in code; nothing here is real. The other workbooks: `demo_registers.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from compliance.clock import PARIS
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers import template
from importers.base import Workbook
from importers.demonstration import names
from importers.facts import EstablishmentRef, Values
from importers.workbooks.bia_activity import ACTIVITIES, DEPENDENCIES
from importers.workbooks.bia_pcra import BIA_PCRA, PERIMETERS

MADE = datetime(2026, 11, 17, 9, 0, tzinfo=PARIS)

# Service of each kind: code, name, kind, platform, referent's function.
SERVICES = (
    ("URG-01", "Urgences adultes", PerimeterKind.CARE, None, "Cadre supérieur de santé"),
    ("PAIE-01", "Paie", PerimeterKind.ADMINISTRATIVE, None, "Responsable de la paie"),
    ("PUI-01", "Pharmacie", PerimeterKind.TECHNICAL, "pharmacy", "Pharmacien gérant"),
    ("REST-01", "Restauration", PerimeterKind.SUPPORT, None, "Responsable logistique"),
)
APPROVED, WRITTEN, STARTED, ABSENT = PlanState.APPROVED, PlanState.WRITTEN, PlanState.IN_PROGRESS, PlanState.ABSENT
DONE = (BiaState.DONE, APPROVED, APPROVED)
NEARLY = (BiaState.DONE, APPROVED, WRITTEN)
BEGUN = (BiaState.IN_PROGRESS, STARTED, ABSENT)
NOTHING = (BiaState.NOT_DONE, ABSENT, ABSENT)

# AC, then the state of each service above; None: nothing was typed for it.
TWO_CAPES = (
    (Decimal(34200), (DONE, DONE, DONE, BEGUN)),
    (Decimal(14300), (DONE, DONE, DONE, DONE)),
    (Decimal(9900), (DONE, DONE, DONE, None)),
    (Decimal(8400), (DONE, NEARLY, DONE, BEGUN)),
    (Decimal(7200), (DONE, BEGUN, None, None)),
    (Decimal(10500), (DONE, DONE, NEARLY, NOTHING)),
    (Decimal(8000), (BEGUN, NOTHING, BEGUN, None)),
    (Decimal(7500), (NOTHING, None, None, None)),
)
PIECES = (
    ("D2.P1", "pssi", "PSSI du GHT v3.pdf", date(2025, 3, 12)),
    ("D2.P2", "organisation_note", "Note d’organisation PCRA.pdf", date(2025, 10, 9)),
    ("D2.O1.A", "governance_scheme", "Schéma de gouvernance.pdf", date(2026, 1, 27)),
    ("D2.O1.C", "critical_activities", "Activités critiques.pdf", date(2026, 6, 2)),
    ("D2.O1.D", "scenario", "Scénario EX-2026-02.pdf", date(2026, 9, 3)),
    ("D2.O1.D", "retex", "RETEX EX-2026-02.pdf", date(2026, 10, 8)),
    ("D2.O2.A", "backup_policy", "Politique de sauvegarde.pdf", date(2026, 2, 5)),
    ("D2.O4", "test_book", "Cahier de tests REST-2026-01.pdf", date(2026, 10, 6)),
)

HOUR, DAY = 60, 24 * 60  # minutes


def row(**cells: Any) -> dict[str, Any]:
    """Name the cells of a row; those left out are blank."""
    return cells


def table(columns: str, *rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Name the cells of each row: `columns` are the fields, separated by spaces."""
    return [dict(zip(columns.split(), cells, strict=True)) for cells in rows]


def _impacts(*levels: int) -> dict[str, int]:
    return dict(zip(("impact_4h", "impact_24h", "impact_72h", "impact_1w"), levels, strict=True))


# Activities of each service, alike in the three establishments that described theirs; staff is that of the smallest one.
ACTIVITY_ROWS = (
    row(perimeter_code="URG-01", number="1", name="Accueil et tri des patients", process="Prise en charge urgente",
        criticality="1", **_impacts(2, 3, 4, 4), impact_kinds=("patient",), dima_minutes=HOUR, pdma_minutes=15,
        sensitive_period="Nuits et week-ends", nominal_staff=2, minimal_staff=1, degraded_mode="yes",
        degraded_hold_minutes=7 * DAY, procedure_reference="URG-PD-001", paper_forms=("Fiche de tri", "Registre papier"),
        paper_place="Armoire du poste d’accueil", downstream_activity="Laboratoire, imagerie"),
    row(perimeter_code="URG-01", number="2", name="Prescription et administration des traitements",
        process="Prise en charge urgente", criticality="1", **_impacts(3, 4, 4, 4), impact_kinds=("patient", "regulatory"),
        dima_minutes=2 * HOUR, pdma_minutes=HOUR, nominal_staff=4, minimal_staff=2, degraded_mode="yes",
        degraded_hold_minutes=3 * DAY, procedure_reference="URG-PD-002", paper_forms=("Ordonnance vierge",),
        paper_place="Armoire du poste de soins", downstream_activity="Pharmacie"),
    row(perimeter_code="URG-01", number="3", name="Demandes d’examens et retour des résultats",
        process="Prise en charge urgente", criticality="2", **_impacts(2, 3, 4, 4), impact_kinds=("patient",),
        dima_minutes=4 * HOUR, pdma_minutes=HOUR, nominal_staff=2, minimal_staff=1, degraded_mode="partial",
        degraded_hold_minutes=DAY, procedure_reference="URG-PD-003", paper_forms=("Bon de laboratoire",)),
    row(perimeter_code="PAIE-01", number="1", name="Calcul et versement de la paie", process="Paie", criticality="2",
        **_impacts(0, 0, 2, 4), impact_kinds=("social", "financial"), dima_minutes=3 * DAY, pdma_minutes=DAY,
        sensitive_period="Du 10 au 20 de chaque mois", nominal_staff=2, minimal_staff=1, degraded_mode="partial",
        degraded_hold_minutes=14 * DAY, procedure_reference="RH-PD-004", downstream_activity="Trésor public"),
    row(perimeter_code="PAIE-01", number="2", name="Saisie des absences et des gardes", process="Paie", criticality="3",
        **_impacts(0, 1, 1, 3), impact_kinds=("social",), dima_minutes=7 * DAY, pdma_minutes=DAY, nominal_staff=2,
        minimal_staff=1, degraded_mode="no"),
    row(perimeter_code="PUI-01", number="1", name="Dispensation aux services", process="Circuit du médicament",
        criticality="1", **_impacts(2, 3, 4, 4), impact_kinds=("patient",), dima_minutes=4 * HOUR, pdma_minutes=HOUR,
        sensitive_period="Veilles de jour férié", nominal_staff=3, minimal_staff=2, degraded_mode="yes",
        degraded_hold_minutes=5 * DAY, procedure_reference="PUI-PD-001", paper_forms=("Bon de dispensation",),
        paper_place="Bureau de la pharmacie", downstream_activity="Tous les services de soins"),
    row(perimeter_code="PUI-01", number="2", name="Préparation des chimiothérapies", process="Circuit du médicament",
        criticality="1", **_impacts(1, 3, 4, 4), impact_kinds=("patient", "regulatory"), dima_minutes=8 * HOUR,
        pdma_minutes=HOUR, nominal_staff=2, minimal_staff=1, degraded_mode="yes", degraded_hold_minutes=2 * DAY,
        procedure_reference="PUI-PD-006", paper_forms=("Fiche de fabrication",), downstream_activity="Hôpital de jour"),
    row(perimeter_code="PUI-01", number="3", name="Commandes et réceptions", process="Circuit du médicament",
        criticality="3", **_impacts(0, 1, 2, 3), impact_kinds=("financial",), dima_minutes=3 * DAY, pdma_minutes=DAY,
        nominal_staff=2, minimal_staff=1, degraded_mode="yes", degraded_hold_minutes=7 * DAY,
        procedure_reference="PUI-PD-011", paper_forms=("Bon de commande",), paper_place="Quai de livraison"),
)  # fmt: skip
# The last column is the kind of system, whose code is that of the establishment.
DEPENDENCY_ROWS = table(
    "perimeter_code activity_number kind label hosting supplier continuity_clause tolerated_minutes workaround system_code",
    ("URG-01", None, "application", "Dossier patient informatisé", "ght", "Éditeur Grand-Mât (fictif)", "yes", 2 * HOUR,
     "Poste de secours avec copie locale des dossiers", "DPI"),
    ("URG-01", "1", "telephony", "Téléphones sans fil de l’accueil", None, None, None, HOUR // 2,
     "Talkies-walkies du PC sécurité", None),
    ("URG-01", "3", "upstream", "Laboratoire de biologie", None, None, None, 4 * HOUR, "Résultats portés par coursier", None),
    ("PAIE-01", "1", "application", "Logiciel de paie", "saas", "Éditeur La Drisse (fictif)", "nc", 2 * DAY,
     "Rejeu du virement du mois précédent", "SIRH"),
    ("PAIE-01", "1", "skill", "Gestionnaire de paie", None, None, None, DAY, None, None),
    ("PUI-01", "1", "application", "Logiciel de la pharmacie", "internal", "Éditeur Grand-Mât (fictif)", "no", 4 * HOUR,
     "Dispensation sur bons papier", "PHA"),
    ("PUI-01", "2", "biomedical", "Automate de préparation", "internal", "Société Cap au Large (fictive)", "yes", DAY,
     "Préparation manuelle sous hotte", None),
    ("PUI-01", None, "utilities", "Alimentation secourue des chambres froides", None, None, None, 8 * HOUR,
     "Glacières et sondes autonomes", None),
)  # fmt: skip
# Where the activities are described: how many times the smallest staff, and the code of each kind of system.
DESCRIBED: Mapping[str, tuple[int, Mapping[str | None, str]]] = {
    names.PORT_AUBRY: (3, {"DPI": "DPI-01", "SIRH": "SIRH-01", "PHA": "PHA-01"}),
    names.SAINT_OMBLIN: (2, {"DPI": "DPI-01", "SIRH": "SIRH-01", "PHA": "PHA-01"}),
    names.MARQUERIVE: (1, {"DPI": "DPI-04", "PHA": "PHA-04"}),  # nobody looked for the code of its payroll
}
UNKNOWN = {(names.MARQUERIVE, "PAIE-01", "2"): {"dima_minutes": None}}  # what a service did not answer


def two_capes() -> bytes:
    """K1 of the GHT of eight EJ: three count, one plan away from a fourth."""
    return _kit(names.TWO_CAPES, TWO_CAPES, "GHT des Deux Caps", names.TWO_CAPES_CODE)


def alone() -> bytes:
    """K1 of the GHT of one EJ, which has no technical platform of its own."""
    rows = ((None, (DONE, NEARLY, "absent", BEGUN)),)
    return _kit(names.ALONE, rows, "GHT de Roche-Vernay", names.ALONE_CODE, kind="single")


def outside() -> bytes:
    """K1 of the candidate outside a GHT: the AC of one of its three sites is not known yet."""
    rows = (
        (Decimal(5200), (DONE, DONE, DONE, None)),
        (Decimal(3100), (DONE, BEGUN, None, None)),
        (None, (BEGUN, None, None, None)),
    )
    return _kit(names.SITES, rows, names.OUTSIDE[1], names.OUTSIDE[0], kind="eg")


def activities() -> bytes:
    """The activities and dependencies of three establishments of the GHT of eight: two sheets of K1, sent after the inventory."""
    rows: list[Values] = []
    resources: list[Values] = []
    for number, (size, systems) in DESCRIBED.items():
        for each in ACTIVITY_ROWS:
            staff = {name: size * each[name] for name in ("nominal_staff", "minimal_staff")}
            unknown = UNKNOWN.get((number, each["perimeter_code"], each["number"]), {})
            rows.append(each | staff | unknown | {"finess_ej": number})
        resources += [
            each | {"finess_ej": number, "system_code": systems.get(each["system_code"])} for each in DEPENDENCY_ROWS
        ]
    workbook = replace(BIA_PCRA, sheets=(ACTIVITIES, DEPENDENCIES))
    return kit(workbook, (rows, resources), "GHT des Deux Caps", names.TWO_CAPES_CODE, names.TWO_CAPES)


def _kit(
    members: Sequence[tuple[str, str]],
    rows: Sequence[tuple[Decimal | None, Sequence[object]]],
    holder: str,
    code: str,
    kind: str = "ght",
) -> bytes:
    parties: list[Values] = [
        {
            "finess": number,
            "name": name,
            "in_scope": True,
            "out_reason": None,
            "ac": ac,
            "ac_year": 2024 if ac is not None else None,
            "source": "SAE 2024 (fictive)" if ac is not None else None,
        }
        for (number, name), (ac, _) in zip(members, rows, strict=True)
    ]
    perimeters = [
        row
        for (number, _), (_, states) in zip(members, rows, strict=True)
        for row in _perimeters(
            number, states, entity=names.OUTSIDE[0] if kind == "eg" else number, site=number if kind == "eg" else None
        )
    ]
    inventory = (parties, perimeters)
    if kind == "eg":
        return kit(BIA_PCRA, inventory, holder, code, [names.OUTSIDE], kind=kind, sites=dict(members))
    return kit(BIA_PCRA, inventory, holder, code, members, kind=kind)


def kit(
    workbook: Workbook,
    rows: Sequence[Sequence[Values]],
    holder: str,
    code: str,
    entities: Sequence[tuple[str, str]],
    *,
    kind: str = "ght",
    sites: Mapping[str, str] | None = None,
) -> bytes:
    """A workbook of the kit as its holder would have filled it: `rows` are those of its sheets, in order; others are blank."""
    context = template.TemplateContext(
        kit_id="demonstration",
        campaign="CaRE D2",
        holder=holder,
        holder_code=code,
        candidate_kind=kind,
        establishments=[EstablishmentRef(number, number, name) for number, name in entities],
        sites=sites or {},
    )
    stream = BytesIO()
    filled = {sheet.name: found for sheet, found in zip(workbook.sheets, rows, strict=False)}
    template.build(workbook, context, MADE, stream, filled)
    return stream.getvalue()


def _perimeters(number: str, states: Sequence[object], *, entity: str, site: str | None) -> Iterable[dict[str, object]]:
    # Outside a GHT the three sites share one EJ: the code tells the site too.
    suffix = f"-{number[-2:]}" if site else ""
    for (code, name, kind, platform, function), state in zip(SERVICES, states, strict=True):
        if state is None:
            continue
        row: dict[str, object] = dict.fromkeys(PERIMETERS.fields)
        row |= {
            "code": code + suffix, "finess_ej": entity, "finess_et": site, "name": name, "kind": kind, "platform": platform,
            "exists": state != "absent", "referent_function": function, "shared_identical": None,
        }  # fmt: skip
        if state == "absent":
            row |= {
                "bia": BiaState.NOT_APPLICABLE,
                "bia_reason": "Sous-traitée à l’établissement voisin",
                "pca": ABSENT,
                "pra": ABSENT,
            }
        else:
            row |= _plans(*state)  # type: ignore[misc]
        yield row


def _plans(bia: BiaState, pca: PlanState, pra: PlanState) -> dict[str, object]:
    approved = PlanState.APPROVED in (pca, pra)
    return {
        "bia": bia,
        "bia_on": date(2026, 3, 12) if bia is BiaState.DONE else None,
        "bia_reason": None if bia is not BiaState.NOT_DONE else "Cadre en cours de recrutement, BIA prévu en janvier",
        "pca": pca,
        "pca_on": date(2026, 6, 2) if pca is APPROVED else None,
        "pra": pra,
        "pra_on": date(2026, 6, 2) if pra is APPROVED else None,
        "approver": "CODIR du 02/06/2026" if approved else None,
        "version": "v1.2" if approved else None,
        "paper_copy": approved,
        "paper_place": "PC sécurité, bureau du cadre" if approved else None,
        "paper_printed_on": date(2026, 6, 10) if approved else None,
        "next_test_on": date(2027, 3, 15),
    }


def text_pdf(title: str) -> bytes:
    """A one-page PDF that says it is an example."""
    import typst  # noqa: PLC0415  7 MB that the demonstration alone needs

    content = '#set text(lang: "fr")\n#set document(title: sys.inputs.title)\n= #sys.inputs.title\nPièce fictive de démonstration.'
    return bytes(
        typst.compile(content.encode(), format="pdf", sys_inputs={"title": title}, timestamp=int(MADE.timestamp()))
    )
