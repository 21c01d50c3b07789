"""What changed between two dates, with the fact behind each change."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.reports.progress import Doc


@dataclass(frozen=True)
class Change:
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
    changes: tuple[Change, ...]
    parties: tuple[str, ...]  # sentences: who entered, who left, whose weight is another

    @property
    def moved(self) -> tuple[Change, ...]:
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
            changes.append(Change(row["code"], row["title"], state, str(row["state"]), gone, come))
    return Difference(before, after, tuple(changes), tuple(_parties(before, after)))


def _reasons(one: Doc | None, other: Doc | None) -> tuple[str, ...]:
    """Return the sentences of one answer that the other does not say, those of its parties included."""
    if one is None:
        return ()
    said = set(_sentences(other)) if other else set()
    return tuple(dict.fromkeys(text for text in _sentences(one) if text not in said))


def _sentences(row: Doc) -> list[str]:
    """Every sentence of a row; what a party says is told with its name when there are several."""
    parties = [party for party in row["parties"] if party["in_scope"]]
    if len(parties) < 2:
        return [reason["text"] for reason in row["reasons"] if reason["code"] != "TO_READ"]
    whole = [reason["text"] for reason in row["reasons"] if reason["code"] in {"SHARE_REACHED", "SHARE_BELOW"}]
    return whole + [f"{party['name']} : {reason['text']}" for party in parties for reason in party["reasons"]]


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
            told.append(
                f"Activité combinée de {now['name']} : {was['ac'] or 'inconnue'}, puis {now['ac'] or 'inconnue'}"
            )
        if was["counts"] != now["counts"]:
            told.append(f"{now['name']} {'compte' if now['counts'] else 'ne compte plus'} pour O1.C")
    return told
