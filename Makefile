# Needs Python 3.11 or later, a JDK 17 or later, and Maven (which gets Keycloak; no server is needed).

PYTHON ?= python3
BIN := .venv/bin
WHEEL := build/wheel
# What also runs against the installed wheel.
WHEEL_TESTS := tests/sandbox/test_sandbox_command.py tests/config tests/planfile

.NOTPARALLEL:
.PHONY: install check pytest wheel test demo bench clean

install:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --all-extras --inexact

check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

pytest:
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The tests run from a copy, so that the package that they import is the wheel's.
wheel:
	rm -rf dist $(WHEEL)
	$(BIN)/uv build --quiet
	$(BIN)/uv venv --quiet --python $(BIN)/python $(WHEEL)/venv
	$(BIN)/uv export --quiet --frozen --all-extras --no-emit-project --output-file $(WHEEL)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(WHEEL)/venv --requirement $(WHEEL)/requirements.txt dist/*.whl
	cp -R tests pyproject.toml $(WHEEL)
	cd $(WHEEL) && venv/bin/kcplan --version
	cd $(WHEEL) && venv/bin/kcplan --help >/dev/null
	cd $(WHEEL) && venv/bin/python -P -m pytest $(WHEEL_TESTS)

test: install check pytest wheel

demo: install
	examples/demo/run.sh

bench: install
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
