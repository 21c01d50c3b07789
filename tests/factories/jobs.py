"""Running ordered jobs in a test: the relay and the queue are real, the worker is the test itself."""

from __future__ import annotations

from flask import Flask

from tenants import jobs
from tenants.db import db


def run_jobs(app: Flask) -> int:
    """Relay what is ordered and perform it, as often as a worker would; return how many jobs were run."""
    done = 0
    while ids := relayed(app):
        for job_id in ids:
            _perform(app, job_id)
        done += len(ids)
    return done


def relayed(app: Flask) -> list[str]:
    """Hand the waiting orders to the queue, take them out of it, return their identifiers."""
    with app.app_context():
        work = jobs.queue(app.extensions["vigie.valkey"])
        with db.engine.connect() as connection:
            jobs.relay(connection, work)
        ids = [str(job_id) for job_id in work.job_ids]
        work.empty()
        db.session.remove()
    return ids


def _perform(app: Flask, job_id: str) -> None:
    for _ in range(jobs.ATTEMPTS):
        try:
            with app.app_context():
                jobs.perform(job_id)
        except Exception:  # noqa: BLE001, S112  # the worker puts a failed job back in the queue
            continue
        return
