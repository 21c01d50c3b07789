"""Does a text look like a person? A function is asked, names are not (W-NOM)."""

from __future__ import annotations

import re

from importers.words import fold, one_line

_TITLE = re.compile(r"(?<![\w.])(?i:m\.|mr|mme|mlle|monsieur|madame|dr|docteur|pr|professeur|maître)\.? +(?=[A-ZÀ-ÝŒ])")
_CAPITALISED = re.compile(r"(?:[A-ZÀ-ÝŒ]\.?|[A-ZÀ-ÝŒ][\w’'-]+|d[eu]|le|la|van|von|el|ben)")
_MAIL = re.compile(r"[^\s@]@[^\s@.]+\.[^\s@]")
# A capitalised text with one of these is a function or a service, not a person.
_FUNCTIONS = frozenset(
    re.findall(
        r"\S+",
        """
    aah accueil achats adjoint adjointe administrateur administratif administration admission admissions agent
    aide anesthesie archives ars assistant assistante astreinte attache attachee bio biologie biologiste
    biomedical bloc bureau cadre cardiologie cellule central centrale chef cheffe chirurgie chirurgien circuit
    clinique coordinateur coordination coordinatrice coordonnateur coordonnatrice correspondant dac daf dam dg
    dga dim directeur direction directrice drh dsi dsio economat ehpad exploitation facturation finances
    financier financiere fonction general generale geriatrie gestion gestionnaire ghu gouvernance hygiene iade
    ibode ide imagerie infirmier infirmiere informatique ingenieur ingenieure laboratoire logistique magasin
    maieuticien maieuticienne manipulateur maternite medecin medecine medical medicale metier mission
    neonatologie obstetrique paie patient patients pedagogique pediatrie personnel pharmacie pharmacien
    pharmacienne pilote plateau pole preparateur president presidente production psychiatrie qualite radiologie
    radiologue reanimation referent referente regulation renfort responsable ressources restauration rh rpcra
    rssi sage sage-femme sante scolarite secretaire secretariat securite service services soignant soignante
    soins sterilisation superieur superieure superviseur systeme systemes technicien technicienne technique
    travaux urgence urgences urgentiste vigilance
    """,
    )
)


def looks_like_person(text: str) -> bool:
    """Tell whether `text` probably names a person: a title, an e-mail address, or two to four capitalised words."""
    text = one_line(text)
    if _MAIL.search(text) or any(not _known(text[found.end() :].split()[0]) for found in _TITLE.finditer(text)):
        return True
    words = text.split(" ")
    if not 2 <= len(words) <= 4 or any(_known(word) for word in words):
        return False
    if not all(_CAPITALISED.fullmatch(word) for word in words):
        return False
    # Particles alone do not make a name: at least two words start with a capital letter.
    return sum(word[0].isupper() for word in words) >= 2 and any(len(word) > 3 for word in words)


def _known(word: str) -> bool:
    folded = fold(word)
    parts = {folded, folded.rstrip("s"), *re.split(r"[-'/]", folded)}
    return not parts.isdisjoint(_FUNCTIONS)
