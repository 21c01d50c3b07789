"""What is known of the official counter: data with a source; an unknown bound has no value; a mounted file replaces ours."""

from __future__ import annotations

import pytest

from compliance.programme.counter import SHIPPED, load, parse
from compliance.programme.strict import ReferentialError

TEXT = (SHIPPED / "ecare.toml").read_text(encoding="utf-8")


def test_a_bound_that_nobody_published_has_no_value_and_says_so():
    desk = load()
    assert (desk.accepts.whole_bytes.value, desk.accepts.whole_bytes.confidence) == (None, "non connue")
    assert not desk.accepts.file_bytes.sure
    assert all(state.source and state.confidence for state in desk.states)
    assert desk.state("ars_review").label == "En instruction à l’ARS"
    assert desk.state("invented") is None


def test_a_mounted_file_replaces_ours(tmp_path):
    (tmp_path / "counter").mkdir()
    (tmp_path / "counter" / "ecare.toml").write_text(TEXT.replace("Validée", "Acceptée"), encoding="utf-8")
    assert load(tmp_path).state("validated").label == "Acceptée"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "file_bytes"', 'key = "files"', "n’est pas dans la liste"),
        ('key = "whole_bytes"', 'key = "file_bytes"', "donnée deux fois"),
        ('confidence = "non connue"', 'confidence = "sûre"', "n’est pas dans la liste"),
        ("value = 100", 'value = "cent"', "un nombre entier"),
        ('label = "Payée"', 'name = "Payée"', "clé manquante"),
    ],
)
def test_a_file_that_says_something_else_is_refused_where_it_does(old, new, said):
    with pytest.raises(ReferentialError, match=said):
        parse("counter/ecare.toml", TEXT.replace(old, new, 1))
