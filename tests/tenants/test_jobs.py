"""Jobs: ordered in the transaction, sent after it, run with the rights of the moment, at least once and to effect once."""

from __future__ import annotations

import json
import uuid

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import SimpleWorker
from rq.job import JobStatus
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from sqlalchemy import text

from compliance.models.perimeter import Perimeter
from tenants import jobs
from tenants.db import db, writing_as
from tenants.errors import NotFound
from tenants.permissions import Permission
from tests.tenants.stage import MARQUERIVE, STANDS, acting, rows_of, superuser

REFERENT = STANDS["the referent in the establishment"]
MANAGER = STANDS["the manager on its GHT"]
NAME = "test.write"


class Broken(Exception):
    """A job that fails."""


@pytest.fixture
def ran(monkeypatch, world):
    """Declare a job for the test: it writes a perimeter, says that it ran, and fails when it is told to."""
    calls, told = [], []

    def write(code, fails=""):
        calls.append(code)
        with writing_as(world.establishments[MARQUERIVE]):
            db.session.add(Perimeter(establishment_id=world.establishments[MARQUERIVE], code=code))
        if fails:
            raise Broken

    def failed(sentence, code, fails=""):
        told.append(sentence)

    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_failures", dict(jobs._failures))
    jobs.tenant_job(NAME, Permission.IMPORT, failed=failed)(write)
    return calls, told


@pytest.fixture
def valkey(servers, world):
    with Redis.from_url(servers.valkey_url) as connection:
        yield connection


@pytest.fixture
def work(valkey):
    return jobs.queue(valkey)


@pytest.fixture
def relaying(app):
    """Return functions that relay and sweep once, on a connection of their own."""

    class Relaying:
        def __init__(self, connection):
            self.connection = connection

        def relay(self, work):
            return jobs.relay(self.connection, work)

        def sweep(self, work, seconds=0):
            return jobs.sweep(self.connection, work, seconds)

    with app.app_context(), db.engine.connect() as connection:
        yield Relaying(connection)


def _order(app, world, code="JOB-01", stand=REFERENT, **more):
    with acting(app, world, stand):
        return str(jobs.enqueue(NAME, code=code, **more))


def _perform(app, job_id):
    with app.app_context():
        jobs.perform(job_id)


def _row(servers, job_id):
    return next(row for row in rows_of(servers, "outbox") if str(row["id"]) == job_id)


def _codes(servers):
    return {row["code"] for row in rows_of(servers, "perimeter")}


def _run_everything(app, valkey):
    """Run what waits in Valkey in this process, with the job class of the product."""

    class Here(SimpleWorker):
        death_penalty_class = TimerDeathPenalty

    worker = Here([jobs.queue(valkey)], connection=valkey, serializer=JSONSerializer, job_class=jobs.OrderedJob)
    with app.app_context():
        worker.work(burst=True, logging_level="CRITICAL")


# --- ordering and sending ----------------------------------------------------------------------------------------


def test_an_order_leaves_after_the_commit_and_not_before(app, world, ran, work, relaying):
    with acting(app, world, REFERENT):
        job_id = jobs.enqueue(NAME, code="JOB-01")
        assert relaying.relay(work) == 0
        assert work.count == 0
    assert relaying.relay(work) == 1
    assert work.job_ids == [str(job_id)]


def test_an_order_of_an_undone_act_is_never_sent(app, world, servers, ran, work, relaying):
    with pytest.raises(Broken), acting(app, world, REFERENT):
        jobs.enqueue(NAME, code="JOB-01")
        raise Broken
    assert relaying.relay(work) == 0
    assert rows_of(servers, "outbox") == []


def test_an_order_keeps_who_ordered_it_and_on_which_scope(app, world, servers, ran):
    row = _row(servers, _order(app, world))
    context = REFERENT.context(world)
    assert (row["user_id"], row["scope"], json.loads(row["arguments"])) == (
        context.user_id,
        context.scope.setting(),
        {"code": "JOB-01"},
    )


def test_valkey_carries_the_identifier_and_nothing_else(app, world, ran, work, valkey, relaying):
    job_id = _order(app, world, code="SECRET-CODE")
    relaying.relay(work)
    job = work.fetch_job(job_id)
    assert (job.func_name, job.args, job.kwargs) == ("tenants.jobs.perform", [job_id], {})
    assert b"SECRET-CODE" not in b"".join(valkey.hgetall(f"rq:job:{job_id}").values())


def test_a_job_that_nobody_declared_is_not_ordered(app, world, servers):
    with acting(app, world, REFERENT), pytest.raises(LookupError):
        jobs.enqueue("os.system", command="true")
    assert rows_of(servers, "outbox") == []


