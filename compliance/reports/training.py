"""Who is trained in a scope, against which headcount, and what is left to do: the read model of « Formations ».

An establishment reads its own names. Whoever reads it from elsewhere, a GHT first, gets the same counts from lines that
hold no name (services/training.presence), and no list of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.models import training as models
from compliance.models.register import Register
from compliance.reports import attendance, charter, sessions
from compliance.reports.attendance import MOST, Gap, Named
from compliance.reports.sessions import RegionalLine, SessionLine
from compliance.rules import charter as charter_rules
from compliance.rules import training as rules
from compliance.rules.attendance import Attendance, Profile, outcome, trained
from compliance.rules.charter import Charter
from compliance.rules.session import Kind, Session
from compliance.rules.training import Count, Line, Rate, Target
from compliance.rules.verdict import State, Verdict
from compliance.rules.words import few, plural, short_date
from compliance.services import register
from compliance.services import training as services
from compliance.services.register import Row

_MOST_FUNCTIONS = 40
WANTED: Mapping[type[Register], Sequence[str]] = {
    models.TrainingSession: sessions.WANTED,
    models.CharterSignature: charter.WANTED,
    models.TrainingTarget: ("profile", "headcount", "source", "set_on"),
    # Class `own`: the database gives these to the establishment alone.
    models.Attendance: ("last_name", "first_name", "identifier", "service"),
}


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for: `kind` and `profile` are '' for all of them."""

    kind: str = Kind.DMCC
    function: str = ""
    profile: str = ""
    on_call: bool = False
    session: str = ""  # its code: people trained there

    @property
    def part(self) -> bool:
        """Whether people are chosen within a profile: no headcount says how many they are."""
        return bool(self.function or self.session) or self.on_call


@dataclass(frozen=True)
class Place:
    """An establishment: its counts, whether somebody of it is trained as DMCC, and how many lines do not count."""

    finess: str
    line: Line
    dmcc: Verdict
    left_out: int


@dataclass(frozen=True)
class Training:
    """The page."""

    asked: Asked
    answer: str
    whole: bool  # several establishments: a GHT
    total: Line
    profiles: Sequence[Line]
    functions: Sequence[Line]
    functions_left: int
    places: Sequence[Place]
    named: Sequence[Named]
    renew: Count
    gaps: Sequence[Gap]
    charter: Charter | None
    services: Sequence[tuple[Charter, str]]  # with the name of the establishment
    sessions: Sequence[SessionLine]
    sessions_left: int
    upcoming: int
    regional: Sequence[RegionalLine]
    readable: bool  # names may be read here

    @property
    def offered(self) -> int:
        """How many sessions to come the ARS opens that nobody has noted here: those noted are among the others."""
        return sum(line.mine is None for line in self.regional)

    @property
    def with_dmcc(self) -> int:
        """How many establishments have at least one person trained as DMCC."""
        return sum(place.dmcc.state is State.MET for place in self.places)


def training(asked: Asked, on: date, known: date) -> Training:
    """Read the scope on a day, in a constant number of statements."""
    establishments = services.establishments()
    names = {str(each.id): each.name for each in establishments}
    rows = register.columns_of(WANTED, [each.id for each in establishments], known)
    # The sessions of the whole GHT are its support's: '' stands for one that a member is told of and does not read.
    shared = [] if len(establishments) > 1 else services.common(known)
    support = next((str(each.id) for each in establishments if each.support), "")
    opened = sessions.read(rows[models.TrainingSession], shared)
    everybody = [attendance.read(each, opened, support) for each in services.presence(known)]
    readable = {row.id: row.values for row in rows[models.Attendance]}
    targets = [_target(row) for row in rows[models.TrainingTarget]]
    places = list(names)
    chosen = [each for each in everybody if _is_chosen(each, asked)]
    rated = [] if asked.part else places
    profiles = [_profile(profile, chosen, everybody, on, targets, rated) for profile in Profile]
    shown = [each for each in chosen if not asked.profile or each.profile == asked.profile]
    total = _total(shown, everybody, profiles, on, asked)
    functions = _functions(shown, everybody, on)
    people = rules.people(trained(shown, on))
    renewing = [person for person in people if rules.to_renew(person, on)]
    charters = [charter.read(row) for row in rows[models.CharterSignature]]
    listed = sessions.listed(rows[models.TrainingSession], shared, names, everybody, asked.kind, on)
    gaps = attendance.gaps(shown, readable, on)
    return Training(
        asked=asked,
        answer=_answer(asked, total, shown, len(listed), gaps, on),
        whole=len(places) > 1,
        total=total,
        profiles=profiles,
        functions=functions[:_MOST_FUNCTIONS],
        functions_left=max(0, len(functions) - _MOST_FUNCTIONS),
        places=_places(establishments, shown, everybody, (opened, support), on, asked, targets),
        named=attendance.named(people, readable, on)[:MOST],
        renew=rules.unique(line for person in renewing for line in person.attendances),
        gaps=gaps,
        charter=charter_rules.total(charters),
        services=charter.by_service(charters, names),
        sessions=listed[:MOST],
        sessions_left=max(0, len(listed) - MOST),
        upcoming=sum(line.ends_on > on for line in listed),
        regional=sessions.regional(services.regional(known), rows[models.TrainingSession], asked.kind, on),
        readable=bool(readable),
    )


# ---------------------------------------------------------------------------------------------------------- facts read


