"""Backups of a scope on a day: critical systems, platforms and restore tests beside what is asked of them.

Three statements whatever the number of establishments and systems.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from compliance.models.activity import Activity, Dependency
from compliance.models.backup import BackupPlatform, CriticalSystem, RestoreTest
from compliance.models.register import Register
from compliance.reports import plan_facts
from compliance.rules import backup, dependency, recovery
from compliance.rules.objective import Gap
from compliance.rules.recovery import Restoration, Restored, Target
from compliance.rules.verdict import Verdict
from compliance.services import perimeter, register, scope_establishments
from compliance.services.perimeter import PerimeterRecord
from compliance.services.register import Row
from tenants.models import LegalEntity

WANTED: dict[type[Register], tuple[str, ...]] = {
    Activity: (
        "perimeter_code", "number", "name", "criticality", "dima_minutes", "pdma_minutes", "degraded_hold_minutes",
    ),
    Dependency: ("perimeter_code", "activity_number", "kind", "label", "tolerated_minutes", "system_code"),
    CriticalSystem: (
        "code", "application", "finess_list", "activities", "component", "hosting", "plan", "frequency_minutes", "copies",
        "media", "offsite", "offline", "supervised", "pdma_minutes", "rto_minutes",
    ),
    BackupPlatform: (
        "product", "version", "authentication", "two_factor", "two_factor_reason", "red_button", "partition_target",
        "partition_on",
    ),
    RestoreTest: (
        "code", "system_code", "tested_on", "kind", "back_in_production", "duration_minutes", "rto_minutes",
        "rpo_minutes", "result", "referent_function",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class RestorationLine:
    """A restore test beside its objectives."""

    ref: UUID
    finess: str
    values: Mapping[str, Any]
    test: Restoration
    delay: Gap | None
    loss: Gap | None


@dataclass(frozen=True)
class SystemLine:
    """A critical system: its copies, its frequency, what its last restore test says. `functions` are its business contacts."""

    ref: UUID
    finess: str
    values: Mapping[str, Any]
    system: backup.System
    copies: Verdict
    delay: Target
    loss: Target
    spacing: Gap | None
    restored: Restored
    last: RestorationLine | None
    tests: int
    functions: tuple[str, ...]

    @property
    def parties(self) -> frozenset[str]:
        """The establishments it serves, and the one that records it."""
        return self.system.parties | {self.finess}


@dataclass(frozen=True)
class PlatformLine:
    """A backup platform: who may enter it, and how it is kept apart."""

    ref: UUID
    finess: str
    values: Mapping[str, Any]
    authentication: Verdict
    second_factor: Verdict
    red_button: Verdict
    partition: Verdict


@dataclass(frozen=True)
class Backups:
    """What the page shows, before any filter."""

    establishments: Sequence[LegalEntity]
    systems: tuple[SystemLine, ...]
    platforms: tuple[PlatformLine, ...]
    tests: tuple[RestorationLine, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for, '' for nothing."""

    establishment: str = ""
    copies: str = ""  # yes, no: 3-2-1
    restore: str = ""  # a value of Restored
    frequency: str = ""  # rare: backups further apart than the PDMA
    supervised: str = ""  # yes, no, unknown

    def keeps(self, line: SystemLine) -> bool:
        """Whether a system answers the filters."""
        return (
            (not self.establishment or self.establishment in line.parties)
            and self.copies in ("", "yes" if line.system.three_two_one else "no")
            and self.restore in ("", line.restored)
            and (not self.frequency or (line.spacing is not None and line.spacing.worse))
            and self.supervised in ("", supervision(line.values["supervised"]))
        )


SUPERVISED = {"yes": "Oui", "no": "Non", "unknown": "Non renseignée"}


def supervision(value: bool | None) -> str:
    """Return the key of `SUPERVISED`."""
    return "unknown" if value is None else "yes" if value else "no"


def read(on: date, known: date) -> Backups:
    """Read the backups of the scope known at the end of a day, and judge them on a day."""
    establishments = scope_establishments.readable()
    ids = [each.id for each in establishments]
    rows = register.columns_of(WANTED, ids, known)
    reading = _Reading(rows, perimeter.current_perimeters(ids, known), on)
    return Backups(
        establishments,
        tuple(reading.line(row) for row in rows[CriticalSystem]),
        tuple(_platform(row, on) for row in rows[BackupPlatform]),
        tuple(sorted(reading.tests(), key=lambda each: (each.test.on, each.test.code), reverse=True)),
    )


