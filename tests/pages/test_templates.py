"""Every page, in every situation: it renders, it is safe, it is accessible, it reads as French."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from flask import Flask
from lxml import html as parser

from tests.pages.cases import CASES, FRAGMENTS
from tests.pages.preview import create_app, render

PAGES = [name for name in CASES if name not in FRAGMENTS]
VERBATIM = {"code", "pre", "script", "style", "textarea"}
PLAIN_SPACE = re.compile(r"[ \t\n][:;?!%€»]|«[ \t\n]|\w'\w")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


@pytest.fixture(scope="module")
def rendered(app: Flask) -> dict[str, str]:
    pages = {}
    for name in CASES:
        with app.test_request_context("/"):
            pages[name] = render(name)
    return pages


def tree(page: str) -> parser.HtmlElement:
    return parser.document_fromstring(page)


def sentences(page: str) -> list[str]:
    """The text nodes that people see."""
    return [str(text) for text in tree(page).xpath("//text()") if text.getparent().tag not in VERBATIM or text.is_tail]


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(rendered: dict[str, str], name: str) -> None:
    root = tree(rendered[name])
    assert not root.xpath("//@style | //style | //script[not(@src)] | //@*[starts-with(local-name(), 'on')]")
    addresses = root.xpath("//@href | //@src | //@action | //@hx-get | //@formaction")
    assert not [address for address in addresses if re.match(r"[a-z]+:|//", address)]


# Not the hostile page: its texts are attacks, not sentences.
@pytest.mark.parametrize("name", [name for name in CASES if name != "filing_hostile"])
def test_text_follows_french_typography(rendered: dict[str, str], name: str) -> None:
    assert [text.strip() for text in sentences(rendered[name]) if PLAIN_SPACE.search(text)] == []


@pytest.mark.parametrize("name", CASES)
def test_no_python_value_leaks_into_the_text(rendered: dict[str, str], name: str) -> None:
    words = " ".join(sentences(rendered[name]))
    assert not re.search(r"\b(None|True|False|Undefined|Decimal|namespace|datetime)\b", words)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title_one_heading_and_its_language(rendered: dict[str, str], name: str) -> None:
    root = tree(rendered[name])
    assert root.get("lang") == "fr"
    assert len(root.xpath("//h1")) == 1
    assert root.xpath("//h1")[0].text_content().strip()
    assert root.findtext(".//title").strip() not in {"", "·\u00a0Vigie"}
    assert root.xpath("//main[@id='contenu']")
    assert root.xpath("//a[@class='v-skip'][@href='#contenu']")


@pytest.mark.parametrize("name", PAGES)
def test_headings_never_skip_a_level(rendered: dict[str, str], name: str) -> None:
    levels = [int(heading.tag[1]) for heading in tree(rendered[name]).xpath("//h1|//h2|//h3|//h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_every_internal_link_leads_somewhere(rendered: dict[str, str], name: str) -> None:
    root = tree(rendered[name])
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = root.xpath("//@aria-describedby | //@aria-labelledby")
    wanted = {address[1:] for address in root.xpath("//a/@href[starts-with(., '#')]")} | {
        one for each in targets for one in each.split()
    }
    assert wanted - set(ids) - {""} == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_form_that_writes_has_its_token(rendered: dict[str, str], name: str) -> None:
    root = tree(rendered[name])
    labels = set(root.xpath("//label/@for"))
    fields = root.xpath("//input[not(@type='hidden')] | //select | //textarea | //progress")
    assert [field.get("id") for field in fields if field.get("id") not in labels] == []
    for form in root.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@name='csrf_token']"), form.get("action")


@pytest.mark.parametrize("name", PAGES)
def test_every_table_has_a_caption_and_scoped_headers(rendered: dict[str, str], name: str) -> None:
    for table in tree(rendered[name]).xpath("//table"):
        assert table.xpath("./caption")[0].text_content().strip()
        assert not table.xpath(".//th[not(@scope)]")


@pytest.mark.parametrize("name", PAGES)
def test_a_screen_has_at_most_one_filled_button(rendered: dict[str, str], name: str) -> None:
    assert len(tree(rendered[name]).xpath("//*[contains(@class, 'v-btn--primary')]")) <= 1


@pytest.mark.parametrize("name", ["overview_13", "filing_13", "perimeters"])
def test_a_page_of_thirteen_establishments_stays_under_150_kb(rendered: dict[str, str], name: str) -> None:
    assert len(rendered[name].encode()) < 150_000


def test_an_icon_never_stands_without_its_word(rendered: dict[str, str]) -> None:
    for icon in tree(rendered["overview_13"]).xpath("//*[contains(@class, 'v-ico')]"):
        assert icon.get("aria-hidden") == "true"
        holder = icon.xpath(
            "ancestor::*[self::a or self::li or self::p or self::span[contains(@class, 'v-state')]][1]"
        )[0]
        assert holder.text_content().strip()


def test_what_somebody_typed_is_never_markup(rendered: dict[str, str]) -> None:
    assert not tree(rendered["filing_hostile"]).xpath("//script")
    assert "<script>alert(1)" not in rendered["filing_hostile"]


def test_a_missing_ac_is_said_and_never_drawn_as_zero(rendered: dict[str, str]) -> None:
    page = tree(rendered["overview_missing_ac"])
    assert "AC manquante pour CH de Valbruyère" in page.text_content()
    assert not page.xpath("//table[contains(@class, 'v-bars')]")


def test_an_empty_candidate_is_told_what_to_do_first(rendered: dict[str, str]) -> None:
    page = tree(rendered["overview_empty"])
    assert "Par où commencer" in page.text_content()
    assert not page.xpath("//table[contains(@class, 'v-matrix')]")


def test_a_past_target_date_is_said_with_the_date(rendered: dict[str, str]) -> None:
    assert "lundi 30 novembre 2026, dépassée de 12\u00a0jours" in tree(rendered["overview_past"]).text_content()


def test_the_share_is_not_asked_of_a_single_establishment(rendered: dict[str, str]) -> None:
    page = tree(rendered["overview_single"])
    assert "la règle ordinaire" in page.text_content()
    assert not page.xpath("//table[contains(@class, 'v-bars')]")


def test_the_bars_follow_one_another_up_to_the_whole(rendered: dict[str, str]) -> None:
    bars = tree(rendered["overview_13"]).xpath("//svg[@class='v-lane']/rect")
    ends = [(float(bar.get("x")[:-1]), float(bar.get("width")[:-1])) for bar in bars]
    assert len(ends) == 13
    assert all(abs(x + width - after) < 0.02 for (x, width), (after, _) in pairwise(ends))
    assert abs(sum(ends[-1]) - 100) < 0.02


def test_applying_everything_is_offered_only_when_nothing_blocks(rendered: dict[str, str]) -> None:
    modes = {
        name: tree(rendered[name]).xpath("//input[@name='mode']/@value")
        for name in ("run_preview", "run_clean", "run_empty")
    }
    assert modes["run_preview"] == ["valid"]
    assert modes["run_clean"] == ["all"]


def test_nothing_is_applied_before_the_columns_are_confirmed(rendered: dict[str, str]) -> None:
    page = tree(rendered["run_unsure"])
    assert not page.xpath("//input[@name='mode']")
    [first] = page.xpath("//*[contains(@class, 'v-btn--primary')]")
    assert first.get("href").endswith("/colonnes")


def test_remarks_that_are_not_all_listed_point_at_the_annotated_file(rendered: dict[str, str]) -> None:
    lead = tree(rendered["run_many"]).xpath("//section[@id='fautes']/header")[0].text_content()
    assert "23\u202f456 remarques à corriger" in lead
    assert "Les 3 premières sont listées ici" in lead
    assert tree(rendered["run_many"]).xpath("//section[@id='fautes']//a/@href") == ["#annote"]
    assert not tree(rendered["run_preview"]).xpath("//section[@id='fautes']/header//a")


def test_the_annotated_copy_is_asked_for_awaited_then_downloaded(rendered: dict[str, str]) -> None:
    place = "//*[starts-with(@id, 'annote')]"
    assert tree(rendered["run_preview"]).xpath(f"{place}//form[contains(@action, '/annote')]")
    assert tree(rendered["run_annotating"]).xpath(f"{place}//progress")
    assert tree(rendered["run_annotated"]).xpath(f"{place}//a[contains(@href, '/annote/fichier')]")


def test_what_is_absent_and_not_listed_is_counted(rendered: dict[str, str]) -> None:
    assert "1\u202f204 lignes connues absentes du fichier, conservées, dont 1 montrée ici" in rendered["run_many"]


def test_each_conflict_has_both_versions_and_a_box_to_tick(rendered: dict[str, str]) -> None:
    page = tree(rendered["run_conflicts"])
    form = page.xpath("//section[@id='conflits']//form")[0]
    assert form.xpath(".//input[@name='take']/@value") == ["Perimetres!12", "Emargement!7"]
    first, second = form.xpath(".//table")
    assert [cell.text_content() for cell in first.xpath("./tbody/tr[2]/*")] == ["BIA", "En cours", "Réalisé"]
    assert "restent dans l’établissement" in second.text_content()


def test_a_deposit_that_is_given_up_or_taken_back_offers_no_application(rendered: dict[str, str]) -> None:
    for name in ("run_cancelled", "run_undone", "run_undoing", "run_failed"):
        assert not tree(rendered[name]).xpath("//input[@name='mode']"), name
    assert tree(rendered["run_reading"]).xpath("//form[contains(@action, 'abandonner')]")
    assert not tree(rendered["run_undoing"]).xpath("//form[contains(@action, 'abandonner')]")


def test_the_value_of_a_cell_is_shown_as_it_is_in_the_file(rendered: dict[str, str]) -> None:
    values = tree(rendered["columns"]).xpath("//td/code/text()")
    assert "«à faire»" in values
    assert tree(rendered["columns_of_somebody_else"]).xpath("//td/code/text()") == []


def test_a_list_of_people_is_only_counted_for_a_ght(rendered: dict[str, str]) -> None:
    page = tree(rendered["registers"])
    assert not page.xpath("//a[contains(@href, 'Cellule_de_crise')]")
    assert page.xpath("//a[contains(@href, 'registres/Planning/export.csv')]")


def test_a_remark_has_its_place_its_value_its_reason_and_its_remedy(rendered: dict[str, str]) -> None:
    first = tree(rendered["run_preview"]).xpath("//table[@id='t-fautes']/tbody/tr[1]")[0].text_content()
    for part in (
        "Perimetres, B9",
        "FINESS EJ*",
        "62990045",
        "la clé ne tombe pas juste",
        "E-FIN",
        "Mettre les 9 chiffres",
    ):
        assert part in first


def test_a_gap_of_a_rejected_row_is_shown_with_it_and_not_counted_as_stored(rendered: dict[str, str]) -> None:
    page = tree(rendered["run_preview"])
    assert "Perimetres, Y22" in page.xpath("//table[@id='t-fautes']")[0].text_content()
    assert "Y22" not in page.xpath("//table[@id='t-manques']")[0].text_content()
    assert page.xpath("//a[@href='#manques']")[0].text_content() == "1 manque"


def test_the_rows_behind_new_and_unchanged_open_from_their_number(rendered: dict[str, str]) -> None:
    page = tree(rendered["run_preview"])
    for place in ("nouvelles", "inchangees"):
        assert page.xpath(f"//td/a[@href='#{place}']")
        assert page.xpath(f"//details[@id='{place}']//tbody/tr")


def test_cells_are_to_be_corrected_only_where_some_are_faulty(rendered: dict[str, str]) -> None:
    assert "Corrigez les cellules signalées" in rendered["run_preview"]
    assert "Corrigez" not in rendered["run_clean"]
    assert "Corrigez" not in rendered["run_empty"]


def test_a_page_polls_only_while_something_runs(rendered: dict[str, str]) -> None:
    polls = {name for name in CASES if "hx-trigger" in rendered[name]}
    assert polls == {
        "deposit",
        "run_reading",
        "run_applying",
        "run_undoing",
        "run_annotating",
        "progress_reading",
        "dossier",
        "build_running",
        "evidence_drop_reading",
    }
    for name in polls - set(FRAGMENTS):
        assert "htmx.min.js" in rendered[name]
        if name == "deposit":  # its form may hold a chosen file: without script the page says to reload it
            assert "Rechargez la page" in rendered[name]
            continue
        assert '<noscript><meta http-equiv="refresh"' in rendered[name]


def test_what_will_be_published_has_a_state_for_each_row_and_no_reason(rendered: dict[str, str]) -> None:
    [table] = tree(rendered["publication"]).xpath("//section[@id='apercu']//table")
    assert len(table.xpath(".//th[@scope='col']")) == 3
    assert len(table.xpath("./tbody/tr")) == 13


def test_publishing_is_offered_to_who_may_and_only_when_something_changed(rendered: dict[str, str]) -> None:
    offered = {name for name in CASES if tree(rendered[name]).xpath("//form[contains(@action, '/publication')]")}
    assert offered == {"publication", "publication_first"}


def test_an_opinion_is_given_by_who_decides_and_read_with_its_author_by_everybody(rendered: dict[str, str]) -> None:
    assert tree(rendered["opinion"]).xpath("//form//textarea[@name='reason']")
    assert tree(rendered["filing_opinions"]).xpath("//a[contains(@href, '/avis/')]")
    assert not tree(rendered["filing_reader"]).xpath("//a[contains(@href, '/avis/')]")
    for name in ("filing_opinions", "filing_reader", "opinions", "opinion_refused"):
        text = tree(rendered[name]).text_content()
        assert "Avis défavorable" in text
        assert "Camille Rey, ARS Littoral-Nord, le 22/11/2026, sur la version 2 du dossier" in text
