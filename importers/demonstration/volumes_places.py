"""Who is in a data set of volumes: regions, GHT, establishments and sites, and what each of them weighs. All invented.

Nothing here reads a clock, a database or chance: the same plan gives the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from importers.demonstration.names import finess

# EJ of each GHT, in turn: about 6, from 1 to 13 (programme.md, « Volumes to design for »).
GROUP_SIZES = (13, 1, 6, 5, 7, 4, 8, 6, 3, 9, 6, 5, 5)
# What an EJ weighs in its GHT, the support first, then one outside a GHT: staff, sessions and AC follow it.
MEMBER_WEIGHTS = (40, 18, 12, 9, 8, 7, 7, 6, 6, 5, 5, 4, 4)
SINGLE_WEIGHTS = (5, 3, 8, 4, 6, 3, 10)
# Sites (EG): 40 for the 13 EJ of a GHT; most establishments outside a GHT have one, which is then the only party.
MEMBER_SITES = (4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)
SINGLE_SITES = (1, 1, 2, 1, 3, 1, 1)
FIRST_SITE = 3_000  # serials of sites begin here, those of establishments stop before

# Two halves of an invented town: 2,209 of them.
_FIRST = (
    "Bruy", "Cal", "Cham", "Cor", "Dam", "Dor", "Fal", "Fen", "Flor", "Gal", "Gar", "Gren", "Hau", "Jas", "Jon", "Kér",
    "Lan", "Lau", "Lor", "Lu", "Mar", "Mer", "Mon", "Mou", "Nar", "Noir", "Pal", "Per", "Pier", "Pré", "Quer", "Rai",
    "Roc", "Rou", "Sal", "Sau", "Sel", "Sor", "Tal", "Ter", "Tour", "Val", "Ver", "Vil", "Vor", "Wam", "Zel",
)  # fmt: skip
_LAST = (
    "bac", "bane", "berive", "bois", "bosq", "brune", "calme", "cèdre", "cime", "combe", "crêt", "daine", "dolent", "dune",
    "fage", "fontal", "fougère", "gival", "grève", "guet", "havre", "joncs", "lande", "lierre", "lonne", "marne", "mière",
    "moulin", "nelle", "nuée", "orme", "palud", "pluie", "quais", "ravine", "rive", "roseau", "saule", "sente", "source",
    "tertre", "tilleul", "tremble", "vasque", "ville", "vivier", "zance",
)  # fmt: skip
_KINDS = {
    "public": ("CH de {}", "EPSM de {}", "Hôpital de {}"),
    "non_profit": ("Fondation de {}", "Hôpital associatif de {}", "Centre de rééducation de {}"),
    "private": ("Clinique de {}", "Polyclinique de {}", "Clinique du Parc de {}"),
}
_SITES = ("Site principal de {}", "EHPAD de {}", "Centre de soins de {}", "Hôpital de jour de {}")
_LANDS = (
    "Plaines-Hautes", "Mille-Étangs", "Monts-Gris", "Rivages-Blancs", "Grandes-Landes", "Val-d’Ambre", "Côte-Rousse",
    "Hauts-Bocages", "Deux-Rivières", "Terres-Noires", "Marches-du-Sud", "Pays-de-Brume", "Longs-Causses", "Bas-Marais",
    "Collines-Bleues", "Vents-d’Ouest", "Îles-Claires", "Sept-Forêts",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How large a data set is. Figures of programme.md, « Volumes to design for »; `scaled` makes a smaller one.

    `name` is that of the command, `series` the four digits that begin its FINESS numbers. `groups`, `public`,
    `non_profit` and `private` are candidates (GHT, then establishments outside a GHT by status); the two `idle` are eligible
    and have not applied. `attendance` counts rows, `exercises` those of 2026, `pieces` those of one candidate. `opened`: its
    accounts have a password.
    """

    name: str
    series: str
    title: str
    regions: int
    groups: int
    public: int
    non_profit: int
    private: int
    idle_groups: int
    idle_singles: int
    attendance: int
    sessions: int
    exercises: int
    pieces: int = 75
    opened: bool = True

    @property
    def candidates(self) -> int:
        """How many apply."""
        return self.groups + self.public + self.non_profit + self.private

    @property
    def eligible(self) -> int:
        """How many could apply, candidates included."""
        return self.candidates + self.idle_groups + self.idle_singles

    @property
    def source(self) -> str:
        """What the directory says of where its rows come from: tells the rows of this data set from any other."""
        return f"volumes fictifs : {self.name}"

    def scaled(self, divisor: int) -> Plan:
        """Return a plan so many times smaller: nothing that there was becomes nothing, `pieces` stay."""
        counts: dict[str, Any] = {
            name: max(1, round(getattr(self, name) / divisor)) if getattr(self, name) else 0
            for name in ("regions", "groups", "public", "non_profit", "private", "idle_groups", "idle_singles",
                         "attendance", "sessions", "exercises")
        }  # fmt: skip
        return replace(self, **counts)


GHT = Plan(
    name="ght", series="6298", title="un GHT de 13 établissements", regions=1, groups=1, public=0, non_profit=0, private=0,
    idle_groups=0, idle_singles=0, attendance=10_000, sessions=400, exercises=16,
)  # fmt: skip
REGION = Plan(
    name="region", series="6297", title="une région : 13 GHT et 60 établissements hors GHT", regions=1, groups=13, public=1,
    non_profit=17, private=42, idle_groups=0, idle_singles=0, attendance=110_000, sessions=4_400, exercises=170,
)  # fmt: skip
NATION = Plan(
    name="nation", series="6296", title="la nation : 1 167 candidats, 18 régions", regions=18, groups=130, public=15,
    non_profit=287, private=735, idle_groups=5, idle_singles=285, attendance=1_500_000, sessions=60_000, exercises=2_235,
    opened=False,
)  # fmt: skip
PLANS = (GHT, REGION, NATION)