class _Reading:
    """Systems with what needs them and what restored them."""

    def __init__(
        self, rows: Mapping[type[Register], Sequence[Row]], perimeters: Sequence[PerimeterRecord], on: date
    ) -> None:
        self.on = on
        systems = [plan_facts.system_of(row) for row in rows[CriticalSystem]]
        self.by_ref = {each.ref: each for each in systems}
        self.bia = dependency.Bia(
            [plan_facts.activity_of(row) for row in rows[Activity]],
            [plan_facts.need_of(row) for row in rows[Dependency]],
            systems,
        )
        self.functions = {(each.finess, each.code): each.referent_function for each in perimeters if each.present}
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.orphans: list[Row] = []
        for row in rows[RestoreTest]:
            system = self.bia.system(row.finess, row.values["system_code"])
            (self.rows[system.ref] if system else self.orphans).append(row)

    def targets(self, ref: str) -> tuple[Target, Target, list[dependency.Activity]]:
        system = self.by_ref[ref]
        served = self.bia.served(system)
        return recovery.delay_asked(system.rto, served), recovery.loss_asked(system.pdma, served), served

    def tests(self) -> Iterable[RestorationLine]:
        """Every test by the day asked: those of a system that nobody recorded are compared with nothing."""
        nothing = Target(None, "")
        for ref, rows in self.rows.items():
            delay, loss, _ = self.targets(ref)
            yield from (_test(row, delay, loss) for row in rows if row.values["tested_on"] <= self.on)
        yield from (_test(row, nothing, nothing) for row in self.orphans if row.values["tested_on"] <= self.on)

    def line(self, row: Row) -> SystemLine:
        values, facts = row.values, self.by_ref[str(row.id)]
        delay, loss, served = self.targets(facts.ref)
        tests = [_test(each, delay, loss) for each in self.rows[facts.ref] if each.values["tested_on"] <= self.on]
        restored, last = recovery.restored([each.test for each in tests], delay, self.on)
        codes = {(party, key.partition("/")[0].strip()) for party in facts.parties for key in facts.activities}
        named = [self.functions.get(each, "") for each in sorted(codes | {(a.party, a.perimeter) for a in served})]
        named += [each.values["referent_function"] or "" for each in tests]
        system = backup.System(
            code=values["code"],
            application=values["application"],
            parties=facts.parties,
            copies=values["copies"],
            media=values["media"],
            offsite=values["offsite"],
            offline=values["offline"],
        )
        return SystemLine(
            row.id,
            row.finess,
            values,
            system,
            recovery.copies(system),
            delay,
            loss,
            recovery.spacing(values["frequency_minutes"], loss),
            restored,
            next((each for each in tests if each.test is last), None),
            len(tests),
            tuple(dict.fromkeys(each for each in named if each.strip())),
        )


def _test(row: Row, delay: Target, loss: Target) -> RestorationLine:
    values = row.values
    test = Restoration(
        code=values["code"],
        on=values["tested_on"],
        result=values["result"],
        lasted=values["duration_minutes"],
        rto=values["rto_minutes"],
        rpo=values["rpo_minutes"],
    )
    return RestorationLine(
        row.id, row.finess, values, test, recovery.delay_of(test, delay), recovery.loss_of(test, loss)
    )


def _platform(row: Row, on: date) -> PlatformLine:
    values = {name: value or "" for name, value in row.values.items()}
    platform = backup.Platform(
        name=values["product"],
        parties=frozenset({row.finess}),
        version=values["version"],
        authentication=values["authentication"],
        two_factor=values["two_factor"],
        two_factor_reason=values["two_factor_reason"],
        red_button=values["red_button"],
    )
    return PlatformLine(
        row.id,
        row.finess,
        row.values,
        backup.independent(platform),
        backup.second_factor(platform),
        backup.isolation([platform]),
        recovery.partition(row.values["partition_on"], values["partition_target"], on),
    )
