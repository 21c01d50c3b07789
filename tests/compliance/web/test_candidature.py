"""The application: recorded by hand, version after version; what nobody knows stays unknown."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from tenants.db import db
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

PATH = f"/ght/{at.ESTUARY_CODE}/candidature"
HISTORY = "Le dernier d’abord"
GIVEN = {
    "applied_on": "2025-10-24", "ecare_number": "D2-0042", "decision": "accepted", "decided_on": "2026-01-12",
    "requested": "200 000", "ceiling": "180 000,50 €", "note": "Décision ARS-2026-114",
}  # fmt: skip


def test_a_decision_is_recorded_with_its_amounts_and_the_version_before_stays(app, world, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    before = browser.get(PATH).text
    assert "la décision de l’ARS n’est pas connue ici, plafond non connu." in words(before)
    assert browser.post(PATH, data=GIVEN).status_code == 302
    page = browser.get(PATH).text
    assert "Acceptée le 12/01/2026, plafond de 180 000,50 €." in words(page)
    last, first = rows(page, HISTORY)
    assert last[1:5] == [
        "24/10/2025 eCaRE D2-0042", "Acceptée 12/01/2026 Décision ARS-2026-114", "200 000,00 €", "180 000,50 €",
    ]  # fmt: skip
    assert first[3:5] == ["non connu", "non connu"]
    assert len(rows(page, "L’activité combinée de chacune")) == 3
    [event] = seen(
        app, "SELECT payload FROM audit_event WHERE action = 'candidate.application_recorded' ORDER BY at DESC LIMIT 1"
    )
    assert '"ceiling_cents": 18000050' in event["payload"]
    assert "ARS-2026-114" not in event["payload"]


def test_the_dates_of_the_filings_recorded_later_keep_the_decision(world, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    browser.post(PATH, data=GIVEN)
    assert (
        browser.post(PATH.replace("candidature", "dossier/ecare"), data={"filed_on": "2026-09-01"}).status_code == 302
    )
    last = rows(browser.get(PATH).text, HISTORY)[0]
    assert (last[4], last[5]) == ("180 000,50 €", "01/09/2026")
    browser.post(PATH, data=GIVEN | {"ceiling": "170 000"})
    last = rows(browser.get(PATH).text, HISTORY)[0]
    assert (last[4], last[5]) == ("170 000,00 €", "01/09/2026")
    refused = browser.post(PATH, data=GIVEN | {"applied_on": "2026-09-02", "decided_on": ""})
    assert "La déclaration ne peut pas précéder la candidature" in words(refused.text)


def test_a_filing_outside_of_what_the_programme_opened_is_recorded_and_doubted(world, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    for path, day, said in (
        ("candidature", {"applied_on": "2025-06-01"}, "La candidature est datée du 01/06/2025, avant l’ouverture du"),
        ("dossier/ecare", {"filed_on": "2025-08-01"}, "La déclaration est datée du 01/08/2025, avant l’ouverture du"),
    ):
        assert browser.post(PATH.replace("candidature", path), data=day).status_code == 302
        assert said in words(browser.get(PATH).text)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ceiling": "beaucoup"}, "Le plafond est illisible"),
        ({"ceiling": "-5"}, "Le plafond est illisible"),
        ({"requested": "1,234"}, "Le montant demandé est illisible"),
        ({"decision": "peut-être"}, "Choisissez une des décisions proposées"),
        ({"decision": ""}, "Une date de décision est donnée sans la décision"),
        ({"applied_on": "2099-01-01"}, "Un dépôt sur eCaRE ne peut pas être dans l’avenir"),
        ({"decided_on": "2099-01-01"}, "Une décision ne peut pas être dans l’avenir"),
        ({"decided_on": "2025-10-01"}, "La décision ne peut pas précéder la candidature"),
        ({"note": "x" * 501}, "La remarque dépasse 500 caractères"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_recorded_nor_lost(app, world, sign_in, changes, says):
    before, browser = counts(app, "candidature", "audit_event"), sign_in(at.ESTUARY_DSI)
    answer = browser.post(PATH, data=GIVEN | changes)
    assert answer.status_code == 422
    assert says in words(answer.text)
    assert 'value="D2-0042"' in answer.text
    assert counts(app, "candidature", "audit_event") == before


def test_an_amount_is_kept_to_the_cent_however_great(world, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    assert browser.post(PATH, data=GIVEN | {"ceiling": "999 999 999 999,99"}).status_code == 302
    assert "plafond de 999 999 999 999,99 €." in words(browser.get(PATH).text)


def test_what_no_database_keeps_is_refused_and_is_not_an_incident_whose_journal_repeats_it(app, world, sign_in, capsys):
    before = counts(app, "candidature")
    answer = sign_in(at.ESTUARY_DSI).post(PATH, data=GIVEN | {"note": "secret\x00"})
    assert (answer.status_code, "Une réponse n’a pas été comprise." in words(answer.text)) == (422, True)
    assert counts(app, "candidature") == before
    with pytest.raises(DataError) as refused, acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        db.session.execute(text("SELECT :typed"), {"typed": "secret\x00"})
    assert "secret" not in f"{refused.value}{capsys.readouterr().err}"


def test_who_does_not_manage_the_candidate_reads_and_does_not_write(world, sign_in):
    browser = sign_in("signataire@estuaire.example")
    assert 'name="ceiling"' not in browser.get(PATH).text
    assert browser.post(PATH, data=GIVEN).status_code == 404


def test_the_command_records_a_decision_and_keeps_what_it_does_not_say(vigie):
    scope = ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI)
    assert vigie("candidate", "decision", *scope, "--ceiling-cents", "18000050").stdout == "Décision enregistrée.\n"
    assert vigie("candidate", "decision", *scope, "--decision", "accepted", "--decided-on", "2026-01-12").exit_code == 0
    assert "Plafond       180 000,50 €" in vigie("funding", *scope).stdout
    refused = vigie("candidate", "decision", *scope, "--decided-on", "2025-01-01")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "La décision ne peut pas précéder la candidature : vérifiez les deux dates.\n",
    )
