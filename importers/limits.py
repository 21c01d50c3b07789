"""The sizes beyond which a file is not read. Settings may replace any of them."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.settings import Settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one read. Sizes are in bytes, times in seconds."""

    file_size: int = 12 * MEGABYTE
    unpacked_size: int = 100 * MEGABYTE  # all members of the ZIP together
    ratio: int = 100  # unpacked over packed size, for a member above `ratio_from`
    ratio_from: int = MEGABYTE
    members: int = 1_000
    sheets: int = 20
    rows: int = 50_000  # rows that hold something, per sheet
    columns: int = 200  # per sheet
    cells: int = 1_500_000  # cells that hold something, whole workbook
    cell_length: int = 4_000  # characters
    blank_rows: int = 50  # so many blank rows end a sheet
    memory: int = 512 * MEGABYTE  # address space of the reading process
    cpu_seconds: int = 60
    wall_seconds: int = 90

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits of an installation (docs/settings.md)."""
        return cls(
            file_size=settings.import_megabytes * MEGABYTE,
            unpacked_size=settings.import_unpacked_megabytes * MEGABYTE,
            ratio=settings.import_ratio,
            members=settings.import_members,
            sheets=settings.import_sheets,
            rows=settings.import_rows,
            columns=settings.import_columns,
            cells=settings.import_cells,
            cell_length=settings.import_cell_length,
            memory=settings.import_memory_megabytes * MEGABYTE,
            cpu_seconds=settings.import_cpu_seconds,
            wall_seconds=settings.import_cpu_seconds + 30,
        )


LIMITS = Limits()
