"""Who is trained in a scope, against which headcount, and what is left to do: the read model of « Formations ».

An establishment reads its own names. Whoever reads it from elsewhere, a GHT first, gets the same counts from lines that
hold no name (services/training.presence), and no list of people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from compliance.models.register import Register
from compliance.models.training import Attendance, CharterSignature, TrainingSession, TrainingTarget
from compliance.rules import training as rules
from compliance.rules.training import Charter, Count, Kind, Line, Profile, Rate, Session, Target
from compliance.rules.verdict import State, Verdict
from compliance.rules.words import few, plural, short_date
from compliance.services import register
from compliance.services import training as services
from compliance.services.register import Row
from compliance.services.training import CommonSession, Presence, Regional

MOST = 200  # lines of a list of the page; the register holds the others
_MOST_FUNCTIONS = 40
_SESSION = (
    "code", "title", "kind", "organiser", "starts_on", "ends_on", "half_days", "hours", "modality", "place",
    "validity_months", "signed_sheet",
)  # fmt: skip
WANTED: Mapping[type[Register], Sequence[str]] = {
    TrainingSession: _SESSION,
    CharterSignature: ("service", "headcount", "signatures", "counted_on"),
    TrainingTarget: ("profile", "headcount", "source", "set_on"),
    # Class `own`: the database gives these to the establishment alone.
    Attendance: ("last_name", "first_name", "identifier", "service"),
}
# Why a line does not count, in the order in which somebody can do something about it.
LEFT_OUT = {
    "UNSIGNED": "Présences sans signature",
    "SESSION_UNKNOWN": "Session inconnue",
    "DATE_MISSING": "Heures en ligne sans date",
    "EXPIRED": "Validité échue",
    "PARTIAL": "Présence à une partie de la session",
    "ABSENT": "Absents, excusés ou sans présence notée",
    "UPCOMING": "Session à venir",
}


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for: `kind` and `profile` are '' for all of them."""

    kind: str = Kind.DMCC
    function: str = ""
    profile: str = ""
    on_call: bool = False

    @property
    def part(self) -> bool:
        """Whether people are chosen within a profile: no headcount says how many they are."""
        return bool(self.function) or self.on_call


@dataclass(frozen=True)
class Place:
    """An establishment: its counts, whether somebody of it is trained as DMCC, and how many lines do not count."""

    finess: str
    line: Line
    dmcc: Verdict
    left_out: int


@dataclass(frozen=True)
class Named:
    """Somebody trained, as the establishment alone reads it; `more` people of this name may stand behind it."""

    ref: UUID
    name: str
    function: str
    service: str
    sessions: tuple[str, ...]
    learned_on: date | None
    until: date | None
    renew: bool
    on_call: bool
    more: int


@dataclass(frozen=True)
class LeftOut:
    """A line that does not count, and why."""

    ref: UUID
    name: str
    function: str
    session: str
    reason: str
    action: str


@dataclass(frozen=True)
class Gap:
    """Lines that do not count for one reason; `lines` is empty where they may not be read."""

    code: str
    label: str
    number: int
    lines: tuple[LeftOut, ...]


@dataclass(frozen=True)
class SessionLine:
    """A session and how many people it trained; `ref` is None for one of the GHT that a member does not read."""

    code: str
    title: str
    kind: str
    organiser: str
    starts_on: date
    ends_on: date
    length: str
    place: str
    validity_months: int | None
    holder: str
    count: Count
    ref: UUID | None


@dataclass(frozen=True)
class RegionalLine:
    """A session that the ARS opens for the region; `mine` is the row of the establishment of the same code, if it has one."""

    session: Regional
    kind: str
    mine: UUID | None


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
    sessions = _sessions(rows[TrainingSession], shared)
    everybody = [_attendance(each, sessions, support) for each in services.presence(known)]
    readable = {row.id: row.values for row in rows[Attendance]}
    targets = [_target(row) for row in rows[TrainingTarget]]
    places = list(names)
    chosen = [each for each in everybody if _is_chosen(each, asked)]
    rated = [] if asked.part else places
    profiles = [_profile(profile, chosen, everybody, on, targets, rated) for profile in Profile]
    shown = [each for each in chosen if not asked.profile or each.profile == asked.profile]
    total = _total(shown, everybody, profiles, on, asked)
    functions = _functions(shown, everybody, on)
    people = rules.people(rules.trained(shown, on))
    renewing = [person for person in people if rules.to_renew(person, on)]
    charters = [_charter(row) for row in rows[CharterSignature]]
    listed = _listed_sessions(rows[TrainingSession], shared, names, everybody, asked, on)
    own = {row.values["code"]: row.id for row in rows[TrainingSession]}
    gaps = _gaps(shown, readable, on)
    return Training(
        asked=asked,
        answer=_answer(asked, total, shown, len(listed), gaps, on),
        whole=len(places) > 1,
        total=total,
        profiles=profiles,
        functions=functions[:_MOST_FUNCTIONS],
        functions_left=max(0, len(functions) - _MOST_FUNCTIONS),
        places=_places(establishments, shown, everybody, (sessions, support), on, asked, targets),
        named=_named(people, readable, on)[:MOST],
        renew=rules.unique(line for person in renewing for line in person.attendances),
        gaps=gaps,
        charter=rules.charter_total(charters),
        services=sorted(
            ((each, names[each.establishment]) for each in charters),
            key=lambda pair: (pair[0].share if pair[0].share is not None else Decimal(2), pair[1], pair[0].service),
        ),
        sessions=listed[:MOST],
        sessions_left=max(0, len(listed) - MOST),
        upcoming=sum(line.ends_on > on for line in listed),
        regional=[
            RegionalLine(each, Kind(each.kind).label, own.get(each.code))
            for each in services.regional(known)
            if each.ends_on >= on
        ],
        readable=bool(readable),
    )


