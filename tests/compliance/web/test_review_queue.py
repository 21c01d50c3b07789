"""The queue of an authority: who has what, taken, given, handed over, and how it is ordered."""

from __future__ import annotations

import re

from tests.compliance.web.pages import words

NORTH, SOUTH = "ars@littoral-nord.example", "ars@monts-du-sud.example"
LEAD = "responsable@littoral-nord.example"


def test_the_queue_says_who_has_what_and_how_it_is_ordered(sign_in, reviewer, world):
    lead, candidate = sign_in(LEAD), "/ars/F1/file"
    page = lead.get(candidate).text
    assert "En tête, les dossiers dont la fin estimée est passée" in words(page)
    [(dossier, _)] = re.findall(
        r'<option value="([0-9a-f-]{36})">(Site|Fondation|Polyclinique|[^<]*Brumont[^<]*)<', page
    )[:1]
    given = {"candidate": dossier, "reviewer": str(world.users[NORTH]), "note": "Reste la sauvegarde"}
    assert lead.post(f"{candidate}/confier", data=given).status_code == 302
    mine = words(sign_in(NORTH).get(f"{candidate}?who=mine").text)
    assert "Reste la sauvegarde" in mine
    assert "Aucun dossier ne répond à ce filtre" in words(lead.get(f"{candidate}?who=mine").text)
    again = lead.post(f"{candidate}/confier", data=given)
    assert again.status_code == 422
    assert "rien n’a changé" in words(again.text)
    myself = {"giver": str(world.users[NORTH]), "taker": str(world.users[NORTH])}
    assert "C’est la même personne" in words(lead.post(f"{candidate}/passer", data=myself).text)
    workbook = lead.get(f"{candidate}.xlsx")
    assert workbook.data[:2] == b"PK"
    refused = reviewer.post(
        "/ars/F2/file/passer", data={"giver": str(world.users[NORTH]), "taker": str(world.users[SOUTH])}
    )
    assert refused.status_code == 422
