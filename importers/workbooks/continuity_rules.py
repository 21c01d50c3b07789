"""What a row of K8 must hold, and what is told of it. E refuses the row, G is an honest gap, W a notice."""

from __future__ import annotations

from datetime import date

from importers.base import Row, RowRule
from importers.facts import Facts
from importers.workbooks.common import E, G, W, day

_LOSSES = ("loss_site", "loss_staff", "loss_supplier")
_REAL_EVENT = "real_event"  # nature of an exercise, in the workbook K2
_THREE_DAYS = 3 * 24 * 60  # where procedures written for short outages stop being enough (practice.md, 1.2)
# The timeline in order, with the word of each moment.
_MOMENTS = (
    ("started", "le début"),
    ("degraded", "le passage en mode dégradé"),
    ("recovery", "le début du rétablissement"),
    ("ended", "la fin"),
)


def plan_result_key(exercise: object, perimeter: object) -> str:
    """Return the key of the result of a plan: « EX-2026-03 / URG-01 »; empty when a part is missing."""
    return f"{exercise} / {perimeter}" if exercise and perimeter else ""


def review_behind(key: str, what: str) -> RowRule:
    """Tell of a review whose day has passed."""

    def rule(row: Row, facts: Facts) -> None:
        due = day(row, key)
        if due is not None and due < facts.today:
            row.remark(
                W, "W-RET", key, f"{what} avant le {due:%d/%m/%Y}.", "Revoyez-le, puis saisissez la nouvelle date."
            )

    return rule


def losses(row: Row, _facts: Facts) -> None:
    """Ask for the loss of the information system, and one more of the four that the ANS kit reasons on (practice.md, 1.2)."""
    if row.get("loss_system") is not True and "loss_system" not in row.broken:
        row.remark(
            G, "G-REQ", "loss_system", "Ce PCRA ne dit rien de la perte du système d’information, qui est obligatoire.",
            "Écrivez ce scénario dans le plan, puis répondez Oui.",
        )  # fmt: skip
    if not any(row.get(key) is True or key in row.broken for key in _LOSSES):
        row.remark(
            G, "G-REQ", "loss_site", "Une perte de plus que celle du SI est attendue : locaux, personnel ou fournisseur.",
            "Traitez-en au moins une dans le plan, puis répondez Oui.",
        )  # fmt: skip


def hold(row: Row, _facts: Facts) -> None:
    """Ask how long the plan holds, and who relieves whom when it lasts (lessons.md, CHSF)."""
    minutes = row.get("hold_minutes")
    if row.blank("hold_minutes"):
        row.remark(
            G, "G-REQ", "hold_minutes", "Rien ne dit combien de temps ce plan tient.",
            "Une attaque dure des semaines : saisissez des heures, des jours, des semaines ou des mois.",
        )  # fmt: skip
    elif isinstance(minutes, int) and minutes < _THREE_DAYS:
        row.remark(
            W, "W-TEN", "hold_minutes", "Ce plan tient moins de trois jours.",
            "Une attaque dure des semaines : prévoyez la suite.",
        )  # fmt: skip
    if row.blank("relief"):
        row.remark(
            G, "G-REQ", "relief", "La relève des équipes n’est pas prévue.", "Écrivez qui remplace qui quand cela dure."
        )  # fmt: skip


def support_answers(row: Row, _facts: Facts) -> None:
    """Ask by whom and how a support function goes on."""
    if row.blank("can_run_again"):
        row.remark(
            G, "G-REQ", "can_run_again", "La question reste sans réponse.",
            "Paie : peut-on reverser celle du mois dernier ? Répondez Oui ou Non.",
        )  # fmt: skip
    if row.get("can_run_again") is True:
        for key, what in (("run_by", "par qui"), ("channel", "comment")):
            if row.blank(key):
                row.remark(G, "G-REQ", key, f"Reste à dire {what}.", "Complétez cette case.")


def timeline(row: Row, _facts: Facts) -> None:
    """Refuse a timeline that goes backwards: a moment without a day is of the day of the start."""
    started = day(row, "started_on")
    if started is None:
        return
    known: list[tuple[str, str, date, str]] = []
    for key, word in _MOMENTS:
        on, at = day(row, f"{key}_on"), row.get(f"{key}_at")
        if on is not None or at is not None:
            known.append((key, word, on or started, str(at or "")))
    last_on, last_at, before = started, "", "le début"
    for key, word, on, at in known:
        # A moment without an hour is in order with those of its day; the last hour known of that day still counts.
        if on < last_on or (on == last_on and at and at < last_at):
            row.remark(
                E, "E-COH", f"{key}_at" if at else f"{key}_on", f"La chronologie recule : {word} vient avant {before}.",
                "Corrigez les heures, ou le jour si l’incident a passé minuit.",
            )  # fmt: skip
            return
        if at or on > last_on:
            last_on, last_at, before = on, at, word


def after_incident(row: Row, facts: Facts) -> None:
    """Ask for the RETEX and the plans really used once an incident is over; look at the date of the RETEX."""
    over = row.get("ended_on") is not None or row.get("ended_at") is not None
    if over and row.blank("retex_file"):
        row.remark(G, "G-REQ", "retex_file", "Le RETEX de cet incident manque.", "Déposez-le, puis nommez le fichier.")
    if over and not row.get("perimeters") and "perimeters" not in row.broken:
        row.remark(
            G, "G-REQ", "perimeters", "Rien ne dit quels PCRA ont vraiment servi.",
            "Nommez leurs périmètres ; si aucun n’a servi, écrivez-le dans « Ce qu’on en retient ».",
        )  # fmt: skip
    written, started = day(row, "retex_on"), day(row, "started_on")
    if written is not None and written > facts.today:
        row.remark(E, "E-COH", "retex_on", "Un RETEX fait ne peut pas être daté dans l’avenir.", "Corrigez la date.")
    elif written is not None and started is not None and written < started:
        row.remark(E, "E-COH", "retex_on", "Le RETEX est daté d’avant l’incident.", "Corrigez l’une des deux dates.")


def proposed(row: Row, facts: Facts) -> None:
    """Tell of an incident proposed by an exercise that is not a real event: it would be read as a test played by itself."""
    code = row.get("exercise_code")
    owners = (
        {row.establishment} if row.establishment in facts.owners("Planning", code) else facts.owners("Planning", code)
    )
    stored = [facts.existing.get("Planning", {}).get(f"{owner}/{code}", {}) for owner in owners]
    if len(stored) == 1 and stored[0].get("nature") not in (None, _REAL_EVENT):
        row.remark(
            W, "W-COH", "exercise_code", "Cet exercice n’est pas de nature « Événement réel » : il ne propose pas cet incident.",
            "Nommez l’exercice de nature « Événement réel », ou corrigez sa nature dans la feuille « Planning ».",
        )  # fmt: skip


def tried(row: Row, facts: Facts) -> None:
    """Tell of a plan that the exercise does not list among those it tries."""
    stored = facts.existing.get("Planning", {}).get(f"{row.establishment}/{row.get('exercise_code')}")
    listed = stored.get("perimeters") if stored else None
    known = listed if isinstance(listed, tuple | list) else ()
    if stored is not None and row.get("perimeter_code") is not None and row.get("perimeter_code") not in known:
        row.remark(
            W, "W-COH", "perimeter_code", "L’exercice ne cite pas ce périmètre parmi ceux qu’il teste.",
            "Ajoutez-le aux périmètres testés de l’exercice, ou corrigez le code.",
        )  # fmt: skip
