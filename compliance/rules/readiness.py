"""« Prêt à déposer ? »: what stands in the way of laying the dossier down at the official counter, rule by rule.

Sources: the windows and pieces of the referential (arrêté of 3 July 2025, annexe 1); what the counter accepts is data
(`programme/counter`), each with what it is worth: a bound that nobody published never blocks, it is told.
"""

from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from compliance.rules.words import few, plural, short_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    _Teller = Callable[["Rule", "Severity", str], "Finding"]

SOON = 30  # days before its end at which a piece is worth a look: a review lasts longer than that
PUBLISHED = "publiée"
_UNIT = 1024
_MEGABYTE = _UNIT * _UNIT
# Codes of what a row lacks (rules/evidence.py), by the rule of this page they belong to.
_EXPIRED = frozenset({"PIECE_EXPIRED"})
_DATES = frozenset(
    {"PIECE_BEFORE_WINDOW", "PIECE_AFTER_WINDOW", "PIECE_UNDATED", "PIECE_LATER", "PIECE_WINDOW_UNKNOWN"}
)


class Severity(StrEnum):
    """How much a finding matters, the worst first."""

    BLOCKS = "blocks"
    LOOK = "look"
    INFORMATION = "information"

    @property
    def label(self) -> str:
        """The word a person reads beside the icon."""
        return {"blocks": "Empêche", "look": "À regarder", "information": "Information"}[self.value]


class Rule(StrEnum):
    """What is checked, in the order in which the page says it."""

    CONTENT = "content"
    MISSING = "missing"
    DATES = "dates"
    EXPIRED = "expired"
    QUARANTINE = "quarantine"
    PASSWORDS = "passwords"
    MACROS = "macros"
    LINKS = "links"
    FORMATS = "formats"
    NAMES = "names"
    SIZES = "sizes"
    PARTS = "parts"
    ACTIVITY = "activity"
    COUNTER = "counter"

    @property
    def label(self) -> str:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    Rule.CONTENT: "Contenu",
    Rule.MISSING: "Pièces et faits attendus",
    Rule.DATES: "Dates hors fenêtre",
    Rule.EXPIRED: "Pièces expirées",
    Rule.QUARANTINE: "Quarantaine et intégrité",
    Rule.PASSWORDS: "Mots de passe",
    Rule.MACROS: "Macros",
    Rule.LINKS: "Liens vers l’extérieur",
    Rule.FORMATS: "Formats",
    Rule.NAMES: "Noms des fichiers",
    Rule.SIZES: "Tailles",
    Rule.PARTS: "Parties dites prêtes",
    Rule.ACTIVITY: "Activité combinée",
    Rule.COUNTER: "Numéro eCaRE",
}


@dataclass(frozen=True)
class Limit:
    """A bound of the counter; `value` None when nobody knows it."""

    value: int | None
    source: str
    confidence: str

    @property
    def sure(self) -> bool:
        """Whether passing it is refused for certain."""
        return self.confidence == PUBLISHED


@dataclass(frozen=True)
class Counter:
    """What the counter accepts: bytes of a file and of the whole, characters of a name, extensions (lower case, no dot)."""

    file_bytes: Limit
    whole_bytes: Limit
    name_length: Limit
    formats: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class File:
    """A piece of the dossier. What its inspection found is None while nobody looked."""

    id: str
    row: str
    name: str  # as it was received
    archived: str  # as the archive names it, without folder; "" when it can have none
    holder: str
    size: int
    expires_on: date | None = None
    quarantined: bool = False
    damaged: bool = False  # its bytes are no longer those received, or the store has lost them
    waiting: bool = False  # still to be looked into: a piece that was just attached
    media_type: str | None = None
    encrypted: bool | None = None
    macros: bool | None = None
    links: int | None = None

    @property
    def inspected(self) -> bool:
        """Whether somebody looked inside."""
        return self.encrypted is not None


@dataclass(frozen=True)
class Lack:
    """Something a row lacks: a code of a reason, what to do, why, whose it is; `blocking`: the row cannot be met without it."""

    row: str
    code: str
    text: str
    holder: str
    blocking: bool


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """What the dry run looks at. `unready` are the names of the establishments that have not said that their part is ready."""

    files: Sequence[File]
    lacks: Sequence[Lack]
    begun: bool
    parts: int
    unready: Sequence[str]
    missing_ac: Sequence[str]
    number: str
    declaration_number: str


@dataclass(frozen=True)
class Finding:
    """One line of the dry run. `holder` "" is the candidate; `stops`: filing in Vigie is refused too.

    `link` says where it is mended: a kind (row, piece, parts, application, ecare, import) and what it points at.
    """

    rule: Rule
    severity: Severity
    text: str
    holder: str = ""
    link: tuple[str, str] = ("", "")
    stops: bool = False


