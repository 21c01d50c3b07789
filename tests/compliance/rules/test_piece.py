"""Which version of a document counts, and which rows it serves."""

from __future__ import annotations

from compliance.rules.piece import PieceStatus, chains, counted, in_force

CHECK, ASIDE, QUARANTINED = PieceStatus.TO_CHECK, PieceStatus.SET_ASIDE, PieceStatus.QUARANTINED


def test_versions_of_one_document_stand_together_oldest_first():
    assert chains([("a", None), ("x", None), ("b", "a"), ("c", "b")]) == [["a", "b", "c"], ["x"]]


def test_a_version_whose_first_one_is_not_known_begins_its_own_document():
    assert chains([("b", "a"), ("c", "b")]) == [["b", "c"]]


def test_the_last_version_that_nobody_put_away_counts():
    assert counted(["a", "b"], {"a": CHECK, "b": CHECK}) == "b"
    assert counted(["a", "b"], {"a": CHECK, "b": QUARANTINED}) == "a"
    assert counted(["a", "b"], {"a": ASIDE, "b": QUARANTINED}) is None


def test_the_last_word_on_each_use_wins():
    own, more = ("D2.P1", "pssi"), ("D2.P2", "other")
    assert in_force(own, []) == (own,)
    assert in_force(own, [(*more, False), (*own, True)]) == (more,)
    assert in_force(own, [(*more, False), (*more, True), (*own, False)]) == (own,)
