"""Who acts, and on which scope: the one ContextVar of the product."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ScopeKind(StrEnum):
    """Where a grant, a page, a job or a command applies."""

    ESTABLISHMENT = "establishment"
    GHT = "ght"
    REGION = "region"
    NATION = "nation"
    MINE = "mine"


@dataclass(frozen=True)
class Scope:
    """One scope; `id` is None for `nation` and `mine`, `code` is what people write in the address (FINESS, GHT code, INSEE)."""

    kind: ScopeKind
    id: UUID | None = None
    code: str = ""
    name: str = ""

    def setting(self) -> str:
        """Return the value of the database setting `app.scope`."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


MINE = Scope(ScopeKind.MINE)
NATION = Scope(ScopeKind.NATION, code="france", name="Agence du numérique en santé")


@dataclass(frozen=True)
class Context:
    """A unit of work's author and scope; `user_id` None sees no tenant row."""

    user_id: UUID | None
    scope: Scope


ANONYMOUS = Context(None, MINE)

_current: ContextVar[Context | None] = ContextVar("vigie_context", default=None)


def current() -> Context:
    """Return the context of the open unit of work; raises RuntimeError outside of one."""
    context = _current.get()
    if context is None:
        raise RuntimeError("no unit of work is open")
    return context
