"""Accounts: who somebody is, what they may reach, and how they sign in."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_login import UserMixin
from sqlalchemy import Connection, Engine, text

from tenants.context import NATION, Scope, ScopeKind
from tenants.db import db, new_id
from tenants.errors import Conflict, Invalid, NotFound, Refused
from tenants.permissions import SCOPES, Role

MINIMUM_PASSWORD = 15
log = structlog.get_logger()
_hasher = PasswordHasher()
# Verified when the address is unknown, so that both answers take the same time.
_DECOY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class Membership:
    """A grant in force today: a role on a scope; `members` lists the establishments of a GHT."""

    role: Role
    scope: Scope
    members: tuple[Scope, ...] = ()


@dataclass(frozen=True)
class User(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The person of this request, job or command."""

    id: UUID
    email: str
    name: str
    memberships: tuple[Membership, ...]
    token: str = ""

    def get_id(self) -> str:
        """Return what the signed cookie keeps: the session's token, never the account's id."""
        return self.token

    def reach(self, kind: ScopeKind, code: str) -> tuple[Scope, frozenset[Role]]:
        """Return the scope named by the address and the roles held on it.

        Raises NotFound both when it does not exist and when this person holds nothing there.
        """
        found: Scope | None = None
        roles: set[Role] = set()
        for membership in self.memberships:
            for scope in (membership.scope, *membership.members):
                if scope.kind == kind and scope.code == code:
                    found = scope
                    roles.add(membership.role)
        if found is None:
            raise NotFound("Ce périmètre n’existe pas, ou il ne vous est pas ouvert.")
        return found, frozenset(roles)

    def holds(self, scope: Scope) -> tuple[Scope, frozenset[Role]]:
        """Return a scope known by its id, with its code and name, and the roles held on it (none: the scope as it was given)."""
        found, roles = scope, set()
        for membership in self.memberships:
            for held in (membership.scope, *membership.members):
                if (held.kind, held.id) == (scope.kind, scope.id):
                    found = held
                    roles.add(membership.role)
        return found, frozenset(roles)

    def spaces(self) -> list[tuple[Scope, Role]]:
        """Return what this person may open, GHT first, one line per scope."""
        order = {ScopeKind.GHT: 0, ScopeKind.ESTABLISHMENT: 1, ScopeKind.REGION: 2, ScopeKind.NATION: 3}
        held = {membership.scope: membership.role for membership in self.memberships}
        return sorted(held.items(), key=lambda pair: (order[pair[0].kind], pair[0].name))


def _user(identity: dict[str, Any], token: str = "") -> User:
    def scope(kind: str, entry: dict[str, Any]) -> Scope:
        if kind == ScopeKind.NATION:
            return NATION
        return Scope(
            ScopeKind(kind), UUID(entry["id"]) if entry["id"] else None, entry["code"] or "", entry["name"] or ""
        )

    memberships = tuple(
        Membership(
            Role(entry["role"]),
            scope(entry["kind"], entry),
            tuple(scope("establishment", member) for member in entry["members"]),
        )
        for entry in identity["memberships"]
    )
    return User(UUID(identity["id"]), identity["email"], identity["name"], memberships, token)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _scalar(statement: str, **arguments: Any) -> Any:
    """Run a statement of its own: identity is read before any unit of work can be opened."""
    with db.engine.begin() as connection:
        return connection.execute(text(statement), arguments).scalar()


def sign_in(email: str, password: str) -> User | None:
    """Open a session for a right address and password; None otherwise, after the same time."""
    with db.engine.begin() as connection:
        row = connection.execute(
            text("SELECT id, password_hash FROM account_for_sign_in(:email)"), {"email": email.strip()[:254]}
        ).one_or_none()
    try:
        _hasher.verify(row.password_hash if row else _DECOY, password[:1024])
    except (VerificationError, InvalidHashError):
        return None
    if row is None:
        return None
    token = secrets.token_urlsafe(32)
    _scalar("SELECT session_open(:hash, :user)", hash=_hash(token), user=row.id)
    return by_session(token)


