"""What a row of K1 must hold (workbooks.md, 3.1), field against field.

E refuses the row, G stores it and shows it red (an honest gap), W is a notice. Rules stay silent about a cell that
could not be read: its own fault was already told.
"""

from __future__ import annotations

import re
from datetime import date

from rapidfuzz import fuzz

from compliance.rules.perimeter import BiaState, PerimeterKind, PlanState
from importers.base import Row, RowRule, mask
from importers.cells.persons import looks_like_person
from importers.facts import Facts
from importers.faults import FaultClass
from importers.words import essence, fold

E, G, W = FaultClass.ERROR, FaultClass.GAP, FaultClass.NOTICE

FROZEN = "Les parties sont figées depuis la candidature."
FROZEN_REMEDY = "Pour les modifier, adressez-vous à l’établissement support ou à votre ARS."
_DIFFERENT_NAME = 40  # similarity under which a name and a FINESS probably do not go together


def _date(row: Row, key: str) -> date | None:
    value = row.get(key)
    return value if isinstance(value, date) else None


# ------------------------------------------------------------------------------------------------------------ Parties


def party(row: Row, facts: Facts) -> None:
    """Check a party: in scope with its activity, or out of scope with a reason; frozen once it has applied."""
    _party_identity(row, facts)
    if row.get("in_scope") is True:
        _party_in_scope(row)
    elif row.get("in_scope") is False and row.blank("out_reason"):
        row.remark(G, "G-REQ", "out_reason", "Le motif manque : cette partie est hors périmètre.", "Écrivez pourquoi.")
    if facts.parties_frozen:
        _party_frozen(row, facts)


def _party_identity(row: Row, facts: Facts) -> None:
    number = row.get("finess")
    if number is not None:
        number = str(number)
        site = facts.candidate_kind == "eg"
        row.establishment = facts.sites[number] if site else number
        official = facts.site_names.get(number) if site else facts.scope_finess[number].name
        typed = row.get("name")
        if official and typed and fuzz.token_set_ratio(essence(str(typed)), essence(official)) < _DIFFERENT_NAME:
            row.remark(
                W,
                "W-COH",
                "name",
                f"Ce numéro FINESS est celui de « {official} ».",
                "Vérifiez le numéro de cette ligne.",
            )
        row.values["name"] = official or typed
        return
    if "finess" in row.broken:
        return
    if row.get("in_scope") is not False:
        row.remark(
            E, "E-REQ", "finess", "Le numéro FINESS est obligatoire pour une partie dans le périmètre.",
            "Saisissez les 9 caractères du numéro, ou répondez Non à « Dans le périmètre » et donnez le motif.",
        )  # fmt: skip
    elif row.get("name") is None and "name" not in row.broken:
        row.values["name"] = f"Partie sans FINESS (ligne {row.number})"
        row.remark(
            W, "W-REQ", "finess", f"Partie sans FINESS ni nom : enregistrée sous « {row.values['name']} ».",
            "Ajoutez une colonne « Nom de la partie » et écrivez son nom.",
        )  # fmt: skip


def _party_in_scope(row: Row) -> None:
    activity = row.get("ac")
    if row.blank("ac"):
        row.remark(
            G, "G-REQ", "ac", "L’activité combinée manque : la part de l’objectif O1.C n’est pas calculable.",
            "Saisissez l’activité combinée de cette partie, son année et sa source.",
        )  # fmt: skip
        return
    if activity is not None and activity < 0:  # type: ignore[operator]  # a number column gives a Decimal
        row.remark(E, "E-NUM", "ac", "Une activité combinée ne peut pas être négative.", "Corrigez le nombre.")
    if activity == 0:
        row.remark(
            W, "W-COH", "ac", "L’activité combinée vaut 0 : cette partie ne pèse rien dans la part.",
            "Si elle n’est pas connue, laissez la cellule vide.",
        )  # fmt: skip
    for key, what in (("ac_year", "L’année"), ("source", "La source")):
        if row.blank(key):
            row.remark(G, "G-REQ", key, f"{what} de l’activité combinée manque.", "Complétez cette cellule.")


