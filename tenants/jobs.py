"""Work outside the request: the outbox, its relay to RQ, and the one function that a worker may run.

Valkey carries an identifier and nothing else: what to run, with what, for whom, stays in the outbox row, in PostgreSQL. Whoever writes to
Valkey can at worst ask again for a job that was already ordered (docs/adr/0004-jobs.md).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import Connection, text

from tenants import accounts
from tenants.context import Context, Scope, ScopeKind, current
from tenants.db import call, db, new_id, unit_of_work
from tenants.errors import DomainError
from tenants.permissions import Permission, granted

QUEUE = "vigie"
ENTRY = "tenants.jobs.perform"
ATTEMPTS = 3
TIMEOUT = 600
# A job that was handed to RQ and shows no end after this many seconds is looked for again (lost Valkey, killed worker).
LOST_AFTER = 60

log = structlog.get_logger()
_jobs: dict[str, Callable[..., None]] = {}
_failures: dict[str, Callable[..., None]] = {}


def tenant_job(name: str, permission: Permission, *, failed: Callable[..., None] | None = None) -> Callable[[Any], Any]:
    """Declare a job: a function of JSON scalars run in one unit of work, with the rights of who ordered it.

    `failed(sentence, **arguments)` is called in a unit of work of its own when every attempt failed, to write it on the row people see.
    """

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        function.permission = permission  # type: ignore[attr-defined]  # a mark, read by perform()
        _jobs[name] = function
        if failed:
            _failures[name] = failed
        return function

    return declare


def enqueue(name: str, **arguments: str) -> UUID:
    """Order a job in the current transaction; it leaves after the commit, in the scope and name of who orders it."""
    if name not in _jobs:
        raise LookupError(name)
    context = current()
    job_id = new_id()
    call(
        "outbox_put",
        p_id=job_id,
        p_name=name,
        p_arguments=json.dumps(arguments),
        p_user=context.user_id,
        p_scope=context.scope.setting(),
    )
    return job_id


def perform(job_id: str) -> None:
    """Run one ordered job; the only function a worker accepts. Running it twice does nothing the second time it has ended."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's documented way
    with db.engine.begin() as connection:
        row = connection.execute(text("SELECT * FROM outbox_read(:id)"), {"id": job_id}).one_or_none()
    if row is None or row.finished or row.name not in _jobs:
        log.warning("job_refused", job=job_id)
        return
    kind, _, scope_id = row.scope.partition(":")
    user = accounts.by_id(row.user_id)
    scope, roles = user.holds(Scope(ScopeKind(kind), UUID(scope_id) if scope_id else None)) if user else (None, ())
    if scope is None or _jobs[row.name].permission not in granted(roles):  # type: ignore[attr-defined]
        log.warning("job_without_right", job=job_id)
        _finish(job_id, "right withdrawn")
        return
    context = Context(row.user_id, scope)
    structlog.contextvars.bind_contextvars(job=job_id, kind=row.name, scope=row.scope)
    try:
        if row.attempts > ATTEMPTS:
            # Each attempt ended without a word: the job kills its process. It is not tried for ever.
            _give_up(app, context, row, job_id, "killed")
            return
        with app.app_context(), unit_of_work(context):
            _jobs[row.name](**row.arguments)
            call("outbox_finished", p_id=UUID(job_id), p_error=None)
    except Cancelled:
        log.info("job_cancelled")
        _give_up(app, context, row, job_id, "cancelled", "Abandonné à votre demande. Rien n’a été enregistré.")
    except Exception as error:
        log.exception("job_failed", attempt=row.attempts)
        if row.attempts < ATTEMPTS:
            raise
        _give_up(app, context, row, job_id, type(error).__name__)
    finally:
        structlog.contextvars.unbind_contextvars("job", "kind", "scope")


INCIDENT = "Un incident a interrompu ce travail. Rien n’a été enregistré ; recommencez."


def _give_up(app: Flask, context: Context, row: Any, job_id: str, error: str, sentence: str = INCIDENT) -> None:
    """Write on the row that people see that nothing came of the order, and close it: one out of reach by now is not tried for ever."""
    if row.name in _failures:
        with contextlib.suppress(DomainError), app.app_context(), unit_of_work(context):
            _failures[row.name](sentence, **row.arguments)
    _finish(job_id, error)


def _finish(job_id: str, error: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("SELECT outbox_finished(:id, :error)"), {"id": job_id, "error": error})