def readiness(dossier: Dossier, counter: Counter, on: date) -> list[Finding]:
    """Check a dossier on a day, the worst first, then in the order of the rules."""
    sent = [file for file in dossier.files if not file.quarantined]
    found = [
        *_content(dossier, sent),
        *_lacks(dossier.lacks),
        *(finding for file in dossier.files for finding in _file(file, counter, on)),
        *_unseen(sent),
        *_names(sent),
        *_whole(sent, counter),
        *_parts(dossier),
    ]
    order = {severity: rank for rank, severity in enumerate(Severity)}
    rules = {rule: rank for rank, rule in enumerate(Rule)}
    return sorted(found, key=lambda each: (order[each.severity], rules[each.rule], each.text, each.holder))


def stopping(findings: Iterable[Finding]) -> list[Finding]:
    """Keep what refuses filing in Vigie: what the agency could not read, or must not receive."""
    return [finding for finding in findings if finding.stops]


def _content(dossier: Dossier, sent: Sequence[File]) -> Iterator[Finding]:
    if not dossier.begun:
        text = "Le dossier est vide : importez les périmètres"
        yield Finding(Rule.CONTENT, Severity.BLOCKS, text, link=("import", ""), stops=True)
    if not sent:
        text = "Aucune pièce n’est jointe : joignez-en au moins une"
        yield Finding(Rule.CONTENT, Severity.BLOCKS, text, link=("rows", ""), stops=True)


def _lacks(lacks: Sequence[Lack]) -> Iterator[Finding]:
    """Say each thing once, with those it is asked of."""
    together: dict[tuple[str, str, str, bool], list[str]] = {}
    for lack in lacks:
        holders = together.setdefault((lack.row, lack.code, lack.text, lack.blocking), [])
        if lack.holder not in holders:
            holders.append(lack.holder)
    for (row, code, text, blocking), holders in together.items():
        rule = Rule.EXPIRED if code in _EXPIRED else Rule.DATES if code in _DATES else Rule.MISSING
        severity = Severity.BLOCKS if blocking else Severity.LOOK
        named = few(sorted(holder for holder in holders if holder))
        yield Finding(rule, severity, f"{row} : {text}", named, ("row", row))


def _file(file: File, counter: Counter, on: date) -> Iterator[Finding]:
    def told(rule: Rule, severity: Severity, text: str, *, stops: bool = False) -> Finding:
        return Finding(rule, severity, f"« {file.name} » ({file.row}) {text}", file.holder, ("piece", file.id), stops)

    if file.quarantined:
        # It counts nowhere and is packed nowhere: nothing to stop, somebody to tell.
        yield told(
            Rule.QUARANTINE, Severity.LOOK, "est en quarantaine : elle ne part pas avec le dossier, remplacez-la"
        )
        return
    if file.damaged:
        text = "a changé dans le stockage, ou s’y est perdue : joignez-la de nouveau"
        yield told(Rule.QUARANTINE, Severity.BLOCKS, text, stops=True)
    if file.encrypted:
        text = "demande un mot de passe : joignez-la sans mot de passe"
        yield told(Rule.PASSWORDS, Severity.BLOCKS, text, stops=True)
    if file.macros:
        yield told(Rule.MACROS, Severity.LOOK, "contient des macros : enregistrez-la sans macro, ou en PDF")
    if file.links:
        count = f"{file.links} {plural(file.links, 'lien', 'liens')} vers l’extérieur"
        yield told(Rule.LINKS, Severity.LOOK, f"contient {count}, que personne ne suivra : joignez ce qu’ils montrent")
    yield from _dated(file, on, told)
    yield from _accepted(file, counter, told)


def _dated(file: File, on: date, told: _Teller) -> Iterator[Finding]:
    if file.expires_on is None:
        return
    left = (file.expires_on - on).days
    if left < 0:
        yield told(Rule.EXPIRED, Severity.LOOK, f"a expiré le {short_date(file.expires_on)} : renouvelez-la")
    elif left <= SOON:
        text = f"expire le {short_date(file.expires_on)}, avant la fin de l’instruction : prévoyez la suite"
        yield told(Rule.EXPIRED, Severity.LOOK, text)


def _accepted(file: File, counter: Counter, told: _Teller) -> Iterator[Finding]:
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    if extension not in counter.formats:
        said = f"est au format « {extension} »" if extension else "n’a pas d’extension"
        yield told(Rule.FORMATS, Severity.LOOK, f"{said}, que le guichet peut refuser : joignez un PDF")
    elif file.media_type and _other(extension, file.media_type):
        text = f"se dit « {extension} », ses octets disent {file.media_type} : joignez le fichier d’origine"
        yield told(Rule.FORMATS, Severity.LOOK, text)
    yield from _too_big(file, counter.file_bytes, told)
    limit = counter.name_length.value
    if not file.archived:
        yield told(Rule.NAMES, Severity.BLOCKS, "ne peut pas avoir de nom sûr dans l’archive : renommez-la")
    elif limit is not None and len(file.archived) > limit:
        text = f"aura un nom de {len(file.archived)} caractères, plus que {limit} : donnez-lui un nom plus court"
        yield told(Rule.NAMES, Severity.LOOK, text)


