"""A PCRA: what it must hold, and what it promises beside what exercises observed.

Sources: annexe 1, row D2.O1.C; the ANS kit, which reasons on four losses (practice.md, 1.2); lessons.md: declared against
observed, links to plan blanc, PSE and PCRI (trade article of September 2025), relief of teams and holding time (CHSF).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules import objective
from compliance.rules.exercise import PlanOutcome
from compliance.rules.perimeter import PlanState
from compliance.rules.verdict import Reason, State, Verdict
from compliance.rules.words import listing, lower_first, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from compliance.rules.objective import Gap


class Loss(StrEnum):
    """The four losses of the ANS kit; that of the information system is mandatory, one more is asked."""

    SYSTEM = "system"
    SITE = "site"
    STAFF = "staff"
    SUPPLIER = "supplier"

    @property
    def label(self) -> str:
        """What is lost."""
        return _LOSSES[self]


_LOSSES = {Loss.SYSTEM: "SI", Loss.SITE: "Locaux", Loss.STAFF: "Personnel", Loss.SUPPLIER: "Fournisseur"}


class LinkedKind(StrEnum):
    """Kinds of plan that a PCRA leans on; the values are those of the workbook K8, sheet Autres_plans."""

    PLAN_BLANC = "plan_blanc"
    PSE = "pse"
    PCRI = "pcri"
    CRISIS = "crisis"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The French name, as in the list of the workbook K8."""
        return _LINKED[self]


_LINKED = {
    LinkedKind.PLAN_BLANC: "Plan blanc",
    LinkedKind.PSE: "PSE",
    LinkedKind.PCRI: "PCRI",
    LinkedKind.CRISIS: "Plan de crise cyber",
    LinkedKind.OTHER: "Autre",
}
ASKED_LINKS = (LinkedKind.PLAN_BLANC, LinkedKind.PSE, LinkedKind.PCRI)


@dataclass(frozen=True, kw_only=True)
class LinkedPlan:
    """A plan of an establishment that PCRA refer to."""

    party: str
    code: str
    kind: LinkedKind
    title: str = ""
    approved_on: date | None = None
    review_by: date | None = None
    ref: str = ""  # the row that says so

    def lacks(self, on: date) -> str:
        """Say why it is not current on a day; empty when it is."""
        if self.approved_on is None or self.approved_on > on:
            return "pas approuvé"
        if self.review_by is not None and self.review_by < on:
            return f"à revoir depuis le {short_date(self.review_by)}"
        return ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The PCRA of a perimeter. `recorded` says whether its content was ever typed; delays are in minutes.

    `approvals` are the PCA and the PRA with the day each was approved. `relief` says who takes turns when it lasts.
    """

    party: str
    code: str
    name: str
    recorded: bool = False
    pca: PlanState = PlanState.ABSENT
    pca_on: date | None = None
    pra: PlanState = PlanState.ABSENT
    pra_on: date | None = None
    owner: str = ""
    losses: tuple[Loss, ...] = ()
    degraded_after: int | None = None
    interruption: int | None = None
    capacity: Decimal | None = None
    hold: int | None = None
    relief: str = ""
    reviewed_on: date | None = None
    next_review_on: date | None = None
    links: tuple[str, ...] = ()
    paper_copy: bool | None = None
    paper_place: str = ""
    printed_on: date | None = None

    @property
    def title(self) -> str:
        """How sentences name it: « URG-01 Urgences adultes »."""
        return f"{self.code} {self.name}".strip()

    @property
    def exists(self) -> bool:
        """Whether anything of a plan is there, written or only begun."""
        return self.recorded or self.pca is not PlanState.ABSENT or self.pra is not PlanState.ABSENT

    def approved(self, on: date) -> date | None:
        """Give the day of the last approval on or before a day; None when neither plan has one."""
        pairs = ((self.pca, self.pca_on), (self.pra, self.pra_on))
        return max((day for state, day in pairs if state is PlanState.APPROVED and day and day <= on), default=None)

    def revised_since(self, day: date, on: date) -> bool:
        """Say whether the plan was reviewed or approved after a day."""
        known = [self.approved(on), self.reviewed_on if self.reviewed_on and self.reviewed_on <= on else None]
        return any(each is not None and each > day for each in known)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What an exercise gave for a plan. `on` is its day, None when nobody knows the exercise; `ref` the row that says so.

    `outcome` is how it went, None when nobody said; `dependencies` are what nobody knew it depended on.
    """

    exercise: str
    on: date | None = None
    ref: str = ""
    outcome: PlanOutcome | None = None
    degraded_after: int | None = None
    interruption: int | None = None
    capacity: Decimal | None = None
    dependencies: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------- its contents

