"""What the boundary tests share: who stands where, and a look at every row as the superuser."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import NullPool, create_engine, text

from importers.demonstration.names import ALONE
from tenants.context import ANONYMOUS, Context
from tenants.db import db, psycopg_url, unit_of_work
from tests.architecture.tables import TABLES, TENANT_KINDS
from tests.conftest import DATABASE
from tests.factories.world import ALONE_CODE, ESTUARY, ESTUARY_CODE, OUTSIDE, TWO_CAPES, TWO_CAPES_CODE, World

TENANT = sorted(name for name, table in TABLES.items() if table.kind in TENANT_KINDS)
CAPES = tuple(number for number, _ in TWO_CAPES)
SUPPORT, MARQUERIVE = CAPES[0], CAPES[3]
ESTUARY_NUMBERS = tuple(number for number, _ in ESTUARY)


@dataclass(frozen=True)
class Stand:
    """Somebody on a scope, and what the programme lets them see: establishments read, own, written, filed for, decided on; the region."""

    email: str
    scope: str
    reads: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    ghts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def context(self, world: World) -> Context:
        return world.context(self.email, self.scope) if self.email else ANONYMOUS

    def held(self, table: str) -> tuple[str, ...]:
        """The establishments under which a table may be written."""
        rights = {
            "writable_establishments": self.writes,
            "fileable_establishments": self.files,
            # A delegate files, and delegates nothing.
            "delegating_establishments": () if self.email.startswith("delegue@") else self.files,
            "reviewable_establishments": self.reviews,
            "moving_establishments": self.files + self.reviews,
            "judging_establishments": self.reviews,
            "speaking_establishments": self.writes + self.files + self.reviews,
        }
        return rights[TABLES[table].right]


def _one(email: str, number: str, *, own: bool = True, writes: bool = True) -> Stand:
    held = (number,)
    return Stand(email, f"establishment:{number}", held, held if own else (), held if writes else ())


# The expectations are written from programme.md, "Who may do what", never from the code under test.
STANDS = {
    "the referent in the establishment": _one("referente@marquerive.example", MARQUERIVE),
    "the director in the establishment": _one("direction@marquerive.example", MARQUERIVE, writes=False),
    "the administrator in the establishment": _one("admin@marquerive.example", MARQUERIVE),
    "the referent of the support": _one("referent@port-aubry.example", SUPPORT),
    "the referent of a support that filed": _one("referent@belle-rive.example", ESTUARY_NUMBERS[0]),
    "the referent on a neighbour of its GHT": Stand("referente@marquerive.example", f"establishment:{CAPES[4]}"),
    "the referent on its whole GHT": Stand("referente@marquerive.example", f"ght:{TWO_CAPES_CODE}"),
    "the referent on everything of its own": Stand(
        "referente@marquerive.example", "mine", (MARQUERIVE,), (MARQUERIVE,), (MARQUERIVE,)
    ),
    "the manager on its GHT": Stand(
        "dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}", CAPES, (), CAPES, ghts=(TWO_CAPES_CODE,)
    ),
    "the manager on a member": _one("dsi@deux-caps.example", MARQUERIVE, own=False),
    "the manager on another GHT": Stand("dsi@deux-caps.example", f"ght:{ESTUARY_CODE}"),
    "the manager on an establishment of another GHT": Stand(
        "dsi@deux-caps.example", f"establishment:{ESTUARY_NUMBERS[0]}"
    ),
    "the manager on a region": Stand("dsi@deux-caps.example", "region:F1"),
    "the administrator of the GHT": Stand(
        "admin@deux-caps.example", f"ght:{TWO_CAPES_CODE}", CAPES, ghts=(TWO_CAPES_CODE,)
    ),
    "the signatory of the GHT": Stand(
        "signataire@deux-caps.example", f"ght:{TWO_CAPES_CODE}", CAPES, files=CAPES, ghts=(TWO_CAPES_CODE,)
    ),
    "the manager of another GHT": Stand(
        "dsi@estuaire.example", f"ght:{ESTUARY_CODE}", ESTUARY_NUMBERS, (), ESTUARY_NUMBERS, ghts=(ESTUARY_CODE,)
    ),
    "the manager of a GHT of one establishment": Stand(
        "dsi@roche-vernay.example", f"ght:{ALONE_CODE}", (ALONE[0][0],), (), (ALONE[0][0],), ghts=(ALONE_CODE,)
    ),
    "the administrator outside a GHT": _one("admin@brumont.example", OUTSIDE[0]),
    "the signatory outside a GHT": Stand(
        "signataire@brumont.example", f"establishment:{OUTSIDE[0]}", (OUTSIDE[0],), files=(OUTSIDE[0],)
    ),
    "the reviewer in the region": Stand(
        "ars@littoral-nord.example", "region:F1", reviews=(SUPPORT, OUTSIDE[0]), regions=("F1",)
    ),
    "the lead in the region": Stand(
        "responsable@littoral-nord.example", "region:F1", reviews=(SUPPORT, OUTSIDE[0]), regions=("F1",)
    ),
    "the reviewer of the other region": Stand(
        "ars@monts-du-sud.example", "region:F2", reviews=(ESTUARY_NUMBERS[0], ALONE[0][0]), regions=("F2",)
    ),
    # The ANS comes after the ARS, which has decided on nobody here; nobody was asked for an opinion.
    "the reviewer of the nation": Stand("ans@vigie.example", "nation:france"),
    "the reviewer of the nation on a region": Stand("ans@vigie.example", "region:F1"),
    "the expert in the region": Stand("expert@littoral-nord.example", "region:F1"),
    "the delegate of the signatory": Stand(
        "delegue@deux-caps.example", f"ght:{TWO_CAPES_CODE}", CAPES, files=CAPES, ghts=(TWO_CAPES_CODE,)
    ),
    "the delegate on a member": Stand(
        "delegue@deux-caps.example", f"establishment:{MARQUERIVE}", (MARQUERIVE,), files=(MARQUERIVE,)
    ),
    "the reviewer on another region": Stand("ars@littoral-nord.example", "region:F2"),
    "the reviewer on a GHT": Stand("ars@littoral-nord.example", f"ght:{TWO_CAPES_CODE}"),
    "nobody": Stand("", "mine"),
}


@contextmanager
def superuser(servers):
    """Lend a connection that no policy binds, on the database of the test."""
    engine = create_engine(psycopg_url(servers.admin_url).replace("/postgres?", f"/{DATABASE}?"), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows_of(servers, table: str) -> list[dict]:
    """Return every row of a table, as a statement may insert it again: no generated column, JSON as text."""
    with superuser(servers) as connection:
        columns = connection.execute(
            text(
                "SELECT CASE data_type WHEN 'jsonb' THEN format('%1$I::text AS %1$I', column_name) ELSE quote_ident(column_name) END"
                " FROM information_schema.columns WHERE table_name = :table AND is_generated = 'NEVER' ORDER BY ordinal_position"
            ),
            {"table": table},
        ).scalars()
        return [dict(row._mapping) for row in connection.execute(text(f"SELECT {', '.join(columns)} FROM {table}"))]


@contextmanager
def acting(app, world: World, stand: Stand | str, scope: str = ""):
    """Open a unit of work as a stand, or as somebody by address and scope; give its session."""
    context = stand.context(world) if isinstance(stand, Stand) else world.context(stand, scope)
    with app.app_context(), unit_of_work(context):
        yield db.session


def readable(stand: Stand, world: World, table: str, row: dict) -> bool:
    """Say whether the programme lets somebody read a row."""
    establishments = {
        world.establishments[number] for number in (stand.own if TABLES[table].kind == "own" else stand.reads)
    }
    ghts = {world.ghts[code] for code in stand.ghts}
    regions = {world.regions[code] for code in stand.regions}
    reviewed = TABLES[table].kind == "filed" and row["region_id"] in regions
    if row["establishment_id"] not in establishments and not reviewed:
        return False
    whole = "_ght" in TABLES[table].restrictive or "_whole" in TABLES[table].restrictive
    return not whole or row.get("ght_id") is None or row["ght_id"] in ghts or reviewed


def name_of(world: World, establishment: UUID) -> str:
    return next(number for number, identifier in world.establishments.items() if identifier == establishment)
