"""Rules that several workbooks share: the establishment a row is written under, dates, files, names of people."""

from __future__ import annotations

from datetime import date

from importers.base import Column, Kind, Row, RowRule, mask
from importers.cells.identifiers import is_network_address  # noqa: F401  part of what workbooks share
from importers.cells.persons import looks_like_person
from importers.facts import Facts, Values
from importers.faults import FaultClass

E, G, W = FaultClass.ERROR, FaultClass.GAP, FaultClass.NOTICE


# ------------------------------------------------------------------------------------------------------------ columns

ENTITY = ("FINESS", "N° FINESS", "Numéro FINESS", "N° FINESS EJ", "FINESS juridique", "FINESS entité juridique", "EJ",
          "FINESS établissement", "FINESS de l’établissement")  # fmt: skip
SITE = ("FINESS site", "FINESS géographique", "N° FINESS ET", "FINESS EG", "ET")
# Last column of a sheet that the specification gives no establishment: a file of a whole GHT needs one.
ESTABLISHMENT = Column(
    key="finess_ej", label="FINESS EJ", kind=Kind.FINESS_EJ, width=14, synonyms=ENTITY,
    help="Seulement si le fichier concerne plusieurs établissements : 9 caractères, format Texte",
)  # fmt: skip


def by_code(values: Values) -> str:
    """Return the business key of a sheet whose rows have a code of their own."""
    return str(values.get("code") or "")


# ------------------------------------------------------------------------------------------------------------- owners


def owned_by(key: str = "finess_ej") -> RowRule:
    """Write a row under the EJ of a column; the only establishment of the scope when the cell is empty."""

    def rule(row: Row, facts: Facts) -> None:
        number = row.get(key)
        if number is None and row.blank(key) and facts.home:
            number = row.values[key] = facts.home
        if number is not None:
            row.establishment = str(number)
        elif row.blank(key):
            row.require(key, "Le numéro FINESS de l’établissement est obligatoire.", "Saisissez ses 9 caractères.")

    return rule


def owned_by_first(key: str = "finess_list") -> RowRule:
    """Write a row about several EJ under the first one that the uploader may write."""

    def rule(row: Row, facts: Facts) -> None:
        numbers = row.get(key)
        if numbers is None and row.blank(key) and facts.home:
            numbers = row.values[key] = (facts.home,)
        if isinstance(numbers, tuple) and numbers:
            row.establishment = next((number for number in numbers if number in facts.scope_finess), "")
        elif row.blank(key):
            row.require(key, "Le numéro FINESS de l’établissement est obligatoire.", "Saisissez ses 9 caractères.")

    return rule


def held_by(key: str = "holder") -> RowRule:
    """Write a row under its EJ, or under the support of the GHT when it belongs to the whole GHT."""

    def rule(row: Row, facts: Facts) -> None:
        holder = row.get(key)
        if holder is None and row.blank(key) and (facts.home or facts.group_code):
            holder = row.values[key] = facts.home or facts.group_code
        if holder is not None:
            row.establishment = facts.support if holder == facts.group_code else str(holder)
        elif row.blank(key):
            row.require(key, "L’établissement ou le GHT est obligatoire.", "Saisissez un FINESS EJ ou le code du GHT.")

    return rule


def owned_through(sheet: str, key: str, column: str = "finess_ej") -> RowRule:
    """Write a row under the EJ that has the code it refers to, when the sheet does not name the EJ.

    Several EJ may have the same code, or none of them: the column is then asked, for a row is never given to one of them by guess.
    """

    def rule(row: Row, facts: Facts) -> None:
        number = row.get(column) or facts.home
        if not number and row.blank(column):
            owners = set(facts.owners(sheet, row.get(key))) & set(facts.scope_finess)
            if len(owners) != 1:
                told = (
                    "Plusieurs établissements ont ce code" if owners else "Ce code n’est encore à aucun établissement"
                )
                row.require(
                    column if column in row.headers else key,
                    f"{told} : rien ne dit sous lequel ranger cette ligne.",
                    "Ajoutez la colonne « FINESS EJ » et saisissez l’établissement.",
                )
                return
            number = next(iter(owners))
        if number:
            row.values[column] = str(number)
            row.establishment = str(number)

    return rule


def site_of(owner: str = "finess_ej", site: str = "finess_et") -> RowRule:
    """Refuse a site of another legal entity."""

    def rule(row: Row, facts: Facts) -> None:
        place, number = row.get(site), row.establishment or row.get(owner)
        if place is not None and number and facts.sites.get(str(place)) != number:
            row.remark(
                E, "E-FIN", site, "Ce site n’appartient pas à l’entité juridique de la ligne.",
                "Vérifiez les deux numéros.",
            )  # fmt: skip

    return rule


