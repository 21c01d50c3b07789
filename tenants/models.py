"""The official directory as this installation knows it: regions, GHT, legal entities (EJ) and sites (EG)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Base, new_id


class Region(Base):
    """A region and its ARS; `code` is the INSEE code."""

    __tablename__ = "region"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    name: Mapped[str]


class Group(Base):
    """A GHT (groupement hospitalier de territoire); it has no legal personality: its support files for it."""

    __tablename__ = "ght"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    name: Mapped[str]
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    source: Mapped[str]


class LegalEntity(Base):
    """An establishment (EJ, entité juridique): the tenant.

    `name_rank` tells where the name comes from: 0 one of its sites, 1 deduced by an extract, 2 an official list.
    """

    __tablename__ = "legal_entity"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    finess: Mapped[str]
    name: Mapped[str]
    name_rank: Mapped[int] = mapped_column(default=0)
    region_id: Mapped[UUID] = mapped_column(ForeignKey("region.id"))
    smsse_id: Mapped[str | None]
    source: Mapped[str]


class Site(Base):
    """A site (EG, entité géographique, FINESS ET) of a legal entity."""

    __tablename__ = "site"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    finess: Mapped[str]
    name: Mapped[str]
    legal_entity_id: Mapped[UUID] = mapped_column(ForeignKey("legal_entity.id"))
    source: Mapped[str]


class GroupMember(Base):
    """Dated membership of a GHT: role S (support) or M; a member without FINESS keeps its name alone.

    A legal entity is in one GHT at a time: the database keeps at most one membership without an end.
    """

    __tablename__ = "ght_member"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ght_id: Mapped[UUID] = mapped_column(ForeignKey("ght.id"))
    legal_entity_id: Mapped[UUID | None] = mapped_column(ForeignKey("legal_entity.id"))
    name: Mapped[str]
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
