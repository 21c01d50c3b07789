"""What a row of Activites and of Dependances must hold (workbooks.md, 3.1), field against field.

E refuses the row, G stores it and shows it red (an honest gap), W is a notice. Rules stay silent about a cell that could
not be read: its own fault was already told.
"""

from __future__ import annotations

import re
from functools import cache

from importers.base import Choice, Row, RowRule, mask
from importers.cells.persons import looks_like_person
from importers.facts import Facts
from importers.faults import FaultClass
from importers.words import fold, one_line

E, G, W = FaultClass.ERROR, FaultClass.GAP, FaultClass.NOTICE

VITAL, CRITICAL = "1", "2"
FIRST = (VITAL, CRITICAL)  # criticalities that must say how long they may stop, and how their applications come back
_DAY = 24 * 60
_THREE_DAYS = 3 * _DAY  # where procedures written for short outages stop being enough (practice.md, 1.2)
_IMPACTS = (
    ("impact_4h", "4 h"),
    ("impact_24h", "24 h"),
    ("impact_72h", "72 h"),
    ("impact_1w", "1 semaine"),
)


def number_of(value: object) -> str:
    """Return the number of an activity as it is compared: « 03 », or « 1.2 », is 3, or 1,2, in a column of numbers."""
    text = one_line(str(value or "")).upper().replace(",", ".")
    return text.lstrip("0") or "0" if re.fullmatch(r"[0-9]+", text) else text


def activity_key(perimeter: object, number: object) -> str:
    """Return the business key of an activity: « URG-01 / 3 »; empty when a part is missing."""
    return f"{perimeter} / {number_of(number)}" if perimeter and number else ""


def dependency_key(perimeter: object, number: object, label: object) -> str:
    """Return the key of a dependency: « URG-01 / 3 / dpi », « URG-01 / - / dpi » when it is the whole perimeter's."""
    if not perimeter or not label:
        return ""
    return f"{perimeter} / {number_of(number) if number else '-'} / {fold(str(label))}"


def _minutes(row: Row, key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) else None


# ---------------------------------------------------------------------------------------------------------- Activites


def criticality(row: Row, _facts: Facts) -> None:
    """Ask a figure: many sheets say the criticality by the colour of the cell only, which no import can read."""
    if row.blank("criticality"):
        row.require(
            "criticality", "La criticité est obligatoire, écrite dans la cellule : une couleur ne se lit pas.",
            "Écrivez 1 (vitale), 2 (critique), 3 (importante) ou 4 (différable), même si la cellule est déjà colorée.",
        )  # fmt: skip


def impacts(row: Row, _facts: Facts) -> None:
    """Refuse an impact that decreases while the interruption lasts."""
    worst, since = -1, ""
    for key, delay in _IMPACTS:
        impact = row.get(key)
        if not isinstance(impact, int):
            continue
        if impact < worst:
            row.remark(
                E, "E-COH", key, f"L’impact à {delay} ({impact}) est plus faible que l’impact à {since} ({worst}).",
                "Un impact ne diminue pas quand l’interruption dure : corrigez l’un des deux.",
            )  # fmt: skip
            return
        worst, since = impact, delay


def impact_kinds(choices: tuple[Choice, ...]) -> RowRule:
    """Find each nature of impact in the list: an interruption may have several."""
    values = {fold(name): choice.value for choice in choices for name in (choice.label, *choice.synonyms)}

    def rule(row: Row, _facts: Facts) -> None:
        found = row.get("impact_kinds")
        if not isinstance(found, tuple):
            return
        unknown = next((text for text in found if fold(text) not in values), None)
        if unknown is not None:
            row.remark(
                E, "E-LST", "impact_kinds", f"« {unknown} » n’est pas dans la liste des natures d’impact.",
                f"Valeurs admises : {' ; '.join(choice.label for choice in choices)}.",
            )  # fmt: skip
        row.values["impact_kinds"] = tuple(dict.fromkeys(values[fold(text)] for text in found if fold(text) in values))

    return rule


def interruption(row: Row, _facts: Facts) -> None:
    """Ask the DIMA, and compare it with the criticality. A PDMA longer than the DIMA is allowed."""
    level, dima = row.get("criticality"), _minutes(row, "dima_minutes")
    if row.blank("dima_minutes") and level in FIRST:
        row.require(
            "dima_minutes", f"La DIMA est obligatoire pour une activité de criticité {level}.",
            "Saisissez la durée d’interruption maximale admissible : 4 h, 30 min, 1 j.",
        )  # fmt: skip
    elif row.blank("dima_minutes") and level is not None:
        row.remark(
            G, "G-REQ", "dima_minutes", "La DIMA manque.",
            "Saisissez la durée d’interruption maximale admissible : 4 h, 3 jours, 1 semaine.",
        )  # fmt: skip
    if level == VITAL and dima is not None and dima > _DAY:
        row.remark(
            W, "W-COH", "dima_minutes", "Activité vitale (criticité 1) dont la DIMA dépasse 24 h.",
            "Vérifiez la criticité et la DIMA.",
        )  # fmt: skip


