"""Which stage a candidate is in, day after day, and the sentence its home page begins with."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.programme.referential import load
from compliance.rules.stage import Calendar, Day, Stage, Standing, standing
from tests.compliance.rules.facts import CALM, codes, texts

UNKNOWN = Day(None, "non connue")
D2 = Calendar(
    phase_start=Day(date(2025, 7, 16), "publiée"),
    declarations_open=Day(date(2026, 1, 16), "publiée"),
    target=Day(date(2026, 11, 30), "jour non publié"),
    declarations_close=Day(date(2026, 11, 30), "à confirmer"),
    ars_review=Day(date(2027, 2, 28), "estimée"),
    ans_review=Day(date(2027, 5, 31), "estimée"),
    payment_close=UNKNOWN,
)
PAID = replace(D2, payment_close=Day(date(2027, 11, 30), "saisie"))
FILED = date(2026, 11, 20)
NOVEMBER_22, NOVEMBER_30, DECEMBER_1, MARCH_1 = (
    date(2026, 11, 22),
    date(2026, 11, 30),
    date(2026, 12, 1),
    date(2027, 3, 1),
)


def text(answer: Standing, code: str) -> str:
    return next(reason.text for reason in answer.reasons if reason.code == code)


def test_the_calendar_is_made_of_the_dates_of_the_referential() -> None:
    referential = load("D2")
    dates = {field.name: referential.date_of(field.name) for field in fields(Calendar)}
    assert Calendar(**{key: Day(entry.on, entry.confidence) for key, entry in dates.items()}) == D2


@pytest.mark.parametrize(
    ("on", "filed_on", "returned", "stage", "first"),
    [
        (date(2026, 1, 15), None, 0, Stage.OPERATIONAL,
         "Phase opérationnelle : ouverture des déclarations dans 1 jour, vendredi 16 janvier 2026"),
        (date(2026, 1, 16), None, 0, Stage.DECLARATION,
         "Déclaration ouverte : clôture dans 318 jours, lundi 30 novembre 2026 (à confirmer)"),
        (NOVEMBER_22, None, 0, Stage.DECLARATION,
         "Déclaration ouverte : clôture dans 8 jours, lundi 30 novembre 2026 (à confirmer)"),
        (NOVEMBER_22, FILED, 0, Stage.ARS_REVIEW,
         "Instruction par l’ARS : fin dans 98 jours, dimanche 28 février 2027 (estimée)"),
        (NOVEMBER_22, FILED, 2, Stage.ARS_REVIEW,
         "2 pièces retournées à redéposer : instruction par l’ARS, fin dans 98 jours, dimanche 28 février 2027 (estimée)"),
        (NOVEMBER_30, None, 0, Stage.DECLARATION,
         "Déclaration ouverte : clôture aujourd’hui, lundi 30 novembre 2026 (à confirmer)"),
        (NOVEMBER_30, NOVEMBER_30, 0, Stage.ARS_REVIEW,
         "Instruction par l’ARS : fin dans 90 jours, dimanche 28 février 2027 (estimée)"),
        (DECEMBER_1, None, 0, Stage.DECLARATION,
         "La clôture des déclarations est dépassée de 1 jour (date à confirmer) : déclarez sans attendre"),
        (DECEMBER_1, FILED, 0, Stage.ARS_REVIEW,
         "Instruction par l’ARS : fin dans 89 jours, dimanche 28 février 2027 (estimée)"),
        (DECEMBER_1, FILED, 1, Stage.ARS_REVIEW,
         "1 pièce retournée à redéposer : instruction par l’ARS, fin dans 89 jours, dimanche 28 février 2027 (estimée)"),
        (date(2027, 2, 28), FILED, 0, Stage.ARS_REVIEW,
         "Instruction par l’ARS : fin aujourd’hui, dimanche 28 février 2027 (estimée)"),
        (MARCH_1, None, 0, Stage.DECLARATION,
         "La clôture des déclarations est dépassée de 91 jours (date à confirmer) : déclarez sans attendre"),
        (MARCH_1, FILED, 0, Stage.ANS_REVIEW,
         "Contrôle par l’ANS : fin dans 91 jours, lundi 31 mai 2027 (estimée)"),
        (MARCH_1, FILED, 3, Stage.ANS_REVIEW,
         "3 pièces retournées à redéposer : contrôle par l’ANS, fin dans 91 jours, lundi 31 mai 2027 (estimée)"),
        (date(2027, 6, 1), FILED, 0, Stage.PAYMENT,
         "Paiement : clôture des demandes à une date non connue"),
        (date(2030, 1, 1), FILED, 0, Stage.PAYMENT,
         "Paiement : clôture des demandes à une date non connue"),
    ],
)  # fmt: skip
def test_the_first_sentence_of_each_day(
    on: date, filed_on: date | None, returned: int, stage: Stage, first: str
) -> None:
    answer = standing(D2, filed_on, on, returned)
    assert (answer.stage, answer.first) == (stage, first)


@pytest.mark.parametrize(
    ("on", "stage", "since", "until", "confidence", "days_left"),
    [
        (date(2026, 11, 20), Stage.ARS_REVIEW, FILED, date(2027, 2, 28), "estimée", 100),
        (MARCH_1, Stage.ANS_REVIEW, MARCH_1, date(2027, 5, 31), "estimée", 91),
        (date(2027, 5, 31), Stage.ANS_REVIEW, MARCH_1, date(2027, 5, 31), "estimée", 0),
        (date(2027, 6, 1), Stage.PAYMENT, date(2027, 6, 1), date(2027, 11, 30), "saisie", 182),
        (date(2027, 12, 1), Stage.NEXT_DOMAIN, date(2027, 12, 1), None, "", None),
    ],
)
def test_a_filed_declaration_follows_the_reviews_to_the_payment_and_the_next_domain(
    on: date, stage: Stage, since: date, until: date | None, confidence: str, days_left: int | None
) -> None:
    answer = standing(PAID, FILED, on)
    assert (answer.stage, answer.since, answer.until) == (stage, since, until)
    assert (answer.until_confidence, answer.days_left, answer.late) == (confidence, days_left, False)


def test_the_operational_phase_waits_for_the_opening_of_the_declarations() -> None:
    answer = standing(D2, None, date(2026, 1, 6))
    assert (answer.since, answer.until, answer.until_confidence, answer.days_left) == (
        date(2025, 7, 16),
        date(2026, 1, 16),
        "publiée",
        10,
    )
    assert texts(answer.reasons) == ["Date cible : dans 328 jours, lundi 30 novembre 2026 (jour non publié)"]


def test_the_operational_phase_goes_on_while_the_declarations_are_open() -> None:
    answer = standing(D2, None, NOVEMBER_22)
    assert (answer.late, answer.since, answer.days_left) == (False, date(2026, 1, 16), 8)
    assert texts(answer.reasons) == [
        "La phase opérationnelle continue jusqu’au dépôt de la déclaration sur eCaRE",
        "Date cible : dans 8 jours, lundi 30 novembre 2026 (jour non publié)",
    ]


def test_the_day_after_the_close_says_what_to_do_and_that_the_date_is_to_be_confirmed() -> None:
    answer = standing(D2, None, DECEMBER_1)
    assert (answer.late, answer.until, answer.days_left) == (True, NOVEMBER_30, -1)
    assert texts(answer.reasons) == [
        "Clôture dépassée de 1 jour : lundi 30 novembre 2026 (à confirmer)",
        "Déclarer sans attendre sur eCaRE, ou écrire à son ARS",
        "Date de clôture à confirmer auprès de son ARS",
        "La phase opérationnelle continue jusqu’au dépôt de la déclaration sur eCaRE",
        "Date cible : lundi 30 novembre 2026, dépassée de 1 jour (jour non publié)",
    ]


def test_a_published_close_is_said_without_a_doubt() -> None:
    published = replace(D2, declarations_close=Day(NOVEMBER_30, "publiée"))
    assert standing(published, None, NOVEMBER_22).first == (
        "Déclaration ouverte : clôture dans 8 jours, lundi 30 novembre 2026"
    )
    late = standing(published, None, date(2026, 12, 4))
    assert late.first == "La clôture des déclarations est dépassée de 4 jours : déclarez sans attendre"
    assert "CLOSE_TO_CONFIRM" not in codes(late.reasons)


def test_a_candidate_that_never_declares_stays_late_even_when_the_reviews_are_over() -> None:
    answer = standing(PAID, None, date(2028, 1, 1))
    assert (answer.stage, answer.late) == (Stage.DECLARATION, True)


def test_a_late_filing_is_a_filing() -> None:
    answer = standing(D2, date(2026, 12, 10), date(2026, 12, 10))
    assert (answer.stage, answer.late) == (Stage.ARS_REVIEW, False)


def test_a_filing_dated_after_the_day_is_not_filed_on_that_day() -> None:
    answer = standing(D2, date(2026, 11, 25), NOVEMBER_22)
    assert (answer.stage, answer.first) == (
        Stage.DECLARATION,
        "Déclaration ouverte : clôture dans 8 jours, lundi 30 novembre 2026 (à confirmer)",
    )
    assert text(answer, "FILING_AHEAD") == "Déclaration datée du 25/11/2026 : pas encore déposée à ce jour"


def test_a_filing_wins_over_a_calendar_that_says_the_declarations_are_not_open() -> None:
    assert standing(D2, date(2026, 1, 10), date(2026, 1, 12)).stage is Stage.ARS_REVIEW


def test_a_stage_deduced_from_an_estimate_says_so() -> None:
    answer = standing(D2, FILED, MARCH_1)
    assert texts(answer.reasons) == [
        "Déclaration déposée le 20/11/2026",
        "Fin de l’instruction par l’ARS au calendrier : 28/02/2027 (estimée)",
    ]


def test_the_next_domain_begins_once_the_payments_are_closed() -> None:
    answer = standing(PAID, FILED, date(2027, 12, 5))
    assert answer.first == "Domaine suivant : demandes de paiement closes depuis le 01/12/2027 (saisie)"


def test_pieces_returned_before_the_filing_on_ecare_is_recorded_are_not_forgotten() -> None:
    answer = standing(D2, None, DECEMBER_1, returned=1)
    assert answer.first.startswith("La clôture des déclarations est dépassée")
    assert texts(answer.reasons)[0] == "1 pièce retournée à redéposer"


def test_a_negative_number_of_returned_pieces_is_refused() -> None:
    with pytest.raises(ValueError, match="négatif"):
        standing(D2, FILED, DECEMBER_1, returned=-1)


@pytest.mark.parametrize(
    ("unknown", "filed_on", "on", "stage", "first", "missing"),
    [
        ("declarations_open", None, NOVEMBER_22, Stage.OPERATIONAL,
         "Phase opérationnelle : ouverture des déclarations à une date non connue",
         "Ouverture des déclarations : date non connue"),
        ("declarations_close", None, MARCH_1, Stage.DECLARATION,
         "Déclaration ouverte : clôture à une date non connue",
         "Clôture des déclarations : date non connue"),
        ("ars_review", FILED, MARCH_1, Stage.ARS_REVIEW,
         "Instruction par l’ARS : fin à une date non connue",
         "Fin de l’instruction par l’ARS : date non connue"),
        ("ans_review", FILED, date(2027, 8, 1), Stage.ANS_REVIEW,
         "Contrôle par l’ANS : fin à une date non connue",
         "Fin du contrôle par l’ANS : date non connue"),
        ("payment_close", FILED, date(2027, 8, 1), Stage.PAYMENT,
         "Paiement : clôture des demandes à une date non connue",
         "Clôture des demandes de paiement : date non connue"),
    ],
)  # fmt: skip
def test_an_unknown_date_is_never_guessed(
    unknown: str, filed_on: date | None, on: date, stage: Stage, first: str, missing: str
) -> None:
    answer = standing(replace(PAID, **{unknown: UNKNOWN}), filed_on, on)
    assert (answer.stage, answer.first, text(answer, "DATE_UNKNOWN")) == (stage, first, missing)
    assert (answer.until, answer.until_confidence, answer.days_left, answer.late) == (None, "non connue", None, False)


def test_a_calendar_of_which_nothing_is_known_still_answers() -> None:
    nothing = Calendar(**dict.fromkeys((field.name for field in fields(Calendar)), UNKNOWN))
    waiting = standing(nothing, None, DECEMBER_1)
    assert (waiting.stage, waiting.since) == (Stage.OPERATIONAL, None)
    assert texts(waiting.reasons) == [
        "Début de la phase opérationnelle : date non connue",
        "Date cible : date non connue",
        "Ouverture des déclarations : date non connue",
    ]
    assert standing(nothing, FILED, DECEMBER_1).stage is Stage.ARS_REVIEW


def test_a_close_that_is_past_is_sure_even_when_the_opening_is_not_known() -> None:
    answer = standing(replace(D2, declarations_open=UNKNOWN), None, DECEMBER_1)
    assert (answer.stage, answer.late, answer.since) == (Stage.DECLARATION, True, None)


def test_a_later_end_that_is_past_is_sure_even_when_an_earlier_one_is_not_known() -> None:
    calendar = replace(D2, ars_review=UNKNOWN)
    assert standing(calendar, FILED, date(2027, 5, 31)).stage is Stage.ARS_REVIEW
    assert standing(calendar, FILED, date(2027, 6, 1)).stage is Stage.PAYMENT


def test_a_declaration_filed_after_the_end_of_the_ars_review_is_not_past_that_review() -> None:
    answer = standing(D2, MARCH_1, MARCH_1)
    assert (answer.stage, answer.until) == (Stage.ARS_REVIEW, None)
    assert text(answer, "DATE_TOO_EARLY") == (
        "Fin de l’instruction par l’ARS : le 28/02/2027 (estimée) précède le début de ce stade, date à revoir"
    )


def test_a_declaration_filed_on_the_last_day_of_the_ars_review_is_in_it_that_day() -> None:
    answer = standing(D2, date(2027, 2, 28), date(2027, 2, 28))
    assert (answer.stage, answer.until, answer.days_left) == (Stage.ARS_REVIEW, date(2027, 2, 28), 0)


def test_declarations_open_for_one_day_close_that_day() -> None:
    calendar = replace(D2, declarations_open=Day(NOVEMBER_30, "publiée"))
    assert standing(calendar, None, NOVEMBER_30).days_left == 0
    assert standing(calendar, None, DECEMBER_1).late


def test_an_estimate_overtaken_by_a_date_that_was_entered_is_to_be_seen_again() -> None:
    calendar = replace(D2, ars_review=Day(date(2027, 6, 30), "saisie"))
    assert standing(calendar, FILED, date(2027, 6, 15)).stage is Stage.ARS_REVIEW
    answer = standing(calendar, FILED, date(2027, 7, 1))
    assert (answer.stage, answer.until) == (Stage.ANS_REVIEW, None)
    assert text(answer, "DATE_TOO_EARLY").startswith("Fin du contrôle par l’ANS : le 31/05/2027 (estimée) précède")


def test_a_close_before_the_opening_makes_nobody_late() -> None:
    calendar = replace(D2, declarations_close=Day(date(2026, 1, 10), "saisie"))
    answer = standing(calendar, None, NOVEMBER_22)
    assert (answer.stage, answer.late, answer.until) == (Stage.DECLARATION, False, None)
    assert "DATE_TOO_EARLY" in codes(answer.reasons)


def test_a_day_before_the_operational_phase_is_said() -> None:
    answer = standing(D2, None, date(2025, 7, 14))
    assert answer.stage is Stage.OPERATIONAL
    assert text(answer, "PHASE_AHEAD") == (
        "La phase opérationnelle n’a pas commencé : début dans 2 jours, mercredi 16 juillet 2025"
    )


def test_every_stage_has_a_french_label_of_its_own() -> None:
    assert [stage.label for stage in Stage] == [
        "Phase opérationnelle",
        "Déclaration",
        "Instruction par l’ARS",
        "Contrôle par l’ANS",
        "Paiement",
        "Domaine suivant",
    ]


DAYS = st.dates(date(2025, 1, 1), date(2029, 1, 1))
CALENDARS = st.builds(
    Calendar,
    **{
        field.name: st.builds(Day, st.none() | DAYS, st.sampled_from(["publiée", "estimée"]))
        for field in fields(Calendar)
    },
)


@CALM
@given(CALENDARS, st.none() | DAYS, DAYS, st.integers(0, 400))
def test_a_stage_never_goes_back_as_days_go_by_without_a_change(
    calendar: Calendar, filed_on: date | None, on: date, days: int
) -> None:
    order = list(Stage)
    now, later = (standing(calendar, filed_on, day) for day in (on, on + timedelta(days=days)))
    assert order.index(now.stage) <= order.index(later.stage)


@CALM
@given(CALENDARS, st.none() | DAYS, DAYS, st.integers(0, 3))
def test_a_standing_is_never_without_a_reason_nor_a_first_sentence(
    calendar: Calendar, filed_on: date | None, on: date, returned: int
) -> None:
    answer = standing(calendar, filed_on, on, returned)
    assert answer.reasons
    assert not answer.first.endswith(".")
    assert (answer.until is None) == (answer.days_left is None)
    assert answer.late == (answer.days_left is not None and answer.days_left < 0)
    if returned:
        assert answer.reasons[0].code == "PIECES_RETURNED"
