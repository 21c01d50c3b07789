"""National health identifiers in a text: a NIR or an INS, 13 characters and their key (15 in all).

Form: sex (1, 2; 3, 4 being registered; 7, 8 provisional), year, month (01 to 12; 20, 30 to 42, 50 to 99 when it is not known),
département (2A and 2B for Corsica) and commune, order number, key. Key: 97 - (number mod 97), 2A counted as 19 and 2B as 18
(INSEE, répertoire national d'identification des personnes physiques). A number is counted, never given back.
"""

from __future__ import annotations

import re

_GAP = r"[ \t\u00a0\u2007\u2009\u202f.\-]{0,2}"
# Between the number and its key a form may write a bar, the word, or the next cell of a table.
_BEFORE_KEY = r"(?:[\s\u00a0\u202f.\-/|(:;,]|cl[eé]){0,10}"
_GROUPED = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?=([123478]){_GAP}(\d\d){_GAP}(\d\d){_GAP}(\d\d|2[ab]){_GAP}(\d{{3}}){_GAP}(\d{{3}}){_BEFORE_KEY}(\d\d)(?!\d))",
    re.IGNORECASE,
)
# One digit a box, as forms print them: fifteen single characters, and no sixteenth.
_BOXED = re.compile(
    r"(?<!\d)(?<!\d[\s|])([123478](?:[ \t\u00a0|]{1,3}\d){5}[ \t\u00a0|]{1,3}[\dabAB](?:[ \t\u00a0|]{1,3}\d){8})(?![ \t|]?\d)"
)
_EXPONENT = re.compile(
    r"(?<!\d)([123478])\.(\d{10,14})E\+?14(?!\d)"
)  # a number of fifteen digits as spreadsheets store it
_MONTHS = {*range(1, 13), 20, *range(30, 43), *range(50, 100)}
_KEPT = 160  # characters seen again with the next piece of text
_SEEN = 40  # of them, those whose matches were found already


def is_identifier(number: str) -> bool:
    """Tell whether 15 characters are a well-formed NIR or INS whose key holds."""
    if not re.fullmatch(r"[123478]\d{4}(?:\d\d|2[AB])\d{8}", number):
        return False
    place, order, key = number[5:7], number[10:13], int(number[13:])
    if int(number[3:5]) not in _MONTHS or place == "00" or order == "000" or number[7:10] == "000":
        return False
    return key == 97 - int(number[:13].replace("2A", "19").replace("2B", "18")) % 97


class Finder:
    """Counts the distinct identifiers of a text given in pieces; one cut between two pieces is found."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._rest = ""

    @property
    def count(self) -> int:
        """How many distinct identifiers were found."""
        return len(self._found)

    def feed(self, text: str) -> None:
        """Look through the next piece of the text."""
        seen = _SEEN if len(self._rest) == _KEPT else 0  # the beginning of what was kept has lost what came before it
        window = self._rest + text
        for match in _GROUPED.finditer(window):
            if match.start() >= seen:
                self._keep("".join(match.groups()))
        for match in _BOXED.finditer(window):
            if match.start() >= seen:
                self._keep(re.sub(r"[^\dabAB]", "", match[1]))
        for match in _EXPONENT.finditer(window):
            if match.start() >= seen:
                self._keep(f"{match[1]}{match[2]:0<14}")
        self._rest = window[-_KEPT:]

    def end(self) -> None:
        """Say that the text is over: what follows is not beside it."""
        self._rest = ""

    def number(self, value: int) -> None:
        """Look at a number read as such."""
        self._keep(str(value))

    def _keep(self, number: str) -> None:
        if is_identifier(number.upper()):
            self._found.add(number.upper())
