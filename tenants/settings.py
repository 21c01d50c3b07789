"""Every setting of the product, typed; only `wsgi.py` hands it the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tenants.errors import Invalid
from tenants.timestamp import checked_url


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation decides; names are those of docs/settings.md without the `VIGIE_` prefix."""

    database_url: str
    owner_database_url: str = ""
    valkey_url: str
    secret_key: str
    storage_url: str
    referentials: Path | None = None
    timestamp_url: str = ""
    timestamp_ca: Path | None = None
    secure_cookies: bool = True
    trusted_proxies: int = 0
    bind: str = "127.0.0.1:8000"
    web_workers: int = 2
    web_threads: int = 8
    import_megabytes: int = 12
    import_unpacked_megabytes: int = 100
    import_ratio: int = 100
    import_members: int = 1_000
    import_sheets: int = 20
    import_rows: int = 50_000
    import_columns: int = 200
    import_cells: int = 1_500_000
    import_cell_length: int = 4_000
    import_memory_megabytes: int = 512
    import_cpu_seconds: int = 60

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from an environment.

        Raises Invalid with the list of what is missing, so that a start fails at once and says why.
        """
        required = ("DATABASE_URL", "VALKEY_URL", "SECRET_KEY", "STORAGE_URL")
        absent = [f"VIGIE_{name}" for name in required if not environ.get(f"VIGIE_{name}")]
        if absent:
            raise Invalid(f"Réglages absents : {', '.join(absent)}. Voir docs/settings.md, ou lancer « make run ».")
        folder, authorities = environ.get("VIGIE_REFERENTIALS"), environ.get("VIGIE_TIMESTAMP_CA")
        return cls(
            database_url=environ["VIGIE_DATABASE_URL"],
            owner_database_url=environ.get("VIGIE_OWNER_DATABASE_URL", ""),
            valkey_url=environ["VIGIE_VALKEY_URL"],
            secret_key=environ["VIGIE_SECRET_KEY"],
            storage_url=environ["VIGIE_STORAGE_URL"],
            referentials=Path(folder) if folder else None,
            timestamp_url=checked_url(environ.get("VIGIE_TIMESTAMP_URL", "")),
            timestamp_ca=Path(authorities) if authorities else None,
            secure_cookies=environ.get("VIGIE_SECURE_COOKIES", "1") != "0",
            trusted_proxies=_whole(environ, "VIGIE_TRUSTED_PROXIES", 0),
            bind=environ.get("VIGIE_BIND", "127.0.0.1:8000"),
            web_workers=_whole(environ, "VIGIE_WEB_WORKERS", 2),
            web_threads=_whole(environ, "VIGIE_WEB_THREADS", 8),
            import_megabytes=_positive(environ, "VIGIE_IMPORT_MEGABYTES", 12),
            import_unpacked_megabytes=_positive(environ, "VIGIE_IMPORT_UNPACKED_MEGABYTES", 100),
            import_ratio=_positive(environ, "VIGIE_IMPORT_RATIO", 100),
            import_members=_positive(environ, "VIGIE_IMPORT_MEMBERS", 1_000),
            import_sheets=_positive(environ, "VIGIE_IMPORT_SHEETS", 20),
            import_rows=_positive(environ, "VIGIE_IMPORT_ROWS", 50_000),
            import_columns=_positive(environ, "VIGIE_IMPORT_COLUMNS", 200),
            import_cells=_positive(environ, "VIGIE_IMPORT_CELLS", 1_500_000),
            import_cell_length=_positive(environ, "VIGIE_IMPORT_CELL_LENGTH", 4_000),
            import_memory_megabytes=_positive(environ, "VIGIE_IMPORT_MEMORY_MEGABYTES", 512),
            import_cpu_seconds=_positive(environ, "VIGIE_IMPORT_CPU_SECONDS", 60),
        )


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise Invalid(f"{name} : « {text} » n’est pas un nombre entier.") from None


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    number = _whole(environ, name, default)
    if number < 1:
        raise Invalid(f"{name} : « {number} » n’est pas un nombre positif.")
    return number
