"""The official counter (eCaRE): what it accepts and the words of its states, as data with source and confidence.

The file beside this module, or the one of the same name in the folder `counter` of a mounted folder, which replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from compliance.programme.strict import parse_toml, read_folder
from compliance.rules.readiness import Counter, Limit

SHIPPED = Path(__file__).resolve().parent
NAME = "counter/ecare.toml"
CONFIDENCES = frozenset({"publiée", "relayée", "à confirmer", "usage", "non connue"})
_LIMITS = ("file_bytes", "whole_bytes", "name_length")


@dataclass(frozen=True)
class OfficialState:
    """A state that the counter gives a declaration, in its words."""

    key: str
    label: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Desk:
    """What is known of the counter."""

    title: str
    accepts: Counter
    states: tuple[OfficialState, ...]

    def state(self, key: str) -> OfficialState | None:
        """Return a state by its key; None for one that this file does not name."""
        return next((state for state in self.states if state.key == key), None)


@cache
def load(folder: Path | None = None) -> Desk:
    """Read what is known of the counter, once for a process. Raises ReferentialError naming file, entry and key at fault."""
    return parse(NAME, read_folder(SHIPPED, folder)[NAME])


def parse(name: str, text: str) -> Desk:
    """Read the file from its text; messages call it `name`. Raises ReferentialError."""
    table = parse_toml(name, text)
    limits: dict[str, Limit] = {}
    for entry in table.tables("limits", "limite", required=True):
        key = entry.text("key", among=frozenset(_LIMITS))
        if key in limits:
            entry.fail("key", f"« {key} » est donnée deux fois")
        limits[key] = Limit(entry.integer("value"), *entry.sourced(CONFIDENCES))
    for key in _LIMITS:
        if key not in limits:
            table.fail("limits", f"la limite « {key} » manque (sans valeur si elle n’est pas connue)")
    formats: set[str] = set()
    for entry in table.tables("formats", "formats", required=True):
        formats |= {extension.lower() for extension in entry.texts("extensions")}
        entry.sourced(CONFIDENCES)
    states = tuple(
        OfficialState(entry.key("key"), entry.text("label"), *entry.sourced(CONFIDENCES))
        for entry in table.tables("states", "état", required=True)
    )
    title = table.text("title")
    table.text("source")
    table.done()
    accepts = Counter(limits["file_bytes"], limits["whole_bytes"], limits["name_length"], frozenset(formats))
    return Desk(title, accepts, states)
