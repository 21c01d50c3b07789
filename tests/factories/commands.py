"""The `vigie` command in a test: the settings it finds."""

from __future__ import annotations

from tenants.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The settings of the tests, as a command finds them."""
    return {
        "VIGIE_DATABASE_URL": settings.database_url,
        "VIGIE_OWNER_DATABASE_URL": settings.owner_database_url,
        "VIGIE_VALKEY_URL": settings.valkey_url,
        "VIGIE_SECRET_KEY": settings.secret_key,
        "VIGIE_STORAGE_URL": settings.storage_url,
    }
