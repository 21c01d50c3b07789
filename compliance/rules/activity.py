"""Share of « activité combinée » (AC) carried by the parties that count, in exact arithmetic.

Source: arrêté of 3 July 2025, annexe 1, rows D2.O1.C and D2.O1.D: EJ (EG outside a GHT) holding at least 66 % of the
candidate's AC. The bar is on activity, not on the number of entities, and is compared with `>=` before any rounding.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import listing, number, percent, plural, shown_percent, trimmed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_DIGITS = 50  # of a share handed out as a Decimal; comparisons never use it


@dataclass(frozen=True, kw_only=True)
class Party:
    """A party of the candidate as frozen in its application: EJ in a GHT, EG outside.

    `key` is its FINESS number, or its label when it has none. `ac` is its activité combinée, None when not known.
    """

    key: str
    name: str
    in_scope: bool = True
    out_reason: str = ""
    ac: Decimal | None = None
    ac_year: int | None = None
    source: str = ""
    confidence: str = ""

    @property
    def usable_ac(self) -> Fraction | None:
        """The AC as an exact number; None when it is missing, negative or not a number."""
        if self.ac is None or not self.ac.is_finite() or self.ac < 0:
            return None
        return Fraction(self.ac)


@dataclass(frozen=True)
class ShareLine:
    """One party in the list behind the share. `share` and `cumulative` are fractions (0 to 1), None if unknown."""

    party: Party
    share: Decimal | None
    cumulative: Decimal | None
    counts: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Share:
    """The share covered and what would cross the threshold.

    `threshold` is a percentage (66); `share` and `gap` are fractions (0 to 1) cut at 50 digits, never rounded over
    the bar, for display only. `missing` are the parties in scope without a usable AC. `smallest_set` is the fewest
    parties not covered that would cross the bar, ties by larger AC then FINESS; empty once it is crossed.
    """

    threshold: Decimal
    covered: Decimal | None
    total: Decimal | None
    share: Decimal | None
    gap: Decimal | None
    missing: tuple[Party, ...]
    smallest_set: tuple[Party, ...]
    lines: tuple[ShareLine, ...]
    verdict: Verdict


def covered_share(
    parties: Sequence[Party],
    counting: Collection[str],
    threshold: Decimal,
    reasons: Mapping[str, tuple[Reason, ...]] | None = None,
    *,
    started: bool = False,
    word: str = "couverte",
) -> Share:
    """Compute the share of AC held by the parties in scope whose key is in `counting`.

    An AC missing for one party in scope, or a total of 0, makes it « non calculable », never 0 %. Parties out of
    scope are listed but weigh nothing. `reasons` explain each party by key; `started` says that work began even if no
    party counts yet; `word` is what their activity is (« couverte », « testée »). Raises ValueError when two parties have the same key.
    """
    _refuse_duplicates(parties)
    reasons = reasons or {}
    scope = [party for party in parties if party.in_scope]
    missing = tuple(sorted((p for p in scope if p.usable_ac is None), key=lambda p: p.key))
    weights = {p.key: p.usable_ac or Fraction(0) for p in scope}
    total = sum(weights.values(), Fraction(0))
    if missing or total == 0:
        lines = _lines(parties, counting, weights, None, reasons)
        return Share(threshold, None, None, None, None, missing, (), lines, _not_computable(scope, missing))
    covered = sum((weights[p.key] for p in scope if p.key in counting), Fraction(0))
    chosen = smallest_set(scope, counting, threshold)
    share = _decimal(covered / total, ROUND_FLOOR)
    gap = max(Fraction(threshold) / 100 - covered / total, Fraction(0))
    reached, begun = gap == 0, started or covered > 0
    verdict = _reached(share, threshold, word) if reached else _below(share, threshold, chosen, word, begun=begun)
    verdict = replace(verdict, reasons=(*verdict.reasons, *_year_notice(scope)))
    return Share(
        threshold,
        _decimal(covered),
        _decimal(total),
        share,
        _decimal(gap, ROUND_CEILING),
        (),
        chosen,
        _lines(parties, counting, weights, total, reasons),
        verdict,
    )


def crosses(covered: Fraction, total: Fraction, threshold: Decimal) -> bool:
    """Compare without dividing nor rounding: covered x 100 >= threshold x total."""
    return covered * 100 >= Fraction(threshold) * total


def smallest_set(parties: Sequence[Party], counting: Collection[str], threshold: Decimal) -> tuple[Party, ...]:
    """Choose the fewest parties in scope, not covered, that would cross the threshold.

    Taking the largest first gives the fewest; ties go to the larger AC then to the smaller FINESS. Empty when the
    threshold is already crossed, when an AC is missing or when the total is 0.
    """
    scope = [p for p in parties if p.in_scope]
    weights = {p.key: p.usable_ac for p in scope}
    known = {key: weight for key, weight in weights.items() if weight is not None}
    total = sum(known.values(), Fraction(0))
    if len(known) < len(weights) or total == 0:
        return ()
    covered = sum((weight for key, weight in known.items() if key in counting), Fraction(0))
    chosen: list[Party] = []
    for party in sorted((p for p in scope if p.key not in counting), key=lambda p: (-known[p.key], p.key)):
        if crosses(covered, total, threshold):
            break
        chosen.append(party)
        covered += known[party.key]
    return tuple(chosen)


def would_suffice(parties: Sequence[Party]) -> str:
    """Say which parties would cross the bar: « CH de X suffirait », « CH de X et CH de Y suffiraient »."""
    return f"{listing([p.name for p in parties])} {plural(len(parties), 'suffirait', 'suffiraient')}"


def _reached(share: Decimal, threshold: Decimal, word: str) -> Verdict:
    said = percent(share, threshold)
    text = f"{said} de l’activité combinée {word}, seuil de {trimmed(threshold)} % atteint"
    return Verdict(State.MET, (Reason("SHARE_REACHED", text),))


def _below(share: Decimal, threshold: Decimal, chosen: Sequence[Party], word: str, *, begun: bool) -> Verdict:
    points = threshold - shown_percent(share, threshold)
    text = (
        f"{percent(share, threshold)} de l’activité combinée {word}, seuil de {trimmed(threshold)} % : "
        f"il manque {number(points)} {plural(points, 'point', 'points')}"
    )
    reasons = (
        Reason("SHARE_BELOW", text),
        Reason("SMALLEST_SET", f"Au plus court : {would_suffice(chosen)}", chosen[0].key),
    )
    state = State.IN_PROGRESS if begun else State.MISSING
    return Verdict(state, reasons, f"Faire compter {listing([party.name for party in chosen])}")


def _not_computable(scope: Sequence[Party], missing: Sequence[Party]) -> Verdict:
    if missing:
        reasons = tuple(_missing_reason(party) for party in missing)
        action = f"Saisir l’activité combinée : {listing([p.name for p in missing])}"
        return Verdict(State.NOT_COMPUTABLE, reasons, action)
    if scope:
        reason = Reason("AC_TOTAL_ZERO", "Part non calculable : le total des AC du périmètre est nul")
        return Verdict(State.NOT_COMPUTABLE, (reason,), "Vérifier les activités combinées saisies")
    reason = Reason("NO_PARTY", "Part non calculable : aucune partie dans le périmètre")
    return Verdict(State.NOT_COMPUTABLE, (reason,), "Saisir les parties du candidat")


def _missing_reason(party: Party) -> Reason:
    if party.ac is None:
        return Reason("AC_MISSING", f"Part non calculable : AC manquante pour {party.name}", party.key)
    return Reason("AC_INVALID", f"Part non calculable : AC négative ou illisible pour {party.name}", party.key)


def _year_notice(scope: Sequence[Party]) -> tuple[Reason, ...]:
    years = sorted({p.ac_year for p in scope if p.ac_year is not None})
    if not years[1:]:
        return ()
    text = f"Les AC ne sont pas toutes de la même année : {listing([str(year) for year in years])}"
    return (Reason("AC_YEARS_DIFFER", text),)


def _lines(
    parties: Sequence[Party],
    counting: Collection[str],
    weights: Mapping[str, Fraction],
    total: Fraction | None,
    reasons: Mapping[str, tuple[Reason, ...]],
) -> tuple[ShareLine, ...]:
    """List counted parties first, then the others, larger share first, then FINESS; out of scope at the end."""
    ordered = sorted(
        parties, key=lambda p: (not p.in_scope, p.key not in counting, -weights.get(p.key, Fraction(0)), p.key)
    )
    lines, running = [], Fraction(0)
    for party in ordered:
        why = reasons.get(party.key, ())
        if not party.in_scope or total is None:
            lines.append(ShareLine(party, None, None, party.in_scope and party.key in counting, why))
            continue
        running += weights[party.key]
        share, cumulative = (_decimal(part / total, ROUND_FLOOR) for part in (weights[party.key], running))
        lines.append(ShareLine(party, share, cumulative, party.key in counting, why))
    return tuple(lines)


def _refuse_duplicates(parties: Sequence[Party]) -> None:
    twice = sorted(key for key, count in Counter(p.key for p in parties).items() if count > 1)
    if twice:
        message = f"partie présente deux fois dans le candidat : {', '.join(twice)}"
        raise ValueError(message)


def _decimal(value: Fraction, rounding: str = ROUND_FLOOR) -> Decimal:
    """Write a fraction as a Decimal, exact for sums of AC, cut at 50 digits for quotients."""
    return Context(prec=_DIGITS, rounding=rounding).divide(Decimal(value.numerator), Decimal(value.denominator))
