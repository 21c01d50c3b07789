"""One row of a referential for one candidate on a day: every party's verdict, and the whole.

Source: arrêté of 3 July 2025, annexe 1. Unless the row says otherwise it must hold for every party in scope, or for the
legal entity outside a GHT; the 66 % rows ask for a share instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from compliance.rules.activity import Party, Share, covered_share
from compliance.rules.conditions import CONDITIONS, FACTS
from compliance.rules.evidence import either, piece_verdict
from compliance.rules.pcra import out_of_scope
from compliance.rules.verdict import Reason, State, Verdict, fold
from compliance.rules.words import few, listing, short_date, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from compliance.rules.facts import Equivalence, Facts
    from compliance.rules.requirement import Piece, Row


@dataclass(frozen=True)
class PartyVerdict:
    """What one party has and lacks for a row; `answers` are its pieces and conditions one by one, in the order of the row.

    `pieces` go from the key of the first of alternative pieces to their verdict; those not asked here are absent.
    """

    party: Party
    state: State
    answers: tuple[Verdict, ...]
    pieces: Mapping[str, Verdict] = field(default_factory=dict)

    @property
    def lacking(self) -> tuple[Verdict, ...]:
        """What is left to do."""
        return tuple(answer for answer in self.answers if not answer.settled)


@dataclass(frozen=True)
class RowVerdict:
    """The answer for a row. `whole` are the pieces asked once for the candidate; `share` is None for a row that is not a share."""

    row: Row
    verdict: Verdict
    parties: tuple[PartyVerdict, ...]
    share: Share | None = None
    whole: Mapping[str, Verdict] = field(default_factory=dict)

    def piece_state(self, key: str) -> State:
        """How far a piece is for all the parties that it is asked of; NOT_APPLICABLE when nobody is asked for it."""
        if key in self.whole:
            return self.whole[key].state
        return fold(each.pieces[key].state for each in self.parties if key in each.pieces)


def judge(row: Row, facts: Facts, on: date) -> RowVerdict:
    """Answer a row on a day, with the reasons of every party. Raises ValueError when two parties have the same key."""
    if row.only_ght and not facts.ght:
        reason = Reason("ONLY_GHT", f"{row.code} n’est demandé qu’aux GHT", row.code)
        return RowVerdict(row, Verdict(State.NOT_APPLICABLE, (reason,)), ())
    answer = _share_row(row, facts, on) if row.scope == "share" else _ordinary_row(row, facts, on)
    return replace(answer, verdict=_with_opinion(answer.verdict, row, facts, on))


def expected_pieces(row: Row, *, ght: bool) -> tuple[Piece, ...]:
    """List the pieces asked of this candidate: those asked of a GHT alone are left out outside a GHT."""
    return tuple(piece for piece in row.pieces if ght or not piece.only_ght)


# ----------------------------------------------------------------------------------------------- every party must hold


def _ordinary_row(row: Row, facts: Facts, on: date) -> RowVerdict:
    asked = facts.asked()
    if not asked:
        reason = Reason("NO_PARTY", "Aucune partie dans le périmètre")
        return RowVerdict(row, Verdict(State.NOT_COMPUTABLE, (reason,), "Saisir les parties du candidat"), ())
    parties = [_party(row, facts, party, on) for party in asked]
    moot = all(_moot(row, facts, party, on) for party in asked)
    whole = {} if moot else _pieces(row, facts, asked[0], on, whole=True)
    outside = [] if facts.entity else [party for party in facts.parties if not party.in_scope]
    told = (*parties, *(_outside(party) for party in outside))
    state = fold([*(answer.state for answer in whole.values()), *(each.state for each in parties)])
    answers: list[tuple[Party | None, Verdict]] = [(None, answer) for answer in whole.values()]
    answers += [(each.party, answer) for each in parties for answer in each.answers]
    return RowVerdict(row, _verdict(row, state, answers, asked), told, whole=whole)


def _party(row: Row, facts: Facts, party: Party, on: date, *, conditions: bool = True) -> PartyVerdict:
    equivalent = _equivalence(row, facts, party, on)
    if equivalent is not None and equivalent.settled:
        return PartyVerdict(party, State.MET, (equivalent,))
    pieces = _pieces(row, facts, party, on, whole=False)
    if not conditions:
        return PartyVerdict(party, fold(answer.state for answer in pieces.values()), tuple(pieces.values()), pieces)
    answers = [*pieces.values(), *_conditions(row, facts, party, on)]
    state = fold(answer.state for answer in answers)
    if equivalent is not None and any(not answer.settled for answer in answers):
        answers.append(equivalent)
        state = _begun(state)
    return PartyVerdict(party, state, tuple(answers), pieces)


def _begun(state: State) -> State:
    """A substitute on its way is a beginning."""
    return State.IN_PROGRESS if state is State.MISSING else state


def _conditions(row: Row, facts: Facts, party: Party, on: date) -> list[Verdict]:
    return [CONDITIONS[name](row, facts, party, on) for name in row.conditions]


def _outside(party: Party) -> PartyVerdict:
    return PartyVerdict(party, State.NOT_APPLICABLE, (Verdict(State.NOT_APPLICABLE, (out_of_scope(party),)),))


# -------------------------------------------------------------------------------------------------------------- pieces


def _pieces(row: Row, facts: Facts, party: Party, on: date, *, whole: bool) -> dict[str, Verdict]:
    """Judge the pieces asked of a party, alternatives together; those asked once for the candidate when `whole`."""
    answers = {}
    window = facts.window(row, on)
    evidence = [each for each in facts.evidence if each.row == row.code and (whole or each.holds_for(party.key))]
    for alternatives in needs(row, ght=facts.ght):
        if alternatives[0].whole is not whole:
            continue
        answer = piece_verdict(alternatives, evidence, window, on, held=_held(alternatives, facts, party, on))
        asked = _asked(alternatives, facts, party, on)
        if answer.settled or asked:
            answers[alternatives[0].key] = answer
        elif asked is None:
            answers[alternatives[0].key] = _conditional(alternatives)
    return answers


def needs(row: Row, *, ght: bool) -> list[tuple[Piece, ...]]:
    """Group the pieces of a row: alternatives together, each other piece alone."""
    groups: dict[str, list[Piece]] = {}
    for piece in expected_pieces(row, ght=ght):
        groups.setdefault(f"one of {piece.one_of}" if piece.one_of else piece.key, []).append(piece)
    return [tuple(group) for group in groups.values()]


def _held(alternatives: Sequence[Piece], facts: Facts, party: Party, on: date) -> str:
    told = (FACTS[piece.held](facts, party, on) for piece in alternatives if piece.held)
    return next((text for text in told if text), "")


def _asked(alternatives: Sequence[Piece], facts: Facts, party: Party, on: date) -> bool | None:
    """Say whether a piece is asked here; None when nobody knows whether its condition holds."""
    first = alternatives[0]
    if not first.required:
        return False
    if not first.only_if:
        return True
    if not first.when:
        return None
    told = FACTS[first.when](facts, party, on)
    return None if told is None else bool(told)


def _conditional(alternatives: Sequence[Piece]) -> Verdict:
    """A piece whose condition nobody told: said, and without weight."""
    first = alternatives[0]
    text = f"À joindre si {first.only_if} : {either(alternatives)}"
    return Verdict(State.NOT_APPLICABLE, (Reason("PIECE_CONDITIONAL", text, first.key),))


# -------------------------------------------------------------------------------------------------------- equivalences


def _equivalence(row: Row, facts: Facts, party: Party, on: date) -> Verdict | None:
    """An objective that is moot here, with a substitute proof and a reason (rule 9)."""
    whole = {"", facts.entity.key} if facts.entity is not None else {""}  # the legal entity is the whole candidate
    recorded = [
        each
        for each in facts.equivalences
        if each.row == row.code and each.party in {*whole, party.key} and each.on <= on
    ]
    if not recorded:
        return None
    told = sorted((_substitute(each) for each in recorded), key=lambda verdict: verdict.reasons[0].text)
    return max(told, key=lambda verdict: verdict.settled)


def _moot(row: Row, facts: Facts, party: Party, on: date) -> bool:
    equivalent = _equivalence(row, facts, party, on)
    return equivalent is not None and equivalent.settled


def _substitute(each: Equivalence) -> Verdict:
    said = f"Équivalence depuis le {short_date(each.on)} : {each.reason.strip()}"
    if not each.reason.strip():
        reason = Reason("EQUIVALENCE_WITHOUT_REASON", "Équivalence enregistrée sans motif", each.party)
        return Verdict(State.IN_PROGRESS, (reason,), "Motiver l’équivalence")
    if not each.received:
        text = f"{said} ; preuve de substitution à joindre"
        return Verdict(
            State.IN_PROGRESS, (Reason("SUBSTITUTE_MISSING", text, each.party),), "Joindre la preuve de substitution"
        )
    return Verdict(State.MET, (Reason("EQUIVALENCE", f"{said} ; preuve : {each.file}", each.party),))


# --------------------------------------------------------------------------------------------- rows that are a share


def _share_row(row: Row, facts: Facts, on: date) -> RowVerdict:
    """Judge a row that asks for a share of AC: who counts, whose pieces are there, and what every party must have.

    The row is met when parties that count *and* have their pieces cross the bar, so that one more party which counts
    without its pieces never undoes it.
    """
    threshold = row.threshold
    assert threshold is not None  # noqa: S101  # the loader refuses a share without its threshold
    counted = {party.key: _counts(row, facts, party, on) for party in facts.parties}
    counting = {key for key, answer in counted.items() if answer.state is State.MET}
    started = any(counted[party.key].state is not State.MISSING for party in facts.scope)
    why = {key: answer.reasons for key, answer in counted.items()}
    word = "testée" if row.kind == "test" else "couverte"
    share = covered_share(facts.parties, counting, threshold, why, started=started, word=word)
    pieces = {party.key: _party(row, facts, party, on, conditions=False) for party in facts.scope}
    beside = {
        party.key: () if _moot(row, facts, party, on) else tuple(_conditions(row, facts, party, on))
        for party in facts.scope
    }
    if len(facts.scope) == 1:
        share = _single(share, facts.scope[0], counted)
    elif share.smallest_set:
        share = replace(share, verdict=replace(share.verdict, next_action=_next(share, counted)))
    told = tuple(
        _together(counted[party.key], pieces[party.key], beside[party.key]) if party.in_scope else _outside(party)
        for party in facts.parties
    )
    return RowVerdict(row, _share_verdict(row, facts, share, counting, pieces, beside), told, share)


def _counts(row: Row, facts: Facts, party: Party, on: date) -> Verdict:
    if not party.in_scope:
        return Verdict(State.NOT_APPLICABLE, (out_of_scope(party),))
    equivalent = _equivalence(row, facts, party, on)
    if equivalent is not None and equivalent.settled:
        return equivalent
    answer = CONDITIONS[row.counts_by](row, facts, party, on)
    if equivalent is None or answer.state is State.MET:
        return answer
    return Verdict(_begun(answer.state), (*answer.reasons, *equivalent.reasons), answer.next_action)


def _together(counted: Verdict, pieces: PartyVerdict, beside: tuple[Verdict, ...]) -> PartyVerdict:
    """Put what makes a party count before its pieces and what is asked beside them."""
    if pieces.answers == (counted,):  # an equivalence answers all of it
        return pieces
    answers = (counted, *pieces.answers, *beside)
    return PartyVerdict(pieces.party, fold(answer.state for answer in answers), answers, pieces.pieces)


def _single(share: Share, party: Party, counted: Mapping[str, Verdict]) -> Share:
    """Judge a candidate of one party: it must hold for that party, without a share (« à confirmer »)."""
    text = (
        f"Une seule entité : la règle ordinaire s’applique, sans le seuil de {trimmed(share.threshold)} % (à confirmer)"
    )
    answer = counted[party.key]
    lacking = () if answer.state is State.MET else (party,)
    verdict = Verdict(answer.state, (Reason("SINGLE_TO_CONFIRM", text), *answer.reasons), answer.next_action)
    return replace(share, gap=None, missing=(), smallest_set=lacking, verdict=verdict)


def _next(share: Share, counted: Mapping[str, Verdict]) -> str:
    """What to do first, for the fewest parties that would cross the bar."""
    first = counted[share.smallest_set[0].key].next_action
    head = first.split(" : ")[0]
    return f"{head} : {listing([party.name for party in share.smallest_set])}" if head else share.verdict.next_action


def _share_verdict(
    row: Row,
    facts: Facts,
    share: Share,
    counting: set[str],
    pieces: Mapping[str, PartyVerdict],
    beside: Mapping[str, tuple[Verdict, ...]],
) -> Verdict:
    """The state of the row: that of its share, held back while pieces lack for the parties that count, or a condition anywhere."""
    if share.verdict.state not in (State.MET, State.TO_CONFIRM):
        return replace(share.verdict, reasons=(*share.verdict.reasons, *_to_read(row)))
    if len(facts.scope) == 1:  # the only one must hold, whether it counts already or waits for somebody's word
        counting = {facts.scope[0].key}
    proven = {key for key, each in pieces.items() if key in counting and not each.lacking}
    enough = bool(proven) if len(facts.scope) == 1 else covered_share(facts.parties, proven, share.threshold).gap == 0
    names = {party.key: party for party in facts.scope}
    answers: list[tuple[Party | None, Verdict]] = []
    if not enough:
        answers += [(names[key], a) for key, each in pieces.items() if key in counting for a in each.lacking]
    answers += [(names[key], answer) for key, told in beside.items() for answer in told if not answer.settled]
    if not answers:
        return replace(share.verdict, reasons=(*share.verdict.reasons, *_to_read(row)))
    lacking = _verdict(row, State.IN_PROGRESS, answers, facts.scope)
    return Verdict(State.IN_PROGRESS, (*share.verdict.reasons, *lacking.reasons), lacking.next_action)


# ------------------------------------------------------------------------------------------------- reasons of the whole


def _verdict(
    row: Row, state: State, answers: Sequence[tuple[Party | None, Verdict]], asked: Sequence[Party]
) -> Verdict:
    """Gather the reasons of all parties: what lacks first, then what holds; the same sentence is said once."""
    lacking = [(party, answer) for party, answer in answers if not answer.settled]
    holding = [(party, answer) for party, answer in answers if answer.settled]
    reasons = (*_grouped(lacking, asked), *_grouped(holding, asked), *_to_read(row))
    action = ""
    if lacking:
        who, first = lacking[0]
        action = first.next_action
        if who is not None and len(asked) > 1 and who.name not in action:
            same = [party.name for party, answer in lacking if party and answer.next_action == action]
            action = f"{action} ({'toutes les parties' if len(same) == len(asked) else few(same)})"
    return Verdict(state, reasons, action)


def _grouped(answers: Sequence[tuple[Party | None, Verdict]], asked: Sequence[Party]) -> tuple[Reason, ...]:
    """Say each sentence once, with the parties it is about when it is not about all of them."""
    found: dict[tuple[str, str], tuple[Reason, list[Party]]] = {}
    for party, answer in answers:
        for reason in answer.reasons:
            _, about = found.setdefault((reason.code, reason.text), (reason, []))
            if party is not None and party not in about:
                about.append(party)
    told = []
    for reason, about in found.values():
        if not about or len(asked) == 1:
            told.append(reason)
            continue
        if about[0].name in reason.text:
            told.append(replace(reason, subject=reason.subject or about[0].key))
            continue
        if len(about) == len(asked):
            told.append(reason)
            continue
        subject = about[0].key if len(about) == 1 else reason.subject
        who = few([party.name for party in about])
        told.append(Reason(reason.code, f"{who} – {reason.text}", subject))
    return tuple(told)


def _to_read(row: Row) -> tuple[Reason, ...]:
    """What no rule can tell: somebody reads it in the pieces."""
    return tuple(Reason("TO_READ", f"À vérifier à la lecture : {text}", row.code) for text in row.to_read)


def _with_opinion(verdict: Verdict, row: Row, facts: Facts, on: date) -> Verdict:
    """Tell the last avis on the whole row: it stands beside the verdict, and an unfavourable one keeps it from being met."""
    opinion = facts.opinion(row.code, "", on)
    if opinion is None:
        return verdict
    reasons = (opinion.reason, *verdict.reasons)
    if not opinion.favourable and verdict.state in (State.MET, State.TO_CONFIRM):
        return Verdict(State.IN_PROGRESS, reasons, f"Répondre à l’avis défavorable sur {row.code}")
    if opinion.favourable and verdict.state is State.TO_CONFIRM:
        return Verdict(State.MET, reasons)
    return replace(verdict, reasons=reasons)
