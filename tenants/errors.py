"""Errors by kind; one table at the edge (tenants/web/errors.py) turns them into HTTP and exit codes."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal that a person reads: its text is a French sentence."""


class NotFound(DomainError):
    """Absent, or not for this person: the two are told apart by nobody."""


class Refused(DomainError):
    """The rules of the programme or the state of the thing forbid it."""


class Conflict(DomainError):
    """Somebody else changed the same thing meanwhile."""


class Invalid(DomainError):
    """What was given cannot be understood."""


class Unavailable(DomainError):
    """A server we need does not answer."""