# ---------------------------------------------------------------------------------------------------------- facts read


def _sessions(rows: Iterable[Row], shared: Iterable[CommonSession]) -> dict[tuple[str, str], Session]:
    """Return the sessions by the establishment that holds them, '' for the support that a member does not read."""
    found = [(str(row.establishment_id), row.values) for row in rows]
    found += [("", {name: getattr(each, name) for name in CommonSession.__dataclass_fields__}) for each in shared]
    return {
        (owner, values["code"]): Session(
            code=values["code"],
            owner=owner,
            kind=Kind(values["kind"]),
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            half_days=values["half_days"],
            hours=values["hours"],
            validity_months=values["validity_months"],
        )
        for owner, values in found
    }


def _attendance(each: Presence, sessions: Mapping[tuple[str, str], Session], support: str) -> rules.Attendance:
    """Return a line as the rules read it: its session is that of the establishment, else of the support of its GHT."""
    place = str(each.establishment_id)
    return rules.Attendance(
        establishment=place,
        session=sessions.get((place, each.session_code))
        or sessions.get((support, each.session_code))
        or sessions.get(("", each.session_code)),
        profile=Profile(each.profile),
        function=each.function,
        half_days=tuple(each.half_days),
        hours=each.hours,
        attended_on=each.attended_on,
        signed=each.signed,
        certified=each.certified,
        certified_on=each.certified_on,
        on_call=each.on_call,
        person=each.person,
        national=each.national,
        namesake=each.namesake,
        ref=each.id,
    )


def _target(row: Row) -> Target:
    values = row.values
    return Target(
        str(row.establishment_id), Profile(values["profile"]), values["headcount"], values["source"] or "",
        values["set_on"], row.id,
    )  # fmt: skip


def _charter(row: Row) -> Charter:
    values = row.values
    return Charter(
        str(row.establishment_id), values["service"], values["headcount"], values["signatures"], values["counted_on"],
        row.id,
    )  # fmt: skip


def _is_chosen(each: rules.Attendance, asked: Asked) -> bool:
    """Say whether a line is of the kind, function and on-call asked; one of an unknown session may be of any kind."""
    return (
        (not asked.kind or each.session is None or each.session.kind == asked.kind)
        and (not asked.function or rules.has_function(each, asked.function))
        and (not asked.on_call or bool(each.on_call))
    )


# -------------------------------------------------------------------------------------------------------------- counts


def _profile(
    profile: Profile,
    chosen: Iterable[rules.Attendance],
    everybody: Iterable[rules.Attendance],
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
    shown: Sequence[rules.Attendance],
    everybody: Sequence[rules.Attendance],
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


def _functions(shown: Sequence[rules.Attendance], everybody: Sequence[rules.Attendance], on: date) -> list[Line]:
    """Count by function, the most people first; a function is named as it was first typed."""
    seen: dict[str, list[rules.Attendance]] = defaultdict(list)
    others: dict[str, list[rules.Attendance]] = defaultdict(list)
    for each in shown:
        seen[rules.folded(each.function)].append(each)
    for each in everybody:
        others[rules.folded(each.function)].append(each)
    lines = [rules.line(key, lines[0].function, lines, others[key], on) for key, lines in seen.items()]
    return sorted(lines, key=lambda line: (-line.count.low, line.key))


def _places(
    establishments: Sequence[services.Establishment],
    shown: Sequence[rules.Attendance],
    everybody: Sequence[rules.Attendance],
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
                sum(not rules.outcome(each, on).counts for each in lines[place]),
            )
        )
    return told


