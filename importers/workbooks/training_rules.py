"""What a row of K3 must hold (workbooks.md, 3.3), and how a person is recognised in an attendance sheet.

`Emargement` is the longest sheet of the kit: its rules work on a few short strings, and nothing is compiled or searched
per row. A name stays in its row: no remark repeats it, and no cache of the process keeps it (`words.fold` has one).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from compliance.rules.milestone import add_months
from importers.base import Row, RowRule
from importers.facts import Facts, Values
from importers.workbooks.common import E, G, W

HALF_DAYS = tuple(f"half_day_{rank}" for rank in range(1, 7))

_PRESENT = "present"
_ONLINE = "e_learning"
_CIVILITY = re.compile(
    r"(?:(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|dr|docteur|pr|professeur)(?:\.\s*|\s+)"
    r"(?:l[ea]\s+(?=(?:dr|docteur|pr|professeur)\b))?)+(?=\w{2})",
    re.IGNORECASE,
)
# Between the words of a name; and what is left of accents once letters are decomposed.
_BETWEEN = dict.fromkeys(map(ord, "-'’`.,()/\u2010\u2012\u2013\u2014"), " ")
_LETTERS = {**_BETWEEN, **dict.fromkeys(range(0x300, 0x370)), ord("œ"): "oe", ord("æ"): "ae"}
_PARTICLES = frozenset({"d", "de", "des", "du", "la", "le", "les", "van", "von", "den", "der", "el", "al", "ben"})
_ELIDED = ("d'", "d’", "l'", "l’")


# ----------------------------------------------------------------------------------------------------------- sessions


def session_owner(row: Row, facts: Facts) -> None:
    """Write a session under the EJ it names; else under the only one of the scope, or the support of the GHT."""
    number = row.get("finess_ej")
    if number is None and row.blank("finess_ej"):
        number = facts.home or facts.support or None
        row.values["finess_ej"] = number
        if number is None:
            row.remark(
                E, "E-REQ", "finess_ej", "L’établissement de cette session n’est pas connu.",
                "Ajoutez une colonne « FINESS EJ » et saisissez l’établissement qui la porte.",
            )  # fmt: skip
    row.establishment = str(number or "")


def session_length(row: Row, _facts: Facts) -> None:
    """Ask from 1 to 20 half-days, except of e-learning, which is counted in hours; tell of a session that lasts nothing."""
    if row.get("modality") == _ONLINE or "modality" in row.broken:
        return
    if row.get("hours") == 0:
        row.remark(
            W, "W-COH", "hours", "La session dure 0 heure, et elle n’est pas en e-learning.", "Vérifiez la durée totale."
        )  # fmt: skip
    if row.blank("half_days"):
        row.require(
            "half_days", "Le nombre de demi-journées est obligatoire.",
            "Saisissez un nombre de 1 à 20 ; seul l’e-learning se compte en heures.",
        )  # fmt: skip
    elif row.get("half_days") == 0:
        row.remark(
            E, "E-COH", "half_days", "Une session sans demi-journée doit être en e-learning.",
            "Saisissez un nombre de 1 à 20, ou choisissez la modalité E-learning.",
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- people


def without_civility(name: str) -> str:
    """Return a name without « Mme », « M. le Pr »... before it. A lone « M. » is an initial and stays."""
    found = _CIVILITY.match(name)
    return name[found.end() :] if found else name


def person_key(last: object, first: object) -> str:
    """Return the folded words of a name in alphabetical order: « DUPONT Jean », « M. Jean Dupont » are one person."""
    text = " ".join(without_civility(name) for name in (last, first) if isinstance(name, str))
    text = text.casefold() if text.isascii() else unicodedata.normalize("NFKD", text.casefold())
    return " ".join(sorted(text.translate(_LETTERS).split()))


def attendance_key(values: Values) -> str:
    """Return the business key « S-01 / dupont jean », or « S-01 / 4512 » where an identifier replaces the name."""
    session = values.get("session_code")
    identifier = values.get("identifier")
    person = str(identifier).casefold() if identifier else person_key(values.get("last_name"), values.get("first_name"))
    return f"{session} / {person}" if session and person else ""


def split_name(text: str) -> tuple[str, str] | None:
    """Split a cell that holds surname and first name; None when nothing says which is which.

    A comma or capitals tell them apart: « Dupont, Jean », « DUPONT Jean », « Jean de LA TOUR ».
    """
    before, comma, after = (part.strip() for part in text.partition(","))
    if comma:
        return (before, after) if before and after and "," not in after else None
    words = text.split()
    capitals = [_is_capital(word) for word in words]
    for place in range(len(words) - 2, -1, -1):
        capitals[place] = capitals[place] or (capitals[place + 1] and words[place].casefold() in _PARTICLES)
    count = sum(capitals)
    if count in (0, len(words)):
        return None
    if all(capitals[:count]):
        return " ".join(words[:count]), " ".join(words[count:])
    if all(capitals[-count:]):
        return " ".join(words[-count:]), " ".join(words[:-count])
    return None


def _is_capital(word: str) -> bool:
    """Tell whether a word is a surname in capitals; an initial (« J. ») is not."""
    word = word[2:] if word.startswith(_ELIDED) else word
    return word.isupper() and sum(letter.isalpha() for letter in word) > 1


def person(row: Row, _facts: Facts) -> None:
    """Ask a surname and a first name, or the identifier that replaces them; part them where one cell holds both."""
    for key in ("last_name", "first_name"):
        name = row.values.get(key)
        if isinstance(name, str):
            row.values[key] = without_civility(name)
    if not row.blank("identifier"):
        return
    last = row.get("last_name")
    if row.blank("last_name"):
        row.remark(
            E, "E-REQ", "last_name", "Le nom de la personne manque.",
            "Saisissez le nom et le prénom, ou l’identifiant interne qui les remplace.",
        )  # fmt: skip
    elif isinstance(last, str) and (row.blank("first_name") or "first_name" not in row.headers):
        _part(row, last)


def _part(row: Row, cell: str) -> None:
    """Part surname and first name of one cell, or ask. The first name of a file without that column is the stored one."""
    stored = row.get("first_name")
    parted = split_name(cell) or (_parted_as(cell, stored) if isinstance(stored, str) else None)
    if parted is None and "first_name" not in row.headers and " " in cell.strip():
        # One column for both, and nothing that tells them apart: the person is known all the same.
        row.remark(
            W, "W-NOM", "last_name", "Le nom et le prénom ne se distinguent pas : ils sont gardés ensemble.",
            "Rien à faire ; pour les séparer, écrivez le nom en capitales : DUPONT Jean.",
        )  # fmt: skip
        return
    if parted is None:
        row.remark(
            E, "E-REQ", "first_name", "Le prénom manque, ou il est dans la même cellule que le nom.",
            "Mettez le prénom dans sa colonne, ou écrivez le nom en capitales : DUPONT Jean.",
        )  # fmt: skip
        return
    row.values["last_name"], row.values["first_name"] = parted
    row.remark(
        W, "W-NOM", "last_name", "Le nom et le prénom sont dans la même cellule : ils ont été séparés.",
        "Vérifiez, et mettez le prénom dans sa propre colonne la prochaine fois.",
    )  # fmt: skip


def _parted_as(cell: str, first: str) -> tuple[str, str] | None:
    """Part a cell with the first name known from an earlier file."""
    known = person_key(None, first).split()
    last = [word for word in cell.split() if person_key(None, word) not in known]
    return (" ".join(last), first) if last else None


# --------------------------------------------------------------------------------------------------------- attendance


def presence(row: Row, _facts: Facts) -> None:
    """Hold what was attended against what is signed and certified."""
    values = row.values
    attended = any(values.get(key) == _PRESENT for key in HALF_DAYS)
    online = bool(values.get("hours"))
    if attended and values.get("signed") is not True and "signed" not in row.broken:
        row.remark(
            W, "W-SIG", "signed", "Présence sans signature : elle n’est pas comptée sans la feuille signée.",
            "Répondez Oui si la personne a signé, et déposez la feuille signée de la session.",
        )  # fmt: skip
    if online and row.blank("attended_on"):
        row.remark(
            G, "G-REQ", "attended_on", "La date des heures suivies en ligne manque.", "Saisissez la date de suivi."
        )
    if values.get("certified") is True:
        if not attended and not online and row.broken.isdisjoint((*HALF_DAYS, "hours")):
            row.remark(
                E, "E-COH", "certified", "Une attestation est déclarée, mais aucune présence.",
                "Saisissez la présence par demi-journée, ou les heures suivies en e-learning.",
            )  # fmt: skip
    elif values.get("certified_on") is not None and "certified" not in row.broken:
        row.remark(
            W, "W-COH", "certified_on", "Date d’attestation sans attestation délivrée.",
            "Répondez Oui à « Attestation délivrée », ou effacez la date.",
        )  # fmt: skip


def within_session(facts: Facts) -> RowRule:
    """Refuse presence at a half-day that the stored session does not have.

    The length of a session that is only in this file is not known here: nothing is said then. Where several
    establishments have a session of this code, that of the row counts, else the longest.
    """
    lengths: dict[str, dict[str, int]] = {}
    for key, values in facts.existing.get("Sessions", {}).items():
        number, _, code = key.partition("/")
        half_days = values.get("half_days")
        if isinstance(half_days, int):
            lengths.setdefault(code, {})[number] = half_days

    def rule(row: Row, _facts: Facts) -> None:
        known = lengths.get(str(row.values.get("session_code")))
        if not known:
            return
        length = known.get(row.establishment, max(known.values()))
        for key in HALF_DAYS[length:]:
            if row.values.get(key) == _PRESENT:
                half_days = "1 demi-journée" if length == 1 else f"{length} demi-journées"
                row.remark(
                    E, "E-COH", key, f"Présence hors de la session, qui compte {half_days}.",
                    "Effacez cette présence, ou importez d’abord la session corrigée (feuille « Sessions »).",
                )  # fmt: skip

    return rule


def already_held(facts: Facts) -> RowRule:
    """Tell of a presence at a stored session that is still to come: a date or a code is probably wrong."""
    starts: dict[str, list[date]] = {}
    for key, values in facts.existing.get("Sessions", {}).items():
        start = values.get("starts_on")
        if isinstance(start, date):
            starts.setdefault(key.partition("/")[2], []).append(start)

    def rule(row: Row, _facts: Facts) -> None:
        known = starts.get(str(row.values.get("session_code")))
        attended = any(row.values.get(key) == _PRESENT for key in HALF_DAYS)
        if known and attended and min(known) > facts.today:
            row.remark(
                W, "W-COH", "session_code", f"Cette session n’a pas encore eu lieu : elle commence le {min(known):%d/%m/%Y}.",
                "Vérifiez le code de la session, ou sa date de début.",
            )  # fmt: skip

    return rule


def not_forgotten(facts: Facts) -> RowRule:
    """Refuse a new name in a session that the establishment forgets by now: it would come back, and be counted twice.

    A line that is recorded already is the operator's to forget. A session that is only in this file has no end here.
    """
    if not facts.retention:
        return lambda _row, _facts: None
    ends: dict[str, dict[str, date]] = {}
    for key, values in facts.existing.get("Sessions", {}).items():
        number, _, code = key.partition("/")
        end = values.get("ends_on")
        if isinstance(end, date):
            ends.setdefault(code, {})[number] = end

    def rule(row: Row, _facts: Facts) -> None:
        code = str(row.values.get("session_code"))
        months, known = facts.retention.get(row.establishment), ends.get(code, {})
        end = known.get(row.establishment) or known.get(facts.support) or facts.common_ends.get(code)
        if months is None or end is None or add_months(end, months) >= facts.today:
            return
        stored = facts.existing.get("Emargement", {})
        if f"{row.establishment}/{attendance_key(row.values)}" not in stored:
            row.remark(
                E, "E-COH", "session_code",
                f"Cette session a fini il y a plus de {months} mois : l’établissement n’en garde plus les noms.",
                "Retirez cette ligne du fichier.",
            )  # fmt: skip

    return rule


# ------------------------------------------------------------------------------------------------------------- charter


def signatures(row: Row, _facts: Facts) -> None:
    """Refuse more signatures of the charter than people; tell of a service where nobody is."""
    signed, people = row.get("signatures"), row.get("headcount")
    if people == 0:
        row.remark(
            W, "W-COH", "headcount", "L’effectif de ce service est de 0 : sa part signée ne se calcule pas.",
            "Vérifiez l’effectif.",
        )  # fmt: skip
    if isinstance(signed, int) and isinstance(people, int) and signed > people:
        row.remark(
            E, "E-COH", "signatures", "Il y a plus de signatures que de personnes dans le service.",
            "Vérifiez l’effectif et le nombre de signatures.",
        )  # fmt: skip