def staff(row: Row, _facts: Facts) -> None:
    """Refuse a minimal staff above the nominal one."""
    nominal, minimal = row.get("nominal_staff"), row.get("minimal_staff")
    if nominal is not None and minimal is not None and minimal > nominal:  # type: ignore[operator]  # columns of numbers
        row.remark(
            E, "E-COH", "minimal_staff", "L’effectif minimal dépasse l’effectif nominal.", "Corrigez l’un des deux."
        )


def hold(row: Row, _facts: Facts) -> None:
    """Tell of a degraded mode that holds less than the DIMA, or less than three days: attacks last weeks (lessons.md)."""
    held, dima = _minutes(row, "degraded_hold_minutes"), _minutes(row, "dima_minutes")
    if held is None:
        return
    if dima is not None and held < dima:
        row.remark(
            W, "W-TEN", "degraded_hold_minutes", "Le mode dégradé tient moins longtemps que la DIMA.",
            "Prévoyez de quoi tenir jusqu’à la reprise (relève, formulaires, renforts), ou revoyez la DIMA.",
        )  # fmt: skip
    elif held < _THREE_DAYS:
        row.remark(
            W, "W-TEN", "degraded_hold_minutes", "Le mode dégradé tient moins de 72 h : une attaque dure bien davantage.",
            "Prévoyez comment tenir au-delà (relève, formulaires, renforts).",
        )  # fmt: skip


# -------------------------------------------------------------------------------------------------------- Dependances


def skill(row: Row, _facts: Facts) -> None:
    """Refuse a person named as a skill: the sheet is read by the whole GHT, and the label is part of the key."""
    label = row.get("label")
    if row.get("kind") == "skill" and label is not None and looks_like_person(str(label)):
        row.values["label"] = None
        row.remark(
            E, "E-COH", "label", "Ce libellé semble être le nom d’une personne : une compétence est une fonction.",
            "Écrivez la fonction (par exemple « Biologiste de garde »).", value=mask(str(label)),
        )  # fmt: skip


def crisis_contact(row: Row, _facts: Facts) -> None:
    """Leave the crisis contact out, and say where it goes: this register is read by the GHT, the crisis pack is not."""
    if row.values.pop("crisis_contact", None) is not None or "crisis_contact" in row.broken:
        row.remark(
            W, "W-NOM", "crisis_contact",
            "Le contact en crise n’est pas enregistré avec la dépendance, que tout votre GHT peut lire.",
            "Reportez-le dans le classeur KIT_ANNUAIRE_CRISE, feuille « Partenaires » : il ne sert qu’au dossier de crise.",
        )  # fmt: skip


def activity_known(row: Row, facts: Facts) -> None:
    """Tell of an activity that its perimeter does not have yet: stored, and attached by itself when it arrives.

    Nothing more is said of a perimeter that nobody has.
    """
    perimeter, number = row.get("perimeter_code"), row.get("activity_number")
    if number is None or not row.establishment or not facts.owners("Perimetres", perimeter):
        return
    if f"{row.establishment}/{activity_key(perimeter, number)}" not in facts.existing.get("Activites", {}):
        row.remark(
            G, "G-REF", "activity_number",
            f"Le périmètre {perimeter} n’a pas encore d’activité n° {number_of(number)} : la ligne est enregistrée, à rattacher.",
            "Importez la feuille « Activites » qui la décrit, ou corrigez le numéro ; le lien se fera de lui-même.",
        )  # fmt: skip


def backed_up(facts: Facts) -> RowRule:
    """Look for the Code SI of the applications that activities of criticality 1 or 2 need (D2.O2.B).

    Activities are those stored and those of the same file, read before: of one that is not known yet, nothing is said.
    """

    @cache
    def places() -> frozenset[str]:
        """« FINESS/URG-01 / 3 » of each such activity, and « FINESS/URG-01 » of its perimeter."""
        found = set()
        for key, values in facts.existing.get("Activites", {}).items():
            if values.get("criticality") in FIRST:
                found |= {key, f"{key.partition('/')[0]}/{values.get('perimeter_code')}"}
        return frozenset(found)

    def rule(row: Row, _facts: Facts) -> None:
        if row.get("kind") != "application" or not row.blank("system_code") or "activity_number" in row.broken:
            return
        perimeter, number = row.get("perimeter_code"), row.get("activity_number")
        if f"{row.establishment}/{activity_key(perimeter, number) or perimeter}" in places():
            row.remark(
                G, "G-REF", "system_code",
                "Application d’une activité de criticité 1 ou 2 sans Code SI : sa sauvegarde ne peut pas être suivie (O2.B).",
                "Saisissez le code de l’application dans la feuille « SI_critiques » du classeur KIT_SAUVEGARDE.",
            )  # fmt: skip

    return rule
