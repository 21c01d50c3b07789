"""The workbooks and pieces of the demonstration, built in code; nothing here is real."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import typst

from compliance.clock import PARIS
from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers import demo_names as names
from importers import template
from importers.facts import EstablishmentRef
from importers.workbooks.bia_pcra import BIA_PCRA, PARTIES, PERIMETERS

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
    ("D2.O2.A", "backup_policy", "Politique de sauvegarde.pdf", date(2026, 2, 5)),
)


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


def _kit(
    members: Sequence[tuple[str, str]],
    rows: Sequence[tuple[Decimal | None, Sequence[object]]],
    holder: str,
    code: str,
    kind: str = "ght",
) -> bytes:
    parties = [
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
    entities = [names.OUTSIDE] if kind == "eg" else members
    context = template.TemplateContext(
        kit_id="demonstration",
        campaign="CaRE D2",
        holder=holder,
        holder_code=code,
        candidate_kind=kind,
        establishments=[EstablishmentRef(number, number, name) for number, name in entities],
        sites=dict(members) if kind == "eg" else {},
    )
    stream = BytesIO()
    template.build(BIA_PCRA, context, MADE, stream, {PARTIES.name: parties, PERIMETERS.name: perimeters})
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
    content = '#set text(lang: "fr")\n#set document(title: sys.inputs.title)\n= #sys.inputs.title\nPièce fictive de démonstration.'
    return bytes(
        typst.compile(content.encode(), format="pdf", sys_inputs={"title": title}, timestamp=int(MADE.timestamp()))
    )
