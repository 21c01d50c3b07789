"""What a decision is worth on the next version of a dossier."""

from __future__ import annotations

from uuid import UUID

import pytest

from compliance.rules.review import ACCEPTED, RETURNED, UNDECIDED, Decided, Frozen, lineages, state


def frozen(number: int, sha256: str, holder: str = "A", row: str = "D2.P1") -> Frozen:
    return Frozen(UUID(int=number), row, "pssi", sha256, "pssi.pdf", holder)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], UNDECIDED),
        ([Decided(True, True)], ACCEPTED),
        ([Decided(True, False)], ACCEPTED),
        ([Decided(False, True)], RETURNED),
        ([Decided(False, False)], UNDECIDED),
        ([Decided(False, False), Decided(True, True)], ACCEPTED),
        ([Decided(True, False), Decided(False, True)], RETURNED),
    ],
)
def test_an_acceptance_lasts_while_the_piece_is_the_same_and_a_return_until_it_is_filed_again(decisions, expected):
    assert state(decisions) == expected


def test_unchanged_pieces_keep_their_line_and_one_replaced_points_at_what_it_replaces():
    one, two = frozen(1, "aa", "A"), frozen(2, "aa", "B")
    again, other = frozen(3, "aa", "A"), frozen(4, "bb", "B")
    third = [frozen(5, "aa", "A"), frozen(6, "bb", "B"), frozen(7, "cc", "C")]
    found = lineages([[one, two], [again, other], third])
    assert found[again.id].same == (one.id, again.id)
    assert (found[other.id].replaced, found[other.id].same) == (two.id, (other.id,))
    assert found[third[1].id].replaced == two.id
    assert found[third[1].id].all == (two.id, other.id, third[1].id)
    assert found[third[2].id].all == (third[2].id,)


def test_a_piece_of_another_row_replaces_nothing():
    found = lineages([[frozen(1, "aa")], [frozen(2, "bb", row="D2.P2")]])
    assert found[UUID(int=2)].replaced is None


def test_two_copies_of_the_same_bytes_stay_two_pieces():
    found = lineages([[frozen(1, "aa"), frozen(2, "aa")], [frozen(3, "aa"), frozen(4, "aa")]])
    assert [found[UUID(int=number)].same[0].int for number in (3, 4)] == [1, 2]