def confirm_identity(email: str, password: str) -> None:
    """Ask again who acts, before a signature or a decision: a session left open signs nothing. Raises Refused."""
    with db.engine.begin() as connection:
        row = connection.execute(
            text("SELECT password_hash FROM account_for_sign_in(:email)"), {"email": email}
        ).one_or_none()
    try:
        _hasher.verify(row.password_hash if row else _DECOY, password[:1024])
    except (VerificationError, InvalidHashError):
        log.warning("identity_not_confirmed")
        raise Refused("Ce mot de passe n’est pas le vôtre : saisissez-le de nouveau.") from None


def sign_out(token: str) -> None:
    """End a session on the server: its cookie opens nothing any more."""
    _scalar("SELECT session_close(:hash)", hash=_hash(token))


def by_session(token: str) -> User | None:
    """Return the person of a session still open, with the grants of this instant."""
    identity = _scalar("SELECT session_identity(:hash)", hash=_hash(token))
    return _user(identity, token) if identity else None


def names(user_ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Return the names of those who did what a page of theirs lists, in one query; nobody is an empty name."""
    wanted = {user_id for user_id in user_ids if user_id}
    told: dict[UUID | None, str] = defaultdict(str)
    if wanted:
        rows = db.session.execute(text("SELECT id, name FROM account_names(:ids)"), {"ids": list(wanted)})
        told.update({row.id: row.name for row in rows})
    return told


def by_email(email: str) -> User:
    """Return the person a command acts as (`--as`). Raises NotFound."""
    identity = _scalar("SELECT account_identity_by_email(:email)", email=email)
    if identity is None:
        raise NotFound(f"Aucun compte actif à l’adresse « {email} ».")
    return _user(identity)


def by_id(user_id: UUID) -> User | None:
    """Return the person who ordered a job, with the grants of this instant; None when the account is disabled."""
    identity = _scalar("SELECT account_identity_by_id(:user)", user=user_id)
    return _user(identity) if identity else None


def create(owner: Engine, email: str, name: str, password: str) -> UUID:
    """Create an account with the owner's connection (operator). Raises Invalid on a short password, Conflict on a known address."""
    if len(password) < MINIMUM_PASSWORD:
        raise Invalid(f"Le mot de passe doit compter au moins {MINIMUM_PASSWORD} caractères.")
    with owner.begin() as connection:
        known = connection.execute(text("SELECT 1 FROM user_account WHERE email = lower(:email)"), {"email": email})
        if known.scalar():
            raise Conflict(f"Un compte existe déjà à l’adresse « {email} ».")
        return insert(connection, email, name, _hasher.hash(password))


def password_hash(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password)


def insert(connection: Connection, email: str, name: str, hashed: str) -> UUID:
    """Insert an account, or return the one that has this address."""
    connection.execute(
        text(
            "INSERT INTO user_account (id, email, name, password_hash) VALUES (:id, lower(:email), :name, :hash)"
            " ON CONFLICT (email) DO NOTHING"
        ),
        {"id": new_id(), "email": email, "name": name, "hash": hashed},
    )
    found: UUID = connection.execute(
        text("SELECT id FROM user_account WHERE email = lower(:email)"), {"email": email}
    ).scalar_one()
    return found


def grant(connection: Connection, user_id: UUID, role: Role, scope: Scope, since: date) -> None:
    """Give a role on a scope from a day on. Raises Invalid for a role that has no meaning there."""
    if scope.kind not in SCOPES[role]:
        raise Invalid(f"Le rôle « {role} » ne se donne pas sur un périmètre de ce genre.")
    columns = ("establishment", "ght", "region")
    connection.execute(
        text(
            "INSERT INTO membership (id, user_id, role, scope_kind, establishment_id, ght_id, region_id, valid_from)"
            " SELECT :id, :user, :role, :kind, :establishment, :ght, :region, :since WHERE NOT EXISTS ("
            "SELECT 1 FROM membership WHERE user_id = :user AND role = :role AND scope_kind = :kind AND valid_to IS NULL"
            " AND coalesce(establishment_id, ght_id, region_id) IS NOT DISTINCT FROM CAST(:scope AS uuid))"
        ),
        {
            "id": new_id(),
            "user": user_id,
            "role": str(role),
            "kind": str(scope.kind),
            "scope": scope.id,
            **{column: scope.id if scope.kind == column else None for column in columns},
            "since": since,
        },
    )
