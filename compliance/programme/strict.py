"""Read a TOML table key by key, refusing what is unknown, missing or of the wrong type."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")


class ReferentialError(ValueError):
    """A referential file that cannot be used; the French message names the file, the entry and the key."""


def read_text(path: Path) -> str:
    """Read a file as text. Raises ReferentialError when it cannot be read or is not UTF-8."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return path.read_bytes().decode()
    except OSError as error:
        message = f"{name} : fichier illisible ({error.strerror})"
        raise ReferentialError(message) from error
    except UnicodeDecodeError as error:
        message = f"{name} : le fichier n’est pas en UTF-8"
        raise ReferentialError(message) from error


def read_folder(shipped: Path, mounted: Path | None) -> dict[str, str]:
    """Read the files of a shipped folder by name (« vat/taux-tva.toml »), with those of its namesake in a mounted folder.

    A mounted file replaces the shipped one of the same name. Raises ReferentialError.
    """
    folders = [shipped] if mounted is None else [shipped, mounted / shipped.name]
    paths = {path.name: path for folder in folders for path in folder.glob("*.toml")}
    return {f"{shipped.name}/{name}": read_text(path) for name, path in sorted(paths.items())}


def parse_toml(name: str, text: str) -> Table:
    """Open a text as its top table; messages call it `name`. Raises ReferentialError when it is not TOML."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = f"{name} : ce n’est pas du TOML valable ({error})"
        raise ReferentialError(message) from error
    return Table(name, "en-tête", data)


class Table:
    """One table of a file. Keys are taken one by one; `done` refuses those nobody asked for."""

    def __init__(self, file: str, entry: str, data: dict[str, Any]) -> None:
        """Wrap the data of one entry; `entry` is how messages name it."""
        self.file, self.entry = file, entry
        self._left = dict(data)

    def fail(self, key: str, why: str) -> NoReturn:
        """Refuse one key. Raises ReferentialError naming file, entry and key."""
        message = f"{self.file}, {self.entry}, clé « {key} » : {why}"
        raise ReferentialError(message)

    def text(self, key: str, *, default: str | None = None, among: frozenset[str] | None = None) -> str:
        """Take a text; without a default it must be there and not blank. `among` closes the list of values."""
        value = self._take(key, default)
        if not isinstance(value, str):
            self._wrong(key, "un texte", value)
        value = value.strip()
        if default is None and not value:
            self.fail(key, "texte vide")
        if among is not None and value not in among:
            self.fail(key, f"« {value} » n’est pas dans la liste : {', '.join(sorted(among))}")
        return value

    def key(self, key: str, *, default: str | None = None) -> str:
        """Take an identifier: lower case letters, digits and underscores."""
        value = self.text(key, default=default)
        if value != default and not _KEY.match(value):
            self.fail(key, f"« {value} » n’est pas un identifiant (minuscules, chiffres et _)")
        return value

    def texts(self, key: str, *, among: frozenset[str] | None = None) -> tuple[str, ...]:
        """Take a list of texts, empty when it is not given. `among` closes the list of values."""
        values = self._take(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            self._wrong(key, "une liste de textes", values)
        for value in values:
            if among is not None and value not in among:
                self.fail(key, f"« {value} » n’est pas dans la liste : {', '.join(sorted(among))}")
        return tuple(values)

    def flag(self, key: str, *, default: bool) -> bool:
        """Take true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self._wrong(key, "true ou false", value)
        return value

    def decimal(self, key: str) -> Decimal | None:
        """Take an exact number, None when it is not given."""
        value = self._left.pop(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            self._wrong(key, "un nombre", value)
        return Decimal(value)

    def decimals(self, key: str) -> tuple[Decimal, ...]:
        """Take a list of exact numbers, empty when it is not given."""
        values = self._take(key, [])
        if not isinstance(values, list) or any(isinstance(v, bool) or not isinstance(v, int | Decimal) for v in values):
            self._wrong(key, "une liste de nombres", values)
        return tuple(Decimal(value) for value in values)

    def integer(self, key: str) -> int | None:
        """Take a whole number, None when it is not given."""
        value = self._left.pop(key, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self._wrong(key, "un nombre entier", value)
        return value

    def day(self, key: str) -> date | None:
        """Take a date written 2026-11-30 without quotes, None when it is not given."""
        value = self._left.pop(key, None)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self._wrong(key, "une date (2026-11-30, sans guillemets)", value)
        return value

    def tables(self, key: str, entry: str, *, required: bool = False) -> tuple[Table, ...]:
        """Take a list of tables; each is named after its `code` or `key`, or else its place."""
        value = self._take(key, None if required else [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(key, "une liste de tables", value)
        if required and not value:
            self.fail(key, "liste vide")
        prefix = "" if self.entry == "en-tête" else f"{self.entry}, "
        return tuple(
            Table(self.file, f"{prefix}{entry} {item.get('code', item.get('key', place))}", item)
            for place, item in enumerate(value, start=1)
        )

    def sourced(self, among: frozenset[str]) -> tuple[str, str]:
        """Take what an entry says of itself, source and confidence: the last of its keys."""
        told = self.text("source"), self.text("confidence", among=among)
        self.done()
        return told

    def done(self) -> None:
        """Refuse the keys nobody asked for."""
        for key in self._left:
            self.fail(key, "clé inconnue")

    def _take(self, key: str, default: object) -> Any:
        value = self._left.pop(key, default)
        if value is None:
            self.fail(key, "clé manquante")
        return value

    def _wrong(self, key: str, wanted: str, value: object) -> NoReturn:
        self.fail(key, f"attendu {wanted}, lu {str(value)[:60]!r}")