def _party_frozen(row: Row, facts: Facts) -> None:
    number = row.get("finess")
    key = str(number) if number else fold(str(row.get("name") or ""))
    if not key or row.broken & {"finess", "name", "in_scope"}:
        return
    stored = facts.existing.get("Parties", {}).get(key)
    if stored is None:
        row.remark(E, "E-COH", "finess", f"{FROZEN} Celle-ci n’en fait pas partie.", FROZEN_REMEDY)
        return
    if row.get("in_scope") is not None and row.get("in_scope") != stored.get("in_scope"):
        was = "dans le périmètre" if stored.get("in_scope") else "hors périmètre"
        row.remark(E, "E-COH", "in_scope", f"{FROZEN} Celle-ci est {was}.", FROZEN_REMEDY)
    for field in ("ac", "ac_year", "source", "out_reason"):
        old, new = stored.get(field) or None, row.get(field)
        if field in row.broken or new == old:
            continue
        if old is None:
            row.remark(
                W,
                "W-COH",
                field,
                "Donnée complétée après la candidature.",
                "Vérifiez qu’elle est celle du dossier déposé.",
            )
        elif new is None:
            row.values[field] = old
            row.remark(W, "W-COH", field, f"{FROZEN} La valeur enregistrée est conservée.", "Rien à faire.")
        else:
            row.remark(E, "E-COH", field, f"{FROZEN} Cette valeur est déjà enregistrée et diffère.", FROZEN_REMEDY)


# --------------------------------------------------------------------------------------------------------- Perimetres


def site(row: Row, facts: Facts) -> None:
    """Find the legal entity the row is written under, and the site when the candidate is outside a GHT."""
    number, place = row.get("finess_ej"), row.get("finess_et")
    if number is None:
        return
    row.establishment = str(number)
    if place is not None:
        if facts.sites.get(str(place)) != number:
            row.remark(
                E, "E-FIN", "finess_et", "Ce site n’appartient pas à l’entité juridique de la ligne.",
                "Vérifiez les deux numéros.",
            )  # fmt: skip
        return
    if facts.candidate_kind != "eg" or not row.blank("finess_et"):
        return
    sites = sorted(et for et, ej in facts.sites.items() if ej == number)
    if len(sites) == 1:
        row.values["finess_et"] = sites[0]
    elif len(sites) > 1:
        row.remark(
            E, "E-REQ", "finess_et", "Le site est obligatoire : l’établissement en a plusieurs.",
            "Saisissez le FINESS ET du site.",
        )  # fmt: skip


def existence(row: Row, _facts: Facts) -> None:
    """Accept « n’existe pas ici » with a reason; ask what exists where its BIA, PCA and PRA are."""
    row.values["absence_reason"] = None
    if row.get("exists") is False:
        reason = row.get("bia_reason")
        row.values["absence_reason"] = reason
        if row.blank("bia_reason"):
            row.remark(
                G, "G-REQ", "bia_reason", "Le motif manque : ce périmètre n’existe pas dans l’établissement.",
                "Écrivez pourquoi, dans « Motif si BIA absent ».",
            )  # fmt: skip
        for key, done in (("bia", BiaState.DONE), ("pca", PlanState.APPROVED), ("pra", PlanState.APPROVED)):
            if row.get(key) == done:
                row.remark(
                    E, "E-COH", key, "Ce périmètre est déclaré inexistant, mais un document achevé est déclaré.",
                    "Corrigez « Existe dans l’établissement » ou cette cellule.",
                )  # fmt: skip
        for key, default in (("bia", BiaState.NOT_APPLICABLE), ("pca", PlanState.ABSENT), ("pra", PlanState.ABSENT)):
            if row.blank(key):
                row.values[key] = default.value
        return
    for key in ("bia", "pca", "pra"):
        if row.blank(key):
            row.require(key, "Cette valeur est obligatoire.", "Remplissez cette cellule.")


def platform(row: Row, _facts: Facts) -> None:
    """Ask a technical platform which one it is."""
    if row.get("kind") == PerimeterKind.TECHNICAL and row.get("exists") is not False and row.blank("platform"):
        row.remark(
            E, "E-REQ", "platform", "Le plateau technique doit être précisé.",
            "Choisissez : Pharmacie ; Imagerie ; Biologie ; Bloc ; Stérilisation ; Autre.",
        )  # fmt: skip


