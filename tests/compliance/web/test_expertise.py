"""What an expert is asked: the piece and nothing else, one answer, then it is closed."""

from __future__ import annotations

import re

from tests.compliance.web.pages import words
from tests.factories.acting import seen

NORTH, EXPERT = "ars@littoral-nord.example", "expert@littoral-nord.example"
OPENING = {"to": "ars_review"}


def test_an_expert_reads_the_piece_asked_and_answers_once(app, world, sign_in):
    [filing] = seen(app, "SELECT f.id FROM filing f JOIN region r ON r.id = f.region_id WHERE r.code = 'F1'")
    address = f"/ars/F1/dossiers/{filing['id']}"
    agency, expert = sign_in(NORTH), sign_in(EXPERT)
    agency.post(f"{address}/instruction/ouvrir", data=OPENING)
    [first, *_] = seen(app, "SELECT id FROM filed_piece WHERE filing_id = %s ORDER BY row_code, id", filing["id"])
    ask = {"expert": str(world.users[EXPERT]), "question": "Est-ce isolé ?", "due_on": "2099-01-01"}
    desk = f"{address}/instruction/{first['id']}"
    assert "Écrivez la question" in words(agency.post(f"{desk}/expertise", data=ask | {"question": " "}).text)
    assert agency.post(f"{desk}/expertise", data=ask).status_code == 302
    listed = expert.get("/ars/F1/expertises").text
    assert "Est-ce isolé ?" in words(listed)
    place = re.search(r'href="(/ars/F1/expertises/[0-9a-f-]{36})"', listed)[1]
    assert expert.get(place).status_code == 200
    assert expert.get(f"{place}/voir").data.startswith(b"%PDF-")
    for closed in (address, f"{address}/instruction", "/ars/F1/portefeuille", "/ars/F1/file", f"{desk}/voir"):
        assert expert.get(closed).status_code == 404
    number = place.rpartition("/")[2]
    agency.post(f"{address}/expertises/{number}/rappeler")
    assert "rappelé le" in words(expert.get("/ars/F1/expertises").text)
    empty = expert.post(f"{place}/repondre", data={"favourable": "no", "text": " "})
    assert empty.status_code == 422
    assert expert.post(f"{place}/repondre", data={"favourable": "no", "text": "Compte commun"}).status_code == 302
    assert expert.get(place).status_code == 404
    assert expert.get(f"{place}/piece").status_code == 404
    told = words(agency.get(f"{address}/instruction?piece={first['id']}").text)
    assert "Avis défavorable" in told
    assert "Compte commun" in told
