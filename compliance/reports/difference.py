"""What changed between two dates, with the fact behind each change."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.reports.progress import Doc
from compliance.rules.words import few, grouped


@dataclass(frozen=True)
class RowChange:
    """A row whose answer is not the same. `gone` are the sentences that no longer hold, `come` those that do since."""

    code: str
    title: str
    before: str
    after: str
    gone: tuple[str, ...]
    come: tuple[str, ...]

    @property
    def state_changed(self) -> bool:
        """Whether the state itself moved, and not the reasons alone."""
        return self.before != self.after


@dataclass(frozen=True)
class Difference:
    """Two states of one candidate, compared. Shares go from the code of a row to its share before and after."""

    before: Doc
    after: Doc
    changes: tuple[RowChange, ...]
    parties: tuple[str, ...]  # sentences: who entered, who left, whose weight is another

    @property
    def moved(self) -> tuple[RowChange, ...]:
        """The rows whose state moved."""
        return tuple(change for change in self.changes if change.state_changed)


def difference(before: Doc, after: Doc) -> Difference:
    """Compare two states, row by row, then party by party."""
    old = {row["code"]: row for row in before["rows"]}
    changes = []
    for row in after["rows"]:
        was = old.get(row["code"])
        gone, come = _reasons(was, row), _reasons(row, was)
        state = str(was["state"]) if was else ""
        if state != str(row["state"]) or gone or come:
            changes.append(RowChange(row["code"], row["title"], state, str(row["state"]), gone, come))
    return Difference(before, after, tuple(changes), tuple(_parties(before, after)))


def _reasons(one: Doc | None, other: Doc | None) -> tuple[str, ...]:
    """Return the sentences of one answer that the other does not say: of the row, then of its parties, each said once."""
    if one is None:
        return ()
    parties = [party for party in one["parties"] if party["in_scope"]]
    if not parties[1:]:
        said = {reason["text"] for reason in other["reasons"]} if other else set()
        return tuple(r["text"] for r in one["reasons"] if r["text"] not in said and r["code"] != "TO_READ")
    before = {party["key"]: {r["text"] for r in party["reasons"]} for party in other["parties"]} if other else {}
    about: dict[str, list[str]] = {}
    for party in parties:
        for reason in party["reasons"]:
            if reason["text"] not in before.get(party["key"], ()):
                about.setdefault(reason["text"], []).append(party["name"])
    told = [text if len(names) == len(parties) else f"{few(names)} – {text}" for text, names in about.items()]
    said = {reason["text"] for reason in other["reasons"]} if other else set()
    whole = [r["text"] for r in one["reasons"] if r["code"] in _OF_SHARE and r["text"] not in said]
    return (*whole, *dict.fromkeys(told))


_OF_SHARE = frozenset({"SHARE_REACHED", "SHARE_BELOW"})


def _parties(before: Doc, after: Doc) -> list[str]:
    old = {party["key"]: party for party in before["parties"]}
    new = {party["key"]: party for party in after["parties"]}
    told = [f"{new[key]['name']} est une partie du candidat" for key in new if key not in old]
    told += [f"{old[key]['name']} n’est plus une partie du candidat" for key in old if key not in new]
    for key, now in new.items():
        was = old.get(key)
        if was is None:
            continue
        if was["in_scope"] != now["in_scope"]:
            told.append(f"{now['name']} {'entre dans le' if now['in_scope'] else 'sort du'} périmètre")
        if was["ac"] != now["ac"]:
            told.append(f"{now['name']}, activité combinée : {_ac(was)}, puis {_ac(now)}")
        if was["counts"] != now["counts"]:
            told.append(f"{now['name']} {'compte' if now['counts'] else 'ne compte plus'} pour O1.C")
    return told


def _ac(party: Doc) -> str:
    return "inconnue" if party["ac"] is None else grouped(party["ac"])