def bia(row: Row, facts: Facts) -> None:
    """Ask a date of a BIA that is done, a reason where it is absent."""
    done = _date(row, "bia_on")
    state = row.get("bia")
    if state == BiaState.DONE and row.blank("bia_on"):
        row.remark(E, "E-REQ", "bia_on", "Le BIA est réalisé : sa date est obligatoire.", "Saisissez la date du BIA.")
    if state == BiaState.DONE:
        _refuse_future(row, facts, "bia_on", done, "Un BIA réalisé ne peut pas être daté dans l’avenir.")
    absent = state in (BiaState.NOT_DONE, BiaState.NOT_APPLICABLE)
    if absent and row.get("exists") is not False and row.blank("bia_reason"):
        row.remark(
            G,
            "G-REQ",
            "bia_reason",
            "Le motif de l’absence de BIA manque (il est demandé pour O1.C).",
            "Écrivez pourquoi.",
        )


def plans(row: Row, facts: Facts) -> None:
    """Ask a date and an approver of an approved PCA or PRA, later than the BIA."""
    first, second = _date(row, "validated_on"), _date(row, "pra_validated_on")
    pca = row.get("pca") == PlanState.APPROVED
    pra = row.get("pra") == PlanState.APPROVED
    row.values["pca_on"] = first if pca else None
    row.values["pra_on"] = (second or first) if pra else None
    if not (pca or pra):
        for key, found in (("validated_on", first), ("pra_validated_on", second)):
            if found is not None and not row.broken & {"pca", "pra"}:
                row.remark(
                    W, "W-COH", key, "Date de validation sans effet : ni le PCA ni le PRA n’est « Validé ».",
                    "Corrigez l’état du plan, ou effacez la date.",
                )  # fmt: skip
        return
    if row.blank("validated_on") and (pca or row.blank("pra_validated_on")):
        what = "PCA" if pca else "PRA"
        row.remark(
            E, "E-REQ", "validated_on", f"Le {what} est validé : la date de validation est obligatoire.",
            "Saisissez la date de validation.",
        )  # fmt: skip
    if second is not None and not pra and "pra" not in row.broken:
        row.remark(
            W, "W-COH", "pra_validated_on", "Date de validation sans effet : le PRA n’est pas « Validé ».",
            "Corrigez l’état du PRA, ou effacez la date.",
        )  # fmt: skip
    if row.blank("approver"):
        row.remark(
            E, "E-REQ", "approver", "Le plan est validé : l’instance ou le signataire est obligatoire.",
            "Écrivez l’instance et sa date, ou la fonction du signataire.",
        )  # fmt: skip
    written = _date(row, "bia_on")
    for key, found in (("validated_on", first), ("pra_validated_on", second)):
        _refuse_future(row, facts, key, found, "Un plan validé ne peut pas être daté dans l’avenir.")
        if found is not None and written is not None and found < written:
            row.remark(W, "W-COH", key, "Le plan est validé avant la date du BIA.", "Vérifiez les deux dates.")


def _refuse_future(row: Row, facts: Facts, key: str, found: date | None, reason: str) -> None:
    if found is not None and found > facts.today:
        row.remark(E, "E-COH", key, reason, "Corrigez la date ou l’état.")


def referent(row: Row, facts: Facts) -> None:
    """Ask the function; set a person's name apart in `referent_name` and never repeat it in a remark."""
    found = row.get("referent_function")
    row.values["referent_name"] = None
    if row.blank("referent_function") and row.get("exists") is not False:
        _ask_referent(row, facts)
    if found is None or not looks_like_person(str(found)):
        return
    row.values["referent_function"], row.values["referent_name"] = None, found
    row.remark(
        W, "W-NOM", "referent_function",
        "Cette cellule semble contenir le nom d’une personne : il reste dans l’établissement et n’est pas transmis.",
        "Remplacez-le par une fonction (par exemple « Cadre supérieur de santé »).",
        value=mask(str(found)),
    )  # fmt: skip


def _ask_referent(row: Row, facts: Facts) -> None:
    """Ask a new row for a function; one stored without it (a name was set apart) was accepted, and comes back as it is."""
    stored = facts.existing.get("Perimetres", {}).get(f"{row.get('finess_ej')}/{row.get('code')}")
    if stored is None or stored.get("referent_function"):
        row.require("referent_function", "Cette valeur est obligatoire.", "Remplissez cette cellule.")
        return
    row.remark(
        G, "G-REQ", "referent_function", "La fonction du référent reste à saisir.",
        "Écrivez une fonction (par exemple « Cadre supérieur de santé »), jamais le nom d’une personne.",
    )  # fmt: skip


