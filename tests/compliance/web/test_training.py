"""« Formations »: who is trained, by profile and function, on call, against a headcount; counts and no name for a GHT."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.clock import today
from compliance.models.training import Attendance, CharterSignature, TrainingSession, TrainingTarget
from compliance.services import register
from compliance.services import training as services
from compliance.services.register import Entry
from tenants.db import db
from tests.compliance.web.pages import facts, rows, words
from tests.factories import acting as at
from tests.factories import registers
from tests.factories.acting import acting, seen

CAPES = f"/ght/{at.TWO_CAPES_CODE}"
SUPPORT, MINE, OTHER = at.CAPES_MEMBERS[0], at.CAPES_MEMBERS[3], at.CAPES_MEMBERS[4]
HERE = f"/etablissements/{MINE.finess}"
NORTH, SOUTH = "ars@littoral-nord.example", "ars@monts-du-sud.example"
DAY = today()  # the database keeps the real clock
PROFILES, PLACES, PEOPLE = "Personnes différentes", "Par numéro FINESS", "À renouveler d’abord"
SECRET = ("ARTIMON", "BOUSSOLE", "4512", "10003456789")


def attend(world, member, session: str, last: str = "", first: str = "", **given) -> None:
    """Write a line of an attendance sheet under the key that an import gives it."""
    least = registers.values(next(sheet for sheet in registers.SHEETS if sheet.record is Attendance))
    names = dict.fromkeys(least) | {
        "session_code": session, "function": "Cadre de santé", "profile": "nursing", "half_day_1": "present", "half_day_2": "present",
        "signed": True, "last_name": last or None, "first_name": first or None,
    }  # fmt: skip
    names |= given
    key = f"{session} / {given.get('identifier') or ' '.join(sorted(f'{last} {first}'.casefold().split()))}"
    digests = (key.encode().ljust(32)[:32], b"v" * 32)
    register.append(Attendance, [Entry(world.establishments[member.finess], key, names, digests)], None)


def hold(world, member, code: str, **given) -> None:
    """Write a session of training, a DMCC of one day a month ago unless something else is given."""
    day = DAY - timedelta(days=30)
    least = {
        "code": code,
        "title": "Directeur médical de crise cyber",
        "kind": "dmcc",
        "organiser": "ars",
        "hours": Decimal(7),
    }
    registers.write(
        world.establishments[member.finess], TrainingSession, code,
        **(least | {"starts_on": day, "ends_on": day, "half_days": 2, "place": "Fort-de-Fra"} | given),
    )  # fmt: skip


@pytest.fixture
def capes(app, world):
    """The GHT of eight: a DMCC session of its support, people of two establishments, headcounts and the charter of one."""
    seen(app, "TRUNCATE attendance, training_session, training_target, charter_signature")
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        hold(world, SUPPORT, "DMCC-01", validity_months=2)
        for profile, headcount in (("nursing", 4), ("medical", 3)):
            registers.write(
                world.establishments[MINE.finess], TrainingTarget, profile,
                profile=profile, headcount=headcount, source="Bilan social 2025", set_on=date(2026, 1, 15),
            )  # fmt: skip
        registers.write(
            world.establishments[MINE.finess], CharterSignature, "urgences",
            service="Urgences", headcount=64, signatures=48, counted_on=date(2026, 6, 30),
        )  # fmt: skip
        attend(world, MINE, "DMCC-01", "ARTIMON", "Alix", on_call=True)
        attend(
            world, MINE, "DMCC-01", "BOUSSOLE", "Claude", identifier="4512", profile="medical", function="Sage-femme"
        )
        attend(world, MINE, "DMCC-01", "CABESTAN", "Dany", signed=None)
        attend(world, MINE, "DMCC-01", "DRISSE", "Eden", half_day_2="excused", on_call=True)
        attend(world, OTHER, "DMCC-01", "ARTIMON", "Alix")
        attend(world, OTHER, "DMCC-01", identifier="10003456789", profile="medical", function="Médecin")
        attend(world, MINE, "DMCC-01", identifier="10003456789", profile="medical", function="Médecin")


@pytest.fixture
def mine(capes, sign_in):
    """The page of the establishment, read by its referent."""
    browser = sign_in(at.REFERENT)
    return lambda query="": browser.get(f"{HERE}/formations{query}").text


@pytest.fixture
def whole(capes, sign_in):
    """The page of the GHT, read by its DSI."""
    browser = sign_in(at.CAPES_DSI)
    return lambda query="": browser.get(f"{CAPES}/formations{query}").text


def answer(page: str) -> str:
    return words(re.search(r'<p class="v-answer.*?</p>', page, re.DOTALL)[0])


# --- an establishment --------------------------------------------------------------------------------------------


def test_martinique_the_page_says_first_how_many_of_the_headcount_are_trained(mine):
    """lessons.md, « DMCC training, Martinique »: a session of an ARS for many, unique people against a headcount."""
    page = mine()
    assert answer(page) == "3 des 7 personnes à former sont formées DMCC."
    lines = {line[0]: line[1:] for line in rows(page, PROFILES)}
    assert lines["Soignant"] == ["1", "4 Bilan social 2025, cible du 15/01/2026", "25,0 %", "1 sur 2"]
    assert lines["Médical"][:3] == ["2", "3 Bilan social 2025, cible du 15/01/2026", "66,7 %"]
    assert lines["SI"] == ["0", "effectif non renseigné", "pas de taux", "0"]
    assert rows(page, PROFILES, "tfoot") == [["Tous les profils", "3", "7", "42,9 %", "1 sur 2"]]
    [session] = rows(page, "Les plus récentes d’abord")
    assert session[2] == "ARS"
    assert session[0].endswith("DMCC-01, établissement support du GHT")


def test_martinique_people_are_counted_by_function_and_each_number_opens_its_list(mine):
    page = mine()
    told = {line[0]: line[1] for line in rows(page, "Telles que")}
    assert told == {"Cadre de santé": "1", "Sage-femme": "1", "Médecin": "1"}
    links = [html.unescape(href) for href in re.findall(r'<a class="v-fig" href="([^"]*#personnes)"', page)]
    assert len([href for href in links if "fonction=" in href]) == 4
    for href in links:
        if href.startswith(HERE):
            shown = mine(href.removeprefix(f"{HERE}/formations").split("#")[0])
            [number] = {text for label, (text, _) in facts(shown).items() if label == "Personnes formées"}
            assert len(rows(shown, PEOPLE)) == int(number) >= 1, href


def test_the_number_of_a_session_opens_the_people_trained_there_and_not_its_sheet(app, world, mine):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        hold(world, MINE, "DMCC-02")
        attend(world, MINE, "DMCC-02", "ESPAR", "Fanny")
        attend(world, MINE, "DMCC-02", "FOC", "Gil", signed=None)
    page = mine()
    told = {re.search(r"DMCC-\d\d", line[0])[0]: line[6] for line in rows(page, "Les plus récentes d’abord")}
    assert told == {"DMCC-01": "3", "DMCC-02": "1"}
    for code, number in told.items():
        [href] = {html.unescape(each) for each in re.findall(rf'href="([^"]*session={code}[^"]*#personnes)"', page)}
        shown = mine(href.removeprefix(f"{HERE}/formations").split("#")[0])
        assert len(rows(shown, PEOPLE)) == int(number)
        assert f"de la session {code}" in answer(shown)
        assert rows(shown, PROFILES, "tfoot")[0][3] == "pas de taux"
    assert answer(mine("?session=<b>")) == answer(page)


def test_chsf_who_is_on_call_is_a_filter_and_has_no_rate(mine):
    """lessons.md, CHSF: training coverage has an on-call dimension."""
    page = mine("?gardes=oui")
    assert answer(page) == "1 personne qui participe aux gardes est formée DMCC."
    assert [line[0].split()[0] for line in rows(page, PEOPLE)] == ["ARTIMON"]
    assert "Pas de taux avec un filtre" in words(page)


def test_the_names_are_listed_with_who_is_to_renew(mine):
    lines = rows(mine(), PEOPLE)
    assert {line[0] for line in lines} == {"ARTIMON Alix", "BOUSSOLE Claude", "n° 10003456789"}
    assert all(line[4].startswith("Avant le") for line in lines)  # two months of validity
    assert facts(mine())["À renouveler sous 90 jours"][0] == "3"


def test_what_does_not_count_is_told_line_by_line_with_what_to_do(mine):
    page = mine()
    [unsigned] = rows(page, "Présences sans signature")
    assert unsigned[0].startswith("CABESTAN Dany")
    assert unsigned[3] == "Noter la signature et déposer la feuille signée."
    [part] = rows(page, "Présence à une partie")
    assert part[2] == "Présence à 1 demi-journée sur 2."
    assert "2 lignes d’émargement ne comptent pas" in words(page)


def test_martinique_the_charter_is_told_by_service(mine):
    page = mine()
    assert rows(page, "Par service") == [["Urgences", "48", "64", "75,0 %", "30/06/2026"]]
    assert facts(page)["Charte signée"][0] == "75,0 %"


def test_chsf_management_reads_how_many_are_made_aware_and_the_share_of_the_charter(app, world, capes, sign_in):
    """lessons.md, CHSF: 3,800 staff see IT as their concern; awareness is visible to management."""
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        hold(world, MINE, "SENS-01", kind="awareness")
        attend(world, MINE, "SENS-01", "ARTIMON", "Alix")
        attend(world, MINE, "SENS-01", "ESPAR", "Fanny", profile="medical")
    page = sign_in("direction@marquerive.example").get(f"{HERE}/formations?type=awareness").text
    assert answer(page) == "2 des 7 personnes à former sont formées (Sensibilisation cyber)."
    assert facts(page)["Charte signée"][0] == "75,0 %"


def test_a_profile_and_a_function_narrow_the_page(mine):
    assert answer(mine("?profil=medical")) == "2 des 3 personnes du profil Médical sont formées DMCC."
    assert answer(mine("?fonction=SAGE-FEMME")) == "1 personne de fonction SAGE-FEMME est formée DMCC."
    assert len(rows(mine("?fonction=sante"), PEOPLE)) == 1  # « Cadre de santé », whatever the accents
    assert answer(mine("?type=sse")) == "Aucune formation (SSE) enregistrée : notez une session, puis les présences."
    assert answer(mine("?type=nothing&profil=nobody")) == answer(mine())


def test_one_name_at_two_sessions_is_a_range_that_a_sentence_explains(app, world, mine):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        hold(world, MINE, "DMCC-02")
        attend(world, MINE, "DMCC-02", "Alix", "Artimon")
    page = mine()
    assert answer(page).startswith("3 à 4 des 7 personnes")
    assert "peut être une personne ou des homonymes" in words(page)
    assert len(rows(page, PEOPLE)) == 3
    assert "peut-être 2 personnes" in words(page)


def test_nothing_recorded_says_where_to_begin(app, capes, mine):
    seen(app, "TRUNCATE attendance, training_session")
    assert answer(mine()) == "Aucune formation DMCC enregistrée : notez une session, puis les présences."
    assert "Au moins une personne formée DMCC : non." in words(mine()).replace(" .", ".")


def test_a_day_gone_by_is_told_as_it_was_known(mine):
    page = mine(f"?le={DAY - timedelta(days=40)}&connu=oui")
    assert answer(page).startswith("Personne n’est formé DMCC au")
    assert "session à venir" in answer(page)


# --- a GHT -------------------------------------------------------------------------------------------------------


def test_a_ght_reads_counts_of_each_establishment_and_no_name(whole):
    """lessons.md, « DMCC training, Martinique »: coverage is counted per establishment."""
    page = whole()
    told = {line[0].split(" 6")[0]: line[1:] for line in rows(page, PLACES)}
    assert told[MINE.name][:3] == ["3", "42,9 % sur 7", "1 sur 2"]
    assert told[OTHER.name][0] == "2"
    assert told[MINE.name][4] == "2"
    assert not [secret for secret in SECRET if secret in page]
    assert not rows(page, PEOPLE)
    assert "/Emargement" not in page


def test_the_number_of_a_session_of_a_ght_opens_nothing_that_would_not_equal_it(whole):
    page = whole()
    line = re.search(r"<caption>Les plus récentes.*?<tbody.*?(<tr.*?</tr>)", page, re.DOTALL)[1]
    assert words(line).endswith("3 à 4")
    assert line.endswith("</td></tr>") and "v-fig" not in line


def test_the_filters_of_a_ght_follow_the_number_of_an_establishment(whole, sign_in):
    page = whole("?fonction=sage-femme&gardes=oui")
    hrefs = [html.unescape(href) for href in re.findall(rf'href="({HERE}/formations[^"]*)"', page)]
    assert hrefs
    assert all("fonction=sage-femme" in href and "gardes=oui" in href for href in hrefs)


def test_a_ght_counts_a_national_number_once_and_gives_a_range_for_the_others(whole):
    page = whole()
    assert answer(page).startswith("3 à 4 personnes sont formées DMCC ; pas de taux : effectif")
    assert "ne se reconnaît que par son numéro RPPS" in words(page)


def test_at_least_one_dmcc_is_counted_by_establishment(whole):
    page = whole()
    assert facts(page)["Établissements avec un DMCC"][0] == "2"
    assert sum("Atteint" in line[4] for line in rows(page, PLACES)) == 2
    assert "dans 2 des 8 établissements" in words(page)


def test_who_reads_an_establishment_from_its_ght_gets_its_counts_and_no_name(capes, sign_in):
    for email in (at.CAPES_DSI, "signataire@deux-caps.example"):
        answered = sign_in(email).get(f"{HERE}/formations")
        assert answered.status_code == 200
        assert answer(answered.text) == "3 des 7 personnes à former sont formées DMCC."
        assert not [secret for secret in SECRET if secret in answered.text]


# --- the boundary ------------------------------------------------------------------------------------------------


def test_presence_is_told_to_who_reads_the_establishment_and_to_nobody_else(app, world, capes):
    query = text("SELECT DISTINCT establishment_id FROM training_presence(now() + interval '1 day')")
    for email, scope, count in (
        (at.CAPES_DSI, at.CAPES, 2),
        (at.REFERENT, at.REFERENT_SCOPE, 1),
        (at.ESTUARY_DSI, at.ESTUARY_SCOPE, 0),
        (at.ESTUARY_DSI, at.CAPES, 0),
        (at.REFERENT, at.CAPES, 0),
        (NORTH, "region:F1", 0),
    ):
        with acting(app, world, email, scope):
            assert len(db.session.execute(query).all()) == count, (email, scope)


def test_presence_holds_no_name_no_number_and_no_way_back_to_one(app, world, capes):
    with acting(app, world, at.CAPES_DSI, at.CAPES):
        first, second = services.presence(DAY), services.presence(DAY)
    assert not [secret for secret in SECRET if secret.casefold() in repr((first, second)).casefold()]
    assert {each.id for each in first} == {None}
    digests = [{mark for each in told for mark in (each.person, each.namesake) if mark} for told in (first, second)]
    assert len(digests[0]) == len(digests[1]) == 7  # five in one, two in the other: the national number is one digest
    assert not digests[0] & digests[1]  # another salt at each call


def test_a_name_is_folded_as_the_import_folds_it(app, world, capes):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        attend(world, MINE, "DMCC-01", "d’ŒUVRE-ÉTRAVE", "Zoé", identifier="77")
        registers_key = "DMCC-02 / d etrave oeuvre zoe"
        names = dict.fromkeys(register.fields(Attendance)) | {
            "session_code": "DMCC-02", "function": "x", "profile": "it", "last_name": "OEUVRE ETRAVE D", "first_name": "Zoe",
        }  # fmt: skip
        entry = Entry(world.establishments[MINE.finess], registers_key, names, (b"k" * 32, b"v" * 32))
        register.append(Attendance, [entry], None)
        told = services.presence(DAY)
    [known] = [
        each for each in told if each.session_code == "DMCC-01" and each.function == "Cadre de santé" and each.person
    ]
    [named] = [each for each in told if each.session_code == "DMCC-02"]
    assert known.namesake == named.namesake != ""


def test_a_member_is_told_the_sessions_of_its_support_and_another_ght_is_not(app, world, capes):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        assert [each.code for each in services.common(DAY)] == ["DMCC-01"]
    for email, scope in ((at.ESTUARY_DSI, at.ESTUARY_SCOPE), (at.CAPES_DSI, at.CAPES), (NORTH, "region:F1")):
        with acting(app, world, email, scope):
            assert services.common(DAY) == []


def test_the_page_asks_few_questions_whatever_the_volume(app, world, capes, sign_in):
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        for number in range(300):
            attend(world, MINE, "DMCC-01", f"NOM{number}", "Prénom")
    for email, path in ((at.CAPES_DSI, CAPES), (at.REFERENT, HERE), (at.ESTUARY_DSI, f"/ght/{at.ESTUARY_CODE}")):
        assert at.asked(app, sign_in(email), f"{path}/formations") <= 15, path


# --- sessions of a region ----------------------------------------------------------------------------------------

OPENED = {
    "code": "ars-dmcc-1", "title": "DMCC régional", "kind": "dmcc", "starts_on": f"{DAY + timedelta(days=20):%d/%m/%Y}",
    "ends_on": "", "place": "Siège de l’ARS", "capacity": "20", "half_days": "2",
}  # fmt: skip


def test_martinique_an_agency_opens_a_session_that_the_establishments_of_its_region_read(world, sign_in):
    """lessons.md, « DMCC training, Martinique »: an ARS can run a session for many establishments; place, date, capacity."""
    agency = sign_in(NORTH)
    assert agency.post("/ars/F1/sessions", data=OPENED).status_code == 302
    [line] = rows(agency.get("/ars/F1/sessions").text, "Par date")
    assert line[:2] == ["DMCC régional ARS-DMCC-1", "DMCC"]
    assert line[4] == "20"
    for email, path in (
        (at.REFERENT, HERE),
        (at.CAPES_DSI, CAPES),
        (at.OUTSIDE_ADMIN, f"/etablissements/{at.OUTSIDE[0]}"),
    ):
        page = sign_in(email).get(f"{path}/formations").text
        assert "1 session ouverte par l’ARS" in words(page)
        assert facts(page)["Sessions à venir"] == ("1", "#region")
        assert "dont 1 ouverte par l’ARS" in words(page)
        assert "ouverte par l’ARS" not in words(sign_in(email).get(f"{path}/formations?type=sse").text)
        link = html.unescape(re.search(r'href="([^"]*)">Inscrire / noter les présences', page)[1])
        assert {"code=ARS-DMCC-1", "kind=DMCC", "organiser=ARS", "half_days=2"} <= set(
            link.partition("?")[2].split("&")
        )
    told = words(sign_in("direction@marquerive.example").get(f"{HERE}/formations").text)
    assert "pas encore notée" in told
    assert "DMCC régional" not in sign_in(at.ESTUARY_DSI).get(f"/ght/{at.ESTUARY_CODE}/formations").text
    assert "DMCC régional" not in sign_in(SOUTH).get("/ars/F2/sessions").text


def test_a_session_of_the_region_already_noted_leads_to_its_row(app, world, capes, sign_in):
    sign_in(NORTH).post("/ars/F1/sessions", data=OPENED)
    with acting(app, world, at.REFERENT, at.REFERENT_SCOPE):
        hold(world, MINE, "ARS-DMCC-1")
    assert "Session déjà notée" in words(sign_in(at.REFERENT).get(f"{HERE}/formations").text)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"code": "é"}, "Le code va de 2 à 20 caractères"),
        ({"title": "  "}, "Donnez un intitulé"),
        ({"kind": "yoga"}, "Choisissez le type"),
        ({"starts_on": ""}, "Donnez la date de début"),
        ({"starts_on": "demain"}, "Réponse illisible"),
        ({"ends_on": "2020-01-01"}, "ne peut pas la précéder"),
        ({"starts_on": f"{DAY - timedelta(days=367):%d/%m/%Y}"}, "il y a plus d’un an, ou dans plus de trois ans"),
        ({"starts_on": f"{DAY + timedelta(days=1097):%d/%m/%Y}"}, "il y a plus d’un an, ou dans plus de trois ans"),
        ({"half_days": ""}, "de 1 à 20"),
        ({"half_days": "21"}, "de 1 à 20"),
        ({"capacity": "0"}, "de 1 à 10 000"),
    ],
)
def test_a_session_that_is_refused_says_why_and_gives_back_what_was_typed(app, world, sign_in, change, why):
    refused = sign_in(NORTH).post("/ars/F1/sessions", data=OPENED | change)
    assert refused.status_code == 422
    assert why in words(refused.text)
    assert 'value="Siège de l’ARS"' in refused.text
    assert seen(app, "SELECT * FROM regional_session") == []


def test_a_code_is_open_once_and_may_be_used_again_once_taken_back(app, world, sign_in):
    agency = sign_in(NORTH)
    agency.post("/ars/F1/sessions", data=OPENED)
    assert "est déjà ouverte" in words(agency.post("/ars/F1/sessions", data=OPENED).text)
    assert sign_in(SOUTH).post("/ars/F2/sessions", data=OPENED).status_code == 302  # another region has its own codes
    assert re.search(
        r"<details class=\"v-confirm\"><summary>Retirer.*?Confirmer le retrait", agency.get("/ars/F1/sessions").text
    )
    agency.post("/ars/F1/sessions/retirer", data={"code": "ARS-DMCC-1"})
    assert rows(agency.get("/ars/F1/sessions").text, "Par date") == []
    assert "ouverte par l’ARS" not in words(sign_in(at.REFERENT).get(f"{HERE}/formations").text)
    assert agency.post("/ars/F1/sessions", data=OPENED).status_code == 302
    told = seen(
        app,
        "SELECT withdrawn, recorded_by FROM regional_session WHERE region_id = %s ORDER BY recorded_at",
        world.regions["F1"],
    )
    assert [each["withdrawn"] for each in told] == [False, True, False]
    assert {each["recorded_by"] for each in told} == {world.users[NORTH]}


def test_who_opened_a_session_of_the_region_or_took_it_back_and_when_stays_on_the_page(app, world, sign_in):
    agency, lead = sign_in(NORTH), sign_in("responsable@littoral-nord.example")
    agency.post("/ars/F1/sessions", data=OPENED)
    lead.post("/ars/F1/sessions/retirer", data={"code": "ARS-DMCC-1"})
    agency.post("/ars/F1/sessions", data=OPENED | {"title": "DMCC, seconde date"})
    accounts = seen(app, "SELECT email, name FROM user_account")
    names = {each["email"]: each["name"] for each in accounts}
    told = rows(lead.get("/ars/F1/sessions").text, "Le plus récent d’abord")
    assert [(line[0], line[1], line[3]) for line in told] == [
        ("DMCC, seconde date ARS-DMCC-1", "Ouverte", names[NORTH]),
        ("DMCC régional ARS-DMCC-1", "Retirée", names["responsable@littoral-nord.example"]),
        ("DMCC régional ARS-DMCC-1", "Ouverte", names[NORTH]),
    ]
    assert all(f"{DAY:%d/%m/%Y}" in line[2] for line in told)
    assert "DMCC régional" not in sign_in(SOUTH).get("/ars/F2/sessions").text


def test_nobody_else_opens_a_session_of_a_region_nor_changes_one(app, world, sign_in):
    sign_in(NORTH).post("/ars/F1/sessions", data=OPENED)
    insert = text(
        "INSERT INTO regional_session (id, region_id, code, title, kind, starts_on, ends_on, half_days)"
        " SELECT gen_random_uuid(), CAST(:region AS uuid), 'X-1', 'x', 'dmcc', current_date, current_date, 1"
    )
    asked = {"region": world.regions["F1"]}
    for email, scope in (
        (SOUTH, "region:F2"),
        (at.CAPES_DSI, at.CAPES),
        (at.REFERENT, at.REFERENT_SCOPE),
        (SOUTH, "region:F1"),
    ):
        with acting(app, world, email, scope), pytest.raises(DBAPIError) as refusal:
            db.session.execute(insert, asked)
        assert refusal.value.orig.sqlstate == "42501"
    with acting(app, world, NORTH, "region:F1"), pytest.raises(DBAPIError) as refusal:
        db.session.execute(text("UPDATE regional_session SET title = 'y'"))
    assert refusal.value.orig.sqlstate == "42501"
