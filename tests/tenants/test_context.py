"""One scope, one transaction: unit_of_work and writing_as."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from compliance.models.perimeter import Perimeter
from tenants.context import ANONYMOUS, MINE, Context, Scope, ScopeKind, current
from tenants.db import db, libpq_url, psycopg_url, unit_of_work, writing_as
from tests.tenants.stage import MARQUERIVE, STANDS, acting, rows_of

SETTINGS = text(
    "SELECT current_setting('app.user_id', true), current_setting('app.scope', true), current_setting('app.establishment', true)"
)
MANAGER = STANDS["the manager on its GHT"]


def test_outside_of_a_unit_of_work_there_is_no_context():
    with pytest.raises(RuntimeError, match="no unit of work"):
        current()


def test_the_context_is_written_in_the_transaction(app, world):
    context = MANAGER.context(world)
    with acting(app, world, MANAGER) as session:
        assert tuple(session.execute(SETTINGS).one()) == (str(context.user_id), f"ght:{context.scope.id}", "")
        assert current() == context


def test_a_session_without_a_unit_of_work_sees_nothing(app):
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM perimeter")) == 0
        db.session.remove()


def test_nobody_sees_nothing(app, world):
    with app.app_context(), unit_of_work(ANONYMOUS):
        assert db.session.scalar(text("SELECT count(*) FROM perimeter")) == 0


def test_a_unit_of_work_does_not_open_inside_another(app, world):
    with acting(app, world, MANAGER), pytest.raises(RuntimeError, match="already open"), unit_of_work(ANONYMOUS):
        pass


def test_a_refused_nesting_leaves_the_first_one_whole(app, world, servers):
    establishment = world.establishments[MARQUERIVE]
    with acting(app, world, MANAGER):
        with pytest.raises(RuntimeError), unit_of_work(ANONYMOUS):
            pass
        with writing_as(establishment):
            db.session.add(Perimeter(establishment_id=establishment, code="NEW-01"))
    assert "NEW-01" in {row["code"] for row in rows_of(servers, "perimeter")}


def test_writing_outside_of_a_unit_of_work_is_refused(app, world):
    with (
        app.app_context(),
        pytest.raises(RuntimeError, match="no unit of work"),
        writing_as(world.establishments[MARQUERIVE]),
    ):
        pass


def test_the_written_establishment_holds_for_the_block_alone(app, world):
    establishment = world.establishments[MARQUERIVE]
    with acting(app, world, MANAGER) as session:
        with writing_as(establishment):
            assert session.execute(SETTINGS).one()[2] == str(establishment)
        assert session.execute(SETTINGS).one()[2] == ""


def test_a_block_inside_a_block_gives_the_outer_one_back(app, world):
    first, second = (world.establishments[number] for number in MANAGER.writes[:2])
    with acting(app, world, MANAGER) as session, writing_as(first):
        with writing_as(second):
            assert session.execute(SETTINGS).one()[2] == str(second)
        assert session.execute(SETTINGS).one()[2] == str(first)


def test_a_savepoint_keeps_the_written_establishment(app, world):
    establishment = world.establishments[MARQUERIVE]
    with acting(app, world, MANAGER) as session, writing_as(establishment), session.begin_nested():
        assert session.execute(SETTINGS).one()[2] == str(establishment)


def test_a_refusal_caught_inside_does_not_leave_the_right_to_write_behind(app, world):
    with acting(app, world, MANAGER) as session:
        with pytest.raises(LookupError), writing_as(world.establishments[MARQUERIVE]):
            raise LookupError
        assert session.execute(SETTINGS).one()[2] == ""


def _write(world, code):
    establishment = world.establishments[MARQUERIVE]
    with writing_as(establishment):
        db.session.add(Perimeter(establishment_id=establishment, code=code))


def test_what_was_written_is_kept_at_the_end(app, world, servers):
    with acting(app, world, MANAGER):
        _write(world, "NEW-01")
    assert "NEW-01" in {row["code"] for row in rows_of(servers, "perimeter")}


def test_nothing_is_kept_after_an_exception(app, world, servers):
    with pytest.raises(LookupError), acting(app, world, MANAGER):
        _write(world, "NEW-01")
        raise LookupError
    assert "NEW-01" not in {row["code"] for row in rows_of(servers, "perimeter")}


def test_nothing_is_kept_when_the_edge_asks_to_roll_back(app, world, servers):
    with app.app_context(), unit_of_work(MANAGER.context(world)) as work:
        _write(world, "NEW-01")
        work.roll_back()
    assert "NEW-01" not in {row["code"] for row in rows_of(servers, "perimeter")}


def test_the_context_is_gone_after_an_exception(app, world):
    with pytest.raises(LookupError), acting(app, world, MANAGER):
        raise LookupError
    with pytest.raises(RuntimeError, match="no unit of work"):
        current()


def test_an_object_of_one_hospital_is_not_found_again_under_the_next_scope(app, world):
    establishment = world.establishments[MARQUERIVE]
    with app.app_context():
        with unit_of_work(MANAGER.context(world)):
            found = db.session.query(Perimeter).filter_by(establishment_id=establishment).first()
            identifier = found.id
        with unit_of_work(STANDS["the manager of another GHT"].context(world)):
            # The identity map of the first scope is gone: the same key is asked of the database, which hides it.
            assert db.session.get(Perimeter, identifier) is None


def test_two_threads_do_not_share_their_context(app, world):
    seen = {}
    both = threading.Barrier(2, timeout=20)

    def look(title):
        with acting(app, world, STANDS[title]) as session:
            both.wait()
            seen[title] = {row[0] for row in session.execute(text("SELECT establishment_id FROM perimeter"))}
            both.wait()
        with app.app_context():
            db.session.remove()

    titles = ("the manager on its GHT", "the manager of another GHT")
    threads = [threading.Thread(target=look, args=(title,)) for title in titles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {title: {world.establishments[number] for number in STANDS[title].reads} for title in titles}


def test_a_scope_is_written_with_its_kind_and_its_identifier(world):
    ght = world.ghts["GHT-ESTUAIRE"]
    assert Scope(ScopeKind.GHT, ght).setting() == f"ght:{ght}"
    assert MINE.setting() == "mine"
    assert Context(None, MINE) == ANONYMOUS


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_an_address_reads_the_same_with_or_without_its_driver(scheme):
    address = f"{scheme}://vigie_app:p%40ss@db.example:5433/vigie?sslmode=require"
    assert psycopg_url(address) == "postgresql+psycopg://vigie_app:p%40ss@db.example:5433/vigie?sslmode=require"
    assert libpq_url(address) == "postgresql://vigie_app:p%40ss@db.example:5433/vigie?sslmode=require"
