"""What every register has: lists of the workbooks, kept as versions under a business key.

A register is one table. A row is what was known of its key from `recorded_at` on; the last one is current; a key is gone
when its last row is `withdrawn`. Nothing is updated in place (docs/adr/0011-registers.md).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped

from tenants.db import Recorded, TenantScoped


class Register(TenantScoped, Recorded):
    """The columns that are not data: `key` is unique in its establishment, among the versions of one day."""

    __abstract__ = True
    key: Mapped[str]
    withdrawn: Mapped[bool]
    import_id: Mapped[UUID | None]
    undoes: Mapped[UUID | None]  # the import that this version takes back


class PrivateRegister(Register):
    """A register of people (table class `own`): its GHT may write it and not read it.

    `key_digest` and `digest` (SHA-256 of the key and of the values) let the GHT's import tell new, changed and unchanged
    rows apart without reading a name.
    """

    __abstract__ = True
    key_digest: Mapped[bytes]
    digest: Mapped[bytes]
