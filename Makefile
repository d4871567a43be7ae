# What a machine with Python 3.11, make and git needs: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint real requirements clean

demo: $(VENV)/.project
	@$(BIN)/campaigner --config config.example.yaml rehearse international-migrants-day --year 2020

PYTEST_FLAGS ?= -q
test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports

# The servers that nobody here wrote (needs node, npm and a C++ compiler): tests that find them run against them.
real: .real/pds/.ready

.real/pds/.ready: tests/real/pds-package.json
	@mkdir -p .real/pds
	cp tests/real/pds-package.json .real/pds/package.json
	cd .real/pds && npm_config_nodedir=$${NODE_HEADERS:-/usr} npm install --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

requirements: $(VENV)/.dev
	$(BIN)/uv pip compile -q pyproject.toml --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements.txt
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(BIN)/uv pip compile -q - --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements-build.txt
	$(BIN)/uv pip compile -q pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements-dev.txt

clean:
	rm -rf $(VENV) .real build dist

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "campaigner needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.project: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-build.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/.project
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
