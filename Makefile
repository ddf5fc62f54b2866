# Only Python 3.11+ and make are assumed (and Node for `clients`; `peers` takes what there is): every target makes the environment it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# When the last commit was made: what an archive says of the age of its files.
EPOCH = $(shell git log -1 --format=%ct 2>/dev/null || echo 315532800)

.PHONY: help serve test check lint types campaign bench peers clients bundle wheel sbom audit clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

serve: $(VENV)/run ## all APIs on 127.0.0.1:8087, state in memory
	$(BIN)/emulator serve

test: $(VENV)/dev ## the test suite; needs no foreign client
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: lint types test ## what must pass before a commit lands

lint: $(VENV)/dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev ## mypy --strict
	$(BIN)/mypy

campaign: $(VENV)/dev .campaign/run ## the tests that take thousands of cases: SEED=, MINUTES=, REQUESTS=
	$(BIN)/python -m pytest -q -m campaign tests

bench: $(VENV)/dev ## what things cost, as one table: docs/performance.md
	$(BIN)/python tests/benchmarks/table.py --write

peers: $(VENV)/run .peers/run ## the same asked of other servers (some need Node, one Java): docs/peers.md
	$(BIN)/python -m tests.benchmarks.peers --write

clients: $(VENV)/run ## the vendors' own clients, each in an environment of its own
	tests/clients/run $(PYTHON)

bundle: $(VENV)/dev ## write anew what is made from other files
	$(BIN)/python -m emulator.bundle

wheel: $(VENV)/dev ## a wheel in dist/, the same bytes each time
	SOURCE_DATE_EPOCH=$(EPOCH) $(BIN)/python -m build --no-isolation --wheel --outdir dist .

sbom: wheel ## what the wheel needs to run, as CycloneDX beside it
	$(BIN)/python tests/packaging/sbom.py $$(ls -t dist/*.whl | head -1)

audit: $(VENV)/run ## published holes in what is needed to run; asks the network
	test -x .audit/bin/pip-audit || ($(PYTHON) -m venv .audit && .audit/bin/pip install --quiet pip-audit)
	$(BIN)/python -m pip freeze --exclude-editable > .audit/requirements.txt
	.audit/bin/pip-audit --strict --no-deps --requirement .audit/requirements.txt

clean: ## forget the environments
	rm -rf $(VENV) .campaign .clients .peers .audit dist

$(VENV)/run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev: pyproject.toml $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

.campaign/run: tests/campaign/requirements.txt
	test -x .campaign/bin/python || $(PYTHON) -m venv .campaign
	.campaign/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.peers/run: tests/benchmarks/peers/requirements.txt tests/benchmarks/peers/package.json
	test -x .peers/bin/python || $(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	cp tests/benchmarks/peers/package.json .peers
	! command -v npm >/dev/null || npm install --prefix .peers --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	touch $@
