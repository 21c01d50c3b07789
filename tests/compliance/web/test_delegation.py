"""Delegations: the signatory names who may file and until when; the delegate files, delegates nothing, and loses it at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from compliance.models.dossier import Delegation
from tenants.db import db, writing_as
from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories import review as play
from tests.factories.acting import acting, counts, seen
from tests.factories.world import PASSWORD

GHT = f"/ght/{at.ESTUARY_CODE}"
PAGE = f"{GHT}/dossier/delegations"
SIGNATORY, DELEGATE = "signataire@estuaire.example", "direction@marquerive.example"
TODAY = date.today()
FORM = {
    "email": DELEGATE,
    "deed": "Décision 2026-14",
    "ends_on": (TODAY + timedelta(days=30)).isoformat(),
    "password": PASSWORD,
}


def test_a_delegate_files_delegates_nothing_and_loses_everything_at_the_next_request(app, world, sign_in):
    signatory, delegate = sign_in(SIGNATORY), sign_in(DELEGATE)
    assert delegate.get(f"{GHT}/dossier").status_code == 404
    assert signatory.post(PAGE, data=FORM).status_code == 302
    assert "1 personne peut transmettre à la place du signataire" in words(signatory.get(PAGE).text)
    assert "Transmettre à l’ARS" in words(delegate.get(f"{GHT}/dossier").text)
    play.attach(app, world)
    sure = {"confirm": "yes", "password": PASSWORD}
    assert delegate.post(f"{GHT}/dossier/transmettre", data=sure).status_code == 302
    assert words(signatory.get(f"{GHT}/dossier").text).count("par délégation (Décision 2026-14)") == 3
    [filed] = seen(app, "SELECT id FROM filing WHERE deed <> ''")
    for page in ("", "/instruction"):
        assert "par délégation (Décision 2026-14)" in words(
            sign_in("ars@monts-du-sud.example").get(f"/ars/F2/dossiers/{filed['id']}{page}").text
        ), page
    assert delegate.post(PAGE, data=FORM | {"email": at.ESTUARY_DSI}).status_code == 404
    [row] = seen(app, "SELECT id FROM delegation WHERE deed = 'Décision 2026-14'")
    assert signatory.post(f"{PAGE}/retirer", data={"id": row["id"]}).status_code == 302
    assert delegate.get(f"{GHT}/dossier").status_code == 404
    signatory.post(f"{PAGE}/retirer", data={"id": row["id"]})
    assert "est déjà retirée" in words(signatory.get(PAGE).text)
    told = seen(app, "SELECT action FROM audit_event WHERE action LIKE 'delegation.%%' ORDER BY sequence")
    assert [event["action"] for event in told] == ["delegation.granted", "delegation.withdrawn"]


def test_a_delegation_ends_with_its_last_day_and_begins_with_its_first(app, world, sign_in):
    sign_in(SIGNATORY).post(PAGE, data=FORM)
    delegate = sign_in(DELEGATE)
    for starts, ends, status in ((-9, 0, 200), (-9, -1, 404), (1, 9, 404), (0, 9, 200)):
        seen(
            app,
            "UPDATE delegation SET starts_on = paris_today() + %s, ends_on = paris_today() + %s WHERE deed LIKE %s",
            starts, ends, "%2026-14",
        )  # fmt: skip
        assert delegate.get(f"{GHT}/dossier").status_code == status, (starts, ends)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "personne@nulle-part.example"}, "ne peut pas recevoir de délégation"),
        ({"email": SIGNATORY}, "ne peut pas recevoir de délégation"),
        ({"email": "ars@monts-du-sud.example"}, "ne signe pour aucun candidat"),
        ({"email": "ans@vigie.example"}, "ne signe pour aucun candidat"),
        ({"deed": "  "}, "Indiquez l’acte"),
        ({"password": "non"}, "Ce mot de passe n’est pas le vôtre"),
        ({"ends_on": ""}, "a toujours une fin"),
        ({"ends_on": "2020-01-01"}, "finit avant de commencer"),
        ({"starts_on": "2020-01-01", "ends_on": "2020-02-01"}, "est déjà finie"),
        ({"deed": "x" * 201}, "dépasse 200 caractères"),
        ({"ends_on": "demain"}, "Réponse illisible"),
    ],
)
def test_what_cannot_be_delegated_is_refused_and_what_was_typed_stays(app, world, sign_in, changed, said):
    before = counts(app, "delegation")
    answer = sign_in(SIGNATORY).post(PAGE, data=FORM | changed)
    assert (answer.status_code, said in words(answer.text)) == (422, True)
    assert (FORM | changed)["email"] in answer.text
    assert counts(app, "delegation") == before


AUTHORITY = (
    "INSERT INTO membership (id, user_id, role, scope_kind, region_id, valid_from)"
    " SELECT gen_random_uuid(), u.id, 'ars_reviewer', 'region', r.id, paris_today() + %s FROM user_account u, region r"
    " WHERE u.email = %s AND r.code = 'F1'"
)


def test_who_becomes_an_authority_reads_no_draft_by_delegation_from_the_next_request_on(app, world, sign_in):
    signatory, delegate = sign_in(SIGNATORY), sign_in(DELEGATE)
    signatory.post(PAGE, data=FORM)
    seen(app, AUTHORITY, 1, DELEGATE)
    assert delegate.get(f"{GHT}/dossier").status_code == 200
    assert "ne signe pour aucun candidat" in words(signatory.post(PAGE, data=FORM).text)
    seen(app, AUTHORITY, 0, DELEGATE)
    for page in ("dossier", "manques", "dossier/verification"):
        assert delegate.get(f"{GHT}/{page}").status_code == 404, page
    assert delegate.post(f"{GHT}/dossier/transmettre").status_code == 404
    # And what remains written of it can be withdrawn.
    [row] = seen(app, "SELECT id FROM delegation WHERE deed = 'Décision 2026-14'")
    signatory.post(f"{PAGE}/retirer", data={"id": row["id"]})
    assert counts(app, "delegation")["delegation"] == len(seen(app, "SELECT 1 FROM delegation WHERE NOT withdrawn")) + 1


def refused_by_the_database(app, world, establishment, ght, delegate: str) -> None:
    """Write a delegation past the service, as the signatory, and see the database refuse it."""
    row = Delegation(
        establishment_id=establishment,
        ght_id=ght,
        delegate_id=world.users[delegate],
        deed="x",
        starts_on=TODAY,
        ends_on=TODAY,
    )
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting(app, world, SIGNATORY, at.ESTUARY_SCOPE),
        writing_as(establishment),
    ):
        db.session.add(row)
        db.session.flush()


def test_the_database_lets_nobody_name_an_authority(app, world):
    support, ght = world.establishments[at.ESTUARY_MEMBERS[0].finess], world.ghts[at.ESTUARY_CODE]
    refused_by_the_database(app, world, support, ght, "ars@littoral-nord.example")


def test_the_database_lets_nobody_delegate_for_another_candidate(app, world):
    capes = world.establishments[at.CAPES_MEMBERS[0].finess]
    mine = world.establishments[at.ESTUARY_MEMBERS[0].finess]
    for establishment, ght in ((mine, world.ghts[at.TWO_CAPES_CODE]), (mine, None), (capes, None)):
        refused_by_the_database(app, world, establishment, ght, DELEGATE)
