"""D2.O1.C, « PCA et PRA formalisés »: the share of activity of the parties whose minimal perimeters are covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compliance.rules.activity import Party, Share, covered_share
from compliance.rules.pcra import PartyCoverage, party_coverage
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import listing, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from compliance.rules.perimeter import Perimeter


def formalised(
    parties: Sequence[Party],
    perimeters: Iterable[Perimeter],
    on: date,
    threshold: Decimal,
    single: bool,
) -> Share:
    """Answer D2.O1.C on a day: EJ (EG outside a GHT) holding at least 66 % of the candidate’s AC (annexe 1).

    `threshold` is the percentage of the referential. `single` is a GHT of one EJ or a candidate of one EG: the
    ordinary scope rule applies (it must hold for every party), AC is not needed and the reasons say « à confirmer ».
    Raises ValueError when two parties have the same key.
    """
    facts = tuple(perimeters)
    coverages = {party.key: party_coverage(party, facts, on) for party in parties}
    counting = {key for key, coverage in coverages.items() if coverage.counts}
    reasons = {key: coverage.reasons for key, coverage in coverages.items()}
    started = any(coverages[party.key].started for party in parties if party.in_scope)
    share = covered_share(parties, counting, threshold, reasons, started=started)
    if single:
        return _ordinary_scope(share, parties, coverages)
    if share.smallest_set:
        action = f"Finir BIA, PCA et PRA : {listing([party.name for party in share.smallest_set])}"
        return replace(share, verdict=replace(share.verdict, next_action=action))
    return share


def _ordinary_scope(share: Share, parties: Sequence[Party], coverages: dict[str, PartyCoverage]) -> Share:
    """Judge a candidate of one party: it must hold for that party, without a share (« à confirmer »)."""
    scope = [party for party in parties if party.in_scope]
    if not scope:
        return share
    lacking = tuple(party for party in scope if not coverages[party.key].counts)
    text = (
        f"Une seule entité : la règle ordinaire s’applique, sans le seuil de {trimmed(share.threshold)} % (à confirmer)"
    )
    explained = tuple(reason for party in lacking or scope for reason in coverages[party.key].reasons)
    if not lacking:
        state = State.MET
    elif any(coverages[party.key].started for party in scope):
        state = State.IN_PROGRESS
    else:
        state = State.MISSING
    action = f"Finir BIA, PCA et PRA : {listing([party.name for party in lacking])}" if lacking else ""
    verdict = Verdict(state, (Reason("SINGLE_TO_CONFIRM", text), *explained), action)
    return replace(share, gap=None, missing=(), smallest_set=lacking, verdict=verdict)
