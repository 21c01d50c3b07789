# Une commande par geste ; « make run » et « make test » partent d'un clone neuf.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run setup check test bench lock clean chromium

run: .venv/run.stamp
	@$(BIN)/vigie run

setup: .venv/run.stamp

.venv/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Vigie demande Python 3.11 ou plus récent")'
	@echo "Installation des dépendances (une à deux minutes la première fois)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@echo "Installation des outils d'essai…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint tenants/templates compliance/templates importers/templates --lint

test: .venv/dev.stamp chromium
	$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: .venv/dev.stamp
	$(BIN)/python -m pytest tests/bench -m bench -s -q

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || tools/install_chromium

lock: .venv/dev.stamp
	tools/lock