class OrderedJob(Job):
    """A job whose only acceptable function is ours, whatever was written in Valkey; a call-back named there is never imported."""

    success_callback = None
    failure_callback = None
    stopped_callback = None

    def perform(self) -> Any:
        """Run the job, or refuse what we did not order."""
        if self.func_name != ENTRY or len(self.args or ()) != 1:
            log.error("job_not_ours", job=self.id)
            raise PermissionError("this worker runs ordered jobs only")
        return super().perform()


class Cancelled(Exception):
    """The person gave up: the job stops, and nothing of it is kept."""


@dataclass(frozen=True)
class Progress:
    """What a job last said: its step, in French, and a percentage where one is known."""

    step: str = ""
    percent: int | None = None


def tell(subject: UUID, step: str, percent: int | None = None) -> None:
    """Say how far a job is, at once: the transaction shows its rows at the end only. Lost with Valkey, and no harm."""
    try:
        told = json.dumps({"step": step, "percent": percent})
        current_app.extensions["vigie.valkey"].set(f"vigie:progress:{subject}", told, ex=3600)
    except RedisError:
        log.warning("progress_not_told")


def told(subject: UUID) -> Progress:
    """Return what a job last told, or nothing."""
    try:
        text = current_app.extensions["vigie.valkey"].get(f"vigie:progress:{subject}")
        return Progress(**json.loads(text)) if text else Progress()
    except (RedisError, ValueError, TypeError):
        return Progress()


def cancel(subject: UUID) -> None:
    """Ask the job about a subject to stop: it looks each time it tells its progress."""
    try:
        current_app.extensions["vigie.valkey"].set(f"vigie:cancel:{subject}", "1", ex=3600)
    except RedisError:
        log.warning("cancel_not_told")


def is_cancelled(subject: UUID) -> bool:
    """Tell whether somebody asked the job about a subject to stop."""
    try:
        return bool(current_app.extensions["vigie.valkey"].exists(f"vigie:cancel:{subject}"))
    except RedisError:
        return False


def forget_cancel(subject: UUID) -> None:
    """Forget an earlier request to stop: another job about the subject is ordered."""
    with contextlib.suppress(RedisError):
        current_app.extensions["vigie.valkey"].delete(f"vigie:cancel:{subject}")


def queue(connection: Redis) -> Queue:
    """Return the queue of this installation."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=OrderedJob, default_timeout=TIMEOUT)


def worker(connection: Redis) -> Worker:
    """Return a worker that notices a dead one in about 90 s (measured: stack.md, section 3)."""
    return Worker(
        [queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        job_class=OrderedJob,
        worker_ttl=30,
        maintenance_interval=10,
        job_monitoring_interval=5,
        log_job_description=False,
    )


def relay(connection: Connection, work: Queue) -> int:
    """Hand the waiting orders to RQ, in one transaction; return how many."""
    with connection.begin():
        ids = [row[0] for row in connection.execute(text("SELECT outbox_take(100)"))]
        for job_id in ids:
            _send(work, str(job_id))
        if ids:
            connection.execute(text("SELECT outbox_sent(:ids)"), {"ids": ids})
    return len(ids)


def run_here() -> int:
    """Run every waiting order in this process, without RQ; return how many. For commands that cannot count on a worker."""
    count = 0
    while True:
        with db.engine.begin() as connection:
            ids = [row[0] for row in connection.execute(text("SELECT outbox_take(1)"))]
            connection.execute(text("SELECT outbox_sent(:ids)"), {"ids": ids})
        if not ids:
            return count
        perform(str(ids[0]))
        count += 1


def sweep(connection: Connection, work: Queue, seconds: int = LOST_AFTER) -> int:
    """Put back in the outbox what was sent long ago, has no end, and that RQ no longer holds; return how many."""
    with connection.begin():
        ids = [row[0] for row in connection.execute(text("SELECT outbox_waiting(:seconds)"), {"seconds": seconds})]
        lost = [job_id for job_id in ids if not _alive(work, str(job_id))]
        if lost:
            connection.execute(text("SELECT outbox_again(:ids)"), {"ids": lost})
    return len(lost)


def _send(work: Queue, job_id: str) -> None:
    with contextlib.suppress(DuplicateJobError):
        work.enqueue_call(
            ENTRY,
            args=(job_id,),
            job_id=job_id,
            unique=True,
            result_ttl=0,
            failure_ttl=3600,
            retry=Retry(max=ATTEMPTS),
        )


def _alive(work: Queue, job_id: str) -> bool:
    try:
        job = OrderedJob.fetch(job_id, connection=work.connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return False
    if job.get_status() in {"queued", "started", "scheduled", "deferred"}:
        return True
    job.delete()
    return False