# ------------------------------------------------------------------------------------------------------------- values


def day(row: Row, key: str) -> date | None:
    """Return the date read in a column."""
    value = row.get(key)
    return value if isinstance(value, date) else None


def in_order(first: str, last: str, reason: str) -> RowRule:
    """Refuse a period that ends before it starts."""

    def rule(row: Row, _facts: Facts) -> None:
        start, end = day(row, first), day(row, last)
        if start is not None and end is not None and end < start:
            row.remark(E, "E-COH", last, reason, "Vérifiez les deux dates.")

    return rule


def not_after_today(key: str, reason: str) -> RowRule:
    """Refuse a date of something done that lies in the future."""

    def rule(row: Row, facts: Facts) -> None:
        found = day(row, key)
        if found is not None and found > facts.today:
            row.remark(E, "E-COH", key, reason, "Corrigez la date ou l’état.")

    return rule


def within_phase(key: str, what: str, counts_for: str, another: str) -> RowRule:
    """Tell of something done outside the operational phase: stored, and it does not count (referential, easy to get wrong)."""

    def rule(row: Row, facts: Facts) -> None:
        found, last = day(row, key), facts.filed_on or facts.today
        if found is not None and found <= facts.today and not facts.phase_start <= found <= last:
            row.remark(
                G, "G-PER", key,
                f"{what} a eu lieu hors de la phase opérationnelle ({facts.phase_start:%d/%m/%Y} au {last:%d/%m/%Y}) : "
                f"la ligne est enregistrée et ne compte pas pour {counts_for}.",
                f"Vérifiez la date ; si elle est juste, {another} est nécessaire.",
            )  # fmt: skip

    return rule


def uploaded(*keys: str) -> RowRule:
    """Look for the files named as proof among those uploaded: one that is not there yet is a gap."""

    def rule(row: Row, facts: Facts) -> None:
        for key in keys:
            name = row.get(key)
            if name is not None and facts.files is not None and name not in facts.files:
                row.remark(
                    G, "G-REF", key, "Ce fichier n’a pas été déposé dans Vigie.",
                    "Déposez-le comme pièce : le lien se fera de lui-même.",
                )  # fmt: skip

    return rule


def function_not_name(*keys: str) -> RowRule:
    """Ask a function; a person's name is refused out of a register that others read, and never repeated."""

    def rule(row: Row, _facts: Facts) -> None:
        for key in keys:
            found = row.get(key)
            if found is not None and looks_like_person(str(found)):
                row.values[key] = None
                row.remark(
                    W, "W-NOM", key, "Cette cellule semble contenir le nom d’une personne : elle n’est pas enregistrée.",
                    "Écrivez une fonction (par exemple « Cadre supérieur de santé »).", value=mask(str(found)),
                )  # fmt: skip

    return rule


def function_required(key: str) -> RowRule:
    """Refuse a person's name where a function must be: others read it, and the row cannot do without."""

    def rule(row: Row, _facts: Facts) -> None:
        found = row.get(key)
        if found is not None and looks_like_person(str(found)):
            row.remark(
                E, "E-NOM", key, "Cette cellule semble contenir le nom d’une personne, et d’autres la lisent.",
                "Écrivez une fonction (par exemple « Médecin urgentiste ») : le nom a sa colonne.", value=mask(str(found)),
            )  # fmt: skip

    return rule


def functions_not_names(key: str) -> RowRule:
    """Leave out of a list of functions what looks like a person's name, and say so without repeating it."""

    def rule(row: Row, _facts: Facts) -> None:
        found = row.get(key)
        if not isinstance(found, tuple):
            return
        kept = tuple(each for each in found if not looks_like_person(str(each)))
        if len(kept) < len(found):
            row.values[key] = kept
            row.remark(
                W, "W-NOM", key, "Des noms de personnes ont été laissés de côté : ils ne sont pas enregistrés.",
                "Écrivez des fonctions (par exemple « Cadre des urgences »).", value="",
            )  # fmt: skip

    return rule


def required_if(key: str, condition: str, *values: object, reason: str) -> RowRule:
    """Ask a value when another column has one of some values."""

    def rule(row: Row, _facts: Facts) -> None:
        if row.get(condition) in values and row.blank(key):
            row.remark(E, "E-REQ", key, reason, "Remplissez cette cellule.")

    return rule


def gap_if_blank(key: str, reason: str, remedy: str = "Complétez cette cellule.") -> RowRule:
    """Tell of an honest gap: stored, and shown red."""

    def rule(row: Row, _facts: Facts) -> None:
        if row.blank(key):
            row.remark(G, "G-REQ", key, reason, remedy)

    return rule
