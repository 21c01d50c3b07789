"""What is said of a sheet before its first row: how its columns were understood, and what of it is not read."""

from __future__ import annotations

from importers.base import Column, mask
from importers.cells.persons import looks_like_person
from importers.facts import Facts
from importers.faults import Fault, FaultClass, shorten
from importers.layout.gantt import is_planner
from importers.layout.recognise import Layout
from importers.reading.sheet import ReadSheet, column_letters
from importers.tally import Tally


def tell(layout: Layout, facts: Facts, tally: Tally) -> None:
    """Keep the remarks on the header of a sheet and on the sheet as a whole."""
    if is_planner(layout.source):
        tally.notice(
            0, "W-PLA", "",
            "Planning à colonnes de mois : chaque croix devient une ligne, datée de la fin du mois.",
            "Vérifiez ces lignes avant d’appliquer, et précisez les jours dès qu’ils sont connus.",
        )  # fmt: skip
    for column in layout.missing:
        _missing(column, layout, facts, tally)
    _guessed(layout, facts, tally)
    _unknown(layout, tally)
    _unread(layout.source, tally)


def _missing(column: Column, layout: Layout, facts: Facts, tally: Tally) -> None:
    label = column.label_for(facts.candidate_kind)
    if column.names_owner and facts.home:
        tally.notice(
            0, "W-COL", "", f"Pas de colonne « {label} » : les lignes sont celles de votre établissement.",
            "Rien à faire.", header=label,
        )  # fmt: skip
        return
    remedy = f"Ajoutez une colonne intitulée « {label} » sur la ligne {layout.header_row}."
    if column.blank_allowed:  # each row says whether it can do without
        reason = f"La colonne « {label} » est absente : ce qu’elle dit restera à compléter."
        tally.keep(Fault(FaultClass.GAP, "G-REQ", tally.name, "", label, "", reason, remedy), stored=True)
        return
    reason = f"La colonne obligatoire « {label} » est absente."
    tally.keep(Fault(FaultClass.ERROR, "E-REQ", tally.name, "", label, "", reason, remedy), stored=False)


def _guessed(layout: Layout, facts: Facts, tally: Tally) -> None:
    for key, score in layout.guessed.items():
        label = layout.sheet.column(key).label_for(facts.candidate_kind)
        tally.notice(
            0, "W-COL", f"{column_letters(layout.columns[key])}{layout.header_row}",
            f"Colonne comprise comme « {label} » (ressemblance {score:.0f} %).",
            "Vérifiez ; si ce n’est pas le cas, corrigez la correspondance des colonnes.",
            header=layout.header(key),
        )  # fmt: skip


def _unknown(layout: Layout, tally: Tally) -> None:
    for unknown in layout.unknown:
        hint = f" Peut-être s’agit-il de « {unknown.suggestion} »." if unknown.suggestion else ""
        title = shorten(unknown.header.text)
        tally.notice(
            0, "W-COL", unknown.header.address, "Colonne inconnue : elle n’a pas été lue.",
            f"Rien à faire si elle ne concerne que vous.{hint}", header=mask(title) if looks_like_person(title) else title,
        )  # fmt: skip


def _unread(source: ReadSheet, tally: Tally) -> None:
    if source.wide:
        tally.notice(0, "W-LIM", source.wide, "Des cellules au-delà de la dernière colonne lue sont ignorées.")
    if source.hidden_rows:
        count = source.hidden_rows
        tally.notice(
            0, "W-MAS", "",
            f"{count} ligne{'s' if count > 1 else ''} masquée{'s' if count > 1 else ''} par un filtre ou à la main : "
            "elles sont lues comme les autres.",
            "Si elles ne sont pas à importer, supprimez-les.",
        )  # fmt: skip
    if source.beyond:
        tally.notice(
            source.beyond, "W-LIM", f"A{source.beyond}",
            f"La lecture s’arrête après 50 lignes vides : la ligne {source.beyond} et les suivantes n’ont pas été lues.",
        )  # fmt: skip
