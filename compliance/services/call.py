"""Calls for applications: the domains to come, whose applications are filed and answered here (programme.md, "Review").

Those of the first two domains were filed on eCaRE beforehand: they are recorded history (`services/application.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.clock import today
from compliance.programme.domains import CARE_DOMAIN
from compliance.programme.referential import ProgrammeDate, Referential
from compliance.rules.words import short_date
from compliance.services import candidate as candidates
from compliance.services import procedure
from compliance.services import referential as referentials
from compliance.services.candidate import CandidateFacts
from compliance.services.procedure import CANDIDATURE, Standing
from tenants.context import ScopeKind, current
from tenants.db import db
from tenants.errors import NotFound, Refused

RECORDED = frozenset({"D1", "D2"})
FILED = "filed"


@dataclass(frozen=True)
class Call:
    """A domain that one applies for here, with the first and the last day of its applications, as its referential knows them."""

    domain: str
    title: str
    source: str
    opens: ProgrammeDate | None
    closes: ProgrammeDate | None

    def refusal(self, day: date) -> str:
        """Say why nobody files an application on a day; nothing when one may."""
        opens, closes = (each.on if each else None for each in (self.opens, self.closes))
        if opens is None:
            return "Le jour d’ouverture des candidatures n’est pas connu : rien ne se dépose encore."
        if day < opens:
            return f"Les candidatures ouvrent le {short_date(opens)}."
        if closes is not None and day > closes:
            return f"Les candidatures sont closes depuis le {short_date(closes)}."
        return ""


@dataclass(frozen=True)
class Applicant:
    """A candidate of a call, and where its application stands."""

    candidate: CandidateFacts
    standing: Standing


def calls() -> list[Call]:
    """Return the calls that a referential describes, by domain; none while no domain to come is published."""
    known = referentials.domains(db.session.connection(), referentials.files())
    return [_call(referentials.in_force(domain, today())) for domain in known if _is_filed_here(domain)]


def find(domain: str) -> Call:
    """Return the call of a domain. Raises NotFound for a domain whose applications are not filed here."""
    found = next((each for each in calls() if each.domain == domain), None)
    if found is None:
        raise NotFound("Aucun appel à candidatures de ce domaine n’est connu ici.")
    return found


def applicants(domain: str) -> list[Applicant]:
    """Return those of a domain that the scope acts on, by name: the candidate itself, or those of the region."""
    if current().scope.kind is ScopeKind.REGION:
        found = [each for each in candidates.readable(domain) if each.region.id == current().scope.id]
    else:
        own = candidates.of_scope(domain)
        found = [own] if own else []
    states = procedure.states([each.id for each in found], CANDIDATURE)
    return [Applicant(each, states[each.id]) for each in found]


def open_application(domain: str) -> CandidateFacts:
    """Open the application of the scope to a domain to come. Raises NotFound, Conflict or Refused (see `open_candidate`)."""
    return candidates.open_candidate(find(domain).domain)


def take(candidate_id: UUID, to: str, reason: str = "") -> None:
    """Make a step of an application. Raises NotFound, or Refused with what the procedure, or the calendar, says.

    Parties are versions: those of an application are those known on the day of its first filing.
    """
    subject = procedure.candidate(candidate_id)
    call, first = find(subject.domain), procedure.standing(subject.id, CANDIDATURE).since is None
    if to == FILED and first and (refusal := call.refusal(today())):
        raise Refused(refusal)
    procedure.move(subject.id, to, reason, CANDIDATURE)


def _is_filed_here(domain: str) -> bool:
    return bool(CARE_DOMAIN.match(domain)) and domain not in RECORDED


def _call(referential: Referential) -> Call:
    dates = {each.key: each for each in referential.dates}
    return Call(
        referential.domain,
        referential.title,
        referential.source,
        dates.get("applications_open"),
        dates.get("applications_close"),
    )