# What can be lacking, by code: what a list of plans filters on.
LACKS = {
    "CONTENT_MISSING": "Contenu à saisir",
    "LOSS_MISSING": "Perte non traitée",
    "OWNER_MISSING": "Sans responsable",
    "NOT_APPROVED": "Pas approuvé",
    "REVIEW": "Revue sans date ou dépassée",
    "PAPER": "Exemplaire papier absent ou périmé",
    "LINK": "Plan blanc, PSE ou PCRI non lié ou périmé",
    "PROMISE_MISSING": "Délais ou capacité non déclarés",
    "RELIEF_MISSING": "Relève non prévue",
    "HOLD_MISSING": "Tenue non renseignée",
    "REVISION_ASKED": "À réviser après un exercice",
}
_STALE = frozenset({"REVIEW_OVERDUE", "PAPER_OUTDATED", "LINK_OUTDATED"})
_Gap = tuple[Reason, str]


def lacks_of(code: str) -> str:
    """Return the key of `LACKS` that a reason falls under: « PAPER » for « PAPER_OUTDATED »."""
    return next((key for key in LACKS if code == key or code.startswith(f"{key}_")), "")


def content(plan: Plan, linked: Sequence[LinkedPlan], observed: Sequence[Observed], on: date) -> Verdict:
    """Say whether a PCRA is complete and current on a day, with all that lacks and the first thing to do.

    MISSING without any plan; AT_RISK when an exercise failed or did worse than promised since, which is said first, or when
    everything is written and something is out of date; else IN_PROGRESS when something is not written.
    """
    if not plan.exists:
        reason = Reason("NO_PLAN", "Pas de PCRA : ni PCA ni PRA commencé", plan.code)
        return Verdict(State.MISSING, (reason,), f"Écrire le PCRA : {plan.title}")
    gaps = [*_approval(plan, on)]
    revision = [*_revision(plan, observed, on)]
    if plan.recorded:
        gaps += [*_losses(plan), *_owner(plan), *_promises(plan), *_endurance(plan), *_review(plan, on)]
        gaps += _links(plan, linked, on)
    else:
        reason = Reason("CONTENT_MISSING", "Le contenu du PCRA n’est pas saisi : pertes, délais, tenue, relève")
        gaps.insert(0, (reason, "Saisir le contenu du PCRA"))
    gaps = [*revision, *gaps, *_paper(plan, on)]
    if not gaps:
        text = "PCRA complet : pertes, délais, relève, exemplaire papier et plans liés à jour"
        return Verdict(State.MET, (Reason("PLAN_COMPLETE", text, plan.code),))
    # A plan that did not work when it was tried is to be taken up again, whatever else it lacks.
    stale = bool(revision) or all(reason.code in _STALE for reason, _ in gaps)
    reasons = tuple(Reason(reason.code, reason.text, plan.code) for reason, _ in gaps)
    return Verdict(State.AT_RISK if stale else State.IN_PROGRESS, reasons, gaps[0][1])


def _approval(plan: Plan, on: date) -> Iterator[_Gap]:
    for name, state, day in (("PCA", plan.pca, plan.pca_on), ("PRA", plan.pra, plan.pra_on)):
        if state is not PlanState.APPROVED:
            text = f"{name} {lower_first(state.label)}, pas approuvé"
            yield Reason("NOT_APPROVED", text), f"Faire approuver le {name}"
        elif day is None or day > on:
            yield Reason("NOT_APPROVED", f"{name} sans date d’approbation à ce jour"), f"Dater l’approbation du {name}"


def _losses(plan: Plan) -> Iterator[_Gap]:
    if Loss.SYSTEM not in plan.losses:
        text = "La perte du SI, obligatoire, n’est pas traitée"
        yield Reason("LOSS_MISSING_SYSTEM", text), "Traiter la perte du SI dans le plan"
    if not set(plan.losses) - {Loss.SYSTEM}:
        text = "Une perte de plus que celle du SI est attendue : locaux, personnel ou fournisseur"
        yield Reason("LOSS_MISSING_SECOND", text), "Traiter une seconde perte dans le plan"


def _owner(plan: Plan) -> Iterator[_Gap]:
    if not plan.owner.strip():
        yield (
            Reason("OWNER_MISSING", "Aucune fonction ne répond de ce plan"),
            "Désigner la fonction responsable du plan",
        )


def _promises(plan: Plan) -> Iterator[_Gap]:
    declared = (
        ("le délai de passage en mode dégradé", plan.degraded_after),
        ("l’interruption maximale", plan.interruption),
        ("la capacité", plan.capacity),
    )
    lacking = [what for what, value in declared if value is None]
    if lacking:
        text = f"Le plan ne déclare pas {listing(lacking)}"
        yield Reason("PROMISE_MISSING", text), f"Déclarer {listing(lacking)}"


def _endurance(plan: Plan) -> Iterator[_Gap]:
    if plan.hold is None:
        text = "Rien ne dit combien de temps le mode dégradé tient : une attaque dure des semaines"
        yield Reason("HOLD_MISSING", text), "Dire combien de temps le plan tient"
    if not plan.relief.strip():
        yield (
            Reason("RELIEF_MISSING", "La relève des équipes n’est pas prévue"),
            "Écrire qui relève qui quand cela dure",
        )


