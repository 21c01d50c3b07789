"""The day a page is about: `?le=2026-06-01` shows what was true and recorded that day, `&connu=oui` what is known of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, request

from compliance.clock import today
from compliance.web import blueprint
from compliance.web.fields import read_day
from tenants.errors import Invalid

EARLIEST, LATEST = date(2015, 1, 1), date(2035, 12, 31)
# Pages that answer at any date; their links keep the one asked.
DATED = frozenset(
    (
        *(
            f"compliance.{name}"
            for name in (
                "overview", "coverage", "perimeters", "perimeter", "row", "missing", "milestones", "obligations", "plans", "backups",
                "training", "exercises", "actions", "incidents", "incident", "expenses", "candidature",
            )
        ),
        "importers.register",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """The day of the question, and the day by the end of which facts had to be recorded."""

    on: date
    known: date
    asked: bool

    @property
    def ahead(self) -> bool:
        """Whether the day is still to come: what is recorded now is all that there is to know of it."""
        return self.on > today()

    @property
    def hindsight(self) -> bool:
        """Whether what was recorded since is used too."""
        return self.known > self.on


def moment() -> Moment:
    """Return the day that the address asks for, today when it does not. Raises Invalid for what is no day."""
    text = request.args.get("le", "").strip()
    if not text:
        return Moment(today(), today(), asked=False)
    on = parse(text)
    hindsight = request.args.get("connu") == "oui"
    return Moment(on, max(on, today()) if hindsight else on, asked=True)


def parse(text: str) -> date:
    """Read a day of an address: 2026-06-01, or 01/06/2026 as people type it. Raises Invalid."""
    try:
        day = read_day(text)
    except ValueError:
        raise Invalid(f"« {text[:20]} » n’est pas une date : écrivez-la jj/mm/aaaa.") from None
    if not EARLIEST <= day <= LATEST:
        raise Invalid(f"Choisissez une date entre {EARLIEST.year} et {LATEST.year}.")
    return day


@blueprint.app_url_defaults
def _keep(endpoint: str, values: dict[str, Any]) -> None:
    """Links between dated pages keep the day asked."""
    if endpoint in DATED and g.get("scope") is not None and "le" not in values:
        for name in ("le", "connu"):
            if request.args.get(name):
                values[name] = request.args[name]
