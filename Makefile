# What a machine with Python 3.11, make and git needs: `make demo` and `make test`.
PYTHON ?= python3
# Side by side, and two more than there are processors: a test often waits for a server or another process.
PYTEST_FLAGS ?= -q -n $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)') --dist worksteal
# `make requirements UPGRADE=--upgrade` takes the newest releases; without it, pins that still fit stay.
UPGRADE ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check
NEWEST := .newest
# What a new release may break: the reader, times, the ledger, what platforms say, and the commands that load the most.
NEWEST_TESTS ?= tests/unit tests/invalid tests/contract \
  $(foreach what,check commands days images once time,tests/acceptance/test_$(what).py)
COMPILE = $(BIN)/uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --no-header --annotation-style line --universal --python-version 3.11
# Headers beside the node in use, where it has some: compiling then downloads none.
NODE_HEADERS ?= $(shell node -p 'const top = path.resolve(process.execPath, "../.."); fs.existsSync(top + "/include/node") ? top : ""')

PREFIX ?= $(HOME)/.local
INSTALLED := $(PREFIX)/lib/campaigner

.PHONY: demo install test test-newest proof bench lint real requirements clean

demo: $(VENV)/.project
	@$(BIN)/campaigner --config config.example.yaml rehearse international-migrants-day --year 2020 --table
	@echo
	@echo "next: $(BIN)/campaigner --config config.example.yaml preview"
	@echo "        what each post will look like on its platform"
	@echo "then: make install"
	@echo "        the command campaigner, for folders of your own"

# For good: an environment of its own below PREFIX, and the command beside the user's others.
install: $(VENV)/.project
	@rm -rf build && $(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w build .
	@$(PYTHON) -m venv $(INSTALLED)
	@$(INSTALLED)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(INSTALLED)/bin/python -m pip install -q --disable-pip-version-check --no-deps --force-reinstall build/campaigner-*.whl
	@mkdir -p $(PREFIX)/bin && ln -sf $(INSTALLED)/bin/campaigner $(PREFIX)/bin/campaigner
	@echo "installed: $(PREFIX)/bin/campaigner"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) echo "next: campaigner init DIR makes a folder for your days";; \
	  *) echo "the shell does not look there yet: add this line to ~/.profile (on a Mac ~/.zprofile), and open a new terminal"; \
	  echo '  export PATH="$(PREFIX)/bin:$$PATH"';; esac

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

# The same tests on the newest releases that pyproject.toml allows, of what users install; the tests' own tools as pinned.
test-newest: $(NEWEST)/.dev
	$(NEWEST)/bin/python -m pytest $(PYTEST_FLAGS) $(NEWEST_TESTS)

# "A post goes out once, or you are told": every fault and every kill point, and what came of it in docs/explanation/proof.md.
proof: $(VENV)/.dev
	$(BIN)/python -m tests.proof $(PROOF_FLAGS)

# What it takes, beside what people would write themselves: the table of docs/explanation/performance.md.
bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(BENCH_FLAGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports

# What nobody here wrote, a server and X's counter (needs node, npm and a C++ compiler): tests that find them use them.
real: .real/pds/.ready .real/text/.ready

.real/text/.ready: tests/real/text-package.json
	@mkdir -p .real/text
	cp tests/real/text-package.json .real/text/package.json
	cd .real/text && npm install --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

.real/pds/.ready: tests/real/pds-package.json
	@mkdir -p .real/pds
	cp tests/real/pds-package.json .real/pds/package.json
	cd .real/pds && $(if $(NODE_HEADERS),npm_config_nodedir=$(NODE_HEADERS)) npm install --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

# The tests' versions first, the others within them: what is installed is what was tested.
requirements: $(VENV)/.dev
	$(COMPILE) pyproject.toml --group dev -o requirements-dev.txt
	$(COMPILE) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(COMPILE) --group build -c requirements-dev.txt -o requirements-build.txt

clean:
	rm -rf $(VENV) $(NEWEST) .real build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "campaigner needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# What pip installs it compiles, but not a checkout; where PYTHONDONTWRITEBYTECODE is set every start would do it anew.
$(VENV)/.project: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@echo "setting up $(VENV): a minute or so, once"
	@$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.project
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

$(NEWEST)/.dev: requirements-dev.txt pyproject.toml
	rm -rf $(NEWEST)
	$(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	# A tool that is pinned may ask for an older release than users get: pip says so, and installs what users get.
	$(NEWEST)/bin/python -m pip install -q --disable-pip-version-check -U --upgrade-strategy eager --no-build-isolation -e '.[keyring,lang]'
	@touch $@