def _review(plan: Plan, on: date) -> Iterator[_Gap]:
    due = plan.next_review_on
    if due is None or (due < on and plan.reviewed_on is not None and due <= plan.reviewed_on <= on):
        yield Reason("REVIEW_UNDATED", "La prochaine revue n’a pas de date"), "Dater la prochaine revue"
    elif due < on:
        text = f"Revue dépassée depuis le {short_date(due)}"
        yield Reason("REVIEW_OVERDUE", text), "Revoir le plan, puis dater la revue suivante"


def _paper(plan: Plan, on: date) -> Iterator[_Gap]:
    approved = plan.approved(on)
    if not plan.paper_copy:
        yield Reason("PAPER_MISSING", "Pas d’exemplaire papier"), "Imprimer le plan, dire où et quand"
        return
    lacking = [
        what for what, value in (("le lieu", plan.paper_place.strip()), ("la date", plan.printed_on)) if not value
    ]
    if lacking:
        text = f"Exemplaire papier : {listing(lacking)} {plural(len(lacking), 'manque', 'manquent')}"
        yield Reason("PAPER_UNPLACED", text), f"Dire {listing(lacking)} de l’exemplaire papier"
    if plan.printed_on is not None and approved is not None and plan.printed_on < approved:
        text = f"Exemplaire papier du {short_date(plan.printed_on)}, plus ancien que l’approbation du {short_date(approved)}"
        yield Reason("PAPER_OUTDATED", text), "Réimprimer le plan approuvé"


@dataclass(frozen=True)
class Link:
    """One of the plans a PCRA leans on: the code it names, the plan found, and why it does not serve (empty: it does)."""

    kind: LinkedKind | None
    code: str
    found: LinkedPlan | None
    lacks: str

    @property
    def label(self) -> str:
        """« Plan blanc PB-01 », or the code alone when nothing is recorded under it."""
        return f"{self.kind.label} {self.code}".strip() if self.kind else self.code


def links(plan: Plan, linked: Sequence[LinkedPlan], on: date) -> list[Link]:
    """Follow each link of a PCRA, then name those of the three kinds that it does not make.

    A plan is that of the establishment, else the only one of its group with this code: a plan may be mutualised.
    """
    told = []
    for code in plan.links:
        named = [each for each in linked if each.code == code]
        own = [each for each in named if each.party == plan.party] or named
        found = own[0] if len(own) == 1 else None
        lacks = found.lacks(on) if found else "n’est pas enregistré"
        told.append(Link(found.kind if found else None, code, found, lacks))
    made = {link.kind for link in told}
    return told + [Link(kind, "", None, "pas lié") for kind in ASKED_LINKS if kind not in made]


def _links(plan: Plan, linked: Sequence[LinkedPlan], on: date) -> Iterator[_Gap]:
    for link in links(plan, linked, on):
        if not link.lacks:
            continue
        code = "LINK_OUTDATED" if link.found else "LINK_UNKNOWN" if link.code else "LINK_MISSING"
        if link.found:
            action = f"Faire revoir et approuver : {link.label}"
        elif link.code:
            action = f"Enregistrer le plan {link.code}, ou corriger le lien"
        else:
            there = [each.code for each in linked if (each.party, each.kind) == (plan.party, link.kind)]
            action = f"Lier {there[0]} au PCRA" if there else f"Enregistrer puis lier : {link.label}"
        yield Reason(code, f"{link.label} : {link.lacks}"), action


# ----------------------------------------------------------------------------------------------- declared and observed


def gaps(plan: Plan, observed: Observed) -> list[Gap]:
    """Compare what a plan declares with what an exercise observed, measure by measure."""
    told = (
        objective.delay("Passage en mode dégradé", plan.degraded_after, observed.degraded_after),
        objective.delay("Interruption", plan.interruption, observed.interruption),
        objective.share("Capacité", plan.capacity, observed.capacity),
    )
    return [each for each in told if each is not None]


def asks_revision(plan: Plan, observed: Observed, on: date) -> bool:
    """Say whether an exercise failed or did worse than promised, and the plan was neither reviewed nor approved since."""
    if observed.on is None or observed.on > on or plan.revised_since(observed.on, on):
        return False
    return observed.outcome is PlanOutcome.FAILURE or any(gap.worse for gap in gaps(plan, observed))


def _revision(plan: Plan, observed: Iterable[Observed], on: date) -> Iterator[_Gap]:
    asked = [(each.on, each) for each in observed if each.on and asks_revision(plan, each, on)]
    for day, each in sorted(asked, key=lambda pair: (pair[0], pair[1].exercise), reverse=True):
        worse = ["échec"] if each.outcome is PlanOutcome.FAILURE else []
        worse += [f"{lower_first(gap.label)}, {gap.text}" for gap in gaps(plan, each) if gap.worse]
        text = f"{each.exercise}, {short_date(day)} : {' ; '.join(worse)}"
        yield Reason("REVISION_ASKED", text), f"Réviser le plan après {each.exercise}"
