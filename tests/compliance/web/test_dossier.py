"""The dossier from the pages: generated, downloaded, transmitted; and what the ARS then sees."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO

from compliance.reports import verify_dossier
from compliance.services import evidence
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import counts, seen
from tests.factories.jobs import run_jobs
from tests.factories.pieces import nir
from tests.factories.world import PASSWORD

SIGNED = {"confirm": "yes", "password": PASSWORD}
ESTUARY = f"/ght/{at.ESTUARY_CODE}"
SIGNATORY, NORTH, SOUTH = "signataire@estuaire.example", "ars@littoral-nord.example", "ars@monts-du-sud.example"


def test_the_dossier_is_generated_then_downloaded_and_holds(app, world, sign_in, tmp_path):
    browser = sign_in(at.ESTUARY_DSI)
    assert browser.post(f"{ESTUARY}/dossier").status_code == 302
    assert "En attente" in words(browser.get(f"{ESTUARY}/dossier").text)
    run_jobs(app)
    page = browser.get(f"{ESTUARY}/dossier").text
    assert "Prêt : état au" in words(page)
    [pdf, word, archive] = re.findall(r'href="([^"]*/dossier/[^"]*/(?:pdf|docx|zip|tsr))"', page)
    with browser.get(archive) as answer:
        (tmp_path / "dossier.zip").write_bytes(answer.data)
    with browser.get(pdf) as answer:
        assert answer.data.startswith(b"%PDF-")
    with browser.get(word) as answer:
        assert answer.data.startswith(b"PK")
        assert re.search(r"dossier-care-d2-(projet|v\d+)-[-\d]+\.docx", answer.headers["Content-Disposition"])
    assert browser.get(archive.replace("/zip", "/tsr")).status_code == 404
    assert "Sans horodatage." in words(page)
    assert verify_dossier.problems(str(tmp_path / "dossier.zip")) == []
    assert hashlib.sha256((tmp_path / "dossier.zip").read_bytes()).hexdigest() in words(page)


def test_only_the_signatory_may_transmit(app, world, sign_in):
    before = counts(app, "filing")
    dsi = sign_in(at.ESTUARY_DSI)
    assert "Seul le signataire du candidat peut transmettre." in words(dsi.get(f"{ESTUARY}/dossier").text)
    assert dsi.post(f"{ESTUARY}/dossier/transmettre").status_code == 404
    assert counts(app, "filing") == before


def test_transmitting_asks_to_say_that_it_was_read(app, world, sign_in):
    at.news(app, world)
    signatory = sign_in(SIGNATORY)
    signatory.post(f"{ESTUARY}/dossier/transmettre")
    page = words(signatory.get(f"{ESTUARY}/dossier").text)
    assert "Cochez « J’ai relu le dossier »" in page
    assert "(version 1)" in page


def test_a_wrong_password_transmits_nothing(app, world, sign_in):
    at.news(app, world)
    before, signatory = counts(app, "filing"), sign_in(SIGNATORY)
    answer = signatory.post(f"{ESTUARY}/dossier/transmettre", data=SIGNED | {"password": "une autre phrase"})
    assert answer.status_code == 302
    assert "Ce mot de passe n’est pas le vôtre" in words(signatory.get(f"{ESTUARY}/dossier").text)
    assert counts(app, "filing") == before


def test_what_has_not_changed_is_not_transmitted_again(app, world, sign_in):
    signatory = sign_in(SIGNATORY)
    signatory.post(f"{ESTUARY}/dossier/transmettre", data=SIGNED)
    assert "Rien n’a changé depuis la version 1" in words(signatory.get(f"{ESTUARY}/dossier").text)


def test_transmitting_twice_is_two_versions_and_the_ars_reads_both(app, world, sign_in):
    at.news(app, world)
    signatory = sign_in(SIGNATORY)
    assert signatory.post(f"{ESTUARY}/dossier/transmettre", data=SIGNED).status_code == 302
    assert "Version 2 transmise à l’ARS" in words(signatory.get(f"{ESTUARY}/dossier").text)
    reviewer = sign_in(SOUTH)
    portfolio = reviewer.get("/ars/F2/portefeuille").text
    [line] = rows(portfolio, "Le plus ancien d’abord")
    assert line[0].startswith("GHT de l’Estuaire")
    assert "version 2" in line[1]
    latest = re.search(r'href="(/ars/F2/dossiers/[^"#]+)', portfolio)[1]
    page = words(reviewer.get(latest).text)
    assert "version 2, le" in page
    assert "Autres versions : version 1" in page


def test_the_reviewer_of_the_region_sees_every_candidate_and_only_what_was_filed(app, world, sign_in):
    reviewer = sign_in(SOUTH)
    page = reviewer.get("/ars/F2/portefeuille").text
    assert "2 candidats : 1 pas commencé (ni publié ni transmis)" in words(page)
    assert [line[0] for line in rows(page, "1 candidat de la région")] == ["GHT de Roche-Vernay"]
    assert "Deux Caps" not in words(page)
    assert reviewer.get(f"{ESTUARY}/").status_code == 404
    assert reviewer.get(f"{ESTUARY}/dossier").status_code == 404


def test_a_number_of_the_portfolio_is_the_number_of_the_filing(app, world, sign_in):
    reviewer = sign_in(SOUTH)
    portfolio = reviewer.get("/ars/F2/portefeuille").text
    [line] = rows(portfolio, "Le plus ancien d’abord")
    filing = reviewer.get(re.search(r'href="(/ars/F2/dossiers/[^"#]+)', portfolio)[1]).text
    lines = rows(filing, "Dans l’ordre du texte")
    assert line[3] == f"{sum(each[1] == 'Atteint' for each in lines)} sur {len(lines)}"
    assert int(line[6]) == sum(int(each[3].split()[0]) for each in lines) == len(rows(filing, "3 fichiers"))


def test_a_filed_piece_is_handed_out_to_the_reviewer_alone(app, world, sign_in):
    [filing] = seen(
        app,
        "SELECT f.id, p.sha256 FROM filing f JOIN filed_piece p ON p.filing_id = f.id JOIN ght g ON g.id = f.ght_id LIMIT 1",
    )
    address = f"/dossiers/{filing['id']}/pieces/{filing['sha256']}"
    with sign_in(SOUTH).get(f"/ars/F2{address}") as answer:
        assert answer.data == b"%PDF-1.7 exemple"
    stranger = sign_in(NORTH)
    assert stranger.get(f"/ars/F1{address}").status_code == 404
    assert stranger.get(f"/ars/F2{address}").status_code == 404


def test_another_region_sees_none_of_it(app, world, sign_in):
    [filing] = seen(app, "SELECT f.id FROM filing f JOIN ght g ON g.id = f.ght_id")
    stranger = sign_in(NORTH)
    page = words(stranger.get("/ars/F1/portefeuille").text)
    assert "Estuaire" not in page
    assert "Roche-Vernay" not in page
    assert stranger.get("/ars/F2/portefeuille").status_code == 404
    assert stranger.get(f"/ars/F1/dossiers/{filing['id']}").status_code == 404


def test_what_a_reviewer_reads_is_told_in_the_chain_of_who_filed(app, world, sign_in):
    [filing] = seen(app, "SELECT f.id, f.establishment_id FROM filing f JOIN ght g ON g.id = f.ght_id")
    sign_in(SOUTH).get(f"/ars/F2/dossiers/{filing['id']}")
    events = seen(
        app,
        "SELECT action FROM audit_event WHERE establishment_id = %s ORDER BY sequence DESC LIMIT 1",
        filing["establishment_id"],
    )
    assert events == [{"action": "filing.read"}]


def test_a_dossier_is_ordered_from_a_filing_of_its_own_candidate_alone(app, world, sign_in):
    filings = {row["ght"]: row["id"] for row in seen(app, "SELECT id, coalesce(ght_id::text, '') AS ght FROM filing")}
    own, foreign = filings[str(world.ghts[at.ESTUARY_CODE])], filings[""]
    browser = sign_in(at.ESTUARY_DSI)
    assert [
        browser.post(f"{ESTUARY}/dossier", data={"filing": given}).status_code for given in (foreign, "x", own)
    ] == [
        404,
        404,
        302,
    ]
    run_jobs(app)
    assert "Prêt : version transmise, état au" in words(browser.get(f"{ESTUARY}/dossier").text)


def test_the_dry_run_says_what_stands_in_the_way_and_leads_to_where_it_is_mended(app, world, sign_in):
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/dossier/verification").text
    assert "Pas encore :" in words(page)
    assert f'href="{ESTUARY}/lignes/D2.P1"' in page
    assert not re.search("attend(ent)? (son|leur) analyse|non analysée", words(page))


def test_filing_waits_for_the_inspection_of_a_piece_just_attached(app, world, sign_in):
    with at.acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        owner = world.establishments[at.ESTUARY_MEMBERS[0].finess]
        evidence.attach(owner, "D2.P2", "organisation_note", "liste.txt", BytesIO(f"Patient {nir()}".encode()))
    signatory, before = sign_in(SIGNATORY), counts(app, "filing")
    signatory.post(f"{ESTUARY}/dossier/transmettre", data=SIGNED)
    assert counts(app, "filing") == before
    told = words(signatory.get(f"{ESTUARY}/dossier/verification").text)
    assert told.count("1 pièce attend son analyse") == 2  # why it was refused, and the check itself
    run_jobs(app)
    assert "attend son analyse" not in words(signatory.get(f"{ESTUARY}/dossier/verification").text)


def test_a_piece_in_quarantine_is_told_by_the_dry_run_and_stops_nothing(app, world, sign_in):
    [one] = seen(
        app,
        "SELECT min(id::text)::uuid AS id FROM evidence WHERE establishment_id = %s",
        world.establishments[at.ESTUARY_MEMBERS[1].finess],
    )
    seen(app, "UPDATE evidence_event SET kind = 'status', value = 'quarantined' WHERE evidence_id = %s", one["id"])
    page = words(sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/dossier/verification").text)
    assert "est en quarantaine : elle ne part pas avec le dossier" in page
    assert "aria-disabled" not in sign_in(SIGNATORY).get(f"{ESTUARY}/dossier").text


def test_a_piece_that_the_store_has_lost_stops_the_filing(app, world, sign_in):
    seen(
        app, "UPDATE evidence_event SET kind = 'rehash', value = 'lost' WHERE evidence_id IN (SELECT id FROM evidence)"
    )
    signatory = sign_in(SIGNATORY)
    assert "s’y est perdue : joignez-la de nouveau" in words(signatory.get(f"{ESTUARY}/dossier/verification").text)
    before = counts(app, "filing")
    signatory.post(f"{ESTUARY}/dossier/transmettre", data=SIGNED)
    assert counts(app, "filing") == before
