"""The world of the tests stands."""

from __future__ import annotations

from compliance.services import candidate as candidates
from tenants.db import unit_of_work
from tests.factories.world import TWO_CAPES_CODE


def test_the_manager_of_a_ght_finds_its_candidate(app, world):
    with app.app_context(), unit_of_work(world.context("dsi@deux-caps.example", f"ght:{TWO_CAPES_CODE}")):
        assert candidates.require("D2").name == "GHT des Deux Caps"


def test_the_page_of_the_candidate_opens(sign_in):
    answer = sign_in("dsi@deux-caps.example").get(f"/ght/{TWO_CAPES_CODE}/")
    assert answer.status_code == 200
    assert "GHT des Deux Caps" in answer.text
