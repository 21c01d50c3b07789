"""While a deposit is read or applied: how far it is, giving up, starting again, and how many statements it takes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from importers import deposits, service, undo
from tenants import jobs
from tenants.db import lock_until_commit
from tenants.errors import Conflict, NotFound
from tests.factories import acting as at
from tests.factories.acting import counts, seen
from tests.factories.jobs import relayed, run_jobs
from tests.importers import desk, samples

pytestmark = pytest.mark.usefixtures("day_of_kits")

OWN = at.CAPES_MEMBERS[3].finess


@pytest.fixture
def dsi(app, world) -> desk.Desk:
    return desk.manager(app, world)


@pytest.fixture
def referent(app, world) -> desk.Desk:
    return desk.referent(app, world)


def charter(count: int = 1, **cells: object) -> bytes:
    """A sheet « Charte » of some services."""
    line = samples.rows(OWN)["Charte"][0] | cells
    return samples.file({"Charte": [line | {"service": f"Service {rank}"} for rank in range(count)]})


def elsewhere(act: Callable[[], Any]) -> list[Any]:
    """Do something as another request does, while this one is at work; what it gave."""
    given: list[Any] = []
    other = Thread(target=lambda: given.append(act()))
    other.start()
    other.join(30)
    assert not other.is_alive(), "it waits for the job"
    return given


def recorded(app) -> dict[str, tuple[int, str]]:
    """What is stored, but for the deposit, its orders and the audit chain."""
    return desk.without(desk.dump(app), *desk.TRACES)


# ------------------------------------------------------------------------------------------------------------ progress


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, int | None]]:
    """Every word of the jobs, each row long enough to be told."""
    words: list[tuple[str, int | None]] = []
    tell = jobs.tell

    def listen(subject: UUID, step: str, percent: int | None = None) -> None:
        tell(subject, step, percent)
        said = jobs.told(subject)
        words.append((said.step, said.percent))

    monkeypatch.setattr(jobs, "tell", listen)
    monkeypatch.setattr(service, "_TICK", -1)
    monkeypatch.setattr(service, "_LOOK", 1)
    return words


def test_reading_and_applying_tell_their_steps_and_how_far_they_are(dsi, told) -> None:
    run_id = dsi.deposit(charter(20))
    assert [step for step, _ in told[:2]] == ["Lecture du classeur", "Contrôle des lignes"]
    percents = [percent for _, percent in told[2:] if percent is not None]
    assert percents == sorted(percents)
    assert len(set(percents)) == 20
    assert percents[-1] <= 99
    told.clear()
    dsi.confirm(run_id)
    run_jobs(dsi.app)
    assert told[0] == ("Enregistrement des lignes", None)
    assert len({percent for _, percent in told[1:]}) == 20
    told.clear()
    dsi.undo(run_id)
    assert told == [("Remise en l’état", None)]


# ----------------------------------------------------------------------------------------------------------- giving up


def giving_up(app, who: desk.Desk, run_id: UUID, monkeypatch, at_step: str) -> list[Any]:
    """Run the jobs; at a step of theirs, the person gives up from another request."""
    done: list[Any] = []
    follower = service.follower

    def patched(subject: UUID) -> Callable[[str, int | None], None]:
        follow = follower(subject)

        def told(step: str, percent: int | None) -> None:
            if step == at_step and not done:
                done.extend(elsewhere(lambda: _cancel(who, run_id)) or ["failed"])
            follow(step, percent)

        return told

    with monkeypatch.context() as patch:
        patch.setattr(service, "follower", patched)
        run_jobs(app)
    return done


def _cancel(who: desk.Desk, run_id: UUID) -> str:
    with who.acting():
        service.cancel(run_id)
    return "cancelled"


def test_a_deposit_given_up_before_it_is_read_is_never_read(app, dsi) -> None:
    before = recorded(app)
    run_id = dsi.receive(charter())
    _cancel(dsi, run_id)
    assert dsi.look(run_id)["state"] == "cancelled"
    assert run_jobs(app) == 1
    run = dsi.look(run_id)
    assert (run["state"], run["report"]) == ("cancelled", None)
    assert "Rien n’a été enregistré" in run["error"]
    assert recorded(app) == before


@pytest.mark.parametrize("step", ["Lecture du classeur", "Contrôle des lignes"])
def test_a_deposit_given_up_while_it_is_read_keeps_nothing(app, dsi, monkeypatch, step) -> None:
    before = recorded(app)
    run_id = dsi.receive(charter())
    assert giving_up(app, dsi, run_id, monkeypatch, step) == ["cancelled"]
    run = dsi.look(run_id)
    assert (run["state"], run["report"]) == ("cancelled", None)
    assert recorded(app) == before


@pytest.mark.parametrize("step", ["Enregistrement des lignes", "Contrôle des lignes"])
def test_an_application_given_up_goes_back_to_its_preview(app, dsi, monkeypatch, step) -> None:
    monkeypatch.setattr(service, "_TICK", -1)
    monkeypatch.setattr(service, "_LOOK", 1)
    before = recorded(app)
    run_id = dsi.deposit(charter(3))
    preview = dsi.look(run_id)["report"]
    dsi.confirm(run_id)
    assert giving_up(app, dsi, run_id, monkeypatch, step) == ["cancelled"]
    run = dsi.look(run_id)
    assert (run["state"], run["error"], run["report"]) == (
        "parsed", "Abandonné à votre demande. Rien n’a été enregistré.", preview,
    )  # fmt: skip
    assert recorded(app) == before
    dsi.confirm(run_id)
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "applied"


def test_giving_up_too_late_is_told_and_changes_nothing(app, dsi) -> None:
    run_id = dsi.deposit(charter())
    with pytest.raises(Conflict), dsi.acting():
        service.cancel(run_id)
    dsi.confirm(run_id)
    run_jobs(app)
    with pytest.raises(Conflict), dsi.acting():
        service.cancel(run_id)
    assert dsi.look(run_id)["state"] == "applied"


def test_giving_up_that_came_too_late_does_not_stop_the_next_reading(app, dsi) -> None:
    run_id = dsi.deposit(charter())
    with app.app_context():
        jobs.cancel(run_id)  # the person asked just as the reading ended
    with dsi.acting():
        service.again(run_id, taken=["*"])
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "parsed"


def test_the_deposit_of_another_scope_cannot_be_given_up(dsi, referent) -> None:
    run_id = dsi.receive(charter())
    with pytest.raises(NotFound), referent.acting():
        service.cancel(run_id)
    assert dsi.look(run_id)["state"] == "received"


# -------------------------------------------------------------------------------------------------- joining, restarting


def test_the_same_bytes_sent_twice_while_they_are_read_are_one_deposit(app, dsi, referent) -> None:
    content = charter()
    before = counts(app, "import_run")["import_run"]
    first, second = dsi.receive(content), dsi.receive(content, "sous un autre nom.xlsx")
    assert first == second
    assert referent.receive(content) != first
    assert counts(app, "import_run")["import_run"] == before + 2
    assert len(relayed(app)) == 2


def test_a_file_sent_again_once_read_is_another_deposit(dsi) -> None:
    content = charter()
    assert dsi.deposit(content) != dsi.receive(content)


def test_a_file_that_is_being_applied_is_joined_too(app, dsi) -> None:
    content = charter()
    run_id = dsi.deposit(content)
    dsi.confirm(run_id)
    with dsi.acting():
        [outcome] = deposits.receive_many([("encore.xlsx", BytesIO(content))])
    assert (outcome.run_id, outcome.joined) == (run_id, True)
    run_jobs(app)
    assert dsi.look(run_id)["state"] == "applied"


def test_a_file_is_received_while_another_is_being_applied(app, dsi, world) -> None:
    support = world.establishments[at.CAPES_MEMBERS[0].finess]
    with dsi.acting():
        lock_until_commit(support)  # as an application holds it, for minutes
        [run_id] = elsewhere(lambda: dsi.receive(charter()))
    assert dsi.look(run_id)["state"] == "received"


def test_a_job_ordered_twice_reads_once(app, dsi, monkeypatch) -> None:
    run_id = dsi.receive(charter())
    with dsi.acting():
        jobs.enqueue(deposits.READ, run_id=str(run_id))
    reports: list[object] = []
    preview = service.preview
    monkeypatch.setattr(service, "preview", lambda *given: reports.append(given) or preview(*given))
    assert run_jobs(app) == 2
    assert len(reports) == 1


def test_several_files_in_one_go_each_have_their_outcome(app, dsi) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("a/un.xlsx", charter(1))
        members.writestr("deux.xlsx", charter(2))
        members.writestr("photo.xlsx", b"\x89PNG\r\n")
    archive.seek(0)
    files = [("trois.xlsx", BytesIO(charter(3))), ("note.txt.exe", BytesIO(b"MZ\x90\x00")), ("tout.zip", archive),
             ("trois bis.xlsx", BytesIO(charter(3)))]  # fmt: skip
    with dsi.acting():
        outcomes = deposits.receive_many(files)
    assert [(each.filename, each.run_id is not None, each.joined) for each in outcomes] == [
        ("trois.xlsx", True, False), ("note.txt.exe", False, False), ("un.xlsx", True, False), ("deux.xlsx", True, False),
        ("photo.xlsx", False, False), ("trois bis.xlsx", True, True),
    ]  # fmt: skip
    assert all(each.problem and each.problem.sentence.endswith(".") for each in outcomes if each.run_id is None)
    run_jobs(app)
    new = [desk.tally(dsi.look(each.run_id)["report"]) for each in outcomes if each.run_id and not each.joined]
    assert new == [{"Charte": {"new": count}} for count in (3, 1, 2)]


def test_two_files_applied_one_after_the_other_see_each_other(app, dsi) -> None:
    """Both were previewed before either was applied: the second is shown again rather than applied blind."""
    runs = [dsi.deposit(charter(1, signatures=signatures)) for signatures in (10, 20)]
    for run_id in runs:
        dsi.confirm(run_id)
    run_jobs(app)
    assert [dsi.look(run_id)["state"] for run_id in runs] == ["applied", "parsed"]
    assert desk.tally(dsi.look(runs[1])["report"]) == {"Charte": {"changed": 1}}
    dsi.confirm(runs[1])
    run_jobs(app)
    assert [row[2] for key, row in dsi.pages()["Charte"].items() if key.endswith("service 0")] == [20]


def test_a_ght_and_its_member_that_apply_at_once_are_written_one_after_the_other(
    app, dsi, referent, monkeypatch, tmp_path
) -> None:
    run_id, follower, others = dsi.deposit(charter(1, signatures=10)), service.follower, []

    def patched(subject: UUID) -> Callable[[str, int | None], None]:
        follow = follower(subject)

        def told(step: str, percent: int | None) -> None:
            follow(step, percent)
            if step == "Contrôle des lignes" and not others:
                others.append(Thread(target=desk.applied_now, args=(referent, tmp_path, charter(1, signatures=20))))
                others[0].start()
                while others[0].is_alive() and not waiting():
                    others[0].join(0.01)
                assert others[0].is_alive(), "it did not wait"

        return told

    def waiting() -> bool:
        return seen(app, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") != []

    monkeypatch.setattr(service, "_TICK", -1)
    monkeypatch.setattr(service, "_LOOK", 1)
    monkeypatch.setattr(service, "follower", patched)
    dsi.confirm(run_id)
    run_jobs(app)
    others[0].join(30)
    assert dsi.look(run_id)["state"] == "applied"
    history = seen(app, "SELECT signatures FROM charter_signature WHERE key = 'service 0' ORDER BY recorded_at, id")
    assert [row["signatures"] for row in history] == [10, 20]
    assert [row[2] for key, row in dsi.pages()["Charte"].items() if key.endswith("service 0")] == [20]


# ---------------------------------------------------------------------------------------------------------- statements


def many(sheet: str, count: int) -> bytes:
    """Many rows of a sheet, alike but for what names them."""
    row = samples.rows(OWN)[sheet][0]
    named: dict[str, Callable[[int], dict[str, object]]] = {
        "Perimetres": lambda rank: {"code": f"SRV-{rank}", "name": f"Service {rank:05}"},
        "Activites": lambda rank: {"number": str(rank + 10)},
        "Emargement": lambda rank: {"identifier": str(rank)},
        "Sessions": lambda rank: {"code": f"S-{rank}"},
    }
    return samples.file({sheet: [row | named[sheet](rank) for rank in range(count)]})


@pytest.mark.parametrize(
    ("place", "sheet"),
    [
        ("a GHT", "Perimetres"),
        ("a GHT", "Emargement"),
        ("an establishment", "Emargement"),
        ("an establishment", "Activites"),
    ],
)
def test_a_large_file_takes_as_many_statements_as_a_small_one(app, dsi, referent, place, sheet) -> None:
    who, sent = dsi if place == "a GHT" else referent, []
    for count in (1, 20, 400):  # the first one also remembers how the sheet is laid out
        run_id = who.receive(many(sheet, count))
        with at.statements(app) as reading:
            run_jobs(app)
        who.confirm(run_id)
        with at.statements(app) as applying:
            run_jobs(app)
        assert who.look(run_id)["state"] == "applied"
        with who.acting():
            undo.order_undo(run_id)
        with at.statements(app) as undoing:
            run_jobs(app)
        sent.append((len(reading), len(applying), len(undoing)))
    assert sent[1] == sent[2]
    assert min(sent[1]) > 5