def test_an_order_already_sent_is_not_sent_again(app, world, ran, work, relaying):
    _order(app, world)
    assert (relaying.relay(work), relaying.relay(work)) == (1, 0)
    assert work.count == 1


def test_an_order_sent_twice_waits_once(app, world, servers, ran, work, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    with superuser(servers) as connection:
        # The relay stopped between Valkey and its commit.
        connection.execute(text("UPDATE outbox SET sent_at = NULL"))
    assert relaying.relay(work) == 1
    assert work.job_ids == [job_id]


def test_an_order_lost_by_valkey_is_sent_again(app, world, ran, work, valkey, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    valkey.flushdb()
    assert relaying.sweep(work) == 1
    assert relaying.relay(work) == 1
    assert work.job_ids == [job_id]


def test_an_order_that_still_waits_is_not_sent_again(app, world, ran, work, relaying):
    _order(app, world)
    relaying.relay(work)
    assert relaying.sweep(work) == 0


def test_an_order_sent_a_moment_ago_is_left_alone(app, world, ran, work, valkey, relaying):
    _order(app, world)
    relaying.relay(work)
    valkey.flushdb()
    assert relaying.sweep(work, jobs.LOST_AFTER) == 0


def test_an_order_whose_worker_died_is_sent_again(app, world, ran, work, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    work.fetch_job(job_id).set_status(JobStatus.FAILED)
    assert relaying.sweep(work) == 1


def test_an_order_that_ended_is_never_looked_for(app, world, ran, work, valkey, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    _perform(app, job_id)
    valkey.flushdb()
    assert relaying.sweep(work) == 0


# --- running -----------------------------------------------------------------------------------------------------


def test_a_job_runs_from_the_order_to_the_row(app, world, servers, ran, work, valkey, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    _run_everything(app, valkey)
    assert "JOB-01" in _codes(servers)
    assert _row(servers, job_id)["finished_at"] is not None


def test_a_job_performed_twice_does_nothing_the_second_time(app, world, servers, ran):
    job_id = _order(app, world)
    _perform(app, job_id)
    _perform(app, job_id)
    assert ran[0] == ["JOB-01"]
    assert _row(servers, job_id)["attempts"] == 1


def test_a_job_of_an_unknown_order_does_nothing(app, ran):
    _perform(app, str(uuid.uuid4()))
    assert ran[0] == []


@pytest.mark.parametrize(
    "withdrawal",
    [
        "UPDATE membership SET valid_to = paris_today() - 1 WHERE user_id = :user",
        "UPDATE membership SET role = 'director' WHERE user_id = :user",
        "UPDATE user_account SET disabled_at = now() WHERE id = :user",
    ],
    ids=["grant ended", "role lowered", "account disabled"],
)
def test_a_job_whose_author_lost_the_right_does_not_run(app, world, servers, ran, withdrawal):
    job_id = _order(app, world)
    with superuser(servers) as connection:
        connection.execute(text(withdrawal), {"user": world.users[REFERENT.email]})
    _perform(app, job_id)
    assert ran[0] == []
    assert _row(servers, job_id)["error"] == "right withdrawn"


def test_a_job_ordered_on_a_scope_that_its_author_never_held_does_not_run(app, world, servers, ran):
    job_id = _order(app, world, stand=STANDS["the referent on a neighbour of its GHT"])
    _perform(app, job_id)
    assert ran[0] == []


def test_a_job_writes_with_the_rights_of_its_author_and_no_more(app, world, servers, ran, monkeypatch):
    foreign = world.establishments[STANDS["the manager of another GHT"].writes[0]]

    def steal(code):
        with writing_as(foreign):
            db.session.add(Perimeter(establishment_id=foreign, code=code))

    monkeypatch.setitem(jobs._jobs, NAME, jobs.tenant_job("test.steal", Permission.IMPORT)(steal))
    job_id = _order(app, world, code="STOLEN")
    with pytest.raises(Exception, match="row-level security"):
        _perform(app, job_id)
    assert "STOLEN" not in _codes(servers)


def test_a_job_that_fails_keeps_nothing_and_is_tried_three_times_then_says_so(app, world, servers, ran):
    calls, told = ran
    job_id = _order(app, world, fails="yes")
    for _ in range(jobs.ATTEMPTS - 1):
        with pytest.raises(Broken):
            _perform(app, job_id)
        assert told == []
    _perform(app, job_id)
    _perform(app, job_id)
    assert calls == ["JOB-01"] * jobs.ATTEMPTS
    assert len(told) == 1
    assert "Rien n’a été enregistré" in told[0]
    assert "JOB-01" not in _codes(servers)
    assert _row(servers, job_id)["error"] == "Broken"


def test_a_job_whose_row_is_out_of_reach_by_now_is_given_up_all_the_same(app, world, servers, ran):
    def lost(*_: object, **__: object) -> None:
        raise NotFound("Ce dépôt n’existe pas, ou il ne vous est pas ouvert.")

    jobs.tenant_job(NAME, Permission.IMPORT, failed=lost)(lost)
    job_id = _order(app, world)
    for _ in range(jobs.ATTEMPTS - 1):
        with pytest.raises(NotFound):
            _perform(app, job_id)
    _perform(app, job_id)
    assert _row(servers, job_id)["error"] == "NotFound"


def test_a_job_that_kills_its_process_each_time_is_given_up(app, world, servers, ran):
    calls, told = ran
    job_id = _order(app, world)
    with superuser(servers) as connection:
        connection.execute(text("UPDATE outbox SET attempts = :attempts"), {"attempts": jobs.ATTEMPTS})
    _perform(app, job_id)
    assert calls == []
    assert len(told) == 1
    assert _row(servers, job_id)["error"] == "killed"


# --- what somebody else writes in Valkey -------------------------------------------------------------------------

CALLED = []


def trap(*arguments):
    """Say that this worker ran what we did not order."""
    CALLED.append(arguments)


@pytest.fixture
def planted():
    CALLED.clear()
    return CALLED


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("os.system", ["touch {file}"]),
        ("subprocess.call", [["touch", "{file}"]]),
        ("builtins.eval", ["open('{file}', 'w')"]),
        ("tests.tenants.test_jobs.trap", ["x"]),
        ("tenants.jobs.perform", ["x", "y"]),
        ("tenants.jobs.perform", []),
        ("tenants.jobs._finish", ["x", "y"]),
    ],
)
def test_a_worker_refuses_what_we_did_not_order(app, valkey, work, planted, tmp_path, function, arguments):
    file = tmp_path / "planted"
    filled = [
        [word.format(file=file) for word in each] if isinstance(each, list) else each.format(file=file)
        for each in arguments
    ]
    job = work.enqueue_call(function, args=tuple(filled))
    _run_everything(app, valkey)
    assert job.get_status() == JobStatus.FAILED
    assert not file.exists()
    assert planted == []


@pytest.mark.parametrize("moment", ["success", "failure", "stopped"])
def test_a_worker_imports_no_call_back_that_was_written_in_valkey(
    app, world, ran, valkey, work, relaying, planted, moment
):
    job_id = _order(app, world) if moment == "success" else str(uuid.uuid4())
    if moment == "success":
        relaying.relay(work)
    else:
        work.enqueue_call("os.getcwd", job_id=job_id)
    valkey.hset(f"rq:job:{job_id}", f"{moment}_callback_name", f"{__name__}.trap")
    assert (
        getattr(jobs.OrderedJob.fetch(job_id, connection=valkey, serializer=JSONSerializer), f"{moment}_callback")
        is None
    )
    _run_everything(app, valkey)
    assert planted == []


def test_a_pickle_in_valkey_is_not_opened(app, valkey, work, planted):
    class Trap:
        def __reduce__(self):
            return trap, ("pickled",)

    import pickle  # noqa: PLC0415  # what an attacker would write, in this test alone

    job = work.enqueue_call("tenants.jobs.perform", args=("x",))
    valkey.hset(job.key, "data", pickle.dumps(("tenants.jobs.perform", None, (Trap(),), {})))
    _run_everything(app, valkey)
    assert planted == []


def test_a_second_request_for_an_ordered_job_runs_it_once(app, world, ran, valkey, work, relaying):
    job_id = _order(app, world)
    relaying.relay(work)
    work.enqueue_call("tenants.jobs.perform", args=(job_id,), job_id="another")
    _run_everything(app, valkey)
    assert ran[0] == ["JOB-01"]


def test_the_worker_of_the_product_reads_json_and_knows_ordered_jobs_only(valkey):
    worker = jobs.worker(valkey)
    assert worker.serializer is JSONSerializer
    assert worker.job_class is jobs.OrderedJob
    assert [each.job_class for each in worker.queues] == [jobs.OrderedJob]


# --- progress ----------------------------------------------------------------------------------------------------


def test_a_step_told_is_read_at_once_and_a_lost_valkey_harms_nothing(app, monkeypatch):
    subject = uuid.uuid4()
    with app.app_context():
        assert jobs.told(subject) == jobs.Progress()
        jobs.tell(subject, "Lecture", 40)
        assert jobs.told(subject) == jobs.Progress("Lecture", 40)
        monkeypatch.setitem(
            app.extensions, "vigie.valkey", Redis(unix_socket_path="/nonexistent", retry=Retry(NoBackoff(), 0))
        )
        jobs.tell(subject, "Lecture", 40)
        assert jobs.told(subject) == jobs.Progress()
