# Only Python 3.11+ and make are assumed (and Node for `clients`): every target makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help serve test check lint types bench clients bundle clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

serve: $(VENV)/run ## all APIs on 127.0.0.1:8087, state in memory
	$(BIN)/emulator serve

test: $(VENV)/dev ## the test suite; needs no foreign client
	$(BIN)/python -m pytest -q

check: lint types test ## what must pass before a commit lands

lint: $(VENV)/dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev ## mypy --strict
	$(BIN)/mypy

bench: $(VENV)/dev ## CPU per request, as a ratio to a bare aiohttp handler
	$(BIN)/python tests/benchmarks/poll.py
	$(BIN)/python tests/benchmarks/deposco.py

clients: $(VENV)/run ## the vendors' own clients, each in an environment of its own
	tests/clients/run $(PYTHON)

bundle: $(VENV)/dev ## write anew what is made from other files
	$(BIN)/python -m emulator.bundle

clean: ## forget the environments
	rm -rf $(VENV) .clients dist

$(VENV)/run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev: pyproject.toml $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
