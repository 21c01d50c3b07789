"""The state of a candidate in a test: the facts that rules read, the document, and the bytes that are compared."""

from __future__ import annotations

from datetime import date

from flask import Flask

from compliance.programme.referential import load
from compliance.reports import canonical
from compliance.reports.facts import facts_of
from compliance.reports.gathered import gather
from compliance.reports.progress import Doc, describe, without_internal_keys
from compliance.rules.facts import Facts
from compliance.services import candidate as candidates
from tests.factories.acting import acting
from tests.factories.world import World

CARE = load("D2")


def read(app: Flask, world: World, email: str, scope: str, on: date, known: date | None = None) -> tuple[Facts, Doc]:
    """What the shipped referential is told of the candidate of a scope on a day, and its state; recorded by the end of `known`."""
    told = known or on
    with acting(app, world, email, scope):
        gathered = gather([candidates.require("D2", told)], on, told)[0]
        return facts_of(gathered, CARE), describe(gathered, CARE, on)


def dumped(document: Doc) -> bytes:
    """The bytes of a state, as it would be filed."""
    return canonical.dumps(without_internal_keys(document))


def row(document: Doc, code: str) -> Doc:
    """One row of a state."""
    found: Doc = next(each for each in document["rows"] if each["code"] == code)
    return found
