"""The referential in force: what the operator published, else the file, with the national dates entered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from compliance.jobs import referential as of_pages
from compliance.models.referential import NationalDate
from compliance.programme.referential import SHIPPED, load, load_all, read_text
from compliance.services import dossier, referential
from compliance.services import filing as filings
from tenants.db import db, owner_engine
from tenants.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

FILES = load_all()
TEXT = read_text(SHIPPED / "care_d2" / "2025-06-26.toml")
TODAY = date.today()  # the database keeps the real clock
SOON = TODAY + timedelta(days=10)
SIGNATORY = "signataire@estuaire.example"


def corrected(name: str = "corrige1", old: str = "threshold = 66", new: str = "threshold = 70") -> str:
    """The text of the shipped version, one thing changed, under a version of its own."""
    return TEXT.replace('version = "2025-06-26"', f'version = "2025-06-26-{name}"', 1).replace(old, new, 1)


@pytest.fixture
def owner(settings, world) -> Iterator[Connection]:
    """The connection of a command of the operator; each statement is kept at once."""
    engine = owner_engine(settings.owner_database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def publish(settings, world):
    """Return a function that publishes in a transaction of its own, like the command: `publish(text, day)`."""
    engine = owner_engine(settings.owner_database_url)

    def give(content: str, takes_effect_on: date = TODAY, by: str = "Ada") -> None:
        with engine.begin() as connection:
            referential.publish(connection, FILES, content, takes_effect_on, by)

    yield give
    engine.dispose()


@pytest.fixture
def threshold(app, world):
    """Return a function that says the threshold that pages use on a day, and the version it comes from."""

    def read(on: date | None = None) -> tuple[int, str]:
        with acting(app, world, at.CAPES_DSI, at.CAPES):
            found = of_pages(on)
            return int(found.row("D2.O1.C").threshold or 0), found.version

    return read


def test_without_a_publication_the_newest_file_is_the_rule(threshold):
    assert threshold() == (66, "2025-06-26")


def test_a_published_version_is_the_rule_from_its_day_on_and_not_before(publish, threshold):
    publish(corrected(), SOON)
    assert threshold() == (66, "2025-06-26")
    assert threshold(SOON - timedelta(days=1)) == (66, "2025-06-26")
    assert threshold(SOON) == (70, "2025-06-26-corrige1")


def test_of_two_versions_of_one_day_the_last_published_is_the_rule(publish, threshold):
    publish(corrected())
    publish(corrected("corrige2", new="threshold = 75"))
    assert threshold() == (75, "2025-06-26-corrige2")


def test_every_other_domain_answers_too_and_an_unknown_one_is_not_found(app, world):
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        assert [of_pages(domain=domain).domain for domain in ("D1", "HC", "OBL")] == ["D1", "HC", "OBL"]
        with pytest.raises(NotFound, match="« D9 »"):
            of_pages(domain="D9")


@pytest.mark.parametrize(
    ("content", "day", "kind", "sentence"),
    [
        ("pas du TOML", TODAY, Invalid, "ce n’est pas du TOML valable"),
        (corrected(old='kind = "coverage"', new='kind = "film"'), TODAY, Invalid, "« film » n’est pas dans la liste"),
        (corrected(old='key = "target"', new='key = "cible"'), TODAY, Invalid, "il manque « target »"),
        (TEXT.replace("threshold = 66", "threshold = 70", 1), TODAY, Conflict, "existe déjà avec un autre contenu"),
        (TEXT.replace('"2025-06-26"', '"2024-01-01"', 1), TODAY, Refused, "est plus ancienne que 2025-06-26"),
        (corrected(), TODAY - timedelta(days=1), Refused, "est passé"),
        ("a" * 1_000_001, TODAY, Invalid, "trop long"),
    ],
)
def test_a_publication_that_cannot_be_is_refused_and_nothing_is_kept(app, publish, content, day, kind, sentence):
    with pytest.raises(kind, match=sentence):
        publish(content, day)
    assert counts(app, "referential_version") == {"referential_version": 0}


def test_a_publication_says_who_publishes(app, publish):
    with pytest.raises(Invalid, match="qui publie"):
        publish(corrected(), by="  ")
    publish(corrected(), by="Ada Martin")
    [row] = seen(
        app, "SELECT domain, version, takes_effect_on, published_by, length(sha256) AS sha FROM referential_version"
    )
    assert row == {
        "domain": "D2",
        "version": "2025-06-26-corrige1",
        "takes_effect_on": TODAY,
        "published_by": "Ada Martin",
        "sha": 64,
    }


def test_a_version_is_published_once_whatever_its_content(publish):
    publish(corrected(), SOON)
    with pytest.raises(Conflict, match="déjà publiée"):
        publish(corrected(), SOON)
    with pytest.raises(Conflict, match="existe déjà avec un autre contenu"):
        publish(corrected(new="threshold = 80"), SOON)


def test_the_tenth_correction_comes_after_the_ninth(publish, threshold):
    publish(corrected("corrige9"))
    publish(corrected("corrige10", new="threshold = 80"))
    assert threshold() == (80, "2025-06-26-corrige10")
    with pytest.raises(Refused, match="est plus ancienne que 2025-06-26-corrige10"):
        publish(corrected("corrige2"))


def test_a_newer_version_does_not_take_effect_before_an_older_one(publish):
    publish(corrected(), SOON)
    with pytest.raises(Refused, match="ne peut pas prendre effet avant"):
        publish(corrected("corrige2"), SOON - timedelta(days=1))


def test_a_file_that_ships_can_be_published_to_take_effect_again(publish, threshold):
    publish(TEXT, SOON)
    assert threshold(SOON) == (66, "2025-06-26")


def test_a_published_text_that_this_program_cannot_read_is_said_and_not_replaced_by_a_file(app, publish, threshold):
    publish(corrected())
    seen(app, "UPDATE referential_version SET content = 'x = 1', sha256 = repeat('a', 64)")
    with pytest.raises(Unavailable, match="plus lisible par cette version de Vigie"):
        threshold()


def test_nobody_but_the_owner_publishes_or_enters_a_date(app, world):
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(NationalDate.__table__.insert().values(domain="D2", key="target", confidence="saisie"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            referential.publish(db.session.connection(), FILES, corrected(), TODAY, "un intrus")


# --- national dates -------------------------------------------------------------------------------------------------


def enter(owner: Connection, key: str, on: date | None, confidence: str = "publiée", source: str = "JO") -> None:
    referential.record_date(owner, FILES, "D2", key, on, confidence, source, "Ada")


def test_a_national_date_is_everybody_s_with_its_confidence_and_source(app, world, owner):
    enter(owner, "declarations_close", date(2026, 12, 15))
    with acting(app, world, at.OUTSIDE_ADMIN, at.OUTSIDE_SCOPE):
        close = of_pages().date_of("declarations_close")
        assert (close.on, close.confidence, close.source) == (date(2026, 12, 15), "publiée", "JO")
        assert of_pages().date_of("ars_review").on == date(2027, 3, 15)


def test_the_latest_entry_wins_and_the_earlier_one_stays(app, world, owner):
    enter(owner, "target", date(2026, 11, 27), "relayée", "un courriel")
    enter(owner, "target", date(2026, 11, 28))
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        assert of_pages().date_of("target").on == date(2026, 11, 28)
    assert counts(app, "programme_date") == {"programme_date": 2}


def test_what_was_entered_later_does_not_change_what_was_known_on_a_day(app, world, owner):
    enter(owner, "target", date(2026, 11, 27))
    seen(app, "UPDATE programme_date SET recorded_at = recorded_at - interval '10 days'")
    enter(owner, "target", date(2026, 11, 28))
    days = {}
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        for ago in (20, 5, 0):
            days[ago] = of_pages(TODAY - timedelta(days=ago)).date_of("target").on
        since = of_pages(TODAY - timedelta(days=20), known=TODAY).date_of("target").on
    assert days == {20: date(2026, 11, 30), 5: date(2026, 11, 27), 0: date(2026, 11, 28)}
    assert since == date(2026, 11, 28)


def test_a_date_can_become_unknown_again(app, world, owner):
    enter(owner, "declarations_close", None, "non connue", "report annoncé")
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        assert of_pages().date_of("declarations_close").on is None


@pytest.mark.parametrize(
    ("key", "on", "confidence", "source", "kind", "sentence"),
    [
        ("nothing", TODAY, "publiée", "JO", Invalid, "Dates qui se saisissent : target, declarations_close"),
        ("phase_start", TODAY, "publiée", "JO", Refused, "est une date du texte"),
        ("application_filed", TODAY, "publiée", "JO", Refused, "propre à chaque candidat"),
        ("target", TODAY, "sûre", "JO", Invalid, "« sûre » n’est pas une confiance connue"),
        ("target", TODAY, "propre au candidat", "JO", Invalid, "n’est pas une confiance connue"),
        ("target", TODAY, "non connue", "JO", Invalid, "Une date inconnue"),
        ("target", None, "publiée", "JO", Invalid, "Une date inconnue"),
        ("target", TODAY, "publiée", " ", Invalid, "d’où vient la date"),
    ],
)
def test_a_date_that_cannot_be_entered_says_why(app, owner, key, on, confidence, source, kind, sentence):
    with pytest.raises(kind, match=sentence):
        enter(owner, key, on, confidence, source)
    assert counts(app, "programme_date") == {"programme_date": 0}


def test_a_national_date_outlives_a_correction_and_the_publication_says_so(app, world, owner, publish):
    enter(owner, "declarations_close", date(2026, 12, 15))
    publish(corrected())
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        found = of_pages()
        assert (found.version, found.date_of("declarations_close").on) == ("2025-06-26-corrige1", date(2026, 12, 15))
    assert referential.masked(owner, load("D2")) == [
        "Clôture des déclarations d’atteinte des objectifs : la date nationale saisie, 15/12/2026, l’emporte sur celle du fichier"
    ]


def test_a_version_that_fixes_a_date_is_stronger_than_what_was_entered(app, world, owner, publish):
    enter(owner, "target", date(2026, 11, 27))
    fixed = 'on = 2026-11-28\nconfidence = "publiée"\nnote = "Le texte'
    publish(
        corrected(old='on = 2026-11-30\nconfidence = "jour non publié"\neditable = true\nnote = "Le texte', new=fixed)
    )
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        assert of_pages().date_of("target").on == date(2026, 11, 28)


# --- what it costs, and what it leaves alone ---------------------------------------------------------------------------


def test_versions_and_dates_cost_two_questions_however_many_there_are(app, world, owner, publish):
    for number in range(1, 6):
        publish(corrected(f"corrige{number}"))
        enter(owner, "target", date(2026, 11, number))
    for _ in range(2):  # the first reads the text, which this process may not have met
        with acting(app, world, at.CAPES_DSI, at.CAPES), at.statements(app) as sent:
            for _ in range(3):
                assert of_pages().version == "2025-06-26-corrige5"
    asked = [each for each in sent if "referential_version" in each or "programme_date" in each]
    assert len(asked) == 2
    assert not [statement for statement in asked if "content" in statement]


def test_a_filed_dossier_keeps_the_referential_it_was_filed_under(app, world, publish):
    at.news(app, world)
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        filed = filings.file(of_pages())
        before = (filed.id, filed.document, filed.sha256)
    publish(corrected())
    with acting(app, world, SIGNATORY, at.ESTUARY_SCOPE):
        kept = dossier.filing(before[0])
        assert (kept.id, kept.document, kept.sha256) == before
        assert json.loads(kept.document)["referential"]["version"] == "2025-06-26"
        again = filings.file(of_pages())
        assert json.loads(again.document)["referential"]["version"] == "2025-06-26-corrige1"


def test_versions_are_listed_newest_first_with_what_each_changed(owner, publish):
    publish(corrected(), SOON)
    publish(corrected("corrige2", new="threshold = 75"), SOON)
    listed = referential.versions(owner, FILES, "D2")
    assert [each.referential.version for each in listed] == ["2025-06-26-corrige2", "2025-06-26-corrige1", "2025-06-26"]
    assert [[change.text for change in each.changes] for each in listed] == [
        ["D2.O1.C, seuil : 70 % devient 75 %"],
        ["D2.O1.C, seuil : 66 % devient 70 %"],
        [],
    ]
