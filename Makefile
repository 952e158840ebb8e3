# Needs Python 3.11 or later, a JDK 17 or later, and Maven (which gets Keycloak; no server is needed).
# `make test-fast` needs Python alone.

PYTHON ?= python3
BIN := .venv/bin
WHEEL := build/wheel
BENCH := build/bench
# What also runs against the wheel that was built and installed: what needs its files and extras.
WHEEL_TESTS := tests/sandbox/test_sandbox_command.py tests/config/test_config_syntax.py \
	tests/state/test_state_journal.py -m "not ordinary"
# More than there are processors: a test waits for Keycloak most of its time.
WORKERS ?= 3
PARALLEL := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --inline-snapshot=disable
# Which tests: all but those that are one of many alike. `make test-all` takes these too.
SELECT := not exhaustive
TIMES := build/times
BEGIN = @mkdir -p build && echo "$@ $$(date +%s)" >>$(TIMES)

# Tests start a thousand processes; each takes twice as long where Python may not keep what it has compiled.
export PYTHONDONTWRITEBYTECODE :=

.NOTPARALLEL:
.PHONY: install check pages versions exports pytest wheel begin end test test-fast test-all demo bench bench-others bench-compare bench-engine clean

install:
	$(BEGIN)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --all-extras --inexact

check:
	$(BEGIN)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The pages that are made from what the code says of itself; tests fail where they are old.
pages: install
	$(BIN)/python -m kcplan.catalogue >build/page && cp build/page docs/diagnostics.md
	$(BIN)/python -m kcplan_keycloak.risks >build/page && cp build/page docs/risks.md
	PYTHONPATH=tests $(BIN)/python -m support.resources_page >build/page && cp build/page docs/resources.md

# What new objects have in other versions of Keycloak: it starts them all. What was seen of a version
# is a file in build/versions; remove it to look again.
versions: install
	PYTHONPATH=tests $(BIN)/python -m support.look_at_versions

# The exports in tests/realms/exports, by an offline export of a sandbox.
exports: install
	PYTHONPATH=tests $(BIN)/python -m support.offline_exports

pytest:
	$(BEGIN)
	$(BIN)/coverage erase
	KCPLAN_TEST_TIMES=$(TIMES).tests $(BIN)/coverage run -m pytest $(PARALLEL) -m "$(SELECT)"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The tests run from a copy, so that the package that they import is the wheel's.
wheel:
	$(BEGIN)
	rm -rf dist $(WHEEL)
	$(BIN)/uv build --quiet
	$(BIN)/uv venv --quiet --python $(BIN)/python $(WHEEL)/venv
	$(BIN)/uv export --quiet --frozen --all-extras --no-emit-project --output-file $(WHEEL)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(WHEEL)/venv --requirement $(WHEEL)/requirements.txt dist/*.whl
	cp -R tests docs pyproject.toml $(WHEEL)
	cd $(WHEEL) && venv/bin/kcplan --version
	cd $(WHEEL) && venv/bin/kcplan --help >/dev/null
	cd $(WHEEL) && venv/bin/python -P -m pytest $(PARALLEL) $(WHEEL_TESTS)

begin:
	@rm -f $(TIMES) $(TIMES).tests

# Where the time went: the parts in seconds, then the tests by what they need, all workers together.
end:
	$(BEGIN)
	@awk 'name { printf "%7d s  make %s\n", $$2 - began, name } { name = $$1; began = $$2 } \
		NR == 1 { first = $$2 } END { printf "%7d s  in all\n", $$2 - first }' $(TIMES)
	@cat $(TIMES).tests

test: begin install check pytest wheel end

test-all: SELECT :=
test-all: test

# What needs no server; a test that starts one all the same finds no Java.
test-fast: install
	JAVA_HOME=/nowhere $(BIN)/pytest $(PARALLEL) -m offline

# The runtime alone. Developers' tools that are there already stay.
demo:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --inexact --no-default-groups
	examples/demo/run.sh

# What is measured is what a user installs: no tool of the tests is there to be imported along.
$(BENCH)/bin/kcplan: uv.lock pyproject.toml
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(BENCH)
	$(BIN)/uv export --quiet --frozen --all-extras --no-dev --output-file build/requirements.txt
	$(BIN)/uv pip install --quiet --python $(BENCH) --requirement build/requirements.txt

bench: install $(BENCH)/bin/kcplan
	$(BENCH)/bin/python benchmarks/run.py

bench-others: install
	$(BIN)/python benchmarks/others.py

bench-compare: install
	$(BIN)/python benchmarks/compare.py

bench-engine: install
	$(BIN)/python benchmarks/engine.py

clean:
	rm -rf .venv build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
