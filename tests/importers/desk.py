"""A desk where somebody deposits files; what the tables hold, and what the pages read, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

from compliance.clock import today
from compliance.models.register import PrivateRegister
from compliance.services import party as party_services
from compliance.services import perimeter, register
from importers import deposits, prefill, registry, scene, service, undo
from tests.factories import acting as at
from tests.factories.acting import acting, seen
from tests.factories.jobs import run_jobs
from tests.factories.world import World

SHEETS = tuple(sheet for workbook in registry.WORKBOOKS for sheet in workbook.sheets)
REGISTERS = tuple(register.table_of(sheet.record) for sheet in SHEETS if sheet.record is not None)
# What an import that changes nothing may still write: that it took place.
TRACES = ("import_run", "audit_event", "outbox")


@dataclass(frozen=True)
class Desk:
    """Somebody at work on a scope."""

    app: Flask
    world: World
    email: str
    scope: str

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Open a unit of work."""
        with acting(self.app, self.world, self.email, self.scope):
            yield

    def receive(self, content: bytes, name: str = "classeur.xlsx") -> UUID:
        """Deposit a file: its reading is ordered, and not done yet."""
        with self.acting():
            return deposits.receive(name, BytesIO(content))

    def deposit(self, content: bytes, name: str = "classeur.xlsx") -> UUID:
        """Deposit a file, and let it be read."""
        run_id = self.receive(content, name)
        run_jobs(self.app)
        return run_id

    def look(self, run_id: UUID) -> dict[str, Any]:
        """A deposit as it is."""
        with self.acting():
            run = deposits.get(run_id)
            names = ("id", "state", "report", "summary", "error", "taken", "undo", "undone_by")
            return {name: getattr(run, name) for name in names}

    def confirm(self, run_id: UUID, *, valid: bool = False) -> None:
        """Order the application of a preview."""
        with self.acting():
            service.confirm(run_id, valid_rows_only=valid)

    def apply(self, content: bytes, *, valid: bool = False) -> dict[str, Any]:
        """Deposit, confirm and apply; the deposit as it ends."""
        run_id = self.deposit(content)
        self.confirm(run_id, valid=valid)
        run_jobs(self.app)
        return self.look(run_id)

    def undo(self, run_id: UUID) -> dict[str, Any]:
        """Take an applied deposit back; the deposit as it ends."""
        with self.acting():
            undo.order_undo(run_id)
        run_jobs(self.app)
        return self.look(run_id)

    def kit(self, code: str) -> bytes:
        """A workbook of the kit, prefilled for the scope."""
        workbook, stream = registry.workbook(code), BytesIO()
        assert workbook is not None
        with self.acting():
            prefill.build(workbook, stream)
        return stream.getvalue()

    def pages(self) -> dict[str, Any]:
        """What pages read of the scope: nothing of how or when it came there."""
        with self.acting():
            here, day = scene.of_scope(), today()
            return {
                **{sheet.name: _rows(sheet.record, here.ids, day) for sheet in SHEETS if sheet.record is not None},
                "counts": {
                    sheet.name: register.counts(sheet.record) for sheet in SHEETS if sheet.private and sheet.record
                },
                "perimeters": _perimeters(here.ids, day),
                "parties": [asdict(each.party) for each in party_services.parties(here.candidate, day)]
                if here.candidate
                else [],
                "coverages": sorted(
                    (each.owner_finess, each.code, each.covered_finess, each.justification)
                    for each in perimeter.coverages(here.ids, day)
                ),
            }


def _rows(model: Any, establishments: list[UUID], day: date) -> dict[str, tuple[object, ...]]:
    return {f"{each.finess}/{each.key}": each.values for each in register.current(model, establishments, day)}


def _perimeters(establishments: list[UUID], day: date) -> dict[str, Any]:
    left_out = {"id", "establishment_id", "recorded_at", "recorded_by"}
    return {
        f"{each.finess}/{each.code}": {name: value for name, value in asdict(each).items() if name not in left_out}
        | {"contacts": sorted(perimeter.contacts(each.id))}
        for each in perimeter.current_perimeters(establishments, day)
    }


def manager(app: Flask, world: World) -> Desk:
    """Who runs the information system of a GHT of eight."""
    return Desk(app, world, at.CAPES_DSI, at.CAPES)


def referent(app: Flask, world: World) -> Desk:
    """The referent of one of its establishments."""
    return Desk(app, world, at.REFERENT, at.REFERENT_SCOPE)


def neighbour(app: Flask, world: World) -> Desk:
    """The referent of another one."""
    return Desk(app, world, "referent@port-aubry.example", f"establishment:{at.CAPES_MEMBERS[0].finess}")


def private() -> tuple[type[PrivateRegister], ...]:
    """The registers of people."""
    models = (sheet.record for sheet in SHEETS)
    return tuple(model for model in models if model is not None and issubclass(model, PrivateRegister))


def emptied(app: Flask) -> None:
    """Empty every register: the rows that each world has there were not read from a file."""
    seen(app, f"TRUNCATE {', '.join(REGISTERS)}")


def dump(app: Flask) -> dict[str, tuple[int, str]]:
    """Number of rows and digest of every table, all tenants together: what a transaction that did nothing leaves alike."""
    tables = seen(app, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    told = " UNION ALL ".join(
        f"SELECT '{table['name']}' AS name, count(*) AS rows, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest"
        f" FROM {table['name']} t"
        for table in tables
    )
    return {row["name"]: (row["rows"], row["digest"]) for row in seen(app, told)}


def without(state: dict[str, Any], *names: str) -> dict[str, Any]:
    """A state but for some tables."""
    return {name: value for name, value in state.items() if name not in names}


def tally(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Counts by sheet, those that are not zero."""
    return {
        sheet["layout"]: {status: count for status, count in sheet["counts"].items() if count}
        for sheet in report["sheets"]
    }


def said(report: dict[str, Any], *classes: str) -> set[tuple[str, str, str]]:
    """Code, sheet and cell of the remarks of some classes."""
    return {(fault["code"], fault["sheet"], fault["cell"]) for fault in report["faults"] if fault["class"] in classes}


def applied_now(desk: Desk, folder: Path, content: bytes) -> Any:
    """Read and apply a file at once, as the command does; its report."""
    path = folder / "classeur.xlsx"
    path.write_bytes(content)
    with desk.acting():
        report, applied, _ = service.import_now(path, apply_rows=True)
    assert applied, [fault.to_json() for fault in report.faults]
    return report
