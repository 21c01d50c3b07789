"""What changes between two versions, told in sentences before it takes effect."""

from __future__ import annotations

from dataclasses import fields

import pytest

from compliance.programme.difference import APART, LABELS, differences
from compliance.programme.referential import (
    SHIPPED,
    Limit,
    Piece,
    ProgrammeDate,
    Referential,
    Row,
    load,
    parse,
    read_text,
)

TEXT = read_text(SHIPPED / "care_d2" / "2025-06-26.toml")
BEFORE = load("D2")


def changed(*changes: tuple[str, str]) -> Referential:
    """The shipped referential of D2, some of its text replaced, under another version."""
    text = TEXT.replace('version = "2025-06-26"', 'version = "2025-06-26-essai"', 1)
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return parse("essai", text)


def told(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    return [(change.about, change.text) for change in differences(BEFORE, changed(*changes))]


def test_a_version_that_changes_its_name_alone_changes_nothing() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "about", "sentence"),
    [
        (
            'title = "Organisation pour le PCRA"',
            'title = "Organisation du PCRA"',
            "D2.P2",
            "D2.P2, titre : « Organisation pour le PCRA » devient « Organisation du PCRA »",
        ),
        ("threshold = 66", "threshold = 66.5", "D2.O1.C", "D2.O1.C, seuil : 66 % devient 66,5 %"),
        (
            'window_to = "application_filed"',
            'window_to = "declarations_close"',
            "D2.P1",
            "D2.P1, fenêtre, jusqu’à : « Dépôt de la candidature » devient « Clôture des déclarations d’atteinte des objectifs »",
        ),
        (
            'note = "Nommer un RPCRA est recommandé, non exigé."\n',
            "",
            "D2.P2",
            "D2.P2, note : « Nommer un RPCRA est recommandé, non exigé. » devient rien",
        ),
        (
            'label = "PSSI signée"\n',
            'label = "PSSI signée"\nrequired = false\n',
            "D2.P1",
            "D2.P1, pièce « PSSI signée », exigée : oui devient non",
        ),
        (
            'source = "Annexe 1, ligne D2.P1"\nconfidence = "relayée"',
            'source = "Annexe 1, ligne D2.P1"\nconfidence = "publiée"',
            "D2.P1",
            "D2.P1, confiance : « relayée » devient « publiée »",
        ),
        (
            'title = "CaRE domaine 2 :',
            'title = "Domaine 2 :',
            "",
            "Référentiel, titre : « CaRE domaine 2 : continuité, reprise, sauvegardes » devient « Domaine 2 : continuité, reprise, sauvegardes »",
        ),
    ],
)
def test_a_change_says_the_row_what_it_was_and_what_it_becomes(old: str, new: str, about: str, sentence: str) -> None:
    assert told((old, new)) == [(about, sentence)]


def test_a_kind_is_told_in_words() -> None:
    assert (
        "D2.P2",
        "D2.P2, genre de règle : « pièces dans leur fenêtre de dates » devient « trajectoire datée »",
    ) in told(
        (
            'title = "Organisation pour le PCRA"\nkind = "document"',
            'title = "Organisation pour le PCRA"\nkind = "trajectory"',
        )
    )


def test_a_number_of_a_rule_says_its_value() -> None:
    limit = 'key = "ads_score_min"'
    place = TEXT.index(limit)
    value = TEXT[place : TEXT.index("\n\n", place)]
    sentences = told((value, value.replace("value = 3", "value = 4")))
    assert [about for about, _ in sentences] == ["D2.O3.A"]
    assert sentences[0][1].endswith("valeur : 3 devient 4")


def test_pieces_that_come_and_go_are_both_told() -> None:
    assert told(('key = "organisation_note"\nlabel = "Note d’organisation"', 'key = "note"\nlabel = "Note"')) == [
        ("D2.P2", "D2.P2, pièce ajoutée : Note"),
        ("D2.P2", "D2.P2, pièce retirée : Note d’organisation"),
    ]


def test_a_date_that_moves_is_told_with_the_estimates_that_follow_it() -> None:
    assert told(
        ('on = 2026-11-30\nconfidence = "à confirmer"', 'on = 2026-12-15\nconfidence = "publiée"'),
    ) == [
        (
            "declarations_close",
            "Clôture des déclarations d’atteinte des objectifs : 30/11/2026 (à confirmer) devient 15/12/2026 (publiée)",
        ),
        ("ars_review", "Fin de l’instruction par l’ARS : 28/02/2027 (estimée) devient 15/03/2027 (estimée)"),
        ("ans_review", "Fin du contrôle par l’ANS : 31/05/2027 (estimée) devient 15/06/2027 (estimée)"),
    ]


def test_dates_and_rows_that_come_and_go_are_told() -> None:
    payment = '[[dates]]\nkey = "payment_close"\nlabel = "Clôture des demandes de paiement"\nconfidence = "non connue"\neditable = true\n'
    extra = payment.replace("payment_close", "training_close").replace("demandes de paiement", "formations")
    assert told((payment, extra)) == [
        ("training_close", "Date ajoutée : Clôture des formations, sans jour (non connue)"),
        ("payment_close", "Date retirée : Clôture des demandes de paiement, sans jour (non connue)"),
    ]
    assert told(('code = "D2.O4"', 'code = "D2.O5"')) == [
        ("D2.O5", "Ligne ajoutée : D2.O5, Test de restauration"),
        ("D2.O4", "Ligne retirée : D2.O4, Test de restauration"),
    ]


@pytest.mark.parametrize("entry", [Row, Piece, Limit, ProgrammeDate])
def test_every_key_of_the_format_has_its_words(entry: type) -> None:
    assert {field.name for field in fields(entry)} - APART <= set(LABELS)


def test_two_domains_are_not_compared() -> None:
    with pytest.raises(ValueError, match="deux domaines, D2 et OBL"):
        differences(BEFORE, load("OBL"))


def test_sentences_use_real_apostrophes_and_ordinary_spaces() -> None:
    sentences = [text for _, text in told(("threshold = 66", "threshold = 70"), ("2026-11-30", "2026-11-27"))]
    assert len(sentences) == 2
    assert not [text for text in sentences if "'" in text or "\u00a0" in text]
