"""The canonical JSON: one document, one sequence of bytes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from compliance.reports import canonical
from tests.factories.canonical import sample


def test_the_order_of_keys_does_not_change_the_bytes() -> None:
    doc = sample()
    assert canonical.dumps(dict(reversed(doc.items()))) == canonical.dumps(doc)
    assert canonical.digest(dict(reversed(doc.items()))) == canonical.digest(doc)


def test_one_changed_letter_changes_the_digest() -> None:
    assert canonical.digest(sample(answer="Oui.")) != canonical.digest(sample(answer="oui."))


@pytest.mark.parametrize("value", [0.5, float("nan"), [{"deep": 1.0}]])
def test_a_float_is_refused_wherever_it_hides(value: object) -> None:
    with pytest.raises(TypeError):
        canonical.dumps({"value": value})


def test_decimals_never_show_an_exponent() -> None:
    assert canonical.dumps({"a": Decimal("1E+3"), "b": Decimal("0.5840")}) == b'{"a":"1000","b":"0.5840"}'


def test_dates_moments_and_states_become_text() -> None:
    class Word(StrEnum):
        MET = "met"

    moment = datetime(2026, 11, 22, 8, 40, tzinfo=UTC)
    raw = canonical.dumps({"on": date(2026, 11, 22), "at": moment, "state": Word.MET})
    assert json.loads(raw) == {"on": "2026-11-22", "at": "2026-11-22T08:40:00Z", "state": "met"}


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="time zone"):
        canonical.dumps({"at": datetime(2026, 11, 22)})


def test_accents_are_written_as_they_are() -> None:
    assert "é’« »".encode() in canonical.dumps({"text": "é’« »"})


def test_what_is_read_back_gives_the_same_bytes() -> None:
    doc = sample(hostile=True)
    assert canonical.dumps(canonical.plain(doc)) == canonical.dumps(doc)
