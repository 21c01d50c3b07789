"""Who may open which address: the explicit table that `test_routes.py` holds against the application.

One line per endpoint. `roles` and `answers` are written from programme.md ("Who may do what"), never computed from the code:
a role that is not listed, or a kind of scope without an answer, gets the same 404 as an address that does not exist.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.factories.world import PASSWORD

READERS = frozenset(
    {"referent", "director", "establishment_admin", "ght_manager", "ght_admin", "signatory", "delegate"}
)
WRITERS = frozenset({"referent", "establishment_admin", "ght_manager"})
# A delegate signs; only the legal signatory delegates.
LEGAL_SIGNATORY = frozenset({"signatory"})
SIGNATORY = frozenset({"signatory", "delegate"})
PUBLISHERS = frozenset({"establishment_admin", "ght_manager"})
AGENCY = frozenset({"ars_reviewer", "ars_lead"})
AUTHORITIES = AGENCY | {"ans_reviewer"}
EXPERT = frozenset({"expert"})

# A GHT, an establishment outside a GHT (its own candidate), a member of a GHT, a region, the nation.
GHT, OUTSIDE, MEMBER, REGION, NATION = "ght", "outside", "member", "region", "nation"
EVERYWHERE = (GHT, OUTSIDE, MEMBER)
CANDIDATES = (GHT, OUTSIDE)
BOTH = (REGION, NATION)


@dataclass(frozen=True)
class Route:
    """An endpoint under a scope: how to exercise it, who may, where, and what it then answers."""

    path: str
    roles: frozenset[str]
    where: tuple[str, ...]
    status: int = 200
    method: str = "GET"
    form: Callable[[Any], dict[str, Any]] = field(default=lambda _: {})


def _attach(target: Any) -> dict[str, Any]:
    return {
        "piece": "pssi",
        "establishment": target.finess,
        "file": target.upload("pssi.pdf", b"%PDF-1.7 " + uuid.uuid4().bytes),
    }


def _drop(target: Any) -> dict[str, Any]:
    return {"establishment": target.finess, "files": target.upload("note.txt", uuid.uuid4().bytes)}


def _deposit(target: Any) -> dict[str, Any]:
    return {"file": target.upload("k1.xlsx", target.workbook)}


def _opinion(_target: Any) -> dict[str, Any]:
    return {"row": "D2.P1", "decision": "favourable", "reason": uuid.uuid4().hex}


def _dates(_target: Any) -> dict[str, Any]:
    return {"applied_on": "2025-10-24", "ecare_number": uuid.uuid4().hex}


def _part(_target: Any) -> dict[str, Any]:
    return {"ready": "yes", "note": uuid.uuid4().hex}


def _declaration(_target: Any) -> dict[str, Any]:
    return {"number": uuid.uuid4().hex, "filed_on": "2026-11-16"}


def _delegation(_target: Any) -> dict[str, Any]:
    deed = {"deed": uuid.uuid4().hex, "ends_on": "2099-12-31", "password": PASSWORD}
    return {"email": "direction@marquerive.example", **deed}


def _moot(_target: Any) -> dict[str, Any]:
    return {"reason": uuid.uuid4().hex, "file": "pssi.pdf"}


def _session(_target: Any) -> dict[str, Any]:
    code = f"R-{uuid.uuid4().hex[:8].upper()}"
    return {"code": code, "title": "Formation DMCC", "kind": "dmcc", "starts_on": "2026-12-01", "half_days": "2"}


def _words(_target: Any) -> dict[str, Any]:
    return {"text": uuid.uuid4().hex}


DESK = "/dossiers/{filing}/instruction"
SCOPED: dict[str, Route] = {
    "compliance.overview": Route("/", READERS, EVERYWHERE),
    "compliance.coverage": Route("/couverture", READERS, CANDIDATES),
    "compliance.missing": Route("/manques", READERS, EVERYWHERE),
    "compliance.difference": Route("/evolution", READERS, EVERYWHERE),
    "compliance.obligations": Route("/obligations", READERS, EVERYWHERE),
    "compliance.milestones": Route("/jalons", READERS, EVERYWHERE),
    "compliance.moot": Route("/lignes/D2.P1/equivalence", PUBLISHERS, CANDIDATES, 302, "POST", _moot),
    "compliance.row": Route("/lignes/D2.P1", READERS, EVERYWHERE),
    "compliance.attach": Route("/lignes/D2.P1/pieces", WRITERS, EVERYWHERE, 302, "POST", _attach),
    "compliance.piece": Route("/pieces/{piece}", READERS, EVERYWHERE),
    "compliance.evidence_list": Route("/preuves", READERS, EVERYWHERE),
    "compliance.evidence_export": Route("/preuves/export.xlsx", READERS, EVERYWHERE),
    "compliance.evidence_piece": Route("/preuves/{piece}", READERS, EVERYWHERE),
    "compliance.evidence_shown": Route("/preuves/{piece}/apercu", READERS, EVERYWHERE),
    # Without a file: a second version of the same piece would be refused to the next role.
    "compliance.replace_evidence": Route("/preuves/{piece}/version", WRITERS, EVERYWHERE, 422, "POST"),
    "compliance.use_evidence": Route("/preuves/{piece}/lignes", WRITERS, EVERYWHERE, 422, "POST"),
    "compliance.judge_evidence": Route("/preuves/{piece}/etat", WRITERS, EVERYWHERE, 422, "POST"),
    "compliance.comment_evidence": Route(
        "/preuves/{piece}/messages", WRITERS, EVERYWHERE, 302, "POST", lambda _: {"text": "Reçu"}
    ),
    "compliance.drop": Route("/preuves/depot", WRITERS, EVERYWHERE),
    "compliance.receive_drop": Route("/preuves/depot", WRITERS, EVERYWHERE, 302, "POST", _drop),
    "compliance.drop_files": Route("/preuves/depot/{drop}", WRITERS, EVERYWHERE),
    "compliance.drop_progress": Route("/preuves/depot/{drop}/avancement", WRITERS, EVERYWHERE),
    "compliance.settle_drop": Route("/preuves/depot/{drop}", WRITERS, EVERYWHERE, 302, "POST"),
    "compliance.perimeters": Route("/perimetres", READERS, EVERYWHERE),
    "compliance.perimeter": Route("/perimetres/{finess}/URG-01", READERS, EVERYWHERE),
    "compliance.plans": Route("/pcra", READERS, EVERYWHERE),
    "compliance.backups": Route("/sauvegardes", READERS, EVERYWHERE),
    "compliance.training": Route("/formations", READERS, EVERYWHERE),
    # The GHT reads no name of its members, and decides nothing of how long they are kept.
    "compliance.set_retention": Route(
        "/formations/conservation", frozenset({"establishment_admin"}), (OUTSIDE, MEMBER), 302, "POST"
    ),
    "compliance.exercises": Route("/exercices", READERS, EVERYWHERE),
    "compliance.actions": Route("/actions", READERS, EVERYWHERE),
    "compliance.incidents": Route("/incidents", READERS, EVERYWHERE),
    "compliance.incident": Route("/incidents/{finess}/exemple", READERS, EVERYWHERE),
    "compliance.expenses": Route("/depenses", READERS, EVERYWHERE),
    "compliance.export_expenses": Route("/depenses/export.xlsx", READERS, EVERYWHERE),
    "compliance.candidature": Route("/candidature", READERS, CANDIDATES),
    "compliance.record_candidature": Route("/candidature", PUBLISHERS, CANDIDATES, 302, "POST", _dates),
    "compliance.calls": Route("/candidatures", READERS, CANDIDATES),
    # No domain to come is published, no candidate is named: it is said.
    "compliance.open_application": Route("/candidatures", PUBLISHERS, CANDIDATES, 302, "POST"),
    "compliance.file_application": Route("/candidatures/etape", SIGNATORY, CANDIDATES, 422, "POST"),
    "compliance.applications": Route("/file/candidatures", AGENCY, (REGION,)),
    "compliance.answer_application": Route("/file/candidatures", AGENCY, (REGION,), 422, "POST"),
    # A member of a GHT sees its own part there.
    "compliance.dossier": Route("/dossier", READERS, EVERYWHERE),
    "compliance.say_part": Route("/dossier/partie", WRITERS, (MEMBER,), 302, "POST", _part),
    "compliance.readiness": Route("/dossier/verification", READERS, CANDIDATES),
    "compliance.record_declaration": Route("/dossier/ecare", PUBLISHERS, CANDIDATES, 302, "POST", _declaration),
    "compliance.delegations": Route("/dossier/delegations", READERS, CANDIDATES),
    "compliance.delegate": Route("/dossier/delegations", LEGAL_SIGNATORY, CANDIDATES, 302, "POST", _delegation),
    "compliance.withdraw_delegation": Route("/dossier/delegations/retirer", LEGAL_SIGNATORY, CANDIDATES, 302, "POST"),
    "compliance.build_dossier": Route("/dossier", WRITERS, CANDIDATES, 302, "POST"),
    "compliance.dossier_state": Route("/dossier/{build}", READERS, CANDIDATES),
    "compliance.dossier_file": Route("/dossier/{build}/pdf", READERS, CANDIDATES),
    "compliance.transmit": Route("/dossier/transmettre", SIGNATORY, CANDIDATES, 302, "POST"),
    "compliance.publication": Route("/publication", READERS, CANDIDATES),
    "compliance.publish": Route("/publication", PUBLISHERS, CANDIDATES, 302, "POST"),
    "compliance.referential": Route("/referentiel", READERS, EVERYWHERE),
    "compliance.portfolio": Route("/portefeuille", AUTHORITIES, BOTH),
    "compliance.filing": Route("/dossiers/{filing}", AUTHORITIES, BOTH),
    "compliance.filing_expenses": Route("/dossiers/{filing}/depenses", AUTHORITIES, BOTH),
    "compliance.filed_piece": Route("/dossiers/{filing}/pieces/{sha256}", AUTHORITIES, BOTH),
    "compliance.candidate_publications": Route("/candidats/{candidate}/publications", AUTHORITIES, BOTH),
    "compliance.opinion": Route("/dossiers/{filing}/avis", AGENCY, (REGION,)),
    "compliance.give_opinion": Route("/dossiers/{filing}/avis", AGENCY, (REGION,), 302, "POST", _opinion),
    "compliance.review_queue": Route("/file", AUTHORITIES, BOTH),
    "compliance.review_queue_workbook": Route("/file.xlsx", AUTHORITIES, BOTH),
    # Without a dossier, a decision, a question or a password, each says what it lacks and nothing is written.
    "compliance.assign_review": Route("/file/confier", AGENCY, (REGION,), 422, "POST"),
    "compliance.hand_over_reviews": Route("/file/passer", AGENCY, (REGION,), 422, "POST"),
    "compliance.review": Route(DESK, AUTHORITIES, BOTH),
    "compliance.open_review": Route(f"{DESK}/ouvrir", AUTHORITIES, BOTH, 302, "POST"),
    "compliance.shown_piece": Route(f"{DESK}/{{filed}}/voir", AUTHORITIES, BOTH),
    "compliance.decide_piece": Route(f"{DESK}/{{filed}}", AUTHORITIES, BOTH, 422, "POST"),
    "compliance.say_on_piece": Route(f"{DESK}/{{filed}}/message", AUTHORITIES, BOTH, 302, "POST", _words),
    "compliance.preview_batch": Route(f"{DESK}/lot", AUTHORITIES, BOTH, 302, "POST"),
    "compliance.decide_batch": Route(f"{DESK}/lot/confirmer", AUTHORITIES, BOTH, 302, "POST"),
    "compliance.decide_dossier": Route("/dossiers/{filing}/decision", AUTHORITIES, BOTH, 422, "POST"),
    "compliance.review_text": Route("/dossiers/{filing}/ecare.txt", AUTHORITIES, BOTH),
    "compliance.ask_expert": Route(f"{DESK}/{{filed}}/expertise", AGENCY, (REGION,), 422, "POST"),
    "compliance.remind_expert": Route(
        "/dossiers/{filing}/expertises/{expertise}/rappeler", AGENCY, (REGION,), 302, "POST"
    ),
    "compliance.withdraw_expert": Route(
        "/dossiers/{filing}/expertises/{expertise}/retirer", AGENCY, (REGION,), 302, "POST"
    ),
    "compliance.expertises": Route("/expertises", EXPERT, (REGION,)),
    "compliance.expertise": Route("/expertises/{expertise}", EXPERT, (REGION,)),
    "compliance.expertise_shown": Route("/expertises/{expertise}/voir", EXPERT, (REGION,)),
    "compliance.expertise_piece": Route("/expertises/{expertise}/piece", EXPERT, (REGION,)),
    "compliance.answer_expertise": Route("/expertises/{expertise}/repondre", EXPERT, (REGION,), 422, "POST"),
    "compliance.replace_piece": Route("/dossier/pieces/{filed}/remplacer", WRITERS, CANDIDATES, 302, "POST"),
    "compliance.answer_on_piece": Route("/dossier/pieces/{filed}/message", WRITERS, CANDIDATES, 302, "POST", _words),
    "compliance.refile": Route("/dossier/transmettre-de-nouveau", SIGNATORY, CANDIDATES, 302, "POST"),
    "compliance.take_step": Route("/dossier/etape", SIGNATORY, CANDIDATES, 302, "POST"),
    "compliance.regional_sessions": Route("/sessions", AGENCY, (REGION,)),
    "compliance.open_session": Route("/sessions", AGENCY, (REGION,), 302, "POST", _session),
    "compliance.withdraw_session": Route("/sessions/retirer", AGENCY, (REGION,), 302, "POST"),
    "importers.deposit": Route("/imports", WRITERS, EVERYWHERE),
    "importers.latest": Route("/imports/derniers", WRITERS, EVERYWHERE),
    "importers.receive": Route("/imports", WRITERS, EVERYWHERE, 302, "POST", _deposit),
    "importers.run": Route("/imports/{run}", WRITERS, EVERYWHERE),
    "importers.progress": Route("/imports/{run}/avancement", WRITERS, EVERYWHERE),
    # The deposit of the matrix was refused: what asks for a preview goes back to its page, and says so.
    "importers.cancel": Route("/imports/{run}/abandonner", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.confirm": Route("/imports/{run}/appliquer", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.settle": Route("/imports/{run}/conflits", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.annotate": Route("/imports/{run}/annote", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.annotated": Route("/imports/{run}/annote", WRITERS, EVERYWHERE, 302),
    "importers.undo": Route("/imports/{run}/annuler", WRITERS, EVERYWHERE, 302),
    "importers.take_back": Route("/imports/{run}/annuler", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.columns": Route("/imports/{run}/colonnes", WRITERS, EVERYWHERE, 302),
    "importers.decide": Route("/imports/{run}/colonnes", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.template": Route("/modeles/KIT_BIA_PCRA.xlsx", WRITERS, EVERYWHERE),
    "importers.registers": Route("/registres", READERS, EVERYWHERE),
    "importers.register": Route("/registres/Planning", READERS, EVERYWHERE),
    "importers.new": Route("/registres/Planning/nouveau", WRITERS, EVERYWHERE),
    # A row without a value is refused, and one that was opened before somebody changed it.
    "importers.create": Route("/registres/Planning/nouveau", WRITERS, EVERYWHERE, 422, "POST"),
    "importers.entry": Route("/registres/Planning/{entry}", READERS, EVERYWHERE),
    "importers.edit": Route("/registres/Planning/{entry}/modifier", WRITERS, EVERYWHERE),
    "importers.save": Route("/registres/Planning/{entry}/modifier", WRITERS, EVERYWHERE, 409, "POST"),
    "importers.withdraw": Route("/registres/Planning/{entry}/retirer", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.restore": Route("/registres/Planning/{entry}/retablir", WRITERS, EVERYWHERE, 302, "POST"),
    "importers.export_workbook": Route("/registres/Planning/export.xlsx", READERS, EVERYWHERE),
    "importers.export_csv": Route("/registres/Planning/export.csv", READERS, EVERYWHERE),
}

# Without a scope: open to everybody, or to any account.
PUBLIC = {
    "static": ("GET", "/static/logo.svg", 200),
    "tenants.sign_in": ("GET", "/connexion", 200),
    "tenants.open_session": ("POST", "/connexion", 422),
    "health.live": ("GET", "/healthz", 200),
    "health.ready": ("GET", "/readyz", 200),
}
SIGNED_IN = {
    "tenants.home": ("GET", "/", 302),
    "tenants.spaces": ("GET", "/espaces", 200),
    "compliance.tasks": ("GET", "/taches", 200),
    "tenants.sign_out": ("POST", "/deconnexion", 302),
}
