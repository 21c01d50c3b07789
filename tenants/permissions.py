"""The whole policy on a page: who may do what (source: programme.md, "Who may do what")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar

from tenants.context import ScopeKind

F = TypeVar("F", bound=Callable[..., Any])


class Permission(StrEnum):
    """What a view, a job or a command asks for."""

    READ = "read"
    IMPORT = "import"
    ATTACH_EVIDENCE = "attach_evidence"
    BUILD_DOSSIER = "build_dossier"
    FILE_DOSSIER = "file_dossier"
    MANAGE_CANDIDATE = "manage_candidate"
    PUBLISH = "publish"
    READ_FILED = "read_filed"
    GIVE_OPINION = "give_opinion"
    OPEN_SESSIONS = "open_sessions"
    REVIEW = "review"
    ASSIGN_REVIEWS = "assign_reviews"
    GIVE_EXPERTISE = "give_expertise"
    DELEGATE = "delegate"


class Role(StrEnum):
    """A role of a membership; its value is what the database stores."""

    REFERENT = "referent"
    DIRECTOR = "director"
    ESTABLISHMENT_ADMIN = "establishment_admin"
    GHT_MANAGER = "ght_manager"
    GHT_ADMIN = "ght_admin"
    SIGNATORY = "signatory"
    ARS_REVIEWER = "ars_reviewer"
    ARS_LEAD = "ars_lead"
    EXPERT = "expert"
    ANS_REVIEWER = "ans_reviewer"
    # Not granted: it comes of a delegation that the signatory recorded, for as long as it says.
    DELEGATE = "delegate"


P = Permission

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.REFERENT: frozenset({P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER}),
    Role.DIRECTOR: frozenset({P.READ}),
    Role.ESTABLISHMENT_ADMIN: frozenset(
        {P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER, P.MANAGE_CANDIDATE, P.PUBLISH}
    ),
    Role.GHT_MANAGER: frozenset({P.READ, P.IMPORT, P.ATTACH_EVIDENCE, P.BUILD_DOSSIER, P.MANAGE_CANDIDATE, P.PUBLISH}),
    Role.GHT_ADMIN: frozenset({P.READ}),
    Role.SIGNATORY: frozenset({P.READ, P.FILE_DOSSIER, P.DELEGATE}),
    Role.ARS_REVIEWER: frozenset({P.READ_FILED, P.GIVE_OPINION, P.REVIEW, P.OPEN_SESSIONS}),
    Role.ARS_LEAD: frozenset({P.READ_FILED, P.GIVE_OPINION, P.REVIEW, P.ASSIGN_REVIEWS, P.OPEN_SESSIONS}),
    Role.EXPERT: frozenset({P.GIVE_EXPERTISE}),
    Role.ANS_REVIEWER: frozenset({P.READ_FILED, P.REVIEW}),
    Role.DELEGATE: frozenset({P.READ, P.FILE_DOSSIER}),
}

ROLE_LABELS: dict[Role, str] = {
    Role.REFERENT: "Référent PCRA",
    Role.DIRECTOR: "Direction",
    Role.ESTABLISHMENT_ADMIN: "Administration de l’établissement",
    Role.GHT_MANAGER: "DSI du GHT",
    Role.GHT_ADMIN: "Administration du GHT",
    Role.SIGNATORY: "Signataire",
    Role.ARS_REVIEWER: "Instruction ARS",
    Role.ARS_LEAD: "Responsable ARS",
    Role.EXPERT: "Expertise",
    Role.ANS_REVIEWER: "Contrôle ANS",
    Role.DELEGATE: "Délégation de signature",
}


# On what each role may be given; anything else is refused when it is granted.
SCOPES: dict[Role, frozenset[ScopeKind]] = {
    Role.REFERENT: frozenset({ScopeKind.ESTABLISHMENT}),
    Role.DIRECTOR: frozenset({ScopeKind.ESTABLISHMENT}),
    Role.ESTABLISHMENT_ADMIN: frozenset({ScopeKind.ESTABLISHMENT}),
    Role.GHT_MANAGER: frozenset({ScopeKind.GHT}),
    Role.GHT_ADMIN: frozenset({ScopeKind.GHT}),
    Role.SIGNATORY: frozenset({ScopeKind.GHT, ScopeKind.ESTABLISHMENT}),
    Role.ARS_REVIEWER: frozenset({ScopeKind.REGION}),
    Role.ARS_LEAD: frozenset({ScopeKind.REGION}),
    Role.EXPERT: frozenset({ScopeKind.REGION}),
    Role.ANS_REVIEWER: frozenset({ScopeKind.NATION}),
    Role.DELEGATE: frozenset(),
}


def granted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the union of what the roles grant."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def requires(permission: Permission) -> Callable[[F], F]:
    """Mark a view or a job with the permission it needs; the guard refuses what carries no mark."""

    def mark(function: F) -> F:
        function.permission = permission  # type: ignore[attr-defined]  # a mark, read by the guard
        return function

    return mark


def public(function: F) -> F:
    """Mark a view that needs no account (sign-in, health)."""
    function.public = True  # type: ignore[attr-defined]  # a mark, read by the guard
    return function


def signed_in(function: F) -> F:
    """Mark a view that needs an account and no scope (choice of a space, sign-out)."""
    function.signed_in = True  # type: ignore[attr-defined]  # a mark, read by the guard
    return function
