"""« Transmis dans Vigie » and « déposé sur eCaRE » are two facts; the second is noted by hand, and every version stays."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest

from compliance.services import candidate as candidates
from compliance.services import ecare, evidence
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import acting, counts, seen

PAGE = f"/ght/{at.ESTUARY_CODE}/dossier"
DAY = date.today() - timedelta(days=2)


def test_what_the_counter_gave_is_told_apart_from_what_was_transmitted(app, world, sign_in):
    dsi = sign_in(at.ESTUARY_DSI)
    assert "(version 1) ; pas encore déposé sur eCaRE." in words(dsi.get(PAGE).text)
    form = {
        "number": "DECL-1", "filed_on": DAY.isoformat(), "state": "ars_review", "state_on": DAY.isoformat(),
        "file": (BytesIO(b"%PDF-1.7 recu"), "recepisse.pdf"),
    }  # fmt: skip
    assert dsi.post(f"{PAGE}/ecare", data=form).status_code == 302
    page = words(dsi.get(PAGE).text)
    assert f"(version 1) ; déposé sur eCaRE le {DAY:%d/%m/%Y}." in page
    assert "État sur eCaRE : En instruction à l’ARS" in page
    assert "recepisse.pdf" in page
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate = candidates.require("D2")
        # The window that ends at filing ends on this day.
        assert candidate.ecare_filed_on == DAY
        assert candidate.applied_on == date(2025, 10, 24)
        known = ecare.latest(candidate.id)
        candidates.record_application(candidate, applied_on=date(2025, 10, 25), ecare_number="C-1", frozen_on=None)
        assert ecare.latest(candidate.id) == known
        assert len(ecare.history(candidate.id)) == 1


def test_a_receipt_is_chosen_among_the_pieces_that_count_and_the_one_recorded_stays(app, world, sign_in):
    owner = world.establishments[at.ESTUARY_MEMBERS[0].finess]
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        old = evidence.attach(owner, "D2", "ecare_receipt", "ancien.pdf", BytesIO(b"%PDF-1.7 un"))
        new = evidence.replace(old, "nouveau.pdf", BytesIO(b"%PDF-1.7 deux"))
        aside = evidence.attach(owner, "D2", "ecare_receipt", "douteux.pdf", BytesIO(b"%PDF-1.7 trois"))
    seen(
        app,
        "INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value)"
        " VALUES (gen_random_uuid(), %s, %s, 'status', 'quarantined')",
        owner, aside,
    )  # fmt: skip
    dsi = sign_in(at.ESTUARY_DSI)
    page = dsi.get(PAGE).text
    assert [f'<option value="{each}"' in page for each in (new, old, aside)] == [True, False, False]
    form = {"number": "DECL-1", "filed_on": DAY.isoformat(), "receipt": str(new)}
    for wrong in (old, aside):
        assert dsi.post(f"{PAGE}/ecare", data=form | {"receipt": str(wrong)}).status_code == 422
    dsi.post(f"{PAGE}/ecare", data=form)
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        evidence.replace(new, "encore.pdf", BytesIO(b"%PDF-1.7 quatre"))
    assert f'<option value="{new}" selected' in dsi.get(PAGE).text
    assert dsi.post(f"{PAGE}/ecare", data=form | {"number": "DECL-2"}).status_code == 302


def test_a_filing_of_today_noted_by_mistake_is_taken_back_and_the_freeze_of_the_parties_stays(app, world, sign_in):
    seen(app, "UPDATE candidature SET frozen_on = '2025-10-24'")
    dsi = sign_in(at.ESTUARY_DSI)
    assert dsi.post(f"{PAGE}/ecare", data={"filed_on": f"{date.today():%d/%m/%Y}"}).status_code == 302
    assert dsi.post(f"{PAGE}/ecare", data={"filed_on": ""}).status_code == 302
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        candidate = candidates.require("D2")
        assert (candidate.ecare_filed_on, candidate.frozen_on) == (None, date(2025, 10, 24))
        assert len(ecare.history(candidate.id)) == 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"number": "D"}, "Indiquez le jour du dépôt"),
        ({"filed_on": "2999-01-01"}, "ne peut pas être dans l’avenir"),
        ({"filed_on": "2025-10-01"}, "ne peut pas précéder la candidature"),
        ({"filed_on": "hier"}, "est illisible"),
        ({"filed_on": DAY.isoformat(), "state": "invented"}, "Choisissez l’état dans la liste"),
        ({"filed_on": DAY.isoformat(), "state": "filed"}, "Indiquez le jour où eCaRE a donné cet état"),
        ({"filed_on": DAY.isoformat(), "state": "filed", "state_on": "2025-11-01"}, "entre le dépôt et aujourd’hui"),
        ({"filed_on": DAY.isoformat(), "receipt": "0" * 32}, "n’est pas une pièce du candidat"),
        ({"filed_on": DAY.isoformat(), "number": "x" * 41}, "dépasse 40 caractères"),
        ({"file": "recepisse.pdf"}, "Indiquez le jour du dépôt"),
        ({}, "Rien n’a changé"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_what_was_typed_stays(app, world, sign_in, form, said):
    before = counts(app, "candidature", "evidence")
    sent = form | {"file": (BytesIO(b"%PDF-1.7 recu"), form["file"])} if "file" in form else form
    answer = sign_in(at.ESTUARY_DSI).post(f"{PAGE}/ecare", data=sent)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "recepisse.pdf" not in answer.text  # not among the pieces to choose: it was not kept
    assert form.get("number", "") in answer.text
    assert counts(app, "candidature", "evidence") == before
