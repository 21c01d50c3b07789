"""« Ce qui manque »: one page to print, narrowed to one establishment, what does not block on demand."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest

from compliance.models.milestone import Milestone
from compliance.services import evidence
from tenants.db import new_id
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
ON = "le=2026-11-22&connu=oui"


@pytest.fixture
def page(app, world, sign_in):
    """Return a function that gives the page of the GHT of three; the second one has its note of organisation."""
    seen(app, "TRUNCATE milestone")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        owner, content = world.establishments[SECOND.finess], BytesIO(new_id().bytes)
        evidence.attach(owner, "D2.P2", "organisation_note", "note.pdf", content, approved_on=date(2026, 2, 3))
        registers.write(
            *(world.establishments[FIRST.finess], Milestone, "J-1"),
            code="J-1",
            objectives=("D2.P2",),
            holder=FIRST.finess,
            due_on=date(2026, 12, 10),
            pilot_function="RSSI",
            status="upcoming",
        )
    browser = sign_in(at.ESTUARY_DSI)
    return lambda query="": browser.get(f"{ESTUARY}/manques?{ON}&{query}").text


def _table(page: str, name: str) -> list[list[str]]:
    page, caption = page.replace("\u00a0", " ").replace("\u202f", " "), f"Ce qui manque : {name}"
    found = re.search(rf'<caption class="v-vh">{re.escape(caption)}</caption>.*?</table>', page, re.DOTALL)
    if found is None:
        return []
    cells = re.findall(r"<tr role=\"row\"><th role=\"rowheader\".*?</tr>", found[0], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)] for line in cells]


def test_each_establishment_has_its_table_after_what_all_share(page):
    shown = page()
    titles = [words(title) for title in re.findall(r"<h2[^>]*>(.*?)</h2>", shown, re.DOTALL)]
    assert titles[0] == "Pour tous"
    assert set(titles[1:]) == {FIRST.name, SECOND.name, THIRD.name}
    told = {line[0].split()[0]: line for line in _table(shown, "GHT de l’Estuaire")}
    assert "Joindre : Schéma de gouvernance." in told["D2.O1.A"][2]
    assert told["D2.O1.A"][3:] == ["à désigner", "30/11/2026 dans 8 jours"]


def test_who_answers_and_until_when_come_from_the_milestone(page):
    shown = page()
    own = {line[0].split()[0]: line for line in _table(shown, FIRST.name)}
    assert own["D2.P2"][3:] == [
        "RSSI",
        "30/11/2026 dans 8 jours",
    ]  # a milestone later than the target date pushes nothing back
    assert not [line for line in _table(shown, SECOND.name) if line[0].startswith("D2.P2")]


def test_what_does_not_block_is_shown_on_demand_and_counted(page):
    short, whole = page(), page("tout=oui")
    assert not [line for line in _table(short, FIRST.name) if line[0].startswith("D2.O1.C")]
    [line] = [line for line in _table(whole, FIRST.name) if line[0].startswith("D2.O1.C")]
    assert "ne bloque pas la part" in line[1]
    assert re.search(r"\d+ choses? de plus ne bloque(nt)? pas la part d’activité demandée", words(short))
    assert "Ne montrer que ce qui bloque" in words(whole)
    count = [int(re.search(r"(\d+) choses restent à faire", words(each))[1]) for each in (short, whole)]
    hidden = int(re.search(r"(\d+) choses? de plus", words(short))[1])
    assert count[1] == count[0] + hidden


def test_the_page_narrows_to_one_establishment_and_what_all_share(page):
    shown = page(f"etablissement={FIRST.finess}")
    assert _table(shown, "GHT de l’Estuaire")
    assert _table(shown, FIRST.name)
    assert not _table(shown, THIRD.name)
    assert f'value="{FIRST.finess}" selected' in shown


def test_an_establishment_that_is_not_one_of_them_shows_what_all_share(page):
    shown = page(f"etablissement={at.CAPES_MEMBERS[0].finess}")
    assert _table(shown, "GHT de l’Estuaire")
    assert at.CAPES_MEMBERS[0].name not in words(shown)


def test_a_member_reads_only_its_own_and_who_only_reads_reads_it_too(world, sign_in):
    member = at.CAPES_MEMBERS[3]
    for email in (at.REFERENT, "direction@marquerive.example"):
        answer = sign_in(email).get(f"/etablissements/{member.finess}/manques")
        told = words(answer.text)
        assert answer.status_code == 200
        assert "Vu de votre établissement :" in told
        assert "Pour tous" not in told
        assert _table(answer.text, member.name)
        assert not [each.name for each in at.CAPES_MEMBERS if each is not member and each.name in told]


def test_another_candidate_and_an_agency_do_not_reach_the_page(world, sign_in):
    assert sign_in(at.CAPES_DSI).get(f"{ESTUARY}/manques").status_code == 404
    assert sign_in("ars@monts-du-sud.example").get("/ars/F2/manques").status_code == 404