def shared_system(row: Row, _facts: Facts) -> None:
    """Ask a shared system which EJ it covers and whether degraded modes are the same everywhere."""
    shared = row.values.pop("shared", None)
    code, covered = shared if isinstance(shared, tuple) else (None, ())
    row.values["shared_system"] = code
    row.values["covered"] = tuple(sorted({number for number in covered if number != row.get("finess_ej")}))
    if code is None:
        return
    if not covered:
        row.remark(
            W, "W-COH", "shared", "SI mutualisé sans EJ couvert : aucune couverture n’est héritée.",
            "Ajoutez les FINESS des EJ couverts après le code, séparés par des points-virgules.",
        )  # fmt: skip
    if row.blank("shared_identical"):
        row.remark(
            E,
            "E-REQ",
            "shared_identical",
            "Le SI est mutualisé : cette réponse est obligatoire.",
            "Saisissez Oui ou Non.",
        )
    elif row.get("shared_identical") is False:
        row.values["covered"] = ()  # what is not inherited is not stored
        row.remark(
            W, "W-COH", "shared_identical",
            "Les modes dégradés diffèrent : les autres EJ n’héritent pas de cette couverture.",
            "Décrivez un périmètre pour chaque EJ.",
        )  # fmt: skip


def paper(row: Row, _facts: Facts) -> None:
    """Tell of a paper copy printed before the last approval."""
    printed = _date(row, "paper_printed_on")
    approved = [found for key in ("pca_on", "pra_on") if (found := _date(row, key)) is not None]
    if printed is not None and approved and printed < max(approved):
        row.remark(
            W, "W-PAP", "paper_printed_on", "L’exemplaire papier est plus ancien que la dernière validation.",
            "Imprimez la version en vigueur.",
        )  # fmt: skip


def tests(row: Row, facts: Facts) -> None:
    """Look for a test done or planned: D2.O1.D asks for a schedule."""
    last, planned = _date(row, "last_test_on"), _date(row, "next_test_on")
    if last is not None and last > facts.today:
        row.remark(
            E, "E-COH", "last_test_on", "Le dernier test ne peut pas être daté dans l’avenir.",
            "Mettez cette date dans « Prochain test prévu ».",
        )  # fmt: skip
    if planned is not None and planned < facts.today and (last is None or last < planned):
        row.remark(
            W, "W-RET", "next_test_on", "La date du prochain test est passée.",
            "Saisissez le test réalisé, ou une nouvelle date.",
        )  # fmt: skip
    without_plan = row.get("bia") == BiaState.NOT_APPLICABLE and row.get("pca") == PlanState.ABSENT
    if row.get("exists") is False or without_plan:
        return
    if row.blank("last_test_on") and row.blank("next_test_on"):
        row.remark(
            G, "G-COH", "next_test_on", "Ni test réalisé ni test prévu : un planning de test est exigé (O1.D).",
            "Saisissez la date du prochain test.",
        )  # fmt: skip


def evidence(row: Row, facts: Facts) -> None:
    """Look for the file named as proof among those uploaded."""
    name = row.get("evidence_file")
    if name is not None and facts.files is not None and name not in facts.files:
        row.remark(
            G, "G-REF", "evidence_file", "Ce fichier n’a pas été déposé dans Vigie.",
            "Déposez-le : le lien se fera de lui-même.",
        )  # fmt: skip


def typed_twice(_facts: Facts) -> RowRule:
    """Tell of a service typed twice with an accent or a plural of difference."""
    met: dict[tuple[object, object, str], tuple[int, object]] = {}  # owner, site and words -> first row, its code

    def rule(row: Row, _facts: Facts) -> None:
        if row.get("name") is None or row.get("finess_ej") is None:
            return
        words = re.findall(r"[a-z0-9]+", essence(str(row.get("name"))))
        same = (row.get("finess_ej"), row.get("finess_et"), " ".join(word.rstrip("sx") for word in words))
        number, code = met.setdefault(same, (row.number, row.get("code")))
        if code != row.get("code"):
            row.remark(
                W, "W-DUP", "name", f"Ce périmètre ressemble à celui de la ligne {number}.",
                "S’il s’agit du même, gardez une seule ligne.",
            )  # fmt: skip

    return rule
