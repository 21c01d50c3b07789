"""Expenses: from the workbook to the page, the export, the annex and the command; nobody else sees them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest

from compliance.models.funding import Expense, Funding, MissionLetter
from compliance.programme.referential import load
from compliance.reports import annex
from compliance.reports.progress import candidate_progress, without_internal_keys
from compliance.services import candidate as candidates
from compliance.services import evidence
from compliance.services.application import Answer, Decision
from importers import service
from importers.workbooks.funding import FUNDING
from tenants.db import new_id
from tests.compliance.web.pages import rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories import review as play
from tests.factories.acting import acting, asked, seen
from tests.importers import samples

ESTUARY = f"/ght/{at.ESTUARY_CODE}"
FIRST, SECOND, THIRD = at.ESTUARY_MEMBERS
LIST, ON = "Une ligne du classeur par ligne", "le=2026-11-22&connu=oui"
INVOICE = {
    "objective": "D2.O1.C", "nature": "service", "supplier": "Conseil Amarrage (fictif)", "siret": "12345678200010",
    "invoiced_on": date(2026, 3, 31), "net_cents": 100_000, "vat_rate": "20", "vat_cents": 20_000, "gross_cents": 120_000,
    "share_percent": 100, "receipt": "facture.pdf",
}  # fmt: skip


@pytest.fixture
def write(app, world):
    """Return a function that records an expense of the GHT of three; nothing else is recorded, and its invoice is filed."""
    seen(app, "TRUNCATE expense, funding, mission_letter")
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        evidence.attach(world.establishments[FIRST.finess], "D2.P2", "other", "facture.pdf", BytesIO(new_id().bytes))

    def record(member: object = FIRST, model: type = Expense, number: str = "F-1", **changes: object) -> None:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            told = {**INVOICE, "invoice_number": number} if model is Expense else {}
            registers.write(world.establishments[member.finess], model, number, **told | changes)

    return record


@pytest.fixture
def decide(app, world):
    """Return a function that records what the ARS decided."""

    def record(**answer: object) -> None:
        with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
            candidates.record_application(
                candidates.require("D2"), applied_on=date(2025, 10, 24), ecare_number=None, frozen_on=None, answer=Answer(**answer)
            )  # fmt: skip

    return record


def test_the_page_says_what_is_eligible_and_why_the_rest_is_not(write, decide, sign_in):
    write()
    write(SECOND, number="F-2", invoiced_on=date(2025, 7, 1))
    write(SECOND, number="F-3", receipt="perdue.pdf", share_percent=50)
    write(number="A-1", net_cents=-10_000, vat_cents=-2_000, gross_cents=-12_000, notes="Corrige F-1")
    browser = sign_in(at.ESTUARY_DSI)
    page = browser.get(f"{ESTUARY}/depenses?{ON}").text
    assert "1 080,00 € éligibles sur 2 880,00 € imputés, plafond non connu." in words(page)
    told = {line[0].split(" F-")[-1].split(" A-")[-1][:1]: line[-1] for line in rows(page, LIST)}
    assert len(rows(page, LIST)) == 4
    assert "Facturée le 01/07/2025, avant la phase opérationnelle ouverte le 16/07/2025." in told["2"]
    assert "Le justificatif est nommé, et pas encore déposé." in told["3"]
    assert "Déposer le justificatif de F-3" in told["3"]
    assert re.search(rf'href="{ESTUARY}/lignes/D2.O1.C[^"]*#joindre"', page)
    assert rows(page, LIST, "tfoot") == [
        ["Total imputé", "2 880,00 €", "1 080,00 € éligibles, 600,00 € à vérifier, 1 200,00 € refusés"]
    ]
    chart = {line[0]: line[1] for line in rows(page, "En euros, à la même échelle")}
    assert chart == {
        "Imputé": "2 880,00 €", "Éligible": "1 080,00 €", "Plafond": "non connu", "Finançable": "non connu",
        "Notifié": "non connu", "Avance reçue": "non connu",
    }  # fmt: skip
    assert [line[:4] for line in rows(page, "Par établissement")] == [
        [FIRST.name, "2", "1 080,00 €", "37,5 %"],
        [SECOND.name, "2", "1 800,00 €", "62,5 %"],
    ]
    decide(decision=Decision.ACCEPTED, ceiling_cents=100_000)
    page = browser.get(f"{ESTUARY}/depenses?{ON}").text
    assert "pour un plafond de 1 000,00 €. Les dépenses éligibles dépassent le plafond de 80,00 €." in words(page)


def test_filters_narrow_the_list_and_its_total_and_the_export_is_the_list(write, sign_in):
    write()
    write(SECOND, number="F-2", objective="D2.O2.B", supplier="=1+1")
    browser = sign_in(at.ESTUARY_DSI)
    asked_for = f"etablissement={SECOND.finess}&objectif=D2.O2.B&{ON}"
    page = browser.get(f"{ESTUARY}/depenses?{asked_for}").text
    assert [line[1] for line in rows(page, LIST)] == [SECOND.name]
    assert rows(page, LIST, "tfoot")[0][:2] == ["Total imputé de ces lignes", "1 200,00 €"]
    assert len(rows(browser.get(f"{ESTUARY}/depenses?etat=inconnu&{ON}").text, LIST)) == 2
    answer = browser.get(f"{ESTUARY}/depenses/export.xlsx?{asked_for}")
    [header, line] = openpyxl.load_workbook(BytesIO(answer.data))["Dépenses"].iter_rows(values_only=True)
    told = dict(zip(header, line, strict=True))
    assert (told["FINESS"], told["Montant imputé"], told["Fournisseur"]) == (SECOND.finess, 1200, "=1+1")
    assert "justificatif" in told["Motifs"] or told["Éligibilité"] == "Éligible"


def test_grants_and_advances_of_the_domain_alone_are_told(write, sign_in):
    write()
    write(
        model=Funding,
        number="a",
        scheme="care_d2",
        holder=FIRST.finess,
        notified_cents=18_000_000,
        advance_cents=6_000_000,
    )
    write(model=Funding, number="b", scheme="fir", holder=FIRST.finess, notified_cents=999, advance_cents=999)
    chart = rows(sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/depenses?{ON}").text, "En euros, à la même échelle")
    assert [line[1] for line in chart if line[0] in {"Notifié", "Avance reçue"}] == ["180 000,00 €", "60 000,00 €"]


def test_a_bar_never_passes_the_scale_when_credit_notes_take_a_part_of_it_below_zero(app):
    segments = [("", 1_000), ("-next", -900), ("-late", 500)]
    lines = [("Imputé", 600, "", segments), ("Éligible", 1_000, "", segments[:1])]
    drawn = app.jinja_env.get_template("compliance/_money.html").module.bars(lines, None, "Montants")
    bars = re.findall(r'x="([0-9.]+)%" y="25%" width="([0-9.]+)%"', drawn)
    assert len(bars) == 3
    assert max(float(start) + float(width) for start, width in bars) == pytest.approx(100, abs=0.1)


def test_staff_time_shows_the_hours_of_its_letter(write, sign_in):
    letter = {
        "code": "LM-01",
        "function_title": "Référent PCRA",
        "objectives": ("D2.O1.C",),
        "hours": 40,
        "file": "facture.pdf",
    }
    write(model=MissionLetter, number="LM-01", **letter)
    write(
        number="ligne 2", invoice_number=None, siret=None, supplier="Marie Dupont infirmière", nature="staff_time", line_number="2", vat_rate=None,
        vat_cents=None, net_cents=126_000, gross_cents=126_000, hours="31.5", hourly_rate_cents=4_000, mission_letter="LM-01",
    )  # fmt: skip
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/depenses?{ON}").text
    [line] = rows(page, "À quelle fonction chacune donne du temps")
    assert (line[0], line[3]) == ("LM-01 Référent PCRA", "31,5 sur 40")
    assert "Marie" not in page
    assert rows(page, LIST)[0][-1].startswith("Éligible")


def test_the_page_of_a_past_day_does_not_know_what_was_recorded_since(app, write, sign_in):
    write()
    at.age(app, 10)
    write(number="F-2")
    browser = sign_in(at.ESTUARY_DSI)
    day = f"le={date.today() - timedelta(days=5)}"
    assert [len(rows(browser.get(f"{ESTUARY}/depenses?{each}").text, LIST)) for each in (day, "")] == [1, 2]


def test_a_page_asks_as_much_of_the_database_for_thirty_expenses_as_for_one(app, write, sign_in):
    browser = sign_in(at.ESTUARY_DSI)
    write()
    browser.get(f"{ESTUARY}/depenses")
    before = asked(app, browser, f"{ESTUARY}/depenses")
    for place in range(30):
        write((FIRST, SECOND, THIRD)[place % 3], number=f"G-{place}")
    assert asked(app, browser, f"{ESTUARY}/depenses") == before


def test_a_member_sees_its_own_expenses_and_no_ceiling_and_nobody_else_sees_any(app, write, decide, sign_in):
    write(number="F-7")
    write(SECOND, number="F-8")
    decide(ceiling_cents=100_000)
    browser = sign_in("referent@belle-rive.example")
    page = words(browser.get(f"/etablissements/{FIRST.finess}/depenses?{ON}").text)
    assert "F-7" in page
    assert "F-8" not in page
    assert "1 000,00 € " not in page.replace("1 000,00 € HT", "")
    assert "Le plafond et la déclaration sont ceux du GHT." in page
    for email in (at.CAPES_DSI, "ars@monts-du-sud.example", at.REFERENT):
        for path in ("depenses", "depenses/export.xlsx", "candidature"):
            assert sign_in(email).get(f"{ESTUARY}/{path}").status_code == 404, (email, path)


def test_the_frozen_document_and_its_annex_carry_the_money_and_an_older_document_none(app, world, write):
    write()
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        told = without_internal_keys(candidate_progress(candidates.require("D2"), load("D2"), date.today()))
    money = told["funding"]
    assert (money["spent_cents"], money["eligible_cents"], money["ceiling_cents"]) == (120_000, 120_000, None)
    assert [(each["key"], each["charged_cents"]) for each in money["expenses"]] == [("12345678200010 / F-1", 120_000)]
    assert "ref" not in money["expenses"][0]
    assert "Dépenses" in openpyxl.load_workbook(BytesIO(annex.build(told))).sheetnames
    del told["funding"]
    assert "Dépenses" not in openpyxl.load_workbook(BytesIO(annex.build(told))).sheetnames


def test_the_command_says_the_sentence_and_the_amounts_of_the_page(vigie, write):
    write()
    write(SECOND, number="F-2", invoiced_on=date(2025, 7, 1))
    scope = ("--scope", at.ESTUARY_SCOPE, "--as", at.ESTUARY_DSI)
    result = vigie("funding", *scope)
    assert result.exit_code == 0, result.output
    first, *lines = result.stdout.splitlines()
    assert first == "1 200,00 € éligibles sur 2 400,00 € imputés, plafond non connu."
    assert lines[:5] == [
        "Imputé        2 400,00 €", "Éligible      1 200,00 €", "À vérifier    0,00 €", "Refusé        1 200,00 €",
        "Plafond       non connu",
    ]  # fmt: skip
    answer = json.loads(vigie("funding", *scope, "--json").stdout)
    assert (answer["eligible_cents"], answer["refused_cents"], answer["ceiling_cents"]) == (120_000, 120_000, None)
    assert vigie("funding", "--scope", at.ESTUARY_SCOPE, "--as", at.CAPES_DSI).exit_code == 1


def test_the_workbook_of_a_hospital_reaches_the_page(app, world, sign_in, day_of_kits, tmp_path):
    seen(app, "TRUNCATE expense, funding, mission_letter")
    path = tmp_path / "k6.xlsx"
    path.write_bytes(samples.file(samples.of(FUNDING, samples.rows(FIRST.finess))))
    with acting(app, world, at.ESTUARY_DSI, at.ESTUARY_SCOPE):
        report, applied, _ = service.import_now(path, apply_rows=True)
    assert applied, report.faults
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/depenses").text
    assert len(rows(page, LIST)) == 3
    assert rows(page, "À quelle fonction chacune donne du temps")[0][0] == "LM-01 Référent PCRA"


def test_an_agency_reads_the_expenses_as_they_were_frozen_with_their_verdicts(app, world, write, sign_in):
    write()
    write(SECOND, number="F-3", receipt="perdue.pdf", supplier="<b>Quai</b> (fictif)")
    filed = play.opened(app, world)
    write(number="F-9", gross_cents=999_900)
    [found] = seen(app, "SELECT id FROM filing WHERE candidate_id = %s ORDER BY version DESC LIMIT 1", filed)
    agency, address = sign_in(play.ARS[0]), f"/ars/F2/dossiers/{found['id']}"
    page = agency.get(f"{address}/depenses").text
    listed = rows(page, "Telles que figées")
    assert [(line[0].split(" F-")[-1][:1], line[1], line[4]) for line in listed] == [
        ("1", FIRST.name, "1 200,00 € 100 %"),
        ("3", SECOND.name, "1 200,00 € 100 %"),
    ]
    assert [line[5].split(" ")[0] for line in listed] == ["Éligible", "À"]
    assert "<b>Quai" not in page
    assert "1 200,00 € éligibles sur 2 400,00 € imputés. 1 200,00 € à vérifier" in words(page)
    for place in (address, f"{address}/instruction"):
        assert f'href="{address}/depenses"' in agency.get(place).text
    assert "2 400,00 € imputés : 1 200,00 € éligibles" in words(agency.get(f"{address}/instruction").text)
    stranger = sign_in(play.OTHER_ARS[0])
    assert [stranger.get(f"{place}/depenses").status_code for place in (address, address.replace("F2", "F1"))] == [
        404
    ] * 2


def test_the_form_of_an_expense_offers_each_letter_with_whose_it_is(write, sign_in):
    letter = {
        "code": "LM-01",
        "function_title": "Référent PCRA",
        "objectives": ("D2.O1.C",),
        "hours": 40,
        "file": "facture.pdf",
    }
    write(model=MissionLetter, number="LM-01", **letter)
    page = sign_in(at.ESTUARY_DSI).get(f"{ESTUARY}/registres/Depenses/nouveau").text
    assert f"LM-01 ({FIRST.name})" in words(page)


def test_an_invoice_number_that_exists_is_told_in_the_words_of_its_field(write, sign_in):
    write(number="12345678200010 / F-9", invoice_number="F-9")
    typed = {
        "finess_ej": FIRST.finess, "objective": "D2.O1.C", "nature": "Prestation", "supplier": "Conseil Amarrage (fictif)",
        "siret": "12345678200010", "invoice_number": "F-9", "invoiced_on": "2026-03-31", "net_cents": "1", "gross_cents": "1",
        "share_percent": "100",
    }  # fmt: skip
    answer = sign_in(at.ESTUARY_DSI).post(f"{ESTUARY}/registres/Depenses/nouveau", data=typed)
    assert "Une ligne du même « N° facture » existe déjà : ouvrez-la pour la modifier, ou corrigez ce champ." in words(
        answer.text
    )
