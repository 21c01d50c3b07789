"""« Publier l’avancement à l’ARS »: what the candidate is shown is what the ARS then sees, and nothing more."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from compliance.services import evidence
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

ESTUARY, ALONE = f"/ght/{at.ESTUARY_CODE}", f"/ght/{at.ALONE_CODE}"
NORTH, SOUTH = "ars@littoral-nord.example", "ars@monts-du-sud.example"
TODAY = f"{date.today():%d/%m/%Y}"  # the database keeps the real clock


def attach(app, world):
    """Attach a piece in the GHT of three, so that there is something new to publish."""
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        own = world.establishments[at.ESTUARY_MEMBERS[0].finess]
        evidence.attach(own, "D2.O2.A", "backup_policy", "politique-belle-rive.pdf", BytesIO(b"politique"))


def publications(app, code):
    """The address at which an ARS reads what a GHT published."""
    [found] = seen(app, "SELECT c.id FROM candidate c JOIN ght g ON g.id = c.ght_id WHERE g.code = %s", code)
    return f"/candidats/{found['id']}/publications"


def test_the_dossier_leads_to_the_publication(world, sign_in):
    assert f'href="{ESTUARY}/publication"' in sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/dossier").text


def test_what_is_shown_before_publishing_is_what_the_agency_reads_after(app, world, sign_in):
    browser = sign_in(at.ALONE_DSI)
    page = browser.get(f"{ALONE}/publication").text
    assert "Non publié : l’ARS" in words(page)
    promised = rows(page, "Dans l’ordre du texte")
    assert len(promised) == 13
    assert browser.post(f"{ALONE}/publication", data={"confirm": "yes"}).status_code == 302
    assert "voit ces chiffres" in words(browser.get(f"{ALONE}/publication").text)
    seen_page = sign_in(SOUTH).get("/ars/F2" + publications(app, at.ALONE_CODE)).text
    assert rows(seen_page, "Publié le") == promised


def test_publishing_asks_to_say_that_it_was_read(app, world, sign_in):
    before = counts(app, "publication")
    browser = sign_in(at.ALONE_DSI)
    browser.post(f"{ALONE}/publication")
    assert "Cochez « J’ai relu ces chiffres »" in words(browser.get(f"{ALONE}/publication").text)
    assert counts(app, "publication") == before


def test_what_has_not_changed_is_not_offered_nor_published_again(app, world, sign_in):
    before = counts(app, "publication")
    browser = sign_in(at.ESTUARY_DSI)
    page = browser.get(f"{ESTUARY}/publication").text
    assert 'name="confirm"' not in page
    assert "Rien n’a changé depuis." in words(page)
    browser.post(f"{ESTUARY}/publication", data={"confirm": "yes"})
    assert f"Rien n’a changé depuis la publication du {TODAY}" in words(browser.get(f"{ESTUARY}/publication").text)
    assert counts(app, "publication") == before


def test_the_difference_is_told_before_and_after(app, world, sign_in):
    attach(app, world)
    browser = sign_in(at.ESTUARY_DSI)
    page = words(browser.get(f"{ESTUARY}/publication").text)
    assert "1 ligne a changé depuis" in page
    assert "D2.O2.A : Manquant → En cours" in page
    browser.post(f"{ESTUARY}/publication", data={"confirm": "yes"})
    history = words(browser.get(f"{ESTUARY}/publication").text)
    assert "D2.O2.A : Manquant → En cours" in history
    assert "Première publication" in history
    told = words(sign_in(SOUTH).get("/ars/F2" + publications(app, at.ESTUARY_CODE)).text)
    assert "2 publications" in told
    assert "D2.O2.A : Manquant → En cours" in told


def test_the_agency_reads_no_reason_no_establishment_and_no_author(app, world, sign_in):
    attach(app, world)
    browser = sign_in(at.ESTUARY_DSI)
    browser.post(f"{ESTUARY}/publication", data={"confirm": "yes"})
    [author] = seen(app, "SELECT name FROM user_account WHERE email = %s", at.ESTUARY_DSI)
    told = words(sign_in(SOUTH).get("/ars/F2" + publications(app, at.ESTUARY_CODE)).text)
    hidden = ["politique-belle-rive.pdf", "pssi.pdf", author["name"], *(m.name for m in at.ESTUARY_MEMBERS)]
    assert [each for each in hidden if each in told] == []
    assert author["name"] in words(browser.get(f"{ESTUARY}/publication").text)


def test_who_reads_only_sees_the_page_and_cannot_publish(app, world, sign_in):
    seen(app, "DELETE FROM publication")
    signatory = sign_in("signataire@estuaire.example")
    page = signatory.get(f"{ESTUARY}/publication")
    assert page.status_code == 200
    assert 'name="confirm"' not in page.text
    assert signatory.post(f"{ESTUARY}/publication", data={"confirm": "yes"}).status_code == 404
    assert counts(app, "publication") == {"publication": 0}


def test_a_member_of_a_ght_publishes_nothing_of_its_own(world, sign_in):
    own = f"/etablissements/{at.CAPES_MEMBERS[3].finess}/publication"
    browser = sign_in("admin@marquerive.example")
    assert browser.get(own).status_code == 404
    assert browser.post(own, data={"confirm": "yes"}).status_code == 404


def test_the_portfolio_shows_who_published_what_and_who_did_not(app, world, sign_in):
    page = sign_in(SOUTH).get("/ars/F2/portefeuille").text
    [estuary] = rows(page, "Le plus ancien d’abord")
    [alone] = rows(page, "1 candidat de la région")
    figures = rows(sign_in(SOUTH).get("/ars/F2" + publications(app, at.ESTUARY_CODE)).text, "Publié le")
    met = sum(line[1] == "Atteint" for line in figures)
    assert estuary[-1].startswith(f"{met} sur 13 état au {TODAY} O1.C : ")
    assert alone[-1] == "Non publié"


def test_a_candidate_that_published_nothing_has_a_page_that_says_so(app, world, sign_in):
    answer = sign_in(SOUTH).get("/ars/F2" + publications(app, at.ALONE_CODE))
    assert answer.status_code == 200
    assert "Non publié" in words(answer.text)


def test_another_region_finds_no_publication(app, world, sign_in):
    stranger = sign_in(NORTH)
    for region in ("F1", "F2"):
        assert stranger.get(f"/ars/{region}" + publications(app, at.ESTUARY_CODE)).status_code == 404


def test_what_an_agency_reads_before_any_filing_is_told_in_the_chain_of_the_support(app, world, sign_in):
    assert seen(app, "SELECT 1 FROM filing WHERE ght_id = %s", world.ghts[at.TWO_CAPES_CODE]) == []
    assert sign_in(NORTH).get("/ars/F1" + publications(app, at.TWO_CAPES_CODE)).status_code == 200
    [last] = seen(
        app,
        "SELECT action, user_id FROM audit_event WHERE establishment_id = %s ORDER BY sequence DESC LIMIT 1",
        world.establishments[at.CAPES_MEMBERS[0].finess],
    )
    assert last == {"action": "publication.read", "user_id": world.users[NORTH]}


def test_the_portfolio_asks_as_many_questions_whatever_was_published(app, world, sign_in):
    reviewer = sign_in(SOUTH)
    reviewer.get("/ars/F2/portefeuille")
    before = at.asked(app, reviewer, "/ars/F2/portefeuille")
    sign_in(at.ALONE_DSI).post(f"{ALONE}/publication", data={"confirm": "yes"})
    attach(app, world)
    sign_in(at.ESTUARY_DSI).post(f"{ESTUARY}/publication", data={"confirm": "yes"})
    assert at.asked(app, reviewer, "/ars/F2/portefeuille") == before
