"""The days to avoid are data: each has a source, what nobody read is absent, and a mounted file replaces the shipped one."""

from __future__ import annotations

import re
from datetime import date

import pytest

from compliance.programme.calendar import CONFIDENCES, SHIPPED, load, parse
from compliance.programme.strict import ReferentialError
from tenants.regions import AGENCIES
from tenants.settings import Settings
from wsgi import create_app

FILE = SHIPPED / "jours-a-eviter.toml"


def test_every_entry_has_its_source_and_says_what_it_is_worth():
    found = load()
    entries = (*found.holidays, *found.public_holidays, *found.seasons)
    assert len(entries) > 20
    assert all(each.source and each.confidence in CONFIDENCES for each in entries)
    assert {each.confidence for each in found.holidays} == {"à confirmer"}
    assert [each.confidence for each in found.seasons] == ["usage"]


def test_each_region_of_the_mainland_has_one_zone_and_the_others_none():
    zones = load().zones
    assert set(zones) == set(AGENCIES) - {"94", "01", "02", "03", "04", "06"}
    assert (zones["32"], zones["84"], zones["11"]) == ("B", "A", "C")


def test_the_winter_of_2027_starts_with_zone_c():
    winter = {min(each.zones): each.first for each in load().holidays if each.label == "Hiver 2027"}
    assert winter == {"C": date(2027, 2, 6), "A": date(2027, 2, 13), "B": date(2027, 2, 20)}


def test_winter_weeks_are_an_editable_range():
    [season] = load().seasons
    assert (season.first, season.last) == (48, 8)
    assert "semaine 40 à la semaine 15" in season.source


def test_a_mounted_file_of_the_same_name_replaces_the_shipped_one(tmp_path):
    folder = tmp_path / "calendar"
    folder.mkdir()
    text = FILE.read_text(encoding="utf-8").replace("first = 48", "first = 45")
    (folder / FILE.name).write_text(text, encoding="utf-8")
    assert [each.first for each in load(tmp_path).seasons] == [45]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('confidence = "usage"', 'confidence = "sûre"', "« sûre » n’est pas dans la liste"),
        ("first = 48", "first = 54", "une semaine va de 1 à 53"),
        ("last = 2026-11-01", "last = 2026-10-01", "la fin précède le début"),
        ("first = 2026-10-17", 'first = "17/10/2026"', "attendu une date"),
        ('zones = ["A", "B", "C"]\nfirst = 2026-10-17', "zones = []\nfirst = 2026-10-17", "liste vide"),
        ('zones = ["A", "B", "C"]\nfirst = 2026-10-17', 'zones = ["D"]\nfirst = 2026-10-17', "« D » n’est pas"),
        ('label = "Toussaint 2026"', 'label = "Toussaint 2026"\nnote = "x"', "clé inconnue"),
        ('regions = ["11", "76"]', 'regions = ["11", "32"]', "la région « 32 » est déjà dans la zone B"),
    ],
)
def test_the_loader_refuses_what_it_does_not_know_and_says_where(before, after, says):
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(ReferentialError, match=r"^essai\.toml, ") as refused:
        parse("essai.toml", text.replace(before, after, 1))
    assert says in str(refused.value)


def test_an_entry_without_a_source_is_refused():
    with pytest.raises(ReferentialError, match="clé « source » : clé manquante"):
        parse("essai.toml", '[[seasons]]\nlabel = "Hiver"\nfirst = 48\nlast = 8\nconfidence = "usage"')


def test_a_faulty_mounted_file_is_refused_at_the_start_and_not_when_a_page_opens(tmp_path):
    mounted = tmp_path / "referentials" / "calendar" / FILE.name
    mounted.parent.mkdir(parents=True)
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        valkey_url="redis://127.0.0.1:1/0",
        secret_key="a secret for tests only",
        storage_url=tmp_path.as_uri(),
        referentials=tmp_path / "referentials",
    )
    text = FILE.read_text(encoding="utf-8")
    mounted.write_text(text.replace("first = 48", "first = 45"), encoding="utf-8")
    assert [each.first for each in create_app(settings).extensions["vigie.calendar"].seasons] == [45]
    mounted.write_text(text.replace("first = 48", "first = 54"), encoding="utf-8")
    load.cache_clear()  # another process: this one has read the folder already
    with pytest.raises(ReferentialError, match=rf"^calendar/{re.escape(FILE.name)}, .*une semaine va de 1 à 53"):
        create_app(settings)
