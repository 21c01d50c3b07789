"""How long names are kept: a number of months that each establishment sets (practice.md, 1.4; workbooks.md, 3.3)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from compliance.models.register import Register
from tenants.db import Base

ATTENDANCE = "attendance"  # the key of the only rule there is
# What stands for somebody whose name was forgotten: drawn at random by `forget_attendance` (migration 0018), kept nowhere else.
MARK = "oublié-"


class Retention(Register, Base):
    """Months after the end of a session at which the names of its attendance are forgotten; no row, or withdrawn: they are kept."""

    __tablename__ = "retention"
    months: Mapped[int]