def _by_place(attendances: Iterable[rules.Attendance]) -> dict[str, list[rules.Attendance]]:
    found: dict[str, list[rules.Attendance]] = defaultdict(list)
    for each in attendances:
        found[each.establishment].append(each)
    return found


# --------------------------------------------------------------------------------------------------------------- lists


def _name(values: Mapping[str, Any]) -> str:
    """Return a name as the sheet has it, else the identifier that replaces it."""
    told = " ".join(part for part in (values["last_name"], values["first_name"]) if part)
    return told or f"n° {values['identifier']}"


def _named(people: Iterable[rules.Person], readable: Mapping[UUID, Mapping[str, Any]], on: date) -> list[Named]:
    """List who is trained, those to renew first; nobody where names may not be read."""
    told = []
    for person in people:
        last = max(person.attendances, key=lambda each: rules.outcome(each, on).learned_on or date.min)
        if last.ref is None or last.ref not in readable:
            continue
        values = readable[last.ref]
        told.append(
            Named(
                last.ref,
                _name(values),
                last.function,
                values["service"] or "",
                tuple(sorted({each.session.code for each in person.attendances if each.session})),
                rules.outcome(last, on).learned_on,
                rules.holds_until(person, on),
                rules.to_renew(person, on),
                any(each.on_call for each in person.attendances),
                person.more,
            )
        )
    return sorted(told, key=lambda each: (not each.renew, each.until or date.max, each.name.casefold()))


def _gaps(shown: Sequence[rules.Attendance], readable: Mapping[UUID, Mapping[str, Any]], on: date) -> list[Gap]:
    numbers: Counter[str] = Counter()
    lines: dict[str, list[LeftOut]] = defaultdict(list)
    for each in shown:
        found = rules.outcome(each, on)
        if found.counts:
            continue
        numbers[found.code] += 1
        if each.ref is None or each.ref not in readable or len(lines[found.code]) >= MOST:
            continue
        session = each.session.code if each.session else "code inconnu"
        verdict = found.verdict
        lines[found.code].append(
            LeftOut(
                each.ref,
                _name(readable[each.ref]),
                each.function,
                session,
                verdict.reasons[0].text,
                verdict.next_action,
            )
        )
    return [
        Gap(code, label, numbers[code], tuple(sorted(lines[code], key=lambda each: each.name.casefold())))
        for code, label in LEFT_OUT.items()
        if numbers[code]
    ]


def _listed_sessions(
    rows: Sequence[Row],
    shared: Sequence[CommonSession],
    names: Mapping[str, str],
    everybody: Sequence[rules.Attendance],
    asked: Asked,
    on: date,
) -> list[SessionLine]:
    """List the sessions of the kind asked, those to come and the latest first."""
    went: dict[tuple[str, str], list[rules.Attendance]] = defaultdict(list)
    for each in rules.trained(everybody, on):
        if each.session is not None:
            went[each.session.owner, each.session.code].append(each)
    lines = [
        _session_line(
            row.values, names[str(row.establishment_id)], went[str(row.establishment_id), row.values["code"]], row.id
        )
        for row in rows
    ]
    for told in shared:
        values = {name: getattr(told, name) for name in CommonSession.__dataclass_fields__}
        lines.append(_session_line(values, "établissement support du GHT", went["", told.code], None))
    chosen = [line for line in lines if not asked.kind or line.kind == Kind(asked.kind).label]
    return sorted(chosen, key=lambda line: (-line.starts_on.toordinal(), line.code, line.holder))


def _session_line(
    values: Mapping[str, Any], holder: str, went: Sequence[rules.Attendance], ref: UUID | None
) -> SessionLine:
    half_days = values["half_days"]
    hours = f"{values['hours'].normalize():f}".replace(".", ",")
    length = f"{half_days} demi-{plural(half_days, 'journée', 'journées')}, {hours} h" if half_days else f"{hours} h"
    return SessionLine(
        values["code"], values["title"], Kind(values["kind"]).label, rules.ORGANISERS[values["organiser"]],
        values["starts_on"], values["ends_on"], length, values["place"] or "", values["validity_months"], holder,
        rules.unique(went), ref,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- answer


def _answer(
    asked: Asked, total: Line, shown: Sequence[rules.Attendance], sessions: int, gaps: Sequence[Gap], on: date
) -> str:
    """Say first how many people are trained, of how many; else what is not there yet."""
    kind = Kind(asked.kind).label if asked.kind else ""
    what = "" if not kind else f" {kind}" if asked.kind == Kind.DMCC else f" ({kind})"
    within = f" du profil {total.label}" if asked.profile else ""
    within += f" de fonction {asked.function.strip()}" if asked.function else ""
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
