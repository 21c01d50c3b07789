"""The page of a candidate, as its DSI reads it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitors import Visitors
from tests.factories.world import ALONE_CODE, OUTSIDE, SITES, TWO_CAPES, TWO_CAPES_CODE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GROUP = f"/ght/{TWO_CAPES_CODE}/"


def facts(page: Page, label: str):
    """Return the figure that stands beside a label."""
    return page.locator(".v-facts > div", has=page.locator("dt", has_text=label)).locator("dd")


def test_the_dsi_reads_how_far_the_date_is_and_the_thirteen_rows(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    expect(page.locator(".v-kicker")).to_contain_text(re.compile(r"Date cible\s: .*30\snovembre 2026"))
    expect(page.locator(".v-kicker")).to_contain_text(re.compile(r"dans \d+\sjours?|aujourd’hui|demain|dépassée|hier"))
    rows = page.locator(".v-rows tbody tr")
    expect(rows).to_have_count(13)
    for row in rows.all():
        expect(row.locator(".v-code")).to_have_text(re.compile(r"^D2\.[OP]\d"))
        expect(row.locator("td").first.locator(".v-state")).not_to_be_empty()
        expect(row.locator("td").nth(1)).not_to_be_empty()


def test_the_dsi_reads_the_share_the_gap_and_the_smallest_set(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    expect(facts(page, "Activité couverte")).to_contain_text("58,4 %")
    expect(facts(page, "Activité couverte")).to_contain_text("seuil 66 %")
    expect(facts(page, "Écart au seuil")).to_contain_text("7,6 points")
    # One EJ alone would do: the largest of those that do not count yet.
    expect(page.locator(".v-bars tbody tr", has_text="Suffirait.")).to_have_count(1)
    expect(page.locator(".v-bars tbody tr", has_text="Suffirait.")).to_contain_text(TWO_CAPES[5][1])
    expect(page.locator(".v-matrix tr.v-key")).to_contain_text("ferait passer le seuil")


def test_the_matrix_has_a_line_per_establishment_and_four_kinds(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    expect(page.locator(".v-matrix tbody tr")).to_have_count(8)
    for _, name in TWO_CAPES:
        line = page.locator(".v-matrix tbody tr", has=page.get_by_role("rowheader", name=name))
        expect(line.locator("a.v-cell")).to_have_count(4)


def test_a_number_opens_the_list_behind_it_and_the_sum_of_the_rows_is_the_number(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    facts(page, "Activité couverte").get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("Activité couverte")
    table = page.locator("table", has=page.locator("caption", has_text="Activité combinée (AC)"))
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(8)
    counted = [row for row in rows.all() if row.locator("td").nth(3).inner_text().strip() == "Oui"]
    shares = [float(row.locator("td").nth(2).inner_text().replace(",", ".").split()[0]) for row in counted]
    assert round(sum(shares), 1) == 58.4
    expect(table.locator("tfoot")).to_contain_text("3 sur 8")


def test_a_number_of_perimeters_is_the_length_of_their_list(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    link = facts(page, "Périmètres suivis").get_by_role("link")
    number = int(link.inner_text())
    link.click()
    expect(page.locator("h1")).to_have_text("Périmètres, BIA et PCRA")
    expect(page.locator(".v-table tbody tr")).to_have_count(number)


def test_a_cell_of_the_matrix_opens_its_perimeters_and_each_its_history(visitors: Visitors) -> None:
    page = visitors.enter("dsi@deux-caps.example")
    page.goto(GROUP)
    line = page.locator(".v-matrix tbody tr", has=page.get_by_role("rowheader", name=TWO_CAPES[3][1]))
    line.locator("a.v-cell").nth(1).click()
    expect(page.locator(".v-kicker")).to_contain_text(TWO_CAPES[3][1])
    page.get_by_role("link", name="Paie", exact=True).click()
    expect(page.locator("h1")).to_have_text("Paie")
    expect(page.get_by_role("heading", name="Historique")).to_be_visible()
    expect(page.locator(".v-changes li")).not_to_have_count(0)


def test_a_candidate_outside_a_ght_is_told_by_its_sites_and_a_missing_ac_is_said(visitors: Visitors) -> None:
    page = visitors.enter("admin@brumont.example")
    page.goto(f"/etablissements/{OUTSIDE[0]}/")
    expect(page.locator(".v-matrix tbody tr")).to_have_count(len(SITES))
    expect(facts(page, "Activité couverte")).to_contain_text("non calculable")
    expect(page.locator("#couverture")).to_contain_text("AC manquante")
    expect(page.locator("#couverture")).to_contain_text(SITES[2][1])
    expect(page.locator(".v-rows tbody tr")).to_have_count(13)


def test_a_ght_of_one_establishment_has_the_same_page_and_no_share(visitors: Visitors) -> None:
    page = visitors.enter("dsi@roche-vernay.example")
    page.goto(f"/ght/{ALONE_CODE}/")
    expect(page.locator("#couverture")).to_contain_text("la règle ordinaire")
    expect(facts(page, "Activité couverte")).to_have_count(0)
    expect(page.locator(".v-matrix tbody tr")).to_have_count(1)
    expect(page.locator(".v-rows tbody tr")).to_have_count(13)
