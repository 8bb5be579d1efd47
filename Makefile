# Needs Python 3.11 with venv, make and a package index; no compiler. Every target works again when run twice.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ASSETS := pipelines/page/assets
DATA ?= data
UV ?= uv
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --only-binary :all: --no-deps

.PHONY: demo test flink-test check evaluate assets axe bench bench-check lock clean

demo: $(VENV)/.runtime ## set up, run the seed articles, show the events found
	$(BIN)/alliance-watch run seeds --data $(DATA)
	$(BIN)/alliance-watch query events --data $(DATA)

test: $(VENV)/.dev ## set up and run the tests
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

flink-test: $(VENV)/.dev $(VENV)/flink/.ready ## runs on a standalone Flink; needs Java 17 and Maven
	$(BIN)/python -m pytest --numprocesses=0 tests/flink --flink $(VENV)/flink --kills 2 $(ARGS)

evaluate: $(VENV)/.runtime ## make evaluate GOLD=labelled.jsonl: the codebook's scores
	$(BIN)/alliance-watch evaluate $(GOLD)

assets: $(ASSETS)/node_modules/.ready ## bundle anew what the report's page is drawn with (needs npm)
	cd $(ASSETS) && node bundle.mjs

axe: $(ASSETS)/node_modules/.ready ## what the tests of accessibility need (npm)

bench: $(VENV)/.dev $(VENV)/datatrove/.ready ## what it costs against the floor and against others: an hour
	$(BIN)/python tests/benchmarks/suite.py $(ARGS)

bench-check: $(VENV)/.dev ## exit code 1 where a ratio has become much worse; not part of the tests
	$(BIN)/python tests/benchmarks/suite.py --check --rows warc warc-2 html detection quality start --rounds 3 $(ARGS)

lock: ## pin every dependency anew, for every platform (needs uv)
	$(UV) pip compile pyproject.toml --extra build --quiet --universal --python-version 3.11 --generate-hashes \
	  --only-binary :all: --no-emit-index-url --no-header --no-annotate -o requirements.lock
	$(UV) pip compile pyproject.toml --extra build --extra dev -c requirements.lock --quiet --universal \
	  --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-header --no-annotate \
	  -o requirements-dev.lock
	$(UV) pip compile tests/benchmarks/datatrove.in -c requirements.lock --quiet --universal \
	  --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-header --no-annotate \
	  -o tests/benchmarks/datatrove.lock

clean: ## remove the environment, the data folder and the caches
	rm -rf $(VENV) $(DATA) $(ASSETS)/node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The stamps stand for 'these locks are installed'. The project itself is installed editable, so that a change
# of code needs no new installation; building it uses the pinned setuptools and fetches nothing.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --no-index --editable .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

# Pinned by version and hash; no package may run anything when it is installed.
$(ASSETS)/node_modules/.ready: $(ASSETS)/package-lock.json
	cd $(ASSETS) && npm ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

# For one row of the benchmarks only, in an environment of its own: what a user might pick instead.
$(VENV)/datatrove/.ready: tests/benchmarks/datatrove.lock | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/datatrove
	$(VENV)/datatrove/bin/python -m pip --disable-pip-version-check install --quiet --only-binary :all: --no-deps \
	  --require-hashes -r tests/benchmarks/datatrove.lock
	touch $@

# A standalone Flink and Beam's job server for it, by name from the registries.
$(VENV)/flink/.ready: tests/flink/fetch.py tests/flink/pom.xml tests/flink/flink.lock | $(VENV)/bin/python
	rm -rf $(VENV)/flink
	$(BIN)/python tests/flink/fetch.py $(VENV)/flink
	touch $@
