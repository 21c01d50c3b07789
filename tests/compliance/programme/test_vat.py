"""Rates of VAT are data: each has a source, what nobody read is absent, and a mounted file replaces the shipped one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.programme.strict import ReferentialError
from compliance.programme.vat import CONFIDENCES, SHIPPED, load, parse
from importers.workbooks.funding import RATES

FILE = SHIPPED / "taux-tva.toml"
DAY = date(2026, 3, 31)


def test_every_entry_has_its_source_and_says_what_it_is_worth():
    found = load()
    assert all(each.source and each.confidence in CONFIDENCES for each in (*found.territories, *found.rates))


@pytest.mark.parametrize(
    ("finess", "rate", "says"),
    [
        ("760780239", "20", ""),
        ("060780947", "5.5", ""),
        ("2A0000014", "13", ""),
        ("760780239", "13", "Le taux de 13 % n’existe pas en France métropolitaine"),
        ("970100228", "8.5", ""),
        ("970408589", "20", "Le taux de 20 % n’existe pas à La Réunion : ceux qui sont connus y sont 8,5 %"),
        ("970300026", "8.5", "Le taux de 8,5 % n’existe pas en Guyane : la TVA ne s’y applique pas"),
        ("970300026", "0", ""),
        ("987000001", "20", ""),
    ],
)
def test_a_rate_is_told_where_it_does_not_exist_and_nothing_is_said_where_nobody_knows(finess, rate, says):
    told = load().elsewhere(finess, Decimal(rate), DAY)
    assert told.startswith(says) if says else told == ""


def test_a_day_whose_rates_nobody_read_is_silent():
    text = FILE.read_text(encoding="utf-8").replace('key = "corse"', 'key = "ici"').replace('"corse"', '"ici"')
    dated = parse("vat/x.toml", text.replace("percent = [13, 0.9]\n", "percent = [13, 0.9]\nuntil = 2020-12-31\n"))
    assert dated.elsewhere("2A0000014", Decimal(13), date(2020, 12, 31)) == ""
    assert dated.elsewhere("2A0000014", Decimal(13), date(2021, 1, 1)).startswith("Le taux de 13 % n’existe pas")
    alone = parse(
        "vat/x.toml", text.replace("percent = [8.5, 2.1, 1.75, 1.05]\n", "percent = [8.5]\nsince = 2026-04-01\n")
    )
    assert alone.elsewhere("970408589", Decimal(20), DAY) == ""
    assert alone.elsewhere("970408589", Decimal(20), date(2026, 4, 1)).startswith("Le taux de 20 % n’existe pas")


@pytest.mark.shared
def test_every_public_establishment_of_the_extract_has_a_territory(shared_data):
    lines = (shared_data / "finess_ej_publics_2021.csv").read_text(encoding="utf-8").splitlines()[1:]
    where = {line.split(";")[7]: load().territory_of(line.split(";")[0]) for line in lines}
    assert len(lines) > 700
    assert [department for department, territory in where.items() if territory is None] == []
    assert {code: where[code].key for code in ("75", "2A", "971", "972", "973", "974")} == {
        "75": "metropole", "2A": "corse", "971": "guadeloupe", "972": "martinique", "973": "guyane", "974": "reunion",
    }  # fmt: skip


def test_the_workbook_accepts_every_rate_that_is_known():
    assert {f"{each.percent:f}" for each in load().rates} | {"0"} == {choice.value for choice in RATES}


def test_a_mounted_file_of_the_same_name_replaces_the_shipped_one(tmp_path):
    folder = tmp_path / "vat"
    folder.mkdir()
    (folder / FILE.name).write_text(FILE.read_text(encoding="utf-8").replace("[13, 0.9]", "[14]"), encoding="utf-8")
    assert load(tmp_path).elsewhere("2A0000014", Decimal(14), DAY) == ""


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('confidence = "relayée"', 'confidence = "sûre"', "« sûre » n’est pas dans la liste"),
        ("percent = [20, 10]", "percent = []", "une liste de nombres entre 0 et 100"),
        ("percent = [20, 10]", "percent = [120]", "une liste de nombres entre 0 et 100"),
        ("percent = [20, 10]", 'percent = ["20"]', "attendu une liste de nombres"),
        ('territories = ["corse"]', 'territories = ["sardaigne"]', "« sardaigne » n’est pas dans la liste"),
        ('prefixes = ["9703"]', 'prefixes = ["9702"]', "déjà celui d’un autre territoire"),
        ("since = 2014-01-01", "since = 2014-01-01\nuntil = 2013-01-01", "la fin précède le début"),
        ("since = 2014-01-01", "depuis = 2014-01-01", "clé inconnue"),
    ],
)
def test_a_file_that_it_does_not_know_is_refused_with_the_entry_and_the_key(before, after, says):
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(ReferentialError, match=r"vat/x\.toml") as refused:
        parse("vat/x.toml", text.replace(before, after, 1))
    assert says in str(refused.value)
