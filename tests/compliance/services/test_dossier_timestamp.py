"""A dossier asks for its timestamp where an authority is configured; a silent authority never stops it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from asn1crypto import tsp

from tests.compliance.web.pages import words
from tests.factories import acting as at
from tests.factories.acting import seen
from tests.factories.authority import served
from tests.factories.jobs import run_jobs

PAGE = f"/ght/{at.ESTUARY_CODE}/dossier"


def configured(app, monkeypatch, url: str) -> None:
    settings = replace(app.extensions["vigie.settings"], timestamp_url=url)
    monkeypatch.setitem(app.extensions, "vigie.settings", settings)


def test_the_token_of_the_zip_is_kept_beside_it_and_handed_out(app, world, sign_in, monkeypatch):
    browser = sign_in(at.ESTUARY_DSI)
    with served() as (authority, url):
        configured(app, monkeypatch, url)
        browser.post(PAGE)
        run_jobs(app)
    page = browser.get(PAGE).text
    assert "Horodaté par une autorité (RFC 3161)." in words(page)
    [address] = re.findall(r'href="([^"]*/dossier/[^"]*/tsr)"', page)
    with browser.get(address) as answer:
        kept, name = answer.data, answer.headers["Content-Disposition"]
    assert f"dossier-care-d2-projet-{date.today()}.zip.tsr" in name
    told = tsp.TimeStampResp.load(kept)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    [build] = seen(app, "SELECT zip_sha256, token_size FROM dossier_build WHERE state = 'built'")
    assert told["message_imprint"]["hashed_message"].native.hex() == build["zip_sha256"]
    assert build["token_size"] == len(kept)
    assert len(authority.asked) == 1


def test_without_an_answer_the_dossier_is_built_and_says_that_it_has_no_timestamp(app, world, sign_in, monkeypatch):
    browser = sign_in(at.ESTUARY_DSI)
    with served() as (_, url):
        pass  # gone since
    configured(app, monkeypatch, url)
    browser.post(PAGE)
    run_jobs(app)
    page = browser.get(PAGE).text
    assert "Horodatage non obtenu : le service n’a pas répondu." in words(page)
    assert "Prêt : état au" in words(page)
    assert "/tsr" not in page
