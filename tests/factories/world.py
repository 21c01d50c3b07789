"""The world of every database test: two regions, four candidates, several establishments, one account per role and place.

Names are those of the demonstration, and a third GHT in the other region; every tenant table has rows of several establishments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Connection, Engine, select, text

from compliance.models.dossier import Delegation, DossierBuild, FiledPiece, Filing
from compliance.models.evidence import DroppedFile, EvidenceEvent, EvidenceUse
from compliance.models.review import ReviewDecision, ReviewMessage, Transition
from compliance.programme import referential
from compliance.reports.progress import candidate_progress
from compliance.rules.activity import Party
from compliance.services import candidate as candidates
from compliance.services import evidence, filing, opinion, perimeter, publication
from compliance.services import party as party_services
from importers.demonstration import seed as demo
from importers.demonstration.names import ALONE, ALONE_CODE, OUTSIDE, SITES, TWO_CAPES, TWO_CAPES_CODE, finess
from importers.models import ImportLayout, ImportRun
from tenants import accounts
from tenants.context import Context, Scope, ScopeKind
from tenants.db import call, db, new_id, unit_of_work, writing_as
from tenants.models import Site
from tenants.permissions import Role
from tests.factories import registers

PASSWORD = "une phrase pour les essais"
# Each hash says its own cost: the accounts of the world are verified by the product's own code, without the fifth of a
# second that a sign-in is meant to take. The cost of the product has its own test (tests/tenants/test_accounts.py).
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ESTUARY_CODE = "GHT-ESTUAIRE"
ESTUARY = tuple(
    (finess(serial), name) for serial, name in ((41, "CH de Belle-Rive"), (42, "CH du Marais"), (43, "CH de Sablonne"))
)

# Somebody of each role in another GHT of the same region, in another region, and outside a GHT.
MORE = (
    demo.Account("dsi@estuaire.example", "Eden Fabre", Role.GHT_MANAGER, ScopeKind.GHT, ESTUARY_CODE),
    demo.Account("signataire@estuaire.example", "Robin Page", Role.SIGNATORY, ScopeKind.GHT, ESTUARY_CODE),
    demo.Account("referent@belle-rive.example", "Jo Lemaire", Role.REFERENT, ScopeKind.ESTABLISHMENT, ESTUARY[0][0]),
    demo.Account(
        "referent@port-aubry.example", "Ange Roussel", Role.REFERENT, ScopeKind.ESTABLISHMENT, TWO_CAPES[0][0]
    ),
    demo.Account("referente@roche-vernay.example", "Lois Tanguy", Role.REFERENT, ScopeKind.ESTABLISHMENT, ALONE[0][0]),
    demo.Account("signataire@roche-vernay.example", "Mael Nicolas", Role.SIGNATORY, ScopeKind.GHT, ALONE_CODE),
    demo.Account("signataire@brumont.example", "Yael Marty", Role.SIGNATORY, ScopeKind.ESTABLISHMENT, OUTSIDE[0]),
)
ACCOUNTS = (*demo.ACCOUNTS, *MORE)
DELEGATE = "delegue@deux-caps.example"


@dataclass(frozen=True)
class World:
    """Identifiers that tests name."""

    users: dict[str, UUID]
    establishments: dict[str, UUID]
    ghts: dict[str, UUID]
    regions: dict[str, UUID]

    def context(self, email: str, scope: str) -> Context:
        """Return the context of somebody on a scope: `ght:<code>`, `establishment:<finess>`, `region:<code>` or `mine`."""
        kind, _, code = scope.partition(":")
        held = {"ght": self.ghts, "establishment": self.establishments, "region": self.regions}.get(kind, {})
        return Context(self.users[email], Scope(ScopeKind(kind), held.get(code), code, code))


def build(app: Flask, owner: Engine) -> World:
    """Write the world: the directory and accounts as the owner, everything else through services as its users."""
    with owner.begin() as connection:
        demo.directory(connection)
        _estuary(connection)
        hashed = _QUICK.hash(PASSWORD)
        for account in ACCOUNTS:
            user_id = accounts.insert(connection, account.email, account.name, hashed)
            scope = demo.find_scope(connection, account.kind, account.code)
            accounts.grant(connection, user_id, account.role, scope, demo.SINCE)
        # No membership: what she may do comes of a delegation.
        accounts.insert(connection, DELEGATE, "Inès Caron", hashed)
        world = World(
            *(
                {code: identifier for code, identifier in connection.execute(text(f"SELECT {column}, id FROM {table}"))}
                for table, column in (
                    ("user_account", "email"),
                    ("legal_entity", "finess"),
                    ("ght", "code"),
                    ("region", "code"),
                )
            )
        )
    with app.app_context():
        for email, scope in (
            ("dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}"),
            ("dsi@estuaire.example", f"ght:{ESTUARY_CODE}"),
            ("dsi@roche-vernay.example", f"ght:{ALONE_CODE}"),
            ("admin@brumont.example", f"establishment:{OUTSIDE[0]}"),
        ):
            with unit_of_work(world.context(email, scope)):
                _fill(world, scope)
        for email, scope in (
            ("signataire@estuaire.example", f"ght:{ESTUARY_CODE}"),
            ("signataire@brumont.example", f"establishment:{OUTSIDE[0]}"),
        ):
            with unit_of_work(world.context(email, scope)):
                filed = filing.file(referential.load("D2"))
                with writing_as(filed.establishment_id):
                    ended = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 1, 31)}
                    of = {"establishment_id": filed.establishment_id, "ght_id": filed.ght_id}
                    db.session.add(Delegation(**of, delegate_id=world.users[email], deed="Décision 2025-1", **ended))
        with unit_of_work(world.context("signataire@deux-caps.example", f"ght:{TWO_CAPES_CODE}")):
            support, ght = world.establishments[TWO_CAPES[0][0]], world.ghts[TWO_CAPES_CODE]
            open_ = {"deed": "Décision 2026-4", "starts_on": date(2026, 1, 1), "ends_on": date(2030, 12, 31)}
            with writing_as(support):
                db.session.add(
                    Delegation(establishment_id=support, ght_id=ght, delegate_id=world.users[DELEGATE], **open_)
                )
        # Everybody but the GHT of one establishment publishes; each ARS says something of what it received.
        for email, scope in (
            ("dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}"),
            ("dsi@estuaire.example", f"ght:{ESTUARY_CODE}"),
            ("admin@brumont.example", f"establishment:{OUTSIDE[0]}"),
        ):
            with unit_of_work(world.context(email, scope)):
                candidate = candidates.require("D2")
                publication.publish(candidate_progress(candidate, referential.load("D2"), date.today()), candidate)
        for email, scope in (("ars@littoral-nord.example", "region:F1"), ("ars@monts-du-sud.example", "region:F2")):
            with unit_of_work(world.context(email, scope)):
                for each in db.session.scalars(select(Filing)).all():
                    opinion.give(each, "D2.P2", "", favourable=False, reason="L’équipe du projet n’est pas nommée")
                    _review(each)
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))  # the pieces of the world are said to be inspected
    return world


def _review(filed: Filing) -> None:
    """What the ARS writes about a filing: a row of each table of the review."""
    piece = db.session.scalars(select(FiledPiece).where(FiledPiece.filing_id == filed.id).limit(1)).one()
    about = {name: getattr(filed, name) for name in ("establishment_id", "candidate_id", "ght_id", "region_id")}
    on_piece = {**about, "filing_id": filed.id, "piece_id": piece.id, "level": "ars"}
    with writing_as(filed.establishment_id):
        db.session.add(Transition(**about, process="candidature", state="ars_review", level="ars", filing_id=filed.id))
        db.session.add(ReviewDecision(**on_piece, accepted=True))
        db.session.add(ReviewMessage(**on_piece, text="Reçu"))


def _estuary(connection: Connection) -> None:
    region_id = demo.find_scope(connection, ScopeKind.REGION, "F2").id
    demo.insert(
        connection, "ght", "code", code=ESTUARY_CODE, name="GHT de l’Estuaire", region_id=region_id, source=demo.SOURCE
    )
    ght_id = demo.find_scope(connection, ScopeKind.GHT, ESTUARY_CODE).id
    for rank, (number, name) in enumerate(ESTUARY):
        demo.insert(
            connection, "legal_entity", "finess", finess=number, name=name, region_id=region_id, source=demo.SOURCE
        )
        entity_id = demo.find_scope(connection, ScopeKind.ESTABLISHMENT, number).id
        values = {
            "ght_id": ght_id,
            "legal_entity_id": entity_id,
            "name": name,
            "role": "M" if rank else "S",
            "valid_from": demo.SINCE,
        }
        demo.insert(connection, "ght_member", "id", **values)
    # A site elsewhere than outside a GHT: a foreign one to point at.
    site = {"finess": finess(51), "name": "Site du Phare", "legal_entity_id": entity_id, "source": demo.SOURCE}
    demo.insert(connection, "site", "finess", **site)


PERIMETER = {
    "site_id": None, "name": "Urgences adultes", "kind": "care", "technical_kind": None, "present": True, "absence_reason": "",
    "department": "", "referent_function": "Cadre supérieur de santé", "bia": "done", "bia_on": date(2026, 3, 12), "bia_reason": "",
    "pca": "approved", "pca_on": date(2026, 6, 2), "pra": "approved", "pra_on": date(2026, 6, 2), "approver": "CODIR", "version": "v1",
    "shared_system": "", "degraded_modes_identical": None, "paper_copy": None, "paper_place": "", "printed_on": None, "last_test_on": None,
    "next_test_on": None, "evidence_file": "",
}  # fmt: skip


def _fill(world: World, scope: str) -> None:
    """Give a candidate its parties, and each of its establishments a row of every tenant table."""
    candidate = candidates.open_candidate("D2")
    sites = {site.finess: site.id for site in db.session.scalars(select(Site))}
    parties = party_services.parties(candidate, date.today())  # the directory's, whatever the day
    party_services.record_parties(
        candidate,
        [
            (
                record.establishment_id,
                sites.get(record.finess),
                Party(
                    key=record.party.key,
                    name=record.party.name,
                    ac=Decimal(1000 + 100 * rank),
                    ac_year=2024,
                    source="SAE",
                ),
            )
            for rank, record in enumerate(parties)
        ],
        None,
    )
    candidates.record_application(candidate, applied_on=date(2025, 10, 24), ecare_number=None, frozen_on=None)
    establishments = list(dict.fromkeys(record.establishment_id for record in parties))
    for establishment in establishments:
        with writing_as(establishment):
            ids = perimeter.record_many(
                establishment, [{"code": "URG-01", "referent_name": "Mme Exemple", **PERIMETER}], None
            )
        piece_id = evidence.attach(
            establishment, "D2.P1", "pssi", "pssi.pdf", BytesIO(b"%PDF-1.7 exemple"), approved_on=date(2025, 3, 1)
        )
        with writing_as(establishment):
            db.session.add(
                EvidenceUse(
                    establishment_id=establishment,
                    evidence_id=piece_id,
                    row_code="D2.P2",
                    document_type="other",
                    withdrawn=True,
                )
            )
            for kind, value in (("comment", ""), ("inspection", "ok")):
                db.session.add(
                    EvidenceEvent(establishment_id=establishment, evidence_id=piece_id, kind=kind, value=value)
                )
            db.session.add(
                DroppedFile(establishment_id=establishment, drop_id=establishment, filename="a.pdf", state="discarded")
            )
            call(
                "record_part",
                p_id=new_id(),
                p_establishment=establishment,
                p_candidate=candidate.id,
                p_ready=False,
                p_note="",
            )
    for covered in establishments[1:2]:
        with writing_as(establishments[0]):
            ids = perimeter.record_many(
                establishments[0],
                [{"code": "SHARED-01", **PERIMETER, "shared_system": "SI-1", "degraded_modes_identical": True}],
                None,
            )
            perimeter.record_coverages(
                [perimeter.CoverageEntry(establishments[0], ids["SHARED-01"], covered, "SI commun")], None
            )
    registers.fill(establishments)
    with writing_as(candidate.establishment_id):
        layout = {"fingerprint": "0" * 64, "name": "Services", "choice": {"sheet": "", "header_row": 1}}
        db.session.add(ImportLayout(establishment_id=candidate.establishment_id, **layout))
        common = {"establishment_id": candidate.establishment_id, "ght_id": candidate.ght_id}
        db.session.add(
            ImportRun(**common, filename="k1.xlsx", sha256="0" * 64, size=1, state="failed", error="exemple")
        )
        db.session.add(
            DossierBuild(
                **common, candidate_id=candidate.id, on_date=date(2026, 11, 22), state="failed", error="exemple"
            )
        )
    if scope == f"ght:{TWO_CAPES_CODE}":
        _referent_deposit(world)


def _referent_deposit(world: World) -> None:
    """A deposit of one establishment: its GHT reads it, its neighbours do not."""
    establishment = world.establishments[TWO_CAPES[3][0]]
    with writing_as(establishment):
        db.session.add(
            ImportRun(
                establishment_id=establishment,
                ght_id=None,
                filename="bia.xlsx",
                sha256="1" * 64,
                size=1,
                state="failed",
            )
        )


__all__ = [
    "ACCOUNTS",
    "ALONE_CODE",
    "ESTUARY",
    "ESTUARY_CODE",
    "OUTSIDE",
    "PASSWORD",
    "SITES",
    "TWO_CAPES",
    "TWO_CAPES_CODE",
    "World",
    "build",
]
