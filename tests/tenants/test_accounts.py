"""Sign-in, sessions, and what happens when an account or a session ends."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tenants import accounts
from tenants.db import owner_engine
from tenants.errors import Invalid
from tenants.web.limits import limiter
from tests.factories.world import PASSWORD, TWO_CAPES_CODE
from tests.tenants.stage import rows_of, superuser

DSI = "dsi@deux-caps.example"
HOME = f"/ght/{TWO_CAPES_CODE}/"


@pytest.fixture
def unlimited(monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)


def _post(browser, email, password=PASSWORD, **more):
    return browser.post("/connexion", data={"email": email, "password": password, **more})


def _change(servers, statement, **arguments):
    with superuser(servers) as connection:
        assert connection.execute(text(statement), arguments).rowcount


def test_the_right_address_and_password_open_a_session(client):
    answer = _post(client, DSI)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get(HOME).status_code == 200


def test_the_address_is_read_whatever_its_case_and_spaces(client):
    assert _post(client, f"  {DSI.upper()} ").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"), [(DSI, "not the password"), ("unknown@example", PASSWORD), (DSI, ""), ("", "")]
)
def test_a_wrong_address_or_password_opens_nothing(client, email, password):
    assert _post(client, email, password).status_code == 422
    assert client.get(HOME).status_code == 302


def test_a_known_and_an_unknown_address_get_the_same_answer(app):
    told = []
    for email in (DSI, "inconnu@deux-caps.example"):
        answer = _post(app.test_client(), email, "not the password")
        body = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text).replace(email, "ADDRESS")
        told.append((answer.status_code, body, sorted(name for name, _ in answer.headers)))
    assert told[0] == told[1]


def test_an_unknown_address_costs_the_verification_of_a_password_too(app, monkeypatch):
    verified = []

    class Counting:
        def verify(self, hashed, password):
            verified.append(hashed)
            return accounts.PasswordHasher().verify(hashed, password)

    monkeypatch.setattr(accounts, "_hasher", Counting())
    with app.app_context():
        assert accounts.sign_in("inconnu@example", "x") is None
        assert accounts.sign_in(DSI, "x") is None
    assert len(verified) == 2


def test_the_cookie_changes_at_each_sign_in_and_the_one_before_opens_nothing(app, client):
    _post(client, DSI)
    first = client.get_cookie("vigie").value
    _post(client, DSI)
    assert client.get_cookie("vigie").value != first
    thief = app.test_client()
    thief.set_cookie("vigie", first)
    assert thief.get(HOME).status_code == 302
    assert client.get(HOME).status_code == 200


def test_a_cookie_planted_before_sign_in_is_not_the_one_that_opens(app, client):
    client.get("/connexion")
    planted = client.get_cookie("vigie")
    _post(client, DSI)
    thief = app.test_client()
    if planted:
        thief.set_cookie("vigie", planted.value)
    assert thief.get(HOME).status_code == 302


def test_the_database_keeps_a_fingerprint_and_never_the_token(client, servers):
    _post(client, DSI)
    (row,) = rows_of(servers, "web_session")
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    assert bytes(row["token_hash"]) == accounts._hash(token)
    assert len(token) >= 43


def test_the_cookie_names_no_account_and_hides_from_scripts(client, world):
    header = _post(client, DSI).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    with client.session_transaction() as kept:
        assert str(world.users[DSI]) not in str(dict(kept))


def test_signing_out_ends_the_session_on_the_server(app, sign_in, servers):
    browser = sign_in(DSI)
    cookie = browser.get_cookie("vigie").value
    browser.post("/deconnexion")
    thief = app.test_client()
    thief.set_cookie("vigie", cookie)
    assert thief.get(HOME).status_code == 302
    assert rows_of(servers, "web_session") == []


def test_one_session_ended_leaves_the_others_open(sign_in):
    office, phone = sign_in(DSI), sign_in(DSI)
    phone.post("/deconnexion")
    assert office.get(HOME).status_code == 200


def test_a_disabled_account_is_refused_on_its_next_request_and_at_sign_in(sign_in, client, servers):
    browser = sign_in(DSI)
    _change(servers, "UPDATE user_account SET disabled_at = now() WHERE email = :email", email=DSI)
    assert browser.get(HOME).location.startswith("/connexion")
    assert _post(client, DSI).status_code == 422


def test_a_grant_withdrawn_closes_the_page_on_the_next_request(sign_in, servers, world):
    browser = sign_in(DSI)
    assert browser.get(HOME).status_code == 200
    _change(servers, "UPDATE membership SET valid_to = paris_today() - 1 WHERE user_id = :user", user=world.users[DSI])
    assert browser.get(HOME).status_code == 404


@pytest.mark.parametrize(
    ("column", "age", "status"),
    [
        ("seen_at", "31 minutes", 302),
        ("seen_at", "29 minutes", 200),
        ("opened_at", "12 hours", 302),
        ("opened_at", "11 hours", 200),
    ],
    ids=["idle for half an hour", "idle for less", "open for half a day", "open for less"],
)
def test_a_session_ends_after_half_an_hour_idle_and_half_a_day_in_all(sign_in, servers, column, age, status):
    browser = sign_in(DSI)
    _change(servers, f"UPDATE web_session SET {column} = now() - CAST(:age AS interval)", age=age)
    assert browser.get(HOME).status_code == status


def test_a_page_seen_keeps_the_session_alive(sign_in, servers):
    browser = sign_in(DSI)
    _change(servers, "UPDATE web_session SET seen_at = now() - interval '20 minutes'")
    browser.get(HOME)
    _change(servers, "UPDATE web_session SET seen_at = seen_at - interval '20 minutes'")
    assert browser.get(HOME).status_code == 200


def test_an_idle_session_is_not_woken_by_the_request_that_finds_it_idle(sign_in, servers):
    browser = sign_in(DSI)
    _change(servers, "UPDATE web_session SET seen_at = now() - interval '31 minutes'")
    assert browser.get(HOME).status_code == 302
    assert browser.get(HOME).status_code == 302


def test_a_cookie_with_an_invented_token_opens_nothing(client):
    with client.session_transaction() as kept:
        kept["_user_id"] = "x" * 43
    assert client.get(HOME).status_code == 302


def test_the_page_asked_for_before_signing_in_is_opened_after(client):
    sent = client.get(HOME).location
    assert sent.startswith("/connexion?next=")
    assert _post(client, DSI, next=HOME).location == HOME


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        " https://evil.example",
        "evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client, unlimited, target):
    assert _post(client, DSI, next=target).location == "/"


@pytest.fixture
def limited(monkeypatch):
    """The limits of an installation, which the other tests do without."""
    monkeypatch.setattr(limiter, "enabled", True)


def test_the_eleventh_failure_on_an_account_is_refused_and_the_page_says_to_wait(client, limited):
    answers = [_post(client, DSI, "not the password").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    refused = _post(client, DSI)
    assert refused.status_code == 429
    assert re.search(r"fait attendre 1[45].minutes avant d’en écouter un autre", refused.text)
    assert 800 < int(refused.headers["Retry-After"]) <= 901
    assert 'href="/connexion">Revenir' in refused.text


def test_failures_on_an_account_do_not_keep_its_colleagues_out(client, limited):
    for _ in range(11):
        _post(client, DSI, "not the password")
    assert _post(client, "referent@port-aubry.example").status_code == 302


def test_a_whole_hospital_may_sign_in_behind_one_address(app, world, limited):
    assert {_post(app.test_client(), DSI).status_code for _ in range(25)} == {302}


def test_an_account_asks_for_a_long_password(app, settings):
    engine = owner_engine(settings.owner_database_url)
    with pytest.raises(Invalid, match="15"):
        accounts.create(engine, "new@example", "New", "x" * 14)
    identifier = accounts.create(engine, "New@Example", "New", "x" * 15)
    engine.dispose()
    with app.app_context():
        assert accounts.by_id(identifier).email == "new@example"


def test_a_password_is_kept_as_argon2id_at_its_whole_cost_and_opens_a_session(settings, client, servers):
    engine = owner_engine(settings.owner_database_url)
    identifier = accounts.create(engine, "new@example", "New", "une phrase assez longue")
    engine.dispose()
    (kept,) = (row["password_hash"] for row in rows_of(servers, "user_account") if row["id"] == identifier)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # 64 MiB: the second choice of RFC 9106
    assert _post(client, "new@example", "une autre phrase longue").status_code == 422
    assert _post(client, "new@example", "une phrase assez longue").status_code == 302


def test_a_person_reaches_its_scopes_and_the_members_of_its_ght(app, world):
    with app.app_context():
        manager = accounts.by_email(DSI)
    spaces = [scope.code for scope, _ in manager.spaces()]
    assert spaces == [TWO_CAPES_CODE]
    assert len(manager.memberships[0].members) == 8
