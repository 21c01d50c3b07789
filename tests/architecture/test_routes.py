"""Route x role x {own, same GHT, other candidate, other region, nobody}: each cell answers exactly what the table says."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import pytest
from sqlalchemy import text

from tenants.db import db
from tenants.permissions import Permission, Role, public, requires, signed_in
from tenants.web.limits import limiter
from tests.architecture.route_matrix import GHT, MEMBER, NATION, OUTSIDE, PUBLIC, REGION, SCOPED, SIGNED_IN
from tests.factories.world import ALONE_CODE, ESTUARY, ESTUARY_CODE, PASSWORD, TWO_CAPES, TWO_CAPES_CODE
from tests.factories.world import OUTSIDE as BRUMONT
from tests.tenants.stage import superuser
from wsgi import create_app

KEYS = r"\{(piece|build|run|filing|candidate|sha256|entry|drop|filed|expertise)\}"
CAPES = [number for number, _ in TWO_CAPES]
BANKS = [number for number, _ in ESTUARY]
MARQUERIVE = CAPES[3]


@dataclass
class Target:
    """A scope and one object of each kind that belongs to it (or a made-up identifier where it has none)."""

    path: str
    kind: str
    finess: str = ""
    ids: dict[str, str] = None  # type: ignore[assignment]  # filled by the fixture
    workbook: bytes = b""

    @staticmethod
    def upload(name: str, content: bytes) -> tuple[BytesIO, str]:
        return BytesIO(content), name

    def url(self, path: str, ids: dict[str, str] | None = None) -> str:
        return f"/{self.path}{path.format(finess=self.finess, **(ids or self.ids))}"


def _ght(code: str, support: str) -> Target:
    return Target(f"ght/{code}", GHT, support)


def _member(number: str) -> Target:
    return Target(f"etablissements/{number}", MEMBER, number)


TARGETS = {
    "capes": _ght(TWO_CAPES_CODE, CAPES[0]),
    "marquerive": _member(MARQUERIVE),
    "support": _member(CAPES[0]),
    "neighbour": _member(CAPES[4]),
    "estuary": _ght(ESTUARY_CODE, BANKS[0]),
    "belle-rive": _member(BANKS[0]),
    "marsh": _member(BANKS[1]),
    "alone": _ght(ALONE_CODE, ""),
    "brumont": Target(f"etablissements/{BRUMONT[0]}", OUTSIDE, BRUMONT[0]),
    "F1": Target("ars/F1", REGION, "629900000"),
    "F2": Target("ars/F2", REGION, "629900000"),
    "nation": Target("ans/france", NATION, "629900000"),
}


@dataclass(frozen=True)
class Actor:
    """An account: its role, the scopes where the role holds, and the neighbours where it does not."""

    email: str
    role: str
    held: tuple[str, ...]
    foreign: dict[str, str]


def _of_marquerive(email: str, role: str) -> Actor:
    foreign = {
        "same GHT": "neighbour",
        "its GHT": "capes",
        "other candidate": "brumont",
        "other region": "estuary",
        "region": "F1",
    }
    return Actor(email, role, ("marquerive",), foreign)


def _of_capes(email: str, role: str) -> Actor:
    foreign = {
        "other candidate": "brumont",
        "other region": "estuary",
        "other region, establishment": "belle-rive",
        "region": "F1",
    }
    return Actor(email, role, ("capes", "marquerive"), foreign)


ACTORS = (
    _of_marquerive("referente@marquerive.example", "referent"),
    _of_marquerive("direction@marquerive.example", "director"),
    _of_marquerive("admin@marquerive.example", "establishment_admin"),
    _of_capes("dsi@deux-caps.example", "ght_manager"),
    _of_capes("admin@deux-caps.example", "ght_admin"),
    _of_capes("signataire@deux-caps.example", "signatory"),
    Actor("referent@port-aubry.example", "referent", ("support",), {"same GHT": "marquerive", "its GHT": "capes"}),
    Actor(
        "dsi@estuaire.example",
        "ght_manager",
        ("estuary", "marsh"),
        {"other GHT": "alone", "other region": "capes", "region": "F2"},
    ),
    Actor(
        "signataire@estuaire.example",
        "signatory",
        ("estuary",),
        {"other GHT": "alone", "other region": "capes", "region": "F2"},
    ),
    Actor(
        "referent@belle-rive.example",
        "referent",
        ("belle-rive",),
        {"same GHT": "marsh", "its GHT": "estuary", "other GHT": "alone"},
    ),
    Actor(
        "admin@brumont.example",
        "establishment_admin",
        ("brumont",),
        {"other candidate": "capes", "other region": "estuary"},
    ),
    Actor(
        "signataire@brumont.example", "signatory", ("brumont",), {"other candidate": "capes", "other region": "estuary"}
    ),
    # Before those who may withdraw what was asked of her.
    Actor(
        "expert@littoral-nord.example",
        "expert",
        ("F1",),
        {"other region": "F2", "candidate": "capes", "member": "marquerive", "nation": "nation"},
    ),
    _of_capes("delegue@deux-caps.example", "delegate"),
    Actor(
        "ans@vigie.example",
        "ans_reviewer",
        ("nation",),
        {"region": "F1", "candidate": "brumont", "member": "marquerive"},
    ),
    Actor(
        "ars@littoral-nord.example",
        "ars_reviewer",
        ("F1",),
        {"other region": "F2", "candidate": "capes", "member": "marquerive", "nation": "nation"},
    ),
    Actor(
        "responsable@littoral-nord.example",
        "ars_lead",
        ("F1",),
        {"other region": "F2", "candidate": "capes", "member": "marquerive", "nation": "nation"},
    ),
    Actor(
        "ars@monts-du-sud.example",
        "ars_reviewer",
        ("F2",),
        {"other region": "F1", "candidate": "estuary", "member": "belle-rive"},
    ),
)


@pytest.fixture(autouse=True)
def _many_sign_ins(monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def targets(app, world, servers, sign_in):
    """Give each scope one object of each kind, so that a refusal is never for want of something to read."""
    workbook = sign_in("dsi@deux-caps.example").get(f"/ght/{TWO_CAPES_CODE}/modeles/KIT_BIA_PCRA.xlsx").data
    signatory = sign_in("signataire@deux-caps.example")
    signed = {"confirm": "yes", "password": PASSWORD}
    assert signatory.post(f"/ght/{TWO_CAPES_CODE}/dossier/transmettre", data=signed).status_code == 302
    with superuser(servers) as connection:
        connection.execute(
            text(
                "UPDATE dossier_build b SET state = 'built', pdf_size = e.size, pdf_sha256 = e.sha256"
                " FROM evidence e WHERE e.establishment_id = b.establishment_id"
            )
        )

        # Each piece was looked into: it may be shown.
        connection.execute(
            text(
                "INSERT INTO evidence_event (id, establishment_id, evidence_id, kind, value, detail) SELECT gen_random_uuid(),"
                " establishment_id, id, 'inspection', 'ok', '{\"media_type\": \"application/pdf\"}' FROM evidence"
            )
        )
        _review(connection, world.users["expert@littoral-nord.example"])

        def first(query, **arguments):
            return str(connection.execute(text(query), arguments).scalar() or uuid.uuid4())

        for target in TARGETS.values():
            code = target.path.partition("/")[2]
            establishment = world.establishments.get(target.finess)
            ght = world.ghts.get(code) if target.kind == GHT else None
            region = world.regions.get(code) if target.kind == REGION else None
            if target.kind == GHT and not target.finess:
                target.finess, establishment = connection.execute(
                    text(
                        "SELECT e.finess, e.id FROM ght_member m JOIN legal_entity e ON e.id = m.legal_entity_id WHERE m.ght_id = :ght"
                    ),
                    {"ght": ght},
                ).one()
            where = "establishment_id = :establishment AND ght_id IS NOT DISTINCT FROM :ght"
            asked = {"establishment": establishment, "ght": ght}
            run = first(f"SELECT id FROM import_run WHERE {where}", **asked)
            if (
                target.kind == MEMBER
                and not connection.execute(text("SELECT 1 FROM import_run WHERE id = :id"), {"id": run}).scalar()
            ):
                connection.execute(
                    text(
                        "INSERT INTO import_run (id, establishment_id, filename, sha256, size, state)"
                        " VALUES (:id, :establishment, 'x.xlsx', '2', 1, 'failed')"
                    ),
                    {"id": run, "establishment": establishment},
                )
            reviewed = "region_id = :region" if region else where
            asked = {"region": region} if region else asked
            if target.kind == NATION:
                reviewed, asked = f"establishment_id = '{world.establishments[BRUMONT[0]]}'", {}
            filing = first(f"SELECT id FROM filing WHERE {reviewed} ORDER BY id", **asked)
            target.ids = {
                "piece": first(
                    "SELECT id FROM evidence WHERE establishment_id = :establishment", establishment=establishment
                ),
                "drop": first(
                    "SELECT drop_id FROM dropped_file WHERE establishment_id = :establishment",
                    establishment=establishment,
                ),
                "build": first(f"SELECT id FROM dossier_build WHERE {where}", establishment=establishment, ght=ght),
                "run": run,
                "filing": filing,
                "filed": first("SELECT id FROM filed_piece WHERE filing_id = CAST(:id AS uuid) ORDER BY id", id=filing),
                "expertise": first("SELECT id FROM expertise WHERE filing_id = CAST(:id AS uuid)", id=filing),
                "candidate": first(f"SELECT id FROM candidate WHERE {reviewed}", **asked),
                "entry": first(
                    "SELECT id FROM exercise WHERE establishment_id = :establishment", establishment=establishment
                ),
                "sha256": first("SELECT sha256 FROM filed_piece WHERE filing_id = CAST(:id AS uuid)", id=filing),
            }
            target.workbook = workbook
    return TARGETS


def _review(connection, expert):
    """Every filing has a piece returned by its ARS and a question to an expert; the one of Brumont has gone on to the ANS."""
    about = "establishment_id, candidate_id, ght_id, region_id"
    steps = (("ars_review", "ars", ""), ("piece_returned", "ars", ""))
    control = (
        ("favourable", "ars", BRUMONT[0]),
        ("ans_control", "ans", BRUMONT[0]),
        ("ans_piece_returned", "ans", BRUMONT[0]),
    )
    for place, (state, level, only) in enumerate((*steps, *control)):
        connection.execute(
            text(
                f"INSERT INTO transition (id, {about}, process, state, level, filing_id, recorded_at)"
                f" SELECT gen_random_uuid(), {about}, 'declaration', :state, :level, id, now() + make_interval(secs => :place)"
                " FROM filing f WHERE :only = '' OR establishment_id = (SELECT id FROM legal_entity WHERE finess = :only)"
            ),
            {"state": state, "level": level, "place": place + 1, "only": only},
        )
    piece = f"SELECT DISTINCT ON (filing_id) id, {about}, filing_id FROM filed_piece ORDER BY filing_id, id"
    for level in ("ars", "ans"):
        connection.execute(
            text(
                f"INSERT INTO review_decision (id, {about}, filing_id, piece_id, level, accepted, cause, message)"
                f" SELECT gen_random_uuid(), {about}, filing_id, id, '{level}', false, 'incomplete', 'Page 2' FROM ({piece}) p"
            )
        )
    connection.execute(
        text(
            "INSERT INTO expertise (id, region_id, candidate_id, filing_id, piece_id, expert_id, question, due_on)"
            f" SELECT gen_random_uuid(), region_id, candidate_id, filing_id, id, :expert, 'Est-ce isolé ?', '2030-01-01' FROM ({piece}) p"
        ),
        {"expert": expert},
    )


def _masked(body: bytes) -> bytes:
    """Leave out the form token, which changes at each page."""
    return re.sub(rb'name="csrf_token" value="[^"]*"', b"", body)


def _ask(browser, route, url, target):
    return browser.open(url, method=route.method, data=route.form(target) if route.method == "POST" else None)


def _told(answer):
    """Return what could tell two refusals apart: status, body without its token, headers."""
    return (
        answer.status_code,
        _masked(answer.data),
        sorted(pair for pair in answer.headers if pair[0] not in {"Set-Cookie", "Vary"}),
    )


def test_every_address_of_the_application_is_in_the_table_and_nothing_else(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == {*SCOPED, *PUBLIC, *SIGNED_IN}


def test_the_table_exercises_each_endpoint_by_its_own_method_and_address(app):
    target = TARGETS["brumont"]
    names = ("piece", "build", "run", "filing", "candidate", "entry", "drop", "filed", "expertise")
    ids = dict.fromkeys(names, str(uuid.UUID(int=0))) | {"sha256": "0" * 64}
    router = app.url_map.bind("localhost")
    found = {name: router.match(target.url(route.path, ids), method=route.method)[0] for name, route in SCOPED.items()}
    found |= {name: router.match(path, method=method)[0] for name, (method, path, _) in (PUBLIC | SIGNED_IN).items()}
    assert found == {name: name for name in found}


def test_every_view_carries_exactly_one_mark(app):
    for endpoint, view in app.view_functions.items():
        marks = [hasattr(view, "permission"), getattr(view, "public", False), getattr(view, "signed_in", False)]
        assert sum(map(bool, marks)) == (0 if endpoint == "static" else 1), endpoint
    assert {name for name, view in app.view_functions.items() if getattr(view, "public", False)} | {"static"} == set(
        PUBLIC
    )
    assert {name for name, view in app.view_functions.items() if getattr(view, "signed_in", False)} == set(SIGNED_IN)


def test_every_role_stands_in_the_table():
    assert {actor.role for actor in ACTORS} == {str(role) for role in Role}


def test_each_route_answers_each_role_on_each_scope_what_the_table_says(sign_in, targets):
    cells, opened, wrong = 0, Counter(), []
    for actor in ACTORS:
        browser = sign_in(actor.email)
        missing = _told(browser.get("/cette-page-n-existe-pas"))
        assert missing[0] == 404
        relations = {f"own {name}": name for name in actor.held} | actor.foreign
        for relation, name in relations.items():
            target = targets[name]
            for endpoint, route in SCOPED.items():
                answer = _ask(browser, route, target.url(route.path), target)
                cells += 1
                allowed = name in actor.held and actor.role in route.roles and target.kind in route.where
                if allowed:
                    opened[endpoint] += 1
                    if answer.status_code != route.status:
                        wrong.append(f"{endpoint}, {actor.email}, {relation}: {answer.status_code}, not {route.status}")
                    if answer.status_code == 302:
                        if "/connexion" in answer.location:
                            wrong.append(f"{endpoint}, {actor.email}: sent to sign in")
                        browser.get("/espaces")  # what was announced is read here, and not on the next refusal
                elif _told(answer) != missing:
                    wrong.append(f"{endpoint}, {actor.email}, {relation}: {answer.status_code}, not the missing page")
    print(
        f"{cells} cells checked: {len(ACTORS)} accounts x their scopes x {len(SCOPED)} routes; {sum(opened.values())} open"
    )
    assert wrong == []
    assert set(opened) == set(SCOPED), "a route that nobody opened proves nothing"


def test_nobody_is_sent_to_sign_in_by_every_scoped_address(client, targets):
    cells = 0
    for target in targets.values():
        for endpoint, route in SCOPED.items():
            url = target.url(route.path)
            answer = _ask(client, route, url, target)
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/connexion"), endpoint
            cells += 1
    print(f"{cells} cells checked without an account")


def test_an_address_tells_nobody_without_an_account_whether_it_exists(client, targets):
    known = client.get(targets["capes"].url("/dossier"))
    unknown = client.get("/ght/GHT-INCONNU/dossier")
    assert (known.status_code, known.location.replace(TWO_CAPES_CODE, "X")) == (
        unknown.status_code,
        unknown.location.replace("GHT-INCONNU", "X"),
    )


def test_addresses_without_a_scope_answer_what_the_table_says(app, client, sign_in):
    for endpoint, (method, path, status) in PUBLIC.items():
        with client.open(path, method=method) as answer:
            assert answer.status_code == status, endpoint
    for endpoint, (method, path, _) in SIGNED_IN.items():
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/connexion"), endpoint
    for actor in {actor.role: actor for actor in ACTORS}.values():
        browser = sign_in(actor.email)
        for endpoint, (method, path, status) in SIGNED_IN.items():
            assert browser.open(path, method=method).status_code == status, (endpoint, actor.email)


BY_ID = {name: route for name, route in SCOPED.items() if re.search(KEYS, route.path)}


def test_an_object_of_another_scope_under_one_s_own_address_is_like_an_object_that_does_not_exist(sign_in, targets):
    cells = 0
    for actor in ACTORS:
        browser = sign_in(actor.email)
        for held in actor.held:
            target = targets[held]
            mine = [targets[name].ids for name in actor.held]
            for endpoint, route in BY_ID.items():
                if actor.role not in route.roles or target.kind not in route.where:
                    continue
                invented = {name: str(uuid.uuid4()) for name in target.ids}
                absent = _told(_ask(browser, route, target.url(route.path, invented), target))
                browser.get("/espaces")
                for name, other in targets.items():
                    keys = re.findall(KEYS, route.path)
                    if name == held or any(all(other.ids[key] == ids[key] for key in keys) for ids in mine):
                        continue
                    if endpoint in OF_MEMBERS and name in MEMBERS.get(held, ()):
                        continue
                    if {REGION, NATION} & set(route.where) and name in _filed_in(held):
                        continue
                    told = _told(_ask(browser, route, target.url(route.path, other.ids), target))
                    assert told == absent, f"{endpoint}: {actor.email} under {held} reaches an object of {name}"
                    cells += 1
    print(f"{cells} foreign objects asked for under one's own address")
    assert cells > 100


# A GHT reads the pieces of its members under its own address, and writes their rows.
OF_MEMBERS = {
    "compliance.piece",
    *(f"compliance.{each}_evidence" for each in ("replace", "use", "judge", "comment")),
    *(
        f"compliance.{each}"
        for each in ("evidence_piece", "evidence_shown", "drop_files", "drop_progress", "settle_drop")
    ),
    *(f"importers.{each}" for each in ("entry", "edit", "save", "withdraw", "restore")),
}
MEMBERS = {"capes": ("marquerive", "support", "neighbour"), "estuary": ("belle-rive", "marsh")}


def _filed_in(region: str) -> set[str]:
    return {"F1": {"capes", "brumont", "nation"}, "F2": {"estuary", "alone"}, "nation": {"brumont"}}[region]


def test_the_method_options_runs_no_view(sign_in, servers, targets):
    with superuser(servers) as connection:
        before = connection.execute(text("SELECT count(*) FROM filing")).scalar()
    answer = sign_in("signataire@deux-caps.example").open(
        targets["capes"].url("/dossier/transmettre"), method="OPTIONS"
    )
    with superuser(servers) as connection:
        assert connection.execute(text("SELECT count(*) FROM filing")).scalar() == before
    assert "POST" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused(app, sign_in, monkeypatch, targets):
    browser = sign_in("dsi@deux-caps.example")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for route in SCOPED.values():
        if route.method == "POST":
            assert _ask(browser, route, targets["capes"].url(route.path), targets["capes"]).status_code == 400
    assert browser.post("/deconnexion").status_code == 400
    assert browser.post("/connexion", data={"email": "x", "password": "y"}).status_code == 400


@pytest.fixture
def marked(settings, world):
    """An application of its own with four more views: without a mark, and with each of the three."""
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def view(scope: str = "") -> str:
        return f"seen {scope}"

    def named(mark):
        def own(scope: str = "") -> str:
            return view(scope)

        return mark(own)

    app.add_url_rule("/<scope:scope>/sans-marque", "unmarked", view)
    app.add_url_rule("/sans-marque", "unmarked_bare", view)
    app.add_url_rule("/<scope:scope>/avec-marque", "marked", named(requires(Permission.READ)))
    app.add_url_rule("/avec-marque", "marked_bare", named(requires(Permission.READ)))
    app.add_url_rule("/<scope:scope>/compte", "scoped_signed_in", named(signed_in))
    app.add_url_rule("/ouvert", "open", named(public))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_view_without_a_mark_is_refused_to_everybody(marked):
    browser = marked.test_client()
    assert browser.post("/connexion", data={"email": "dsi@deux-caps.example", "password": PASSWORD}).status_code == 302
    own = f"/ght/{TWO_CAPES_CODE}"
    assert browser.get(f"{own}/avec-marque").text == "seen "
    missing = _told(browser.get("/cette-page-n-existe-pas"))
    assert _told(browser.get(f"{own}/sans-marque")) == missing
    assert _told(browser.get("/sans-marque")) == missing
    # A permission needs a scope to hold on, and an account alone opens no scope.
    assert _told(browser.get("/avec-marque")) == missing
    assert _told(browser.get(f"{own}/compte")) == missing
    assert marked.test_client().get("/sans-marque").status_code == 302
    assert marked.test_client().get("/ouvert").text == "seen "
