"""What an inspection and a scan mean for a piece: kept, kept with remarks, or set aside until somebody answers. Sentences name nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.inspection.clamd import Outcome, Scan
from compliance.inspection.inspector import Inspection


class Level(StrEnum):
    """What becomes of a piece; its value is what the event stores."""

    OK = "ok"
    WARNED = "warned"
    REFUSED = "refused"


_LOCKED = (
    "Ce fichier est protégé par un mot de passe : l’ARS ne pourra pas l’ouvrir. Enregistrez-le sans mot de passe, puis déposez"
    " cette version."
)


@dataclass(frozen=True)
class Verdict:
    """The level and its reasons, the gravest first; `refusals` are those that set the piece aside."""

    level: Level
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]


def judge(found: Inspection, scan: Scan) -> Verdict:
    """Judge what was found. A program, a virus and a national health identifier set a piece aside; all else is a remark."""
    refusals = []
    if scan.outcome is Outcome.FOUND:
        refusals.append(
            f"L’antivirus a trouvé « {scan.virus} » dans ce fichier : ne l’ouvrez pas, prévenez votre équipe sécurité."
        )
    if found.executable:
        refusals.append("Ce fichier est un programme, ou en contient un : déposez le document lui-même.")
    if found.identifiers:
        refusals.append(
            f"Ce fichier contient {_numbers(found.identifiers)} de sécurité sociale (NIR ou INS) : il n’est montré à personne."
            " Déposez une version sans ces numéros."
        )
    warnings = [
        sentence
        for true, sentence in (
            (found.encrypted, _LOCKED),
            (found.macros, "Ce fichier contient des macros ou des scripts : déposez une version sans macros, ou un PDF."),
            (found.external_links, f"Ce fichier {_links(found.external_links)} : son contenu dépend d’un autre fichier."),
            (found.polyglot, "Ce fichier est à la fois un document et une archive : enregistrez-le de nouveau, puis redéposez-le."),
            (found.embedded_files, f"Ce fichier contient {_files(found.embedded_files)}."),
            (found.problem, found.problem),
            (found.partly_read and not found.problem, "Ce fichier n’a pas pu être lu en entier."),
        )
        if true
    ]  # fmt: skip
    level = Level.REFUSED if refusals else Level.WARNED if warnings else Level.OK
    return Verdict(level, tuple(refusals), tuple(warnings))


def _numbers(count: int) -> str:
    return "un numéro" if count == 1 else f"{count} numéros"


def _links(count: int) -> str:
    return "renvoie à un fichier ou à un site extérieur" if count == 1 else f"contient {count} renvois vers l’extérieur"


def _files(count: int) -> str:
    return "un autre fichier" if count == 1 else f"{count} autres fichiers"