def _other(extension: str, media_type: str) -> bool:
    """Whether bytes say another format than the name does; types that say little say nothing."""
    expected = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}.get(extension)
    named = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpeg"}.get(media_type)
    if expected is None:
        return named is not None
    return media_type not in {expected, "application/octet-stream"}


def _too_big(file: File, limit: Limit, told: _Teller) -> Iterator[Finding]:
    if limit.value is not None and file.size > limit.value:
        severity = Severity.BLOCKS if limit.sure else Severity.LOOK
        text = f"pèse {_size(file.size)}, plus que {_size(limit.value)} ({limit.confidence}) : réduisez-la"
        yield told(Rule.SIZES, severity, text)


def _unseen(files: Sequence[File]) -> Iterator[Finding]:
    waiting = [file.name for file in files if file.waiting]
    if waiting:
        count = f"{len(waiting)} {plural(len(waiting), 'pièce attend son analyse', 'pièces attendent leur analyse')}"
        text = f"{count} : elle prend quelques instants, puis rechargez la page ({few(list(dict.fromkeys(waiting)))})"
        yield Finding(Rule.QUARANTINE, Severity.BLOCKS, text, stops=True)
    unseen = [file.name for file in files if not file.inspected and not file.waiting]
    if unseen:
        count = f"{len(unseen)} {plural(len(unseen), 'pièce non analysée', 'pièces non analysées')}"
        text = f"{count} : mots de passe, macros et liens n’y ont pas été cherchés ({few(list(dict.fromkeys(unseen)))})"
        yield Finding(Rule.PASSWORDS, Severity.INFORMATION, text)


def _names(files: Sequence[File]) -> Iterator[Finding]:
    """The archive makes names safe and unique; the reader is told when they are no longer those that people know."""
    same = Count((file.row, file.name.casefold()) for file in files)
    for (row, name), twins in same.items():
        if twins > 1:
            text = (
                f"{row} : {twins} pièces s’appellent « {name} », l’archive les numérote : vérifiez qu’elles diffèrent"
            )
            yield Finding(Rule.NAMES, Severity.LOOK, text, link=("row", row))
    renamed = [file.name for file in files if file.archived and file.archived != file.name]
    if renamed:
        count = f"{len(renamed)} {plural(len(renamed), 'pièce change', 'pièces changent')} de nom dans l’archive"
        text = f"{count} (lettres simples, noms uniques) : {few(list(dict.fromkeys(renamed)))}"
        yield Finding(Rule.NAMES, Severity.INFORMATION, text)


def _whole(files: Sequence[File], counter: Counter) -> Iterator[Finding]:
    total, limit = sum(file.size for file in files), counter.whole_bytes
    if limit.value is None:
        text = f"Les pièces pèsent {_size(total)} en tout ; la taille que le guichet accepte n’est pas connue"
        yield Finding(Rule.SIZES, Severity.INFORMATION, text)
    elif total > limit.value:
        severity = Severity.BLOCKS if limit.sure else Severity.LOOK
        text = f"Les pièces pèsent {_size(total)} en tout, plus que {_size(limit.value)} ({limit.confidence})"
        yield Finding(Rule.SIZES, severity, text)


def _parts(dossier: Dossier) -> Iterator[Finding]:
    if dossier.unready:
        count = f"{len(dossier.unready)} {plural(len(dossier.unready), 'partie', 'parties')} sur {dossier.parts}"
        text = f"{count} {plural(len(dossier.unready), 'n’est pas dite prête', 'ne sont pas dites prêtes')}"
        yield Finding(Rule.PARTS, Severity.LOOK, text, few(list(dossier.unready)), ("parts", ""))
    if dossier.missing_ac:
        text = "L’activité combinée n’est pas connue : la part couverte ne se calcule pas sans elle"
        yield Finding(Rule.ACTIVITY, Severity.LOOK, text, few(list(dossier.missing_ac)), ("import", ""))
    if not dossier.number:
        text = "Le numéro eCaRE de la candidature n’est pas enregistré"
        yield Finding(Rule.COUNTER, Severity.LOOK, text, link=("application", ""))
    if not dossier.declaration_number:
        text = "Le numéro eCaRE de la déclaration n’est pas enregistré : il le sera au dépôt"
        yield Finding(Rule.COUNTER, Severity.INFORMATION, text, link=("ecare", ""))


def _size(size: int) -> str:
    if size >= _MEGABYTE:
        tenths = size * 10 // _MEGABYTE
        return f"{tenths // 10},{tenths % 10} Mo"
    return f"{max(size // _UNIT, 1)} Ko" if size else "0 octet"
