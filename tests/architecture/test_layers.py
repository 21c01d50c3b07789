"""What import-linter does not see: hidden imports, purity of the rules, who commits, how a setting is written."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tenants", "compliance", "importers", "migrations")
FILES = sorted([ROOT / "wsgi.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
# The unit of work; accounts, jobs and commands of the operator open short transactions of their own with `engine.begin()`.
COMMITS = {"tenants/db.py", "migrations/env.py"}
OPENS = {
    "tenants/accounts.py",
    "tenants/cli.py",
    "tenants/jobs.py",
    "tenants/migrate.py",
    "tenants/embedded.py",
    "compliance/cli.py",
    "importers/cli.py",
    "compliance/referential_cli.py",
    "importers/demonstration/seed.py",
    "importers/demonstration/volumes.py",
}


def _tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def _hidden(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [
        f"{name}:{inner.lineno}"
        for function in ast.walk(_tree(name))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom) and "noqa: PLC0415" not in lines[inner.lineno - 1]
    ]


def test_the_walk_finds_the_code():
    assert len(FILES) > 60
    assert "tenants/db.py" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_function_hides_an_import_without_saying_why(name):
    assert _hidden(name) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("compliance/rules/")])
def test_rules_know_the_standard_library_and_each_other(name):
    told = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            told |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides where it goes"
            told.add(node.module)
    assert {
        module
        for module in told
        if module.partition(".")[0] not in sys.stdlib_module_names and not f"{module}.".startswith("compliance.rules.")
    } == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("compliance/rules/")])
def test_rules_have_no_clock_and_open_nothing(name):
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"today", "now", "utcnow"}, f"{name}:{node.lineno}"
        if isinstance(node, ast.Name):
            assert node.id not in {"open", "print", "input", "eval", "exec"}, f"{name}:{node.lineno}"


def _calls(name: str, method: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def test_the_unit_of_work_alone_commits():
    assert {name for name in NAMES if _calls(name, "commit")} == COMMITS


def test_a_transaction_beside_the_unit_of_work_is_opened_by_identity_jobs_and_the_operator_alone():
    assert {name for name in NAMES if _calls(name, "begin")} <= OPENS


def test_a_service_never_rolls_back_by_itself_but_the_savepoint_of_a_preview():
    assert {name for name in NAMES if _calls(name, "rollback")} == {"importers/service.py"}


SESSION_WIDE = re.compile(
    r"set_config\s*\([^)]*,\s*false\s*\)|\bSET\s+(?:SESSION\s+|LOCAL\s+)?\"?app\.|\bDISCARD\b|\bRESET\s+ALL\b|\bSET\s+ROLE\b"
    r"|\bSET\s+SESSION\s+AUTHORIZATION\b|row_security",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_outlives_its_transaction(name):
    assert SESSION_WIDE.search((ROOT / name).read_text(encoding="utf-8")) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT set_config('app.user_id', :user, false)",
        "SET app.scope = 'x'",
        "set session app.scope to 'x'",
        "SET ROLE vigie_owner",
        "SET row_security = off",
    ],
)
def test_the_search_for_settings_finds_them(text):
    assert SESSION_WIDE.search(text)


def test_the_context_of_the_database_is_written_in_one_place():
    assert {name for name in NAMES if "set_config(" in (ROOT / name).read_text(encoding="utf-8")} == {"tenants/db.py"}
