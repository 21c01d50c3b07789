"""A session that ends in the middle of something: one is asked to sign in, and comes back to where one was."""

from __future__ import annotations

import pytest

from importers.demonstration.names import TWO_CAPES_CODE

DEPOSIT = f"/ght/{TWO_CAPES_CODE}/imports"


def test_a_page_asks_to_sign_in_and_comes_back_to_it(client):
    assert client.get(DEPOSIT).location == f"/connexion?next={DEPOSIT}"


def test_a_form_sent_too_late_comes_back_to_its_page_and_says_why(client):
    answer = client.post(DEPOSIT, headers={"Referer": f"http://localhost{DEPOSIT}"})
    assert answer.status_code == 302
    assert "next=/ght" in answer.location
    assert "session a expiré" in client.get(answer.location).text.replace("\u00a0", " ")


def test_a_form_whose_token_died_with_the_session_is_told_the_same(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = client.post(DEPOSIT, headers={"Referer": f"http://localhost{DEPOSIT}"})
    assert answer.location.startswith("/connexion?next=")


def test_a_page_that_polls_is_sent_away_whole_and_comes_back_to_the_page_not_to_its_fragment(client):
    answer = client.get(
        f"{DEPOSIT}/01a202ea-a106-738a-bfec-3a7a41f38d0e/avancement",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://localhost{DEPOSIT}/1"},
    )
    assert answer.text == ""
    assert "avancement" not in answer.headers["HX-Redirect"]
    assert "expired=1" in answer.headers["HX-Redirect"]


@pytest.mark.parametrize("seen", ["http://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere_by_a_forged_referrer(client, seen):
    assert "evil.example" not in client.post(DEPOSIT, headers={"Referer": seen}).location