def _target(row: Row) -> Target:
    values = row.values
    return Target(
        str(row.establishment_id), Profile(values["profile"]), values["headcount"], values["source"] or "",
        values["set_on"], row.id,
    )  # fmt: skip


def _is_chosen(each: Attendance, asked: Asked) -> bool:
    """Say whether a line is of the kind, session, function and on-call asked; one of an unknown session may be of any kind."""
    return (
        (not asked.kind or each.session is None or each.session.kind == asked.kind)
        and (not asked.session or (each.session is not None and each.session.code == asked.session))
        and (not asked.function or rules.has_function(each, asked.function))
        and (not asked.on_call or bool(each.on_call))
    )


# -------------------------------------------------------------------------------------------------------------- counts


def _profile(
    profile: Profile,
    chosen: Iterable[Attendance],
    everybody: Iterable[Attendance],
    on: date,
    targets: Iterable[Target],
    rated: Sequence[str],
) -> Line:
    """Count the people of a profile; `rated` are the establishments whose headcount is asked, none when there is no rate."""
    return rules.line(
        str(profile),
        profile.label,
        [each for each in chosen if each.profile is profile],
        [each for each in everybody if each.profile is profile],
        on,
        [each for each in targets if each.profile is profile],
        rated,
    )


def _total(
    shown: Sequence[Attendance],
    everybody: Sequence[Attendance],
    profiles: Sequence[Line],
    on: date,
    asked: Asked,
) -> Line:
    """Count everybody once over the profiles; the rate needs the headcount of every profile that has somebody trained."""
    if asked.profile:
        return next(each for each in profiles if each.key == asked.profile)
    base = rules.line("", "Tous les profils", shown, everybody, on)
    if asked.part:
        return base
    lacking = [each.label for each in profiles if each.count.high and each.rate.headcount is None]
    known = [each.rate.headcount for each in profiles if each.rate.headcount]
    if lacking or not known:
        why = f"effectif incomplet ({few(lacking)})" if lacking and known else "effectif non renseigné"
        rate = Rate(base.count, None, why)
    else:
        rate = Rate(base.count, sum(known))
    targets = tuple(target for each in profiles for target in each.targets)
    return Line(base.key, base.label, rate, base.on_call, base.on_call_known, targets)


def _functions(shown: Sequence[Attendance], everybody: Sequence[Attendance], on: date) -> list[Line]:
    """Count by function, the most people first; a function is named as it was first typed."""
    seen: dict[str, list[Attendance]] = defaultdict(list)
    others: dict[str, list[Attendance]] = defaultdict(list)
    for each in shown:
        seen[rules.folded(each.function)].append(each)
    for each in everybody:
        others[rules.folded(each.function)].append(each)
    lines = [rules.line(key, lines[0].function, lines, others[key], on) for key, lines in seen.items()]
    return sorted(lines, key=lambda line: (-line.count.low, line.key))


def _places(
    establishments: Sequence[services.Establishment],
    shown: Sequence[Attendance],
    everybody: Sequence[Attendance],
    opened: tuple[Mapping[tuple[str, str], Session], str],
    on: date,
    asked: Asked,
    targets: Sequence[Target],
) -> list[Place]:
    lines, others = _by_place(shown), _by_place(everybody)
    sessions, support = opened
    told = []
    for establishment in establishments:
        place = str(establishment.id)
        goals = [
            each
            for each in targets
            if each.establishment == place and (not asked.profile or each.profile == asked.profile)
        ]
        rated = () if asked.part else (place,)
        reached = [session for (owner, _), session in sessions.items() if owner in {place, support, ""}]
        told.append(
            Place(
                establishment.finess,
                rules.line(place, establishment.name, lines[place], others[place], on, goals, rated),
                rules.one_trained(others[place], reached, on),
                sum(not outcome(each, on).counts for each in lines[place]),
            )
        )
    return told


def _by_place(attendances: Iterable[Attendance]) -> dict[str, list[Attendance]]:
    found: dict[str, list[Attendance]] = defaultdict(list)
    for each in attendances:
        found[each.establishment].append(each)
    return found


# -------------------------------------------------------------------------------------------------------------- answer


def _answer(
    asked: Asked, total: Line, shown: Sequence[Attendance], sessions: int, gaps: Sequence[Gap], on: date
) -> str:
    """Say first how many people are trained, of how many; else what is not there yet."""
    kind = Kind(asked.kind).label if asked.kind else ""
    what = "" if not kind else f" {kind}" if asked.kind == Kind.DMCC else f" ({kind})"
    within = f" du profil {total.label}" if asked.profile else ""
    within += f" de fonction {asked.function.strip()}" if asked.function else ""
    within += f" de la session {asked.session}" if asked.session else ""
    count = total.count
    if asked.on_call:
        within += plural(count.high, " qui participe aux gardes", " qui participent aux gardes")
    if not count.high:
        if not sessions and not shown:
            return f"Aucune formation{what} enregistrée : notez une session, puis les présences"
        told = [f"{gap.number} × {gap.label.lower()}" for gap in gaps]
        after = few(told) if told else "aucune présence n’est notée"
        return f"Personne{within} n’est formé{what} au {short_date(on)} : {after}"
    number = f"{count.text} {plural(count.high, 'personne', 'personnes')}"
    are = plural(count.high, "est formée", "sont formées")
    if total.rate.headcount is not None:
        return f"{count.text} des {total.rate.headcount} personnes{within or ' à former'} {are}{what}"
    if total.rate.why:
        return f"{number}{within} {are}{what} ; pas de taux : {total.rate.why}"
    return f"{number}{within} {are}{what}"
