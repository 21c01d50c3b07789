"""Sample data of « Formations » and of the sessions of a region."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from compliance.reports.attendance import Gap, LeftOut, Named
from compliance.reports.sessions import RegionalLine, SessionLine
from compliance.reports.training import Asked, Place, Training
from compliance.rules.attendance import Profile
from compliance.rules.charter import Charter
from compliance.rules.charter import total as charter_total
from compliance.rules.training import Count, Line, Rate, Target
from compliance.rules.verdict import Reason, State, Verdict
from compliance.services.retention import Setting
from compliance.services.training import Move, Regional
from compliance.web.training import ALL, KINDS, PROFILES
from tests.pages import samples

REF = UUID("019a0000-0000-7000-8000-000000000001")
ON = samples.TODAY
STAFF = Target("A", Profile.NURSING, 18, "Bilan social 2025", samples.date(2026, 1, 15), REF)
NURSES = Line("nursing", "Soignant", Rate(Count(12, 14), 18), Count(3, 3), Count(7, 8), (STAFF,))
DOCTORS = Line("medical", "Médical", Rate(Count(5, 5), 4), Count(0, 0), Count(0, 0), (replace(STAFF, source=""),))
NOBODY = Line("it", "SI", Rate(Count(0, 0), None, "effectif non renseigné"), Count(0, 0), Count(0, 0))
REGIONAL = Regional(
    id=REF,
    code="ARS-DMCC-1",
    title="Directeur médical de crise cyber",
    kind="dmcc",
    starts_on=samples.date(2026, 12, 5),
    ends_on=samples.date(2026, 12, 6),
    place="",
    capacity=20,
    half_days=4,
    recorded_at=samples.NOW,
    opened_by="Morgan Delcourt",
)
SESSION = SessionLine(
    "DMCC-2026-01", "Directeur médical de crise cyber", "DMCC", "ARS", samples.date(2026, 3, 10), samples.date(2026, 3, 10),
    "2 demi-journées, 7 h", "Faculté de médecine", 36, "CH de Port-Aubry", Count(12, 12), REF,
)  # fmt: skip


def page(*, whole: bool = False, readable: bool = True, empty: bool = False, part: bool = False) -> dict[str, Any]:
    """Return the context of « Formations » for an establishment, or for a GHT."""
    named = Named(
        REF, "ARTIMON Alix", "Cadre de santé", "Urgences adultes", ("DMCC-2026-01", "DMCC-2026-02"),
        samples.date(2025, 12, 5), samples.date(2026, 12, 5), True, True, 1,
    )  # fmt: skip
    left = LeftOut(
        REF, "CABESTAN Dany", "Sage-femme", "DMCC-2026-01", "Présence sans signature : elle n’est pas comptée", "Noter la signature"
    )  # fmt: skip
    gaps = [Gap("UNSIGNED", "Présences sans signature", 2, (left,) if readable and not whole else ())]
    wards = [
        Charter("A", "Urgences adultes", 64, 48, samples.date(2026, 6, 30), REF),
        Charter("A", "Fermé", 0, 0, None, REF),
    ]
    met = Verdict(State.MET, (Reason("DMCC_TRAINED", "3 personnes formées"),))
    missing = Verdict(State.MISSING, (Reason("DMCC_NONE", "Personne n’est formé"),), "Inscrire au moins une personne")
    places = [Place(samples.finess(0), NURSES, met, 2), Place(samples.finess(1), NOBODY, missing, 0)]
    total = Line("", "Tous les profils", Rate(Count(17, 19), 22), Count(3, 3), Count(7, 8), (STAFF,))
    told = Training(
        asked=Asked(function="cadre" if part else "", on_call=part),
        answer="17 à 19 des 22 personnes à former sont formées DMCC",
        whole=whole,
        total=total,
        profiles=[NURSES, DOCTORS, NOBODY],
        functions=[replace(NURSES, key="cadre", label="Cadre de santé")],
        functions_left=3,
        places=places if whole else places[:1],
        named=[named, replace(named, renew=False, until=None, on_call=False, more=0, service="")] if readable else [],
        renew=Count(1, 2),
        gaps=gaps,
        charter=charter_total(wards),
        services=[(each, "CH de Port-Aubry") for each in wards],
        sessions=[
            SESSION,
            replace(SESSION, ref=None, place="", validity_months=None, ends_on=samples.date(2027, 1, 4)),
        ],
        sessions_left=1,
        upcoming=1,
        regional=[RegionalLine(REGIONAL, "DMCC", None), RegionalLine(replace(REGIONAL, code="A-2"), "DMCC", REF)],
        readable=readable and not whole,
    )
    if empty:
        nothing = Line(
            "", "Tous les profils", Rate(Count(0, 0), None, "effectif non renseigné"), Count(0, 0), Count(0, 0)
        )
        told = replace(
            told, answer="Aucune formation DMCC enregistrée : notez une session, puis les présences", total=nothing,
            profiles=[NOBODY], functions=[], functions_left=0, named=[], renew=Count(0, 0), gaps=[], charter=None,
            services=[], sessions=[], sessions_left=0, upcoming=0, regional=[], places=places[1:],
        )  # fmt: skip
    return {
        "training": told,
        "kinds": [*KINDS, (ALL, "Tous les types")],
        "profiles": PROFILES,
        "everything": ALL,
        "today": ON,
        "can_import": not part,
        "retention": None if whole else Setting(None if empty else 36, 0 if empty else 2, own=readable),
        "may_decide": readable and not part,
    }


def regional(number: int = 2, error: str = "") -> dict[str, Any]:
    """Return the context of the sessions that an ARS opens."""
    typed = dict.fromkeys(("code", "title", "kind", "starts_on", "ends_on", "place", "capacity", "half_days"), "")
    opened = [(replace(REGIONAL, code=f"DMCC-{rank}", capacity=20 if rank else None), "DMCC") for rank in range(number)]
    return {
        "region": {"code": "32", "name": "ARS Littoral-Nord"},
        "sessions": opened,
        "upcoming": number,
        "moves": [
            Move(
                f"DMCC-{rank % 9}",
                "Directeur médical de crise cyber",
                rank % 2 == 0,
                samples.NOW,
                "Morgan Delcourt" if rank else "",
            )
            for rank in range(number)
        ],
        "kinds": KINDS,
        "form": {"error": error, **typed},
        "today": ON,
    }