@dataclass(frozen=True)
class Place:
    """An establishment (EJ): `rank` among those of its candidate, its town, its sites, its share of the volumes."""

    finess: str
    name: str
    town: str
    rank: int
    weight: int
    sites: tuple[tuple[str, str], ...]
    staff: int = 0
    sessions: int = 0
    exercises: int = 0


@dataclass(frozen=True)
class Holder:
    """Who may apply: a GHT, or an establishment outside a GHT; `code` is what its address says."""

    rank: int
    kind: str
    code: str
    name: str
    region: str
    applies: bool
    places: tuple[Place, ...]

    @property
    def ght(self) -> bool:
        """Whether it is a GHT."""
        return self.kind == "ght"

    @property
    def support(self) -> Place:
        """The establishment that owns the candidate."""
        return self.places[0]

    @property
    def email(self) -> str:
        """The account that writes for it: the manager of the GHT, or the administrator of the establishment."""
        return f"{'dsi' if self.ght else 'admin'}@{self.code.lower()}.example"

    @property
    def parties(self) -> tuple[tuple[Place, str, str, bool], ...]:
        """The parties of the candidate: establishment, key, name, whether it is a site (outside a GHT)."""
        if self.ght:
            return tuple((place, place.finess, place.name, False) for place in self.places)
        return tuple((self.support, number, name, True) for number, name in self.support.sites)


def regions(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the code and name of each region: invented too, the true ones hold true establishments."""
    return tuple(
        (f"{plan.name[0].upper()}{rank + 1:02d}", f"ARS {_LANDS[rank]} (fictive)") for rank in range(plan.regions)
    )


def holders(plan: Plan) -> list[Holder]:
    """Return every eligible structure, GHT first, with its establishments: candidates have their part of the volumes."""
    towns, numbers = _towns(), _Numbers(plan.series)
    codes = [code for code, _ in regions(plan)]
    found: list[Holder] = []
    for rank in range(plan.groups + plan.idle_groups):
        town = next(towns)
        names = [town, *(next(towns) for _ in range(GROUP_SIZES[rank % len(GROUP_SIZES)] - 1))]
        places = tuple(
            numbers.place(_named("public", place, each), each, place, MEMBER_WEIGHTS[place], MEMBER_SITES[place])
            for place, each in enumerate(names)
        )
        code = f"GHT-{plan.name[0].upper()}{rank + 1:03d}"
        applies = rank < plan.groups
        found.append(Holder(rank, "ght", code, f"GHT de {town}", codes[rank % len(codes)], applies, places))
    statuses = ["public"] * plan.public + ["non_profit"] * plan.non_profit + ["private"] * plan.private
    idle = [("non_profit", "private")[rank % 2] for rank in range(plan.idle_singles)]
    for rank, status in enumerate((*statuses, *idle)):
        town, turn = next(towns), rank % len(SINGLE_SITES)
        place = numbers.place(_named(status, rank, town), town, 0, SINGLE_WEIGHTS[turn], SINGLE_SITES[turn])
        region = codes[rank % len(codes)]
        applies = rank < len(statuses)
        found.append(Holder(len(found), status, place.finess, place.name, region, applies, (place,)))
    return _shared_out(plan, found)


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share out a number by weights, in whole parts whose sum is the number."""
    reached = [0, *accumulate(weights)]
    return [total * after // reached[-1] - total * before // reached[-1] for before, after in pairwise(reached)]


def _shared_out(plan: Plan, found: list[Holder]) -> list[Holder]:
    """Give each establishment of a candidate its part of the attendance, of the sessions and of the exercises."""
    weights = [place.weight for holder in found if holder.applies for place in holder.places]
    parts: Iterator[Any] = zip(
        apportion(plan.attendance, weights),
        apportion(plan.sessions, weights),
        apportion(plan.exercises, [1] * len(weights)),
        strict=True,
    )

    def filled(place: Place) -> Place:
        staff, sessions, exercises = next(parts)
        return replace(place, staff=staff, sessions=sessions, exercises=exercises)

    return [
        replace(holder, places=tuple(filled(place) for place in holder.places)) if holder.applies else holder
        for holder in found
    ]


class _Numbers:
    """Gives FINESS numbers of a series, one after the other."""

    def __init__(self, series: str) -> None:
        self._series, self._entity, self._site = series, 0, FIRST_SITE

    def place(self, name: str, town: str, rank: int, weight: int, sites: int) -> Place:
        own = tuple((finess(self._site + place, self._series), _SITES[place].format(town)) for place in range(sites))
        self._site += sites
        self._entity += 1
        return Place(finess(self._entity, self._series), name, town, rank, weight, own)


def _named(status: str, rank: int, town: str) -> str:
    names = _KINDS[status]
    return names[rank % len(names)].format(town)


def _towns() -> Iterator[str]:
    """Invented towns, each once; neighbours do not look alike."""
    for turn in range(len(_LAST)):
        for rank, first in enumerate(_FIRST):
            yield first + _LAST[(rank + turn) % len(_LAST)]
